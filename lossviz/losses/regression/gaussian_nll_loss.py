"""Gaussian negative log-likelihood: its facts and its exercises."""

from math import inf, log, pi

import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, positive, random
from lossviz.losses.loss import (
    NOT_NEGATIVE,
    SWITCH,
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

EPS = 1e-6
LOWEST = log(EPS) / 2

LOSS = Loss(
    name="gaussian_nll_loss",
    title="Gaussian negative log-likelihood",
    aliases=("heteroscedastic regression loss", "mean-variance loss"),
    torch_class="torch.nn.GaussianNLLLoss",
    family="regression",
    summary="What an outcome costs under a predicted mean and variance.",
    formula=r"\ell(m, y, v) = \tfrac12 \Big(\ln v + \frac{(m - y)^2}{v}\Big)",
    arguments=(
        Argument(
            "input",
            "means, any real number, any shape",
            (Form(Kind.REAL, Shape.ANY),),
            differentiable=True,
        ),
        Argument(
            "target",
            "real numbers, same shape as input",
            (Form(Kind.REAL, Shape.SAME, dtype=Dtype.REAL),),
        ),
        Argument(
            "var",
            "variances >= 0, no standard deviations: the shape of input, or that with one axis of size 1, "
            "or without the last axis; or one float",
            (Form(Kind.VARIANCES, Shape.SAME, NOT_NEGATIVE, checked=True),),
            differentiable=True,
        ),
    ),
    options=(
        Option("full", False, "whether to add the constant ln(2 pi) / 2", domain=SWITCH),
        Option("eps", EPS, "smaller variances are raised to it", domain=NOT_NEGATIVE),
    ),
    values=(
        Bounds(LOWEST, inf, where={"eps": EPS, "full": False}),
        Bounds(LOWEST + log(2 * pi) / 2, inf, where={"eps": EPS, "full": True}),
        Bounds(-inf, inf),
    ),
    gradients=(Bounds(-inf, inf),),
    gradient_far="error / var in the mean, in the variance minus half the square of that",
    gradient_at_target="0 in the mean; in the variance 1 / (2 var), which still lowers it",
    fades=False,
    statistic=Statistic.MEAN,
    elicits="the mean, and for the variance the mean of the squared errors",
    robust_to="nothing in particular; a predicted variance can grow around outliers",
    use_when="a forecast should say how far off it expects to be, and noise is roughly normal",
    avoid_when="only the mean is wanted, or it is hard to learn (start with squared error, or beta-NLL)",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the loss falls, and the mean fits worse than under the squared error",
            "each error is divided by the predicted variance, which stays large where the mean fits badly",
            "loss = F.mse_loss(mean, y) if step < half else F.gaussian_nll_loss(mean, y, var)",
            "The likelihood is slow where the mean fits badly",
            said=("beta-nll", "heteroscedastic", "uncertainty"),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is below 0",
            "a density may exceed 1, no fault; above the baseline a model is worse than a constant",
            "baseline = F.gaussian_nll_loss(y.mean(0).expand_as(y), y, y.var(0, correction=0).expand_as(y))",
            "A loss below 0 is a density above 1",
        ),
        Symptom(
            Sign.USELESS,
            "predicted spreads are the squares of what they should be",
            "a standard deviation is passed, and the loss takes it for a variance",
            "F.gaussian_nll_loss(mean, y, std**2)",
            "A standard deviation is no variance",
        ),
        Symptom(
            Sign.ERROR,
            "var is of incorrect size",
            "one variance for each feature, `(D,)`, is refused; where D = N it is read as one for each row",
            "F.gaussian_nll_loss(mean, y, var.expand_as(mean))  # a column beside (N,): var.reshape_as(mean)",
            "One variance for each feature",
        ),
        Symptom(
            Sign.STUCK,
            "every mean becomes the mean of the targets, without a warning",
            "`(N, 1)` against `(N,)` is broadcast to `(N, N)`",
            "F.gaussian_nll_loss(mean.reshape_as(y), y, var.reshape_as(y))",
            "A column against a row",
        ),
        Symptom(
            Sign.ERROR,
            "var has negative entry/entries",
            "the model's raw output is passed as a variance",
            "var = F.softplus(raw) + 1e-4  # a floor in the square of the target's unit",
            "A raw output is no variance",
        ),
        Symptom(
            Sign.NAN,
            "the loss is inf, and then parameters are nan",
            "`raw.exp()` as the variance overflows in float32 above 88.7; in its gradient 0 · inf is nan",
            "var = F.softplus(raw) + 1e-4  # a floor in the square of the target's unit",
            "A raw output is no variance",
            said=("log variance", "logvar"),
        ),
        Symptom(
            Sign.HUGE,
            "a gradient of 500,000 / N or many times that in `var`, to which the loss does not react",
            "`var` fell below `eps`: the loss is that of `eps`, and so is the gradient",
            "var = F.softplus(raw) + 1e-4  # above eps, in the square of the target's unit",
            "Below eps the gradient is that of eps",
            numbers=(
                Number(0.5 / EPS, "1 / (2 eps), the gradient of a variance below eps without an error"),
                Number(LOWEST, "ln(eps) / 2, the lowest loss with the default eps"),
            ),
        ),
    ),
    sources=(
        Source(
            "Nix and Weigend",
            1994,
            "Estimating the Mean and Variance of the Target Probability Distribution",
            "https://doi.org/10.1109/ICNN.1994.374138",
        ),
        Source(
            "Seitzer, Tavakoli, Antic and Martius",
            2022,
            "On the Pitfalls of Heteroscedastic Uncertainty Estimation with Probabilistic Neural Networks",
            "https://openreview.net/forum?id=aPOpXlnV1T",
        ),
    ),
)


def _by_hand():
    mean, var = torch.tensor(1.0, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    loss = F.gaussian_nll_loss(mean, torch.tensor(4.0), var)
    return torch.stack([loss, *torch.autograd.grad(loss, (mean, var))])


def _common_variance(input, target):
    tried = torch.logspace(-3, 3, 7, dtype=input.dtype)
    best = ((input - target) ** 2).mean()
    losses = [F.gaussian_nll_loss(input, target, v.item()) for v in (*tried, best)]
    assert min(losses) == losses[-1]
    return best


def _beta_gradient(input, target, var, beta):
    mean, v = input.clone().requires_grad_(), var.clone().requires_grad_()
    each = F.gaussian_nll_loss(mean, target, v, reduction="none")
    return torch.stack(torch.autograd.grad((v.detach() ** beta * each).sum(), (mean, v)))


EXERCISES = {
    "by_hand": Exercise(
        "the loss and its two gradients, as a list or an array",
        _by_hand,
        [{}],
        hints=(
            "The error is the mean minus the target. Divide its square by the variance.",
            "The gradient in the mean is the error divided by the variance.",
            "The gradient in the variance is half of: one over it, minus the square of the first gradient.",
        ),
    ),
    "common_variance": Exercise(
        "common_variance(input, target)",
        _common_variance,
        [
            {"input": array(0, 0), "target": array(1, -1)},
            {"input": array(0, 0, 0), "target": array(1, 1, 4)},
            {"input": random(0, 6), "target": random(1, 6)},
            {"input": random(2, 2, 3), "target": random(3, 2, 3)},
        ],
        hints=(
            "Add the gradients in the variance of all elements, and set the sum to 0.",
            "The variance is the same everywhere, so it can be taken out of the sum.",
        ),
    ),
    "beta_gradient": Exercise(
        "beta_gradient(input, target, var, beta)",
        _beta_gradient,
        [
            {"input": array(20), "target": array(23), "var": array(1), "beta": 0.5},
            {"input": array(20), "target": array(23), "var": array(9), "beta": 0.0},
            {"input": array(20, 20), "target": array(23, 23), "var": array(9, 100), "beta": 0.5},
            {"input": random(0, 6), "target": random(1, 6), "var": positive(2, 6), "beta": 1.0},
            {"input": random(3, 4), "target": random(4, 4), "var": positive(5, 4), "beta": 0.25},
        ],
        hints=(
            "The weight is detached: differentiate the loss as if the weight were a number.",
            "Both gradients of the chapter are multiplied by the same weight.",
            "Return two rows, the gradient in the mean first; `np.stack` puts them on top of each other.",
        ),
    ),
    "find_the_bug": Exercise(
        "nll_of_std(input, target, std)",
        lambda input, target, std: F.gaussian_nll_loss(input, target, std**2),
        [
            {"input": array(20), "target": array(23), "std": array(1)},
            {"input": array(20), "target": array(23), "std": array(3)},
            {"input": array(20, 20), "target": array(23, 19), "std": array(3, 0.5)},
            {"input": random(0, 6), "target": random(1, 6), "std": positive(2, 6)},
            {"input": random(3, 2, 3), "target": random(4, 2, 3), "std": positive(5, 2, 3)},
        ],
        hints=(
            "Which standard deviation above eps gives the right loss for every error, and why only that one?",
            "In which unit is a standard deviation of a temperature, and in which its variance?",
        ),
    ),
}
