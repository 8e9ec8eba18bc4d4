"""Torch forms of losses that torch.nn.functional lacks, one file a family. Chapters are held against them."""

import functools

from torch.overrides import handle_torch_function, has_torch_function_variadic

from lossviz.losses.references import classification, segmentation
from lossviz.losses.references.segmentation import signed_distance

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


def _overridable(function):
    """The function, seen by a TorchFunctionMode as those of torch are."""

    @functools.wraps(function)
    def loss(*args, **kwargs):
        given = (*args, *kwargs.values())
        if has_torch_function_variadic(*given):
            return handle_torch_function(loss, given, *args, **kwargs)
        return function(*args, **kwargs)

    return loss


adaptive_log_softmax = _overridable(classification.adaptive_log_softmax)
boundary_loss = _overridable(segmentation.boundary_loss)
dice_ce_loss = _overridable(segmentation.dice_ce_loss)
dice_loss = _overridable(segmentation.dice_loss)
focal_loss = _overridable(segmentation.focal_loss)
focal_tversky_loss = _overridable(segmentation.focal_tversky_loss)
generalized_dice_loss = _overridable(segmentation.generalized_dice_loss)
jaccard_loss = _overridable(segmentation.jaccard_loss)
lovasz_hinge = _overridable(segmentation.lovasz_hinge)
lovasz_softmax = _overridable(segmentation.lovasz_softmax)
softmax_focal_loss = _overridable(segmentation.softmax_focal_loss)
topk_cross_entropy = _overridable(segmentation.topk_cross_entropy)
tversky_loss = _overridable(segmentation.tversky_loss)
