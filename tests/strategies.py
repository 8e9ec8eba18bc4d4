"""What hypothesis draws for a call: round values, which meet the kinks exactly, and arbitrary ones."""

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.inputs import INF, NAN

FLOAT_DTYPES = st.sampled_from([np.float32, np.float64])
REDUCTIONS = st.sampled_from(["none", "mean", "sum"])
ROUND = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
EXTREME = st.sampled_from([NAN, INF, -INF, 1e4, -1e4])


def between(low, high):
    return st.floats(low, high, width=32, allow_subnormal=False)


def arrays(dtype, shape, elements):
    return hnp.arrays(dtype, shape, elements=elements, fill=st.nothing())


@st.composite
def regression(draw, options):
    """A call of a loss that takes two arrays of one shape, from 0-d to 4-d, empty ones included."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    usual = ROUND | between(-1e3, 1e3)
    elements = draw(st.sampled_from([usual, usual | EXTREME]))
    integers = arrays(np.int64, shape, st.integers(-3, 3))
    call = {
        "input": draw(arrays(draw(FLOAT_DTYPES), shape, elements)),
        "target": draw(arrays(draw(FLOAT_DTYPES), shape, elements) | integers),
        "reduction": draw(REDUCTIONS),
    }
    return call | draw(options(shape))


def weight_options(shape):
    weight = FLOAT_DTYPES.flatmap(lambda dtype: arrays(dtype, shape, st.just(0.0) | between(0.125, 8)))
    integers = arrays(np.int64, shape, st.integers(0, 3))
    return st.fixed_dictionaries({}, optional={"weight": st.none() | weight | integers})
