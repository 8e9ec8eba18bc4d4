"""A curve, its gradient below, and a probe to drag along it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from lossviz.arguments import check_callable, check_texts, constant, is_slider, mapping
from lossviz.controls import Slider
from lossviz.evaluate import apply, call_at, call_for, name_of, parameters, slope_of
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.figures import COLORS
from lossviz.fitting import fitted, known_loss, missing, refuse_what_is_no_curve
from lossviz.lookup import Lookup, TooMany
from lossviz.panels.panel import Panel
from lossviz.quiet import hushed
from lossviz.ranges import SPAN, largest, positions_of, span
from lossviz.stills.names import name_places
from lossviz.stills.numbers import beyond, number, shown, ticks
from lossviz.stills.sheet import (
    HEAD,
    HEIGHT,
    INK,
    PAPER,
    POINT,
    SOFT,
    WIDTH,
    Box,
    Sheet,
    draw_curve,
    width_of,
)

# How a gradient that no reader gave was found, by whether autograd did.
_FOUND = {True: "gradient, by autograd", False: "gradient, by central differences"}


def explore(
    function: Callable,
    grad: Callable | None = None,
    *,
    x: tuple | None = None,
    controls: Mapping | None = None,
    overlay: Mapping | None = None,
    marks: Mapping | None = None,
    points: Callable | Sequence | None = None,
    drag: str | None = None,
    minimum: bool = False,
    probe: float | None = None,
    y: tuple | None = None,
    grad_y: tuple | None = None,
    title: str | None = None,
    label: str | None = None,
    x_label: str | None = None,
    loss_label: str = "loss",
    call: str | None = None,
    predict: bool = False,
    hidden: Sequence[str] = (),
    digits: int = 3,
    name: str | None = None,
) -> Explorer:
    """A curve, its gradient below, and a probe to drag along it: `explore(F.mse_loss)`.

    function   a loss of torch or your own, as a function or a module: its first argument moves along the x
               axis, and it returns a number for a number. It may take NumPy arrays, plain numbers, tensors of
               any floating dtype, or a batch, (N,) or (N, 1); it may return its mean
    grad       its derivative by x, called as `function` is; without it, autograd's where the function takes
               and returns tensors, else central differences, and the panel says which
    x          (lo, hi) or (lo, hi, step) (default: where a loss of torch is meant to be used, else (-3, 3),
               or (0, 1) for a function that is not finite on most of that)
    controls   {"beta": Slider(0.1, 3, log=True)}: each function gets, by name, those it has parameters for.
               An argument without default that has no control here gets one: `target` from -3 to 3, or what
               a loss of torch wants there (0 to 1, a count, 1 and -1)
    overlay    {"L1": function or (function, gradient)}: other curves to compare with, at most 4; their second
               argument is that of `function`, whatever its name
    marks      {"target": 0.0, "β": lambda beta: beta}: dotted vertical lines, fixed or moved by controls
    points     a list of x, or a function of controls that returns one: dots on the axis
    drag       the control that the last of the points moves when it is dragged
    minimum    marks the lowest point of every curve
    probe      where the probe starts (default: three quarters along)
    y, grad_y  (lo, hi) of the two vertical axes (default: where the first curve and its gradient are over all
               positions, without the few values that are far from the others)
    title      stands above the explorer (default: the function's name)
    label      names the first curve beside it (default: the title)
    x_label    names the x axis and the probe (default: the function's first parameter)
    loss_label names what the upper panel holds
    call       the torch call to copy, with controls in braces: "F.smooth_l1_loss(input, target, beta={beta})"
    predict    the gradient is hidden until "reveal"
    hidden     overlays that are switched off at first
    digits     digits after the point of every number shown, 0 to 12
    name       the explorer's name in a link (default: from the title)

    Returns an `Explorer`: show it as the last line of a cell, or keep it with `save`.

    Raises ValueError for what is not callable, wrong shapes, a function that raises (with the position and
    the line), a loss of which one number is no input (with a call that draws it), reversed or empty ranges,
    names that are taken or unknown, and too many positions.
    """
    check_callable(function)
    check_texts(title=title, label=label, x_label=x_label, loss_label=loss_label)
    asked, overlay = function, _pairs(overlay)
    function, overlay, made, x = _complete(function, overlay, setup(controls), x)
    xs = positions_of(x, "x", 250)
    lookup = Lookup(made)
    title = title or name_of(asked)
    if title == "the function":
        title = loss_label
    label = label or title
    first = next(iter(parameters(asked)), "x")
    x_label = x_label or first
    if len(overlay) > 4 or label in overlay:
        raise ValueError(
            f"overlay must hold at most 4 curves, none named {label!r} like the first, got {list(overlay)}"
        )

    losses, slopes, by_autograd = _fill(lookup, np.array(xs), label, function, grad, overlay, marks)
    count = _fill_points(lookup, points)
    if drag is not None and (points is None or not is_slider(drag, made)):
        raise ValueError(f"drag must name a slider that moves the last of the points, got {drag!r}")
    # The rounding of central differences, not of a function's own gradient.
    noise = max(1e-8 * largest(losses), 1e-4 * largest(slopes)) if by_autograd is False else 0.0
    return finish(
        PANEL,
        lookup,
        {"probe": Slider.over(xs, probe, x_label)},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=hidden,
        digits=digits,
        hideable=True,
        overlays=list(overlay),
        range=span(losses, y, "y", from_zero=True),
        gradRange=span(slopes, grad_y, "grad_y", from_zero=False, noise=noise),
        xLabel=x_label,
        lossLabel=loss_label,
        gradLabel=_FOUND.get(by_autograd, f"gradient ∂{loss_label}/∂{first}"),
        minimum=bool(minimum),
        drag=drag,
        dragPoint=None if drag is None else count - 1,
    )


def _pairs(overlay: Mapping | None) -> dict[str, tuple]:
    """By name, the function of an overlay and its gradient, or None."""
    pairs = {}
    for key, value in mapping("overlay", overlay).items():
        f, derivative = value if isinstance(value, tuple) and len(value) == 2 else (value, None)
        pairs[key] = check_callable(f, f"overlay {key!r}"), derivative
    return pairs


def _complete(function: Callable, overlay: dict, controls: dict, x) -> tuple:
    """The functions with all that they need; the controls with the missing ones; the range, if not given."""
    refuse_what_is_no_curve(function)
    span = None if x is None else tuple(positions_of(x, "x", 250)[k] for k in (0, -1))
    names = parameters(function)
    if missing(function, controls) or (x is None and known_loss(function)):
        fit = fitted(function, controls, span)
        function, controls, span = fit.function, fit.controls, fit.span
    completed = {}
    for key, (f, derivative) in overlay.items():
        # The second argument of both is the same thing, however each calls it.
        pairs = zip(parameters(f)[1:], names[1:], strict=False)
        shared = {own: name for own, name in pairs if name in controls and own not in controls}
        if missing(f, controls):
            fit = fitted(f, controls, span or SPAN, {k: v for k, v in shared.items() if k in missing(f, {})})
            f, controls = fit.function, fit.controls
        completed[key] = f, derivative
    return function, completed, controls, x or span or SPAN


def _fill(lookup: Lookup, xs: np.ndarray, label: str, function, grad, overlay, marks) -> tuple:
    """Looks up all curves and marks; returns values and slopes of the first, and if autograd found these.

    That is None where a reader gave the slopes.
    """

    def along(f, setting):
        return apply(f, (xs,), setting)

    def add_given(role, key, f):
        """The series of a reader's function, and the function in a form that it takes."""
        try:
            return lookup.add(role, key, f, len(xs), along), f
        except TooMany:
            raise
        except ValueError as error:
            try:
                f = fitted(f, lookup.controls, (xs[0], xs[-1])).function
            except ValueError as other:
                # Of a loss of torch it is known what is meant; else the reader's own error tells more.
                raise (other if known_loss(f) else error) from None
            return lookup.add(role, key, f, len(xs), along), f

    def add(role, key, f, derivative):
        values, f = add_given(role, key, f)
        grad_role = "grad" if role == "loss" else "overlay grad"
        if derivative is not None:
            slope = check_callable(derivative, f"the gradient of {key}")
            return values, add_given(grad_role, key, slope)[0], None
        slope, found = slope_of(f, 0, (xs,), lookup.first_setting(f))
        return values, lookup.add(grad_role, key, slope, len(xs), lambda f, setting: f(xs, **setting)), found

    first = add("loss", label, function, grad)
    for key, (f, derivative) in overlay.items():
        add("overlay", key, f, derivative)
    for key, value in mapping("marks", marks).items():
        f = value if callable(value) else constant(value)
        lookup.add("mark", key, f, 1, lambda f, setting: call_for((), f, setting))
    return first


def _fill_points(lookup: Lookup, points) -> int:
    """Looks up the dots on the axis; returns how many they are."""
    if points is None:
        return 0
    f = points if callable(points) else constant(points)
    with hushed():
        count = call_at(f, lookup.first_setting(f)).size
    lookup.add("points", "points", f, count, lambda f, setting: call_for((count,), f, setting))
    return count


# What is said of it, and its still picture


def facts(e: Explorer) -> str:
    digits, i = e.spec["digits"], e.index["probe"]
    slope = f", gradient {number(e.values('grad')[i], digits)}" if e.revealed else ""
    return f"{e.spec['lossLabel']} {number(e.values('loss')[i], digits)}{slope}"


@dataclass(frozen=True)
class View:
    """Where the curves stand: the two boxes, the positions of the probe, and the ends of their axis."""

    top: Box
    low: Box
    xs: np.ndarray
    span: tuple[float, float]

    @property
    def places(self) -> np.ndarray:
        """The positions of the probe on the sheet, to a tenth of a pixel as the page has them."""
        return np.floor(10 * self.top.x(self.xs, self.span) + 0.5) / 10


def draw(e: Explorer, sheet: Sheet) -> None:
    names = _names(e, sheet)
    x1 = WIDTH - 14 - max(width for _, width in names.values())
    top = Box(58, x1, HEAD + 24, HEAD + 24 + 179)
    low = Box(58, x1, top.y1 + 34, HEIGHT - 44)
    xs = np.array(next(c["values"] for c in e.spec["controls"] if c["name"] == "probe"), dtype=float)
    view = View(top, low, xs, (xs[0], xs[-1]))
    _draw_curves(e, sheet, view, names)
    if not e.revealed:
        sheet.cover(low)
    _draw_marks(e, sheet, view)
    _draw_points(e, sheet, view)
    _draw_probe(e, sheet, view)


def _names(e: Explorer, sheet: Sheet) -> dict[str, tuple[str, float]]:
    """By curve, its name as it stands beside it, and how wide that is."""
    first = next(s["name"] for s in e.spec["series"])
    fitted = {name: sheet.fit(name, 0.2 * WIDTH, bold=name == first) for name in (first, *e.spec["overlays"])}
    return {name: (text, width_of(text, 12, bold=name == first)) for name, text in fitted.items()}


def _draw_curves(e: Explorer, sheet: Sheet, view: View, names: dict[str, tuple[str, float]]) -> None:
    """The curves that are shown, the first above the others, each in its style and with its name."""
    top, low = _draw_axes(e, sheet, view)
    styles = {name: f"other{k}" if k else "loss" for k, name in enumerate(names)}
    first, *others = styles
    others = [name for name in others if name not in e.hidden]
    values = {name: e.values("overlay", name) for name in others} | {first: e.values("loss")}
    for name, heights in values.items():
        draw_curve(top, view.xs, heights, styles[name], label=name)
    if e.revealed:
        for name in others:
            draw_curve(low, view.xs, e.values("overlay grad", name), styles[name])
        draw_curve(low, view.xs, e.values("grad"), "grad")
    for name, heights in values.items() if e.spec["minimum"] else []:
        _mark_minimum(top, view.xs, heights, styles[name])
    named = [(name, names[name][1], values[name]) for name in (first, *others)]
    for name, (x, y, anchor) in name_places(named, view.places, e.spec["range"], view.top).items():
        look = {"color": COLORS[styles[name]], "bold": name == first, "anchor": anchor, "halo": True}
        sheet.text(x, y, names[name][0], zorder=8, **look)


def _draw_axes(e: Explorer, sheet: Sheet, view: View) -> tuple[Axes, Axes]:
    spec, (top, low) = e.spec, (view.top, view.low)
    xticks, yticks = ticks(*view.span, 8), (ticks(*spec["range"], 5), ticks(*spec["gradRange"], 4))
    sheet.text(top.x0, HEAD + 14, spec["lossLabel"], color=COLORS["loss"], bold=True)
    sheet.text(top.x0, low.y0 - 9, spec["gradLabel"], color=COLORS["grad"], bold=True)
    sheet.text(top.middle[0], HEIGHT - 8, spec["xLabel"], anchor="center")
    return (
        sheet.axes(top, view.span, spec["range"], xticks=xticks, yticks=yticks[0], xtext=False),
        sheet.axes(low, view.span, spec["gradRange"], xticks=xticks, yticks=yticks[1]),
    )


def _mark_minimum(ax: Axes, xs: np.ndarray, values: np.ndarray, style: str) -> None:
    if not np.isfinite(values).any():
        return
    best = int(np.argmin(np.where(np.isfinite(values), values, np.inf)))
    look = {"markersize": 8 * 2**0.5 * POINT, "markeredgecolor": PAPER, "markeredgewidth": 1.5 * POINT}
    lo, hi = ax.get_ylim()
    if lo <= float(values[best]) <= hi:
        ax.plot(xs[best], values[best], "D", color=COLORS[style], clip_on=False, **look)


def _draw_marks(e: Explorer, sheet: Sheet, view: View) -> None:
    """Dotted lines over the grid and below the curves; near ones write their names on lines of their own."""
    top, low = view.top, view.low
    names = [s["name"] for s in e.spec["series"] if s["role"] == "mark"]
    marks = [(float(e.values("mark", name)[0]), name) for name in names]
    shelf, before = 0, -np.inf
    for value, name in sorted(marks, key=lambda mark: mark[0]):
        x = float(top.x(value, view.span))
        shelf, before = (shelf + 1 if x - before < 44 else 0), x
        if not top.x0 - 1 <= x <= top.x1 + 1:
            continue
        sheet.line([x, x], [top.y0, low.y1], color=SOFT, width=1, dashes=(2, 4), zorder=-1)
        at_end = x > top.x1 - 44
        place = x + (-6 if at_end else 6), low.y1 - 6 - 14 * (shelf % 3)
        sheet.text(*place, name, anchor="right" if at_end else "left", halo=True, zorder=8)


def _draw_points(e: Explorer, sheet: Sheet, view: View) -> None:
    """Dots on the axis, above the probe; the one to drag is larger."""
    if not any(s["role"] == "points" for s in e.spec["series"]):
        return
    for k, x in enumerate(view.top.x(e.values("points"), view.span)):
        color, radius = (COLORS["grad"], 8) if k == e.spec["dragPoint"] else (INK, 5)
        sheet.dot(float(x), view.top.y1, radius, color, zorder=7)


def _draw_probe(e: Explorer, sheet: Sheet, view: View) -> None:
    spec, i, top, low = e.spec, e.index["probe"], view.top, view.low
    value, slope = float(e.values("loss")[i]), float(e.values("grad")[i])
    x = float(view.places[i])
    y, g = _place(top, value, spec["range"]), _place(low, slope, spec["gradRange"])
    end = low.y1 if e.revealed else top.y1
    sheet.line([x, x], [top.y0, end], color=INK, width=1, alpha=0.45, zorder=3)
    if e.revealed:
        _draw_tangent(sheet, view, spec["range"], (x, y), value, slope)
    if np.isfinite(value):
        sheet.dot(x, y, 7, COLORS["loss"])
    if e.revealed and np.isfinite(slope):
        sheet.dot(x, g, 5.5, COLORS["grad"])
    _write_values(e, sheet, view, (x, y, g), value, slope)


def _draw_tangent(sheet: Sheet, view: View, span: list[float], place, value: float, slope: float) -> None:
    if not (span[0] <= value <= span[1] and np.isfinite(slope)):
        return
    (x, y), top = place, view.top
    dx, dy = top.x(1, view.span) - top.x(0, view.span), (top.y(1, span) - top.y(0, span)) * slope
    reach = 64 / np.hypot(dx, dy)
    ends = [(x - reach * dx, y - reach * dy), (x + reach * dx, y + reach * dy)]
    sheet.line(*zip(*ends, strict=True), color=COLORS["grad"], width=2.5, inside=top)


def _write_values(e: Explorer, sheet: Sheet, view: View, place, value: float, slope: float) -> None:
    """The two numbers at the probe, beside their dots and off the curves."""
    (x, y, g), spec, top, low = place, e.spec, view.top, view.low
    left = x > top.middle[0]
    across = x + (-13 if left else 13)
    look = {"anchor": "right" if left else "left", "color": INK, "size": 13, "bold": True, "halo": True}
    # Above the dot where the curve falls towards the text, below where it rises away from it.
    over = slope > 0 if left else slope < 0
    line = min(max(y - 12 if over or y > top.y1 - 26 else y + 24, top.y0 + 12), top.y1 - 8)
    line = y + 24 if over and y < top.y0 + 26 else line
    sheet.text(across, line, shown(value, spec["digits"]) + beyond(value, spec["range"]), **look)
    if not e.revealed:
        return
    # The lowest line belongs to the names of the marks.
    lowest = low.y1 - 24 if any(s["role"] == "mark" for s in spec["series"]) else np.inf
    line = g + 20 if g < low.y0 + 26 else min(g - 11, lowest)
    sheet.text(across, line, shown(slope, spec["digits"]) + beyond(slope, spec["gradRange"]), **look)


def _place(box: Box, value: float, span: list[float]) -> float:
    """Where a value stands; one that is not finite, or outside the axis, at its end."""
    if not np.isfinite(value):
        return box.y1 if value < 0 else box.y0
    return float(np.clip(box.y(value, span), box.y0, box.y1))


PANEL = Panel("curves", facts, draw, scale="range")
