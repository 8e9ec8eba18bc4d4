"""Margin ranking loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive, random
from lossviz.losses.loss import (
    Argument,
    Bounds,
    Domain,
    Dtype,
    Form,
    Kind,
    Loss,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)

LOSS = Loss(
    name="margin_ranking_loss",
    title="Margin ranking loss",
    aliases=("pairwise hinge loss", "RankSVM loss", "MarginRankingCriterion"),
    torch_class="torch.nn.MarginRankingLoss",
    family="margin",
    summary="What the lead of the score that should be higher is short of the margin.",
    formula=r"\ell(x_1, x_2, y) = \max(0, -y\,(x_1 - x_2) + m)",
    arguments=(
        Argument(
            "input1",
            "scores, any real numbers, any shape",
            (Form(Kind.SCORES, Shape.ANY),),
            differentiable=True,
        ),
        Argument(
            "input2",
            "the scores that they are compared with, same shape (or one of as many axes that broadcasts)",
            (Form(Kind.SCORES, Shape.SAME),),
            differentiable=True,
        ),
        Argument(
            "target",
            "1 where input1 should be higher, -1 where input2 (not checked), same shape",
            (Form(Kind.SIGNS, Shape.SAME, Domain(-1, 1, values=(-1, 1)), Dtype.REAL),),
        ),
    ),
    options=(Option("margin", 0, "how far ahead the higher score must be, in the unit of the scores"),),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="of size 1 for both scores of a pair in the wrong order, however far; 0 for one in order",
    gradient_at_target="0 once the lead exceeds the margin; at it of size 1 up to torch 2.13, 0 since 2.14",
    fades=True,
    statistic=None,
    elicits="any, as only differences count; two scores take the order of most votes, a margin apart "
    "(with margin 0 and votes on both sides a tie)",
    robust_to="pairs in order by more than the margin, and offsets that both scores of a pair share",
    use_when="it is known which of two is better, and only the order of the scores is used",
    avoid_when="scores must mean something alone, or the top of the list matters most",
    symptoms=(
        Symptom(
            Sign.ERROR,
            "All input tensors should have same dimension but got sizes",
            "one of the three sizes has fewer dimensions, mostly that of `target`: `(N,)` beside `(N, 1)`",
            "input1, input2 = input1.squeeze(-1), input2.squeeze(-1)  # (N, 1) to (N,)",
            "A target with fewer dimensions",
        ),
        Symptom(
            Sign.USELESS,
            "the loss falls, and the order gets worse: the share of pairs in order goes below one half",
            "the label is 1 for the one that should be higher, and what is passed are distances, "
            "of which the better has the lower (or the pair is swapped)",
            "target = -target  # if lower is better",
            "Of distances the lower is better",
        ),
        Symptom(
            Sign.SILENT,
            "with the default margin the loss is 0 at once, or nearly 0 soon, and all scores come together",
            "equal scores cost 0, and none cost less; since torch 2.14 they have no gradient either",
            "F.margin_ranking_loss(input1, input2, target, margin=1.0)",
            "The default margin is 0",
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays at exactly the margin",
            "the scores of each pair are equal, or `target` is 0, or each pair stands there both ways",
            "print(target.unique(), (input1 - input2).abs().max())  # both right? votes contradict",
            "A loss that stays at the margin",
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays above the margin times the share of labels 0, and the order looks nearly right",
            "a pair labelled 0 in place of −1 costs just the margin and has no gradient of its own",
            "torch.where(target == 1, 1, -1)  # if 0 means that input2 is better",
            "Labels 0 and 1",
        ),
        Symptom(
            Sign.HUGE,
            "pairs labelled 1 cost hundreds of times their difference if in order, and 0 if not",
            "`target` is uint8, in which −1 is 255",
            "torch.where(target == 1, 1, -1)  # if the others mean that input2 is better",
            "Rare cases",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss falls or rises, and the share of pairs in order stays",
            "wrong pairs became less wrong, or all scores grew or shrank, and the margin is in their unit",
            "print((target * (input1 - input2) > 0).float().mean(), input1.std())  # beside the loss",
            "The margin is in the unit of the scores",
        ),
        Symptom(
            Sign.ERROR,
            "on a bool tensor is not supported",
            "`target` is boolean, and torch computes −target",
            "torch.where(target, 1, -1)",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Herbrich, Graepel and Obermayer",
            2000,
            "Large Margin Rank Boundaries for Ordinal Regression",
            "https://doi.org/10.7551/mitpress/1113.003.0010",
        ),
        Source(
            "Joachims",
            2002,
            "Optimizing Search Engines using Clickthrough Data",
            "https://doi.org/10.1145/775047.775067",
        ),
        Source(
            "Duchi, Mackey and Jordan",
            2013,
            "The Asymptotics of Ranking Algorithms",
            "https://arxiv.org/abs/1204.1688",
        ),
    ),
)


def _all_pairs(scores, ratings, margin):
    first, second = torch.triu_indices(len(scores), len(scores), 1)
    order = torch.sign(ratings[first] - ratings[second])
    kept = order != 0
    return F.margin_ranking_loss(scores[first][kept], scores[second][kept], order[kept], margin=margin)


def _item_grad(scores, first, second, target, margin):
    scores.requires_grad_()
    loss = F.margin_ranking_loss(scores[first], scores[second], target, margin=margin, reduction="sum")
    return torch.autograd.grad(loss, scores)[0] + 0.0


def _distance_loss(near, far, margin):
    return F.margin_ranking_loss(near, far, -torch.ones_like(near), margin=margin)


EXERCISES = {
    "by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.margin_ranking_loss(
            torch.tensor([1.2, 1.2, 0.6], dtype=torch.float64),
            torch.tensor([0.6, 0.9, 0.9], dtype=torch.float64),
            torch.tensor([1, -1, -1]),
            margin=1.0,
        ),
        [{}],
        hints=(
            "For each vote, by how much is the better hotel ahead? A hotel that trails has a lead below 0.",
            "What is each of the three leads short of 1?",
            "None of the three votes costs 0 now. Add what they cost, and divide by the number of votes.",
        ),
    ),
    "all_pairs": Exercise(
        "all_pairs(scores, ratings, margin)",
        _all_pairs,
        [
            {"scores": array(1, 0), "ratings": array(3, 5), "margin": 0.5},
            {"scores": array(2, 0, 1), "ratings": array(5, 3, 3), "margin": 0.5},
            {"scores": array(0, 1, 2), "ratings": array(9, 1, 4), "margin": 1.0},
            {"scores": random(0, 6), "ratings": labels(1, 5, 6).astype(np.float64), "margin": 1.0},
            {"scores": random(2, 9), "ratings": labels(3, 4, 9).astype(np.float64), "margin": 0.25},
        ],
        hints=(
            "`scores[:, None] - scores` is a table of all differences. Which entries hold each pair once?",
            "The label of a pair is the sign of the difference of its ratings, so that 5 against 3 and "
            "9 against 1 count alike.",
            "A sign of 0 is a tie and says nothing: it must be neither in the sum nor in the number.",
        ),
    ),
    "item_grad": Exercise(
        "item_grad(scores, first, second, target, margin)",
        _item_grad,
        [
            {
                "scores": array(0, 0.3),
                "first": np.array([0]),
                "second": np.array([1]),
                "target": np.array([1]),
                "margin": 0.5,
            },
            {
                "scores": array(2, 0),
                "first": np.array([0]),
                "second": np.array([1]),
                "target": np.array([1]),
                "margin": 0.5,
            },
            {
                "scores": array(1.2, 0.6, 0.9),
                "first": np.array([0, 0, 1]),
                "second": np.array([1, 2, 2]),
                "target": np.array([1, -1, -1]),
                "margin": 0.5,
            },
            {
                "scores": random(0, 5),
                "first": labels(1, 5, 8),
                "second": (labels(1, 5, 8) + labels(2, 4, 8) + 1) % 5,
                "target": 2 * labels(3, 2, 8) - 1,
                "margin": 1.0,
            },
        ],
        hints=(
            "Begin with one pair that violates the margin: which of its two scores must rise, and what is "
            "the gradient of each?",
            "A pair that keeps the margin adds nothing. How do you switch it off?",
            "`grad[first] += slope` counts an item that stands in several pairs once only. NumPy has a "
            "function that adds at repeated places.",
        ),
    ),
    "find_the_bug": Exercise(
        "faulty_distance_loss(near, far, margin)",
        _distance_loss,
        [
            {"near": array(0.2), "far": array(1), "margin": 0.5},
            {"near": array(1), "far": array(0.2), "margin": 0.5},
            {"near": array(0.2, 0.9), "far": array(0.9, 0.1), "margin": 0.25},
            {"near": positive(0, 6), "far": positive(1, 6), "margin": 1.0},
        ],
        hints=(
            "Take a true pair 0.2 apart and a false one 1.0 apart. What should they cost with a margin of "
            "0.5, and what do they cost?",
            "With this label, which of the two numbers should be the higher?",
            "Of distances the better one is the lower: change the label, or the order of the arguments.",
        ),
    ),
}
