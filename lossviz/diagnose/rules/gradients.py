"""Gradients that are 0, that one element has alone, or that reach no model."""

import torch

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import HERE, heading, row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, WRONG, found, number, share
from lossviz.losses.loss import Kind, Sign

STEPS = ("Round", "Sign", "Floor", "Ceil", "Trunc")  # operations whose slope is 0


def no_graph(call: Call) -> Finding | None:
    """A prediction that no gradient can reach, in a step that computes gradients."""
    if call.trail is None or not torch.is_grad_enabled() or call.value is None or call.has_graph:
        return None  # a call by itself is often made with plain numbers
    x = call.input
    if x is None:
        return None
    whole = x.numel() > 0 and bool((x == x.round()).all())
    seen = "the loss has no grad_fn: nothing of it depends on a parameter"
    seen += ", and input holds whole numbers alone, as after an argmax or a threshold" if whole else ""
    why = "argmax, a comparison, detach, no_grad or a new tensor comes between the model and the loss"
    fix = "with torch.no_grad(): ...  # around a validation; for training: the output of the model itself"
    where = heading(HERE, "No gradient to follow", Sign.ERROR, why, fix)
    return found(call, seen, where, SUSPICIOUS if whole else NOTE)


def rounded(call: Call) -> Finding | None:
    """A prediction behind an operation whose slope is 0 everywhere."""
    if not call.made_by[:1] or call.made_by[0] not in STEPS:
        return None
    seen = f"input was made by {call.made_by[0].lower()}, whose slope is 0: so is each gradient before it"
    fix = f"{call.name}(p, t)  # neither round nor > 0.5 before it"
    return found(call, seen, row("dice_loss", "A threshold before the loss"), fix=fix)


def per_sample(x: torch.Tensor) -> torch.Tensor:
    """One row for each sample."""
    return x.reshape(len(x), -1) if x.ndim > 1 else x[:, None]


def dead_samples(call: Call) -> Finding | None:
    """Samples that cost something and have no gradient at all."""
    name = call.loss.predictions[0].name
    # Where targets are soft, or a density is meant, a perfect prediction costs something too.
    if call.target_kind not in (Kind.SIGNS, Kind.LABELS, Kind.LABEL_LISTS) or call.given.get(
        "label_smoothing"
    ):
        return None
    if call.input is None or call.input.ndim == 0 or name not in call.gradients or len(call.input) < 2:
        return None
    if call.input.shape[0] != (call.target if call.target is not None else call.input).shape[:1].numel():
        return None
    each, gradient = call.each, per_sample(call.gradients[name])
    if each is None or each.ndim == 0 or len(each) != len(gradient) or not bool(each.isfinite().all()):
        return None
    costly = per_sample(each).sum(1) > 1e-4
    dead = costly & (gradient == 0).all(1)
    if not (count := int(dead.sum())) or call.name == "cosine_embedding_loss":
        return None
    cost = number(per_sample(each).sum(1)[dead].mean())
    seen = f"{share(count, len(dead))} samples cost {cost} on average, and have a gradient of 0"
    if call.name in DEAD:
        return found(call, seen, row(*DEAD[call.name]), SUSPICIOUS)
    why = "a saturated, clipped or rounded operation has the slope 0, and what it costs moves no parameter"
    fix = "loss_function(logits, target)  # of the numbers before the sigmoid, clamp or round"
    where = heading(HERE, "A loss that does not move", Sign.SILENT, why, fix)
    return found(call, seen, where, WRONG if 2 * count > len(dead) else SUSPICIOUS)


DEAD = {
    "margin_ranking_loss": ("margin_ranking_loss", "A loss that stays at the margin"),
    "hinge_embedding_loss": ("hinge_embedding_loss", "The same with labels 0 and 1"),
    "soft_margin_loss": ("soft_margin_loss", "Labels 0 and 1"),
    "triplet_margin_loss": ("triplet_margin_loss", "The loss is stuck at the margin"),
    "binary_cross_entropy": (
        "binary_cross_entropy",
        "Sigmoid first: the same prediction, no gradient at all",
    ),
}


SATURATED = {
    "binary_cross_entropy": (
        "binary_cross_entropy",
        "Sigmoid first: the same prediction, no gradient at all",
    ),
    "dice_loss": ("dice_loss", "A start near 1"),
}


def saturated(call: Call) -> Finding | None:
    """Probabilities that came out of their sigmoid as exactly 0 or 1, where it has no slope."""
    p = call.input
    if (
        call.kind is not Kind.PROBABILITIES
        or p is None
        or call.made_by[:1] not in (("Sigmoid",), ("Softmax",))
    ):
        return None
    if not p.numel() or not (flat := int(((p == 0) | (p == 1)).sum())) or 2 * flat < p.numel():
        return None
    made = call.made_by[0].lower()
    seen = f"{share(flat, p.numel())} probabilities came out of the {made} as 0 or 1, where its slope is 0"
    where = row(*SATURATED.get(call.name, SATURATED["dice_loss"]))
    return found(call, seen, where, SUSPICIOUS)


def easy_triplets(call: Call) -> Finding | None:
    """Triplets of which most cost nothing."""
    if call.name != "triplet_margin_loss" or call.each is None or call.each.ndim != 1 or len(call.each) < 4:
        return None
    none = int((call.each == 0).sum())
    if none < len(call.each) / 2:
        return None
    seen = f"{share(none, len(call.each))} triplets cost nothing and have no gradient"
    return found(call, seen, row(call.name, "The mean goes to 0 while the work is not done"), NOTE)


def equal_scores(call: Call) -> Finding | None:
    """Pairs whose scores are equal, which cost the margin."""
    if call.name != "margin_ranking_loss":
        return None
    a, b, y = call.tensor("input1"), call.tensor("input2"), call.target
    if a is None or b is None or a.shape != b.shape or not a.numel() or bool((a != b).any()):
        return None
    seen = f"the scores of all {a.numel()} pairs are equal: the loss is the margin, {call.given['margin']:g}"
    if y is not None and y.numel():
        return found(call, seen, row(call.name, "A loss that stays at the margin"), SUSPICIOUS)
    return None


def margin_of_0(call: Call) -> Finding | None:
    """The default margin of margin_ranking_loss."""
    if call.name != "margin_ranking_loss" or call.given["margin"] != 0:
        return None
    seen = "margin is 0, the default: scores that are all equal cost nothing"
    return found(call, seen, row(call.name, "The default margin is 0"), NOTE)


def wrong_order(call: Call) -> Finding | None:
    """Pairs of which nearly all are in the other order."""
    if call.name != "margin_ranking_loss" or call.target is None or call.error:
        return None
    a, b, y = call.tensor("input1"), call.tensor("input2"), call.target
    if a is None or b is None or not (a.shape == b.shape == y.shape) or a.numel() < 16:
        return None
    if y.dtype in (torch.uint8, torch.bool) or bool((y == 0).any()):
        return None
    ordered = (y * (a - b) > 0).float().mean()
    if ordered > 0.2:
        return None
    seen = f"{float(ordered):.0%} of {a.numel()} pairs are in the order of their labels"
    return found(call, seen, row(call.name, "Of distances the lower is better"), SUSPICIOUS)


def dominant(call: Call) -> Finding | None:
    """One sample with most of the gradient of a batch."""
    name = call.loss.predictions[0].name
    if name not in call.gradients or call.input.ndim == 0 or len(call.input) < 8 or call.kind in LAYERS:
        return None
    if call.name == "ctc_loss" or call.loss.predictions[0].forms[0].kind is Kind.PARAMETERS:
        return None
    sizes = per_sample(call.gradients[name].double().abs()).sum(1)
    total = sizes.sum()
    if not bool(total.isfinite()) or total == 0 or sizes.max() < 0.5 * total or (sizes > 0).sum() < 8:
        return None
    place, part = int(sizes.argmax()), float(sizes.max() / total)
    seen = f"sample {place} of {len(sizes)} has {part:.0%} of the gradient"
    if call.name in DOMINANT:
        return found(call, seen, DOMINANT[call.name], SUSPICIOUS)
    why = "a step that one sample decides fits that sample, and its error may be a mistake in the data"
    fix = f"print(input[{place}], target[{place}])"
    where = heading("notebooks/regression/mse_loss", "The share of one outlier", Sign.USELESS, why, fix)
    return found(call, seen, where, SUSPICIOUS)


LAYERS = (Kind.FEATURES,)
DOMINANT = {
    "mse_loss": row("mse_loss", "The share of one outlier"),
    "cosine_embedding_loss": row("cosine_embedding_loss", "Zero and tiny embeddings"),
    "gaussian_nll_loss": row("gaussian_nll_loss", "The likelihood is slow where the mean fits badly"),
}


def threshold_of_errors(call: Call) -> Finding | None:
    """A beta or delta that all errors, or none, are below."""
    x, t = call.input, call.target
    if call.name not in BETA or x is None or t is None or x.shape != t.shape or x.numel() < 16:
        return None
    option, high, low = BETA[call.name]
    limit = call.given[option]
    if not isinstance(limit, (int, float)) or not limit > 0:
        return None
    errors = (x.double() - t.double()).abs()
    below = int((errors < limit).sum())
    if 0 < below < x.numel():
        return None
    where = f"{option} = {limit:g}, the median error is {number(errors.median())}"
    if below:
        seen = f"all {x.numel()} errors are below {where}: each is squared"
        return found(call, seen, row(call.name, high), NOTE)
    if low is None:
        return None
    return found(call, f"none of {x.numel()} errors is below {where}", row(call.name, low), NOTE)


BETA = {
    "smooth_l1_loss": (
        "beta",
        "Take `beta` from the residuals of an L1 fit",
        "At a fixed rate Smooth L1 comes to rest, unless `beta` is too small",
    ),
    "huber_loss": ("delta", "`delta` has the unit of the target", None),
}


def clipped_error(call: Call) -> Finding | None:
    """An error that was clipped before it is squared."""
    if call.name not in ("mse_loss", "huber_loss", "l1_loss") or call.input is None:
        return None
    if call.made_by[:1] not in (("Clamp",), ("ClampMin",), ("ClampMax",), ("Hardtanh",)):
        return None
    x = call.input
    ends = int(((x == x.max()) | (x == x.min())).sum()) if x.numel() else 0
    if ends < 3:
        return None
    seen = f"input was made by a clamp, and {share(ends, x.numel())} numbers stand at its ends: no gradient"
    return found(
        call, seen, row("huber_loss", "A clipped error has no gradient where it is clipped"), SUSPICIOUS
    )


def mostly_zeros(call: Call) -> Finding | None:
    """Targets most of which are 0, whose median is 0."""
    t = call.target
    if call.name != "l1_loss" or t is None or t.numel() < 16 or call.tensor("weight") is not None:
        return None
    none = int((t == 0).sum())
    if none <= t.numel() / 2 or none == t.numel():
        return None
    if call.input is not None and bool(((call.input == 0) & (t == 0)).sum() > t.numel() / 4):
        return None  # both sides are 0 there: a mask
    seen = f"{share(none, t.numel())} targets are 0, so that their median is 0"
    return found(call, seen, row(call.name, "Where most targets are 0, the best constant is 0"), NOTE)


RULES = (
    no_graph,
    rounded,
    dead_samples,
    saturated,
    easy_triplets,
    equal_scores,
    margin_of_0,
    wrong_order,
    dominant,
    threshold_of_errors,
    clipped_error,
    mostly_zeros,
)
