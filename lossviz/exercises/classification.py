"""The exercises of the chapters on the classification losses."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, labels, positive, random, share
from lossviz.exercises.judging import Exercise


def _nll_parts(input, target, weight, ignore_index):
    numerator = F.nll_loss(input, target, weight, ignore_index=ignore_index, reduction="sum")
    return torch.stack([numerator, weight[target[target != ignore_index]].sum()])


def _sentence_nll(input, target, padding):
    return torch.stack(
        [F.nll_loss(log_p, labels, ignore_index=padding) for log_p, labels in zip(input, target, strict=True)]
    )


NLL_LOSS = {
    "nll_loss/by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.nll_loss(
            torch.tensor([[-1.0, 0.0], [0.0, -2.0], [-4.0, 0.0]]),
            torch.tensor([0, 1, 0]),
            torch.tensor([1.0, 3.0]),
        ),
        [{}],
    ),
    "nll_loss/numerator_and_denominator": Exercise(
        "nll_parts(input, target, weight, ignore_index)",
        _nll_parts,
        [
            {
                "input": np.log([[0.5, 0.5]]),
                "target": np.array([0]),
                "weight": array(1, 1),
                "ignore_index": -100,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
                "ignore_index": -100,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": array(1, 3),
                "ignore_index": -1,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([255, 255]),
                "weight": array(1, 3),
                "ignore_index": 255,
            },
            {
                "input": -positive(0, 5, 3),
                "target": labels(1, 3, 5),
                "weight": positive(2, 3),
                "ignore_index": 1,
            },
        ],
    ),
    "nll_loss/sentences": Exercise(
        "sentence_nll(input, target, padding)",
        _sentence_nll,
        [
            {"input": array(-1, -2).reshape(1, 1, 2), "target": np.array([[1]]), "padding": -1},
            {
                "input": array(-1, -2, -3, -4).reshape(1, 2, 2),
                "target": np.array([[1, -1]]),
                "padding": -1,
            },
            {
                "input": -array(1, 2, 3, 4, 5, 6, 7, 8).reshape(2, 2, 2),
                "target": np.array([[1, 0], [1, 255]]),
                "padding": 255,
            },
            {"input": -positive(0, 3, 4, 2), "target": labels(1, 2, 3, 4), "padding": 0},
            {"input": -positive(2, 1, 2, 3), "target": np.array([[-1, -1]]), "padding": -1},
        ],
    ),
    "nll_loss/find_the_bug": Exercise(
        "nll_loss(input, target, weight)",
        lambda input, target, weight: F.nll_loss(input, target, weight, ignore_index=-1),
        [
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": array(1, 3),
            },
            {"input": -positive(0, 6, 4), "target": labels(1, 5, 6) - 1, "weight": positive(2, 4)},
            {"input": -positive(3, 3, 2), "target": np.array([-1, 1, -1]), "weight": positive(4, 2)},
        ],
    ),
}


CROSS_ENTROPY = {
    "cross_entropy/by_hand": Exercise(
        "the cross entropy as a number",
        lambda: F.cross_entropy(torch.tensor([0.0, np.log(3)]), torch.tensor(1)),
        [{}],
    ),
    "cross_entropy/label_smoothing": Exercise(
        "cross_entropy(input, target, label_smoothing)",
        lambda input, target, label_smoothing: F.cross_entropy(
            input, target, label_smoothing=label_smoothing
        ),
        [
            {"input": array(0, 1).reshape(1, 2), "target": np.array([1]), "label_smoothing": 0.0},
            {"input": array(0, 1).reshape(1, 2), "target": np.array([1]), "label_smoothing": 0.1},
            {"input": array(0, 1, 2).reshape(1, 3), "target": np.array([0]), "label_smoothing": 0.3},
            {"input": random(0, 3, 4), "target": labels(1, 4, 3), "label_smoothing": 0.2},
            {"input": 100 * random(2, 4, 3), "target": labels(3, 3, 4), "label_smoothing": 0.1},
        ],
    ),
    "cross_entropy/segmentation": Exercise(
        "segmentation_loss(input, target, ignore_index)",
        lambda input, target, ignore_index: F.cross_entropy(input, target, ignore_index=ignore_index),
        [
            {"input": np.zeros((1, 2, 1, 1)), "target": np.array([[[1]]]), "ignore_index": 255},
            {
                "input": array(0, 2, 1, 0).reshape(1, 2, 1, 2),
                "target": np.array([[[0, 1]]]),
                "ignore_index": 255,
            },
            {
                "input": array(0, 2, 1, 0).reshape(1, 2, 1, 2),
                "target": np.array([[[0, 255]]]),
                "ignore_index": 255,
            },
            {
                "input": random(0, 2, 3, 2, 2),
                "target": np.array([[[0, 2], [255, 1]], [[1, 255], [255, 0]]]),
                "ignore_index": 255,
            },
            {"input": random(1, 2, 2, 2, 3), "target": labels(2, 2, 2, 2, 3), "ignore_index": 0},
            {"input": np.zeros((1, 2, 1, 1)), "target": np.array([[[255]]]), "ignore_index": 255},
        ],
    ),
    "cross_entropy/find_the_bug": Exercise(
        "cross_entropy(input, target, weight)",
        lambda input, target, weight: F.cross_entropy(input, target, weight=weight),
        [
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 1)},
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 3)},
            {"input": np.zeros((1, 2)), "target": np.array([1]), "weight": array(1, 3)},
            {"input": random(0, 3, 4), "target": labels(1, 4, 3), "weight": positive(2, 4)},
            {"input": random(3, 4, 3), "target": labels(4, 3, 4), "weight": positive(5, 3)},
        ],
    ),
}


def _bce_logit_grad(input, target):
    input.requires_grad_()
    return torch.autograd.grad(F.binary_cross_entropy_with_logits(input, target), input)[0]


BINARY_CROSS_ENTROPY = {
    "binary_cross_entropy/by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.binary_cross_entropy(
            torch.tensor([0.5, 0.25, 0.5]), torch.tensor([0.0, 1.0, 0.3]), reduction="none"
        ),
        [{}],
    ),
    "binary_cross_entropy/excess": Exercise(
        "excess_loss(input, target)",
        lambda input, target: F.binary_cross_entropy(input, target) - F.binary_cross_entropy(target, target),
        [
            {"input": array(0.5), "target": array(1)},
            {"input": array(0.3), "target": array(0.3)},
            {"input": array(0.5), "target": array(0.3)},
            {"input": array(0, 1), "target": array(0, 1)},
            {"input": array(0, 1), "target": array(1, 0.5)},
            {"input": share(0, 6), "target": share(1, 6)},
            {"input": share(2, 2, 3), "target": share(3, 2, 3)},
        ],
    ),
    "binary_cross_entropy/through_the_sigmoid": Exercise(
        "logit_grad(input, target)",
        _bce_logit_grad,
        [
            {"input": array(0), "target": array(1)},
            {"input": array(0, 2), "target": array(0, 0)},
            {"input": array(-1, 3), "target": array(0.5, 1)},
            {"input": array(1000, -1000), "target": array(0, 1)},
            {"input": random(0, 6), "target": share(1, 6)},
            {"input": random(2, 2, 3), "target": share(3, 2, 3)},
        ],
    ),
    "binary_cross_entropy/find_the_bug": Exercise(
        "sample_weighted(input, target, weight)",
        lambda input, target, weight: F.binary_cross_entropy(input, target, weight=weight[:, None]),
        [
            {"input": array(0.5).reshape(1, 1), "target": array(1).reshape(1, 1), "weight": array(2)},
            {
                "input": array(0.5, 0.25, 0.5, 0.5).reshape(2, 2),
                "target": np.ones((2, 2)),
                "weight": array(1, 3),
            },
            {"input": share(0, 2, 3), "target": share(1, 2, 3), "weight": positive(2, 2)},
            {"input": share(3, 4, 1), "target": share(4, 4, 1), "weight": positive(5, 4)},
        ],
    ),
}


BINARY_CROSS_ENTROPY_WITH_LOGITS = {
    "binary_cross_entropy_with_logits/by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.binary_cross_entropy_with_logits(
            torch.tensor([np.log(4), np.log(4)]),
            torch.tensor([0.0, 1.0]),
            pos_weight=torch.tensor(10.0),
            reduction="none",
        ),
        [{}],
    ),
    "binary_cross_entropy_with_logits/channel_weight": Exercise(
        "channel_loss(input, target, pos_weight)",
        lambda input, target, pos_weight: F.binary_cross_entropy_with_logits(
            input, target, pos_weight=pos_weight[:, None, None]
        ),
        [
            {"input": np.zeros((1, 1, 1, 1)), "target": np.ones((1, 1, 1, 1)), "pos_weight": array(3)},
            {
                "input": array(0, 1, 2, -1).reshape(1, 2, 1, 2),
                "target": array(1, 1, 0, 0).reshape(1, 2, 1, 2),
                "pos_weight": array(3, 1),
            },
            {
                "input": random(0, 2, 3, 2, 2),
                "target": labels(1, 2, 2, 3, 2, 2).astype(float),
                "pos_weight": positive(2, 3),
            },
            {
                "input": 100 * random(3, 2, 2, 3, 2),
                "target": share(4, 2, 2, 3, 2),
                "pos_weight": positive(5, 2),
            },
        ],
    ),
    "binary_cross_entropy_with_logits/honest_probability": Exercise(
        "honest_probability(input, pos_weight)",
        lambda input, pos_weight: torch.sigmoid(input - np.log(pos_weight)),
        [
            {"input": array(0), "pos_weight": 1.0},
            {"input": array(0), "pos_weight": 4.0},
            {"input": array(-1, 2), "pos_weight": 0.5},
            {"input": array(-30, 30), "pos_weight": 20.0},
            {"input": random(0, 2, 3), "pos_weight": 9.0},
        ],
    ),
    "binary_cross_entropy_with_logits/find_the_bug": Exercise(
        "binary_cross_entropy_with_logits(input, target)",
        lambda input, target: F.binary_cross_entropy_with_logits(input, target),
        [
            {"input": array(0.5), "target": array(1)},
            {"input": array(2, -1), "target": array(0, 0.5)},
            {"input": array(40), "target": array(0)},
            {"input": array(-1000, 1000), "target": array(1, 0)},
            {"input": random(0, 2, 3), "target": share(1, 2, 3)},
        ],
    ),
}
