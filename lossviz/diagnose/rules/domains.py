"""Numbers of another kind than the one that is meant: probabilities for logits, logits for probabilities."""

from math import e

import torch

from lossviz.diagnose.call import Call, as_rows
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, WRONG, found, number, share, span
from lossviz.losses.loss import Kind, Sign

TOLERANCE = 1e-3  # of a sum that should be 1
OF_HALF = {torch.float16: 1e-2, torch.bfloat16: 5e-2}  # whose rounding adds up over the classes
FEW = 16  # numbers of which it may be chance that all lie in 0 to 1

TWICE = {
    "cross_entropy": ("Softmax twice", Sign.STUCK),
    "multi_margin_loss": ("No softmax before it", Sign.STUCK),
    "binary_cross_entropy_with_logits": ("Sigmoid twice", Sign.STUCK),
    "multilabel_soft_margin_loss": ("A sigmoid before the loss", Sign.STUCK),
    "soft_margin_loss": ("A sigmoid before the loss", Sign.STUCK),
    "focal_loss": ("Probabilities in place of logits", Sign.STUCK),
    "dice_ce_loss": ("A softmax too many, or one too few", Sign.STUCK),
    "lovasz_hinge": ("Probabilities in place of logits", Sign.STUCK),
}


OF_CLASSES = ("cross_entropy", "multi_margin_loss", "dice_ce_loss")


def within_unit(x: torch.Tensor) -> bool:
    """Whether all numbers lie in 0 to 1, and some between."""
    return bool(((x >= 0) & (x <= 1)).all()) and bool(((x > 0) & (x < 1)).any())


def tolerance(x: torch.Tensor) -> float:
    """How far a sum of the numbers may be from 1 by rounding."""
    return OF_HALF.get(x.dtype, TOLERANCE)


def sums_to_1(x: torch.Tensor, axis: int) -> bool:
    """Whether the numbers lie in 0 to 1 and sum to 1 along the axis."""
    if x.numel() == 0 or not bool(((x >= 0) & (x <= 1)).all()):
        return False
    return bool(((as_rows(x, axis).double().sum(1) - 1).abs() < tolerance(x)).all())


def softmax_twice(call: Call) -> Finding | None:
    """Probabilities of classes where scores of classes belong."""
    if call.name not in OF_CLASSES or call.rows is None:
        return None
    x = call.rows
    if x.shape[1] < 2 or not sums_to_1(x, 1):
        return None
    made = call.made_by[:1] == ("Softmax",)
    certain = made or (len(x) > 1 and within_unit(x))
    source = "it was made by a softmax" if made else "as after a softmax"
    seen = f"input lies in 0 to 1 and sums to 1 in each of {len(x)} rows, {source}"
    return found(call, seen, row(call.name, *TWICE[call.name]), WRONG if certain else SUSPICIOUS)


def sigmoid_twice(call: Call) -> Finding | None:
    """Probabilities where logits belong, or scores of classes behind a sigmoid."""
    x = call.input
    if call.name not in TWICE or x is None or not x.numel():
        return None
    if call.rows is not None and call.name in OF_CLASSES and sums_to_1(call.rows, 1):
        return None  # a softmax: said
    where = row(call.name, *TWICE[call.name])
    low, high = x.min(), x.max()
    seen = f"input lies between {number(low)} and {number(high)}"
    if call.made_by[:1] == ("Sigmoid",):
        return found(call, f"{seen}: it was made by a sigmoid", where)
    if call.made_by[:1] == ("Tanh",) and call.name == "soft_margin_loss":
        return found(call, f"{seen}: it was made by a tanh", where)
    if x.numel() >= FEW and within_unit(x) and high > 0.5:
        return found(call, f"{seen} in all {x.numel()} numbers, as after a sigmoid", where, SUSPICIOUS)
    return None


OVERLAP = {
    "dice_loss": "Logits or probabilities",
    "jaccard_loss": "Logits or probabilities",
    "tversky_loss": "Rare cases",
    "focal_tversky_loss": None,
}


def overlap_row(call: Call, sign: Sign):
    """Where an overlap loss says that one side is not what is meant."""
    section = OVERLAP[call.name]
    return row(call.name, section, sign) if section else row("tversky_loss", "Rare cases", sign)


def logits_in_overlap(call: Call) -> Finding | None:
    """Logits where an overlap wants probabilities."""
    x = call.input
    if call.name not in (*OVERLAP, "boundary_loss") or x is None or not x.numel():
        return None
    outside = ((x < -1e-6) | (x > 1 + 1e-6)).sum()
    if not outside:
        return None
    seen = f"{share(outside, x.numel())} numbers of input lie outside of 0 to 1: {span(x)}"
    if call.name == "boundary_loss":
        return found(call, seen, row(call.name, "Logits fall without end"))
    return found(call, seen, overlap_row(call, Sign.NEGATIVE), fix=f"{call.name}(z.sigmoid(), t)")


def sigmoid_twice_in_overlap(call: Call) -> Finding | None:
    """A mask behind two sigmoids, which lies between 0.5 and 0.731."""
    x = call.input
    if call.name not in ("dice_loss", "jaccard_loss", "tversky_loss", "focal_tversky_loss") or x is None:
        return None
    if not x.numel():
        return None
    name = call.name if call.name in ("dice_loss", "jaccard_loss") else "dice_loss"
    where = row(name, "Logits or probabilities", Sign.STUCK)
    seen = f"input lies between {number(x.min())} and {number(x.max())}"
    if call.made_by[:2] in (("Sigmoid", "Sigmoid"), ("Softmax", "Softmax"), ("Softmax", "Sigmoid")):
        return found(call, f"{seen}: it was made by {' after '.join(call.made_by[:2]).lower()}", where)
    top = 1 / (1 + 1 / e)
    if x.numel() >= FEW and bool(((x >= 0.5) & (x <= top + 1e-6)).all()) and x.max() > x.min():
        seen += f" in all {x.numel()} pixels, as after two sigmoids"
        return found(call, seen, where, SUSPICIOUS)
    return None


# Log-probabilities

NO_LOGARITHM = {
    "nll_loss": ("Probabilities instead of their logarithms", Sign.NEGATIVE),
    "kl_div": ("Probabilities where logarithms belong", Sign.NEGATIVE),
    "ctc_loss": ("Raw logits", Sign.NEGATIVE),
}
RAW = {
    "nll_loss": ("A number that is no likelihood", Sign.NEGATIVE),
    "kl_div": ("Probabilities where logarithms belong", Sign.USELESS),
    "ctc_loss": ("Raw logits", Sign.NEGATIVE),
}


def normalised(x: torch.Tensor, axis: int) -> bool:
    """Whether the exponentials sum to 1 along the axis, rows without a finite number left out."""
    sums = as_rows(x, axis).double().logsumexp(1)
    return bool((sums[sums.isfinite()].abs() < tolerance(x)).all())


def no_log_probabilities(call: Call) -> Finding | None:
    """Probabilities, logits or log-probabilities of another axis, where log-probabilities belong."""
    x = call.input
    if call.name not in RAW or x is None or not x.numel() or x.ndim == 0 or not x.is_floating_point():
        return None
    if bool(x.isnan().any()):
        return None
    axes = [call.axis] if call.axis is not None else list(range(x.ndim))
    if any(normalised(x, axis) for axis in axes):
        return None
    if any(sums_to_1(x, axis) for axis in axes):
        seen = "input lies in 0 to 1 and sums to 1: probabilities, not their logarithms"
        return found(call, seen, row(call.name, *NO_LOGARITHM[call.name]))
    others = [axis for axis in range(x.ndim) if axis not in axes and normalised(x, axis)]
    sums = as_rows(x, axes[-1]).exp().sum(1)
    seen = f"the exponentials of input sum to {number(sums.min())} to {number(sums.max())} in a row, not to 1"
    if others and call.name == "nll_loss":
        seen += f", and to 1 along axis {others[0]}"
        return found(call, seen, row(call.name, "`log_softmax` over the wrong axis"))
    above = bool((x > 1e-3).any())
    if call.name == "nll_loss" and not above and not bool((x.max() - x.min()) > 0):
        return None  # one number for all: an example
    return found(call, seen, row(call.name, *RAW[call.name]), WRONG if above else SUSPICIOUS)


def kl_target(call: Call) -> Finding | None:
    """Log-probabilities as the target without `log_target`, or probabilities with it."""
    t = call.target
    if call.name != "kl_div" or t is None or not t.numel() or t.ndim == 0:
        return None
    where = row("kl_div", "`log_target` missing, or set by mistake")
    axes = range(t.ndim)
    if not call.given["log_target"]:
        if bool((t < 0).any()):
            logs = any(normalised(t, axis) for axis in axes) if t.is_floating_point() else False
            seen = f"target goes down to {number(t.min())}, and log_target is False"
            return found(call, seen, where, fix="" if logs else "target.softmax(-1)")
        if t.is_floating_point() and not any(sums_to_1(t, axis) for axis in axes):
            sums = as_rows(t, t.ndim - 1).sum(1)
            seen = f"target sums to {number(sums.min())} to {number(sums.max())} in a row, not to 1"
            where = row("kl_div", "Probabilities where logarithms belong", Sign.NEGATIVE)
            return found(call, seen, where, SUSPICIOUS)
        return None
    if any(sums_to_1(t, axis) for axis in axes):
        seen = "target lies in 0 to 1 and sums to 1, and log_target is True"
        return found(call, seen, where, fix="F.kl_div(log_q, p, reduction='batchmean')  # without log_target")
    return None


# Rates, counts, variances, distances


def rates_as_log_rates(call: Call) -> Finding | None:
    """Rates where log-rates belong: near the counts as they are, and far above once exponentiated."""
    x, t = call.input, call.target
    if call.kind is not Kind.LOG_RATES or x is None or t is None or x.shape != t.shape or not x.numel():
        return None
    where = row(call.name, "Rates where log-rates are expected")
    if call.made_by[:1] in (("Softplus",), ("Relu",), ("Exp",)):
        seen = f"input was made by {call.made_by[0].lower()}, and is read as the logarithm of a rate"
        return found(call, seen, where)
    mean, of_exp, counted = float(x.double().mean()), float(x.double().exp().mean()), float(t.double().mean())
    if x.numel() >= 8 and bool((x >= 0).all()) and counted > 1 and mean < 2 * counted < of_exp / 2:
        seen = (
            f"the counts have the mean {number(counted)}, input has {number(mean)}, "
            f"and exp(input), which is taken for the rate, {number(of_exp)}"
        )
        return found(call, seen, where, SUSPICIOUS)
    return None


def negative_rates(call: Call) -> Finding | None:
    """A rate that is negative, or 0 where something was counted."""
    x, t = call.input, call.target
    if call.kind is not Kind.RATES or x is None or t is None or x.shape != t.shape:
        return None
    negative, none = (x < 0).sum(), ((x == 0) & (t > 0)).sum()
    if not negative and not none:
        return None
    seen = (
        f"{share(negative, x.numel())} rates are negative, and {int(none)} are 0 where the count is above 0"
    )
    where = row(call.name, "Negative rates, and a rate of 0")
    return found(call, seen, where, WRONG if negative else SUSPICIOUS)


def negative_counts(call: Call) -> Finding | None:
    """Counts below 0, mostly a filler for what is missing."""
    t = call.target
    if call.target_kind is not Kind.COUNTS or t is None or not bool((t < 0).any()):
        return None
    seen = f"{share((t < 0).sum(), t.numel())} counts are negative, the lowest is {number(t.min())}"
    return found(call, seen, row(call.name, "Negative counts are accepted"))


def small_variances(call: Call) -> Finding | None:
    """Variances below eps, for which the loss takes eps."""
    if call.name != "gaussian_nll_loss" or (var := call.tensor("var")) is None or not var.numel():
        return None
    below = (var < call.given["eps"]).sum()
    if not below or bool((var < 0).any()):
        return None
    seen = f"{share(below, var.numel())} variances are below eps = {call.given['eps']:g}"
    where = row(call.name, "Below eps the gradient is that of eps")
    return found(call, f"{seen}, the least is {number(var.min())}", where, SUSPICIOUS)


def negative_distances(call: Call) -> Finding | None:
    """Scores where distances belong."""
    x = call.input
    if call.kind is not Kind.DISTANCES or x is None or not bool((x < 0).any()):
        return None
    seen = f"{share((x < 0).sum(), x.numel())} distances are negative, the lowest is {number(x.min())}"
    return found(call, seen, row(call.name, "A score is no distance"))


def similarity_as_distance(call: Call) -> Finding | None:
    """A function that is larger for a point and itself than for two points."""
    distance = call.given.get("distance_function")
    a, n = call.input, call.tensor("negative")
    if call.name != "triplet_margin_with_distance_loss" or distance is None or a is None or n is None:
        return None
    with torch.no_grad():
        own, other = distance(a, a), distance(a, n)
    if not isinstance(own, torch.Tensor) or not bool(own.mean() > other.mean() + 1e-6):
        return None
    seen = (
        f"the distance of an anchor to itself is {number(own.mean())} on average, "
        f"that to a negative {number(other.mean())}"
    )
    return found(call, seen, row(call.name, "A similarity in place of a distance", Sign.STUCK))


def collapsed(call: Call) -> Finding | None:
    """All embeddings in one place: the distance of an anchor to a negative is about 0."""
    a, n = call.input, call.tensor("negative")
    if a is None or n is None or a.shape != n.shape or not a.numel() or call.name not in COLLAPSED:
        return None
    if call.error or not (a.is_floating_point() and n.is_floating_point()):
        return None
    distance = call.given.get("distance_function") or (lambda u, v: (u - v).norm(dim=-1))
    with torch.no_grad():
        apart = (distance(a, n) - distance(a, a)).mean()
    margin = call.given["margin"]
    if not 0 <= float(apart) < 0.01 * margin:
        return None
    seen = f"anchors and negatives are {number(apart)} apart on average, with a margin of {margin:g}"
    return found(call, seen, COLLAPSED[call.name], SUSPICIOUS)


COLLAPSED = {
    "triplet_margin_loss": row("triplet_margin_loss", "The loss is stuck at the margin"),
    "triplet_margin_with_distance_loss": row(
        "triplet_margin_with_distance_loss", "A similarity in place of a distance"
    ),
}


def margin_out_of_reach(call: Call) -> Finding | None:
    """A margin that unit vectors, or a bounded distance, cannot keep."""
    a, margin = call.input, call.given.get("margin")
    if call.name not in COLLAPSED or a is None or a.ndim == 0 or not a.numel() or call.error:
        return None
    names = [prediction.name for prediction in call.loss.predictions]
    points = [x for name in names if (x := call.tensor(name)) is not None]
    unit = all(bool(((x.double().norm(dim=-1) - 1).abs() < 1e-3).all()) for x in points)
    if call.name == "triplet_margin_loss":
        if not unit or margin <= 1.41 or call.given["p"] != 2:
            return None
        seen = f"all embeddings have the length 1 and are at most 2 apart, and the margin is {margin:g}"
        return found(call, seen, row(call.name, "The margin has the unit of the embedding"), SUSPICIOUS)
    if (distance := call.given["distance_function"]) is None:
        return None
    with torch.no_grad():
        most = max(float(distance(a, -a).max()), float(distance(a, -10 * a).max()))
    if most > margin:
        return None
    seen = f"the distance of opposite points is {number(most)}, and the margin is {margin:g}"
    return found(call, seen, row(call.name, "A margin that the distance cannot reach"), SUSPICIOUS)


# Targets


def targets_beyond_unit(call: Call) -> Finding | None:
    """Targets outside of 0 to 1 where probabilities are meant, which torch takes."""
    t = call.target
    if t is None or not t.numel() or call.name not in UNIT_TARGETS or t.dtype == torch.bool:
        return None
    outside = ((t < 0) | (t > 1)).sum()
    if not outside:
        return None
    seen = f"{share(outside, t.numel())} targets lie outside of 0 to 1: {span(t)}"
    return found(call, seen, row(call.name, UNIT_TARGETS[call.name]))


UNIT_TARGETS = {
    "binary_cross_entropy_with_logits": "Targets are not checked",
    "multilabel_soft_margin_loss": "Indices instead of zeros and ones",
    "focal_loss": "Rare cases",
}


def class_probabilities(call: Call) -> Finding | None:
    """Probabilities of classes as the target, outside of 0 to 1 or with another sum than 1."""
    t = call.target
    if call.name != "cross_entropy" or call.target_kind is not Kind.PROBABILITIES or call.axis is None:
        return None
    if t.shape != call.input.shape or not t.numel():
        return None
    where = row(call.name, "Probabilities are not checked, labels are")
    why = "torch does not check probabilities, and any other number is a factor on a logarithm"
    if outside := int(((t < 0) | (t > 1)).sum()):
        seen = f"{share(outside, t.numel())} targets lie outside of 0 to 1: {span(t)}"
        return found(call, seen, where, why=why, fix="target.softmax(1)  # if these are logits")
    sums = as_rows(t, call.axis).double().sum(1)
    if off := int(((sums - 1).abs() > tolerance(t)).sum()):
        seen = f"{share(off, len(sums))} targets do not sum to 1: {span(sums)}"
        return found(call, seen, where, SUSPICIOUS, why=why, fix="target / target.sum(1, keepdim=True)")
    return None


def infinite_logits(call: Call) -> Finding | None:
    """Logits that are masked by an infinity where the loss multiplies it by 0."""
    x = call.input
    if x is None or call.value is None or not x.is_floating_point() or not bool(x.isinf().any()):
        return None
    seen = f"{share(x.isinf().sum(), x.numel())} numbers of input are infinite"
    nan = bool(call.value.isnan().any())
    soft = call.given.get("label_smoothing") or call.target_kind is Kind.PROBABILITIES
    masked = soft and not bool(call.value.isfinite().all()) if call.name == "cross_entropy" else nan
    if call.name in INFINITE and masked:
        seen += f", and the loss is {'nan' if nan else 'inf'}"
        return found(call, seen, row(call.name, *INFINITE[call.name]))
    if call.name == "ctc_loss" and any(bool(g.isnan().any()) for g in call.gradients.values()):
        return found(call, f"{seen}, and gradients are nan", row(call.name, "A mask of minus infinity"))
    return None


INFINITE = {
    "cross_entropy": ("A masked logit and label smoothing", Sign.HUGE),
    "binary_cross_entropy_with_logits": ("An infinite logit", Sign.NAN),
    "multilabel_soft_margin_loss": ("Rare cases", Sign.NAN),
    "kl_div": ("An outcome masked in both, and a mask that comes too late", Sign.NAN),
}


def soft_targets_of_overlap(call: Call) -> Finding | None:
    """Soft labels in the plain form of the overlap, which is lowest at a hard mask."""
    t = call.target
    if call.name != "jaccard_loss" or t is None or not t.is_floating_point() or not t.numel():
        return None
    if not within_unit(t):
        return None
    between = ((t > 0) & (t < 1)).sum()
    seen = f"{share(between, t.numel())} pixels of target lie between 0 and 1"
    return found(call, seen, row(call.name, "Soft labels want another form"), NOTE)


RULES = (
    softmax_twice,
    sigmoid_twice,
    logits_in_overlap,
    sigmoid_twice_in_overlap,
    no_log_probabilities,
    kl_target,
    rates_as_log_rates,
    negative_rates,
    negative_counts,
    small_variances,
    negative_distances,
    similarity_as_distance,
    collapsed,
    margin_out_of_reach,
    targets_beyond_unit,
    class_probabilities,
    infinite_logits,
    soft_targets_of_overlap,
)
