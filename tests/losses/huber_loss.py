"""huber_loss: calls, edges, answers to the exercises, and what holds for it alone."""

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.cases import Cases
from tests.facts import NEARER, POINTS, best_constant, gradient
from tests.inputs import (
    ERROR,
    INF,
    LONG_FLOAT16,
    NAN,
    REFUSED_BY_ALL,
    REFUSED_SHAPES,
    REFUSED_WEIGHTS,
    REGRESSION_EDGES,
    WEIGHT_EDGES,
)
from tests.numpy_cells import lift

# Answers to the exercises


def huber_loss(input, target, delta):
    d = np.abs(input - target)
    return np.mean(np.where(d <= delta, d * d / 2, delta * (d - delta / 2)))


def reweight(c, target, delta):
    weight = delta / np.maximum(delta, np.abs(target - c))
    return np.average(target, weights=weight)


def one_sided_huber(input, target, delta):
    d = input - target
    return np.mean(np.where(np.abs(d) <= delta, d * d / 2, 0) + (d > delta) * delta * (np.abs(d) - delta / 2))


def squared_below(input, target, delta):
    d = input - target
    return np.mean(np.where(d <= delta, d * d / 2, delta * (d - delta / 2)))


def both_at_the_threshold(input, target, delta):
    d = np.abs(input - target)
    return np.mean((d <= delta) * d * d / 2 + (d >= delta) * delta * (d - delta / 2))


def smooth_l1(input, target, delta):
    return huber_loss(input, target, delta) / delta


def weights_above_1(c, target, delta):
    return np.average(target, weights=delta / np.abs(target - c))


def signed_weights(c, target, delta):
    return np.average(target, weights=delta / np.maximum(delta, target - c))


def divided_by_n(c, target, delta):
    return np.mean(target * np.minimum(1, delta / np.abs(target - c)))


def nan_at_a_hit(c, target, delta):
    error = target - c
    return np.average(target, weights=np.clip(error, -delta, delta) / error)


WRONG = [
    ("by_hand", [0.5, 8.0, 32.0], "0.5 at index 0 is too large"),
    ("by_hand", [0.125, 2.0, 8.0], "8.0 at index 2 is too small"),
    ("by_hand", [0.125, 2.0, 50.0], "50.0 at index 2 is too large"),
    ("by_hand", [0.125, 2.0, 40.0 - 0.5], "39.5 at index 2 is too large"),
    (
        "reweight",
        divided_by_n,
        f"for c=0.0, target=[1.0, 10.0], delta=2.0 expected {(1 + 0.2 * 10) / 1.2}, got {(1 + 0.2 * 10) / 2}",
    ),
    (
        "reweight",
        weights_above_1,
        f"for c=0.0, target=[1.0, 10.0], delta=2.0 expected {(1 + 0.2 * 10) / 1.2}, "
        f"got {(2 * 1 + 0.2 * 10) / 2.2:.5f}",
    ),
    (
        "reweight",
        signed_weights,
        f"for c=0.0, target=[-10.0, 1.0, 2.0], delta=2.0 expected {(0.2 * -10 + 3) / 2.2:.6f}, "
        f"got {(-10 + 3) / 3:.5f}",
    ),
    (
        "reweight",
        nan_at_a_hit,
        f"for c=3.0, target=[3.0, 4.0, 20.0], delta=2.0 expected {(3 + 4 + 40 / 17) / (2 + 2 / 17):.5f}, "
        "got nan",
    ),
    (
        "find_the_bug",
        one_sided_huber,
        f"for input=[-3.0], target=[0.0], delta=1.0 expected {3 - 1 / 2}, got 0.0",
    ),
    (
        "find_the_bug",
        squared_below,
        f"for input=[-3.0], target=[0.0], delta=1.0 expected {3 - 1 / 2}, got {3**2 / 2}",
    ),
    (
        "find_the_bug",
        both_at_the_threshold,
        f"for input=[-2.0, 2.0], target=[0.0, 0.0], delta=2.0 expected {2**2 / 2}, got {2 * 2**2 / 2}",
    ),
    (
        "find_the_bug",
        smooth_l1,
        f"for input=[-2.0, 2.0], target=[0.0, 0.0], delta=2.0 expected {2**2 / 2}, got {2 / 2}",
    ),
]


# The cases


# The backward pass of torch takes targets of input's dtype alone.
EDGES = {name: edge for name, edge in REGRESSION_EDGES.items() if name != "boolean-like integers"}

CASES = Cases(
    usual={"input": ERROR, "target": np.zeros(7)},
    edges=EDGES
    | WEIGHT_EDGES
    | {f"errors around delta={delta}": {"delta": delta} for delta in (0.5, 1.0, 2.0, 1e-30, 1e30, INF)}
    | {
        "infinite errors": {"input": np.array([INF, -INF]), "target": np.zeros(2), "delta": 2.0},
        "infinite errors with delta=inf": {
            "input": np.array([INF, -INF]),
            "target": np.zeros(2),
            "delta": INF,
        },
        "weight 0 on an infinite error": {
            "input": np.array([INF, 1.0]),
            "target": np.zeros(2),
            "weight": np.array([0.0, 1.0]),
        },
        "a boolean weight": {"weight": np.arange(7) > 3},
        "a mean in float16 whose sum overflows": LONG_FLOAT16,
        "float16 beyond its largest number": {
            "input": np.float16([400, 60000]),
            "target": np.float16([0, 0]),
            "delta": 400.0,
        },
    },
    scalars=({"delta": np.float64(0.5)},),
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | REFUSED_WEIGHTS
    | {
        "delta must be a number > 0, got 0": {"delta": 0},
        "delta must be a number > 0, got -1.0": {"delta": -1.0},
        "delta must be a number > 0, got nan": {"delta": NAN},
        "delta must be a number > 0, got [1. 2.]": {"delta": np.array([1.0, 2.0])},
    },
    refused_by_torch={
        "does not support non-positive values for delta": {"delta": 0.0},
        "must be float, not Tensor": {"delta": np.array([1.0])},
        "Found dtype Long but expected Double": {"target": np.arange(7)},
    },
    right={
        "by_hand": [0.5**2 / 2, 2**2 / 2, 4 * (10 - 4 / 2)],
        "reweight": reweight,
        "find_the_bug": huber_loss,
    },
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("target", [np.array([1, 5]), np.array([True, False]), np.array([1.0, 5.0])])
def test_the_value_takes_targets_of_another_dtype_and_the_gradient_does_not(target):
    input = np.float32([1.5, 2.0])
    value, slope = lift("huber_loss").values()
    theirs = F.huber_loss(torch.tensor(input), torch.tensor(target))
    assert value(input, target).dtype == theirs.numpy().dtype == np.float32
    assert value(input, target) == pytest.approx(theirs.item())
    with pytest.raises(RuntimeError, match="Found dtype"):
        gradient(F.huber_loss, torch.tensor(input), torch.tensor(target))
    with pytest.raises(ValueError) as refusal:
        slope(input, target)
    assert str(refusal.value) == (
        f"for a gradient target must have the dtype of input, float32, got {target.dtype}"
    )


@pytest.mark.parametrize("delta", [0.25, 1.0, 3.0])
def test_the_gradient_is_the_clipped_error(delta):
    errors = torch.linspace(-5, 5, 41)
    slopes = gradient(partial(F.huber_loss, delta=delta), errors, torch.zeros(41))
    assert torch.equal(slopes, errors.clamp(-delta, delta))
    assert CATALOG["huber_loss"].gradient_far.startswith("-delta or +delta")


def test_elicits_a_mean_in_which_a_far_target_counts_as_delta_away():
    assert CATALOG["huber_loss"].elicits.endswith("counts as if it were delta away")
    for delta in (1.0, 3.0, 5.0):
        best = best_constant(F.huber_loss, POINTS, delta=delta)
        assert best == pytest.approx(np.mean(np.clip(POINTS, best - delta, best + delta)), abs=1e-3)
    ends = [best_constant(F.huber_loss, POINTS, delta=delta) for delta in (1e-6, 1e3)]
    assert ends == pytest.approx([np.median(POINTS), np.mean(POINTS)], abs=1e-3)


def test_an_outlier_leaves_the_best_constant_where_it_is():
    assert CATALOG["huber_loss"].robust_to.startswith("outliers in the target")
    assert best_constant(F.huber_loss, POINTS) == best_constant(F.huber_loss, NEARER)


def test_the_mean_with_weights_divides_by_their_number():
    weight = torch.tensor([1.0, 3.0])
    mean = F.huber_loss(torch.tensor([1.0, 2.0]), torch.zeros(2), weight=weight)
    assert mean == (1 * 0.5 + 3 * 1.5) / 2
