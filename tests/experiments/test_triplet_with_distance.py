"""triplet_margin_with_distance_loss: the ruler is learned, the points stay where they are.

A person compares items of six features by two of them alone, 4 parts to 1, with some noise, and says only
which of two is more like a third. The six weights of a distance, passed to the loss as a module, find those
two: well from 50 such answers, almost exactly from 400, where the plain distance fails one new question in
three. The chapter has items of its own; these are others, for five seeds at once.
"""

import functools

import numpy as np
import pytest
import torch

SEEDS = range(5)
TRUE = torch.tensor([4.0, 1, 0, 0, 0, 0], dtype=torch.float64)
ITEMS, FEATURES, NEW = 200, 6, 2000


def answers(seed, count, noise):
    """Triplets (count, 3, 6): an item, the one that the person finds nearer, the other."""
    items = torch.tensor(np.random.default_rng(seed).normal(size=(ITEMS, FEATURES)))
    rng = np.random.default_rng([seed, count])
    chosen = items[torch.tensor(rng.random((count, ITEMS)).argsort(1)[:, :3])]
    seen = ((chosen[:, :1] - chosen[:, 1:]) ** 2 @ TRUE).sqrt()
    seen += noise * torch.tensor(rng.normal(size=seen.shape))
    order = torch.cat([torch.zeros(count, 1, dtype=torch.int64), 1 + seen.argsort(1)], dim=1)
    return chosen.gather(1, order[:, :, None].expand(-1, -1, FEATURES))


@functools.cache
def questions(count, noise, seeds=SEEDS):
    return torch.stack([answers(seed, count, noise) for seed in seeds])


class Ruler(torch.nn.Module):
    """A Euclidean distance with weights of its own, which sum to 1, for each seed."""

    def __init__(self, seeds):
        super().__init__()
        self.log_weight = torch.nn.Parameter(torch.zeros(len(seeds), 1, FEATURES, dtype=torch.float64))

    def weights(self):
        return self.log_weight.softmax(2)

    def forward(self, u, v):
        return ((u - v).square() * self.weights()).sum(2).sqrt()


def learned(count, seeds=SEEDS, steps=400, order=(0, 1, 2)):
    """Right on new questions, and the weights, of a ruler that has seen `count` answers."""
    ruler, triplets = Ruler(seeds), questions(count, 0.1, seeds).unbind(2)
    criterion = torch.nn.TripletMarginWithDistanceLoss(distance_function=ruler, margin=0.2, reduction="none")
    optimizer = torch.optim.Adam(criterion.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(*(triplets[k] for k in order)).mean(1).sum().backward()
        optimizer.step()
    with torch.no_grad():
        return share_right(ruler, seeds), ruler.weights()[:, 0].numpy()


def share_right(distance, seeds=SEEDS):
    anchor, near, far = questions(NEW, 0, seeds).unbind(2)
    return (distance(anchor, near) < distance(anchor, far)).double().mean(1).numpy()


def test_the_plain_distance_fails_one_question_in_three():
    right = share_right(torch.nn.PairwiseDistance())
    assert right.min() > 0.6 and right.max() < 0.73


@pytest.mark.parametrize(
    ("count", "least", "first", "second", "rest"),
    [(50, 0.9, (0.55, 0.93), (0.07, 0.38), 0.13), (400, 0.97, (0.72, 0.87), (0.13, 0.27), 0.03)],
)
def test_a_ruler_is_learned_from_answers(count, least, first, second, rest):
    right, weights = learned(count)
    assert right.min() > least
    for k, (low, high) in enumerate((first, second)):
        assert weights[:, k].min() > low and weights[:, k].max() < high
    assert weights[:, 2:].max() < rest


def test_with_near_and_far_exchanged_the_ruler_looks_at_what_does_not_count():
    right, weights = learned(50, order=(0, 2, 1))
    assert right.max() < 0.62 and weights[:, 0].max() < 0.05
