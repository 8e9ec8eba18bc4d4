"""L1 loss: its facts and its exercises."""

from math import inf

import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, positive, random
from lossviz.losses.loss import (
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

LOSS = Loss(
    name="l1_loss",
    title="L1 loss",
    aliases=("mean absolute error", "MAE", "absolute loss"),
    torch_class="torch.nn.L1Loss",
    family="regression",
    summary="The absolute difference between prediction and target.",
    formula=r"\ell(x, y) = \lvert x - y \rvert",
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
            "weight",
            None,
            "a factor for each element; the mean divides by the sum of the weights",
            shape=Shape.SAME,
            in_divisor=True,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0, times=("weight",)),),
    gradient_far="-1 or +1, whatever the distance",
    gradient_at_target="0 at the target itself, jumping to -1 and +1 beside it",
    fades=True,
    statistic=Statistic.MEDIAN,
    elicits="the median",
    robust_to="outliers in the target: any minority for a constant, fewer for a line",
    use_when="targets have outliers or heavy tails, or the error is to be read in the target's unit",
    avoid_when="the mean is wanted, or steps must shrink by themselves: a fixed step overshoots",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "a perfect prediction has a loss above 0, and every prediction becomes the median of all targets",
            "`(N, 1)` predictions against `(N,)` targets are broadcast to `(N, N)`, with a warning only",
            "input.squeeze(1)",
            "A column against a row",
            messages=("This will likely lead to incorrect results due to broadcasting.",),
        ),
        Symptom(
            Sign.USELESS,
            "near the target the prediction jumps back and forth by the same amount",
            "the slope of an error does not shrink near its target, and a fixed step walks over it",
            "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)  # or a lower learning rate",
            "A fixed step overshoots a single target",
        ),
        Symptom(
            Sign.USELESS,
            "the prediction is 0 nearly everywhere, although a part of the targets is far from 0",
            "for most inputs more than half of the targets are 0, and the loss asks for their median",
            "F.mse_loss(input, target)  # for the mean",
            "Where most targets are 0, the best constant is 0",
        ),
        Symptom(
            Sign.USELESS,
            "a few rows with extreme features bend the fit, although wrong targets hardly do",
            "the gradient is bounded in the prediction, but in a weight it is multiplied by the feature",
            "keep = features.abs().amax(dim=1) < limit  # before training",
            "A bounded gradient limits wrong targets, not wrong inputs",
        ),
        Symptom(
            Sign.DIFFERENT,
            "with ten outputs a sample, the gradient of each is ten times smaller",
            "the mean divides by elements, not by samples",
            'F.l1_loss(input, target, reduction="none").flatten(1).sum(dim=1).mean()',
            "`mean` divides by elements, not by rows",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan, and yet the model is not and goes on learning",
            "a target is nan: the slope that torch gives to its error is 0, so that only the loss shows it",
            'ok = target.isfinite(); F.l1_loss(input[ok], target[ok], reduction="sum") / max(ok.sum(), 1)',
            "Rare cases",
        ),
        Symptom(
            Sign.DIFFERENT,
            "compiled, the weights of `l1_loss` have no effect",
            "`torch.compile` loses them in torch 2.13 and says nothing, as `torch.set_default_device` does",
            "((input - target).abs() * weight).sum() / weight.sum()",
            "Compiled, the weights are lost",
            said=("torch.compile", "compiled", "inductor", "weights have no effect", "weight has no effect"),
        ),
        Symptom(
            Sign.DIFFERENT,
            '`reduction="mean"` was asked for and the sum came out',
            "`size_average=False` was given as well, and overrides `reduction`",
            'F.l1_loss(input, target, reduction="mean")  # no size_average, no reduce',
            "The old switches",
        ),
    ),
    sources=(
        Source("Koenker and Bassett", 1978, "Regression Quantiles", "https://doi.org/10.2307/1913643"),
        Source(
            "Gneiting",
            2011,
            "Making and Evaluating Point Forecasts",
            "https://doi.org/10.1198/jasa.2011.r10138",
        ),
    ),
)


def _weighted_l1(input, target, weight):
    return (weight * (input - target).abs()).sum() / weight.sum()


def _quantile_loss(input, target, q):
    missing = target - input
    return torch.maximum(q * missing, (q - 1) * missing).mean()


def _l1_loss(input, target):
    if input.shape != target.shape:
        raise ValueError
    return F.l1_loss(input, target)


EXERCISES = {
    "by_hand": Exercise(
        "the mean L1 loss as a number",
        lambda: F.l1_loss(torch.tensor([2.0, -1.0, 0.0, 5.0]), torch.tensor([0.0, 0.0, 0.0, 1.0])),
        [{}],
        hints=(
            "Write the four distances first. A distance has no sign.",
            "The default reduction is the mean over all four.",
        ),
    ),
    "weighted": Exercise(
        "weighted_l1(input, target, weight)",
        _weighted_l1,
        [
            {"input": array(2, -1), "target": array(0, 0), "weight": array(1, 1)},
            {"input": array(2, -1), "target": array(0, 0), "weight": array(3, 1)},
            {"input": array(2, -1), "target": array(0, 0), "weight": array(0, 1)},
            {"input": random(0, 5), "target": random(1, 5), "weight": positive(2, 5)},
            {"input": random(3, 2, 3), "target": random(4, 2, 3), "weight": positive(5, 2, 3)},
        ],
        hints=(
            "Take two elements with the weights 3 and 1. What would the plain mean be if the first "
            "element stood in the list three times?",
            "The distances are multiplied by their weights; the question is what to divide by.",
            "Doubling all weights must change nothing. So what divides must double with them.",
        ),
    ),
    "quantile": Exercise(
        "quantile_loss(input, target, q)",
        _quantile_loss,
        [
            {"input": array(0), "target": array(1), "q": 0.5},
            {"input": array(0), "target": array(1), "q": 0.9},
            {"input": array(1), "target": array(0), "q": 0.9},
            {"input": array(0, 1), "target": array(1, 1), "q": 0.25},
            {"input": random(0, 6), "target": random(1, 6), "q": 0.1},
            {"input": random(2, 2, 3), "target": random(3, 2, 3), "q": 0.75},
        ],
        hints=(
            "Work out two cases for q = 0.9: the prediction is 1 too low, and 1 too high.",
            "Let missing be target minus input. Too low means that it is positive; each sign has a "
            "price of its own.",
            "Unless missing is 0, exactly one of its products with q and with q − 1 is positive. The "
            "cost is that one, and the loss is the mean.",
        ),
    ),
    "find_the_bug": Exercise(
        "careless_l1(input, target)",
        _l1_loss,
        [
            {"input": array(2, -1), "target": array(0, 0)},
            {"input": array(2, -1).reshape(2, 1), "target": array(2, -1)},
            {"input": array(2, -1).reshape(2, 1), "target": array(0, 0).reshape(2, 1)},
            {"input": array(1), "target": array(0, 0)},
            {"input": array(2, -1).reshape(1, 2), "target": array(2, -1).reshape(2, 1)},
            {"input": random(0, 2, 3), "target": random(1, 3)},
            {"input": random(2, 2, 3), "target": random(3, 2, 3)},
        ],
        hints=(
            "Which shapes does NumPy subtract although they differ? The section Pitfalls has the one "
            "that happens most.",
            "A column against a row gives a square. Print the shape of the difference for such a pair.",
            "Compare the two shapes before anything else, and say both in the error.",
        ),
    ),
}
