"""Toy loss: its facts, its exercises, and the function itself, which torch has not."""

from math import inf, log

import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, random
from lossviz.losses.loss import (
    Argument,
    Bounds,
    Dtype,
    Form,
    Kind,
    Loss,
    Shape,
    Sign,
    Source,
    Symptom,
)


def toy_loss(input, target, reduction="mean"):
    """The logarithm of the hyperbolic cosine of the error."""
    distance = (input - target).abs()
    loss = distance + F.softplus(-2 * distance) - log(2)
    return loss if reduction == "none" else getattr(loss, reduction)()


LOSS = Loss(
    name="toy_loss",
    title="Toy loss",
    aliases=("log-cosh loss",),
    torch_class=None,
    home="lossviz.losses.regression.toy_loss",
    family="regression",
    summary="The logarithm of the hyperbolic cosine of the error.",
    formula=r"\ell(x, y) = \log \cosh(x - y)",
    arguments=(
        Argument("input", "any real number, any shape", (Form(Kind.REAL, Shape.ANY),), differentiable=True),
        Argument(
            "target",
            "a real number, same shape as input",
            (Form(Kind.REAL, Shape.SAME, dtype=Dtype.REAL),),
        ),
    ),
    options=(),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="-1 or +1, whatever the distance",
    gradient_at_target="0, without a jump",
    fades=True,
    statistic=None,
    elicits="between the median and the mean",
    robust_to="outliers in the target",
    use_when="a table of losses is to be tested",
    avoid_when="it is no test",
    symptoms=(
        Symptom(
            Sign.DIFFERENT,
            "it is less than |error| far away",
            "log 2 is missing",
            "toy_loss(input, target) + log(2)",
            "Too low",
        ),
        Symptom(Sign.STUCK, "a column meets a row", "it is broadcast", "input.squeeze(1)", "A column"),
        Symptom(
            Sign.USELESS,
            "it falls slowly",
            "the slope is at most 1",
            "toy_loss(input / target.std(), target / target.std())",
            "Slow",
        ),
    ),
    sources=(Source("Nobody", 2000, "On Toys", "https://example.org/toys"),),
)


def _far(input, target):
    return toy_loss(input, target) + log(2)


EXERCISES = {
    "by_hand": Exercise(
        "the loss at the target",
        lambda: toy_loss(torch.zeros(1), torch.zeros(1)) + 1,
        [{}],
        hints=("What is cosh(0)?", "Its logarithm is 0, and 1 is added."),
    ),
    "far": Exercise(
        "far(input, target)",
        _far,
        [{"input": array(3, 0), "target": array(0, 0)}, {"input": random(0, 4), "target": random(1, 4)}],
        hints=("What does it lack to the distance, far away?", "Add log 2 to the mean."),
    ),
    "find_the_bug": Exercise(
        "faulty_toy_loss(input, target)",
        toy_loss,
        [{"input": array(3, 0), "target": array(0, 0)}, {"input": random(0, 4), "target": random(1, 4)}],
        hints=("Which base has the logarithm?", "It is the natural one."),
    ),
}
