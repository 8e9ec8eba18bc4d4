"""The sheet that a still is drawn on: a figure in pixels from its top left corner, as the page's drawing is.

So a still takes its places from the drawing; what has a scale stands in axes, in units of the data. The axes
have the order 0: the grid lies below them at −2, and what has a higher order lies above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from lossviz import figures
from lossviz.stills.numbers import tick_text

# The light theme's colours of explorer/tokens.css, as those in figures.
PAPER, INK, SOFT, LINE, GRID = "#ffffff", "#1f2430", "#565f6e", "#d8dde6", "#edf0f5"
WIDTH, HEIGHT, HEAD = 740, 430, 30  # pixels; the head holds the title
DPI = 100
POINT = 72 / DPI  # of a pixel
MARGIN = 4  # pixels above and below a box that are drawn too: no line is halved at an end of its axis


@dataclass(frozen=True)
class Box:
    """A part of the sheet, in pixels."""

    x0: float
    x1: float
    y0: float
    y1: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def x(self, values, span: Sequence[float]):
        """Where values of a horizontal axis over `span` stand."""
        return self.x0 + (np.asarray(values, dtype=float) - span[0]) / (span[1] - span[0]) * (
            self.x1 - self.x0
        )

    def y(self, values, span: Sequence[float]):
        """Where values of a vertical axis over `span` stand."""
        return self.y1 - (np.asarray(values, dtype=float) - span[0]) / (span[1] - span[0]) * (
            self.y1 - self.y0
        )


class Sheet:
    """A figure to draw on; `transform` leads from its pixels to the figure's."""

    def __init__(self, title: str):
        self.figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
        down = Affine2D().scale(1 / WIDTH, -1 / HEIGHT).translate(0, 1)
        self.transform = down + self.figure.transFigure
        self.text(14, 20, self.fit(title, WIDTH - 28, 15, bold=True), color=INK, size=15, bold=True)

    def axes(self, box: Box, xlim, ylim, *, xticks=(), yticks=(), xtext=True, grid=True) -> Axes:
        """Axes in a box, with the grid lines of the page's drawing; what is plotted is cut off there."""
        place = (box.x0 / WIDTH, 1 - box.y1 / HEIGHT, (box.x1 - box.x0) / WIDTH, (box.y1 - box.y0) / HEIGHT)
        ax = self.figure.add_axes(place, xlim=xlim, ylim=ylim, facecolor="none")
        ax.spines[:].set_visible(False)
        margin = MARGIN / (box.y1 - box.y0)
        ax.patch.set_bounds(0, -margin, 1, 1 + 2 * margin)  # what matplotlib clips by
        ax.set_xticks(xticks, [tick_text(x) for x in xticks])
        ax.set_yticks(yticks, [tick_text(y) for y in yticks])
        ax.tick_params(length=0, labelsize=12 * POINT, labelcolor=SOFT, labelbottom=xtext, pad=5)
        for y in yticks if grid else ():
            look = {"color": GRID, "width": 1} if y else {"color": LINE, "width": 1.5}
            self.line([box.x0, box.x1], [box.y(y, ylim)] * 2, zorder=-2, **look)
        for x in xticks if grid else ():
            self.line([box.x(x, xlim)] * 2, [box.y0, box.y1], color=GRID, width=1, zorder=-2)
        return ax

    def text(
        self,
        x,
        y,
        text: str,
        *,
        color=SOFT,
        size=12,
        bold=False,
        anchor="left",
        halo=False,
        turned=False,
        zorder=6,
        on: Axes | None = None,
    ) -> None:
        """A text that stands on (x, y), plain whatever dollars it holds; `on` axes it is cut off."""
        drawn = (on or self.figure).text(
            *(x, y, text),
            transform=self.transform,
            color=color,
            fontsize=size * POINT,
            fontweight="bold" if bold else "normal",
            ha=anchor,
            va="baseline",
            rotation=90 if turned else 0,
            rotation_mode="anchor",
            parse_math=False,
            zorder=zorder,
            clip_on=on is not None,
        )
        if halo:
            drawn.set_path_effects([withStroke(linewidth=4 * POINT, foreground=PAPER)])

    def fit(self, text: str, room: float, size: float = 12, *, bold: bool = False) -> str:
        """The text, shortened until it is at most `room` wide."""
        shorter = text
        while len(shorter) > 1 and width_of(text, size, bold=bold) > room:
            shorter = shorter[:-1]
            text = shorter.rstrip() + "…"
        return text

    def line(
        self,
        xs,
        ys,
        *,
        color,
        width,
        zorder=4,
        dashes=None,
        alpha=1.0,
        cap="butt",
        shadow=False,
        inside: Box | None = None,
    ) -> None:
        """A line through places of the sheet; `shadow` makes it readable on every colour.

        What leaves the box that it is drawn `inside` is cut off.
        """
        line = Line2D(xs, ys, color=color, linewidth=width * POINT, transform=self.transform, zorder=zorder)
        line.set(solid_capstyle=cap, linestyle=dashed(dashes, width), alpha=alpha)
        if inside:
            place = Bbox([[inside.x0, inside.y0 - MARGIN], [inside.x1, inside.y1 + MARGIN]])
            line.set_clip_box(TransformedBbox(place, self.transform))
        if shadow:
            line.set_path_effects([withStroke(linewidth=(width + 2) * POINT, foreground=INK)])
        self.figure.add_artist(line)

    def dot(self, x, y, radius: float, color: str, zorder=5) -> None:
        """A dot with a rim, as those of the probe."""
        dot = Line2D([x], [y], marker="o", color=color, transform=self.transform, zorder=zorder)
        dot.set(markersize=2 * radius * POINT, markeredgecolor=PAPER, markeredgewidth=2 * POINT)
        self.figure.add_artist(dot)

    def rectangle(self, box: Box, *, fill="none", edge="none", width=1.0, dashes=None, zorder=3) -> None:
        place = Rectangle((box.x0, box.y0), box.x1 - box.x0, box.y1 - box.y0, transform=self.transform)
        place.set(facecolor=fill, edgecolor=edge, linewidth=width * POINT, linestyle=dashed(dashes, width))
        place.set_zorder(zorder)
        self.figure.add_artist(place)

    def cover(self, box: Box) -> None:
        """What stands in the place of a drawing that is to be predicted."""
        self.rectangle(box, fill=GRID, edge=LINE, dashes=(4, 4))
        x, y = box.middle
        self.text(x, y + 4, "Predict, then reveal", anchor="center")

    def readouts(self, facts: list[tuple[str, str | None, str]]) -> float:
        """The single numbers below the title: (name, number, colour of the name) each; returns their height.

        One without a number is not drawn, but keeps its place.
        """
        if not facts:
            return 0
        wanted = max(9 * (len(name) + 9) for name, _, _ in facts)
        columns = min(max(1, WIDTH // wanted), len(facts))
        for i, (name, value, color) in enumerate(facts):
            if value is None:
                continue
            x, y = 14 + (i % columns) * WIDTH / columns, HEAD + 20 + 22 * (i // columns)
            self.text(x, y, name, color=color, size=15, bold=True)
            self.text(x + width_of(name, 15, bold=True) + 7, y, value, color=INK, size=15, bold=True)
        return 4 + 22 * -(-len(facts) // columns)


def dashed(dashes: Sequence[float] | None, width: float):
    """A style of line from dashes in pixels; matplotlib counts them in widths of the line."""
    return "-" if dashes is None else (0, tuple(dash / width for dash in dashes))


@cache
def _font(bold: bool):
    return get_font(findfont(FontProperties(weight="bold" if bold else "normal")))


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is drawn, in pixels."""
    font = _font(bold)
    font.set_size(size, 72)
    font.set_text(text)
    return font.get_width_height()[0] / 64


def draw_curve(ax: Axes, xs, values, style: str, *, width: float | None = None, **more) -> None:
    """A curve in the colour, dashes and (without `width`, in pixels) strength of its style."""
    dashes = figures.DASHES[style][1] if style in figures.DASHES else None
    width = width or (1.75 if dashes else 3)
    look = {"color": figures.COLORS[style], "linewidth": width * POINT, "linestyle": dashed(dashes, width)}
    ax.plot(xs, values, solid_capstyle="butt", **look, **more)
