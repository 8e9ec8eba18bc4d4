"""Triplet margin loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, random
from lossviz.losses.loss import (
    SWITCH,
    Argument,
    Bounds,
    Domain,
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
    name="triplet_margin_loss",
    title="Triplet margin loss",
    aliases=("triplet loss", "triplet hinge loss"),
    torch_class="torch.nn.TripletMarginLoss",
    family="embedding",
    summary="What is missing until the negative is a margin farther off than the positive.",
    formula=r"\ell(a, p, n) = \max(0, m + \lVert a - p \rVert - \lVert a - n \rVert)",
    arguments=(
        Argument(
            "anchor", "the embedding that is compared, shape (D,) or (N, D)", _POINTS, differentiable=True
        ),
        Argument(
            "positive", "one that belongs to it, of as many axes as anchor", _POINTS, differentiable=True
        ),
        Argument("negative", "one that does not, of as many axes as anchor", _POINTS, differentiable=True),
    ),
    options=(
        Option(
            "margin",
            1.0,
            "how much farther the negative should be, in the unit of the embedding",
            Domain(low=0, open=True),
        ),
        Option("p", 2, "the power in the norm, a norm from 1 on"),
        Option("eps", 1e-6, "added to each coordinate of each difference"),
        Option("swap", False, "measure the negative from the positive where that is nearer", SWITCH),
    ),
    values=(Bounds(0, inf),),
    gradients=(
        Bounds(-2.0, 2.0, where={"p": 2}),
        Bounds(-2.0, 2.0, where={"p": 1}),
        Bounds(-inf, inf),
    ),
    gradient_far="of length 1 for positive and negative at any distance (p=2, swap=False), up to 2 for the "
    "anchor",
    gradient_at_target="0 once the negative is a margin farther; just there as before up to torch 2.13, "
    "0 since 2.14",
    fades=True,
    statistic=None,
    elicits="the order of the two distances that the majority names, a margin apart",
    robust_to="negatives that are far enough, and the size of a mistake: a wrong triplet has one slope",
    use_when="all that is known is which of two is more alike, or the classes are new or too many",
    avoid_when="a list of classes is at hand (cross entropy), or one threshold must serve all (a pair loss)",
    curve="lambda x: F.triplet_margin_loss(x[:, None], 0 * x[:, None], 0 * x[:, None] + 2, reduction='none')",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss comes to rest at exactly the margin, 1 by default",
            "all embeddings are in one place (labels that do not fit, a large learning rate, the hardest "
            "triplets alone), or they are apart and ranked at random: nothing is learned yet",
            "F.pdist(embeddings.float()).mean() / margin  # near 0: one place; else see labels, rate, layers",
            "The loss is stuck at the margin",
            numbers=(Number(1.0, "the margin, the loss of three points in one place"),),
            said=("triplet loss stuck at margin", "collapse", "all embeddings the same"),
        ),
        Symptom(
            Sign.USELESS,
            "the loss is soon near 0, and many neighbours are still wrong",
            "most triplets are easy and have no gradient, and the mean counts them",
            '(F.triplet_margin_loss(a, p, n, reduction="none") > 0).float().mean()  # small? then mine',
            "The mean goes to 0 while the work is not done",
        ),
        Symptom(
            Sign.STUCK,
            "with normalised embeddings the loss never falls below a number above 0",
            "unit vectors are at most 2 apart, and those of many persons at most about 1.41 in the mean, so "
            "a larger margin is not kept by all triplets",
            "F.triplet_margin_loss(a, p, n, margin=0.5)  # well below 1.41",
            "The margin has the unit of the embedding",
        ),
        Symptom(
            Sign.DIFFERENT,
            "a formula with squared distances gives another number, or 0",
            "torch does not square the distances, FaceNet does",
            "F.relu((a - p).square().sum(1) - (a - n).square().sum(1) + margin).mean()",
            "Squared distances are another loss",
        ),
        Symptom(
            Sign.NAN,
            "all gradients are nan once distances of a batch are computed by hand",
            "a photo is at distance 0 from itself, where the root of a sum of squares has an infinite slope",
            "torch.linalg.vector_norm(x[:, None] - x, dim=-1)",
            "A nan from a distance written by hand",
        ),
        Symptom(
            Sign.DIFFERENT,
            "images or feature maps give many losses for each sample",
            "the distance runs over the last axis alone, a row of pixels",
            "F.triplet_margin_loss(a.flatten(1), p.flatten(1), n.flatten(1))",
            "Feature maps are compared row by row of pixels",
        ),
        Symptom(
            Sign.ERROR,
            "margin must be greater than 0",
            "with a margin of 0 a network that maps everything to one point would be perfect",
            "F.triplet_margin_loss(a, p, n, margin=0.1)",
            "Rare cases",
            messages=("expected margin to be greater than 0",),
        ),
        Symptom(
            Sign.ERROR,
            "tensors are expected to have the same number of dimensions",
            "one anchor `(D,)` met several negatives `(K, D)`",
            "F.triplet_margin_loss(a.expand_as(n), p.expand_as(n), n)",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Schroff, Kalenichenko and Philbin",
            2015,
            "FaceNet: A Unified Embedding for Face Recognition and Clustering",
            "https://arxiv.org/abs/1503.03832",
        ),
        Source(
            "Balntas et al.",
            2016,
            "Learning local feature descriptors with triplets and shallow convolutional neural networks",
            "https://bmva-archive.org.uk/bmvc/2016/papers/paper119/index.html",
        ),
        Source(
            "Hermans, Beyer and Leibe",
            2017,
            "In Defense of the Triplet Loss for Person Re-Identification",
            "https://arxiv.org/abs/1703.07737",
        ),
    ),
)


def _by_hand():
    places = [torch.tensor([place], requires_grad=True) for place in (0.0, 1.0, 1.5)]
    loss = F.triplet_margin_loss(*places, eps=0)
    return torch.cat([loss.detach()[None], *torch.autograd.grad(loss, places)])


def _table(seed, *persons):
    """Distances of photos in the plane, in hundredths, and whom they show."""
    places = random(seed, len(persons), 2)
    distance = np.linalg.norm(places[:, None] - places, axis=-1).round(2)
    return {"distance": distance, "labels": np.array(persons)}


def _hardest(distance, labels, margin):
    same = labels[:, None] == labels
    farthest = distance.masked_fill(~same, -torch.inf).amax(1)
    nearest = distance.masked_fill(same, torch.inf).amin(1)
    return (margin + farthest - nearest).clamp(min=0).mean()


def _kinds(distance, labels, margin):
    counts = [0, 0, 0]
    for i, j, k in torch.cartesian_prod(*3 * [torch.arange(len(labels))]).tolist():
        if i != j and labels[i] == labels[j] != labels[k]:
            gap = distance[i, k] - distance[i, j]
            counts[0 if gap >= margin else 2 if gap <= 0 else 1] += 1
    return torch.tensor(counts)


def _anchor_grad(anchor, positive, negative):
    anchor.requires_grad_()
    loss = F.triplet_margin_loss(anchor, positive, negative, eps=0)
    return torch.autograd.grad(loss, anchor)[0] + 0.0


# Ann at 0 and 2 of a line, Bob at 3 and 3.5.
_LINE = {"distance": np.abs(np.subtract.outer(*2 * [array(0, 2, 3, 3.5)])), "labels": np.array([0, 0, 1, 1])}

EXERCISES = {
    "by_hand": Exercise(
        "the loss and three gradients, a list of four numbers",
        _by_hand,
        [{}],
        hints=(
            "Work out the two distances, then what is missing for the negative to be 1 farther.",
            "In which direction, and how fast, does each distance grow when a point moves? The anchor is in "
            "both distances.",
        ),
    ),
    "batch_hard": Exercise(
        "hardest(distance, labels, margin)",
        _hardest,
        [
            _LINE | {"margin": 1.0},
            _LINE | {"margin": 0.25},
            _table(0, 0, 0, 1, 1) | {"margin": 1.0},
            _table(1, 0, 1, 0, 1, 2, 2, 2) | {"margin": 0.5},
            _table(2, 5, 5, 9, 9, 9, 7, 7) | {"margin": 2.0},
        ],
        hints=(
            "For one row: which cells are of the same person? The largest of them is wanted, and the "
            "smallest of the others.",
            "A mask that sets cells to 0 would win every minimum. Set what is not chosen to a number "
            "that cannot win.",
            "The hinge is taken for each anchor, before the mean.",
        ),
    ),
    "kinds": Exercise(
        "count_kinds(distance, labels, margin)",
        _kinds,
        [
            _LINE | {"margin": 1.0},
            _LINE | {"margin": 2.0},
            _table(0, 0, 0, 1, 1) | {"margin": 1.0},
            _table(3, 0, 1, 0, 1, 2, 2, 2) | {"margin": 1.5},
            _table(4, 4, 4, 4, 4) | {"margin": 1.0},
        ],
        hints=(
            "Three loops would do. Which photos may stand in the second place, and which in the third?",
            "With d[:, None, :] - d[:, :, None] each triplet has a cell that says how much farther its "
            "negative is.",
            "An anchor is no positive of itself. Count easy and hard with the ties that the text gives "
            "them; what is left of the valid ones is semi-hard.",
        ),
    ),
    "find_the_bug": Exercise(
        "faulty_anchor_grad(anchor, positive, negative)",
        _anchor_grad,
        [
            {"anchor": np.zeros((1, 2)), "positive": array(3, 4)[None], "negative": array(0, 2)[None]},
            {"anchor": np.zeros((1, 2)), "positive": array(0, 2)[None], "negative": array(6, 8)[None]},
            {"anchor": np.zeros((1, 2)), "positive": np.zeros((1, 2)), "negative": array(0.3, 0.4)[None]},
            {
                "anchor": np.zeros((2, 2)),
                "positive": array(3, 4, 0, 1).reshape(2, 2),
                "negative": array(0, 2, 6, 8).reshape(2, 2),
            },
            {"anchor": random(0, 5, 3), "positive": random(1, 5, 3), "negative": random(2, 5, 3)},
        ],
        hints=(
            "The input of the verdict is one triplet. Which kind is it, and what gradient does that kind "
            "have?",
            "For the second fault look at the distances: what is 0 divided by 0?",
            "Multiply by whether the triplet is active, and divide by something else where a distance is "
            "0: the difference is 0 anyway.",
        ),
    ),
}
