"""triplet_margin_loss: which triplets teach, and where the hardest make all embeddings meet in one point.

Photos of ten people: 5 of their 20 numbers tell who it is, 15 are noise of four times the size. A network
20-32-4 is trained on batches of 40, for 300 steps of Adam, with random triplets, with semi-hard ones (the
nearest negative beyond the positive) or with the hardest. What an embedding is worth is the share of new
photos whose nearest known photo is of the same person. Then the people are shuffled, so that there is
nothing to learn: the hardest triplets bring all embeddings together, with the loss at the margin. The
chapter has photos of its own; these are others, for four seeds at once.
"""

import functools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

SEEDS = range(4)
PEOPLE, INPUTS, OUTPUTS, EACH = 10, 20, 4, 4
WHO = torch.arange(PEOPLE).repeat_interleave(EACH)  # in a batch
SAME = WHO[:, None] == WHO
POSITIVE = SAME & ~torch.eye(len(WHO), dtype=torch.bool)


def photos(known, shuffled=False, seeds=SEEDS):
    """Known photos (seeds, 10, known, 20) by person, and 50 new ones of each."""
    parts = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(PEOPLE, known + 50, INPUTS))
        x[..., 5:] *= 4
        x[..., :5] += 2 * rng.normal(size=(PEOPLE, 1, 5))
        if shuffled:
            x = rng.permutation(x.reshape(-1, INPUTS)).reshape(x.shape)
        parts.append(x)
    x = torch.tensor(np.array(parts))
    return x[:, :, :known], x[:, :, known:]


def networks(seeds):
    """The parameters of one network for each seed."""
    made = []
    for seed in seeds:
        torch.manual_seed(seed)
        layers = torch.nn.Linear(INPUTS, 32), torch.nn.Linear(32, OUTPUTS)
        made.append([part.detach().double() for n in layers for part in (n.weight.T, n.bias[None])])
    return [torch.stack(parts).requires_grad_() for parts in zip(*made, strict=True)]


def embed(weights, x):
    first, first_bias, second, second_bias = weights
    x = x.flatten(1, -2)
    return (x @ first + first_bias).relu() @ second + second_bias


def mined(miner, distance, rng):
    """For each anchor of a batch, which is its positive and which its negative."""
    chance = torch.tensor(rng.random((2, *distance.shape)))
    if miner == "hard":
        return torch.where(SAME, distance, -1).argmax(2), torch.where(SAME, torch.inf, distance).argmin(2)
    positive = torch.where(POSITIVE, chance[0], -1).argmax(2)
    if miner == "random":
        return positive, torch.where(SAME, -1, chance[1]).argmax(2)
    # The nearest negative beyond the positive; of those before it, if there is no other, the farthest.
    beyond = ~SAME & (distance > distance.gather(2, positive[:, :, None]))
    before = torch.where(SAME, torch.inf, 1e6 - distance)
    return positive, torch.where(beyond, distance, before).argmin(2)


def train(miner, x, rate=0.003, steps=300, seeds=SEEDS):
    """The parameters; (steps, seeds): the loss, the share of active triplets, the mean distance."""
    weights, rng, noted = networks(seeds), np.random.default_rng(0), []
    optimizer = torch.optim.Adam(weights, lr=rate)
    for _ in range(steps):
        batch = torch.tensor(rng.random(x.shape[:3]).argsort(2)[:, :, :EACH, None])
        e = embed(weights, x.gather(2, batch.expand(-1, -1, -1, INPUTS)))
        distance = torch.cdist(e.detach(), e.detach())
        p, n = (e.gather(1, k[:, :, None].expand(-1, -1, OUTPUTS)) for k in mined(miner, distance, rng))
        each = F.triplet_margin_loss(e, p, n, reduction="none")
        loss = each.mean(1)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        apart = distance.sum((1, 2)) / (~torch.eye(len(WHO), dtype=torch.bool)).sum()
        noted.append(torch.stack([loss.detach(), (each > 0).double().mean(1), apart]))
    return weights, *torch.stack(noted, dim=1).numpy()


def share_right(known, new):
    nearest = torch.cdist(new, known).argmin(2) // (known.shape[1] // PEOPLE)
    who = torch.arange(PEOPLE).repeat_interleave(new.shape[1] // PEOPLE)
    return (nearest == who).double().mean(1).numpy()


@functools.cache
def results(miner, known=50, rate=0.003, seeds=SEEDS):
    """The share right; means of the last losses, the first and last active shares, the last distances."""
    x, new = photos(known, seeds=seeds)
    weights, loss, active, apart = train(miner, x, rate, seeds=seeds)
    with torch.no_grad():
        right = share_right(embed(weights, x), embed(weights, new))
    return right, loss[-20:].mean(0), active[:5].mean(0), active[-20:].mean(0), apart[-20:].mean(0)


def test_on_the_raw_numbers_the_nearest_photo_is_seldom_of_the_same_person():
    right = share_right(*(part.flatten(1, 2) for part in photos(50)))
    assert right.min() > 0.13 and right.max() < 0.42


def test_semi_hard_triplets_learn_more_than_random_ones_with_every_seed():
    random, semi_hard = results("random"), results("semi-hard")
    gain = semi_hard[0] - random[0]
    assert gain.min() > 0 and gain.mean() > 0.03 and random[0].min() > 0.5
    raw = share_right(*(part.flatten(1, 2) for part in photos(50)))
    assert (random[0] > raw + 0.2).all()


def test_random_triplets_run_out_before_the_others():
    first, last = {}, {}
    for miner in ("random", "semi-hard", "hard"):
        _, _, first[miner], last[miner], _ = results(miner)
    assert first["random"].min() > 0.7 and last["random"].max() < 0.35
    assert (last["random"] < last["semi-hard"] - 0.1).all() and last["semi-hard"].max() < 0.85
    assert (last["semi-hard"] < last["hard"]).all() and last["hard"].min() > 0.6


def test_hard_triplets_do_not_collapse_as_a_law():
    """Twenty photos of each: at rate 0.01 all learn; at 0.1 they fail, and not at the margin itself."""
    calm, wild = results("hard", 20, 0.01), results("hard", 20, 0.1)
    assert calm[1].max() < 0.6 and calm[4].min() > 3 and wild[0].min() < 0.5 < calm[0].min()
    assert wild[1].min() > 0.7 and (abs(wild[1] - 1) > 0.01).sum() >= 2


@pytest.mark.parametrize(
    ("miner", "shuffled", "loss", "apart"),
    [
        ("hard", True, (1.01, 1.05), (0.01, 0.12)),
        ("hard", False, (0.0, 0.95), (0.6, 6.0)),
        ("random", True, (0.25, 0.7), (1.3, 3.0)),
    ],
)
def test_hard_triplets_collapse_where_there_is_nothing_to_learn_and_random_ones_do_not(
    miner, shuffled, loss, apart
):
    x, _ = photos(20, shuffled)
    _, losses, _, distances = train(miner, x, steps=400)
    for values, (low, high) in ((losses, loss), (distances, apart)):
        last = values[-20:].mean(0)
        assert last.min() > low and last.max() < high
    assert (distances[:5].mean(0) > 1).all() and (miner != "hard" or (losses[:5].mean(0) > 1.8).all())
