"""The explorers of every page of the built site: each slider moves its drawing, nothing asks outside."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SITE = Path(__file__).parent.parent.parent / "_build" / "html"
# Found, not listed: a new chapter is tested from the day it is built.
FILES = sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html") if "_static" not in p.parts)

# The sliders that leave their drawing as it was, each moved to the end that it is farther from and back.
DEAD_SLIDERS = """() => {
  const drawing = root =>
    root.querySelector('.stage > svg').innerHTML + (root.querySelector('canvas')?.toDataURL() ?? '');
  const move = (input, value) => { input.value = value; input.dispatchEvent(new Event('input')) };
  return [...document.querySelectorAll('.lossviz input[type=range]')].filter(input => {
    const root = input.closest('.lossviz'), start = input.value, before = drawing(root);
    move(input, start * 2 > input.max ? 0 : input.max);
    const moved = drawing(root) !== before;
    move(input, start);
    return !moved;
  }).map(input => `${input.closest('.lossviz').dataset.explorer}: ${input.dataset.control}`);
}"""


def test_there_are_pages_with_explorers(site):
    assert len(FILES) >= 4
    assert any('class="lossviz-page"' in (SITE / file).read_text("utf-8") for file in FILES)


@pytest.mark.parametrize("file", FILES)
def test_every_slider_moves_its_drawing(open_page, site, file):
    page = open_page(f"{site}/{file}")
    page.wait_for_function("document.querySelectorAll('.lossviz-still').length === 0")
    explorers = (SITE / file).read_text("utf-8").count('class="lossviz-page"')
    assert page.locator(".lossviz").count() == explorers
    # A covered gradient shows no movement.
    page.locator("button", has_text="reveal gradient").evaluate_all("all => all.forEach(one => one.click())")
    assert page.evaluate(DEAD_SLIDERS) == []


@pytest.mark.parametrize("file", FILES)
def test_nothing_scrolls_sideways_on_a_phone(open_page, site, file):
    page = open_page(f"{site}/{file}", viewport={"width": 360, "height": 780})
    page.wait_for_function("document.querySelectorAll('.lossviz-still').length === 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
