"""Every fact of the catalogue that torch can confirm, confirmed by torch."""

import dataclasses
import inspect
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.catalog import CARD_WIDTH, CATALOG, Card, Option, card

SPECS = pytest.mark.parametrize("spec", CATALOG.values(), ids=CATALOG)
DEPRECATED = {"size_average", "reduce"}

POINTS = [-1.0, 0.0, 0.5, 2.0, 40.0]  # mean 8.3, median 0.5
LABELS = [0, 0, 0, 1, 1, 2]


def loss_of(spec):
    return getattr(F, spec.name)


def random_arguments(spec, scale):
    """1000 predictions and targets of the spread `scale`, fit for the family of `spec`."""
    generator = torch.Generator().manual_seed(0)
    if spec.family == "classification":
        input = scale * torch.randn(1000, 3, generator=generator)
        return input, torch.randint(3, (1000,), generator=generator)
    return scale * torch.randn(2, 1000, generator=generator)


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


@SPECS
def test_ends_of_the_range_are_reached(spec):
    far = loss_of(spec)(*random_arguments(spec, scale=1e30), reduction="none")
    assert spec.low == 0 and far.min() >= 0
    assert spec.high == np.inf and far.max() > 1e29
    near = loss_of(spec)(*perfect_arguments(spec))
    assert near == pytest.approx(spec.low, abs=1e-12)


def perfect_arguments(spec):
    if spec.family == "classification":
        return 100 * torch.eye(3), torch.arange(3)
    target = torch.linspace(-2, 2, 5)
    return target.clone(), target


@SPECS
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e30])
def test_gradient_keeps_its_bound(spec, scale):
    assert gradient(spec, *random_arguments(spec, scale)).abs().max() <= spec.gradient_bound


@SPECS
def test_gradient_bound_is_reached_far_away(spec):
    largest = gradient(spec, *random_arguments(spec, scale=1e4)).abs().max()
    assert largest.item() == pytest.approx(spec.gradient_bound)


@SPECS
def test_gradient_is_0_at_the_target(spec):
    assert gradient(spec, *perfect_arguments(spec)).abs().max() < 1e-12


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss"])
def test_far_away_only_the_direction_is_left(name):
    far = torch.tensor([-1e4, -1e2, 1e2, 1e4])
    assert gradient(CATALOG[name], far, torch.zeros(4)).tolist() == [-1, -1, 1, 1]
    assert CATALOG[name].gradient_far.startswith("-1 or +1")


def test_l1_gradient_jumps_beside_the_target():
    beside = torch.tensor([-1e-6, 0.0, 1e-6])
    assert gradient(CATALOG["l1_loss"], beside, torch.zeros(3)).tolist() == [-1, 0, 1]


def test_cross_entropy_gradient_is_p_minus_q():
    input, target = random_arguments(CATALOG["cross_entropy"], scale=1.0)
    p, q = input.softmax(dim=1), F.one_hot(target, 3)
    torch.testing.assert_close(gradient(CATALOG["cross_entropy"], input, target), p - q)


# What the best constant prediction is


def best_constant(loss, points, **options):
    """The value on a fine grid with the smallest total loss on `points`."""
    grid = torch.linspace(-2, 41, 43001, dtype=torch.float64)
    shape = (len(grid), len(points))
    target = torch.tensor(points, dtype=torch.float64).expand(shape)
    losses = loss(grid[:, None].expand(shape), target, reduction="none", **options)
    return grid[losses.sum(dim=1).argmin()].item()


def test_l1_elicits_the_median():
    assert CATALOG["l1_loss"].elicits == "the median"
    assert best_constant(F.l1_loss, POINTS) == pytest.approx(np.median(POINTS), abs=1e-3)


def test_smooth_l1_elicits_a_location_between_median_and_mean():
    assert CATALOG["smooth_l1_loss"].elicits.startswith("a location between the median")
    median, mean = np.median(POINTS), np.mean(POINTS)
    assert best_constant(F.smooth_l1_loss, POINTS, beta=1e-6) == pytest.approx(median, abs=1e-3)
    assert best_constant(F.smooth_l1_loss, POINTS, beta=1e3) == pytest.approx(mean, abs=1e-3)
    assert median < best_constant(F.smooth_l1_loss, POINTS, beta=5.0) < mean


def test_cross_entropy_elicits_the_class_frequencies():
    assert CATALOG["cross_entropy"].elicits.startswith("the class frequencies")
    frequencies = torch.bincount(torch.tensor(LABELS)) / len(LABELS)
    constant = frequencies.log().expand(len(LABELS), 3)
    mean_gradient = gradient(CATALOG["cross_entropy"], constant, torch.tensor(LABELS)).mean(dim=0)
    torch.testing.assert_close(mean_gradient, torch.zeros(3))


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
