"""Multi-label margin loss: its facts and its exercises."""

from math import inf

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
    Shape,
    Sign,
    Source,
    Symptom,
)

LOSS = Loss(
    name="multilabel_margin_loss",
    title="Multi-label margin loss",
    aliases=("multi-label hinge loss", "pairwise ranking hinge"),
    torch_class="torch.nn.MultiLabelMarginLoss",
    family="margin",
    summary="How far labels fall short of leading all others by 1, divided by C.",
    formula=r"\ell(x, y) = \frac{1}{C} \sum_{j \in y} \sum_{i \notin y} \max(0, 1 - x_j + x_i)",
    arguments=(
        Argument(
            "input",
            "scores, any real numbers (no sigmoid before), shape (C,) or (N, C)",
            (Form(Kind.SCORES, Shape.CLASSES_OF_ROWS),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class indices as int64, those before the first -1 of a row, each label listed once "
            "(not checked by torch), same shape as input (not one-hot, not +-1)",
            (
                Form(
                    Kind.LABEL_LISTS,
                    Shape.SAME,
                    Domain(low=-1, below="C", whole=True),
                    Dtype.INT64,
                    checked=True,
                ),
            ),
        ),
    ),
    options=(),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="1/C for each pair that violates the margin, however far: label up, other class down",
    gradient_at_target="0, exactly, once every label leads every other class by 1",
    fades=True,
    statistic=None,
    elicits="scores that put the usual labels a margin ahead of the rest, where unequal ones can tie, "
    "without a threshold",
    robust_to="samples whose labels lead by the margin: their gradient is exactly 0",
    use_when="a sample has several labels and their order before the other classes is what counts",
    avoid_when="the number of labels must be decided or probabilities are wanted",
    curve="lambda x: F.multilabel_margin_loss(torch.stack([x, 0 * x], -1), torch.tensor(len(x) * [[0, "
    "-1]]), reduction='none')",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the loss falls to nearly 0, and classes 0 and 1 come first for every sample",
            "a row of zeros and ones is read as class numbers",
            "o = y.argsort(dim=1, descending=True, stable=True); target = o.where(y.gather(1, o) > 0, -1)",
            "A one-hot target",
            said=("multi-hot", "one-hot"),
        ),
        Symptom(
            Sign.ERROR,
            "expected scalar type Long but found Float",
            "the target holds zeros and ones, or lists that were read as floats, and int64 lists are wanted",
            "target.long()  # numbers; for zeros and ones: F.multilabel_soft_margin_loss(input, target)",
            "A one-hot target",
        ),
        Symptom(
            Sign.USELESS,
            "class 0 is never lowered, and is raised where it is low",
            "the lists are padded with 0, and 0 is a class, a label of every sample then",
            "F.pad(torch.tensor(labels, dtype=torch.long), (0, C - len(labels)), value=-1)  # each list",
            "Padding with zeros",
        ),
        Symptom(
            Sign.ERROR,
            "inconsistent target size",
            "the target has the shape of the input: the classes of each row, from 0 to C − 1, and then −1",
            "F.pad(torch.tensor(labels, dtype=torch.long), (0, C - len(labels)), value=-1)  # each list",
            "Padding with zeros",
            messages=("'target' is out of range",),
        ),
        Symptom(
            Sign.SILENT,
            "a sample costs 0 and has no gradient, from the first step on",
            "its row begins with −1, as a row of signs may, or lists all classes: there is no pair",
            "F.multilabel_soft_margin_loss(input, (signs == 1).float())  # or list the indices",
            "Labels of ±1",
        ),
        Symptom(
            Sign.USELESS,
            "the order of the tags is right, but a cut at 0 keeps too many or too few",
            "only differences of scores count, so the loss trains no threshold",
            "scores > cut  # a number chosen on validation data",
            "There is no threshold",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss is lower than that of the labelled samples",
            "samples without labels cost 0 and count in the mean",
            'per_sample.sum() / (target[:, 0] >= 0).sum().clamp(min=1)  # per_sample: reduction="none"',
            "Samples without labels",
        ),
        Symptom(
            Sign.DIFFERENT,
            "under `torch.compile` the loss is higher, or is not 0 for samples without labels",
            "up to torch 2.13 each entry from the first −1 on borrows the score of class 0",
            "loss = torch.compiler.disable(F.multilabel_margin_loss)(scores, target)  # not with fullgraph",
            "Compiled, the padding counts",
        ),
    ),
    sources=(
        Source(
            "Elisseeff and Weston",
            2001,
            "A Kernel Method for Multi-Labelled Classification",
            "https://papers.nips.cc/paper/2001/hash/39dcaf7a053dc372fbc391d4e6b5d693-Abstract.html",
        ),
    ),
)


def _to_indices(multi_hot):
    classes = torch.arange(multi_hot.shape[1]).expand(multi_hot.shape)
    order = multi_hot.argsort(dim=1, descending=True, stable=True)
    return torch.where(multi_hot.gather(1, order) == 1, classes.gather(1, order), -1)


EXERCISES = {
    "by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multilabel_margin_loss(torch.tensor([1.0, 0.5, 2.0]), torch.tensor([2, 0, -1])),
        [{}],
        hints=(
            "The labels are what stands before the first −1. Which class is left to be compared with?",
            "Two pairs are compared: each label with that class. How far is each from a lead of 1?",
            "The sum is divided by the number of classes.",
        ),
    ),
    "to_indices": Exercise(
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
    "from_multi_hot": Exercise(
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
    "find_the_bug": Exercise(
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
