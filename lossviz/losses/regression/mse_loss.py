"""Mean squared error: its facts and its exercises."""

from math import inf

import numpy as np
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
    name="mse_loss",
    title="Mean squared error",
    aliases=("MSE", "squared loss", "L2 loss", "least squares"),
    torch_class="torch.nn.MSELoss",
    family="regression",
    summary="The squared difference between prediction and target.",
    formula=r"\ell(x, y) = (x - y)^2",
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
    gradients=(Bounds(-inf, inf),),
    gradient_far="twice the error, growing without bound",
    gradient_at_target="0, reached in proportion to the error (slope 2)",
    fades=True,
    statistic=Statistic.MEAN,
    elicits="the mean",
    robust_to="nothing in particular: one far target can outweigh a whole batch",
    use_when="errors are about normal, or means are wanted because amounts add up",
    avoid_when="some targets are wrong or far out, or the target is a class",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss stalls at the variance of the targets, and every prediction is their mean",
            "`(N, 1)` predictions against `(N,)` targets are broadcast to `(N, N)`, with a warning only",
            "input.squeeze(-1)  # or target.squeeze(-1)",
            "A column against a row",
            messages=("This will likely lead to incorrect results due to broadcasting.",),
        ),
        Symptom(
            Sign.HUGE,
            "the loss grows with each step, to inf and then nan",
            "a feature, or a network's targets, in large units make a direction too steep for the rate",
            "x = features - features[0]; features = (x - x.mean(0)) / x.std(0).clamp(1e-9)  # targets too",
            "A feature in metres makes descent diverge",
        ),
        Symptom(
            Sign.USELESS,
            "the fit follows a few far targets, and most rows are predicted badly",
            "the gradient grows with the error, so that one outlier can outweigh a batch",
            "F.smooth_l1_loss(input, target, beta=beta)  # if they are mistakes; beta: a usual error",
            "The share of one outlier",
        ),
        Symptom(
            Sign.USELESS,
            "the predictions are right on average, but too high for most rows",
            "the loss asks for the mean, which a few large targets raise above the usual value",
            "F.l1_loss(input, target)  # for the median, if nothing is added up",
            "When amounts add up",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan from the first step, or it is finite and the gradient is nan",
            "a target is nan, without a mask or with one that comes after the loss: 0 times nan is nan",
            'ok = target.isfinite(); F.mse_loss(input[ok], target[ok], reduction="sum") / max(ok.sum(), 1)',
            "Masking after the loss",
        ),
        Symptom(
            Sign.NAN,
            "parameters are nan after one batch, although the loss was 0",
            "the root of the mean squared error has an infinite slope at a perfect fit",
            "loss = F.mse_loss(input, target); rmse = loss.detach().sqrt()",
            "The square root has no slope at 0",
        ),
        Symptom(
            Sign.USELESS,
            "the model answers with a class between the two that are possible",
            "class labels were taken for positions on a line",
            "F.cross_entropy(logits, labels)",
            "Class labels are accepted",
        ),
        Symptom(
            Sign.HUGE,
            "the loss is inf in float16, while training goes on",
            "the square of an error of 256 is above 65,504, the largest float16",
            "F.mse_loss(input.float(), target.float())",
            "An error of 256 overflows in float16",
        ),
    ),
    sources=(
        Source(
            "Stigler",
            1981,
            "Gauss and the Invention of Least Squares",
            "https://doi.org/10.1214/aos/1176345451",
        ),
        Source(
            "Banerjee, Guo and Wang",
            2005,
            "On the Optimality of Conditional Expectation as a Bregman Predictor",
            "https://doi.org/10.1109/TIT.2005.850145",
        ),
    ),
)


def _weighted_mean(target, weight):
    return (weight * target).sum() / weight.sum()


def _rmse_grad(input, target):
    input.requires_grad_()
    # The norm has the gradient 0 at 0; the root of mse_loss has nan there.
    rmse = torch.linalg.vector_norm(input - target) / input.numel() ** 0.5
    return torch.autograd.grad(rmse, input)[0]


EXERCISES = {
    "by_hand": Exercise(
        "the mean squared error as a number",
        lambda: F.mse_loss(torch.tensor([3.0, -1.0, 0.0, 2.0]), torch.tensor([1.0, 0.0, 0.0, 2.0])),
        [{}],
        hints=(
            "Write the four errors below each other first, prediction minus target; two of them are 0.",
            "The default reduction is the mean, and it divides by all four elements, also by those "
            "without an error.",
        ),
    ),
    "best_constant": Exercise(
        "best_constant(target, weight)",
        _weighted_mean,
        [
            {"target": array(0, 4), "weight": array(1, 1)},
            {"target": array(0, 4), "weight": array(1, 3)},
            {"target": array(0, 4, 100), "weight": array(2, 2, 0)},
            {"target": random(0, 5), "weight": positive(1, 5)},
            {"target": random(2, 2, 3), "weight": positive(3, 2, 3)},
        ],
        hints=(
            "Try two targets, 0 and 4, where the second weighs three times as much as the first. "
            "Nearer to which of them must the constant lie?",
            "In the equation for the slope, bring everything with c to one side: c is multiplied by a sum.",
            "What is left is a mean in which each target counts as much as its weight, and the "
            "divisor is not the number of targets.",
        ),
    ),
    "rmse_gradient": Exercise(
        "rmse_grad(input, target)",
        _rmse_grad,
        [
            {"input": array(3), "target": array(0)},
            {"input": array(3, -4), "target": array(0, 0)},
            {"input": array(1, 2), "target": array(1, 2)},
            {"input": random(0, 6), "target": random(1, 6)},
            {"input": random(2, 2, 3), "target": random(3, 2, 3)},
        ],
        hints=(
            "Write the gradient of the MSE first; the section In NumPy has it, with the mean in it.",
            "The derivative of a root is one over twice the root. So the gradient of the MSE is "
            "divided by something that has no index.",
            "At a perfect fit that divisor is 0. Catch this before you divide, and return an array of "
            "the right shape.",
        ),
    ),
    "find_the_bug": Exercise(
        "padded_mse(input, target, mask)",
        lambda input, target, mask: F.mse_loss(input[mask], target[mask]),
        [
            {"input": array(2, 1), "target": array(0, 0), "mask": np.array([True, True])},
            {"input": array(2, 1), "target": array(0, 0), "mask": np.array([True, False])},
            {"input": array(2, 1), "target": array(0, np.nan), "mask": np.array([True, False])},
            {"input": array(np.nan, 1), "target": array(0, 0), "mask": np.array([True, True])},
            {
                "input": array(4, 0, 2, 2).reshape(2, 2),
                "target": np.zeros((2, 2)),
                "mask": np.array([[True, False], [True, True]]),
            },
            {"input": random(0, 2, 3), "target": random(1, 2, 3), "mask": np.eye(2, 3) == 0},
        ],
        hints=(
            "Take two elements of which one is padding. By what does the mean divide, and by what should it?",
            "For the second fault, put nan into the padding. What is nan times 0?",
            "Both go away if padding never enters the arithmetic: pick the real elements before you "
            "subtract.",
        ),
    ),
}
