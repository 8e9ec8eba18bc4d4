"""The still pictures."""

import re

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex, to_rgb
from matplotlib.quiver import Quiver
from matplotlib.text import Text

from lossviz import figures
from tests.handbook import ROOT

CSS = (ROOT / "lossviz" / "explorer" / "tokens.css").read_text("utf-8")
X = np.linspace(-1, 1, 5)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_the_colours_are_those_of_the_explorers_light_theme():
    light = dict(re.findall(r"--(\w+): light-dark\((#\w{6}), #\w{6}\)", CSS))
    assert {name: light[name] for name in figures.COLORS} == figures.COLORS


def test_curves_differ_in_colour_and_in_line_style():
    ax = figures.draw_curves(X, {name: k * X for k, name in enumerate("abcde")})
    styles = [(line.get_color(), line._unscaled_dash_pattern) for line in ax.lines]
    assert len({color for color, _ in styles}) == len({dash for _, dash in styles}) == 5
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcde")


def test_every_curve_is_drawn_or_refused():
    with pytest.raises(ValueError, match="at most 5 curves can be told apart, got 6"):
        figures.draw_curves(X, {name: X for name in "abcdef"})


def test_the_probe_stands_on_the_first_curve():
    ax = figures.draw_curves(X, {"first": X**2, "second": X}, probe=0.6)
    assert ax.lines[-1].get_xydata().tolist() == [[0.5, 0.25]]


def test_tensors_that_require_a_gradient_are_drawn():
    grad = torch.tensor([[0.0, 1.0], [1.0, 2.0]], requires_grad=True)
    one = torch.tensor(1.0, requires_grad=True)
    ax = figures.draw_curves(grad[0], {"a": grad[1]}, probe=one)
    assert ax.lines[0].get_xydata().tolist() == [[0, 1], [1, 2]]
    assert [text.get_text() for text in figures.draw_bars(grad[1], "ab").texts] == ["1.00", "2.00"]
    assert figures.draw_heatmap(grad[0], grad[0], grad, probe=grad[0]).lines
    assert figures.draw_plane(grad, "ab", arrows=grad, circles={"r": one}).patches


def test_masked_values_are_gaps():
    ax = figures.draw_curves(X, {"a": np.ma.masked_less(X, 0)})
    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [True, True, False, False, False]


@pytest.mark.parametrize("name", ["$x_{$", r"$\nothing$", "a$b$c"])
def test_names_are_text_whatever_dollars_they_hold(name):
    drawn = [
        figures.draw_curves(X, {name: X, "b": X}),
        figures.draw_bars([1, 2], [name, "b"]),
        figures.draw_plane([[0, 1]], [name], circles={name: 1}),
    ]
    for ax in drawn:
        ax.figure.canvas.draw()  # mathtext is read when it is drawn
    named = [text for ax in drawn for text in ax.findobj(Text) if text.get_text() == name]
    assert len(named) >= 4 and not any(text.get_parse_math() for text in named)


def test_bars_carry_their_numbers():
    ax = figures.draw_bars([1.0, -0.5], ["a", "b"], outline=[1.0, 0.0])
    assert [text.get_text() for text in ax.texts] == ["1.00", "-0.50"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]


def test_cells_are_drawn_with_their_numbers_and_gaps():
    ax = figures.draw_heatmap([0, 1], [0], [[1.0, np.nan]], cells=True, span=(0, 2))
    assert [text.get_text() for text in ax.texts] == ["1.00", "nan"]


def test_a_plane_names_its_points_in_their_colours():
    ax = figures.draw_plane([[0, 1], [2, 3]], ["a", "b"], styles=["grad", "other1"])
    colors = [figures.COLORS["grad"], figures.COLORS["other1"]]
    assert [(text.get_text(), text.xy, text.get_color()) for text in ax.texts] == [
        ("a", (0, 1), colors[0]),
        ("b", (2, 3), colors[1]),
    ]
    (dots,) = ax.collections
    assert dots.get_offsets().tolist() == [[0, 1], [2, 3]]
    assert [to_hex(color) for color in dots.get_facecolors()] == colors
    assert ax.get_aspect() == 1  # a circle is a circle


def test_the_arrows_of_a_plane_start_at_its_points_and_have_their_length():
    ax = figures.draw_plane([[0, 1], [2, 3]], ["a", "b"], arrows=[[1, 0], [0, -2]])
    (arrows,) = [drawn for drawn in ax.collections if isinstance(drawn, Quiver)]
    assert (arrows.XY.tolist(), arrows.U.tolist(), arrows.V.tolist()) == ([[0, 1], [2, 3]], [1, 0], [0, -2])
    assert (arrows.angles, arrows.scale_units, arrows.scale) == ("xy", "xy", 1)  # in units of the axes


def test_the_circles_of_a_plane_surround_its_first_point_and_have_names():
    ax = figures.draw_plane([[0, 1], [2, 3]], ["a", "b"], circles={"Δ": 1.5, "2Δ": 3})
    assert [(*circle.center, circle.radius) for circle in ax.patches] == [(0, 1, 1.5), (0, 1, 3)]
    assert [text.get_text() for text in ax.texts] == ["Δ", "2Δ", "a", "b"]
    assert np.hypot(*(np.array(ax.texts[0].xy) - [0, 1])) == pytest.approx(1.5)


def test_every_point_of_a_plane_has_a_name():
    with pytest.raises(ValueError, match=r"points must have shape \(1, 2\), got \(2, 2\)"):
        figures.draw_plane([[0, 1], [2, 3]], ["a"])


def test_every_function_draws_into_the_axes_it_is_given():
    _, axes = plt.subplots(1, 4)
    assert figures.draw_curves(X, {"a": X}, ax=axes[0]) is axes[0]
    assert figures.draw_bars([1], ["a"], ax=axes[1]) is axes[1]
    assert figures.draw_heatmap(X, X, np.outer(X, X), ax=axes[2]) is axes[2]
    assert figures.draw_plane([[0, 0]], ["a"], ax=axes[3]) is axes[3]


def test_bands_run_from_dark_to_light():
    brightness = [sum(to_rgb(color)) for color in figures.band_colors(8)]
    assert brightness == sorted(brightness)


@pytest.mark.parametrize(
    ("draw", "rule"),
    [
        (lambda: figures.draw_curves(X, {"a": [1, 2]}), "the curve 'a' must have shape (5,), got (2,)"),
        (lambda: figures.draw_bars([1, 2, 3], ["a"]), "values must have shape (1,), got (3,)"),
        (lambda: figures.draw_bars([1], ["a"], outline=[1, 2]), "outline must have shape (1,), got (2,)"),
        (lambda: figures.draw_bars([1], ["a"], style="red"), "a style must be one of ['loss', 'grad',"),
        (lambda: figures.draw_heatmap([0], [0, 1], [[1, 2]]), "values must have shape (2, 1), got (1, 2)"),
        (lambda: figures.draw_heatmap([0], [0], [[1]], bands=1), "whole number between 2 and 256, got 1"),
        (lambda: figures.draw_heatmap([0], [0], [[1]]), "at least 2 x 2 values, and cells one, got (1, 1)"),
        (
            lambda: figures.draw_heatmap([0, 1], [0, 1], np.eye(2), span=(1, 0)),
            "span must run from a smaller",
        ),
        (lambda: figures.draw_curves(X, {"a": None}), "the curve 'a' must be numbers in rows of equal"),
        (lambda: figures.draw_curves(1.0, {"a": 1.0}), "x must be a list of numbers, got shape ()"),
        (lambda: figures.draw_curves(X, [X]), "curves must be a dictionary of names, got [array("),
        (lambda: figures.draw_curves(X, {"a": X}, first="red"), "a style must be one of ['loss', 'grad',"),
        (lambda: figures.draw_bars([1], ["a"], style=["loss"]), "got ['loss']"),
        (lambda: figures.draw_plane([[0, 1]], ["a"], styles=5), "styles must be a list, got 5"),
        (
            lambda: figures.draw_plane([[0, 1]], ["a"], circles={"r": [1, 2]}),
            "the radius 'r' must have shape",
        ),
        (lambda: figures.draw_heatmap([0], [0], [[np.nan]]), "values must hold a finite number"),
        (lambda: figures.draw_plane([], []), "points must have shape (0, 2), got (0,)"),
        (lambda: figures.draw_plane([[0, 1]], ["a"], styles=["loss", "grad"]), "one style a point"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_rule_and_value(draw, rule):
    with pytest.raises(ValueError) as error:
        draw()
    assert rule in str(error.value) and plt.get_fignums() == []


@pytest.mark.parametrize("cells", [False, True])
def test_a_constant_map_has_one_colour(cells):
    ax = figures.draw_heatmap([0, 1], [0, 1], np.full((2, 2), 3.0), cells=cells)
    ax.figure.canvas.draw()
