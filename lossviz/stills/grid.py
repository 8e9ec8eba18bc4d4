"""What the stills of a map and of cells share: colours in bands, the bar that tells them, numbers beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.patches import Polygon

from lossviz.figures import COLORS
from lossviz.stills.numbers import tick_text, ticks
from lossviz.stills.sheet import INK, LINE, Box, Sheet

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer


def axis(e: Explorer, name: str) -> np.ndarray:
    """The positions of a probe."""
    return np.array(next(c["values"] for c in e.spec["controls"] if c["name"] == name), dtype=float)


def bands(e: Explorer, values: np.ndarray) -> np.ndarray:
    """The colours of values, shape (…, 4); what is not finite is transparent."""
    lo, hi = e.spec["range"]
    colors = to_rgba_array(e.spec["colors"])
    finite = np.isfinite(values)
    places = (np.where(finite, values, lo) - lo) / (hi - lo) * len(colors)
    return np.where(finite[..., None], colors[np.clip(np.floor(places), 0, len(colors) - 1).astype(int)], 0)


def draw_grid(e: Explorer, sheet: Sheet, ax: Axes, box: Box, pixels: np.ndarray, value: float) -> Box:
    """The colours in their frame, the names of the axes, and the bar of colours; returns the bar's place."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    ax.imshow(pixels, extent=(x0, x1, y0, y1), aspect="auto", origin="lower" if y1 > y0 else "upper")
    sheet.rectangle(box, edge=LINE, zorder=2)
    sheet.text(box.middle[0], box.y1 + 38, e.spec["xLabel"], anchor="center")
    sheet.text(14, box.middle[1], e.spec["yLabel"], anchor="center", turned=True)
    return _draw_bar(e, sheet, Box(box.x1 + 20, box.x1 + 34, box.y0 + 18, box.y1), value)


def _draw_bar(e: Explorer, sheet: Sheet, bar: Box, value: float) -> Box:
    span = e.spec["range"]
    step = (bar.y1 - bar.y0) / len(e.spec["colors"])
    sheet.text(bar.x0, bar.y0 - 10, e.spec["lossLabel"], bold=True)
    for k, color in enumerate(e.spec["colors"]):
        y = bar.y1 - (k + 1) * step
        sheet.rectangle(Box(bar.x0, bar.x1, y, y + step + 0.6), fill=color)
    for tick in ticks(*span, 5):
        sheet.text(bar.x0 + 20, float(bar.y(tick, span)) + 4, tick_text(tick))
    if np.isfinite(value):
        x, y = bar.x0 - 2, float(np.clip(bar.y(value, span), bar.y0, bar.y1))
        pointer = Polygon(
            [(x - 7, y - 5), (x, y), (x - 7, y + 5)], transform=sheet.transform, color=INK, zorder=4
        )
        sheet.figure.add_artist(pointer)
    return bar


def write_large(sheet: Sheet, x: float, y: float, facts: list[tuple[str, str]]) -> None:
    """Numbers that stand large beside the box, (name, number) each, one below the other."""
    for k, (name, text) in enumerate(facts):
        sheet.text(x, y + 58 * k, name, color=COLORS["grad" if k else "loss"], bold=True)
        sheet.text(x, y + 58 * k + 28, text, color=INK, size=24)


def value_at_probe(e: Explorer) -> float:
    """The value of the cell, or of the place, where the probe stands."""
    columns = next(len(c["values"]) for c in e.spec["controls"] if c["name"] == "probe_x")
    return e.values("value")[e.index["probe_y"] * columns + e.index["probe_x"]]
