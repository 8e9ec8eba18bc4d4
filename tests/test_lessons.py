"""The lesson plans: each chapter, minutes that add up, an exercise of its own, explorers that can do it."""

import html
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz import demo
from lossviz.losses.references import (
    boundary_loss,
    dice_loss,
    focal_loss,
    lovasz_softmax,
    signed_distance,
)
from tests.handbook import BOOK, CHAPTERS, ROOT, title

PAGE = (BOOK / "lessons.md").read_text("utf-8")
PARTS = ["Ask.", "The usual answer.", "Show.", "Exercise."]

# What a pixel of background, organ and vessel is predicted to be.
ANSWERS = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.2, 0.5]]


def lesson(chapter):
    """The part of the page below the chapter's title."""
    return re.search(rf"^## {re.escape(title(chapter))}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_the_chapters_come_in_the_order_of_the_book():
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[2:] == [title(chapter) for chapter in CHAPTERS]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_lesson_has_its_parts_and_its_minutes_add_up(chapter):
    text = lesson(chapter)
    assert re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) == PARTS
    plans = re.split(r"^\| minutes \| in (\d+) minutes \|$", text, flags=re.MULTILINE)[1:]
    assert plans[::2] == ["10", "45"]
    for stated, rows in zip(plans[::2], plans[1::2], strict=True):
        assert sum(map(int, re.findall(r"^\| (\d+) \| ", rows, re.MULTILINE))) == int(stated)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_exercise_and_the_questions_of_a_lesson_are_those_of_its_chapter(chapter):
    text = lesson(chapter)
    source = (ROOT / f"{chapter}.ipynb").read_text("utf-8")
    exercise, target = re.search(r"\*\*Exercise\.\*\* \[(.+?)\]\(\.\./(\S+)\.ipynb#", text).groups()
    assert target == chapter and f'"### {exercise}\\n"' in source
    for numbers in re.findall(r"Questions? ([\d, and]+) of \*Check yourself\*", text):
        for number in re.findall(r"\d", numbers):
            assert f'"**{number}.** ' in source


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_lesson_presents_explorers_of_its_chapter(chapter):
    """That they take the state that the links ask for: test_demo.py."""
    links = re.findall(r'<a href="([^"]+)"', lesson(chapter))
    assert links and all(link.startswith(f"../{chapter}.ipynb#explorer=") for link in links)
    assert all(html.unescape(link).endswith("&present=true") for link in links)


# What a lesson says of its question, computed


def stated(chapter):
    return lesson(f"notebooks/{chapter}")


def slope(loss, at, *arguments, **options):
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(loss(x, *arguments, **options), x)[0].numpy()


def test_the_share_of_an_error_of_15_among_fifteen_of_1():
    errors = torch.tensor([15.0] + 15 * [1.0])
    loss, pull = errors**2, np.abs(slope(F.mse_loss, errors.tolist(), torch.zeros(16)))
    assert pull[0] / pull.sum() == 0.5
    assert f"{loss[0] / loss.sum():.0%}".replace("%", " %") in stated("regression/mse_loss")


def test_both_best_constants_end_at_2():
    moved = [1, 2, 3, 4, 0]
    assert np.median(moved) == np.mean(moved) == 2
    assert "down to 2" in stated("regression/l1_loss") and "ends at 2" in stated("regression/l1_loss")


def test_a_far_trip_moves_the_mean_and_not_the_promise_of_huber():
    text = stated("regression/huber_loss")
    trips = torch.tensor([[31.0, 33, 34, 36, 96], [31, 33, 34, 36, 156]])
    assert (trips.mean(dim=1).diff()) == 12 and "go up by 12" in text
    for row in trips:
        assert slope(F.huber_loss, [34.75] * 5, row.double(), delta=5.0).sum() == 0
    assert "stays at 34.75" in text


def test_the_pull_on_a_log_rate_and_that_of_the_squared_error_of_the_rate():
    text, count = stated("regression/poisson_nll_loss"), torch.tensor(3.0)
    for at in (-1.0, -3.0):
        poisson = slope(F.poisson_nll_loss, at, count)
        square = slope(lambda x: (x.exp() - 3) ** 2 / 2, at)
        assert f"{-square:.2f}" in text and f"{-poisson:.2f}" in text
    assert f"a rate of {np.exp(-1):.2f}" in text


def test_the_pulls_of_points_whose_variance_is_the_squared_error():
    errors = torch.tensor([0.25, 8.0], dtype=torch.float64)
    pulls = slope(F.gaussian_nll_loss, errors.tolist(), 0 * errors, errors**2, reduction="sum")
    text = stated("regression/gaussian_nll_loss")
    assert f"pulls with {pulls[1]}, the one that is off by 0.25 with {pulls[0]:g}" in text
    assert f"{pulls[0] / pulls[1]:g} times" in text


def test_the_weighted_mean_of_three_cats_and_a_dog(monkeypatch):
    monkeypatch.chdir(BOOK)
    text = stated("classification/nll_loss")
    explorer = demo(html.unescape(re.search(r'<a href="([^"]+)"', text)[1]))
    explorer.dog = 1
    [plain], [above] = explorer.values("readout", "mean"), explorer.values("readout", "above")
    explorer.dog = 5
    [mean], [heavy] = explorer.values("readout", "mean"), explorer.values("readout", "above")
    dog = (heavy - above) / 4
    assert f"{above:.2f} / 4 = {plain:.2f}" in text and f"{heavy:.2f} / 8 = {mean:.2f}" in text
    assert f"“{heavy / 4:.2f}:" in text and f"above {dog:.2f}" in text


def test_doubled_logits_with_and_without_smoothing():
    logits, label = torch.tensor([3, 1.5, 0, -1]), torch.tensor(0)
    text = stated("classification/cross_entropy")
    for smoothing in (0.0, 0.2):
        for scale in (1, 2):
            assert f"{F.cross_entropy(scale * logits, label, label_smoothing=smoothing):.2f}" in text
    assert f"says {(2 * logits).softmax(0)[0]:.2f} where the target says {0.8 + 0.2 / 4:.2f}" in text


def test_the_slope_of_binary_cross_entropy_where_the_division_is_clamped():
    text = stated("classification/binary_cross_entropy")
    assert f"slope −{np.log(10):.1f}" in text
    left = slope(F.binary_cross_entropy, 1e-20, torch.tensor(1.0, dtype=torch.float64)) / -1e20
    assert left == pytest.approx(1e-8) and "a hundred-millionth" in text
    loss = F.binary_cross_entropy(torch.tensor(1e-20), torch.tensor(1.0))
    assert f"says {loss:.0f}" in text


def test_the_best_logit_with_and_without_a_weight():
    text = stated("classification/binary_cross_entropy_with_logits")
    assert f"−{np.log(9):.1f}" in text and f"It is {np.log(10 / 9):.1f}." in text


def test_each_of_two_equal_losses_breaks_on_its_own_side():
    scores, one = torch.tensor([-100.0, 17.0], requires_grad=True), torch.ones(2)
    soft, bce = (
        torch.autograd.grad(loss(scores, one, reduction="sum"), scores)[0]
        for loss in (F.soft_margin_loss, F.binary_cross_entropy_with_logits)
    )
    assert soft[0].isnan() and bce.tolist() == [-1, 0]
    assert f"−{-soft[1]:.1e}" in stated("margin/soft_margin_loss")


def test_the_gradient_of_the_margin_loss_counts_the_violations():
    label = torch.tensor(0)
    below, above = (slope(F.multi_margin_loss, [2.0, 1.6, cow], label)[0] for cow in (0.99, 1.01))
    assert np.allclose([below, above], [-1 / 3, -2 / 3])
    assert "−1/3 until the cow passes 1.0" in stated("margin/multi_margin_loss")


def test_zeros_and_ones_are_read_as_labels_that_are_counted_twice():
    scores = torch.tensor([1.0, 0.5, -0.5, 0.0])
    read = F.multilabel_margin_loss(scores, torch.tensor([1, 0, 0, 1]))
    lacking = sum(max(0, 1 - scores[label] + scores[other]) for label in (0, 1) for other in (2, 3))
    assert read == 2 * lacking / 4
    assert "with the labels 1 and 0, each counted twice" in stated("margin/multilabel_margin_loss")
    assert slope(F.multilabel_margin_loss, scores.tolist(), torch.tensor([1, 0, 0, 1]))[3] > 0


def test_the_lowest_loss_without_a_margin_has_two_of_three_pairs_wrong():
    corso, others = torch.linspace(0, 2.4, 241, dtype=torch.float64)[:, None], torch.tensor([[0.6, 1.0, 1.2]])
    y = torch.tensor([[1, -1, 1]])
    loss = F.margin_ranking_loss(corso, others.double(), y, reduction="none").sum(dim=1)
    lowest = corso[torch.isclose(loss, loss.min()), 0]
    assert np.allclose([lowest.min(), lowest.max()], [1.0, 1.2])
    assert [(y * (at - others) < 0).sum().item() for at in (0.8, 1.1)] == [1, 2]
    assert "The loss is lowest from 1.0 to 1.2, where two are wrong." in stated("margin/margin_ranking_loss")


def test_a_label_of_0_pulls_beyond_the_margin():
    assert slope(F.hinge_embedding_loss, 1.5, torch.tensor(0)) == 1
    assert slope(F.hinge_embedding_loss, 0.5, torch.tensor(0)) == 0


def test_cells_that_are_masked_by_0_win_every_minimum():
    place, person = np.array([0, 2, 3, 3.5]), np.array([0, 0, 1, 1])
    table, same = np.abs(place[:, None] - place), person[:, None] == person
    farthest = (table * same).max(1)
    wrong, right = ((table * ~same).min(1), np.where(same, np.inf, table).min(1))
    means = [np.mean(np.maximum(0, 1 + farthest - nearest)) for nearest in (wrong, right)]
    assert "{} in place of {}.".format(*means) in stated("embedding/triplet_margin_loss")


def test_a_step_on_hours_as_numbers_and_on_the_clock():
    text = stated("embedding/triplet_margin_with_distance_loss")
    ways = {"up, to {}": lambda u, v: abs(u - v), "it goes to {}": lambda u, v: 12 - abs(abs(u - v) - 12)}
    for told, way in ways.items():
        hours = [torch.tensor([hour], requires_grad=True) for hour in (23.0, 1.0, 22.0)]
        F.triplet_margin_with_distance_loss(*hours, distance_function=way).backward()
        assert told.format(f"{(hours[1] - hours[1].grad).item():g} h") in text
    assert min(abs(1 - 47), 24 - abs(1 - 47)) == -22 and "is −22" in text


def test_both_directions_of_the_divergence(monkeypatch):
    monkeypatch.chdir(BOOK)
    text = stated("distribution/kl_div")
    explorer = demo(html.unescape(re.search(r'<a href="([^"]+)"', text)[1]))
    q = np.exp([-1, 0, 1]) / np.exp([-1, 0, 1]).sum()
    assert "sun {:.0%}, cloud {:.0%}, rain {:.0%}".format(*q).replace("%", " %") in text
    mixed = {name: explorer.values("readout", name)[0] for name in readouts(explorer)}
    explorer.target = "certain"
    certain = {name: explorer.values("readout", name)[0] for name in readouts(explorer)}
    assert {f"{value:.2f}" for value in mixed.values()} >= {"1.01", "1.04"}
    assert f"becomes {-np.log(q[0]):.2f}" in text
    assert min(certain.values()) == pytest.approx(-np.log(q[0]), rel=1e-3) and np.isinf(max(certain.values()))


def readouts(explorer):
    return [series["name"] for series in explorer.spec["series"] if series["role"] == "readout"]


def test_when_a_frame_loses_its_b_another_is_asked_for_it(monkeypatch):
    monkeypatch.chdir(BOOK)
    text = stated("sequence/ctc_loss")
    explorer = demo(html.unescape(re.search(r'<a href="([^"]+)"', text)[1]))
    before = explorer.values("readout", "all fifteen")[0]
    explorer.b = 0.1
    after, asked = explorer.values("readout", "all fifteen")[0], explorer.values("outline").reshape(3, 4)[2]
    assert f"from {before:.2f} to {after:.2f}, by a factor of {before / after:.1f}" in text
    assert f"of {asked[3]:.2f}, frame 3 with {asked[2]:.2f}" in " ".join(text.split())


def test_the_bill_for_a_word_of_the_adaptive_softmax(monkeypatch):
    monkeypatch.chdir(BOOK)
    text = stated("classification/adaptive_log_softmax")
    explorer = demo(html.unescape(re.search(r'<a href="([^"]+)"', text)[1]))
    share = explorer.values("readout", "bill, in % of a full softmax")[0]
    in_head = explorer.values("flow")[0]
    assert f"It is {share:.1f} %" in text and f"{100 * in_head:.1f} % stop in the head" in text


def test_the_logits_are_held_three_times_and_a_chunk_once(monkeypatch):
    monkeypatch.chdir(BOOK)
    text = stated("classification/linear_cross_entropy")
    explorer = demo(html.unescape(re.search(r'<a href="([^"]+)"', text)[1]))
    explorer.epoch = 96
    peak = np.nanmax(explorer.values("curve", "all at once"))
    table, weights = (4 * count / 2**20 for count in (512 * 32_000, 32_000 * 128))
    assert peak == pytest.approx(3 * table, rel=1e-6) and f"It is {peak:.1f} MiB" in text
    assert f"the logits are {table:.1f} MiB" in text and f"are {table / 8:.1f} MiB" in text
    assert f"weights, {weights:.1f} MiB" in text


def test_which_alpha_gives_the_object_more_than_half():
    text = stated("segmentation/focal_loss")
    t = (torch.arange(1000) < 10).double()
    right = torch.cat([torch.full((n,), p) for n, p in ((10, 0.3), (30, 0.6), (960, 0.9))])
    logits = (2 * t - 1) * right.double().logit()
    for alpha, said in ((0.25, "It gives the object {}"), (None, "no α gives {}"), (0.75, "0.75 gives {}")):
        pull = np.abs(slope(focal_loss, logits.tolist(), t, alpha))
        assert said.format(f"{pull[:10].sum() / pull.sum():.0%}").replace("%", " %") in text


def test_the_share_of_a_lesion_of_one_pixel():
    lesion = (torch.arange(4096) < 1).double()[None, None]
    by_loss = (
        (F.binary_cross_entropy_with_logits, "0.02 %"),
        (lambda z, t: dice_loss(z.sigmoid(), t), "one half"),
    )
    shares = []
    for loss, said in by_loss:
        pull = np.abs(slope(loss, torch.zeros(1, 1, 4096).tolist(), lesion)).ravel()
        shares.append(pull[0] / pull.sum())
        assert said in stated("segmentation/dice_loss")
    assert shares == pytest.approx([1 / 4096, 1 / 2], rel=1e-3)


def test_the_better_model_by_mean_dice_and_by_mean_iou():
    scores = np.array([[0.6, 0.6], [0.95, 0.2]])
    by_dice, by_iou = scores.mean(1), (scores / (2 - scores)).mean(1)
    assert by_dice.argmax() == 0 and by_iou.argmax() == 1
    text = stated("segmentation/jaccard_loss")
    assert "{:.1f} against {:.3f}".format(*by_dice) in text
    assert "{1:.3f} against {0:.3f}".format(*by_iou) in text


def test_a_stray_pixel_costs_its_distance_and_a_missed_border_nothing():
    text = stated("segmentation/boundary_loss")
    lesion = torch.zeros(1, 1, 10, 10)
    lesion[..., 3:7, 1:5] = 1
    at = signed_distance(lesion)
    near, far, missed = (lesion.clone() for _ in range(3))
    near[..., 4, 5], far[..., 4, 9], missed[..., 3, 1] = 1, 1, 0
    assert f"It is {dice_loss(near, lesion):.4f} for both" in text
    assert f"{dice_loss(near, lesion):.4f}" == f"{dice_loss(far, lesion):.4f}"
    costs = [boundary_loss(mask, at) - boundary_loss(lesion, at) for mask in (near, far, missed)]
    assert costs[1] / costs[0] == pytest.approx(5, rel=1e-5) and "five times" in text
    assert costs[2] == 0 and "on the border costs nothing" in text


def test_which_class_the_generalized_loss_is_about():
    text = stated("segmentation/generalized_dice_loss")
    t = F.one_hot(torch.tensor(11 * [0] + 4 * [1] + [2]), 3).T[None].double()
    p = torch.stack([torch.tensor(row) for row in ANSWERS])[t[0].argmax(0)].T[None].double()
    sizes, both = t.sum(-1)[0], (p + t).sum(-1)[0]
    weighted = both / sizes**2
    assert f"gives the vessel's Dice loss {weighted[2] / weighted.sum():.0%}".replace("%", " %") in text


def test_the_share_of_the_dice_part():
    text = stated("segmentation/dice_ce_loss")
    t = (torch.arange(4096) < 16).double()[None, None]
    shares = []
    for p in (0.5, 0.01):
        z = torch.full_like(t, p).logit()
        entropy = np.abs(slope(F.binary_cross_entropy_with_logits, z.tolist(), t))
        dice = np.abs(slope(lambda z: dice_loss(z.sigmoid(), t), z.tolist()))
        shares.append(dice.sum() / (dice.sum() + entropy.sum()))
        background = entropy[:, :, 16:].sum() / (dice.sum() + entropy.sum())
        assert p < 0.5 or f"has {background:.0%}".replace("%", " %") in text
    assert f"It is {100 * shares[0]:.1f} %" in text and f"has {shares[1]:.0%}".replace("%", " %") in text


def test_what_a_wrong_pixel_of_the_sign_and_of_the_road_cost():
    text = stated("segmentation/lovasz_softmax")
    labels = torch.tensor([[0] * 11 + [1] * 4 + [2]])
    costs = []
    for place, instead in ((15, 0), (0, 1)):
        answer = labels.clone()
        answer[0, place] = instead
        costs.append(lovasz_softmax(F.one_hot(answer, 3).movedim(-1, 1).double(), labels).item())
    assert f"The first has {costs[0]:.3f} and the second {costs[1]:.3f}" in text
    assert 3.5 < costs[0] / costs[1] < 4 and "almost four times less" in text
