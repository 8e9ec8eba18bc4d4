"""Huber loss: its facts and its exercises."""

from math import inf

import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, random
from lossviz.losses.loss import (
    Argument,
    Bounds,
    Domain,
    Dtype,
    Form,
    Kind,
    Loss,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)

LOSS = Loss(
    name="huber_loss",
    title="Huber loss",
    aliases=("Smooth L1 loss times its threshold", "half the squared error with clipped gradients"),
    torch_class="torch.nn.HuberLoss",
    family="regression",
    summary="Half the squared error up to delta, and beyond it a straight line with the slope delta.",
    formula=(
        r"\ell(x, y) = \begin{cases}"
        r" \frac{1}{2} (x - y)^2 & \text{if } \lvert x - y \rvert \le \delta \\"
        r" \delta \left( \lvert x - y \rvert - \frac{1}{2} \delta \right) & \text{otherwise} \end{cases}"
    ),
    arguments=(
        Argument("input", "any real number, any shape", (Form(Kind.REAL, Shape.ANY),), differentiable=True),
        Argument(
            "target",
            "a real number, same shape as input and, for a gradient, its dtype",
            (Form(Kind.REAL, Shape.SAME, dtype=Dtype.SAME),),
        ),
    ),
    options=(
        Option(
            "delta",
            1.0,
            "the error at which squared turns into straight, and the largest gradient; in the target's unit",
            domain=Domain(low=0, open=True),
        ),
        Option(
            "weight",
            None,
            "a factor for each element; the mean still divides by their number",
            shape=Shape.SAME,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0, times=("delta", "weight")),),
    gradient_far="-delta or +delta, whatever the distance",
    gradient_at_target="0, reached in proportion to the error (slope 1)",
    fades=True,
    statistic=None,
    elicits="a mean in which a target beyond delta counts as if it were delta away",
    robust_to="outliers in the target: any minority for a constant, fewer for a line; not those in the input",
    use_when="the size of an ordinary error is known, and targets that are far off should count less",
    avoid_when="the size of an ordinary error is unknown, or it is the inputs that are wrong",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "far targets pull the model away, as under MSE",
            "`delta` has the unit of the target, and is large beside the ordinary errors",
            "delta = 2 * (input - target).detach().abs().median().item()  # errors of a first fit under L1",
            "`delta` has the unit of the target",
            said=("delta too large", "outliers still matter"),
        ),
        Symptom(
            Sign.USELESS,
            "under SGD the loss falls slowly, and all predictions stay far off",
            "without momentum the last bias moves by at most `delta` times the rate in a step (mean)",
            "model.bias.data.fill_(target.median())  # of the last layer; or momentum, or a larger rate",
            "A training loop, and what to watch",
            said=("delta too small",),
        ),
        Symptom(
            Sign.SILENT,
            "samples with the largest errors are not learned at all",
            "the error was clipped before it was squared, and beyond the clip the gradient is 0",
            "F.huber_loss(input, target, delta=1.0)  # in place of the clamp at 1",
            "A clipped error has no gradient where it is clipped",
            said=("clip the error", "clipped td error"),
        ),
        Symptom(
            Sign.USELESS,
            "rows with a far input bend the fit of a feature of many values, although far targets hardly do",
            "the fit passes near them, and their errors stay small; if they are wrong, pass this `weight`",
            "far = (x - x.median()).abs().view_as(y); weight = (3 * far.median() / far).clamp(max=1) ** 2",
            "Far targets and far inputs, twenty times",
            said=("leverage",),
        ),
        Symptom(
            Sign.ERROR,
            "Found dtype Long but expected Float",
            "the loss takes targets of any real dtype, its backward pass only those of the dtype of `input`",
            "F.huber_loss(input, target.to(input.dtype))",
            "The backward pass wants one dtype",
            messages=("Found dtype Double but expected Float", "Found dtype Float but expected Half"),
        ),
        Symptom(
            Sign.ERROR,
            "argument 'delta' (position 4) must be float, not Tensor",
            "`delta` is one number; a tensor of them has to scale the errors instead",
            '(delta**2 * F.huber_loss(input / delta, target / delta, reduction="none")).mean()',
            "A `delta` for each column, or one that is learned",
            said=("schedule", "per-sample delta"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "with `weight` the mean is not the weighted mean that `mse_loss` and `l1_loss` give",
            "they divide by the sum of the weights, `huber_loss` by the number of elements",
            "weight = weight / weight.mean()",
            "The weighted mean divides by the number of elements",
        ),
        Symptom(
            Sign.ERROR,
            "huber_loss does not support non-positive values for delta.",
            "`delta` was computed, and came out as 0, negative or nan",
            "assert delta > 0, delta  # there: the median of residuals is 0 if most of them are",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Huber",
            1964,
            "Robust Estimation of a Location Parameter",
            "https://doi.org/10.1214/aoms/1177703732",
        ),
        Source(
            "Huber",
            1973,
            "Robust Regression: Asymptotics, Conjectures and Monte Carlo",
            "https://doi.org/10.1214/aos/1176342503",
        ),
    ),
)


def _reweight(c, target, delta):
    weight = (delta / (target - c).abs()).clamp(max=1)
    return (weight * target).sum() / weight.sum()


EXERCISES = {
    "by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.huber_loss(torch.tensor([0.5, 2.0, -10.0]), torch.zeros(3), delta=4.0, reduction="none"),
        [{}],
        hints=(
            "For each error ask first: is its size above delta, or not?",
            "Inside, the loss is half of the square, whatever delta is. Outside, delta multiplies the size "
            "of the error less half of delta.",
        ),
    ),
    "reweight": Exercise(
        "reweight(c, target, delta)",
        _reweight,
        [
            {"c": 4.0, "target": array(3, 5), "delta": 2.0},
            {"c": 0.0, "target": array(1, 10), "delta": 2.0},
            {"c": 0.0, "target": array(-10, 1, 2), "delta": 2.0},
            {"c": 3.0, "target": array(3, 4, 20), "delta": 2.0},
            {"c": 46.0, "target": array(31, 33, 34, 36, 96), "delta": 5.0},
            {"c": 0.5, "target": random(0, 6), "delta": 1.5},
        ],
        hints=(
            "Which weight times the error is the error where that is small, and delta where it is large?",
            "A weight never exceeds 1, and the sign of an error is no matter of its weight.",
            "A target that is met has an error of 0. Which weight should it have, and what does your "
            "quotient make of it?",
        ),
    ),
    "find_the_bug": Exercise(
        "one_sided_huber(input, target, delta)",
        lambda input, target, delta: F.huber_loss(input, target, delta=delta),
        [
            {"input": array(0.5), "target": array(0), "delta": 1.0},
            {"input": array(3), "target": array(0), "delta": 1.0},
            {"input": array(-3), "target": array(0), "delta": 1.0},
            {"input": array(-2, 2), "target": array(0, 0), "delta": 2.0},
            {"input": random(0, 6), "target": random(1, 6), "delta": 0.5},
            {"input": random(2, 2, 3), "target": random(3, 2, 3), "delta": 1.5},
        ],
        hints=(
            "Work out both masks for the errors 3 and −3. What is their sum in each case?",
            "One of the two masks asks for the size of the error, the other for the error itself.",
            "Every error must be inside or outside, and none both.",
        ),
    ),
}
