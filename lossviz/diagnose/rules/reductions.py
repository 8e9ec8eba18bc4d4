"""What a loss is divided by, and what is not reduced at all."""

from math import prod

import torch

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import HERE, heading, row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, found, number, share, size
from lossviz.losses.loss import Sign


def empty_batch(call: Call) -> Finding | None:
    """The mean of nothing."""
    x = call.input
    if x is None or x.numel() or call.reduction not in ("mean", "batchmean"):
        return None
    where = row("", "Finite input, and nan")
    if call.name == "smooth_l1_loss":
        where = row(call.name, "An image without boxes")
    fix = "loss_function(input, target) if input.numel() else 0 * input.sum()"
    fix = "" if call.name == "smooth_l1_loss" else fix
    came = f": the mean is {number(call.value)}" if call.value is not None and call.value.numel() == 1 else ""
    return found(call, f"input has shape {size(x)}, no element{came}", where, fix=fix)


def mean_of_divergence(call: Call) -> Finding | None:
    """reduction="mean" of kl_div, which divides by the classes too."""
    x = call.input
    if call.name != "kl_div" or x is None or call.reduction != "mean" or x.ndim == 0 or x.shape[0] == 0:
        return None
    if (factor := prod(x.shape[1:])) == 1:
        return None
    seen = f'reduction="mean" divides by {x.numel()} elements: a sample counts {factor} times less'
    return found(call, seen, row("kl_div", "`mean` is not the divergence"), SUSPICIOUS)


def divergence_of_sequences(call: Call) -> Finding | None:
    """reduction="batchmean" of kl_div with more than two axes."""
    x = call.input
    if call.name != "kl_div" or x is None or call.reduction != "batchmean" or x.ndim < 3:
        return None
    seen = f'input has shape {size(x)}, and "batchmean" divides by {x.shape[0]} alone'
    t = call.target
    padded = t is not None and t.shape == x.shape and bool((t == 0).all(-1).any())
    where = row("kl_div", "Sequences and padding") if padded else row("", "Sequences and batchmean")
    return found(call, f"{seen}; steps are padded" if padded else seen, where, NOTE)


def one_row_for_many(call: Call) -> Finding | None:
    """One predicted row (1, C) for many targets, of which batchmean counts one."""
    x, t = call.input, call.target
    if call.name != "kl_div" or x is None or t is None or x.ndim != t.ndim or x.ndim < 2:
        return None
    if x.shape[1:] != t.shape[1:] or not (x.shape[0] == 1 < t.shape[0]):
        return None
    seen = f"input has shape {size(x)} and target {size(t)}: the mean divides by the rows of input, by 1"
    return found(call, seen, row("kl_div", "Rare cases"), SUSPICIOUS)


def unreduced(call: Call) -> Finding | None:
    """A loss with reduction="none" and several elements."""
    if call.trail is not None or call.reduction != "none" or call.value is None or call.value.numel() == 1:
        return None  # in a training step, `backward` tells whether it was reduced later
    seen = f'the loss has shape {size(call.value)}, with reduction="none"'
    where = heading(
        HERE,
        "No gradient to follow",
        Sign.ERROR,
        "backward starts from one number, so that something has to reduce this loss before",
        "loss.mean().backward()",
    )
    return found(call, seen, where, NOTE)


def old_switches(call: Call) -> Finding | None:
    """size_average or reduce, which override reduction."""
    old = {n: call.given[n] for n in ("size_average", "reduce") if call.given.get(n) is not None}
    if not old:
        return None
    named = ", ".join(f"{name}={value}" for name, value in old.items())
    seen = f"{named} was given, and overrides reduction={call.reduction!r}"
    return found(call, seen, row("l1_loss", "The old switches"), SUSPICIOUS)


def many_outputs(call: Call) -> Finding | None:
    """A mean over the outputs of a sample too."""
    x = call.input
    if call.name != "l1_loss" or x is None or x.ndim != 2 or x.shape[1] < 2 or call.reduction != "mean":
        return None
    seen = f"the mean of {size(x)} divides by {x.numel()} elements, not by {x.shape[0]} samples"
    return found(call, seen, row("l1_loss", "`mean` divides by elements, not by rows"), NOTE)


def zeroed_rows(call: Call) -> Finding | None:
    """Elements that are 0 on both sides, as a mask before the loss leaves them: they count in the mean."""
    x, t = call.input, call.target
    if call.name not in MASKED or x is None or t is None or x.shape != t.shape or call.reduction != "mean":
        return None
    if x.numel() < 8 or not (none := int(((x == 0) & (t == 0)).sum())) or none < x.numel() / 4:
        return None
    seen = f"{share(none, x.numel())} elements are exactly 0 in input and in target, and count in the mean"
    where = row("smooth_l1_loss", "Masked anchors still count in the mean")
    return found(call, seen, where, SUSPICIOUS)


MASKED = ("smooth_l1_loss", "mse_loss", "l1_loss", "huber_loss")


def mask_after_mean(call: Call, mask: torch.Tensor) -> Finding:
    """A loss that is one number already, times a mask. (Called by the watch, which sees the product.)"""
    off = int((mask == 0).sum())
    seen = (
        f"the loss is one number, and is multiplied by a mask of shape {size(mask)}, "
        f"of which {share(off, mask.numel())} are 0"
    )
    where = heading(
        "notebooks/regression/smooth_l1_loss",
        "Masked anchors still count in the mean",
        Sign.DIFFERENT,
        "what the mask should leave out is in the mean already, and each sample gets the loss of all",
        '(F.smooth_l1_loss(input, target, reduction="none") * mask).sum() / mask.sum().clamp(min=1)',
    )
    return found(call, seen, where)


def classes_in_the_divisor(call: Call) -> Finding | None:
    """The sum of multilabel_soft_margin, of which each sample is a mean over classes."""
    if call.name != "multilabel_soft_margin_loss" or call.reduction == "mean" or not (call.classes or 0) > 1:
        return None
    seen = f"reduction={call.reduction!r}: each sample is the mean over its {call.classes} classes"
    where = row(call.name, '`"none"` and `"sum"` are not those of BCE with logits')
    return found(call, seen, where, NOTE)


def divided_by_classes(call: Call) -> Finding | None:
    """Few rivals inside the margin, whose sum is divided by many classes."""
    x, C, y = call.rows, call.classes, call.labels
    if call.name != "multi_margin_loss" or x is None or y is None or (C or 0) < 50 or call.error:
        return None
    own = x.gather(1, y.long().reshape(-1, 1))
    rivals = ((call.given["margin"] - own + x) > 0).sum(1) - 1
    rivals = rivals[rivals > 0].float()
    if not len(rivals) or rivals.mean() > C / 10:
        return None
    few = number(rivals.mean())
    seen = f"{few} rivals are inside the margin on average, and their sum is divided by {C} classes"
    return found(call, seen, row(call.name, "The division by C"), NOTE)


RULES = (
    empty_batch,
    mean_of_divergence,
    divergence_of_sequences,
    one_row_for_many,
    unreduced,
    old_switches,
    many_outputs,
    zeroed_rows,
    classes_in_the_divisor,
    divided_by_classes,
)
