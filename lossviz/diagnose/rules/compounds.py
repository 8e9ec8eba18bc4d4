"""Masks of several classes: generalized Dice, Lovász softmax, Dice with cross entropy."""

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, found, number, share, size, span
from lossviz.losses.loss import Sign

ONE_CHANNEL = {
    "generalized_dice_loss": "One channel has no weights",
    "dice_ce_loss": "One channel has no cross entropy",
}


def one_channel(call: Call) -> Finding | None:
    """A single channel, where classes are weighed against each other."""
    x = call.input
    if call.name not in ONE_CHANNEL or x is None or x.ndim < 2 or x.shape[1] != 1 or call.error:
        return None
    where = row(call.name, ONE_CHANNEL[call.name])
    return found(call, f"input has shape {size(x)}: one channel", where, SUSPICIOUS)


def logits_of_classes(call: Call) -> Finding | None:
    """Logits where the Lovász softmax wants probabilities, or a softmax of a softmax."""
    x = call.input
    if call.name != "lovasz_softmax" or x is None or not x.numel():
        return None
    section = "Logits in place of probabilities"
    if call.made_by[:2] == ("Softmax", "Softmax"):
        seen = f"input was made by softmax after softmax: it goes {span(x)}"
        return found(call, seen, row(call.name, section, Sign.STUCK))
    outside = ((x < -1e-6) | (x > 1 + 1e-6)).sum()
    if not outside:
        return None
    seen = f"{share(outside, x.numel())} numbers of input lie outside of 0 to 1: {span(x)}"
    return found(call, seen, row(call.name, section, Sign.HUGE))


def absent_classes(call: Call) -> Finding | None:
    """Classes that no pixel has, counted by the Lovász softmax."""
    y, C = call.labels, call.classes
    if call.name != "lovasz_softmax" or y is None or call.given["classes"] != "all" or not len(y):
        return None
    absent = C - len(y.unique())
    if absent < 1:
        return None
    seen = f'no pixel has {share(absent, C)} classes, which classes="all" counts'
    return found(call, seen, row(call.name, "A class that no pixel has"), SUSPICIOUS)


def summed_compound(call: Call) -> Finding | None:
    """The sum of both parts, of which one is a sum over pixels."""
    y = call.target
    if call.name != "dice_ce_loss" or call.reduction != "sum" or y is None or call.error:
        return None
    seen = f"the sum over {y.numel()} pixels stands beside a sum over {call.classes} classes of each image"
    return found(call, seen, row(call.name, "Summed, cross entropy takes over"), NOTE)


def weights_of_both_parts(call: Call) -> Finding | None:
    """Class weights whose mean is not 1, which scale the Dice part alone."""
    w = call.tensor("weight")
    if call.name != "dice_ce_loss" or w is None or not w.numel() or call.error:
        return None
    if 0.9 < (mean := float(w.double().mean())) < 1.1:
        return None
    seen = f"the weights are {number(mean)} on average: the Dice part is so many times as large"
    return found(call, seen, row(call.name, "Class weights count in both parts"), NOTE)


RULES = (one_channel, logits_of_classes, absent_classes, summed_compound, weights_of_both_parts)
