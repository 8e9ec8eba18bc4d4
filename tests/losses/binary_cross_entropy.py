"""binary_cross_entropy: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import LN2, six
from tests.cases import Cases
from tests.facts import gradient
from tests.inputs import ANSWERS, INF, NAN, REFUSED_BY_ALL, REFUSED_SHAPES, TOO_LARGE, TOO_SMALL

# Answers to the exercises


def excess_loss(input, target):
    def floored_log(p):
        return np.log(np.maximum(p, np.exp(-100)))

    excess = target * (floored_log(target) - floored_log(input))
    return np.mean(excess + (1 - target) * (floored_log(1 - target) - floored_log(1 - input)))


def logit_grad(input, target):
    return (np.exp(-np.logaddexp(0, -input)) - target) / input.size


def sample_weighted_bce(input, target, weight):
    losses = -target * np.log(input) - (1 - target) * np.log(1 - input)
    return np.sum(weight * losses.sum(axis=1)) / input.size


def bce(input, target):
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log([input, 1 - input]), -100)
    return -target * logs[0] - (1 - target) * logs[1]


def loss_with_its_floor(input, target):
    return np.mean(bce(input, target))


def floor_of_the_mean_target(input, target):
    return np.mean(bce(input, target)) - bce(np.mean(target), np.mean(target))


def unguarded_excess(input, target):
    excess = target * np.log(target / input)
    return np.mean(excess + (1 - target) * np.log((1 - target) / (1 - input)))


def naive_excess(input, target):
    return np.mean(-target * np.log(input) - (1 - target) * np.log(1 - input) + target * np.log(target))


def grad_in_the_probability(input, target):
    p = 1 / (1 + np.exp(-input))
    return (p - target) / (p * (1 - p)) / input.size


def target_minus_probability(input, target):
    return -logit_grad(input, target)


def grad_of_the_sum(input, target):
    return logit_grad(input, target) * input.size


def divided_by_the_rows(input, target):
    return grad_of_the_sum(input, target) / len(input)


def overflowing(input, target):
    return (1 / (1 + np.exp(-input)) - target) / input.size


def two_factors(input, target):
    p = 1 / (1 + np.exp(-input))
    return (p - target) / (p * (1 - p)) * (p * (1 - p)) / input.size


def divided_by_the_weights(input, target, weight):
    return np.sum(weight[:, None] * bce(input, target)) / np.sum(weight[:, None] * np.ones(input.shape))


def sum_over_the_questions(input, target, weight):
    return np.mean(weight * bce(input, target).sum(axis=1))


def weighted_by_column(input, target, weight):
    return np.mean(weight * (-target * np.log(input) - (1 - target) * np.log(1 - input)))


WRONG = [
    (
        "by_hand",
        [np.log(2), np.log(4), 0.3 * np.log(2)],
        f"{six(0.3 * np.log(2))} at index 2 is too small",
    ),
    ("by_hand", [0.693, 0.288, 0.693], "0.288 at index 1 is too small"),
    ("by_hand", [1, 2, 1], "1.0 at index 0 is too large"),
    (
        "excess",
        naive_excess,
        f"for input=[0.3], target=[0.3] expected 0.0, got {six(-0.7 * np.log(0.7))}",
    ),
    (
        "excess",
        loss_with_its_floor,
        f"for input=[0.3], target=[0.3] expected 0.0, got {six(-0.3 * np.log(0.3) - 0.7 * np.log(0.7))}",
    ),
    (
        "excess",
        floor_of_the_mean_target,
        f"for input=[0.0, 1.0], target=[0.0, 1.0] expected 0.0, got {six(-np.log(2))}",
    ),
    ("excess", unguarded_excess, f"for input=[0.5], target=[1.0] expected {LN2}, got nan"),
    (
        "through_the_sigmoid",
        grad_in_the_probability,
        "for input=[0.0], target=[1.0] expected [-0.5], got [-2.0]",
    ),
    (
        "through_the_sigmoid",
        target_minus_probability,
        "for input=[0.0], target=[1.0] expected [-0.5], got [0.5]",
    ),
    (
        "through_the_sigmoid",
        grad_of_the_sum,
        "for input=[0.0, 2.0], target=[0.0, 0.0] "
        f"expected [0.25, {six(1 / (1 + np.exp(-2)) / 2)}], got [0.5, {six(1 / (1 + np.exp(-2)))}]",
    ),
    (
        "through_the_sigmoid",
        divided_by_the_rows,
        "for input=[[0.0, 0.0]], target=[[1.0, 0.0]] expected [[-0.25, 0.25]], got [[-0.5, 0.5]]",
    ),
    (
        "through_the_sigmoid",
        two_factors,
        "your function raised RuntimeWarning: overflow encountered in exp "
        "for input=[1000.0, -1000.0], target=[0.0, 1.0]",
    ),
    (
        "through_the_sigmoid",
        overflowing,
        "your function raised RuntimeWarning: overflow encountered in exp "
        "for input=[1000.0, -1000.0], target=[0.0, 1.0]",
    ),
    (
        "find_the_bug",
        weighted_by_column,
        "for input=[[0.5, 0.25], [0.5, 0.5]], target=[[1.0, 1.0], [1.0, 1.0]], weight=[1.0, 3.0] "
        f"expected {six(9 * np.log(2) / 4)}, got {six(11 * np.log(2) / 4)}",
    ),
    (
        "find_the_bug",
        divided_by_the_weights,
        f"for input=[[0.5]], target=[[1.0]], weight=[2.0] expected {six(2 * np.log(2))}, got {LN2}",
    ),
    (
        "find_the_bug",
        sum_over_the_questions,
        "for input=[[0.5, 0.25], [0.5, 0.5]], target=[[1.0, 1.0], [1.0, 1.0]], weight=[1.0, 3.0] "
        f"expected {six(9 * np.log(2) / 4)}, got {six(9 * np.log(2) / 2)}",
    ),
]


# The cases


PROBABILITIES = np.array([0.0, 0.0, 0.125, 0.5, 0.75, 1.0, 1.0])


CASES = Cases(
    usual={"input": PROBABILITIES, "target": ANSWERS},
    edges={
        "impossible and certain": {},
        "around the clamp of the logarithm": {
            "input": np.array([1e-43, 1e-44, 5e-324]),
            "target": np.array([1.0, 1.0, 0.5]),
        },
        "around the clamp of the denominator": {
            "input": np.array([2e-12, 1e-12, 5e-13]),
            "target": np.array([1.0, 0.5, 0.0]),
        },
        "next to 1": {"input": np.float32([1 - 2**-24]), "target": np.float32([0.0])},
        "minus 0": {"input": np.array([-0.0]), "target": np.array([1.0])},
        "0-d": {"input": np.array(0.25), "target": np.array(1.0), "weight": np.array(3.0)},
        "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0)), "weight": np.ones((2, 1))},
        "weights that sum to 0": {"weight": np.zeros(7)},
        "negative weight": {"weight": np.array([-1.0, 2, 1, 1, 1, 1, 1])},
        "nan and inf as weights": {"weight": np.array([NAN, INF, -INF, 0, 1, INF, NAN])},
        "one weight for all": {"weight": np.array([2.0])},
        "a weight for each row": {
            "input": PROBABILITIES[:6].reshape(3, 2),
            "target": ANSWERS[:6].reshape(3, 2),
            "weight": np.array([[1.0], [2.0], [0.0]]),
        },
        "boolean weights": {"weight": ANSWERS == 1},
    },
    stated={
        # Below the absolute tolerance of the comparison with torch; 1 - 1e-9 is 1 in float32.
        "a tiny probability keeps its digits": (
            {"input": np.float32([1e-9]), "target": np.float32([0.0])},
            np.float32(1e-9),
            np.float32([1.0]),
        ),
    },
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | {
        "target must have the dtype of input, float64, got int64": {"target": np.arange(7)},
        "target must have the dtype of input, float64, got float32": {"target": ANSWERS.astype(np.float32)},
        "input must be in [0, 1], got 1.5": {"input": np.array([0.0, 1.0, 1.5, 2.0, NAN, -0.5, 0.5])},
        "input must be in [0, 1], got -0.5": {"input": np.array([0.0, 1.0, -0.5, -1.0, NAN, 1.5, 0.5])},
        "input must be in [0, 1], got nan": {"input": np.array([0.0, 1.0, NAN, -1.0, 1.5, 0.5, 0.5])},
        "target must be in [0, 1], got 2.0": {"target": TOO_LARGE},
        "target must be in [0, 1], got -1.0": {"target": TOO_SMALL},
        "target must be in [0, 1], got nan": {"target": np.where(TOO_LARGE == 2, NAN, TOO_LARGE)},
        "weight must be an array, got 2.0": {"weight": 2.0},
        "weight must be an array, got [2.0]": {"weight": [2.0]},
        "weight must broadcast to the shape of input (7,), got (2,)": {"weight": np.ones(2)},
        "weight must broadcast to the shape of input (7,), got (2, 7)": {"weight": np.ones((2, 7))},
    },
    refused_by_torch={"'float' object has no attribute 'size'": {"weight": 2.0}},
    right={
        "by_hand": [0.693, 1.386, 0.693],
        "excess": excess_loss,
        "through_the_sigmoid": logit_grad,
        "find_the_bug": sample_weighted_bce,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_gradient_is_one_over_the_probability_of_the_answer():
    spec = CATALOG["binary_cross_entropy"]
    input = torch.tensor([0.01, 0.25, 0.99])
    torch.testing.assert_close(gradient(F.binary_cross_entropy, input, torch.ones(3)), -1 / input)
    torch.testing.assert_close(gradient(F.binary_cross_entropy, input, torch.zeros(3)), 1 / (1 - input))
    assert spec.gradient_far.startswith("-1 / input for a yes, 1 / (1 - input) for a no")


def test_gradient_fades_towards_a_soft_target_only():
    spec = CATALOG["binary_cross_entropy"]
    beside = torch.tensor([0.3 - 1e-3, 0.3 + 1e-3], dtype=torch.float64)
    in_proportion = torch.tensor([-1e-3, 1e-3], dtype=torch.float64) / (0.3 * 0.7)
    soft = gradient(F.binary_cross_entropy, beside, torch.full_like(beside, 0.3))
    torch.testing.assert_close(soft, in_proportion, rtol=1e-2, atol=0)
    hard = torch.tensor([1.0, 0.0], dtype=torch.float64)
    for error in (1e-3, 1e-6):
        slopes = gradient(F.binary_cross_entropy, (hard - error).abs(), hard)
        torch.testing.assert_close(slopes, torch.tensor([-1.0, 1.0], dtype=torch.float64) / (1 - error))
    last = gradient(F.binary_cross_entropy, (hard - 1e-13).abs(), hard)
    torch.testing.assert_close(last, torch.tensor([-0.1, 0.1], dtype=torch.float64), rtol=1e-3, atol=0)
    assert spec.gradient_at_target == (
        "0; for a soft target in proportion to the error, for 1 and 0 from -1 and +1 within the last 1e-12"
    )


def test_elicits_the_share_of_yeses():
    assert CATALOG["binary_cross_entropy"].elicits.startswith("the share of yeses")
    answers = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.6])
    share = answers.mean().expand(5)
    assert gradient(F.binary_cross_entropy, share, answers).sum().item() == pytest.approx(0, abs=1e-5)


def test_the_fix_for_an_impossible_probability_keeps_its_gradient_finite_and_not_0():
    [fix] = [s.fix for s in CATALOG["binary_cross_entropy"].symptoms if "1e12" in s.seen]
    mix = fix.split("or p = ")[1].removesuffix(" in float32")
    p = torch.tensor([0.0, 1e-7], requires_grad=True)
    F.binary_cross_entropy(eval(mix, {"p": p}), torch.ones(2), reduction="sum").backward()
    assert ((p.grad > -1e6) & (p.grad < -9e5)).all()
    assert F.binary_cross_entropy(eval(mix, {"p": torch.ones(2)}), torch.zeros(2)) < 14
