"""The still pictures."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from lossviz import figures

CSS = (Path(__file__).parent.parent / "lossviz" / "static" / "explorer.css").read_text("utf-8")
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


def test_bars_carry_their_numbers():
    ax = figures.draw_bars([1.0, -0.5], ["a", "b"], outline=[1.0, 0.0])
    assert [text.get_text() for text in ax.texts] == ["1.00", "-0.50"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]


def test_cells_are_drawn_with_their_numbers_and_gaps():
    ax = figures.draw_heatmap([0, 1], [0], [[1.0, np.nan]], cells=True, span=(0, 2))
    assert [text.get_text() for text in ax.texts] == ["1.00", "nan"]


def test_every_function_draws_into_the_axes_it_is_given():
    _, axes = plt.subplots(1, 3)
    assert figures.draw_curves(X, {"a": X}, ax=axes[0]) is axes[0]
    assert figures.draw_bars([1], ["a"], ax=axes[1]) is axes[1]
    assert figures.draw_heatmap(X, X, np.outer(X, X), ax=axes[2]) is axes[2]


def test_bands_run_from_dark_to_light():
    brightness = [sum(to_rgb(color)) for color in figures.band_colors(8)]
    assert brightness == sorted(brightness)
