"""Arrays, edges and refusals that the cases of several losses share."""

import numpy as np

NAN, INF = np.nan, np.inf

ERROR = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
LOGITS = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]])
LABELS = np.array([2, 0])
IGNORED = np.array([-100, -100])
MASKED = np.array([[-INF, 0.0, 1.0], [0.0, -INF, 1.0]])
ANSWERS = np.array([0.0, 1.0, 1.0, 0.25, 0.0, 1.0, 0.5])
ONE_HOT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
REGRESSION_EDGES = {
    "nan in input": {"input": np.array([NAN, 1.0]), "target": np.zeros(2)},
    "nan in target": {"input": np.zeros(2), "target": np.array([NAN, 1.0])},
    "inf minus inf": {"input": np.array([INF, -INF]), "target": np.array([INF, INF])},
    "overflow": {"input": np.float32([3e38]), "target": np.float32([-3e38])},
    "0-d": {"input": np.array(1.0), "target": np.array(3.0)},
    "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
    "boolean-like integers": {"input": np.float32([0.25, 0.5]), "target": np.array([0, 1])},
}
WEIGHT_EDGES = {
    "weights that sum to 0": {"weight": np.zeros(7)},
    "negative weight": {"weight": np.array([-1.0, 2, 1, 1, 1, 1, 1])},
    "no elements, weighted": {"input": np.zeros(0), "target": np.zeros(0), "weight": np.zeros(0)},
}
TOO_LARGE = np.array([0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 0.5])
TOO_SMALL = np.array([0.0, 1.0, -1.0, -2.0, 2.0, 0.5, 0.5])
REFUSED_BY_ALL = {
    "input must be floating point, got int32": {"input": np.arange(7, dtype=np.int32)},
    "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
}
REFUSED_SHAPES = {
    "input and target must have the same shape, got (7, 1) and (7,)": {"input": np.zeros((7, 1))},
    "input and target must have the same shape, got (7,) and ()": {"target": np.array(0.0)},
}
BOOLEAN = {"target": np.arange(7) > 3}
REFUSED_WEIGHTS = {"weight must have the shape of input (7,), got (1,)": {"weight": np.ones(1)}}
LONG_FLOAT16 = {"input": np.full(1000, 200, np.float16), "target": np.zeros(1000, np.float16)}


def without_samples(target):
    """The sum of a margin loss is 0 then, and the mean nan; torch returns memory that it never wrote."""
    nothing = np.zeros((0, 3), np.float32)
    call = {"input": nothing, "target": target}
    return {
        f"no samples, {reduction}": (call | {"reduction": reduction}, np.float32(value), nothing)
        for reduction, value in (("sum", 0), ("mean", NAN))
    }


def is_written(call):
    """Whether torch writes the result of a margin loss: it does not where there are no samples to reduce."""
    return call["input"].size or call["reduction"] == "none"
