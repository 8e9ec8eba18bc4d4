"""smooth_l1_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.cases import Cases
from tests.facts import NEARER, POINTS, best_constant, gradient
from tests.inputs import (
    BOOLEAN,
    ERROR,
    INF,
    LONG_FLOAT16,
    NAN,
    REFUSED_BY_ALL,
    REFUSED_SHAPES,
    REGRESSION_EDGES,
)


def smooth_l1_loss(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - beta / 2))


def huber(input, target, delta):
    return delta * smooth_l1_loss(input, target, delta)


def jumping_smooth_l1(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - 0.5))


def threshold_taken_off(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - beta))


def parabola_without_beta(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / 2, d - beta / 2))


def steep_outside(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), beta * (d - beta / 2)))


def smooth_l1_for_huber(input, target, delta):
    return smooth_l1_loss(input, target, delta)


def half_taken_off(input, target, delta):
    d = np.abs(input - target)
    return np.mean(np.where(d < delta, d * d / 2, delta * d - 0.5))


def signed_huber(input, target, delta):
    d = input - target
    return np.mean(np.where(d < delta, d * d / 2, delta * (d - delta / 2)))


def summed_huber(input, target, delta):
    return huber(input, target, delta) * input.size


WRONG = [
    ("by_hand", [0.04, 0.5, 2.75], "0.5 at index 1 is too small"),
    ("by_hand", [0.2**2 / 2, 0.75, 2.75], "0.02 at index 0 is too small"),
    ("by_hand", [0.04, 0.75, -3 - 0.25], "-3.25 at index 2 is too small"),
    ("by_hand", 0.04, "expected shape (3,), got ()"),
    (
        "huber",
        smooth_l1_for_huber,
        "for input=[3.0], target=[0.0], delta=2.0 expected 4.0, got 2.0",
    ),
    (
        "huber",
        half_taken_off,
        f"for input=[3.0], target=[0.0], delta=2.0 expected {2 * (3 - 2 / 2)}, got {2 * 3 - 0.5}",
    ),
    (
        "huber",
        signed_huber,
        f"for input=[-3.0], target=[0.0], delta=2.0 expected {2 * (3 - 2 / 2)}, got {3**2 / 2}",
    ),
    (
        "huber",
        summed_huber,
        f"for input=[-2.0, 2.0], target=[0.0, 0.0], delta=2.0 expected {2**2 / 2}, got {2 * 2**2 / 2}",
    ),
    (
        "find_the_bug",
        jumping_smooth_l1,
        f"for input=[3.0], target=[0.0], beta=2.0 expected {3 - 2 / 2}, got {3 - 0.5}",
    ),
    (
        "find_the_bug",
        threshold_taken_off,
        f"for input=[3.0], target=[0.0], beta=1.0 expected {3 - 1 / 2}, got {3.0 - 1}",
    ),
    (
        "find_the_bug",
        parabola_without_beta,
        f"for input=[1.0], target=[0.0], beta=2.0 expected {1**2 / (2 * 2)}, got {1**2 / 2}",
    ),
    (
        "find_the_bug",
        steep_outside,
        f"for input=[3.0], target=[0.0], beta=2.0 expected {3 - 2 / 2}, got {2 * (3 - 2 / 2)}",
    ),
]


# The cases


CASES = Cases(
    usual={"input": ERROR, "target": np.zeros(7)},
    edges=REGRESSION_EDGES
    | {"a boolean target": BOOLEAN}
    | {f"errors around beta={beta}": {"beta": beta} for beta in (0, 0.5, 1.0, 2.0, 1e30, INF)}
    | {
        "nan with beta=0": {"input": np.array([NAN]), "target": np.zeros(1), "beta": 0.0},
        "infinite errors with beta=inf": {"input": np.array([INF, -INF]), "target": np.zeros(2), "beta": INF},
    }
    | {"a mean in float16 whose sum overflows": LONG_FLOAT16},
    scalars=({"beta": np.float64(0.5)},),
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | {
        "beta must be >= 0, got -1.0": {"beta": -1.0},
        "beta must be >= 0, got nan": {"beta": NAN},
        "target must hold numbers for beta=0, got bool": BOOLEAN | {"beta": 0},
    },
    refused_by_torch={"Subtraction, the `-` operator, with a bool tensor": BOOLEAN | {"beta": 0}},
    right={
        "by_hand": [0.5 * 0.2**2 / 0.5, 1 - 0.5 / 2, 3 - 0.5 / 2],
        "huber": huber,
        "find_the_bug": smooth_l1_loss,
    },
    wrong=WRONG,
)


# What holds for this loss alone


MEDIAN_IS_MEAN = [0.0, 6.0, 6.0, 9.0, 9.0]  # both 6


def test_far_away_only_the_direction_is_left():
    far = torch.tensor([-1e4, -1e2, 1e2, 1e4])
    assert gradient(F.smooth_l1_loss, far, torch.zeros(4)).tolist() == [-1, -1, 1, 1]
    assert CATALOG["smooth_l1_loss"].gradient_far.startswith("-1 or +1")


@pytest.mark.parametrize("points", [POINTS, MEDIAN_IS_MEAN])
def test_elicits_the_median_at_one_end_and_the_mean_at_the_other(points):
    elicits = CATALOG["smooth_l1_loss"].elicits
    assert elicits == "a location that starts at the median (beta near 0) and ends at the mean (beta large)"
    ends = [best_constant(F.smooth_l1_loss, points, beta=beta) for beta in (1e-6, 1e3)]
    assert ends == pytest.approx([np.median(points), np.mean(points)], abs=1e-3)


def test_the_best_constant_does_not_always_stay_between_median_and_mean():
    assert np.median(POINTS) < best_constant(F.smooth_l1_loss, POINTS, beta=5.0) < np.mean(POINTS)
    best = [best_constant(F.smooth_l1_loss, MEDIAN_IS_MEAN, beta=beta) for beta in (1.0, 2.0, 3.0)]
    assert best == pytest.approx([6.5, 7, 6.75], abs=1e-3)
    assert "between" not in CATALOG["smooth_l1_loss"].elicits


def test_an_outlier_leaves_the_best_constant_where_it_is():
    assert CATALOG["smooth_l1_loss"].robust_to.startswith("outliers in the target")
    assert best_constant(F.smooth_l1_loss, POINTS) == best_constant(F.smooth_l1_loss, NEARER)
