"""Smooth L1 loss: its facts and its exercises."""

from math import inf

import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, random
from lossviz.losses.loss import (
    NOT_NEGATIVE,
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
    Symptom,
)

LOSS = Loss(
    name="smooth_l1_loss",
    title="Smooth L1 loss",
    aliases=("Huber loss divided by its threshold",),
    torch_class="torch.nn.SmoothL1Loss",
    family="regression",
    summary="Squared for errors smaller than beta, absolute beyond, joined without a kink.",
    formula=(
        r"\ell(x, y) = \begin{cases}"
        r" \frac{1}{2} (x - y)^2 / \beta & \text{if } \lvert x - y \rvert < \beta \\"
        r" \lvert x - y \rvert - \frac{1}{2} \beta & \text{otherwise} \end{cases}"
    ),
    arguments=(
        Argument("input", "any real number, any shape", (Form(Kind.REAL, Shape.ANY),), differentiable=True),
        Argument(
            "target",
            "a real number, same shape as input",
            (Form(Kind.REAL, Shape.SAME, dtype=Dtype.REAL),),
        ),
    ),
    options=(
        Option(
            "beta",
            1.0,
            "the error at which squared turns into absolute, in the target's unit; 0 gives the L1 loss",
            domain=NOT_NEGATIVE,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="-1 or +1, whatever the distance",
    gradient_at_target="0, reached in proportion to the error (slope 1 / beta)",
    fades=True,
    statistic=None,
    elicits="a location that starts at the median (beta near 0) and ends at the mean (beta large)",
    robust_to="outliers in the target: beyond beta the gradient of an error grows no further",
    use_when="errors are mostly small with some outliers, and steps should shrink near the target",
    avoid_when="the scale of the errors is unknown: beta has to be chosen against it",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "wrong targets draw the model away, as under MSE",
            "`beta` has the unit of the target, and hardly any error reaches it, so that most are squared",
            "beta = 2 * (input - target).detach().abs().median().item()  # of a fit with L1",
            "Take `beta` from the residuals of an L1 fit",
            said=("beta too large", "outliers still matter"),
        ),
        Symptom(
            Sign.USELESS,
            "predictions keep jumping back and forth near the target, as under L1",
            "`beta` is small for the learning rate, so that a step leads across the target and out of `beta`",
            "(input - target).abs().lt(beta).float().mean()  # near 0: raise beta, or lower the rate",
            "At a fixed rate Smooth L1 comes to rest, unless `beta` is too small",
            said=("beta too small", "jitter"),
        ),
        Symptom(
            Sign.USELESS,
            "the loss falls slowly, and after hundreds of steps all predictions are still far off",
            "a gradient of at most 1 moves the last bias by at most the learning rate a step of plain SGD",
            "model.bias.data.fill_(target.median())  # of the last layer; or a larger rate",
            "An edge from three features",
        ),
        Symptom(
            Sign.DIFFERENT,
            "after a change from `huber_loss`, loss and gradient are larger or smaller by a factor",
            "`smooth_l1_loss` is `huber_loss` divided by its threshold",
            "F.huber_loss(input, target, delta=beta)  # is beta * F.smooth_l1_loss(input, target, beta=beta)",
            "Huber and Smooth L1 are not interchangeable",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the box loss is the smaller, the fewer objects an image has",
            "the mean divides by the masked elements too",
            '(loss * mask).sum() / mask.sum().clamp(min=1)  # of reduction="none"; mask of its shape',
            "Masked anchors still count in the mean",
            said=("mask", "padding"),
        ),
        Symptom(
            Sign.NAN,
            "the box loss of an image without boxes is nan",
            "the mean of no elements is 0 / 0; their sum is 0",
            'F.smooth_l1_loss(input, target, reduction="sum") / max(input.numel(), 1)',
            "An image without boxes",
            said=("no ground truth", "no positive anchors"),
        ),
        Symptom(
            Sign.ERROR,
            "smooth_l1_loss does not support negative values for beta.",
            "a threshold below 0, or nan, has no meaning: something went wrong where `beta` was computed",
            "assert beta >= 0, beta  # there; it is a number in the unit of the target",
            "Rare cases",
        ),
    ),
    sources=(
        Source("Girshick", 2015, "Fast R-CNN", "https://arxiv.org/abs/1504.08083"),
        Source(
            "Huber",
            1964,
            "Robust Estimation of a Location Parameter",
            "https://doi.org/10.1214/aoms/1177703732",
        ),
    ),
)


EXERCISES = {
    "by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.smooth_l1_loss(torch.tensor([0.2, 1.0, -3.0]), torch.zeros(3), beta=0.5, reduction="none"),
        [{}],
        hints=(
            "For each error ask first: is its size below beta, or not?",
            "Inside, the square is divided by twice beta. Outside, half of beta is taken off the "
            "size; the sign of the error does not matter.",
        ),
    ),
    "huber": Exercise(
        "huber(input, target, delta)",
        lambda input, target, delta: F.huber_loss(input, target, delta=delta),
        [
            {"input": array(0.5), "target": array(0), "delta": 1.0},
            {"input": array(3), "target": array(0), "delta": 1.0},
            {"input": array(3), "target": array(0), "delta": 2.0},
            {"input": array(-3), "target": array(0), "delta": 2.0},
            {"input": array(-2, 2), "target": array(0, 0), "delta": 2.0},
            {"input": random(0, 6), "target": random(1, 6), "delta": 0.5},
            {"input": random(2, 2, 3), "target": random(3, 2, 3), "delta": 1.5},
        ],
        hints=(
            "At the threshold the parabola is worth δ²/2. What is its slope there?",
            "Take the straight line through that point with that slope, and look at what it is worth "
            "at a size of 0.",
            "Outside, the loss is δ times something that is half a threshold below the size of the error.",
        ),
    ),
    "find_the_bug": Exercise(
        "jumping_smooth_l1(input, target, beta)",
        lambda input, target, beta: F.smooth_l1_loss(input, target, beta=beta),
        [
            {"input": array(0.5), "target": array(0), "beta": 1.0},
            {"input": array(3), "target": array(0), "beta": 1.0},
            {"input": array(1), "target": array(0), "beta": 2.0},
            {"input": array(3), "target": array(0), "beta": 2.0},
            {"input": random(0, 6), "target": random(1, 6), "beta": 0.5},
            {"input": random(2, 2, 3), "target": random(3, 2, 3), "beta": 1.5},
        ],
        hints=(
            "Set beta to 2 and work out both branches for an error of exactly 2. Do they agree?",
            "Only one of the two pieces knows of beta. At the default of 1 nobody can see that.",
            "The constant that is taken off must be what makes the pieces meet, and it grows with beta.",
        ),
    ),
}
