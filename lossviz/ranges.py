"""The ranges of axes: as the reader gave them, or where the values are."""

from __future__ import annotations

import numpy as np

from lossviz.controls import check_range, check_step, nice_step, positions
from lossviz.lookup import is_exact

SPAN = (-3.0, 3.0)  # of an axis of which nothing is said


def span(values: np.ndarray, given, what: str, *, from_zero: bool, noise: float = 0.0) -> list[float]:
    """The range of an axis: as given, or what is finite without the few far values that would flatten it.

    Differences up to `noise`, or a millionth of the values, count as rounding.
    """
    if given is not None:
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise ValueError(f"{what} must be (lo, hi), got {given!r}")
        check_range(what, *given)
        return [float(v) for v in given]
    finite = values[is_exact(values)].astype(float)
    if not finite.size:
        return [0.0, 1.0]
    lo, hi = finite.min(), finite.max()
    near_lo, near_hi = np.quantile(finite, [0.05, 0.95])
    reach = 2 * (near_hi - near_lo)
    # Where most values are equal but for rounding, the few others are the interesting ones.
    if reach > max(noise, 1e-6 * max(abs(near_lo), abs(near_hi))):
        hi, lo = min(hi, near_hi + reach), max(lo, near_lo - reach)
    if from_zero and 0 <= lo < 0.4 * hi:
        lo = 0.0
    # A constant stands in the middle of a range that its own size tells.
    size = max(abs(lo), abs(hi))
    if hi - lo <= max(noise, 1e-6 * size):
        room = 0.5 * size if size > noise else 1.0
        lo, hi = lo - room, hi + room
    pad = 0.06 * (hi - lo)
    return [lo if from_zero and lo == 0 else lo - pad, hi + pad]


def positions_of(given, what: str, at_most: int) -> list[float]:
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(f"{what} must be (lo, hi) or (lo, hi, step), got {given!r}")
    check_range(what, given[0], given[1])
    step = given[2] if len(given) == 3 else nice_step(given[0], given[1], at_most)
    check_step(f"the step of {what}", step, given[0], given[1])
    return positions(given[0], given[1], step)


def largest(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), where=is_exact(values), initial=0.0))
