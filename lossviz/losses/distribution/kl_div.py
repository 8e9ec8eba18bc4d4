"""Kullback-Leibler divergence: its facts and its exercises."""

from math import e, inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, probabilities, random
from lossviz.losses.loss import (
    AT_MOST_0,
    SWITCH,
    UNIT,
    Argument,
    Bounds,
    Form,
    Kind,
    Loss,
    Of,
    Option,
    Shape,
    Sign,
    Source,
    Statistic,
    Symptom,
)

LOSS = Loss(
    name="kl_div",
    title="Kullback-Leibler divergence",
    aliases=("KL divergence", "relative entropy"),
    torch_class="torch.nn.KLDivLoss",
    family="distribution",
    summary="What it costs to believe the distribution q where p is true.",
    formula=r"\ell(x, y) = y \, (\log y - x), \quad x = \log q, \ y = p",
    arguments=(
        Argument(
            "input",
            "log-probabilities of q (log_softmax before), any shape, classes usually last",
            (Form(Kind.LOG_PROBABILITIES, Shape.ANY, AT_MOST_0),),
            differentiable=True,
        ),
        Argument(
            "target",
            "probabilities of p, same shape as input; log-probabilities with log_target=True",
            (
                Form(Kind.PROBABILITIES, Shape.SAME, UNIT, where={"log_target": False}),
                Form(Kind.LOG_PROBABILITIES, Shape.SAME, AT_MOST_0, where={"log_target": True}),
            ),
        ),
    ),
    options=(Option("log_target", False, "whether target holds log-probabilities as well", domain=SWITCH),),
    values=(
        Bounds(-1 / e, inf),
        Bounds(0.0, inf, of=Of.CLASSES),
    ),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="-target, whatever the distance; through log_softmax q - p",
    gradient_at_target="-target again, not 0; through log_softmax 0",
    fades=False,
    statistic=Statistic.MEAN,
    elicits="the average of the target distributions",
    robust_to="nothing in particular: a small probability q where p is not small costs without bound",
    use_when="the target is a distribution, as in distillation",
    avoid_when="the target is a label (cross entropy is the same and simpler)",
    symptoms=(
        Symptom(
            Sign.DIFFERENT,
            "the loss is C times smaller than the divergence",
            "the default `mean` divides by samples times classes",
            'F.kl_div(log_q, p, reduction="batchmean")',
            "`mean` is not the divergence",
            messages=("'mean' divides the total loss by both the batch size and the support size",),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the divergence is below 0 by more than rounding (1e-5 in float32, hundredths in bfloat16)",
            "probabilities came in where log-probabilities belong, or the target sums to less than 1",
            'F.kl_div(scores.log_softmax(-1), p, reduction="batchmean")  # the rows of p sum to 1',
            "Probabilities where logarithms belong",
        ),
        Symptom(
            Sign.USELESS,
            "the loss falls below 0 and never stops, or is positive and looks healthy",
            "raw logits went in, without a `log_softmax`",
            'F.kl_div(scores.log_softmax(-1), p, reduction="batchmean")',
            "Probabilities where logarithms belong",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss of sequences changes with their length or with the padding",
            "`batchmean` divides by the number of sequences, and a mask before a mean leaves the padding in "
            "the divisor",
            'F.kl_div(log_q[real], p[real], reduction="batchmean")  # real: (N, L), True where not padded',
            "Sequences and padding",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan",
            "the target holds log-probabilities, and `log_target` is False",
            'F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)',
            "`log_target` missing, or set by mistake",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan since an outcome is masked, or it is finite and its gradient nan",
            "0 met infinity: both sides, or with `log_target` the target, exclude it; "
            "a later mask is too late if the model is the target",
            "scores.masked_fill(~allowed, -1e4)  # on both sides; log_target=True if the model is target",
            "An outcome masked in both, and a mask that comes too late",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the number is that of the other direction",
            "the first argument is the second distribution: `kl_div(a, b)` is KL(b‖a)",
            'F.kl_div(log_q, p, reduction="batchmean")  # KL(p‖q): the prediction q comes first',
            "The first argument is the second distribution",
        ),
        Symptom(
            Sign.DIFFERENT,
            "a perfect fit costs something, or the loss is N times too large, without a warning",
            "`(N, 1)` met `(N,)`, or one row `(1, C)` met N targets, and was broadcast",
            "assert input.shape == target.shape",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Kullback and Leibler",
            1951,
            "On Information and Sufficiency",
            "https://doi.org/10.1214/aoms/1177729694",
        ),
        Source(
            "Hinton, Vinyals and Dean",
            2015,
            "Distilling the Knowledge in a Neural Network",
            "https://arxiv.org/abs/1503.02531",
        ),
    ),
    reductions=("none", "mean", "sum", "batchmean"),
)


def _distillation_loss(input, target, temperature):
    log_q, log_p = ((logits / temperature).log_softmax(dim=1) for logits in (input, target))
    return temperature**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def _jensen_shannon(input, target):
    middle = (input + target) / 2
    terms = (torch.xlogy(input, input) + torch.xlogy(target, target)) / 2 - torch.xlogy(middle, middle)
    return terms.sum(dim=1).mean()


EXERCISES = {
    "by_hand": Exercise(
        "the divergence as a number",
        lambda: F.kl_div(
            torch.tensor([0.25, 0.25, 0.5]).log(), torch.tensor([0.5, 0.5, 0.0]), reduction="sum"
        ),
        [{}],
        hints=(
            "Each outcome adds p times the logarithm of p over q. What does the third add, where p is 0?",
            "Both of the others are twice as probable under p as under q.",
        ),
    ),
    "distillation": Exercise(
        "distillation_loss(input, target, temperature)",
        _distillation_loss,
        [
            {"input": np.zeros((1, 2)), "target": array(0, 1).reshape(1, 2), "temperature": 1.0},
            {"input": np.zeros((1, 2)), "target": array(0, 1).reshape(1, 2), "temperature": 2.0},
            {"input": np.zeros((2, 2)), "target": array(0, 1, 0, 1).reshape(2, 2), "temperature": 1.0},
            {"input": random(0, 3, 4), "target": random(1, 3, 4), "temperature": 4.0},
            {"input": 100 * random(2, 4, 3), "target": 100 * random(3, 4, 3), "temperature": 0.5},
        ],
        hints=(
            "Divide both logits by the temperature before the softmax, not after.",
            "The loss wants log-probabilities of the student. The teacher may be given as "
            "log-probabilities too, if you say so.",
            "Average over the samples and not over the classes, and multiply by the square of the "
            "temperature at the end.",
        ),
    ),
    "jensen_shannon": Exercise(
        "jensen_shannon(input, target)",
        _jensen_shannon,
        [
            {"input": np.full((1, 2), 0.5), "target": array(0.25, 0.75).reshape(1, 2)},
            {"input": np.full((1, 2), 0.5), "target": array(1, 0).reshape(1, 2)},
            {"input": array(1, 0).reshape(1, 2), "target": array(0, 1).reshape(1, 2)},
            {"input": array(0.5, 0.5, 0).reshape(1, 3), "target": array(0.25, 0.75, 0).reshape(1, 3)},
            {"input": probabilities(0, 3, 4), "target": probabilities(1, 3, 4)},
        ],
        hints=(
            "Work out p = (1, 0) and q = (0, 1). What is m, and what do the two divergences cost?",
            "The middle m goes where the model goes in kl_div: as a logarithm. Both p and q stand as "
            "targets once.",
            "m is 0 only where both are 0. Let the logarithm see a 1 there: its term is multiplied by "
            "0 and vanishes.",
        ),
    ),
    "find_the_bug": Exercise(
        "careless_kl(input, target)",
        lambda input, target: F.kl_div(input, target, reduction="batchmean"),
        [
            {"input": np.log([[0.5, 0.5]]), "target": array(0.25, 0.75).reshape(1, 2)},
            {"input": np.log([[0.5, 0.5]]), "target": array(1, 0).reshape(1, 2)},
            {
                "input": np.log([[0.5, 0.5], [0.5, 0.5]]),
                "target": array(0.25, 0.75, 0.5, 0.5).reshape(2, 2),
            },
            {"input": np.log(probabilities(0, 3, 4)), "target": probabilities(1, 3, 4)},
            {"input": np.log(probabilities(2, 4, 3)), "target": np.eye(3)[[0, 1, 2, 0]]},
        ],
        hints=(
            "For one row with two classes, by what does the mean divide, and by what should an "
            "average over rows?",
            "For the second fault take a target with a 0 in it. What is the logarithm of 0, and 0 "
            "times that?",
            "Sum over everything and divide by the number of rows; give the logarithm a harmless "
            "argument where the target is 0.",
        ),
    ),
}
