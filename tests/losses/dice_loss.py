"""dice_loss: edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.card import card
from lossviz.losses.references import dice_loss
from tests import masks
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF
from tests.masks import P, T

# Answers to the exercises


def sums(input, target, axes):
    return (input * target).sum(axis=axes), input.sum(axis=axes) + target.sum(axis=axes)


def dice(input, target, smooth=1e-5):
    overlap, sizes = sums(input, target, tuple(range(2, input.ndim)))
    return np.mean(1 - (2 * overlap + smooth) / (sizes + smooth))


def half_marked(input, target, keep):
    return dice(input * keep, target * keep, 0)


def prediction_masked_alone(input, target, keep):
    return dice(input * keep, target, 0)


def as_background(input, target, keep):
    return dice(input, target * keep, 0)


def all_marked(input, target, keep):
    return dice(input, target, 0)


def twice_smooth(input, target):
    overlap, sizes = sums(input, target, tuple(range(2, input.ndim)))
    return np.mean(1 - 2 * (overlap + 1e-5) / (sizes + 1e-5))


def smooth_below_alone(input, target):
    overlap, sizes = sums(input, target, tuple(range(2, input.ndim)))
    return np.mean(1 - 2 * overlap / (sizes + 1e-5))


def without_smooth(input, target):
    with np.errstate(invalid="ignore"):
        return dice(input, target, 0)


def without_the_background(input, target):
    return dice(input[:, 1:], target[:, 1:])


def over_the_classes(input, target):
    overlap, sizes = sums(input, target, tuple(range(1, input.ndim)))
    return np.mean(1 - (2 * overlap + 1e-5) / (sizes + 1e-5))


def all_in_one(input, target):
    overlap, sizes = sums(input, target, None)
    return 1 - (2 * overlap + 1e-5) / (sizes + 1e-5)


ROW = "[[[[0.9, 0.6], [0.3, 0.2]]]]"
ONE = f"for input={ROW}, target=[[[[1.0, 0.0], [0.0, 0.0]]]], keep=[[[[1.0, 0.0], [1.0, 1.0]]]] expected "
BOTH = f"for input={ROW}, target=[[[[1.0, 1.0], [0.0, 0.0]]]], keep=[[[[1.0, 0.0], [1.0, 1.0]]]] expected "
NOTHING = "for input=[[[[0.0, 0.0], [0.0, 0.0]]]], target=[[[[0.0, 0.0], [0.0, 0.0]]]] expected 0.0, got "
CLASSES = (
    "for input=[[[0.9, 0.9, 0.9, 0.9], [0.1, 0.1, 0.1, 0.1]]], "
    "target=[[[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]] expected "
)
OF_OBJECT = 1 - (0.2 + 1e-5) / (1.4 + 1e-5)
OF_CLASSES = six((1 - (5.4 + 1e-5) / (6.6 + 1e-5) + OF_OBJECT) / 2)

WRONG = [
    ("by_hand", 1 - 1.5 / 4, f"{six(1 - 1.5 / 4)} is too large"),
    ("by_hand", 1 - 1.5 / 2.5, f"{six(1 - 1.5 / 2.5)} is too large"),
    ("by_hand", 0.75, "0.75 is too large"),
    ("half_marked", all_marked, f"{ONE}{six(1 - 1.8 / 2.4)}, got {six(1 - 1.8 / 3)}"),
    ("half_marked", as_background, f"{ONE}{six(1 - 1.8 / 2.4)}, got {six(1 - 1.8 / 3)}"),
    ("half_marked", prediction_masked_alone, f"{BOTH}{six(1 - 1.8 / 2.4)}, got {six(1 - 1.8 / 3.4)}"),
    ("find_the_bug", twice_smooth, f"{NOTHING}-1.0"),
    ("find_the_bug", smooth_below_alone, f"{NOTHING}1.0"),
    ("find_the_bug", without_smooth, f"{NOTHING}nan"),
    ("of_classes", all_in_one, f"{CLASSES}{OF_CLASSES}, got 0.3"),
    ("of_classes", over_the_classes, f"{CLASSES}{OF_CLASSES}, got 0.3"),
    ("of_classes", without_the_background, f"{CLASSES}{OF_CLASSES}, got {six(OF_OBJECT)}"),
]


# The cases

CASES = Cases(
    usual={"input": P, "target": T},
    edges={
        f"{edge}, batch={batch}, squared_pred={squared}": changes | {"batch": batch, "squared_pred": squared}
        for batch in (False, True)
        for squared in (False, True)
        for edge, changes in masks.edges().items()
    },
    scalars=({"smooth": np.float64(0.5)}, {"batch": np.True_}, {"squared_pred": np.True_}),
    refused=masks.refused(),
    right={
        "by_hand": 0.25,
        "half_marked": half_marked,
        "find_the_bug": dice,
        "of_classes": dice,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_the_gradient_far_away_and_at_the_target_is_as_said():
    t = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    t[..., :4, :4] = 1
    apart = t.flip(2, 3).requires_grad_()
    (far,) = torch.autograd.grad(dice_loss(apart, t), apart)
    torch.testing.assert_close(far, -2 * t / (16 + 16), atol=1e-6, rtol=0)
    near = t.clone().requires_grad_()
    (at,) = torch.autograd.grad(dice_loss(near, t), near)
    torch.testing.assert_close(at, (1 - 2 * t) / (2 * 16), atol=1e-6, rtol=0)
    loss = CATALOG["dice_loss"]
    assert "−2/(A + T)" in loss.gradient_far and "−1/(2T)" in loss.gradient_at_target


@pytest.mark.parametrize("smooth", [0.5, 1e-5])
def test_the_bound_of_the_gradient_is_that_of_an_empty_image(smooth):
    p = torch.zeros(1, 1, 4, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(dice_loss(p, torch.zeros(1, 1, 4), smooth), p)
    assert slope.max().item() == pytest.approx(CATALOG["dice_loss"].gradient_bound(smooth=smooth))
    assert CATALOG["dice_loss"].gradient_bound(smooth=0) == INF
    assert "squared_pred=False, divided by smooth" in " ".join(repr(card("dice_loss")).split())


def test_elicits_a_mask():
    """Of two equally likely answers the one that more drawings have, and no share between."""
    p = torch.linspace(0, 1, 101, dtype=torch.float64)
    answer = torch.cat([torch.ones(101, 1, 16).double(), p[:, None, None].expand(-1, 1, 24)], 2)
    core = (torch.arange(40) < 16).double().expand_as(answer)
    for q in (0.2, 0.4, 0.6, 0.8):
        wide, narrow = (dice_loss(answer, t, reduction="none") for t in (torch.ones_like(core), core))
        assert p[(q * wide + (1 - q) * narrow).argmin()] == (q > 0.5)
    assert CATALOG["dice_loss"].elicits.startswith("without squares a mask and no probabilities")
