"""The explorer where a page's script does not come, and where its window, colours or fingers are unusual."""

import numpy as np
import pytest
from playwright.sync_api import expect

from lossviz import Slider, explore

pytestmark = pytest.mark.browser

HEAD = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
BLOCKED = "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">"
DARK = HEAD + "<html data-theme=dark><body style='background:#14181e'>"


def tilted(x, tilt):
    return np.abs(x) * tilt


@pytest.fixture(scope="module")
def pages(tmp_path_factory, serve):
    folder = tmp_path_factory.mktemp("odd")
    made = explore(tilted, controls={"tilt": Slider(0.5, 2, 1, step=0.1)}, title="Tilted").to_html()
    (folder / "plain.html").write_text(HEAD + made, "utf-8")
    (folder / "blocked.html").write_text(HEAD + BLOCKED + made, "utf-8")
    (folder / "dark.html").write_text(DARK + made, "utf-8")
    frame = "<iframe src=plain.html style='width:900px;height:9000px;border:0'></iframe>"
    (folder / "tall.html").write_text(HEAD + "<div style='height:600px'></div>" + frame, "utf-8")
    return serve(folder)


@pytest.fixture
def show(pages, open_page):
    def start(name, **options):
        page = open_page(f"{pages}/{name}.html", **options)
        page.wait_for_selector(".lossviz svg text")
        return page

    return start


def contrast(page, selector):
    """The contrast (WCAG) of a text's own colour with the panel behind it, as the browser shows both."""
    return page.locator(selector).first.evaluate(
        """text => {
          const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          const light = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const part = k => ((k /= 255) <= 0.04045 ? k / 12.92 : ((k + 0.055) / 1.055) ** 2.4);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(part);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const behind = light(getComputedStyle(text.closest('.lossviz')).backgroundColor);
          const front = light(getComputedStyle(text).fill);
          return (Math.max(behind, front) + 0.05) / (Math.min(behind, front) + 0.05);
        }"""
    )


# Where the script does not come


def test_a_blocked_script_leaves_the_picture_with_its_words(pages, chromium):
    context = chromium.new_context()  # not open_page's: here the console has a complaint
    page = context.new_page()
    page.goto(f"{pages}/blocked.html")
    picture = page.locator(".lossviz-still")
    expect(picture).to_be_visible()
    assert picture.evaluate("async e => { await e.decode(); return e.naturalWidth }") > 600
    assert picture.get_attribute("alt").startswith("Explorer('Tilted', tilt=1.0")
    assert page.locator(".lossviz").count() == 0
    context.close()


def test_a_script_that_fails_half_way_leaves_the_picture(pages, open_page):
    page = open_page("about:blank")
    page.add_init_script(
        "window.ResizeObserver = class { constructor() { throw 0 } }; console.error = () => {}"
    )
    page.goto(f"{pages}/plain.html")
    page.wait_for_function("!document.querySelector('.lossviz') && document.querySelector('[data-alive]')")
    assert page.locator(".lossviz-still").is_visible()


def test_without_light_dark_the_curve_has_its_light_colours(show):
    page = show("plain")
    page.evaluate(
        """() => { for (const s of document.querySelectorAll('style[data-lossviz]'))
                     s.textContent = s.textContent.replaceAll('light-dark(', 'no-such('); }"""
    )
    assert (
        page.locator("path.curve.loss").first.evaluate("e => getComputedStyle(e).stroke")
        == "rgb(0, 114, 178)"
    )
    assert contrast(page, ".stage svg text") > 4.5


# Colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["plain", "dark"])
def test_high_contrast_goes_before_the_stored_theme(show, name, scheme):
    page = show(name, forced_colors="active", color_scheme=scheme)
    assert contrast(page, ".stage svg text:not(.name)") > 4.5
    assert contrast(page, ".stage svg text.name.loss") > 4.5


# Presenting


def test_presented_in_a_tall_frame_it_fits_the_screen_and_is_in_sight(pages, open_page):
    page = open_page(
        f"{pages}/tall.html", viewport={"width": 1000, "height": 800}, screen={"width": 1000, "height": 800}
    )
    inside = page.frame_locator("iframe")
    inside.locator("[data-act=present]").click()
    shown = inside.locator(".lossviz.present")
    shown.wait_for()
    box = shown.bounding_box()
    assert box["height"] <= 800 and box["y"] < 800
    inside.locator("[data-act=present]").click()
    expect(inside.locator(".lossviz:not(.present)")).to_be_visible()
    assert shown.count() == 0


def test_presented_and_enlarged_four_times_no_words_overlap(show):
    page = show("plain", viewport={"width": 320, "height": 256})
    page.locator("[data-act=present]").click()
    page.locator(".lossviz.present").wait_for()
    page.wait_for_function("document.querySelector('.stage > svg').viewBox.baseVal.height >= 300")
    overlaps = page.evaluate(
        """() => {
          const shown = e => e.textContent.trim() && e.checkVisibility() && e.getBoundingClientRect().width;
          const words = document.querySelectorAll('.lossviz :is(.stage text, header > *, output)');
          const boxes = [...words].filter(shown).map(e => [e.textContent, e.getBoundingClientRect()]);
          const meet = (a, b) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
          const pairs = boxes.flatMap((one, i) => boxes.slice(i + 1).map(other => [one, other]));
          return pairs.filter(([[, p], [, q]]) => meet(p, q)).map(([[a], [b]]) => `${a} / ${b}`);
        }"""
    )
    assert overlaps == []


# Fingers


def pinch(page, first, second):
    """Two fingers that go apart, the second a moment after the first."""
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    (ax, ay), (bx, by) = first, second
    touch("touchStart", (ax, ay))
    touch("touchMove", (ax + 6, ay))
    touch("touchStart", (ax + 6, ay), (bx, by))
    for k in range(6):
        touch("touchMove", (ax + 6 - 8 * k, ay), (bx + 8 * k, by))
    touch("touchEnd")


def settings(page):
    sliders = page.locator("input[type=range]").all()
    return [(slider.input_value(), slider.get_attribute("aria-valuetext")) for slider in sliders]


@pytest.mark.parametrize("where", [".stage > svg", "[data-control=tilt]"])
def test_two_fingers_move_nothing(show, where):
    page = show("plain", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    page.locator(where).scroll_into_view_if_needed()
    before = settings(page)
    box = page.locator(where).bounding_box()
    y = box["y"] + box["height"] / 2
    pinch(page, (box["x"] + 0.3 * box["width"], y), (box["x"] + 0.7 * box["width"], y))
    assert settings(page) == before
