"""For each rule its own case, which it must see, and a near miss, on which it must be silent."""

import math

import torch
import torch.nn.functional as F
from torch import nn

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
    tversky_loss,
)
from tests.diagnose.calls import labels, linear, looked, masks, normal, softmax, steps, watched

NAN, INF = math.nan, math.inf
X, Y = normal(8, 10), labels(10, 8)
ROW = normal(8)
SIGNS = 2.0 * labels(2, 8) - 1
YES = labels(2, 8).float()
LOGITS_OF_IMAGES, IMAGE_LABELS = normal(2, 3, 4, 4), labels(3, 32).reshape(2, 4, 4)
SQUARE = F.pad(torch.ones(1, 1, 4, 4), (2, 2, 2, 2))
P, T = masks(4, 2, 8, 8) * 0.7 + 0.2, masks(4, 2, 8, 8)


def with_(tensor, value, place=0):
    """The tensor with another number in one place."""
    tensor = tensor.clone()
    tensor.view(-1)[place] = value
    return tensor


def grown(x):
    """A tensor with a graph."""
    return x.clone().requires_grad_()


def tree(labels, features=16, n_classes=6, cutoffs=(2, 4)):
    torch.manual_seed(0)
    module = nn.AdaptiveLogSoftmaxWithLoss(features, n_classes, list(cutoffs))
    return looked(module, normal(len(labels), features), labels)


def ctc(x=None, targets=None, lengths=(8, 8), counted=(2, 2), **options):
    x = normal(8, 2, 5).log_softmax(2) if x is None else x
    targets = torch.tensor([[1, 2, 0], [3, 4, 0]]) if targets is None else targets
    return looked(F.ctc_loss, x, targets, torch.tensor(lengths), torch.tensor(counted), **options)


def ranked(a, b, y, **options):
    return looked(F.margin_ranking_loss, a, b, y, **options)


def triplet(a, p, n, **options):
    return looked(F.triplet_margin_loss, a, p, n, **options)


A = normal(8, 4)
APART = (A, A + 0.1 * normal(8, 4), A.flip(0) + 2)


def cosine(u, v):
    return F.cosine_similarity(u, v)


def by_distance(distance, a=A, p=None, n=None, **options):
    p, n = APART[1] if p is None else p, APART[2] if n is None else n
    return looked(F.triplet_margin_with_distance_loss, a, p, n, distance_function=distance, **options)


def rows_apart(u, v):
    return torch.linalg.vector_norm(u - v, dim=-1)


SEQUENCE = (normal(2, 4, 4), torch.randint(4, (2, 4), generator=torch.Generator().manual_seed(1)))
LISTS = torch.tensor([[0, 3, -1, -1], [2, -1, -1, -1]])
RARE = torch.zeros(200).index_fill(0, torch.arange(10), 1.0)
OFFSET = torch.arange(8.0) * 7 % 5  # targets that vary

# Rules on one call

CASES = {
    # shapes
    "column_against_row": (
        lambda: looked(F.mse_loss, normal(8, 1), ROW),
        lambda: looked(F.mse_loss, normal(8, 1), ROW[:, None]),
    ),
    "one_feature_against_many": (
        lambda: looked(F.cosine_embedding_loss, normal(8, 3), normal(8, 1), SIGNS),
        lambda: looked(F.cosine_embedding_loss, normal(8, 3), normal(8, 3), SIGNS),
    ),
    "class_axis": (
        lambda: looked(F.cross_entropy, linear(2, 4, 7), SEQUENCE[1]),
        lambda: looked(F.cross_entropy, linear(2, 4, 7).transpose(1, 2), SEQUENCE[1]),
    ),
    "feature_maps": (
        lambda: triplet(normal(4, 3, 5), normal(4, 3, 5) + 1, normal(4, 3, 5) - 1),
        lambda: triplet(normal(4, 15), normal(4, 15) + 1, normal(4, 15) - 1),
    ),
    "distance_of_rows": (lambda: by_distance(lambda u, v: (u - v).abs()), lambda: by_distance(rows_apart)),
    "pos_weight_axis": (
        lambda: looked(
            F.binary_cross_entropy_with_logits,
            normal(2, 3, 3, 3),
            masks(2, 3, 3, 3),
            pos_weight=torch.ones(3) * 2,
        ),
        lambda: looked(
            F.binary_cross_entropy_with_logits,
            normal(2, 3, 3, 3),
            masks(2, 3, 3, 3),
            pos_weight=2 * torch.ones(3, 1, 1),
        ),
    ),
    "weight_of_images": (
        lambda: looked(
            F.multilabel_soft_margin_loss, normal(2, 3, 4, 3), masks(2, 3, 4, 3), 2 * torch.ones(3)
        ),
        lambda: looked(F.multilabel_soft_margin_loss, normal(8, 3), masks(8, 3), 2 * torch.ones(3)),
    ),
    "width_of_tails": (
        lambda: tree(torch.tensor([0, 1, 5]), features=8),
        lambda: tree(torch.tensor([0, 1, 5]), features=16),
    ),
    "one_channel_softmax": (
        lambda: looked(dice_loss, grown(normal(2, 1, 4, 4)).softmax(1), masks(2, 1, 4, 4)),
        lambda: looked(dice_loss, grown(normal(2, 2, 4, 4)).softmax(1), masks(2, 2, 4, 4)),
    ),
    # domains
    "softmax_twice": (
        lambda: looked(F.cross_entropy, softmax(8, 10), Y),
        lambda: looked(F.cross_entropy, softmax(8, 10).log(), Y),
    ),
    "sigmoid_twice": (
        lambda: looked(F.binary_cross_entropy_with_logits, grown(ROW).sigmoid(), YES),
        lambda: looked(F.binary_cross_entropy_with_logits, grown(ROW), YES),
    ),
    "logits_in_overlap": (lambda: looked(dice_loss, 4 * P - 2, T), lambda: looked(dice_loss, P, T)),
    "sigmoid_twice_in_overlap": (
        lambda: looked(dice_loss, normal(4, 2, 8, 8).sigmoid().sigmoid(), T),
        lambda: looked(dice_loss, normal(4, 2, 8, 8).sigmoid(), T),
    ),
    "no_log_probabilities": (
        lambda: looked(F.nll_loss, softmax(8, 10), Y),
        lambda: looked(F.nll_loss, X.log_softmax(1), Y),
    ),
    "kl_target": (
        lambda: looked(F.kl_div, X.log_softmax(1), (2 * X).log_softmax(1), reduction="batchmean"),
        lambda: looked(
            F.kl_div, X.log_softmax(1), (2 * X).log_softmax(1), reduction="batchmean", log_target=True
        ),
    ),
    "rates_as_log_rates": (
        lambda: looked(F.poisson_nll_loss, torch.full((16,), 9.0), torch.arange(16.0)),
        lambda: looked(F.poisson_nll_loss, torch.full((16,), 9.0).log(), torch.arange(16.0)),
    ),
    "negative_rates": (
        lambda: looked(F.poisson_nll_loss, with_(ROW.exp(), -1.0), torch.ones(8), log_input=False),
        lambda: looked(F.poisson_nll_loss, with_(ROW.exp(), 0.0), with_(torch.ones(8), 0.0), log_input=False),
    ),
    "negative_counts": (
        lambda: looked(F.poisson_nll_loss, ROW, with_(torch.ones(8), -999.0)),
        lambda: looked(F.poisson_nll_loss, ROW, with_(torch.ones(8), 0.0)),
    ),
    "small_variances": (
        lambda: looked(F.gaussian_nll_loss, ROW, OFFSET, torch.full((8,), 1e-7)),
        lambda: looked(F.gaussian_nll_loss, ROW, OFFSET, torch.full((8,), 1e-5)),
    ),
    "negative_distances": (
        lambda: looked(F.hinge_embedding_loss, ROW, SIGNS),
        lambda: looked(F.hinge_embedding_loss, ROW.abs(), SIGNS),
    ),
    "similarity_as_distance": (
        lambda: by_distance(cosine),
        lambda: by_distance(lambda u, v: 1 - cosine(u, v)),
    ),
    "collapsed": (
        lambda: triplet(torch.ones(8, 4), torch.ones(8, 4), torch.ones(8, 4)),
        lambda: triplet(*APART),
    ),
    "margin_out_of_reach": (
        lambda: triplet(*(F.normalize(x) for x in APART), margin=2.0),
        lambda: triplet(*(F.normalize(x) for x in APART), margin=0.5),
    ),
    "targets_beyond_unit": (
        lambda: looked(F.binary_cross_entropy_with_logits, ROW, with_(YES, 2.0)),
        lambda: looked(F.binary_cross_entropy_with_logits, ROW, with_(YES, 1.0)),
    ),
    "class_probabilities": (
        lambda: looked(F.cross_entropy, X, normal(8, 10)),
        lambda: looked(F.cross_entropy, X, softmax(8, 10)),
    ),
    "infinite_logits": (
        lambda: looked(F.cross_entropy, with_(X, -INF, 1), torch.full((8,), 3), label_smoothing=0.1),
        lambda: looked(F.cross_entropy, with_(X, -INF, 1), torch.full((8,), 3)),
    ),
    "soft_targets_of_overlap": (
        lambda: looked(jaccard_loss, P, with_(T, 0.5)),
        lambda: looked(jaccard_loss, P, T),
    ),
    # labels
    "labels_from_1": (
        lambda: looked(F.cross_entropy, normal(4, 3), torch.tensor([1, 2, 3, 1])),
        lambda: looked(F.cross_entropy, normal(4, 3), torch.tensor([0, 1, 2, 0])),
    ),
    "one_output": (
        lambda: looked(F.cross_entropy, normal(4, 1), torch.tensor([0, 1, 1, 0])),
        lambda: looked(F.cross_entropy, normal(4, 2), torch.tensor([0, 1, 1, 0])),
    ),
    "first_class_absent": (
        lambda: looked(F.cross_entropy, normal(90, 3), labels(2, 90) + 1),
        lambda: looked(F.cross_entropy, normal(8, 3), labels(2, 8) + 1),
    ),
    "ignored": (
        lambda: looked(F.cross_entropy, X, torch.full((8,), -100)),
        lambda: looked(F.cross_entropy, X, with_(Y, -100)),
    ),
    "padding_as_label": (
        lambda: tree(torch.tensor([0] * 30 + [1, 2, 3, 4, 5])),
        lambda: tree(torch.tensor([0] * 10 + [1] * 10 + [2, 3, 4, 5])),
    ),
    "unsorted_by_frequency": (
        lambda: tree(torch.tensor([5, 4, 3, 2] * 25)),
        lambda: tree(torch.tensor([0, 1, 1, 2] * 25)),
    ),
    "zeros_for_signs": (
        lambda: looked(F.soft_margin_loss, ROW, YES),
        lambda: looked(F.soft_margin_loss, ROW, 2 * YES - 1),
    ),
    "other_signs": (
        lambda: looked(F.soft_margin_loss, ROW, 2 * SIGNS),
        lambda: looked(F.soft_margin_loss, ROW, SIGNS),
    ),
    "signs_as_bytes": (
        lambda: looked(F.soft_margin_loss, ROW, torch.ones(8, dtype=torch.uint8)),
        lambda: looked(F.soft_margin_loss, ROW, torch.ones(8, dtype=torch.int8)),
    ),
    "only_alike": (
        lambda: looked(F.cosine_embedding_loss, A, A + 1, torch.ones(8)),
        lambda: looked(F.cosine_embedding_loss, A, A + 1, with_(torch.ones(8), -1.0)),
    ),
    "lists_of_labels": (
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), torch.tensor([[0, 1, 1, 0], [1, 0, 0, 0]])),
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), LISTS),
    ),
    "samples_without_labels": (
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), torch.tensor([[0, 3, -1, -1], [-1, 2, 0, 0]])),
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), LISTS),
    ),
    "labels_beyond_the_last": (
        lambda: ctc(targets=torch.tensor([[1, 5, 0], [3, 4, 0]])),
        lambda: ctc(targets=torch.tensor([[1, 2, 99], [3, 4, 99]])),
    ),
    "blank_as_label": (lambda: ctc(counted=(3, 3)), lambda: ctc(counted=(2, 2))),
    "too_few_frames": (
        lambda: ctc(targets=torch.tensor([[1, 1, 0], [3, 4, 0]]), lengths=(2, 2)),
        lambda: ctc(targets=torch.tensor([[1, 2, 0], [3, 4, 0]]), lengths=(2, 2)),
    ),
    "mostly_blank": (
        lambda: ctc((normal(8, 2, 5) + torch.tensor([9.0, 0, 0, 0, 0])).log_softmax(2)),
        lambda: ctc(),
    ),
    "class_labels_as_numbers": (
        lambda: looked(F.mse_loss, normal(12), torch.arange(12) % 3),
        lambda: looked(F.mse_loss, normal(12), (torch.arange(12) % 3).float()),
    ),
    # weights
    "cancelling": (
        lambda: looked(F.cross_entropy, X, Y, torch.full((10,), 10.0)),
        lambda: looked(F.cross_entropy, X, Y, torch.full((10,), 10.0), reduction="sum"),
    ),
    "no_weight_counts": (
        lambda: looked(F.cross_entropy, X, torch.zeros(8).long(), with_(torch.ones(10), 0.0)),
        lambda: looked(F.cross_entropy, X, Y, with_(torch.ones(10), 0.0)),
    ),
    "weights_not_finite": (
        lambda: looked(F.cross_entropy, X, Y, with_(torch.ones(10), INF)),
        lambda: looked(F.cross_entropy, X, Y, with_(torch.ones(10), 0.0)),
    ),
    "weight_with_soft_targets": (
        lambda: looked(F.cross_entropy, X, softmax(8, 10), torch.arange(10.0)),
        lambda: looked(F.cross_entropy, X, softmax(8, 10)),
    ),
    "weighted_mean_of_labels": (
        lambda: looked(F.cross_entropy, X, Y, torch.arange(10.0) + 1),
        lambda: looked(F.cross_entropy, X, Y, torch.arange(10.0) + 1, reduction="sum"),
    ),
    "mean_without_weights": (
        lambda: looked(F.multi_margin_loss, X, Y, weight=torch.full((10,), 5.0)),
        lambda: looked(F.multi_margin_loss, X, Y, weight=torch.ones(10)),
    ),
    # reductions
    "empty_batch": (
        lambda: looked(F.mse_loss, torch.zeros(0), torch.zeros(0)),
        lambda: looked(F.mse_loss, torch.zeros(0), torch.zeros(0), reduction="sum"),
    ),
    "mean_of_divergence": (
        lambda: looked(F.kl_div, X.log_softmax(1), softmax(8, 10)),
        lambda: looked(F.kl_div, X.log_softmax(1), softmax(8, 10), reduction="batchmean"),
    ),
    "divergence_of_sequences": (
        lambda: looked(F.kl_div, normal(2, 5, 3).log_softmax(2), softmax(2, 5, 3), reduction="batchmean"),
        lambda: looked(F.kl_div, normal(10, 3).log_softmax(1), softmax(10, 3), reduction="batchmean"),
    ),
    "one_row_for_many": (
        lambda: looked(F.kl_div, normal(1, 3).log_softmax(1), softmax(5, 3), reduction="batchmean"),
        lambda: looked(F.kl_div, normal(5, 3).log_softmax(1), softmax(1, 3), reduction="batchmean"),
    ),
    "unreduced": (
        lambda: looked(F.mse_loss, ROW, OFFSET, reduction="none"),
        lambda: looked(F.mse_loss, ROW[:1], OFFSET[:1], reduction="none"),
    ),
    "old_switches": (
        lambda: looked(F.l1_loss, ROW, OFFSET, size_average=False),
        lambda: looked(F.l1_loss, ROW, OFFSET, reduction="sum"),
    ),
    "many_outputs": (
        lambda: looked(F.l1_loss, normal(4, 10), normal(4, 10) + 1),
        lambda: looked(F.l1_loss, normal(4, 1), normal(4, 1) + 1),
    ),
    "zeroed_rows": (
        lambda: looked(F.smooth_l1_loss, normal(8, 4) * masks(8, 1), 2 * normal(8, 4) * masks(8, 1)),
        lambda: looked(F.smooth_l1_loss, normal(8, 4), 2 * normal(8, 4) * masks(8, 1)),
    ),
    "classes_in_the_divisor": (
        lambda: looked(F.multilabel_soft_margin_loss, normal(4, 3), masks(4, 3), reduction="sum"),
        lambda: looked(F.multilabel_soft_margin_loss, normal(4, 3), masks(4, 3)),
    ),
    "divided_by_classes": (
        lambda: looked(
            F.multi_margin_loss,
            with_(torch.zeros(1, 100), 2.0, 0).index_fill(1, torch.tensor([7]), 1.8),
            torch.tensor([0]),
        ),
        lambda: looked(F.multi_margin_loss, normal(4, 100), labels(100, 4)),
    ),
    # segmentation
    "labels_as_masks": (
        lambda: looked(
            dice_loss, P[:, :1], torch.randint(3, (4, 1, 8, 8), generator=torch.Generator().manual_seed(0))
        ),
        lambda: looked(dice_loss, P[:, :1], T[:, :1].long()),
    ),
    "empty_masks": (
        lambda: looked(dice_loss, P, T * torch.tensor([0.0, 1, 1, 1])[:, None, None, None]),
        lambda: looked(dice_loss, P, T),
    ),
    "channels": (
        lambda: looked(dice_loss, P, T[:, 0]),
        lambda: looked(dice_loss, P[:, :1], T[:, :1]),
    ),
    "smooth_of_1": (
        lambda: looked(dice_loss, P, masks(4, 2, 8, 8, share=0), smooth=1),
        lambda: looked(dice_loss, P, torch.ones(4, 2, 8, 8), smooth=1),
    ),
    "weights_of_errors": (
        lambda: looked(tversky_loss, P, T, alpha=0, beta=1),
        lambda: looked(tversky_loss, P, T, alpha=0.3, beta=0.7),
    ),
    "half_of_smooth": (
        lambda: looked(tversky_loss, P, T, smooth=1),
        lambda: looked(tversky_loss, P, T, alpha=0.3, beta=0.7, smooth=1),
    ),
    "exponent": (
        lambda: looked(focal_tversky_loss, P, T),
        lambda: looked(focal_tversky_loss, P, T, gamma=1),
    ),
    "alpha_of_focal": (
        lambda: looked(focal_loss, normal(4, 1, 8, 8), masks(4, 1, 8, 8, share=0.1)),
        lambda: looked(focal_loss, normal(4, 1, 8, 8), masks(4, 1, 8, 8, share=0.1), alpha=0.75),
    ),
    "ties": (
        lambda: looked(lovasz_hinge, torch.ones(2, 8, 8), masks(2, 8, 8)),
        lambda: looked(lovasz_hinge, normal(2, 8, 8), masks(2, 8, 8)),
    ),
    "far_below_0": (
        lambda: looked(dice_loss, torch.full((1, 1, 64, 64), 0.001), masks(1, 1, 64, 64, share=0)),
        lambda: looked(dice_loss, torch.full((1, 1, 64, 64), 0.5), masks(1, 1, 64, 64)),
    ),
    "empty_maps": (
        lambda: looked(
            boundary_loss, P, signed_distance(T) * torch.tensor([0.0, 1, 1, 1])[:, None, None, None]
        ),
        lambda: looked(boundary_loss, P, signed_distance(T)),
    ),
    "thin_objects": (
        lambda: looked(boundary_loss, P[:1, :1], signed_distance(masks(1, 1, 8, 8, share=0))),
        lambda: looked(boundary_loss, P[:1, :1], signed_distance(SQUARE)),
    ),
    "border_of_maps": (
        lambda: looked(boundary_loss, P[:1, :1], signed_distance(SQUARE) - SQUARE),
        lambda: looked(boundary_loss, P[:1, :1], signed_distance(SQUARE)),
    ),
    # compounds
    "one_channel": (
        lambda: looked(generalized_dice_loss, P[:, :1], T[:, :1]),
        lambda: looked(generalized_dice_loss, P, T),
    ),
    "logits_of_classes": (
        lambda: looked(lovasz_softmax, LOGITS_OF_IMAGES, IMAGE_LABELS),
        lambda: looked(lovasz_softmax, LOGITS_OF_IMAGES.softmax(1), IMAGE_LABELS),
    ),
    "absent_classes": (
        lambda: looked(lovasz_softmax, LOGITS_OF_IMAGES.softmax(1), 0 * IMAGE_LABELS, classes="all"),
        lambda: looked(lovasz_softmax, LOGITS_OF_IMAGES.softmax(1), IMAGE_LABELS, classes="all"),
    ),
    "summed_compound": (
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES, IMAGE_LABELS, reduction="sum"),
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES, IMAGE_LABELS),
    ),
    "weights_of_both_parts": (
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES, IMAGE_LABELS, 2 * torch.ones(3)),
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES, IMAGE_LABELS, torch.tensor([0.5, 1.0, 1.5])),
    ),
    # numerics
    "square_overflows": (
        lambda: looked(F.mse_loss, torch.tensor([300.0, 1]).half(), torch.zeros(2).half()),
        lambda: looked(F.mse_loss, torch.tensor([300.0, 1]), torch.zeros(2)),
    ),
    "exponential_overflows": (
        lambda: looked(F.poisson_nll_loss, torch.tensor([90.0]), torch.tensor([2.0])),
        lambda: looked(F.poisson_nll_loss, torch.tensor([9.0]), torch.tensor([2.0])),
    ),
    "margin_overflows": (
        lambda: looked(F.soft_margin_loss, torch.tensor([100.0]), torch.tensor([-1.0])),
        lambda: looked(F.soft_margin_loss, torch.tensor([100.0]), torch.tensor([1.0])),
    ),
    "sums_overflow": (
        lambda: looked(dice_loss, torch.ones(1, 1, 300, 300).half(), torch.ones(1, 1, 300, 300).half()),
        lambda: looked(dice_loss, torch.ones(1, 1, 300, 300), torch.ones(1, 1, 300, 300)),
    ),
    "cosine_in_half": (
        lambda: looked(F.cosine_embedding_loss, (20 * A).half(), (20 * A).half(), SIGNS),
        lambda: looked(F.cosine_embedding_loss, A.half(), A.half(), SIGNS),
    ),
    "certain_in_half": (
        lambda: looked(F.binary_cross_entropy, torch.tensor([1.0, 0.5]).half(), torch.ones(2).half()),
        lambda: looked(F.binary_cross_entropy, torch.tensor([0.75, 0.5]).half(), torch.ones(2).half()),
    ),
    "bfloat16_steps": (
        lambda: looked(F.mse_loss, ROW.bfloat16(), OFFSET.bfloat16()),
        lambda: looked(F.mse_loss, ROW, OFFSET),
    ),
    "widened": (
        lambda: looked(F.mse_loss, ROW, OFFSET.double()),
        lambda: looked(F.mse_loss, ROW.double(), OFFSET.double()),
    ),
    "impossible_prediction": (
        lambda: looked(F.binary_cross_entropy, torch.tensor([0.0, 0.5]), torch.ones(2)),
        lambda: looked(F.binary_cross_entropy, torch.tensor([0.0, 0.5]), torch.tensor([0.0, 1.0])),
    ),
    "sigmoid_first": (
        lambda: looked(F.binary_cross_entropy, grown(ROW).sigmoid(), YES),
        lambda: looked(F.binary_cross_entropy, ROW.sigmoid(), YES),
    ),
    "tiny_embeddings": (
        lambda: looked(F.cosine_embedding_loss, torch.cat([A[:7], 1e-6 * A[7:]]), A + 1, SIGNS),
        lambda: looked(F.cosine_embedding_loss, A, A + 1, SIGNS),
    ),
    "distance_at_0": (
        lambda: looked(F.hinge_embedding_loss, ((grown(A) - with_rows(A)) ** 2).sum(1).sqrt(), SIGNS),
        lambda: looked(
            F.hinge_embedding_loss, torch.linalg.vector_norm(grown(A) - with_rows(A), dim=1), SIGNS
        ),
    ),
    "logarithm_by_hand": (
        lambda: looked(F.nll_loss, grown(X).softmax(1).log(), Y),
        lambda: looked(F.nll_loss, grown(X).log_softmax(1), Y),
    ),
    "nan_in_target": (
        lambda: looked(F.mse_loss, ROW, with_(OFFSET, NAN)),
        lambda: looked(F.mse_loss, with_(ROW, NAN), OFFSET),
    ),
    "nan_in_input": (
        lambda: looked(F.mse_loss, with_(ROW, NAN), OFFSET),
        lambda: looked(F.mse_loss, ROW, with_(OFFSET, NAN)),
    ),
    "value_not_finite": (
        lambda: looked(F.mse_loss, with_(ROW, 1e30), OFFSET),
        lambda: looked(F.mse_loss, with_(ROW, 1e9), OFFSET),
    ),
    "gradient_not_finite": (
        lambda: looked(focal_tversky_loss, T, T),
        lambda: looked(focal_tversky_loss, T, T, gamma=1),
    ),
    # gradients
    "no_graph": (
        lambda: watched(lambda: F.mse_loss(linear(8, 3).argmax(1).float(), OFFSET)),
        lambda: watched(lambda: F.mse_loss(linear(8, 3, out=1)[:, 0], OFFSET)),
    ),
    "rounded": (
        lambda: looked(dice_loss, grown(P).round(), T),
        lambda: looked(dice_loss, grown(P), T),
    ),
    "threshold": (
        lambda: watched(lambda: dice_loss((P > 0.5).float(), T)),
        lambda: watched(lambda: dice_loss(P, T)),
    ),
    "dead_samples": (
        lambda: looked(F.soft_margin_loss, ROW, YES),
        lambda: looked(F.soft_margin_loss, ROW, SIGNS),
    ),
    "saturated": (
        lambda: looked(dice_loss, (grown(P) * 1e4 - 2e4).sigmoid(), T),
        lambda: looked(dice_loss, grown(P).sigmoid(), T),
    ),
    "easy_triplets": (
        lambda: triplet(A, A, A + 9),
        lambda: triplet(A, A + 9, A),
    ),
    "equal_scores": (
        lambda: ranked(ROW, ROW, SIGNS, margin=0.5),
        lambda: ranked(ROW, ROW + 1, SIGNS, margin=0.5),
    ),
    "margin_of_0": (
        lambda: ranked(ROW, ROW + 1, SIGNS),
        lambda: ranked(ROW, ROW + 1, SIGNS, margin=0.5),
    ),
    "wrong_order": (
        lambda: ranked(normal(32) - 9, torch.zeros(32), torch.ones(32)),
        lambda: ranked(normal(32) + 9, torch.zeros(32), torch.ones(32)),
    ),
    "dominant": (
        lambda: looked(F.mse_loss, with_(ROW, 100.0), OFFSET),
        lambda: looked(F.l1_loss, with_(ROW, 100.0), OFFSET),
    ),
    "threshold_of_errors": (
        lambda: looked(F.smooth_l1_loss, normal(32), normal(32).flip(0), beta=100.0),
        lambda: looked(F.smooth_l1_loss, normal(32), normal(32).flip(0), beta=1.0),
    ),
    "clipped_error": (
        lambda: looked(F.mse_loss, (grown(normal(32)) * 3).clamp(-1, 1), torch.zeros(32)),
        lambda: looked(F.mse_loss, grown(normal(32)) * 3, torch.zeros(32)),
    ),
    "mostly_zeros": (
        lambda: looked(F.l1_loss, normal(32), torch.arange(32.0) * (torch.arange(32) > 20)),
        lambda: looked(F.l1_loss, normal(32), torch.arange(32.0) * (torch.arange(32) > 10)),
    ),
    # telling numbers
    "telling_number": (
        lambda: looked(F.cross_entropy, torch.eye(10), torch.arange(10)),
        lambda: looked(F.cross_entropy, X, Y),
    ),
    "nothing_learned": (
        lambda: looked(F.nll_loss, torch.zeros(8, 10).log_softmax(1), Y),
        lambda: looked(F.nll_loss, X.log_softmax(1), Y),
    ),
    "ln_2": (
        lambda: looked(F.soft_margin_loss, torch.zeros(8), SIGNS),
        lambda: looked(F.soft_margin_loss, ROW, SIGNS),
    ),
    "at_the_variance": (
        lambda: looked(F.mse_loss, OFFSET.mean().expand(8), OFFSET),
        lambda: looked(F.mse_loss, OFFSET.median().expand(8) + 1, OFFSET),
    ),
    "at_the_margin": (
        lambda: by_distance(rows_apart, A, A, A, margin=0.5),
        lambda: by_distance(rows_apart, margin=0.5),
    ),
    "at_1": (
        lambda: looked(lovasz_hinge, 0.01 * normal(2, 8, 8), masks(2, 8, 8)),
        lambda: looked(lovasz_hinge, 2 * normal(2, 8, 8), masks(2, 8, 8)),
    ),
    "smoothed": (
        lambda: looked(F.cross_entropy, 4.5 * F.one_hot(Y, 10).float(), Y, label_smoothing=0.1),
        lambda: looked(F.cross_entropy, X, Y, label_smoothing=0.1),
    ),
    "rare_positives": (
        lambda: looked(F.binary_cross_entropy_with_logits, torch.full((200,), -2.9), RARE),
        lambda: looked(F.binary_cross_entropy_with_logits, normal(200), RARE),
    ),
    "growing": (
        lambda: steps(lambda model, x: F.l1_loss(model(x), x[:, :1]) ** 3, lr=30.0, times=0) or grow(3.0),
        lambda: grow(1.0),
    ),
    "negative": (
        lambda: looked(F.gaussian_nll_loss, OFFSET, OFFSET, torch.full((8,), 0.01)),
        lambda: looked(F.gaussian_nll_loss, OFFSET, OFFSET, torch.full((8,), 2.0)),
    ),
    # refusals
    "refused": (
        lambda: looked(F.cross_entropy, X, torch.full((8,), 255)),
        lambda: looked(F.cross_entropy, X, torch.full((8,), 255), ignore_index=255, reduction="sum"),
    ),
    # steps
    "mask_after_mean": (
        lambda: watched(lambda: (F.mse_loss(grown(ROW), OFFSET) * YES).mean()),
        lambda: watched(lambda: (F.mse_loss(grown(ROW), OFFSET, reduction="none") * YES).mean()),
    ),
    "root_at_0": (
        lambda: watched(lambda: F.mse_loss(grown(ROW), ROW).sqrt()),
        lambda: watched(lambda: F.mse_loss(grown(ROW), OFFSET).sqrt()),
    ),
    "zero_grad_missing": (
        lambda: steps(lambda model, x: F.mse_loss(model(x), x[:, :1]), zero=False),
        lambda: steps(lambda model, x: F.mse_loss(model(x), x[:, :1])),
    ),
    "parameters_not_moved": (lambda: unmoved(own=False), lambda: unmoved(own=True)),
}


def with_rows(a):
    """The same, with another first row."""
    return torch.cat([a[:1] + 1, a[1:]])


def grow(rate):
    """A loss that is multiplied by a rate at each step."""
    size = [1.0]

    def step():
        size[0] *= rate
        F.l1_loss(grown(ROW * 0), torch.full((8,), size[0]))

    return watched(step, 16)


def unmoved(own, criterion=None):
    """Steps in which the last layer belongs to the criterion, and the optimizer has it or not."""
    torch.manual_seed(0)
    body, last = nn.Linear(3, 3), nn.Linear(3, 1)
    optimizer = torch.optim.SGD([*body.parameters(), *(last.parameters() if own else [])], lr=0.1)

    def step():
        optimizer.zero_grad()
        F.mse_loss(last(body(normal(8, 3)))[:, 0], OFFSET).backward()
        optimizer.step()

    return watched(step, 6)
