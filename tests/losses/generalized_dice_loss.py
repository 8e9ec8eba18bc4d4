"""generalized_dice_loss: edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.references import dice_loss, generalized_dice_loss
from lossviz.losses.segmentation.generalized_dice_loss import ROW
from tests import masks
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF, NAN
from tests.masks import P

# Answers to the exercises


def sums(input, target):
    """The overlaps, the sums of both sizes and the sizes in the target, of images and classes."""
    axes = tuple(range(2, input.ndim))
    return (x.sum(axis=axes) for x in (input * target, input + target, target))


def normalised(shares):
    return shares / shares.sum(axis=1, keepdims=True)


def shares(input, target, power=2):
    _, sizes, wanted = sums(input, target)
    return normalised(sizes / wanted**power)


def of_simple_weights(input, target):
    return shares(input, target, power=1)


def of_the_weights_alone(input, target):
    return normalised(1 / sizes_of(target) ** 2)


def of_the_pixels(input, target):
    return shares(input, target, power=0)


def fraction(input, target, weight):
    overlap, sizes, _ = sums(input, target)
    below = (weight * sizes).sum(axis=1) + 1e-5
    return (1 - (2 * (weight * overlap).sum(axis=1) + 1e-5) / below).mean()


def sizes_of(target):
    return target.sum(axis=tuple(range(2, target.ndim)))


def largest_finite(input, target):
    wanted = sizes_of(target)
    present = np.where(wanted, wanted, np.inf) ** -2.0
    return fraction(input, target, np.where(wanted, present, present.max(axis=1, keepdims=True)))


def absent_left_out(input, target):
    wanted = sizes_of(target)
    return fraction(input, target, np.where(wanted, wanted, np.inf) ** -2.0)


def a_larger_eps(input, target):
    return fraction(input, target, 1 / (sizes_of(target) + 1) ** 2)


def with_an_eps(input, target):
    return fraction(input, target, 1 / (sizes_of(target) + 1e-10) ** 2)


def listed(rows):
    return str([list(map(float, map(six, row))) for row in rows])


GIVEN = (
    "for input=[[[0.9, 0.9, 0.8, 0.4], [0.1, 0.1, 0.2, 0.6]]], "
    "target=[[[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]] expected "
)
FIRST, BUG = f"{GIVEN}{listed(shares(**ROW))}, got ", f"{GIVEN}{six(largest_finite(**ROW))}, got "
ABSENT = ROW["input"], np.array([[[1.0, 1, 1, 1], [0, 0, 0, 0]]])
LACKING = (
    "for input=[[[0.9, 0.9, 0.8, 0.4], [0.1, 0.1, 0.2, 0.6]]], "
    f"target=[[[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]] expected {six(largest_finite(*ABSENT))}, got "
)

# The cases

T = masks.T.copy()
T[0, 1, 1, 1] = 0
T[1] = T[0][..., ::-1]
LACKS = T * np.array([1, 0])[:, None, None]  # the second class

CASES = Cases(
    usual={"input": P, "target": T},
    edges={
        f"{edge}, {w_type}": changes | {"w_type": w_type}
        for w_type in ("square", "simple", "uniform")
        for edge, changes in (
            masks.edges(P, T)
            | {
                "an absent class": {"target": LACKS},
                "an absent class in one image of two": {"target": np.concatenate([T[:1], LACKS[1:]])},
                "something of nothing without smooth": {"target": 0 * T, "smooth": 0},
                "one channel": {"input": P[:, :1], "target": T[:, :1]},
                "a mask of 0 and -1": {"target": -T},
                "a target of next to nothing": {"target": 1e-30 * T},
                "nan beside an absent class": {"target": np.where(P == 0.9, NAN, LACKS)},
                "inf in a mask": {"target": np.where(P == 0.9, INF, T)},
                "many pixels in half": {
                    "input": np.full((1, 2, 300, 300), 0.5, np.float16),
                    "target": np.concatenate(
                        [np.ones((1, 1, 300, 300), np.float16), np.zeros((1, 1, 300, 300), np.float16)],
                        axis=1,
                    ),
                },
            }
        ).items()
    },
    scalars=({"smooth": np.float64(0.5)},),
    refused=masks.refused(P, T)
    | {"w_type must be 'square', 'simple' or 'uniform', got 'cube'": {"w_type": "cube"}},
    right={"by_hand": 1 / 3, "class_shares": shares, "find_the_bug": largest_finite},
    wrong=[
        ("by_hand", 0.15, "0.15 is too small"),
        ("by_hand", 2 / 3, f"{six(2 / 3)} is too large"),
        ("by_hand", 0.375, "0.375 is too large"),
        ("class_shares", of_simple_weights, f"{FIRST}{listed(of_simple_weights(**ROW))}"),
        ("class_shares", of_the_weights_alone, f"{FIRST}{listed(of_the_weights_alone(**ROW))}"),
        ("class_shares", of_the_pixels, f"{FIRST}{listed(of_the_pixels(**ROW))}"),
        ("find_the_bug", absent_left_out, f"{LACKING}{six(absent_left_out(*ABSENT))}"),
        ("find_the_bug", with_an_eps, f"{LACKING}{six(with_an_eps(*ABSENT))}"),
        ("find_the_bug", a_larger_eps, f"{BUG}{six(a_larger_eps(**ROW))}"),
    ],
)


# What holds for this loss alone


def image(*sizes, seed=0):
    """Random softmax probabilities of one image, and masks of classes with these many pixels."""
    y = torch.cat([torch.full((size,), c) for c, size in enumerate(sizes)])
    rng = torch.Generator().manual_seed(seed)
    p = torch.randn(len(y), len(sizes), generator=rng, dtype=torch.float64).softmax(1)
    return p.T[None], torch.nn.functional.one_hot(y, len(sizes)).double().T[None]


def slope(p, t, **options):
    p = p.clone().requires_grad_()
    return torch.autograd.grad(generalized_dice_loss(p, t, **options), p)[0]


@pytest.mark.parametrize("w_type", ["square", "simple", "uniform"])
def test_the_gradient_far_away_and_at_the_target_is_as_said(w_type):
    t = image(11, 4, 1)[1]
    T = t.sum(2, keepdim=True)
    w = T ** -{"square": 2.0, "simple": 1.0, "uniform": 0.0}[w_type]
    apart = t.roll(1, 1)
    sizes = (w * (apart + t)).sum()
    far = slope(apart, t, w_type=w_type, smooth=0)
    torch.testing.assert_close(far, -2 * w * t / sizes)
    corner = slope(t, t, w_type=w_type, smooth=0)
    torch.testing.assert_close(corner, w * (1 - 2 * t) / (2 * (w * T).sum()))
    loss = CATALOG["generalized_dice_loss"]
    assert loss.gradient_far.startswith("without overlap −2w/Σw(A + T)")
    assert loss.gradient_at_target.startswith("−w/(2ΣwT) for each object pixel")


def test_without_an_object_there_is_no_gradient_in_one_channel():
    p, t = image(3, 2)
    for w_type in ("square", "simple"):
        assert generalized_dice_loss(p[:, :1], 0 * t[:, :1], w_type) == 0
        assert slope(p[:, :1], 0 * t[:, :1], w_type=w_type).eq(0).all()
    close = torch.testing.assert_close
    close(generalized_dice_loss(p[:, :1], t[:, :1], smooth=0), dice_loss(p[:, :1], t[:, :1], smooth=0))


@pytest.mark.parametrize("w_type", ["square", "simple", "uniform"])
def test_along_a_line_the_loss_of_one_image_only_rises_or_only_falls(w_type):
    steps = torch.linspace(0, 1, 51, dtype=torch.float64)[:, None, None]
    for seed in range(20):
        (p, t), (q, _) = image(7, 4, 2, seed=seed), image(7, 4, 2, seed=seed + 100)
        line = (1 - steps) * p + steps * q
        change = generalized_dice_loss(line, t.expand_as(line), w_type, reduction="none").diff()
        assert (change > 0).all() or (change < 0).all()
    assert "in one image some best answer is 0 or 1" in CATALOG["generalized_dice_loss"].elicits


def test_its_smooth_is_small_while_the_smallest_class_is():
    """An empty mask of one class costs 1/(1 + sT)."""
    for T in (100, 20_000, 500_000):
        t = torch.ones(1, 1, T)
        found = generalized_dice_loss(0 * t, t).item()
        assert found == pytest.approx(1 / (1 + 1e-5 * T), rel=1e-4)


@pytest.mark.parametrize("w_type", ["square", "simple", "uniform"])
def test_background_without_an_error_sinks_the_loss_under_uniform_alone(w_type):
    p, t = image(11, 4, 1)
    right = torch.zeros(1, 3, 1_000_000, dtype=torch.float64)
    right[:, 0] = 1
    before = generalized_dice_loss(p, t, w_type, smooth=1e-12)
    after = generalized_dice_loss(*(torch.cat([x, right], 2) for x in (p, t)), w_type, smooth=1e-12)
    assert after < 1e-4 * before if w_type == "uniform" else abs(after / before - 1) < 0.2
    assert "under `uniform`" in CATALOG["generalized_dice_loss"].robust_to


@pytest.mark.parametrize("w_type", ["square", "simple"])
def test_fractions_that_add_up_to_less_than_1_pass_the_bound(w_type):
    t = torch.eye(7, dtype=torch.float64)[None]
    t[0, 0, 0] = 1e-3
    p = t.clone()
    p[0, 0] = 0
    loss = CATALOG["generalized_dice_loss"]
    assert slope(p, t, w_type=w_type).abs().max() > 2 * loss.gradient_bound(w_type=w_type)
    assert "may pass the bound" in loss.arguments[1].says


def test_with_uniform_an_empty_scan_costs_about_1_unless_hardly_anything_is_predicted():
    nothing = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
    assert generalized_dice_loss(nothing + 0.01, nothing, "uniform") > 0.9999
    assert 0.6 < generalized_dice_loss(nothing + 1e-6, nothing, "uniform") < 0.63
