"""Numbers and arrays that hypothesis draws: round ones, which meet the kinks exactly, and arbitrary ones."""

from functools import cache
from math import isfinite

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.inputs import INF, NAN

FLOAT_DTYPES = st.sampled_from([np.float32, np.float64])
REDUCTIONS = st.sampled_from(["none", "mean", "sum"])
ROUND = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
EXTREME = st.sampled_from([NAN, INF, -INF, 1e4, -1e4])
# A factor below 0 makes sums cancel, which no tolerance allows for.
FACTORS = dict.fromkeys([np.float32, np.float64], st.just(0.0) | st.floats(0.125, 8, width=32))
FACTORS[np.int64] = st.integers(0, 3)
ANY_SHAPE = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
NOTHING = st.nothing()


def between(low, high):
    return st.floats(low, high, width=32, allow_subnormal=False)


def arrays(dtype, shape, elements):
    return hnp.arrays(dtype, shape, elements=elements, fill=NOTHING)


@cache
def option_numbers(domain):
    """Numbers of an option's domain: its ends, infinity where it has none, and what lies between."""
    if domain.values:
        return st.sampled_from(domain.values)
    if domain.whole:
        return st.integers(max(domain.low, -100), min(domain.high, 255))
    ends = [end for end in (domain.low, domain.high) if isfinite(end)] if not domain.open else []
    special = [x for x in (-1.0, 0.5, 1.0, 2, INF, -INF) if domain.low <= x <= domain.high]
    # Not too near to 0, where a quotient by it overflows.
    return st.sampled_from([*ends, *special]) | between(max(domain.low, 2**-10), min(domain.high, 2**10))


@cache
def numbers(domain, dtype, size, beyond):
    """Strategies for the elements of an argument: without and with what is extreme for them.

    `size` is the number of classes for a domain of class indices; `beyond` leaves the domain.
    """
    if domain.below:
        return [st.integers(domain.low, size - 1)]
    meant = st.sampled_from(domain.values) if domain.values else NOTHING
    if domain.values and not beyond:
        return [meant]
    low, high = (-INF, INF) if beyond else (domain.low, domain.high)
    if dtype is np.int64:
        return [meant | st.integers(max(low, -3), min(high, 3))]
    usual = meant | ROUND.filter(lambda x: low <= x <= high) | between(max(low, -30), min(high, 30))
    if (low, high) == (0, 1):
        return [usual | st.sampled_from([1e-13, 1e-30]).map(dtype)]
    return [usual, usual | EXTREME.filter(lambda x: not (x < low or x > high))]  # nan stays
