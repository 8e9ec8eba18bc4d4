"""What every kind of explorer gives: its name, its facts in words, and its still picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossviz.stills.sheet import Sheet

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer


@dataclass(frozen=True)
class Panel:
    """One kind of explorer on the side of Python; panels/<kind>.js draws it on a page.

    kind   its name on every side
    facts  facts(explorer) says the numbers of the present setting, as the script's `describe` does
    draw   draw(explorer, sheet) draws the present setting as the script does, without the ghost of a move
    scale  the key of the spec whose (lo, hi) tells how large the numbers are, if there is one
    """

    kind: str
    facts: Callable[[Explorer], str]
    draw: Callable[[Explorer, Sheet], None]
    scale: str | None = None
