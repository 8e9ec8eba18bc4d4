"""The still of a painted mask: the target's outline, what is painted, the push at each pixel, the legend."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from lossviz.figures import COLORS
from lossviz.masks import KINDS, kinds_of, mask_of
from lossviz.stills.numbers import shown
from lossviz.stills.sheet import HEAD, HEIGHT, INK, LINE, PAPER, WIDTH, Box, Sheet

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer

WRITTEN = ("arrow", "number", "nothing")
BESIDE = 300  # pixels that the legend is wide
SIDE = 340  # pixels that the longer side of the mask has at most
LEVELS = 24  # of a colour, from none to full


class Seen:
    """The present setting: its masks, its counts, and what the tables say there."""

    def __init__(self, e: Explorer):
        spec, index = e.spec, e.index
        self.e, self.shape = e, (spec["rows"], spec["columns"])
        place = index.get("target", 0)
        self.target = mask_of(spec["targets"][place]["mask"], self.shape)
        self.painted = mask_of(index["painted"], self.shape)
        self.kinds = kinds_of(self.target, self.painted)
        self.counts = [int((self.kinds == kind).sum()) for kind in range(len(KINDS))]
        self.pair = self.counts[0] * (self.counts[2] + self.counts[3] + 1) + self.counts[2]
        loss = spec["losses"][index.get("show", 0)]
        self.reach, self.digits = spec["reach"][loss][place], spec["gradDigits"][loss][place]
        self.label = f"∂{loss}/∂{spec['variable']}"
        self.found = spec["found"].get(loss)
        self.write = WRITTEN[index["write"]]
        self.slopes = self._slopes(loss)

    def _slopes(self, loss: str) -> np.ndarray:
        """The gradient of a loss at each pixel."""
        row = self.e.values("grad", loss)
        form = next(s["form"] for s in self.e.spec["series"] if (s["role"], s["name"]) == ("grad", loss))
        if form == "counts":
            return row.reshape(len(KINDS), -1)[self.kinds, self.pair]
        low, high = row.reshape(2, *self.shape)
        return np.where(self.painted, high, low)

    def readouts(self) -> list[tuple[str, float]]:
        """The losses, and then the further numbers."""
        series = [s for s in self.e.spec["series"] if s["role"] != "grad" and s["at"]["target"] == 0]
        found = []
        for s in sorted(series, key=lambda s: s["role"] != "loss"):
            row = self.e.values(s["role"], s["name"])
            if s["form"] == "counts":
                value = row[self.pair]
            else:
                value = row[0] + np.sum(row[1:][self.painted.ravel()], dtype=float)
            found.append((s["name"], float(value)))
        return found

    def pushes(self, write: Callable) -> list[str]:
        """The gradient at each kind of pixel: one number, or the ends of several; empty without pixels."""
        said = []
        for kind in range(len(KINDS)):
            own = [write(slope, self.digits) for slope in np.sort(self.slopes[self.kinds == kind])]
            ends = list(dict.fromkeys([own[0], own[-1]])) if own else []
            said.append(" to ".join(ends))
        return said

    def level(self, slope: float) -> float:
        """How strong its colour is, in 0 … 1; 0 where it has none."""
        share = min(abs(float(slope)) / self.reach, 1) if np.isfinite(slope) else 0
        return int(LEVELS * share + 0.5) / LEVELS


def draw(e: Explorer, sheet: Sheet) -> None:
    seen = Seen(e)
    said = [(name, shown(value, e.spec["digits"]), INK) for name, value in seen.readouts()]
    head = HEAD + sheet.readouts(said) + 10
    rows, columns = seen.shape
    size = min((WIDTH - BESIDE - 62) / columns, (HEIGHT - head - 10) / rows, SIDE / max(rows, columns))
    box = Box(14, 14 + size * columns, head, head + size * rows)
    for (row, column), slope in np.ndenumerate(seen.slopes):
        x, y = box.x0 + size * column, box.y0 + size * row
        _draw_pixel(sheet, seen, Box(x, x + size, y, y + size), slope, bool(seen.painted[row, column]))
    _draw_outline(sheet, seen.target, box, size)
    _draw_legend(sheet, seen, box.x1 + 34, head)


def _draw_pixel(sheet: Sheet, seen: Seen, box: Box, slope: float, is_painted: bool, write=None) -> None:
    """The colour of its gradient, a tile where it is painted, and what is written in it."""
    size = box.x1 - box.x0
    digits = int(0.84 * size // 6.2) - 2  # that a pixel has room for
    write = write or ("arrow" if seen.write == "number" and digits < 1 else seen.write)
    x, y = box.middle
    level = seen.level(slope) if seen.e.revealed else 0
    sheet.rectangle(box, fill=_color(slope, level), edge=LINE, zorder=1)
    if is_painted:
        half = (0.43 if write == "number" else 0.3) * size  # a number needs a larger tile
        sheet.rectangle(Box(x - half, x + half, y - half, y + half), fill=INK, zorder=2)
    ink = PAPER if is_painted or level > 20 / LEVELS else INK
    if write == "arrow" and level:
        half = (0.1 + 0.1 * level) * size
        tip = half if slope > 0 else -half
        corners = [(x, y + tip), (x - half, y - tip), (x + half, y - tip)]
        arrow = Polygon(corners, transform=sheet.transform, facecolor=ink, edgecolor="none", zorder=3)
        sheet.figure.add_artist(arrow)
    elif write == "number" and seen.e.revealed and (text := in_pixel(slope, min(seen.digits, digits))):
        sheet.text(x, y + 4, text, color=ink, size=10, anchor="center")


def in_pixel(slope: float, digits: int) -> str:
    """A number without its leading 0; none where so many digits would not tell it from 0."""
    text = shown(slope, digits).replace("0.", ".", 1)
    return text if slope == 0 or text.strip("−0.") else ""


def _color(slope: float, level: float) -> tuple:
    """The colour of a sign, so strong over white."""
    full = np.array(to_rgb(COLORS["loss" if slope < 0 else "grad"]))
    return tuple(1 - level * (1 - full))


def _draw_outline(sheet: Sheet, target: np.ndarray, box: Box, size: float) -> None:
    """A thick line along the borders of pixels around the target."""
    wide = np.pad(target, 1)
    for row, column in np.argwhere(target):
        x, y = box.x0 + size * column, box.y0 + size * row
        sides = {
            (-1, 0): ((x, x + size), (y, y)),
            (1, 0): ((x, x + size), (y + size, y + size)),
            (0, -1): ((x, x), (y, y + size)),
            (0, 1): ((x + size, x + size), (y, y + size)),
        }
        for (down, across), ends in sides.items():
            if not wide[row + 1 + down, column + 1 + across]:
                sheet.line(*ends, color=PAPER, width=6, zorder=3.9, cap="projecting")
                sheet.line(*ends, color=INK, width=3, zorder=4, cap="projecting")


def _draw_legend(sheet: Sheet, seen: Seen, x: float, y: float) -> None:
    """The four kinds of pixel with their numbers, and the bar of colours."""
    spec, right = seen.e.spec, x + BESIDE
    title = f"{seen.label}, by {seen.found}" if seen.found else seen.label
    sheet.text(x, y + 12, sheet.fit(title, BESIDE - 50, bold=True), color=INK, bold=True)
    sheet.text(right, y + 12, "pixels", anchor="right")
    for kind, (label, push) in enumerate(zip(KINDS, seen.pushes(shown), strict=True)):
        line = y + 24 + 26 * kind
        own = seen.slopes[seen.kinds == kind]
        place = Box(x, x + 20, line, line + 20)
        _draw_pixel(sheet, seen, place, own.mean() if own.size else 0.0, kind % 2 == 0, "arrow")
        if kind < 2:
            sheet.rectangle(place, edge=INK, width=2.5, zorder=4)
        sheet.text(x + 30, line + 14, label)
        push = push if seen.e.revealed or not push else "?"
        sheet.text(right - 38, line + 14, push, color=INK, bold=True, anchor="right", size=13)
        sheet.text(right, line + 14, str(seen.counts[kind]), color=INK, bold=True, anchor="right", size=13)
    if seen.e.revealed:
        _draw_colours(sheet, seen, Box(x, right, y + 138, y + 150))
    else:
        sheet.text(x, y + 150, "Predict the gradient, then reveal", halo=True)
    low, high = spec["levels"]
    levels = f"{spec['variable']} = {high} where painted, {low} elsewhere"
    sheet.text(x, y + 204, sheet.fit(levels, BESIDE))


def _draw_colours(sheet: Sheet, seen: Seen, bar: Box) -> None:
    """The bar of colours, with what a step against the gradient does."""
    middle, _ = bar.middle
    step = (middle - bar.x0) / LEVELS
    for k in range(LEVELS):
        for sign, x in ((-1, middle - (k + 1) * step), (1, middle + k * step)):
            sheet.rectangle(Box(x, x + step, bar.y0, bar.y1), fill=_color(sign, (k + 1) / LEVELS))
    sheet.rectangle(bar, edge=LINE)
    reach, variable = shown(seen.reach, seen.digits), seen.e.spec["variable"]
    line = bar.y1 + 15
    for x, text, anchor in ((bar.x0, f"−{reach}", "left"), (middle, "0", "center"), (bar.x1, reach, "right")):
        sheet.text(x, line, text, anchor=anchor)
    sheet.text(bar.x0, line + 17, f"▲ a step raises {variable}")
    sheet.text(bar.x1, line + 17, f"a step lowers {variable} ▼", anchor="right")
