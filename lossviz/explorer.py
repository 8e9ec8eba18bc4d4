"""The explorer: Python computes a table of curves, JavaScript draws it, and controls move through it.

`explore` shows a function of one variable and its gradient, `explore_bars` values by class,
`explore_heatmap` a function of two variables, and `explore_plane` points with arrows. Each evaluates the
functions it is given once, at every position of the controls, when it is called; `explore_training` shows
what was recorded during a training. Each returns a widget that works with a kernel (JupyterLab, Notebook,
VS Code, Colab) and without one (a page).

To convert a notebook to a page whose explorers work, leave the state of the widgets out, or the page would
ask a CDN for a widget manager:

    jupyter nbconvert --to html --execute --ExecutePreprocessor.store_widget_state=False chapter.ipynb
"""

from __future__ import annotations

import base64
import functools
import html
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from lossviz import figures
from lossviz.controls import Control, Slider, as_control, check_range, nice_step, positions
from lossviz.table import (
    Table,
    apply,
    call_for,
    central_difference,
    depends_on,
    name_of,
    pack,
    parameters,
    row,
)

STATIC = Path(__file__).parent / "static"


class _Position(traitlets.TraitType):
    """The value of a control; what is assigned moves to the nearest position, and what is none is refused."""

    def __init__(self, name: str, control: Control):
        super().__init__(default_value=control.values[control.start])
        self.control_name, self.control = name, control

    def validate(self, obj, value):
        return self.control.snap(self.control_name, value)


class Explorer(anywidget.AnyWidget):
    """The widget that `explore` and its sisters return.

    Every control is a trait: read `e.beta`, set `e.beta = 0.5` (it moves to the nearest position),
    `e.observe(f, "beta")`, `ipywidgets.jslink((e, "beta"), (slider, "value"))`. Also `e.probe` (or
    `e.probe_x` and `e.probe_y`), `e.revealed` (is the gradient shown) and `e.hidden` (overlays switched off).
    """

    _esm = STATIC / "explorer.js"
    _css = STATIC / "explorer.css"

    spec = traitlets.Dict().tag(sync=True)
    table = traitlets.Bytes().tag(sync=True)
    revealed = traitlets.Bool(True).tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)

    @traitlets.validate("hidden")
    def _known_overlays(self, proposal):
        unknown = [name for name in proposal["value"] if name not in self.spec.get("overlays", [])]
        if unknown:
            raise ValueError(f"hidden must name overlays, one of {self.spec['overlays']}, got {unknown[0]!r}")
        return proposal["value"]

    @property
    def index(self) -> dict[str, int]:
        """Where each control stands: the index of its position."""
        return {c["name"]: c["values"].index(getattr(self, c["name"])) for c in self.spec["controls"]}

    def values(self, role: str, name: str | None = None) -> np.ndarray:
        """The numbers of one series ("loss", "grad", "overlay", "bars", …) at the present setting."""
        series = next(s for s in self.spec["series"] if s["role"] == role and name in (None, s["name"]))
        return row(
            series, self.table, self.index, {c["name"]: len(c["values"]) for c in self.spec["controls"]}
        )

    def recorded(self, name: str) -> np.ndarray:
        """The history of one model of a training, shape (epochs,)."""
        series = next(s for s in self.spec["series"] if s["role"] == "history" and s["name"] == name)
        return np.frombuffer(self.table, "<f4", count=series["positions"], offset=4 * series["offset"])

    def reset(self) -> None:
        """Back to the first setting."""
        for control in self.spec["controls"]:
            setattr(self, control["name"], control["values"][control["start"]])
        self.hidden, self.revealed = self.spec["hidden"], self.spec["revealed"]

    def __repr__(self) -> str:
        settings = [f"{c['name']}={getattr(self, c['name'])!r}" for c in self.spec["controls"]]
        return f"Explorer({', '.join([repr(self.spec['title']), *settings])}): {self._facts()}"

    def _facts(self) -> str:
        digits, at = self.spec["digits"], self.index
        if self.spec["kind"] == "curves":
            i = at["probe"]
            slope = f", gradient {_text(self.values('grad')[i], digits)}" if self.revealed else ""
            return f"{self.spec['lossLabel']} {_text(self.values('loss')[i], digits)}{slope}"
        if self.spec["kind"] == "plane":
            named = [s["name"] for s in self.spec["series"] if s["role"] == "readout"]
            places = zip(self.spec["labels"], self.values("points").reshape(-1, 2), strict=True)
            return "; ".join(
                [f"{name} {_text(self.values('readout', name)[0], digits)}" for name in named]
                + [f"{label} at {_text(x, digits)}, {_text(y, digits)}" for label, (x, y) in places]
            )
        if self.spec["kind"] == "bars":
            covered = [g["name"] for g in self.spec["groups"] if g["reveal"] and not self.revealed]
            shown = [s for s in self.spec["series"] if s["role"] in ("readout", "bars")]
            named = [s for s in shown if s["role"] == "readout" or s["name"] not in covered]
            facts = [(s["name"], self.values(s["role"], s["name"])) for s in named]
            return "; ".join(
                f"{name} " + ", ".join(_text(v, digits) for v in values) for name, values in facts
            )
        if self.spec["kind"] == "training":
            named = [s["name"] for s in self.spec["series"] if s["role"] == "history"]
            facts = [
                f"{name} {_text(self.values('history', name)[0], digits)}"
                for name in named
                if name not in self.hidden
            ]
            return f"{self.spec['lossLabel']} " + ", ".join(facts)
        xs = next(c["values"] for c in self.spec["controls"] if c["name"] == "probe_x")
        value = self.values("value")[at["probe_y"] * len(xs) + at["probe_x"]]
        return f"{self.spec['lossLabel']} {_text(value, digits)}"

    # --- what a host that cannot run widgets shows

    def figure(self) -> Figure:
        """The present setting as a matplotlib figure."""
        figure = Figure(figsize=(7.4, 4.3), layout="constrained", dpi=100)
        DRAWERS[self.spec["kind"]](self, figure)
        return figure

    def _png(self) -> str:
        buffer = io.BytesIO()
        self.figure().savefig(buffer, format="png", metadata={"Software": None})
        return base64.b64encode(buffer.getvalue()).decode()

    def to_html(self, png: str | None = None) -> str:
        """A page fragment that needs neither kernel nor network: picture, data and drawing code."""
        state = {c["name"]: getattr(self, c["name"]) for c in self.spec["controls"]}
        state |= {"revealed": self.revealed, "hidden": self.hidden}
        payload = {"spec": self.spec, "state": state, "data": pack(self.table, self.spec["series"])}
        # "<" never stands in the JSON, so no label can close the script element it is in.
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace(
            "<", "\\u003c"
        )
        alt = html.escape(repr(self), quote=True)
        code = (STATIC / "explorer.js").read_text("utf-8")
        css = (STATIC / "explorer.css").read_text("utf-8")
        return (
            f'<div class="lossviz-page" data-explorer="{self.spec["id"]}"><style>{css}</style>'
            f'<img class="lossviz-still" alt="{alt}" src="data:image/png;base64,{png or self._png()}">'
            f'<script type="application/json">{text}</script>'
            f'<script type="module">{code}\nmountAll(document);</script></div>'
        )

    def _repr_mimebundle_(self, **kwargs):
        png = self._png()
        data = {"text/plain": repr(self), "text/html": self.to_html(png), "image/png": png}
        view = super()._repr_mimebundle_(**kwargs)
        if view is not None:
            # anywidget gives (data, metadata); only its live view is wanted, the rest is ours.
            live = view[0] if isinstance(view, tuple) else view
            data |= {kind: value for kind, value in live.items() if kind not in data}
        return data


class SideBySide(ipywidgets.HBox):
    """The row of explorers that `side_by_side` returns."""

    def __repr__(self) -> str:
        return "SideBySide(" + ", ".join(map(repr, self.children)) + ")"

    def _repr_mimebundle_(self, **kwargs):
        row = "".join(explorer.to_html() for explorer in self.children)
        data = {"text/plain": repr(self), "text/html": f'<div class="lossviz-row">{row}</div>'}
        return data | {k: v for k, v in super()._repr_mimebundle_(**kwargs).items() if k not in data}


def side_by_side(*explorers: Explorer) -> SideBySide:
    """Explorers in a row; the controls that they share by name keep in step, live and on a page.

    A control moves to the other explorer's nearest position. Raises ValueError for fewer than two explorers,
    for one that stands in a row already, and where no control is shared.
    """
    wrong = [e for e in explorers if not isinstance(e, Explorer)]
    if len(explorers) < 2 or wrong:
        raise ValueError(f"side_by_side needs at least two explorers, got {wrong or list(explorers)}")
    if len(set(map(id, explorers))) < len(explorers) or any("linked" in e.spec for e in explorers):
        raise ValueError("side_by_side needs different explorers, none of them in a row already")
    kinds = [{c["name"]: c["type"] for c in e.spec["controls"]} for e in explorers]
    shared = [name for name, kind in kinds[0].items() if all(other.get(name) == kind for other in kinds[1:])]
    if not shared:
        raise ValueError(f"side_by_side needs a control that all share by name, got {[*map(list, kinds)]}")
    group = "+".join(e.spec["id"] for e in explorers)
    for e in explorers:
        e.spec = e.spec | {"linked": {"group": group, "names": shared}}
    return SideBySide(explorers)


def _text(value: float, digits: int) -> str:
    """A number as the page shows it; never "-0.000", which rounding makes of some machines' zeros."""
    text = f"{value:.2e}" if 1e5 <= abs(value) < np.inf else f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


# --- building an explorer

PROBES = ("probe", "probe_x", "probe_y")


def _setup(controls: Mapping | None) -> dict[str, Control]:
    made = {name: as_control(name, value) for name, value in (controls or {}).items()}
    for name in made:
        # "explorer" names the explorer itself in a link.
        if not name.isidentifier() or name in (*PROBES, "explorer") or hasattr(Explorer, name):
            raise ValueError(
                f"a control needs a name that is an identifier and not taken by the widget, got {name!r}"
            )
    return made


def _describe(name: str, control: Control) -> dict:
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
    kind, table, probes, *, title, name, call, revealed, hidden, digits, hideable, overlays=(), **more
) -> Explorer:
    controls = {**table.controls, **probes}
    used = {axis for series in table.series for axis in series["axes"]}
    if idle := [key for key in table.controls if key not in used and f"{{{key}}}" not in (call or "")]:
        raise ValueError(f"a control needs a function that takes it by name, got {idle[0]!r}")
    known = {f"{{{key}}}" for key in controls}
    unknown = [field for field in re.findall(r"\{\w+\}", call or "") if field not in known]
    if unknown:
        raise ValueError(f"call may name the controls {sorted(known)}, got {unknown[0]!r}")
    if missing := [overlay for overlay in hidden if overlay not in overlays]:
        raise ValueError(f"hidden must name overlays, one of {list(overlays)}, got {missing[0]!r}")
    spec = {
        "kind": kind,
        "id": re.sub(r"\W+", "-", name or title.lower()).strip("-") or "explorer",
        "title": title,
        "call": call,
        "controls": [_describe(key, control) for key, control in controls.items()],
        "series": table.series,
        "overlays": list(overlays),
        "hidden": list(hidden),
        "revealed": revealed,
        "hideable": hideable,
        "digits": digits,
        **more,
    }
    # The controls become traits of a class of its own: a front end finds them in the model from the start.
    traits = {key: _Position(key, control).tag(sync=True) for key, control in controls.items()}
    made = type("Explorer", (Explorer,), traits)
    return made(spec=spec, table=table.tobytes(), revealed=revealed, hidden=list(hidden))


def _callable(function, what="the function"):
    if not callable(function):
        raise ValueError(f"{what} must be callable, got {function!r}")
    return function


def _span(values: np.ndarray, given, what: str, *, from_zero: bool) -> list[float]:
    """The range of an axis: as given, or what is finite without the few far values that would flatten it."""
    if given is not None:
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise ValueError(f"{what} must be (lo, hi), got {given!r}")
        check_range(what, *given)
        return [float(v) for v in given]
    finite = values[np.isfinite(values)].astype(float)
    if not finite.size:
        return [0.0, 1.0]
    lo, hi = finite.min(), finite.max()
    near_lo, near_hi = np.quantile(finite, [0.05, 0.95])
    reach = 2 * (near_hi - near_lo)
    if reach > 1e-9:  # less is the rounding of a constant, and the few other values are the interesting ones
        hi, lo = min(hi, near_hi + reach), max(lo, near_lo - reach)
    if from_zero and 0 <= lo < 0.4 * hi:
        lo = 0.0
    # A constant stands in the middle of a range that its own size tells.
    if hi - lo < 1e-6 * max(1.0, abs(lo), abs(hi)):
        room = max(1.0, 0.5 * abs(hi))
        lo, hi = lo - room, hi + room
    pad = 0.06 * (hi - lo)
    return [lo if from_zero and lo == 0 else lo - pad, hi + pad]


def _axis(given, what: str, at_most: int) -> list[float]:
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(f"{what} must be (lo, hi) or (lo, hi, step), got {given!r}")
    check_range(what, given[0], given[1])
    step = given[2] if len(given) == 3 else nice_step(given[0], given[1], at_most)
    if not 0 < step <= given[1] - given[0]:
        raise ValueError(f"the step of {what} must be > 0 and at most its range, got {step}")
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
    y, grad_y  (lo, hi) of the two vertical axes (default: what is finite over all positions)
    title      stands above the explorer (default: the function's name)
    label      names the first curve beside it (default: the title)
    call       the torch call to copy, with controls in braces: "F.smooth_l1_loss(input, target, beta={beta})"
    predict    the gradient is hidden until "reveal"
    hidden     overlays that are switched off at first
    digits     digits after the point of every number shown
    name       the explorer's name in a link (default: from the title)

    Raises ValueError for what is not callable, wrong shapes, a function that raises (with the position),
    reversed or empty ranges, and too many positions.
    """
    _callable(function)
    xs = _axis(x, "x", 250)
    points_x = np.array(xs)
    made = _setup(controls)
    table = Table(made)
    title = title or name_of(function)
    if title == "the function":
        title = loss_label
    label = label or title
    first = next(iter(parameters(function)), "x")
    x_label = x_label or first
    overlay = overlay or {}
    if len(overlay) > 4 or label in overlay:
        raise ValueError(
            f"overlay must hold at most 4 curves, none named {label!r} like the first, got {list(overlay)}"
        )

    def along(f, setting):
        return apply(f, (points_x,), setting)

    def sloped(f, setting):
        return central_difference(f)(points_x, **setting)

    def add(role, key, f, derivative):
        values = table.add(role, key, f, len(xs), along)
        grad_role = "grad" if role == "loss" else "overlay grad"
        if derivative is None:
            return values, table.add(grad_role, key, f, len(xs), sloped)
        return values, table.add(
            grad_role, key, _callable(derivative, f"the gradient of {key}"), len(xs), along
        )

    losses, slopes = add("loss", label, function, grad)
    for key, value in overlay.items():
        f, derivative = value if isinstance(value, tuple) and len(value) == 2 else (value, None)
        add("overlay", key, _callable(f, f"overlay {key!r}"), derivative)
    for key, value in (marks or {}).items():
        f = value if callable(value) else _constant(value)
        table.add("mark", key, f, 1, lambda f, setting: call_for((), f, setting))
    if points is not None:
        f = points if callable(points) else _constant(points)
        count = np.size(f(**{key: made[key].values[0] for key in depends_on(f, made)}))
        table.add("points", "points", f, count, lambda f, setting: call_for((count,), f, setting))
    if drag is not None and (points is None or drag not in made or made[drag].kind != "slider"):
        raise ValueError(f"drag must name a slider that moves the last of the points, got {drag!r}")
    return _finish(
        "curves",
        table,
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
        gradRange=_span(slopes, grad_y, "grad_y", from_zero=False),
        xLabel=x_label,
        lossLabel=loss_label,
        gradLabel=f"gradient ∂{loss_label}/∂{first}" if grad else "gradient, by central differences",
        minimum=minimum,
        drag=drag,
        dragPoint=None if drag is None else count - 1,
    )


def _constant(value) -> Callable:
    return lambda: value


def _component(function: Callable, k: int) -> Callable:
    """One of the numbers that a function returns, as a function of the same name."""

    @functools.wraps(function)
    def component(*args, **kwargs):
        return function(*args, **kwargs)[k]

    return component


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
    labels    names of the bars
    readout   {"loss": function}: single numbers in the head line
    predict   groups with `reveal=True` are hidden until "reveal"
    The rest, and what raises ValueError, as in `explore`.
    """
    made = _setup(controls)
    table = Table(made)
    count = len(labels)
    described = []

    def numbers(f, setting):
        return call_for((count,), f, setting)

    for key, value in (readout or {}).items():
        table.add("readout", key, _callable(value, f"readout {key!r}"), 1, lambda f, s: call_for((), f, s))
    for position, (key, value) in enumerate(groups.items()):
        group = value if isinstance(value, Bars) else Bars(value)
        block = table.add(
            "bars", key, _callable(group.values, f"group {key!r}"), count, numbers, group=position
        )
        if group.outline is not None:
            outline = table.add(
                "outline",
                key,
                _callable(group.outline, f"outline of {key!r}"),
                count,
                numbers,
                group=position,
            )
            block = np.concatenate([block.ravel(), outline.ravel()])
        span = _span(np.append(block, 0.0), group.range, f"the range of {key!r}", from_zero=True)
        if len(group.drag) not in (0, count):
            raise ValueError(
                f"drag must name one slider or None a bar, {count} in all, got {list(group.drag)}"
            )
        drag = list(group.drag) or [None] * count
        for wrong in {d for d in drag if d is not None and (d not in made or made[d].kind != "slider")}:
            raise ValueError(f"drag must name sliders of this explorer, got {wrong!r}")
        described.append(
            {
                "name": key,
                "range": span,
                "drag": drag,
                "reveal": group.reveal,
                "style": group.style,
                "digits": digits,
            }
        )
    return _finish(
        "bars",
        table,
        {},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=any(group["reveal"] for group in described),
        labels=list(labels),
        groups=described,
    )


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
    value_range  (lo, hi) of the colours (default: what is finite over all positions)
    bands        number of colours
    The rest, and what raises ValueError, as in `explore`.
    """
    _callable(function)
    made = _setup(controls)
    table = Table(made)
    label = title or name_of(function)
    named = parameters(function)[:2]
    first, second = ("column", "row") if cells else named if len(named) == 2 else ("x", "y")
    x_label, y_label = x_label or first, y_label or second
    if cells:
        rows, columns = cells
        xs, ys = [float(i) for i in range(columns)], [float(i) for i in range(rows)]

        def matrix(f, setting):
            return call_for((rows, columns), f, setting).ravel()

        values = table.add("value", label, function, rows * columns, matrix)
    else:
        xs, ys = _axis(x, "x", 40), _axis(y, "y", 40)
        grid = tuple(np.meshgrid(xs, ys))
        size = len(xs) * len(ys)
        values = table.add("value", label, function, size, lambda f, s: apply(f, grid, s).ravel())
        if grad is not None:
            _callable(grad, "the gradient")
        for k in (0, 1):
            slope = central_difference(function, k) if grad is None else _component(grad, k)
            table.add(
                "grad", "xy"[k], grad or function, size, lambda _, s, f=slope: apply(f, grid, s).ravel()
            )
    steep = [np.abs(block[np.isfinite(block)]) for block in table.blocks[1:]]
    px, py = probe or (None, None)
    colors = figures.band_colors(bands)
    return _finish(
        "heatmap",
        table,
        {"probe_x": Slider.over(xs, px, x_label), "probe_y": Slider.over(ys, py, y_label)},
        title=label,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=not cells,
        cells=bool(cells),
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
    if not labels:
        raise ValueError("labels must name at least one point, got none")
    made = _setup(controls)
    table = Table(made)
    shape = (len(labels), 2)
    styles = list(styles or ["loss"] * len(labels))
    unknown = [style for style in styles if style not in figures.COLORS]
    if len(styles) != len(labels) or unknown:
        raise ValueError(
            f"styles must name {len(labels)} of {list(figures.COLORS)}, one a point, got {styles}"
        )

    def flat(f, setting):
        return call_for(shape, f, setting).ravel()

    def number(f, setting):
        return call_for((), f, setting)

    for key, value in (readout or {}).items():
        table.add("readout", key, _callable(value, f"readout {key!r}"), 1, number)
    table.add("points", "points", _callable(points, "points"), 2 * len(labels), flat)
    table.add("arrows", "arrows", _callable(arrows, "arrows"), 2 * len(labels), flat)
    for key, value in (circles or {}).items():
        table.add("circle", key, _callable(value, f"circle {key!r}"), 1, number)
    if drag is not None and (len(drag) != 2 or any(d not in made or made[d].kind != "slider" for d in drag)):
        raise ValueError(f"drag must name two sliders that move the last of the points, got {drag!r}")
    return _finish(
        "plane",
        table,
        {},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=True,
        labels=list(labels),
        styles=styles,
        stretch=stretch,
        drag=list(drag) if drag else None,
        range=_span(np.empty(0), x, "x", from_zero=False),
        yRange=_span(np.empty(0), y, "y", from_zero=False),
    )


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
    if not 1 <= len(curves) <= 5 or list(curves) != list(history):
        raise ValueError(
            "curves and history must hold the same one to five models, "
            f"got {list(curves)} and {list(history)}"
        )
    if not 1 <= len(data) <= 3:
        raise ValueError(f"data must hold one to three groups, got {list(data)}")
    x = np.asarray(x, dtype=float)
    count = len(next(iter(history.values())))
    epochs = [float(epoch) for epoch in (range(count) if epochs is None else epochs)]
    for what, places in (("x", x), ("epochs", np.array(epochs))):
        if places.ndim != 1 or len(places) < 2 or not (np.diff(places) > 0).all():
            raise ValueError(f"{what} must be at least two ascending numbers, got {places.tolist()}")
    table = Table({"epoch": Slider.over(epochs, epochs[0], "epoch")})
    place = {epoch: row for row, epoch in enumerate(epochs)}

    def recorded(role, key, values, shape):
        values = np.asarray(values, dtype=float)
        if values.shape != (len(epochs), *shape):
            raise ValueError(
                f"{role} {key!r} must have the shape {(len(epochs), *shape)}, one row an epoch, "
                f"got {values.shape}"
            )
        rows = values.reshape(len(epochs), -1)
        table.add(role, key, lambda epoch: rows[place[epoch]], rows.shape[1], lambda f, setting: f(**setting))
        return rows

    for key, values in curves.items():
        recorded("curve", key, values, x.shape)
    measures = np.concatenate([recorded("history", key, values, ()) for key, values in history.items()])
    groups = []
    for key, group in data.items():
        xs, ys = (np.asarray(side, dtype=float) for side in group)
        if xs.ndim != 1 or xs.shape != ys.shape or not np.isfinite([xs, ys]).all():
            raise ValueError(f"data {key!r} must be two lists of finite numbers, equally long")
        groups.append({"name": key, "x": xs.round(4).tolist(), "y": ys.round(4).tolist()})
    heights = np.concatenate([group["y"] for group in groups])
    return _finish(
        "training",
        table,
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


# --- the still pictures


def _draw_curves(e: Explorer, figure: Figure) -> None:
    top, low = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    spec = e.spec
    xs = np.array(next(c["values"] for c in spec["controls"] if c["name"] == "probe"))
    shown = [name for name in spec["overlays"] if name not in e.hidden]
    figures.draw_curves(
        xs,
        {
            next(s["name"] for s in spec["series"]): e.values("loss"),
            **{n: e.values("overlay", n) for n in shown},
        },
        probe=e.probe,
        ax=top,
    )
    top.set(ylim=spec["range"], ylabel=spec["lossLabel"], title=spec["title"])
    if e.revealed:
        curves = {"gradient": e.values("grad"), **{n: e.values("overlay grad", n) for n in shown}}
        figures.draw_curves(xs, curves, probe=e.probe, first="grad", legend=False, ax=low)
    low.set(ylim=spec["gradRange"], ylabel="gradient", xlabel=spec["xLabel"])


def _draw_bars(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    axes = np.atleast_1d(figure.subplots(1, len(spec["groups"])))
    for ax, group in zip(axes, spec["groups"], strict=True):
        outline = any(s["role"] == "outline" and s["name"] == group["name"] for s in spec["series"])
        figures.draw_bars(
            e.values("bars", group["name"]),
            spec["labels"],
            outline=e.values("outline", group["name"]) if outline else None,
            style=group["style"],
            ax=ax,
        )
        ax.set(ylim=group["range"], title=group["name"])
        if group["reveal"] and not e.revealed:
            ax.clear()
            ax.set(title=group["name"], xticks=[], yticks=[])
    readouts = [s["name"] for s in spec["series"] if s["role"] == "readout"]
    facts = [f"{name} {e.values('readout', name)[0]:.{spec['digits']}f}" for name in readouts]
    figure.suptitle("   ".join([spec["title"], *facts]))


def _draw_heatmap(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    xs, ys = (
        np.array(next(c["values"] for c in spec["controls"] if c["name"] == n))
        for n in ("probe_x", "probe_y")
    )
    ax = figure.subplots()
    figures.draw_heatmap(
        xs,
        ys,
        e.values("value").reshape(len(ys), len(xs)),
        span=spec["range"],
        bands=len(spec["colors"]),
        cells=spec["cells"],
        probe=None if spec["cells"] else (e.probe_x, e.probe_y),
        ax=ax,
    )
    ax.set(xlabel=spec["xLabel"], ylabel=spec["yLabel"], title=spec["title"])


def _draw_plane(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    ax = figure.subplots()
    circles = {s["name"]: e.values("circle", s["name"])[0] for s in spec["series"] if s["role"] == "circle"}
    steps = spec["stretch"] * e.values("arrows").reshape(-1, 2) if e.revealed else None
    figures.draw_plane(
        e.values("points").reshape(-1, 2),
        spec["labels"],
        arrows=steps,
        circles=circles,
        styles=spec["styles"],
        ax=ax,
    )
    readouts = [s["name"] for s in spec["series"] if s["role"] == "readout"]
    facts = [f"{name} {_text(e.values('readout', name)[0], spec['digits'])}" for name in readouts]
    ax.set(xlim=spec["range"], ylim=spec["yRange"], title="   ".join([spec["title"], *facts]))


def _draw_training(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    shown = [s["name"] for s in spec["series"] if s["role"] == "curve" and s["name"] not in e.hidden]
    for group, marker in zip(spec["data"], "ox^", strict=False):
        left.plot(group["x"], group["y"], marker, color="#565f6e", markersize=5, label="_")
    figures.draw_curves(spec["x"], {name: e.values("curve", name) for name in shown}, ax=left)
    left.set(xlim=spec["range"], ylim=spec["yRange"], xlabel=spec["xLabel"], ylabel=spec["yLabel"])
    left.set_title(f"epoch {e.epoch:g}", fontsize="medium")
    epochs = next(c["values"] for c in spec["controls"] if c["name"] == "epoch")
    figures.draw_curves(epochs, {name: e.recorded(name) for name in shown}, legend=False, ax=right)
    right.axvline(e.epoch, color="#1f2430", alpha=0.35, linewidth=1)
    right.set(ylim=spec["historyRange"], xlabel="epoch", ylabel=spec["lossLabel"])
    figure.suptitle(spec["title"])


DRAWERS = {
    "curves": _draw_curves,
    "bars": _draw_bars,
    "heatmap": _draw_heatmap,
    "plane": _draw_plane,
    "training": _draw_training,
}
