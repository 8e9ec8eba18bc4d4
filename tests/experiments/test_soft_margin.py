"""soft_margin_loss: the weights grow for ever on data that a line separates, and raw units overflow it.

First, twenty points that a line separates, by gradient descent from 0: the loss never rests, the weights
grow with the logarithm of the steps, and their direction turns to the widest street. Here 5000 steps at
rate 2, for five seeds at once. Second, an income of some 36,000 as a feature, with weights of 0.01: the
loss starts at inf and stays nan. Its stable form survives and still learns next to nothing: the cure, for
either formula, is to standardise. The chapter says all this of its own data; these are others.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

SEEDS = range(5)
RATE, STEPS = 2, (50, 500, 5000)


def stable(input, target):
    return F.softplus(-target * input).mean()


# Separable, never done


def separated(seed):
    """Twenty points and signs, apart by a line through 0; of the widest street the normal and half width."""
    rng, y = np.random.default_rng(seed), np.repeat([1.0, -1.0], 10)
    angle = rng.uniform(0, 2 * np.pi)
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    x = np.stack([y * (0.5 + 0.3 * rng.random(20)), rng.normal(size=20)], axis=1) @ turned
    angles = np.linspace(0, 2 * np.pi, 36_001)
    normals = np.stack([np.cos(angles), np.sin(angles)])
    least = (y[:, None] * (x @ normals)).min(axis=0)
    return x, y[:, None], normals[:, least.argmax()], least.max()


def descent(seeds=SEEDS, loss=F.soft_margin_loss):
    """At each of STEPS, by seed: loss, length of weights, degrees to the widest street; half its width."""
    x, y, normal, width = (torch.tensor(np.array(part)) for part in zip(*map(separated, seeds), strict=True))
    w, noted = torch.zeros(len(x), 2, 1, dtype=torch.float64, requires_grad=True), []
    for step in range(1, STEPS[-1] + 1):
        # One sum for all seeds: the gradient of each is its own.
        (slope,) = torch.autograd.grad(loss(x @ w, y, reduction="sum") / 20, w)
        with torch.no_grad():
            w -= RATE * slope
            if step in STEPS:
                each, length = loss(x @ w, y, reduction="none").mean((1, 2)), w.norm(dim=(1, 2))
                aligned = (w[:, :, 0] * normal).sum(1) / length
                noted.append(torch.stack([each, length, aligned.clamp(max=1).acos().rad2deg()]))
    return *torch.stack(noted, dim=1).numpy(), width.numpy()


def test_on_separable_data_the_loss_falls_for_ever_and_the_weights_turn_to_the_widest_street():
    loss, length, degrees, width = descent()
    falls, grows = loss[:-1] / loss[1:], np.diff(length, axis=0)
    assert falls.min() > 8 and falls.max() < 10  # tenfold steps, tenth of the loss
    assert grows.min() > 3.1 and grows.max() < 4.4
    limit = np.log(10) / width
    assert limit.min() > 3.7 and limit.max() < 4.7
    assert (grows > 0.75 * limit).all() and (grows < 0.95 * limit).all()
    assert (grows[1] > grows[0]).all()
    assert (degrees[-1] < degrees[0]).all() and degrees[0].max() < 10 and degrees[-1].max() < 5
    assert np.median(degrees[-1]) < 0.7 * np.median(degrees[0])


# Raw units


def loans(seed, count=200):
    """Income, age and years in the job; repaid or not, by a mixture of the three that is not theirs alone."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(count, 3))
    repaid = np.sign(z @ [1.5, -1, 0.8] + 1.2 * rng.normal(size=count))
    return torch.tensor([36_000, 40, 8] + z * [12_000, 12, 3]).float(), torch.tensor(repaid).float()


def fit(x, y, loss, rate, steps):
    """The loss of each step, and the scores at the end."""
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    w, losses = torch.full((4,), 0.01, requires_grad=True), []
    for _ in range(steps):
        value = loss(x @ w, y)
        (slope,) = torch.autograd.grad(value, w)
        with torch.no_grad():
            w -= rate * slope
        losses.append(value.item())
    return np.array(losses), (x @ w).detach()


def share_right(scores, y):
    return (scores.sign() == y).double().mean().item()


@pytest.mark.parametrize("seed", SEEDS)
def test_in_raw_units_it_is_inf_and_then_nan_and_the_stable_form_lives_and_learns_little(seed):
    x, y = loans(seed)
    losses, scores = fit(x, y, F.soft_margin_loss, 3e-9, 5)
    assert losses[0] == np.inf and np.isnan(losses[1:]).all() and scores.isnan().all()
    losses, scores = fit(x, y, stable, 3e-9, 350)
    assert np.isfinite(losses).all() and 50 < losses[0] < 300
    assert abs(losses[-1] - np.log(2)) < 0.15 and share_right(scores, y) < 0.65


@pytest.mark.parametrize("seed", SEEDS)
def test_standardised_both_forms_are_one_and_learn(seed):
    x, y = loans(seed)
    x = (x - x.mean(0)) / x.std(0)
    losses, scores = fit(x, y, F.soft_margin_loss, 2, 50)
    stable_losses, stable_scores = fit(x, y, stable, 2, 50)
    assert share_right(scores, y) > 0.7 and losses[-1] < 0.55
    assert np.allclose(losses, stable_losses, atol=1e-4) and torch.allclose(scores, stable_scores, atol=1e-3)
