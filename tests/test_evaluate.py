"""A reader's function is called as it is written, and what goes wrong in it is told with its place."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz import explore_bars
from lossviz.controls import as_control
from lossviz.evaluate import (
    apply,
    autograd,
    central_difference,
    depends_on,
    is_differentiable,
    parameters,
)

X = np.linspace(-3, 3, 7)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.maximum(0, 1 - x),
        lambda x: max(0, 1 - x),
        lambda x: 0.0 if x > 1 else 1 - x,
        lambda x: torch.clamp(1 - x, min=0),
        lambda x: F.relu(1 - torch.tensor(x)),
        lambda x: (1 - x).clamp(min=0),
        lambda x: [max(0, 1 - x)],
        lambda x: F.l1_loss(x, torch.ones(())) if x < 1 else torch.zeros(()),
    ],
    ids=["array", "max", "if", "torch", "tensor", "method", "list", "reduced"],
)
def test_every_way_to_write_a_hinge_gives_the_same_numbers(function):
    assert apply(function, (X,), {}).tolist() == np.maximum(0, 1 - X).tolist()


def test_a_mean_over_data_is_evaluated_point_by_point():
    data = np.array([1.0, 2.0, 6.0])
    assert apply(lambda c: np.abs(c - data).mean(), (X,), {}) == pytest.approx(
        [np.abs(c - data).mean() for c in X]
    )


def test_a_function_that_writes_into_its_input_does_not_change_the_points():
    def relu(x):
        x[x < 0] = 0
        return x

    before = X.copy()
    assert apply(relu, (X,), {}).tolist() == np.maximum(X, 0).tolist()
    assert X.tolist() == before.tolist()


def test_trying_arrays_and_tensors_warns_of_nothing():
    with warnings.catch_warnings(action="error"):
        apply(lambda x: F.mse_loss(torch.as_tensor(x), torch.zeros(())), (X,), {})


def test_a_function_that_raises_names_itself_the_place_and_the_cause():
    def cautious(x, beta):
        if x > 1.5:
            raise RuntimeError("too far")
        return x * beta

    with pytest.raises(ValueError, match=r"cautious failed at \(2, beta=0.5\): RuntimeError: too far"):
        apply(cautious, (X,), {"beta": 0.5})


@pytest.mark.parametrize("function", [lambda x: None, lambda x: "a", lambda x: x + None, lambda x: x.nothing])
def test_what_is_no_number_is_refused_at_the_first_place(function):
    with pytest.raises(ValueError, match=r"failed at \(-3\)"):
        apply(function, (X,), {})


def test_tensors_that_require_a_gradient_are_numbers():
    weight = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    assert apply(lambda x: weight * torch.tensor(x), (X,), {}).tolist() == (2 * X).tolist()
    assert apply(lambda x: [weight * float(x)], (X,), {}).tolist() == (2 * X).tolist()
    assert apply(lambda x: torch.tensor(x).bfloat16(), (X,), {}).tolist() == X.tolist()


def test_masked_values_are_gaps():
    gaps = apply(lambda x: np.ma.masked_less(x, 0), (X,), {})
    assert np.isnan(gaps[X < 0]).all() and gaps[X >= 0].tolist() == X[X >= 0].tolist()
    whole = np.ma.masked_equal([1, 2, 3], 2)
    assert np.isnan(explore_bars({"z": lambda: whole}, "abc").values("bars")).tolist() == [False, True, False]


def test_a_wrong_shape_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"shape \(7,\) for shape \(7,\).* returned shape \(2,\)"):
        apply(lambda x: np.zeros(2), (X,), {})


def test_parameters_are_those_given_by_position():
    assert parameters(lambda x, beta, *rest, full, **more: 0) == ["x", "beta"]
    assert parameters(torch.abs) == []
    assert parameters(torch.nn.L1Loss()) == ["input", "target"]


def test_a_function_depends_on_the_controls_it_takes_by_name():
    both = {name: as_control(name, (0, 1)) for name in ("beta", "delta")}
    assert depends_on(lambda x: 0, both) == []
    assert depends_on(lambda x, delta: 0, both) == ["delta"]
    assert depends_on(lambda x, **options: 0, both) == ["beta", "delta"]
    assert depends_on(np.abs, both) == []


def test_central_differences_are_the_derivative():
    assert central_difference(np.sin)(X) == pytest.approx(np.cos(X), abs=1e-9)
    assert central_difference(lambda x, y: x * y**2, 1)(X, X) == pytest.approx(2 * X * X, abs=1e-8)


def test_central_differences_of_a_float32_function_take_a_wider_step():
    single = central_difference(lambda x: F.mse_loss(torch.tensor(x).float(), torch.tensor(0.0)))
    assert single(X) == pytest.approx(2 * X, abs=2e-3)


def test_autograd_is_the_derivative_along_either_argument():
    assert autograd(lambda x, y: x * y**2, 0)(X, X) == pytest.approx(X * X)
    assert autograd(lambda x, y: x * y**2, 1)(X, X) == pytest.approx(2 * X * X)


def test_autograd_of_a_mean_is_taken_point_by_point():
    assert autograd(lambda x: F.mse_loss(x, torch.zeros_like(x)))(X) == pytest.approx(2 * X)
    assert autograd(lambda x: x.clamp(min=0))(X) == pytest.approx(np.heaviside(X, 1), abs=1)


@pytest.mark.parametrize(
    "function", [lambda x: x.detach(), lambda x: torch.zeros(3), lambda x: x.argmax(), np.sin]
)
def test_what_autograd_cannot_follow_has_no_such_slope(function):
    assert not is_differentiable(function, (X,), {})
    assert is_differentiable(torch.sin, (X,), {})


def test_the_slope_is_0_where_a_value_does_not_depend_on_its_argument():
    assert not autograd(lambda x, y: y * 1.0)(X, X).any()
