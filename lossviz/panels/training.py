"""A recorded training: what models say over their data, and beside it how they did up to here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from reprlib import repr as short

import numpy as np
from matplotlib.axes import Axes

from lossviz.arguments import check_texts, mapping
from lossviz.arrays import array, numbers
from lossviz.controls import MAX_POSITIONS, Slider, as_list
from lossviz.explorer.make import finish
from lossviz.explorer.widget import Explorer
from lossviz.figures import COLORS
from lossviz.lookup import MAX_BYTES, Lookup
from lossviz.panels.panel import Panel
from lossviz.ranges import span
from lossviz.stills.numbers import number, shown, ticks
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

MAX_POINTS = 2_000  # of data, and places of a curve: more can be neither told apart nor drawn in a frame


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
    epoch_label: str = "epoch",
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
    x_label, y_label  name the axes of the fits
    history_label  names what `history` holds
    epoch_label    names what is counted, where a row is no epoch: "step", "moment"
    hidden         models, but the first, that are switched off at first
    The rest as in `explore`. Raises ValueError for shapes that do not fit together, and names that do not.
    """
    for what, given in (("curves", curves), ("history", history), ("data", data)):
        mapping(what, given)
    if not 1 <= len(curves or {}) <= 5 or list(curves) != list(history or {}):
        raise ValueError(
            "curves and history must hold the same one to five models, "
            f"got {list(curves or {})} and {list(history or {})}"
        )
    if not 1 <= len(data or {}) <= 3:
        raise ValueError(f"data must hold one to three groups, got {list(data or {})}")
    check_texts(x_label=x_label, y_label=y_label, history_label=history_label, epoch_label=epoch_label)
    x = _ascending("x", x)
    epochs = range(numbers("history", next(iter(history.values()))).size) if epochs is None else epochs
    whole = array(epochs).dtype.kind in "iu"
    epochs = _ascending("epochs", epochs).astype(int if whole else float).tolist()
    _check_size(len(curves), len(epochs), len(x))
    lookup = Lookup({"epoch": Slider.over(epochs, epochs[0], epoch_label)})
    for key, values in curves.items():
        _fill(lookup, "curve", key, values, epochs, x.shape)
    measures = np.concatenate(
        [_fill(lookup, "history", key, values, epochs, ()) for key, values in history.items()]
    )
    groups = _groups(data)
    heights = np.concatenate([group["y"] for group in groups])
    return finish(
        PANEL,
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
        yRange=span(heights, y, "y", from_zero=False),
        historyRange=span(measures, history_y, "history_y", from_zero=True),
        xLabel=x_label,
        yLabel=y_label,
        lossLabel=history_label,
    )


def _ascending(what: str, given) -> np.ndarray:
    places = numbers(what, given)
    if places.ndim != 1 or len(places) < 2 or not np.isfinite(places).all() or (np.diff(places) <= 0).any():
        raise ValueError(f"{what} must be at least two ascending numbers, got {short(places.tolist())}")
    return places


def _fill(lookup: Lookup, role: str, key: str, values, epochs: list, shape: tuple) -> np.ndarray:
    """Looks up what was recorded of one model, a row an epoch; returns the rows."""
    values = numbers(f"{role} {key!r}", values)
    if values.shape != (len(epochs), *shape):
        raise ValueError(
            f"{role} {key!r} must have the shape {(len(epochs), *shape)}, one row an epoch, "
            f"got {values.shape}"
        )
    rows = values.reshape(len(epochs), -1)
    place = {epoch: row for row, epoch in enumerate(epochs)}
    lookup.add(role, key, lambda epoch: rows[place[epoch]], rows.shape[1], lambda f, setting: f(**setting))
    return rows


def _groups(data: Mapping) -> list[dict]:
    """The points of each group, as they are drawn."""
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
    return groups


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


# What is said of it, and its still picture


def facts(e: Explorer) -> str:
    named = [s["name"] for s in e.spec["series"] if s["role"] == "history" and s["name"] not in e.hidden]
    said = [f"{name} {number(e.values('history', name)[0], e.spec['digits'])}" for name in named]
    return f"{e.spec['lossLabel']} " + ", ".join(said)


# The shape tells the groups of data apart, and not the colour, which is the models'.
SHAPES = (
    {"marker": "o", "markersize": 8 * POINT, "markerfacecolor": (SOFT, 0.55), "markeredgecolor": "none"},
    {"marker": "x", "markersize": 8 * POINT, "markeredgecolor": SOFT},
    {
        "marker": [(0, 5), (5, -4), (-5, -4), (0, 5)],
        "markersize": 10 * POINT,
        "markerfacecolor": "none",
        "markeredgecolor": SOFT,
    },
)


def draw(e: Explorer, sheet: Sheet) -> None:
    spec, now = e.spec, e.index["epoch"]
    by_epoch = next(c for c in spec["controls"] if c["name"] == "epoch")
    epochs = np.array(by_epoch["values"], dtype=float)
    names = [s["name"] for s in spec["series"] if s["role"] == "curve"]
    styles = {name: f"other{k}" if k else "loss" for k, name in enumerate(names)}
    past = {name: e.recorded(name) for name in styles if name not in e.hidden}
    facts = [
        (name, shown(past[name][now], spec["digits"]) if name in past else None, COLORS[style])
        for name, style in styles.items()
    ]
    head = HEAD + sheet.readouts(facts) + 24
    styles = {name: styles[name] for name in past}
    middle = round(WIDTH * 0.6)
    left = Box(48, middle - 18, head, HEIGHT - 44)
    right = Box(middle + 40, WIDTH - 18, head, HEIGHT - 44)
    _draw_data(e, sheet, left, styles)
    span = (epochs[0], epochs[-1])
    ax = sheet.axes(
        right, span, spec["historyRange"], xticks=ticks(*span, 4), yticks=ticks(*spec["historyRange"], 5)
    )
    for name, style in styles.items():
        draw_curve(ax, epochs, past[name], style, width=1.5, alpha=0.25)
        draw_curve(ax, epochs[: now + 1], past[name][: now + 1], style)
    ax.axvline(epochs[now], color=INK, alpha=0.45, linewidth=POINT)
    for name, style in styles.items():
        _draw_dot(ax, epochs[now], past[name][now], style)
    label = sheet.fit(spec["lossLabel"], right.x1 - right.x0, bold=True)
    sheet.text(right.x0, right.y0 - 8, label, bold=True)
    # On a page the slider says which epoch it is.
    epoch = f"{by_epoch['label']} {by_epoch['text'][now]}"
    sheet.text(right.middle[0], right.y1 + 36, epoch, anchor="center")


def _draw_data(e: Explorer, sheet: Sheet, box: Box, styles: dict[str, str]) -> Axes:
    """The groups of data with their key, and the models' curves over them."""
    spec = e.spec
    spans = spec["range"], spec["yRange"]
    ax = sheet.axes(box, *spans, xticks=ticks(*spans[0], 6), yticks=ticks(*spans[1], 5))
    looks = [{"linestyle": "", "markeredgewidth": 1.6 * POINT} | shape for shape in SHAPES]
    for group, look in zip(spec["data"], looks, strict=False):
        ax.plot(group["x"], group["y"], **look)
    edge = _write_keys(sheet, box, ax, list(zip(spec["data"], looks, strict=False)))
    for name, style in styles.items():
        draw_curve(ax, spec["x"], e.values("curve", name), style, label=name)
    sheet.text(box.x0, box.y0 - 8, sheet.fit(spec["yLabel"], edge - box.x0))
    sheet.text(box.middle[0], box.y1 + 36, spec["xLabel"], anchor="center")
    return ax


def _write_keys(sheet: Sheet, box: Box, ax: Axes, groups: list[tuple[dict, dict]]) -> float:
    """Which shape is which group, at the right above the data; returns where the room left of it ends."""
    edge = box.x1
    for group, look in reversed(groups):
        name = sheet.fit(group["name"], 120)
        sheet.text(edge, box.y0 - 8, name, anchor="right")
        edge -= width_of(name, 12) + 10
        place = (edge - box.x0) / (box.x1 - box.x0), 1 + 12 / (box.y1 - box.y0)
        ax.plot(*place, transform=ax.transAxes, clip_on=False, **look)
        edge -= 16
    return edge


def _draw_dot(ax: Axes, epoch: float, measure: float, style: str) -> None:
    """Where a model is now, if that is on the axis."""
    lo, hi = ax.get_ylim()
    if lo <= measure <= hi:
        rim = {"markeredgecolor": PAPER, "markeredgewidth": 2 * POINT, "clip_on": False}
        ax.plot(epoch, measure, "o", color=COLORS[style], markersize=11 * POINT, **rim)


PANEL = Panel("training", facts, draw, scale="historyRange")
