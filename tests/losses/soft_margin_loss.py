"""soft_margin_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import LN2, six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import gradient, labels, normal
from tests.inputs import ERROR, INF, NAN, REFUSED_BY_ALL, REFUSED_SHAPES

# Answers to the exercises


def soft_margin(input, target):
    return np.mean(np.logaddexp(0, -target * input))


def sound_grad(input, target):
    with np.errstate(over="ignore"):
        return -target / (1 + np.exp(target * input)) / input.size


def weighted_soft_margin(input, target, pos_weight):
    return np.mean(np.where(target == 1, pos_weight, 1) * np.logaddexp(0, -target * input))


def loss_of_csv(input, label):
    return np.mean(np.logaddexp(0, np.where(label == 1, -input, input)))


def grad_as_torch_has_it(input, target):
    with np.errstate(all="ignore"):
        z = np.exp(-target * input)
        return -target * z / (1 + z) / input.size


def grad_of_the_sum(input, target):
    return input.size * sound_grad(input, target)


def grad_without_the_label(input, target):
    return np.abs(sound_grad(input, target))


def divided_by_the_weights(input, target, pos_weight):
    weight = np.where(target == 1, pos_weight, 1)
    return np.sum(weight * np.logaddexp(0, -target * input)) / np.sum(weight)


def weight_inside_the_margin(input, target, pos_weight):
    return np.mean(np.logaddexp(0, -np.where(target == 1, pos_weight, 1) * target * input))


def weight_of_both(input, target, pos_weight):
    return pos_weight * soft_margin(input, target)


def zeros_and_ones(input, label):
    return soft_margin(input, label)


def the_wrong_way_round(input, label):
    return loss_of_csv(input, 1 - label)


def without_the_zeros(input, label):
    return np.mean(np.where(label == 1, np.logaddexp(0, -input), 0))


def cost(margin):
    return np.log1p(np.exp(-margin))


WRONG = [
    ("by_hand", (cost(2) + cost(1)) / 2, f"{six((cost(2) + cost(1)) / 2)} is too small"),
    ("by_hand", cost(2) + cost(-1), f"{six(cost(2) + cost(-1))} is too large"),
    ("by_hand", (cost(-2) + cost(-1)) / 2, f"{six((cost(-2) + cost(-1)) / 2)} is too large"),
    ("sound_grad", grad_as_torch_has_it, "for input=[-1000.0], target=[1] expected [-1.0], got [nan]"),
    (
        "sound_grad",
        grad_without_the_label,
        f"for input=[0.5], target=[1] expected [{six(-1 / (1 + np.exp(0.5)))}], "
        f"got [{six(1 / (1 + np.exp(0.5)))}]",
    ),
    (
        "sound_grad",
        grad_of_the_sum,
        "for input=[0.5, -2.0], target=[1, -1] expected "
        f"[{six(-1 / (1 + np.exp(0.5)) / 2)}, {six(1 / (1 + np.exp(2)) / 2)}], "
        f"got [{six(-1 / (1 + np.exp(0.5)))}, {six(1 / (1 + np.exp(2)))}]",
    ),
    (
        "weighted",
        divided_by_the_weights,
        f"for input=[0.0], target=[1], pos_weight=3.0 expected {six(3 * np.log(2))}, got {LN2}",
    ),
    (
        "weighted",
        weight_inside_the_margin,
        f"for input=[0.0], target=[1], pos_weight=3.0 expected {six(3 * np.log(2))}, got {LN2}",
    ),
    (
        "weighted",
        weight_of_both,
        f"for input=[0.0], target=[-1], pos_weight=3.0 expected {LN2}, got {six(3 * np.log(2))}",
    ),
    (
        "find_the_bug",
        zeros_and_ones,
        f"for input=[-3.0], label=[0] expected {six(cost(3))}, got {LN2}",
    ),
    (
        "find_the_bug",
        the_wrong_way_round,
        f"for input=[2.0], label=[1] expected {six(cost(2))}, got {six(cost(-2))}",
    ),
    (
        "find_the_bug",
        without_the_zeros,
        f"for input=[-3.0], label=[0] expected {six(cost(3))}, got 0.0",
    ),
]


# The cases


SIGNS = np.array([1, -1, 1, -1, 1, -1, -1])
CASES = Cases(
    usual={"input": ERROR, "target": SIGNS},
    calls=typed_calls("soft_margin_loss", beyond=True),
    edges={
        "just before exp overflows": {"input": 88.7 * np.float32([-1, 1, -1, 1, -1, 1, 1])},
        "just after it": {"input": 88.8 * np.float32([-1, 1, -1, 1, -1, 1, 1])},
        "the same in float64": {"input": np.array([-709.7, 709.8, -709.8, 709.7, -1e4, 1e4, 745.0])},
        "the far right side": {"input": np.float32([17, -17, 40, -40, 80, -80, -20])},
        "infinite scores": {"input": np.array([INF, INF, -INF, -INF, INF, -INF, INF])},
        "nan in input": {"input": np.full(7, NAN)},
        "labels 0 and 1": {"target": np.array([0, 1, 0, 1, 0, 1, 0])},
        "labels that are none": {"target": np.array([NAN, 2.0, -3.0, INF, -INF, 0.5, 0.0])},
        "labels of another precision": {"input": np.float32(ERROR), "target": SIGNS.astype(float)},
        "small integers as labels": {"target": SIGNS.astype(np.int8)},
        "0-d": {"input": np.array(0.25), "target": np.array(-1)},
        "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
    },
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | {
        "target must be 1 and -1 in a type that has a minus sign, got uint8": {
            "target": np.arange(7, dtype=np.uint8)
        },
        "target must be 1 and -1 in a type that has a minus sign, got bool": {"target": SIGNS > 0},
    },
    refused_by_torch={"on a bool tensor is not supported": {"target": SIGNS > 0}},
    right={
        "by_hand": (cost(2) + cost(-1)) / 2,
        "sound_grad": sound_grad,
        "weighted": weighted_soft_margin,
        "find_the_bug": loss_of_csv,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_it_is_binary_cross_entropy_with_logits_for_labels_of_1_and_minus_1():
    score, label = 3 * normal(1000).double(), 2 * labels(2, 1000).double() - 1
    for reduction in ("none", "mean", "sum"):
        bce = F.binary_cross_entropy_with_logits(score, (label + 1) / 2, reduction=reduction)
        torch.testing.assert_close(F.soft_margin_loss(score, label, reduction=reduction), bce)
    torch.testing.assert_close(
        gradient(F.soft_margin_loss, score, label),
        gradient(F.binary_cross_entropy_with_logits, score, (label + 1) / 2),
    )


@pytest.mark.parametrize(("dtype", "last"), [("float16", 11.0), ("bfloat16", 88.5), ("float32", 88.7)])
def test_it_overflows_where_the_facts_say(dtype, last):
    dtype, one = getattr(torch, dtype), torch.ones(1)
    reached = torch.tensor([-last], dtype=dtype)
    assert F.soft_margin_loss(reached, one.to(dtype)).isfinite()
    assert gradient(F.soft_margin_loss, reached, one.to(dtype)) == -1
    beyond = torch.tensor([-last - 0.5], dtype=dtype)
    assert F.soft_margin_loss(beyond, one.to(dtype)) == np.inf
    assert gradient(F.soft_margin_loss, beyond, one.to(dtype)).isnan()
    spec = CATALOG["soft_margin_loss"]
    assert spec.form("input").domain.high < 88.7 and "beyond it exp overflows" in spec.argument("input").says


def test_elicits_the_logarithm_of_the_odds():
    assert CATALOG["soft_margin_loss"].elicits.startswith("the logarithm of the odds of the label 1")
    target = torch.tensor([1.0, 1.0, 1.0, -1.0])
    slope = gradient(F.soft_margin_loss, torch.full((4,), 3.0).log(), target)
    assert slope.sum().item() == pytest.approx(0, abs=1e-6)
