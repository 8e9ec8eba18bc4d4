"""Groups of bars, one bar a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from lossviz.arguments import check_callable, check_styles, is_slider, mapping, names_of
from lossviz.controls import as_list
from lossviz.evaluate import call_for
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.figures import COLORS
from lossviz.lookup import Lookup
from lossviz.panels.panel import Panel
from lossviz.ranges import span
from lossviz.stills.numbers import number, shown, ticks
from lossviz.stills.sheet import HEAD, HEIGHT, INK, PAPER, POINT, WIDTH, Box, Sheet, dashed

MAX_BARS = 60  # more can be neither drawn in a frame nor read


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
    labels = names_of("labels", labels, MAX_BARS)
    if not mapping("groups", groups):
        raise ValueError("groups must hold at least one group of bars, got none")
    made = setup(controls)
    lookup = Lookup(made)
    for key, value in mapping("readout", readout).items():
        f = check_callable(value, f"readout {key!r}")
        lookup.add("readout", key, f, 1, lambda f, setting: call_for((), f, setting))
    described = [
        _fill(lookup, position, key, value if isinstance(value, Bars) else Bars(value), len(labels), digits)
        for position, (key, value) in enumerate(groups.items())
    ]
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
        hideable=any(group["reveal"] for group in described),
        labels=labels,
        groups=described,
    )


def _fill(lookup: Lookup, position: int, key: str, group: Bars, count: int, digits: int) -> dict:
    """Looks up one group of bars; returns how it is drawn."""

    def add(role, what, f):
        f = check_callable(f, f"{what} {key!r}")
        return lookup.add(role, key, f, count, lambda f, s: call_for((count,), f, s), group=position)

    check_styles(f"the style of {key!r}", [group.style])
    block = add("bars", "group", group.values)
    if group.outline is not None:
        block = np.concatenate([block.ravel(), add("outline", "outline of", group.outline).ravel()])
    return {
        "name": key,
        "range": span(np.append(block, 0.0), group.range, f"the range of {key!r}", from_zero=True),
        "drag": _drags(lookup, group.drag, count),
        "reveal": bool(group.reveal),
        "style": group.style,
        "digits": digits,
    }


def _drags(lookup: Lookup, given, count: int) -> list[str | None]:
    """The slider that each bar moves, or None."""
    drag = [] if given is None else as_list(given)
    if drag == []:
        return [None] * count
    if drag is None or len(drag) != count:
        raise ValueError(f"drag must name one slider or None a bar, {count} in all, got {given!r}")
    if wrong := [d for d in drag if d is not None and not is_slider(d, lookup.controls)]:
        raise ValueError(f"drag must name sliders of this explorer, got {wrong[0]!r}")
    return drag


# What is said of it, and its still picture


def facts(e: Explorer) -> str:
    digits = e.spec["digits"]
    covered = [g["name"] for g in e.spec["groups"] if g["reveal"] and not e.revealed]
    shown = [s for s in e.spec["series"] if s["role"] in ("readout", "bars")]
    named = [s for s in shown if s["role"] == "readout" or s["name"] not in covered]
    values = [(s["name"], e.values(s["role"], s["name"])) for s in named]
    return "; ".join(f"{name} " + ", ".join(number(v, digits) for v in many) for name, many in values)


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
    _draw_bars(ax, values, width / slot, color=color)
    if any(s["role"] == "outline" and s["group"] == position for s in e.spec["series"]):
        outline = {
            "fill": False,
            "edgecolor": INK,
            "linewidth": 1.5 * POINT,
            "linestyle": dashed((3, 3), 1.5),
        }
        _draw_bars(ax, e.values("outline", group["name"]), (width + 6) / slot, **outline)
    # As many digits as fit beside each other: a sign, a digit and a point before them.
    digits = group["digits"] if group["digits"] < 1 else int(np.clip(slot // 7.6 - 3, 1, group["digits"]))
    for i, value in enumerate(values):
        start, tip = (
            float(np.clip(box.y(v, span), box.y0, box.y1)) for v in (0, value if np.isfinite(value) else 0)
        )
        x, down = box.x0 + slot * (i + 0.5), value < 0
        if group["drag"][i] and abs(tip - start) >= 14:
            grip = tip - 7 if down else tip + 7
            sheet.line([x - width / 4, x + width / 4], [grip, grip], color=PAPER, width=3, cap="round")
        y = min(tip + 17, box.y1 + 3) if down else max(tip - 7, box.y0 - 2)
        look = {"anchor": "center", "color": INK, "size": 13, "bold": True, "halo": True}
        sheet.text(x, y, shown(value, digits), **look)


def _draw_bars(ax: Axes, values: np.ndarray, width: float, **look) -> None:
    """Bars from 0 to their values, as far as the axis goes; one without a height has no outline either."""
    span = ax.get_ylim()
    start = np.clip(0, *span)
    heights = np.clip(np.where(np.isfinite(values), values, 0), *span) - start
    (drawn,) = np.nonzero(heights)
    ax.bar(drawn + 0.5, heights[drawn], width, start, clip_on=False, **look)


PANEL = Panel("bars", facts, draw)
