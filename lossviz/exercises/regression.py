"""The exercises of the chapters on the regression losses."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, counts, positive, random
from lossviz.exercises.judging import Exercise


def _weighted_mean(target, weight):
    return (weight * target).sum() / weight.sum()


def _rmse_grad(input, target):
    input.requires_grad_()
    # The norm has the gradient 0 at 0; the root of mse_loss has nan there.
    rmse = torch.linalg.vector_norm(input - target) / input.numel() ** 0.5
    return torch.autograd.grad(rmse, input)[0]


MSE_LOSS = {
    "mse_loss/by_hand": Exercise(
        "the mean squared error as a number",
        lambda: F.mse_loss(torch.tensor([3.0, -1.0, 0.0, 2.0]), torch.tensor([1.0, 0.0, 0.0, 2.0])),
        [{}],
        hints=(
            "Write the four errors below each other first, prediction minus target; two of them are 0.",
            "The default reduction is the mean, and it divides by all four elements, also by those "
            "without an error.",
        ),
    ),
    "mse_loss/best_constant": Exercise(
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
    "mse_loss/rmse_gradient": Exercise(
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
    "mse_loss/find_the_bug": Exercise(
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


def _weighted_l1(input, target, weight):
    return (weight * (input - target).abs()).sum() / weight.sum()


def _quantile_loss(input, target, q):
    missing = target - input
    return torch.maximum(q * missing, (q - 1) * missing).mean()


def _l1_loss(input, target):
    if input.shape != target.shape:
        raise ValueError
    return F.l1_loss(input, target)


L1_LOSS = {
    "l1_loss/by_hand": Exercise(
        "the mean L1 loss as a number",
        lambda: F.l1_loss(torch.tensor([2.0, -1.0, 0.0, 5.0]), torch.tensor([0.0, 0.0, 0.0, 1.0])),
        [{}],
        hints=(
            "Write the four distances first. A distance has no sign.",
            "The default reduction is the mean over all four.",
        ),
    ),
    "l1_loss/weighted": Exercise(
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
    "l1_loss/quantile": Exercise(
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
    "l1_loss/find_the_bug": Exercise(
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


SMOOTH_L1_LOSS = {
    "smooth_l1_loss/by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.smooth_l1_loss(torch.tensor([0.2, 1.0, -3.0]), torch.zeros(3), beta=0.5, reduction="none"),
        [{}],
        hints=(
            "For each error ask first: is its size below beta, or not?",
            "Inside, the square is divided by twice beta. Outside, half of beta is taken off the "
            "size; the sign of the error does not matter.",
        ),
    ),
    "smooth_l1_loss/huber": Exercise(
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
    "smooth_l1_loss/find_the_bug": Exercise(
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


def _poisson_deviance(input, target):
    # xlogy is 0 at 0, where target * log(target) is nan.
    lowest = target - torch.xlogy(target, target)
    return 2 * (F.poisson_nll_loss(input, target) - lowest.mean())


POISSON_NLL_LOSS = {
    "poisson_nll_loss/by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.poisson_nll_loss(
            torch.tensor([np.log(3), np.log(3)]), torch.tensor([0.0, 2.0]), reduction="none"
        ),
        [{}],
        hints=(
            "The rate is the exponential of the log-rate. What is the exponential of ln 3?",
            "The loss is the rate minus the count times the log-rate. For a count of 0 the second "
            "part is gone.",
        ),
    ),
    "poisson_nll_loss/exposure": Exercise(
        "exposure_loss(input, target, exposure)",
        lambda input, target, exposure: F.poisson_nll_loss(input + exposure.log(), target),
        [
            {"input": array(0), "target": array(2), "exposure": array(1)},
            {"input": array(0), "target": array(2), "exposure": array(10)},
            {"input": array(0, 0), "target": array(5, 30), "exposure": array(1, 10)},
            {"input": random(0, 6), "target": counts(1, 6), "exposure": positive(2, 6)},
            {"input": random(3, 2, 3), "target": counts(4, 2, 3), "exposure": positive(5, 2, 3)},
        ],
        hints=(
            "Two events an hour, ten hours: how many events do you expect in all?",
            "The model's log-rate is for one hour. The logarithm of a product is a sum.",
            "Change the log-rate of each count to that of its whole span, and the loss of the chapter "
            "does the rest.",
        ),
    ),
    "poisson_nll_loss/deviance": Exercise(
        "deviance(input, target)",
        _poisson_deviance,
        [
            {"input": array(0), "target": array(1)},
            {"input": array(0), "target": array(2)},
            {"input": array(0), "target": array(0)},
            {"input": array(0, 0), "target": array(2, 0)},
            {"input": random(0, 6), "target": counts(1, 6)},
            {"input": random(2, 2, 3), "target": counts(3, 2, 3)},
        ],
        hints=(
            "Which log-rate gives a count of 2 the lowest loss, and how low is it? Set the slope to 0.",
            "The lowest loss of a count y is reached where the rate is y itself.",
            "y log y is nan at 0 in NumPy, but its limit is 0. Give the logarithm another argument "
            "there; the factor y does the rest.",
        ),
    ),
    "poisson_nll_loss/find_the_bug": Exercise(
        "full_loss(input, target)",
        lambda input, target: F.poisson_nll_loss(input, target, full=True),
        [
            {"input": array(0), "target": array(2)},
            {"input": array(0), "target": array(1)},
            {"input": array(0), "target": array(0)},
            {"input": random(0, 6), "target": counts(1, 6)},
            {"input": random(2, 2, 3), "target": counts(3, 2, 3)},
        ],
        hints=(
            "Try the counts 0, 1 and 2 by themselves, and compare with torch for each.",
            "The verdict names the first that differs. Which counts does the chapter leave the "
            "Stirling term out for, and why?",
            "Choose the term only above a count of 1, and see to it that the logarithm never meets a "
            "0, chosen or not.",
        ),
    ),
}
