"""The exercises of the chapters on the margin losses."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, labels, positive, random, share
from lossviz.exercises.judging import Exercise


def _worst_rival(input, target):
    own = F.one_hot(target, input.shape[1]).bool()
    return (1 - input[own] + input.masked_fill(own, -torch.inf).amax(dim=1)).clamp(min=0).mean()


def _weighted_margin(input, target, weight):
    return F.multi_margin_loss(input, target, weight=weight, reduction="sum") / weight[target].sum()


MULTI_MARGIN_LOSS = {
    "multi_margin_loss/by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multi_margin_loss(torch.tensor([4.0, 1.0, 3.5, 3.2]), torch.tensor(0), p=2),
        [{}],
    ),
    "multi_margin_loss/worst_rival": Exercise(
        "worst_rival(input, target)",
        _worst_rival,
        [
            {"input": array(2, 1.5, -1).reshape(1, 3), "target": np.array([0])},
            {"input": array(2, 1.5, 1.8).reshape(1, 3), "target": np.array([0])},
            {"input": array(3, 1.5, 1).reshape(1, 3), "target": np.array([0])},
            {"input": array(-5, -3).reshape(1, 2), "target": np.array([1])},
            {"input": random(0, 4, 3), "target": labels(1, 3, 4)},
            {"input": random(2, 3, 5), "target": labels(3, 5, 3)},
        ],
    ),
    "multi_margin_loss/weighted": Exercise(
        "weighted_margin(input, target, weight)",
        _weighted_margin,
        [
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 1)},
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 3)},
            {"input": np.zeros((2, 2)), "target": np.array([1, 1]), "weight": array(1, 3)},
            {"input": random(0, 3, 4), "target": labels(1, 4, 3), "weight": positive(2, 4)},
            {"input": random(3, 4, 3), "target": labels(4, 3, 4), "weight": positive(5, 3)},
        ],
    ),
    "multi_margin_loss/find_the_bug": Exercise(
        "margin_loss(input, target)",
        lambda input, target: F.multi_margin_loss(input, target),
        [
            {"input": array(2, 1.5, -1).reshape(1, 3), "target": np.array([0])},
            {"input": array(5, 0).reshape(1, 2), "target": np.array([0])},
            {"input": random(0, 4, 3), "target": labels(1, 3, 4)},
            {"input": random(2, 3, 5), "target": labels(3, 5, 3)},
        ],
    ),
}


def _to_indices(multi_hot):
    classes = torch.arange(multi_hot.shape[1]).expand(multi_hot.shape)
    order = multi_hot.argsort(dim=1, descending=True, stable=True)
    return torch.where(multi_hot.gather(1, order) == 1, classes.gather(1, order), -1)


MULTILABEL_MARGIN_LOSS = {
    "multilabel_margin_loss/by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multilabel_margin_loss(torch.tensor([1.0, 0.5, 2.0]), torch.tensor([2, 0, -1])),
        [{}],
    ),
    "multilabel_margin_loss/to_indices": Exercise(
        "to_indices(multi_hot)",
        _to_indices,
        [
            {"multi_hot": np.array([[1, 0, 0]])},
            {"multi_hot": np.array([[0, 1, 1]])},
            {"multi_hot": np.array([[0, 0, 0], [1, 1, 1]])},
            {"multi_hot": labels(0, 2, 4, 5)},
            {"multi_hot": labels(1, 2, 6, 3)},
        ],
    ),
    "multilabel_margin_loss/from_multi_hot": Exercise(
        "margin_from_multi_hot(input, multi_hot)",
        lambda input, multi_hot: F.multilabel_margin_loss(input, _to_indices(multi_hot)),
        [
            {"input": array(2, 0.5, -1).reshape(1, 3), "multi_hot": np.array([[0, 1, 0]])},
            {"input": array(2, 0.5, 0.3).reshape(1, 3), "multi_hot": np.array([[1, 1, 0]])},
            {"input": array(2, 0.5, 0.3).reshape(1, 3), "multi_hot": np.array([[1, 1, 1]])},
            {"input": random(0, 4, 5), "multi_hot": labels(1, 2, 4, 5)},
            {"input": random(2, 3, 4), "multi_hot": labels(3, 2, 3, 4)},
        ],
    ),
    "multilabel_margin_loss/find_the_bug": Exercise(
        "multilabel_margin(input, target)",
        lambda input, target: F.multilabel_margin_loss(input, target),
        [
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[0, -1, -1]])},
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[0, -1, 2]])},
            {"input": array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[2, 1, 0]])},
            {"input": random(0, 2, 3), "target": np.array([[-1, 0, 1], [1, 2, -1]])},
            {"input": random(1, 2, 4), "target": np.array([[3, -1, 0, 1], [1, 0, 2, -1]])},
        ],
    ),
}


MULTILABEL_SOFT_MARGIN_LOSS = {
    "multilabel_soft_margin_loss/by_hand": Exercise(
        "the loss as a number",
        lambda: F.multilabel_soft_margin_loss(torch.tensor([0.0, np.log(4)]), torch.tensor([1.0, 0.0])),
        [{}],
    ),
    "multilabel_soft_margin_loss/listed": Exercise(
        "listed_loss(input, labels)",
        lambda input, labels: F.multilabel_soft_margin_loss(
            input, F.one_hot(labels + 1, input.shape[1] + 1).amax(dim=1)[:, 1:]
        ),
        [
            {"input": array(1, -2).reshape(1, 2), "labels": np.array([[0, -1]])},
            {"input": array(1, -2).reshape(1, 2), "labels": np.array([[-1, -1]])},
            {"input": array(1, -2, 3).reshape(1, 3), "labels": np.array([[2, 0, -1]])},
            {
                "input": random(0, 4, 3),
                "labels": np.array([[1, -1, -1], [2, 0, 1], [-1, -1, -1], [0, 2, -1]]),
            },
        ],
    ),
    "multilabel_soft_margin_loss/known": Exercise(
        "known_loss(input, target, known)",
        lambda input, target, known: F.multilabel_soft_margin_loss(input[known], target[known]),
        [
            {
                "input": array(1, -2).reshape(1, 2),
                "target": array(1, 1).reshape(1, 2),
                "known": np.array([[True, True]]),
            },
            {
                "input": array(1, -2).reshape(1, 2),
                "target": array(1, 1).reshape(1, 2),
                "known": np.array([[True, False]]),
            },
            {
                "input": array(1, -2).reshape(1, 2),
                "target": array(1, np.nan).reshape(1, 2),
                "known": np.array([[True, False]]),
            },
            {"input": random(0, 2, 3), "target": share(1, 2, 3), "known": np.eye(2, 3) == 0},
        ],
    ),
    "multilabel_soft_margin_loss/find_the_bug": Exercise(
        "loss_by_sample(input, target)",
        lambda input, target: F.multilabel_soft_margin_loss(input, target, reduction="none"),
        [
            {"input": np.zeros((2, 2)), "target": np.ones((2, 2))},
            {"input": array(0, 0, 5, -5).reshape(2, 2), "target": array(1, 1, 0, 1).reshape(2, 2)},
            {"input": random(0, 4, 3), "target": share(1, 4, 3)},
            {"input": 100 * random(2, 2, 4), "target": share(3, 2, 4)},
        ],
    ),
}
