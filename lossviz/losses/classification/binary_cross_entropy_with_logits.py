"""Binary cross entropy with logits: its facts and its exercises."""

from math import e, inf, log

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive, random, share
from lossviz.losses.loss import (
    UNIT,
    Argument,
    Bounds,
    Form,
    Kind,
    Loss,
    Number,
    Option,
    Shape,
    Sign,
    Source,
    Statistic,
    Symptom,
)
from lossviz.losses.works import COX_1958

LOSS = Loss(
    name="binary_cross_entropy_with_logits",
    title="Binary cross entropy with logits",
    aliases=("sigmoid cross entropy", "logistic loss"),
    torch_class="torch.nn.BCEWithLogitsLoss",
    family="classification",
    summary="The negative log-probability of a yes or a no, from its logit.",
    formula=r"\ell(x, y) = -y \log \sigma(x) - (1 - y) \log(1 - \sigma(x))",
    arguments=(
        Argument(
            "input",
            "logits (no sigmoid before), any shape",
            (Form(Kind.LOGITS, Shape.ANY),),
            differentiable=True,
        ),
        Argument(
            "target",
            "probabilities or 0 and 1 as floats, 0 <= target <= 1 (not checked by torch), shape of input",
            (Form(Kind.PROBABILITIES, Shape.SAME, UNIT),),
        ),
    ),
    options=(
        Option(
            "weight",
            None,
            "a factor for each element; the mean still divides by the number of elements",
            shape=Shape.BROADCAST,
        ),
        Option(
            "pos_weight",
            None,
            "a factor for the part of the loss that the positives cause; multiplies the learned odds",
            shape=Shape.BROADCAST,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0, times=("weight",), raised_by=("pos_weight",)),),
    gradient_far="near -1 for a yes, near +1 for a no, whatever the distance",
    gradient_at_target="0 once the sigmoid equals the target (a soft one without `pos_weight`); "
    "for 0 and 1 reached by rounding only",
    fades=True,
    statistic=Statistic.MEAN,
    elicits="the share of yeses (as sigmoid of the logit)",
    robust_to="nothing in particular: one confident wrong label costs without bound",
    use_when="questions have two answers, do not exclude each other, and probabilities are wanted",
    avoid_when="exactly one of several classes is right (use cross_entropy)",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss comes to rest between 0.31 and 0.69, although the answers are right",
            "often the model ends in a sigmoid, and the loss takes a second one; or the targets are soft",
            "F.binary_cross_entropy_with_logits(logits, target)  # no sigmoid in the model",
            "Sigmoid twice",
            numbers=(
                Number(log(1 + 1 / e), "ln(1 + 1/e), the least for a yes after two sigmoids"),
                Number((log(1 + 1 / e) + log(2)) / 2, "the least for as many yes as no after two sigmoids"),
            ),
            said=("sigmoid twice", "double sigmoid"),
        ),
        Symptom(
            Sign.ERROR,
            "result type Float can't be cast to the desired output type Long",
            "the targets are integers, and this loss takes probabilities",
            "F.binary_cross_entropy_with_logits(logits, target.float())",
            "Targets must be floating point",
            said=("with two bool tensors",),
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays at 0.693",
            "ln 2, the loss of a coin: all logits are about 0, or positives are rare and pass two sigmoids",
            "logits.min(), logits.max()  # none below 0: perhaps a sigmoid too many; else nothing is learned",
            "By hand",
            numbers=(Number(log(2), "ln 2, what a coin costs"),),
            said=("random guessing", "chance level"),
        ),
        Symptom(
            Sign.USELESS,
            "few positives are found, although the loss is low",
            "positives are rare, so that few are more probable than not; or logits are compared with 0.5",
            "positive = logits > -math.log(w)  # a miss costs w false alarms; trained without pos_weight",
            "A logit compared with 0.5",
        ),
        Symptom(
            Sign.USELESS,
            "`pos_weight` weighs columns of images `(N, C, H, W)`, or raises a size mismatch",
            "it is broadcast from the last axis, and the channels of images are not there",
            "F.binary_cross_entropy_with_logits(logits, target, pos_weight=pos_weight[:, None, None])",
            "`pos_weight` lines up with the last axis",
        ),
        Symptom(
            Sign.SILENT,
            "the worst mistakes have a gradient of 0, or cost exactly 100",
            "a sigmoid and `binary_cross_entropy` stand in the place of this loss",
            "F.binary_cross_entropy_with_logits(logits, target)  # no sigmoid in the model",
            "Sigmoid first, binary cross entropy after",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is negative and falls without end",
            "a target is outside of 0 to 1: a class number 2, or the 255 of a mask, for yes or for “ignore”",
            "keep = (target >= 0) & (target <= 1)  # to ignore; if 255 means yes: target = target / 255",
            "Targets are not checked",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan and its gradient finite",
            "a logit is −inf, or +inf with target 1, which `weight` 0 does not mend; or no element is left",
            'F.binary_cross_entropy_with_logits(z[ok], t[ok], reduction="sum") / max(ok.sum(), 1)  # allowed',
            "An infinite logit",
        ),
    ),
    sources=(
        COX_1958,
        Source(
            "King and Zeng",
            2001,
            "Logistic Regression in Rare Events Data",
            "https://doi.org/10.1093/oxfordjournals.pan.a004868",
        ),
    ),
)


EXERCISES = {
    "by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.binary_cross_entropy_with_logits(
            torch.tensor([np.log(4), np.log(4)]),
            torch.tensor([0.0, 1.0]),
            pos_weight=torch.tensor(10.0),
            reduction="none",
        ),
        [{}],
        hints=(
            "A logit of ln 4 means odds of four to one. Which probability is that, and which for the "
            "other answer?",
            "The target 0 costs the negative logarithm of the probability of no; pos_weight does not "
            "touch it.",
            "The target 1 costs that of yes, and this one is multiplied by the weight.",
        ),
    ),
    "channel_weight": Exercise(
        "channel_loss(input, target, pos_weight)",
        lambda input, target, pos_weight: F.binary_cross_entropy_with_logits(
            input, target, pos_weight=pos_weight[:, None, None]
        ),
        [
            {"input": np.zeros((1, 1, 1, 1)), "target": np.ones((1, 1, 1, 1)), "pos_weight": array(3)},
            {
                "input": array(0, 1, 2, -1).reshape(1, 2, 1, 2),
                "target": array(1, 1, 0, 0).reshape(1, 2, 1, 2),
                "pos_weight": array(3, 1),
            },
            {
                "input": np.zeros((1, 2, 1, 1)),
                "target": array(1, 0).reshape(1, 2, 1, 1),
                "pos_weight": array(3, 2),
            },
            {
                "input": array(100, -100).reshape(1, 2, 1, 1),
                "target": array(0, 1).reshape(1, 2, 1, 1),
                "pos_weight": array(1, 3),
            },
            {
                "input": random(0, 2, 3, 2, 2),
                "target": labels(1, 2, 2, 3, 2, 2).astype(float),
                "pos_weight": positive(2, 3),
            },
            {
                "input": 100 * random(3, 2, 2, 3, 2),
                "target": share(4, 2, 2, 3, 2),
                "pos_weight": positive(5, 2),
            },
        ],
        hints=(
            "Where does a weight of shape (C,) end up when it meets an array (N, C, H, W)? "
            "Broadcasting begins at the last axis.",
            "Give the weight as many axes after its own as the images have after theirs.",
            "The weight belongs to the term of the target 1 only, and the mean is over all elements.",
        ),
    ),
    "honest_probability": Exercise(
        "honest_probability(input, pos_weight)",
        lambda input, pos_weight: torch.sigmoid(input - np.log(pos_weight)),
        [
            {"input": array(0), "pos_weight": 1.0},
            {"input": array(0), "pos_weight": 4.0},
            {"input": array(-1, 2), "pos_weight": 0.5},
            {"input": array(-30, 30), "pos_weight": 20.0},
            {"input": random(0, 2, 3), "pos_weight": 9.0},
        ],
        hints=(
            "Training with pos_weight multiplies the odds. By what, and in which direction do you "
            "have to go back?",
            "Dividing odds is subtracting in the logit.",
            "Change the logit first and take the sigmoid last; there the weight appears in a logarithm.",
        ),
    ),
    "find_the_bug": Exercise(
        "clipped_loss(input, target)",
        lambda input, target: F.binary_cross_entropy_with_logits(input, target),
        [
            {"input": array(0.5), "target": array(1)},
            {"input": array(2, -1), "target": array(0, 0.5)},
            {"input": array(40), "target": array(0)},
            {"input": array(-1000, 1000), "target": array(1, 0)},
            {"input": random(0, 2, 3), "target": share(1, 2, 3)},
        ],
        hints=(
            "Try a logit of 40 with a target of 0. What should a confident mistake cost, and what "
            "does this one cost?",
            "The clip keeps the logarithm finite, and makes all larger mistakes equal: there the "
            "gradient is 0.",
            "Never form the probability. The section In NumPy writes the loss in the logit itself.",
        ),
    ),
}
