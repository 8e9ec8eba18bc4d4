"""Focal loss: its facts and its exercises."""

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive, random, share
from lossviz.losses.loss import (
    NOT_NEGATIVE,
    UNIT,
    Argument,
    Bounds,
    Dtype,
    Form,
    Kind,
    Loss,
    Number,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)
from lossviz.losses.references import focal_loss, softmax_focal_loss

LOSS = Loss(
    name="focal_loss",
    title="Focal loss",
    aliases=("sigmoid focal loss", "binary focal loss", "RetinaNet loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="Cross entropy of each pixel, turned down where the pixel is right and sure.",
    formula=r"\ell(z, t) = -\alpha_t\, (1 - p_t)^\gamma \ln p_t, \quad "
    r"p_t = \sigma(z) \text{ of an object},\ \sigma(-z) \text{ of background}",
    arguments=(
        Argument(
            "input",
            "logits, any shape (no sigmoid before)",
            (Form(Kind.LOGITS, Shape.ANY),),
            differentiable=True,
        ),
        Argument(
            "target",
            "1 for an object and 0 for background (fractions too) in the shape of input, of any dtype",
            (Form(Kind.MASKS, Shape.SAME, UNIT, Dtype.REAL),),
        ),
    ),
    options=(
        Option(
            "alpha",
            0.25,
            "the weight of an object, with 1 - alpha for the background; None weighs neither",
            domain=UNIT,
            says="None or 0 <= alpha <= 1",
        ),
        Option(
            "gamma",
            2.0,
            "how strongly pixels that are right already are turned down; 0 is cross entropy",
            domain=NOT_NEGATIVE,
        ),
    ),
    values=(Bounds(0.0, np.inf),),
    gradients=(
        # 1.12898 is the largest slope with gamma = 2, at p_t = 0.058
        Bounds(-0.25 * 1.12899, 0.75 * 1.12899, where={"alpha": 0.25, "gamma": 2.0}),
        # (1 - p)^gamma (1 - p - gamma p ln p): 1.0454 with gamma = 1, and less than gamma times that above
        Bounds(-1.046, 1.046, raised_by=("gamma",), reached=False),
    ),
    gradient_far="−α for an object and 1 − α for the background, as cross entropy with these weights",
    gradient_at_target="0, and near it far below that of cross entropy: with γ = 2 it is 1/35 of it at 0.9",
    fades=True,
    statistic=None,
    elicits="no probability: without alpha, one that lies between the share of the objects and one half",
    robust_to="easy pixels, up to a number: with γ = 2 each one at 0.9 keeps 1/35 of its gradient",
    use_when="easy pixels outnumber the hard ones by far, and hold up the training",
    avoid_when="probabilities or volumes are the result, or labels are wrong: these look like hard pixels",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the object is missed more often than with cross entropy",
            "the default `alpha=0.25` gives an object a third of the weight of the background",
            "focal_loss(z, t, alpha=None)  # or 0.75",
            "An alpha of 0.25 weighs the object down",
            said=("alpha of the focal loss",),
        ),
        Symptom(
            Sign.STUCK,
            "the masks get better, and the loss stays at about 0.13 times the share of the background",
            "the input holds probabilities: a 0 is read as a coin toss and costs 0.13 (0.17 without alpha)",
            "print(z.min(), z.max())  # each step; never outside 0 to 1: remove the sigmoid before the loss",
            "Probabilities in place of logits",
            numbers=(
                Number(0.0988900, "the focal loss of a perfect mask of 4 of 16 pixels, given as logits"),
            ),
            said=("focal loss does not go to 0",),
        ),
        Symptom(
            Sign.DIFFERENT,
            "one focal loss is another one times the pixels, or times their ratio to the object pixels",
            "one takes the mean over the pixels, another the sum, or the sum divided by the objects",
            "focal_loss(z, t, alpha=None, gamma=0)  # is cross entropy: compare this one first",
            "One name and several scales",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss of several classes differs between libraries (0.094, 0.025, 0.008 for one scan)",
            "one takes a sigmoid for each class, the others a softmax, and one of them divides by C",
            "softmax_focal_loss(z, y)  # logits (N, C, ...) and labels: one softmax, one loss a pixel",
            "A focal loss of classes without a softmax",
        ),
        Symptom(
            Sign.USELESS,
            "the masks are good, and the probabilities of a small object add up to far more than its area",
            "the loss is not lowest at the share of the objects, and without alpha nearer to one half",
            "F.binary_cross_entropy_with_logits(z, t.to(z))  # where probabilities are the result",
            "The probabilities lean towards one half",
            said=("focal loss calibration",),
        ),
        Symptom(
            Sign.NAN,
            "the loss is finite, and with a gamma below 1 the gradient is nan",
            "`(1 - p_t) ** gamma` has an infinite slope where p_t rounds to 1, and that is multiplied by 0",
            "(gamma * F.logsigmoid(torch.where(t > 0, -z, z))).exp()  # in place of (1 - p_t) ** gamma",
            "A gamma below 1",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is far above 1, or below 0 and falling",
            "the mask holds 0 and 255",
            "print(t.unique())  # only 0 and 255: (t > 127).float()",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Lin, Goyal, Girshick, He and Dollár",
            2017,
            "Focal Loss for Dense Object Detection",
            "https://arxiv.org/abs/1708.02002",
        ),
        Source(
            "Charoenphakdee et al.",
            2021,
            "On Focal Loss for Class-Posterior Probability Estimation: A Theoretical Perspective",
            "https://arxiv.org/abs/2011.09172",
        ),
        Source(
            "Mukhoti et al.",
            2020,
            "Calibrating Deep Neural Networks using Focal Loss",
            "https://arxiv.org/abs/2002.09437",
        ),
    ),
)


def _recovered(input, gamma):
    """The share of the objects at which the mean focal loss is lowest at `input`."""

    def slope(p):
        return (1 - p) ** gamma * (1 - p - gamma * p * p.log())

    return slope(1 - input) / (slope(input) + slope(1 - input))


def _of_classes(input, target, weight):
    return softmax_focal_loss(input, target, weight=weight)


EXERCISES = {
    "by_hand": Exercise(
        "the focal loss as a number",
        lambda: focal_loss(torch.zeros(2, dtype=torch.float64), torch.tensor([1.0, 0.0])),
        [{}],
        hints=(
            "Which probability does the network give to the truth of each pixel?",
            "Both pixels have the same factor and the same logarithm; they differ in their weight alone.",
            "The two weights add up to 1, and the mean divides by 2.",
        ),
    ),
    "recovered": Exercise(
        "recovered(input, gamma)",
        _recovered,
        [
            {"input": array(0.5), "gamma": 2.0},
            {"input": array(0.25, 0.4), "gamma": 2.0},
            {"input": array(0.3, 0.9), "gamma": 0.0},
            {"input": share(0, 3, 4), "gamma": 1.0},
            {"input": share(1, 3, 4), "gamma": 3.0},
        ],
        hints=(
            "At its lowest point the slope of the mean loss is 0. Which two slopes are in that mean, and "
            "with which weights?",
            "The slope for an object at p is −h(p), the one for background is h(1 − p), with the h of the "
            "chapter. Solve −q h(p) + (1 − q) h(1 − p) = 0 for q.",
            "q is h(1 − p), divided by the sum of both.",
        ),
    ),
    "find_the_bug": Exercise(
        "focal_of_classes(input, target, weight)",
        _of_classes,
        [
            {
                "input": array([0, 0], [2, 0]),
                "target": np.array([0, 1]),
                "weight": array(1, 2),
            },
            {"input": random(0, 4, 3), "target": labels(1, 3, 4), "weight": array(1, 1, 1)},
            {"input": random(2, 5, 3), "target": labels(3, 3, 5), "weight": positive(4, 3)},
        ],
        hints=(
            "With weights of 1 the function is right. What does it take for the probability of the truth "
            "when a weight is 2?",
            "Where the network says 0.5 and the weight is 2, exp(−2 · 0.693) is 0.25.",
            "Take the probability from the logarithm before the weight is multiplied in.",
        ),
    ),
}
