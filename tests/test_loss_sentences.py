"""Sentences of single cards that no typed fact can say: each test confirms the one that it names by torch."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.card import card

POINTS = [-1.0, 0.0, 0.5, 2.0, 40.0]  # mean 8.3, median 0.5
MEDIAN_IS_MEAN = [0.0, 6.0, 6.0, 9.0, 9.0]  # both 6


def slopes(function, input, target):
    """The gradient of the sum."""
    input = input.clone().requires_grad_()
    function(input, target, reduction="sum").backward()
    return input.grad


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def labels(classes, count):
    return torch.randint(classes, (count,), generator=torch.Generator().manual_seed(0))


# How each loss pulls


def test_mse_gradient_is_twice_the_error():
    input, target = 1e4 * normal(2, 1000)
    torch.testing.assert_close(slopes(F.mse_loss, input, target), 2 * (input - target))
    assert CATALOG["mse_loss"].gradient_far.startswith("twice the error")


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss"])
def test_far_away_only_the_direction_is_left(name):
    far = torch.tensor([-1e4, -1e2, 1e2, 1e4])
    assert slopes(CATALOG[name].function, far, torch.zeros(4)).tolist() == [-1, -1, 1, 1]
    assert CATALOG[name].gradient_far.startswith("-1 or +1")


def test_l1_gradient_jumps_beside_the_target():
    beside = torch.tensor([-1e-6, 0.0, 1e-6])
    assert slopes(F.l1_loss, beside, torch.zeros(3)).tolist() == [-1, 0, 1]


def test_poisson_gradient_is_the_rate_above_the_target_and_minus_the_target_below_it():
    loss, target = CATALOG["poisson_nll_loss"], torch.tensor([3.0, 50.0])
    far = torch.tensor([30.0, 30.0])
    assert slopes(loss.function, -far, target).tolist() == (-target).tolist()
    torch.testing.assert_close(slopes(loss.function, far, target), far.exp())
    assert loss.gradient_far.startswith("the rate above the target")
    assert loss.gradient_far.endswith("minus the target below it")


def test_nll_gradient_is_minus_1_at_the_label_far_away_and_at_the_target():
    loss, target = CATALOG["nll_loss"], labels(3, 1000)
    for scores in (1e4 * normal(1000, 3), 100 * F.one_hot(target, 3).float()):
        found = slopes(F.nll_loss, scores.log_softmax(dim=1), target)
        torch.testing.assert_close(found, -F.one_hot(target, 3).float())
    assert loss.gradient_far.startswith("-1 in the picked entry")
    assert loss.gradient_at_target.startswith("the same")


def test_hinge_embedding_gradient_is_constant_up_to_the_margin_and_0_beyond():
    loss = CATALOG["hinge_embedding_loss"]
    distance = torch.tensor([0.0, 1.0, 1.001, 1e4])
    assert slopes(loss.function, distance, torch.ones(4)).tolist() == [1, 1, 1, 1]
    assert slopes(loss.function, distance, -torch.ones(4)).tolist() == [-1, -1, 0, 0]
    assert loss.gradient_far.startswith("1 for an alike pair, 0 for a different pair beyond the margin")
    assert loss.gradient_at_target.endswith("-1 up to and at the margin")


def test_kl_div_gradient_is_minus_the_target_whatever_the_input():
    loss, logits = CATALOG["kl_div"], normal(2, 1000, 3)
    input, target = logits[0].log_softmax(dim=1), logits[1].softmax(dim=1)
    for log_q in (input, target.log()):
        torch.testing.assert_close(slopes(F.kl_div, log_q, target), -target)
    assert loss.gradient_far.startswith("-target") and loss.gradient_at_target.startswith("-target")


def test_kl_div_terms_reach_minus_1_over_e():
    p = torch.linspace(0, 1, 100001, dtype=torch.float64)
    least = F.kl_div(torch.zeros_like(p), p, reduction="none").min().item()
    assert least == pytest.approx(CATALOG["kl_div"].value_bounds()[0], abs=1e-9)


def test_cross_entropy_gradient_is_p_minus_q():
    input, target = normal(1000, 3), labels(3, 1000)
    p, q = input.softmax(dim=1), F.one_hot(target, 3)
    torch.testing.assert_close(slopes(F.cross_entropy, input, target), p - q)
    assert CATALOG["cross_entropy"].gradient_far.startswith("p - q in each logit")


def test_binary_cross_entropy_gradient_is_one_over_the_probability_of_the_answer():
    loss = CATALOG["binary_cross_entropy"]
    input = torch.tensor([0.01, 0.25, 0.99])
    torch.testing.assert_close(slopes(loss.function, input, torch.ones(3)), -1 / input)
    torch.testing.assert_close(slopes(loss.function, input, torch.zeros(3)), 1 / (1 - input))
    assert loss.gradient_far.startswith("-1 / input for a yes, 1 / (1 - input) for a no")


def test_binary_cross_entropy_gradient_fades_towards_a_soft_target_only():
    loss = CATALOG["binary_cross_entropy"]
    beside = torch.tensor([0.3 - 1e-3, 0.3 + 1e-3], dtype=torch.float64)
    in_proportion = torch.tensor([-1e-3, 1e-3], dtype=torch.float64) / (0.3 * 0.7)
    torch.testing.assert_close(
        slopes(loss.function, beside, torch.full_like(beside, 0.3)), in_proportion, rtol=1e-2, atol=0
    )
    for error in (1e-3, 1e-6):
        hard = torch.tensor([1.0, 0.0], dtype=torch.float64)
        found = slopes(loss.function, (hard - error).abs(), hard)
        torch.testing.assert_close(found, torch.tensor([-1.0, 1.0], dtype=torch.float64) / (1 - error))
    assert loss.gradient_at_target == (
        "0, reached in proportion to the error for a soft target; for 1 and 0 it jumps there from -1 and +1"
    )


def test_binary_cross_entropy_with_logits_gradient_is_sigmoid_minus_target():
    loss = CATALOG["binary_cross_entropy_with_logits"]
    input, target = 3 * normal(1000), labels(2, 1000).float()
    torch.testing.assert_close(slopes(loss.function, input, target), input.sigmoid() - target)
    assert slopes(loss.function, torch.tensor([-1e4, 1e4]), torch.tensor([1.0, 0.0])).tolist() == [-1, 1]
    assert loss.gradient_far.startswith("near -1 for a yes, near +1 for a no")


@pytest.mark.parametrize("name", ["multi_margin_loss", "multilabel_margin_loss"])
@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_margin_gradient_counts_the_classes_that_pay(name, classes):
    label, as_list = torch.tensor([0]), F.pad(torch.tensor([[0]]), (0, classes - 1), value=-1)
    target = label if name == "multi_margin_loss" else as_list
    for distance in (0.5, 1e4):
        input = torch.full((1, classes), distance).index_fill(1, torch.tensor([0]), 0.0)
        found = slopes(CATALOG[name].function, input, target)[0]
        torch.testing.assert_close(found[1:], torch.full((classes - 1,), 1 / classes))
        torch.testing.assert_close(found[0], torch.tensor(-(classes - 1) / classes))
    assert CATALOG[name].gradient_far.startswith("1/C for each")


def test_multilabel_margin_gradient_keeps_its_bound_if_each_label_is_listed_once():
    loss, scores = CATALOG["multilabel_margin_loss"], torch.arange(4.0)
    for count in range(5):
        for labels in itertools.combinations(range(4), count):
            target = F.pad(torch.tensor(labels, dtype=torch.int64), (0, 4 - count), value=-1)
            assert slopes(loss.function, scores, target).abs().max() <= loss.gradient_bound()
    assert slopes(loss.function, torch.arange(3.0), torch.zeros(3, dtype=torch.int64)).tolist() == [-2, 1, 1]
    assert "each label listed once" in loss.argument("target").says


# What the best constant prediction is


@pytest.mark.parametrize(("labels", "best"), [([1, -1, -1], 1.5), ([1, 1, -1], 0.0)])
def test_hinge_embedding_elicits_the_margin_or_0_by_the_majority(labels, best):
    assert CATALOG["hinge_embedding_loss"].elicits.startswith("the margin if most pairs differ, else")
    distance = torch.linspace(0, 3, 301, dtype=torch.float64)
    losses = sum(
        F.hinge_embedding_loss(distance, torch.full((301,), y), margin=1.5, reduction="none") for y in labels
    )
    assert distance[losses.argmin()].item() == pytest.approx(best)


def best_constant(loss, points, **options):
    """The value on a fine grid with the smallest total loss on `points`."""
    grid = torch.linspace(-2, 41, 43001, dtype=torch.float64)
    shape = (len(grid), len(points))
    target = torch.tensor(points, dtype=torch.float64).expand(shape)
    losses = loss(grid[:, None].expand(shape), target, reduction="none", **options)
    return grid[losses.sum(dim=1).argmin()].item()


@pytest.mark.parametrize("points", [POINTS, MEDIAN_IS_MEAN])
def test_smooth_l1_elicits_the_median_at_one_end_and_the_mean_at_the_other(points):
    elicits = CATALOG["smooth_l1_loss"].elicits
    assert elicits == "a location that starts at the median (beta near 0) and ends at the mean (beta large)"
    ends = [best_constant(F.smooth_l1_loss, points, beta=beta) for beta in (1e-6, 1e3)]
    assert ends == pytest.approx([np.median(points), np.mean(points)], abs=1e-3)


def test_smooth_l1_does_not_always_stay_between_median_and_mean():
    assert np.median(POINTS) < best_constant(F.smooth_l1_loss, POINTS, beta=5.0) < np.mean(POINTS)
    best = [best_constant(F.smooth_l1_loss, MEDIAN_IS_MEAN, beta=beta) for beta in (1.0, 2.0, 3.0)]
    assert best == pytest.approx([6.5, 7, 6.75], abs=1e-3)
    assert "between" not in CATALOG["smooth_l1_loss"].elicits


def best_scores(loss, targets, counts):
    """Of scores in halves, the first one 0, the three with the smallest total loss."""
    others = torch.arange(-3, 3.5, 0.5)
    scores = F.pad(torch.cartesian_prod(others, others), (1, 0))
    total = sum(
        count * loss(scores, target.expand(len(scores), *target.shape), reduction="none")
        for target, count in zip(targets, counts, strict=True)
    )
    return scores[total.argmin()].tolist()


def test_multi_margin_elicits_whole_margins_with_the_majority_first():
    assert "the majority class first, if there is one" in CATALOG["multi_margin_loss"].elicits
    for counts in ([60, 30, 10], [80, 15, 5]):
        assert best_scores(F.multi_margin_loss, torch.arange(3), counts) == [0, -1, -2]
    assert best_scores(F.multi_margin_loss, torch.arange(3), [40, 35, 25]) == [0, 0, -1]


@pytest.mark.parametrize("classes", [1, 2, 10])
def test_multilabel_soft_margin_gradient_is_one_over_the_classes_far_away(classes):
    loss, far = CATALOG["multilabel_soft_margin_loss"], torch.full((1, classes), 100.0)
    for target in (torch.zeros(1, classes), torch.ones(1, classes)):
        found = slopes(loss.function, far * (1 - 2 * target), target)
        torch.testing.assert_close(found, (1 - 2 * target) / classes)
    assert loss.gradient_far.startswith("near -1/C for a missing label, near +1/C for a wrong one")


def test_multilabel_margin_elicits_the_usual_labels_a_margin_ahead():
    assert "the usual labels a margin ahead" in CATALOG["multilabel_margin_loss"].elicits
    label_sets = torch.tensor([[0, 1, -1], [2, -1, -1]])
    assert best_scores(F.multilabel_margin_loss, label_sets, [3, 1]) == [0, 0, -1]


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss"])
def test_an_outlier_moves_the_best_constant_of_mse_only(name):
    nearer = [*POINTS[:-1], 4.0]
    loss = CATALOG[name].function
    assert CATALOG[name].robust_to.startswith("outliers in the target")
    assert best_constant(loss, POINTS) == best_constant(loss, nearer)
    assert best_constant(F.mse_loss, POINTS) - best_constant(F.mse_loss, nearer) == pytest.approx(
        (40 - 4) / len(POINTS), abs=1e-3
    )


# For which options a bound holds


def test_the_bound_of_multi_margin_holds_for_p_1_only():
    loss = CATALOG["multi_margin_loss"]
    assert (loss.gradient_bound(), loss.gradient_bound(p=2)) == (1, np.inf)
    assert "bound: at most 1 in size with p=1, times weight; none with p=2" in repr(card(loss.name))


def test_the_bound_of_binary_cross_entropy_with_logits_is_moved_by_both_of_its_weights():
    loss = CATALOG["binary_cross_entropy_with_logits"]
    few, many = torch.tensor(0.5), torch.tensor([0.5, 3.0])
    assert loss.gradient_bound(weight=few) == 0.5
    assert [loss.gradient_bound(pos_weight=factor) for factor in (few, many)] == [1, 3]
    assert loss.gradient_bound(weight=few, pos_weight=many) == 1.5
    assert loss.gradient_bound(weight=torch.tensor(0.0)) == 0
    assert "times pos_weight where that is above 1" in repr(card(loss.name))


def test_the_range_of_kl_div_is_said_of_an_element_and_of_a_distribution():
    text = repr(card("kl_div"))
    assert "[-0.367879, inf) for an element" in text and "[0, inf) for the sum over the classes" in text
