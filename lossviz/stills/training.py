"""The still of a recorded training: what models say over their data, and how they did up to an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from lossviz.figures import COLORS
from lossviz.stills.numbers import shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, POINT, SOFT, WIDTH, Box, Sheet, draw_curve, width_of

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer

# The shape tells the groups of data apart, and not the colour, which is the models'.
SHAPES = (
    {"marker": "o", "markerfacecolor": "#a2a7af", "markeredgecolor": "none"},
    {"marker": "x", "markeredgecolor": SOFT},
    {"marker": "^", "markerfacecolor": "none", "markeredgecolor": SOFT},
)


def draw(e: Explorer, sheet: Sheet) -> None:
    spec, now = e.spec, e.index["epoch"]
    by_epoch = next(c for c in spec["controls"] if c["name"] == "epoch")
    epochs = np.array(by_epoch["values"], dtype=float)
    names = [s["name"] for s in spec["series"] if s["role"] == "curve"]
    styles = {name: f"other{k}" if k else "loss" for k, name in enumerate(names)}
    styles = {name: style for name, style in styles.items() if name not in e.hidden}
    past = {name: e.recorded(name) for name in styles}
    facts = [(name, shown(past[name][now], spec["digits"]), COLORS[style]) for name, style in styles.items()]
    head = HEAD + sheet.readouts(facts) + 24
    middle = round(WIDTH * 0.6)
    left = Box(48, middle - 18, head, HEIGHT - 44)
    right = Box(middle + 40, WIDTH - 18, head, HEIGHT - 44)
    _draw_data(e, sheet, left, styles)
    span = (epochs[0], epochs[-1])
    ax = sheet.axes(
        right, span, spec["historyRange"], xticks=ticks(*span, 4), yticks=ticks(*spec["historyRange"], 5)
    )
    for name, style in styles.items():
        _draw_history(ax, epochs, past[name], now, style)
    ax.axvline(epochs[now], color="#9b9ea5", linewidth=POINT, zorder=3)
    sheet.text(right.x0, right.y0 - 8, spec["lossLabel"], bold=True)
    sheet.text(
        right.middle[0], right.y1 + 36, f"{by_epoch['label']} {by_epoch['text'][now]}", anchor="center"
    )


def _draw_data(e: Explorer, sheet: Sheet, box: Box, styles: dict[str, str]) -> Axes:
    """The groups of data with their key, and the models' curves over them."""
    spec = e.spec
    spans = spec["range"], spec["yRange"]
    ax = sheet.axes(box, *spans, xticks=ticks(*spans[0], 6), yticks=ticks(*spans[1], 5))
    looks = [
        {"linestyle": "", "markersize": 8 * POINT, "markeredgewidth": 1.6 * POINT} | shape for shape in SHAPES
    ]
    for group, look in zip(spec["data"], looks, strict=False):
        ax.plot(group["x"], group["y"], **look, zorder=1.5)
    edge = _write_keys(sheet, box, ax, list(zip(spec["data"], looks, strict=False)))
    for name, style in styles.items():
        draw_curve(ax, spec["x"], e.values("curve", name), style, first=style == "loss", label=name)
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


def _draw_history(ax: Axes, epochs: np.ndarray, past: np.ndarray, now: int, style: str) -> None:
    """What was up to now, faintly what is still to come, and a dot between them."""
    draw_curve(ax, epochs, past, style, alpha=0.25)
    draw_curve(ax, epochs[: now + 1], past[: now + 1], style, first=style == "loss")
    lo, hi = sorted(ax.get_ylim())
    if lo <= past[now] <= hi:
        rim = {"markeredgecolor": "white", "markeredgewidth": 2 * POINT, "zorder": 4, "clip_on": False}
        ax.plot(epochs[now], past[now], "o", color=COLORS[style], markersize=11 * POINT, **rim)
