"""The explorers, one function a panel: Python computes a table of curves, and controls move through it.

`explore` shows a function of one variable and its gradient, `explore_bars` values by class,
`explore_heatmap` a function of two variables, and `explore_plane` points with arrows. Each evaluates the
functions it is given once, at every position of the controls, when it is called; `explore_training` shows
what was recorded during a training.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from reprlib import repr as short

import numpy as np

from lossviz import figures
from lossviz.arrays import array, numbers
from lossviz.controls import (
    MAX_POSITIONS,
    Control,
    Slider,
    as_control,
    as_list,
    check_range,
    check_step,
    check_whole,
    is_number,
    nice_step,
    positions,
)
from lossviz.evaluate import apply, call_at, call_for, central_difference, depends_on, name_of, parameters
from lossviz.explorer.widget import Explorer, Position
from lossviz.lookup import MAX_BYTES, Lookup, is_exact
from lossviz.quiet import hushed

PROBES = ("probe", "probe_x", "probe_y")


def link_name(text: str) -> str:
    """What names an explorer in a link."""
    return re.sub(r"\W+", "-", text).strip("-") or "explorer"


def _mapping(what: str, given) -> Mapping:
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"{what} must be a dictionary of names, got {given!r}")
    wrong = [name for name in given or {} if not isinstance(name, str)]
    if wrong:
        raise ValueError(f"the names in {what} must be strings, got {wrong[0]!r}")
    return given or {}


def _names(what: str, given, at_most: int) -> list[str]:
    """Names of bars or points as plain strings."""
    names = [str(name) for name in as_list(given) or ()]
    if not 1 <= len(names) <= at_most:
        raise ValueError(f"{what} must be a list of 1 to {at_most} names, got {given!r}")
    return names


def _check_texts(**texts) -> None:
    for what, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ValueError(f"{what} must be a string, got {text!r}")


def _setup(controls: Mapping | None) -> dict[str, Control]:
    made = {name: as_control(name, value) for name, value in _mapping("controls", controls).items()}
    for name in made:
        # In a link "explorer" names the explorer itself, and "present" opens it over the whole window.
        taken = (*PROBES, "explorer", "present")
        if not name.isidentifier() or name in taken or hasattr(Explorer, name):
            raise ValueError(
                f"a control needs a name that is an identifier and not taken by the widget, got {name!r}"
            )
    return made


def _describe(name: str, control: Control) -> dict:
    _check_texts(**{f"the label of {name}": control.label})
    return {
        "name": name,
        "label": control.label or name.replace("_", " "),
        "type": control.kind,
        "values": control.values,
        "text": control.text,
        "code": control.code,
        "start": control.start,
    }


def _finish(
    kind, lookup, probes, *, title, name, call, revealed, hidden, digits, hideable, overlays=(), **more
) -> Explorer:
    if title is None:
        raise ValueError("title must be a string, got None")
    _check_texts(title=title, call=call, name=name)
    check_whole("digits", digits, 0, 12)
    if isinstance(hidden, str) or (listed := as_list(hidden)) is None:
        raise ValueError(f"hidden must be a list of overlays, got {hidden!r}")
    hidden = listed
    controls = {**lookup.controls, **probes}
    used = {axis for series in lookup.series for axis in series["axes"]}
    if idle := [key for key in lookup.controls if key not in used and f"{{{key}}}" not in (call or "")]:
        raise ValueError(f"a control needs a function that takes it by name, got {idle[0]!r}")
    known = {f"{{{key}}}" for key in controls}
    unknown = [field for field in re.findall(r"\{\w+\}", call or "") if field not in known]
    if unknown:
        raise ValueError(f"call may name the controls {sorted(known)}, got {unknown[0]!r}")
    if missing := [overlay for overlay in hidden if overlay not in overlays]:
        raise ValueError(f"hidden must name overlays, one of {list(overlays)}, got {missing[0]!r}")
    spec = {
        "kind": kind,
        "id": link_name(name or title.lower()),
        "title": title,
        "call": call,
        "controls": [_describe(key, control) for key, control in controls.items()],
        "series": lookup.series,
        "overlays": list(overlays),
        "hidden": hidden,
        "revealed": revealed,
        "hideable": hideable,
        "digits": digits,
        **more,
    }
    shown = {"curves": "range", "map": "range", "cells": "range", "training": "historyRange"}.get(kind)
    spans = [group["range"] for group in spec.get("groups", [])] + ([spec[shown]] if shown else [])
    if spans and np.abs(spans).max() < 10.0**-digits:
        # All would read 0.000: powers of ten instead.
        for part in (spec, *spec.get("groups", [])):
            part["digits"] = -2
    # Only what JSON knows: NumPy's numbers and strings are Python's from here on.
    spec = json.loads(json.dumps(spec, default=lambda value: value.item(), allow_nan=False))
    # The controls become traits of a class of its own: a front end finds them in the model from the start.
    traits = {key: Position(key, control).tag(sync=True) for key, control in controls.items()}
    made = type("Explorer", (Explorer,), traits)
    return made(spec=spec, table=lookup.tobytes(), revealed=spec["revealed"], hidden=spec["hidden"])


def _callable(function, what="the function"):
    if not callable(function):
        raise ValueError(f"{what} must be callable, got {function!r}")
    return function


def _span(values: np.ndarray, given, what: str, *, from_zero: bool, noise: float = 0.0) -> list[float]:
    """The range of an axis: as given, or what is finite without the few far values that would flatten it.

    Differences up to `noise`, or a millionth of the values, count as rounding.
    """
    if given is not None:
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise ValueError(f"{what} must be (lo, hi), got {given!r}")
        check_range(what, *given)
        return [float(v) for v in given]
    finite = values[is_exact(values)].astype(float)
    if not finite.size:
        return [0.0, 1.0]
    lo, hi = finite.min(), finite.max()
    near_lo, near_hi = np.quantile(finite, [0.05, 0.95])
    reach = 2 * (near_hi - near_lo)
    # Where most values are equal but for rounding, the few others are the interesting ones.
    if reach > max(noise, 1e-6 * max(abs(near_lo), abs(near_hi))):
        hi, lo = min(hi, near_hi + reach), max(lo, near_lo - reach)
    if from_zero and 0 <= lo < 0.4 * hi:
        lo = 0.0
    # A constant stands in the middle of a range that its own size tells.
    size = max(abs(lo), abs(hi))
    if hi - lo <= max(noise, 1e-6 * size):
        room = 0.5 * size if size > noise else 1.0
        lo, hi = lo - room, hi + room
    pad = 0.06 * (hi - lo)
    return [lo if from_zero and lo == 0 else lo - pad, hi + pad]


def _axis(given, what: str, at_most: int) -> list[float]:
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(f"{what} must be (lo, hi) or (lo, hi, step), got {given!r}")
    check_range(what, given[0], given[1])
    step = given[2] if len(given) == 3 else nice_step(given[0], given[1], at_most)
    check_step(f"the step of {what}", step, given[0], given[1])
    return positions(given[0], given[1], step)


def explore(
    function: Callable,
    grad: Callable | None = None,
    *,
    x: tuple = (-3.0, 3.0),
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
    """A curve, its gradient below, and a probe to drag along it: `explore(lambda x: abs(x) ** 1.5)`.

    function   loss(x, **controls): takes an array of x, or one number, and returns as many numbers
    grad       its derivative by x; without it, central differences are drawn, and the panel says so
    x          (lo, hi) or (lo, hi, step)
    controls   {"beta": Slider(0.1, 3, log=True)}: each function gets, by name, those it has parameters for
    overlay    {"L1": function or (function, gradient)}: other curves to compare with
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

    Raises ValueError for what is not callable, wrong shapes, a function that raises (with the position),
    reversed or empty ranges, names that are taken or unknown, and too many positions.
    """
    _callable(function)
    _check_texts(title=title, label=label, x_label=x_label, loss_label=loss_label)
    xs = _axis(x, "x", 250)
    points_x = np.array(xs)
    made = _setup(controls)
    lookup = Lookup(made)
    title = title or name_of(function)
    if title == "the function":
        title = loss_label
    label = label or title
    first = next(iter(parameters(function)), "x")
    x_label = x_label or first
    overlay = _mapping("overlay", overlay)
    if len(overlay) > 4 or label in overlay:
        raise ValueError(
            f"overlay must hold at most 4 curves, none named {label!r} like the first, got {list(overlay)}"
        )

    def along(f, setting):
        return apply(f, (points_x,), setting)

    def sloped(f, setting):
        return central_difference(f)(points_x, **setting)

    def add(role, key, f, derivative):
        values = lookup.add(role, key, f, len(xs), along)
        grad_role = "grad" if role == "loss" else "overlay grad"
        if derivative is None:
            return values, lookup.add(grad_role, key, f, len(xs), sloped)
        return values, lookup.add(
            grad_role, key, _callable(derivative, f"the gradient of {key}"), len(xs), along
        )

    losses, slopes = add("loss", label, function, grad)
    for key, value in overlay.items():
        f, derivative = value if isinstance(value, tuple) and len(value) == 2 else (value, None)
        add("overlay", key, _callable(f, f"overlay {key!r}"), derivative)
    for key, value in _mapping("marks", marks).items():
        f = value if callable(value) else _constant(value)
        lookup.add("mark", key, f, 1, lambda f, setting: call_for((), f, setting))
    if points is not None:
        f = points if callable(points) else _constant(points)
        with hushed():
            count = call_at(f, {key: made[key].values[0] for key in depends_on(f, made)}).size
        lookup.add("points", "points", f, count, lambda f, setting: call_for((count,), f, setting))
    if drag is not None and (points is None or not _is_slider(drag, made)):
        raise ValueError(f"drag must name a slider that moves the last of the points, got {drag!r}")
    # The rounding of central differences, not of a function's own gradient.
    noise = max(1e-8 * _largest(losses), 1e-4 * _largest(slopes)) if grad is None else 0.0
    return _finish(
        "curves",
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
        range=_span(losses, y, "y", from_zero=True),
        gradRange=_span(slopes, grad_y, "grad_y", from_zero=False, noise=noise),
        xLabel=x_label,
        lossLabel=loss_label,
        gradLabel=f"gradient ∂{loss_label}/∂{first}" if grad else "gradient, by central differences",
        minimum=bool(minimum),
        drag=drag,
        dragPoint=None if drag is None else count - 1,
    )


def _largest(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), where=is_exact(values), initial=0.0))


def _is_slider(name, controls: Mapping) -> bool:
    return isinstance(name, str) and name in controls and controls[name].kind == "slider"


def _constant(value) -> Callable:
    return lambda: value


def _component(function: Callable, k: int) -> Callable:
    """One of the numbers that a function returns, as a function of the same name."""

    @functools.wraps(function)
    def component(*args, **kwargs):
        return function(*args, **kwargs)[k]

    return component


MAX_BARS, MAX_CELLS = 60, 900  # more can be neither drawn in a frame nor read


def _check_styles(what: str, styles) -> None:
    known = list(figures.COLORS)
    if unknown := [style for style in styles if style not in known]:
        raise ValueError(f"{what} must be one of {known}, got {unknown[0]!r}")


@dataclass(frozen=True)
class Bars:
    """One group of bars: `values(**controls)` by class; `outline` draws a second set, such as the target.

    `range` is the (lo, hi) of its axis. `drag` names the slider that each bar moves (None: the bar is fixed).
    With `reveal=True` the group is hidden until "reveal". `style` is "loss", "grad" or "other1" … "other4".
    """

    values: Callable
    outline: Callable | None = None
    range: tuple | None = None
    drag: Sequence[str | None] = ()
    reveal: bool = False
    style: str = "loss"


def explore_bars(
    groups: Mapping,
    labels: Sequence[str],
    *,
    controls: Mapping | None = None,
    readout: Mapping | None = None,
    title: str = "bars",
    call: str | None = None,
    predict: bool = False,
    digits: int = 2,
    name: str | None = None,
) -> Explorer:
    """Groups of bars side by side, one bar a label: logits, probabilities, the gradient by class.

    groups    {"softmax": function or Bars(function, …)}: function(**controls) returns one number a label
    labels    names of the bars, at most 60
    readout   {"loss": function}: single numbers in the head line
    predict   groups with `reveal=True` are hidden until "reveal"
    The rest, and what raises ValueError, as in `explore`.
    """
    labels = _names("labels", labels, MAX_BARS)
    if not _mapping("groups", groups):
        raise ValueError("groups must hold at least one group of bars, got none")
    made = _setup(controls)
    lookup = Lookup(made)
    count = len(labels)
    described = []

    def numbers(f, setting):
        return call_for((count,), f, setting)

    for key, value in _mapping("readout", readout).items():
        lookup.add("readout", key, _callable(value, f"readout {key!r}"), 1, lambda f, s: call_for((), f, s))
    for position, (key, value) in enumerate(groups.items()):
        group = value if isinstance(value, Bars) else Bars(value)
        _check_styles(f"the style of {key!r}", [group.style])
        block = lookup.add(
            "bars", key, _callable(group.values, f"group {key!r}"), count, numbers, group=position
        )
        if group.outline is not None:
            outline = lookup.add(
                "outline",
                key,
                _callable(group.outline, f"outline of {key!r}"),
                count,
                numbers,
                group=position,
            )
            block = np.concatenate([block.ravel(), outline.ravel()])
        span = _span(np.append(block, 0.0), group.range, f"the range of {key!r}", from_zero=True)
        drag = [None] * count if group.drag is None else as_list(group.drag)
        drag = [None] * count if drag == [] else drag
        if drag is None or len(drag) != count:
            raise ValueError(f"drag must name one slider or None a bar, {count} in all, got {group.drag!r}")
        if wrong := [d for d in drag if d is not None and not _is_slider(d, made)]:
            raise ValueError(f"drag must name sliders of this explorer, got {wrong[0]!r}")
        described.append(
            {
                "name": key,
                "range": span,
                "drag": drag,
                "reveal": bool(group.reveal),
                "style": group.style,
                "digits": digits,
            }
        )
    return _finish(
        "bars",
        lookup,
        {},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=any(group["reveal"] for group in described),
        labels=labels,
        groups=described,
    )


def _pair(what: str, given) -> tuple:
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise ValueError(f"{what} must be a pair of numbers, got {given!r}")
    return tuple(given)


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
    grad         returns (∂/∂x, ∂/∂y); without it, central differences (no arrow with `cells`)
    x, y         (lo, hi) or (lo, hi, step)
    probe        (x, y), or (column, row), where the probe starts
    value_range  (lo, hi) of the colours (default: where the values are, without a few far ones)
    bands        number of colours, 2 to 64
    x_label, y_label, value_label  name the axes and the colours
    The rest, and what raises ValueError, as in `explore`.
    """
    _callable(function)
    made = _setup(controls)
    lookup = Lookup(made)
    _check_texts(title=title, x_label=x_label, y_label=y_label, value_label=value_label)
    label = title or name_of(function)
    named = parameters(function)[:2]
    first, second = ("column", "row") if cells else named if len(named) == 2 else ("x", "y")
    x_label, y_label = x_label or first, y_label or second
    check_whole("bands", bands, 2, 64)
    if cells:
        rows, columns = _pair("cells", cells)
        for what, count in (("rows", rows), ("columns", columns)):
            check_whole(f"the {what} of cells", count, 1, MAX_CELLS // 2)
        if rows * columns > MAX_CELLS:
            raise ValueError(f"cells must be at most {MAX_CELLS}, got {rows} x {columns}")
        xs, ys = list(range(columns)), list(range(rows))

        def matrix(f, setting):
            return call_for((rows, columns), f, setting).ravel()

        values = lookup.add("value", label, function, rows * columns, matrix)
    else:
        xs, ys = _axis(x, "x", 40), _axis(y, "y", 40)
        grid = tuple(np.meshgrid(xs, ys))
        size = len(xs) * len(ys)
        values = lookup.add("value", label, function, size, lambda f, s: apply(f, grid, s).ravel())
        if grad is not None:
            _callable(grad, "the gradient")
        for k in (0, 1):
            slope = central_difference(function, k) if grad is None else _component(grad, k)
            lookup.add("grad", "xy"[k], slope, size, lambda f, s: apply(f, grid, s).ravel())
    steep = [np.abs(block[is_exact(block)]) for block in lookup.blocks[1:]]
    px, py = (None, None) if probe is None else _pair("probe", probe)
    colors = figures.band_colors(bands)
    return _finish(
        "cells" if cells else "map",
        lookup,
        {"probe_x": Slider.over(xs, px, x_label), "probe_y": Slider.over(ys, py, y_label)},
        title=label,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=not cells,
        range=_span(values, value_range, "value_range", from_zero=True),
        steepest=float(max((s.max() for s in steep if s.size), default=1.0)) or 1.0,
        colors=colors,
        xLabel=x_label,
        yLabel=y_label,
        xName=first,
        yName=second,
        lossLabel=value_label,
    )


def explore_plane(
    points: Callable,
    arrows: Callable,
    labels: Sequence[str],
    *,
    x: tuple = (-3.0, 3.0),
    y: tuple = (-2.0, 2.0),
    controls: Mapping | None = None,
    circles: Mapping | None = None,
    drag: tuple[str, str] | None = None,
    readout: Mapping | None = None,
    styles: Sequence[str] | None = None,
    stretch: float = 1.0,
    title: str = "plane",
    call: str | None = None,
    predict: bool = False,
    digits: int = 2,
    name: str | None = None,
) -> Explorer:
    """Points in the plane, each with the step that its gradient asks for: embeddings pulled and pushed.

    points    points(**controls): the places, shape (k, 2), one row a label
    arrows    arrows(**controls): the steps against the gradient, shape (k, 2); `predict` hides them at first
    labels    names of the points; at least one
    x, y      (lo, hi) of the two axes, drawn with equal units
    circles   {"Δ": function}: dashed circles around the first point, each function(**controls) a radius
    drag      the two sliders, for x and y, that move the last of the points when it is dragged
    styles    a style a point: "loss", "grad" or "other1" … "other4" (default: "loss" for all)
    stretch   length of an arrow, as a multiple of its step; an arrow is drawn at least as long as its head,
              and not at all below a pixel
    readout   {"loss": function}: single numbers in the head line
    The rest, and what raises ValueError, as in `explore`.
    """
    labels = _names("labels", labels, MAX_BARS)
    made = _setup(controls)
    lookup = Lookup(made)
    shape = (len(labels), 2)
    styles = ["loss"] * len(labels) if styles is None else as_list(styles) or []
    if len(styles) != len(labels):
        raise ValueError(f"styles must hold one style a point, {len(labels)} in all, got {styles}")
    _check_styles("styles", styles)
    if not is_number(stretch) or not 0 < stretch < np.inf:
        raise ValueError(f"stretch must be a finite number > 0, got {stretch!r}")

    def flat(f, setting):
        return call_for(shape, f, setting).ravel()

    def number(f, setting):
        return call_for((), f, setting)

    for key, value in _mapping("readout", readout).items():
        lookup.add("readout", key, _callable(value, f"readout {key!r}"), 1, number)
    lookup.add("points", "points", _callable(points, "points"), 2 * len(labels), flat)
    lookup.add("arrows", "arrows", _callable(arrows, "arrows"), 2 * len(labels), flat)
    for key, value in _mapping("circles", circles).items():
        lookup.add("circle", key, _callable(value, f"circle {key!r}"), 1, number)
    moved = drag is None or (isinstance(drag, (tuple, list)) and [_is_slider(d, made) for d in drag])
    if moved not in (True, [True, True]):
        raise ValueError(f"drag must name two sliders that move the last of the points, got {drag!r}")
    return _finish(
        "plane",
        lookup,
        {},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=True,
        labels=labels,
        styles=styles,
        stretch=float(stretch),
        drag=list(drag) if drag else None,
        range=_span(np.empty(0), x, "x", from_zero=False),
        yRange=_span(np.empty(0), y, "y", from_zero=False),
    )


MAX_POINTS = 2_000  # of data, and places of a curve: more can be neither told apart nor drawn in a frame


def _check_size(models: int, epochs: int, places: int) -> None:
    """Whether a training of this size can be shown; ValueError with the rule and the numbers."""
    if places > MAX_POINTS:
        raise ValueError(f"x must hold at most {MAX_POINTS:,} places, got {places:,}")
    size, most = models * epochs * (places + 1), MAX_BYTES // 4
    if epochs > MAX_POSITIONS or size > most:
        raise ValueError(
            f"a training may hold at most {MAX_POSITIONS:,} epochs and {most:,} numbers (models x epochs x "
            f"(places + 1)), got {models} x {epochs:,} x {places + 1:,} = {size:,}; "
            "record every tenth epoch, or fewer places"
        )


def _short(values: np.ndarray) -> list[float]:
    """Six significant digits, as many as a picture can show."""
    return [float(f"{value:.6g}") for value in values]


def explore_training(
    curves: Mapping,
    history: Mapping,
    *,
    x: Sequence,
    data: Mapping,
    epochs: Sequence[int] | None = None,
    y: tuple | None = None,
    history_y: tuple | None = None,
    title: str = "training",
    x_label: str = "x",
    y_label: str = "y",
    history_label: str = "loss",
    hidden: Sequence[str] = (),
    digits: int = 3,
    name: str | None = None,
) -> Explorer:
    """A recorded training, played by epoch: what one to five models say over their data, and how they do.

    curves         {"MSE": values of shape (epochs, n)}: what each model says at x after each epoch
    history        {"MSE": values of shape (epochs,)}, for the same models: the loss, or another measure
    x              n places in ascending order; two are enough for straight lines
    data           {"train": (xs, ys)}: at most three groups, told apart by the shape of their points
    epochs         the epoch of each row, ascending (default: 0, 1, 2, …)
    y, history_y   (lo, hi) of the two vertical axes (default: y from the data, history_y from what is finite)
    history_label  names what `history` holds
    hidden         models, but the first, that are switched off at first
    The rest as in `explore`. Raises ValueError for shapes that do not fit together, and names that do not.
    """
    for what, given in (("curves", curves), ("history", history), ("data", data)):
        _mapping(what, given)
    if not 1 <= len(curves or {}) <= 5 or list(curves) != list(history or {}):
        raise ValueError(
            "curves and history must hold the same one to five models, "
            f"got {list(curves or {})} and {list(history or {})}"
        )
    if not 1 <= len(data or {}) <= 3:
        raise ValueError(f"data must hold one to three groups, got {list(data or {})}")
    _check_texts(x_label=x_label, y_label=y_label, history_label=history_label)
    x = numbers("x", x)
    count = numbers("history", next(iter(history.values()))).size
    epochs = range(count) if epochs is None else epochs
    places = numbers("epochs", epochs)
    for what, given in (("x", x), ("epochs", places)):
        ascending = given.ndim == 1 and len(given) >= 2 and (np.diff(given) > 0).all()
        if not ascending or not np.isfinite(given).all():
            raise ValueError(f"{what} must be at least two ascending numbers, got {short(given.tolist())}")
    epochs = places.astype(int if array(epochs).dtype.kind in "iu" else float).tolist()
    _check_size(len(curves), len(epochs), len(x))
    lookup = Lookup({"epoch": Slider.over(epochs, epochs[0], "epoch")})
    place = {epoch: row for row, epoch in enumerate(epochs)}

    def recorded(role, key, values, shape):
        values = numbers(f"{role} {key!r}", values)
        if values.shape != (len(epochs), *shape):
            raise ValueError(
                f"{role} {key!r} must have the shape {(len(epochs), *shape)}, one row an epoch, "
                f"got {values.shape}"
            )
        rows = values.reshape(len(epochs), -1)
        lookup.add(
            role, key, lambda epoch: rows[place[epoch]], rows.shape[1], lambda f, setting: f(**setting)
        )
        return rows

    for key, values in curves.items():
        recorded("curve", key, values, x.shape)
    measures = np.concatenate([recorded("history", key, values, ()) for key, values in history.items()])
    groups = []
    for key, group in data.items():
        if len(sides := as_list(group) or ()) != 2:
            raise ValueError(f"data {key!r} must be a pair (xs, ys), got {short(group)}")
        xs, ys = (numbers(f"data {key!r}", side) for side in sides)
        if xs.ndim != 1 or xs.shape != ys.shape or not np.isfinite([xs, ys]).all():
            raise ValueError(f"data {key!r} must be two lists of finite numbers, equally long")
        groups.append({"name": key, "x": _short(xs), "y": _short(ys)})
    if (shown := sum(len(group["x"]) for group in groups)) > MAX_POINTS:
        raise ValueError(f"data must hold at most {MAX_POINTS:,} points in all, got {shown:,}; give a sample")
    heights = np.concatenate([group["y"] for group in groups])
    return _finish(
        "training",
        lookup,
        {},
        title=title,
        name=name,
        call=None,
        revealed=True,
        hidden=hidden,
        digits=digits,
        hideable=False,
        overlays=list(curves)[1:],
        x=x.tolist(),
        data=groups,
        range=[x[0], x[-1]],
        yRange=_span(heights, y, "y", from_zero=False),
        historyRange=_span(measures, history_y, "history_y", from_zero=True),
        xLabel=x_label,
        yLabel=y_label,
        lossLabel=history_label,
    )
