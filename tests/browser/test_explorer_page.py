"""The explorer on a page without a kernel, in a real browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from lossviz import Bars, Choice, Slider, explore, explore_bars, explore_heatmap, explore_plane, side_by_side
from lossviz.explorer import bundle
from tests.test_mask_panel import mask

pytestmark = pytest.mark.browser
NASTY = "</script><img src=x onerror=alert(1)>"
LABELS = ["cat", "dog", "fox"]


def smooth(input, beta):
    d = np.abs(input)
    return np.where(d < beta, 0.5 * d * d / beta, d - 0.5 * beta)


def smooth_grad(input, beta):
    return np.clip(input / beta, -1, 1)


def softmax(cat, dog, fox):
    e = np.exp([cat, dog, fox])
    return e / e.sum()


def spread_of(c, outlier):
    return np.mean([np.abs(c - p) for p in (1, 2, 2.5, outlier)], axis=0)


def curves(**options):
    return explore(
        smooth,
        smooth_grad,
        controls={"beta": Slider(0.05, 5, 1, log=True, label="β"), "reduction": Choice(["mean", None, 3])},
        overlay={
            "L1": (np.abs, np.sign),
            "|x|²": (np.square, lambda x: 2 * x),
            "log cosh": lambda x: np.log(np.cosh(x)),
        },
        marks={"target": 0, "β": lambda beta: beta},
        y=(0, 4),
        grad_y=(-2.4, 2.4),
        probe=1.5,
        call="F.smooth_l1_loss(input, target, beta={beta}, reduction={reduction})",
        **{"title": "Smooth L1", **options},
    )


def places(u, v):
    return np.array([[0.0, 0.0], [-2.0, 0.5], [u, v]])


def steps(u, v, reach):
    """The last point is pushed away from the first within its reach, which feels the same the other way."""
    distance = np.hypot(u, v)
    push = np.array([u, v]) / distance if 0 < distance < reach else np.zeros(2)
    return np.array([-push, [0, 0], push])


def one_of_each_kind() -> dict:
    score = Slider(-3, 3, 1, step=0.5)
    return {
        "smooth-l1": curves(),
        "fit": explore(
            spread_of,
            x=(0, 10),
            controls={"outlier": Slider(0, 10, 4)},
            points=lambda outlier: [1, 2, 2.5, outlier],
            drag="outlier",
            minimum=True,
            title="fit",
        ),
        "bars": explore_bars(
            {
                "logits": Bars(lambda cat, dog, fox: [cat, dog, fox], drag=LABELS, range=(-4, 4)),
                "gradient": Bars(
                    lambda cat, dog, fox: softmax(cat, dog, fox) - np.eye(3)[0], reveal=True, style="grad"
                ),
            },
            LABELS,
            controls=dict.fromkeys(LABELS, score),
            readout={"loss": lambda cat, dog, fox: -np.log(softmax(cat, dog, fox)[0])},
            predict=True,
        ),
        "map": explore_heatmap(
            lambda u, v, tilt: u * u + tilt * v * v,
            controls={"tilt": (0.5, 2.0, 0.5)},
            title="map",
            probe=(1, 1),
        ),
        "cells": explore_heatmap(
            lambda ignore: np.where(np.eye(3, 4) * ignore > 0, np.nan, np.arange(12).reshape(3, 4) / 4),
            cells=(3, 4),
            controls={"ignore": False},
            title="cells",
        ),
        "plane": explore_plane(
            places,
            steps,
            ["anchor", "still", "drag me"],
            controls={"u": Slider(-2, 2, 1, step=0.25), "v": (-1.5, 1.5, 0.25), "reach": (0.5, 2.0, 0.5)},
            circles={"Δ": lambda reach: reach},
            readout={"loss": lambda u, v, reach: max(0, reach - np.hypot(u, v))},
            drag=("u", "v"),
            styles=["loss", "other3", "grad"],
            stretch=0.5,
            x=(-2.2, 2.2),
            title="plane",
        ),
        "paint": mask(),
    }


def with_what_is_hard_to_draw() -> dict:
    return {
        "gaps": explore_plane(
            lambda k: [[float(k), 0], [1, 1]],
            lambda k: [[1, 0], [float(k), 0]],
            ["a", "b"],
            controls={"k": Choice(["0", "nan", "inf", "1e-9"])},
            circles={"r": lambda k: float(k)},
            title="gaps",
        ),
        "log": explore(np.log, lambda x: 1 / x, x=(-1, 2, 0.05), title="log", y=(-2, 0.5), probe=1.0),
        "nasty": explore(
            lambda x, k: x * (k == NASTY),
            controls={"k": Choice([NASTY, "b"], label=NASTY)},
            overlay={"L1" + NASTY: np.abs},
            marks={NASTY: 0},
            title=NASTY,
            call=NASTY + "{k}",
            name="nasty",
        ),
        "wordy": explore(
            lambda x, label_smoothing, classes: x * label_smoothing * classes,
            controls={"label_smoothing": (0, 0.5, 0.1), "classes": (2, 10, 1)},
            x_label="logit of the label, others 0",
            title="wordy",
        ),
    }


def everything() -> dict:
    return one_of_each_kind() | with_what_is_hard_to_draw()


HEAD = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
STYLE = "<style>body{margin:8px;background:light-dark(#fff,#14181e)}</style>"


@pytest.fixture(scope="session")
def pages(tmp_path_factory, serve):
    folder = tmp_path_factory.mktemp("site")
    made = {name: explorer.to_html() for name, explorer in everything().items()}
    one = made["smooth-l1"]
    row = side_by_side(curves(), curves(title="Again"))._repr_mimebundle_()["text/html"]
    far = one + "<div style='height:5000px'></div>" + one
    several = {"all": "".join(made.values()), "twins": one + one, "row": row, "far": far}
    for name, body in (made | several).items():
        (folder / f"{name}.html").write_text(HEAD + STYLE + body, "utf-8")
    return serve(folder)


@pytest.fixture
def open_explorer(pages, open_page):
    def start(name, fragment="", **options):
        page = open_page(
            f"{pages}/{name}.html{fragment}", **({"viewport": {"width": 900, "height": 900}} | options)
        )
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".lossviz svg text")
        return page

    return start


def wake(page):
    """Brings those to life too that are far from the screen, as printing does."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("document.querySelectorAll('.lossviz-still').length === 0")


def freeze(page):
    """Stops the page's clock: from here on `page.clock.run_for(ms)` alone lets time pass, on any machine."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


def slider(page, name):
    return page.locator(f"input[type=range][data-control={name}]")


def at(page, name):
    """Where a slider stands, as it is shown."""
    return slider(page, name).get_attribute("aria-valuetext")


def number(text):
    return float(text.replace("−", "-"))


def move(page, name, index):
    slider(page, name).evaluate(
        "(e, i) => { e.value = i; e.dispatchEvent(new Event('input', { bubbles: true })) }", index
    )


def open_table(page):
    page.locator("summary").click()
    expect(page.locator("tbody th").first).to_be_visible()


def drawn(page, root=".lossviz"):
    """All that a reader sees of a drawing: the marks of the svg and the pixels of the map."""
    return page.locator(root).first.evaluate(
        """root => root.querySelector('.stage > svg').innerHTML
                   + (root.querySelector('canvas')?.toDataURL() ?? '')"""
    )


def drag(page, start, end, steps=5):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def path(page, selector):
    return page.locator(selector).first.get_attribute("d")


# Controls


@pytest.mark.parametrize("name", ["smooth-l1", "fit", "bars", "map", "cells", "plane", "paint", "log"])
def test_every_control_changes_the_drawing(open_explorer, name):
    page = open_explorer(name)
    for control in page.locator("input[type=range]").all():
        before = drawn(page)
        control.evaluate("e => { e.value = e.value > 0 ? 0 : e.max; e.dispatchEvent(new Event('input')) }")
        assert drawn(page) != before, control.get_attribute("data-control")
    for box in page.locator(".toggle input, .chips input").all():
        before = drawn(page)
        box.click()
        assert drawn(page) != before


def test_a_slider_shows_its_own_positions(open_explorer):
    page = open_explorer("smooth-l1")
    move(page, "beta", 0)
    assert at(page, "beta") == "0.05"
    assert page.locator("output").first.inner_text() == "0.05"
    assert (
        page.locator("footer code").inner_text()
        == "F.smooth_l1_loss(input, target, beta=0.05, reduction='mean')"
    )


def test_a_choice_is_a_group_of_radio_buttons(open_explorer):
    page = open_explorer("smooth-l1")
    page.get_by_role("radio", name="None").click()
    assert "reduction=None" in page.locator("footer code").inner_text()
    page.get_by_role("radio", name="3").click()
    assert "reduction=3" in page.locator("footer code").inner_text()


# Dragging


def test_the_probe_follows_the_pointer(open_explorer):
    page = open_explorer("smooth-l1")
    x, y = middle(page.locator("circle.dot.loss"))
    drag(page, (x, y), (x - 150, y))
    assert number(at(page, "probe")) < 0.5
    assert middle(page.locator("circle.dot.loss"))[0] == pytest.approx(x - 150, abs=3)


def test_the_tangents_slope_is_the_gradient_drawn_below(open_explorer):
    page = open_explorer("log")
    run, fall = page.evaluate(
        """() => { const t = document.querySelector('.tangent'), n = a => +t.getAttribute(a);
                  return [n('x2') - n('x1'), n('y2') - n('y1')] }"""
    )
    width, height = page.evaluate(
        """() => { const b = document.querySelector('clipPath rect');
                   return [+b.getAttribute('width'), +b.getAttribute('height') - 8] }"""
    )
    # x runs over 3 units, y over 2.5, and at x = 1 the logarithm has slope 1.
    assert (-fall * 2.5 / height) / (run * 3 / width) == pytest.approx(1, abs=1e-3)


def test_the_point_moves_its_slider_and_the_minimum(open_explorer):
    page = open_explorer("fit")
    before = path(page, ".minimum")
    x, y = middle(page.locator("circle.handle"))
    drag(page, (x, y), (x - 120, y))
    assert number(at(page, "outlier")) < 3
    assert path(page, ".minimum") != before
    assert middle(page.locator("circle.handle"))[0] == pytest.approx(x - 120, abs=6)


def test_a_bar_follows_the_pointer(open_explorer):
    page = open_explorer("bars")
    bar = page.locator(".bar").nth(1).bounding_box()
    x = bar["x"] + bar["width"] / 2
    drag(page, (x, bar["y"] + 5), (x, bar["y"] + bar["height"] + 40))
    assert number(at(page, "dog")) < 0
    assert (at(page, "cat"), at(page, "fox")) == ("1", "1")


def test_the_probe_of_a_map_follows_the_pointer(open_explorer):
    page = open_explorer("map")
    x, y = middle(page.locator("circle.dot"))
    drag(page, (x, y), (x - 100, y + 100))
    assert number(at(page, "probe_x")) < 0
    assert number(at(page, "probe_y")) < 0


def test_the_last_point_of_a_plane_follows_the_pointer(open_explorer):
    page = open_explorer("plane")
    anchor, still, held = (middle(dot) for dot in page.locator("circle.dot").all())
    unit = (anchor[0] - still[0]) / 2
    drag(page, held, (held[0] - 2 * unit, held[1] - unit))
    assert (at(page, "u"), at(page, "v")) == ("−1", "1")
    now = [middle(dot) for dot in page.locator("circle.dot").all()]
    assert now[:2] == [anchor, still]
    assert now[2] == pytest.approx((held[0] - 2 * unit, held[1] - unit), abs=2)
    assert page.locator("svg .readout").text_content() == f"loss {max(0, 1.5 - np.sqrt(2)):.2f}"


def test_an_arrow_of_a_plane_has_the_direction_and_length_of_its_step(open_explorer):
    page = open_explorer("plane")
    move(page, "u", 5)  # -0.75
    move(page, "v", 10)  # 1
    anchor, still, _ = (middle(dot) for dot in page.locator("circle.dot").all())
    unit = (anchor[0] - still[0]) / 2
    x, y, tip_x, tip_y = map(
        float, re.findall(r"-?[\d.]+", page.locator(".step").last.get_attribute("d"))[:4]
    )
    assert (tip_x - x, tip_y - y) == pytest.approx((-0.3 * unit, -0.4 * unit), abs=0.1)
    assert page.locator(".step").nth(1).get_attribute("d") == ""
    move(page, "reach", 0)
    assert [step.get_attribute("d") for step in page.locator(".step").all()] == ["", "", ""]


def test_the_circle_of_a_plane_has_its_radius_in_units_of_the_axes(open_explorer):
    page = open_explorer("plane")
    anchor, still, _ = (middle(dot) for dot in page.locator("circle.dot").all())
    unit = (anchor[0] - still[0]) / 2
    for index, reach in enumerate((0.5, 1.0, 1.5, 2.0)):
        move(page, "reach", index)
        ring = page.locator(".ring")
        assert float(ring.get_attribute("r")) == pytest.approx(reach * unit, abs=0.5)
        assert middle(ring) == pytest.approx(anchor, abs=0.5)


# Keyboard


def test_arrow_keys_move_the_focused_slider(open_explorer):
    page = open_explorer("smooth-l1")
    slider(page, "probe").focus()
    page.keyboard.press("ArrowRight")
    assert number(at(page, "probe")) == 1.525
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert number(at(page, "probe")) == 1.475


def test_keys_reveal_reset_play_and_present(open_explorer):
    page = open_explorer("smooth-l1")
    root = page.locator(".lossviz")
    slider(page, "beta").focus()
    page.keyboard.press("r")
    assert page.locator(".cover").is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    assert (at(page, "beta"), page.locator(".cover").is_visible()) == ("1", False)
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('[data-act=play]').textContent === '❚❚'")
    page.keyboard.press(" ")
    assert page.locator("[data-act=play]").first.inner_text() == "▶"
    page.keyboard.press("f")
    page.wait_for_selector(".lossviz.present")
    page.keyboard.press("Escape")
    page.wait_for_selector(".lossviz:not(.present)")
    assert root.get_attribute("popover") is None


def test_the_page_around_hears_no_key_that_the_explorer_uses(open_explorer):
    page = open_explorer("smooth-l1")
    page.evaluate("window.heard = []; document.addEventListener('keydown', e => heard.push(e.key))")
    slider(page, "beta").focus()
    for key in ("d", "ArrowRight", "r", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["Tab"]


# Play, ghost, reset, reveal


def test_play_moves_until_it_is_stopped(open_explorer):
    page = open_explorer("smooth-l1")
    freeze(page)
    play = page.locator("[data-act=play]").first
    play.click()
    page.clock.run_for(300)
    play.click()
    stopped = at(page, "beta")
    assert stopped != "1"
    page.clock.run_for(300)
    assert at(page, "beta") == stopped


def test_play_turns_round_at_the_end(open_explorer):
    page = open_explorer("map")
    move(page, "tilt", 3)
    freeze(page)
    page.locator("[data-act=play]").first.click()
    page.clock.run_for(100)  # of the second that a step takes here: four positions, four seconds
    assert at(page, "tilt") == "1.5"


@pytest.mark.parametrize(("motion", "steps"), [("no-preference", 14), ("reduce", 2)])
def test_reduced_motion_slows_the_sweep(open_explorer, motion, steps):
    page = open_explorer("smooth-l1", reduced_motion=motion)
    freeze(page)
    start = int(slider(page, "beta").input_value())
    page.locator("[data-act=play]").first.click()
    page.clock.run_for(900)
    assert int(slider(page, "beta").input_value()) - start == steps


def test_a_gesture_leaves_the_curve_before_it_as_a_ghost(open_explorer):
    page = open_explorer("smooth-l1")
    freeze(page)
    before = path(page, ".curve.loss:not(.ghost)")
    assert not page.locator(".curve.loss.ghost").is_visible()
    for index in (10, 20, 30):
        move(page, "beta", index)
        page.clock.run_for(500)
    assert page.locator(".curve.loss.ghost").is_visible()
    assert path(page, ".curve.loss.ghost") == before
    after = path(page, ".curve.loss:not(.ghost)")
    page.clock.run_for(500)  # a second of rest: the next move is a gesture of its own
    move(page, "beta", 40)
    assert path(page, ".curve.loss.ghost") == after


def test_reset_restores_everything(open_explorer):
    page = open_explorer("smooth-l1")
    seen = """() => [...document.querySelectorAll('.curve:not(.ghost), .cover, .dot')]
        .map(e => [e.getAttribute('d'), e.getAttribute('cx'), e.style.display])"""
    before = page.evaluate(seen)
    move(page, "beta", 3)
    move(page, "probe", 9)
    page.get_by_role("radio", name="None").click()
    page.locator(".chips input").first.click()
    page.get_by_role("button", name="hide gradient").click()
    page.get_by_role("button", name="reset").click()
    assert (
        page.locator("footer code").inner_text()
        == "F.smooth_l1_loss(input, target, beta=1.0, reduction='mean')"
    )
    assert (at(page, "beta"), at(page, "probe")) == ("1", "1.5")
    assert page.evaluate(seen) == before
    assert page.locator(".chips input").first.is_checked()
    assert not page.locator(".curve.loss.ghost").is_visible()


def test_reveal_hides_curve_tangent_and_number(open_explorer):
    page = open_explorer("smooth-l1")
    parts = [".curve.grad:not(.ghost)", ".tangent", ".dot.grad", "svg text.value >> nth=1"]
    page.get_by_role("button", name="hide gradient").click()
    assert [page.locator(part).first.is_visible() for part in parts] == [False] * 4
    page.locator("summary").click()
    assert "gradient" not in page.locator("thead").inner_text()
    page.get_by_role("button", name="reveal gradient").click()
    assert [page.locator(part).first.is_visible() for part in parts] == [True] * 4
    page.wait_for_function("document.querySelector('thead').innerText.includes('gradient')")


def test_hidden_arrows_leave_no_trace_in_drawing_table_and_names(open_explorer):
    page = open_explorer("plane")
    names = "[...document.querySelectorAll('.stage text.name')].map(e => e.getAttribute('y'))"
    page.get_by_role("button", name="hide gradient").click()
    open_table(page)
    assert [step.get_attribute("d") for step in page.locator(".step").all()] == ["", "", ""]
    assert page.locator("thead th").all_inner_texts() == ["point", "x", "y"]
    beyond = page.evaluate(names)
    move(page, "v", 0)
    move(page, "reach", 0)  # the point lies outside: had the name told of an arrow, it would move
    outside = page.evaluate(names)
    move(page, "reach", 3)
    assert page.evaluate(names) == outside != beyond
    page.get_by_role("button", name="reveal gradient").click()
    assert len(page.locator(".step").last.get_attribute("d")) > 10
    page.wait_for_function("document.querySelector('thead').innerText.includes('step in x')")


def test_the_table_of_a_plane_holds_its_points_and_steps(open_explorer):
    page = open_explorer("plane")
    move(page, "v", 6)  # 0
    open_table(page)
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()]
    assert rows == [
        ["anchor", "0.00", "0.00", "−1.00", "0.00"],
        ["still", "−2.00", "0.50", "0.00", "0.00"],
        ["drag me", "1.00", "0.00", "1.00", "0.00"],
    ]


# Presenting


@pytest.mark.parametrize("refused", [False, True], ids=["full screen", "refused"])
@pytest.mark.parametrize("by", ["button", "Escape"])
def test_present_fills_the_screen_and_closes(open_explorer, refused, by):
    page = open_explorer("smooth-l1", viewport={"width": 1280, "height": 720})
    if refused:
        page.evaluate(
            "Element.prototype.requestFullscreen = async () => { throw new TypeError('not allowed') }; 0"
        )
    normal = page.locator(".lossviz").bounding_box()
    page.get_by_role("button", name="present").click()
    page.wait_for_selector(".lossviz.present")
    expect(page.locator(".lossviz.present")).to_have_css("width", "1280px")  # the window grows first
    expect(page.locator(".lossviz.present")).to_have_css("height", "720px")
    box = page.locator(".lossviz").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1280, 720)
    fits = page.evaluate(
        """() => { const r = document.querySelector('.lossviz');
                   return [r.scrollHeight - r.clientHeight, r.scrollWidth - r.clientWidth] }"""
    )
    assert fits == [0, 0]
    if by == "button":
        page.get_by_role("button", name="close").click()
    else:
        page.keyboard.press("Escape")
    page.wait_for_selector(".lossviz:not(.present)")
    page.wait_for_function(
        "w => document.querySelector('.lossviz').getBoundingClientRect().width === w", arg=normal["width"]
    )


# Theme


TEXTS = ".lossviz :is(b, button, output, label span, code, summary), .lossviz .stage > svg text:not(.cell)"
CONTRAST = """selector => {
  const light = c => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = rgb => {
    const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number);
    return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  };
  const contrasts = {};
  for (const e of document.querySelectorAll(selector)) {
    const style = getComputedStyle(e), panel = getComputedStyle(e.closest('.lossviz')).backgroundColor;
    const [a, b] = [luminance(e instanceof SVGElement ? style.fill : style.color), luminance(panel)];
    const name = e.textContent + ' ' + (e.getAttribute('class') ?? e.tagName);
    contrasts[name] = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
  return contrasts;
}"""
SWITCHES = {
    "the book's switch": ("html", "data-theme", "light", "dark"),
    "JupyterLab's switch": ("body", "data-jp-theme-light", "true", "false"),
}


def panel_color(page):
    return page.locator(".lossviz").first.evaluate("e => getComputedStyle(e).backgroundColor")


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("switch", SWITCHES)
def test_the_hosts_theme_rules_and_text_is_readable(open_explorer, switch, system):
    page = open_explorer("all", color_scheme=system)
    where, attribute, *values = SWITCHES[switch]
    for value, panel in zip(values, ("rgb(255, 255, 255)", "rgb(20, 24, 30)"), strict=True):
        page.evaluate(
            "([w, a, v]) => document.querySelector(w).setAttribute(a, v)", [where, attribute, value]
        )
        assert panel_color(page) == panel
        contrasts = page.evaluate(CONTRAST, TEXTS)
        assert len(contrasts) > 60
        assert {text: c for text, c in contrasts.items() if c < 4.5} == {}


def test_without_a_switch_the_system_rules(open_explorer):
    page = open_explorer("smooth-l1", color_scheme="dark")
    assert panel_color(page) == "rgb(20, 24, 30)"
    page.emulate_media(color_scheme="light")
    assert panel_color(page) == "rgb(255, 255, 255)"


def test_numbers_in_cells_are_readable_on_every_band(open_explorer):
    page = open_explorer("cells")
    contrasts = page.evaluate(
        """() => {
          const light = c => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
          const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
          const canvas = document.querySelector('canvas');
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          return [...document.querySelectorAll('.cell')].map((e, k) => {
            const below = pixels.slice(4 * k, 4 * k + 3);
            const [a, b] = [luminance(getComputedStyle(e).fill.match(/\\d+/g).map(Number)), luminance(below)];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          });
        }"""
    )
    assert len(contrasts) == 12
    assert min(contrasts) >= 4.5


# Two explorers, links, clipboard


def test_two_explorers_of_one_page_are_independent(open_explorer):
    page = open_explorer("twins")
    page.wait_for_function("document.querySelectorAll('.lossviz').length === 2")
    second = page.locator(".lossviz").nth(1)
    before = second.inner_html()
    page.locator(".lossviz").first.get_by_role("radio", name="None").click()
    move(page.locator(".lossviz").first, "beta", 3)
    page.locator(".lossviz").first.locator("svg").first.click()
    page.keyboard.press("r")
    assert second.inner_html() == before
    assert second.get_by_role("radio", name="mean").is_checked()


@pytest.mark.parametrize("name", ["twins", "all"])
def test_no_id_is_used_twice(open_explorer, name):
    page = open_explorer(name)
    wake(page)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_link_restores_exactly_the_explorer_it_was_taken_from(open_explorer, which):
    page = open_explorer("twins")
    page.wait_for_function("document.querySelectorAll('.lossviz').length === 2")
    root, other = page.locator(".lossviz").nth(which), page.locator(".lossviz").nth(1 - which)
    move(root, "beta", 7)
    move(root, "probe", 30)
    root.get_by_role("radio", name="None").click()
    root.locator(".chips input").nth(1).click()
    root.get_by_role("button", name="hide gradient").click()
    root.get_by_role("button", name="link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert "explorer=smooth-l1" in link
    state = """root => [...root.querySelectorAll('input')].map(i => [i.value, i.checked])
                       .concat([root.querySelector('code').textContent])"""
    saved, untouched = root.evaluate(state), other.evaluate(state)
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function("document.querySelectorAll('.lossviz').length === 2")
    restored = root.evaluate(state)
    assert [v for v in restored if v != ["on", True]] == [v for v in saved if v != ["on", True]]
    assert root.get_by_role("button", name="reveal gradient").is_visible()
    assert not root.locator(".chips input").nth(1).is_checked()
    assert (
        other.evaluate(state) != untouched or other.get_by_role("button", name="hide gradient").is_visible()
    )


def test_a_link_opens_present_mode_and_a_present_explorer_gives_such_a_link(open_explorer):
    page = open_explorer("smooth-l1", "#explorer=smooth-l1&beta=0.5&revealed=true&present=true")
    page.wait_for_selector(".lossviz.present")
    page.get_by_role("button", name="link").click()
    assert "present=true" in page.url
    page.get_by_role("button", name=re.compile("present|close")).click()
    page.wait_for_selector(".lossviz:not(.present)")
    page.get_by_role("button", name="link").click()
    assert "present" not in page.url


def test_an_explorer_that_a_link_presented_is_in_sight_when_it_is_closed(open_explorer):
    page = open_explorer("far", "#explorer=smooth-l1-2&present=true")
    page.wait_for_selector(".lossviz.present")
    page.keyboard.press("Escape")
    page.wait_for_selector(".lossviz:not(.present)")
    expect(page.locator(".lossviz").last).to_be_in_viewport(ratio=0.9)


def test_the_name_of_a_slider_takes_two_lines_when_presented(open_explorer):
    page = open_explorer("wordy", "#explorer=wordy&present=true", viewport={"width": 1024, "height": 768})
    page.wait_for_selector(".lossviz.present")
    for name in page.locator(".control label > span").all():
        lines = name.evaluate("e => e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)")
        assert lines < 2.1


def test_a_presenters_buttons_step_only_in_present_mode(open_explorer):
    page = open_explorer("smooth-l1")
    slider(page, "beta").focus()
    before = at(page, "beta")
    page.keyboard.press("PageDown")
    assert page.locator("input[data-control=beta]").evaluate("e => e === document.activeElement")
    page.get_by_role("button", name="reset").click()
    page.get_by_role("button", name=re.compile("present|close")).click()
    page.wait_for_selector(".lossviz.present")
    page.keyboard.press("PageDown")
    assert number(at(page, "beta")) > number(before)
    page.keyboard.press("PageUp")
    assert at(page, "beta") == before


def test_reset_leads_back_to_the_link_and_the_keys_move_its_last_slider(open_explorer):
    link = "#explorer=smooth-l1&probe=-1&beta=0.5&reduction=3&hidden=L1&revealed=false&present=true"
    page = open_explorer("smooth-l1", link)
    page.wait_for_selector(".lossviz.present")
    page.keyboard.press("PageDown")
    assert number(at(page, "beta")) > 0.5 and at(page, "probe") == "−1"
    move(page, "probe", 0)
    page.keyboard.press("r")
    page.locator(".chips input").first.check()
    page.keyboard.press("0")
    assert (at(page, "beta"), at(page, "probe")) == ("0.5", "−1")
    assert page.get_by_role("radio", name="3").is_checked()
    assert not page.locator(".chips input").first.is_checked()
    assert page.get_by_role("button", name="reveal gradient").is_visible()


def test_a_link_names_the_slider_last_that_was_moved_last(open_explorer):
    page = open_explorer("smooth-l1")
    move(page, "probe", 30)
    slider(page, "beta").focus()
    page.get_by_role("button", name="link").click()
    controls = [field.split("=")[0] for field in page.url.split("&")]
    assert controls.index("beta") > controls.index("probe")


def test_an_empty_value_in_a_link_changes_nothing(open_explorer):
    page = open_explorer("smooth-l1", "#explorer=smooth-l1&probe=&beta=5")
    assert (at(page, "beta"), at(page, "probe")) == ("5", "1.5")


# Touch


def swipe(page, start, end, steps=8):
    """A finger from one place to the other, as a browser hears of it."""
    session = page.context.new_cdp_session(page)
    for k in range(steps + 1):
        x, y = (a + (b - a) * k / steps for a, b in zip(start, end, strict=True))
        kind = "touchMove" if k else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(100)


PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


def test_a_finger_drags_a_bar_up_and_the_page_stays(open_explorer):
    page = open_explorer("bars", **PHONE)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    before = number(at(page, "cat"))
    x, y = middle(page.locator(".grab").first)
    swipe(page, (x, y), (x, y - 60))
    assert number(at(page, "cat")) > before
    assert page.evaluate("scrollY") == 0


def test_a_finger_drags_the_point_of_a_plane_up(open_explorer):
    page = open_explorer("plane", **PHONE)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    move(page, "v", 4)
    x, y = middle(page.locator(".target-hit").first)
    swipe(page, (x, y), (x, y - 40))
    assert number(at(page, "v")) > -0.5 and page.evaluate("scrollY") == 0


def test_a_finger_that_scrolls_over_a_slider_leaves_it_and_the_keys_where_they_were(open_explorer):
    page = open_explorer("smooth-l1", **PHONE)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    slider(page, "beta").scroll_into_view_if_needed()
    slider(page, "probe").focus()
    before, top = at(page, "beta"), page.evaluate("scrollY")
    box = slider(page, "beta").bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
    swipe(page, (x, y), (x, y - 200))
    assert page.evaluate("scrollY") > top + 50
    assert at(page, "beta") == before and not page.locator(".curve.loss.ghost").is_visible()


def test_a_key_stops_the_sweep(open_explorer):
    page = open_explorer("smooth-l1")
    freeze(page)
    page.locator(".lossviz").focus()
    page.keyboard.press("Space")
    page.clock.run_for(200)
    page.keyboard.press("ArrowRight")
    stopped = at(page, "beta")
    page.clock.run_for(400)
    assert at(page, "beta") == stopped


def test_a_finger_that_scrolls_over_curves_leaves_the_probe_where_it_was(open_explorer):
    page = open_explorer("smooth-l1", **PHONE)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    before = at(page, "probe")
    box = page.locator(".stage > svg").bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.8 * box["height"]
    swipe(page, (x, y), (x, y - 150))
    assert page.evaluate("scrollY") > 50
    assert at(page, "probe") == before
    box = page.locator(".stage > svg").bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.8 * box["height"]
    swipe(page, (x, y), (x + 60, y))
    assert at(page, "probe") != before


# Several in one page


def test_an_explorer_far_away_waits_until_it_comes_near(open_explorer):
    page = open_explorer("far")
    assert page.locator(".lossviz").count() == 1
    page.mouse.wheel(0, 5000)
    page.wait_for_function("document.querySelectorAll('.lossviz').length === 2")
    assert page.locator(".lossviz-still").count() == 0


def test_a_link_wakes_an_explorer_that_is_far_away(open_explorer):
    page = open_explorer("far", "#explorer=smooth-l1-2&beta=0.5&revealed=true")
    page.wait_for_function("scrollY > 3000")
    wake(page)
    assert number(at(page.locator(".lossviz").nth(1), "beta")) == pytest.approx(0.5, rel=0.05)
    assert number(at(page.locator(".lossviz").nth(0), "beta")) == 1


@pytest.mark.parametrize("key", ["Control+p", "Meta+p", ""])
def test_a_page_is_printed_when_all_its_explorers_are_there(pages, open_page, key):
    page = open_page("about:blank")
    page.add_init_script(
        "window.print = () => { window.printed = document.querySelectorAll('.lossviz').length }"
    )
    page.goto(f"{pages}/far.html")
    expect(page.locator(".lossviz")).to_have_count(1)
    page.keyboard.press(key) if key else page.evaluate("print()")
    page.wait_for_function("window.printed === 2")


def test_side_by_side_the_shared_controls_keep_in_step(open_explorer):
    page = open_explorer("row", viewport={"width": 1280, "height": 900})
    wake(page)
    left, right = page.locator(".lossviz").nth(0), page.locator(".lossviz").nth(1)
    assert left.bounding_box()["y"] == right.bounding_box()["y"]
    move(left, "beta", 7)
    assert at(right, "beta") == at(left, "beta") != "1"
    move(right, "probe", 3)
    assert at(left, "probe") == at(right, "probe")
    right.get_by_role("radio", name="None").click()
    assert left.get_by_role("radio", name="None").is_checked()
    left.get_by_role("button", name="reset").click()
    assert at(right, "beta") == at(left, "beta") == "1"


def test_a_link_to_nothing_known_changes_nothing(open_explorer):
    page = open_explorer("smooth-l1", "#explorer=smooth-l1&beta=much&reduction=sum&hidden=L7&other=1")
    assert at(page, "beta") == "1"
    assert "reduction='mean'" in page.locator("footer code").inner_text()


def test_copy_puts_the_call_on_the_clipboard(open_explorer):
    page = open_explorer("smooth-l1")
    button = page.locator("[data-act=copy]")
    assert button.inner_text() == "copy"
    button.dblclick()
    expect(button).not_to_have_text("copy")
    shown = page.locator("footer code").inner_text()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"import torch.nn.functional as F\n\n{shown}"
    expect(button).to_have_text("copy")


# For those who do not see the drawing


def test_a_change_is_announced_and_the_start_is_not(open_explorer):
    page = open_explorer("smooth-l1")
    page.wait_for_timeout(600)
    live = page.locator("[aria-live=polite]")
    assert live.text_content() == ""
    move(page, "probe", 0)
    expect(live).not_to_be_empty()
    assert live.text_content() == "β 1, reduction mean, input −3: loss 2.500, gradient −1.000"
    assert page.locator(".stage > svg").get_attribute("aria-label").endswith(live.text_content())


def test_the_table_holds_the_numbers_of_the_drawing(open_explorer):
    page = open_explorer("smooth-l1")
    move(page, "beta", 60)
    open_table(page)
    rows = page.evaluate(
        "[...document.querySelectorAll('tbody tr')].map(r => [...r.children].map(c => c.textContent))"
    )
    assert page.locator("thead th").all_inner_texts() == [
        "input",
        "Smooth L1",
        "gradient",
        "L1",
        "|x|²",
        "log cosh",
    ]
    assert len(rows) == 13
    for row in rows:
        x, *shown = map(number, row)
        expected = [float(smooth(x, 5.0)), float(smooth_grad(x, 5.0)), abs(x), x * x, np.log(np.cosh(x))]
        assert shown == pytest.approx(expected, abs=5e-4 + 1e-9)


def test_every_control_has_a_name(open_explorer):
    page = open_explorer("all")
    nameless = page.evaluate(
        """[...document.querySelectorAll('.lossviz :is(input, button)')]
             .filter(e => !(e.ariaLabel || e.textContent || e.labels?.[0]?.textContent)).length"""
    )
    assert nameless == 0


# Values that are no place on the axis


def test_a_probe_beyond_the_axis_or_on_a_gap_says_its_value(open_explorer):
    page = open_explorer("log")
    read = page.locator("svg text.value").first
    move(page, "probe", 60)
    assert (read.text_content(), page.locator(".tangent").is_visible()) == ("0.693 ↑", False)
    move(page, "probe", 0)
    assert (read.text_content(), page.locator(".dot.loss").is_visible()) == ("nan", False)
    move(page, "probe", 20)
    assert read.text_content() == "−inf"
    assert "NaN" not in drawn(page)


def test_a_point_without_a_place_is_left_out_and_a_step_of_rounding_size_too(open_explorer):
    page = open_explorer("gaps")
    seen = """() => ['.dot', '.step', '.ring'].map(s => [...document.querySelectorAll(s)].map(
                       e => e.style.display !== 'none' && e.getAttribute('d') !== ''))"""
    expected = {
        "nan": [[False, True], [False, False], [False]],
        "inf": [[False, True], [False, False], [False]],
        "0": [[True, True], [True, False], [False]],
        "1e-9": [[True, True], [True, False], [True]],
    }
    for choice, shown in expected.items():
        page.get_by_role("radio", name=choice, exact=True).click()
        assert page.evaluate(seen) == shown
        assert "NaN" not in drawn(page) and "Infinity" not in drawn(page)


def test_names_in_a_plane_stay_inside_on_a_phone(open_explorer):
    page = open_explorer("plane", viewport={"width": 360, "height": 780})
    for index in (0, 16):
        move(page, "u", index)
        box = page.locator("clipPath rect").evaluate("e => [+e.getAttribute('x'), +e.getAttribute('width')]")
        for name in page.locator(".stage text.name").all():
            left, width = name.evaluate("e => [e.getBBox().x, e.getBBox().width]")
            assert box[0] - 0.5 <= left and left + width <= sum(box) + 0.5


def test_no_coordinate_is_ever_nan(open_explorer):
    page = open_explorer("all")
    wake(page)
    for control in page.locator("input[type=range]").all():
        control.evaluate("e => [0, e.max].forEach(v => { e.value = v; e.dispatchEvent(new Event('input')) })")
        bad = page.evaluate(
            """[...document.querySelectorAll('.lossviz svg *')].filter(
                 e => [...e.attributes].some(a => /NaN|Infinity|undefined/.test(a.value))).length"""
        )
        assert bad == 0


def test_text_from_python_stays_text(open_explorer):
    page = open_explorer("nasty")
    page.on("dialog", lambda dialog: pytest.fail("a script of a label ran"))
    assert page.locator("header b").inner_text() == NASTY
    assert page.get_by_role("radio", name=NASTY).is_checked()
    open_table(page)
    assert page.locator("img").count() == 0
    assert page.locator("footer code").inner_text() == NASTY + repr(NASTY)


# Places and machines


def test_nothing_scrolls_sideways_on_a_phone(open_explorer):
    page = open_explorer("all", viewport={"width": 360, "height": 780})
    wake(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_window_that_changes_its_size_redraws_without_an_error(open_explorer):
    page = open_explorer("all")
    for width in (360, 1280, 500, 561, 559):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            """width => {
              const svg = document.querySelector('.stage > svg'), wide = svg.getBoundingClientRect().width;
              return wide < width && wide > width / 3 && Math.abs(svg.viewBox.baseVal.width - wide) <= 1;
            }""",
            arg=width,
        )


def test_without_scripts_the_picture_shows(open_explorer):
    page = open_explorer("smooth-l1", java_script_enabled=False)
    picture = page.locator("img.lossviz-still")
    assert picture.is_visible()
    assert picture.bounding_box()["width"] > 600
    assert picture.get_attribute("alt").startswith("Explorer('Smooth L1', beta=1.0")


def test_if_the_data_cannot_be_read_the_picture_stays(pages, open_page):
    page = open_page("about:blank")
    page.add_init_script(
        "window.DecompressionStream = class { constructor() { throw 0 } }; console.error = () => {}"
    )
    page.goto(f"{pages}/smooth-l1.html")
    page.wait_for_timeout(300)
    assert page.locator("img.lossviz-still").is_visible()


def test_render_returns_what_removes_every_trace(open_explorer):
    page = open_explorer("smooth-l1")
    session = page.context.new_cdp_session(page)

    def listeners():
        found = 0
        for target in ("window", "document", "document.body"):
            remote = session.send("Runtime.evaluate", {"expression": target})["result"]["objectId"]
            found += len(session.send("DOMDebugger.getEventListeners", {"objectId": remote})["listeners"])
        return found

    e = curves()
    fields = {
        "spec": e.spec,
        "revealed": True,
        "hidden": [],
        **{c["name"]: getattr(e, c["name"]) for c in e.spec["controls"]},
    }
    before = listeners()
    counts, left = page.evaluate(
        """async ([code, fields, numbers]) => {
          const module = new Blob([code], { type: 'text/javascript' });
          const { default: widget } = await import(URL.createObjectURL(module));
          const state = { ...fields, table: Float32Array.from(numbers) };
          const watching = new Set();
          const model = { get: name => state[name], set() {}, save_changes() {} };
          model.on = (name, handler) => watching.add(handler);
          model.off = (name, handler) => watching.delete(handler);
          const el = document.createElement('div');
          document.body.append(el);
          const counts = [];
          for (let k = 0; k < 5; k++) {
            const clean = widget.render({ model, el });
            counts.push(watching.size);
            el.querySelector('[data-act=play]').click();
            clean();
          }
          const left = [watching.size, el.children.length];
          el.remove();
          return [counts, left];
        }""",
        [bundle.module(), fields, np.frombuffer(e.table, "<f4").tolist()],
    )
    assert len(set(counts)) == 1
    assert counts[0] > 0
    assert left == [0, 0]
    assert listeners() == before


def test_a_step_rewrites_only_what_it_changes(open_explorer):
    """What a step costs is measured by `make bench`; this is what keeps it cheap."""
    page = open_explorer("smooth-l1")
    freeze(page)
    move(page, "beta", 10)  # from here on the ghost is there

    def writes(name, index):
        """Of one step: all writes to the drawing, and those to its curves."""
        return page.evaluate(
            """([name, index]) => {
              const watch = new MutationObserver(() => {});
              const input = document.querySelector(`[data-control=${name}]`);
              watch.observe(document.querySelector('.stage > svg'), {
                subtree: true, attributes: true, childList: true, characterData: true });
              input.value = index;
              input.dispatchEvent(new Event('input'));
              const all = watch.takeRecords();
              watch.disconnect();
              return [all.length, all.filter(record => record.target.matches?.('.curve')).length];
            }""",
            [name, index],
        )

    assert writes("beta", 20) == [pytest.approx(10, abs=5), 2]  # loss and gradient
    assert writes("probe", 20) == [pytest.approx(18, abs=5), 0]
    assert writes("probe", 20) == [0, 0]
