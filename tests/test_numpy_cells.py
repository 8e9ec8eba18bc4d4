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

from lossviz.losses import CATALOG

# torch is silent about NaN, inf and empty inputs, and so must the NumPy functions be.
# The one thing that torch does say is that the "mean" of kl_div is to change.
pytestmark = pytest.mark.filterwarnings("error", "ignore:reduction. 'mean' divides")

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
def poisson_nll_calls(draw):
    """A call with log-rates, or rates that are not negative, and counts of one shape."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    dtype, log_input, full = draw(FLOAT_DTYPES), draw(st.booleans()), draw(st.booleans())
    usual, extreme = (ROUND | between(-20, 4), EXTREME) if log_input else (between(0, 30), EXTREME.map(abs))
    counts = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0]) | between(0, 20)
    targets = arrays(draw(FLOAT_DTYPES), shape, draw(st.sampled_from([counts, counts | EXTREME.map(abs)])))
    # torch computes Stirling's term of an integer target in float32.
    if dtype == np.float32 or not full:
        targets |= arrays(np.int64, shape, st.integers(0, 20))
    return {
        "input": draw(arrays(dtype, shape, draw(st.sampled_from([usual, usual | extreme])))),
        "target": draw(targets),
        "log_input": log_input,
        "full": full,
        "eps": draw(st.sampled_from([0, 1e-8, 0.5, INF]) | between(2**-30, 1)),
        "reduction": draw(REDUCTIONS),
    }


@st.composite
def nll_calls(draw):
    """A call for (C,), (N, C), (N, C, d1) or (N, C, d1, d2)."""
    classes = draw(st.integers(1, 4))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    shape = (*batch[:1], classes, *batch[1:])
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-30, 0)
    elements = draw(st.sampled_from([usual, usual | st.sampled_from([NAN, INF, -INF, -1e4])]))
    ignore_index = draw(st.sampled_from([-100, -1, 0, 255]))
    return {
        "input": draw(arrays(dtype, shape, elements)),
        "target": draw(arrays(np.int64, batch, st.integers(0, classes - 1) | st.just(ignore_index))),
        # torch wants the dtype of input here.
        "weight": draw(st.none() | arrays(dtype, classes, st.just(0.0) | between(0.125, 8))),
        "ignore_index": ignore_index,
        "reduction": draw(REDUCTIONS),
    }


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


@st.composite
def binary_cross_entropy_calls(draw):
    """A call with probabilities of one shape, often 0 or 1, and weights that broadcast to it."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    dtype = draw(FLOAT_DTYPES)
    ends = st.sampled_from([0.0, 1.0, 0.5, 1e-13, 1e-30])
    call = {
        "input": draw(arrays(dtype, shape, ends.map(dtype) | between(0, 1))),
        "target": draw(arrays(dtype, shape, st.sampled_from([0.0, 1.0, 0.5]) | between(0, 1))),
        "reduction": draw(REDUCTIONS),
    }
    fewer = shape[draw(st.integers(0, len(shape))) :]
    narrow = tuple(draw(st.sampled_from([1, side])) for side in fewer)
    weights = arrays(draw(FLOAT_DTYPES), narrow, st.just(0.0) | between(-8, 8).map(lambda w: round(w, 2)))
    return call | {"weight": draw(st.none() | weights | arrays(np.int64, narrow, st.integers(0, 3)))}


@st.composite
def binary_logits_calls(draw):
    """A call with logits of one shape, targets from 0 to 1, and weights that broadcast to that shape."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    dtype = draw(FLOAT_DTYPES)
    if draw(st.booleans()):
        others, logits = st.just(dtype), draw(st.sampled_from([between(-1e3, 1e3), EXTREME]))
    else:
        # torch rounds midway where precisions are mixed, which would show where large terms cancel.
        others, logits = FLOAT_DTYPES, between(-20, 20)

    def factor():
        fewer = shape[draw(st.integers(0, len(shape))) :]
        narrow = tuple(draw(st.sampled_from([1, side])) for side in fewer)
        floats = arrays(draw(others), narrow, st.just(0.0) | between(0.125, 8))
        return draw(st.none() | floats | arrays(np.int64, narrow, st.integers(0, 3)))

    return {
        "input": draw(arrays(dtype, shape, ROUND | logits)),
        "target": draw(arrays(draw(others), shape, st.sampled_from([0.0, 1.0, 0.5]) | between(0, 1))),
        "weight": factor(),
        "reduction": draw(REDUCTIONS),
        "pos_weight": factor(),
    }


@st.composite
def kl_div_calls(draw):
    """A call from 0-d to 4-d: log-probabilities against probabilities, or log-probabilities on both sides."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    log_p = ROUND | between(-30, 0)
    p = st.sampled_from([0.0, 1.0, -0.5]) | between(0, 1)
    log_target = draw(st.booleans())
    extreme = draw(st.sampled_from([st.nothing(), EXTREME]))
    return {
        "input": draw(arrays(draw(FLOAT_DTYPES), shape, log_p | extreme)),
        "target": draw(arrays(draw(FLOAT_DTYPES), shape, (log_p if log_target else p) | extreme)),
        "reduction": draw(st.sampled_from(["none", "mean", "sum", "batchmean"])),
        "log_target": log_target,
    }


@st.composite
def multi_margin_calls(draw):
    """A call for (C,) or (N, C). Without samples torch leaves sum and mean unwritten: none is left then."""
    classes = draw(st.integers(1, 4))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=1, min_side=0, max_side=3))
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-30, 30)
    return {
        "input": draw(arrays(dtype, (*batch, classes), draw(st.sampled_from([usual, usual | EXTREME])))),
        "target": draw(arrays(np.int64, batch, st.integers(0, classes - 1))),
        "p": draw(st.sampled_from([1, 2])),
        "margin": draw(st.sampled_from([1.0, 0.5, 2, 0.0, -1.0, INF, NAN]) | between(0.125, 8)),
        "weight": draw(st.none() | arrays(dtype, classes, st.just(0.0) | between(0.125, 8))),
        "reduction": "none" if batch == (0,) else draw(REDUCTIONS),
    }


@st.composite
def multilabel_margin_calls(draw):
    """A call for (C,) or (N, C), with -1 anywhere in a row and classes listed twice."""
    classes = draw(st.integers(1, 4))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=1, min_side=0, max_side=3))
    shape = (*batch, classes)
    usual = ROUND | between(-30, 30)
    return {
        "input": draw(arrays(draw(FLOAT_DTYPES), shape, draw(st.sampled_from([usual, usual | EXTREME])))),
        "target": draw(arrays(np.int64, shape, st.integers(-1, classes - 1))),
        "reduction": "none" if batch == (0,) else draw(REDUCTIONS),
    }


@st.composite
def hinge_embedding_calls(draw):
    """A call from 0-d to 4-d: inputs often at the margin, labels often neither 1 nor -1."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    usual = ROUND | between(-30, 30)
    elements = draw(st.sampled_from([usual, usual | EXTREME]))
    labels = st.sampled_from([1.0, -1.0]) | st.sampled_from([0.0, 0.5, 2.0, -1.5, NAN])
    integers = arrays(np.int64, shape, st.integers(-2, 2))
    return {
        "input": draw(arrays(draw(FLOAT_DTYPES), shape, elements)),
        "target": draw(arrays(draw(FLOAT_DTYPES), shape, labels) | integers),
        "margin": draw(st.sampled_from([1.0, 0.5, 2, 0.0, -1.0, INF, -INF, NAN]) | between(0.125, 8)),
        "reduction": draw(REDUCTIONS),
    }


@st.composite
def multilabel_soft_margin_calls(draw):
    """A call for (C,), (N, C) or (N, d1, C) with targets from 0 to 1."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-30, 30)
    targets = arrays(draw(FLOAT_DTYPES), shape, st.sampled_from([0.0, 1.0]) | between(0, 1))
    weights = arrays(draw(FLOAT_DTYPES), shape[-1], st.just(0.0) | between(-8, 8).map(lambda w: round(w, 2)))
    return {
        "input": draw(arrays(dtype, shape, draw(st.sampled_from([usual, usual | EXTREME])))),
        "target": draw(targets | arrays(np.int64, shape, st.integers(0, 1))),
        "weight": draw(st.none() | weights | arrays(np.int64, shape[-1], st.integers(0, 3))),
        "reduction": draw(REDUCTIONS),
    }


CALLS = {
    "mse_loss": regression(weight_options),
    "l1_loss": regression(weight_options),
    "smooth_l1_loss": regression(smooth_l1_options),
    "poisson_nll_loss": poisson_nll_calls(),
    "nll_loss": nll_calls(),
    "cross_entropy": cross_entropy_calls(),
    "binary_cross_entropy": binary_cross_entropy_calls(),
    "binary_cross_entropy_with_logits": binary_logits_calls(),
    "multi_margin_loss": multi_margin_calls(),
    "multilabel_margin_loss": multilabel_margin_calls(),
    "multilabel_soft_margin_loss": multilabel_soft_margin_calls(),
    "hinge_embedding_loss": hinge_embedding_calls(),
    "kl_div": kl_div_calls(),
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
        for end, step in ((option.domain.low, -0.5), (option.domain.high, 0.5)):
            if np.isinf(end):
                continue
            with pytest.raises(
                ValueError, match=rf"^{option.name} must be .*, got {re.escape(str(end + step))}$"
            ):
                lift(name)[name + suffix](**USUAL[name] | {option.name: end + step})


# Edges that hypothesis might miss, and what torch makes of them

ERROR = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
COUNTS = np.array([0.0, 0.5, 1.0, 1.25, 2.0, 3.0, 40.0])
LOGITS = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]])
LOG_P = np.log([[0.25, 0.125, 0.625], [0.5, 0.25, 0.25]])
LABELS = np.array([2, 0])
IGNORED = np.array([-100, -100])
MASKED = np.array([[-INF, 0.0, 1.0], [0.0, -INF, 1.0]])
PROBABILITIES = np.array([0.0, 0.0, 0.125, 0.5, 0.75, 1.0, 1.0])
ANSWERS = np.array([0.0, 1.0, 1.0, 0.25, 0.0, 1.0, 0.5])
ONE_HOT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
SHARES = np.array([[0.25, 0.5, 0.25], [0.0625, 0.0625, 0.875]])
USUAL = {
    "mse_loss": {"input": ERROR, "target": np.zeros(7)},
    "l1_loss": {"input": ERROR, "target": np.zeros(7)},
    "smooth_l1_loss": {"input": ERROR, "target": np.zeros(7)},
    "poisson_nll_loss": {"input": ERROR, "target": COUNTS},
    "nll_loss": {"input": LOG_P, "target": LABELS},
    "cross_entropy": {"input": LOGITS, "target": LABELS},
    "binary_cross_entropy": {"input": PROBABILITIES, "target": ANSWERS},
    "binary_cross_entropy_with_logits": {"input": ERROR, "target": ANSWERS},
    "multi_margin_loss": {"input": LOGITS, "target": LABELS},
    "multilabel_margin_loss": {"input": LOGITS, "target": np.array([[2, 0, -1], [1, -1, 0]])},
    "multilabel_soft_margin_loss": {"input": LOGITS, "target": ONE_HOT},
    "hinge_embedding_loss": {"input": ERROR, "target": np.array([1, -1, 1, -1, 1, -1, -1])},
    "kl_div": {"input": np.log(SHARES), "target": SHARES[::-1]},
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
KL_DIV_EDGES = {
    "target of 0": {"input": np.log(SHARES), "target": np.eye(2, 3)},
    "input of -inf": {"input": np.array([-INF, 0.0]), "target": np.array([0.5, 0.5])},
    "both 0": {"input": np.array([-INF, 0.0]), "target": np.array([0.0, 1.0])},
    "both 0, log_target": {
        "input": np.array([-INF, 0.0]),
        "target": np.array([-INF, 0.0]),
        "log_target": True,
    },
    "log_target of -inf": {"input": np.log([0.5, 0.5]), "target": np.array([0, -INF]), "log_target": True},
    "negative target": {"input": np.log([0.5, 0.5]), "target": np.array([-0.5, 1.5])},
    "infinite target": {"input": np.array([-1.0, -INF]), "target": np.array([INF, INF])},
    "nan in input": {"input": np.array([NAN, -1.0]), "target": np.array([0.0, 1.0])},
    "nan in target": {"input": np.array([-1.0, -1.0]), "target": np.array([NAN, 1.0])},
    "0-d": {"input": np.array(-1.0), "target": np.array(0.5)},
    "no rows": {"input": np.zeros((0, 3)), "target": np.zeros((0, 3))},
    "no classes": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
    "two dtypes": {"input": np.float32(np.log(SHARES)), "target": SHARES},
    "two dtypes, log_target": {
        "input": np.log(SHARES),
        "target": np.float32(np.log(SHARES)),
        "log_target": True,
    },
    "images": {"input": np.full((2, 3, 2, 2), -1.0), "target": np.full((2, 3, 2, 2), 0.25)},
}
EDGES = {
    "mse_loss": REGRESSION_EDGES
    | WEIGHT_EDGES
    | {"a square that overflows": {"input": np.float32([1e20]), "target": np.float32([0])}},
    "l1_loss": REGRESSION_EDGES | WEIGHT_EDGES | {"kink": {}},
    "smooth_l1_loss": REGRESSION_EDGES
    | {f"errors around beta={beta}": {"beta": beta} for beta in (0, 0.5, 1.0, 2.0, 1e30, INF)}
    | {
        "nan with beta=0": {"input": np.array([NAN]), "target": np.zeros(1), "beta": 0.0},
        "infinite errors with beta=inf": {"input": np.array([INF, -INF]), "target": np.zeros(2), "beta": INF},
    },
    "poisson_nll_loss": {key: edge for key, edge in REGRESSION_EDGES.items() if key != "overflow"}
    | {
        "Stirling's term": {"full": True},
        "Stirling's term beside 1": {"target": np.nextafter(1, [0, 1, 2, 1, 0, 1, 2]), "full": True},
        "Stirling's term of nan and inf": {"target": np.array([NAN, INF, 0, 1, 2, 0, 0]), "full": True},
        "log-rates that overflow": {"input": np.float32([88, 89, 1e4]), "target": np.float32([1, 0, 2])},
        "log-rates that vanish": {"input": np.array([-1e4, -INF, -800]), "target": np.array([2.0, 1, 0])},
        "rates": {"input": np.abs(ERROR), "log_input": False},
        "rates of 0": {"input": np.zeros(7), "log_input": False},
        "rates of 0 without eps": {"input": np.zeros(7), "log_input": False, "eps": 0},
        "minus 0": {"input": np.full(7, -0.0), "log_input": False, "eps": 0},
        "large eps": {"input": np.abs(ERROR), "log_input": False, "eps": 0.5},
        "nan and inf as rates": {"input": np.array([NAN, INF]), "target": np.ones(2), "log_input": False},
        "float16 swallows eps": {"input": np.zeros(2, np.float16), "target": np.ones(2), "log_input": False},
        "a mean in float16 whose sum overflows": {
            "input": np.full(1000, 200, np.float16),
            "target": np.zeros(1000, np.float16),
            "log_input": False,
        },
    },
    "nll_loss": {
        "every label ignored": {"target": IGNORED},
        "every label ignored, weighted": {"target": IGNORED, "weight": np.array([1.0, 2.0, 3.0])},
        "every pixel ignored": {"input": np.zeros((1, 2, 1, 2)), "target": IGNORED[None, None]},
        "an ignored class": {"ignore_index": 0, "weight": np.array([1.0, 2.0, 3.0])},
        "ignored sample with nan": {"input": np.array([[NAN, NAN], [-1, -2]]), "target": np.array([-100, 0])},
        "used weights are 0": {"weight": np.array([0.0, 1.0, 0.0])},
        "weights that cancel": {"weight": np.array([-1.0, 1.0, 1.0])},
        "negative weight": {"weight": np.array([-1.0, 1.0, 3.0])},
        "infinite weight": {"weight": np.array([INF, 1.0, 1.0])},
        "nan weight": {"weight": np.array([NAN, 1.0, 1.0])},
        "no samples": {"input": np.zeros((0, 3)), "target": np.zeros(0, int)},
        "no pixels": {"input": np.zeros((2, 3, 0, 4)), "target": np.zeros((2, 0, 4), int)},
        "probability 0": {"input": MASKED, "target": np.array([0, 0])},
        "probability 0 with weight 0": {
            "input": MASKED,
            "target": np.array([0, 0]),
            "weight": np.array([0.0, 1.0, 1.0]),
        },
        "probability 1": {"input": np.array([[0.0, -INF], [-INF, 0.0]]), "target": np.array([0, 1])},
        "inf minus inf": {"input": np.array([[INF, 0.0], [-INF, 0.0]]), "target": np.array([0, 0])},
        "nan beside the label": {"input": np.array([[NAN, -1.0], [NAN, -2.0]]), "target": np.array([1, 1])},
        "raw scores": {"input": np.array([[5.0, 3.0], [2.0, 1e4]]), "target": np.array([0, 1])},
        "one class": {"input": np.zeros((2, 1)), "target": np.array([0, 0])},
        "bytes as labels": {"target": np.array([2, 0], np.uint8)},
        "ignored bytes": {"target": np.array([255, 0], np.uint8), "ignore_index": 255},
        "one sample": {"input": LOG_P[0], "target": np.array(1), "weight": np.array([1.0, 2.0, 3.0])},
        "one ignored sample": {"input": LOG_P[0], "target": np.array(-100)},
    },
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
    "binary_cross_entropy": {
        "impossible and certain": {},
        "around the clamp of the logarithm": {
            "input": np.array([1e-43, 1e-44, 5e-324]),
            "target": np.array([1.0, 1.0, 0.5]),
        },
        "around the clamp of the denominator": {
            "input": np.array([2e-12, 1e-12, 5e-13]),
            "target": np.array([1.0, 0.5, 0.0]),
        },
        "next to 1": {"input": np.float32([1 - 2**-24]), "target": np.float32([0.0])},
        "minus 0": {"input": np.array([-0.0]), "target": np.array([1.0])},
        "0-d": {"input": np.array(0.25), "target": np.array(1.0), "weight": np.array(3.0)},
        "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0)), "weight": np.ones((2, 1))},
        "weights that sum to 0": {"weight": np.zeros(7)},
        "nan and inf as weights": {"weight": np.array([NAN, INF, -INF, 0, 1, INF, NAN])},
        "one weight for all": {"weight": np.array([2.0])},
        "a weight for each row": {
            "input": PROBABILITIES[:6].reshape(3, 2),
            "target": ANSWERS[:6].reshape(3, 2),
            "weight": np.array([[1.0], [2.0], [0.0]]),
        },
        "boolean weights": {"weight": ANSWERS == 1},
    },
    "binary_cross_entropy_with_logits": {
        f"{title}, {weighting}": edge | {"pos_weight": pos_weight}
        for weighting, pos_weight in {
            "no pos_weight": None,
            "pos_weight 0": np.array(0.0),
            "pos_weight 3": np.array(3.0),
        }.items()
        for title, edge in {
            "infinite logits": {"input": np.array([INF, INF, INF, -INF, -INF, -INF, INF])},
            "nan in input": {"input": np.where(ANSWERS == 1, NAN, ERROR)},
            "nan in target": {"target": np.where(ANSWERS == 1, NAN, ANSWERS)},
            "large logits": {"input": 1e4 * ERROR},
            "largest floats": {"input": np.float32([3e38, -3e38]), "target": np.float32([1, 0])},
            "where the sigmoid is rounded to 1": {
                "input": np.float32([16, 17, 18, -16, -17, -18, 88]),
                "target": np.float32([0, 0, 0, 1, 1, 1, 0]),
            },
            "where exp underflows": {"input": np.float32([88, 89, 103, 104, -88, -89, -104])},
            "0-d": {"input": np.array(0.25), "target": np.array(1.0), "weight": np.array(3.0)},
            "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0)), "weight": np.ones((2, 1))},
            "weights that sum to 0": {"weight": np.zeros(7)},
            "nan and inf as weights": {"weight": np.array([NAN, INF, -INF, 0, 1, INF, NAN])},
            "boolean weights": {"weight": ANSWERS == 1},
        }.items()
    }
    | {
        "a pos_weight for each column": {
            "input": ERROR[:6].reshape(2, 3),
            "target": ANSWERS[:6].reshape(2, 3),
            "pos_weight": np.array([1.0, 2.0, 5.0]),
        },
        "a pos_weight for each channel": {
            "input": ERROR[:6].reshape(1, 2, 1, 3),
            "target": ANSWERS[:6].reshape(1, 2, 1, 3),
            "pos_weight": np.array([2.0, 5.0]).reshape(2, 1, 1),
        },
        "a weight for each row": {
            "input": ERROR[:6].reshape(3, 2),
            "target": ANSWERS[:6].reshape(3, 2),
            "weight": np.array([[1.0], [2.0], [0.0]]),
        },
    },
    "hinge_embedding_loss": {
        "exactly at the margin": {"input": np.full(7, 1.0)},
        "labels 0 and 1": {"target": np.array([0, 1, 0, 1, 0, 1, 0])},
        "labels that are none": {"target": np.array([NAN, 2.0, -3.0, INF, -INF, 0.5, 0.0])},
        "boolean labels": {"target": ERROR > 0},
        "bytes as labels": {"target": np.arange(7, dtype=np.uint8)},
        "nan in input": {"input": np.full(7, NAN)},
        "inf": {"input": np.full(7, INF)},
        "minus inf": {"input": np.full(7, -INF)},
        "input and margin are inf": {"input": np.full(7, INF), "margin": INF},
        "margin is nan": {"margin": NAN},
        "negative margin": {"margin": -1.0},
        "largest floats": {"input": np.float32([3e38, -3e38] * 3 + [0]), "margin": 3e38},
        "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
        "0-d": {"input": np.array(0.25), "target": np.array(-1)},
    },
    "kl_div": KL_DIV_EDGES,
    "multi_margin_loss": {
        f"{edge}, p={p}": changes | {"p": p}
        for p in (1, 2)
        for edge, changes in {
            "exactly at the margin": {"input": np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 1.0]])},
            "nan in the label's score": {"input": np.array([[0.0, 1.0, NAN], [1.0, 0.0, 0.5]])},
            "nan in a rival": {"input": np.array([[NAN, 1.0, 0.0], [1.0, 0.0, 0.5]])},
            "inf": {"input": np.array([[INF, INF, INF], [-INF, -INF, 0.0]])},
            "largest floats": {"input": np.float32([[1e38, 0.0, -1e38], [1e38, -1e38, 0.0]])},
            "one class": {"input": np.ones((2, 1)), "target": np.array([0, 0])},
            "one sample": {"input": LOGITS[0], "target": np.array(1)},
            "weighted": {"weight": np.array([2.0, 5.0, 0.5])},
            "negative weight": {"weight": np.array([-1.0, 1.0, 3.0])},
            "weight 0 on an infinite cost": {
                "input": np.array([[INF, 0.0, 0.0], [0.0, INF, 0.0]]),
                "weight": np.zeros(3),
            },
            "nan weight, nobody pays": {
                "input": np.array([[0.0, 0.0, 9.0], [9.0, 0.0, 0.0]]),
                "weight": np.full(3, NAN),
            },
        }.items()
    },
    "multilabel_soft_margin_loss": {
        "large logits": {"input": np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e3]])},
        "where exp overflows": {"input": np.float32([[88, -89, 104], [-88, 89, -104]])},
        "inf": {"input": np.array([[INF, -INF, 0.0], [-INF, INF, 1.0]])},
        "nan": {"input": np.array([[NAN, 0.0, 0.0], [0.0, 1.0, 2.0]])},
        "nan in target": {"target": np.array([[NAN, 0.0, 1.0], [0.0, 1.0, 1.0]])},
        "no samples": {"input": np.zeros((0, 3)), "target": np.zeros((0, 3))},
        "no classes": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
        "one class": {"input": np.ones((2, 1)), "target": np.array([[0.0], [1.0]])},
        "one sample": {"input": LOGITS[0], "target": ONE_HOT[0], "weight": np.array([1.0, 2.0, 3.0])},
        "classes last": {
            "input": np.arange(12.0).reshape(2, 2, 3) - 6,
            "target": np.ones((2, 2, 3)),
            "weight": np.array([1.0, 2.0, 3.0]),
        },
        "weights that sum to 0": {"weight": np.zeros(3)},
        "negative weight": {"weight": np.array([-1.0, 1.0, 3.0])},
        "probabilities": {"target": np.array([[0.2, 0.5, 1.0], [0.0, 0.9, 0.1]])},
        "zeros and ones as integers": {"target": ONE_HOT.astype(np.int64)},
    },
    "multilabel_margin_loss": {
        "exactly at the margin": {"input": np.array([[1.0, 0.0, 2.0], [1.0, 0.0, -1.0]])},
        "no labels": {"target": np.full((2, 3), -1)},
        "every class a label": {"target": np.array([[2, 0, 1], [0, 1, 2]])},
        "one-hot, read as indices": {"target": ONE_HOT.astype(int)},
        "a leading -1": {"target": np.array([[-1, 1, 0], [-1, -1, 2]])},
        "labels after a -1": {"target": np.array([[2, -1, 0], [0, -1, 1]])},
        "a label listed three times": {"target": np.array([[1, 1, 1], [0, 0, -1]])},
        "nan in a label's score": {"input": np.array([[0.0, 1.0, NAN], [1.0, 0.0, 0.5]])},
        "nan in a rival": {"input": np.array([[NAN, 1.0, 0.0], [1.0, NAN, 0.5]])},
        "inf": {"input": np.array([[INF, INF, INF], [-INF, -INF, 0.0]])},
        "one class": {"input": np.ones((2, 1)), "target": np.array([[0], [-1]])},
        "one sample": {"input": LOGITS[0], "target": np.array([2, 0, -1])},
    },
}


@pytest.mark.parametrize(
    ("name", "edge", "reduction"),
    [
        (name, edge, reduction)
        for name in EDGES
        for edge in EDGES[name]
        for reduction in CATALOG[name].reductions
    ],
)
def test_edge_agrees_with_torch(name, edge, reduction):
    assert_agrees(name, USUAL[name] | EDGES[name][edge] | {"reduction": reduction})


# On a CPU, torch has no float16 kernel for these two.
@pytest.mark.parametrize("name", sorted(CATALOG.keys() - {"multi_margin_loss", "multilabel_margin_loss"}))
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_float16_stays_float16(name, reduction):
    call = USUAL[name] | {"input": USUAL[name]["input"].astype(np.float16), "reduction": reduction}
    if call["target"].dtype.kind == "f":
        call["target"] = call["target"].astype(np.float16)
    assert_agrees(name, call)


@pytest.mark.parametrize("name", ["multi_margin_loss", "multilabel_margin_loss"])
def test_a_margin_loss_without_samples_has_the_sum_0_and_the_mean_nan(name):
    # torch returns memory that it never wrote, so there is nothing to compare with.
    call = {"input": np.zeros((0, 3), np.float32), "target": USUAL[name]["target"][:0]}
    for reduction, expected in (("sum", 0), ("mean", NAN)):
        loss, grad = (function(**call, reduction=reduction) for function in lift(name).values())
        np.testing.assert_array_equal(loss, np.float32(expected), strict=True)
        np.testing.assert_array_equal(grad, np.zeros((0, 3), np.float32), strict=True)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss"])
def test_float16_mean_does_not_overflow_with_its_sum(name):
    assert_agrees(name, {"input": np.full(1000, 200, np.float16), "target": np.zeros(1000, np.float16)})


def test_binary_cross_entropy_of_a_tiny_probability_keeps_its_digits():
    # Below the absolute tolerance of the comparison with torch; 1 - 1e-9 is 1 in float32.
    loss = lift("binary_cross_entropy")["binary_cross_entropy"]
    assert loss(np.float32([1e-9]), np.float32([0.0])) == pytest.approx(1e-9, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("smooth_l1_loss", "beta", 0.5),
        ("cross_entropy", "label_smoothing", 0.5),
        ("hinge_embedding_loss", "margin", 0.5),
        ("multi_margin_loss", "margin", 0.5),
        ("multi_margin_loss", "p", 1),
        ("multi_margin_loss", "p", 2),
    ],
)
def test_an_option_that_is_a_numpy_scalar_leaves_the_dtype_alone(name, option, value):
    call = USUAL[name] | {"input": USUAL[name]["input"].astype(np.float32), option: np.float64(value)}
    call["target"] = call["target"].astype(np.float32 if option == "beta" else np.int64)
    assert lift(name)[name](**call).dtype == np.float32
    assert lift(name)[f"{name}_grad"](**call).dtype == np.float32


@pytest.mark.parametrize("name", ["nll_loss", "cross_entropy", "multi_margin_loss"])
@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.uint8])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_class_weights_of_another_dtype_leave_the_dtype_alone(name, dtype, reduction):
    # torch refuses them where the target is a label.
    call = USUAL[name] | {"input": USUAL[name]["input"].astype(np.float32), "reduction": reduction}
    for function in lift(name).values():
        expected = function(**call, weight=np.float32([1, 2, 3]))
        np.testing.assert_array_equal(function(**call, weight=dtype([1, 2, 3])), expected, strict=True)


@pytest.mark.parametrize("name", ["multi_margin_loss", "multilabel_margin_loss"])
def test_torch_refuses_unsigned_labels_of_a_margin_loss_as_well(name):
    call = {key: torch.tensor(value) for key, value in USUAL[name].items()}
    with pytest.raises(RuntimeError, match="expected scalar type Long but found Byte"):
        getattr(F, name)(call["input"], call["target"].clamp(min=0).to(torch.uint8))


def test_a_pos_weight_of_bytes_may_be_0():
    # torch takes the 1 off in bytes, where 0 - 1 is 255.
    ones = np.ones(1, np.float32)
    for function in lift("binary_cross_entropy_with_logits").values():
        assert function(ones, ones, pos_weight=np.uint8(0)) == 0


def test_eps_that_is_a_numpy_scalar_leaves_the_dtype_alone():
    ones = np.ones(2, np.float32)
    for function in lift("poisson_nll_loss").values():
        assert function(ones, ones, log_input=False, eps=np.float64(0.5)).dtype == np.float32


def test_full_adds_the_logarithm_of_the_factorial_but_for_a_twelfth_of_one_over_the_count():
    loss = lift("poisson_nll_loss")["poisson_nll_loss"]
    counts = np.arange(2.0, 20)
    factorials = [np.log(np.arange(1, y + 1)).sum() for y in counts]
    gap = factorials - loss(np.zeros(18), counts, full=True, reduction="none") + 1
    assert np.all((1 / (12 * counts + 1) < gap) & (gap < 1 / (12 * counts)))


# What is refused: the rule and the first value that broke it, which is never the first of all

TOO_LARGE = np.array([0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 0.5])
TOO_SMALL = np.array([0.0, 1.0, -1.0, -2.0, 2.0, 0.5, 0.5])
ALL = {
    "input must be floating point, got int32": {"input": np.arange(7, dtype=np.int32)},
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
    "poisson_nll_loss": ALL
    | SHAPES
    | {
        "eps must be >= 0, got nan": {"eps": NAN},
        "input must be >= 0 for log_input=False, got -1.0": {
            "input": np.array([0.0, 2.0, -1.0, -2.0, -0.5, 1.0, 1.0]),
            "log_input": False,
        },
        "target must be >= 0, got -0.5": {"target": np.array([0.0, 0.5, -0.5, -2.0, -0.25, 1.0, 1.5])},
        "target must be >= 0, got -1": {"target": -np.arange(7)},
    },
    "nll_loss": ALL
    | {
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got ()": {"input": np.array(1.0)},
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got (2, 0)": {
            "input": np.zeros((2, 0))
        },
        "target must be integer labels, got float64": {"target": np.zeros(2)},
        "target must be integer labels, got bool": {"target": LABELS == 0},
        "target must have shape (2,) for input of shape (2, 3), got (2, 1)": {"target": LABELS[:, None]},
        "target must have shape (2,) for input of shape (2, 3), got (3,)": {"target": np.zeros(3, int)},
        "target must have shape () for input of shape (3,), got (1,)": {
            "input": np.zeros(3),
            "target": np.zeros(1, int),
        },
        "target must have shape (2, 4) for input of shape (2, 3, 4), got (2, 3)": {
            "input": np.zeros((2, 3, 4)),
            "target": np.zeros((2, 3), int),
        },
        "labels must be in 0..2 or equal ignore_index=-100, got 3": {
            "input": np.zeros((5, 3)),
            "target": np.array([0, -100, 3, 4, -1]),
        },
        "labels must be in 0..2 or equal ignore_index=-100, got -1": {
            "input": np.zeros((5, 3)),
            "target": np.array([0, -100, -1, 3, -2]),
        },
        "labels must be in 0..2 or equal ignore_index=255, got -100": {
            "target": IGNORED,
            "ignore_index": 255,
        },
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
    },
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
        "labels must be in 0..2 or equal ignore_index=-100, got 3": {
            "input": np.zeros((5, 3)),
            "target": np.array([0, -100, 3, 4, -1]),
        },
        "labels must be in 0..2 or equal ignore_index=-100, got -1": {
            "input": np.zeros((5, 3)),
            "target": np.array([0, -100, -1, 3, -2]),
        },
        "labels must be in 0..2 or equal ignore_index=255, got -100": {
            "target": IGNORED,
            "ignore_index": 255,
        },
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
        "label_smoothing must be in [0, 1], got nan": {"label_smoothing": NAN},
        "ignore_index must be negative for probabilities, got 0": {"target": ONE_HOT, "ignore_index": 0},
        "ignore_index must be negative for probabilities, got 1": {"target": ONE_HOT, "ignore_index": 1},
    },
    "binary_cross_entropy": ALL
    | SHAPES
    | {
        "target must have the dtype of input, float64, got int64": {"target": np.arange(7)},
        "target must have the dtype of input, float64, got float32": {"target": ANSWERS.astype(np.float32)},
        "input must be in [0, 1], got 1.5": {"input": np.array([0.0, 1.0, 1.5, 2.0, NAN, -0.5, 0.5])},
        "input must be in [0, 1], got -0.5": {"input": np.array([0.0, 1.0, -0.5, -1.0, NAN, 1.5, 0.5])},
        "input must be in [0, 1], got nan": {"input": np.array([0.0, 1.0, NAN, -1.0, 1.5, 0.5, 0.5])},
        "target must be in [0, 1], got 2.0": {"target": TOO_LARGE},
        "target must be in [0, 1], got -1.0": {"target": TOO_SMALL},
        "target must be in [0, 1], got nan": {"target": np.where(TOO_LARGE == 2, NAN, TOO_LARGE)},
        "weight must broadcast to the shape of input (7,), got (2,)": {"weight": np.ones(2)},
        "weight must broadcast to the shape of input (7,), got (2, 7)": {"weight": np.ones((2, 7))},
    },
    "binary_cross_entropy_with_logits": ALL
    | SHAPES
    | {
        "target must be floating point, got int64": {"target": np.arange(7)},
        "target must be in [0, 1], got 2.0": {"target": TOO_LARGE},
        "target must be in [0, 1], got -1.0": {"target": TOO_SMALL},
        "weight must broadcast to the shape of input (7,), got (2,)": {"weight": np.ones(2)},
        "weight must broadcast to the shape of input (7,), got (1, 7)": {"weight": np.ones((1, 7))},
        "pos_weight must broadcast to the shape of input (1, 2, 1, 3), got (2,)": {
            "input": np.zeros((1, 2, 1, 3)),
            "target": np.zeros((1, 2, 1, 3)),
            "pos_weight": np.ones(2),
        },
    },
    "hinge_embedding_loss": ALL | SHAPES,
    "kl_div": {
        "input must be floating point, got int32": {"input": np.zeros((2, 3), np.int32)},
        "target must be floating point, got int64": {"target": np.ones((2, 3), int)},
        "input and target must have the same shape, got (2, 1) and (2, 3)": {"input": np.zeros((2, 1))},
        "input and target must have the same shape, got (2, 3) and (3,)": {"target": np.ones(3)},
        "reduction must be 'none', 'mean', 'sum' or 'batchmean', got 'average'": {"reduction": "average"},
    },
    "multi_margin_loss": ALL
    | {
        "input must have shape (C,) or (N, C), C >= 1, got ()": {"input": np.array(1.0)},
        "input must have shape (C,) or (N, C), C >= 1, got (2, 0)": {"input": np.zeros((2, 0))},
        "input must have shape (C,) or (N, C), C >= 1, got (2, 3, 4)": {"input": np.zeros((2, 3, 4))},
        "target must be signed integer labels, got float64": {"target": np.zeros(2)},
        "target must be signed integer labels, got bool": {"target": LABELS == 0},
        "target must be signed integer labels, got uint8": {"target": LABELS.astype(np.uint8)},
        "target must have shape (2,) for input of shape (2, 3), got (2, 1)": {"target": LABELS[:, None]},
        "target must have shape (2,) for input of shape (2, 3), got (3,)": {"target": np.zeros(3, int)},
        "target must have shape () for input of shape (3,), got (1,)": {
            "input": np.zeros(3),
            "target": np.zeros(1, int),
        },
        "labels must be in 0..2, got 3": {"input": np.zeros((4, 3)), "target": np.array([0, 3, 4, -1])},
        "labels must be in 0..2, got -1": {"input": np.zeros((4, 3)), "target": np.array([0, -1, 3, -100])},
        "labels must be in 0..2, got -100": {"target": IGNORED},
        "p must be 1 or 2, got 3": {"p": 3},
        "p must be 1 or 2, got nan": {"p": NAN},
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
    },
    "multilabel_soft_margin_loss": ALL
    | {
        "input must have shape (C,), (N, C) or (N, d1, ..., C), got ()": {"input": np.array(1.0)},
        "input and target must have the same shape, got (2, 1) and (2,)": {
            "input": np.zeros((2, 1)),
            "target": np.zeros(2),
        },
        "input and target must have the same shape, got (2, 3) and (3,)": {"target": np.zeros(3)},
        "target must be in [0, 1], got -1": {"target": np.array([[0, -1, 2], [1, -2, 0]])},
        "target must be in [0, 1], got 2.0": {"target": np.array([[0.0, 2.0, -1.0], [1.0, 3.0, 0.5]])},
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
    },
    "multilabel_margin_loss": ALL
    | {
        "input must have shape (C,) or (N, C), C >= 1, got ()": {"input": np.array(1.0)},
        "input must have shape (C,) or (N, C), C >= 1, got (2, 0)": {"input": np.zeros((2, 0))},
        "input must have shape (C,) or (N, C), C >= 1, got (2, 3, 4)": {"input": np.zeros((2, 3, 4))},
        "target must be class indices, signed integers, got float64": {"target": ONE_HOT},
        "target must be class indices, signed integers, got bool": {"target": ONE_HOT == 1},
        "target must be class indices, signed integers, got uint8": {"target": ONE_HOT.astype(np.uint8)},
        "input and target must have the same shape, got (2, 3) and (2,)": {"target": LABELS},
        "input and target must have the same shape, got (2, 3) and (2, 1)": {"target": LABELS[:, None]},
        "target must hold classes in 0..2 or -1, got 3": {"target": np.array([[0, -1, 3], [-2, 4, -1]])},
        "target must hold classes in 0..2 or -1, got -2": {"target": np.array([[0, -1, -2], [3, -3, -1]])},
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
