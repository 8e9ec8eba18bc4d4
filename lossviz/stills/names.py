"""Where the names of curves stand beside them, as panels/curves.js places them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.stills.sheet import Box


def spread(positions: Sequence[float], gap: float, lo: float, hi: float) -> list[float]:
    """Moves positions apart until neighbours are `gap` away, keeping their order and the bounds."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = list(positions)
    edge = lo
    for i in order:
        placed[i] = max(placed[i], edge)
        edge = placed[i] + gap
    edge = hi
    for i in reversed(order):
        placed[i] = min(placed[i], edge)
        edge = placed[i] - gap
    return placed


def name_places(curves: list, xs: Sequence[float], span: Sequence[float], box: Box) -> dict:
    """By name, its place (x, y, anchor): right of the box, or beside the last point of a curve that leaves.

    `curves` has (name, its width in pixels, values of shape (n,)) each; `xs`, shape (n,), are the places of
    the values across the sheet. A curve that is nowhere on its axis, `span[0]` to `span[1]`, has no place.
    """
    right, inside = {}, []
    for name, width, values in curves:
        heights = np.asarray(values, dtype=float)
        (on_axis,) = np.nonzero((heights >= span[0]) & (heights <= span[1]))
        if not on_axis.size:
            continue
        last = on_axis[-1]
        y = float(box.y(heights[last], span)) + 4
        if last == len(heights) - 1:
            right[name] = y
        else:
            inside.append((max(float(xs[last]) - 16, box.x0 + width), y, name, width))
    lines = spread(list(right.values()), 15, box.y0 + 10, box.y1)
    places = {name: (box.x1 + 8, line, "left") for name, line in zip(right, lines, strict=True)}
    shelf, before = 0, -np.inf
    for x, y, name, width in sorted(inside, key=lambda one: one[0]):
        shelf, before = (shelf + 1 if x - width < before + 8 else 0), x
        places[name] = x, min(max(y, box.y0 + 12), box.y1 - 60) + 15 * shelf, "right"
    return places
