"""Masks: empty ones, labels and bytes in their place, and options that move the border."""

import torch

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import heading, row
from lossviz.diagnose.rules.domains import OVERLAP, overlap_row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, found, number, share, size
from lossviz.losses.loss import Sign

IMAGES = (*OVERLAP, "focal_loss", "lovasz_hinge")


def labels_as_masks(call: Call) -> Finding | None:
    """A mask with 255, or class labels in one channel."""
    t = call.target
    if call.name not in OVERLAP or t is None or not t.numel() or t.dtype == torch.bool:
        return None
    if not bool((t > 1).any() | (t < 0).any()):
        return None
    values = t.unique()
    shown = [round(float(v), 4) for v in values[:5]]
    if call.name == "dice_loss" and 255 not in values.tolist() and bool((values == values.round()).all()):
        seen = f"target has shape {size(t)} and holds {shown}: labels, not a mask"
        return found(call, seen, row("dice_loss", "Logits or probabilities", Sign.USELESS))
    seen = f"target holds {shown}, and a mask is 0 and 1"
    fix = "t = t > 127  # if it holds 0 and 255" if 255 in values.tolist() else ""
    return found(call, seen, overlap_row(call, Sign.NEGATIVE), fix=fix)


EMPTY = {
    "dice_loss": row("dice_loss", "Images without an object"),
    "jaccard_loss": row("jaccard_loss", "Images without an object"),
    "tversky_loss": row("dice_loss", "Images without an object"),
    "focal_tversky_loss": row("dice_loss", "Images without an object"),
}


def empty_masks(call: Call) -> Finding | None:
    """Images whose mask has no object."""
    t = call.target
    if call.name not in EMPTY or t is None or t.ndim < 3 or not t.numel() or call.given.get("batch"):
        return None
    sizes = t.float().flatten(2).sum(2)
    none = int((sizes == 0).sum())
    if not none:
        return None
    seen = f"{share(none, sizes.numel())} masks are empty"
    # A few are what a data set has; where all are empty, the masks may be lost.
    severity = SUSPICIOUS if 2 * none > sizes.numel() else NOTE
    return found(call, seen, EMPTY[call.name], severity)


def threshold(call: Call) -> Finding | None:
    """A prediction of zeros and ones, without a graph: thresholded."""
    x = call.input
    if call.name not in OVERLAP or x is None or not x.numel() or call.given[PREDICTION].requires_grad:
        return None
    if call.trail is None or not torch.is_grad_enabled() or not bool(((x == 0) | (x == 1)).all()):
        return None
    where = row("dice_loss", "A threshold before the loss")
    fix = f"{call.name}(z.sigmoid(), t)  # neither round nor > 0.5 before it"
    return found(call, "input holds 0 and 1 alone, and has no gradient", where, SUSPICIOUS, fix=fix)


PREDICTION = "input"


def channels(call: Call) -> Finding | None:
    """A prediction and a mask with other channels."""
    x, t = call.input, call.target
    if call.name not in IMAGES or x is None or t is None or call.error is None or x.shape == t.shape:
        return None
    if x.ndim < 3:
        return None
    without = x.shape[:1] + x.shape[2:]
    why = "the loss compares masks of the same shape, one channel a class"
    section = "Logits or probabilities"
    if t.shape == without and x.shape[1] == 1:
        fix = "t = t[:, None]  # a channel for the mask"
    elif t.shape == without or t.shape == (*x.shape[:1], 1, *x.shape[2:]):
        fix = f"{call.name}(z.softmax(1), F.one_hot(t.view({_spelled(x)}).long(), z.shape[1]).movedim(-1, 1))"
    else:
        fix = "print(input.shape, target.shape)"
    where = heading("notebooks/segmentation/dice_loss", section, Sign.ERROR, why, fix)
    return found(call, f"input has shape {size(x)}, and target {size(t)}", where)


def _spelled(x: torch.Tensor) -> str:
    return ", ".join(map(str, x.shape[:1] + x.shape[2:]))


def smooth_of_1(call: Call) -> Finding | None:
    """A smooth that is large beside the objects."""
    t = call.target
    if call.name not in OVERLAP or t is None or t.ndim < 3 or not t.numel() or call.given["smooth"] < 0.5:
        return None
    sizes = t.float().flatten(2).sum(2)
    objects = sizes[sizes > 0]
    if not objects.numel() or objects.min() > 10 * call.given["smooth"]:
        return None
    seen = f"smooth is {call.given['smooth']:g}, and the smallest object has {number(objects.min())} pixels"
    return found(call, seen, row("dice_loss", "A smooth of 1"), SUSPICIOUS)


def weights_of_errors(call: Call) -> Finding | None:
    """The weights of the two errors: one of them 0, or far apart."""
    if call.name not in ("tversky_loss", "focal_tversky_loss"):
        return None
    alpha, beta = call.given["alpha"], call.given["beta"]
    seen = f"alpha is {alpha:g} and beta {beta:g}"
    if alpha == 0 or beta == 0:
        return found(call, seen, row("tversky_loss", "A weight of zero"), SUSPICIOUS)
    if beta >= 4 * alpha:
        return found(call, seen, row("tversky_loss", "The weights move the border"), NOTE)
    if call.name == "tversky_loss" and alpha > beta:
        seen += ": false alarms cost more than misses"
        return found(call, seen, row("tversky_loss", "Which error is alpha"), NOTE)
    return None


def half_of_smooth(call: Call) -> Finding | None:
    """Both weights 0.5, which is Dice with twice the smooth."""
    if call.name != "tversky_loss" or call.given["smooth"] < 0.5:
        return None
    if not call.given["alpha"] == call.given["beta"] == 0.5:
        return None
    smooth = call.given["smooth"]
    seen = f"alpha and beta are 0.5, and smooth is {smooth:g}: Dice with a smooth of {2 * smooth:g}"
    return found(call, seen, row("tversky_loss", "Half the smooth is the Dice loss"), NOTE)


def exponent(call: Call) -> Finding | None:
    """The exponent of the focal Tversky loss, which chooses between images."""
    if call.name != "focal_tversky_loss" or call.input is None or call.input.ndim < 2 or call.error:
        return None
    gamma, count = call.given["gamma"], call.input[:, :, ...].shape[:2].numel()
    if gamma < 1 and count > 1:
        seen = f"gamma is {gamma:g}, below 1, over {count} images and classes: the good ones get more"
        return found(call, seen, row(call.name, "The exponent chooses the image"), NOTE)
    if gamma >= 2 and count > 1:
        seen = f"gamma is {gamma:g} over {count} images and classes: the worst get nearly all"
        return found(call, seen, row(call.name, "What the power buys"), NOTE)
    return None


def alpha_of_focal(call: Call) -> Finding | None:
    """An alpha below 0.5 where objects are rare already."""
    t = call.target
    if call.name != "focal_loss" or t is None or not t.numel() or call.given["alpha"] is None:
        return None
    part = float(t.float().mean())
    if not (call.given["alpha"] < 0.5 and 0 < part < 0.5):
        return None
    seen = f"alpha is {call.given['alpha']:g}, and {part:.0%} of the pixels are objects"
    return found(call, seen, row(call.name, "An alpha of 0.25 weighs the object down"), NOTE)


def ties(call: Call) -> Finding | None:
    """Logits that are equal, which the Lovász hinge sorts by their place."""
    x = call.input
    if call.name != "lovasz_hinge" or x is None or x.ndim < 2 or not x.numel() or call.error:
        return None
    images = x.flatten(1)
    equal = images.shape[1] - torch.stack([torch.tensor(len(image.unique())) for image in images])
    if not bool((equal > images.shape[1] / 2).any()):
        return None
    seen = f"{int(equal.max())} of {images.shape[1]} logits of an image equal another one"
    return found(call, seen, row(call.name, "Equal logits are sorted by their place"), NOTE)


def far_below_0(call: Call) -> Finding | None:
    """A prediction that is near 0 in all pixels beside an object."""
    x, t = call.input, call.target
    if call.name != "dice_loss" or x is None or t is None or x.shape != t.shape or call.value is None:
        return None
    if call.value.numel() != 1 or not 0.99 <= float(call.value) <= 1.0 or not bool((t > 0).any()):
        return None
    seen = f"the loss is {number(call.value)}, and the largest probability {number(x.max())}"
    return found(call, seen, row(call.name, "A start near 1"), NOTE)


def maps(call: Call) -> tuple[torch.Tensor, torch.Tensor] | None:
    """The distance maps of images and classes as rows, and which of them have an object and a background."""
    phi = call.target
    if call.name != "boundary_loss" or phi is None or phi.ndim < 3 or not phi.numel() or call.error:
        return None
    rows = phi.flatten(2).flatten(0, 1)
    return rows, (rows > 0).any(1)


def empty_maps(call: Call) -> Finding | None:
    """Images whose map is 0 everywhere: without an object, or without a background."""
    if (found_maps := maps(call)) is None:
        return None
    rows, _ = found_maps
    none = int((rows == 0).all(1).sum())
    if not none:
        return None
    seen = f"{share(none, len(rows))} distance maps are 0 everywhere"
    return found(call, seen, row(call.name, "An image without an object has no map"), NOTE)


def thin_objects(call: Call) -> Finding | None:
    """Objects without a pixel below 0, all of which is border."""
    if (found_maps := maps(call)) is None:
        return None
    rows, have_both = found_maps
    thin = int((have_both & (rows == 0).any(1) & ~(rows < 0).any(1)).sum())
    if not thin:
        return None
    seen = f"{share(thin, len(rows))} objects have no pixel below 0 in their map: all is border"
    return found(call, seen, row(call.name, "A thin object has no depth"), NOTE)


def border_of_maps(call: Call) -> Finding | None:
    """Maps with an inside and an outside, and no pixel at 0."""
    if (found_maps := maps(call)) is None:
        return None
    rows, have_both = found_maps
    other = have_both & (rows < 0).any(1) & ~(rows == 0).any(1)
    if not (count := int(other.sum())):
        return None
    nearest = number(rows[other][rows[other] < 0].max())
    seen = f"{share(count, len(rows))} distance maps have no pixel at 0: inside they begin at {nearest}"
    return found(call, seen, row(call.name, "Which pixels have the distance 0"), SUSPICIOUS)


RULES = (
    labels_as_masks,
    empty_masks,
    threshold,
    channels,
    smooth_of_1,
    weights_of_errors,
    half_of_smooth,
    exponent,
    alpha_of_focal,
    ties,
    far_below_0,
    empty_maps,
    thin_objects,
    border_of_maps,
)
