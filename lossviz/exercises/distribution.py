"""The exercises of the chapters on the divergence."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, probabilities, random
from lossviz.exercises.judging import Exercise


def _distillation_loss(input, target, temperature):
    log_q, log_p = ((logits / temperature).log_softmax(dim=1) for logits in (input, target))
    return temperature**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def _jensen_shannon(input, target):
    middle = (input + target) / 2
    terms = (torch.xlogy(input, input) + torch.xlogy(target, target)) / 2 - torch.xlogy(middle, middle)
    return terms.sum(dim=1).mean()


KL_DIV = {
    "kl_div/by_hand": Exercise(
        "the divergence as a number",
        lambda: F.kl_div(
            torch.tensor([0.25, 0.25, 0.5]).log(), torch.tensor([0.5, 0.5, 0.0]), reduction="sum"
        ),
        [{}],
    ),
    "kl_div/distillation": Exercise(
        "distillation_loss(input, target, temperature)",
        _distillation_loss,
        [
            {"input": np.zeros((1, 2)), "target": array(0, 1).reshape(1, 2), "temperature": 1.0},
            {"input": np.zeros((1, 2)), "target": array(0, 1).reshape(1, 2), "temperature": 2.0},
            {"input": np.zeros((2, 2)), "target": array(0, 1, 0, 1).reshape(2, 2), "temperature": 1.0},
            {"input": random(0, 3, 4), "target": random(1, 3, 4), "temperature": 4.0},
            {"input": 100 * random(2, 4, 3), "target": 100 * random(3, 4, 3), "temperature": 0.5},
        ],
    ),
    "kl_div/jensen_shannon": Exercise(
        "jensen_shannon(input, target)",
        _jensen_shannon,
        [
            {"input": np.full((1, 2), 0.5), "target": array(0.25, 0.75).reshape(1, 2)},
            {"input": np.full((1, 2), 0.5), "target": array(1, 0).reshape(1, 2)},
            {"input": array(1, 0).reshape(1, 2), "target": array(0, 1).reshape(1, 2)},
            {"input": array(0.5, 0.5, 0).reshape(1, 3), "target": array(0.25, 0.75, 0).reshape(1, 3)},
            {"input": probabilities(0, 3, 4), "target": probabilities(1, 3, 4)},
        ],
    ),
    "kl_div/find_the_bug": Exercise(
        "kl_div(input, target)",
        lambda input, target: F.kl_div(input, target, reduction="batchmean"),
        [
            {"input": np.log([[0.5, 0.5]]), "target": array(0.25, 0.75).reshape(1, 2)},
            {"input": np.log([[0.5, 0.5]]), "target": array(1, 0).reshape(1, 2)},
            {"input": np.log(probabilities(0, 3, 4)), "target": probabilities(1, 3, 4)},
            {"input": np.log(probabilities(2, 4, 3)), "target": np.eye(3)[[0, 1, 2, 0]]},
        ],
    ),
}
