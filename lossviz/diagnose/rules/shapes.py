"""Shapes that torch takes and that are not meant."""

import torch

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import row
from lossviz.diagnose.rules.found import SUSPICIOUS, WRONG, found, number, size
from lossviz.losses.loss import Kind, Shape

COLUMN = {
    "mse_loss": "A column against a row",
    "l1_loss": "A column against a row",
    "poisson_nll_loss": "A column against a row",
    "gaussian_nll_loss": "A column against a row",
    "multilabel_soft_margin_loss": "A column against a row",
    "hinge_embedding_loss": "Shapes that differ, silently",
    "kl_div": "Rare cases",
}
LIKE_MSE = ("smooth_l1_loss", "huber_loss")  # they warn as it does, and have no row of their own


def column_against_row(call: Call) -> Finding | None:
    """Two shapes that are broadcast to one with more elements than either."""
    x, t = call.input, call.target
    name = "mse_loss" if call.name in LIKE_MSE else call.name
    if name not in COLUMN or x is None or t is None or x.shape == t.shape:
        return None
    try:
        together = torch.broadcast_shapes(x.shape, t.shape)
    except RuntimeError:
        return None  # torch refuses it too
    if together.numel() <= x.numel():
        return None  # one target for many predictions may be meant
    seen = f"input has shape {size(x)} and target {size(t)}: they are broadcast to {tuple(together)}"
    wrong = together.numel() > max(x.numel(), t.numel())
    return found(call, seen, row(name, COLUMN[name]), WRONG if wrong else SUSPICIOUS)


def one_feature_against_many(call: Call) -> Finding | None:
    """Embeddings of which one has a single feature, which is broadcast."""
    if call.name != "cosine_embedding_loss":
        return None
    a, b = call.tensor("input1"), call.tensor("input2")
    if a is None or b is None or a.ndim == 0 or b.ndim == 0 or a.shape[-1] == b.shape[-1]:
        return None
    seen = f"input1 has shape {size(a)} and input2 {size(b)}: {a.shape[-1]} features against {b.shape[-1]}"
    return found(call, seen, row(call.name, "Shapes that broadcast, silently"))


def class_axis(call: Call) -> Finding | None:
    """Logits (N, L, C) where (N, C, L) belongs, and L = C, so that torch cannot tell."""
    x, y = call.input, call.target
    if call.name != "cross_entropy" or x is None or x.ndim != 3 or x.shape[1] != x.shape[2] or call.error:
        return None
    if y is None or y.shape != x.shape[:1] + x.shape[2:]:
        return None
    where = row("cross_entropy", "Classes belong on axis 1")
    moved = _moves(call.given["input"])
    seen = f"input has shape {size(x)}, with {x.shape[1]} entries on axis 1 and as many on axis 2; "
    if moved is False:  # a linear layer puts the classes last, and nothing moved them since
        return found(call, f"{seen}its last layer puts the classes on axis 2, and torch takes axis 1", where)
    other = call.again(input=x.transpose(1, 2))
    if other is None or moved or call.value is None or call.value.numel() != 1:
        return None
    if float(other) < 0.5 * float(call.value):
        seen += f"the loss is {number(call.value)}, and with the classes on axis 2 {number(other)}"
        return found(call, seen, where, SUSPICIOUS)
    return None


def _moves(tensor) -> bool | None:
    """Whether axes were moved since the last linear layer; None where none is near."""
    node, moved = getattr(tensor, "grad_fn", None), False
    for _ in range(8):
        if node is None:
            return None
        name = node.name()
        if any(name.startswith(layer) for layer in ("Linear", "Addmm", "Mm", "Bmm")):
            return moved
        moved |= name.startswith(("Transpose", "Permute", "T"))
        node = next((following for following, _ in node.next_functions if following is not None), None)
    return None


def feature_maps(call: Call) -> Finding | None:
    """Embeddings with more than two axes, whose distance runs over the last alone."""
    x = call.input
    if call.name != "triplet_margin_loss" or x is None or x.ndim < 3:
        return None
    where = row(call.name, "Feature maps are compared row by row of pixels")
    return found(call, f"anchor has shape {size(x)}: {x[..., 0].numel()} distances", where, SUSPICIOUS)


def distance_of_rows(call: Call) -> Finding | None:
    """A distance function that returns another shape than one number a row."""
    distance = call.given.get("distance_function")
    if call.name != "triplet_margin_with_distance_loss" or distance is None or call.input is None:
        return None
    with torch.no_grad():
        one = distance(call.input, call.tensor("positive"))
    wanted = call.input.shape[:-1]
    if not isinstance(one, torch.Tensor) or one.shape == wanted:
        return None
    seen = f"the distance of two {size(call.input)} has shape {size(one)}, and {tuple(wanted)} is meant"
    return found(call, seen, row(call.name, "The distance must be one number a row"))


def pos_weight_axis(call: Call) -> Finding | None:
    """One weight a class, lined up with the last axis of images."""
    if call.name != "binary_cross_entropy_with_logits" or call.input is None:
        return None
    w, x = call.tensor("pos_weight"), call.input
    if w is None or w.ndim != 1 or len(w) == 1 or x.ndim < 3 or x.shape[-1] != len(w):
        return None
    if x.ndim == 3 and x.shape[1] != len(w):
        return None  # (N, L, C): the classes are last
    seen = f"pos_weight has shape {size(w)}, and input {size(x)}: it weighs the last axis, not axis 1"
    where = row(call.name, "`pos_weight` lines up with the last axis")
    return found(call, seen, where, WRONG if x.ndim > 3 else SUSPICIOUS)


def weight_of_images(call: Call) -> Finding | None:
    """Class weights of images, where the classes are looked for on the last axis."""
    if call.name != "multilabel_soft_margin_loss" or call.input is None or call.input.ndim < 4:
        return None
    w = call.tensor("weight")
    if w is None or w.ndim != 1:
        return None
    seen = f"weight has shape {size(w)}, and input {size(call.input)}: it weighs the last axis"
    return found(call, seen, row(call.name, "The classes must be last"))


def width_of_tails(call: Call) -> Finding | None:
    """A tail of the adaptive softmax whose layer has no width."""
    if call.kind is not Kind.FEATURES or "cutoffs" not in call.given or call.input is None:
        return None
    features, ratio = call.input.shape[-1], call.given["div_value"]
    if not ratio > 0:
        return None
    tails = len(torch.as_tensor(call.given["cutoffs"]))
    narrow = [i for i in range(1, tails + 1) if int(features // ratio**i) == 0]
    if not narrow:
        return None
    seen = f"tail {narrow[0]} has the width {features} // {ratio:g}**{narrow[0]} = 0"
    return found(call, seen, row(call.name, "A tail of width 0"))


def one_channel_softmax(call: Call) -> Finding | None:
    """A softmax over a single channel, which is 1 everywhere."""
    x = call.input
    if x is None or call.loss.predictions[0].forms[0].shape is not Shape.CLASSES_OF_IMAGES:
        return None
    if x.ndim < 2 or x.shape[1] != 1 or call.made_by[:1] != ("Softmax",) or not bool((x == 1).all()):
        return None
    seen = f"input of shape {size(x)} is a softmax over one channel: 1 in each of {x.numel()} pixels"
    fix = f"{call.name}(z.sigmoid(), t)  # one channel: a sigmoid"
    return found(call, seen, row("dice_loss", "Logits or probabilities"), fix=fix)


RULES = (
    column_against_row,
    one_feature_against_many,
    class_axis,
    feature_maps,
    distance_of_rows,
    pos_weight_axis,
    weight_of_images,
    width_of_tails,
    one_channel_softmax,
)
