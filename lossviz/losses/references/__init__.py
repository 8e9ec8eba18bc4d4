"""Torch forms of losses that torch.nn.functional lacks, one file a family. Chapters are held against them."""

from lossviz.losses.references.classification import adaptive_log_softmax
from lossviz.losses.references.segmentation import (
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

__all__ = [
    "adaptive_log_softmax",
    "boundary_loss",
    "dice_ce_loss",
    "dice_loss",
    "focal_loss",
    "focal_tversky_loss",
    "generalized_dice_loss",
    "jaccard_loss",
    "lovasz_hinge",
    "lovasz_softmax",
    "signed_distance",
    "softmax_focal_loss",
    "topk_cross_entropy",
    "tversky_loss",
]
