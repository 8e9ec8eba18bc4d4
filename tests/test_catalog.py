"""Every fact of the catalogue that torch can confirm, confirmed by torch."""

import dataclasses
import inspect
import itertools
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.card import CARD_WIDTH, Card, card
from lossviz.losses.loss import Option

SPECS = pytest.mark.parametrize("spec", CATALOG.values(), ids=CATALOG)
BOUNDED = [spec for spec in CATALOG.values() if spec.gradient_bound is not None]
FADING = [spec for spec in CATALOG.values() if spec.gradient_at_target.startswith("0")]
NONNEGATIVE = [spec for spec in CATALOG.values() if spec.low == 0]
UNBOUNDED = [spec for spec in CATALOG.values() if spec.gradient_bound is None]
DEPRECATED = {"size_average", "reduce"}
# The margin losses divide by the number of classes, 3 here, and a class cannot be its own rival.
MOST_OF_THE_BOUND = {"multi_margin_loss": 2 / 3, "multilabel_margin_loss": 2 / 3}

POINTS = [-1.0, 0.0, 0.5, 2.0, 40.0]  # mean 8.3, median 0.5
MEDIAN_IS_MEAN = [0.0, 6.0, 6.0, 9.0, 9.0]  # both 6
LABELS = [0, 0, 0, 1, 1, 2]


def loss_of(spec):
    return getattr(F, spec.name)


def random_arguments(spec, scale):
    """1000 predictions and targets of the spread `scale`, fit for the family of `spec`."""
    generator = torch.Generator().manual_seed(0)
    if spec.family == "distribution":
        logits = scale * torch.randn(2, 1000, 3, generator=generator)
        return logits[0].log_softmax(dim=1), logits[1].softmax(dim=1)
    if spec.name == "poisson_nll_loss":
        target = (scale * torch.randn(1000, generator=generator)).abs().round()
        return (target + 1).log() + 3 * torch.randn(1000, generator=generator), target
    if spec.name.startswith("binary_cross_entropy"):
        logits = scale * torch.randn(1000, generator=generator)
        input = logits if spec.name.endswith("with_logits") else logits.sigmoid()
        return input, torch.randint(2, (1000,), generator=generator).float()
    if spec.family == "classification":
        input = scale * torch.randn(1000, 3, generator=generator)
        if spec.name == "nll_loss":
            input = input.log_softmax(dim=1)
        return input, torch.randint(3, (1000,), generator=generator)
    if spec.name in ("multi_margin_loss", "multilabel_margin_loss"):
        input = scale * torch.randn(1000, 3, generator=generator)
        labels = torch.randint(3, (1000,), generator=generator)
        return input, labels if spec.name == "multi_margin_loss" else one_label_each(labels)
    if spec.name == "multilabel_soft_margin_loss":
        # With one class nothing is divided, and the bounds of the range and the gradient are reached.
        input = scale * torch.randn(1000, 1, generator=generator)
        return input, torch.randint(2, (1000, 1), generator=generator).float()
    if spec.name == "hinge_embedding_loss":
        input = scale * torch.randn(1000, generator=generator)
        return input, 2 * torch.randint(2, (1000,), generator=generator) - 1
    return scale * torch.randn(2, 1000, generator=generator)


def one_label_each(labels):
    """The target of multilabel_margin_loss: the label of each of 3 classes, then -1."""
    return F.pad(labels[:, None], (0, 2), value=-1)


def gradient(spec, input, target):
    input = input.clone().requires_grad_()
    loss_of(spec)(input, target, reduction="sum").backward()
    return input.grad


# Names, signatures, links


def test_keys_are_the_names():
    assert all(name == spec.name for name, spec in CATALOG.items())


@SPECS
def test_class_and_functional_exist(spec):
    assert isinstance(spec.torch_class, str) and spec.torch_class.startswith("torch.nn.")
    assert issubclass(getattr(torch.nn, spec.torch_class.removeprefix("torch.nn.")), torch.nn.Module)
    assert spec.functional == f"torch.nn.functional.{loss_of(spec).__name__}"


@SPECS
def test_options_and_defaults_are_those_of_torch(spec):
    parameters = inspect.signature(loss_of(spec)).parameters
    theirs = {
        name: parameter.default
        for name, parameter in parameters.items()
        if name not in DEPRECATED | {"input", "target"}
    }
    ours = {option.name: option.default for option in spec.options}
    assert ours | {"reduction": spec.default_reduction} == theirs


@SPECS
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_reductions_are_those_that_torch_takes(spec):
    input, target = random_arguments(spec, scale=1.0)
    for reduction in spec.reductions:
        loss_of(spec)(input, target, reduction=reduction)
    assert spec.default_reduction in spec.reductions


@SPECS
def test_defaults_lie_in_their_range(spec):
    for option in spec.options:
        if option.low is not None:
            assert option.low <= option.default <= option.high


@SPECS
def test_links_are_https_and_point_at_the_class(spec):
    assert spec.docs_url.startswith("https://docs.pytorch.org/") and spec.torch_class in spec.docs_url
    assert all(source.url.startswith("https://") and " " not in source.url for source in spec.sources)
    assert spec.sources


@SPECS
def test_braces_and_environments_of_the_formula_close(spec):
    assert spec.formula.count("{") == spec.formula.count("}")
    assert spec.formula.count(r"\begin") == spec.formula.count(r"\end")


# Values and gradients


@SPECS
@pytest.mark.parametrize("scale", [0.01, 1.0, 1e4])
def test_values_lie_in_the_range(spec, scale):
    losses = loss_of(spec)(*random_arguments(spec, scale), reduction="none")
    assert spec.low <= losses.min() and losses.max() <= spec.high


@pytest.mark.parametrize("spec", NONNEGATIVE, ids=lambda spec: spec.name)
def test_ends_of_the_range_are_reached(spec):
    far = loss_of(spec)(*random_arguments(spec, scale=1e30), reduction="none")
    assert far.min() >= 0
    assert far.max() > 1e29 if spec.high == np.inf else far.max() == spec.high
    near = loss_of(spec)(*perfect_arguments(spec))
    assert near == pytest.approx(spec.low, abs=1e-12)


def perfect_arguments(spec):
    if spec.name == "binary_cross_entropy":
        return torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0])
    if spec.name == "binary_cross_entropy_with_logits":
        return torch.tensor([-100.0, 100.0]), torch.tensor([0.0, 1.0])
    if spec.name == "poisson_nll_loss":
        target = torch.arange(1, 6, dtype=torch.float64)
        return target.log(), target
    if spec.name == "nll_loss":
        return (100 * torch.eye(3)).log_softmax(dim=1), torch.arange(3)
    if spec.family == "classification":
        return 100 * torch.eye(3), torch.arange(3)
    if spec.name == "multi_margin_loss":
        return torch.eye(3), torch.arange(3)
    if spec.name == "multilabel_soft_margin_loss":
        return 200 * torch.eye(3) - 100, torch.eye(3)
    if spec.name == "multilabel_margin_loss":
        return torch.eye(3), one_label_each(torch.arange(3))
    target = torch.linspace(-2, 2, 5)
    return target.clone(), target


@pytest.mark.parametrize("spec", BOUNDED, ids=lambda spec: spec.name)
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e30])
def test_gradient_keeps_its_bound(spec, scale):
    assert gradient(spec, *random_arguments(spec, scale)).abs().max() <= spec.gradient_bound


@pytest.mark.parametrize("spec", BOUNDED, ids=lambda spec: spec.name)
def test_gradient_bound_is_reached_far_away(spec):
    largest = gradient(spec, *random_arguments(spec, scale=1e4)).abs().max()
    assert largest.item() == pytest.approx(spec.gradient_bound * MOST_OF_THE_BOUND.get(spec.name, 1))


@pytest.mark.parametrize("spec", UNBOUNDED, ids=lambda spec: spec.name)
@pytest.mark.parametrize("scale", [1e2, 1e4, 1e6])
def test_gradient_without_bound_grows_with_the_scale(spec, scale):
    assert gradient(spec, *random_arguments(spec, scale)).abs().max() > scale


@pytest.mark.parametrize("spec", FADING, ids=lambda spec: spec.name)
def test_gradient_is_0_at_the_target(spec):
    assert gradient(spec, *perfect_arguments(spec)).abs().max() < 1e-12


def test_mse_gradient_is_twice_the_error():
    input, target = random_arguments(CATALOG["mse_loss"], scale=1e4)
    torch.testing.assert_close(gradient(CATALOG["mse_loss"], input, target), 2 * (input - target))
    assert CATALOG["mse_loss"].gradient_far.startswith("twice the error")


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss"])
def test_far_away_only_the_direction_is_left(name):
    far = torch.tensor([-1e4, -1e2, 1e2, 1e4])
    assert gradient(CATALOG[name], far, torch.zeros(4)).tolist() == [-1, -1, 1, 1]
    assert CATALOG[name].gradient_far.startswith("-1 or +1")


def test_l1_gradient_jumps_beside_the_target():
    beside = torch.tensor([-1e-6, 0.0, 1e-6])
    assert gradient(CATALOG["l1_loss"], beside, torch.zeros(3)).tolist() == [-1, 0, 1]


def test_poisson_loss_has_no_bound_on_either_side():
    losses = F.poisson_nll_loss(*random_arguments(CATALOG["poisson_nll_loss"], 1e30), reduction="none")
    assert losses.min() < -1e29 and losses.max() > 1e29
    assert CATALOG["poisson_nll_loss"].low == -np.inf and CATALOG["poisson_nll_loss"].high == np.inf


def test_poisson_gradient_is_the_rate_above_the_target_and_minus_the_target_below_it():
    spec, target = CATALOG["poisson_nll_loss"], torch.tensor([3.0, 50.0])
    far = torch.tensor([30.0, 30.0])
    assert gradient(spec, -far, target).tolist() == (-target).tolist()
    torch.testing.assert_close(gradient(spec, far, target), far.exp())
    assert spec.gradient_far.startswith("the rate above the target")
    assert spec.gradient_far.endswith("minus the target below it")


def test_nll_gradient_is_minus_1_at_the_label_far_away_and_at_the_target():
    spec = CATALOG["nll_loss"]
    for input, target in (random_arguments(spec, scale=1e4), perfect_arguments(spec)):
        torch.testing.assert_close(gradient(spec, input, target), -F.one_hot(target, 3).float())
    assert spec.gradient_far.startswith("-1 in the picked entry")
    assert spec.gradient_at_target.startswith("the same")


def test_hinge_embedding_gradient_is_constant_up_to_the_margin_and_0_beyond():
    spec = CATALOG["hinge_embedding_loss"]
    distance = torch.tensor([0.0, 1.0, 1.001, 1e4])
    assert gradient(spec, distance, torch.ones(4)).tolist() == [1, 1, 1, 1]
    assert gradient(spec, distance, -torch.ones(4)).tolist() == [-1, -1, 0, 0]
    assert spec.gradient_far.startswith("1 for an alike pair, 0 for a different pair beyond the margin")
    assert spec.gradient_at_target.endswith("-1 up to and at the margin")


def test_hinge_embedding_has_no_floor_for_what_is_no_distance():
    assert F.hinge_embedding_loss(torch.tensor(-1e30), torch.tensor(1)) < -1e29
    assert CATALOG["hinge_embedding_loss"].low == -np.inf


def test_kl_div_gradient_is_minus_the_target_whatever_the_input():
    spec = CATALOG["kl_div"]
    input, target = random_arguments(spec, scale=1.0)
    for log_q in (input, target.log()):
        torch.testing.assert_close(gradient(spec, log_q, target), -target)
    assert spec.gradient_far.startswith("-target") and spec.gradient_at_target.startswith("-target")


def test_kl_div_terms_reach_minus_1_over_e_and_their_sums_0():
    p = torch.linspace(0, 1, 100001, dtype=torch.float64)
    assert F.kl_div(torch.zeros_like(p), p, reduction="none").min().item() == pytest.approx(
        CATALOG["kl_div"].low, abs=1e-9
    )
    input, target = random_arguments(CATALOG["kl_div"], scale=1.0)
    assert F.kl_div(input, target, reduction="none").sum(dim=1).min() >= 0
    assert F.kl_div(target.log(), target, reduction="sum").item() == pytest.approx(0, abs=1e-3)


def test_cross_entropy_gradient_is_p_minus_q():
    input, target = random_arguments(CATALOG["cross_entropy"], scale=1.0)
    p, q = input.softmax(dim=1), F.one_hot(target, 3)
    torch.testing.assert_close(gradient(CATALOG["cross_entropy"], input, target), p - q)


def test_binary_cross_entropy_gradient_is_one_over_the_probability_of_the_answer():
    spec = CATALOG["binary_cross_entropy"]
    input = torch.tensor([0.01, 0.25, 0.99])
    torch.testing.assert_close(gradient(spec, input, torch.ones(3)), -1 / input)
    torch.testing.assert_close(gradient(spec, input, torch.zeros(3)), 1 / (1 - input))
    assert spec.gradient_far.startswith("-1 / input for a yes, 1 / (1 - input) for a no")


def test_binary_cross_entropy_gradient_fades_towards_a_soft_target_only():
    spec = CATALOG["binary_cross_entropy"]
    beside = torch.tensor([0.3 - 1e-3, 0.3 + 1e-3], dtype=torch.float64)
    in_proportion = torch.tensor([-1e-3, 1e-3], dtype=torch.float64) / (0.3 * 0.7)
    torch.testing.assert_close(
        gradient(spec, beside, torch.full_like(beside, 0.3)), in_proportion, rtol=1e-2, atol=0
    )
    for error in (1e-3, 1e-6):
        hard = torch.tensor([1.0, 0.0], dtype=torch.float64)
        slopes = gradient(spec, (hard - error).abs(), hard)
        torch.testing.assert_close(slopes, torch.tensor([-1.0, 1.0], dtype=torch.float64) / (1 - error))
    assert spec.gradient_at_target == (
        "0, reached in proportion to the error for a soft target; for 1 and 0 it jumps there from -1 and +1"
    )


def test_binary_cross_entropy_with_logits_gradient_is_sigmoid_minus_target():
    spec = CATALOG["binary_cross_entropy_with_logits"]
    input, target = random_arguments(spec, scale=3.0)
    torch.testing.assert_close(gradient(spec, input, target), input.sigmoid() - target)
    assert gradient(spec, torch.tensor([-1e4, 1e4]), torch.tensor([1.0, 0.0])).tolist() == [-1, 1]
    assert spec.gradient_far.startswith("near -1 for a yes, near +1 for a no")


@pytest.mark.parametrize("name", ["multi_margin_loss", "multilabel_margin_loss"])
@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_margin_gradient_counts_the_classes_that_pay(name, classes):
    label, as_list = torch.tensor([0]), F.pad(torch.tensor([[0]]), (0, classes - 1), value=-1)
    target = label if name == "multi_margin_loss" else as_list
    for distance in (0.5, 1e4):
        input = torch.full((1, classes), distance).index_fill(1, torch.tensor([0]), 0.0)
        slopes = gradient(CATALOG[name], input, target)[0]
        torch.testing.assert_close(slopes[1:], torch.full((classes - 1,), 1 / classes))
        torch.testing.assert_close(slopes[0], torch.tensor(-(classes - 1) / classes))
    assert CATALOG[name].gradient_far.startswith("1/C for each")


def test_multilabel_margin_gradient_keeps_its_bound_if_each_label_is_listed_once():
    spec, scores = CATALOG["multilabel_margin_loss"], torch.arange(4.0)
    for count in range(5):
        for labels in itertools.combinations(range(4), count):
            target = F.pad(torch.tensor(labels, dtype=torch.int64), (0, 4 - count), value=-1)
            assert gradient(spec, scores, target).abs().max() <= spec.gradient_bound
    assert gradient(spec, torch.arange(3.0), torch.zeros(3, dtype=torch.int64)).tolist() == [-2, 1, 1]
    assert "each label listed once" in spec.target


# What the best constant prediction is


@pytest.mark.parametrize(("labels", "best"), [([1, -1, -1], 1.5), ([1, 1, -1], 0.0)])
def test_hinge_embedding_elicits_the_margin_or_0_by_the_majority(labels, best):
    assert CATALOG["hinge_embedding_loss"].elicits.startswith("the margin if most pairs differ, else")
    distance = torch.linspace(0, 3, 301, dtype=torch.float64)
    losses = sum(
        F.hinge_embedding_loss(distance, torch.full((301,), y), margin=1.5, reduction="none") for y in labels
    )
    assert distance[losses.argmin()].item() == pytest.approx(best)


def test_kl_div_elicits_the_average_of_the_targets():
    assert CATALOG["kl_div"].elicits == "the average of the target distributions"
    _, target = random_arguments(CATALOG["kl_div"], scale=1.0)
    logits = target.mean(dim=0).log().requires_grad_()
    F.kl_div(logits.log_softmax(dim=0).expand(1000, 3), target, reduction="batchmean").backward()
    torch.testing.assert_close(logits.grad, torch.zeros(3), atol=1e-6, rtol=0)


def best_constant(loss, points, **options):
    """The value on a fine grid with the smallest total loss on `points`."""
    grid = torch.linspace(-2, 41, 43001, dtype=torch.float64)
    shape = (len(grid), len(points))
    target = torch.tensor(points, dtype=torch.float64).expand(shape)
    losses = loss(grid[:, None].expand(shape), target, reduction="none", **options)
    return grid[losses.sum(dim=1).argmin()].item()


def test_mse_elicits_the_mean():
    assert CATALOG["mse_loss"].elicits == "the mean"
    assert best_constant(F.mse_loss, POINTS) == pytest.approx(np.mean(POINTS), abs=1e-3)


def test_l1_elicits_the_median():
    assert CATALOG["l1_loss"].elicits == "the median"
    assert best_constant(F.l1_loss, POINTS) == pytest.approx(np.median(POINTS), abs=1e-3)


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


def test_poisson_nll_elicits_the_mean():
    assert CATALOG["poisson_nll_loss"].elicits == "the mean (as exp of the log-rate)"
    rates = [point + 1 for point in POINTS]  # none negative
    assert np.exp(best_constant(F.poisson_nll_loss, rates)) == pytest.approx(np.mean(rates), rel=1e-3)


def test_nll_elicits_the_class_frequencies():
    labels = torch.tensor(LABELS)
    frequencies = torch.bincount(labels) / len(labels)

    def constant_loss(p):
        return F.nll_loss(p.log().expand(len(labels), 3), labels)

    others = torch.distributions.Dirichlet(torch.ones(3)).sample((200,))
    assert all(constant_loss(frequencies) < constant_loss(p) for p in others)
    assert CATALOG["nll_loss"].elicits.startswith("the class frequencies")


def test_cross_entropy_elicits_the_class_frequencies():
    assert CATALOG["cross_entropy"].elicits.startswith("the class frequencies")
    frequencies = torch.bincount(torch.tensor(LABELS)) / len(LABELS)
    constant = frequencies.log().expand(len(LABELS), 3)
    mean_gradient = gradient(CATALOG["cross_entropy"], constant, torch.tensor(LABELS)).mean(dim=0)
    torch.testing.assert_close(mean_gradient, torch.zeros(3))


def test_binary_cross_entropy_elicits_the_share_of_yeses():
    spec = CATALOG["binary_cross_entropy"]
    assert spec.elicits.startswith("the share of yeses")
    answers = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.6])
    share = answers.mean().expand(5)
    assert gradient(spec, share, answers).sum().item() == pytest.approx(0, abs=1e-5)
    spec = CATALOG["binary_cross_entropy_with_logits"]
    assert spec.elicits.startswith("the share of yeses (as sigmoid")
    assert gradient(spec, share.logit(), answers).sum().item() == pytest.approx(0, abs=1e-5)


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


def test_multilabel_soft_margin_elicits_the_share_of_each_label():
    spec = CATALOG["multilabel_soft_margin_loss"]
    assert spec.elicits.startswith("the share of each label (as sigmoid")
    answers = torch.tensor([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    share = answers.mean(dim=0).logit().expand(4, 2)
    torch.testing.assert_close(gradient(spec, share, answers).sum(dim=0), torch.zeros(2))


@pytest.mark.parametrize("classes", [1, 2, 10])
def test_multilabel_soft_margin_gradient_is_one_over_the_classes_far_away(classes):
    spec, far = CATALOG["multilabel_soft_margin_loss"], torch.full((1, classes), 100.0)
    for target in (torch.zeros(1, classes), torch.ones(1, classes)):
        slopes = gradient(spec, far * (1 - 2 * target), target)
        torch.testing.assert_close(slopes, (1 - 2 * target) / classes)
    assert spec.gradient_far.startswith("near -1/C for a missing label, near +1/C for a wrong one")


def test_multilabel_margin_elicits_the_usual_labels_a_margin_ahead():
    assert "the usual labels a margin ahead" in CATALOG["multilabel_margin_loss"].elicits
    label_sets = torch.tensor([[0, 1, -1], [2, -1, -1]])
    assert best_scores(F.multilabel_margin_loss, label_sets, [3, 1]) == [0, 0, -1]


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss"])
def test_an_outlier_moves_the_best_constant_of_mse_only(name):
    nearer = [*POINTS[:-1], 4.0]
    loss = loss_of(CATALOG[name])
    assert CATALOG[name].robust_to.startswith("outliers in the target")
    assert best_constant(loss, POINTS) == best_constant(loss, nearer)
    assert best_constant(F.mse_loss, POINTS) - best_constant(F.mse_loss, nearer) == pytest.approx(
        (40 - 4) / len(POINTS), abs=1e-3
    )


# The card


def cells(html):
    """The text of every table cell and the link targets of an HTML card."""

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.tags, self.texts, self.links = [], [], []

        def handle_starttag(self, tag, attributes):
            self.tags.append(tag)
            self.links += [value for key, value in attributes if key in ("href", "src")]

        def handle_data(self, data):
            self.texts.append(data)

    reader = Reader()
    reader.feed(html)
    return reader


@SPECS
def test_card_text_carries_the_facts(spec):
    text = " ".join(repr(card(spec.name)).split())
    facts = [
        spec.title,
        spec.summary,
        spec.torch_class,
        spec.functional,
        *spec.aliases,
        spec.input,
        spec.target,
    ]
    facts += [spec.elicits, spec.robust_to, spec.use_when, spec.avoid_when, spec.gradient_far]
    facts += [f"{option.name}={option.default}" for option in spec.options]
    facts += [source.title for source in spec.sources]
    assert [fact for fact in facts if fact not in text] == []


@SPECS
def test_card_text_is_aligned_and_fits(spec):
    lines = repr(card(spec.name)).splitlines()
    assert max(map(len, lines)) <= CARD_WIDTH
    column = len("avoid when  ") + 1
    assert all(line[column - 1] == " " and line[column] != " " for line in lines[1:])


def test_cards_are_equal_each_time():
    assert repr(card("l1_loss")) == repr(card("l1_loss"))


@SPECS
def test_html_card_says_what_the_text_says(spec):
    html = cells(card(spec.name)._repr_html_())
    for label, text, _ in card(spec.name).rows():
        assert label in ["", *html.texts] and text in html.texts


@SPECS
def test_html_card_loads_nothing(spec):
    html = cells(card(spec.name)._repr_html_())
    assert set(html.tags) <= {"table", "caption", "strong", "tbody", "tr", "th", "td", "a"}
    assert html.links == [spec.docs_url, *(source.url for source in spec.sources)]


def test_html_card_shows_markup_as_text():
    hostile = '<img src=x onerror=alert(1)> & "quotes"'
    source = dataclasses.replace(CATALOG["l1_loss"].sources[0], title=hostile, url=f"https://e.org/{hostile}")
    option = Option(hostile, hostile, hostile, hostile)
    spec = dataclasses.replace(
        CATALOG["l1_loss"],
        title=hostile,
        summary=hostile,
        elicits=hostile,
        options=(option,),
        sources=(source,),
    )
    html = Card(spec)._repr_html_()
    assert "<img" not in html
    assert hostile in unescape(html)


def test_unknown_name_is_refused_with_the_close_ones():
    with pytest.raises(ValueError, match=r"such as smooth_l1_loss.*got 'smoth_l1_loss'"):
        card("smoth_l1_loss")


def test_name_that_resembles_nothing_is_refused_with_all_names():
    with pytest.raises(ValueError, match=", ".join(CATALOG)):
        card("zzz")
