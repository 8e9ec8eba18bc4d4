"""The exercises of the chapters on the embedding loss."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, labels, positive
from lossviz.exercises.judging import Exercise


def _contrastive_loss(input, target, margin):
    return torch.where(target == 1, input**2, (margin - input).clamp(min=0) ** 2).mean()


def _embedding_grad(a, b, target):
    a.requires_grad_()
    distance = torch.linalg.vector_norm(a - b, dim=1)
    return torch.autograd.grad(F.hinge_embedding_loss(distance, target), a)[0] + 0.0  # no -0.0 in messages


def _pair_loss(a, b, same):
    return F.hinge_embedding_loss(torch.linalg.vector_norm(a - b, dim=1), 2 * same.int() - 1)


HINGE_EMBEDDING_LOSS = {
    "hinge_embedding_loss/by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.hinge_embedding_loss(torch.tensor([0.5, 2.0, 0.25, 1.5]), torch.tensor([1, 1, -1, -1])),
        [{}],
        hints=(
            "Alike pairs pay their distance. What does a different pair pay at 0.25, and what at 1.5?",
            "A different pair pays what it lacks to the margin, and never less than 0. Then the mean "
            "of the four.",
        ),
    ),
    "hinge_embedding_loss/contrastive": Exercise(
        "contrastive_loss(input, target, margin)",
        _contrastive_loss,
        [
            {"input": array(3), "target": np.array([1]), "margin": 1.0},
            {"input": array(0.5), "target": np.array([-1]), "margin": 2.0},
            {"input": array(3), "target": np.array([-1]), "margin": 1.0},
            {"input": array(1, 0.5), "target": np.array([1, -1]), "margin": 1.0},
            {"input": positive(0, 6), "target": 2 * labels(1, 2, 6) - 1, "margin": 1.5},
            {"input": positive(2, 2, 3), "target": 2 * labels(3, 2, 2, 3) - 1, "margin": 1.0},
        ],
        hints=(
            "Work out a different pair beyond the margin. Without the hinge it would be pulled back.",
            "First cut off at 0, then square; the other order squares what should be nothing.",
            "Compute both branches for every pair, choose by the label, and take the mean.",
        ),
    ),
    "hinge_embedding_loss/embedding_grad": Exercise(
        "embedding_grad(a, b, target)",
        _embedding_grad,
        [
            {"a": array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([1])},
            {"a": array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([-1])},
            {"a": array(0.3, 0.4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([-1])},
            {"a": np.ones((1, 1)), "b": np.zeros((1, 1)), "target": np.array([-1])},
            {"a": array(3, 4, 0, 2).reshape(2, 2), "b": np.zeros((2, 2)), "target": np.array([1, 1])},
            {"a": np.eye(2), "b": np.eye(2), "target": np.array([1, -1])},
            {"a": positive(0, 5, 3), "b": positive(1, 5, 3), "target": 2 * labels(2, 2, 5) - 1},
        ],
        hints=(
            "For one alike pair: in which direction does the distance grow fastest when a moves, and "
            "how fast?",
            "The chain rule has two factors: the slope of the loss in the distance, and the unit "
            "vector from b to a. The mean divides by the number of pairs.",
            "For different pairs torch counts the margin itself as inside. A pair that coincides has "
            "no direction: divide by something else there, the difference is 0 anyway.",
        ),
    ),
    "hinge_embedding_loss/find_the_bug": Exercise(
        "faulty_pair_loss(a, b, same)",
        _pair_loss,
        [
            {"a": array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "same": np.array([True])},
            {"a": array(0.3, 0.4).reshape(1, 2), "b": np.zeros((1, 2)), "same": np.array([False])},
            {"a": positive(0, 2, 2), "b": positive(1, 2, 2), "same": np.array([True, False])},
            {"a": positive(2, 5, 3), "b": positive(3, 5, 3), "same": labels(4, 2, 5) == 1},
        ],
        hints=(
            "What numbers does a boolean become as a float, and which labels does the loss know?",
            "For the second fault print the shape of the distances and that of the labels, and then "
            "of the loss.",
            "Map True and False to 1 and −1, and let the distances be (N,) like the labels.",
        ),
    ),
}
