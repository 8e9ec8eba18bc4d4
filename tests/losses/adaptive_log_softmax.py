"""adaptive_log_softmax: calls, edges, answers to the exercises, and what holds for it alone."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch._subclasses.fake_tensor import FakeTensorMode

from lossviz.losses.references import adaptive_log_softmax
from tests.answers import six
from tests.cases import Cases
from tests.facts import compiled
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
        r"be in \[0, 7\], but values in range \[0, 8\] were found": {"target": np.array([0, 8, 2])},
        "gather\\(\\): Expected dtype int32/int64 for index": {"target": np.array([0.0, 5, 2])},
        "expected m1 and m2 to have the same dtype": {"input": INPUT.astype(np.float32)},
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


Module = torch.nn.AdaptiveLogSoftmaxWithLoss


@pytest.mark.parametrize(
    ("cutoffs", "error", "told"),
    [
        ([], ValueError, "should be a sequence of length larger than 0"),
        ([20], ValueError, "each value is between 1 and n_classes-1"),
        ([0], ValueError, "each value is between 1 and n_classes-1"),
        ([5.0], TypeError, "found element of type float"),
    ],
)
def test_cutoffs_that_torch_refuses(cutoffs, error, told):
    with pytest.raises(error, match=told):
        Module(16, 20, cutoffs)


@pytest.mark.parametrize("cutoffs", [[19], (5, 10), torch.tensor([5, 10])])
def test_cutoffs_that_torch_takes_count_labels_from_0(cutoffs):
    criterion = Module(16, 20, cutoffs, 2.0)
    first = int(cutoffs[0])
    assert criterion.head.weight.shape == (first + len(cutoffs), 16) and criterion.head.bias is None
    x = torch.randn(2, 16, generator=torch.Generator().manual_seed(0))
    criterion(x, torch.tensor([first - 1, first])).loss.backward()
    gets = [part.weight.grad is not None for part in criterion.tail[0]]
    criterion.zero_grad()
    criterion(x, torch.tensor([first - 1] * 2)).loss.backward()
    assert all(gets) and all(part.weight.grad is None for part in criterion.tail[0])


def test_a_div_value_of_0_divides_by_0_and_one_of_a_half_widens():
    with pytest.raises(ZeroDivisionError):
        Module(16, 20, [5], 0)
    assert Module(16, 20, [5], 0.5).tail[0][0].weight.shape == (32, 16)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_a_tail_of_width_0_gives_all_its_classes_one_probability():
    criterion = Module(16, 50, [5, 10, 20])
    assert [part[0].out_features for part in criterion.tail] == [4, 1, 0]
    last = criterion.log_prob(torch.randn(3, 16, generator=torch.Generator().manual_seed(0)))[:, 20:]
    assert (last == last[:, :1]).all()


def test_the_sizes_are_those_of_the_formula():
    parts = Module(64, 10_000, [100, 1000], device="meta")
    count = sum(each.numel() for each in parts.parameters())
    assert count == 58_208 == parameters(64, 10_000, [100, 1000], 4)
    assert [tuple(each.shape) for each in parts.parameters()] == [
        (102, 64),
        (16, 64),
        (900, 16),
        (4, 64),
        (9000, 4),
    ]


def test_the_result_is_a_pair_and_no_logits():
    criterion, x, y = module(), torch.tensor(INPUT), torch.tensor([0, 5, 2])
    result = criterion(x, y)
    assert result._fields == ("output", "loss") and torch.equal(result.loss, -result.output.mean())
    with pytest.raises(TypeError, match="must be Tensor, not _ASMoutput"):
        F.cross_entropy(result, y)
    log_prob = criterion.log_prob(x)
    torch.testing.assert_close(log_prob[range(3), y], result.output)
    torch.testing.assert_close(F.nll_loss(log_prob, y), result.loss)
    assert torch.equal(criterion.predict(x), log_prob.argmax(1))


def test_three_axes_are_refused_but_by_predict_which_gives_the_wrong_shape():
    criterion = Module(8, 20, [5, 10], dtype=torch.float64)
    sequence = torch.tensor(INPUT).expand(2, 3, 8)  # of three steps, fewer than the first cutoff
    with pytest.raises(RuntimeError, match="multi-target not supported"):
        criterion(sequence, torch.zeros(2, 3, dtype=torch.int64))
    with pytest.raises(RuntimeError):
        criterion.log_prob(sequence)
    with pytest.raises(IndexError):
        criterion.log_prob(torch.tensor(INPUT[0]))
    assert criterion.predict(sequence).shape == (2, 7)  # an entry of the head has one, and not a step


def test_compiled_it_gives_the_same_and_refuses_the_same():
    criterion, x = module(), torch.tensor(INPUT)
    step = compiled(lambda x, y: criterion(x, y).loss)
    y = torch.tensor([0, 5, 2])
    torch.testing.assert_close(step(x, y), criterion(x, y).loss)
    with pytest.raises(RuntimeError, match="Target values should be in"):
        step(x, y + 3)


def test_weight_decay_moves_a_tail_without_labels_only_where_its_gradient_is_0_and_not_none():
    criterion, x = module(), torch.tensor(INPUT)
    for set_to_none in (True, False):
        criterion(x, torch.tensor([0, 5, 2])).loss.backward()
        optimizer = torch.optim.SGD(criterion.parameters(), lr=0.1, weight_decay=0.1)
        optimizer.zero_grad(set_to_none)
        before = criterion.tail[1][0].weight.clone()
        criterion(x, torch.tensor([0, 1, 2])).loss.backward()
        optimizer.step()
        assert torch.equal(before, criterion.tail[1][0].weight) == set_to_none


def test_under_autocast_the_log_probabilities_are_low_on_a_cpu_and_float32_on_cuda():
    def dtype_on(device):
        features, weight = torch.zeros(2, 3, device=device), torch.zeros(4, 3, device=device)
        return F.linear(features, weight).log_softmax(1).dtype

    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert dtype_on("cpu") == torch.bfloat16
    before = torch.is_autocast_enabled("cuda")
    torch.set_autocast_enabled("cuda", True)  # torch.autocast asks for a GPU, and tensors without data do not
    try:
        with FakeTensorMode():
            assert dtype_on("cuda") == torch.float32
    finally:
        torch.set_autocast_enabled("cuda", before)


def test_autocast_is_left_by_the_device_of_the_features():
    torch.manual_seed(0)
    criterion = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 8, [2, 4])
    features, target = torch.randn(3, 8), torch.tensor([0, 3, 5])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with torch.autocast("cuda", enabled=False), pytest.raises(RuntimeError, match="same dtype"):
            criterion(features, target)
        with torch.autocast(features.device.type, enabled=False):
            assert criterion(features, target).loss.dtype == torch.float32


# The bill: expected multiplications for a word, whose rank says how often it comes


def bill(features, words, cutoffs, div_value=4):
    often = 1 / np.arange(1, words + 1)
    ends = [*cutoffs, words]
    total = features * (ends[0] + len(cutoffs))
    for i, (low, high) in enumerate(pairwise(ends), start=1):
        width = features // div_value**i
        total += often[low:high].sum() / often.sum() * width * (features + high - low)
    return total


def test_the_best_single_cutoff_of_10_000_words_is_275():
    words, features = 10_000, 64
    bills = {c: bill(features, words, [c]) for c in (10, 274, 275, 276, 1000, 9000)}
    told = {10: 113_429, 275: 75_141, 1000: 98_175, 9000: 576_247}
    assert {c: round(bills[c]) for c in told} == told
    grid = {c: bill(features, words, [c]) for c in range(50, 1000)}
    assert min(grid, key=grid.get) == 275
    assert bills[275] / (features * words) == pytest.approx(0.117, abs=5e-4)
    two = min(bill(features, words, [a, b]) for a in range(20, 200, 5) for b in range(200, 2000, 50))
    assert two / (features * words) == pytest.approx(0.025, abs=0.01)


def test_of_50_000_words_a_tree_multiplies_a_twentieth():
    total = bill(512, 50_000, [2000, 10_000])
    assert round(total) == 1_361_930 and total / (512 * 50_000) == pytest.approx(0.053, abs=5e-4)


def test_the_entropy_of_5000_words_by_rank():
    share = 1 / np.arange(1, 5001)
    share /= share.sum()
    assert -(share * np.log(share)).sum() == pytest.approx(6.19, abs=0.005)
