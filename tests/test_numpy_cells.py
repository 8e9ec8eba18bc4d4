"""The NumPy functions of the chapters agree with torch: value, gradient, dtype, shape, edges, refusals."""

import ast
import inspect
import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy_cells import lift, sources

from lossviz.catalog import CATALOG

# torch is silent about NaN, inf and empty inputs, and so must the NumPy functions be.
pytestmark = pytest.mark.filterwarnings("error")

EACH_LOSS = pytest.mark.parametrize("name", CATALOG)
DEPRECATED = {"size_average", "reduce"}
NAN, INF = np.nan, np.inf


# A call is a dict of arguments, arrays as NumPy arrays.


def torch_answer(name, call):
    """Value and gradient from torch; for reduction "none", the gradient of the sum."""
    tensors = {key: torch.tensor(value) for key, value in call.items() if isinstance(value, np.ndarray)}
    tensors["input"].requires_grad_()
    value = getattr(F, name)(**call | tensors)
    value.sum().backward()
    return value.detach().numpy(), tensors["input"].grad.numpy()


def assert_agrees(name, call):
    before = {key: np.copy(value) for key, value in call.items()}
    answers = [function(**call) for function in lift(name).values()]
    floats = [value.dtype for value in call.values() if getattr(value, "dtype", np.dtype(int)).kind == "f"]
    tolerance = 100 * max(np.finfo(dtype).eps for dtype in floats)
    for mine, theirs in zip(answers, torch_answer(name, call), strict=True):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)
    for key, value in call.items():
        np.testing.assert_array_equal(value, before[key], err_msg=f"{key} was changed")


# What hypothesis draws: round values, which meet the kinks exactly, and arbitrary ones.

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


def smooth_l1_options(shape):
    beta = st.sampled_from([0, 0.5, 1.0, 2.0, INF]) | between(2**-10, 2**10)
    return st.fixed_dictionaries({}, optional={"beta": beta})


@st.composite
def cross_entropy_calls(draw):
    """A call for (C,), (N, C), (N, C, d1) or (N, C, d1, d2), with labels or probabilities."""
    classes = draw(st.integers(1, 4))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    shape = (*batch[:1], classes, *batch[1:])
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-30, 30)
    call = {
        "input": draw(arrays(dtype, shape, draw(st.sampled_from([usual, usual | EXTREME])))),
        "reduction": draw(REDUCTIONS),
        # Not 1: torch then multiplies -log p of the label by 0, which is nan where the loss is inf.
        "label_smoothing": draw(st.sampled_from([0, 0.0, 0.1, 0.5]) | between(0.015625, 0.96875)),
    }
    weights = st.just(0.0) | between(0.125, 8)
    if draw(st.booleans()):
        ignore_index = draw(st.sampled_from([-100, -1, 0, 255]))
        labels = st.integers(0, classes - 1) | st.just(ignore_index)
        call["target"] = draw(arrays(np.int64, batch, labels))
        call["ignore_index"] = ignore_index
        # torch wants the dtype of input here.
        call["weight"] = draw(st.none() | arrays(dtype, classes, weights))
    else:
        call["target"] = draw(arrays(draw(FLOAT_DTYPES), shape, st.sampled_from([0.0, 1.0]) | between(0, 1)))
        integers = arrays(np.int64, classes, st.integers(0, 3))
        call["weight"] = draw(st.none() | arrays(draw(FLOAT_DTYPES), classes, weights) | integers)
    return call


CALLS = {
    "mse_loss": regression(weight_options),
    "l1_loss": regression(weight_options),
    "smooth_l1_loss": regression(smooth_l1_options),
    "cross_entropy": cross_entropy_calls(),
}


# What holds for each loss


def test_each_loss_of_the_catalogue_has_a_strategy():
    assert set(CALLS) == set(CATALOG)


@EACH_LOSS
def test_cells_import_numpy_alone(name):
    imports = [
        alias.name
        for source in sources(name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert imports == ["numpy"]


@EACH_LOSS
@pytest.mark.parametrize("suffix", ["", "_grad"])
def test_arguments_order_and_defaults_are_those_of_torch(name, suffix):
    ours = inspect.signature(lift(name)[name + suffix]).parameters.values()
    theirs = inspect.signature(getattr(F, name)).parameters.values()
    assert [(parameter.name, parameter.default) for parameter in ours] == [
        (parameter.name, parameter.default) for parameter in theirs if parameter.name not in DEPRECATED
    ]


@EACH_LOSS
@given(data=st.data())
@settings(derandomize=True, deadline=None, max_examples=300)
def test_value_and_gradient_agree_with_torch(name, data):
    assert_agrees(name, data.draw(CALLS[name], label="call"))


@EACH_LOSS
@pytest.mark.parametrize("suffix", ["", "_grad"])
def test_an_option_outside_its_range_is_refused(name, suffix):
    for option in CATALOG[name].options:
        for end, step in ((option.low, -0.5), (option.high, 0.5)):
            if end is None or np.isinf(end):
                continue
            with pytest.raises(
                ValueError, match=rf"^{option.name} must be .*, got {re.escape(str(end + step))}$"
            ):
                lift(name)[name + suffix](**USUAL[name] | {option.name: end + step})


# Edges that hypothesis might miss, and what torch makes of them

ERROR = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
LOGITS = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]])
LABELS = np.array([2, 0])
IGNORED = np.array([-100, -100])
MASKED = np.array([[-INF, 0.0, 1.0], [0.0, -INF, 1.0]])
ONE_HOT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
USUAL = {
    "mse_loss": {"input": ERROR, "target": np.zeros(7)},
    "l1_loss": {"input": ERROR, "target": np.zeros(7)},
    "smooth_l1_loss": {"input": ERROR, "target": np.zeros(7)},
    "cross_entropy": {"input": LOGITS, "target": LABELS},
}
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
EDGES = {
    "mse_loss": REGRESSION_EDGES
    | WEIGHT_EDGES
    | {"a square that overflows": {"input": np.float32([1e20]), "target": np.float32([0])}},
    "l1_loss": REGRESSION_EDGES | WEIGHT_EDGES | {"kink": {}},
    "smooth_l1_loss": REGRESSION_EDGES
    | {f"errors around beta={beta}": {"beta": beta} for beta in (0, 0.5, 1.0, 2.0, 1e30, INF)}
    | {"nan with beta=0": {"input": np.array([NAN]), "target": np.zeros(1), "beta": 0.0}},
    "cross_entropy": {
        "every label ignored": {"target": IGNORED},
        "every label ignored, smoothed": {"target": IGNORED, "label_smoothing": 0.1},
        "every label ignored, weighted": {"target": IGNORED, "weight": np.ones(3)},
        "ignored sample with nan logits": {
            "input": np.array([[NAN, 0], [1, 2]]),
            "target": np.array([-100, 0]),
        },
        "an ignored class": {"ignore_index": 0, "label_smoothing": 0.1, "weight": np.array([1.0, 2.0, 3.0])},
        "used weights are 0": {"weight": np.array([0.0, 1.0, 0.0])},
        "used weights are 0, smoothed": {"weight": np.array([0.0, 1.0, 0.0]), "label_smoothing": 0.1},
        "negative weight": {"weight": np.array([-1.0, 1.0, 3.0])},
        "no samples": {"input": np.zeros((0, 3)), "target": np.zeros(0, int)},
        "no pixels": {"input": np.zeros((2, 3, 0)), "target": np.zeros((2, 0), int)},
        "no samples, probabilities": {"input": np.zeros((0, 3)), "target": np.zeros((0, 3))},
        "large logits": {"input": np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]])},
        "largest floats": {"input": np.float32([[3e38, -3e38, 0.0], [3e38, 3e38, 3e38]])},
        "masked logits": {"input": MASKED},
        "masked logits, smoothed": {"input": MASKED, "label_smoothing": 0.1},
        "masked logits, probabilities": {"input": MASKED, "target": ONE_HOT},
        "masked target": {"input": MASKED, "target": np.array([0, 1])},
        "masked target of weight 0": {
            "input": MASKED,
            "target": np.array([0, 0]),
            "weight": np.array([0.0, 1, 1]),
        },
        "a row of -inf": {"input": np.full((2, 3), -INF)},
        "inf": {"input": np.array([[INF, 0.0, 0.0], [INF, INF, 0.0]])},
        "nan": {"input": np.array([[NAN, 0.0, 0.0], [0.0, 1.0, 2.0]])},
        "one class": {"input": np.ones((2, 1)), "target": np.array([0, 0])},
        "all mass smoothed": {"label_smoothing": 1.0, "weight": np.array([1.0, 2.0, 3.0])},
        "probabilities, smoothed and weighted": {
            "target": ONE_HOT,
            "label_smoothing": 0.3,
            "weight": np.array([1.0, 2.0, 3.0]),
        },
        "probabilities, a negative ignore_index": {"target": ONE_HOT, "ignore_index": -1},
        "probabilities that do not sum to 1": {"target": 2 * ONE_HOT},
        "bytes as labels": {"target": np.array([2, 0], np.uint8)},
        "one sample": {"input": LOGITS[0], "target": np.array(1)},
        "one ignored sample": {"input": LOGITS[0], "target": np.array(-100)},
    },
}


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(("name", "edge"), [(name, edge) for name in EDGES for edge in EDGES[name]])
def test_edge_agrees_with_torch(name, edge, reduction):
    assert_agrees(name, USUAL[name] | EDGES[name][edge] | {"reduction": reduction})


@EACH_LOSS
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_float16_stays_float16(name, reduction):
    call = USUAL[name] | {"input": USUAL[name]["input"].astype(np.float16), "reduction": reduction}
    if CATALOG[name].family == "regression":
        call["target"] = call["target"].astype(np.float16)
    assert_agrees(name, call)


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss"])
def test_float16_mean_does_not_overflow_with_its_sum(name):
    assert_agrees(name, {"input": np.full(1000, 300, np.float16), "target": np.zeros(1000, np.float16)})


@pytest.mark.parametrize(
    ("name", "option"), [("smooth_l1_loss", "beta"), ("cross_entropy", "label_smoothing")]
)
def test_an_option_that_is_a_numpy_scalar_leaves_the_dtype_alone(name, option):
    call = USUAL[name] | {"input": USUAL[name]["input"].astype(np.float32), option: np.float64(0.5)}
    call["target"] = call["target"].astype(np.float32 if option == "beta" else np.int64)
    assert lift(name)[name](**call).dtype == np.float32
    assert lift(name)[f"{name}_grad"](**call).dtype == np.float32


# What is refused: the rule and the value that broke it

ALL = {
    "input must be floating point, got int64": {"input": np.arange(7)},
    "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
}
SHAPES = {
    "input and target must have the same shape, got (7, 1) and (7,)": {"input": np.zeros((7, 1))},
    "input and target must have the same shape, got (7,) and ()": {"target": np.array(0.0)},
}
WEIGHT = {"weight must have the shape of input (7,), got (1,)": {"weight": np.ones(1)}}
REFUSED = {
    "mse_loss": ALL | SHAPES | WEIGHT,
    "l1_loss": ALL | SHAPES | WEIGHT,
    "smooth_l1_loss": ALL
    | SHAPES
    | {"beta must be >= 0, got -1.0": {"beta": -1.0}, "beta must be >= 0, got nan": {"beta": NAN}},
    "cross_entropy": ALL
    | {
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got ()": {"input": np.array(1.0)},
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got (2, 0)": {
            "input": np.zeros((2, 0))
        },
        "target must be integer labels or floating-point probabilities, got bool": {"target": ONE_HOT == 1},
        "target of int64 must have shape (2,) for input of shape (2, 3), got (2, 1)": {
            "target": LABELS[:, None]
        },
        "target of int64 must have shape (2,) for input of shape (2, 3), got (3,)": {
            "target": np.zeros(3, int)
        },
        "target of float64 must have shape (2, 3) for input of shape (2, 3), got (2,)": {
            "target": np.zeros(2)
        },
        "labels must be in 0..2 or equal ignore_index=-100, got 3": {"target": np.array([0, 3])},
        "labels must be in 0..2 or equal ignore_index=-100, got -1": {"target": np.array([-1, 0])},
        "labels must be in 0..2 or equal ignore_index=255, got -100": {
            "target": IGNORED,
            "ignore_index": 255,
        },
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
        "label_smoothing must be in [0, 1], got nan": {"label_smoothing": NAN},
        "ignore_index must be negative for probabilities, got 1": {"target": ONE_HOT, "ignore_index": 1},
    },
}


@pytest.mark.parametrize("suffix", ["", "_grad"])
@pytest.mark.parametrize(
    ("name", "message"), [(name, message) for name in REFUSED for message in REFUSED[name]]
)
def test_refused_with_the_rule_and_the_value(name, message, suffix):
    with pytest.raises(ValueError) as refusal:
        lift(name)[name + suffix](**USUAL[name] | REFUSED[name][message])
    assert str(refusal.value) == message
