"""margin_ranking_loss: comparisons find what guests prefer where the ratings themselves mislead.

Sixty guests rate six hotels each. The generous ones, whose ratings are higher, go to the weaker hotels:
Simpson's paradox. A line fitted to the ratings by squared error orders new hotels backwards; comparing
hotels within a guest orders them rightly, because a difference cancels the guest, and so does centring the
ratings of each. With a margin of 0 and weights of 0, torch learned up to 2.13 and does not since 2.14. The
chapter has hotels of its own; these are others, for three seeds at once.
"""

import numpy as np
import torch
import torch.nn.functional as F

from tests.facts import RELEASE

SEEDS = range(3)
FEATURES, FIRST, SECOND = 5, *torch.triu_indices(6, 6, 1)


def travels(seed):
    """Hotels (60, 6, 5) by guest and their ratings (60, 6); 500 new hotels and their quality."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=FEATURES)
    taste *= 1.5 / np.linalg.norm(taste)
    generous = rng.normal(size=(60, 1))
    hotels = rng.normal(size=(60, 6, FEATURES)) - 1.5 * generous[:, :, None] * taste / 1.5
    ratings = hotels @ taste + 6 * generous + 0.5 * rng.normal(size=(60, 6))
    new = rng.normal(size=(500, FEATURES))
    return hotels, ratings, new, new @ taste


def all_travels(seeds=SEEDS):
    return [torch.tensor(np.array(part)) for part in zip(*map(travels, seeds), strict=True)]


def pairs_right(weights, new, quality):
    """The share of pairs in the right order; a tie is not."""
    scores = (new @ weights[:, :, None])[:, :, 0]
    first, second = torch.triu_indices(500, 500, 1)
    right = (scores[:, first] - scores[:, second]) * (quality[:, first] - quality[:, second]) > 0
    return right.double().mean(1).numpy()


def ranked(hotels, ratings, margin, steps=200, sign=1):
    """Weights (seeds, 5) from comparisons within each guest, by gradient descent from 0; the last loss."""
    weights = torch.zeros(len(hotels), FEATURES, dtype=torch.float64, requires_grad=True)
    order = sign * (ratings[:, :, FIRST] - ratings[:, :, SECOND]).sign()
    for _ in range(steps):
        scores = (hotels @ weights[:, None, :, None])[..., 0]
        call = scores[:, :, FIRST], scores[:, :, SECOND], order
        loss = F.margin_ranking_loss(*call, margin=margin, reduction="none").mean((1, 2))
        (slope,) = torch.autograd.grad(loss.sum(), weights)
        with torch.no_grad():
            weights -= 0.1 * slope
    return weights.detach(), loss.detach()


def squared(hotels, ratings):
    """The weights of least squares with an intercept."""
    x = torch.cat([hotels, torch.ones_like(hotels[..., :1])], dim=-1).flatten(1, 2)
    return torch.linalg.lstsq(x, ratings.reshape(len(x), -1, 1)).solution[:, :-1, 0]


def test_a_fit_to_the_ratings_orders_hotels_backwards_and_comparisons_order_them_rightly():
    hotels, ratings, *new = all_travels()
    assert pairs_right(squared(hotels, ratings), *new).max() < 0.25
    assert pairs_right(ranked(hotels, ratings, 1)[0], *new).min() > 0.93
    assert pairs_right(ranked(hotels, ratings, 1, sign=-1)[0], *new).max() < 0.07


def test_a_fit_to_ratings_that_are_centred_by_guest_is_right_too():
    hotels, ratings, *new = all_travels()
    centred = hotels - hotels.mean(2, keepdim=True), ratings - ratings.mean(2, keepdim=True)
    assert pairs_right(squared(*centred), *new).min() > 0.95


def test_a_tenth_of_the_margin_shrinks_the_weights_and_leaves_the_order():
    hotels, ratings, *new = all_travels()
    (large, _), (small, _) = (ranked(hotels, ratings, margin) for margin in (1, 0.1))
    assert pairs_right(small, *new).min() > 0.93
    assert abs(pairs_right(small, *new) - pairs_right(large, *new)).max() < 0.03
    large, small = large.norm(dim=1), small.norm(dim=1)
    assert large.min() > 1.5 and large.max() < 2.8 and small.min() > 0.18 and small.max() < 0.35


def test_with_margin_0_weights_of_0_learn_up_to_2_13_and_rest_since_2_14():
    hotels, ratings, *new = all_travels()
    weights, loss = ranked(hotels, ratings, 0)
    if RELEASE < (2, 14):
        assert pairs_right(weights, *new).min() > 0.8 and loss.min() > 0 and loss.max() < 0.01
    else:
        assert (weights == 0).all() and (loss == 0).all() and (pairs_right(weights, *new) == 0).all()


def test_a_thousandth_of_a_margin_learns_in_every_release():
    hotels, ratings, *new = all_travels()
    assert pairs_right(ranked(hotels, ratings, 0.001)[0], *new).min() > 0.8
