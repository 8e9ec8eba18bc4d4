"""Multi-class margin loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive, random
from lossviz.losses.loss import (
    CLASS_INDICES,
    Argument,
    Bounds,
    Domain,
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

LOSS = Loss(
    name="multi_margin_loss",
    title="Multi-class margin loss",
    aliases=("multi-class hinge loss", "Weston-Watkins hinge", "SVM loss"),
    torch_class="torch.nn.MultiMarginLoss",
    family="margin",
    summary="The violations of the margin by all other classes, added and divided by C.",
    formula=r"\ell(x, y) = \frac{1}{C} \sum_{i \ne y} \max(0, 1 - x_y + x_i)",
    arguments=(
        Argument(
            "input",
            "scores, any real numbers (no softmax before), shape (C,) or (N, C)",
            (Form(Kind.SCORES, Shape.CLASSES_OF_ROWS),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..C-1 as int64, shape () or (N,)",
            (Form(Kind.LABELS, Shape.PER_SAMPLE, CLASS_INDICES, Dtype.INT64, checked=True),),
        ),
    ),
    options=(
        Option(
            "p",
            1,
            "the power of each violation: its gradient is constant with 1, proportional to it with 2",
            domain=Domain(1, 2, values=(1, 2)),
        ),
        Option("margin", 1.0, "how far behind the other scores must stay, in the scores' unit"),
        Option(
            "weight",
            None,
            "a factor for each class, after the power; the mean still divides by N",
            shape=Shape.PER_CLASS,
            dtype=Dtype.SAME,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(
        Bounds(-1.0, 1.0, where={"p": 1}, times=("weight",)),
        Bounds(-inf, inf, where={"p": 2}),
    ),
    gradient_far="1/C for each class that violates the margin, minus their sum for the label, however far",
    gradient_at_target="0, exactly, once every lead is at least the margin",
    fades=True,
    statistic=None,
    elicits="with p=1 the majority class a margin ahead, if there is one; with p=2 the order of frequencies",
    robust_to="samples that are right by a margin: their gradient is exactly 0",
    use_when="only the decision counts, and samples that are right by a margin should have no gradient",
    avoid_when="with p=1, probabilities are wanted, or labels are uncertain and no class has a majority",
    curve="lambda x: F.multi_margin_loss(torch.stack([x, 0 * x], -1), torch.tensor(len(x) * [0]), "
    "reduction='none')",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss hardly reaches 0 though answers are right, and confident mistakes stay",
            "a softmax stands before the loss, and turns it into 1 − the probability of the label",
            "F.multi_margin_loss(scores, target)  # no softmax before it",
            "No softmax before it",
        ),
        Symptom(
            Sign.DIFFERENT,
            "with many classes the loss and its gradient become tiny while samples are still wrong",
            "the few rivals that violate the margin are summed and divided by all C classes (at equal scores "
            "all violate it, and the factor C is too much)",
            "C * F.multi_margin_loss(scores, target)  # once few rivals are left",
            "The division by C",
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays at (C − 1) / C: 0.9 for ten classes",
            "nothing is learned, and all scores are equal (some unequal scores give that loss too)",
            "inputs, target = inputs[:8], target[:8]  # can the model fit these few?",
            "Before the next run",
            numbers=(Number(lambda C: (C - 1) / C, "({C} − 1) / {C}: equal scores, nothing learned"),),
            page="book/misbehaves",
        ),
        Symptom(
            Sign.SILENT,
            "the loss is low, or 0, although scores are nan",
            "a term is added only if it is above 0, and nan is not",
            "assert scores.isfinite().all()",
            "A nan costs nothing",
        ),
        Symptom(
            Sign.DIFFERENT,
            "with `weight`, the loss and its gradient get a factor that cross entropy does not have",
            "the mean divides by the number of samples, not by the weights",
            "weight = weight / weight[labels].mean()  # over the labels of all data",
            "The weighted mean is not a weighted mean",
        ),
        Symptom(
            Sign.ERROR,
            "RuntimeError: target out of range",
            "samples without a label are marked −100, and there is no `ignore_index`",
            "F.multi_margin_loss(scores[target != -100], target[target != -100])",
            "Labels are not ignored",
        ),
        Symptom(
            Sign.ERROR,
            "expected scalar type Long but found Byte",
            "labels must be int64",
            "target.long()",
            "Labels are not ignored",
        ),
    ),
    sources=(
        Source(
            "Weston and Watkins",
            1999,
            "Support Vector Machines for Multi-Class Pattern Recognition",
            "https://www.esann.org/sites/default/files/proceedings/legacy/es1999-461.pdf",
        ),
        Source(
            "Crammer and Singer",
            2001,
            "On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines",
            "https://www.jmlr.org/papers/v2/crammer01a.html",
        ),
        Source(
            "Zhang",
            2004,
            "Statistical Analysis of Some Multi-Category Large Margin Classification Methods",
            "https://www.jmlr.org/papers/v5/zhang04b.html",
        ),
        Source(
            "Tewari and Bartlett",
            2007,
            "On the Consistency of Multiclass Classification Methods",
            "https://www.jmlr.org/papers/v8/tewari07a.html",
        ),
    ),
)


def _worst_rival(input, target):
    own = F.one_hot(target, input.shape[1]).bool()
    return (1 - input[own] + input.masked_fill(own, -torch.inf).amax(dim=1)).clamp(min=0).mean()


def _weighted_margin(input, target, weight):
    return F.multi_margin_loss(input, target, weight=weight, reduction="sum") / weight[target].sum()


EXERCISES = {
    "by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multi_margin_loss(torch.tensor([4.0, 1.0, 3.5, 3.2]), torch.tensor(0), p=2),
        [{}],
        hints=(
            "For each of the other classes ask how much the lead of the first falls short of 1.",
            "What is short is squared since p is 2, and classes that are far enough behind cost nothing.",
            "The sum is divided by the number of classes, the label's own included.",
        ),
    ),
    "worst_rival": Exercise(
        "worst_rival(input, target)",
        _worst_rival,
        [
            {"input": array(2, 1.5, -1).reshape(1, 3), "target": np.array([0])},
            {"input": array(2, 1.5, 1.8).reshape(1, 3), "target": np.array([0])},
            {"input": array(3, 1.5, 1).reshape(1, 3), "target": np.array([0])},
            {"input": array(-5, -3).reshape(1, 2), "target": np.array([1])},
            {"input": random(0, 4, 3), "target": labels(1, 3, 4)},
            {"input": random(2, 3, 5), "target": labels(3, 5, 3)},
        ],
        hints=(
            "Try the scores 2, 1.5 and 1.8 with the first as label. Which rival counts, and how much "
            "is short of a lead of 1?",
            "The maximum must not see the label's own score. Which value never wins a maximum?",
            "Take the label's scores out of a copy, not out of the input, which stays as it was. The "
            "hinge comes after the maximum.",
        ),
    ),
    "weighted": Exercise(
        "weighted_margin(input, target, weight)",
        _weighted_margin,
        [
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 1)},
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 3)},
            {"input": np.zeros((2, 2)), "target": np.array([1, 1]), "weight": array(1, 3)},
            {
                "input": array(3, 0, 0, 0).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
            },
            {"input": random(0, 3, 4), "target": labels(1, 4, 3), "weight": positive(2, 4)},
            {"input": random(3, 4, 3), "target": labels(4, 3, 4), "weight": positive(5, 3)},
        ],
        hints=(
            "Two samples that cost the same, with weights 1 and 3: what must the mean be?",
            "The sum of the chapter's loss already has the weights in it. Only the divisor is another one.",
            "Divide by the weights of the labels that occur, each as often as it occurs.",
        ),
    ),
    "find_the_bug": Exercise(
        "restless_margin(input, target)",
        lambda input, target: F.multi_margin_loss(input, target),
        [
            {"input": array(2, 1.5, -1).reshape(1, 3), "target": np.array([0])},
            {"input": array(5, 0).reshape(1, 2), "target": np.array([0])},
            {"input": array(0.5, 0.5, -1).reshape(1, 3), "target": np.array([1])},
            {"input": random(0, 4, 3), "target": labels(1, 3, 4)},
            {"input": random(2, 3, 5), "target": labels(3, 5, 3)},
        ],
        hints=(
            "Take one sample whose label leads by 5. Print the terms for every class: which one is not 0?",
            "The lead of the label over itself is 0, and that falls short by the whole margin, in "
            "every sample.",
            "Leave the label's own term out; the divisor stays the number of classes.",
        ),
    ),
}
