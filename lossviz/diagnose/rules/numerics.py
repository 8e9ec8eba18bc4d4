"""Numbers that a dtype cannot hold, and nan and inf with their origin."""

from math import isfinite, log

import torch

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import HERE, heading, row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, WRONG, found, number, share
from lossviz.losses.loss import Kind, Sign

# Overflow


def square_overflows(call: Call) -> Finding | None:
    """Errors whose square is above the largest float16."""
    x, t = call.input, call.target
    if call.name != "mse_loss" or x is None or t is None or x.dtype != torch.float16 or x.shape != t.shape:
        return None
    if not x.numel() or call.value is None:
        return None
    largest = (x.float() - t.float()).abs().max()
    if not largest >= 128:
        return None
    over = not bool(call.value.isfinite().all())
    seen = f"the largest error is {number(largest)} in float16, where 256 squared is inf"
    where = row("mse_loss", "An error of 256 overflows in float16")
    return found(call, seen, where, WRONG if over else SUSPICIOUS)


def exponential_overflows(call: Call) -> Finding | None:
    """Log-rates near the largest that the dtype can exponentiate."""
    x = call.input
    if call.kind is not Kind.LOG_RATES or x is None or not x.numel() or not x.is_floating_point():
        return None
    most, largest = log(torch.finfo(x.dtype).max), float(x.max())
    if not largest > 0.5 * most:
        return None
    seen = f"the largest log-rate is {number(largest)}, and exp is inf above {number(most)} in {_dtype(x)}"
    where = row(call.name, "The exponential overflows")
    return found(call, seen, where, WRONG if largest > most else SUSPICIOUS)


def margin_overflows(call: Call) -> Finding | None:
    """Scores on the wrong side by more than exp can take."""
    x, y = call.input, call.target
    if call.name != "soft_margin_loss" or x is None or y is None or x.shape != y.shape or not x.numel():
        return None
    if not x.is_floating_point():
        return None
    wrong, most = float((-y.to(x.dtype) * x).max()), log(torch.finfo(x.dtype).max)
    if not wrong > 0.8 * most:
        return None
    seen = (
        f"a score is on the wrong side by {number(wrong)}, and exp is inf above {number(most)} in {_dtype(x)}"
    )
    where = row(call.name, "One mail makes everything nan")
    return found(call, seen, where, WRONG if wrong > most else SUSPICIOUS)


def sums_overflow(call: Call) -> Finding | None:
    """A sum over the pixels in float16 that is above its largest number."""
    x, t = call.input, call.target
    if call.name not in ("dice_loss", "jaccard_loss") or x is None or t is None or x.dtype != torch.float16:
        return None
    if x.ndim < 3 or not x.numel() or x.shape != t.shape:
        return None
    most = float((x.float() + t.float()).flatten(2).sum(2).max())
    if most < 32760:
        return None
    seen = f"the sizes of an image add up to {number(most)} in float16, which ends at 65504"
    why = "this function sums in float32; one that sums in float16 gives inf, and inf / inf is nan"
    where = row("dice_loss", "Sums in half precision overflow")
    return found(call, seen, where, SUSPICIOUS, why=why)


def cosine_in_half(call: Call) -> Finding | None:
    """Embeddings whose squared lengths have a product that float16 cannot hold."""
    if call.name != "cosine_embedding_loss" or call.input is None or call.input.dtype != torch.float16:
        return None
    a, b = call.tensor("input1"), call.tensor("input2")
    if a.shape != b.shape or not a.numel():
        return None
    product = a.float().square().sum(-1) * b.float().square().sum(-1)
    over, under = product > 65504, product < 6e-8
    if over.any():
        seen = f"{share(over.sum(), product.numel())} products of squared lengths are above 65504 in float16"
        return found(call, seen, row(call.name, "Half precision", Sign.STUCK))
    if under.any():
        seen = f"{share(under.sum(), product.numel())} products of squared lengths are 0 in float16"
        return found(call, seen, row(call.name, "Half precision", Sign.NAN))
    return None


def certain_in_half(call: Call) -> Finding | None:
    """Binary cross entropy in float16 with a probability of exactly 0 or 1."""
    x = call.input
    if call.name != "binary_cross_entropy" or x is None or x.dtype != torch.float16:
        return None
    sure = ((x == 0) | (x == 1)).sum()
    if not sure:
        return None
    seen = f"{share(sure, x.numel())} probabilities are exactly 0 or 1 in float16"
    return found(call, seen, row(call.name, "Mixed precision", Sign.NAN))


def bfloat16_steps(call: Call) -> Finding | None:
    """A loss in bfloat16, whose neighbours are far apart."""
    if call.value is None or call.value.dtype != torch.bfloat16 or call.value.numel() != 1:
        return None
    value = float(call.value)
    if not isfinite(value) or value == 0:
        return None
    step = 2 ** (torch.tensor(abs(value)).log2().floor().item() - 7)
    seen = f"the loss is {number(value)} in bfloat16, whose next number is {number(step)} away"
    if call.name == "linear_cross_entropy" and call.given["options"] is not None:
        where = row(call.name, "In bfloat16 small chunks print a wrong loss")
        return found(call, seen, where, SUSPICIOUS)
    fix = "" if call.name == "cross_entropy" else "loss_function(input.float(), target)"
    return found(call, seen, row("", "Losses in bfloat16"), NOTE, fix=fix)


def widened(call: Call) -> Finding | None:
    """A loss in a wider dtype than the prediction, because the target is float64."""
    x, t = call.input, call.target
    if x is None or t is None or call.value is None or not t.is_floating_point() or not x.is_floating_point():
        return None
    if not torch.finfo(call.value.dtype).bits > torch.finfo(x.dtype).bits or t.dtype != torch.float64:
        return None
    where = heading(
        HERE,
        "Types that do not agree",
        Sign.DIFFERENT,
        "NumPy makes float64, and the loss is computed in the wider of both types",
        "target = target.to(input.dtype)",
    )
    return found(call, f"input is {_dtype(x)}, target {_dtype(t)}, and so is the loss", where, NOTE)


def _dtype(x: torch.Tensor) -> str:
    return str(x.dtype).removeprefix("torch.")


# Certain predictions


def impossible_prediction(call: Call) -> Finding | None:
    """A probability of exactly 0 for what happened."""
    p, t = call.input, call.target
    if call.name != "binary_cross_entropy" or p is None or t is None or p.shape != t.shape or call.error:
        return None
    impossible = ((p == 0) & (t > 0)) | ((p == 1) & (t < 1))
    if not (count := int(impossible.sum())):
        return None
    if "Sigmoid" in call.made_by[:1]:
        seen = f"{share(count, p.numel())} probabilities came out of the sigmoid as 0 or 1, and are wrong"
        where = row(call.name, "Sigmoid first: the same prediction, no gradient at all")
        return found(call, seen, where)
    seen = f"{share(count, p.numel())} probabilities are exactly 0 for what is in the target"
    where = row(call.name, "An impossible prediction: 100, and a gradient of 1e12")
    return found(call, seen, where, SUSPICIOUS)


def sigmoid_first(call: Call) -> Finding | None:
    """A sigmoid and binary cross entropy in the place of the loss of logits."""
    if call.name != "binary_cross_entropy" or call.made_by[:1] != ("Sigmoid",) or call.error:
        return None
    seen = "input was made by a sigmoid, whose slope rounds to 0 from logits of about 17 on in float32"
    where = row("binary_cross_entropy_with_logits", "Sigmoid first, binary cross entropy after")
    return found(call, seen, where, NOTE)


def tiny_embeddings(call: Call) -> Finding | None:
    """An embedding that is 0, or far shorter than the others."""
    if call.name != "cosine_embedding_loss" or call.input is None or call.input.ndim != 2:
        return None
    a, b = call.tensor("input1"), call.tensor("input2")
    if a.shape != b.shape or len(a) < 2:
        return None
    shorter = torch.minimum(a.float().norm(dim=1), b.float().norm(dim=1))
    tiny = int((shorter < shorter.median() / 100).sum()) or int((shorter == 0).sum())
    if not tiny:
        return None
    least, median = number(shorter.min()), number(shorter.median())
    seen = f"{share(tiny, len(a))} pairs have an embedding of length {least} or so; the median is {median}"
    return found(call, seen, row(call.name, "Zero and tiny embeddings"), SUSPICIOUS)


def distance_at_0(call: Call) -> Finding | None:
    """A distance that is exactly 0 and was made by a root."""
    x = call.input
    if call.kind is not Kind.DISTANCES or x is None or call.made_by[:1] != ("Sqrt",):
        return None
    none = (x == 0).sum()
    if not none:
        return None
    seen = f"{share(none, x.numel())} distances are 0, and the root they come from has no slope there"
    return found(call, seen, row(call.name, "The distance at 0"))


def logarithm_by_hand(call: Call) -> Finding | None:
    """softmax and log one after the other."""
    x = call.input
    if call.name != "nll_loss" or x is None or call.made_by[:2] != ("Log", "Softmax"):
        return None
    seen = f"input was made by softmax and log; its least number is {number(x.min())}"
    wrong = bool(x.isinf().any())
    return found(call, seen, row(call.name, "The logarithm taken by hand"), WRONG if wrong else NOTE)


def root_at_0(call: Call) -> Finding | None:
    """The root of a loss that is 0. (Called by the watch, which sees the root.)"""
    if call.value is None or call.value.numel() != 1 or float(call.value) != 0:
        return None
    seen = "the loss is exactly 0, and its root is taken, which has an infinite slope there"
    return found(call, seen, row("mse_loss", "The square root has no slope at 0"))


# nan and inf: where they came first

NAN_TARGET = {
    "mse_loss": ("mse_loss", "Masking after the loss"),
    "l1_loss": ("l1_loss", "Rare cases"),
}


def nan_in_target(call: Call) -> Finding | None:
    """Missing values in the target."""
    t = call.target
    if t is None or not t.is_floating_point() or not bool(t.isnan().any()):
        return None
    where = row("", "Finite input, and nan", Sign.NAN)
    if call.name in NAN_TARGET:
        where = row(*NAN_TARGET[call.name], Sign.NAN)
    seen = f"{share(t.isnan().sum(), t.numel())} numbers of target are nan{_beside(call)}"
    why = "the target is nan where a value is missing, and a nan in one element makes the mean nan"
    fix = "good = target.isfinite(); loss = loss_function(input[good], target[good])"
    own = call.name in NAN_TARGET
    return found(call, seen, where, why="" if own else why, fix="" if own else fix)


def _beside(call: Call) -> str:
    if call.input is None or not call.input.is_floating_point():
        return ""
    return ", and input is finite" if bool(call.input.isfinite().all()) else ""


def nan_in_input(call: Call) -> Finding | None:
    """A prediction that is nan before the loss sees it."""
    x = call.input
    if x is None or not x.is_floating_point() or not bool(x.isnan().any()):
        return None
    name = call.loss.predictions[0].name
    seen = f"{share(x.isnan().sum(), x.numel())} numbers of {name} are nan before the loss"
    if call.name == "multi_margin_loss" and call.value is not None and bool(call.value.isfinite().all()):
        seen += f", and the loss is {number(call.value.sum())}"
        return found(call, seen, row(call.name, "A nan costs nothing"))
    if call.name == "binary_cross_entropy":
        return found(call, seen, row(call.name, "Logits where probabilities belong", Sign.NAN))
    if call.labels is not None and call.axis is not None and call.ignore_index is not None:
        bad = call.rows.isnan().any(1)
        kept = call.target.flatten() != call.ignore_index
        if len(bad) == len(kept) and not bool((bad & kept).any()):
            seen += ", all of them in rows that are ignored"
            return found(call, seen, row("nll_loss", "An ignored row can still spoil the gradient"))
    return found(call, seen, row("", "Where the first nan arises"))


EXPLAINS = (Sign.NAN, Sign.HUGE)


def explained(call: Call) -> bool:
    """Whether a rule before has said where a nan or inf comes from."""
    return any(f.severity is WRONG and (f.sign in EXPLAINS or f.rule in CAUSES) for f in call.findings)


CAUSES = ("ignored", "no_weight_counts", "weights_not_finite", "empty_batch", "negative_rates", "kl_target")


def value_not_finite(call: Call) -> Finding | None:
    """A loss of nan or inf that no rule before explains."""
    value = call.value
    if value is None or not value.is_floating_point() or bool(value.isfinite().all()) or explained(call):
        return None
    x = call.input
    nan = bool(value.isnan().any())
    largest = number(x.abs().max()) if x is not None and x.numel() else 0
    sides = f"input is finite, its largest number {largest}"
    if x is not None and x.is_floating_point() and not bool(x.isfinite().all()):
        sides = f"{share(x.isinf().sum(), x.numel())} numbers of input are infinite"
    seen = f"the loss is {'nan' if nan else 'inf'}, and {sides}: it arises in the loss"
    if call.name == "gaussian_nll_loss":
        var = call.tensor("var")
        if var is not None and not bool(var.isfinite().all()):
            seen = f"{share((~var.isfinite()).sum(), var.numel())} variances are inf or nan"
            return found(call, seen, row(call.name, "A raw output is no variance", Sign.NAN))
    return found(call, seen, _origin(call, nan))


def _origin(call: Call, nan: bool):
    """The heading on numbers that are not finite: of the feature that is too large, or of finite input."""
    if call.name == "mse_loss" and not nan:
        return row("mse_loss", "A feature in metres makes descent diverge")
    words = {
        "why": "a number grew beyond what its dtype can hold, or 0 met infinity, in the loss itself",
        "fix": "print(F.mse_loss(input, target, reduction='none'))".replace("mse_loss", call.name),
    }
    return heading(HERE, "Finite input, and nan", Sign.NAN, **words)


GRADIENT = {
    "focal_tversky_loss": ("A nan when a scan is solved", Sign.NAN),
    "focal_loss": ("A gamma below 1", Sign.NAN),
    "kl_div": ("An outcome masked in both, and a mask that comes too late", Sign.NAN),
    "soft_margin_loss": ("One mail makes everything nan", Sign.HUGE),
    "triplet_margin_with_distance_loss": ("A nan from the slope of a root or an arccosine", Sign.NAN),
}


def gradient_not_finite(call: Call) -> Finding | None:
    """A gradient of nan or inf of a finite loss."""
    if call.value is None or not bool(call.value.isfinite().all()) or explained(call):
        return None
    for name, gradient in call.gradients.items():
        if bool(gradient.isfinite().all()):
            continue
        odd = "nan" if bool(gradient.isnan().any()) else "inf"
        bad = share((~gradient.isfinite()).sum(), gradient.numel())
        seen = (
            f"the loss is finite, and its gradient in {name} is {odd} in {bad} numbers: it came first there"
        )
        if call.name in GRADIENT:
            return found(call, seen, row(call.name, *GRADIENT[call.name]))
        if call.half:
            where = heading(HERE, "Finite input, and nan", Sign.NAN, **HALF)
            return found(call, seen, where)
        return found(call, seen, row("", "Where the first nan arises"))
    return None


HALF = {
    "why": "half precision rounds a divisor of the backward pass to 0, or overflows there",
    "fix": "loss = loss_function(input.float(), target.float())",
}


RULES = (
    square_overflows,
    exponential_overflows,
    margin_overflows,
    sums_overflow,
    cosine_in_half,
    certain_in_half,
    bfloat16_steps,
    widened,
    impossible_prediction,
    sigmoid_first,
    tiny_embeddings,
    distance_at_0,
    logarithm_by_hand,
    nan_in_target,
    nan_in_input,
    value_not_finite,
    gradient_not_finite,
)
