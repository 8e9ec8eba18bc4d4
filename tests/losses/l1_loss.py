"""l1_loss: calls, edges, answers to the exercises, and what holds for it alone."""

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
    LONG_FLOAT16,
    REFUSED_BY_ALL,
    REFUSED_SHAPES,
    REFUSED_WEIGHTS,
    REGRESSION_EDGES,
    WEIGHT_EDGES,
)

# Answers to the exercises


def weighted_l1(input, target, weight):
    return np.sum(weight * np.abs(input - target)) / np.sum(weight)


def quantile_loss(input, target, q):
    d = target - input
    return np.mean(np.where(d > 0, q * d, (q - 1) * d))


def l1_loss(input, target):
    if input.shape != target.shape:
        raise ValueError(f"shapes must be equal, got {input.shape} and {target.shape}")
    return np.mean(np.abs(input - target))


def broadcast_l1(input, target):
    return np.mean(np.abs(input - target))


def squeezed_l1(input, target):
    return np.mean(np.abs(np.squeeze(input) - np.squeeze(target)))


def dimensions_compared(input, target):
    if input.ndim != target.ndim:
        raise ValueError("shapes must be equal")
    return np.mean(np.abs(input - target))


def sizes_compared(input, target):
    if (input.ndim, input.size) != (target.ndim, target.size):
        raise ValueError("shapes must be equal")
    return np.mean(np.abs(input - target))


def asserted_l1(input, target):
    if input.shape != target.shape:
        raise AssertionError("shapes differ")  # as `assert` does, whose message pytest would rewrite here
    return np.mean(np.abs(input - target))


def plain_mean(input, target, weight):
    return np.mean(weight * np.abs(input - target))


def weights_for_nothing(input, target, weight):
    return np.mean(np.abs(input - target))


def mean_of_signed_errors(input, target, weight):
    return np.abs(np.average(input - target, weights=weight))


def weighted_sum(input, target, weight):
    return np.sum(weight * np.abs(input - target))


def swapped_quantile(input, target, q):
    return quantile_loss(input, target, 1 - q)


def one_price(input, target, q):
    return np.mean(q * np.abs(target - input))


def negative_price(input, target, q):
    d = target - input
    return np.mean(np.where(d > 0, q * d, (1 - q) * d))


def summed_quantile(input, target, q):
    return quantile_loss(input, target, q) * input.size


WRONG = [
    ("by_hand", 7, "7.0 is too large"),
    ("by_hand", 1.0, "1.0 is too small"),
    ("by_hand", (2 - 1 + 4) / 4, "1.25 is too small"),
    ("by_hand", (2 + 1 + 4) / 3, "2.33333 is too large"),
    ("by_hand", np.nan, "nan is wrong"),
    ("by_hand", [1.75], "expected shape (), got (1,)"),
    ("by_hand", "1.75", "expected numbers, got str"),
    (
        "weighted",
        plain_mean,
        f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[3.0, 1.0] "
        f"expected {(3 * 2 + 1) / 4}, got {(3 * 2 + 1) / 2}",
    ),
    (
        "weighted",
        weights_for_nothing,
        f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[3.0, 1.0] "
        f"expected {(3 * 2 + 1) / 4}, got {(2 + 1) / 2}",
    ),
    (
        "weighted",
        mean_of_signed_errors,
        f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[1.0, 1.0] "
        f"expected {(2 + 1) / 2}, got {(2 - 1) / 2}",
    ),
    (
        "weighted",
        weighted_sum,
        f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[1.0, 1.0] expected {(2 + 1) / 2}, got {2.0 + 1}",
    ),
    ("quantile", swapped_quantile, "for input=[0.0], target=[1.0], q=0.9 expected 0.9, got 0.1"),
    ("quantile", one_price, "for input=[1.0], target=[0.0], q=0.9 expected 0.1, got 0.9"),
    ("quantile", negative_price, "for input=[1.0], target=[0.0], q=0.9 expected 0.1, got -0.1"),
    (
        "quantile",
        summed_quantile,
        f"for input=[0.0, 1.0], target=[1.0, 1.0], q=0.25 expected {0.25 / 2}, got 0.25",
    ),
    (
        "find_the_bug",
        broadcast_l1,
        "for input=[[2.0], [-1.0]], target=[2.0, -1.0] "
        "expected a ValueError, but your function returned a result",
    ),
    (
        "find_the_bug",
        squeezed_l1,
        "for input=[[2.0], [-1.0]], target=[2.0, -1.0] "
        "expected a ValueError, but your function returned a result",
    ),
    (
        "find_the_bug",
        dimensions_compared,
        "for input=[1.0], target=[0.0, 0.0] expected a ValueError, but your function returned a result",
    ),
    (
        "find_the_bug",
        sizes_compared,
        "for input=[[2.0, -1.0]], target=[[2.0], [-1.0]] "
        "expected a ValueError, but your function returned a result",
    ),
    (
        "find_the_bug",
        asserted_l1,
        "your function raised AssertionError: shapes differ where a ValueError is expected "
        "for input=[[2.0], [-1.0]], target=[2.0, -1.0]",
    ),
]


# The cases


CASES = Cases(
    usual={"input": ERROR, "target": np.zeros(7)},
    edges=REGRESSION_EDGES
    | WEIGHT_EDGES
    | {"kink": {}}
    | {"a mean in float16 whose sum overflows": LONG_FLOAT16},
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | REFUSED_WEIGHTS
    | {"target must hold numbers, got bool": BOOLEAN},
    refused_by_torch={"Subtraction, the `-` operator, with a bool tensor": BOOLEAN},
    right={
        "by_hand": (2 + 1 + 0 + 4) / 4,
        "weighted": weighted_l1,
        "quantile": quantile_loss,
        "find_the_bug": l1_loss,
    },
    wrong=WRONG,
    refusing={"find_the_bug": 4},
)


# What holds for this loss alone


def test_far_away_only_the_direction_is_left():
    far = torch.tensor([-1e4, -1e2, 1e2, 1e4])
    assert gradient(F.l1_loss, far, torch.zeros(4)).tolist() == [-1, -1, 1, 1]
    assert CATALOG["l1_loss"].gradient_far.startswith("-1 or +1")


def test_gradient_jumps_beside_the_target():
    beside = torch.tensor([-1e-6, 0.0, 1e-6])
    assert gradient(F.l1_loss, beside, torch.zeros(3)).tolist() == [-1, 0, 1]


def test_elicits_the_median():
    assert CATALOG["l1_loss"].elicits == "the median"
    assert best_constant(F.l1_loss, POINTS) == pytest.approx(np.median(POINTS), abs=1e-3)


def test_an_outlier_leaves_the_best_constant_where_it_is():
    assert CATALOG["l1_loss"].robust_to.startswith("outliers in the target")
    assert best_constant(F.l1_loss, POINTS) == best_constant(F.l1_loss, NEARER)
