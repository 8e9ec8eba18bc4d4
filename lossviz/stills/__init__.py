"""The still picture of an explorer, for where no script runs; one module a kind of panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from lossviz.stills import bars, cells, curves, map, plane, training
from lossviz.stills.numbers import number
from lossviz.stills.sheet import Sheet

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer

__all__ = ["draw", "number"]

DRAWERS = {
    kind.__name__.rsplit(".", 1)[-1]: kind.draw for kind in (bars, cells, curves, map, plane, training)
}


def draw(e: Explorer) -> Figure:
    """The present setting of an explorer as a figure: what the page draws, without the ghost of a move."""
    sheet = Sheet(e.spec["title"])
    DRAWERS[e.spec["kind"]](e, sheet)
    return sheet.figure
