"""Cosine embedding loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, random
from lossviz.losses.loss import (
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

_POINTS = (Form(Kind.EMBEDDINGS, Shape.FEATURES_LAST),)

LOSS = Loss(
    name="cosine_embedding_loss",
    title="Cosine embedding loss",
    aliases=("cosine loss", "cosine contrastive loss"),
    torch_class="torch.nn.CosineEmbeddingLoss",
    family="embedding",
    summary="1 minus an alike pair's cosine, or a different pair's cosine beyond a margin.",
    formula=r"\ell(a, b, y) = \begin{cases} 1 - \cos(a, b) & y = 1 \\ "
    r"\max(0, \cos(a, b) - m) & y = -1 \end{cases}",
    arguments=(
        Argument("input1", "one embedding of each pair, shape (D,) or (N, D)", _POINTS, differentiable=True),
        Argument("input2", "the other one, of the same shape", _POINTS, differentiable=True),
        Argument(
            "target",
            "1 for an alike pair, -1 for a different one (not checked), shape () or (N,)",
            (Form(Kind.SIGNS, Shape.PER_SAMPLE, Domain(-1, 1, values=(-1, 1)), Dtype.REAL),),
        ),
    ),
    options=(Option("margin", 0, "the cosine up to which a different pair costs nothing"),),
    values=(Bounds(0, 2, where={"margin": 0}), Bounds(0, inf)),
    # 1 / length in the formula. torch adds 1e-12 to the square, so that 1e6 is reached at length 0 alone.
    gradients=(Bounds(-1e6, 1e6, reached=False),),
    gradient_far="at right angles to the embedding, sin(angle) / length: 0 for opposite directions, "
    "up to 1e6 for an embedding near 0",
    gradient_at_target="0 for equal directions, and for a different pair below the margin; at it as above it "
    "up to torch 2.13, 0 since 2.14",
    fades=True,
    statistic=None,
    elicits="the mean direction of alike partners; cosine 1 or the margin, by the majority, if "
    "answers differ",
    robust_to="the lengths of the embeddings, and different pairs whose cosine is below the margin",
    use_when="pairs are known to be alike or not, and only the direction of an embedding is to count",
    avoid_when="lengths carry meaning (a loss of distances), or a batch offers many rivals (cross entropy "
    "over cosines)",
    curve="lambda x: F.cosine_embedding_loss(torch.stack([x.cos(), x.sin()], -1), torch.eye(2)[:1].to(x), "
    "torch.ones_like(x), reduction='none')",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the loss falls to 0, and even different things have cosines near 1 or −1",
            "different pairs are labelled 0 in place of −1 and cost nothing, so one line holds everything",
            "torch.where(y == 1, 1, -1)  # first look: do the labels hold zeros?",
            "Labels 0 and 1",
            said=("cosine collapse", "all embeddings the same", "cosine similarity always near 1"),
        ),
        Symptom(
            Sign.USELESS,
            "the labels are right, and random pairs have cosines near 1 or −1",
            "all pairs of the data are alike, so that one line for everything is perfect",
            "loss += F.cosine_embedding_loss(a, b.roll(1, 0), -a.new_ones(len(a)))  # in a shuffled batch",
            "Only alike pairs",
        ),
        Symptom(
            Sign.STUCK,
            "the loss rests above 0, and two different classes share a direction",
            "the margin leaves no room for so many directions in so few dimensions",
            "F.cosine_embedding_loss(a, b, target, margin=0.5)  # or more features for each embedding",
            "Five classes on a circle",
        ),
        Symptom(
            Sign.HUGE,
            "the loss is small, but one gradient is a million, or a million divided by the batch size",
            "an embedding is 0 or nearly 0, such as a row of a table, or a bias of 0 with an input of 0",
            "n = torch.minimum(a.norm(dim=1), b.norm(dim=1)); k = n > n.median() / 100  # a[k], b[k], y[k]",
            "Zero and tiny embeddings",
            numbers=(Number(1e6, "1 / sqrt(1e-12), the gradient at an embedding of 0"),),
        ),
        Symptom(
            Sign.NAN,
            "nan, ±inf or a loss below 0 in float16, and not in float32",
            "a product of squares is 0, inf or rounded coarsely there, and the 1e-12 in the divisor is 0",
            "F.cosine_embedding_loss(a.float(), b.float(), target)",
            "Half precision",
        ),
        Symptom(
            Sign.STUCK,
            "in float16 each alike pair costs exactly 1, each different one 0, and no weight moves",
            "from lengths of 16 on the product of squares is inf, and each cosine 0; from 256 on nan comes",
            "F.cosine_embedding_loss(a.float(), b.float(), target)",
            "Half precision",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is clearly below 0, in float32 too",
            "the embeddings differ in their number of features, and one feature was broadcast",
            "assert a.shape == b.shape",
            "Shapes that broadcast, silently",
        ),
        Symptom(
            Sign.ERROR,
            "0D or 1D target tensor expected, multi-target not supported",
            "the labels are a column, `(N, 1)`",
            "target.squeeze(1)",
            "Shapes that broadcast, silently",
        ),
    ),
    sources=(
        Source(
            "Chopra, Hadsell and LeCun",
            2005,
            "Learning a Similarity Metric Discriminatively, with Application to Face Verification",
            "https://doi.org/10.1109/CVPR.2005.202",
        ),
        Source(
            "Wang and Isola",
            2020,
            "Understanding Contrastive Representation Learning through Alignment and Uniformity on the "
            "Hypersphere",
            "https://arxiv.org/abs/2005.10242",
        ),
    ),
)


def _by_hand():
    a, b = torch.tensor([[1.0, 0.0]] * 2).double(), torch.tensor([[1.0, 1.0]] * 2).double()
    return F.cosine_embedding_loss(a, b, torch.tensor([1, -1]), margin=0.5, reduction="none")


def _turn(a, b):
    a.requires_grad_()
    return torch.autograd.grad(F.cosine_similarity(a, b).sum(), a)[0]


def _pair_loss(a, b, same):
    return F.cosine_embedding_loss(a, b, 2 * same.int() - 1, margin=0.5)


EXERCISES = {
    "by_hand": Exercise(
        "two losses, a list of two numbers",
        _by_hand,
        [{}],
        hints=(
            "Which angle lies between the two vectors, and what is its cosine?",
            "The alike pair costs what the cosine is short of 1, the different one what it has beyond 0.5.",
        ),
    ),
    "turn": Exercise(
        "turn(a, b)",
        _turn,
        [
            {"a": array(2, 0)[None], "b": array(0, 3)[None]},
            {"a": array(3, 4)[None], "b": array(4, 3)[None]},
            {"a": array(1, 0)[None], "b": array(-2, 0)[None]},
            {"a": random(0, 5, 3), "b": random(1, 5, 3)},
        ],
        hints=(
            "Which part of the unit vector of b lies along a? Take it away and look at what is left.",
            "The part along a is the cosine times the unit vector of a. Twice as long an a has half the "
            "gradient.",
            "Keep the axis of the lengths (keepdims) so that rows are divided by their own length.",
        ),
    ),
    "find_the_bug": Exercise(
        "faulty_pair_loss(a, b, same)",
        _pair_loss,
        [
            {"a": array(3, 4)[None], "b": array(4, 3)[None], "same": np.array([True])},
            {"a": array(3, 4)[None], "b": array(4, 3)[None], "same": np.array([False])},
            {"a": array(3, 4)[None], "b": array(-4, 3)[None], "same": np.array([False])},
            {"a": random(2, 6, 3), "b": random(3, 6, 3), "same": labels(4, 2, 6) == 1},
        ],
        hints=(
            "What numbers does a boolean become as a float, and which of the two branches knows them?",
            "For the second fault take a pair at right angles. What should a different pair cost there?",
            "Map True and False to 1 and −1, and let the hinge begin at 0.",
        ),
    ),
}
