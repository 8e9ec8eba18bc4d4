"""The still of an explorer shows what the page draws of its setting."""

import re

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from lossviz import Bars, Slider, explore, explore_bars, explore_heatmap, explore_plane, figures
from lossviz.explorer import bundle
from lossviz.panels import PANELS
from lossviz.stills import sheet
from tests.handbook import ROOT

LOSS, GRAD, OTHER1, OTHER2 = (figures.COLORS[name] for name in ("loss", "grad", "other1", "other2"))


def texts(e):
    """The texts of the still, but for those of its axes."""
    return [text.get_text() for text in e.figure().texts]


def lines(figure, color):
    """The lines of this colour on the sheet, but for those of its axes."""
    return [drawn for drawn in figure.artists if isinstance(drawn, Line2D) and drawn.get_color() == color]


def markers(ax, marker):
    """Where and in which colour markers of this shape stand."""
    found = [line for line in ax.lines if line.get_marker() == marker]
    return [(*np.ravel(line.get_data()).tolist(), line.get_color()) for line in found]


def curves(**options):
    return explore(
        lambda x, k: k * (x - 1) ** 2,
        lambda x, k: 2 * k * (x - 1),
        x=(-2, 2, 0.5),
        y=(-1, 8),
        controls={"k": Slider(1, 2, 1, step=1)},
        overlay={"L1": (np.abs, np.sign), "L2": (np.square, lambda x: 2 * x)},
        **{"minimum": True, "probe": 0, "title": "curves"} | options,
    )


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


# Curves


def test_the_lowest_point_of_every_curve_that_is_shown_is_marked():
    e = curves()
    top, _ = e.figure().axes
    assert markers(top, "D") == [(1, 0, LOSS), (0, 0, OTHER1), (0, 0, OTHER2)]
    e.hidden = ["L1"]
    top, _ = e.figure().axes
    assert markers(top, "D") == [(1, 0, LOSS), (0, 0, OTHER2)]
    assert not markers(curves(minimum=False).figure().axes[0], "D")


def test_a_curve_keeps_its_style_whichever_others_are_switched_off():
    e = curves(hidden=["L1"])
    top, low = e.figure().axes
    assert {line.get_label(): line.get_color() for line in top.lines if line.get_label()[0] != "_"} == {
        "curves": LOSS,
        "L2": OTHER2,
    }
    assert [line.get_color() for line in low.lines if len(line.get_xdata()) > 2] == [GRAD, OTHER2]


def test_points_stand_on_the_axis_and_the_one_to_drag_is_told_apart():
    e = curves(points=lambda k: [-1, k], drag="k")
    top, _ = e.figure().axes
    ink = sheet.INK
    assert markers(top, "o") == [(-1, 0, ink), (1, 0, GRAD)]
    e.k = 2
    assert markers(e.figure().axes[0], "o") == [(-1, 0, ink), (2, 0, GRAD)]


def test_marks_have_a_line_where_they_are_and_a_name_if_they_are_on_the_axis():
    e = curves(marks={"target": -1, "k": lambda k: k, "far": 9})
    figure = e.figure()
    ends = [line.get_transform().transform(line.get_xydata())[0] for line in lines(figure, sheet.SOFT)]
    shown = figure.axes[0].transData.inverted().transform(ends)
    assert shown[:, 0] == pytest.approx([-1, 1])
    assert {"target", "k"} <= set(texts(e)) and "far" not in texts(e)


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
    labels = [f"name {i}" for i in range(count)]
    return explore_bars(groups, labels, controls={"a": Slider(1, 2, 1, step=1)}, readout=readout, **options)


def test_bars_show_their_numbers_their_outline_and_the_read_outs():
    e = bars(digits=3)
    first, second = e.figure().axes
    heights = [[bar.get_height() for bar in ax.patches] for ax in (first, second)]
    assert heights == [pytest.approx([-1, 0.12345, 1, 1]), pytest.approx([-1, 0.12345])]
    assert texts(e).count("−1.000") == texts(e).count("0.123") == 2
    assert texts(e)[texts(e).index("loss") + 1] == "0.333"


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
    assert "0.256" not in texts(e(28)) and texts(e(28)).count("2") == 2  # the cell, and its column


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
