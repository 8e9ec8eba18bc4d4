"""jaccard_loss: edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.card import card
from lossviz.losses.references import dice_loss, jaccard_loss
from tests import masks
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF
from tests.masks import P, T

# Answers to the exercises


def jaccard(input, target, smooth=1e-5):
    axes = tuple(range(2, input.ndim))
    overlap = (input * target).sum(axis=axes)
    union = (input + target).sum(axis=axes) - overlap
    return np.mean(1 - (overlap + smooth) / (union + smooth))


def twice_the_overlap(input, target):
    axes = tuple(range(2, input.ndim))
    overlap = (input * target).sum(axis=axes)
    union = (input + target).sum(axis=axes) - overlap
    return np.mean(1 - (2 * overlap + 1e-5) / (union + 1e-5))


def overlap_counted_twice(input, target):
    axes = tuple(range(2, input.ndim))
    overlap = (input * target).sum(axis=axes)
    return np.mean(1 - (overlap + 1e-5) / ((input + target).sum(axis=axes) + 1e-5))


def without_smooth(input, target):
    with np.errstate(invalid="ignore"):
        return jaccard(input, target, 0)


def of_dice(dice_losses):
    return np.mean(2 * dice_losses / (1 + dice_losses))


def of_the_mean(dice_losses):
    mean = np.mean(dice_losses)
    return 2 * mean / (1 + mean)


def of_scores(dice_losses):
    return np.mean(dice_losses / (2 - dice_losses))


def scores_of_losses(dice_losses):
    return 1 - of_dice(dice_losses)


PERFECT = "for input=[[[[1.0, 1.0], [0.0, 0.0]]]], target=[[[[1.0, 1.0], [0.0, 0.0]]]] expected 0.0, got "
NOTHING = "for input=[[[[0.0, 0.0], [0.0, 0.0]]]], target=[[[[0.0, 0.0], [0.0, 0.0]]]] expected 0.0, got "
EVEN = f"for dice_losses=[0.4, 0.4] expected {six(4 / 7)}, got "

WRONG = [
    ("by_hand", 1 - 1.5 / 4, f"{six(1 - 1.5 / 4)} is too large"),
    ("by_hand", 0.25, "0.25 is too small"),
    ("by_hand", 0.6, "0.6 is too large"),
    ("of_dice", of_the_mean, f"for dice_losses=[0.0, 1.0] expected 0.5, got {six(2 / 3)}"),
    ("of_dice", of_scores, f"{EVEN}0.25"),
    ("of_dice", scores_of_losses, f"{EVEN}{six(3 / 7)}"),
    ("find_the_bug", twice_the_overlap, f"{PERFECT}{six(1 - (4 + 1e-5) / (2 + 1e-5))}"),
    ("find_the_bug", overlap_counted_twice, f"{PERFECT}{six(1 - (2 + 1e-5) / (4 + 1e-5))}"),
    ("find_the_bug", without_smooth, f"{NOTHING}nan"),
]


# The cases

CASES = Cases(
    usual={"input": P, "target": T},
    edges={
        f"{edge}, batch={batch}": changes | {"batch": batch}
        for batch in (False, True)
        for edge, changes in masks.edges().items()
    },
    scalars=({"smooth": np.float64(0.5)}, {"batch": np.True_}),
    refused=masks.refused(),
    right={"by_hand": 0.4, "of_dice": of_dice, "find_the_bug": jaccard},
    wrong=WRONG,
)


# What holds for this loss alone


def test_the_gradient_far_away_and_at_the_target_is_as_said():
    t = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    t[..., :4, :4] = 1
    apart = t.flip(2, 3).requires_grad_()
    (far,) = torch.autograd.grad(jaccard_loss(apart, t), apart)
    torch.testing.assert_close(far, -t / (16 + 16), atol=1e-6, rtol=0)
    near = t.clone().requires_grad_()
    (at,) = torch.autograd.grad(jaccard_loss(near, t), near)
    torch.testing.assert_close(at, (1 - 2 * t) / 16, atol=1e-6, rtol=0)
    loss = CATALOG["jaccard_loss"]
    assert "−1/(A + T)" in loss.gradient_far and "−1/T" in loss.gradient_at_target


@pytest.mark.parametrize("smooth", [0.5, 1e-5])
def test_the_bound_of_the_gradient_is_that_of_an_empty_image(smooth):
    p = torch.zeros(1, 1, 4, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(jaccard_loss(p, torch.zeros(1, 1, 4), smooth), p)
    assert slope.max().item() == pytest.approx(CATALOG["jaccard_loss"].gradient_bound(smooth=smooth))
    assert CATALOG["jaccard_loss"].gradient_bound(smooth=0) == INF
    assert "divided by smooth" in " ".join(repr(card("jaccard_loss")).split())


def test_it_is_the_dice_loss_on_another_scale_with_half_the_smooth():
    rng = torch.Generator().manual_seed(0)
    p = torch.rand(3, 2, 5, 5, generator=rng, dtype=torch.float64)
    t = (torch.rand(3, 2, 5, 5, generator=rng) > 0.6).double()
    dice = dice_loss(p, t, 1.0, reduction="none")
    torch.testing.assert_close(jaccard_loss(p, t, 0.5, reduction="none"), 2 * dice / (1 + dice))


def test_elicits_a_mask():
    """Of two equally likely answers the one that more drawings have, and no share between."""
    p = torch.linspace(0, 1, 101, dtype=torch.float64)
    answer = torch.cat([torch.ones(101, 1, 16).double(), p[:, None, None].expand(-1, 1, 24)], 2)
    core = (torch.arange(40) < 16).double().expand_as(answer)
    for q in (0.2, 0.4, 0.6, 0.8):
        wide, narrow = (jaccard_loss(answer, t, reduction="none") for t in (torch.ones_like(core), core))
        assert p[(q * wide + (1 - q) * narrow).argmin()] == (q > 0.5)
    assert CATALOG["jaccard_loss"].elicits.startswith("a mask and no probabilities")


def test_some_best_answer_to_any_drawings_is_a_mask():
    """The mean index over drawings is convex in each pixel alone, so that it is largest at a corner."""
    rng = torch.Generator().manual_seed(0)
    p = torch.linspace(0, 1, 21, dtype=torch.float64)
    for smooth in (0.5, 1e-5):
        for _ in range(100):
            drawn = (torch.rand(5, 1, 8, generator=rng) > 0.5).double()
            answers = torch.rand(8, generator=rng, dtype=torch.float64).repeat(21, 1)
            answers[:, 0] = p
            index = sum(
                1 - jaccard_loss(answers[:, None], t.expand(21, 1, 8), smooth, reduction="none")[:, 0]
                for t in drawn
            )
            assert (index.diff().diff() > -1e-12).all()
    assert "every pixel at 0 or 1" in CATALOG["jaccard_loss"].elicits


def test_a_little_in_each_pixel_of_the_background_adds_up_in_the_union():
    for side, expected in ((32, 0.387), (128, 0.911), (512, 0.994)):
        t = torch.zeros(1, 1, side, side)
        t[..., :4, :4] = 1
        costs = [jaccard_loss(torch.where(t == 1, 1.0, quiet), t).item() for quiet in (0.01, 0.0)]
        assert costs == pytest.approx([expected, 0], abs=1e-3)
    assert "exactly 0" in CATALOG["jaccard_loss"].robust_to
