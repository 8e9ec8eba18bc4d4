"""The numbers that the page of demos tells, computed."""

import pytest
import torch
import torch.nn.functional as F

from lossviz import demo
from tests.handbook import ROOT, read, sources

PAGE = "\n".join(sources(read("book/teach")))


def line(demo):
    return next(row for row in PAGE.splitlines() if f">{demo}</a>" in row)


def slope(loss, at, *arguments, **options):
    x = torch.tensor(at, requires_grad=True)
    return torch.autograd.grad(loss(x, *arguments, **options), x)[0]


def test_slopes_of_the_three_losses():
    zero = torch.tensor(0.0)
    assert slope(F.mse_loss, 3.0, zero) == 2 * slope(F.mse_loss, 1.5, zero)
    for loss in (F.l1_loss, F.smooth_l1_loss):
        assert slope(loss, 3.0, zero) == slope(loss, 1.5, zero) == 1
    assert "L1 stays at 1" in line("L1")


def test_smooth_l1():
    assert slope(F.smooth_l1_loss, 0.5, torch.tensor(0.0)) == 0.5
    assert slope(F.smooth_l1_loss, 0.5, torch.tensor(0.0), beta=0.1) == 1
    assert "It is 1" in line("Smooth L1")


def test_learning_rate():
    nearer = 2.0 - 0.9 * slope(F.mse_loss, 2.0, torch.tensor(0.0))
    assert abs(nearer) < 2 and "At a rate of 0.9" in line("Learning rate")
    after = 2.0 - 1.05 * slope(F.mse_loss, 2.0, torch.tensor(0.0))
    assert after / 2 == pytest.approx(-1.1) and "= −1.1" in line("Learning rate")


def test_softmax():
    found = slope(F.cross_entropy, [1.5, 1.0, -1.0], torch.tensor(1))
    assert "{:.2f}, {:.2f} and {:.2f}".format(*found.tolist()).replace("-", "−") in line("Softmax")
    assert found.sum().abs() < 1e-6


def test_label_smoothing():
    leads = torch.arange(0, 12, 0.01)
    logits = F.pad(leads[:, None], (0, 9))
    labels = torch.zeros(len(leads), dtype=torch.long)
    losses = F.cross_entropy(logits, labels, label_smoothing=0.1, reduction="none")
    assert f"{leads[losses.argmin()]:.2f}" in line("Label smoothing")


def test_pos_weight():
    z = torch.zeros(1, requires_grad=True)
    rate, weight = 0.01, torch.tensor(10.0)
    for _ in range(300):
        loss = F.binary_cross_entropy_with_logits(z, torch.tensor([rate]), pos_weight=weight)
        z.data -= 5 * torch.autograd.grad(loss, z)[0]
    assert f"{100 * torch.sigmoid(z).item():.1f} %" in line("pos_weight")


def test_the_hinge():
    def pull(lead):
        return slope(lambda x: F.multi_margin_loss(x, torch.tensor(0)), [lead, 0.0]).abs().sum()

    # Up on the label and down on its rival: half of the sum.
    assert pull(-3.0) / 2 == pull(0.9) / 2 == 1 / 2 and pull(1.1) == 0
    assert "With 1/2 up to the margin, 1" in line("The hinge")


def minima(values):
    return sum(a > b < c for a, b, c in zip(values, values[1:], values[2:], strict=False))


def test_fitting_the_mean():
    e = demo(f"{ROOT}/notebooks/distribution/kl_div.ipynb#explorer=fitting-the-mean&distance=2")
    found = {}
    for width in (2.1, 0.7):
        e.width = width
        found[width] = minima(e.values("loss")), minima(e.values("overlay"))
    assert found == {2.1: (1, 1), 0.7: (1, 2)}
    assert "both directions have one minimum" in line("Fitting the mean") and "has two" in line(
        "Fitting the mean"
    )
