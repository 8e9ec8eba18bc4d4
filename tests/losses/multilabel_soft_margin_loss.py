"""multilabel_soft_margin_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.loss import Sign
from tests.answers import LN2, six
from tests.cases import Cases
from tests.facts import gradient
from tests.inputs import INF, LOGITS, NAN, ONE_HOT, REFUSED_BY_ALL

# Answers to the exercises


def logistic_loss(input, target):
    return np.logaddexp(0, input) - target * input


def soft_margin_by_sample(input, target):
    return logistic_loss(input, target).mean(axis=1)


def listed_soft_margin(input, labels):
    target = [np.isin(np.arange(input.shape[1]), row) for row in labels]
    return logistic_loss(input, np.array(target)).mean()


def known_soft_margin(input, target, known):
    return np.where(known, logistic_loss(input, target), 0).sum() / known.sum()


def one_label_before_the_rest(input, labels):
    return logistic_loss(input, labels[:, :1] == np.arange(input.shape[1])).mean()


def minus_one_as_the_last_class(input, labels):
    target = np.zeros_like(input)
    target[np.arange(len(labels))[:, None], labels] = 1
    return logistic_loss(input, target).mean()


def mean_over_the_unknown(input, target, known):
    return np.mean(known * logistic_loss(input, target))


def masked_by_zero(input, target, known):
    return np.sum(known * logistic_loss(input, target)) / known.sum()


def mean_of_the_samples(input, target, known):
    losses = np.where(known, logistic_loss(input, target), 0)
    return np.mean(losses.sum(axis=1) / known.sum(axis=1))


def unknown_as_no(input, target, known):
    return logistic_loss(input, np.where(known, target, 0)).mean()


def numbers_as_targets(input, labels):
    return logistic_loss(input, labels).mean()


def listed_sum_over_classes(input, labels):
    return input.shape[1] * listed_soft_margin(input, labels)


def loss_by_class(input, target):
    return logistic_loss(input, target).mean(axis=0)


def sum_over_classes(input, target):
    return logistic_loss(input, target).sum(axis=1)


def sum_over_the_batch_size(input, target):
    return logistic_loss(input, target).sum(axis=1) / len(input)


def mean_of_all(input, target):
    return logistic_loss(input, target).mean()


SOFT_1, SOFT_2, SOFT_3 = np.log1p(np.exp([-1.0, -2.0, -3.0]))


WRONG = [
    ("by_hand", np.log(2) + np.log(5), f"{six(np.log(2) + np.log(5))} is too large"),
    (
        "by_hand",
        (np.log(2) + np.log(5 / 4)) / 2,
        f"{six((np.log(2) + np.log(5 / 4)) / 2)} is too small",
    ),
    ("by_hand", np.log(1 + 4), f"{six(np.log(1 + 4))} is too large"),
    (
        "listed",
        numbers_as_targets,
        "for input=[[1.0, -2.0]], labels=[[0, -1]] "
        f"expected {six((SOFT_1 + SOFT_2) / 2)}, got {six((SOFT_1 + 1 + SOFT_2 - 2) / 2)}",
    ),
    (
        "listed",
        listed_sum_over_classes,
        "for input=[[1.0, -2.0]], labels=[[0, -1]] "
        f"expected {six((SOFT_1 + SOFT_2) / 2)}, got {six(SOFT_1 + SOFT_2)}",
    ),
    (
        "listed",
        minus_one_as_the_last_class,
        "for input=[[1.0, -2.0]], labels=[[0, -1]] "
        f"expected {six((SOFT_1 + SOFT_2) / 2)}, got {six((SOFT_1 + SOFT_2 + 2) / 2)}",
    ),
    (
        "listed",
        one_label_before_the_rest,
        "for input=[[1.0, -2.0, 3.0]], labels=[[2, 0, -1]] "
        f"expected {six((SOFT_1 + SOFT_2 + SOFT_3) / 3)}, got {six((SOFT_1 + 1 + SOFT_2 + SOFT_3) / 3)}",
    ),
    (
        "known",
        mean_over_the_unknown,
        "for input=[[1.0, -2.0]], target=[[1.0, 1.0]], known=[[ True, False]] "
        f"expected {six(SOFT_1)}, got {six(SOFT_1 / 2)}",
    ),
    (
        "known",
        masked_by_zero,
        "for input=[[1.0, -2.0]], target=[[1.0, nan]], known=[[ True, False]] "
        f"expected {six(SOFT_1)}, got nan",
    ),
    (
        "known",
        unknown_as_no,
        "for input=[[1.0, -2.0]], target=[[1.0, 1.0]], known=[[ True, False]] "
        f"expected {six(SOFT_1)}, got {six((SOFT_1 + SOFT_2) / 2)}",
    ),
    (
        "known",
        mean_of_the_samples,
        "for input=[[1.0, -2.0], [3.0, 0.0]], target=[[1.0, 1.0], [1.0, 1.0]], "
        "known=[[ True, True], [ True, False]] "
        f"expected {six((SOFT_1 + SOFT_2 + 2 + SOFT_3) / 3)}, "
        f"got {six(((SOFT_1 + SOFT_2 + 2) / 2 + SOFT_3) / 2)}",
    ),
    (
        "find_the_bug",
        loss_by_class,
        "for input=[[0.0, 0.0], [5.0, -5.0]], target=[[1.0, 1.0], [0.0, 1.0]] expected "
        f"[{LN2}, {six(np.log1p(np.exp(5)))}], got "
        f"[{six((np.log(2) + np.log1p(np.exp(5))) / 2)}, {six((np.log(2) + np.log1p(np.exp(5))) / 2)}]",
    ),
    (
        "find_the_bug",
        sum_over_classes,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[[1.0, 1.0], [1.0, 1.0]] "
        f"expected [{LN2}, {LN2}], got [{six(2 * np.log(2))}, {six(2 * np.log(2))}]",
    ),
    (
        "find_the_bug",
        mean_of_all,
        "expected shape (2,), got () for input=[[0.0, 0.0], [0.0, 0.0]], target=[[1.0, 1.0], [1.0, 1.0]]",
    ),
    (
        "find_the_bug",
        sum_over_the_batch_size,
        f"for input=[[0.0, 0.0]], target=[[1.0, 1.0]] expected [{LN2}], got [{six(2 * np.log(2))}]",
    ),
]


# The cases


CASES = Cases(
    usual={"input": LOGITS, "target": ONE_HOT},
    edges={
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
    stated={
        # Below the absolute tolerance of the comparison with torch, which gives the same.
        "exp(12) would overflow in float16": (
            {"input": np.float16([[-12]]), "target": np.float16([[0]])},
            np.float16(np.exp(-12)),
            np.float16([[np.exp(-12)]]),
        ),
    },
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (C,), (N, C) or (N, d1, ..., C), got ()": {"input": np.array(1.0)},
        "input and target must have the same shape, got (2, 1) and (2,)": {
            "input": np.zeros((2, 1)),
            "target": np.zeros(2),
        },
        "input and target must have the same shape, got (2, 3) and (3,)": {"target": np.zeros(3)},
        "target must hold numbers, got bool": {"target": ONE_HOT == 1},
        "target must be in [0, 1], got -1": {"target": np.array([[0, -1, 2], [1, -2, 0]])},
        "target must be in [0, 1], got 2.0": {"target": np.array([[0.0, 2.0, -1.0], [1.0, 3.0, 0.5]])},
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
    },
    refused_by_torch={"Subtraction, the `-` operator, with a bool tensor": {"target": ONE_HOT == 1}},
    right={
        "by_hand": 1.151,
        "listed": listed_soft_margin,
        "known": known_soft_margin,
        "find_the_bug": soft_margin_by_sample,
    },
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("classes", [1, 2, 10])
def test_gradient_is_one_over_the_classes_far_away(classes):
    spec, far = CATALOG["multilabel_soft_margin_loss"], torch.full((1, classes), 100.0)
    for target in (torch.zeros(1, classes), torch.ones(1, classes)):
        slopes = gradient(F.multilabel_soft_margin_loss, far * (1 - 2 * target), target)
        torch.testing.assert_close(slopes, (1 - 2 * target) / classes)
    assert spec.gradient_far.startswith("near -1/C for a missing label, near +1/C for a wrong one")


def test_elicits_the_share_of_each_label():
    spec = CATALOG["multilabel_soft_margin_loss"]
    assert spec.elicits.startswith("the share of each label (as sigmoid")
    answers = torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    share = answers.mean(dim=0).logit().expand(4, 2)
    slopes = gradient(F.multilabel_soft_margin_loss, share, answers)
    torch.testing.assert_close(slopes.sum(dim=0), torch.zeros(2))


def test_the_fix_for_a_list_of_indices_takes_floats_too():
    symptoms = CATALOG["multilabel_soft_margin_loss"].symptoms
    (fix,) = [symptom.fix for symptom in symptoms if symptom.sign is Sign.NEGATIVE]
    for dtype in (torch.float32, torch.int32, torch.int64):
        listed = torch.tensor([[0, 2, -1], [-1, -1, -1]], dtype=dtype)
        assert eval(fix, {"F": F, "target": listed, "C": 3}).tolist() == [[1, 0, 1], [0, 0, 0]]
