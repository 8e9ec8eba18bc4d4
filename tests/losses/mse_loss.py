"""mse_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests import facts
from tests.answers import six
from tests.cases import Cases
from tests.facts import NEARER, POINTS, gradient, normal
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


def best_constant(target, weight):
    return np.average(target, weights=weight)


def rmse_grad(input, target):
    d = input - target
    norm = np.sqrt(np.sum(d * d))
    return d / (norm * np.sqrt(d.size)) if norm else np.zeros(d.shape)


def masked_mse(input, target, mask):
    return np.sum(np.where(mask, input - target, 0) ** 2) / np.sum(mask)


def plain_average(target, weight):
    return np.mean(target)


def weights_outside_the_mean(target, weight):
    return np.mean(weight * target)


def weights_as_variances(target, weight):
    return np.average(target, weights=1 / weight)


def gradient_of_the_mse(input, target):
    return 2 * (input - target) / input.size


def nan_at_a_perfect_fit(input, target):
    d = input - target
    return d / d.size / np.sqrt(np.mean(d * d))


def without_twice(input, target):
    d = input - target
    return 2 * d / d.size / np.sqrt(np.mean(d * d))


def norm_without_the_mean(input, target):
    d = input - target
    return d / np.linalg.norm(d)


def mean_over_padding(input, target, mask):
    return np.mean(((input - target) * mask) ** 2)


def nan_times_zero(input, target, mask):
    return np.sum(((input - target) * mask) ** 2) / np.sum(mask)


def any_nan_left_out(input, target, mask):
    return np.nansum(((input - target) * mask) ** 2) / np.sum(mask)


def row_by_row(input, target, mask):
    squares = np.where(mask, input - target, 0) ** 2
    return np.mean(np.sum(squares, axis=-1) / np.sum(mask, axis=-1))


WRONG = [
    ("by_hand", 2**2 + 1**2, "5.0 is too large"),
    ("by_hand", (2**2 + 1**2) / 2, "2.5 is too large"),
    ("by_hand", (2 + 1) / 4, "0.75 is too small"),
    ("best_constant", plain_average, "for target=[0.0, 4.0], weight=[1.0, 3.0] expected 3.0, got 2.0"),
    (
        "best_constant",
        weights_outside_the_mean,
        f"for target=[0.0, 4.0], weight=[1.0, 3.0] expected {3 * 4 / (1 + 3)}, got {3 * 4 / 2}",
    ),
    (
        "best_constant",
        weights_as_variances,
        f"for target=[0.0, 4.0], weight=[1.0, 3.0] expected {3 * 4 / (1 + 3)}, got {4 / 3 / (1 + 1 / 3)}",
    ),
    ("rmse_gradient", gradient_of_the_mse, "for input=[3.0], target=[0.0] expected [1.0], got [6.0]"),
    (
        "rmse_gradient",
        without_twice,
        f"for input=[3.0], target=[0.0] expected [1.0], got [{2 * 3 / np.sqrt(3**2)}]",
    ),
    (
        "rmse_gradient",
        norm_without_the_mean,
        "for input=[3.0, -4.0], target=[0.0, 0.0] "
        f"expected [{six(3 / 5 / np.sqrt(2))}, {six(-4 / 5 / np.sqrt(2))}], got [{3 / 5}, {-4 / 5}]",
    ),
    (
        "rmse_gradient",
        nan_at_a_perfect_fit,
        "for input=[1.0, 2.0], target=[1.0, 2.0] expected [0.0, 0.0], got [nan, nan]",
    ),
    (
        "find_the_bug",
        mean_over_padding,
        "for input=[2.0, 1.0], target=[0.0, 0.0], mask=[ True, False] expected 4.0, got 2.0",
    ),
    (
        "find_the_bug",
        nan_times_zero,
        "for input=[2.0, 1.0], target=[0.0, nan], mask=[ True, False] expected 4.0, got nan",
    ),
    (
        "find_the_bug",
        any_nan_left_out,
        f"for input=[nan, 1.0], target=[0.0, 0.0], mask=[ True, True] expected nan, got {1**2 / 2}",
    ),
    (
        "find_the_bug",
        row_by_row,
        "for input=[[4.0, 0.0], [2.0, 2.0]], target=[[0.0, 0.0], [0.0, 0.0]], "
        "mask=[[ True, False], [ True, True]] "
        f"expected {(4**2 + 2**2 + 2**2) / 3}, got {(4**2 + (2**2 + 2**2) / 2) / 2}",
    ),
]


# The cases


CASES = Cases(
    usual={"input": ERROR, "target": np.zeros(7)},
    edges=REGRESSION_EDGES
    | {"a boolean target": BOOLEAN}
    | WEIGHT_EDGES
    | {"a square that overflows": {"input": np.float32([1e20]), "target": np.float32([0])}}
    | {"a mean in float16 whose sum overflows": LONG_FLOAT16},
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | REFUSED_WEIGHTS
    | {"target must hold numbers where there is a weight, got bool": BOOLEAN | {"weight": np.ones(7)}},
    refused_by_torch={"Subtraction, the `-` operator, with a bool tensor": BOOLEAN | {"weight": np.ones(7)}},
    right={
        "by_hand": (2**2 + 1**2) / 4,
        "best_constant": best_constant,
        "rmse_gradient": rmse_grad,
        "find_the_bug": masked_mse,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_gradient_is_twice_the_error():
    input, target = 1e4 * normal(2, 1000)
    torch.testing.assert_close(gradient(F.mse_loss, input, target), 2 * (input - target))
    assert CATALOG["mse_loss"].gradient_far.startswith("twice the error")


def test_elicits_the_mean():
    assert CATALOG["mse_loss"].elicits == "the mean"
    assert facts.best_constant(F.mse_loss, POINTS) == pytest.approx(np.mean(POINTS), abs=1e-3)


def test_an_outlier_moves_the_best_constant():
    moved = facts.best_constant(F.mse_loss, POINTS) - facts.best_constant(F.mse_loss, NEARER)
    assert moved == pytest.approx((40 - 4) / len(POINTS), abs=1e-3)
