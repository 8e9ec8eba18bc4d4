"""The torch forms of losses on masks: their values, what they have in common, and what libraries give.

A and A2 are one image and class of 4 × 4 pixels, B one image of three classes.
"""

import math

import pytest
import torch
import torch.nn.functional as F

from lossviz.libraries import LIBRARIES, library
from lossviz.losses.references import (
    boundary_loss,
    dice_ce_loss,
    dice_loss,
    focal_loss,
    focal_tversky_loss,
    generalized_dice_loss,
    jaccard_loss,
    lovasz_hinge,
    lovasz_softmax,
    signed_distance,
    softmax_focal_loss,
    topk_cross_entropy,
    tversky_loss,
)
from tests.libraries import losses_of


def image(*rows):
    return torch.tensor(rows, dtype=torch.float64)[None, None]


def square(size, low, high):
    """A mask (1, 1, size, size) with a square object."""
    mask = torch.zeros(1, 1, size, size, dtype=torch.float64)
    mask[..., low:high, low:high] = 1
    return mask


def one_hot(labels, classes=3):
    return F.one_hot(labels, classes).movedim(-1, 1).double()


def two_classes(p):
    """The background beside the object."""
    return torch.cat([1 - p, p], dim=1)


A_TRUE = square(4, 1, 3)
A = image([0.1, 0.1, 0.1, 0.1], [0.1, 0.9, 0.8, 0.3], [0.1, 0.8, 0.5, 0.6], [0.1, 0.1, 0.1, 0.2])
A_LOGITS = A.logit()
A2_TRUE = square(4, 0, 1)
A2 = image([0.5, 0.1, 0.1, 0], [0.1, 0, 0, 0], [0.1, 0, 0, 0], [0, 0, 0, 0.1])
BOTH, BOTH_TRUE = torch.cat([A, A2]), torch.cat([A_TRUE, A2_TRUE])
B_LABELS = torch.tensor([[[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 2]]])
B_TRUE = one_hot(B_LABELS)
B = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.2, 0.5]]).double()[B_LABELS].movedim(-1, 1)
B_LOGITS = B.log()
B_WEIGHT = torch.tensor([0.2, 0.5, 2], dtype=torch.float64)


def close(value, expected, digits=5.5e-7):
    torch.testing.assert_close(
        torch.as_tensor(value), torch.as_tensor(expected, dtype=torch.float64), rtol=0, atol=digits
    )


def same(one, other, tolerance=1e-12):
    torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


def slope(loss, p, *arguments, **options):
    """The gradient of a loss in its first argument."""
    p = p.clone().requires_grad_()
    return torch.autograd.grad(loss(p, *arguments, **options).sum(), p)[0]


def random_masks(seed=0, shape=(3, 2, 5, 4), soft=False):
    rng = torch.Generator().manual_seed(seed)
    p = torch.rand(shape, generator=rng, dtype=torch.float64)
    t = torch.rand(shape, generator=rng, dtype=torch.float64)
    return p, t if soft else (t > 0.6).double()


def random_labels(seed=0, shape=(3, 5, 4), classes=3):
    """Logits, and labels in which each image has each class."""
    rng = torch.Generator().manual_seed(seed)
    z = 2 * torch.randn(shape[0], classes, *shape[1:], generator=rng, dtype=torch.float64)
    y = torch.randint(classes, shape, generator=rng)
    y.flatten(1)[:, :classes] = torch.arange(classes)
    return z, y


# Values of the examples


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (dice_loss(A, A_TRUE, 0), 1 / 3),
        (dice_loss(A, A_TRUE, 1), 0.3),
        (dice_loss(A, A_TRUE, 0, squared_pred=True), 0.132948),
        (dice_loss(B, B_TRUE, 0), 0.377734),
        (dice_loss(B[:, 1:], B_TRUE[:, 1:], 0), 0.487654),
        (dice_loss(A2, A2_TRUE, 0), 1 / 2),
        (dice_loss(BOTH, BOTH_TRUE, 0), 0.416667),
        (dice_loss(BOTH, BOTH_TRUE, 0, batch=True), 0.363636),
        (jaccard_loss(A, A_TRUE, 0), 1 / 2),
        (jaccard_loss(A, A_TRUE, 1), 0.428571),
        (jaccard_loss(A2, A2_TRUE, 0), 2 / 3),
        (jaccard_loss(B, B_TRUE, 0), 0.514808),
        (tversky_loss(A, A_TRUE, 0.3, 0.7, 0), 0.302326),
        (tversky_loss(A, A_TRUE, 0.7, 0.3, 0), 0.361702),
        (tversky_loss(A, A_TRUE, 0.9, 0.1, 0), 0.387755),
        (tversky_loss(B, B_TRUE, 0.3, 0.7, 0), 0.365284),
        (focal_tversky_loss(A, A_TRUE, smooth=0), 0.407715),
        (focal_tversky_loss(A, A_TRUE, gamma=4 / 3, smooth=0), 0.202908),
        (focal_tversky_loss(B, B_TRUE, smooth=0), 0.458766),
        (generalized_dice_loss(B, B_TRUE, smooth=0), 0.593514),
        (generalized_dice_loss(B, B_TRUE), 0.593512),
        (generalized_dice_loss(B, B_TRUE, smooth=1), 0.466667),
        (generalized_dice_loss(B, B_TRUE, "simple"), 0.422382),
        (generalized_dice_loss(B, B_TRUE, "uniform"), 0.243750),
        (focal_loss(A_LOGITS, A_TRUE), 0.020833),
        (focal_loss(A_LOGITS, A_TRUE, reduction="sum"), 0.333328),
        (focal_loss(A_LOGITS, A_TRUE, None), 0.035785),
        (focal_loss(A_LOGITS, A_TRUE, None, 0), 0.230572),
        (focal_loss(torch.ones(1).double(), torch.full((1,), 0.3), None), 0.498105),
        (softmax_focal_loss(B_LOGITS, B_LABELS), 0.024992),
        (lovasz_hinge(A_LOGITS, A_TRUE), 0.496363),
        (lovasz_softmax(two_classes(A), A_TRUE[:, 0].long()), 0.268947),
        (lovasz_softmax(B, B_LABELS), 0.336111),
        (boundary_loss(A, signed_distance(A_TRUE)), 0.137944),
        (boundary_loss(B, signed_distance(B_TRUE)), 0.113798),
        (boundary_loss(B[:, 1:], signed_distance(B_TRUE[:, 1:])), 0.167388),
        (dice_loss(A, A_TRUE) + F.binary_cross_entropy(A, A_TRUE), 0.563905),
        (dice_ce_loss(B_LOGITS, B_LABELS), 0.663635),
        (dice_ce_loss(B_LOGITS, B_LABELS, include_background=False), 0.773555),
        (topk_cross_entropy(B_LOGITS, B_LABELS), math.log(2)),
        (topk_cross_entropy(B_LOGITS, B_LABELS, 25), 0.440793),
        (F.cross_entropy(B_LOGITS, B_LABELS), 0.285902),
        (F.cross_entropy(B_LOGITS, B_LABELS, B_WEIGHT), 0.417832),
        (F.cross_entropy(B_LOGITS, B_LABELS, B_WEIGHT, reduction="none").mean(), 0.161910),
    ],
)
def test_a_value_of_an_example(value, expected):
    close(value, expected)


# The object of the table is a square of 16 in 64 pixels. Its columns are cross entropy, focal loss, Dice,
# Dice with smooth 1, squared Dice, Jaccard, Tversky, focal Tversky, generalized Dice, Lovász hinge, Lovász
# softmax and the boundary loss.
SQUARE, NOTHING, EVERYWHERE = (
    square(8, 2, 6),
    torch.zeros(1, 1, 8, 8).double(),
    torch.ones(1, 1, 8, 8).double(),
)
TABLE = {
    "perfect": (SQUARE, SQUARE, (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.0625)),
    "half everywhere": (
        SQUARE,
        0.5 * EVERYWHERE,
        (0.6931, 0.1083, 0.6667, 0.6531, 0.5, 0.8, 0.6154, 0.6948, 0.625, 1, 0.5, 0.6161),
    ),
    "hardly anything": (
        SQUARE,
        0.01 * EVERYWHERE,
        (1.1588, 0.2821, 0.9808, 0.9252, 0.98, 0.9903, 0.986, 0.9894, 0.6249, 5.5951, 0.6225, 0.0123),
    ),
    "empty": (SQUARE, NOTHING, (2.5, 0.6249, 1, 0.9412, 1, 1, 1, 1, 0.6249, 2, 0.625, 0)),
    "all foreground": (
        SQUARE,
        EVERYWHERE,
        (7.5, 5.6245, 0.6, 0.5926, 0.6, 0.75, 0.4737, 0.571, 0.625, 1.5, 0.875, 1.2322),
    ),
    "inverted": (SQUARE, 1 - SQUARE, (10, 6.2495, 1, 0.9846, 1, 1, 1, 1, 1, 2, 1, 1.2947)),
    "shifted": (
        SQUARE,
        SQUARE.roll(1, -1),
        (1.25, 0.6249, 0.25, 0.2424, 0.25, 0.4, 0.25, 0.3536, 0.2083, 0.8, 0.2769, 0),
    ),
    "hardly anything, without an object": (
        NOTHING,
        0.01 * EVERYWHERE,
        (0.0101, 0, 1, 0.3902, 0.9984, 1, 0.9999, 1, 0.01, 0, 0.01, 0),
    ),
    "empty, without an object": (NOTHING, NOTHING, 12 * (0,)),
    "all foreground, without an object": (
        NOTHING,
        EVERYWHERE,
        (10, 7.4994, 1, 0.9846, 1, 1, 1, 1, 0.9997, 2, 1, 0),
    ),
}


@pytest.mark.parametrize("row", TABLE)
def test_a_row_of_the_table(row):
    t, p, expected = TABLE[row]
    hard = set(p.unique().tolist()) <= {0, 1}
    z, hinged = (20 * p - 10, 2 * p - 1) if hard else (p.logit(), p.logit())
    both, both_true = two_classes(p), two_classes(t)
    found = [
        F.binary_cross_entropy_with_logits(z, t),
        focal_loss(z, t),
        dice_loss(p, t),
        dice_loss(p, t, 1),
        dice_loss(p, t, squared_pred=True),
        jaccard_loss(p, t),
        tversky_loss(p, t, 0.3, 0.7),
        focal_tversky_loss(p, t),
        generalized_dice_loss(both, both_true),
        lovasz_hinge(hinged, t),
        lovasz_softmax(both, t[:, 0].long()),
        boundary_loss(p, signed_distance(t)),
    ]
    close(torch.stack(found), expected, 6e-5)


# Gradients


def test_the_gradient_of_dice_and_jaccard_takes_two_values():  # E5
    p, t = random_masks(shape=(1, 1, 6, 6))
    overlap, S = (p * t).sum(), (p + t).sum()
    D, J, U = 2 * overlap / S, overlap / (S - overlap), S - overlap
    same(slope(dice_loss, p, t, 0), torch.where(t == 1, -(2 - D) / S, D / S))
    same(slope(jaccard_loss, p, t, 0), torch.where(t == 1, -1 / U, J / U))
    close(slope(dice_loss, A, A_TRUE, 0).unique(), [-4 / 27, 2 / 27])
    close(slope(jaccard_loss, A, A_TRUE, 0).unique(), [-1 / 6, 1 / 12])
    close(slope(tversky_loss, A, A_TRUE, 0.3, 0.7, 0).unique(), [-0.18388, 0.04868], 1e-5)


def test_the_weights_of_lovasz_are_those_of_the_sorted_pixels():
    z, t = torch.tensor([[2, -0.5, 0.4, -2, -1.5]]).double(), torch.tensor([[1, 1, 0, 0, 0]])
    # Errors 1.5 and 1.4: an object pixel with 1 / T, then one of the background after one object pixel.
    close(slope(lovasz_hinge, z, t), [[0, -1 / 2, 1 / 6, 0, 0]])
    tied = torch.tensor([[2, -0.5, 0.5, -2, -1.5]]).double()
    close(lovasz_hinge(tied, t), 1)


def test_the_gradient_of_the_boundary_loss_knows_nothing_of_the_prediction():  # E20
    p, t = random_masks(shape=(2, 1, 6, 6))
    phi = signed_distance(t)
    same(slope(boundary_loss, p, phi, reduction="sum"), phi / 36)
    hard = (p > 0.5).double()
    wrong = (hard != t).double()
    same(boundary_loss(hard, phi, "none") - boundary_loss(t, phi, "none"), (wrong * phi.abs()).mean((2, 3)))


def test_perfect_focal_tversky_has_a_value_and_no_gradient():
    assert focal_tversky_loss(A_TRUE, A_TRUE) == 0
    assert not slope(focal_tversky_loss, A_TRUE, A_TRUE).isfinite().all()
    assert slope(focal_tversky_loss, A_TRUE, A_TRUE, gamma=4 / 3).eq(0).all()


# What they have in common


def test_tversky_has_dice_and_jaccard_in_it_with_another_smooth():  # E1, E2
    p, t = random_masks(soft=True)
    for s in (0, 1e-5, 1.0):
        same(tversky_loss(p, t, smooth=s / 2), dice_loss(p, t, s))
        same(slope(tversky_loss, p, t, smooth=s / 2), slope(dice_loss, p, t, s))
        same(tversky_loss(p, t, 1, 1, s), jaccard_loss(p, t, s))
    assert abs(tversky_loss(p, t, smooth=1) - dice_loss(p, t, 1)) > 0.01


def test_jaccard_is_a_function_of_dice_before_the_mean_alone():  # E3, E4
    p, t = random_masks()
    for s in (0, 1.0):
        L = dice_loss(p, t, s, reduction="none")
        same(jaccard_loss(p, t, s / 2, reduction="none"), 2 * L / (1 + L))
    D = 1 - dice_loss(p, t, 0, reduction="none")[..., None, None]
    same(
        slope(jaccard_loss, p, t, 0, reduction="sum"),
        2 / (2 - D) ** 2 * slope(dice_loss, p, t, 0, reduction="sum"),
    )
    L = dice_loss(p, t)
    assert jaccard_loss(p, t) > 2 * L / (1 + L) - 1 and abs(jaccard_loss(p, t) - 2 * L / (1 + L)) > 1e-4


def test_tversky_is_one_minus_the_f_score_precision_or_recall():  # E6
    p, t = random_masks()
    hard = (p > 0.5).double()
    tp, precision, recall = ((hard * t).sum((2, 3)) / n for n in (1, hard.sum((2, 3)), t.sum((2, 3))))
    assert tp.min() > 0
    for b in (0.5, 1, 2):
        f = (1 + b**2) * precision * recall / (b**2 * precision + recall)
        alpha, beta = 1 / (1 + b**2), b**2 / (1 + b**2)
        same(tversky_loss(hard, t, alpha, beta, 0, reduction="none"), 1 - f)
    same(tversky_loss(hard, t, 1, 0, 0, reduction="none"), 1 - precision)
    same(tversky_loss(hard, t, 0, 1, 0, reduction="none"), 1 - recall)


def test_the_focus_of_tversky_is_a_power_of_each_loss():  # E7
    p, t = random_masks()
    same(focal_tversky_loss(p, t, gamma=1), tversky_loss(p, t, 0.3, 0.7))
    values = tversky_loss(p, t, 0.3, 0.7, reduction="none")
    same(focal_tversky_loss(p, t), (values**0.75).mean())
    same(focal_tversky_loss(p, t, gamma=0.75), focal_tversky_loss(p, t, gamma=1 / (4 / 3)))
    assert abs((values**0.75).mean() - values.mean() ** 0.75) > 1e-4


def test_generalized_dice_is_a_mean_of_dice_losses():  # E8
    p, t = random_masks()
    sizes, wanted = (p + t).sum((2, 3)), t.sum((2, 3))
    weight = sizes / wanted**2
    L = dice_loss(p, t, 0, reduction="none")
    same(generalized_dice_loss(p, t, smooth=0, reduction="none"), (weight * L).sum(1) / weight.sum(1))
    same(generalized_dice_loss(p[:, :1], t[:, :1], smooth=0), dice_loss(p[:, :1], t[:, :1], 0))
    equal = two_classes(torch.zeros(1, 1, 4, 4).double())
    equal[:, 0, :2], equal[:, 1, :2] = 0, 1
    micro = 1 - 2 * (B[:, :2] * equal).sum() / (B[:, :2] + equal).sum()
    same(generalized_dice_loss(B[:, :2], equal, smooth=0), micro)
    assert generalized_dice_loss(A, torch.zeros_like(A)) == 0  # no finite weight: any prediction is right


def test_generalized_dice_of_two_classes_is_the_same_for_all_constant_predictions():  # E9
    for p in (0.01, 0.5, 0.9):
        constant = two_classes(torch.full_like(SQUARE, p))
        close(generalized_dice_loss(constant, two_classes(SQUARE), smooth=0), 1 - 2 * 16 * 48 / 64**2)


def test_micro_dice_of_a_softmax_is_one_minus_the_mean_probability_of_the_truth():  # E10
    z, y = random_labels()
    p, t = z.softmax(1), one_hot(y)
    micro = dice_loss(p.reshape(1, 1, -1), t.reshape(1, 1, -1), 0)
    same(micro, 1 - p.gather(1, y[:, None]).mean())
    close(dice_loss(B.reshape(1, 1, -1), B_TRUE.reshape(1, 1, -1), 0), 0.24375)


def test_focal_has_cross_entropy_in_it():  # E11, E12
    z, y = random_labels()
    t = one_hot(y)
    bce = F.binary_cross_entropy_with_logits
    same(focal_loss(z, t, None, 0), bce(z, t))
    same(focal_loss(z, t, 0.5, 0), bce(z, t) / 2)
    pos_weight = torch.tensor(0.2 / 0.8)
    same(focal_loss(z, t, 0.2, 0), 0.8 * bce(z, t, pos_weight=pos_weight.double()), 1e-7)
    y[0, 0] = -100
    weight = torch.tensor([0.2, 0.5, 2]).double()
    for reduction in ("none", "mean", "sum"):
        options = {"weight": weight, "ignore_index": -100, "reduction": reduction}
        same(softmax_focal_loss(z, y, 0, **options), F.cross_entropy(z, y, **options))
    z, y = random_labels(classes=2)
    same(softmax_focal_loss(z, y), focal_loss(z[:, 1] - z[:, 0], y, None))


def test_lovasz_is_a_hinge_and_a_multiple_of_the_missed_iou():  # E13
    one = torch.linspace(-2, 2, 9)[:, None].double()
    same(lovasz_hinge(one, torch.ones_like(one), reduction="none"), (1 - one[:, 0]).clamp(min=0))
    p, t = random_masks(shape=(3, 5, 4))
    sign = 2 * (p > 0.5).double() - 1
    missed = 1 - ((sign > 0) * t).sum((1, 2)) / ((sign > 0) | (t > 0)).sum((1, 2))
    for m in (1, 3):
        same(lovasz_hinge(m * sign, t, reduction="none"), (1 + m) * missed)
    same(lovasz_hinge(0 * sign, t, reduction="none"), torch.ones(3).double())


def test_lovasz_softmax_of_labels_is_one_minus_the_mean_iou():  # E14
    z, y = random_labels()
    p, t = one_hot(z.argmax(1)), one_hot(y)

    def missed(p, t):
        return (1 - (p * t).sum((0, 2, 3)) / (p + t - p * t).sum((0, 2, 3))).mean()

    same(lovasz_softmax(p, y), missed(p, t))
    images = torch.stack([missed(p[n : n + 1], t[n : n + 1]) for n in range(3)])
    same(lovasz_softmax(p, y, per_image=True, reduction="none"), images)
    same(images.mean(), jaccard_loss(p, t, 0))


def test_lovasz_is_the_mean_over_all_thresholds_and_convex():  # E15
    p, t = random_masks(shape=(1, 1, 4, 4))
    y, e = t[:, 0].long(), (p - t).abs()
    ends = torch.cat([e.new_zeros(1), e.flatten().sort().values])
    wrong = [(e > theta).double() for theta in ends[:-1]]
    steps = torch.stack([jaccard_loss((t - w).abs(), t, 0) for w in wrong])
    of_object = lovasz_softmax(two_classes(p), y, per_image=True)
    both = [steps, torch.stack([jaccard_loss((1 - t - w).abs(), 1 - t, 0) for w in wrong])]
    same(of_object, torch.stack([(each * ends.diff()).sum() for each in both]).mean())
    z, other = torch.randn(2, 1, 16, generator=torch.Generator().manual_seed(0)).double()
    middle = lovasz_hinge((z + other) / 2, t.flatten(1))
    assert middle <= (lovasz_hinge(z, t.flatten(1)) + lovasz_hinge(other, t.flatten(1))) / 2
    same(lovasz_softmax(two_classes((t - 0.3).abs()), y), torch.tensor(0.3, dtype=torch.float64))
    assert slope(lovasz_hinge, 0 * z - 0.1, t.flatten(1)).abs().sum() == pytest.approx(1)


def test_hard_predictions_make_relatives_equal():  # E16
    p, t = random_masks()
    hard = (p > 0.5).double()
    same(dice_loss(hard, t, squared_pred=True), dice_loss(hard, t))
    iou = (hard * t).sum((2, 3)) / (hard + t - hard * t).sum((2, 3))
    same(jaccard_loss(hard, t, 0, reduction="none"), 1 - iou)


def test_top_k_with_all_pixels_and_flattened_pixels_are_cross_entropy():  # E19, E21
    z, y = random_labels()
    same(topk_cross_entropy(z, y, 100), F.cross_entropy(z, y))
    flat = z.movedim(1, -1).reshape(-1, 3), y.flatten()
    same(F.cross_entropy(*flat), F.cross_entropy(z, y))
    same(dice_ce_loss(z, y), dice_loss(z.softmax(1), one_hot(y)) + F.cross_entropy(z, y))
    assert topk_cross_entropy(z[:1, :, :1, :3], y[:1, :1, :3]).isnan()


def nnunet(z, y, background=False, smooth=1e-5, sigmoid=False):
    """Cross entropy minus the mean Dice score of each image and class, as nnU-Net adds them."""
    p, t = (z.sigmoid(), y) if sigmoid else (z.softmax(1), one_hot(y, z.shape[1]).to(z.dtype))
    p, t = (p, t) if background or sigmoid else (p[:, 1:], t[:, 1:])
    axes = tuple(range(2, z.ndim))
    score = (2 * (p * t).sum(axes) + smooth) / (p.sum(axes) + t.sum(axes) + smooth).clamp(min=1e-8)
    entropy = F.binary_cross_entropy_with_logits(z, y) if sigmoid else F.cross_entropy(z, y)
    return entropy - score.mean()


@pytest.mark.parametrize("background", [True, False])
@pytest.mark.parametrize("smooth", [1e-5, 1.0])
@pytest.mark.parametrize("shape", [(3, 5, 4), (2, 3, 4, 2)])
def test_nnunet_has_one_less_and_the_same_gradient(background, smooth, shape):  # E18
    z, y = random_labels(shape=shape)
    given = {"include_background": background, "smooth": smooth}
    same(nnunet(z, y, background, smooth), dice_ce_loss(z, y, **given) - 1)
    same(slope(nnunet, z, y, background, smooth), slope(dice_ce_loss, z, y, **given))


def test_nnunet_gives_these_numbers():  # noted from nnunetv2 2.8.1, batch_dice=False
    close(nnunet(B_LOGITS, B_LABELS), -0.226445)
    close(nnunet(A_LOGITS, A_TRUE, sigmoid=True), -0.436095)
    close(nnunet(B_LOGITS, B_LABELS) - F.cross_entropy(B_LOGITS, B_LABELS), -0.512347)


@pytest.mark.parametrize("background", [True, False])
def test_monai_has_one_more_than_nnunet_and_the_same_gradient(background):  # E18
    monai, (z, y) = losses_of("MONAI"), random_labels()
    loss = monai.DiceCELoss(softmax=True, to_onehot_y=True, include_background=background)
    agree(lambda z, y: nnunet(z, y, background) + 1, lambda z, y: loss(z, y[:, None]), z, y)
    binary = monai.DiceCELoss(sigmoid=True)
    agree(lambda z, t: nnunet(z, t, sigmoid=True) + 1, binary, A_LOGITS, A_TRUE)


def test_monai_keeps_a_softmax_in_the_cross_entropy_of_several_classes_with_a_sigmoid():
    monai, (z, y) = losses_of("MONAI"), random_labels()
    t = F.one_hot(y, z.shape[1]).movedim(-1, 1).to(z)
    rest = monai.DiceCELoss(sigmoid=True)(z, t) - monai.DiceLoss(sigmoid=True)(z, t)
    same(rest, F.cross_entropy(z, y))
    assert abs(rest - F.binary_cross_entropy_with_logits(z, t)) > 0.1


# Distances


def test_the_distance_is_0_on_the_border_and_counts_from_the_pixels_of_the_other_side():
    phi = signed_distance(square(8, 2, 6))[0, 0]
    assert phi[3, 2] == 0 and phi[3, 3] == -1 and phi[3, 1] == 1
    close(phi[0, 0], math.sqrt(8))
    assert not signed_distance(torch.ones(1, 1, 3, 3)).any() and not signed_distance(NOTHING).any()
    assert signed_distance(A_TRUE.bool()).dtype == torch.float32
    assert not signed_distance(A_TRUE)[A_TRUE == 1].any()


# The small print

OVERLAP = [dice_loss, jaccard_loss, tversky_loss, focal_tversky_loss, generalized_dice_loss]


@pytest.mark.parametrize("loss", OVERLAP)
def test_masks_of_every_dtype_are_taken_and_the_dtype_of_input_stays(loss):
    for dtype in (torch.bool, torch.uint8, torch.int64, torch.float32, torch.float64):
        same(loss(A, A_TRUE.to(dtype)), loss(A, A_TRUE))
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        assert loss(A.to(dtype), A_TRUE).dtype == dtype
    large = torch.ones(1, 1, 300, 300, dtype=torch.float16)
    assert loss(large, large) == 0


@pytest.mark.parametrize("loss", [softmax_focal_loss, lovasz_softmax, dice_ce_loss, topk_cross_entropy])
def test_labels_of_every_integer_dtype_are_taken(loss):
    for name in ("uint8", "int8", "int16", "int32", "uint16", "uint32", "uint64"):
        dtype = getattr(torch, name)
        same(loss(B_LOGITS.softmax(1), B_LABELS.to(dtype)), loss(B_LOGITS.softmax(1), B_LABELS))


@pytest.mark.parametrize("loss", OVERLAP)
def test_an_empty_batch_has_the_mean_nan_and_the_sum_0(loss):
    nothing = torch.zeros(0, 2, 4, 4)
    assert loss(nothing, nothing).isnan() and loss(nothing, nothing, reduction="sum") == 0
    assert loss(nothing, nothing, reduction="none").shape[0] == 0


def test_nothing_beside_nothing_without_smooth_is_nan():
    for loss in OVERLAP:
        assert loss(NOTHING, NOTHING, smooth=0).isnan()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dice_loss(A, A_TRUE[0]), r"same shape, got \(1, 1, 4, 4\) and \(1, 4, 4\)"),
        (lambda: dice_loss(A[0, 0, 0], A[0, 0, 0]), r"must have shape \(N, C, d1, ...\), got \(4,\)"),
        (lambda: dice_loss(A.long(), A_TRUE), "must be floating point, got int64"),
        (lambda: dice_loss(A, A_TRUE, -1), "smooth must be >= 0, got -1"),
        (lambda: dice_loss(A, A_TRUE, reduction="average"), "reduction must be .*, got 'average'"),
        (lambda: tversky_loss(A, A_TRUE, -0.1), "alpha must be >= 0, got -0.1"),
        (lambda: focal_tversky_loss(A, A_TRUE, gamma=0), "gamma must be > 0, got 0"),
        (lambda: generalized_dice_loss(A, A_TRUE, "cube"), "w_type must be .*, got 'cube'"),
        (lambda: focal_loss(A, A_TRUE, 2), "alpha must be None or from 0 to 1, got 2"),
        (lambda: softmax_focal_loss(B, B_LABELS + 1), r"labels must be in 0..2, got 3"),
        (lambda: softmax_focal_loss(B, B_TRUE), "must be integer labels, got float64"),
        (lambda: lovasz_hinge(A, 255 * A_TRUE), "target must be 0 or 1, got 255"),
        (lambda: lovasz_softmax(B, B_LABELS, "absent"), "classes must be .*, got 'absent'"),
        (lambda: dice_ce_loss(B, B_LABELS, reduction="none"), "must be 'mean' or 'sum', got 'none'"),
        (lambda: dice_ce_loss(B, B_LABELS, B_WEIGHT[:2]), r"weight must have shape \(3,\), got \(2,\)"),
        (lambda: topk_cross_entropy(B, B_LABELS, 0), "k must be above 0 and at most 100, got 0"),
        (lambda: signed_distance(A[0, 0]), r"mask must have shape .*, got \(4, 4\)"),
    ],
)
def test_what_is_not_meant_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The libraries


def test_a_library_that_is_not_known_is_refused():
    assert list(LIBRARIES) == ["MONAI", "kornia"]
    with pytest.raises(ValueError, match="library must be one of MONAI, kornia, got 'torch'"):
        library("torch")


def agree(ours, theirs, *tensors, shape=None, single=False):
    """Values, and the gradients in the first of the tensors, in both precisions.

    single  whether the library computes in float32 whatever it is given
    """
    for dtype in (torch.float64, torch.float32):
        given = [x.to(dtype) if x.is_floating_point() else x for x in tensors]
        tolerance = 1e-12 if dtype == torch.float64 and not single else 2e-6
        value = theirs(*given).to(dtype)
        same(ours(*given), value.reshape(value.shape if shape is None else shape), tolerance)
        same(slope(ours, *given), slope(theirs, *given), tolerance)


EACH_REDUCTION = pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
EACH_SMOOTH = pytest.mark.parametrize("smooth", [1e-5, 1.0])


@EACH_REDUCTION
@EACH_SMOOTH
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("shape", [(3, 2, 5, 4), (2, 1, 3, 4, 2)])
def test_monai_has_the_same_overlap(reduction, smooth, batch, shape):
    monai, (p, t) = losses_of("MONAI"), random_masks(shape=shape)
    both = {"reduction": reduction, "batch": batch}
    none = shape[1:2] if batch else shape[:2]
    flat = none if reduction == "none" else None
    ours = both | {"smooth": smooth}
    theirs = both | {"smooth_nr": smooth, "smooth_dr": smooth}
    for squared in (False, True):
        loss = monai.DiceLoss(squared_pred=squared, **theirs)
        agree(lambda p, t: dice_loss(p, t, squared_pred=squared, **ours), loss, p, t, shape=flat)  # noqa: B023
    loss = monai.TverskyLoss(alpha=0.2, beta=0.9, **theirs)
    agree(lambda p, t: tversky_loss(p, t, 0.2, 0.9, **ours), loss, p, t, shape=flat)
    twice = both | {"smooth_nr": 2 * smooth, "smooth_dr": 2 * smooth}
    loss = monai.DiceLoss(jaccard=True, **twice)
    agree(lambda p, t: jaccard_loss(p, t, **ours), loss, p, t, shape=flat)


@EACH_REDUCTION
@EACH_SMOOTH
@pytest.mark.parametrize("w_type", ["square", "simple", "uniform"])
def test_monai_has_the_same_generalized_and_focal_forms(reduction, smooth, w_type):
    monai, (p, t) = losses_of("MONAI"), random_masks()
    t[0, 1] = 0  # a class that an image lacks
    theirs = {"smooth_nr": smooth, "smooth_dr": smooth}
    loss = monai.GeneralizedDiceLoss(w_type=w_type, reduction=reduction, **theirs)
    flat = p.shape[:1] if reduction == "none" else None
    agree(
        lambda p, t: generalized_dice_loss(p, t, w_type, smooth, reduction),
        loss,
        p,
        t,
        shape=flat,
        single=True,
    )
    each = monai.TverskyLoss(alpha=0.3, beta=0.7, reduction="none", **theirs)
    agree(
        lambda p, t: focal_tversky_loss(p, t, smooth=smooth, reduction="sum"),
        lambda p, t: (each(p, t) ** 0.75).sum(),
        p,
        t,
    )


@pytest.mark.parametrize("alpha", [None, 0.25, 0.8])
@pytest.mark.parametrize("gamma", [0, 1.5, 2])
def test_monai_and_kornia_have_the_same_focal_loss(alpha, gamma):
    monai, kornia = losses_of("MONAI"), losses_of("kornia")
    z, y = random_labels()
    t = one_hot(y)
    for reduction in ("none", "mean"):
        theirs = monai.FocalLoss(gamma=gamma, alpha=alpha, reduction=reduction)
        agree(lambda z, t: focal_loss(z, t, alpha, gamma, reduction), theirs, z, t, single=True)  # noqa: B023
    for target in (t, (t + 0.2) / 1.4):  # fractions as kornia has them
        agree(
            lambda z, t: focal_loss(z, t, alpha, gamma, "none"),
            lambda z, t: kornia.binary_focal_loss_with_logits(z, t, alpha, gamma, "none"),
            z,
            target,
        )
    agree(
        lambda z, y: softmax_focal_loss(z, y, gamma),
        lambda z, y: kornia.focal_loss(z, y, None, gamma, "none").sum(1).mean(),
        z,
        y,
    )


def test_kornia_has_the_same_overlap_of_the_classes_that_are_there():
    kornia, (z, y) = losses_of("kornia"), random_labels()
    agree(
        lambda z, y: dice_loss(z.softmax(1), one_hot(y), 0),
        lambda z, y: kornia.dice_loss(z, y, average="macro", eps=0),
        z,
        y,
    )
    agree(
        lambda z, y: tversky_loss(z.softmax(1), one_hot(y), 0.3, 0.7, 0),
        lambda z, y: kornia.tversky_loss(z, y, 0.3, 0.7, eps=0),
        z,
        y,
    )
    # Its default sums over the classes as well.
    agree(
        lambda z, y: 1 - z.softmax(1).gather(1, y[:, None]).mean(),
        lambda z, y: kornia.dice_loss(z, y, eps=0),
        z,
        y,
    )


def test_kornia_has_the_same_lovasz_losses():
    kornia, (z, y) = losses_of("kornia"), random_labels()
    agree(lambda z, t: lovasz_hinge(z[:, 0], t), lambda z, t: kornia.lovasz_hinge_loss(z, t), z[:, :1], y % 2)
    agree(
        lambda z, y: lovasz_softmax(z.softmax(1), y, "all", per_image=True), kornia.lovasz_softmax_loss, z, y
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("background", [True, False])
@pytest.mark.parametrize("weight", [None, B_WEIGHT])
def test_monai_has_the_same_compound(reduction, background, weight):
    monai, (z, y) = losses_of("MONAI"), random_labels()

    def theirs(z, y):
        loss = monai.DiceCELoss(
            softmax=True,
            to_onehot_y=True,
            include_background=background,
            reduction=reduction,
            weight=None if weight is None else weight.to(z.dtype),
            lambda_dice=0.5,
            lambda_ce=2.0,
        )
        return loss(z, y[:, None])

    def ours(z, y):
        return dice_ce_loss(z, y, weight, background, lambda_dice=0.5, lambda_ce=2.0, reduction=reduction)

    agree(ours, theirs, z, y)


def test_monai_has_the_same_boundary_loss(monkeypatch):
    monai, (p, t) = losses_of("MONAI"), random_masks()
    t[0, 0], t[0, 1] = 0, 1

    def to_the_other_side(mask):  # what scipy would compute
        inside = signed_distance(mask.double()[None])[0]
        return torch.where(mask, 1 - inside, 0).float()

    monkeypatch.setattr("monai.losses.boundary_loss.distance_transform_edt", to_the_other_side)
    for reduction in ("none", "mean", "sum"):
        theirs = monai.BoundaryLoss(reduction=reduction)
        value = boundary_loss(p, signed_distance(t), reduction)
        same(value, theirs(p, t).double().reshape(value.shape), 1e-6)


def test_monai_has_a_form_of_its_own_for_soft_labels():  # E17
    monai, (p, t) = losses_of("MONAI"), random_masks()
    soft_label = monai.DiceLoss(soft_label=True)
    same(soft_label(p, t), dice_loss(p, t))
    _, soft = random_masks(soft=True)
    close(soft_label(soft, soft), 0)
    close(dice_loss(soft, soft, squared_pred=True), 0)
    assert dice_loss(soft, soft) > 0.3
