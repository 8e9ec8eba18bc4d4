"""Arrows of a still, as explorer/geometry.js makes them."""

import numpy as np


def arrow(x: float, y: float, dx: float, dy: float, length: float) -> list[tuple[list, list]]:
    """The shaft and the head of an arrow from (x, y), each as (xs, ys); none without a direction."""
    size = np.hypot(dx, dy)
    if not 0 < size < np.inf:
        return []
    ux, uy = dx / size, dy / size
    tip = x + ux * length, y + uy * length
    wings = [(tip[0] - 9 * ux + side * 5 * uy, tip[1] - 9 * uy - side * 5 * ux) for side in (-1, 1)]
    return [
        ([x, tip[0]], [y, tip[1]]),
        ([wings[0][0], tip[0], wings[1][0]], [wings[0][1], tip[1], wings[1][1]]),
    ]
