"""The lattice: what it holds, says and draws of a small one."""

import itertools

import numpy as np
import pytest
from matplotlib.patches import Circle
from matplotlib.text import Text

from lossviz import Slider, explore_lattice, figures

LABELS, COLUMNS = ["–", "a", "–"], [1, 2, 3]
MOVES = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]


def nodes(p, scale):
    return scale * np.array([[p, p / 2, np.nan], [1 - p, 0.5, 0], [0, 0.5 - p / 2, 1]])


def flow(p):
    return [[p, 0, 1 - p, 0, 0], [0, p, 0, np.nan, 1]]


def shares(p):
    return [[p, 0.5, 0.25], [1 - p, 0.5, 0.75]]


def path(route):
    return [0, 1, 2] if route == "through" else [1, np.nan, 2]


def lattice(**options):
    usual = {
        "controls": {"p": Slider(0, 1, 0.5, step=0.25), "scale": [1, 2], "route": ["through", "gap"]},
        "path": path,
        "bars": {"probability": shares},
        "outline": {"share": lambda p: 1 - np.array(shares(p))},
        "drag": {"p": ("–", 1)},
        "readout": {"loss": lambda p: p / 3},
        "styles": ["other1", "loss", "other1"],
        "title": "two ways",
    }
    return explore_lattice(nodes, flow, MOVES, LABELS, COLUMNS, **usual | options)


def bare(**options):
    return explore_lattice(
        lambda: np.ones((3, 3)), lambda: np.ones((2, 5)), MOVES, LABELS, COLUMNS, **options
    )


def texts(e):
    return [text.get_text() for text in e.figure().findobj(Text) if text.get_text()]


def test_it_holds_what_the_functions_return_at_every_position():
    e = lattice()
    p, scale, route = (control["values"] for control in e.spec["controls"])
    for e.p, e.scale, e.route in itertools.product(p, scale, route):
        assert e.values("nodes").reshape(3, 3) == pytest.approx(nodes(e.p, e.scale), nan_ok=True)
        assert e.values("flow").reshape(2, 5) == pytest.approx(np.array(flow(e.p)), nan_ok=True)
        assert e.values("bars").reshape(2, 3) == pytest.approx(np.array(shares(e.p)))
        assert e.values("path") == pytest.approx(path(e.route), nan_ok=True)


def test_it_says_its_numbers_its_path_and_the_largest_node_of_each_column():
    e = lattice(predict=True)
    assert repr(e) == ("Explorer('two ways', p=0.5, scale=1, route='through'): loss 0.17; path – a –")
    e.revealed, e.p, e.route = True, 0.25, "gap"
    assert repr(e).endswith("loss 0.08; path a none –; largest by column 1 a 0.75, 2 a 0.50, 3 – 1.00")
    assert repr(bare()).endswith(": largest by column 1 – 1.00, 2 – 1.00, 3 – 1.00")


def test_a_node_has_the_area_of_its_number_and_a_number_of_0_leaves_its_place():
    def sizes(e):
        rings = [
            c for c in e.figure().findobj(Circle) if c.get_facecolor()[:3] == color and c.get_alpha() == 0.35
        ]
        return [ring.radius for ring in rings]

    color = tuple(figures.mpl.colors.to_rgb(figures.COLORS["loss"]))
    e = lattice()
    half = sizes(e)
    assert len(half) == 2 and half[0] == pytest.approx(half[1])
    e.p = 0
    assert sizes(e)[0] == pytest.approx(half[0] * 2**0.5)
    assert sizes(lattice(whole=2)) == pytest.approx([half[0] / 2**0.5] * 2)
    e.scale = 2  # what is more than the whole has its size, and its number
    assert max(sizes(e)) == pytest.approx(half[0] * 2**0.5) and "2.00" in texts(e)


def test_what_is_to_be_predicted_leaves_no_trace():
    e = lattice(predict=True)
    assert "Predict the flow, then reveal" in texts(e) and "nan" not in texts(e)
    assert {"0.17", "path"} <= set(texts(e))
    widths = {line.get_linewidth() for line in e.figure().artists if line.get_alpha() == 0.45}
    assert not widths
    e.revealed = True
    assert "Predict the flow, then reveal" not in texts(e) and "nan" in texts(e)


def test_the_outline_stands_around_the_bars_of_each_name():
    (ax,) = lattice().figure().axes
    filled = [bar.get_height() for bar in ax.patches if bar.get_fill()]
    frames = [bar.get_height() for bar in ax.patches if not bar.get_fill()]
    assert filled == pytest.approx([0.5, 0.5, 0.25, 0.5, 0.5, 0.75])
    assert frames == pytest.approx([1 - height for height in filled])
    assert not bare().figure().axes and bare().spec["drag"] is None


def test_a_column_that_is_too_narrow_has_no_numbers():
    wide = explore_lattice(lambda: np.full((2, 20), 0.5), lambda: np.ones((19, 1)), [(0, 1)], "ab", range(20))
    assert "0.50" not in texts(wide) and {"a", "b", "19"} <= set(texts(wide))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bare(styles=["loss"]), "styles must hold one style a row, 3 in all, got ['loss']"),
        (lambda: bare(styles=["loss", "red", "grad"]), "styles must be one of"),
        (lambda: bare(whole=0), "whole must be a finite number > 0, got 0"),
        (lambda: bare(path=lambda: [0, 1]), "numbers of shape (3,), got shape (2,)"),
        (lambda: bare(path=3), "path must be callable, got 3"),
        (lambda: bare(outline={"share": shares}), "outline needs bars that it stands around, got none"),
        (lambda: lattice(bars={"p": shares, "q": shares}), "bars must hold one function with its name, got"),
        (lambda: lattice(drag={"p": ("c", 1)}), "drag must name a slider and its bar, (label, column), got"),
        (lambda: lattice(drag={"p": ("a", 4)}), "drag must name a slider and its bar, (label, column), got"),
        (lambda: lattice(drag={"p": 3}), "drag must name a slider and its bar, (label, column), got 'p': 3"),
        (lambda: lattice(drag={"route": ("a", 1)}), "drag must name a slider and its bar"),
        (lambda: lattice(readout={"loss": 2}), "readout 'loss' must be callable, got 2"),
        (
            lambda: explore_lattice(nodes, flow, [(0, 3)], LABELS, COLUMNS),
            "moves must be pairs of rows, each in 0..2, got (0, 3)",
        ),
        (lambda: explore_lattice(nodes, flow, [], LABELS, COLUMNS), "moves must be pairs of rows"),
        (lambda: explore_lattice(nodes, flow, 3, LABELS, COLUMNS), "each in 0..2, got 3"),
        (lambda: explore_lattice(nodes, flow, MOVES, [], COLUMNS), "labels must be a list of 1 to 13 names"),
        (lambda: explore_lattice(nodes, flow, MOVES, LABELS, [1]), "2 columns or more and at most 200 nodes"),
        (lambda: explore_lattice(nodes, flow, MOVES, LABELS, range(70)), "at most 200 nodes, got 3 x 70"),
        (lambda: explore_lattice(3, flow, MOVES, LABELS, COLUMNS), "nodes must be callable, got 3"),
        (
            lambda: explore_lattice(lambda: [1], lambda: [1], MOVES, LABELS, COLUMNS),
            "numbers of shape (3, 3), got shape (1,)",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_rule_and_the_value(make, message):
    with pytest.raises(ValueError) as raised:
        make()
    assert message in str(raised.value)
