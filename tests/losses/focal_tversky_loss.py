"""focal_tversky_loss: edges, answers to the exercises, and what holds for it alone."""

from itertools import product

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.references import focal_tversky_loss, tversky_loss
from tests import masks
from tests.answers import six
from tests.cases import Cases
from tests.masks import P, T

# Answers to the exercises


def tversky(input, target, alpha=0.3, beta=0.7):
    axes = tuple(range(2, input.ndim))
    overlap = (input * target).sum(axis=axes)
    false = (input * (1 - target)).sum(axis=axes)
    missed = ((1 - input) * target).sum(axis=axes)
    return 1 - (overlap + 1e-5) / (overlap + alpha * false + beta * missed + 1e-5)


def focal(input, target, gamma):
    return np.mean(tversky(input, target) ** gamma)


def power_of_the_mean(input, target, gamma):
    return np.mean(tversky(input, target)) ** gamma


def one_over_gamma(input, target, gamma):
    return focal(input, target, 1 / gamma)


def weights_swapped(input, target, gamma):
    return np.mean(tversky(input, target, 0.7, 0.3) ** gamma)


def shares(losses, gamma):
    factors = losses ** (gamma - 1)
    return factors / factors.sum()


def shares_of_the_loss(losses, gamma):
    return losses**gamma / (losses**gamma).sum()


def factors(losses, gamma):
    return gamma * losses ** (gamma - 1)


def without_gamma(losses, gamma):
    return losses / losses.sum()


def listed(numbers):
    return f"[{', '.join(map(six, numbers))}]"


PAIR = np.array([[[0.9, 0.1]], [[0.2, 0.1]]]), np.array([[[1.0, 0]], [[1, 0]]])
BUG = (
    "for input=[[[0.9, 0.1]], [[0.2, 0.1]]], target=[[[1.0, 0.0]], [[1.0, 0.0]]], gamma=2.0 "
    f"expected {six(focal(*PAIR, 2))}, got "
)
BATCH = np.array([0.1, 0.4, 0.8])
AT_2, BELOW_1 = (
    f"for losses=[0.1, 0.4, 0.8], gamma={gamma} expected {listed(shares(BATCH, gamma))}, got "
    for gamma in (2.0, 0.75)
)

WRONG = [
    ("by_hand", 0.25, "0.25 is too small"),
    ("by_hand", 0.0625, "0.0625 is too small"),
    ("by_hand", 0.75**0.5, f"{six(0.75**0.5)} is too large"),
    ("image_shares", shares_of_the_loss, f"{AT_2}{listed(shares_of_the_loss(BATCH, 2))}"),
    ("image_shares", factors, f"{AT_2}{listed(factors(BATCH, 2))}"),
    ("image_shares", without_gamma, f"{BELOW_1}{listed(without_gamma(BATCH, 0.75))}"),
    ("find_the_bug", power_of_the_mean, f"{BUG}{six(power_of_the_mean(*PAIR, 2))}"),
    ("find_the_bug", one_over_gamma, f"{BUG}{six(one_over_gamma(*PAIR, 2))}"),
    ("find_the_bug", weights_swapped, f"{BUG}{six(weights_swapped(*PAIR, 2))}"),
]


# The cases

CASES = Cases(
    usual={"input": P, "target": T},
    edges={
        f"{edge}, gamma={gamma}": changes | {"gamma": gamma}
        for gamma in (0.75, 1.0, 2.0)
        for edge, changes in (
            masks.edges()
            | {
                "only misses": {"alpha": 0, "beta": 1},
                "only false alarms": {"alpha": 1, "beta": 0},
                "neither": {"alpha": 0, "beta": 0},
                "many pixels in half": {
                    "input": np.full((1, 1, 300, 300), 0.5, np.float16),
                    "target": np.ones((1, 1, 300, 300), np.float16),
                },
            }
        ).items()
    },
    scalars=(
        {"alpha": np.float64(0.3)},
        {"beta": np.float64(0.7)},
        {"gamma": np.float64(2.0)},
        {"smooth": np.float64(0.5)},
    ),
    refused=masks.refused()
    | {
        "alpha must be >= 0, got -1": {"alpha": -1},
        "beta must be >= 0, got -0.5": {"beta": -0.5},
        "gamma must be > 0, got 0": {"gamma": 0},
    },
    right={"by_hand": 0.5, "image_shares": shares, "find_the_bug": focal},
    wrong=WRONG,
)


# What holds for this loss alone


def square():
    t = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    t[..., :4, :4] = 1
    return t


def slope(p, t, **options):
    p = p.clone().requires_grad_()
    return torch.autograd.grad(focal_tversky_loss(p, t, **options), p)[0]


@pytest.mark.parametrize("gamma", [0.75, 1.0, 2.0])
def test_the_gradient_far_away_and_at_the_target_is_as_said(gamma):
    t = square()
    far = slope(t.flip(2, 3), t, gamma=gamma)
    torch.testing.assert_close(far, -gamma * t / 16, atol=1e-5, rtol=0)
    at = slope(t, t, gamma=gamma)
    if gamma < 1:
        assert not at.isfinite().any()
    else:
        corner = (0.3 * (1 - t) - 0.7 * t) / 16 * (gamma == 1)
        torch.testing.assert_close(at, corner, atol=1e-6, rtol=0)
    loss = CATALOG["focal_tversky_loss"]
    assert "−γ/(αA + βT)" in loss.gradient_far and "−β/T and +α/T for γ = 1" in loss.gradient_at_target


def test_one_image_alone_has_the_direction_of_the_tversky_loss():
    rng = torch.Generator().manual_seed(0)
    p, t = torch.rand(2, 1, 1, 9, generator=rng, dtype=torch.float64)
    for gamma in (0.5, 0.75, 2.0):
        own = slope(p, t, gamma=gamma)
        L = tversky_loss(p, t, 0.3, 0.7)
        torch.testing.assert_close(own, gamma * L ** (gamma - 1) * slope(p, t, gamma=1.0))


def test_elicits_a_mask_up_to_gamma_1_and_a_compromise_above():
    """The probability of a rim of 24 pixels that a share of the drawings adds to a core of 16."""
    x = torch.linspace(0, 1, 101, dtype=torch.float64)
    answer = torch.cat([torch.ones(101, 1, 16).double(), x[:, None, None].expand(-1, 1, 24)], 2)
    core = (torch.arange(40) < 16).double().expand_as(answer)
    for gamma in (0.5, 0.75, 1.0, 2.0, 3.0):
        wide, narrow = (
            focal_tversky_loss(answer, t, 0.5, 0.5, gamma, reduction="none")
            for t in (torch.ones_like(core), core)
        )
        found = [x[(q * wide + (1 - q) * narrow).argmin()].item() for q in (0.2, 0.4, 0.6, 0.8)]
        assert found == [0, 0, 1, 1] if gamma <= 1 else 0 < min(found) < max(found) < 1
    elicits = CATALOG["focal_tversky_loss"].elicits
    assert elicits.startswith("up to gamma 1 a mask if alpha + beta >= 1, but for at most one pixel")
    for gamma in (0.5, 1.0):
        for alpha, beta in ((0.1, 0.9), (0.9, 0.1), (1, 1), (2, 3), (0.1, 0.1)):
            wide, narrow = (
                focal_tversky_loss(answer, t, alpha, beta, gamma, reduction="none")
                for t in (torch.ones_like(core), core)
            )
            found = {x[(q * wide + (1 - q) * narrow).argmin()].item() for q in (0.4, 0.5, 0.6)}
            assert (found <= {0, 1}) == (alpha + beta >= 1 or gamma < 1)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 3.0])
@pytest.mark.parametrize("weights", [(0.3, 0.7), (1.0, 2.0)])
def test_from_gamma_1_on_smooth_bounds_the_gradient(gamma, weights):
    """Each size of a single pixel that should be empty, where the Tversky loss is steepest."""
    alpha, beta = weights
    options = {"alpha": alpha, "beta": beta, "gamma": gamma, "smooth": 1e-3}
    p = torch.logspace(-6, 0, 500, dtype=torch.float64)[:, None, None].requires_grad_()
    loss = focal_tversky_loss(p, torch.zeros_like(p), **options, reduction="sum")
    most = torch.autograd.grad(loss, p)[0].abs().max().item()
    bound = CATALOG["focal_tversky_loss"].gradient_bound(**options)
    assert 0.01 * bound < most <= bound < np.inf
    assert CATALOG["focal_tversky_loss"].gradient_bound(gamma=0.99) == np.inf


def test_of_three_drawings_the_best_answer_may_have_one_pixel_between_0_and_1():
    drawn = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0]]).double()[:, None]
    share = torch.tensor([0.28, 0.02, 0.70], dtype=torch.float64)

    def cost(*answer):
        p = torch.tensor(answer).double().expand_as(drawn)
        each = focal_tversky_loss(p, drawn, 0.5, 0.5, gamma=1.0, smooth=0, reduction="none")
        return (share * each[:, 0]).sum().item()

    masks = list(product((0.0, 1.0), repeat=3))[1:]
    assert cost(1, 1, 0.8) < min(cost(*mask) for mask in masks) - 1e-4
    assert "at most one pixel" in CATALOG["focal_tversky_loss"].elicits
