"""What a `Loss` can say: several predictions, no function in torch, forms and bounds that options choose."""

from dataclasses import replace
from math import inf

import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.card import Card
from lossviz.losses.loss import (
    INTEGERS,
    NOT_NEGATIVE,
    REALS,
    SWITCH,
    UNIT,
    Argument,
    Bounds,
    Domain,
    Form,
    Kind,
    Option,
    Shape,
    in_words,
)

GAUSSIAN = replace(
    CATALOG["mse_loss"],
    name="gaussian_nll_loss",
    torch_class="torch.nn.GaussianNLLLoss",
    arguments=(
        Argument("input", "the mean", (Form(Kind.REAL, Shape.ANY),), differentiable=True),
        Argument("target", "a real number", (Form(Kind.REAL, Shape.SAME),)),
        Argument(
            "var", "the variance", (Form(Kind.VARIANCES, Shape.SAME, NOT_NEGATIVE),), differentiable=True
        ),
    ),
    options=(Option("eps", 1e-6, "the least variance", Domain(low=0, open=True)),),
)
HOMELESS = replace(
    CATALOG["mse_loss"], name="smooth_l1_loss", home="torch._C._nn", torch_class=None, options=()
)
MODULE = replace(
    CATALOG["nll_loss"],
    name="AdaptiveLogSoftmaxWithLoss",
    home="torch.nn",
    torch_class="torch.nn.AdaptiveLogSoftmaxWithLoss",
)


def rows(loss):
    return {label: text for _, label, text, _ in Card(loss).rows() if label}


def test_a_loss_may_have_several_predictions_and_the_card_has_a_row_for_each_argument():
    assert [argument.name for argument in GAUSSIAN.predictions] == ["input", "var"]
    assert [argument.name for argument in GAUSSIAN.targets] == ["target"]
    assert GAUSSIAN.function is F.gaussian_nll_loss and GAUSSIAN.form("var").kind is Kind.VARIANCES
    assert in_words(GAUSSIAN.predictions) == "input: the mean; var: the variance"
    assert in_words(GAUSSIAN.targets) == "a real number"
    assert rows(GAUSSIAN)["var"] == "the variance" and "(eps > 0)" in rows(GAUSSIAN)["options"]


def test_a_loss_may_be_at_home_elsewhere_and_have_no_page_in_torch():
    assert callable(HOMELESS.function) and HOMELESS.docs_url is None
    assert rows(HOMELESS)["defined in"] == "torch._C._nn.smooth_l1_loss" and "in torch" not in rows(HOMELESS)


def test_a_loss_may_be_a_module_alone():
    assert MODULE.function is torch.nn.AdaptiveLogSoftmaxWithLoss
    assert rows(MODULE)["in torch"] == "torch.nn.AdaptiveLogSoftmaxWithLoss"


@pytest.mark.parametrize(
    ("name", "argument", "options", "kind"),
    [
        ("poisson_nll_loss", "input", {}, Kind.LOG_RATES),
        ("poisson_nll_loss", "input", {"log_input": False}, Kind.RATES),
        ("kl_div", "target", {}, Kind.PROBABILITIES),
        ("kl_div", "target", {"log_target": True}, Kind.LOG_PROBABILITIES),
        ("cross_entropy", "target", {}, Kind.LABELS),
    ],
)
def test_the_form_of_an_argument_follows_the_options(name, argument, options, kind):
    assert CATALOG[name].form(argument, **options).kind is kind


def test_bounds_are_multiplied_by_options_that_are_given():
    bounds = Bounds(-2.0, inf, times=("weight",), raised_by=("pos_weight",))
    assert bounds.ends() == (-2, inf)
    assert bounds.ends(weight=None, pos_weight=None) == (-2, inf)
    assert bounds.ends(weight=3.0) == (-6, inf) and bounds.ends(weight=torch.tensor([1.0, 5.0]))[0] == -10
    assert bounds.ends(pos_weight=0.5) == (-2, inf) and bounds.ends(pos_weight=4.0) == (-8, inf)
    assert bounds.ends(weight=0.0) == (0, 0)
    divided = Bounds(0.0, 1.0, over=("smooth",))
    assert divided.ends(smooth=0.5) == (0, 2) and divided.ends(smooth=0.0) == (0, inf)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (Option("beta", 1.0, "", NOT_NEGATIVE), "beta >= 0"),
        (Option("delta", 1.0, "", Domain(low=0, open=True)), "delta > 0"),
        (Option("label_smoothing", 0.0, "", UNIT), "0 <= label_smoothing <= 1"),
        (Option("ignore_index", -100, "", INTEGERS), "an integer"),
        (Option("margin", 1.0, "", REALS), "any number"),
        (Option("p", 1, "", Domain(1, 2, values=(1, 2))), "1 or 2"),
        (Option("full", False, "", SWITCH), "True or False"),
        (Option("weight", None, "", shape=Shape.PER_CLASS), "None or shape (C,)"),
        (
            Option("distance_function", None, "", says="a function of two batches"),
            "a function of two batches",
        ),
    ],
)
def test_an_option_says_its_domain_in_words(option, words):
    assert option.words == words
