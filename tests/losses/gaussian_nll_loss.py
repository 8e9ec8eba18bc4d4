"""gaussian_nll_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import six
from tests.cases import Cases
from tests.facts import RELEASE, compiled
from tests.inputs import BOOLEAN, ERROR, INF, NAN, REFUSED_BY_ALL, REFUSED_SHAPES, REGRESSION_EDGES
from tests.numpy_cells import lift

VAR = np.array([1.0, 0.25, 4.0, 0.5, 9.0, 1e-8, 100.0])
GRID = {"input": np.linspace(-2, 3, 6).reshape(2, 3), "target": np.array([[0.5, 1, -1], [2, 0, 3.5]])}


def with_var(edge):
    """The edge of a regression, with variances in its shape and the dtype of its input."""
    return edge | {"var": np.full_like(edge["input"], 0.5)}


# Answers


def common_variance(input, target):
    return np.mean((input - target) ** 2)


def beta_gradient(input, target, var, beta):
    error = input - target
    return var**beta * np.stack([error / var, (1 / var - error**2 / var**2) / 2])


def nll_of_std(input, target, std):
    return np.mean(np.log(std) + (input - target) ** 2 / std**2 / 2)


def square_of_the_mean_size(input, target):
    return np.mean(np.abs(input - target)) ** 2


def unbiased(input, target):
    return np.sum((input - target) ** 2) / (input.size - 1)


def spread_of_the_errors(input, target):
    return np.var(input - target)


def without_the_weight(input, target, var, beta):
    return beta_gradient(input, target, var, 0)


def weight_not_detached(input, target, var, beta):
    mean, in_var = beta_gradient(input, target, var, beta)
    loss = (np.log(var) + (input - target) ** 2 / var) / 2
    return np.stack([mean, in_var + beta * var ** (beta - 1) * loss])


def rows_in_the_other_order(input, target, var, beta):
    return beta_gradient(input, target, var, beta)[::-1]


def averaged(input, target, var, beta):
    return beta_gradient(input, target, var, beta) / input.size


def std_as_variance(input, target, std):
    return np.mean(np.log(std) + (input - target) ** 2 / std) / 2


def root_of_std(input, target, std):
    return std_as_variance(input, target, np.sqrt(std))


def only_the_divisor_squared(input, target, std):
    return np.mean(np.log(std) + (input - target) ** 2 / std**2) / 2


def with_the_constant(input, target, std):
    return nll_of_std(input, target, std) + np.log(2 * np.pi) / 2


def rows(*rows):
    """An array as messages show it."""
    return "[" + ", ".join("[" + ", ".join(map(six, row)) + "]" for row in rows) + "]"


TWO = beta_gradient(np.full(2, 20.0), np.full(2, 23.0), np.array([9.0, 100.0]), 0.5)
BY_HAND = [(np.log(4) + 9 / 4) / 2, -3 / 4, (1 / 4 - 9 / 16) / 2]

WRONG = [
    ("by_hand", [np.log(4) + 9 / 4, *BY_HAND[1:]], f"{six(np.log(4) + 9 / 4)} at index 0 is too large"),
    ("by_hand", [BY_HAND[0], 3 / 4, BY_HAND[2]], "0.75 at index 1 is too large"),
    ("by_hand", [*BY_HAND[:2], (1 / 4 - 9 / 4) / 2], "-1.0 at index 2 is too small"),
    (
        "common_variance",
        square_of_the_mean_size,
        f"for input=[0.0, 0.0, 0.0], target=[1.0, 1.0, 4.0] expected {18 / 3}, got {2.0**2}",
    ),
    (
        "common_variance",
        unbiased,
        f"for input=[0.0, 0.0], target=[1.0, -1.0] expected {2 / 2}, got {2 / 1}",
    ),
    (
        "common_variance",
        spread_of_the_errors,
        f"for input=[0.0, 0.0, 0.0], target=[1.0, 1.0, 4.0] expected {18 / 3}, got {18 / 3 - 2.0**2}",
    ),
    (
        "beta_gradient",
        without_the_weight,
        "for input=[20.0, 20.0], target=[23.0, 23.0], var=[9.0, 100.0], beta=0.5 "
        f"expected {rows(*TWO)}, got {rows([-1 / 3, -3 / 100], [0, (1 / 100 - 9 / 100**2) / 2])}",
    ),
    (
        "beta_gradient",
        weight_not_detached,
        "for input=[20.0], target=[23.0], var=[1.0], beta=0.5 "
        f"expected {rows([-3], [-4])}, got {rows([-3], [-4 + 4.5 / 2])}",
    ),
    (
        "beta_gradient",
        rows_in_the_other_order,
        "for input=[20.0], target=[23.0], var=[1.0], beta=0.5 "
        f"expected {rows([-3], [-4])}, got {rows([-4], [-3])}",
    ),
    (
        "beta_gradient",
        averaged,
        "for input=[20.0, 20.0], target=[23.0, 23.0], var=[9.0, 100.0], beta=0.5 "
        f"expected {rows(*TWO)}, got {rows(*TWO / 2)}",
    ),
    (
        "find_the_bug",
        std_as_variance,
        "for input=[20.0], target=[23.0], std=[3.0] "
        f"expected {six(np.log(3) + 1 / 2)}, got {six((np.log(3) + 3) / 2)}",
    ),
    (
        "find_the_bug",
        root_of_std,
        "for input=[20.0], target=[23.0], std=[3.0] "
        f"expected {six(np.log(3) + 1 / 2)}, got {six((np.log(3) / 2 + 9 / 3**0.5) / 2)}",
    ),
    (
        "find_the_bug",
        only_the_divisor_squared,
        "for input=[20.0], target=[23.0], std=[3.0] "
        f"expected {six(np.log(3) + 1 / 2)}, got {six((np.log(3) + 1) / 2)}",
    ),
    (
        "find_the_bug",
        with_the_constant,
        "for input=[20.0], target=[23.0], std=[1.0] "
        f"expected {9 / 2}, got {six(9 / 2 + np.log(2 * np.pi) / 2)}",
    ),
]


# The cases


CASES = Cases(
    usual={"input": ERROR, "target": np.zeros(7), "var": np.maximum(VAR, 0.01)},
    edges={key: with_var(edge) for key, edge in REGRESSION_EDGES.items() if key != "overflow"}
    | {
        "the constant": {"full": True},
        "variances below eps": {"var": VAR},
        "variances of 0": {"var": np.zeros(7)},
        "variances of 0 without eps": {"var": np.zeros(7), "eps": 0},
        "a large eps": {"eps": 2.0},
        "an infinite eps": {"eps": INF},
        "nan and inf as variances": {"var": np.array([NAN, INF, 1, INF, NAN, 1, 0])},
        "integer targets": {"target": np.arange(7)},
        "one variance for all": {"var": np.array(0.5)},
        "one variance for all, with an axis": {"var": np.array([0.5])},
        "one for each row": GRID | {"var": np.array([0.5, 4.0])},
        "one for each row, with an axis": GRID | {"var": np.array([[0.5], [4.0]])},
        "one for each column": GRID | {"var": np.array([[0.5, 4.0, 9.0]])},
        "as many rows as columns": {
            "input": np.eye(3),
            "target": np.zeros((3, 3)),
            "var": np.array([1.0, 4.0, 9.0]),
        },
        "variances in another precision": {"var": VAR.astype(np.float32)},
        "means in another precision": {"input": ERROR.astype(np.float32)},
        "no rows, one variance each": {
            "input": np.zeros((0, 3)),
            "target": np.zeros((0, 3)),
            "var": np.zeros((0, 1)),
        },
        "rows of nothing": {
            "input": np.zeros((2, 0)),
            "target": np.zeros((2, 0)),
            "var": np.ones((2, 1)),
        },
        "a square that overflows float16": {
            "input": np.float16([300, -300, 1]),
            "target": np.zeros(3, np.float16),
            "var": np.float16([1, 1, 1]),
        },
    },
    scalars=({"eps": np.float64(0.5)}, {"full": np.True_}),
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | {
        "target must hold numbers, got bool": BOOLEAN,
        "eps must be >= 0, got nan": {"eps": NAN},
        "var must be >= 0, got -0.5": {"var": np.array([1, 0, -0.5, -2, 1, 1, 1])},
        "var must be >= 0, got -2.0": {"var": -2.0},
        "var must be floating point or a float, got int64": {"var": np.arange(7)},
        "var must have the shape of input (7,), or that with one axis of size 1, "
        "or without the last axis, got (3,)": {"var": np.ones(3)},
        "var must have the shape of input (2, 3), or that with one axis of size 1, "
        "or without the last axis, got (3,)": GRID | {"var": np.ones(3)},
        "var must have the shape of input (2, 3), or that with one axis of size 1, "
        "or without the last axis, got (1, 1)": GRID | {"var": np.ones((1, 1))},
        "var must have the shape of input (2, 3), or that with one axis of size 1, "
        "or without the last axis, got ()": GRID | {"var": np.array(1.0)},
    },
    refused_by_torch={"Subtraction, the `-` operator, with a bool tensor": BOOLEAN},
    right={
        "by_hand": BY_HAND,
        "common_variance": common_variance,
        "beta_gradient": beta_gradient,
        "find_the_bug": nll_of_std,
    },
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("changes", [{"var": -np.ones(7)}, {"var": np.ones(3)}, GRID | {"var": np.ones(3)}])
def test_torch_refuses_variances_that_the_chapter_refuses(changes):
    call = CASES.usual | changes
    with pytest.raises(ValueError, match="var "):
        F.gaussian_nll_loss(**{name: torch.tensor(value) for name, value in call.items()})


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_python_float_is_one_variance_for_all(dtype, reduction):
    input, target = (array.astype(dtype) for array in GRID.values())
    loss, gradient = lift("gaussian_nll_loss").values()
    mine = loss(input, target, 0.5, reduction=reduction)
    theirs = F.gaussian_nll_loss(torch.tensor(input), torch.tensor(target), 0.5, reduction=reduction)
    np.testing.assert_allclose(mine, theirs, rtol=1e-5)
    assert mine.dtype == dtype
    in_mean, in_var = gradient(input, target, 0.5, reduction=reduction)
    whole = gradient(input, target, np.full((2, 3), 0.5, dtype), reduction=reduction)
    np.testing.assert_allclose(in_mean, whole[0])
    np.testing.assert_allclose(in_var, whole[1].sum(), rtol=1e-5)
    assert in_var.shape == () and in_var.dtype == dtype


def test_the_best_variance_is_the_mean_of_the_squared_errors():
    assert CATALOG["gaussian_nll_loss"].elicits.endswith("the mean of the squared errors")
    var = torch.tensor([6.0], requires_grad=True)
    F.gaussian_nll_loss(torch.zeros(3), torch.tensor([1.0, 1, 4]), var).backward()
    assert var.grad.abs() < 1e-7


def test_far_away_the_gradient_in_the_variance_is_minus_half_the_square_of_that_in_the_mean():
    spec = CATALOG["gaussian_nll_loss"]
    mean, var = torch.tensor([1e4], requires_grad=True), torch.tensor([4.0], requires_grad=True)
    F.gaussian_nll_loss(mean, torch.zeros(1), var).backward()
    assert mean.grad == 1e4 / 4 and torch.isclose(var.grad, -(mean.grad**2) / 2)
    assert spec.gradient_far.endswith("in the variance minus half the square of that")
    at = torch.tensor([4.0], requires_grad=True)
    F.gaussian_nll_loss(torch.zeros(1), torch.zeros(1), at).backward()
    assert at.grad == 1 / 8 and "1 / (2 var)" in spec.gradient_at_target


def test_the_lowest_loss_is_half_the_logarithm_of_eps():
    spec, zero = CATALOG["gaussian_nll_loss"], torch.zeros(1, dtype=torch.float64)
    for options in ({}, {"full": True}):
        lowest = F.gaussian_nll_loss(zero, zero, zero, **options).item()
        assert spec.value_bounds(**options)[0] == pytest.approx(lowest)
    assert spec.value_bounds(eps=1e-3)[0] == -INF


@pytest.mark.parametrize(
    ("means", "variances"), [((2, 3), (1,)), ((2, 3), (1, 1)), ((2, 3), ()), ((4, 3, 2, 2), (4, 3, 1, 1))]
)
def test_torch_refuses_honest_broadcasts_too(means, variances):
    mean = torch.zeros(means)
    with pytest.raises(ValueError, match="var is of incorrect size"):
        F.gaussian_nll_loss(mean, mean, torch.ones(variances))
    same = F.gaussian_nll_loss(mean, mean, torch.ones(variances).expand(means))
    assert same == 0


def test_a_column_of_targets_against_a_row_is_broadcast_as_the_reverse_is():
    row = torch.tensor([1.0, 2.0, 4.0])
    for pair in ((row, row[:, None]), (row[:, None], row)):
        var = torch.ones_like(pair[0])
        assert F.gaussian_nll_loss(*pair, var, reduction="none").shape == (3, 3)


def test_an_unknown_reduction_is_refused():
    one = torch.ones(1)
    with pytest.raises(ValueError, match="average is not valid"):
        F.gaussian_nll_loss(one, one, one, reduction="average")


def test_in_float16_an_error_of_1_costs_infinity_at_a_variance_of_0():
    one = torch.ones(1, dtype=torch.float16)
    assert F.gaussian_nll_loss(one, 0 * one, 0 * one) == INF
    assert F.gaussian_nll_loss(one.float(), 0 * one.float(), 0 * one.float()).isfinite()


def test_integers_are_taken_as_means_and_targets():
    means, targets = torch.tensor([20, 20]), torch.tensor([23, 20])
    loss = F.gaussian_nll_loss(means, targets, torch.tensor([9.0, 1.0]), reduction="none")
    assert loss.tolist() == pytest.approx([(np.log(9) + 1) / 2, 0])


def test_the_target_gets_the_gradient_of_the_mean_with_a_minus():
    mean, target = (torch.tensor([value], requires_grad=True) for value in (20.0, 23.0))
    F.gaussian_nll_loss(mean, target, torch.tensor([9.0])).backward()
    assert mean.grad.item() == pytest.approx(-1 / 3) and target.grad == -mean.grad


def test_the_module_takes_its_options_by_name_and_its_arguments_in_place():
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        torch.nn.GaussianNLLLoss(True)
    call = torch.tensor([1.0]), torch.tensor([4.0]), torch.tensor([4.0])
    losses = [torch.nn.GaussianNLLLoss(full=full)(*call).item() for full in (False, True)]
    assert losses == pytest.approx([1.8181, 2.7371], abs=5e-5)
    assert losses[1] - losses[0] == pytest.approx(0.918939, abs=5e-7)


def test_at_the_best_variance_the_loss_has_no_lower_bound():
    for error in (1.0, 1e-1, 1e-2):
        best = torch.tensor([error**2], dtype=torch.float64)
        loss = F.gaussian_nll_loss(best.sqrt(), 0 * best, best, eps=1e-12)
        assert loss.item() == pytest.approx((1 + np.log(error**2)) / 2)


def test_compiled_a_negative_variance_is_still_refused():
    with pytest.raises(ValueError, match="var has negative entry"):
        compiled(F.gaussian_nll_loss)(torch.zeros(2), torch.zeros(2), torch.tensor([1.0, -1.0]))


@pytest.mark.skipif(RELEASE >= (2, 14), reason="its page was corrected in 2.14")
def test_up_to_2_13_the_page_of_the_function_says_that_eps_is_added():
    assert "Value added to var" in F.gaussian_nll_loss.__doc__
    one = torch.ones(1)
    assert F.gaussian_nll_loss(one, one, one, eps=1.0) == 0  # ln 1, not ln 2


@pytest.mark.parametrize(("beta", "pulls"), [(0, [-3, -1 / 3, -0.03]), (0.5, [-3, -1, -0.3]), (1, 3 * [-3])])
def test_a_detached_power_of_the_variance_gives_back_a_part_of_the_gradient(beta, pulls):
    mean = torch.full((3,), 20.0, requires_grad=True)
    var = torch.tensor([1.0, 9.0, 100.0])
    each = F.gaussian_nll_loss(mean, torch.full((3,), 23.0), var, reduction="none")
    (var**beta * each).sum().backward()
    assert mean.grad.tolist() == pytest.approx(pulls)


def trained(betas, steps=1000):
    """How far the means of five seeds are off the curve, by beta; all networks side by side."""
    x, layers, targets = torch.linspace(-1, 1, 200)[:, None], [], []
    curve = torch.sin(4 * torch.pi * x)
    for seed in range(5):
        torch.manual_seed(seed)
        made = [torch.nn.Linear(*sizes) for sizes in ((1, 32), (32, 32), (32, 2))]
        layers.append([part.detach() for f in made for part in (f.weight.T, f.bias[None])])
        targets.append(curve + 0.02 * torch.randn(200, 1, generator=torch.Generator().manual_seed(seed)))
    weights = [torch.stack(same).repeat(len(betas), 1, 1) for same in zip(*layers, strict=True)]
    weights = [each.requires_grad_() for each in weights]
    y = torch.stack(targets).repeat(len(betas), 1, 1)
    power = torch.tensor(betas).repeat_interleave(5)[:, None, None]
    optimizer = torch.optim.Adam(weights, lr=3e-3)
    for _ in range(steps):
        h = x.expand(len(y), 200, 1)
        for k in (0, 2, 4):
            h = torch.baddbmm(weights[k + 1], h.tanh() if k else h, weights[k])
        mean, var = h[..., :1], F.softplus(h[..., 1:]) + 1e-4
        each = var.detach() ** power * F.gaussian_nll_loss(mean, y, var, reduction="none")
        optimizer.zero_grad()
        each.mean((1, 2)).sum().backward()
        optimizer.step()
    return (mean.detach() - curve).square().mean((1, 2)).sqrt().view(len(betas), 5)


def test_a_quarter_is_too_small_a_power_for_some_seeds_and_a_half_is_enough_for_all():
    none, quarter, *enough = trained([0.0, 0.25, 0.5, 0.75, 1.0])
    assert none.min() > 0.2 < quarter.max()
    assert torch.stack(enough).max() < 0.1
