"""Points in the plane, each with the step that its gradient asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from lossviz.arguments import check_callable, check_styles, is_slider, mapping, names_of
from lossviz.controls import as_list, is_number
from lossviz.evaluate import call_for
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.figures import COLORS
from lossviz.lookup import Lookup
from lossviz.panels.panel import Panel
from lossviz.ranges import span
from lossviz.stills.arrows import arrow
from lossviz.stills.numbers import number, shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, PAPER, POINT, SOFT, WIDTH, Box, Sheet, dashed, width_of

MAX_POINTS = 60  # more can be neither drawn in a frame nor read


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
    labels = names_of("labels", labels, MAX_POINTS)
    made = setup(controls)
    lookup = Lookup(made)
    shape = (len(labels), 2)
    styles = ["loss"] * len(labels) if styles is None else as_list(styles) or []
    if len(styles) != len(labels):
        raise ValueError(f"styles must hold one style a point, {len(labels)} in all, got {styles}")
    check_styles("styles", styles)
    if not is_number(stretch) or not 0 < stretch < np.inf:
        raise ValueError(f"stretch must be a finite number > 0, got {stretch!r}")

    def flat(f, setting):
        return call_for(shape, f, setting).ravel()

    def one(f, setting):
        return call_for((), f, setting)

    for key, value in mapping("readout", readout).items():
        lookup.add("readout", key, check_callable(value, f"readout {key!r}"), 1, one)
    lookup.add("points", "points", check_callable(points, "points"), 2 * len(labels), flat)
    lookup.add("arrows", "arrows", check_callable(arrows, "arrows"), 2 * len(labels), flat)
    for key, value in mapping("circles", circles).items():
        lookup.add("circle", key, check_callable(value, f"circle {key!r}"), 1, one)
    moved = drag is None or (isinstance(drag, (tuple, list)) and [is_slider(d, made) for d in drag])
    if moved not in (True, [True, True]):
        raise ValueError(f"drag must name two sliders that move the last of the points, got {drag!r}")
    return finish(
        PANEL,
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
        range=span(np.empty(0), x, "x", from_zero=False),
        yRange=span(np.empty(0), y, "y", from_zero=False),
    )


# What is said of it, and its still picture


def facts(e: Explorer) -> str:
    digits = e.spec["digits"]
    named = [s["name"] for s in e.spec["series"] if s["role"] == "readout"]
    places = zip(e.spec["labels"], e.values("points").reshape(-1, 2), strict=True)
    return "; ".join(
        [f"{name} {number(e.values('readout', name)[0], digits)}" for name in named]
        + [
            f"{label} at {number(x, digits)}, {number(y, digits)}"
            for label, (x, y) in places
            if np.isfinite([x, y]).all()
        ]
    )


ORDER = 2  # of all that stands in the plane: what is drawn later lies above


def draw(e: Explorer, sheet: Sheet) -> None:
    spec = e.spec
    spans = spec["range"], spec["yRange"]
    readouts = [s["name"] for s in spec["series"] if s["role"] == "readout"]
    facts = [(name, shown(e.values("readout", name)[0], spec["digits"]), INK) for name in readouts]
    head = HEAD + sheet.readouts(facts) + 10
    # One unit is as long across as up, so that a circle is a circle.
    sizes = [hi - lo for lo, hi in spans]
    unit = min((WIDTH - 56) / sizes[0], (HEIGHT - head - 30) / sizes[1])
    broad, tall = unit * sizes[0], unit * sizes[1]
    x0 = 42 + (WIDTH - 56 - broad) / 2
    box = Box(x0, x0 + broad, head, head + tall)
    ax = sheet.axes(box, *spans, xticks=ticks(*spans[0], 8 if broad > 400 else 5), yticks=ticks(*spans[1], 6))
    points = e.values("points").reshape(-1, 2)
    # In the page's order, from what lies below to what lies above.
    _draw_circles(e, sheet, ax, points[0], box, unit)
    _write_names(e, sheet, ax, points, box)
    if e.revealed:
        _draw_arrows(e, ax, points, unit)
    _draw_points(e, ax, points)
    if not e.revealed:
        sheet.text(box.x1 - 8, box.y1 - 10, "Predict the arrows, then reveal", anchor="right", halo=True)


def _draw_circles(e: Explorer, sheet: Sheet, ax: Axes, centre: np.ndarray, box: Box, unit: float) -> None:
    for name in (s["name"] for s in e.spec["series"] if s["role"] == "circle"):
        radius = float(e.values("circle", name)[0])
        if not np.isfinite([*centre, radius]).all() or radius <= 0:
            continue
        ring = {"edgecolor": SOFT, "linewidth": 1.5 * POINT, "linestyle": dashed((5, 4), 1.5)}
        ax.add_patch(Circle(centre, radius, fill=False, zorder=ORDER, **ring))
        x = float(box.x(centre[0], e.spec["range"])) + 0.72 * radius * unit + 6
        y = float(box.y(centre[1], e.spec["yRange"])) + 0.72 * radius * unit + 14
        # A name that would be cut off is left out.
        if box.x0 <= x <= box.x1 - width_of(name, 12) and box.y0 + 11 <= y <= box.y1:
            sheet.text(x, y, name, halo=True, on=ax, zorder=ORDER)


def _draw_arrows(e: Explorer, ax: Axes, points: np.ndarray, unit: float) -> None:
    """The arrows of the points that have a place: none below a pixel, and none shorter than its head."""
    look = {"linewidth": 2.5 * POINT, "solid_capstyle": "round", "zorder": ORDER, "gid": "step"}
    steps = e.values("arrows").reshape(-1, 2)
    for (x, y), (dx, dy), style in zip(points, steps, e.spec["styles"], strict=True):
        length = float(np.hypot(dx, dy)) * unit * e.spec["stretch"]
        if not np.isfinite([x, y]).all() or length < 1:
            continue
        # In pixels around the point, up being negative.
        for xs, ys in arrow(0, 0, dx, -dy, max(length, 16)):
            ax.plot(x + np.array(xs) / unit, y - np.array(ys) / unit, color=COLORS[style], **look)


def _draw_points(e: Explorer, ax: Axes, points: np.ndarray) -> None:
    rim = {"markeredgecolor": PAPER, "markeredgewidth": 2 * POINT, "zorder": ORDER}
    for k, (point, style) in enumerate(zip(points, e.spec["styles"], strict=True)):
        is_held = e.spec["drag"] and k == len(points) - 1
        if np.isfinite(point).all():
            ax.plot(*point, "o", color=COLORS[style], markersize=(18 if is_held else 13) * POINT, **rim)


def _write_names(e: Explorer, sheet: Sheet, ax: Axes, points: np.ndarray, box: Box) -> None:
    """Names above their points or, where an arrow leads up, below; off other points and other names."""
    spec = e.spec
    places = np.column_stack([box.x(points[:, 0], spec["range"]), box.y(points[:, 1], spec["yRange"])])
    ups = e.values("arrows").reshape(-1, 2)[:, 1] > 0
    taken = [(x - 9, x + 9, y - 9, y + 9) for x, y in places]
    for k, (label, (x, y)) in enumerate(zip(spec["labels"], places, strict=True)):
        if not np.isfinite([x, y]).all():
            continue
        half = width_of(label, 12, bold=True) / 2
        middle = min(max(x, box.x0 + half), box.x1 - half)
        lines = [y + 24, y - 14] if e.revealed and ups[k] else [y - 14, y + 24]
        areas = [(middle - half, middle + half, line - 11, line + 3) for line in lines]
        others = taken[:k] + taken[k + 1 :]
        free = [
            a for a in areas if a[2] >= box.y0 and a[3] <= box.y1 and not any(_meet(a, b) for b in others)
        ]
        area = (free or areas)[0]
        taken.append(area)
        look = {"color": COLORS[spec["styles"][k]], "bold": True, "anchor": "center", "halo": True}
        sheet.text(middle, area[3] - 3, label, on=ax, zorder=ORDER, **look)


def _meet(a: tuple, b: tuple) -> bool:
    return a[0] <= b[1] and b[0] <= a[1] and a[2] <= b[3] and b[2] <= a[3]


PANEL = Panel("plane", facts, draw)
