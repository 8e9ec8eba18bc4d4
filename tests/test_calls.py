"""What is drawn for a loss from the types of its arguments alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from lossviz.losses.loss import Argument, Form, Kind, Shape
from tests.calls import calls_of, typed_calls

# Whether there is such a call is all that is asked: the smallest one takes long to find.
LOOKING = settings(derandomize=True, max_examples=2000, phases=[Phase.generate])
GAUSSIAN = CATALOG["gaussian_nll_loss"]  # two predictions, the mean and the variance


@given(call=calls_of(GAUSSIAN))
@settings(derandomize=True, deadline=None)
def test_torch_takes_every_call_of_a_loss_with_two_predictions(call):
    tensors = {key: torch.tensor(value) for key, value in call.items() if isinstance(value, np.ndarray)}
    predictions = [tensors[argument.name].requires_grad_() for argument in GAUSSIAN.predictions]
    GAUSSIAN.function(**call | tensors).sum().backward()
    assert len(predictions) == 2 and all(prediction.grad is not None for prediction in predictions)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("l1_loss", lambda call: call["input"].ndim == 4),
        ("l1_loss", lambda call: call["input"].size == 0),
        ("l1_loss", lambda call: np.isnan(call["input"]).any()),
        ("l1_loss", lambda call: call["target"].dtype == np.int64),
        ("l1_loss", lambda call: call["input"].dtype != call["target"].dtype),
        ("l1_loss", lambda call: np.any(call["weight"] == 0)),
        ("smooth_l1_loss", lambda call: call["beta"] == 0),
        ("smooth_l1_loss", lambda call: call["beta"] == np.inf),
        ("binary_cross_entropy", lambda call: {0, 1} <= set(call["input"].flat)),
        ("binary_cross_entropy", lambda call: np.shape(call["weight"]) != call["input"].shape != ()),
        ("kl_div", lambda call: call["log_target"] and call["reduction"] == "batchmean"),
        ("multi_margin_loss", lambda call: call["p"] == 2 and call["target"].ndim == 0),
        ("multilabel_margin_loss", lambda call: {-1, 2} <= set(call["target"].flat)),
        ("triplet_margin_loss", lambda call: call["swap"] and call["negative"].shape == (3, 2)),
        (
            "triplet_margin_loss",
            lambda call: call["anchor"].ndim == 1 and call["positive"].dtype == np.float32,
        ),
    ],
)
def test_what_matters_is_drawn(name, wanted):
    assert find(typed_calls(name), wanted, settings=LOOKING)


@given(data=st.data())
@settings(derandomize=True, deadline=None)
def test_numbers_that_are_not_meant_are_not_drawn(data):
    meant = data.draw(typed_calls("hinge_embedding_loss"))
    assert set(meant["target"].flat) <= {1, -1} and not np.any(meant["input"] < 0)


def test_they_are_drawn_on_request():
    beyond = typed_calls("hinge_embedding_loss", beyond=True)
    negative = find(beyond, lambda call: np.any(call["input"] < 0), settings=LOOKING)
    assert negative and find(beyond, lambda call: np.any(call["target"] == 0), settings=LOOKING)


def test_a_shape_that_cannot_be_drawn_is_told():
    form = Form(Kind.LOG_PROBABILITIES, Shape.CLASSES_OF_STEPS)
    loss = replace(GAUSSIAN, arguments=(Argument("log_probs", "", (form,), differentiable=True),))
    with pytest.raises(ValueError, match=r"a prediction of 'shape \(T, C\).* needs calls of its own"):
        find(calls_of(loss), lambda call: True)
