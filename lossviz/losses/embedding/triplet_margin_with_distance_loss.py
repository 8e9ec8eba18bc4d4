"""Triplet margin loss with a distance: its facts and its exercises."""

from math import inf

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
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)

_POINTS = (Form(Kind.EMBEDDINGS, Shape.FEATURES_LAST),)

LOSS = Loss(
    name="triplet_margin_with_distance_loss",
    title="Triplet margin loss with a distance",
    aliases=("triplet loss with a custom distance",),
    torch_class="torch.nn.TripletMarginWithDistanceLoss",
    family="embedding",
    summary="The triplet margin loss, by a distance that you hand over.",
    formula=r"\ell(a, p, n) = \max(0, m + d(a, p) - d(a, n))",
    arguments=(
        Argument("anchor", "what is compared, in the shape that the distance takes", _POINTS, True),
        Argument("positive", "one that belongs to it, of as many axes as anchor", _POINTS, True),
        Argument("negative", "one that does not, of as many axes as anchor", _POINTS, True),
    ),
    options=(
        Option(
            "distance_function",
            None,
            "what says how far two batches are apart, row by row; None is the Euclidean distance",
            Domain(values=(None,)),
            says="None or a callable",
        ),
        Option(
            "margin",
            1.0,
            "how much farther the negative should be, in the unit of the distance",
            Domain(low=0, open=True),
        ),
        Option("swap", False, "measure the negative from the positive where that is nearer", SWITCH),
    ),
    values=(Bounds(0, inf),),
    gradients=(Bounds(-2.0, 2.0, where={"distance_function": None}), Bounds(-inf, inf)),
    gradient_far="the slope of the distance, of length 1 for positive and negative if it is Euclidean, "
    "without swap",
    gradient_at_target="0 once the negative is a margin farther; just there as before up to torch 2.13, "
    "0 since 2.14",
    fades=True,
    statistic=None,
    elicits="the order of the two distances that the majority names, a margin apart if that can be reached",
    robust_to="negatives that are far enough; how much a wrong triplet counts is up to the distance",
    use_when="triplets are known, and no p-norm says what is alike: clocks, directions, a distance to learn",
    avoid_when="a p-norm is right (triplet margin loss), or one threshold must serve all (a pair loss)",
    curve="lambda x: F.triplet_margin_with_distance_loss(x[:, None], 0 * x[:, None], 0 * x[:, None] + 2, "
    "reduction='none')",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss falls to about the margin, and neighbours are hardly better than chance",
            "the function gives a similarity, which is large for what is alike, and active triplets are "
            "pulled the wrong way",
            "nn.TripletMarginWithDistanceLoss(distance_function=lambda u, v: 1 - F.cosine_similarity(u, v))",
            "A similarity in place of a distance",
            said=("cosine similarity", "triplet loss does not learn"),
        ),
        Symptom(
            Sign.STUCK,
            "the loss rests at the margin, although the function is a distance",
            "all points have collapsed into one place, by labels that do not fit, a large learning rate or "
            "the hardest triplets alone",
            "(d(a, n) - d(a, a)).mean() / margin  # near 0: a collapse; below 0: d is a similarity",
            "A similarity in place of a distance",
        ),
        Symptom(
            Sign.STUCK,
            "the loss never falls below a number above 0",
            "the margin is larger than the differences that can be had: with 1 - cos at most 2, and less "
            "with many classes in few dimensions",
            "F.triplet_margin_with_distance_loss(a, p, n, distance_function=d, margin=0.3)",
            "A margin that the distance cannot reach",
        ),
        Symptom(
            Sign.SILENT,
            "the weights of a learned distance never change",
            "they are parameters of the criterion, and the optimiser was given those of the model alone",
            "model.criterion = criterion  # before the optimiser is given model.parameters()",
            "The weights of a distance are not in the model",
        ),
        Symptom(
            Sign.DIFFERENT,
            '`reduction="none"` gives a loss for each coordinate, or for all pairs of rows',
            "the distance returns `(N, D)` or `(N, N)` where one number a row is meant",
            "F.triplet_margin_with_distance_loss(a, p, n, "
            "distance_function=lambda u, v: (u - v).abs().sum(-1))",
            "The distance must be one number a row",
        ),
        Symptom(
            Sign.NAN,
            "the gradients are nan, and the loss is finite, even 0, or nan too",
            "a root or an arccosine has an infinite slope where two points or two directions coincide, and "
            "rounding may lift their cosine above 1, which has no arccosine",
            "torch.linalg.vector_norm(u - v, dim=-1)  # for an angle: 1 - F.cosine_similarity(u, v)",
            "A nan from the slope of a root or an arccosine",
        ),
        Symptom(
            Sign.ERROR,
            "takes 3 positional arguments but 4 were given",
            "distance, margin, swap and reduction are taken by name alone",
            "F.triplet_margin_with_distance_loss(a, p, n, distance_function=d)",
            "Rare cases",
        ),
        Symptom(
            Sign.ERROR,
            "clamp_min() received an invalid combination of arguments",
            "the distance returns a number of Python, as `.item()` gives it",
            "torch.linalg.vector_norm(u - v, dim=-1)  # a tensor: without float() or .item()",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Xing, Ng, Jordan and Russell",
            2002,
            "Distance Metric Learning, with Application to Clustering with Side-Information",
            "https://papers.neurips.cc/paper_files/paper/2002/hash/c3e4035af2a1cde9f21e1ae1951ac80b-Abstract.html",
        ),
        Source(
            "Schultz and Joachims",
            2003,
            "Learning a Distance Metric from Relative Comparisons",
            "https://papers.neurips.cc/paper_files/paper/2003/hash/d3b1fb02964aa64e257f9f26a31f72cf-Abstract.html",
        ),
        Source(
            "Balntas et al.",
            2016,
            "Learning local feature descriptors with triplets and shallow convolutional neural networks",
            "https://bmva-archive.org.uk/bmvc/2016/papers/paper119/index.html",
        ),
    ),
)


def _clock(u, v, period=24):
    gap = (u - v).abs() % period
    return torch.minimum(gap, period - gap).sum(-1)


def _by_hand():
    hours = [torch.tensor([hour], requires_grad=True) for hour in (6.0, 4.0, 9.0)]
    loss = F.triplet_margin_with_distance_loss(*hours, distance_function=_clock, margin=2.0)
    return torch.cat([loss.detach()[None], *torch.autograd.grad(loss, hours)])


def _weight_grad(weight, anchor, positive, negative, margin):
    weight.requires_grad_()
    loss = F.triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=lambda u, v: (u - v).abs() @ weight, margin=margin
    )
    return torch.autograd.grad(loss, weight)[0] + 0.0


def _cosine_triplet(anchor, positive, negative, margin):
    return F.triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=lambda u, v: 1 - F.cosine_similarity(u, v),
        margin=margin,
    )


def _rows(*numbers, width=2):
    return array(*numbers).reshape(-1, width)


def _triplets(seed, *shape):
    """Random triplets, none of which is at its margin."""
    names = ("anchor", "positive", "negative")
    return {name: random(seed + k, *shape) for k, name in enumerate(names)}


EXERCISES = {
    "by_hand": Exercise(
        "the loss and three gradients, a list of four numbers",
        _by_hand,
        [{}],
        hints=(
            "How long is the short way from 6 h to each of the others, and what is missing for the margin?",
            "Let the anchor's hour grow a little: does each of the two ways become longer or shorter? The "
            "second distance counts with a minus.",
        ),
    ),
    "clock": Exercise(
        "circular(u, v, period)",
        _clock,
        [
            {"u": _rows(23, width=1), "v": _rows(1, width=1), "period": 24},
            {"u": _rows(1, width=1), "v": _rows(47, width=1), "period": 24},
            {"u": _rows(23, 6, 1, 3), "v": _rows(1, 5, 22, 3), "period": 24},
            {"u": _rows(350, 10, -20, 90), "v": _rows(10, 350, 725, 270), "period": 360},
            {"u": 10 * random(5, 4, 3), "v": 10 * random(6, 4, 3), "period": 7},
        ],
        hints=(
            "There are two ways around. Which of them is meant?",
            "A clock that has gone around several times shows the same hour: bring the gap into one round "
            "with % before you compare the two ways.",
            "Each coordinate is a clock of its own, and a distance is one number a row.",
        ),
    ),
    "ruler": Exercise(
        "weight_grad(weight, anchor, positive, negative, margin)",
        _weight_grad,
        [
            {
                "weight": array(1, 1),
                "anchor": _rows(0, 0),
                "positive": _rows(1, 3),
                "negative": _rows(2, 1),
                "margin": 1.0,
            },
            {
                "weight": array(1, 0.5),
                "anchor": _rows(0, 0, 0, 0),
                "positive": _rows(1, 3, 0, 1),
                "negative": _rows(2, 1, 9, 2),
                "margin": 1.0,
            },
            {"weight": array(0.5, 0.25, 0.25)} | _triplets(10, 5, 3) | {"margin": 0.5},
            {"weight": array(0.5, 1, 0, 2)} | _triplets(20, 6, 4) | {"margin": 1.5},
            {
                "weight": array(2, 1),
                "anchor": _rows(0, 0),
                "positive": _rows(0.5, 0),
                "negative": _rows(3, 3),
                "margin": 1.0,
            },
        ],
        hints=(
            "The distance of a row is weight @ |u - v|. What is its slope in one of the weights?",
            "A weight that grows makes both distances grow; the loss has the first with a plus and the "
            "second with a minus.",
            "Rows whose negative is far enough count as 0, and the mean still divides by all rows.",
        ),
    ),
    "find_the_bug": Exercise(
        "faulty_cosine_triplet(anchor, positive, negative, margin)",
        _cosine_triplet,
        [
            {
                "anchor": _rows(1, 0),
                "positive": _rows(2, 0),
                "negative": _rows(0, 1),
                "margin": 1.0,
            },
            {
                "anchor": _rows(3, 4),
                "positive": _rows(4, 3),
                "negative": _rows(-3, 4),
                "margin": 1.0,
            },
            {
                "anchor": _rows(1, 0, 0, 2),
                "positive": _rows(2, 0, 1, 0),
                "negative": _rows(0, 1, 0, 5),
                "margin": 0.5,
            },
            _triplets(30, 5, 3) | {"margin": 0.5},
            _triplets(40, 4, 2) | {"margin": 1.0},
        ],
        hints=(
            "In the input of the verdict anchor and positive have one direction. Which number does the inner "
            "function give for them, and which should a distance give?",
            "For the second fault print the shape of what the inner function returns.",
            "One minus the cosine, where the cosine is one number a row.",
        ),
    ),
}
