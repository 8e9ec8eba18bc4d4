"""The exercises of the chapters on the margin losses."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, labels, positive, random, share
from lossviz.exercises.judging import Exercise


def _worst_rival(input, target):
    own = F.one_hot(target, input.shape[1]).bool()
    return (1 - input[own] + input.masked_fill(own, -torch.inf).amax(dim=1)).clamp(min=0).mean()


def _weighted_margin(input, target, weight):
    return F.multi_margin_loss(input, target, weight=weight, reduction="sum") / weight[target].sum()


MULTI_MARGIN_LOSS = {
    "multi_margin_loss/by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multi_margin_loss(torch.tensor([4.0, 1.0, 3.5, 3.2]), torch.tensor(0), p=2),
        [{}],
        hints=(
            "For each of the other classes ask how much the lead of the first falls short of 1.",
            "What is short is squared since p is 2, and classes that are far enough behind cost nothing.",
            "The sum is divided by the number of classes, the label's own included.",
        ),
    ),
    "multi_margin_loss/worst_rival": Exercise(
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
    "multi_margin_loss/weighted": Exercise(
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
    "multi_margin_loss/find_the_bug": Exercise(
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


def _to_indices(multi_hot):
    classes = torch.arange(multi_hot.shape[1]).expand(multi_hot.shape)
    order = multi_hot.argsort(dim=1, descending=True, stable=True)
    return torch.where(multi_hot.gather(1, order) == 1, classes.gather(1, order), -1)


MULTILABEL_MARGIN_LOSS = {
    "multilabel_margin_loss/by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multilabel_margin_loss(torch.tensor([1.0, 0.5, 2.0]), torch.tensor([2, 0, -1])),
        [{}],
        hints=(
            "The labels are what stands before the first −1. Which class is left to be compared with?",
            "Two pairs are compared: each label with that class. How far is each from a lead of 1?",
            "The sum is divided by the number of classes.",
        ),
    ),
    "multilabel_margin_loss/to_indices": Exercise(
        "to_indices(multi_hot)",
        _to_indices,
        [
            {"multi_hot": np.array([[1, 0, 0]])},
            {"multi_hot": np.array([[0, 1, 1]])},
            {"multi_hot": np.array([[0, 0, 0], [1, 1, 1]])},
            {"multi_hot": labels(0, 2, 4, 5)},
            {"multi_hot": labels(1, 2, 6, 3)},
        ],
        hints=(
            "Write the result for the row 0, 1, 1 by hand. How long is it, and where are its −1s?",
            "Begin with an array full of −1 and write the classes into its front, row by row.",
            "NumPy has a function that gives the places where a row is not 0, in ascending order.",
        ),
    ),
    "multilabel_margin_loss/from_multi_hot": Exercise(
        "margin_from_multi_hot(input, multi_hot)",
        lambda input, multi_hot: F.multilabel_margin_loss(input, _to_indices(multi_hot)),
        [
            {"input": array(2, 0.5, -1).reshape(1, 3), "multi_hot": np.array([[0, 1, 0]])},
            {"input": array(2, 0.5, 0.3).reshape(1, 3), "multi_hot": np.array([[1, 1, 0]])},
            {"input": array(2, 0.5, 0.3).reshape(1, 3), "multi_hot": np.array([[1, 1, 1]])},
            {"input": array(0, 0, 3, 0).reshape(2, 2), "multi_hot": np.array([[1, 0], [1, 0]])},
            {"input": random(0, 4, 5), "multi_hot": labels(1, 2, 4, 5)},
            {"input": random(2, 3, 4), "multi_hot": labels(3, 2, 3, 4)},
        ],
        hints=(
            "Which pairs of classes are compared? Mark them for the row 1, 0, 1 in a table of three "
            "by three.",
            "A pair counts if the first is a label and the second is not. Two more axes let you "
            "compute all pairs at once.",
            "Sum the hinges of the pairs that count, over both class axes, divide by the number of "
            "classes, and take the mean over the samples.",
        ),
    ),
    "multilabel_margin_loss/find_the_bug": Exercise(
        "eager_reader(input, target)",
        lambda input, target: F.multilabel_margin_loss(input, target),
        [
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[0, -1, -1]])},
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[0, -1, 2]])},
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[2, 1, 0]])},
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[1, 1, -1]])},
            {"input": random(0, 2, 3), "target": np.array([[-1, 0, 1], [1, 2, -1]])},
            {"input": random(1, 2, 4), "target": np.array([[3, -1, 0, 1], [1, 0, 2, -1]])},
        ],
        hints=(
            "Give it a target with a −1 in the middle. Which labels does this version see, and which "
            "does torch see?",
            "In torch the first −1 ends the list, whatever stands after it.",
            "A class that stands only after the first −1 is no label, so it is one of the others. One that "
            "is listed twice still counts twice.",
        ),
    ),
}


MULTILABEL_SOFT_MARGIN_LOSS = {
    "multilabel_soft_margin_loss/by_hand": Exercise(
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
    "multilabel_soft_margin_loss/listed": Exercise(
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
    "multilabel_soft_margin_loss/known": Exercise(
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
    "multilabel_soft_margin_loss/find_the_bug": Exercise(
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
