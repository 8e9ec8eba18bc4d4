"""A matrix as cells with their numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lossviz.arguments import pair
from lossviz.controls import check_whole
from lossviz.evaluate import call_for
from lossviz.explorer.widget import Explorer
from lossviz.lookup import Lookup
from lossviz.panels.panel import Panel
from lossviz.stills.grid import axis, bands, draw_grid, value_at_probe, write_large
from lossviz.stills.numbers import number, shown
from lossviz.stills.sheet import HEAD, INK, WIDTH, Box, Sheet

MAX_CELLS = 900  # more can be neither drawn in a frame nor read


def fill_cells(lookup: Lookup, label: str, function: Callable, cells) -> tuple[np.ndarray, list, list]:
    """Looks up a matrix of cells=(rows, columns); returns its values and the numbers of columns and rows."""
    rows, columns = pair("cells", cells)
    for what, count in (("rows", rows), ("columns", columns)):
        check_whole(f"the {what} of cells", count, 1, MAX_CELLS // 2)
    if rows * columns > MAX_CELLS:
        raise ValueError(f"cells must be at most {MAX_CELLS}, got {rows} x {columns}")

    def matrix(f, setting):
        return call_for((rows, columns), f, setting).ravel()

    values = lookup.add("value", label, function, rows * columns, matrix)
    return values, list(range(columns)), list(range(rows))


# What is said of it, and its still picture


def facts(e: Explorer) -> str:
    return f"{e.spec['lossLabel']} {number(value_at_probe(e), e.spec['digits'])}"


def draw(e: Explorer, sheet: Sheet) -> None:
    xs, ys = axis(e, "probe_x"), axis(e, "probe_y")
    ratio = len(ys) / len(xs)
    room = WIDTH - 54 - 78
    # As high as on a page of this width, so that the cells have its size, and the numbers in them its digits.
    broad = min(room, (np.clip(room * ratio + 60, 200, 330) - 58) / ratio)
    box = Box(54, 54 + broad, HEAD + 14, HEAD + 14 + broad * ratio)
    spans = (xs[0] - 0.5, xs[-1] + 0.5), (ys[-1] + 0.5, ys[0] - 0.5)  # the first row is at the top
    values = e.values("value").reshape(len(ys), len(xs))
    at = e.index["probe_y"], e.index["probe_x"]
    ax = sheet.axes(box, *spans, xticks=xs, yticks=ys, grid=False)
    pixels = bands(e, values)
    bar = draw_grid(e, sheet, ax, box, pixels, float(values[at]))
    width, height = broad / len(xs), broad * ratio / len(ys)
    _write_cells(e, sheet, values, pixels, box, width, height)
    x, y = box.x0 + at[1] * width, box.y0 + at[0] * height
    corners = [x, x + width, x + width, x, x], [y, y, y + height, y + height, y]
    sheet.line(*corners, color="white", width=3, zorder=7, shadow=True)
    text = shown(float(values[at]), e.spec["digits"])
    if WIDTH - bar.x0 > 240:
        write_large(sheet, bar.x0 + 86, box.y0 + 8, [(e.spec["lossLabel"], text)])
    else:
        sheet.text(bar.x0, box.y1 + 18, text, color=INK, size=13, bold=True)


def _write_cells(e: Explorer, sheet: Sheet, values, pixels, box: Box, width: float, height: float) -> None:
    """A narrow cell shows fewer digits, a very narrow one none: the probe's number stands beside them."""
    room = int(width // 7) - 2
    digits = min(e.spec["digits"], room - 1)
    for (row, column), value in np.ndenumerate(values):
        # Whole numbers in place of fractions would be wrong ones.
        if room < 1 or (digits < 1 and np.isfinite(value) and value % 1):
            continue
        dark = np.isfinite(value) and luminance(pixels[row, column, :3]) < 0.179
        color = INK if not np.isfinite(value) else "white" if dark else "black"
        place = box.x0 + (column + 0.5) * width, box.y0 + (row + 0.5) * height + 4
        sheet.text(*place, shown(float(value), digits), anchor="center", color=color, size=11)


def luminance(color: np.ndarray) -> float:
    """The relative luminance (WCAG) of red, green and blue in 0 … 1."""
    return float(
        np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    )


PANEL = Panel("cells", facts, draw, scale="range")
