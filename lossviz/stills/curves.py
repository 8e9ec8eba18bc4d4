"""The still of a curve, its gradient below, and the probe, with marks, points and lowest points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from lossviz.figures import COLORS
from lossviz.stills.numbers import beyond, shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, PANEL, POINT, SOFT, WIDTH, Box, Sheet, draw_curve

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer

TOP = Box(58, WIDTH - 14, HEAD + 24, HEAD + 24 + 179)
LOW = Box(58, WIDTH - 14, TOP.y1 + 34, HEIGHT - 44)


def draw(e: Explorer, sheet: Sheet) -> None:
    spec = e.spec
    xs = np.array(next(c["values"] for c in spec["controls"] if c["name"] == "probe"), dtype=float)
    span = (xs[0], xs[-1])
    xticks = ticks(*span, 8)
    top = sheet.axes(TOP, span, spec["range"], xticks=xticks, yticks=ticks(*spec["range"], 5), xtext=False)
    low = sheet.axes(LOW, span, spec["gradRange"], xticks=xticks, yticks=ticks(*spec["gradRange"], 4))
    sheet.text(TOP.x0, HEAD + 14, spec["lossLabel"], color=COLORS["loss"], bold=True)
    sheet.text(TOP.x0, LOW.y0 - 9, spec["gradLabel"], color=COLORS["grad"], bold=True)
    sheet.text(TOP.middle[0], HEIGHT - 8, spec["xLabel"], anchor="center")
    _draw_curves(e, xs, top, low)
    if not e.revealed:
        sheet.cover(LOW)
    _draw_marks(e, sheet, span)
    _draw_points(e, top)
    _draw_probe(e, sheet, xs, span)


def _draw_curves(e: Explorer, xs: np.ndarray, top: Axes, low: Axes) -> None:
    """The curves, each in the style that it has on the page whichever others are switched off."""
    first = next(s["name"] for s in e.spec["series"])
    draw_curve(top, xs, e.values("loss"), "loss", first=True, label=first)
    if e.revealed:
        draw_curve(low, xs, e.values("grad"), "grad", first=True)
    lowest = [(e.values("loss"), "loss")]
    for k, name in enumerate(e.spec["overlays"]):
        if name in e.hidden:
            continue
        values, style = e.values("overlay", name), f"other{k + 1}"
        draw_curve(top, xs, values, style, label=name)
        if e.revealed:
            draw_curve(low, xs, e.values("overlay grad", name), style)
        lowest.append((values, style))
    for values, style in lowest if e.spec["minimum"] else []:
        _mark_minimum(top, xs, values, style)
    if len(lowest) > 1:
        for text in top.legend(frameon=False, fontsize=12 * POINT, labelcolor=INK).get_texts():
            text.set_parse_math(False)


def _mark_minimum(ax: Axes, xs: np.ndarray, values: np.ndarray, style: str) -> None:
    if not np.isfinite(values).any():
        return
    best = int(np.argmin(np.where(np.isfinite(values), values, np.inf)))
    look = {"markersize": 11 * POINT, "markeredgecolor": PANEL, "markeredgewidth": 1.5 * POINT}
    lo, hi = ax.get_ylim()
    if lo <= values[best] <= hi:
        ax.plot(xs[best], values[best], "D", color=COLORS[style], clip_on=False, zorder=4, **look)


def _draw_marks(e: Explorer, sheet: Sheet, span: tuple) -> None:
    """Dotted lines; those that are near each other write their names on lines of their own."""
    names = [s["name"] for s in e.spec["series"] if s["role"] == "mark"]
    marks = sorted((float(e.values("mark", name)[0]), name) for name in names)
    shelf, before = 0, -np.inf
    for value, name in marks:
        x = float(TOP.x(value, span))
        shelf, before = (shelf + 1 if x - before < 44 else 0), x
        if not TOP.x0 - 1 <= x <= TOP.x1 + 1:
            continue
        sheet.line([x, x], [TOP.y0, LOW.y1], color=SOFT, width=1, dashes=(2, 4), zorder=-1)
        at_end = x > TOP.x1 - 44
        y = LOW.y1 - 6 - 14 * (shelf % 3)
        sheet.text(x + (-6 if at_end else 6), y, name, anchor="right" if at_end else "left", halo=True)


def _draw_points(e: Explorer, ax: Axes) -> None:
    """Dots on the axis; the one to drag is larger."""
    if not any(s["role"] == "points" for s in e.spec["series"]):
        return
    for k, x in enumerate(e.values("points")):
        color, radius = (COLORS["grad"], 8) if k == e.spec["dragPoint"] else (INK, 5)
        look = {"markersize": 2 * radius * POINT, "markeredgecolor": PANEL, "markeredgewidth": 2 * POINT}
        ax.plot(x, 0, "o", transform=ax.get_xaxis_transform(), color=color, clip_on=False, zorder=5, **look)


def _draw_probe(e: Explorer, sheet: Sheet, xs: np.ndarray, span: tuple) -> None:
    spec, i = e.spec, e.index["probe"]
    value, slope = float(e.values("loss")[i]), float(e.values("grad")[i])
    x, y, g = (
        float(TOP.x(xs[i], span)),
        _place(TOP, value, spec["range"]),
        _place(LOW, slope, spec["gradRange"]),
    )
    sheet.line([x, x], [TOP.y0, LOW.y1 if e.revealed else TOP.y1], color="#9b9ea5", width=1, zorder=3)
    lo, hi = spec["range"]
    if e.revealed and lo <= value <= hi and np.isfinite(slope):
        dx, dy = TOP.x(1, span) - TOP.x(0, span), (TOP.y(1, (lo, hi)) - TOP.y(0, (lo, hi))) * slope
        reach = 64 / np.hypot(dx, dy)
        ends = [(x - reach * dx, y - reach * dy), (x + reach * dx, y + reach * dy)]
        sheet.line(*zip(*ends, strict=True), color=COLORS["grad"], width=2.5)
    if np.isfinite(value):
        sheet.dot(x, y, 7, COLORS["loss"])
    left = x > TOP.middle[0]
    look = {"anchor": "right" if left else "left", "color": INK, "size": 13, "bold": True, "halo": True}
    # Above the dot where the curve falls towards the text, below where it rises away from it.
    over = slope > 0 if left else slope < 0
    line = min(max(y - 12 if over or y > TOP.y1 - 26 else y + 24, TOP.y0 + 12), TOP.y1 - 8)
    line = y + 24 if over and y < TOP.y0 + 26 else line
    sheet.text(
        x + (-13 if left else 13), line, shown(value, spec["digits"]) + beyond(value, spec["range"]), **look
    )
    if not e.revealed:
        return
    if np.isfinite(slope):
        sheet.dot(x, g, 5.5, COLORS["grad"])
    # The lowest line belongs to the names of the marks.
    lowest = LOW.y1 - 24 if any(s["role"] == "mark" for s in spec["series"]) else np.inf
    line = g + 20 if g < LOW.y0 + 26 else min(g - 11, lowest)
    text = shown(slope, spec["digits"]) + beyond(slope, spec["gradRange"])
    sheet.text(x + (-13 if left else 13), line, text, **look)


def _place(box: Box, value: float, span: list[float]) -> float:
    """Where a value stands; one that is not finite, or outside the axis, at its end."""
    if not np.isfinite(value):
        return box.y1 if value < 0 else box.y0
    return float(np.clip(box.y(value, span), box.y0, box.y1))
