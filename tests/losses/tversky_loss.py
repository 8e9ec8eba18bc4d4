"""tversky_loss: edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.references import dice_loss, jaccard_loss, tversky_loss
from tests import masks
from tests.answers import six
from tests.cases import Cases
from tests.handbook import BOOK
from tests.inputs import INF
from tests.masks import P, T

# Answers to the exercises


def index(input, target, alpha, beta, smooth=1e-5, axes=None):
    axes = tuple(range(2, input.ndim)) if axes is None else axes
    overlap = (input * target).sum(axis=axes)
    false = (input * (1 - target)).sum(axis=axes)
    missed = ((1 - input) * target).sum(axis=axes)
    return (overlap + smooth) / (overlap + alpha * false + beta * missed + smooth)


def tversky(input, target, alpha, beta):
    return np.mean(1 - index(input, target, alpha, beta))


def swapped(input, target, alpha, beta):
    return tversky(input, target, beta, alpha)


def without_weights(input, target, alpha, beta):
    return tversky(input, target, 0.5, 0.5)


def quiet_pixels_as_false(input, target, alpha, beta):
    axes = tuple(range(2, input.ndim))
    overlap = (input * target).sum(axis=axes)
    false = ((1 - input) * (1 - target)).sum(axis=axes)
    missed = ((1 - input) * target).sum(axis=axes)
    return np.mean(1 - (overlap + 1e-5) / (overlap + alpha * false + beta * missed + 1e-5))


def f_loss(input, target, b):
    return np.mean(1 - index(input, target, 1 / (1 + b**2), b**2 / (1 + b**2), 0))


def f_loss_swapped(input, target, b):
    return f_loss(input, target, 1 / b)


def f_loss_not_squared(input, target, b):
    return np.mean(1 - index(input, target, 1 / (1 + b), b / (1 + b), 0))


def f_loss_weights_not_one(input, target, b):
    return np.mean(1 - index(input, target, 1, b**2, 0))


PAIR = "for input=[[[0.9, 0.7, 0.4, 0.2]]], target=[[[1.0, 1.0, 1.0, 0.0]]], "
F2 = f"{PAIR}b=2.0 expected {six(1 - 2 / 2.84)}, got "
BUG = f"{PAIR}alpha=0.25, beta=0.75 expected {six(1 - 2.00001 / 2.80001)}, got "

WRONG = [
    ("by_hand", 1 - 2 / 2.4, f"{six(1 - 2 / 2.4)} is too small"),
    ("by_hand", 1 - 2 / 2.6, f"{six(1 - 2 / 2.6)} is too small"),
    ("by_hand", 2 / 2.8, f"{six(2 / 2.8)} is too large"),
    ("f_loss", f_loss_swapped, f"{F2}{six(1 - 2 / 2.36)}"),
    ("f_loss", f_loss_not_squared, f"{F2}{six(1 - 2 / (2 + 0.2 / 3 + 2 / 3))}"),
    ("f_loss", f_loss_weights_not_one, f"{F2}{six(1 - 2 / 6.2)}"),
    ("find_the_bug", swapped, f"{BUG}{six(1 - 2.00001 / 2.40001)}"),
    ("find_the_bug", without_weights, f"{BUG}{six(1 - 2.00001 / 2.60001)}"),
    ("find_the_bug", quiet_pixels_as_false, f"{BUG}{six(1 - 2.00001 / 2.95001)}"),
]


# The cases

CASES = Cases(
    usual={"input": P, "target": T},
    edges={
        f"{edge}, batch={batch}, weights {weights}": changes
        | {"batch": batch, "alpha": weights[0], "beta": weights[1]}
        for batch in (False, True)
        for weights in ((0.3, 0.7), (0, 1), (2.0, 0))
        for edge, changes in masks.edges().items()
    }
    | {"an infinite weight": {"alpha": INF}, "neither weight": {"alpha": 0, "beta": 0}},
    scalars=(
        {"alpha": np.float64(0.3)},
        {"beta": np.float64(0.7)},
        {"smooth": np.float64(0.5)},
        {"batch": np.True_},
    ),
    refused=masks.refused()
    | {
        "alpha must be >= 0, got -1": {"alpha": -1},
        "beta must be >= 0, got -0.5": {"beta": -0.5},
    },
    right={"by_hand": 1 - 2 / 2.8, "f_loss": f_loss, "find_the_bug": tversky},
    wrong=WRONG,
)


# What holds for this loss alone


def square():
    t = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    t[..., :4, :4] = 1
    return t


def slope(p, t, **options):
    p = p.clone().requires_grad_()
    return torch.autograd.grad(tversky_loss(p, t, **options), p)[0]


@pytest.mark.parametrize(("alpha", "beta"), [(0.3, 0.7), (1.0, 0.2)])
def test_the_gradient_far_away_and_at_the_target_is_as_said(alpha, beta):
    t = square()
    far = slope(t.flip(2, 3), t, alpha=alpha, beta=beta)
    torch.testing.assert_close(far, -t / (16 * alpha + 16 * beta), atol=1e-5, rtol=0)
    at = slope(t, t, alpha=alpha, beta=beta)
    torch.testing.assert_close(at, alpha / 16 * (1 - t) - beta / 16 * t, atol=1e-6, rtol=0)
    loss = CATALOG["tversky_loss"]
    assert "−1/(αA + βT)" in loss.gradient_far and "−β/T" in loss.gradient_at_target


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.3, 0.7), (0.0, 1.0), (3.0, 2.0), (0.0, 0.0)])
def test_the_gradient_keeps_its_bound_with_any_weights(weights):
    rng = torch.Generator().manual_seed(0)
    alpha, beta = weights
    bound = CATALOG["tversky_loss"].gradient_bound(alpha=alpha, beta=beta, smooth=0.5)
    for size in (1e-3, 0.1, 1.0):
        p, t = size * torch.rand(2, 200, 1, 3, generator=rng, dtype=torch.float64)
        p, t = p.requires_grad_(), t
        total = tversky_loss(p, t, alpha, beta, 0.5, reduction="sum")
        assert torch.autograd.grad(total, p)[0].abs().max() <= bound


def test_dice_and_jaccard_are_two_of_its_points():
    rng = torch.Generator().manual_seed(0)
    p, t = torch.rand(2, 3, 2, 9, generator=rng, dtype=torch.float64)
    for smooth in (1e-5, 1.0):
        torch.testing.assert_close(tversky_loss(p, t, smooth=smooth / 2), dice_loss(p, t, smooth))
        torch.testing.assert_close(tversky_loss(p, t, 1, 1, smooth), jaccard_loss(p, t, smooth))
    assert (tversky_loss(p, t, smooth=1) - dice_loss(p, t, 1)).abs() > 0.01


def test_elicits_the_pixels_above_a_threshold():
    """Of all masks of six pixels the best is one with the likeliest pixels, fewer where alpha is larger."""
    q = torch.tensor([0.95, 0.8, 0.6, 0.4, 0.2, 0.05], dtype=torch.float64)
    masks = torch.tensor([[n >> k & 1 for k in range(6)] for n in range(64)], dtype=torch.float64)[:, None]
    sizes = []
    for alpha in (0.1, 0.3, 0.5, 0.7, 0.9):
        losses = tversky_loss(masks, q.expand_as(masks), alpha, 1 - alpha, 0, reduction="none")[:, 0]
        best = masks[losses.argmin(), 0]
        threshold = alpha * (1 - losses.min())
        assert best.tolist() == (q > threshold).double().tolist()
        sizes.append(int(best.sum()))
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > sizes[-1]
    assert CATALOG["tversky_loss"].elicits.startswith("a mask of all pixels above a threshold")


def test_what_the_lesson_says_of_its_question():
    lesson = torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0])[None, None]
    fourth, cleaned = (torch.tensor(m)[None, None] for m in ([1.0] * 6 + [0.0] * 2, [1.0] * 3 + [0.0] * 5))
    text = (BOOK / "lessons.md").read_text("utf-8").partition("\n## Tversky loss\n")[2]
    found = [[tversky_loss(m, lesson, a, 1 - a).item() for m in (fourth, cleaned)] for a in (0.5, 0.3)]
    assert found[0][1] < found[0][0] and found[1][0] < found[1][1]
    assert all(f"{loss:.2f}" in text for pair in found for loss in pair)
