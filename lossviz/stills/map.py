"""The still of a map: a function of two numbers, the probe, and the arrow against the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lossviz.figures import COLORS
from lossviz.stills.arrows import arrow
from lossviz.stills.grid import axis, bands, draw_grid, write_large
from lossviz.stills.numbers import shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, WIDTH, Box, Sheet

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer

SIDE = min(WIDTH - 54 - 78, HEIGHT - HEAD - 58)
BOX = Box(54, 54 + SIDE, HEAD + 14, HEAD + 14 + SIDE)


def draw(e: Explorer, sheet: Sheet) -> None:
    xs, ys = axis(e, "probe_x"), axis(e, "probe_y")
    spans = (xs[0], xs[-1]), (ys[0], ys[-1])
    at = e.index["probe_y"], e.index["probe_x"]
    values = e.values("value").reshape(len(ys), len(xs))
    slopes = [float(e.values("grad", name).reshape(values.shape)[at]) for name in "xy"]
    ax = sheet.axes(BOX, *spans, xticks=ticks(*spans[0], 6), yticks=ticks(*spans[1], 6), grid=False)
    value = float(values[at])
    bar = draw_grid(e, sheet, ax, BOX, bands(e, enlarged(values, SIDE, SIDE)), value)
    x, y = float(BOX.x(xs[at[1]], spans[0])), float(BOX.y(ys[at[0]], spans[1]))
    _draw_probe(e, sheet, spans, (x, y), value, slopes if e.revealed else [0.0, 0.0])
    names = [e.spec["lossLabel"], *(f"∂{e.spec['lossLabel']}/∂{e.spec[name]}" for name in ("xName", "yName"))]
    texts = [shown(number, e.spec["digits"]) for number in (value, *slopes)]
    texts[1:] = texts[1:] if e.revealed else ["?", "?"]
    write_large(sheet, bar.x0 + 86, BOX.y0 + 8, list(zip(names, texts, strict=True)))


def enlarged(grid: np.ndarray, height: int, width: int) -> np.ndarray:
    """A grid enlarged by linear interpolation along both sides."""
    for axis_, size in ((0, height), (1, width)):
        places = np.linspace(0, grid.shape[axis_] - 1, size)
        near = np.minimum(places.astype(int), grid.shape[axis_] - 2)
        part = (places - near).reshape((-1, 1) if axis_ == 0 else (1, -1))
        with np.errstate(invalid="ignore"):  # an infinite value is a gap, as far as its neighbours
            grid = np.take(grid, near, axis_) * (1 - part) + np.take(grid, near + 1, axis_) * part
    return grid


def _draw_probe(e: Explorer, sheet: Sheet, spans, place, value: float, slopes: list[float]) -> None:
    """The dot with its number; the arrow's length grows with the gradient up to 84 px."""
    (x, y), (gx, gy) = place, slopes
    steep = float(np.hypot(gx, gy))
    if steep > 1e-6:
        unit = (
            (BOX.x1 - BOX.x0) / (spans[0][1] - spans[0][0]),
            (BOX.y0 - BOX.y1) / (spans[1][1] - spans[1][0]),
        )
        length = 14 + 70 * min(1, steep / e.spec["steepest"])
        for xs, ys in arrow(x, y, -gx * unit[0], -gy * unit[1], length):
            sheet.line(xs, ys, color="white", width=2.5, shadow=True)
    sheet.dot(x, y, 8, COLORS["loss"])
    # The number stands on the side the arrow does not point to.
    right = x < BOX.x1 - 60 if gx > 0 else x < BOX.x0 + 60
    line = min(max(y + (-12 if gy > 0 else 22), BOX.y0 + 14), BOX.y1 - 6)
    look = {"anchor": "left" if right else "right", "color": INK, "size": 13, "bold": True, "halo": True}
    sheet.text(x + (14 if right else -14), line, shown(value, e.spec["digits"]), **look)
