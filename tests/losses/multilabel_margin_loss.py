"""multilabel_margin_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import hinges, six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import best_scores, gradient
from tests.inputs import (
    INF,
    LABELS,
    LOGITS,
    NAN,
    ONE_HOT,
    REFUSED_BY_ALL,
    is_written,
    without_samples,
)

# Answers to the exercises


def to_indices(multi_hot):
    width = multi_hot.shape[1]
    return [(np.flatnonzero(row).tolist() + width * [-1])[:width] for row in multi_hot]


def margin_from_multi_hot(input, multi_hot):
    return np.mean([np.mean(pair_costs(*row)) for row in zip(input, multi_hot == 1, strict=True)])


def pair_costs(scores, is_label):
    """For every class, what all labels lack to lead it by 1; 0 for the labels."""
    lacking = np.maximum(0, 1 - scores[is_label, None] + scores)
    return np.sum(lacking, axis=0) * ~is_label


def multilabel_margin(input, target):
    total = 0
    for scores, row in zip(input, target.tolist(), strict=True):
        listed = row[: [*row, -1].index(-1)]
        rivals = np.delete(scores, listed)
        total += sum(np.sum(np.maximum(0, 1 - scores[label] + rivals)) for label in listed)
    return total / input.size


def indices_in_place(multi_hot):
    return np.where(multi_hot == 1, np.arange(multi_hot.shape[1]), -1)


def filled_up_with_0(multi_hot):
    return np.maximum(to_indices(multi_hot), 0)


def counted_from_1(multi_hot):
    return [[index + 1 if index >= 0 else -1 for index in row] for row in to_indices(multi_hot)]


def sorted_without_an_end(multi_hot):
    return np.argsort(-multi_hot, axis=1, kind="stable")


def in_descending_order(multi_hot):
    return [
        [*reversed([index for index in row if index >= 0]), *[-1] * row.count(-1)]
        for row in to_indices(multi_hot)
    ]


def pairs_of(multi_hot):
    return (multi_hot[:, :, None] == 1) & (multi_hot[:, None, :] == 0)


def rival_ahead_of_label(input, multi_hot):
    lacking = np.maximum(0, 1 + input[:, :, None] - input[:, None, :])
    return np.sum(lacking * pairs_of(multi_hot)) / input.size


def pairs_without_the_hinge(input, multi_hot):
    lacking = 1 - input[:, :, None] + input[:, None, :]
    return np.sum(lacking * pairs_of(multi_hot)) / input.size


def sum_over_samples(input, multi_hot):
    return len(input) * margin_from_multi_hot(input, multi_hot)


def labels_against_labels(input, multi_hot):
    lacking = np.maximum(0, 1 - input[:, :, None] + input[:, None, :])
    return np.sum(lacking * (multi_hot[:, :, None] == 1) * (1 - np.eye(input.shape[1]))) / input.size


def mean_over_the_pairs(input, target):
    labels = target[:, 0]
    return np.mean(np.sum(hinges(input, labels), axis=1) / (input.shape[1] - 1))


def each_label_once(input, target):
    before_the_end = np.cumsum(target == -1, axis=1) == 0
    rows = zip(target, before_the_end, strict=True)
    return margin_from_multi_hot(
        input, np.array([np.isin(np.arange(len(row)), row[kept]) for row, kept in rows])
    )


def reading_past_the_end(input, target):
    is_label = np.array([np.isin(np.arange(len(row)), row) for row in target])
    return margin_from_multi_hot(input, is_label)


WRONG = [
    ("by_hand", (2 + 0.5) / 3, f"{six((2 + 0.5) / 3)} is too large"),
    ("by_hand", 0.5 / 2, f"{0.5 / 2} is too large"),
    ("by_hand", (-0.5 + 0.5) / 3, "0.0 is too small"),
    (
        "to_indices",
        indices_in_place,
        "for multi_hot=[[0, 1, 1]] expected [[1, 2, -1]], got [[-1.0, 1.0, 2.0]]",
    ),
    (
        "to_indices",
        filled_up_with_0,
        "for multi_hot=[[1, 0, 0]] expected [[0, -1, -1]], got [[0.0, 0.0, 0.0]]",
    ),
    (
        "to_indices",
        counted_from_1,
        "for multi_hot=[[1, 0, 0]] expected [[0, -1, -1]], got [[1.0, -1.0, -1.0]]",
    ),
    (
        "to_indices",
        sorted_without_an_end,
        "for multi_hot=[[1, 0, 0]] expected [[0, -1, -1]], got [[0.0, 1.0, 2.0]]",
    ),
    (
        "to_indices",
        in_descending_order,
        "for multi_hot=[[0, 1, 1]] expected [[1, 2, -1]], got [[2.0, 1.0, -1.0]]",
    ),
    (
        "from_multi_hot",
        labels_against_labels,
        "for input=[[2.0, 0.5, 0.3]], multi_hot=[[1, 1, 0]] "
        f"expected {six((1 - 0.2) / 3)}, got {six(((1 - 0.2) + (1 + 1.5)) / 3)}",
    ),
    (
        "from_multi_hot",
        rival_ahead_of_label,
        "for input=[[2.0, 0.5, 0.3]], multi_hot=[[1, 1, 0]] "
        f"expected {six((1 - 0.2) / 3)}, got {six(((1 + 1.7) + (1 + 0.2)) / 3)}",
    ),
    (
        "from_multi_hot",
        pairs_without_the_hinge,
        "for input=[[2.0, 0.5, -1.0]], multi_hot=[[0, 1, 0]] "
        f"expected {six((1 + 1.5) / 3)}, got {six(((1 + 1.5) + (1 - 1.5)) / 3)}",
    ),
    (
        "from_multi_hot",
        sum_over_samples,
        "for input=[[0.0, 0.0], [3.0, 0.0]], multi_hot=[[1, 0], [1, 0]] "
        f"expected {(1 + 0) / 2 / 2}, got {(1 + 0) / 2}",
    ),
    (
        "find_the_bug",
        reading_past_the_end,
        f"for input=[[2.0, 0.5, 1.8]], target=[[0, -1, 2]] expected {six((1 - 0.2) / 3)}, got 0.0",
    ),
    (
        "find_the_bug",
        mean_over_the_pairs,
        "for input=[[2.0, 0.5, 1.8]], target=[[0, -1, -1]] "
        f"expected {six((1 - 0.2) / 3)}, got {six((1 - 0.2) / 2)}",
    ),
    (
        "find_the_bug",
        each_label_once,
        "for input=[[2.0, 0.5, 1.8]], target=[[1, 1, -1]] "
        f"expected {six(2 * ((1 + 1.5) + (1 + 1.3)) / 3)}, got {six(((1 + 1.5) + (1 + 1.3)) / 3)}",
    ),
]


# The cases


CASES = Cases(
    usual={"input": LOGITS, "target": np.array([[2, 0, -1], [1, -1, 0]])},
    calls=typed_calls("multilabel_margin_loss").filter(is_written),
    edges={
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
        "a number": {"input": np.array(2.0), "target": np.array(0)},
        "a number, its label in a list": {"input": np.array(2.0), "target": np.array([-1])},
        "one score, its label a number": {"input": np.array([2.0]), "target": np.array(0)},
    },
    stated=without_samples(np.zeros((0, 3), int)),
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (C,) or (N, C), C >= 1, got (2, 0)": {"input": np.zeros((2, 0))},
        "input must have shape (C,) or (N, C), C >= 1, got (2, 3, 4)": {"input": np.zeros((2, 3, 4))},
        "target must be int64 class indices, got float64": {"target": ONE_HOT},
        "target must be int64 class indices, got bool": {"target": ONE_HOT == 1},
        "target must be int64 class indices, got uint8": {"target": ONE_HOT.astype(np.uint8)},
        "target must be int64 class indices, got int32": {"target": ONE_HOT.astype(np.int32)},
        "input and target must have the same shape, got (2, 3) and (2,)": {"target": LABELS},
        "input and target must have the same shape, got (2, 3) and (2, 1)": {"target": LABELS[:, None]},
        "target must hold classes in 0..2 or -1, got 3": {"target": np.array([[0, -1, 3], [-2, 4, -1]])},
        "target must hold classes in 0..2 or -1, got -2": {"target": np.array([[0, -1, -2], [3, -3, -1]])},
    },
    refused_by_torch={
        "expected scalar type Long but found Byte": {"target": np.array([[2, 0, 0], [1, 0, 0]], np.uint8)},
        "expected scalar type Long but found Int": {"target": ONE_HOT.astype(np.int32)},
    },
    float16=False,
    right={
        "by_hand": (0 + 0.5) / 3,
        "to_indices": to_indices,
        "from_multi_hot": margin_from_multi_hot,
        "find_the_bug": multilabel_margin,
    },
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("distance", [0.5, 1e4])
def test_gradient_counts_the_classes_that_pay(classes, distance):
    input = torch.full((1, classes), distance).index_fill(1, torch.tensor([0]), 0.0)
    one_label = F.pad(torch.tensor([[0]]), (0, classes - 1), value=-1)
    slopes = gradient(F.multilabel_margin_loss, input, one_label)[0]
    torch.testing.assert_close(slopes[1:], torch.full((classes - 1,), 1 / classes))
    torch.testing.assert_close(slopes[0], torch.tensor(-(classes - 1) / classes))
    assert CATALOG["multilabel_margin_loss"].gradient_far.startswith("1/C for each")


def test_gradient_keeps_its_bound_if_each_label_is_listed_once():
    spec, scores = CATALOG["multilabel_margin_loss"], torch.arange(4.0)
    for count in range(5):
        for labels in itertools.combinations(range(4), count):
            target = F.pad(torch.tensor(labels, dtype=torch.int64), (0, 4 - count), value=-1)
            assert gradient(F.multilabel_margin_loss, scores, target).abs().max() <= spec.gradient_bound()
    three_times = torch.zeros(3, dtype=torch.int64)
    assert gradient(F.multilabel_margin_loss, torch.arange(3.0), three_times).tolist() == [-2, 1, 1]
    assert "each label listed once" in spec.argument("target").says


def test_elicits_the_usual_labels_a_margin_ahead():
    assert "the usual labels a margin ahead" in CATALOG["multilabel_margin_loss"].elicits
    label_sets = torch.tensor([[0, 1, -1], [2, -1, -1]])
    assert best_scores(F.multilabel_margin_loss, label_sets, [3, 1]) == [0, 0, -1]


def test_unequal_labels_can_tie():
    assert "unequal ones can tie" in CATALOG["multilabel_margin_loss"].elicits
    one_each = torch.tensor([[0, -1, -1], [1, -1, -1], [2, -1, -1]])
    assert best_scores(F.multilabel_margin_loss, one_each, [8, 7, 5]) == [0, 0, -1]
