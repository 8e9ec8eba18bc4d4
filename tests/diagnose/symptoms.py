"""For each symptom, in the order of the rows: a call in which it can be seen, or why there is none."""

from enum import StrEnum

import torch
import torch.nn.functional as F
from torch import nn

from lossviz.losses.references import (
    boundary_loss,
    dice_ce_loss,
    focal_loss,
    focal_tversky_loss,
    jaccard_loss,
    lovasz_hinge,
    lovasz_softmax,
    signed_distance,
    tversky_loss,
)
from tests.diagnose.calls import labels, linear, looked, masks, normal, softmax, steps, watched
from tests.diagnose.cases import (
    APART,
    CASES,
    IMAGE_LABELS,
    INF,
    LOGITS_OF_IMAGES,
    NAN,
    OFFSET,
    RARE,
    ROW,
    SIGNS,
    SQUARE,
    YES,
    A,
    P,
    T,
    X,
    Y,
    by_distance,
    ctc,
    grow,
    grown,
    ranked,
    rows_apart,
    tree,
    triplet,
    unmoved,
    with_,
)


class Unseen(StrEnum):
    """Why a symptom cannot be seen in a call of the loss."""

    OVER_TIME = "it is in how the loss or the model goes over many steps, and each call is right"
    MEANT = "the same numbers are right or wrong by what they are meant to be"
    ELSEWHERE = "it is in code before or after the loss, whose numbers do not pass through it"
    OTHER_CODE = "it is in a loss of another library, or of the reader's own"
    NO_LOSS = "the module calls no function of a loss"
    COMPILED = "it is in compiled code, which no mode of torch sees"
    HARDWARE = "it needs a GPU, or several workers"


OVER_TIME, MEANT, ELSEWHERE, OTHER_CODE, NO_LOSS, COMPILED, HARDWARE = Unseen


def own(rule):
    return CASES[rule][0]


def backward(loss):
    """A step that computes the loss and its gradient."""
    return lambda: watched(lambda: loss().backward())


def raised(step):
    return lambda: watched(step)


def module_of_rows(parameters):
    """A loss of a last layer of its own, which the optimizer was not given."""
    torch.manual_seed(0)
    body, last = nn.Linear(3, 4), parameters()
    optimizer = torch.optim.SGD(body.parameters(), lr=0.1)

    def step():
        optimizer.zero_grad()
        last(body(normal(8, 3))).backward()
        optimizer.step()

    return watched(step, 6)


class LinearLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.loss = nn.LinearCrossEntropyLoss(4, 5)

    def forward(self, x):
        return self.loss(x, labels(5, len(x)))


class Metric(nn.Module):
    """A distance with weights."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        def distance(u, v):
            return torch.linalg.vector_norm(self.scale * (u - v), dim=-1)

        return F.triplet_margin_with_distance_loss(x, x + 1, x.flip(0), distance_function=distance)


def scaled():
    """A step under a GradScaler whose scale is too large for float16 gradients."""
    leaf = torch.tensor([300.0], requires_grad=True)
    loss = F.mse_loss(leaf.half().float(), torch.tensor([290.0]))
    (loss * 4096.0).backward()


def clipped():
    leaf = torch.ones(3, requires_grad=True)
    (F.mse_loss(leaf, torch.ones(3)).sqrt()).backward()
    nn.utils.clip_grad_norm_([leaf], 1.0, error_if_nonfinite=True)


def twice():
    loss = F.mse_loss(grown(ROW) ** 2, OFFSET)
    loss.backward()
    loss.backward()


def chunked_twice():
    x, w = grown(normal(8, 3)), grown(normal(5, 3))
    options = nn.LinearCrossEntropyOptions(batch_chunk_size=4)
    loss = F.linear_cross_entropy(x, w, labels(5, 8), options=options)
    loss.backward(retain_graph=True)
    loss.backward()


def diverging(loss):
    """Training in which each step lands farther away."""
    return lambda: steps(lambda model, x: loss(model(x), x[:, :1]), lr=10.0, times=30)


IMAGE = torch.zeros(1, 1, 4, 4).index_fill(3, torch.tensor([0]), 1.0)
LONG_TAIL = torch.arange(32.0) * (torch.arange(32) > 20)
PAIR = torch.tensor([[0, 1, 1, 0], [1, 0, 0, 0]])
PADDED_WITH_0 = torch.tensor([[3, 0, 0, 0], [2, 1, 0, 0]])
WIDE = normal(16, 10)

ROWS = {
    "mse_loss": (
        own("column_against_row"),
        diverging(F.mse_loss),
        own("dominant"),
        MEANT,
        own("nan_in_target"),
        own("root_at_0"),
        own("class_labels_as_numbers"),
        own("square_overflows"),
    ),
    "l1_loss": (
        lambda: looked(F.l1_loss, normal(8, 1), ROW),
        OVER_TIME,
        own("mostly_zeros"),
        ELSEWHERE,
        own("many_outputs"),
        lambda: looked(F.l1_loss, ROW, with_(OFFSET, NAN)),
        COMPILED,
        own("old_switches"),
    ),
    "smooth_l1_loss": (
        own("threshold_of_errors"),
        lambda: looked(F.smooth_l1_loss, normal(32), normal(32).flip(0), beta=1e-6),
        OVER_TIME,
        MEANT,
        own("zeroed_rows"),
        lambda: looked(F.smooth_l1_loss, torch.zeros(0, 4), torch.zeros(0, 4)),
        lambda: looked(F.smooth_l1_loss, ROW, OFFSET, beta=-1.0),
    ),
    "huber_loss": (
        lambda: looked(F.huber_loss, normal(32), normal(32).flip(0), delta=100.0),
        OVER_TIME,
        own("clipped_error"),
        ELSEWHERE,
        backward(lambda: F.huber_loss(grown(ROW), YES.long())),
        lambda: looked(F.huber_loss, ROW, OFFSET, delta=torch.ones(8)),
        lambda: looked(F.huber_loss, ROW, OFFSET, weight=5 * torch.ones(8)),
        lambda: looked(F.huber_loss, ROW, OFFSET, delta=0.0),
    ),
    "poisson_nll_loss": (
        own("rates_as_log_rates"),
        ELSEWHERE,
        lambda: looked(F.poisson_nll_loss, normal(8, 1), OFFSET),
        lambda: looked(F.poisson_nll_loss, (OFFSET + 3).log(), OFFSET + 3),
        MEANT,
        own("negative_rates"),
        own("exponential_overflows"),
        own("negative_counts"),
    ),
    "gaussian_nll_loss": (
        OVER_TIME,
        own("negative"),
        MEANT,
        lambda: looked(F.gaussian_nll_loss, normal(4, 3), normal(4, 3), torch.ones(3)),
        lambda: looked(F.gaussian_nll_loss, normal(8, 1), OFFSET, torch.ones(8, 1)),
        lambda: looked(F.gaussian_nll_loss, ROW, OFFSET, ROW),
        lambda: looked(F.gaussian_nll_loss, ROW, OFFSET, with_(ROW, 90.0).exp()),
        own("small_variances"),
    ),
    "nll_loss": (
        own("no_log_probabilities"),
        lambda: looked(F.nll_loss, X, Y),
        lambda: looked(F.nll_loss, X.log_softmax(1), torch.full((8,), 255)),
        lambda: looked(F.nll_loss, grown(with_(X, -200.0)).softmax(1).log(), Y),
        lambda: looked(F.nll_loss, X.log_softmax(1), torch.full((8,), -100)),
        lambda: looked(F.nll_loss, with_(X, NAN).log_softmax(1), with_(Y, -100)),
        lambda: looked(F.nll_loss, X.log_softmax(1), Y, torch.arange(10.0) + 1),
        lambda: looked(F.nll_loss, normal(2, 5, 3).log_softmax(0), labels(5, 6).reshape(2, 3)),
    ),
    "cross_entropy": (
        own("softmax_twice"),
        lambda: looked(F.cross_entropy, torch.zeros(8, 10), Y),
        own("refused"),
        own("weighted_mean_of_labels"),
        lambda: looked(F.cross_entropy, X, Y, torch.ones(10).double()),
        own("class_axis"),
        own("ignored"),
        own("infinite_logits"),
    ),
    "binary_cross_entropy": (
        lambda: looked(F.binary_cross_entropy, ROW.sigmoid(), YES.long()),
        lambda: looked(F.binary_cross_entropy, normal(8, 1).sigmoid(), YES),
        lambda: looked(F.binary_cross_entropy, ROW, YES),
        lambda: looked(F.binary_cross_entropy, ROW.sigmoid(), 2 * YES),
        lambda: looked(F.binary_cross_entropy, with_(ROW.sigmoid(), NAN), YES),
        own("impossible_prediction"),
        lambda: looked(F.binary_cross_entropy, (grown(ROW) * 0 - 200).sigmoid(), torch.ones(8)),
        HARDWARE,
        own("certain_in_half"),
    ),
    "binary_cross_entropy_with_logits": (
        own("sigmoid_twice"),
        lambda: looked(F.binary_cross_entropy_with_logits, ROW, YES.long()),
        lambda: looked(F.binary_cross_entropy_with_logits, torch.zeros(8), YES),
        ELSEWHERE,
        own("pos_weight_axis"),
        own("sigmoid_first"),
        own("targets_beyond_unit"),
        lambda: looked(F.binary_cross_entropy_with_logits, with_(ROW, -INF), YES),
    ),
    "adaptive_log_softmax": (
        own("unsorted_by_frequency"),
        raised(lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 6, [2, 4])(normal(2, 16), labels(6, 2)).backward()),
        lambda: tree(torch.tensor([0, -100])),
        own("padding_as_label"),
        HARDWARE,
        raised(lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 6, [2, 6])),
        own("width_of_tails"),
        NO_LOSS,
    ),
    "linear_cross_entropy": (
        lambda: looked(
            F.linear_cross_entropy,
            normal(8, 3).bfloat16(),
            normal(5, 3).bfloat16(),
            labels(5, 8),
            options=nn.LinearCrossEntropyOptions(batch_chunk_size=2),
        ),
        HARDWARE,
        lambda: module_of_rows(LinearLoss),
        ELSEWHERE,
        raised(chunked_twice),
        lambda: looked(F.linear_cross_entropy, normal(2, 4, 3), normal(5, 3), labels(5, 8).reshape(2, 4)),
        lambda: looked(F.linear_cross_entropy, normal(8, 3), labels(5, 8).float(), normal(5, 3)),
    ),
    "soft_margin_loss": (
        own("zeros_for_signs"),
        lambda: looked(F.soft_margin_loss, grown(ROW).tanh(), SIGNS),
        own("margin_overflows"),
        own("signs_as_bytes"),
        backward(lambda: F.soft_margin_loss(grown(ROW), YES > 0)),
        lambda: looked(F.soft_margin_loss, normal(8, 1), SIGNS),
        own("ln_2"),
        OVER_TIME,
    ),
    "multi_margin_loss": (
        lambda: looked(F.multi_margin_loss, softmax(8, 10), Y),
        own("divided_by_classes"),
        lambda: looked(F.multi_margin_loss, torch.zeros(8, 10), Y),
        lambda: looked(F.multi_margin_loss, with_(X, NAN), Y),
        own("mean_without_weights"),
        lambda: looked(F.multi_margin_loss, X, torch.full((8,), -100)),
        lambda: looked(F.multi_margin_loss, X, Y.to(torch.uint8)),
    ),
    "multilabel_margin_loss": (
        own("lists_of_labels"),
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), PAIR.float()),
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), PADDED_WITH_0),
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), PADDED_WITH_0[:, :2]),
        lambda: looked(F.multilabel_margin_loss, normal(2, 4), 2 * PAIR - 1),
        ELSEWHERE,
        own("samples_without_labels"),
        COMPILED,
    ),
    "multilabel_soft_margin_loss": (
        lambda: looked(F.multilabel_soft_margin_loss, grown(normal(8, 3)).sigmoid(), masks(8, 3)),
        lambda: looked(F.multilabel_soft_margin_loss, torch.full((20, 10), -2.9), RARE.reshape(20, 10)),
        own("classes_in_the_divisor"),
        lambda: looked(
            F.multilabel_soft_margin_loss, normal(2, 4), torch.tensor([[0, 3, -1, -1], [2, -1, -1, -1]])
        ),
        lambda: looked(F.multilabel_soft_margin_loss, normal(8, 1), YES),
        own("weight_of_images"),
        lambda: looked(F.multilabel_soft_margin_loss, normal(8, 3), masks(8, 3) > 0),
        lambda: looked(F.multilabel_soft_margin_loss, with_(normal(8, 3), -INF), torch.zeros(8, 3)),
    ),
    "margin_ranking_loss": (
        lambda: ranked(normal(8, 1), normal(8, 1), SIGNS),
        own("wrong_order"),
        own("margin_of_0"),
        own("equal_scores"),
        lambda: ranked(ROW, ROW + 1, YES),
        lambda: ranked(ROW, ROW + 1, torch.ones(8, dtype=torch.uint8)),
        MEANT,
        lambda: ranked(ROW, ROW + 1, YES > 0),
    ),
    "hinge_embedding_loss": (
        lambda: looked(F.hinge_embedding_loss, ROW.abs(), YES),
        own("negative_distances"),
        lambda: looked(F.hinge_embedding_loss, 0 * ROW, YES),
        lambda: looked(F.hinge_embedding_loss, normal(8, 1).abs(), SIGNS),
        own("distance_at_0"),
        OVER_TIME,
    ),
    "cosine_embedding_loss": (
        lambda: looked(F.cosine_embedding_loss, A, A + 1, YES),
        own("only_alike"),
        OVER_TIME,
        own("tiny_embeddings"),
        lambda: looked(F.cosine_embedding_loss, (0.001 * A).half(), (0.001 * A).half(), SIGNS),
        own("cosine_in_half"),
        own("one_feature_against_many"),
        lambda: looked(F.cosine_embedding_loss, A, A + 1, SIGNS[:, None]),
    ),
    "triplet_margin_loss": (
        own("collapsed"),
        own("easy_triplets"),
        own("margin_out_of_reach"),
        MEANT,
        ELSEWHERE,
        own("feature_maps"),
        lambda: triplet(*APART, margin=0),
        lambda: triplet(A[0], A[0], A),
    ),
    "triplet_margin_with_distance_loss": (
        own("similarity_as_distance"),
        lambda: by_distance(rows_apart, 0 * A, 0 * A, 0 * A),
        lambda: by_distance(lambda u, v: 1 - F.cosine_similarity(u, v, dim=-1), margin=3.0),
        lambda: module_of_rows(Metric),
        own("distance_of_rows"),
        lambda: by_distance(lambda u, v: ((u - v) ** 2).sum(-1).sqrt(), A, A, A + 0.1),
        lambda: looked(F.triplet_margin_with_distance_loss, *APART, rows_apart),
        lambda: by_distance(lambda u, v: float((u - v).norm())),
    ),
    "kl_div": (
        own("mean_of_divergence"),
        lambda: looked(F.kl_div, softmax(8, 10), softmax(8, 10), reduction="batchmean"),
        lambda: looked(F.kl_div, X, softmax(8, 10), reduction="batchmean"),
        lambda: looked(
            F.kl_div, normal(2, 5, 3).log_softmax(2), softmax(2, 5, 3) * masks(2, 5, 1), reduction="batchmean"
        ),
        own("kl_target"),
        lambda: looked(
            F.kl_div,
            torch.tensor([[0.0, -INF]]),
            torch.tensor([[0.0, -INF]]),
            reduction="batchmean",
            log_target=True,
        ),
        MEANT,
        own("one_row_for_many"),
    ),
    "ctc_loss": (
        own("too_few_frames"),
        own("mostly_blank"),
        lambda: ctc(normal(8, 2, 5)),
        lambda: ctc(targets=torch.tensor([[1, 1, 0], [3, 4, 0]]), lengths=(2, 2), zero_infinity=True),
        own("blank_as_label"),
        own("labels_beyond_the_last"),
        lambda: ctc(
            normal(8, 2, 5).index_fill(2, torch.tensor([4]), -INF).log_softmax(2),
            torch.tensor([[1, 2], [3, 1]]),
        ),
        lambda: ctc(normal(3, 8, 5).log_softmax(2)),
    ),
    "focal_loss": (
        own("alpha_of_focal"),
        lambda: looked(focal_loss, grown(normal(4, 1, 8, 8)).sigmoid(), masks(4, 1, 8, 8)),
        OTHER_CODE,
        OTHER_CODE,
        MEANT,
        OTHER_CODE,
        lambda: looked(focal_loss, normal(4, 1, 8, 8), 255 * masks(4, 1, 8, 8)),
    ),
    "dice_loss": (
        own("logits_in_overlap"),
        own("labels_as_masks"),
        OTHER_CODE,
        own("far_below_0"),
        own("sums_overflow"),
        own("sigmoid_twice_in_overlap"),
        ELSEWHERE,
        MEANT,
        own("empty_masks"),
        own("rounded"),
        own("smooth_of_1"),
        OTHER_CODE,
    ),
    "jaccard_loss": (
        ELSEWHERE,
        MEANT,
        ELSEWHERE,
        lambda: looked(jaccard_loss, 4 * P - 2, T),
        lambda: looked(jaccard_loss, normal(4, 2, 8, 8).sigmoid().sigmoid(), T),
        OVER_TIME,
        lambda: looked(jaccard_loss, P, 0 * T),
        own("soft_targets_of_overlap"),
    ),
    "tversky_loss": (
        lambda: looked(tversky_loss, P, T, alpha=0.7, beta=0.3),
        lambda: looked(tversky_loss, P, T, alpha=0.1, beta=0.9),
        lambda: looked(tversky_loss, 4 * P - 2, T),
        MEANT,
        own("weights_of_errors"),
        own("half_of_smooth"),
    ),
    "focal_tversky_loss": (
        own("gradient_not_finite"),
        OTHER_CODE,
        own("exponent"),
        OTHER_CODE,
        lambda: looked(focal_tversky_loss, P, T, gamma=3),
    ),
    "lovasz_hinge": (
        own("at_1"),
        lambda: looked(lovasz_hinge, grown(normal(4, 8, 8)).sigmoid(), masks(4, 8, 8)),
        own("ties"),
        OTHER_CODE,
        lambda: looked(lovasz_hinge, normal(4, 8, 8), 255 * masks(4, 8, 8)),
    ),
    "boundary_loss": (
        OVER_TIME,
        lambda: looked(boundary_loss, SQUARE, signed_distance(SQUARE)),
        own("thin_objects"),
        MEANT,
        lambda: looked(boundary_loss, 9 * P - 5, signed_distance(T)),
        own("empty_maps"),
        own("border_of_maps"),
        lambda: looked(boundary_loss, P, signed_distance(T)[:, :1]),
    ),
    "generalized_dice_loss": (
        OTHER_CODE,
        OVER_TIME,
        MEANT,
        own("one_channel"),
        own("one_channel"),
        OTHER_CODE,
    ),
    "lovasz_softmax": (
        own("absent_classes"),
        own("logits_of_classes"),
        lambda: looked(lovasz_softmax, grown(LOGITS_OF_IMAGES).softmax(1).softmax(1), IMAGE_LABELS),
        OVER_TIME,
        ELSEWHERE,
        MEANT,
        OTHER_CODE,
        lambda: looked(lovasz_softmax, LOGITS_OF_IMAGES.softmax(1), 0 * IMAGE_LABELS + 255),
    ),
    "dice_ce_loss": (
        OTHER_CODE,
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES.softmax(1), IMAGE_LABELS),
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES[:, :1], 0 * IMAGE_LABELS),
        own("summed_compound"),
        own("weights_of_both_parts"),
        lambda: looked(dice_ce_loss, LOGITS_OF_IMAGES, 0 * IMAGE_LABELS + 255),
        OTHER_CODE,
        OTHER_CODE,
        OTHER_CODE,
    ),
    "": (
        own("empty_batch"),
        lambda: looked(F.huber_loss, ROW, with_(OFFSET, NAN)),
        lambda: looked(F.binary_cross_entropy_with_logits, with_(ROW, 300.0).half(), with_(YES, NAN).half()),
        own("nan_in_input"),
        raised(clipped),
        raised(scaled),
        lambda: grow(3.0),
        own("zero_grad_missing"),
        MEANT,
        lambda: looked(F.kl_div, X.log_softmax(1) + 1e-7, X.softmax(1), reduction="batchmean"),
        lambda: unmoved(own=False),
        ELSEWHERE,
        ELSEWHERE,
        own("smoothed"),
        own("at_the_variance"),
        lambda: looked(F.mse_loss, OFFSET.mean() + 0.0005 * (OFFSET - OFFSET.mean()), OFFSET),
        own("rare_positives"),
        OVER_TIME,
        own("cancelling"),
        ELSEWHERE,
        ELSEWHERE,
        ELSEWHERE,
        own("bfloat16_steps"),
        OVER_TIME,
        HARDWARE,
        own("divergence_of_sequences"),
        own("weight_with_soft_targets"),
        COMPILED,
        HARDWARE,
        own("one_output"),
        lambda: looked(F.nll_loss, X.log_softmax(1), Y, torch.ones(10).double()),
        lambda: looked(F.nll_loss, X.log_softmax(1), Y, torch.ones(10).numpy()),
        lambda: looked(F.cross_entropy, X, Y.float()),
        lambda: looked(F.cross_entropy, X, F.one_hot(Y, 10)),
        lambda: looked(F.multi_margin_loss, X.half(), Y),
        raised(lambda: nn.Linear(3, 1)(normal(4, 3).double())),
        lambda: looked(F.cross_entropy, X, Y[:, None]),
        lambda: looked(F.cross_entropy, X, Y[:4]),
        lambda: looked(F.cross_entropy, normal(2, 3, 4, 4), labels(3, 32).reshape(2, 1, 4, 4)),
        lambda: looked(F.cross_entropy, normal(2, 3, 4, 4), labels(3, 50).reshape(2, 5, 5)),
        lambda: looked(F.cross_entropy, normal(2, 5, 3), labels(3, 10).reshape(2, 5)),
        lambda: looked(F.cross_entropy, X, Y, torch.ones(3)),
        lambda: looked(F.binary_cross_entropy_with_logits, normal(8, 1), YES),
        lambda: looked(F.mse_loss, normal(4, 3), normal(4, 2)),
        HARDWARE,
        COMPILED,
        backward(lambda: F.mse_loss(linear(8, 3).argmax(1).float(), OFFSET)),
        backward(lambda: F.mse_loss(grown(ROW), OFFSET, reduction="none")),
        raised(twice),
    ),
}
