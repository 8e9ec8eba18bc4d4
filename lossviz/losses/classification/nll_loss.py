"""Negative log-likelihood: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive
from lossviz.losses.loss import (
    AT_MOST_0,
    CLASS_INDICES,
    INTEGERS,
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
    Statistic,
    Symptom,
)
from lossviz.losses.works import GOOD_1952

LOSS = Loss(
    name="nll_loss",
    title="Negative log-likelihood",
    aliases=("NLL", "negative log-probability of the label"),
    torch_class="torch.nn.NLLLoss",
    family="classification",
    summary="The log-probability of the target class, picked and with its sign turned.",
    formula=r"\ell(x, y) = -x_y",
    arguments=(
        Argument(
            "input",
            "log-probabilities (as log_softmax gives them), shape (C,), (N, C) or (N, C, d1, ...)",
            (Form(Kind.LOG_PROBABILITIES, Shape.CLASSES_SECOND, AT_MOST_0),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..C-1, shape of input without the class axis",
            (Form(Kind.LABELS, Shape.WITHOUT_CLASSES, CLASS_INDICES, Dtype.INT64, checked=True),),
        ),
    ),
    options=(
        Option(
            "weight",
            None,
            "a factor for each class; the mean divides by the sum of the weights that were used",
            shape=Shape.PER_CLASS,
            in_divisor=True,
            dtype=Dtype.SAME,
        ),
        Option(
            "ignore_index",
            -100,
            "a label whose samples count neither in the sum nor in the mean",
            domain=INTEGERS,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0, times=("weight",)),),
    gradient_far="-1 in the picked entry, 0 in all others",
    gradient_at_target="the same: it fades only behind log_softmax, where it becomes p - q",
    fades=False,
    statistic=Statistic.MEAN,
    elicits="the class frequencies if no weight is given (as exp of the log-probabilities)",
    robust_to="nothing in particular: one label of probability 0 costs infinity",
    use_when="log-probabilities exist anyway: from a mixture of models, an adaptive softmax",
    avoid_when="the model gives raw logits: cross_entropy does log_softmax and this in one",
    curve="lambda x: F.nll_loss(torch.stack([x, 0 * x], -1).log_softmax(-1), torch.tensor(len(x) * [0]), "
    "reduction='none')",
    symptoms=(
        Symptom(
            Sign.NEGATIVE,
            "the loss is between −1 and 0, and each row of `input` sums to 1",
            "probabilities came in where log-probabilities are expected; confident mistakes hardly move",
            "F.nll_loss(logits.log_softmax(dim=1), target)",
            "Probabilities instead of their logarithms",
            numbers=(Number(lambda C: -1 / C, "−1/{C}: probabilities in place of logarithms, all equal"),),
            said=("negative nll",),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is negative, and the rows of `input` do not sum to 1; it may fall on without end",
            "logits came in, raw or behind a sigmoid or a tanh: their exponentials do not sum to 1",
            "F.cross_entropy(logits, target)  # the logits themselves, without an activation",
            "A number that is no likelihood",
        ),
        Symptom(
            Sign.ERROR,
            "IndexError: Target 255 is out of bounds.",
            "a filler for unlabelled samples, labels that count from 1, or too few outputs in the last layer",
            "F.nll_loss(log_p, target, ignore_index=255)  # for a filler: look at target.unique() first",
            "Labels that point nowhere",
        ),
        Symptom(
            Sign.NAN,
            "the gradient is nan on a confident mistake; the loss is inf, or still finite",
            "`softmax(z).log()` forms a probability so small that 1 / p overflows, or that rounds to 0",
            "logits.log_softmax(dim=1)  # in place of softmax and log",
            "The logarithm taken by hand",
        ),
        Symptom(
            Sign.NAN,
            "the loss of a batch is nan, and its input is finite",
            "all samples are ignored or have weight 0: 0 / 0 (`w`: the class weights, or ones)",
            'F.nll_loss(log_p, y, w, reduction="sum") / w[y[y != -100]].float().sum().clamp(min=1e-9)',
            "Nothing counts",
        ),
        Symptom(
            Sign.NAN,
            "the loss is finite and the gradient nan, although the rows that hold nan are ignored",
            "`log_softmax` multiplies the gradient 0 of an ignored row by its nan",
            "if (keep := y != -100).any(): loss = F.nll_loss(model(x[keep]).log_softmax(dim=1), y[keep])",
            "An ignored row can still spoil the gradient",
        ),
        Symptom(
            Sign.DIFFERENT,
            "with weights, ignored labels or unequal batches, the mean over batches is not the loss of all",
            "each batch is divided by what its own labels count",
            "loss = sum(loss_sums) / sum(weight_sums)  # over all batches, divided once",
            "The mean of weighted means",
        ),
        Symptom(
            Sign.USELESS,
            "a plausible loss, and a warning about an implicit dimension",
            "on three axes `log_softmax` without `dim` takes axis 0: classes are normalised over the batch",
            "logits.log_softmax(dim=1)  # the axis of the classes in (N, C, …)",
            "`log_softmax` over the wrong axis",
            messages=("Implicit dimension choice for log_softmax has been deprecated.",),
        ),
    ),
    sources=(
        Source(
            "Fisher",
            1922,
            "On the Mathematical Foundations of Theoretical Statistics",
            "https://doi.org/10.1098/rsta.1922.0009",
        ),
        GOOD_1952,
    ),
)


def _nll_parts(input, target, weight, ignore_index):
    numerator = F.nll_loss(input, target, weight, ignore_index=ignore_index, reduction="sum")
    return torch.stack([numerator, weight[target[target != ignore_index]].sum()])


def _sentence_nll(input, target, padding):
    return torch.stack(
        [F.nll_loss(log_p, labels, ignore_index=padding) for log_p, labels in zip(input, target, strict=True)]
    )


EXERCISES = {
    "by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.nll_loss(
            torch.tensor([[-1.0, 0.0], [0.0, -2.0], [-4.0, 0.0]]),
            torch.tensor([0, 1, 0]),
            torch.tensor([1.0, 3.0]),
        ),
        [{}],
        hints=(
            "Each sample costs its log-probability with the sign turned, times the weight of its label.",
            "The sum of these is not divided by 3. The labels 0, 1, 0 pick which weights?",
        ),
    ),
    "numerator_and_denominator": Exercise(
        "nll_parts(input, target, weight, ignore_index)",
        _nll_parts,
        [
            {
                "input": np.log([[0.5, 0.5]]),
                "target": np.array([0]),
                "weight": array(1, 1),
                "ignore_index": -100,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
                "ignore_index": -100,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": array(1, 3),
                "ignore_index": -1,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([255, 255]),
                "weight": array(1, 3),
                "ignore_index": 255,
            },
            {
                "input": -positive(0, 5, 3),
                "target": labels(1, 3, 5),
                "weight": positive(2, 3),
                "ignore_index": 1,
            },
        ],
        hints=(
            "Do it for two samples by hand, one of them ignored. What does the ignored one add to "
            "each of the two parts?",
            "Throw the ignored samples out first. What is left has valid labels, so that both weight "
            "and log-probability can be indexed.",
            "One part sums weight times loss, the other sums the weights that were used.",
        ),
    ),
    "sentences": Exercise(
        "sentence_nll(input, target, padding)",
        _sentence_nll,
        [
            {"input": array(-1, -2).reshape(1, 1, 2), "target": np.array([[1]]), "padding": -1},
            {
                "input": array(-1, -2, -3, -4).reshape(1, 2, 2),
                "target": np.array([[1, -1]]),
                "padding": -1,
            },
            {
                "input": -array(1, 2, 3, 4, 5, 6, 7, 8).reshape(2, 2, 2),
                "target": np.array([[1, 0], [1, 255]]),
                "padding": 255,
            },
            {"input": -positive(0, 3, 4, 2), "target": labels(1, 2, 3, 4), "padding": 0},
            {
                "input": array(-1, -2, -3, -4).reshape(1, 2, 2),
                "target": np.array([[-1, -1]]),
                "padding": -1,
            },
        ],
        hints=(
            "Begin with a single sentence whose last word is padding. Which numbers enter the mean, "
            "and how many are there?",
            "A padding label may be no valid index. Replace it by any valid one, pick, and leave what "
            "you picked there out of the sum.",
            "Sums go along the axis of the words only, and each sentence is divided by the number of "
            "its own words.",
        ),
    ),
    "find_the_bug": Exercise(
        "leaky_nll(input, target, weight)",
        lambda input, target, weight: F.nll_loss(input, target, weight, ignore_index=-1),
        [
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": array(1, 3),
            },
            {"input": -positive(0, 6, 4), "target": labels(1, 5, 6) - 1, "weight": positive(2, 4)},
            {"input": -positive(3, 3, 2), "target": np.array([-1, 1, -1]), "weight": positive(4, 2)},
        ],
        hints=(
            "Which element of a NumPy array is weight[-1]?",
            "The terms of the numerator are set to 0. Look at the other part of the fraction.",
            "Leave the unlabelled samples out of both parts, best before anything is indexed with "
            "their label.",
        ),
    ),
}
