"""The losses, one file each: its facts and its exercises.

`CATALOG` maps the name of a loss to its `Loss`, `EXERCISES` the name of an exercise to its `Exercise`.
"""

from difflib import get_close_matches
from importlib import import_module

from lossviz.losses.exercise import Exercise
from lossviz.losses.loss import Loss, in_words

__all__ = ["CATALOG", "EXERCISES", "find", "in_words"]

# The order of the handbook, wherever losses or exercises are listed.
_ORDER = (
    "regression.mse_loss",
    "regression.l1_loss",
    "regression.smooth_l1_loss",
    "regression.huber_loss",
    "regression.poisson_nll_loss",
    "regression.gaussian_nll_loss",
    "classification.nll_loss",
    "classification.cross_entropy",
    "classification.binary_cross_entropy",
    "classification.binary_cross_entropy_with_logits",
    "classification.adaptive_log_softmax",
    "classification.linear_cross_entropy",
    "margin.soft_margin_loss",
    "margin.multi_margin_loss",
    "margin.multilabel_margin_loss",
    "margin.multilabel_soft_margin_loss",
    "margin.margin_ranking_loss",
    "embedding.hinge_embedding_loss",
    "embedding.cosine_embedding_loss",
    "embedding.triplet_margin_loss",
    "embedding.triplet_margin_with_distance_loss",
    "distribution.kl_div",
    "sequence.ctc_loss",
    "segmentation.focal_loss",
    "segmentation.dice_loss",
    "segmentation.jaccard_loss",
    "segmentation.tversky_loss",
    "segmentation.focal_tversky_loss",
    "segmentation.generalized_dice_loss",
    "segmentation.lovasz_hinge",
    "segmentation.lovasz_softmax",
    "segmentation.boundary_loss",
    "segmentation.dice_ce_loss",
)
_FILES = [import_module(f"{__name__}.{place}") for place in _ORDER]

CATALOG: dict[str, Loss] = {file.LOSS.name: file.LOSS for file in _FILES}

EXERCISES: dict[str, Exercise] = {
    f"{file.LOSS.name}/{name}": exercise for file in _FILES for name, exercise in file.EXERCISES.items()
}


def find(name: str) -> Loss:
    """The loss `name`, as in torch.nn.functional.

    Raises ValueError for a name that is not in the catalogue, with the names that come close.
    """
    if not isinstance(name, str) or name not in CATALOG:
        close = get_close_matches(str(name), CATALOG) or list(CATALOG)
        raise ValueError(f"name must be a loss of the catalogue, such as {', '.join(close)}, got {name!r}")
    return CATALOG[name]
