"""The still of points in the plane, each with the step that its gradient asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from lossviz.figures import COLORS
from lossviz.stills.arrows import arrow
from lossviz.stills.numbers import shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, PANEL, POINT, SOFT, WIDTH, Box, Sheet, dashed, width_of

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer


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
    _draw_circles(e, sheet, ax, points[0], box, unit)
    for k, point in enumerate(points):
        if np.isfinite(point).all():
            _draw_point(e, ax, k, point, unit)
    _write_names(e, sheet, points, box)
    if not e.revealed:
        sheet.text(box.x1 - 8, box.y1 - 10, "Predict the arrows, then reveal", anchor="right", halo=True)


def _draw_circles(e: Explorer, sheet: Sheet, ax: Axes, centre: np.ndarray, box: Box, unit: float) -> None:
    for name in (s["name"] for s in e.spec["series"] if s["role"] == "circle"):
        radius = float(e.values("circle", name)[0])
        if not np.isfinite([*centre, radius]).all() or radius <= 0:
            continue
        ring = {"edgecolor": SOFT, "linewidth": 1.5 * POINT, "linestyle": dashed((5, 4), 1.5)}
        ax.add_patch(Circle(centre, radius, fill=False, **ring))
        x = float(box.x(centre[0], e.spec["range"])) + 0.72 * radius * unit + 6
        y = float(box.y(centre[1], e.spec["yRange"])) + 0.72 * radius * unit + 14
        if box.x0 <= x <= box.x1 - width_of(name, 12) and box.y0 + 11 <= y <= box.y1:
            sheet.text(x, y, name, halo=True)


def _draw_point(e: Explorer, ax: Axes, k: int, point: np.ndarray, unit: float) -> None:
    """A point with its arrow: none below a pixel, and none shorter than its head."""
    spec, color = e.spec, COLORS[e.spec["styles"][k]]
    step = e.values("arrows").reshape(-1, 2)[k]
    length = float(np.hypot(*step)) * unit * spec["stretch"]
    if e.revealed and length >= 1:
        # In pixels around the point, up being negative.
        for xs, ys in arrow(0, 0, step[0], -step[1], max(length, 16)):
            xs, ys = point[0] + np.array(xs) / unit, point[1] - np.array(ys) / unit
            ax.plot(xs, ys, color=color, linewidth=2.5 * POINT, solid_capstyle="round", zorder=3, gid="step")
    is_held = spec["drag"] and k == len(spec["labels"]) - 1
    rim = {"markeredgecolor": PANEL, "markeredgewidth": 2 * POINT, "zorder": 4}
    ax.plot(*point, "o", color=color, markersize=(18 if is_held else 13) * POINT, **rim)


def _write_names(e: Explorer, sheet: Sheet, points: np.ndarray, box: Box) -> None:
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
        color = COLORS[spec["styles"][k]]
        sheet.text(middle, area[3] - 3, label, color=color, bold=True, anchor="center", halo=True)


def _meet(a: tuple, b: tuple) -> bool:
    return a[0] <= b[1] and b[0] <= a[1] and a[2] <= b[3] and b[2] <= a[3]
