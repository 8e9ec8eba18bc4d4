"""nll_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import hypothesis.extra.numpy as hnp
import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from tests import facts
from tests.answers import LN2, six
from tests.cases import Cases
from tests.facts import gradient, normal
from tests.inputs import IGNORED, INF, LABELS, MASKED, NAN, REFUSED_BY_ALL
from tests.strategies import FLOAT_DTYPES, REDUCTIONS, ROUND, arrays, between

# Answers to the exercises


def nll_parts(input, target, weight, ignore_index):
    counts = np.where(target == ignore_index, 0, weight[np.clip(target, 0, len(weight) - 1)])
    picked = input[np.arange(len(target)), np.clip(target, 0, len(weight) - 1)]
    return -np.sum(counts * picked), np.sum(counts)


def sentence_nll(input, target, padding):
    losses = []
    for words, labels in zip(input, target, strict=True):
        picked = [word[label] for word, label in zip(words, labels, strict=True) if label != padding]
        losses.append(-np.mean(picked) if picked else np.nan)
    return losses


def weighted_nll(input, target, weight):
    numerator, denominator = nll_parts(input, target, weight, -1)
    return numerator / denominator


def parts_without_weight(input, target, weight, ignore_index):
    return nll_parts(input, target, np.ones_like(weight), ignore_index)


def counting_the_ignored(input, target, weight, ignore_index):
    return nll_parts(input, target, weight, ignore_index)[0], weight[target % len(weight)].sum()


def parts_with_the_sign_left(input, target, weight, ignore_index):
    numerator, denominator = nll_parts(input, target, weight, ignore_index)
    return -numerator, denominator


def masked_after_indexing(input, target, weight, ignore_index):
    kept = target != ignore_index
    losses = -weight[target] * input[np.arange(len(target)), target]
    return losses[kept].sum(), weight[target][kept].sum()


def mean_over_padding_words(input, target, padding):
    return sentence_nll(input, target, padding) * np.mean(target != padding, axis=1)


def mean_over_all_words(input, target, padding):
    kept = target != padding
    words = [word[label] for word, label in zip(input[kept], target[kept], strict=True)]
    return np.full(len(target), -np.mean(words))


def sum_over_words(input, target, padding):
    return sentence_nll(input, target, padding) * np.sum(target != padding, axis=1)


def zero_without_words(input, target, padding):
    return np.nan_to_num(sentence_nll(input, target, padding))


def leaky_nll(input, target, weight):
    losses = -weight[target] * input[np.arange(len(target)), target]
    losses[target == -1] = 0
    return losses.sum() / weight[target].sum()


def last_class_silenced(input, target, weight):
    return leaky_nll(input, target, np.append(weight[:-1], 0))


def unlabelled_as_class_0(input, target, weight):
    losses = -weight[target] * input[np.arange(len(target)), target]
    losses[target == -1] = 0
    return losses.sum() / weight[np.maximum(target, 0)].sum()


def divided_by_the_labelled(input, target, weight):
    kept = target != -1
    losses = -weight[target] * input[np.arange(len(target)), target]
    return losses[kept].mean()


WRONG = [
    ("by_hand", (1 * 1 + 3 * 2 + 1 * 4) / 3, f"{six((1 * 1 + 3 * 2 + 1 * 4) / 3)} is too large"),
    ("by_hand", (1 + 2 + 4) / 3, f"{six((1 + 2 + 4) / 3)} is too large"),
    ("by_hand", -11 / 5, f"{-11 / 5} is too small"),
    (
        "numerator_and_denominator",
        parts_without_weight,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, 1], weight=[1.0, 3.0], ignore_index=-100 "
        f"expected [{1 + 3 * 4.0}, {1 + 3.0}], got [{1 + 4.0}, {1 + 1.0}]",
    ),
    (
        "numerator_and_denominator",
        counting_the_ignored,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0], ignore_index=-1 "
        f"expected [1.0, 1.0], got [1.0, {1 + 3.0}]",
    ),
    (
        "numerator_and_denominator",
        parts_with_the_sign_left,
        "for input=[[-0.693147, -0.693147]], target=[0], weight=[1.0, 1.0], ignore_index=-100 "
        f"expected [{LN2}, 1.0], got [-{LN2}, 1.0]",
    ),
    (
        "numerator_and_denominator",
        masked_after_indexing,
        "your function raised IndexError: index 255 is out of bounds for axis 0 with size 2 "
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[255, 255], weight=[1.0, 3.0], ignore_index=255",
    ),
    (
        "sentences",
        mean_over_padding_words,
        "for input=[[[-1.0, -2.0], [-3.0, -4.0]]], target=[[1, -1]], padding=-1 "
        f"expected [2.0], got [{2 / 2}]",
    ),
    (
        "sentences",
        mean_over_all_words,
        "for input=[[[-1.0, -2.0], [-3.0, -4.0]], [[-5.0, -6.0], [-7.0, -8.0]]], "
        "target=[[1, 0], [1, 255]], padding=255 "
        f"expected [{(2 + 3) / 2}, 6.0], got [{six((2 + 3 + 6) / 3)}, {six((2 + 3 + 6) / 3)}]",
    ),
    (
        "sentences",
        sum_over_words,
        "for input=[[[-1.0, -2.0], [-3.0, -4.0]], [[-5.0, -6.0], [-7.0, -8.0]]], "
        "target=[[1, 0], [1, 255]], padding=255 "
        f"expected [{(2 + 3) / 2}, 6.0], got [{2 + 3.0}, 6.0]",
    ),
    (
        "sentences",
        zero_without_words,
        "for input=[[[-1.0, -2.0], [-3.0, -4.0]]], target=[[-1, -1]], padding=-1 expected [nan], got [0.0]",
    ),
    (
        "find_the_bug",
        leaky_nll,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0] "
        f"expected 1.0, got {1 / (1 + 3)}",
    ),
    (
        "find_the_bug",
        last_class_silenced,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {(1 + 3 * 4) / (1 + 3)}, got {1 / 1}",
    ),
    (
        "find_the_bug",
        unlabelled_as_class_0,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0] "
        f"expected 1.0, got {1 / (1 + 1)}",
    ),
    (
        "find_the_bug",
        divided_by_the_labelled,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {(1 + 3 * 4) / (1 + 3)}, got {(1 + 3 * 4) / 2}",
    ),
]


# The cases


INT32 = {"target": LABELS.astype(np.int32)}
BYTES_IN_AN_IMAGE = {"input": np.zeros((1, 3, 2, 2)), "target": np.zeros((1, 2, 2), np.uint8)}
LABELS_ONLY = "target must be int64 labels, or uint8 for input of shape (C,) or (N, C)"
LOG_P = np.log([[0.25, 0.125, 0.625], [0.5, 0.25, 0.25]])


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


CASES = Cases(
    usual={"input": LOG_P, "target": LABELS},
    calls=nll_calls(),
    edges={
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
    dtyped=("weight",),
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got ()": {"input": np.array(1.0)},
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got (2, 0)": {
            "input": np.zeros((2, 0))
        },
        f"{LABELS_ONLY}, got float64": {"target": np.zeros(2)},
        f"{LABELS_ONLY}, got bool": {"target": LABELS == 0},
        f"{LABELS_ONLY}, got int32": INT32,
        f"{LABELS_ONLY}, got uint8": BYTES_IN_AN_IMAGE,
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
    refused_by_torch={
        "expected target dtype to be Long or Byte, but got Int": INT32,
        "expected scalar type Long but found Byte": BYTES_IN_AN_IMAGE,
    },
    right={
        "by_hand": (1 * 1 + 3 * 2 + 1 * 4) / (1 + 3 + 1),
        "numerator_and_denominator": nll_parts,
        "sentences": sentence_nll,
        "find_the_bug": weighted_nll,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_gradient_is_minus_1_at_the_label_far_away_and_at_the_target():
    spec = CATALOG["nll_loss"]
    target = facts.labels(3, 1000)
    for scores in (1e4 * normal(1000, 3), 100 * F.one_hot(target, 3).float()):
        found = gradient(F.nll_loss, scores.log_softmax(dim=1), target)
        torch.testing.assert_close(found, -F.one_hot(target, 3).float())
    assert spec.gradient_far.startswith("-1 in the picked entry")
    assert spec.gradient_at_target.startswith("the same")


def test_elicits_the_class_frequencies():
    target = torch.tensor([0, 0, 0, 1, 1, 2])
    frequencies = torch.bincount(target) / len(target)

    def constant_loss(p):
        return F.nll_loss(p.log().expand(len(target), 3), target)

    others = torch.distributions.Dirichlet(torch.ones(3)).sample((200,))
    assert all(constant_loss(frequencies) < constant_loss(p) for p in others)
    assert CATALOG["nll_loss"].elicits.startswith("the class frequencies")


def test_class_weights_move_what_it_elicits():
    target, weight = torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor([1.0, 3.0, 2.0])
    weighted = weight * torch.bincount(target)

    def constant_loss(p):
        return F.nll_loss(p.log().expand(len(target), 3), target, weight)

    others = torch.distributions.Dirichlet(torch.ones(3)).sample((200,))
    frequencies = torch.bincount(target) / len(target)
    assert all(constant_loss(weighted / weighted.sum()) < constant_loss(p) for p in [frequencies, *others])
    assert "if no weight is given" in CATALOG["nll_loss"].elicits
