"""Multi-label soft margin loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, random, share
from lossviz.losses.loss import (
    UNIT,
    Argument,
    Bounds,
    Dtype,
    Form,
    Kind,
    Loss,
    Option,
    Shape,
    Sign,
    Source,
    Statistic,
    Symptom,
)
from lossviz.losses.works import COX_1958

LOSS = Loss(
    name="multilabel_soft_margin_loss",
    title="Multi-label soft margin loss",
    aliases=("one-against-all logistic loss", "sigmoid cross entropy, averaged over classes"),
    torch_class="torch.nn.MultiLabelSoftMarginLoss",
    family="margin",
    summary="Binary cross entropy with logits, averaged over classes.",
    formula=(
        r"\ell(x, y) = -\frac{1}{C} \sum_{c=1}^{C}"
        r" \left[ y_c \log \sigma(x_c) + (1 - y_c) \log(1 - \sigma(x_c)) \right]"
    ),
    arguments=(
        Argument(
            "input",
            "logits (no sigmoid before), shape (C,), (N, C) or (N, d1, ..., C)",
            (Form(Kind.LOGITS, Shape.CLASSES_LAST),),
            differentiable=True,
        ),
        Argument(
            "target",
            "0 and 1 for each class, or probabilities (not checked by torch), same shape as input",
            (Form(Kind.MULTI_HOT, Shape.SAME, UNIT, Dtype.REAL),),
        ),
    ),
    options=(
        Option(
            "weight", None, "a factor for each class; the sum is still divided by C", shape=Shape.PER_CLASS
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0, times=("weight",)),),
    gradient_far="near -1/C for a missing label, near +1/C for a wrong one, whatever the distance",
    gradient_at_target="0 once the sigmoid equals the target; for 0 and 1 reached by rounding only",
    fades=True,
    statistic=Statistic.MEAN,
    elicits="the share of each label (as sigmoid of its logit)",
    robust_to="nothing in particular: one confident wrong label costs without bound",
    use_when="any number of labels can apply at once",
    avoid_when="exactly one class is right (use cross_entropy)",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss comes to rest between 0.31 and 0.69, and all of `input` lies between 0 and 1",
            "the model ends in a sigmoid, and the loss takes a second one",
            "F.multilabel_soft_margin_loss(logits, target)  # no sigmoid in the model",
            "A sigmoid before the loss",
            said=("sigmoid twice", "double sigmoid"),
        ),
        Symptom(
            Sign.USELESS,
            "the loss is near 0, and the model proposes hardly any label",
            "the labels are rare: most answers are an easy no, and few probabilities reach one half",
            "yes = logits.sigmoid() > threshold  # one number or (C,), chosen on validation data",
            "Rare labels seldom reach one half",
            said=("all zeros", "predicts no labels", "rare labels"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "the sum is C times smaller than that of `binary_cross_entropy_with_logits`",
            "each sample is the mean over its classes before anything is added up",
            'F.binary_cross_entropy_with_logits(input, target, reduction="sum")',
            '`"none"` and `"sum"` are not those of BCE with logits',
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is negative and falls without end, or right answers are expensive",
            "a list of class indices, filled up with −1, came in where zeros and ones belong",
            "F.one_hot(target.long() + 1, C + 1).amax(dim=1)[:, 1:].float()",
            "Indices instead of zeros and ones",
        ),
        Symptom(
            Sign.DIFFERENT,
            "a perfect prediction costs a lot, or all samples end at the same probability, without a warning",
            "`(N, 1)` logits met `(N,)` targets, which were taken for N classes",
            "F.multilabel_soft_margin_loss(logits, target[:, None])",
            "A column against a row",
        ),
        Symptom(
            Sign.USELESS,
            "on images `weight` weighs columns of pixels, or raises a size mismatch",
            "the classes are looked for on the last axis (without `weight` the mean is right)",
            "F.multilabel_soft_margin_loss(input.movedim(1, -1), target.movedim(1, -1), weight)",
            "The classes must be last",
        ),
        Symptom(
            Sign.ERROR,
            "Subtraction, the `-` operator, with a bool tensor is not supported.",
            "the target is boolean; the inverse mask that the message proposes is another target",
            "F.multilabel_soft_margin_loss(input, target.float())",
            "Rare cases",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan and its gradient finite",
            "a logit is −inf where the target is 0, or inf where it is 1: 0 · inf",
            "F.multilabel_soft_margin_loss(input[allowed], target[allowed])",
            "Rare cases",
        ),
    ),
    sources=(
        COX_1958,
        Source(
            "Tsoumakas and Katakis",
            2007,
            "Multi-Label Classification: An Overview",
            "https://doi.org/10.4018/jdwm.2007070101",
        ),
    ),
)


EXERCISES = {
    "by_hand": Exercise(
        "the loss as a number",
        lambda: F.multilabel_soft_margin_loss(torch.tensor([0.0, np.log(4)]), torch.tensor([1.0, 0.0])),
        [{}],
        hints=(
            "Each class is a question of its own: yes to the first, no to the second. What are the "
            "two probabilities?",
            "A logit of ln 4 means odds of four to one for yes. How probable is no?",
            "The loss of a sample is the mean of the two negative logarithms, not their sum.",
        ),
    ),
    "listed": Exercise(
        "listed_loss(input, labels)",
        lambda input, labels: F.multilabel_soft_margin_loss(
            input, F.one_hot(labels + 1, input.shape[1] + 1).amax(dim=1)[:, 1:]
        ),
        [
            {"input": array(1, -2).reshape(1, 2), "labels": np.array([[0, -1]])},
            {"input": array(1, -2).reshape(1, 2), "labels": np.array([[-1, -1]])},
            {"input": array(1, -2, 3).reshape(1, 3), "labels": np.array([[2, 0, -1]])},
            {
                "input": random(0, 4, 3),
                "labels": np.array([[1, -1, -1], [2, 0, 1], [-1, -1, -1], [0, 2, -1]]),
            },
        ],
        hints=(
            "Write the row of zeros and ones that belongs to the list 2, 0, −1, for three classes.",
            "Compare every entry of a list with every class number. Which axis do you then have to "
            "join with an or?",
            "−1 is no class number, so that it equals none of them; as an index it would hit the last class.",
        ),
    ),
    "known": Exercise(
        "known_loss(input, target, known)",
        lambda input, target, known: F.multilabel_soft_margin_loss(input[known], target[known]),
        [
            {
                "input": array(1, -2).reshape(1, 2),
                "target": array(1, 1).reshape(1, 2),
                "known": np.array([[True, True]]),
            },
            {
                "input": array(1, -2).reshape(1, 2),
                "target": array(1, 1).reshape(1, 2),
                "known": np.array([[True, False]]),
            },
            {
                "input": array(1, -2).reshape(1, 2),
                "target": array(1, np.nan).reshape(1, 2),
                "known": np.array([[True, False]]),
            },
            {
                "input": array(1, -2, 3, 0).reshape(2, 2),
                "target": np.ones((2, 2)),
                "known": np.array([[True, True], [True, False]]),
            },
            {"input": random(0, 2, 3), "target": share(1, 2, 3), "known": np.eye(2, 3) == 0},
        ],
        hints=(
            "What is 0 times nan? Multiplying by the mask is not enough.",
            "Choose the known elements from both arrays before the loss is computed.",
            "What a mask picks has one axis, and the loss takes that for the classes of one sample. Is their "
            "mean the one that is asked for?",
        ),
    ),
    "find_the_bug": Exercise(
        "loss_by_sample(input, target)",
        lambda input, target: F.multilabel_soft_margin_loss(input, target, reduction="none"),
        [
            {"input": np.zeros((2, 2)), "target": np.ones((2, 2))},
            {"input": array(0, 0, 5, -5).reshape(2, 2), "target": array(1, 1, 0, 1).reshape(2, 2)},
            {"input": np.zeros((1, 2)), "target": np.ones((1, 2))},
            {"input": random(0, 4, 3), "target": share(1, 4, 3)},
            {"input": 100 * random(2, 2, 4), "target": share(3, 2, 4)},
        ],
        hints=(
            "Test it with two samples of three classes. How many numbers come back?",
            "With as many samples as classes the shape gives nothing away. Which axis is the batch?",
            "A sample's loss is the mean over its classes, and the classes are last.",
        ),
    ),
}
