"""A loss at a telling number: in one call it may be chance, over many calls at a line it is none."""

from itertools import pairwise
from math import isfinite, log

import torch.nn.functional as F

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding, Severity
from lossviz.diagnose.places import row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, found, number
from lossviz.losses import CATALOG
from lossviz.losses.loss import Kind, Sign
from lossviz.misbehaves import Row, rows

NEAR = 2e-3  # of the number
LONG = 50  # calls at a line, from which a loss that stays at a number is stuck
STILL = 1e-4  # of the spread of the targets: outputs that vary by less are one answer
GROWTH, RISES = 100, 8  # a loss that is so many times its first value and rose in so many calls


def stays(call: Call, value: float) -> Severity | None:
    """How much it says that the loss is at this number: a note of one call, suspicious over many; None if
    it is elsewhere, or was so in a training step that may have just begun."""
    if call.value is None or call.value.numel() != 1 or not near(float(call.value), value):
        return None
    if call.trail is None:
        return NOTE
    last = call.trail[-LONG:]
    return SUSPICIOUS if len(last) == LONG and all(near(v, value) for v in last) else None


def near(value: float, telling: float) -> bool:
    return isfinite(value) and abs(value - telling) <= NEAR * abs(telling)


# A number of another sign, or of a mask, is that of the chapter's own example.
TELLING = {
    loss.name: [where for where in rows(Sign.STUCK) if where.name == loss.name]
    for loss in CATALOG.values()
    if loss.family != "segmentation"
}


def telling_number(call: Call) -> Finding | None:
    """The numbers of the rows of symptoms: ln C, ln 2, 1.461 for ten classes."""
    if call.reduction not in ("mean", "batchmean") or call.tensor("weight") is not None or call.classes == 1:
        return None  # one class costs 0 whatever its score
    for where in TELLING.get(call.name, ()):
        for telling in where.symptom.numbers:
            classes = call.classes or 2
            value = telling.at(classes)
            if severity := stays(call, value):
                says = telling.says.replace("{C}", str(classes))
                return found(call, f"the loss is {number(call.value)}: {says}", where, severity)
    return None


def nothing_learned(call: Call) -> Finding | None:
    """Equal scores of classes in a loss whose rows do not have the number: ln C."""
    if call.name not in ("nll_loss", "linear_cross_entropy") or call.reduction != "mean":
        return None
    C = call.classes or 0
    if C < 2 or call.tensor("weight") is not None or not (severity := stays(call, log(C))):
        return None
    where = row("cross_entropy", "Before the next run", Sign.STUCK)
    return found(call, f"the loss is {number(call.value)}: ln {C}, that of equal scores", where, severity)


def ln_2(call: Call) -> Finding | None:
    """Scores near 0 in the soft margin loss."""
    if call.name != "soft_margin_loss" or call.reduction != "mean" or not (severity := stays(call, log(2))):
        return None
    where = row("soft_margin_loss", "By hand", Sign.STUCK)
    return found(call, f"the loss is {number(call.value)}: ln 2, that of scores of 0", where, severity)


def at_the_variance(call: Call) -> Finding | None:
    """The squared error at the variance of the targets: the answer of a constant."""
    x, t = call.input, call.target
    if call.name != "mse_loss" or x is None or t is None or call.reduction != "mean" or t.numel() < 8:
        return None
    if call.tensor("weight") is not None or x.shape != t.shape or not t.is_floating_point():
        return None
    if call.value is None:
        return None
    for axis in (0, None):  # several outputs may have a mean each
        varies, variance = (float(v.double().var(axis, correction=0).mean()) for v in (x, t))
        if variance and near(float(call.value), variance):
            break
    else:
        return None
    spread = (varies / variance) ** 0.5
    if call.trail is not None and len(call.trail) < LONG:
        return None
    severity = NOTE if call.trail is None and spread > STILL else SUSPICIOUS
    seen = (
        f"the loss is {number(call.value)}, the variance of the targets; outputs vary by {spread:.2%} of them"
    )
    constant = row("", "Exactly at the variance")
    slow = row("", "A loss at the variance has several causes")
    return found(call, seen, constant if spread < STILL else slow, severity)


def at_the_margin(call: Call) -> Finding | None:
    """A ranking or triplet loss of exactly the margin."""
    if call.name not in MARGIN or call.reduction != "mean" or not call.given["margin"]:
        return None
    if not (severity := stays(call, call.given["margin"])):
        return None
    seen = f"the loss is {number(call.value)}, the margin"
    return found(call, seen, row(call.name, *MARGIN[call.name]), severity)


MARGIN = {
    "triplet_margin_with_distance_loss": ("A similarity in place of a distance", Sign.STUCK),
    "margin_ranking_loss": ("A loss that stays at the margin", Sign.STUCK),
}


def at_1(call: Call) -> Finding | None:
    """The Lovász hinge at 1, with logits of 0."""
    if call.name != "lovasz_hinge" or call.value is None or call.value.numel() != 1:
        return None
    if not 0.98 <= float(call.value) <= 1.02 or not call.input.numel() or call.input.abs().max() > 0.1:
        return None
    if call.trail is not None and len(call.trail) < LONG:
        return None
    seen = f"the loss is {number(call.value)}, and the largest logit {number(call.input.abs().max())}"
    return found(call, seen, row(call.name, "It is stuck at 1, and the logits shrink"), SUSPICIOUS)


def smoothed(call: Call) -> Finding | None:
    """Label smoothing, below whose entropy no loss gets."""
    epsilon, C = call.given.get("label_smoothing"), call.classes
    if (
        not 0 < (epsilon or 0) <= 1
        or not (C or 0) > 1
        or call.reduction != "mean"
        or call.target_kind is not Kind.LABELS
    ):
        return None
    rest, kept = epsilon / C, 1 - epsilon + epsilon / C
    least = -(kept * log(kept) if kept else 0) - (C - 1) * rest * log(rest)
    if call.value is None or call.value.numel() != 1 or not float(call.value) < 1.05 * least:
        return None
    seen = (
        f"the loss is {number(call.value)}, and with label_smoothing={epsilon:g} the least is {number(least)}"
    )
    return found(call, seen, row("", "A loss that cannot be 0"), NOTE)


def rare_positives(call: Call) -> Finding | None:
    """Few positives, and no prediction that says yes."""
    x, t = call.input, call.target
    if call.name not in RARE or x is None or t is None or x.shape != t.shape or t.numel() < 50:
        return None
    if call.trail is not None and len(call.trail) < LONG:
        return None  # at the beginning of a training all answers may be no
    positive = float((t > 0.5).float().mean())
    if not 0 < positive <= 0.1 or bool((x > 0).any()) or call.given.get("pos_weight") is not None:
        return None
    seen = f"{positive:.1%} of {t.numel()} targets are positive, and no logit is above 0"
    if call.name != "binary_cross_entropy_with_logits":  # several labels have a share each
        return found(call, seen, RARE[call.name], SUSPICIOUS)
    of_share = -positive * log(positive) - (1 - positive) * log(1 - positive)
    loss = float(F.binary_cross_entropy_with_logits(x.double(), t.double()))
    seen += (
        f"; the loss without weights is {number(loss)}, that of always answering the share {number(of_share)}"
    )
    if loss < LEARNED * of_share:
        why = "a loss below that of the share shows that the model uses its input: lower the threshold"
        return found(
            call, seen, RARE[call.name], NOTE, why=why, fix=f"found = logits.sigmoid() > {number(positive)}"
        )
    why = f"{positive:.1%} are positive: the model has learned little more than that share"
    fix = f"F.{call.name}(logits, target, pos_weight=torch.tensor({number(1 / positive - 1)}))"
    return found(call, seen, RARE[call.name], SUSPICIOUS, why=why, fix=fix)


LEARNED = 0.9  # of the loss of the share, below which the input counts


RARE: dict[str, Row] = {
    "binary_cross_entropy_with_logits": row("", "Five per cent are positive"),
    "multilabel_soft_margin_loss": row("multilabel_soft_margin_loss", "Rare labels seldom reach one half"),
}


def growing(call: Call) -> Finding | None:
    """A loss that rises from call to call, far above its first value."""
    trail = call.trail
    if trail is None or len(trail) <= RISES or not all(map(isfinite, trail[-RISES:])):
        return None
    last, first = trail[-RISES - 1 :], abs(trail[0])
    if not all(a < b for a, b in pairwise(last)) or not last[-1] > GROWTH * first > 0:
        return None
    seen = f"the loss rose in {RISES} calls in a row, from {number(trail[0])} at first to {number(last[-1])}"
    own = row("mse_loss", "A feature in metres makes descent diverge") if call.name == "mse_loss" else None
    return found(call, seen, own or row("", "Steps that are too large"))


def negative(call: Call) -> Finding | None:
    """A value below the range of the loss, that no rule before explains."""
    if call.value is None or not call.value.is_floating_point() or not call.value.numel():
        return None
    least = float(call.value.min())
    if call.name == "kl_div" and call.reduction != "none" and -0.05 < least < 0:
        if least < -(1e-5 if not call.half else 0.05):
            return None
        seen = f"the divergence is {number(least)}, below 0 by rounding"
        return found(call, seen, row("", "Below 0 by rounding"), NOTE)
    if call.name in DENSITY and least < 0 and not any(f.severity == "wrong" for f in call.findings):
        return found(call, f"the loss is {number(least)}", row(call.name, DENSITY[call.name]), NOTE)
    return None


DENSITY = {
    "gaussian_nll_loss": "A loss below 0 is a density above 1",
    "poisson_nll_loss": "A loss below 0 may be a perfect fit",
    "boundary_loss": "A negative loss is no fault",
}

RULES = (
    telling_number,
    nothing_learned,
    ln_2,
    at_the_variance,
    at_the_margin,
    at_1,
    smoothed,
    rare_positives,
    growing,
    negative,
)
