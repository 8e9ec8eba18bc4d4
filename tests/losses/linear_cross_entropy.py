"""linear_cross_entropy: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch.nn import LinearCrossEntropyOptions

from lossviz.losses import CATALOG
from tests.answers import log_softmax, six
from tests.cases import Cases
from tests.inputs import INF, LABELS, NAN, ONE_HOT, REFUSED_BY_ALL
from tests.numpy_cells import lift
from tests.strategies import EXTREME, FLOAT_DTYPES, REDUCTIONS, ROUND, arrays, between

# Answers to the exercises


def error(input, linear_weight, target):
    """Softmax minus one-hot."""
    return np.exp(log_softmax(input @ linear_weight.T)) - np.eye(len(linear_weight))[target]


def weight_gradient(input, linear_weight, target, rows):
    return error(input, linear_weight, target).T @ input / len(input)


def losses(input, linear_weight, target):
    return -log_softmax(input @ linear_weight.T)[np.arange(len(target)), target]


def in_chunks(input, linear_weight, target, rows):
    return np.mean(losses(input, linear_weight, target))


def each_chunk(input, target, rows):
    return [(input[k : k + rows], target[k : k + rows]) for k in range(0, len(input), rows)]


def sum_of_chunk_means(input, linear_weight, target, rows):
    return sum(weight_gradient(x, linear_weight, y, rows) for x, y in each_chunk(input, target, rows))


def not_divided(input, linear_weight, target, rows):
    return len(input) * weight_gradient(input, linear_weight, target, rows)


def without_the_label(input, linear_weight, target, rows):
    return np.exp(log_softmax(input @ linear_weight.T)).T @ input / len(input)


def last_chunk_alone(input, linear_weight, target, rows):
    x, y = each_chunk(input, target, rows)[-1]
    return weight_gradient(x, linear_weight, y, rows)


def mean_of_chunk_means(input, linear_weight, target, rows):
    return np.mean([in_chunks(x, linear_weight, y, rows) for x, y in each_chunk(input, target, rows)])


def sum_of_means(input, linear_weight, target, rows):
    return np.sum([in_chunks(x, linear_weight, y, rows) for x, y in each_chunk(input, target, rows)])


def divided_by_chunks(input, linear_weight, target, rows):
    return np.sum(losses(input, linear_weight, target)) / len(each_chunk(input, target, rows))


TWO = (np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([2]), 1)
SHOWN = "for input=[[1.0, 2.0]], linear_weight=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], target=[2], rows=1"
THREE = (np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.eye(2), np.array([0, 0, 1]), 2)
UNEVEN = (
    "for input=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], linear_weight=[[1.0, 0.0], [0.0, 1.0]], "
    "target=[0, 0, 1], rows=2"
)


def rows_of(numbers):
    """A matrix as messages show it."""
    return "[" + ", ".join("[" + ", ".join(map(six, row)) + "]" for row in numbers) + "]"


def told(shown, call, right, wrong):
    """The message on a wrong answer."""
    show = rows_of if np.ndim(right(*call)) else six
    return f"{shown} expected {show(right(*call))}, got {show(wrong(*call))}"


WRONG = [
    ("by_hand", 2000.0, "2000.0 is too large"),
    ("by_hand", 131.072, "131.072 is too large"),
    ("by_hand", 62.5, "62.5 is too small"),
    ("chunks", without_the_label, told(SHOWN, TWO, weight_gradient, without_the_label)),
    ("chunks", not_divided, told(UNEVEN, THREE, weight_gradient, not_divided)),
    ("chunks", sum_of_chunk_means, told(UNEVEN, THREE, weight_gradient, sum_of_chunk_means)),
    ("chunks", last_chunk_alone, told(UNEVEN, THREE, weight_gradient, last_chunk_alone)),
    ("find_the_bug", mean_of_chunk_means, told(UNEVEN, THREE, in_chunks, mean_of_chunk_means)),
    ("find_the_bug", sum_of_means, told(UNEVEN, THREE, in_chunks, sum_of_means)),
    ("find_the_bug", divided_by_chunks, told(UNEVEN, THREE, in_chunks, divided_by_chunks)),
]


# The cases


@st.composite
def linear_calls(draw):
    """A call for (D,) or (N, D), with labels or probabilities, with and without chunks."""
    classes, width = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    batch = draw(st.just(()) | st.tuples(st.integers(0, 5)))
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-5, 5)
    weights = st.just(0.0) | between(0.125, 8)
    call = {
        "input": draw(arrays(dtype, (*batch, width), usual)),
        "linear_weight": draw(arrays(dtype, (classes, width), usual)),
        "reduction": draw(REDUCTIONS),
    }
    # What is extreme comes through the bias, or whole products would be nan.
    bias = arrays(dtype, classes, draw(st.sampled_from([usual, usual | EXTREME])))
    call["linear_bias"] = draw(st.none() | bias)
    soft = draw(st.booleans())
    if soft:
        call["target"] = draw(arrays(dtype, (*batch, classes), st.sampled_from([0.0, 1.0]) | between(0, 1)))
    else:
        ignored = draw(st.sampled_from([None, -100, 0, 255]))
        labels = st.integers(0, classes - 1) | st.just(-100 if ignored is None else ignored)
        call |= {"target": draw(arrays(np.int64, batch, labels)), "ignore_index": ignored}
    call["weight"] = draw(st.none() | arrays(dtype, classes, weights))
    if soft or call["linear_bias"] is not None or draw(st.booleans()):
        call["label_smoothing"] = draw(st.sampled_from([0.0, 0.1, 0.5, 1]))
    else:
        rows = draw(st.none() | st.integers(1, 7))
        call["options"] = LinearCrossEntropyOptions(batch_chunk_size=rows, chunking_method=None)
    return call


FEATURES = np.array([[1.0, 2.0], [-0.5, 1.5]])
LAYER = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
CHUNKS = LinearCrossEntropyOptions(batch_chunk_size=1)
EITHER = "target must be int64 or uint8 labels, or floating-point probabilities"

CASES = Cases(
    usual={"input": FEATURES, "linear_weight": LAYER, "target": LABELS},
    calls=linear_calls(),
    edges={
        "in chunks": {"options": CHUNKS},
        "in chunks, with a bias": {"options": CHUNKS, "linear_bias": np.array([0.5, -1.0, 2.0])},
        "in chunks, weighted": {"options": CHUNKS, "weight": np.array([0.5, 1.0, 3.0])},
        "in chunks, one ignored": {"options": CHUNKS, "target": np.array([-100, 1])},
        "in chunks, chosen by torch": {"options": LinearCrossEntropyOptions()},
        "every label ignored": {"target": np.array([-100, -100])},
        "every label ignored, in chunks": {"target": np.array([-100, -100]), "options": CHUNKS},
        "no samples": {"input": np.zeros((0, 2)), "target": np.zeros(0, int)},
        "no samples, in chunks": {
            "input": np.zeros((0, 2)),
            "target": np.zeros(0, int),
            "options": CHUNKS,
        },
        "no features": {"input": np.zeros((2, 0)), "linear_weight": np.zeros((3, 0))},
        "a masked class": {"linear_bias": np.array([0.0, -INF, 0.0])},
        "a masked class, in chunks": {"linear_bias": np.array([0.0, -INF, 0.0]), "options": CHUNKS},
        "a masked class, smoothed": {"linear_bias": np.array([0.0, -INF, 0.0]), "label_smoothing": 0.1},
        "all mass smoothed": {"label_smoothing": 1.0, "weight": np.array([1.0, 2.0, 3.0])},
        "nan in the features": {"input": np.array([[NAN, 1.0], [0.0, 1.0]])},
        "large": {"input": 1e4 * FEATURES},
        "one sample": {"input": FEATURES[0], "target": np.array(1)},
        "one sample, in chunks": {"input": FEATURES[0], "target": np.array(1), "options": CHUNKS},
        "probabilities": {"target": ONE_HOT, "weight": np.array([1.0, 2.0, 3.0])},
        "bytes as labels": {"target": LABELS.astype(np.uint8)},
    },
    scalars=({"label_smoothing": np.float64(0.5)},),
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (D,) or (N, D), got (1, 2, 2)": {"input": FEATURES[None]},
        "linear_weight must have shape (C, 2), C >= 1, for input of shape (2, 2), got (2, 3)": {
            "linear_weight": LAYER.T
        },
        "linear_weight must have the dtype of input, float64, got float32": {
            "linear_weight": LAYER.astype(np.float32)
        },
        "linear_bias must have shape (3,), got (1,)": {"linear_bias": np.ones(1)},
        "linear_bias must have the dtype of input, float64, got int64": {"linear_bias": np.ones(3, int)},
        f"{EITHER}, got int32": {"target": LABELS.astype(np.int32)},
        f"{EITHER}, got bool": {"target": ONE_HOT == 1},
        "target of int64 must have shape (2,) for input of shape (2, 2), got (3,)": {
            "target": np.zeros(3, int)
        },
        "target of float64 must have shape (2, 3) for input of shape (2, 2), got (2,)": {
            "target": np.zeros(2)
        },
        "labels must be in 0..2 or equal ignore_index=-100, got 3": {"target": np.array([0, 3])},
        "labels must be in 0..2 or equal ignore_index=255, got -100": {
            "target": np.array([0, -100]),
            "ignore_index": 255,
        },
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have the dtype of input, float64, got float32": {"weight": np.ones(3, np.float32)},
        "label_smoothing must be in [0, 1], got nan": {"label_smoothing": NAN},
        "ignore_index must be None for probabilities, got -100": {"target": ONE_HOT, "ignore_index": -100},
        "options must be None or nn.LinearCrossEntropyOptions, got True": {"options": True},
    },
    refused_by_torch={
        "expected input with dimensionality 1 or 2, got 3": {"input": FEATURES[None]},
        "last dimensions": {"linear_weight": LAYER.T},
        "expected linear_bias shape": {"linear_bias": np.ones(1)},
        "expected m1 and m2 to have the same dtype": {"linear_weight": LAYER.astype(np.float32)},
        "expected target dtype to be Long or Byte, but got Int": {"target": LABELS.astype(np.int32)},
        "ignore_index cannot be specified": {"target": ONE_HOT, "ignore_index": -100},
        "has no attribute '_adjust'": {"options": True},
    },
    right={"by_hand": 125.0, "chunks": weight_gradient, "find_the_bug": in_chunks},
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8])
def test_chunks_change_neither_the_loss_nor_its_gradients(rows):
    rng = np.random.default_rng(0)
    call = {
        "input": rng.normal(size=(7, 3)),
        "linear_weight": rng.normal(size=(5, 3)),
        "target": rng.integers(5, size=7),
        "linear_bias": rng.normal(size=5),
    }
    options = LinearCrossEntropyOptions(batch_chunk_size=rows)
    loss, grad = lift("linear_cross_entropy").values()
    assert loss(**call, options=options) == pytest.approx(loss(**call), rel=1e-14)
    for mine, whole in zip(grad(**call, options=options), grad(**call), strict=True):
        np.testing.assert_allclose(mine, whole, rtol=0, atol=1e-15)


def test_it_is_cross_entropy_of_a_linear_layer():
    x, W, y = torch.tensor(FEATURES), torch.tensor(LAYER), torch.tensor(LABELS)
    torch.testing.assert_close(F.linear_cross_entropy(x, W, y), F.cross_entropy(x @ W.T, y))


def test_far_away_each_row_gets_the_features_times_p_minus_q():
    x = torch.tensor([[30.0, 0.0]], dtype=torch.float64)
    W = torch.eye(2, dtype=torch.float64).requires_grad_()
    F.linear_cross_entropy(x, W, torch.tensor([1])).backward()
    torch.testing.assert_close(W.grad, torch.tensor([[30.0, 0.0], [-30.0, 0.0]], dtype=torch.float64))
    assert CATALOG["linear_cross_entropy"].gradient_far.startswith("p - q times the features")
