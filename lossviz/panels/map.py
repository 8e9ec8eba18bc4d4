"""A function of two numbers as a map, with a probe to drag."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lossviz.arguments import check_callable, check_texts, pair
from lossviz.controls import Slider, check_whole
from lossviz.evaluate import apply, name_of, parameters, slope_of
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.figures import COLORS, band_colors
from lossviz.lookup import Lookup, is_exact
from lossviz.panels.cells import PANEL as CELLS
from lossviz.panels.cells import fill_cells
from lossviz.panels.panel import Panel
from lossviz.ranges import positions_of, span
from lossviz.stills.arrows import arrow
from lossviz.stills.grid import axis, bands, draw_grid, value_at_probe, write_large
from lossviz.stills.numbers import number, shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, WIDTH, Box, Sheet


def explore_heatmap(
    function: Callable,
    grad: Callable | None = None,
    *,
    x: tuple = (-3.0, 3.0),
    y: tuple = (-3.0, 3.0),
    cells: tuple[int, int] | None = None,
    controls: Mapping | None = None,
    probe: tuple | None = None,
    value_range: tuple | None = None,
    bands: int = 16,
    title: str | None = None,
    x_label: str | None = None,
    y_label: str | None = None,
    value_label: str = "loss",
    call: str | None = None,
    predict: bool = False,
    digits: int = 3,
    name: str | None = None,
) -> Explorer:
    """A function of two numbers as a map with a probe to drag; its arrow points against the gradient.

    function     loss(x, y, **controls): two arrays of one shape, or two numbers; with `cells=(rows, columns)`
                 it is called with controls alone and returns that matrix, drawn as cells with their numbers
    grad         returns (∂/∂x, ∂/∂y); without it, autograd's or central differences (no arrow with `cells`)
    x, y         (lo, hi) or (lo, hi, step)
    probe        (x, y), or (column, row), where the probe starts
    value_range  (lo, hi) of the colours (default: where the values are, without a few far ones)
    bands        number of colours, 2 to 64
    x_label, y_label, value_label  name the axes and the colours
    The rest, and what raises ValueError, as in `explore`.
    """
    check_callable(function)
    made = setup(controls)
    lookup = Lookup(made)
    check_texts(title=title, x_label=x_label, y_label=y_label, value_label=value_label)
    label = title or name_of(function)
    named = parameters(function)[:2]
    first, second = ("column", "row") if cells else named if len(named) == 2 else ("x", "y")
    x_label, y_label = x_label or first, y_label or second
    check_whole("bands", bands, 2, 64)
    if cells:
        values, xs, ys = fill_cells(lookup, label, function, cells)
    else:
        xs, ys = positions_of(x, "x", 40), positions_of(y, "y", 40)
        values = _fill(lookup, label, function, grad, np.meshgrid(xs, ys))
    steep = [np.abs(block[is_exact(block)]) for block in lookup.blocks[1:]]
    px, py = (None, None) if probe is None else pair("probe", probe)
    return finish(
        CELLS if cells else PANEL,
        lookup,
        {"probe_x": Slider.over(xs, px, x_label), "probe_y": Slider.over(ys, py, y_label)},
        title=label,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=not cells,
        range=span(values, value_range, "value_range", from_zero=True),
        steepest=float(max((s.max() for s in steep if s.size), default=1.0)) or 1.0,
        colors=band_colors(bands),
        xLabel=x_label,
        yLabel=y_label,
        xName=first,
        yName=second,
        lossLabel=value_label,
    )


def _fill(lookup: Lookup, label: str, function, grad, grid: Sequence[np.ndarray]) -> np.ndarray:
    """Looks up the values and both slopes at every place of the grid; returns the values."""

    def everywhere(f, setting):
        return apply(f, tuple(grid), setting).ravel()

    values = lookup.add("value", label, function, grid[0].size, everywhere)
    if grad is not None:
        check_callable(grad, "the gradient")
    for k in (0, 1):
        if grad is not None:
            slope = _component(grad, k)
        else:
            slope, _ = slope_of(function, k, tuple(grid), lookup.first_setting(function))
        lookup.add("grad", "xy"[k], slope, grid[0].size, everywhere)
    return values


def _component(function: Callable, k: int) -> Callable:
    """One of the numbers that a function returns, as a function of the same name."""

    @functools.wraps(function)
    def component(*args, **kwargs):
        return function(*args, **kwargs)[k]

    return component


# What is said of it, and its still picture


def facts(e: Explorer) -> str:
    return f"{e.spec['lossLabel']} {number(value_at_probe(e), e.spec['digits'])}"


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
            sheet.line(xs, ys, color="white", width=2.5, cap="round", shadow=True)
    sheet.dot(x, y, 8, COLORS["loss"])
    # The number stands on the side the arrow does not point to.
    right = x < BOX.x1 - 60 if gx > 0 else x < BOX.x0 + 60
    line = min(max(y + (-12 if gy > 0 else 22), BOX.y0 + 14), BOX.y1 - 6)
    look = {"anchor": "left" if right else "right", "color": INK, "size": 13, "bold": True, "halo": True}
    sheet.text(x + (14 if right else -14), line, shown(value, e.spec["digits"]), **look)


PANEL = Panel("map", facts, draw, scale="range")
