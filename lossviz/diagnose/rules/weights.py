"""Weights that cancel, that are no numbers, or that do something else than in other losses."""

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, found, number, share
from lossviz.losses.loss import Kind, Sign

IN_DIVISOR = ("cross_entropy", "nll_loss", "linear_cross_entropy", "mse_loss", "l1_loss")


def cancelling(call: Call) -> Finding | None:
    """Weights that are all alike, or of one label alone: the weighted mean divides by them again."""
    w = call.tensor("weight")
    if w is None or call.reduction != "mean" or call.name not in IN_DIVISOR or not w.numel():
        return None
    if w.numel() > 1 and bool((w == w.flatten()[0]).all()) and w.flatten()[0] not in (0, 1):
        seen = f"all {w.numel()} weights are {number(w.flatten()[0])}, and the mean divides by them"
        return found(call, seen, row("", "Class weights without effect"), SUSPICIOUS)
    y = call.labels
    if y is None or not len(y) or bool((w == w[0]).all()) or not bool((y == y[0]).all()):
        return None
    seen = (
        f"all {len(y)} labels of the batch are {int(y[0])}, and the mean divides by the weight of that class"
    )
    return found(call, seen, row("cross_entropy", "The weighted mean is not the mean", Sign.DIFFERENT), NOTE)


def no_weight_counts(call: Call) -> Finding | None:
    """Labels that all have the weight 0."""
    w, y = call.tensor("weight"), call.labels
    if w is None or y is None or not len(y) or call.name not in IN_DIVISOR or call.error:
        return None
    if w.ndim != 1 or bool((w[y.long()] != 0).any()):
        return None
    return found(call, f"all {len(y)} labels have the weight 0", row("nll_loss", "Nothing counts"))


def weights_not_finite(call: Call) -> Finding | None:
    """Weights that are inf or nan, as 1 over the count of a class that is absent."""
    w = call.tensor("weight")
    if w is None or not w.is_floating_point() or bool(w.isfinite().all()):
        return None
    seen = f"{share((~w.isfinite()).sum(), w.numel())} weights are inf or nan"
    why = "one over the count of a class that does not occur is inf, and inf over inf is nan"
    fix = "weight = len(labels) / labels.bincount(minlength=C).clamp(min=1)"
    return found(call, seen, row("nll_loss", "Nothing counts"), why=why, fix=fix)


def weight_with_soft_targets(call: Call) -> Finding | None:
    """Class weights beside probabilities, where the mean divides by N."""
    if call.name != "cross_entropy" or call.target_kind is not Kind.PROBABILITIES or call.reduction != "mean":
        return None
    if (w := call.tensor("weight")) is None or bool((w == 1).all()):
        return None
    seen = f"weights of {number(w.sum())} in all beside probabilities: the mean divides by N, not by them"
    return found(call, seen, row("", "Mixup and class weights"), NOTE)


def weighted_mean_of_labels(call: Call) -> Finding | None:
    """The weighted mean of labels, which divides by their weights."""
    w, y = call.tensor("weight"), call.labels
    if w is None or y is None or call.name not in ("cross_entropy", "nll_loss") or call.reduction != "mean":
        return None
    if not len(y) or bool((w == w[0]).all()) or bool((y == y[0]).all()) or call.error:
        return None
    total = number(w[y.long()].sum())
    seen = f"the mean of {len(y)} weighted losses divides by {total}, the weights of these labels"
    where = {
        "cross_entropy": row("cross_entropy", "The weighted mean is not the mean", Sign.DIFFERENT),
        "nll_loss": row("nll_loss", "The mean of weighted means"),
    }
    return found(call, seen, where[call.name], NOTE)


PLAIN = {
    "multi_margin_loss": "The weighted mean is not a weighted mean",
    "huber_loss": "The weighted mean divides by the number of elements",
}


def mean_without_weights(call: Call) -> Finding | None:
    """Weights that are not in the divisor of the mean, as they are in other losses."""
    w = call.tensor("weight")
    if w is None or call.name not in PLAIN or call.reduction != "mean" or not w.numel() or call.error:
        return None
    used = w[call.labels.long()] if call.labels is not None else w
    if not used.numel() or 0.9 < (mean := float(used.double().mean())) < 1.1:
        return None
    seen = f"the weights are {number(mean)} on average, and the mean does not divide by them"
    return found(call, seen, row(call.name, PLAIN[call.name]), NOTE)


RULES = (
    cancelling,
    no_weight_counts,
    weights_not_finite,
    weight_with_soft_targets,
    weighted_mean_of_labels,
    mean_without_weights,
)
