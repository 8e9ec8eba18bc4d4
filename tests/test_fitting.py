"""A loss is drawn as it is: a function of torch, a module, or a reader's own, in whatever form it takes."""

import functools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossviz import Slider, explore
from lossviz.fitting import known_loss
from lossviz.losses import CATALOG
from lossviz.losses.loss import Kind
from lossviz.quiet import unwarned

OF_TORCH = [loss for loss in CATALOG.values() if loss.torch_class]
CURVES = [loss for loss in OF_TORCH if not loss.curve]
# What takes the place of one number in the others: a row of classes, an embedding, features, a sequence.
ROWS = {Kind.LABELS, Kind.LABEL_LISTS, Kind.EMBEDDINGS, Kind.FEATURES, Kind.PARAMETERS, Kind.LENGTHS}
MADE = {"adaptive_log_softmax": (4, 5, [2]), "linear_cross_entropy": (4, 5)}  # what a module needs


def names(loss):
    return [loss.name for loss in loss]


def module_of(loss):
    return getattr(nn, loss.class_name)(*MADE.get(loss.name, ()))


def setting(explorer):
    return {c["name"]: getattr(explorer, c["name"]) for c in explorer.spec["controls"]}


def message(*args, **kwargs):
    """What is refused is said in one sentence, without a traceback of what happened inside."""
    with pytest.raises(ValueError) as raised:
        explore(*args, **kwargs)
    error = raised.value
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
    assert "\n" not in str(error)
    return str(error)


@pytest.mark.parametrize("loss", CURVES, ids=names(CURVES))
def test_a_loss_of_torch_is_drawn_in_one_call_with_its_values_and_its_gradient(loss):
    e = explore(loss.function)
    first, *others = [argument.name for argument in loss.arguments]
    assert list(setting(e)) == [*others, "probe"] and e.spec["gradLabel"] == "gradient, by autograd"
    for control in e.spec["controls"][:-1]:
        e.reset()
        for value in (control["values"][0], control["values"][-1]):
            setattr(e, control["name"], value)
            given = {name: torch.full((1, 1), float(at)) for name, at in setting(e).items()}
            x = given.pop("probe").requires_grad_()
            with unwarned():  # kl_div, of its mean
                value = loss.function(x, **given)
            (slope,) = torch.autograd.grad(value, x)
            assert e.values("loss")[e.index["probe"]] == pytest.approx(value.item(), abs=1e-5)
            assert e.values("grad")[e.index["probe"]] == pytest.approx(slope.item(), abs=1e-4)
            assert (np.isfinite(e.values("loss")).all() and np.ptp(e.values("loss")) > 0) or value == 0
    assert first == e.spec["xLabel"]


@pytest.mark.parametrize("loss", CURVES, ids=names(CURVES))
def test_its_module_gives_the_same_curve(loss):
    function, module = explore(loss.function), explore(module_of(loss))
    assert module.spec["title"] == loss.class_name and setting(module) == setting(function)
    assert module.values("loss") == pytest.approx(function.values("loss"))
    assert module.values("grad") == pytest.approx(function.values("grad"))


OTHERS = [loss for loss in OF_TORCH if loss.curve]


@pytest.mark.parametrize("loss", OTHERS, ids=names(OTHERS))
def test_where_one_number_is_no_input_the_sentence_holds_a_call_that_draws(loss):
    said = {message(module_of(loss)), message(loss.function) if known_loss(loss.function) else ""} - {""}
    for sentence in said:
        code = sentence.partition(": try ")[2]
        e = eval(code, {"explore": explore, "torch": torch, "F": F, "nn": nn})
        assert code == f"explore({loss.curve})" and e.spec["gradLabel"] == "gradient, by autograd"
        assert np.isfinite(e.values("loss")).all() and np.ptp(e.values("loss")) > 0
        x = np.array(e.spec["controls"][-1]["values"])
        slope = np.gradient(e.values("loss").astype(float), x)
        # At a kink the slope of the values is that between both sides.
        assert np.median(np.abs(slope - e.values("grad"))) < 1e-3


def test_it_is_the_kind_of_an_argument_that_makes_one_number_no_input():
    for loss in OF_TORCH:
        kinds = {form.kind for argument in loss.arguments for form in argument.forms[:1]}
        assert bool(kinds & ROWS) == bool(loss.curve), loss.name


def test_a_loss_is_known_by_function_and_module_with_options_bound_or_not():
    assert known_loss(functools.partial(F.huber_loss, delta=2.0)) is CATALOG["huber_loss"]
    assert known_loss(nn.SmoothL1Loss(beta=0.5)) is CATALOG["smooth_l1_loss"]
    assert known_loss(lambda input, target: F.mse_loss(input, target)) is None


def test_what_is_set_in_a_module_is_drawn():
    e = explore(nn.SmoothL1Loss(beta=0.5))
    assert e.values("loss")[e.index["probe"]] == pytest.approx(1.25)
    rates = explore(nn.PoissonNLLLoss(log_input=False))
    assert rates.spec["controls"][-1]["values"][0] == 0
    assert explore(functools.partial(F.huber_loss, delta=0.5)).values("grad").max() == 0.5


def test_a_control_stands_for_the_target_or_for_an_option_that_is_a_tensor():
    e = explore(
        F.binary_cross_entropy_with_logits,
        controls={"target": [0, 1], "pos_weight": (1.0, 3.0, 1.0)},
        probe=0,
    )
    e.target, e.pos_weight = 1, 3.0
    at = e.index["probe"]
    assert e.values("loss")[at] == pytest.approx(3 * np.log(2)) and e.values("grad")[at] == pytest.approx(
        -1.5
    )
    choice = explore(F.smooth_l1_loss, controls={"reduction": ["mean", "sum"], "beta": (0.5, 2.0, 0.5)})
    assert setting(choice) == {"reduction": "mean", "beta": 1.5, "target": 0.0, "probe": 1.5}


class Scaled(nn.Module):
    """Parameters in float32, in a layer that refuses float64."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1, bias=False)
        nn.init.constant_(self.layer.weight, 2.0)

    def forward(self, input, target):
        return F.mse_loss(self.layer(input), target)


class Focal(nn.Module):
    def __init__(self, gamma=2.0, reduction="mean"):
        super().__init__()
        self.gamma, self.reduction = gamma, reduction

    def forward(self, logits, target):
        loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        loss = (1 - torch.exp(-loss)) ** self.gamma * loss
        return loss.mean() if self.reduction == "mean" else loss


def only_a_batch(input, target):
    return ((input[:, 0] - target[:, 0]) ** 2).sum() / len(input)


def one_by_one(pred, y):
    return (pred.item() - y.item()) ** 2


def in_numpy(pred, y):
    return np.mean((pred - y) ** 2)


@pytest.mark.parametrize(
    ("function", "factor", "by"),
    [
        (Scaled(), 2, "autograd"),
        (only_a_batch, 1, "autograd"),
        (lambda input, target: F.mse_loss(input, target), 1, "autograd"),
        (torch.jit.ignore(lambda input, target: (input - target).square().mean()), 1, "autograd"),
        (one_by_one, 1, "central differences"),
        (in_numpy, 1, "central differences"),
        (lambda input, target: np.square(input - target), 1, "central differences"),
    ],
    ids=["parameters", "batch", "mean", "wrapped", "item", "NumPy mean", "NumPy"],
)
def test_every_way_to_write_a_squared_error_gives_the_same_curve(function, factor, by):
    e = explore(function)
    x = np.array(e.spec["controls"][-1]["values"])
    setattr(e, e.spec["controls"][0]["name"], 1.0)
    assert e.spec["gradLabel"] == f"gradient, by {by}"
    assert e.values("loss") == pytest.approx((factor * x - 1) ** 2, abs=1e-5)
    assert e.values("grad") == pytest.approx(2 * factor * (factor * x - 1), abs=1e-4)


def test_a_module_that_reduces_is_asked_for_all_numbers_at_once_and_stays_as_it_is():
    module = Focal()
    e = explore(module)
    assert module.reduction == "mean" and setting(e) == {"target": 1.0, "probe": 1.5}
    assert e.values("loss") == pytest.approx(explore(Focal(reduction="none")).values("loss"))


def test_what_a_second_argument_gets_follows_from_what_the_function_does_with_it():
    def hinge(score, y):
        return torch.clamp(1 - y * score, min=0).mean()

    def gaussian(mu, y, sigma):
        return (torch.log(sigma) + ((y - mu) / sigma) ** 2 / 2).mean()

    def log_loss(p, y):
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))

    assert explore(hinge).spec["controls"][0]["values"] == [1, -1]
    y, sigma, _ = explore(gaussian).spec["controls"]
    assert (y["values"][0], y["values"][-1]) == (-3, 3) and sigma["values"][0] == 0.1
    p = explore(log_loss).spec["controls"][-1]["values"]
    assert (p[0], p[-1]) == (0, 1)


def test_controls_that_are_added_leave_room_for_those_that_were_given():
    e = explore(
        F.gaussian_nll_loss, controls={"eps": Slider(1e-3, 1.0, log=True, count=9), "var": (0.1, 2.0)}
    )
    assert len(e.table) < 4_000_000 and list(setting(e)) == ["eps", "var", "target", "probe"]


def test_the_second_argument_of_an_overlay_is_that_of_the_function():
    e = explore(lambda pred, y: (pred - y) ** 2, overlay={"L1": F.l1_loss, "Huber": nn.HuberLoss()})
    e.y = 1.0
    assert e.values("overlay", "L1")[e.index["probe"]] == pytest.approx(0.5)
    assert e.values("overlay", "Huber")[e.index["probe"]] == pytest.approx(0.125)
    assert list(setting(e)) == ["y", "probe"]


def test_a_gradient_that_is_given_is_called_as_the_function_is():
    e = explore(only_a_batch, lambda input, target: 2 * (input[:, 0] - target[:, 0]).sum())
    assert e.values("grad") == pytest.approx(2 * np.array(e.spec["controls"][-1]["values"]), abs=1e-6)


def test_an_argument_with_a_name_of_the_widget_gets_another():
    assert "values_" in setting(explore(lambda x, values: (x - values) ** 2))


def own_cross_entropy(logits, target):
    return F.cross_entropy(logits, target)


class Smoothed(nn.Module):
    def forward(self, logits, target):
        return F.cross_entropy(logits, target, label_smoothing=0.1)


def misspelt(input, target):
    return input - targte  # noqa: F821


def broken(input, target):
    raise RuntimeError("out of paint")


def test_what_cannot_be_drawn_is_told_in_one_sentence():
    assert message(nn.MSELoss) == (
        "explore takes a function or a module, got the class MSELoss: try explore(MSELoss())"
    )
    assert message(F.binary_cross_entropy, controls={"target": [0, 2]}) == (
        "binary_cross_entropy refuses these controls (RuntimeError: all elements of target should be between "
        "0 and 1): try explore(F.binary_cross_entropy)"
    )
    sentence = message(broken)
    assert "(RuntimeError: out of paint (in line " in sentence and "try explore(lambda x: broken(" in sentence
    assert message(misspelt).startswith("misspelt failed: NameError: name 'targte' is not defined (in line ")
    assert "got 'beta'" in message(F.mse_loss, controls={"beta": (0, 1)})
    sentence = message(own_cross_entropy)
    e = eval(sentence.partition(": try ")[2], {**globals()})
    assert e.values("loss")[e.index["probe"]] == pytest.approx(np.log1p(np.exp(-1.5)))
    assert e.values("grad")[e.index["probe"]] == pytest.approx(-1 / (1 + np.exp(1.5)))
    module = message(Smoothed()).partition(": try ")[2]
    assert eval(module, {**globals(), "loss": Smoothed()}).spec["gradLabel"] == "gradient, by autograd"
    unreduced = message(lambda logits, target: F.cross_entropy(logits, target)[None, None].expand(2, 3))
    assert unreduced.endswith("it returned shape (2, 3) for 5 rows of classes, so take its mean or its sum")


def test_what_a_function_raises_is_told_with_its_line():
    def cautious(x):
        if x > 1.5:
            raise RuntimeError("too far")
        return x

    sentence = message(cautious)
    assert "failed at (1.525): RuntimeError: too far (in line " in sentence
    assert sentence.endswith('raise RuntimeError("too far"))')
