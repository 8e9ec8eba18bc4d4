"""The gallery of the start page: each card leads to its chapter, and the drawings follow the theme."""

import pytest

from lossviz.losses import CATALOG
from lossviz.portraits import families

pytestmark = pytest.mark.browser

STROKES = """() => [...document.querySelectorAll('.gallery .portrait-loss')].map(line => {
  const heading = line.closest('.losses').querySelector('h3');
  return [getComputedStyle(line).stroke, getComputedStyle(heading).borderTopColor];
})"""


@pytest.mark.parametrize("width", [360, 1280])
def test_each_card_leads_to_its_chapter_by_its_picture_too(open_page, site, width):
    page = open_page(f"{site}/book/start.html", viewport={"width": width, "height": 900})
    cards = page.locator(".gallery .losses li")
    assert cards.count() == len(CATALOG)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawings = page.locator(".gallery .portrait")
    assert [drawings.nth(k).get_attribute("role") for k in range(len(CATALOG))] == ["img"] * len(CATALOG)
    for k in (0, len(CATALOG) - 1):
        box = drawings.nth(k).bounding_box()
        assert box["width"] > 90 and 1.5 < box["width"] / box["height"] < 1.8
        address = cards.nth(k).locator("a").get_attribute("href")
        drawings.nth(k).scroll_into_view_if_needed()
        drawings.nth(k).click(force=True)
        page.wait_for_url(f"**/{address.removeprefix('../')}")
        assert page.locator(".portrait-head h1, .portrait-head .portrait").count() == 2
        page.go_back()


def test_curves_have_the_colour_of_their_family_in_both_themes(open_page, site):
    page = open_page(f"{site}/book/start.html", color_scheme="light")
    light = page.evaluate(STROKES)
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    dark = page.evaluate(STROKES)
    assert light and all(stroke == border for stroke, border in light + dark)
    assert all(before != after for before, after in zip(light, dark, strict=True))
    assert len({border for _, border in light}) <= len(families())


def test_small_portraits_stand_beside_the_names_of_losses(open_page, site):
    page = open_page(f"{site}/book/choosing.html")
    small = page.locator("th > .portrait.small")
    assert small.count() >= len(CATALOG)
    assert small.first.locator("xpath=following-sibling::a").count() == 1
    # What is shown again has a size and the colour of the loss's own family.
    drawn = small.first.evaluate("svg => svg.querySelector('use').getBBox().width")
    assert drawn > 50


def test_jupyterlab_shows_the_portraits_as_images_beside_the_links(open_page, lab):
    page = open_page(f"{lab}/doc/tree/book/start.ipynb")
    pictures = page.locator(".jp-RenderedMarkdown .gallery img")
    pictures.first.wait_for()
    assert pictures.count() == page.locator(".gallery li > a:has(+ br)").count() == len(CATALOG)
    sizes = pictures.evaluate_all(
        "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))"
    )
    assert min(sizes) > 0
