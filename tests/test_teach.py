"""The numbers that the page of demos tells, computed."""

import html
import itertools
import re
from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz import demo
from lossviz.losses.references import (
    dice_loss,
    focal_loss,
    focal_tversky_loss,
    generalized_dice_loss,
    jaccard_loss,
    lovasz_hinge,
    lovasz_softmax,
    tversky_loss,
)
from tests.handbook import BOOK, CHAPTERS, ROOT, read, sources

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


def test_each_chapter_has_a_demo():
    assert {chapter for chapter in CHAPTERS if f"../{chapter}.ipynb#explorer=" not in PAGE} == set()


def test_five_pulls():
    trips = torch.tensor([31.0, 33.0, 34.0, 36.0, 96.0])
    assert trips.mean() == 46
    pull = -slope(F.huber_loss, [46.0] * 5, trips, delta=5.0, reduction="sum")
    assert pull.tolist() == [-5, -5, -5, -5, 5] and "The sum is −15" in line("Five pulls")


def test_one_count():
    rates = torch.tensor([-50.0, -5.0, 0.0])
    losses = F.poisson_nll_loss(rates, torch.zeros(3), reduction="none")
    assert (losses.diff() > 0).all() and "falls for ever" in line("One count")
    assert slope(F.poisson_nll_loss, 0.0, torch.tensor(1.0)) == 0


def test_how_sure_they_were():
    var = torch.tensor([1.0, 9.0, 100.0], requires_grad=True)
    losses = F.gaussian_nll_loss(torch.full((3,), 20.0), torch.full((3,), 23.0), var, reduction="none")
    assert losses.argmax() == 0 and f"highest loss, {losses[0]:.2f}" in line("How sure they were")
    assert losses.argmin() == 1 and f"The lowest, {losses[1]:.2f}" in line("How sure they were")
    gradient = torch.autograd.grad(losses.sum(), var)[0]
    assert gradient[1] == 0 and gradient[[0, 2]].all()


def test_raw_scores_in_nll():
    for scores in ([0.0, 0.0, 0.0], [3.0, -1.0, 2.0]):
        assert slope(F.nll_loss, scores, torch.tensor(0)).tolist() == [-1, 0, 0]
    assert "Cat alone, and it is −1" in line("Raw scores in NLL")


def test_three_days_of_rain():
    rain, x = torch.tensor([1.0] * 3 + [0.0] * 7), torch.arange(1, 100) / 100
    losses = torch.stack([F.binary_cross_entropy(p.expand(10), rain) for p in x])
    assert x[losses.argmin()] == 0.3 and "It is 0.3" in line("Three days of rain")


def shown(name):
    """The explorer of the demo of this name."""
    return demo(html.unescape(re.search(r'href="([^"]+)"', line(name))[1]))


def test_gradients_in_the_tree(monkeypatch):
    monkeypatch.chdir(BOOK)
    gradient = shown("Gradients in the tree").values("bars", "gradient in each logit")
    assert np.flatnonzero(gradient).tolist() == [0, 1, 2, 3]
    assert "The four entries of the head alone" in line("Gradients in the tree")


def test_the_printed_loss(monkeypatch):
    monkeypatch.chdir(BOOK)
    explorer = shown("The printed loss")
    assert f"It prints {explorer.values('bars')[-1]:.2f}" in line("The printed loss")
    assert "the loss 9.0" in line("The printed loss")
    explorer.dtype = "float32"
    assert explorer.values("bars", "printed loss")[-1] == pytest.approx(9.0, abs=0.01)


def test_the_cliff():
    one = torch.tensor(1.0)
    assert slope(F.soft_margin_loss, -88.0, one) == -1 and slope(F.soft_margin_loss, -89.0, one).isnan()
    assert F.soft_margin_loss(-89 * one, one).isinf() and "infinite" in line("The cliff")
    assert F.binary_cross_entropy_with_logits(-89 * one, one) == 89 and "says 89" in line("The cliff")


def test_ten_wrong_pairs():
    i, j = np.triu_indices(5, 1)
    x = torch.tensor([0.2, 0.4, 1.0, 1.1, 1.8], requires_grad=True)
    loss = F.margin_ranking_loss(x[i], x[j], torch.ones(10), margin=0.5, reduction="sum")
    assert torch.autograd.grad(loss, x)[0].tolist() == [-4, -2, 0, 2, 4]
    assert "The first and the last move fastest" in line("Ten wrong pairs")


def test_two_tags():
    def gradient(dog):
        return slope(F.multilabel_margin_loss, [2.0, dog, -1.0, 1.2], torch.tensor([0, 3, -1, -1]))

    before, after = gradient(1.0), gradient(1.25)
    assert before.tolist() == [0, 0.25, 0, -0.25] and after.tolist() == [-0.25, 0.5, 0, -0.25]
    assert "the gradient of dog has doubled" in line("Two tags")


def test_eight_classes():
    def of(classes):
        x, y = [-2.0] + (classes - 1) * [-100.0], F.one_hot(torch.tensor(0), classes).float()
        return slope(F.multilabel_soft_margin_loss, x, y)[0]

    torch.testing.assert_close(of(8), of(1) / 8)
    assert "An eighth" in line("Eight classes")


def test_opposite_directions(monkeypatch):
    monkeypatch.chdir(BOOK)
    explorer = shown("Opposite directions")
    slopes = np.array(explorer.values("grad", "cosine"))
    angles = next(c["values"] for c in explorer.spec["controls"] if c["name"] == "probe")
    assert angles[int(np.nanargmax(slopes))] == pytest.approx(np.pi / 2, abs=0.02)
    assert slopes[-1] == pytest.approx(0, abs=0.01) and "At 90°" in line("Opposite directions")


def test_three_photos():
    def arrow(u, v):
        return slope(
            lambda n: F.triplet_margin_loss(torch.zeros(2), torch.tensor([1.2, 1.6]), n, 0.5), [u, v]
        )

    for place in ([1.0, 0.0], [1.5, 1.0], [0.0, 2.4]):
        assert arrow(*place).norm() == pytest.approx(1, abs=1e-5)
    assert not arrow(2.5, 1.0).any() and "It keeps the length 1" in line("Three photos")


def test_the_way_to_the_anchor():
    place, anchor = [-1.35, 1.65], torch.tensor([0.6, 0.3])
    step = -slope(lambda x: (x - anchor).abs().sum(), place)
    assert step.tolist() == [1, -1] and "At 45°" in line("The way to the anchor")


def test_near_the_origin(monkeypatch):
    monkeypatch.chdir(BOOK)
    explorer = shown("Near the origin")
    pulls = {}
    for loss in explorer.spec["controls"][0]["values"]:
        explorer.loss = loss
        for explorer.u, explorer.v in ((-1.6, -0.5), (-0.1, 0.0)):
            pulls.setdefault(loss, []).append(
                np.hypot(*np.reshape(explorer.values("arrows", "arrows"), (-1, 2))[5])
            )
    longer = {loss for loss, (far, near) in pulls.items() if near > 5 * far}
    assert longer == {loss for loss in pulls if "cos" in loss}
    assert "Under the two with a cosine" in line("Near the origin")


def test_the_blank_inside():
    def says(path):
        return "".join(c for c, _ in itertools.groupby(path)).replace("–", "")

    said = Counter(map(says, itertools.product("ab–", repeat=4)))
    assert (said["ab"], said["aa"]) == (15, 5)
    assert "Five:" in line("The blank inside") and "Fifteen paths" in line("The blank inside")


def test_all_or_nothing():
    square = torch.zeros(1, 1, 8, 8)
    square[..., 2:6, 2:6] = 1
    for loss, digits in ((F.binary_cross_entropy, "0.65 against 1.75"), (dice_loss, "0.61 against 0.86")):
        empty, full = (loss(torch.full_like(square, p), square) for p in (0.1, 0.9))
        first, second = sorted((empty, full))
        assert f"{first:.2f} against {second:.2f}" == digits and digits in line("All or nothing")
        assert (full < empty) == (loss is dice_loss)


def test_a_pixel_that_some_mark():
    z = torch.arange(0.01, 1, 0.01).logit()
    both = [focal_loss(z, torch.full_like(z, t), None, 2.0, "none") for t in (1.0, 0.0)]
    best = z[(0.2 * both[0] + 0.8 * both[1]).argmin()].sigmoid()
    assert f"It is {best:.2f}" in line("A pixel that some mark")


def test_a_rim_that_some_mark():
    def mean(x, q=0.46):
        truth = torch.zeros(2, 1, 40)
        truth[0], truth[1, :, :16] = 1, 1
        mask = torch.cat([torch.ones(16), x.expand(24)]).expand(2, 1, 40)
        return (torch.tensor([q, 1 - q]) * jaccard_loss(mask, truth, reduction="none")[:, 0]).sum()

    assert slope(mean, 0.5) < 0 and mean(torch.tensor(0.0)) < mean(torch.tensor(1.0))
    assert "the slope at 0.5 leads to 1" in line("A rim that some mark")
    assert mean(torch.tensor(1.0)) < mean(torch.tensor(0.95))


def test_the_border_moves():
    marked = torch.sigmoid((20 - torch.arange(60) - 0.5) / 4)
    masks = (torch.arange(0.5, 60, 0.5)[:, None] - torch.arange(60)).clamp(0, 1)[:, None]
    best = {}
    for beta in (0.5, 0.9):
        losses = tversky_loss(masks, marked.expand_as(masks), 1 - beta, beta, 0, reduction="none")
        best[beta] = 0.5 + 0.5 * losses[:, 0].argmin().item()
    assert {beta: round(x) for beta, x in best.items()} == {0.5: 21, 0.9: 29}
    assert round(1 / marked[28].item()) == 9 and "Outwards to 29" in line("The border moves")
    assert 0.4 < marked[20] < 0.5


def test_focal_below_1():
    factors = {index: 0.75 * (1 - index) ** -0.25 for index in (0.1, 0.99)}
    for index, factor in factors.items():
        p, t = torch.tensor([[[index]]]), torch.ones(1, 1, 1)
        plain, focal = (
            torch.autograd.grad(loss(p.requires_grad_(), t), p)[0].item()
            for loss in (
                lambda p, t: tversky_loss(p, t, 0.5, 1.0, 0),
                lambda p, t: focal_tversky_loss(p, t, 0.5, 1.0, 0.75, 0),
            )
        )
        assert focal / plain == pytest.approx(factor, rel=1e-4)
    assert f"with {factors[0.1]:.2f} of" in line("Focal below 1")
    assert f"with {factors[0.99]:.1f} times" in line("Focal below 1")


def test_only_c_has_moved():
    lesion = torch.tensor([[1.0, 1, 0, 0, 0]])
    for c, weights in ((0.25, (1 / 2, 1 / 6)), (1.25, (1 / 3, 1 / 3))):
        found = slope(lovasz_hinge, [[2.0, -0.5, c, -2.25, -0.9]], lesion)[0].abs()
        assert found[1:3].tolist() == pytest.approx(weights)
    assert "from 1/2 to 1/3" in line("Only c has moved")


def test_everything_gets_likelier():
    target = F.one_hot((torch.arange(16) < 4).long(), 2).T[None].double()

    def constant(p, w_type):
        answer = torch.tensor([1 - p, p], dtype=torch.float64)[None, :, None].expand(1, 2, 16)
        return generalized_dice_loss(answer, target, w_type, smooth=0).item()

    for p in (0.01, 0.3, 0.99):
        assert constant(p, "square") == pytest.approx(0.625)
    assert constant(0.1, "simple") < constant(0.5, "simple") < constant(0.9, "simple")
    assert "every constant answer costs 0.625" in line("Everything gets likelier")


def test_a_disc_that_moves_away(monkeypatch):
    monkeypatch.chdir(BOOK)
    explorer = shown("A disc that moves away")
    boundary, *others = (
        np.array(explorer.values(*role)) for role in (("loss",), ("overlay", "Dice"), ("overlay", "Jaccard"))
    )
    assert np.diff(boundary)[-8:].min() > 0.005
    assert all(np.abs(np.diff(other)[-8:]).max() < 1e-3 for other in others)
    assert "Dice and Jaccard are flat" in line("A disc that moves away")


def test_who_leads(monkeypatch):
    monkeypatch.chdir(BOOK)
    explorer, said = shown("Who leads"), line("Who leads")
    assert f"has {100 * explorer.values('bars')[2:].sum():.1f} %" in said
    explorer.p = 0.01
    assert f"it has {100 * explorer.values('bars')[2:].sum():.0f} %" in said


def test_one_pixel_of_sixteen():
    labels = torch.tensor([[0] * 11 + [1] * 4 + [2]])
    for place, instead, cost in (
        (15, 0, "0.361 if it is the sign"),
        (0, 1, "0.097 if it is a pixel of road"),
    ):
        answer = labels.clone()
        answer[0, place] = instead
        found = lovasz_softmax(F.one_hot(answer, 3).movedim(-1, 1).double(), labels)
        assert f"{found:.3f}" == cost[:5] and cost in line("One pixel of sixteen")
