"""dice_ce_loss: edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.references import dice_ce_loss, dice_loss, topk_cross_entropy
from tests.answers import log_softmax, six
from tests.cases import Cases
from tests.inputs import INF, NAN

# Answers to the exercises


def overlap_loss(p, t):
    axes = tuple(range(2, p.ndim))
    return np.mean(1 - 2 * (p * t).sum(axis=axes) / (p + t).sum(axis=axes))


def parts(input, target):
    """The log-probabilities, and the one-hot masks."""
    log_p = np.moveaxis(log_softmax(np.moveaxis(input, 1, -1)), -1, 1)
    return log_p, np.moveaxis(np.eye(input.shape[1])[target], -1, 1)


def where_labelled(input, target, keep):
    (log_p, t), m = parts(input, target), keep[:, None]
    return overlap_loss(np.exp(log_p) * m, t * m) - (log_p * t * m).sum() / keep.sum()


def mean_over_all(input, target, keep):
    (log_p, t), m = parts(input, target), keep[:, None]
    return overlap_loss(np.exp(log_p) * m, t * m) - (log_p * t * m).sum() / keep.size


def entropy_alone_masked(input, target, keep):
    log_p, t = parts(input, target)
    return overlap_loss(np.exp(log_p), t) - (log_p * t * keep[:, None]).sum() / keep.sum()


def as_background(input, target, keep):
    log_p, t = parts(input, target * keep)
    return overlap_loss(np.exp(log_p), t) - (log_p * t).sum() / keep.size


def all_labelled(input, target, keep):
    return where_labelled(input, target, np.ones_like(keep))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def entropies(input, target):
    return target * np.logaddexp(0, -input) + (1 - target) * np.logaddexp(0, input)


def of_one_channel(input, target):
    return overlap_loss(sigmoid(input), target) + entropies(input, target).mean()


def without_entropy(input, target):
    return overlap_loss(sigmoid(input), target)


def object_alone(input, target):
    return overlap_loss(sigmoid(input), target) + (target * np.logaddexp(0, -input)).mean()


def summed(input, target):
    return overlap_loss(sigmoid(input), target) + entropies(input, target).sum()


HALF = {
    "input": np.array([[[0.0, 2.0], [1.0, 0.0]]]),
    "target": np.array([[1, 0]]),
    "keep": np.array([[1, 0]]),
}
THREE = {"input": np.array([[[2.0, 0.0, -1.0]]]), "target": np.array([[[1.0, 0.0, 0.0]]])}


def of_half(answer):
    shown = "input=[[[0.0, 2.0], [1.0, 0.0]]], target=[[1, 0]], keep=[[1, 0]]"
    return f"for {shown} expected {six(where_labelled(**HALF))}, got {six(answer(**HALF))}"


def of_three(answer):
    shown = "input=[[[2.0, 0.0, -1.0]]], target=[[[1.0, 0.0, 0.0]]]"
    return f"for {shown} expected {six(of_one_channel(**THREE))}, got {six(answer(**THREE))}"


ENTROPY = -np.log([0.9, 0.6, 0.7, 0.8]).mean()
WRONG = [
    ("by_hand", 0.25 + 4 * ENTROPY, f"{six(0.25 + 4 * ENTROPY)} is too large"),
    ("by_hand", 0.5 + ENTROPY, f"{six(0.5 + ENTROPY)} is too large"),
    (
        "by_hand",
        0.25 - np.log([0.9, 0.6]).sum() / 4,
        f"{six(0.25 - np.log([0.9, 0.6]).sum() / 4)} is too small",
    ),
    *(
        ("where_labelled", answer, of_half(answer))
        for answer in (mean_over_all, entropy_alone_masked, as_background, all_labelled)
    ),
    *(("find_the_bug", answer, of_three(answer)) for answer in (without_entropy, object_alone, summed)),
]


# The cases

Z = np.array(
    [
        [[[0.5, -1.0], [2.0, 0.0]], [[-3.0, 1.5], [-0.25, 4.0]], [[1.0, 0.25], [0.0, -0.5]]],
        [[[1.5, 0.5], [-2.0, 1.0]], [[0.0, 1.25], [-0.5, -4.0]], [[2.0, -0.25], [3.0, 0.75]]],
    ]
)
Y = np.array([[[0, 1], [2, 1]], [[0, 0], [1, 0]]])
WEIGHT = np.array([0.2, 0.5, 2.0])
PLACES = "target must have the shape of input without its classes, (2, 2, 2), got "

CASES = Cases(
    usual={"input": Z, "target": Y},
    edges={
        f"{edge}, {setting}": changes | options
        for setting, options in {
            "default": {},
            "without background": {"include_background": False},
            "weighted": {"weight": WEIGHT, "include_background": False, "lambda_ce": 0.5},
            "without smooth": {"smooth": 0, "lambda_dice": 2.0},
        }.items()
        for edge, changes in {
            "usual": {},
            "one pixel": {"input": Z[..., 0, 0], "target": Y[..., 0, 0]},
            "a volume": {"input": Z[..., None], "target": Y[..., None]},
            "a class that is nowhere": {"target": Y * (Y < 2)},
            "background alone": {"target": 0 * Y},
            "right and sure": {"input": 200 * (Y[:, None] == np.arange(3)[:, None, None]) - 100.0},
            "wrong and sure": {"input": 100 - 200.0 * (Y[:, None] == np.arange(3)[:, None, None])},
            "very large logits": {"input": np.float32(1e4) * Z.astype(np.float32)},
            "labels of one byte": {"target": Y.astype(np.uint8)},
            "labels of 32 bits": {"target": Y.astype(np.int32)},
            "no images": {"input": Z[:0], "target": Y[:0]},
            "no pixels": {"input": Z[..., :0], "target": Y[..., :0]},
            "nan in a logit": {"input": np.where(Z == 4, NAN, Z)},
            "inf in a logit": {"input": np.where(Z == 4, INF, Z)},
            "-inf in a logit": {"input": np.where(Z == -4, -INF, Z)},
            "-inf in the logit of the label": {"input": np.where(Z == 4, -INF, Z)},
            "many pixels in half": {
                "input": np.full((1, 3, 200, 200), 4, np.float16),
                "target": np.zeros((1, 200, 200), np.int64),
            },
        }.items()
    }
    | {
        "a single class": {"input": Z[:, :1], "target": 0 * Y},
        "a single class without background": {
            "input": Z[:, :1],
            "target": 0 * Y,
            "include_background": False,
        },
        "Dice alone": {"lambda_ce": 0},
        "cross entropy alone": {"lambda_dice": 0},
        "nothing": {"lambda_ce": 0, "lambda_dice": 0},
        "weights of 0": {"weight": np.zeros(3)},
        "negative weights": {"weight": np.array([1.0, -0.5, 2.0])},
        "weights of integers": {"weight": np.array([1, 3, 2])},
        "weights of float32": {"weight": WEIGHT.astype(np.float32)},
        "a large smooth": {"smooth": 1e6},
        "an infinite smooth": {"smooth": INF},
        "an infinite factor": {"lambda_ce": INF},
    },
    scalars=(
        {"smooth": np.float64(0.5)},
        {"lambda_dice": np.float64(0.5)},
        {"lambda_ce": np.float64(0.5)},
        {"include_background": np.False_},
    ),
    refused={
        "reduction must be 'mean' or 'sum', got 'none'": {"reduction": "none"},
        "reduction must be 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "input must be floating point, got int32": {"input": np.ones((2, 3, 2, 2), np.int32)},
        "input must have shape (N, C, d1, ...), got ()": {"input": np.array(0.5), "target": np.array(0)},
        "input must have shape (N, C, d1, ...), got (3,)": {"input": Z[0, :, 0, 0], "target": np.array(0)},
        "target must be integer labels, got float64": {"target": Y.astype(np.float64)},
        "target must be integer labels, got bool": {"target": Y > 0},
        f"{PLACES}(2, 2)": {"target": Y[:, 0]},
        f"{PLACES}(2, 3, 2, 2)": {"target": np.zeros((2, 3, 2, 2), np.int64)},
        "labels must be in 0..2, got 255": {"target": np.where(Y == 2, 255, Y)},
        "labels must be in 0..2, got -100": {"target": np.where(Y == 2, -100, Y)},
        "labels must be in 0..0, got 1": {"input": Z[:, :1]},
        "weight must have shape (3,), got (2,)": {"weight": WEIGHT[:2]},
        "smooth must be >= 0, got -1": {"smooth": -1},
        "lambda_dice must be >= 0, got -1": {"lambda_dice": -1},
        "lambda_ce must be >= 0, got -0.5": {"lambda_ce": -0.5},
    },
    right={
        "by_hand": 0.25 + ENTROPY,
        "where_labelled": where_labelled,
        "find_the_bug": of_one_channel,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def random_call(seed=0, classes=3, images=2, side=4):
    rng = torch.Generator().manual_seed(seed)
    z = 2 * torch.randn(images, classes, side, side, generator=rng, dtype=torch.float64)
    return z, torch.randint(classes, (images, side, side), generator=rng)


def test_values_and_gradients_are_those_of_the_parts():
    z, y = random_call()
    masks = F.one_hot(y, 3).movedim(-1, 1).double()
    z.requires_grad_()
    both, dice, entropy = (
        torch.autograd.grad(loss, z)[0]
        for loss in (
            dice_ce_loss(z, y, lambda_dice=0.5, lambda_ce=2.0),
            dice_loss(z.softmax(1), masks),
            F.cross_entropy(z, y),
        )
    )
    torch.testing.assert_close(both, 0.5 * dice + 2 * entropy)


def test_the_gradient_far_away_is_that_of_cross_entropy():
    y = torch.zeros(1, 8, 8, dtype=torch.long)
    y[0, :2, :2] = 1
    masks = F.one_hot(y, 2).movedim(-1, 1).double()
    z = (30 * (1 - 2 * masks)).requires_grad_()
    (far,) = torch.autograd.grad(dice_ce_loss(z, y), z)
    torch.testing.assert_close(far, (1 - 2 * masks) / 64, atol=1e-9, rtol=0)
    assert "−1/P for the label" in CATALOG["dice_ce_loss"].gradient_far


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("scale", [0.1, 1, 5])
def test_the_bound_of_the_gradient_holds_for_single_pixels_and_for_weights(seed, scale):
    z, y = random_call(seed, classes=2 + seed % 3, images=1, side=1 + seed % 2)
    rng = torch.Generator().manual_seed(seed)
    options = {"weight": 5 * torch.rand(z.shape[1], generator=rng), "lambda_dice": 3.0, "lambda_ce": 0.5}
    for background in (True, False):
        for given in ({}, options):
            x = (scale * z).requires_grad_()
            loss = dice_ce_loss(x, y, include_background=background, **given)
            (slope,) = torch.autograd.grad(loss, x)
            assert slope.abs().max() <= CATALOG["dice_ce_loss"].gradient_bound(**given)


def test_elicits_what_lies_between_the_share_and_its_nearer_end():
    """A core that all draw, and a rim that a share q of them draws."""
    x = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    area = 16 + 24 * x
    for q in (0.2, 0.4, 0.6, 0.8):
        dice = q * (1 - 2 * area / (area + 40)) + (1 - q) * (1 - 32 / (area + 16))
        entropy = -(q * x.log() + (1 - q) * (1 - x).log()) * 24 / 40
        best = [x[(dice + factor * entropy).argmin()].item() for factor in (0.1, 1, 10)]
        assert best == sorted(best, reverse=q > 0.5)  # towards the share
        assert all((b < q) == (q < 0.5) for b in best)
        wide = x[(dice + entropy * 40 / 4096).argmin()].item()  # λ = 1, the crop in 64 × 64 pixels
        assert abs(wide - (q > 0.5)) < 0.03
    assert "near a mask for small objects" in CATALOG["dice_ce_loss"].elicits


def test_the_worst_pixels_of_few_are_none_and_of_all_are_cross_entropy():
    z, y = random_call(images=1, side=3)
    assert topk_cross_entropy(z, y).isnan()  # 0.9 of a pixel
    torch.testing.assert_close(topk_cross_entropy(z, y, 100), F.cross_entropy(z, y))
