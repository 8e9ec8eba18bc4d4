"""soft_margin_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import LN2, six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import compiled, gradient, labels, normal
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
    refused_by_torch={
        "on a bool tensor is not supported": {"target": SIGNS > 0},
        "doesn't match the broadcast shape": {"input": ERROR[:, None]},
    },
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


@pytest.mark.parametrize(
    ("dtype", "last", "first"),
    [
        ("float16", 11.0, 11.1),
        ("bfloat16", 88.5, 89.0),
        ("float32", 88.7, 88.8),
        ("float64", 709.0, 710.0),
    ],
)
def test_it_overflows_where_the_facts_say(dtype, last, first):
    dtype, one = getattr(torch, dtype), torch.ones(1)
    reached = torch.tensor([-last], dtype=dtype)
    assert F.soft_margin_loss(reached, one.to(dtype)).isfinite()
    assert gradient(F.soft_margin_loss, reached, one.to(dtype)) == -1
    beyond = torch.tensor([-first], dtype=dtype)
    assert F.soft_margin_loss(beyond, one.to(dtype)) == np.inf
    assert gradient(F.soft_margin_loss, beyond, one.to(dtype)).isnan()
    spec = CATALOG["soft_margin_loss"]
    assert spec.form("input").domain.high < 88.7 and "beyond it exp overflows" in spec.argument("input").says


def test_elicits_the_logarithm_of_the_odds():
    assert CATALOG["soft_margin_loss"].elicits.startswith("the logarithm of the odds of the label 1")
    target = torch.tensor([1.0, 1.0, 1.0, -1.0])
    slope = gradient(F.soft_margin_loss, torch.full((4,), 3.0).log(), target)
    assert slope.sum().item() == pytest.approx(0, abs=1e-6)


def test_the_target_has_no_gradient():
    with pytest.raises(RuntimeError, match="not differentiable with respect to argument 'target'"):
        F.soft_margin_loss(torch.ones(2), torch.ones(2, requires_grad=True))


def test_one_wrong_score_of_100_takes_the_loss_and_one_of_89_only_in_float32():
    scores, ones = torch.tensor([2.0, 1.0, -100.0], requires_grad=True), torch.ones(3)
    loss = F.soft_margin_loss(scores, ones)
    assert loss == np.inf and torch.autograd.grad(loss, scores)[0].isnan().tolist() == [False, False, True]
    stable = F.softplus(-ones * scores).mean()
    assert stable.item() == pytest.approx(33.48, abs=0.005)
    slopes = torch.autograd.grad(stable, scores)[0]
    assert (slopes @ scores.detach()).item() == pytest.approx(33.16, abs=0.005)
    for dtype, cost in ((torch.float32, np.inf), (torch.float64, 89)):
        assert F.soft_margin_loss(torch.tensor(-89.0, dtype=dtype), torch.tensor(1)) == cost


def test_on_the_right_side_its_gradient_keeps_the_digits_that_bce_with_logits_loses():
    score, one = torch.tensor([15.0, 17.0]), torch.ones(2)
    exact = (-1 / (1 + score.double().exp())).tolist()
    assert exact == pytest.approx([-3.06e-7, -4.14e-8], rel=1e-3)
    assert gradient(F.soft_margin_loss, score, one).tolist() == pytest.approx(exact, rel=1e-6)
    bce = F.binary_cross_entropy_with_logits
    near, lost = (gradient(bce, score, one) / 2**-24).tolist()  # the spacing of numbers below 1
    assert near == round(near) == pytest.approx(-3.58e-7 / 2**-24, abs=1.1) and lost == 0
    assert gradient(bce, -score, 0 * one).tolist() == pytest.approx([-slope for slope in exact], rel=1e-6)


def test_the_curvature_is_at_most_a_quarter():
    score = torch.linspace(-6, 6, 241, dtype=torch.float64)
    for label in (1.0, -1.0):
        slopes = gradient(F.soft_margin_loss, score, torch.full_like(score, label))
        bends = (slopes[2:] - slopes[:-2]) / (score[2:] - score[:-2])
        sigmoid = score[1:-1].sigmoid()
        torch.testing.assert_close(bends, sigmoid * (1 - sigmoid), atol=1e-4, rtol=0)
        assert bends.max() <= 0.25


@pytest.mark.parametrize(("label", "slope"), [(2.0, -0.238), (0.5, -0.189), (-3.0, 2.858)])
def test_a_label_that_is_none_stretches_the_axis(label, slope):
    found = gradient(F.soft_margin_loss, torch.ones(1), torch.tensor([label])).item()
    assert found == pytest.approx(slope, abs=5e-4) == -label / (1 + np.exp(label))


def test_integer_scores_are_refused():
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type Long"):
        F.soft_margin_loss(torch.ones(2, dtype=torch.int64), torch.ones(2))


def test_complex_scores_are_taken():
    loss = F.soft_margin_loss(torch.ones(2) + 0j, torch.ones(2))
    assert loss.is_complex() and loss.real.item() == pytest.approx(cost(1))


def test_one_score_for_three_labels_is_refused_in_eager_and_counts_three_times_when_compiled():
    score, label = torch.ones(1, requires_grad=True), torch.ones(3)
    with pytest.raises(RuntimeError, match="shape"):
        F.soft_margin_loss(score, label).backward()
    loss = compiled(F.soft_margin_loss)(score, label)
    loss.backward()
    assert loss.item() == pytest.approx(cost(1))
    assert score.grad.item() == pytest.approx(3 * -0.2689, abs=3e-4)  # the divisor is that of the scores


def test_compiled_the_loss_overflows_and_the_gradient_is_right():
    score = torch.tensor([-100.0], requires_grad=True)
    loss = compiled(F.soft_margin_loss)(score, torch.ones(1))
    loss.backward()
    assert loss == np.inf and score.grad == -1


def test_the_gradient_of_a_byte_of_1_is_minus_1_then_nan_or_0_and_that_of_0_none():
    scores = torch.tensor([0.1, 0.3, 2.0, -1.0])
    slopes = gradient(F.soft_margin_loss, scores, torch.ones(4, dtype=torch.uint8))
    assert slopes[:2].tolist() == pytest.approx([-1, -1]) and slopes[2].isnan() and slopes[3] == 0
    assert F.soft_margin_loss(scores[3:], torch.ones(1, dtype=torch.uint8)).item() == pytest.approx(cost(-1))
    nothing = gradient(F.soft_margin_loss, scores[1:2], torch.zeros(1, dtype=torch.uint8))
    assert nothing == 0
