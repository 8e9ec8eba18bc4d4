"""The kinds of explorer: what they hold, show and refuse, without a browser."""

import base64
import html
import itertools
import json
import re
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.text import Text

from lossviz import (
    Bars,
    Choice,
    Explorer,
    Slider,
    explore,
    explore_bars,
    explore_heatmap,
    explore_plane,
    explore_training,
    side_by_side,
)
from lossviz.explorer import bundle, shown
from lossviz.stills.numbers import number
from tests.test_lattice_panel import lattice
from tests.test_mask_panel import DOT, mask

NASTY = "</script><img src=x onerror=alert(1)>"


def huber(x, delta):
    return np.where(np.abs(x) < delta, 0.5 * x * x, delta * (np.abs(x) - 0.5 * delta))


def huber_grad(x, delta):
    return np.clip(x, -delta, delta)


@pytest.fixture
def curve():
    return explore(
        huber,
        huber_grad,
        controls={"delta": Slider(0, 2, 1, step=0.25), "full": False, "reduction": ["mean", None, 3]},
        overlay={"L1": (np.abs, np.sign)},
        marks={"δ": lambda delta, full, reduction: delta},
        title="Huber",
        probe=1.5,
    )


def payload(explorer):
    """The data of the page fragment, as a browser would find it."""
    page = explorer.to_html()
    return json.loads(page.split('<script type="application/json">')[1].split("</script>")[0])


# One line is enough


def test_any_callable_works_in_one_line():
    e = explore(lambda x: abs(x) ** 1.5)
    e.probe = 2
    assert repr(e) == "Explorer('loss', probe=2.0): loss 2.828, gradient 2.121"
    assert e.spec["gradLabel"] == "gradient, by autograd"
    assert e.spec["xLabel"] == "x"


def test_the_panel_says_how_the_gradient_was_found():
    assert explore(F.softplus).spec["gradLabel"] == "gradient, by autograd"
    assert explore(np.cosh).spec["gradLabel"] == "gradient, by central differences"
    assert explore(np.sinh, np.cosh).spec["gradLabel"] == "gradient ∂loss/∂x"
    huber = explore(
        lambda x, delta: F.huber_loss(x, torch.zeros_like(x), delta=delta), controls={"delta": [1.0, 2.0]}
    )
    huber.delta, huber.probe = 2.0, 3.0  # a mean, called point by point
    assert huber.spec["gradLabel"] == "gradient, by autograd"
    assert repr(huber).endswith("loss 4.000, gradient 2.000")


@pytest.mark.parametrize("function", [torch.abs, F.softplus, torch.nn.Softplus(), torch.nn.Tanhshrink()])
def test_functions_of_torch_work_as_they_are(function):
    e = explore(function)
    x = torch.tensor(e.spec["controls"][0]["values"], dtype=torch.float64, requires_grad=True)
    expected = function(x)
    expected.sum().backward()
    assert e.values("loss") == pytest.approx(expected.detach().numpy(), abs=1e-6)
    assert e.values("grad") == pytest.approx(x.grad.numpy(), abs=1e-6)


def test_a_heat_map_of_a_one_liner_finds_its_own_gradient():
    e = explore_heatmap(lambda u, v: u * u + 3 * v, probe=(1, 2))
    at = e.index["probe_y"] * len(e.spec["controls"][0]["values"]) + e.index["probe_x"]
    assert [e.values("grad", axis)[at] for axis in "xy"] == pytest.approx([2 * e.probe_x, 3], abs=1e-5)
    assert (e.spec["xLabel"], e.spec["yLabel"]) == ("u", "v")


# Points in the plane


def places(u, v):
    return np.array([[0.0, 0.5], [u, v]])


def springs(u, v, stiffness):
    pull = stiffness * (places(u, v)[1] - places(u, v)[0])
    return np.array([pull, -pull])


def plane(**options):
    controls = {"u": Slider(-2, 2, 1, step=0.5), "v": (-1.0, 1.0, 0.5), "stiffness": [0.5, 1]}
    return explore_plane(
        places,
        springs,
        ["anchor", "drag me"],
        **{
            "controls": controls,
            "circles": {"reach": lambda stiffness: 2 * stiffness},
            "readout": {"energy": lambda u, v, stiffness: stiffness * (u**2 + (v - 0.5) ** 2) / 2},
            "drag": ("u", "v"),
            "title": "springs",
        }
        | options,
    )


def test_the_plane_holds_what_the_functions_return_at_every_position():
    e = plane()
    u, v, stiffness = (control["values"] for control in e.spec["controls"])
    for e.u, e.v, e.stiffness in itertools.product(u, v, stiffness):
        assert e.values("points").reshape(2, 2) == pytest.approx(places(e.u, e.v))
        assert e.values("arrows").reshape(2, 2) == pytest.approx(springs(e.u, e.v, e.stiffness))
        assert e.values("circle", "reach") == 2 * e.stiffness
        assert e.values("readout", "energy") == e.stiffness * (e.u**2 + (e.v - 0.5) ** 2) / 2


def test_the_plane_says_its_readouts_and_places_but_no_arrow():
    e = plane(predict=True)
    e.v = -1
    assert repr(e) == (
        "Explorer('springs', u=1.0, v=-1.0, stiffness=0.5): "
        f"energy {0.5 * (1 + 1.5**2) / 2:.2f}; anchor at 0.00, 0.50; drag me at 1.00, -1.00"
    )


def test_the_picture_of_a_plane_shows_arrows_only_when_they_are_revealed():
    e = plane(predict=True, stretch=0.5, x=(-4, 4), y=(-1, 2))
    figure = e.figure()
    (ax,) = figure.axes
    assert not [drawn for drawn in ax.lines if drawn.get_gid() == "step"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-4, 4), (-1, 2))
    assert [text.get_text() for text in figure.texts[:3]] == ["springs", "energy", "0.31"]
    e.revealed = True
    (ax,) = e.figure().axes
    shafts = [drawn.get_xydata() for drawn in ax.lines if drawn.get_gid() == "step"][::2]
    assert [shaft[0] for shaft in shafts] == pytest.approx(places(1.0, 0.0))
    assert [shaft[1] - shaft[0] for shaft in shafts] == pytest.approx(0.5 * springs(1.0, 0.0, 0.5))


# Reading and setting


def test_a_control_is_read_and_set_from_python(curve):
    curve.delta = 0.6
    assert curve.delta == 0.5
    curve.delta = np.float32(1.26)
    assert curve.delta == 1.25
    curve.full = 1
    assert curve.full is True
    curve.reduction = None
    assert curve.reduction is None
    curve.probe = -1
    assert repr(curve).endswith("loss 0.500, gradient -1.000")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("delta", 3, "delta must be a number between 0 and 2, got 3"),
        ("delta", "1", "delta must be a number between 0 and 2, got '1'"),
        ("full", 2, "full must be one of [False, True], got 2"),
        ("reduction", "sum", "reduction must be one of ['mean', None, 3], got 'sum'"),
        ("probe", 4, "probe must be a number between -3 and 3, got 4"),
        ("hidden", ["MSE"], "hidden must name overlays, one of ['L1'], got 'MSE'"),
    ],
)
def test_a_setting_that_is_none_is_refused_and_changes_nothing(curve, name, value, rule):
    before = getattr(curve, name)
    with pytest.raises(ValueError) as error:
        setattr(curve, name, value)
    assert str(error.value) == rule
    assert getattr(curve, name) == before


def test_a_typo_is_told_with_the_names_that_come_close(curve):
    with pytest.raises(AttributeError, match="what can be set is delta, got 'dleta'"):
        curve.dleta = 1
    with pytest.raises(AttributeError, match="is delta, full, reduction, probe, revealed, hidden, got 'zzz'"):
        curve.zzz = 1
    curve.comm, curve.layout, curve.tooltip = None, ipywidgets.Layout(), "of ipywidgets itself"


@pytest.fixture
def page(curve, monkeypatch):
    """What the page has: it sends a state, and gets what Python sends."""
    state = {}
    monkeypatch.setattr(curve, "_send", lambda message, buffers=None: state.update(message.get("state", {})))

    def send(**values):
        state.update(values)
        curve.set_state(values)
        return {name: state[name] for name in values}

    return send


@pytest.mark.parametrize(
    "sent",
    [
        {"delta": 70},  # a Play that runs on, linked in the page
        {"delta": 0.6},  # between two positions
        {"delta": 1.01},  # and already there
        {"delta": None},  # what JSON makes of nan
        {"reduction": "sum"},
        {"hidden": ["nothing"]},
        {"revealed": "yes"},
        {"delta": 70, "full": True, "hidden": ["L1"], "probe": -9},
        {"delta": 0.25, "full": True, "revealed": False, "hidden": ["L1"]},
    ],
)
def test_the_page_has_what_python_has_whatever_it_sends(curve, page, sent):
    there = page(**sent)
    assert there == {name: getattr(curve, name) for name in sent}
    if "full" in sent:  # what is right among it is kept
        assert curve.full is True and curve.hidden == ["L1"]


def test_what_is_refused_together_with_others_changes_nothing(curve):
    before = repr(curve)
    with pytest.raises(ValueError, match="probe must be"), curve.hold_trait_notifications():
        curve.delta, curve.probe = 0.5, 99
    with pytest.raises(ValueError, match="hidden must name overlays"), curve.hold_trait_notifications():
        curve.delta, curve.hidden = 0.5, ["MSE"]
    assert repr(curve) == before and curve.hidden == []


def test_an_explorer_is_made_by_explore():
    with pytest.raises(ValueError, match="made by explore or one of its sisters, got no spec"):
        Explorer()


def test_observe_tells_of_a_change_once_and_of_no_change_never(curve):
    seen = []
    curve.observe(lambda change: seen.append((change.old, change.new)), "delta")
    curve.delta = 0.5
    curve.delta = 0.55
    assert seen == [(1.0, 0.5)]


def test_reset_goes_back_to_the_first_setting(curve):
    first = repr(curve)
    curve.delta, curve.full, curve.reduction, curve.probe = 0.5, True, 3, 0
    curve.hidden, curve.revealed = ["L1"], False
    curve.reset()
    assert (repr(curve), curve.hidden, curve.revealed) == (first, [], True)


def test_two_explorers_share_no_state(curve):
    other = explore(huber, controls={"delta": Slider(0, 2, 1)})
    other.delta = 0.5
    assert curve.delta == 1.0
    assert not hasattr(other, "full")


def test_an_explorer_composes_with_other_widgets(curve):
    slider = ipywidgets.FloatSlider(min=0, max=2)
    link = ipywidgets.link((curve, "delta"), (slider, "value"))
    slider.value = 0.25
    assert curve.delta == 0.25
    link.unlink()
    assert ipywidgets.jslink((curve, "delta"), (slider, "value")).source == (curve, "delta")
    assert ipywidgets.HBox([curve, slider]).children[0] is curve


def test_side_by_side_links_what_both_have():
    one = explore(lambda x, k, j: k * j * x, controls={"k": (1, 3, 1), "j": (1, 2, 1)}, title="one")
    two = explore(lambda x, k, j: k * x, controls={"k": (1, 5, 1), "j": [1, 2]}, call="{j}", title="two")
    row = side_by_side(one, two)
    assert one.spec["linked"] == two.spec["linked"] == {"group": "one+two", "names": ["k", "probe"]}
    bundle = row._repr_mimebundle_()
    assert bundle["text/plain"] == repr(row) == f"SideBySide({one!r}, {two!r})"
    assert bundle["text/html"].count('class="lossviz-page"') == 2
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_side_by_side_refuses_what_cannot_keep_in_step():
    curve = explore(np.abs)
    bars = explore_bars({"a": lambda k: [k, k]}, ["u", "v"], controls={"k": (0, 1, 0.5)})
    for explorers, rule in [
        ([curve], "at least two"),
        ([curve, 3], "got .3."),
        ([curve, curve], "different explorers"),
        ([curve, bars], "share by name"),
    ]:
        with pytest.raises(ValueError, match=rule):
            side_by_side(*explorers)
    assert "linked" not in curve.spec


def test_side_by_side_opens_what_was_closed():
    one, closed = explore(np.abs), explore(np.square)
    closed.close()
    row = side_by_side(one, closed)
    assert closed.comm is not None and closed.model_id in str(row.get_state())


def test_a_cell_with_a_row_can_run_again_and_leaves_no_stale_link():
    a, b, c, d = (explore(np.abs, title=title) for title in "abcd")
    side_by_side(a, b)
    assert [e.spec["linked"]["group"] for e in side_by_side(a, b).children] == ["a+b", "a+b"]
    side_by_side(a, c)  # b was made anew
    assert "linked" not in b.spec and a.spec["linked"] == c.spec["linked"]
    side_by_side(b, c, d)
    assert "linked" not in a.spec
    side_by_side(d, a)  # two of three are still side by side
    assert b.spec["linked"] == c.spec["linked"] == {"group": "b+c+d", "names": ["probe"]}
    assert a.spec["linked"]["group"] == "d+a"


def test_the_page_gets_the_present_setting(curve):
    curve.delta, curve.full, curve.reduction, curve.hidden = 0.5, True, None, ["L1"]
    assert payload(curve)["state"] == {
        "delta": 0.5,
        "full": True,
        "reduction": None,
        "probe": 1.5,
        "revealed": True,
        "hidden": ["L1"],
    }


# What a host gets


def ask(monkeypatch, **content):
    request = {"content": content}
    monkeypatch.setattr(shown, "get_ipython", lambda: SimpleNamespace(get_parent=lambda: request))


def test_a_program_that_runs_a_notebook_gets_no_view_of_a_kernel_that_will_be_gone(curve, monkeypatch):
    row = side_by_side(curve, explore(np.square))
    view = "application/vnd.jupyter.widget-view+json"
    for content, live in [({"allow_stdin": False}, False), ({"allow_stdin": True}, True), ({}, True)]:
        ask(monkeypatch, **content)
        for thing in (curve, row):
            bundle = thing._repr_mimebundle_()
            assert (view in bundle) == live and "lossviz-page" in bundle["text/html"]


def test_only_one_explorer_brings_the_code_and_the_others_call_it(curve):
    with_code, without = curve.to_html(), curve.to_html(with_code=False)
    assert bundle.loader() in with_code and bundle.call() in without
    assert len(without) < len(with_code) - 10_000
    assert bundle.digest() in bundle.call()


def test_the_display_bundle_serves_live_hosts_pages_and_plain_viewers(curve):
    bundle = curve._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "image/png",
        "text/plain",
    }
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["image/png"] in bundle["text/html"]


def test_what_is_shown_is_the_same_in_every_run(curve):
    again = explore(huber, huber_grad, title="Huber", controls={"delta": (0.0, 2.0)}, probe=1.5)
    assert repr(curve) == (
        "Explorer('Huber', delta=1.0, full=False, reduction='mean', probe=1.5): loss 1.000, gradient 1.000"
    )
    assert again.to_html() == again.to_html()
    assert not re.search(r"0x[0-9a-f]{6}", repr(again) + again.to_html().split("<script")[0])


@pytest.mark.parametrize(
    ("kind", "begins"),
    [("html", b"<!doctype html>"), ("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")],
)
def test_a_saved_explorer_is_a_file_of_the_present_setting(curve, tmp_path, kind, begins):
    first = curve.save(tmp_path / f"first.{kind}").read_bytes()
    assert first.startswith(begins) and first == curve.save(str(tmp_path / f"second.{kind}")).read_bytes()
    curve.delta = 0.5
    assert curve.save(tmp_path / f"first.{kind.upper()}").read_bytes() != first


def test_a_saved_page_is_the_fragment_in_a_page_that_asks_nothing_from_outside(curve, tmp_path):
    e = explore(np.abs, title=NASTY)
    page = e.save(tmp_path / "page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>\n<html lang=") and page.endswith(f"{e.to_html()}\n</html>\n")
    head = page.split("<div")[0]
    assert html.escape(NASTY) in head and NASTY not in head and "light dark" in head
    assert not re.search(r"(?:src|href)=\"?https?:", page)
    row = side_by_side(curve, explore(huber, controls={"delta": Slider(0, 2, 1, step=0.25)}, title="Right"))
    page = row.save(tmp_path / "row.html").read_text("utf-8")
    assert page.count('class="lossviz-page"') == 2 and "<title>Huber · Right</title>" in page
    assert page.count("DecompressionStream") == curve.to_html().count("DecompressionStream") > 0


def test_an_explorer_is_saved_in_what_a_browser_or_a_paper_takes(curve, tmp_path):
    with pytest.raises(ValueError, match=r"saved as .html, .png, .svg, .pdf, got 'x.gif'"):
        curve.save("x.gif")
    with pytest.raises(ValueError, match=r"a row of explorers is saved as .html, got 'x.png'"):
        side_by_side(curve, explore(huber, controls={"delta": (0.0, 2.0)})).save("x.png")
    with pytest.raises(FileNotFoundError):
        curve.save(tmp_path / "nowhere" / "x.html")


def test_a_rounded_zero_has_no_sign():
    assert repr(explore(lambda x: -1e-9 * x, probe=1, y=(-1, 1))).endswith("loss 0.000, gradient 0.000")


def test_a_prediction_is_not_given_away_by_the_words():
    e = explore(np.square, np.sign, predict=True, probe=2)
    assert repr(e).endswith("loss 4.000")
    e.revealed = True
    assert repr(e).endswith("loss 4.000, gradient 1.000")
    b = explore_bars({"z": lambda: [1, 2], "g": Bars(lambda: [3, 4], reveal=True)}, "ab", predict=True)
    assert repr(b) == "Explorer('bars'): z 1.00, 2.00"


def test_text_from_python_cannot_leave_its_place():
    e = explore(
        np.square,
        overlay={"L1" + NASTY: np.abs},
        controls={"k": Choice([NASTY, "b"], label=NASTY)},
        marks={NASTY: lambda k: 0},
        title=NASTY,
        x_label=NASTY,
        call=NASTY + "{k}",
    )
    page = e.to_html()
    assert payload(e)["spec"]["title"] == NASTY
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img src=x" not in page
    assert html.escape(repr(e), quote=True) in page


def test_the_code_of_the_page_does_not_close_its_own_script():
    code = explore(np.abs).to_html().split('<script type="module" data-lossviz="code">')[1]
    assert code.count("</") == code.count("</script") + code.count("</div")


@pytest.mark.parametrize(
    "make",
    [
        lambda: explore(lambda x: x * np.nan),
        lambda: explore(lambda x: x * np.inf),
        lambda: explore(lambda x: 0 * x + 1e12),
        lambda: explore(np.log, hidden=["L1"], overlay={"L1": np.abs}, predict=True),
        lambda: explore_bars({"g": lambda: [np.nan, np.inf]}, "ab"),
        lambda: explore_bars({"g": Bars(lambda: [1, 2], reveal=True)}, "ab", predict=True),
        lambda: explore_heatmap(lambda x, y: np.log(x) + y),
        lambda: explore_heatmap(lambda x, y: 0 * x + np.nan),
        lambda: explore_heatmap(lambda: np.array([[np.nan, 1.0]]), cells=(1, 2)),
        lambda: explore_plane(
            lambda: [[np.nan, 0]], lambda: [[np.inf, 0]], "a", circles={"r": lambda: np.nan}
        ),
    ],
)
def test_gaps_constants_and_nothing_at_all_can_be_drawn(make):
    e = make()
    assert e.to_html()
    assert "0x" not in repr(e)


# Axes


def test_an_axis_covers_what_is_finite():
    e = explore(lambda x: np.where(x > 0, x, np.inf), grad=lambda x: 0 * x + np.nan, x=(-1, 1, 0.01))
    lo, hi = e.spec["range"]
    assert lo == 0
    assert 1 <= hi < 1.2
    assert e.spec["gradRange"] == [0.0, 1.0]


def test_a_few_huge_values_do_not_flatten_the_curve():
    e = explore(lambda x: np.where(x == 0, 1e12, x * x), x=(-1, 1, 0.01))
    assert e.spec["range"][1] < 5


def test_a_curve_that_is_mostly_zero_keeps_the_part_that_is_not():
    e = explore(lambda x: np.where(x > 0.99, 7.0, 0.0), lambda x: 0 * x, x=(-1, 1, 0.01))
    assert e.spec["range"][1] >= 7


def test_a_constant_stands_inside_an_axis_of_its_own_size():
    lo, hi = explore(lambda x: 0 * x - 1e12).spec["range"]
    assert lo < -1e12 - 1e11
    assert hi > -1e12 + 1e11


@pytest.mark.parametrize("size", [1e-9, 1e-3, 1.0, 1e9])
def test_an_axis_fits_small_and_large_numbers_alike(size):
    e = explore(lambda x: size * x**2, x=(-1, 1))
    assert e.spec["range"] == pytest.approx([0, 1.06 * size])
    assert e.spec["gradRange"] == pytest.approx([-2.24 * size, 2.24 * size], rel=1e-3)
    tilted = explore(lambda x: size * x).spec["gradRange"]  # a constant, but for the rounding
    assert 0 < tilted[0] < 0.6 * size and 1.4 * size < tilted[1] < 2 * size


def test_numbers_that_would_all_read_0_are_written_as_powers_of_ten():
    e = explore(lambda x: 1e-9 * x**2, x=(-1, 1), probe=0.5)
    assert repr(e).endswith("loss 2.50e-10, gradient 1.00e-09")
    assert explore(lambda x: 1e-3 * x**2, x=(-1, 1)).spec["digits"] == 3
    assert repr(explore_bars({"z": lambda: [1e-7, 0]}, "ab")).endswith("z 1.00e-07, 0")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12345.678, 3, "12346"),
        (1234.5678, 3, "1234.6"),
        (123.456789, 3, "123.46"),
        (-12.3456, 2, "-12.35"),
        (0.000123456789, 12, "0.00012346"),
        (99999.4, 1, "99999"),
        (123456.78, 3, "1.23e+05"),
        (-1.234e-8, -2, "-1.23e-08"),
        (0, 3, "0.000"),
        (1e39, 3, ">3.40e+38"),
        (-1e300, 3, "<-3.40e+38"),
        (np.inf, 3, "inf"),
        (np.nan, 3, "nan"),
    ],
)
def test_no_digit_is_shown_that_is_not_kept(value, digits, text):
    e = explore_bars({"z": lambda: [value]}, "a", digits=max(digits, 0))
    assert number(e.values("bars")[0], digits) == text
    if digits >= 0:
        assert repr(e).endswith(f"z {text}")
        drawn = {found.get_text() for found in e.figure().findobj(Text)}
        assert text.replace("-", "−") in drawn


@pytest.mark.parametrize("name", ["$x_{$", r"$\nothing$"])
def test_texts_from_python_are_no_formulas_in_the_picture(name):
    made = [
        explore(np.abs, overlay={name: np.square}, title=name, label="l", x_label=name, loss_label=name),
        explore_bars({name: lambda: [1]}, [name], readout={name: lambda: 1}, title=name),
        explore_heatmap(lambda x, y: x, title=name, x_label=name, y_label=name, value_label=name),
        plane(title=name, readout={name: lambda: 1}, circles={name: lambda: 1}),
        lattice(title=name, readout={name: lambda: 1}, bars={name: lambda: np.eye(2, 3)}, x_label=name),
        mask(
            title=name,
            losses={name: lambda p, t: p.mean()},
            targets={name: DOT},
            per_pixel=[],
            controls={},
            variable=name,
        ),
        explore_training(
            {name: [[1, 2], [3, 4]], "b": [[1, 2], [3, 4]]},
            {name: [1, 2], "b": [1, 2]},
            x=[0, 1],
            data={name: ([0], [1])},
            title=name,
            x_label=name,
            y_label=name,
            history_label=name,
        ),
    ]
    for e in made:
        figure = e.figure()
        assert e.to_html()
        assert [t for t in figure.findobj(Text) if name in t.get_text()]
        assert not [t for t in figure.findobj(Text) if name in t.get_text() and t.get_parse_math()]


def test_numpys_numbers_and_strings_are_taken_everywhere():
    yes, three, text = np.True_, np.int64(3), np.str_("k")
    control = {"k": Slider(np.int64(0), np.int64(2), np.int64(1), step=np.int64(1), label=np.str_("κ"))}
    made = [
        explore(
            lambda x, k: x * k,
            x=(np.int64(-1), np.int64(1), np.int64(1)),
            controls=control | {"on": np.False_},
            overlay={"a": np.abs},
            points=[0.5],
            drag=text,
            minimum=yes,
            predict=yes,
            hidden=np.array(["a"]),
            digits=three,
            title=np.str_("t"),
            call="{on}",
        ),
        explore_bars(
            {"z": Bars(lambda k: [k], reveal=yes, drag=np.array(["k"]), range=(np.int64(0), three))},
            np.array(["a"]),
            controls=control,
            digits=three,
        ),
        explore_heatmap(lambda: np.eye(3), cells=(three, three), bands=three, probe=(np.int64(1), 2)),
        plane(stretch=np.float32(1), predict=yes, styles=np.array(["loss", "grad"]), digits=three),
        mask(low=np.float32(0.25), high=np.float64(0.75), predict=yes, painted=DOT > 0, digits=three),
        lattice(whole=np.float32(1), predict=yes, styles=np.array(["loss"] * 3), digits=three),
    ]
    for e in made:
        assert e.to_html() and json.loads(json.dumps(e.spec)) == e.spec
        assert not re.search(r"np\.|<class", repr(e) + json.dumps(e.spec))


def test_what_can_be_gone_through_only_once_is_taken():
    e = explore(np.square, overlay={"a": np.abs, "b": np.abs}, hidden=(name for name in "ab"))
    assert e.hidden == e.spec["hidden"] == ["a", "b"]
    bars = Bars(lambda k: [k, 1], drag=(name for name in ("k", None)))
    assert explore_bars({"z": bars}, "ab", controls={"k": (0, 1)}).spec["groups"][0]["drag"] == ["k", None]


def test_bars_that_none_drags_are_fixed():
    for drag in (None, (), []):
        e = explore_bars({"z": Bars(lambda: [1, 2], drag=drag)}, "ab")
        assert e.spec["groups"][0]["drag"] == [None, None]


def test_a_function_may_print_without_flooding_the_notebook(capsys):
    def chatty(x):
        print(x)
        return float(x) ** 2

    explore(chatty)
    assert capsys.readouterr().out == ""


def test_a_series_that_there_is_not_is_told_with_those_that_there_are():
    with pytest.raises(ValueError, match="has the series loss 'absolute', grad 'absolute', got gradient"):
        explore(np.abs).values("gradient")
    with pytest.raises(ValueError, match="got history 'MSE'"):
        explore(np.abs).recorded("MSE")


def test_names_of_any_kind_are_shown_as_text():
    e = explore_bars({"z": lambda: [1, 2]}, np.array([3, 4]))
    assert e.spec["labels"] == ["3", "4"]
    assert explore_bars({"z": lambda: [1, 2]}, (k for k in "ab")).spec["labels"] == ["a", "b"]
    assert json.loads(json.dumps(e.spec)) == e.spec


def test_an_axis_is_the_same_for_every_setting():
    e = explore(huber, controls={"delta": (0.5, 2.0)})
    assert e.spec["range"][1] >= huber(3.0, 2.0)


# Errors


def broken(x, beta):
    if beta > 0.5 and x > 0:
        raise RuntimeError("no such place")
    return x


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: explore(3), "the function must be callable, got 3"),
        (lambda: explore(np.abs, grad=3), "the gradient of absolute must be callable, got 3"),
        (lambda: explore(np.abs, overlay={"L1": 3}), "overlay 'L1' must be callable, got 3"),
        (lambda: explore(np.abs, overlay={"L1": (np.abs,)}), "overlay 'L1' must be callable, got (<ufunc"),
        (lambda: explore(np.abs, overlay={"absolute": np.abs}), "none named 'absolute'"),
        (lambda: explore(np.abs, overlay={c: np.abs for c in "abcde"}), "at most 4 curves"),
        (lambda: explore(lambda x: np.zeros(3)), "the function must return one number per point"),
        (
            lambda: explore(broken, controls={"beta": (0, 1, 0.5)}),
            "broken failed at (0.025, beta=1.0): Runtime",
        ),
        (lambda: explore(lambda: 0), "the function failed at (-3): TypeError"),
        (
            lambda: explore(np.abs, x=(3, -3)),
            "x must run from a smaller to a larger finite number, got (3, -3)",
        ),
        (
            lambda: explore(np.abs, x=(1, 1)),
            "x must run from a smaller to a larger finite number, got (1, 1)",
        ),
        (lambda: explore(np.abs, x=5), "x must be (lo, hi) or (lo, hi, step), got 5"),
        (
            lambda: explore(np.abs, x=(0, 1, 2)),
            "the step of x must be a number > 0 and at most the range 1, got 2",
        ),
        (
            lambda: explore(np.abs, y=(2, 1)),
            "y must run from a smaller to a larger finite number, got (2, 1)",
        ),
        (lambda: explore(np.abs, y=2), "y must be (lo, hi), got 2"),
        (lambda: explore(np.abs, probe=9), "x must be a number between -3 and 3, got 9"),
        (lambda: explore(np.abs, hidden=["L1"]), "hidden must name overlays, one of [], got 'L1'"),
        (lambda: explore(np.abs, call="f({beta})"), "call may name the controls ['{probe}'], got '{beta}'"),
        (lambda: explore(np.abs, drag="beta"), "drag must name a slider that moves the last of the points"),
        (lambda: explore(np.abs, controls={"beta": (0, 1)}), "a function that takes it by name, got 'beta'"),
        (lambda: explore(np.abs, marks={"a": "b"}), "failed: ValueError: could not convert string to float"),
        (lambda: explore_bars({"z": 3}, "ab"), "group 'z' must be callable, got 3"),
        (lambda: explore_bars({"z": lambda: [1]}, "ab"), "numbers of shape (2,), got shape (1,)"),
        (lambda: explore_bars({"z": lambda: 1 / 0}, "ab"), "the function failed: ZeroDivisionError"),
        (
            lambda: explore_bars({"z": lambda: [1, 2]}, "ab", readout={"loss": lambda: [1, 2]}),
            "numbers of shape (), got shape (2,)",
        ),
        (
            lambda: explore_bars({"z": Bars(lambda: [1, 2], drag=["a"])}, "ab"),
            "one slider or None a bar, 2 in all",
        ),
        (
            lambda: explore_bars({"z": Bars(lambda: [1, 2], drag="ab")}, "ab"),
            "drag must name sliders of this",
        ),
        (
            lambda: explore_bars({"z": Bars(lambda: [1], drag=5)}, "a"),
            "one slider or None a bar, 1 in all, got 5",
        ),
        (
            lambda: explore_bars({"z": Bars(lambda: [1], style=["loss"])}, "a"),
            "the style of 'z' must be one of",
        ),
        (lambda: explore(np.abs, hidden=np.array(1.0)), "hidden must be a list of overlays, got array(1.)"),
        (lambda: explore_bars({"z": lambda: [1]}, "a", title=None), "title must be a string, got None"),
        (lambda: explore(np.abs, x_label=5), "x_label must be a string, got 5"),
        (
            lambda: explore(lambda x, k: x, controls={"k": Slider(0, 1, label=5)}),
            "the label of k must be a string, got 5",
        ),
        (lambda: plane(styles=5), "styles must hold one style a point, 2 in all"),
        (lambda: explore_heatmap(3), "the function must be callable, got 3"),
        (lambda: explore_heatmap(lambda x, y: x, 3), "the gradient must be callable, got 3"),
        (
            lambda: explore_heatmap(lambda: np.eye(2), cells=(2, 3)),
            "numbers of shape (2, 3), got shape (2, 2)",
        ),
        (
            lambda: explore_heatmap(lambda x, y: x, y=(1, 0)),
            "y must run from a smaller to a larger finite number",
        ),
        (lambda: explore_heatmap(lambda x, y: x, value_range=(1, 0)), "value_range must run from a smaller"),
        (lambda: explore_plane(3, springs, "ab"), "points must be callable, got 3"),
        (
            lambda: explore_plane(places, 3, "ab", controls={"u": [0, 1], "v": [0, 1]}),
            "arrows must be callable",
        ),
        (lambda: plane(circles={"r": 2}), "circle 'r' must be callable, got 2"),
        (lambda: plane(readout={"loss": 2}), "readout 'loss' must be callable, got 2"),
        (lambda: explore_plane(lambda: [1, 2], springs, "a"), "numbers of shape (1, 2), got shape (2,)"),
        (
            lambda: explore_plane(lambda: [[1, 2]], lambda: [[1, 2], [3, 4]], "a"),
            "numbers of shape (1, 2), got shape (2, 2)",
        ),
        (lambda: plane(circles={"r": lambda u: [u]}), "numbers of shape (), got shape (1,)"),
        (lambda: explore_plane(places, springs, []), "labels must be a list of 1 to 60 names, got []"),
        (lambda: plane(styles=["loss"]), "styles must hold one style a point, 2 in all, got ['loss']"),
        (
            lambda: plane(styles=["loss", "red"]),
            "styles must be one of ['loss', 'grad', 'other1', 'other2',",
        ),
        (lambda: plane(drag=("u", "w")), "two sliders that move the last of the points, got ('u', 'w')"),
        (lambda: plane(drag=("u", "stiffness")), "two sliders that move the last of the points, got"),
        (lambda: plane(drag=("u",)), "two sliders that move the last of the points, got ('u',)"),
        (lambda: plane(x=(1, 0)), "x must run from a smaller to a larger finite number, got (1, 0)"),
        (lambda: plane(y=2), "y must be (lo, hi), got 2"),
    ],
)
def test_what_cannot_be_explored_is_refused_with_rule_and_value(make, rule):
    with pytest.raises(ValueError) as error:
        make()
    assert rule in str(error.value)


@pytest.mark.parametrize(
    "name",
    ["probe", "probe_x", "spec", "table", "values", "reset", "observe", "layout", "explorer", "a b", "keys"],
)
def test_a_control_cannot_take_a_name_that_the_widget_has(name):
    with pytest.raises(ValueError, match=f"not taken by the widget, got '{name}'"):
        explore(lambda x, **settings: x, controls={name: (0, 1)})


def test_the_base_class_is_what_isinstance_asks_for(curve):
    assert isinstance(curve, Explorer)
