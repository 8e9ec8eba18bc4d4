"""Every fact of the catalogue that torch can confirm, confirmed by torch."""

import dataclasses
import inspect
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from lossviz.catalog import CARD_WIDTH, CATALOG, Card, Option, card
from tests.facts import gradient
from tests.generate import random_arguments
from tests.losses import CASES, reference

SPECS = pytest.mark.parametrize("spec", CATALOG.values(), ids=CATALOG)
BOUNDED = [spec for spec in CATALOG.values() if spec.gradient_bound is not None]
FADING = [spec for spec in CATALOG.values() if spec.gradient_at_target.startswith("0")]
NONNEGATIVE = [spec for spec in CATALOG.values() if spec.low == 0]
UNBOUNDED = [spec for spec in CATALOG.values() if spec.gradient_bound is None]
DEPRECATED = {"size_average", "reduce"}


# Names, signatures, links


def test_keys_are_the_names():
    assert all(name == spec.name for name, spec in CATALOG.items())


@SPECS
def test_class_and_functional_exist(spec):
    assert isinstance(spec.torch_class, str) and spec.torch_class.startswith("torch.nn.")
    assert issubclass(getattr(torch.nn, spec.torch_class.removeprefix("torch.nn.")), torch.nn.Module)
    assert spec.functional == f"torch.nn.functional.{reference(spec.name).__name__}"


@SPECS
def test_options_and_defaults_are_those_of_torch(spec):
    parameters = inspect.signature(reference(spec.name)).parameters
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
    input, target = random_arguments(spec.name, scale=1.0)
    for reduction in spec.reductions:
        reference(spec.name)(input, target, reduction=reduction)
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
    losses = reference(spec.name)(*random_arguments(spec.name, scale), reduction="none")
    assert spec.low <= losses.min() and losses.max() <= spec.high


@pytest.mark.parametrize("spec", NONNEGATIVE, ids=lambda spec: spec.name)
def test_ends_of_the_range_are_reached(spec):
    far = reference(spec.name)(*random_arguments(spec.name, scale=1e30), reduction="none")
    assert far.min() >= 0
    assert far.max() > 1e29 if spec.high == np.inf else far.max() == spec.high
    near = reference(spec.name)(*perfect_arguments(spec))
    assert near == pytest.approx(spec.low, abs=1e-12)


def perfect_arguments(spec):
    return [torch.tensor(argument) for argument in CASES[spec.name].perfect.values()]


def steepest(spec, arguments):
    return gradient(reference(spec.name), *arguments).abs().max().item()


@pytest.mark.parametrize("spec", BOUNDED, ids=lambda spec: spec.name)
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e30])
def test_gradient_keeps_its_bound(spec, scale):
    assert steepest(spec, random_arguments(spec.name, scale)) <= spec.gradient_bound


@pytest.mark.parametrize("spec", BOUNDED, ids=lambda spec: spec.name)
def test_gradient_bound_is_reached_far_away(spec):
    largest = steepest(spec, random_arguments(spec.name, scale=1e4))
    assert largest == pytest.approx(spec.gradient_bound * CASES[spec.name].part_of_bound)


@pytest.mark.parametrize("spec", UNBOUNDED, ids=lambda spec: spec.name)
@pytest.mark.parametrize("scale", [1e2, 1e4, 1e6])
def test_gradient_without_bound_grows_with_the_scale(spec, scale):
    assert steepest(spec, random_arguments(spec.name, scale)) > scale


@pytest.mark.parametrize("spec", FADING, ids=lambda spec: spec.name)
def test_gradient_is_0_at_the_target(spec):
    assert steepest(spec, perfect_arguments(spec)) < 1e-12


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
    for _, label, text, _ in card(spec.name).rows():
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
