"""Still pictures in matplotlib, in the explorer's colours. Every function draws into `ax` and returns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from reprlib import repr as short

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, to_hex
from matplotlib.patches import Circle

from lossviz.arrays import numbers
from lossviz.controls import as_list, check_range, check_whole

# The light theme's colours of explorer/tokens.css, by the same names.
COLORS = {
    "loss": "#0072b2",
    "grad": "#c04d00",
    "other1": "#7d6033",
    "other2": "#8f4a7a",
    "other3": "#00735c",
    "other4": "#5a5fae",
}
DASHES = {"other1": (0, (6, 4)), "other2": (0, (2, 3)), "other3": (0, (10, 3, 2, 3)), "other4": (0, (12, 4))}
COLORMAP = "cividis"
PLAIN = {"parse_math": False, "usetex": False}  # names from readers are text, whatever dollars they hold


def band_colors(bands: int) -> list[str]:
    """`bands` colours from low (dark) to high (light), as "#rrggbb"."""
    return [to_hex(color) for color in mpl.colormaps[COLORMAP](np.linspace(0, 1, bands))]


def _new(ax: Axes | None) -> Axes:
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 3.6), layout="constrained")[1]
    ax.grid(True, color="#e4e8ee", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _list(what: str, given) -> list:
    if isinstance(given, str) or (listed := as_list(given)) is None:
        raise ValueError(f"{what} must be a list, got {given!r}")
    return listed


def _mapping(what: str, given) -> dict:
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"{what} must be a dictionary of names, got {short(given)}")
    return {str(name): value for name, value in (given or {}).items()}


def color_of(style: str) -> str:
    """The colour of a style; ValueError for one that there is not."""
    if not isinstance(style, str) or style not in COLORS:
        raise ValueError(f"a style must be one of {list(COLORS)}, got {style!r}")
    return COLORS[style]


def draw_curves(
    x,
    curves: Mapping,
    *,
    probe: float | None = None,
    first: str = "loss",
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Curves over x, each in a colour and a line style of its own; the first is drawn strongest.

    x       places, shape (n,)
    curves  {"name": values of shape (n,)}, at most five
    probe   marks the point of the first curve that is nearest to this x
    first   the style of the first curve: "loss", "grad" or "other1" … "other4"
    legend  whether names stand in a legend, where there are several curves
    ax      the axes to draw into (default: those of a new figure)

    Returns the axes. Raises ValueError for more than five curves and for lengths that differ.
    """
    styles, curves = [first, *DASHES], _mapping("curves", curves)
    if len(curves) > len(styles):
        raise ValueError(f"at most {len(styles)} curves can be told apart, got {len(curves)}")
    x, color_of_first = numbers("x", x), color_of(first)
    if x.ndim != 1 or not len(x):
        raise ValueError(f"x must be a list of numbers, got shape {x.shape}")
    curves = {name: numbers(f"the curve {name!r}", values, x.shape) for name, values in curves.items()}
    ax = _new(ax)
    for style, (name, values) in zip(styles, curves.items(), strict=False):
        ax.plot(
            x,
            values,
            color=color_of(style),
            linestyle=DASHES.get(style, "-"),
            linewidth=2.6 if style == first else 1.6,
            label=name,
        )
    if probe is not None and curves:
        values = next(iter(curves.values()))
        at = int(np.argmin(np.abs(x - numbers("probe", probe, ()))))
        ax.axvline(x[at], color="#1f2430", alpha=0.35, linewidth=1)
        ax.plot(x[at], values[at], "o", color=color_of_first, markersize=8, markeredgecolor="white")
    if legend and len(curves) > 1:
        for text in ax.legend(frameon=False).get_texts():
            text.set(**PLAIN)
    return ax


def draw_bars(
    values,
    labels: Sequence[str],
    *,
    outline=None,
    style: str = "loss",
    digits: int = 2,
    write: Callable[[float], str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One bar a label, its value written at its end.

    values   numbers, shape (k,); one that is not finite has no bar
    labels   k names
    outline  a second set of numbers, shape (k,), as dashed frames
    style    "loss", "grad" or "other1" … "other4"
    digits   digits after the point of each value, 0 to 12
    write    makes the text of a value instead
    ax       the axes to draw into (default: those of a new figure)

    Returns the axes. Raises ValueError for another shape than that of `labels` and for an unknown style.
    """
    check_whole("digits", digits, 0, 12)
    labels = [str(label) for label in (labels if isinstance(labels, str) else _list("labels", labels))]
    places = np.arange(len(labels))
    values = numbers("values", values, places.shape)
    outline = None if outline is None else numbers("outline", outline, places.shape)
    color = color_of(style)
    write = write or (lambda value: f"{value:.{digits}f}")
    ax = _new(ax)
    bars = ax.bar(places, np.where(np.isfinite(values), values, 0), width=0.62, color=color)
    ax.bar_label(bars, labels=[write(value) for value in values], padding=2, fontsize=9)
    if outline is not None:
        ax.bar(places, outline, width=0.72, fill=False, edgecolor="#1f2430", linestyle="--")
    ax.axhline(0, color="#9aa4b2", linewidth=1)
    ax.set_xticks(places, labels, **PLAIN)
    return ax


def draw_heatmap(
    x,
    y,
    values,
    *,
    span=None,
    bands: int = 16,
    cells: bool = False,
    write: Callable[[float], str] = "{:.2f}".format,
    probe=None,
    ax: Axes | None = None,
) -> Axes:
    """A matrix in bands of colour, with a colour bar: `values[i, j]` stands at `(x[j], y[i])`.

    x, y    places along the two axes, shapes (n,) and (m,)
    values  numbers, shape (m, n); what is not finite stays white
    span    (lo, hi) of the colours (default: the finite values)
    bands   the number of colours, 2 to 256
    cells   draws squares and writes each number
    write   makes the text of a cell
    probe   an (x, y) to mark
    ax      the axes to draw into (default: those of a new figure)

    Returns the axes. Raises ValueError for another shape, for less than 2 x 2 values without `cells`, and
    where no value is finite and no span given.
    """
    check_whole("bands", bands, 2, 256)
    x, y = (numbers(what, places) for what, places in (("x", x), ("y", y)))
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"x and y must be lists of numbers, got shapes {x.shape} and {y.shape}")
    values = np.ma.masked_invalid(numbers("values", values, (len(y), len(x))))
    if span is None and not values.count():
        raise ValueError("values must hold a finite number, or span must be given")
    if min(values.shape) < (1 if cells else 2):
        raise ValueError(f"a map needs at least 2 x 2 values, and cells one, got {values.shape}")
    if span is not None:
        lo, hi = numbers("span", span, (2,))
        if lo != hi:
            check_range("span", lo, hi)
    else:
        lo, hi = values.min(), values.max()
    if lo == hi:  # a constant: any range around it
        lo, hi = lo - 0.5 * (abs(lo) or 1), hi + 0.5 * (abs(hi) or 1)
    ax = _new(ax)
    ax.grid(False)
    levels = np.linspace(lo, hi, bands + 1)
    if cells:
        drawn = ax.imshow(values, cmap=COLORMAP, norm=BoundaryNorm(levels, 256, extend="both"))
        for (i, j), value in np.ndenumerate(values.filled(np.nan)):
            color = "white" if value < lo + 0.47 * (hi - lo) else "black"
            ax.text(j, i, write(value), ha="center", va="center", color=color, fontsize=8)
    else:
        drawn = ax.contourf(x, y, values, levels=levels, cmap=COLORMAP, extend="both")
        ax.set_aspect("equal")
    if probe is not None:
        ax.plot(
            *numbers("probe", probe, (2,)),
            "o",
            color=COLORS["loss"],
            markersize=9,
            markeredgecolor="white",
            markeredgewidth=2,
        )
    ax.figure.colorbar(drawn, ax=ax, format="%.2g")
    return ax


def draw_plane(
    points, labels: Sequence[str], *, arrows=None, circles=None, styles=None, ax: Axes | None = None
) -> Axes:
    """Points in the plane with their names, drawn with equal units.

    points   places, shape (k, 2)
    labels   k names
    arrows   steps, shape (k, 2), that start at the points
    circles  {"Δ": radius}: dashed circles around the first point
    styles   one a point: "loss", "grad" or "other1" … "other4" (default: "loss" for all)
    ax       the axes to draw into (default: those of a new figure)

    Returns the axes. Raises ValueError for shapes that do not fit the labels and for an unknown style.
    """
    labels = labels if isinstance(labels, str) else _list("labels", labels)
    points = numbers("points", points, (len(labels), 2))
    arrows = None if arrows is None else numbers("arrows", arrows, points.shape)
    styles = ["loss"] * len(points) if styles is None else _list("styles", styles)
    colors = [color_of(style) for style in styles]
    if len(colors) != len(points) or not len(points):
        raise ValueError(f"a plane needs one style a point, and a point, got {len(colors)} for {len(points)}")
    radii = {
        name: float(numbers(f"the radius {name!r}", radius, ()))
        for name, radius in _mapping("circles", circles).items()
    }
    ax = _new(ax)
    for name, radius in radii.items():
        ax.add_patch(Circle(points[0], radius, fill=False, linestyle="--", edgecolor="#565f6e"))
        # Below the circle on the right, at 45 degrees.
        edge = points[0] + radius * np.sqrt(0.5) * np.array([1, -1])
        ax.annotate(name, edge, (4, -12), textcoords="offset points", color="#565f6e", **PLAIN)
    if arrows is not None:
        ax.quiver(
            *points.T,
            *arrows.T,
            color=colors,
            angles="xy",
            scale_units="xy",
            scale=1,
            width=0.006,
        )
    ax.scatter(*points.T, color=colors, s=60, zorder=3)
    for (x, y), label, color in zip(points, labels, colors, strict=True):
        name = {"textcoords": "offset points", "color": color, "fontweight": "bold", **PLAIN}
        ax.annotate(str(label), (x, y), (7, 7), **name)
    ax.set_aspect("equal")
    return ax
