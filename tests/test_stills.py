"""The still of an explorer shows what the page draws of its setting."""

import base64
import json
import re
from functools import partial

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.text import Text

from lossviz import (
    Bars,
    Slider,
    explore,
    explore_bars,
    explore_heatmap,
    explore_mask,
    explore_plane,
    explore_training,
    figures,
)
from lossviz.explorer import bundle
from lossviz.panels import PANELS
from lossviz.stills import names, sheet
from tests.handbook import ROOT, node
from tests.test_lattice_panel import lattice
from tests.test_mask_panel import BLOCK, DOT, mask

LOSS, GRAD, OTHER1, OTHER2 = (figures.COLORS[name] for name in ("loss", "grad", "other1", "other2"))


def texts(e):
    """The texts of the still, but for those along its axes."""
    figure = e.figure()
    return [text.get_text() for part in (figure, *figure.axes) for text in part.texts]


def lines(figure, color):
    """The lines of this colour on the sheet, but for those of its axes."""
    return [drawn for drawn in figure.artists if isinstance(drawn, Line2D) and drawn.get_color() == color]


def order(figure):
    """The lines, dots and texts of the still, from what lies below to what lies above."""

    def parts(artist):
        return sorted(artist.get_children(), key=lambda part: part.zorder)

    found = [part for one in parts(figure) for part in (parts(one) if isinstance(one, Axes) else [one])]
    return [part for part in found if isinstance(part, (Line2D, Text))]


def ranks(figure, color, marker="None"):
    """The places in the order of drawing of the lines, or of the dots, of a colour."""
    looks = [isinstance(one, Line2D) and (one.get_color(), one.get_marker()) for one in order(figure)]
    return [k for k, look in enumerate(looks) if look == (color, marker)]


def rank(figure, text):
    """The place of a text in the order of drawing."""
    (found,) = [k for k, one in enumerate(order(figure)) if isinstance(one, Text) and one.get_text() == text]
    return found


def rows_with(figure, column, color):
    """The rows of pixels in which a column of the still has a colour."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    seen = np.asarray(canvas.buffer_rgba())[:, column, :3] / 255
    return np.flatnonzero(np.abs(seen - to_rgb(color)).sum(-1) < 0.2).tolist()


def markers(ax, marker):
    """Where and in which colour markers of this shape stand."""
    found = [line for line in ax.lines if line.get_marker() == marker]
    return [(*np.ravel(line.get_data()).tolist(), line.get_color()) for line in found]


def curves(**options):
    usual = {
        "x": (-2, 2, 0.5),
        "y": (-1, 8),
        "controls": {"k": Slider(1, 2, 1, step=1)},
        "overlay": {"L1": (np.abs, np.sign), "L2": (np.square, lambda x: 2 * x)},
        "minimum": True,
        "probe": 0,
        "title": "curves",
    }
    return explore(lambda x, k: k * (x - 1) ** 2, lambda x, k: 2 * k * (x - 1), **usual | options)


def test_each_kind_of_panel_has_a_still():
    kinds = re.findall(r"^  (\w+): \w+Panel,$", (bundle.PANELS / "list.js").read_text("utf-8"), re.MULTILINE)
    assert sorted(PANELS) == sorted(kinds) and len(kinds) > 5


def test_the_colours_of_the_sheet_are_those_of_the_light_theme():
    tokens = (ROOT / "lossviz/explorer/tokens.css").read_text("utf-8")
    light = dict(re.findall(r"--(\w+): light-dark\((#\w{6}), #\w{6}\)", tokens))
    names = {"PAPER": "panel", "INK": "ink", "SOFT": "soft", "LINE": "line", "GRID": "grid"}
    assert {token: getattr(sheet, name) for name, token in names.items()} == {
        t: light[t] for t in names.values()
    }


def test_the_grid_lies_below_everything_and_a_line_at_0_is_stronger():
    figure = curves(marks={"target": -1}).figure()
    grid, zero = (ranks(figure, color) for color in (sheet.GRID, sheet.LINE))
    assert max(grid + zero) < min(ranks(figure, sheet.SOFT) + ranks(figure, LOSS))
    assert len(zero) == 2 and len(grid) > 10


def test_a_curve_at_the_end_of_its_axis_is_drawn_whole():
    figure = explore(lambda x: 0 * x, x=(-1, 1, 0.1), y=(0, 1), title="flat").figure()
    (row,) = {round(y) for y in lines(figure, sheet.LINE)[0].get_ydata()}
    assert {row - 1, row} <= set(rows_with(figure, 200, LOSS))


# Curves


def test_the_lowest_point_of_every_curve_that_is_shown_is_marked():
    e = curves()
    top, _ = e.figure().axes
    assert markers(top, "D") == [(0, 0, OTHER1), (0, 0, OTHER2), (1, 0, LOSS)]
    e.hidden = ["L1"]
    top, _ = e.figure().axes
    assert markers(top, "D") == [(0, 0, OTHER2), (1, 0, LOSS)]
    assert not markers(curves(minimum=False).figure().axes[0], "D")


def test_the_first_curve_and_its_lowest_point_lie_above_the_others():
    figure = curves().figure()
    for curve, others in ((LOSS, (OTHER1, OTHER2)), (GRAD, (OTHER1, OTHER2))):
        assert ranks(figure, curve)[0] > max(ranks(figure, other)[0] for other in others)
    lowest = [ranks(figure, color, "D") for color in (OTHER1, OTHER2, LOSS)]
    assert sorted(lowest) == lowest and min(lowest)[0] > max(ranks(figure, LOSS))


def test_every_curve_has_its_name_at_its_end_in_its_colour():
    def names_of(e):
        named = [text for text in e.figure().texts if text.get_text() in ("first", "L1", "L2")]
        return {text.get_text(): text.get_color() for text in named}

    assert names_of(curves(label="first", hidden=["L2"])) == {"first": LOSS, "L1": OTHER1}
    assert names_of(curves(label="first", overlay=None)) == {"first": LOSS}


def test_a_curve_that_leaves_its_axis_has_its_name_beside_its_last_point_there():
    box = sheet.Box(100, 200, 0, 100)
    xs = np.linspace(100, 200, 5)
    curves = [("ends", 30, np.ones(5)), ("leaves", 30, np.array([0, 1, 2, 9, 9])), ("far", 30, np.full(5, 9))]
    places = names.name_places(curves, xs, (0, 2), box)
    assert places == {"ends": (208, 54, "left"), "leaves": (134, 12, "right")}
    twice = [(name, 30, values) for name in ("a", "b") for values in [np.ones(5)]]
    (_, a, _), (_, b, _) = names.name_places(twice, xs, (0, 2), box).values()
    assert (a, b) == (54, 69)


def test_a_curve_keeps_its_style_whichever_others_are_switched_off():
    e = curves(hidden=["L1"])
    top, low = e.figure().axes
    assert {line.get_label(): line.get_color() for line in top.lines if line.get_label()[0] != "_"} == {
        "curves": LOSS,
        "L2": OTHER2,
    }
    assert [line.get_color() for line in low.lines if len(line.get_xdata()) > 2] == [OTHER2, GRAD]


def test_points_stand_on_the_axis_and_the_one_to_drag_is_told_apart():
    def points(figure):
        dots = [*lines(figure, sheet.INK), *lines(figure, GRAD)]
        dots = [dot for dot in dots if dot.get_marker() == "o"]
        places = [dot.get_transform().transform(dot.get_xydata())[0] for dot in dots]
        (top, _) = figure.axes
        return {
            (*np.round(top.transData.inverted().transform(place), 3).tolist(), dot.get_color())
            for dot, place in zip(dots, places, strict=True)
        }

    e = curves(points=lambda k: [-1, k], drag="k")
    assert {(-1, -1, sheet.INK), (1, -1, GRAD)} <= points(e.figure())
    e.k = 2
    assert {(-1, -1, sheet.INK), (2, -1, GRAD)} <= points(e.figure())


def test_points_lie_above_the_probe_and_its_number():
    figure = curves(points=[0]).figure()
    (point,) = ranks(figure, sheet.INK, "o")
    assert point > max(*ranks(figure, LOSS, "o"), *ranks(figure, sheet.INK), rank(figure, "1.000"))


def test_marks_have_a_line_where_they_are_and_a_name_if_they_are_on_the_axis():
    e = curves(marks={"target": -1, "k": lambda k: k, "far": 9})
    figure = e.figure()
    ends = [line.get_transform().transform(line.get_xydata())[0] for line in lines(figure, sheet.SOFT)]
    shown = figure.axes[0].transData.inverted().transform(ends)
    assert shown[:, 0] == pytest.approx([-1, 1])
    assert {"target", "k"} <= set(texts(e)) and "far" not in texts(e)


def test_marks_lie_over_the_grid_and_below_the_curves():
    figure = curves(marks={"target": -1}).figure()
    (mark,) = ranks(figure, sheet.SOFT)
    assert max(ranks(figure, sheet.GRID)) < mark < min(ranks(figure, LOSS))
    assert rank(figure, "target") > rank(figure, "1.000")


def test_the_tangent_ends_at_its_box():
    figure = explore(lambda x: 50 * x, x=(-1, 1, 0.1), y=(0, 1), probe=0, title="steep").figure()
    (tangent,) = [line for line in lines(figure, GRAD) if line.get_marker() == "None"]
    top, box = figure.axes[0].bbox, tangent.get_clip_box()
    assert (box.x0, box.x1) == pytest.approx((top.x0, top.x1))
    assert (box.y0, box.y1) == pytest.approx((top.y0 - sheet.MARGIN, top.y1 + sheet.MARGIN))


def test_the_numbers_at_the_probe_have_the_digits_of_the_explorer_and_a_real_minus():
    assert {"1.00", "−2.00"} <= set(texts(curves(digits=2)))
    e = curves(digits=1, probe=-2, grad_y=(-9, 9))
    e.k = 2
    assert {"18.0 ↑", "−12.0 ↓"} <= set(texts(e))


def test_what_is_to_be_predicted_is_covered():
    e = curves(predict=True)
    _, low = e.figure().axes
    assert "Predict, then reveal" in texts(e) and "−2.000" not in texts(e)
    assert not [line for line in low.lines if len(line.get_xdata()) > 2]
    e.revealed = True
    assert "Predict, then reveal" not in texts(e) and "−2.000" in texts(e)


# Bars


def bars(count=2, **options):
    values = lambda a: [-a, *[0.12345] * (count - 1)]  # noqa: E731
    groups = {
        "z": Bars(values, outline=lambda a: [1] * count),
        "g": Bars(values, reveal=True, style="grad", range=(-2, 2)),
    }
    readout = {"loss": lambda a: a / 3}
    labels = "abcdefghijkl"[:count]
    return explore_bars(groups, labels, controls={"a": Slider(1, 2, 1, step=1)}, readout=readout, **options)


def test_bars_show_their_numbers_their_outline_and_the_read_outs():
    e = bars(digits=3)
    first, second = e.figure().axes
    heights = [[bar.get_height() for bar in ax.patches] for ax in (first, second)]
    assert heights == [pytest.approx([-1, 0.12345, 1, 1]), pytest.approx([-1, 0.12345])]
    ink = [text.get_color() for text in e.figure().texts if text.get_text() in ("loss", "0.333")]
    assert ink == [sheet.INK] * 2
    assert texts(e).count("−1.000") == texts(e).count("0.123") == 2
    assert texts(e)[texts(e).index("loss") + 1] == "0.333"


def test_an_outline_ends_with_its_axis_and_one_without_a_height_is_not_drawn():
    group = Bars(lambda: [0.5, 0.5, 0.5], outline=lambda: [0, 3, 1], range=(0, 1))
    (ax,) = explore_bars({"p": group}, "abc", title="p").figure().axes
    frames = [bar for bar in ax.patches if not bar.get_fill()]
    assert [(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in frames] == [(1.5, 1), (2.5, 1)]
    assert not any(bar.get_clip_on() for bar in frames)


def test_bars_to_drag_have_a_grip_where_there_is_room_for_it():
    def grips(values):
        slider = Slider(-1, 1, 1, step=1)
        group = Bars(lambda a: [v * a for v in values], drag=["a", None, "a"], range=(-1, 1))
        return lines(explore_bars({"z": group}, "abc", controls={"a": slider}).figure(), sheet.PAPER)

    assert [len(grips(values)) for values in ([1, 1, -1], [1, 1, 0.01], [0, 1, 0])] == [2, 1, 0]


def test_many_bars_show_fewer_digits():
    assert "0.12" in texts(bars(8, digits=4)) and "0.1" in texts(bars(12, digits=4))


def test_a_group_that_is_to_be_predicted_is_covered():
    e = bars(predict=True)
    assert len(e.figure().axes[1].patches) == 0 and "Predict, then reveal" in texts(e)


# Maps and cells


def test_a_map_says_its_value_and_its_slopes_with_the_digits_of_the_explorer():
    e = explore_heatmap(lambda u, v: u - 2 * v, probe=(1, 1), digits=2, predict=True)
    assert [texts(e).count(text) for text in ("−1.00", "?", "1.00", "−2.00")] == [2, 2, 0, 0]
    e.revealed = True
    assert [texts(e).count(text) for text in ("−1.00", "?", "1.00", "−2.00")] == [2, 0, 1, 1]


def test_the_arrow_of_a_map_leads_down_and_is_longer_where_it_is_steep():
    e = explore_heatmap(lambda u, v: u * u + 0 * v, probe=(1, 0))

    def shaft():
        (line,) = [line for line in lines(e.figure(), "white") if len(line.get_xdata()) == 2]
        return np.diff(line.get_xdata())[0], np.diff(line.get_ydata())[0]

    near = shaft()
    e.probe_x = 3
    far = shaft()
    assert far[0] < near[0] < 0 and near[1] == far[1] == pytest.approx(0, abs=1e-3)
    e.probe_x = 0
    assert not lines(e.figure(), "white")


def test_colours_are_those_of_the_bands_and_gaps_are_transparent():
    e = explore_heatmap(lambda: [[0, 1, np.nan]], cells=(1, 3), value_range=(0, 1), bands=4)
    (image,) = e.figure().axes[0].images
    hexes = [figures.to_hex(color) for color in image.get_array()[0, :2]]
    assert hexes == [e.spec["colors"][0], e.spec["colors"][-1]] and image.get_array()[0, 2, 3] == 0


def test_cells_show_as_many_digits_as_fit_and_never_a_wrong_whole_number():
    def e(columns):
        return explore_heatmap(
            lambda: [[2, *[0.256] * (columns - 1)]], cells=(1, columns), digits=3, probe=(0, 0)
        )

    assert "0.256" in texts(e(4)) and "0.3" in texts(e(20))
    assert "0.256" not in texts(e(28)) and texts(e(28)).count("2") == 2  # the bar has one, too


def test_narrow_cells_say_what_is_no_number():
    values = [[np.nan, np.inf, *[0.5] * 26]]
    e = explore_heatmap(lambda: values, cells=(1, 28), value_range=(0, 1), probe=(3, 0))
    assert {"nan", "inf"} <= set(texts(e)) and texts(e).count("0.500") == 1


def test_the_cell_of_the_probe_is_framed_and_its_number_stands_beside():
    e = explore_heatmap(lambda: [[0, 1], [2, 3]], cells=(2, 2), probe=(1, 0), digits=1)
    assert texts(e).count("1.0") == 2
    figure = e.figure()
    (frame,) = lines(figure, "white")
    corners = frame.get_transform().transform(frame.get_xydata())
    cells = figure.axes[0].transData.inverted().transform(corners)
    assert (cells.min(0), cells.max(0)) == (pytest.approx([0.5, -0.5]), pytest.approx([1.5, 0.5]))


# A plane


def plane(**options):
    return explore_plane(
        lambda u: [[0, 0], [u, 1], [np.nan, 0]],
        lambda u: [[1, 0], [0, 0.001], [1, 1]],
        ["a", "b", "gone"],
        controls={"u": Slider(-1, 1, 1, step=0.5), "v": [0, 1]},
        circles={"reach": lambda u, v: abs(u) + v},
        readout={"loss": lambda u: -u / 3},
        **options,
    )


def test_a_plane_shows_circles_names_and_read_outs():
    e = plane()
    (ring,) = [patch for patch in e.figure().axes[0].patches if isinstance(patch, Circle)]
    assert (ring.get_radius(), tuple(ring.center)) == (1, (0, 0))
    assert {"a", "b", "reach", "−0.33"} <= set(texts(e)) and "gone" not in texts(e)
    e.u = 0
    assert not e.figure().axes[0].patches


def test_arrows_shorter_than_a_pixel_are_left_out():
    (ax,) = plane().figure().axes
    starts = {
        line.get_xdata()[0] for line in ax.lines if line.get_gid() == "step" and len(line.get_xdata()) == 2
    }
    assert starts == {0}


def test_arrows_that_are_to_be_predicted_leave_no_trace():
    e = plane(predict=True)
    assert "Predict the arrows, then reveal" in texts(e)
    assert not [line for line in e.figure().axes[0].lines if line.get_gid() == "step"]


def test_what_lies_above_in_a_plane_is_drawn_last():
    figure = plane().figure()
    (ax,) = figure.axes
    here = [one for one in order(figure) if one in ax.lines or one in ax.texts]
    kinds = ["name" if isinstance(one, Text) else one.get_gid() or one.get_marker() for one in here]
    assert kinds == ["name"] * 3 + ["step"] * 2 + ["o"] * 2
    assert all(text.get_clip_on() for text in ax.texts)


# A training


def training(**options):
    curves = {"MSE": [[0, 1], [1, 2]], "L1": [[0, 0], [1, 1]], "Huber": [[0, 0], [1, 1]]}
    history = {"MSE": [2, 1], "L1": [1, 0.5], "Huber": [1, 0.25]}
    data = {"kept": ([0, 0.5], [1, 2]), "far": ([1], [9]), "new": ([0.2], [1])}
    return explore_training(curves, history, x=[0, 1], data=data, title="fits", **options)


def test_a_model_that_is_switched_off_leaves_its_place_among_the_read_outs():
    def place(e):
        (found,) = [text.get_position() for text in e.figure().texts if text.get_text() == "Huber"]
        return found

    assert place(training()) == place(training(hidden=["L1"]))


def test_later_models_lie_above_earlier_ones_and_the_dots_above_the_epoch():
    figure = training().figure()
    _, right = figure.axes
    colors = [line.get_color() for line in right.lines if line.get_marker() == "None"]
    assert colors == [LOSS, LOSS, OTHER1, OTHER1, OTHER2, OTHER2, sheet.INK]
    assert [line.get_color() for line in right.lines if line.get_marker() == "o"] == [LOSS, OTHER1, OTHER2]
    assert max(ranks(figure, sheet.INK)) < min(ranks(figure, LOSS, "o"))


# All of them


def cells(rows, columns):
    values = np.where(np.eye(rows, columns) > 0, np.nan, 2 / 3)
    return explore_heatmap(lambda: values, cells=(rows, columns), title="cells")


STILLS = {
    "curves": curves,
    "curves, covered": partial(curves, predict=True, hidden=["L1"], marks={"target": -1, "far": 9}),
    "a curve out of its axis": partial(curves, y=(0, 3), probe=-2, digits=2),
    "bars": partial(bars, digits=3),
    "bars, covered": partial(bars, 4, predict=True),
    "many bars": partial(bars, 12, digits=4),
    "a map": lambda: explore_heatmap(lambda u, v: u - 2 * v, probe=(1, 1), digits=2, title="map"),
    "a map, covered": lambda: explore_heatmap(lambda u, v: u - 2 * v, predict=True, title="map"),
    **{
        f"{rows} x {columns} cells": partial(cells, rows, columns)
        for rows, columns in ((2, 2), (9, 9), (3, 12), (1, 28), (20, 20))
    },
    "a plane": plane,
    "a plane, covered": partial(plane, predict=True),
    "a lattice": lattice,
    "a lattice, covered": partial(lattice, predict=True),
    "a mask": mask,
    "a mask, covered": partial(mask, predict=True, write="number"),
    "a mask with numbers": partial(mask, show="BCE", write="number", painted=BLOCK),
    "a mask that adds over pixels": partial(mask, show="weighted", write="nothing", painted=DOT),
    "a mask of small pixels": lambda: explore_mask({"l": lambda p, t: p.mean()}, np.eye(16), write="number"),
    "a mask over nothing": partial(mask, targets=0 * DOT, painted=DOT, variable="z", digits=2),
    "a training": partial(training, hidden=["L1"]),
}


def test_each_kind_of_panel_is_among_them():
    assert {make().spec["kind"] for make in STILLS.values()} == set(PANELS)


@pytest.fixture(scope="module")
def on_pages():
    """By the name of the still, the texts of the page's drawing at the width of a still."""
    made = [make() for make in STILLS.values()]
    jobs = [
        {
            "spec": e.spec,
            "table": base64.b64encode(e.table).decode(),
            "state": {"index": e.index, "revealed": e.revealed, "hidden": e.hidden},
        }
        for e in made
    ]
    done = node(ROOT / "tests" / "js" / "drawn.mjs", input=json.dumps(jobs))
    assert not done.stderr, done.stderr
    return dict(zip(STILLS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", STILLS)
def test_a_still_has_the_texts_of_the_page(on_pages, name):
    figure = STILLS[name]().figure()
    figure.draw_without_rendering()
    shown = [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    shown.remove(figure.texts[0].get_text())  # the title, which stands above a page's drawing
    # Beside a page's drawing of a training a slider says which epoch it is.
    shown = ["epoch" if text.startswith("epoch ") else text for text in shown]
    assert sorted(shown) == sorted(on_pages[name])
