"""The still of groups of bars, each bar with its number and its outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from lossviz.figures import COLORS
from lossviz.stills.numbers import shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, POINT, WIDTH, Box, Sheet, dashed

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer


def draw(e: Explorer, sheet: Sheet) -> None:
    spec, groups = e.spec, e.spec["groups"]
    readouts = [s["name"] for s in spec["series"] if s["role"] == "readout"]
    facts = [(name, shown(e.values("readout", name)[0], spec["digits"]), INK) for name in readouts]
    head = HEAD + sheet.readouts(facts) + 8
    # One row where the groups have room in it, else two.
    columns = len(groups) if WIDTH / len(groups) >= 180 else -(-len(groups) // 2)
    broad, tall = WIDTH / columns, (HEIGHT - head) / -(-len(groups) // columns)
    for k, group in enumerate(groups):
        x, y = (k % columns) * broad, head + (k // columns) * tall
        _draw_group(e, sheet, group, k, Box(x + 44, x + broad - 10, y + 26, y + tall - 30))


def _draw_group(e: Explorer, sheet: Sheet, group: dict, position: int, box: Box) -> None:
    labels, span = e.spec["labels"], group["range"]
    color = COLORS[group["style"]]
    slot = (box.x1 - box.x0) / len(labels)
    ax = sheet.axes(box, (0, len(labels)), span, yticks=ticks(*span, 4))
    sheet.text(box.x0, box.y0 - 13, group["name"], color=color, bold=True)
    for i, label in enumerate(labels):
        sheet.text(box.x0 + slot * (i + 0.5), box.y1 + 18, sheet.fit(label, slot - 4), anchor="center")
    if group["reveal"] and not e.revealed:
        sheet.cover(box)
        return
    values = e.values("bars", group["name"])
    width = min(54, slot * 0.62)
    _bars(ax, values, width / slot, color=color)
    if any(s["role"] == "outline" and s["group"] == position for s in e.spec["series"]):
        outline = {
            "fill": False,
            "edgecolor": INK,
            "linewidth": 1.5 * POINT,
            "linestyle": dashed((3, 3), 1.5),
        }
        _bars(ax, e.values("outline", group["name"]), (width + 6) / slot, **outline)
    # As many digits as fit beside each other: a sign, a digit and a point before them.
    digits = group["digits"] if group["digits"] < 1 else int(np.clip(slot // 7.6 - 3, 1, group["digits"]))
    for i, value in enumerate(values):
        tip = float(np.clip(box.y(value if np.isfinite(value) else 0, span), box.y0, box.y1))
        y = min(tip + 17, box.y1 + 3) if value < 0 else max(tip - 7, box.y0 - 2)
        look = {"anchor": "center", "color": INK, "size": 13, "bold": True, "halo": True}
        sheet.text(box.x0 + slot * (i + 0.5), y, shown(value, digits), **look)


def _bars(ax: Axes, values: np.ndarray, width: float, **look) -> None:
    ax.bar(np.arange(len(values)) + 0.5, np.where(np.isfinite(values), values, 0), width, zorder=2, **look)
