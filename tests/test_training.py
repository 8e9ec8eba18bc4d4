"""The loop of a training demo and its explorer, without a browser."""

import re

import numpy as np
import pytest
import torch

from lossviz import epochs, explore_training, waiting
from lossviz.figures import COLORS
from lossviz.stills import sheet

X = [-1.0, 0.0, 2.0]
CURVES = {"MSE": np.arange(12.0).reshape(4, 3), "L1": -np.arange(12.0).reshape(4, 3)}
HISTORY = {"MSE": [4.0, 3.0, 2.0, 1.0], "L1": [4.0, 2.0, np.nan, 0.5]}
DATA = {"right": ([0.0, 1.0], [2.0, 3.0]), "wrong": ([2.0], [-3.0])}


def make(**changes):
    return explore_training(**({"curves": CURVES, "history": HISTORY, "x": X, "data": DATA} | changes))


def test_epochs_counts_from_0_to_the_last_and_leaves_one_line(capsys):
    assert list(epochs(3, "MSE")) == [0, 1, 2, 3]
    assert capsys.readouterr().out == "\rMSE: 3 of 3 epochs\n"


def test_epochs_says_how_far_it_is_while_the_reader_waits(capsys, monkeypatch):
    monkeypatch.setattr(waiting, "EVERY", -1)
    list(epochs(11, "L1"))
    lines = capsys.readouterr().out.split("\r")[1:]
    assert lines[0] == "L1:  0 of 11 epochs" and lines[-1] == "L1: 11 of 11 epochs\n"
    # Equally long: what stays of a longer line would spoil the next.
    assert len({len(line.rstrip()) for line in lines}) == 1


def test_epochs_needs_a_count():
    with pytest.raises(ValueError, match="count must be a whole number and at least 1, got 0"):
        list(epochs(0, "MSE"))
    with pytest.raises(ValueError, match="at least 1, got '3'"):
        list(epochs("3", "MSE"))
    with pytest.raises(ValueError, match="at least 1, got True"):
        list(epochs(True, "MSE"))
    assert list(epochs(np.int64(2), "MSE")) == [0, 1, 2]


def test_the_explorer_holds_what_was_recorded():
    e = make(epochs=[0, 1, 10, 100])
    for row, epoch in enumerate([0, 1, 10, 100]):
        e.epoch = epoch
        assert e.values("curve", "L1").tolist() == CURVES["L1"][row].tolist()
    assert e.recorded("MSE").tolist() == HISTORY["MSE"]
    assert [group["name"] for group in e.spec["data"]] == ["right", "wrong"]
    assert e.spec["range"] == [-1.0, 2.0] and e.spec["yRange"][0] < -3 and e.spec["yRange"][1] > 3


def test_whole_epochs_are_handed_on_as_ints():
    e = make()
    assert type(e.epoch) is int and CURVES["MSE"][e.epoch].tolist() == e.values("curve", "MSE").tolist()
    assert type(make(epochs=[0, 0.5, 1, 2]).epoch) is float


def test_tensors_that_require_a_gradient_are_recorded():
    def grad(values):
        return torch.tensor(np.asarray(values), requires_grad=True)

    e = make(
        curves={name: grad(values) for name, values in CURVES.items()},
        history={"MSE": [grad(v) for v in HISTORY["MSE"]], "L1": grad(HISTORY["L1"])},
        x=grad(X),
        data={"d": (grad([0.0]), grad([1.0]))},
        epochs=grad([0.0, 1.0, 2.0, 3.0]),
    )
    assert e.recorded("MSE").tolist() == HISTORY["MSE"] and e.spec["data"][0]["y"] == [1.0]


def test_data_of_any_size_stay_where_they_are():
    e = make(data={"tiny": ([2.5e-6, 6e-6], [1.2e-4, 1.6e-4])})
    assert e.spec["data"][0]["x"] == [2.5e-6, 6e-6] and e.spec["data"][0]["y"] == [1.2e-4, 1.6e-4]


def test_it_says_the_models_that_are_shown_and_their_measures():
    e = make(title="Outliers", history_label="error", digits=1)
    e.epoch = 3
    assert repr(e) == "Explorer('Outliers', epoch=3): error MSE 1.0, L1 0.5"
    e.hidden = ["L1"]
    assert repr(e) == "Explorer('Outliers', epoch=3): error MSE 1.0"


def test_the_picture_shows_the_curves_of_the_epoch_over_the_data():
    e = make()
    e.epoch = 2
    figure = e.figure()
    left, right = figure.axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in left.lines}
    assert drawn["MSE"] == CURVES["MSE"][2].tolist()
    assert "epoch 2" in [text.get_text() for text in figure.texts]
    groups = [list(line.get_xdata()) for line in left.lines if line.get_marker() in ("o", "x")]
    assert groups[:2] == [[0.0, 1.0], [2.0]]
    ahead, past = [line.get_ydata().tolist() for line in right.lines if line.get_color() == COLORS["loss"]][
        :2
    ]
    assert (ahead, past) == (HISTORY["MSE"], HISTORY["MSE"][:3])


def test_the_picture_says_how_each_model_does_that_is_shown():
    e = make(digits=2)
    e.epoch = 1
    shown = {text.get_text(): text.get_color() for text in e.figure().texts}
    assert (shown["MSE"], shown["L1"]) == (COLORS["loss"], COLORS["other1"])
    assert shown["3.00"] == shown["2.00"] == sheet.INK
    e.hidden = ["L1"]
    assert not {"L1", "2.00"} & {text.get_text() for text in e.figure().texts}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"history": {"MSE": [1, 2, 3, 4]}}, "the same one to five models, got ['MSE', 'L1'] and ['MSE']"),
        ({"curves": {}, "history": {}}, "the same one to five models, got [] and []"),
        ({"data": {}}, "data must hold one to three groups, got []"),
        ({"data": {"a": ([1, 2], [1])}}, "data 'a' must be two lists of finite numbers, equally long"),
        ({"data": {"a": ([1], [np.inf])}}, "data 'a' must be two lists of finite numbers, equally long"),
        ({"x": [0, 2, 1]}, "x must be at least two ascending numbers, got [0.0, 2.0, 1.0]"),
        ({"epochs": [0, 1, 1, 2]}, "epochs must be at least two ascending numbers, got [0.0, 1.0, 1.0, 2.0]"),
        ({"epochs": [0, 1]}, "curve 'MSE' must have the shape (2, 3), one row an epoch, got (4, 3)"),
        ({"x": [0, 1]}, "curve 'MSE' must have the shape (4, 2), one row an epoch, got (4, 3)"),
        ({"data": {"a": 5}}, "data 'a' must be a pair (xs, ys), got 5"),
        ({"data": {"a": ([1], [2], [3])}}, "data 'a' must be a pair (xs, ys), got"),
        ({"epochs": 5}, "epochs must be at least two ascending numbers, got 5"),
        ({"epochs": [0, 1, 2, np.inf]}, "epochs must be at least two ascending numbers"),
        (
            {"data": {"a": (np.arange(1500.0), np.zeros(1500)), "b": (np.arange(501.0), np.zeros(501))}},
            "data must hold at most 2,000 points in all, got 2,001; give a sample",
        ),
        ({"x": np.arange(3000)}, "x must hold at most 2,000 places, got 3,000"),
        (
            {"curves": {"MSE": 0}, "history": {"MSE": np.zeros(2000)}, "x": np.arange(500)},
            "at most 20,000 epochs and 1,000,000 numbers (models x epochs x (places + 1)), "
            "got 1 x 2,000 x 501 = 1,002,000; record every tenth epoch, or fewer places",
        ),
        (
            {"curves": {"MSE": 0}, "history": {"MSE": np.zeros(30_000)}, "x": [0, 1]},
            "at most 20,000 epochs and 1,000,000 numbers",
        ),
        ({"data": {"a": torch.tensor(1.0)}}, "data 'a' must be a pair (xs, ys), got tensor(1.)"),
        ({"y_label": 5}, "y_label must be a string, got 5"),
        ({"curves": 5}, "curves must be a dictionary of names, got 5"),
        ({"curves": CURVES | {"L1": [[1], [2, 3]]}}, "curve 'L1' must be numbers in rows of equal length"),
        ({"hidden": ["MSE"]}, "hidden must name overlays, one of ['L1'], got 'MSE'"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_rule_and_value(changes, rule):
    with pytest.raises(ValueError, match=re.escape(rule)):
        make(**changes)
