"""Soft margin loss: its facts and its exercises."""

from math import inf, log

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, random
from lossviz.losses.loss import (
    Argument,
    Bounds,
    Domain,
    Dtype,
    Form,
    Kind,
    Loss,
    Number,
    Shape,
    Sign,
    Source,
    Symptom,
)
from lossviz.losses.works import COX_1958

LOSS = Loss(
    name="soft_margin_loss",
    title="Soft margin loss",
    aliases=("logistic loss for labels ±1", "binomial deviance in margin form"),
    torch_class="torch.nn.SoftMarginLoss",
    family="margin",
    summary="The negative log-probability of a label 1 or -1, from its logit.",
    formula=r"\ell(x, y) = \log(1 + e^{-y x})",
    arguments=(
        Argument(
            "input",
            "logits (no sigmoid before), wrong by at most 88: beyond it exp overflows in float32; any shape",
            (Form(Kind.LOGITS, Shape.ANY, Domain(-88, 88)),),
            differentiable=True,
        ),
        Argument(
            "target",
            "1 and -1 (not checked; neither bytes nor bool), same shape as input",
            (Form(Kind.SIGNS, Shape.SAME, Domain(-1, 1, values=(-1, 1)), Dtype.REAL),),
        ),
    ),
    options=(),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="near -y on the wrong side, until exp overflows and it is nan",
    gradient_at_target="approaches 0 on the right side, and reaches it by underflow only",
    fades=True,
    statistic=None,
    elicits="the logarithm of the odds of the label 1: its sigmoid is the share",
    robust_to="wrong labels in part: each has a gradient of at most 1, but costs without bound",
    use_when="labels are 1 and -1, and scores are moderate",
    avoid_when="scores may be large, or weights or soft labels are wanted (use BCE with logits)",
    symptoms=(
        Symptom(
            Sign.SILENT,
            "samples of one class cost 0.693 each, whatever their score, and have no gradient",
            "they are labelled 0, not −1, and 0 times the score is 0; "
            "the mean cannot fall below 0.693 times their share",
            "labels = 2 * labels.float() - 1  # if the labels are 0 and 1",
            "Labels 0 and 1",
            numbers=(Number(log(2), "ln 2, the cost of a label 0, or of a score 0"),),
        ),
        Symptom(
            Sign.STUCK,
            "the loss stops at 0.313, or near 0.5, although the answers are clear",
            "a tanh (0.313) or a sigmoid (0.503 with equally many of both labels) bounds the scores",
            "F.soft_margin_loss(scores, labels)  # scores as the last layer gives them, no sigmoid, no tanh",
            "A sigmoid before the loss",
        ),
        Symptom(
            Sign.HUGE,
            "the loss is inf and a gradient nan, although all scores are finite",
            "exp overflows: a score is on the wrong side by more than 88.7 (float32, autocast) "
            "or 11.09 (float16)",
            "F.softplus(-labels.float() * scores).mean()  # (labels * scores).argmin(): which one, and why?",
            "One mail makes everything nan",
            said=("overflow", "exploding"),
        ),
        Symptom(
            Sign.NAN,
            "the loss of labels 1 is right, and their gradient is mostly −1, 0 or nan",
            "the labels are bytes (uint8), and the backward pass negates them: −1 becomes 255, "
            "a factor on the score",
            "labels = 2 * labels.float() - 1  # bytes 0 and 1; of bytes 1 and 255: labels.to(torch.int8)",
            "Bytes and booleans as labels",
        ),
        Symptom(
            Sign.ERROR,
            "Negation, the `-` operator, on a bool tensor is not supported",
            "the labels are True and False; the forward pass takes them, the backward pass does not",
            "labels = 2 * labels.float() - 1",
            "Bytes and booleans as labels",
        ),
        Symptom(
            Sign.ERROR,
            "doesn't match the broadcast shape",
            "`(N, 1)` scores met `(N,)` labels, or the reverse",
            "F.soft_margin_loss(scores, labels.view_as(scores))",
            "Rare cases",
        ),
        Symptom(
            Sign.STUCK,
            "the loss of all samples stays at 0.693",
            "ln 2: all scores are about 0, or all labels are 0",
            "labels.unique(), scores.abs().max()  # not -1 and 1: map them; near 0: nothing is learned",
            "By hand",
        ),
        Symptom(
            Sign.USELESS,
            "all answers are right, and the loss and the weights go on changing",
            "a right score has a gradient too, so that separable data have no finite minimum",
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3)",
            "On separable mails the weights grow without end",
        ),
    ),
    sources=(
        COX_1958,
        Source(
            "Friedman, Hastie and Tibshirani",
            2000,
            "Additive Logistic Regression: A Statistical View of Boosting",
            "https://doi.org/10.1214/aos/1016218223",
        ),
        Source(
            "Soudry et al.",
            2018,
            "The Implicit Bias of Gradient Descent on Separable Data",
            "https://www.jmlr.org/papers/v19/18-188.html",
        ),
    ),
)


def _sound_grad(input, target):
    return -target * torch.sigmoid(-target * input) / input.numel()


def _weighted(input, target, pos_weight):
    weight = torch.where(target == 1, pos_weight, 1.0)
    return (weight * F.softplus(-target * input)).mean()


def _from_csv(input, label):
    return F.softplus((1 - 2 * label) * input).mean()


EXERCISES = {
    "by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.soft_margin_loss(torch.tensor([2.0, -1.0]), torch.tensor([1.0, 1.0])),
        [{}],
        hints=(
            "The margins are 2 and −1. Which of the two is wrong, and which cost is the larger one?",
            "Each costs the logarithm of 1 + exp(−margin); then the mean of the two.",
        ),
    ),
    "sound_grad": Exercise(
        "sound_grad(input, target)",
        _sound_grad,
        [
            {"input": array(0.5), "target": np.array([1])},
            {"input": array(0.5, -2), "target": np.array([1, -1])},
            {"input": array(-1000), "target": np.array([1])},
            {"input": array(1000, -1000), "target": np.array([1, -1])},
            {"input": array(1000, -1000), "target": np.array([-1, 1])},
            {"input": random(0, 6), "target": 2 * labels(1, 2, 6) - 1},
            {"input": random(2, 2, 3), "target": 2 * labels(3, 2, 2, 3) - 1},
        ],
        hints=(
            "At a margin of −1000, which numbers in your formula are infinite, and what divides them?",
            "Divide numerator and denominator of e⁻ᶻ / (1 + e⁻ᶻ) by e⁻ᶻ.",
            "1 / (1 + eᶻ) is 1 at −1000 and 0 at 1000, because 1 / inf is 0. The mean divides by the "
            "number of elements.",
        ),
    ),
    "weighted": Exercise(
        "weighted_soft_margin(input, target, pos_weight)",
        _weighted,
        [
            {"input": array(0), "target": np.array([1]), "pos_weight": 3.0},
            {"input": array(0), "target": np.array([-1]), "pos_weight": 3.0},
            {"input": array(0, 0), "target": np.array([1, -1]), "pos_weight": 3.0},
            {"input": array(2, -1), "target": np.array([-1, 1]), "pos_weight": 2.0},
            {"input": random(0, 6), "target": 2 * labels(1, 2, 6) - 1, "pos_weight": 5.0},
        ],
        hints=(
            "Two mails at a score of 0, one of each label, with a factor of 3: what should the mean be?",
            'Ask for the losses without reduction: `reduction="none"`.',
            "The factor multiplies the losses of the label 1; the mean divides by the number of mails.",
        ),
    ),
    "find_the_bug": Exercise(
        "loss_of_csv(input, label)",
        _from_csv,
        [
            {"input": array(2), "label": np.array([1])},
            {"input": array(-3), "label": np.array([0])},
            {"input": array(-3, -1, 0, 2), "label": np.array([0, 0, 1, 1])},
            {"input": random(0, 6), "label": labels(1, 2, 6)},
        ],
        hints=(
            "Take one mail with the label 0 and change its score. What does the loss do?",
            "The label is multiplied by the score. What should stand there for a mail that is no spam?",
            "Map 0 and 1 to −1 and 1 first: 2 * label − 1.",
        ),
    ),
}
