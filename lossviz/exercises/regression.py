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
    ),
    "mse_loss/find_the_bug": Exercise(
        "masked_mse(input, target, mask)",
        lambda input, target, mask: F.mse_loss(input[mask], target[mask]),
        [
            {"input": array(2, 1), "target": array(0, 0), "mask": np.array([True, True])},
            {"input": array(2, 1), "target": array(0, 0), "mask": np.array([True, False])},
            {"input": array(2, 1), "target": array(0, np.nan), "mask": np.array([True, False])},
            {"input": random(0, 2, 3), "target": random(1, 2, 3), "mask": np.eye(2, 3) == 0},
        ],
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
    ),
    "l1_loss/find_the_bug": Exercise(
        "l1_loss(input, target)",
        _l1_loss,
        [
            {"input": array(2, -1), "target": array(0, 0)},
            {"input": array(2, -1).reshape(2, 1), "target": array(2, -1)},
            {"input": array(2, -1).reshape(2, 1), "target": array(0, 0).reshape(2, 1)},
            {"input": array(1), "target": array(0, 0)},
            {"input": random(0, 2, 3), "target": random(1, 3)},
            {"input": random(2, 2, 3), "target": random(3, 2, 3)},
        ],
    ),
}


SMOOTH_L1_LOSS = {
    "smooth_l1_loss/by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.smooth_l1_loss(torch.tensor([0.2, 1.0, -3.0]), torch.zeros(3), beta=0.5, reduction="none"),
        [{}],
    ),
    "smooth_l1_loss/huber": Exercise(
        "huber(input, target, delta)",
        lambda input, target, delta: F.huber_loss(input, target, delta=delta),
        [
            {"input": array(0.5), "target": array(0), "delta": 1.0},
            {"input": array(3), "target": array(0), "delta": 1.0},
            {"input": array(3), "target": array(0), "delta": 2.0},
            {"input": array(-2, 2), "target": array(0, 0), "delta": 2.0},
            {"input": random(0, 6), "target": random(1, 6), "delta": 0.5},
            {"input": random(2, 2, 3), "target": random(3, 2, 3), "delta": 1.5},
        ],
    ),
    "smooth_l1_loss/find_the_bug": Exercise(
        "smooth_l1_loss(input, target, beta)",
        lambda input, target, beta: F.smooth_l1_loss(input, target, beta=beta),
        [
            {"input": array(0.5), "target": array(0), "beta": 1.0},
            {"input": array(3), "target": array(0), "beta": 1.0},
            {"input": array(1), "target": array(0), "beta": 2.0},
            {"input": array(3), "target": array(0), "beta": 2.0},
            {"input": random(0, 6), "target": random(1, 6), "beta": 0.5},
            {"input": random(2, 2, 3), "target": random(3, 2, 3), "beta": 1.5},
        ],
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
    ),
    "poisson_nll_loss/deviance": Exercise(
        "deviance(input, target)",
        _poisson_deviance,
        [
            {"input": array(0), "target": array(1)},
            {"input": array(0), "target": array(2)},
            {"input": array(0), "target": array(0)},
            {"input": random(0, 6), "target": counts(1, 6)},
            {"input": random(2, 2, 3), "target": counts(3, 2, 3)},
        ],
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
    ),
}
