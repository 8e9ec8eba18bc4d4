"""adaptive_log_softmax: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from lossviz.losses.references import adaptive_log_softmax
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF, NAN
from tests.strategies import FLOAT_DTYPES, REDUCTIONS, arrays, between

# Answers to the exercises


def parameters(in_features, n_classes, cutoffs, div_value, full_width=False, tails_in_head=True):
    ends = [int(c) for c in cutoffs] + [n_classes]
    total = in_features * (ends[0] + tails_in_head * len(cutoffs))
    for i in range(1, len(ends)):
        width = in_features if full_width else int(in_features // div_value**i)
        total += in_features * width + width * (ends[i] - ends[i - 1])
    return total


def all_wide(in_features, n_classes, cutoffs, div_value):
    return parameters(in_features, n_classes, cutoffs, div_value, full_width=True)


def head_of_words(in_features, n_classes, cutoffs, div_value):
    return parameters(in_features, n_classes, cutoffs, div_value, tails_in_head=False)


def with_a_bias(in_features, n_classes, cutoffs, div_value):
    return parameters(in_features, n_classes, cutoffs, div_value) + cutoffs[0] + len(cutoffs)


def places(counts):
    return np.argsort(np.argsort(-counts)).astype(float)


def order(counts):
    return np.argsort(-counts).astype(float)


def from_1(counts):
    return places(counts) + 1


def upside_down(counts):
    return np.argsort(np.argsort(counts)).astype(float)


ENTRY = np.exp([2.0, 1.0, 0, 0]) / np.exp([2.0, 1.0, 0, 0]).sum()
SMALL = "for in_features=16, n_classes=8, cutoffs=[2], div_value=4.0 expected 136.0"
WRONG = [
    ("by_hand", -np.log(ENTRY[2]), f"{six(-np.log(ENTRY[2]))} is too small"),
    ("by_hand", -np.log(ENTRY[2] / 4), f"{six(-np.log(ENTRY[2] / 4))} is too large"),
    ("by_hand", np.log(ENTRY[2] / 2), f"{six(np.log(ENTRY[2] / 2))} is too small"),
    ("parameters", all_wide, f"{SMALL}, got 400.0"),
    ("parameters", head_of_words, f"{SMALL}, got 120.0"),
    ("parameters", with_a_bias, f"{SMALL}, got 139.0"),
    ("find_the_bug", order, "for counts=[1.0, 9.0, 5.0] expected [2.0, 0.0, 1.0], got [1.0, 2.0, 0.0]"),
    ("find_the_bug", upside_down, "for counts=[9.0, 5.0, 1.0] expected [0.0, 1.0, 2.0], got [2.0, 1.0, 0.0]"),
    ("find_the_bug", from_1, "for counts=[9.0, 5.0, 1.0] expected [0.0, 1.0, 2.0], got [1.0, 2.0, 3.0]"),
]


# The cases


def sizes(features, n_classes, cutoffs, div_value):
    """How many numbers all tails hold."""
    ends = [*cutoffs, n_classes]
    widths = [int(features // div_value ** (i + 1)) for i in range(len(cutoffs))]
    return sum(w * (features + ends[i + 1] - ends[i]) for i, w in enumerate(widths))


@st.composite
def calls(draw):
    """Single samples and batches, one to three tails, with and without a bias."""
    dtype, reduction = draw(FLOAT_DTYPES), draw(REDUCTIONS)
    n_classes, tails = draw(st.integers(4, 8)), draw(st.integers(1, 3))
    cutoffs = sorted(draw(st.sets(st.integers(1, n_classes - 1), min_size=tails, max_size=tails)))
    div_value = draw(st.sampled_from([1.0, 1.5, 2.0]))
    features = draw(st.integers(8, 10))
    batch = draw(st.sampled_from([(), (0,), (1,), (3,)]))
    numbers = between(-2, 2)
    return {
        "input": draw(arrays(dtype, (*batch, features), numbers)),
        "target": draw(arrays(np.int64, batch, st.integers(0, n_classes - 1))),
        "head_weight": draw(arrays(dtype, (cutoffs[0] + tails, features), numbers)),
        "tail_weights": draw(arrays(dtype, sizes(features, n_classes, cutoffs, div_value), numbers)),
        "n_classes": n_classes,
        "cutoffs": draw(st.sampled_from([cutoffs, tuple(cutoffs), np.array(cutoffs)])),
        "div_value": div_value,
        "head_bias": draw(st.none() | arrays(dtype, cutoffs[0] + tails, numbers)),
        "reduction": reduction,
    }


RNG = np.random.default_rng(0)
INPUT, HEAD = RNG.normal(size=(3, 8)), RNG.normal(size=(4, 8))
TAILS = RNG.normal(size=sizes(8, 8, (2, 4), 2.0))


def changed(array, place, value):
    other = array.copy()
    other[place] = value
    return other


CASES = Cases(
    usual={
        "input": INPUT,
        "target": np.array([0, 5, 2]),
        "head_weight": HEAD,
        "tail_weights": TAILS,
        "n_classes": 8,
        "cutoffs": (2, 4),
        "div_value": 2.0,
    },
    calls=calls(),
    edges={
        "one sample": {"input": INPUT[0], "target": np.array(5)},
        "a batch of one": {"input": INPUT[:1], "target": np.array([5])},
        "no sample": {"input": INPUT[:0], "target": np.zeros(0, int)},
        "labels of four bytes": {"target": np.array([0, 5, 2], np.int32)},
        "all in the head": {"target": np.array([0, 1, 1])},
        "all in the last tail": {"target": np.array([4, 7, 7])},
        "a bias": {"head_bias": np.array([1.0, -2, 0, 3])},
        "cutoffs in a list": {"cutoffs": [2, 4]},
        "cutoffs in an array": {"cutoffs": np.array([2, 4])},
        "nan": {"input": changed(INPUT, (1, 0), NAN)},
        "inf": {"input": changed(INPUT, (1, 0), INF)},
        "nan in a tail that is not used": {
            "tail_weights": changed(TAILS, -1, NAN),
            "target": np.array([0, 3, 2]),
        },
        "nan in a tail that is used": {"tail_weights": changed(TAILS, -1, NAN)},
        "extreme": {"head_weight": 1e3 * HEAD},
    },
    scalars=({"div_value": np.float64(2)}, {"n_classes": np.int64(8)}),
    refused={
        "input must be floating point, got int64": {"input": np.zeros((3, 8), int)},
        "head_weight must have the dtype of input, float64, got float32": {
            "head_weight": HEAD.astype(np.float32)
        },
        "tail_weights must have the dtype of input, float64, got float32": {
            "tail_weights": TAILS.astype(np.float32)
        },
        "head_bias must have the dtype of input, float64, got int64": {"head_bias": np.zeros(4, int)},
        "input must have shape (D,) or (N, D), D = 8, got (2, 3, 8)": {"input": np.zeros((2, 3, 8))},
        "input must have shape (D,) or (N, D), D = 8, got (3, 7)": {"input": np.zeros((3, 7))},
        "target must have one label per sample, shape (3,), got (2,)": {"target": np.array([0, 5])},
        "target must be int64 or int32 labels, got float64": {"target": np.array([0.0, 5, 2])},
        "labels must be in 0..7, got 8": {"target": np.array([0, 8, 2])},
        "labels must be in 0..7, got -100": {"target": np.array([0, -100, 2])},
        "cutoffs must be increasing integers in 1..7, at least one, got []": {"cutoffs": []},
        "cutoffs must be increasing integers in 1..7, at least one, got [4, 2]": {"cutoffs": [4, 2]},
        "cutoffs must be increasing integers in 1..7, at least one, got [2, 2]": {"cutoffs": [2, 2]},
        "cutoffs must be increasing integers in 1..7, at least one, got [0, 4]": {"cutoffs": [0, 4]},
        "cutoffs must be increasing integers in 1..7, at least one, got [2, 8]": {"cutoffs": [2, 8]},
        "cutoffs must be increasing integers in 1..7, at least one, got [2.0, 4.0]": {"cutoffs": [2.0, 4.0]},
        "head_weight must have 4 rows, one per entry, got shape (3, 8)": {"head_weight": HEAD[:3]},
        "head_bias must have one number per entry, shape (4,), got (3,)": {"head_bias": np.zeros(3)},
        f"tail_weights must hold {len(TAILS)} numbers, got shape ({len(TAILS) - 1},)": {
            "tail_weights": TAILS[1:]
        },
        "reduction must be 'none', 'mean' or 'sum', got 'batchmean'": {"reduction": "batchmean"},
    },
    refused_by_torch={
        "Target values should be in": {"target": np.array([0, -100, 2])},
        "1D target tensor expects 2D input": {"input": np.zeros((2, 3, 8)), "target": np.array([0, 5])},
        "same size in the batch dimension": {"target": np.array([0, 5])},
    },
    right={"by_hand": -np.log(ENTRY[2] / 2), "parameters": parameters, "find_the_bug": places},
    wrong=WRONG,
)


# What holds for this loss alone


def module(**options):
    torch.manual_seed(0)
    return torch.nn.AdaptiveLogSoftmaxWithLoss(8, 8, [2, 4], 2.0, **options, dtype=torch.float64)


@pytest.mark.parametrize("head_bias", [False, True])
def test_the_function_is_the_module_with_its_parameters(head_bias):
    criterion = module(head_bias=head_bias)
    x, y = torch.tensor(INPUT), torch.tensor([0, 5, 2])
    tails = torch.nn.utils.parameters_to_vector(criterion.tail.parameters())
    call = (x, y, criterion.head.weight, tails, 8, [2, 4], 2.0, criterion.head.bias)
    output, loss = criterion(x, y)
    assert torch.equal(adaptive_log_softmax(*call), loss)
    assert torch.equal(adaptive_log_softmax(*call, reduction="none"), -output)
    assert torch.equal(adaptive_log_softmax(*call, reduction="sum"), -output.sum())


def test_all_classes_share_a_probability_of_1():
    log_prob = module().log_prob(torch.tensor(INPUT))
    torch.testing.assert_close(log_prob.exp().sum(1), torch.ones(3, dtype=torch.float64))


@pytest.mark.parametrize("name", ["head_weight", "head_bias"])
def test_a_head_of_another_shape_is_refused(name):
    call = {
        key: torch.tensor(value) if isinstance(value, np.ndarray) else value
        for key, value in CASES.usual.items()
    }
    with pytest.raises(ValueError, match="must have shape"):
        adaptive_log_softmax(**call | {name: torch.zeros(3, 8, dtype=torch.float64)})
