"""ctc_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import itertools
from math import comb

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
        "labels of four bytes": {"targets": np.array([[1, 2], [2, 1]], np.int32)},
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
    batch_first = log_probs.transpose(0, 1).contiguous().transpose(0, 1)  # the next frame is beside it
    beside = F.ctc_loss(batch_first, torch.tensor([[1, 3], [2, 1]]), *call, reduction="none")[0]
    following = torch.cat([log_probs[1:, 0, :1], log_probs[:1, 1, :1]])
    wider = torch.cat([log_probs[:, 0], following], dim=1)
    assert beside == F.ctc_loss(wider, torch.tensor([1, 3]), (4,), (2,), reduction="sum")


def test_a_label_beyond_the_last_class_may_make_the_loss_of_log_probabilities_negative():
    sure = torch.tensor([0.98, 0.01, 0.01]).log_().expand(20, 2, 3).contiguous()  # forward only here too
    each = F.ctc_loss(sure, torch.tensor([[3], [1]]), (20, 20), (1, 1), reduction="none")
    assert sure.logsumexp(2).abs().max() < 1e-6 and each[0] < -4 and each[1] > 0


def test_far_from_every_path_the_gradient_is_1_in_size():
    loss = CATALOG["ctc_loss"]
    x = torch.tensor([[50.0, 0, 0], [0, 50.0, 0]], requires_grad=True)
    F.ctc_loss(x.log_softmax(1), torch.tensor([1, 2]), (2,), (2,), reduction="sum").backward()
    assert x.grad[0, 1] == -1 and x.grad[1, 2] == -1 and loss.gradient_far.startswith("-1 for a symbol")


# The frames of the opening: probabilities of –, a and b
OPENING = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.1, 0.7], [0.6, 0.1, 0.3]])


def opening_loss(x, targets=(1, 2), frames=4, **options):
    lengths = (frames,), (len(targets),)
    return F.ctc_loss(x, torch.tensor(targets), *lengths, reduction="sum", **options)


def test_the_paths_of_the_opening_and_what_they_say():
    by_text = {}
    for path in paths(4, 3):
        probability = np.prod(OPENING[range(4), path])
        by_text.setdefault("".join("–ab"[c] for c in text(path)), []).append((probability, path))
    of_ab = sorted(by_text["ab"], reverse=True)
    total = sum(probability for probability, _ in of_ab)
    assert total == pytest.approx(0.5208) and -np.log(total) == pytest.approx(0.652389, abs=5e-7)
    told = {
        "a–b–": (0.147, 28.2),
        "aab–": (0.0882, 16.9),
        "a–bb": (0.0735, 14.1),
        "abb–": (0.0588, 11.3),
        "aabb": (0.0441, 8.5),
        "abbb": (0.0294, 5.6),
        "a––b": (0.021, 4.0),
        "ab––": (0.0168, 3.2),
        "–ab–": (0.0126, 2.4),
        "aa–b": (0.0126, 2.4),
        "–abb": (0.0063, 1.2),
        "aaab": (0.0063, 1.2),
        "–a–b": (0.0018, 0.3),
        "––ab": (0.0015, 0.3),
        "–aab": (0.0009, 0.2),
    }
    found = {"".join("–ab"[c] for c in path): probability for probability, path in of_ab}
    assert found.keys() == told.keys()
    for path, (probability, percent) in told.items():
        assert found[path] == pytest.approx(probability)
        assert round(100 * found[path] / total, 1) == percent
    others = {"a": 0.0921, "b": 0.0915, "bb": 0.0726, "aba": 0.0637, "bab": 0.048, "aa": 0.0363, "ba": 0.0335}
    for said, probability in others.items():
        each = sum(p for p, _ in by_text[said])
        assert each == pytest.approx(probability, abs=5e-5)
        labels = ["–ab".index(letter) for letter in said]
        assert opening_loss(torch.tensor(OPENING).log(), labels).exp().item() == pytest.approx(1 / each)


def test_the_endings_of_the_opening_and_the_shares_that_both_passes_give():
    states = [0, 1, 0, 2, 0]
    y = OPENING[:, states]
    forth, back = np.zeros((4, 5)), np.zeros((4, 5))
    forth[0, :2], back[3, 3:] = y[0, :2], y[3, 3:]
    for t in (1, 2, 3):
        for s in range(5):
            ways = [s, s - 1] + ([s - 2] if s == 3 else [])
            forth[t, s] = y[t, s] * sum(forth[t - 1, k] for k in ways if k >= 0)
            ways = [s, s + 1] + ([s + 2] if s == 1 else [])
            back[3 - t, s] = y[3 - t, s] * sum(back[4 - t, k] for k in ways if k < 5)
    endings = [
        [0.0231, 0.015, 0, 0],
        [0.4977, 0.216, 0.03, 0],
        [0.0495, 0.345, 0.06, 0],
        [0.042, 0.15, 0.63, 0.3],
        [0.006, 0.06, 0.12, 0.6],
    ]
    np.testing.assert_allclose(back.T, endings, atol=1e-12)
    through = forth * back / y
    assert through.sum(1) == pytest.approx([0.5208] * 4)
    shares_of = np.stack([through[:, [0, 2, 4]].sum(1), through[:, 1], through[:, 3]], axis=1) / 0.5208
    told = [[0.044, 0.956, 0], [0.467, 0.332, 0.202], [0.1, 0.017, 0.883], [0.621, 0, 0.379]]
    assert shares_of == pytest.approx(np.array(told), abs=5e-4)
    assert shares_of == pytest.approx(shares(np.log(OPENING), [1, 2]))


@pytest.mark.parametrize(
    ("frames", "targets", "count"),
    [
        (4, [1, 1], 5),
        (3, [1, 1], 1),
        (4, [1, 2], 15),
        (10, [1, 2, 3], 1716),
        (50, [1, 2, 3, 4, 5], 29248649430),
    ],
)
def test_the_number_of_paths_is_a_binomial_coefficient(frames, targets, count):
    x = torch.zeros(frames, 6, dtype=torch.float64)  # each path has the probability 1
    repeats = sum(a == b for a, b in itertools.pairwise(targets))
    assert opening_loss(x, targets, frames).neg().exp().item() == pytest.approx(count)
    assert comb(frames + len(targets) - repeats, 2 * len(targets)) == count


TRANSFORMS = {
    "log_softmax": lambda z: z.log_softmax(1),
    "a mixture": lambda z: (0.9 * z.softmax(1) + 0.025).log(),
    "more than 1, the same in each row": lambda z: (z.softmax(1) + 0.1).log(),
    "tempered": lambda z: 0.5 * z.log_softmax(1),
    "sigmoids": F.logsigmoid,
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_gradient_is_right_where_the_sums_of_the_rows_do_not_depend_on_the_parameters(name):
    into, targets = TRANSFORMS[name], [1, 2, 2]
    for seed in range(5):
        z = torch.tensor(numbers(seed, 6, 4), requires_grad=True)
        (found,) = torch.autograd.grad(opening_loss(into(z), targets, 6), z)
        steps = 1e-6 * torch.eye(24, dtype=torch.float64).reshape(24, 6, 4)
        ends = [[opening_loss(into(z.detach() + s), targets, 6) for s in sign * steps] for sign in (1, -1)]
        true = (torch.tensor(ends[0]) - torch.tensor(ends[1])) / 2e-6
        angle = F.cosine_similarity(found.flatten(), true, dim=0).item()
        off = (found.flatten() - true).abs().max()
        assert (off > 0.05 and angle < 0.97) if name in ("tempered", "sigmoids") else off < 1e-7


def test_gradcheck_fails_on_log_probabilities_and_passes_on_logits():
    x = torch.tensor(OPENING).log().requires_grad_()
    assert torch.autograd.gradcheck(lambda z: opening_loss(z.log_softmax(1)), (x,))
    assert not torch.autograd.gradcheck(opening_loss, (x,), raise_exception=False)


def test_a_label_of_minus_1_reads_the_row_before_it():
    log_probs = torch.tensor(LOG_PROBS)  # forward only here too
    each = F.ctc_loss(log_probs, torch.tensor([[1, 2], [-1, 2]]), (4, 4), (2, 2), reduction="none")
    wider = torch.cat([log_probs[:, 0, -1:], log_probs[:, 1]], dim=1)  # all labels one up
    assert each[1] == F.ctc_loss(wider, torch.tensor([0, 3]), (4,), (2,), blank=1, reduction="sum")


def test_frames_beyond_the_length_have_no_gradient_and_impossible_texts_none_that_is_a_number():
    x = torch.tensor(OPENING).log().requires_grad_()
    (grad,) = torch.autograd.grad(opening_loss(x, frames=3), x)
    assert grad[:3].any() and not grad[3].any()
    for zero, loss in ((False, INF), (True, 0)):
        found = opening_loss(x, [1, 1, 1], zero_infinity=zero)
        (grad,) = torch.autograd.grad(found, x)
        assert found == loss and (not grad.any() if zero else grad.isnan().all())


@pytest.mark.parametrize("symbol", [1, 2])
def test_an_impossible_symbol_makes_every_gradient_nan_whether_it_is_needed_or_not(symbol):
    logits = torch.tensor(OPENING).log()
    logits[:, symbol] = -INF
    logits.requires_grad_()
    found = opening_loss(logits.log_softmax(1), [1])
    assert torch.autograd.grad(found, logits)[0].isnan().all()
    with np.errstate(divide="ignore"):
        possible, _ = by_paths(logits.log_softmax(1).detach().numpy(), [1])
        assert found.item() == pytest.approx(-np.log(possible)) and found.isinf() == (symbol == 1)
    for large in (-1e4, -1e9):
        masked = torch.where(logits.isinf(), large, logits.detach()).requires_grad_()
        again = opening_loss(masked.log_softmax(1), [1])
        assert torch.autograd.grad(again, masked)[0].isfinite().all()
        if symbol == 2:
            assert again == found


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_not_implemented_on_a_cpu(dtype):
    with pytest.raises(NotImplementedError, match="ctc_loss_cpu"):
        opening_loss(torch.tensor(OPENING, dtype=getattr(torch, dtype)).log())


def test_of_uniform_frames_the_blank_is_asked_for_by_its_part_of_the_states():
    asked = {}
    for frames in (40, 400):
        x = torch.full((frames, 3), 1 / 3, dtype=torch.float64).log().requires_grad_()
        (grad,) = torch.autograd.grad(opening_loss(x, frames=frames), x)
        asked[frames] = (x.detach().exp() - grad).mean(0)[0].item()
    assert asked[40] == pytest.approx(0.57, abs=5e-4)
    assert asked[40] < asked[400] < 3 / 5 and asked[400] == pytest.approx(3 / 5, abs=0.005)


@pytest.mark.parametrize(("reduction", "half"), [("sum", 1 / 2), ("mean", 1 / 3)])
def test_over_texts_of_two_lengths_the_sum_estimates_frequencies_and_the_mean_does_not(reduction, half):
    """Of two frames that sound alike, one half say "a" and one half "ab"."""
    frames = torch.tensor([[0.0, 1, 0], [0, 1 - half, half]], dtype=torch.float64)  # P(ab) is half
    logits = frames.clamp(min=1e-12).log()[:, None].expand(2, 2, 3).clone().requires_grad_()
    call = torch.tensor([[1, 0], [1, 2]]), (2, 2), (1, 2)
    F.ctc_loss(logits.log_softmax(2), *call, reduction=reduction).backward()
    assert logits.grad.sum(1).abs().max() < 1e-9
    assert "(with the sum)" in CATALOG["ctc_loss"].elicits
