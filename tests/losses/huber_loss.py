"""huber_loss: calls, edges, answers to the exercises, and what holds for it alone."""

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.cases import Cases
from tests.facts import NEARER, POINTS, best_constant, compiled, gradient
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
        "float16 below it, and beyond with a larger delta": {
            "input": np.float16([60000, -60000]),
            "target": np.float16([0, 0]),
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
    elicits = CATALOG["huber_loss"].elicits
    assert elicits == "a mean in which a target beyond delta counts as if it were delta away"
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


def test_of_three_losses_only_huber_divides_a_weighted_mean_by_the_number_of_elements():
    x, y, weight = torch.tensor([0.3, -1.0, 4.0]), torch.zeros(3), torch.tensor([1.0, 2.0, 0.5])
    for loss, divisor, mean in (
        (F.huber_loss, 3, 0.93167),
        (F.mse_loss, 3.5, 2.88286),
        (F.l1_loss, 3.5, 1.22857),
    ):
        total = (weight * loss(x, y, reduction="none")).sum().item()
        assert loss(x, y, weight=weight).item() == pytest.approx(total / divisor)
        assert total / divisor == pytest.approx(mean, abs=5e-6)
    assert F.huber_loss(x, y, weight=y) == 0 and F.mse_loss(x, y, weight=y).isnan()
    with pytest.raises(TypeError, match="unexpected keyword argument 'weight'"):
        F.smooth_l1_loss(x, y, weight=weight)


@pytest.mark.parametrize("module", [torch.nn.HuberLoss, torch.nn.MSELoss, torch.nn.L1Loss])
def test_no_module_of_a_regression_takes_weights(module):
    with pytest.raises(TypeError, match="unexpected keyword argument 'weight'"):
        module(weight=torch.ones(3))


def test_reduction_comes_third_and_delta_fourth_and_the_module_knows_no_deprecated_argument():
    x, y = torch.tensor([0.3, -1.0, 4.0]), torch.zeros(3)
    assert F.huber_loss(x, y, "sum", 2.0) == F.huber_loss(x, y, reduction="sum", delta=2.0)
    assert F.huber_loss(x, y, "sum", 2.0).item() == pytest.approx(0.3**2 / 2 + 1 / 2 + 2 * (4 - 1))
    with pytest.raises(TypeError, match="size_average"):
        torch.nn.HuberLoss(size_average=True)


def test_delta_may_be_a_tensor_of_one_number_without_a_gradient():
    x, y = torch.tensor([3.0]), torch.zeros(1)
    assert F.huber_loss(x, y, delta=torch.tensor(2.0)) == 2 * (3 - 1)
    with pytest.raises(TypeError, match=r"argument 'delta' \(position 4\) must be float, not Tensor"):
        F.huber_loss(x, y, delta=torch.tensor(2.0, requires_grad=True))


@pytest.mark.parametrize(
    ("weight", "told"), [(None, "not a valid value"), (torch.ones(1), "Expected one of")]
)
def test_an_unknown_reduction_is_refused_in_other_words_beside_weights(weight, told):
    with pytest.raises(ValueError, match=told):
        F.huber_loss(torch.ones(1), torch.ones(1), reduction="average", weight=weight)


def test_complex_numbers_have_no_kernel():
    with pytest.raises(NotImplementedError, match="huber_cpu"):
        F.huber_loss(torch.ones(1) + 0j, torch.zeros(1) + 0j)


def test_the_result_has_the_dtype_of_input_and_that_of_its_relatives_the_wider_one():
    x, y = torch.ones(2), torch.zeros(2, dtype=torch.float64)
    assert F.huber_loss(x, y).dtype == torch.float32
    assert F.smooth_l1_loss(x, y).dtype == F.mse_loss(x, y).dtype == torch.float64


DTYPES = [("float64", "float32"), ("float32", "float64"), ("float32", "int64")]


@pytest.mark.parametrize(("input", "target"), DTYPES)
def test_compiled_the_backward_pass_takes_two_dtypes(input, target):
    x = torch.tensor([1.5, 2.0], dtype=getattr(torch, input), requires_grad=True)
    y = torch.tensor([1, 5], dtype=getattr(torch, target))
    with pytest.raises(RuntimeError, match="Found dtype"):
        F.huber_loss(x, y).backward()
    loss = compiled(F.huber_loss)(x, y)
    loss.backward()
    assert loss.item() == (0.5**2 / 2 + 2.5) / 2 and x.grad.tolist() == [0.5 / 2, -1 / 2]
    assert loss.dtype == torch.promote_types(x.dtype, y.dtype)


def test_compiled_a_delta_of_0_is_still_refused():
    with pytest.raises(RuntimeError, match="non-positive values for delta"):
        compiled(lambda x, y: F.huber_loss(x, y, delta=0.0))(torch.ones(1), torch.zeros(1))


# Lines and constants by reweighting


def mean(values, weight):
    return (weight * values).sum(-1, keepdims=True) / weight.sum(-1, keepdims=True)


def slopes(x, y, delta=INF, turns=60):
    """The slope of each row's line; least squares unless delta is given."""
    weight = np.ones_like(y)
    for _ in range(turns if delta < INF else 1):
        away = x - mean(x, weight)
        slope = (weight * away * y).sum(-1, keepdims=True) / (weight * away**2).sum(-1, keepdims=True)
        errors = slope * away + mean(y, weight) - y
        weight = delta / np.maximum(delta, np.abs(errors)) if delta < INF else weight
    return slope[:, 0]


def test_far_targets_move_the_line_little_and_far_inputs_as_under_least_squares():
    draws = [np.random.default_rng(seed) for seed in range(20)]
    x = np.stack([rng.uniform(0, 10, 60) for rng in draws])
    noise, bad = np.stack([rng.normal(size=60) for rng in draws]), np.arange(60) < 6
    y = 2 + x / 2 + noise
    data = (x, y), (x, y + 30 * bad), (np.where(bad, 30, x), np.where(bad, noise, y))
    off = {
        delta: [np.abs(slopes(*points, delta) - 0.5) for points in data] for delta in (INF, 10, 1.345, 0.1)
    }
    clean, targets, inputs = zip(*off.values(), strict=True)
    assert max(each.mean() for each in clean) < 0.045
    assert [each.mean().round(3) for each in targets] == [0.312, 0.141, 0.052, 0.044]
    assert targets[2].max() < 0.12 and targets[0].max() > 0.7
    assert min(each.min() for each in inputs) > 0.55 and inputs[2].mean() > inputs[0].mean()


def test_on_clean_data_the_slope_is_the_more_efficient_the_larger_delta_is():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 10, (300, 60))
    y = 2 + x / 2 + rng.normal(size=(300, 60))
    least = slopes(x, y).var()
    found = [least / slopes(x, y, delta, 200).var() for delta in (0.01, 0.5, 1, 1.345, 2, 3)]
    assert found == sorted(found)
    assert found == pytest.approx([0.576, 0.749, 0.883, 0.946, 0.980, 0.998], abs=0.06)


def test_a_constant_breaks_down_once_most_targets_are_far():
    y = np.stack([np.random.default_rng(seed).normal(size=100) for seed in range(5)])
    ends = {}
    for far in (10, 30, 48, 52):
        targets = np.where(np.arange(100) < far, 1000, y)
        best = np.median(targets, axis=1, keepdims=True)
        for _ in range(3000):
            best = mean(targets, 1.345 / np.maximum(1.345, np.abs(targets - best)))
        ends[far] = best.min().round(2), best.max().round(2)
    assert ends == {10: (0.08, 0.26), 30: (0.63, 0.93), 48: (1.81, 2.42), 52: (998.76, 998.76)}
