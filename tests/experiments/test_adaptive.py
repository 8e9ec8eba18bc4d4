"""AdaptiveLogSoftmaxWithLoss: a full softmax on the frequent words, worse on the rare, for less work.

1000 words by Zipf's law, each a vector in 64 dimensions that is seen in noise; a small network and a last
layer, for 100 steps of Adam on batches of 256: a full softmax, the adaptive one with the words numbered by
frequency, and the same with them numbered at random, which loses both, quality and speed. The work is
counted by torch in its matrix products. The chapter has words of its own; these are others, for two seeds.
"""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

SEEDS = range(2)
WORDS, FEATURES, CUTOFFS, BATCH, STEPS = 1000, 64, [50, 250], 256, 100


def language(seed):
    """Pairs of vectors and words: those to train with, those to test with."""
    rng = np.random.default_rng(seed)
    chance = 1 / np.arange(1, WORDS + 1)
    vectors = rng.normal(size=(WORDS, FEATURES))
    parts = []
    for count in (STEPS * BATCH, 2000):
        word = rng.choice(WORDS, count, p=chance / chance.sum())
        x = vectors[word] + 2.2 * rng.normal(size=(count, FEATURES))
        parts.append((torch.tensor(x).float(), torch.tensor(word)))
    return parts


class Full(torch.nn.Linear):
    def __init__(self):
        super().__init__(FEATURES, WORDS, bias=False)

    def losses(self, hidden, word):
        return F.cross_entropy(self(hidden), word, reduction="none")


class Adaptive(torch.nn.AdaptiveLogSoftmaxWithLoss):
    def __init__(self):
        super().__init__(FEATURES, WORDS, CUTOFFS)

    def losses(self, hidden, word):
        return -self(hidden, word).output


class Shuffled(Adaptive):
    """With the words numbered at random."""

    def __init__(self):
        super().__init__()
        self.number = torch.tensor(np.random.default_rng(0).permutation(WORDS))

    def losses(self, hidden, word):
        return super().losses(hidden, self.number[word])


@functools.cache
def trained(made, seed):
    """Losses on new words, all, frequent, middle and rare; operations for each of them."""
    train, (x, word) = language(seed)
    torch.manual_seed(seed)
    body = torch.nn.Sequential(
        torch.nn.Linear(FEATURES, FEATURES), torch.nn.ReLU(), torch.nn.Linear(FEATURES, FEATURES)
    )
    last = made()
    optimizer = torch.optim.Adam([*body.parameters(), *last.parameters()], lr=3e-3)
    for batch in zip(*(part.split(BATCH) for part in train), strict=True):
        optimizer.zero_grad()
        last.losses(body(batch[0]), batch[1]).mean().backward()
        optimizer.step()
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        hidden = body(x)
        before = counted.get_total_flops()
        loss = last.losses(hidden, word)
    frequent, rare = word < CUTOFFS[0], word >= CUTOFFS[1]
    means = [loss[rows].mean().item() for rows in (..., frequent, ~frequent & ~rare, rare)]
    return *means, (counted.get_total_flops() - before) / len(x)


def results(made, seeds=SEEDS):
    return np.array([trained(made, seed) for seed in seeds]).T


def test_in_the_order_of_frequency_it_loses_little_and_at_random_much():
    full, ordered, shuffled = (results(made)[0] for made in (Full, Adaptive, Shuffled))
    assert full.min() > 3 and full.max() < 4
    assert (ordered > full).all() and (ordered < full + 0.4).all()
    assert (shuffled > ordered + 0.4).all() and shuffled.max() < 5.5


def test_it_is_the_full_one_on_frequent_words_and_worse_on_the_others():
    full, ordered, shuffled = (results(made)[1:4] for made in (Full, Adaptive, Shuffled))
    assert abs(ordered - full)[0].max() < 0.25 and full[0].max() < 1.9
    assert (ordered > full)[1:].all() and (full[0] < full[1]).all() and (full[1] < full[2]).all()
    assert (shuffled[0] > ordered[0] + 0.6).all()


def test_it_takes_less_work_and_more_of_it_at_random():
    full, ordered, shuffled = (results(made)[4] for made in (Full, Adaptive, Shuffled))
    assert (full == 2 * WORDS * FEATURES).all()
    assert (ordered < 0.1 * full).all() and (shuffled > 1.25 * ordered).all()


def test_the_parameters():
    counts = [sum(part.numel() for part in made().parameters()) for made in (Full, Adaptive, Shuffled)]
    head, tails = FEATURES * (50 + 2), [16 * (64 + 200), 4 * (64 + 750)]
    assert counts == [64_000, head + sum(tails), head + sum(tails)] and counts[1] < 0.2 * counts[0]
    large = torch.nn.AdaptiveLogSoftmaxWithLoss(64, 5000, [100, 1000])
    assert sum(part.numel() for part in large.parameters()) == 38_208
    wider = torch.nn.AdaptiveLogSoftmaxWithLoss(64, 5000, [100, 1000], div_value=2)
    assert sum(part.numel() for part in wider.parameters()) == 102_400
