"""ctc_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from tests.answers import log_softmax, six
from tests.cases import Cases
from tests.inputs import INF, NAN
from tests.numpy_cells import lift
from tests.strategies import FLOAT_DTYPES, REDUCTIONS, arrays, between

# Answers to the exercises


def lattice(log_probs, targets, skips):
    """The loss of one recording; `skips` says between which letters a blank may be left out."""
    labels = np.zeros(2 * len(targets) + 1, int)
    labels[1::2] = targets
    alpha = np.full(len(labels), -np.inf)
    alpha[:2] = log_probs[0, labels[:2]]
    for frame in log_probs[1:]:
        ways = [alpha, np.append(-np.inf, alpha[:-1])]
        over = np.append([-np.inf] * 2, np.where(skips(labels), alpha[:-2], -np.inf))
        alpha = np.logaddexp.reduce([*ways, over[: len(labels)]]) + frame[labels]
    return -np.logaddexp.reduce(alpha[-2:])


def between_different(labels):
    return labels[2:] != labels[:-2]


def between_all(labels):
    return labels[2:] != 0


def nowhere(labels):
    return np.zeros(max(len(labels) - 2, 0), bool)


def loss_by_forward(log_probs, targets):
    return lattice(log_probs, targets, between_different)


def generous(log_probs, targets):
    return lattice(log_probs, targets, between_all)


def without_skips(log_probs, targets):
    return lattice(log_probs, targets, nowhere)


def minus_the_loss(log_probs, targets):
    return -loss_by_forward(log_probs, targets)


def in_probabilities(log_probs, targets):
    """Underflows where there are many frames."""
    return -np.log(np.exp(-loss_by_forward(log_probs, targets)))


def paths(frames, classes):
    return itertools.product(range(classes), repeat=frames)


def text(path):
    """Repeats merged, then blanks dropped."""
    return [symbol for symbol, _ in itertools.groupby(path) if symbol]


def by_paths(log_probs, targets):
    """Of all paths that say the text: their probability, and its part through each symbol of a frame."""
    total, through = 0.0, np.zeros(np.shape(log_probs))
    frames = np.arange(len(log_probs))
    for path in paths(*log_probs.shape):
        if text(path) == list(targets):
            probability = np.exp(np.sum(log_probs[frames, path]))
            total += probability
            through[frames, path] += probability
    return total, through


def shares(log_probs, targets):
    total, through = by_paths(log_probs, targets)
    return through / total


def mean_shares(log_probs, targets):
    return np.exp(log_probs) - (np.exp(log_probs) - shares(log_probs, targets)) / len(targets)


def gradient_of(log_probs, targets):
    return np.exp(log_probs) - shares(log_probs, targets)


def minus_the_gradient_of_log_probs(log_probs, targets):
    return log_probs - gradient_of(log_probs, targets)


AB = "for log_probs=[[-2.303, -0.357, -1.609], [-0.693, -1.204, -1.609]], targets=[1, 2] expected"
HALF = "for log_probs=[[-0.693, -0.693], [-0.693, -0.693]], targets=[1] expected"
HALVES = np.full((2, 2), -0.693)
EQUAL = "for log_probs=[[-0.693, -0.693], [-0.693, -0.693], [-0.693, -0.693]], targets=[1, 1] expected"
TINY = "for log_probs=[[-400.0, -400.0, -400.0], [-400.0, -400.0, -400.0], [-400.0, -400.0, -400.0]]"


def rows(numbers):
    """Numbers as messages show them."""
    return "[" + ", ".join("[" + ", ".join(map(six, row)) + "]" for row in numbers) + "]"


THIRDS = f"{HALF} {rows([[1 / 3, 2 / 3]] * 2)}, got"
# In three frames aa has one path, a blank in the middle; four more begin or end with one, or have none.
GENEROUS = f"{EQUAL} 2.079, got {six(3 * 0.693 - np.log(5))}"
WRONG = [
    ("by_hand", 0.64, "0.64 is too large"),
    ("by_hand", -np.log(0.36), f"{six(-np.log(0.36))} is too large"),
    ("by_hand", -np.log(0.16), f"{six(-np.log(0.16))} is too large"),
    ("by_hand", np.log(0.64), f"{six(np.log(0.64))} is too small"),
    ("shares", gradient_of, f"{THIRDS} {rows([[np.exp(-0.693) - 1 / 3, np.exp(-0.693) - 2 / 3]] * 2)}"),
    (
        "shares",
        minus_the_gradient_of_log_probs,
        f"{THIRDS} {rows(HALVES - np.exp(HALVES) + [1 / 3, 2 / 3])}",
    ),
    (
        "shares",
        mean_shares,
        f"{AB} [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], got "
        + rows(mean_shares(np.log([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]).round(3), np.array([1, 2]))),
    ),
    ("forward", generous, GENEROUS),
    ("forward", without_skips, f"{AB} 1.966, got inf"),
    ("forward", in_probabilities, f"{TINY}, targets=[1, 2] expected {six(1200 - np.log(5))}, got inf"),
    ("find_the_bug", generous, GENEROUS),
    ("find_the_bug", without_skips, f"{AB} 1.966, got inf"),
    ("find_the_bug", minus_the_loss, f"{AB} 1.966, got -1.966"),
]


# The cases


@st.composite
def calls(draw):
    """Batches and single recordings, targets in rows or in one, some of which no path can say."""
    dtype = draw(FLOAT_DTYPES)
    steps, classes, width = draw(st.integers(1, 5)), draw(st.integers(2, 4)), draw(st.integers(0, 3))
    batched, in_one_row = draw(st.booleans()), draw(st.booleans())
    count = draw(st.integers(1, 3)) if batched else 1
    logits = draw(arrays(np.float64, (steps, count, classes), between(-8, 8)))
    log_probs = log_softmax(logits).astype(dtype)
    blank = draw(st.integers(0, classes - 1))
    letters = st.sampled_from([c for c in range(classes) if c != blank])
    targets = draw(arrays(np.int64, (count, width), letters))
    input_lengths = draw(arrays(np.int64, count, st.integers(0, steps)))
    target_lengths = draw(arrays(np.int64, count, st.integers(0, width)))
    if in_one_row:
        targets = np.concatenate([row[:n] for row, n in zip(targets, target_lengths, strict=True)])
    return {
        "log_probs": log_probs if batched else log_probs[:, 0],
        "targets": targets,
        "input_lengths": input_lengths,
        "target_lengths": target_lengths,
        "blank": blank,
        "reduction": draw(REDUCTIONS),
        "zero_infinity": draw(st.booleans()),
    }


LOG_PROBS = log_softmax(np.random.default_rng(0).normal(size=(4, 2, 3)))
ONE = {
    "log_probs": LOG_PROBS[:, 0],
    "targets": np.array([1, 2]),
    "input_lengths": np.array(4),
    "target_lengths": np.array(2),
}
EQUAL_LETTERS = np.array([[1, 1], [2, 1]])


def with_log_prob(value, frame, symbol):
    changed = LOG_PROBS.copy()
    changed[frame, 0, symbol] = value
    return changed


CASES = Cases(
    usual={
        "log_probs": LOG_PROBS,
        "targets": np.array([[1, 2], [2, 1]]),
        "input_lengths": np.array([4, 3]),
        "target_lengths": np.array([2, 1]),
    },
    calls=calls(),
    edges={
        "one recording": ONE,
        "one recording, padded": ONE | {"targets": np.array([[1, 2, 1]])},
        "one recording, lengths in tuples": ONE | {"input_lengths": (4,), "target_lengths": (2,)},
        "lengths in lists": {"input_lengths": [4, 3], "target_lengths": [2, 1]},
        "lengths of one byte": {"input_lengths": np.array([4, 3], np.uint8)},
        "all labels in one row": {"targets": np.array([1, 2, 2])},
        "labels that are floats": {"targets": np.array([[1.0, 2.0], [2.0, 1.0]])},
        "labels that are bytes": {"targets": np.array([[1, 2], [2, 1]], np.uint8)},
        "padding that is no label": {"targets": np.array([[1, 2], [2, -100]])},
        "no label": {"targets": np.zeros((2, 0), int), "target_lengths": np.array([0, 0])},
        "no label in one row": {"targets": np.zeros(0, int), "target_lengths": np.array([0, 0])},
        "no frame": {"input_lengths": np.array([0, 3])},
        "no frame, no label": {"input_lengths": np.array([0, 3]), "target_lengths": np.array([0, 1])},
        "equal letters": {"targets": EQUAL_LETTERS},
        "equal letters, too few frames": {"targets": EQUAL_LETTERS, "input_lengths": np.array([2, 3])},
        "too few frames, made 0": {
            "targets": EQUAL_LETTERS,
            "input_lengths": np.array([2, 3]),
            "zero_infinity": True,
        },
        "the last class is the blank": {"blank": 2, "targets": np.array([[1, 0], [0, 1]])},
        "nan": {"log_probs": with_log_prob(NAN, 1, 1)},
        "a symbol that is used is impossible": {"log_probs": with_log_prob(-INF, 1, 1)},
        "a symbol that is unused is impossible": {
            "log_probs": with_log_prob(-INF, 1, 2),
            "target_lengths": np.array([1, 1]),
        },
        "no logarithms": {"log_probs": 3 + LOG_PROBS},
        "extreme": {"log_probs": log_softmax(60 * LOG_PROBS)},
    },
    scalars=({"blank": np.int64(0)}, {"zero_infinity": np.True_}),
    refused={
        "log_probs must be floating point, got int64": {"log_probs": np.zeros((4, 2, 3), int)},
        "log_probs must have shape (T, C) or (T, N, C) without a 0, got (3,)": {"log_probs": np.zeros(3)},
        "log_probs must have shape (T, C) or (T, N, C) without a 0, got (4, 0, 3)": {
            "log_probs": np.zeros((4, 0, 3))
        },
        "blank must be an integer in 0..2, got 3": {"blank": 3},
        "blank must be an integer in 0..2, got 0.5": {"blank": 0.5},
        "zero_infinity must be True or False, got 1": {"zero_infinity": 1},
        "reduction must be 'none', 'mean' or 'sum', got 'batchmean'": {"reduction": "batchmean"},
        "lengths must both be arrays or neither, got ['tuple', 'ndarray']": {"input_lengths": (4, 3)},
        "input_lengths must be an array, a list or a tuple, got int": {
            "input_lengths": 4,
            "target_lengths": 2,
        },
        "input_lengths must be integers, got float64": {"input_lengths": np.array([4.0, 3.0])},
        "target_lengths must be integers, got bool": {"target_lengths": np.array([True, True])},
        "input_lengths must have one entry a sample, 2 in all, got 3": {"input_lengths": np.array([4, 4, 4])},
        "input_lengths must be in 0..4, got 5": {"input_lengths": np.array([4, 5])},
        "target_lengths must be at least 0, got -1": {"target_lengths": np.array([2, -1])},
        "target_lengths must be at most 2, the width of targets, got 3": {"target_lengths": np.array([2, 3])},
        "targets must hold 3 labels, the sum of target_lengths, got 4": {"targets": np.array([1, 2, 1, 2])},
        "targets must have shape (N, S) with N = 2, or be one row of all labels, got (1, 2)": {
            "targets": np.array([[1, 2]])
        },
        "labels must be in 0..2 and not the blank, got 3": {"targets": np.array([[1, 3], [4, 1]])},
        "labels must be in 0..2 and not the blank, got -1": {"targets": np.array([[1, 2], [-1, 7]])},
        "labels must be in 0..2 and not the blank, got 0": {"targets": np.array([[1, 0], [2, 1]])},
    },
    refused_by_torch={
        "blank must be in label range": {"blank": 3},
        "log_probs tensor must not be empty": {"log_probs": np.zeros((4, 0, 3))},
        "input_lengths must be integral": {"input_lengths": np.array([4.0, 3.0])},
        "target_lengths must be integral": {"target_lengths": np.array([True, True])},
        "input_lengths must be of size batch_size": {"input_lengths": np.array([4, 4, 4])},
        "Expected input_lengths to have value at most 4": {"input_lengths": np.array([4, 5])},
        "Expected target_lengths to have value at least 0": {"target_lengths": np.array([2, -1])},
        "Expected tensor to have size 3 at dimension 0": {"targets": np.array([1, 2, 1, 2])},
        "Expected tensor to have size at least 3 at dimension 1": {"target_lengths": np.array([2, 3])},
        "received an invalid combination of arguments": {"zero_infinity": 1},
    },
    float16=False,
    right={
        "by_hand": -np.log(0.4 * 0.6 + 0.6 * 0.4 + 0.4 * 0.4),
        "shares": shares,
        "forward": loss_by_forward,
        "find_the_bug": loss_by_forward,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def numbers(seed, frames, classes):
    return log_softmax(np.random.default_rng(seed).normal(scale=2, size=(frames, classes)))


TEXTS = [(4, [1, 2]), (4, [1, 1]), (5, [2, 1, 2]), (6, [1, 1, 2]), (3, []), (3, [2]), (5, [2, 2, 2])]


@pytest.mark.parametrize(("frames", "targets"), TEXTS)
def test_it_adds_up_all_paths_that_say_the_text(frames, targets):
    log_probs = numbers(0, frames, 3)
    total, through = by_paths(log_probs, targets)
    call = {"input_lengths": (frames,), "target_lengths": (len(targets),), "reduction": "sum"}
    ours, gradient = (f(log_probs, np.array(targets, int), **call) for f in lift("ctc_loss").values())
    assert np.exp(-ours) == pytest.approx(total, rel=1e-12)
    assert np.exp(log_probs) - gradient == pytest.approx(through / total, abs=1e-12)
    theirs = F.ctc_loss(torch.tensor(log_probs), torch.tensor(targets, dtype=torch.int64), **call)
    assert theirs.item() == pytest.approx(ours, rel=1e-12)


@pytest.mark.parametrize(("frames", "targets"), [text for text in TEXTS if len(text[1])])
def test_a_text_needs_a_frame_a_label_and_one_between_equal_ones(frames, targets):
    needed = len(targets) + sum(a == b for a, b in itertools.pairwise(targets))
    for steps in (needed - 1, needed):
        log_probs = torch.tensor(numbers(1, steps, 3)) if steps else torch.zeros(1, 3)
        loss = F.ctc_loss(log_probs, torch.tensor(targets), (steps,), (len(targets),))
        assert loss.isinf() == (steps < needed)
        assert any(text(path) == targets for path in paths(steps, 3)) == (steps == needed)


def test_the_gradient_is_that_in_the_logits_and_lacks_the_probabilities_as_one_of_log_probabilities():
    logits = torch.tensor(numbers(2, 5, 3) + 1, requires_grad=True)
    log_probs = logits.log_softmax(1).detach().requires_grad_()
    call = (torch.tensor([1, 2]), (5,), (2,))
    for x, into in ((logits, lambda x: x.log_softmax(1)), (log_probs, lambda x: x)):
        F.ctc_loss(into(x), *call).backward()
    torch.testing.assert_close(logits.grad, log_probs.grad)
    step = 1e-6 * torch.eye(15, dtype=torch.float64).reshape(15, 5, 3)
    ends = [torch.stack([F.ctc_loss(log_probs.detach() + s, *call) for s in sign * step]) for sign in (1, -1)]
    slopes = ((ends[0] - ends[1]) / 2e-6).reshape(5, 3)
    torch.testing.assert_close(log_probs.grad - log_probs.detach().exp() / 2, slopes, atol=1e-8, rtol=0)


def test_a_label_beyond_the_last_class_reads_the_row_beside_it():
    log_probs = torch.tensor(LOG_PROBS)
    call = ((4, 4), (2, 2))  # forward only: the way back would write there
    beyond = F.ctc_loss(log_probs, torch.tensor([[1, 3], [2, 1]]), *call, reduction="none")[0]
    wider = torch.cat([log_probs[:, 0], log_probs[:, 1, :1]], dim=1)
    assert beyond == F.ctc_loss(wider, torch.tensor([1, 3]), (4,), (2,), reduction="sum")


def test_far_from_every_path_the_gradient_is_1_in_size():
    loss = CATALOG["ctc_loss"]
    x = torch.tensor([[50.0, 0, 0], [0, 50.0, 0]], requires_grad=True)
    F.ctc_loss(x.log_softmax(1), torch.tensor([1, 2]), (2,), (2,), reduction="sum").backward()
    assert x.grad[0, 1] == -1 and x.grad[1, 2] == -1 and loss.gradient_far.startswith("-1 for a symbol")
