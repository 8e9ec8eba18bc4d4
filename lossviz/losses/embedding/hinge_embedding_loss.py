"""Hinge embedding loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive
from lossviz.losses.loss import (
    NOT_NEGATIVE,
    Argument,
    Bounds,
    Domain,
    Dtype,
    Form,
    Kind,
    Loss,
    Number,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)

LOSS = Loss(
    name="hinge_embedding_loss",
    title="Hinge embedding loss",
    aliases=("contrastive loss without the squares", "HingeEmbeddingCriterion"),
    torch_class="torch.nn.HingeEmbeddingLoss",
    family="embedding",
    summary="The distance of an alike pair; what a different one is short of the margin.",
    formula=r"\ell(x, y) = \begin{cases} x & y = 1 \\ \max(0, \Delta - x) & y = -1 \end{cases}",
    arguments=(
        Argument(
            "input",
            "the distance of each pair, >= 0 (not checked), any shape",
            (Form(Kind.DISTANCES, Shape.ANY, NOT_NEGATIVE),),
            differentiable=True,
        ),
        Argument(
            "target",
            "1 for an alike pair, -1 for a different one (not checked), same shape as input",
            (Form(Kind.SIGNS, Shape.SAME, Domain(-1, 1, values=(-1, 1)), Dtype.REAL),),
        ),
    ),
    options=(Option("margin", 1.0, "the distance from which on a different pair costs nothing"),),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="1 for an alike pair, 0 for a different pair beyond the margin",
    gradient_at_target="1 down to distance 0, -1 up to the margin; at it -1 up to torch 2.13, 0 since 2.14",
    fades=False,
    statistic=None,
    elicits="the margin if most pairs differ, the least possible input (0 for a distance) if most are alike",
    robust_to="different pairs beyond the margin: their gradient is 0",
    use_when="pairs are known to belong together or not, and near is to mean alike",
    avoid_when="input is a score, or points must settle (the squared, contrastive form fades)",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the loss falls, and then all embeddings are in nearly the same place",
            "different pairs are labelled 0 in place of −1: inside the margin they have no gradient, "
            "beyond it they are pulled in",
            "torch.where(y == 1, 1, -1)  # if 1 means alike",
            "Labels 0 and 1",
            numbers=(
                Number(
                    1.0, "the margin, the cost of a pair of equal embeddings with −1, or of a near one with 0"
                ),
            ),
            said=("collapse", "all embeddings the same"),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is negative and falls without end",
            "a score came in where a distance belongs",
            "F.hinge_embedding_loss(torch.linalg.vector_norm(a - b, dim=1), target)",
            "A score is no distance",
        ),
        Symptom(
            Sign.STUCK,
            "the loss stops near the share of different pairs times the margin, and both mean distances meet",
            "all embeddings coincide: the labels are 0 and 1, or a column of distances met a row of labels, "
            "or different pairs are rare",
            "assert set(target.flatten().tolist()) <= {-1, 1} and distance.shape == target.shape",
            "The same with labels 0 and 1",
        ),
        Symptom(
            Sign.DIFFERENT,
            "alike and different pairs end at about the same distance, without a warning",
            "`(N, 1)` distances met `(N,)` labels and were broadcast to `(N, N)`",
            "distance.squeeze(1)",
            "Shapes that differ, silently",
        ),
        Symptom(
            Sign.NAN,
            "one pair of equal embeddings makes the gradient nan, and then the parameters",
            "the root of a sum of squares has an infinite slope at 0",
            "torch.linalg.vector_norm(a - b, dim=1)",
            "The distance at 0",
        ),
        Symptom(
            Sign.STUCK,
            "alike pairs come close, and then jump to and fro",
            "the gradient of an alike pair has the same size at every distance, so steps do not get shorter",
            "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)",
            "The gradient of a pair has size 1 or 0 and does not fade",
        ),
    ),
    sources=(
        Source(
            "Bromley et al.",
            1993,
            'Signature Verification using a "Siamese" Time Delay Neural Network',
            "https://papers.nips.cc/paper/1993/hash/288cc0ff022877bd3df94bc9360b9c5d-Abstract.html",
        ),
        Source(
            "Hadsell, Chopra and LeCun",
            2006,
            "Dimensionality Reduction by Learning an Invariant Mapping",
            "https://doi.org/10.1109/CVPR.2006.100",
        ),
    ),
)


def _contrastive_loss(input, target, margin):
    return torch.where(target == 1, input**2, (margin - input).clamp(min=0) ** 2).mean()


def _embedding_grad(a, b, target):
    a.requires_grad_()
    distance = torch.linalg.vector_norm(a - b, dim=1)
    return torch.autograd.grad(F.hinge_embedding_loss(distance, target), a)[0] + 0.0


def _pair_loss(a, b, same):
    return F.hinge_embedding_loss(torch.linalg.vector_norm(a - b, dim=1), 2 * same.int() - 1)


EXERCISES = {
    "by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.hinge_embedding_loss(torch.tensor([0.5, 2.0, 0.25, 1.5]), torch.tensor([1, 1, -1, -1])),
        [{}],
        hints=(
            "Alike pairs cost their distance. What does a different pair cost at 0.25, and what at 1.5?",
            "A different pair costs what is missing to the margin, and never less than 0. Then the mean "
            "of the four.",
        ),
    ),
    "contrastive": Exercise(
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
    "embedding_grad": Exercise(
        "embedding_grad(a, b, target)",
        _embedding_grad,
        [
            {"a": array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([1])},
            {"a": array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([-1])},
            {"a": array(0.3, 0.4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([-1])},
            {"a": array(3, 4, 0, 2).reshape(2, 2), "b": np.zeros((2, 2)), "target": np.array([1, 1])},
            {"a": np.eye(2), "b": np.eye(2), "target": np.array([1, -1])},
            {"a": positive(0, 5, 3), "b": positive(1, 5, 3), "target": 2 * labels(2, 2, 5) - 1},
        ],
        hints=(
            "For one alike pair: in which direction does the distance grow fastest when a moves, and "
            "how fast?",
            "The chain rule has two factors: the slope of the loss in the distance, and the unit "
            "vector from b to a. The mean divides by the number of pairs.",
            "A pair that coincides has no direction: divide by something else there, the difference is "
            "0 anyway.",
        ),
    ),
    "find_the_bug": Exercise(
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
