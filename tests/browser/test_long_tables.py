"""Long tables on the site: sorted by their headings, filtered by a field, by keyboard too."""

import pytest
from playwright.sync_api import expect

from lossviz.losses import CATALOG
from tests.accessibility import violations

pytestmark = pytest.mark.browser

ROWS = "table => [...table.tBodies[0].rows].filter(row => !row.hidden).map(row => row.cells[0].textContent)"


def test_a_heading_sorts_up_down_and_back(open_page, site):
    page = open_page(f"{site}/book/choosing.html")
    table = page.locator("table[data-long]").first
    before = table.evaluate(ROWS)
    assert before == list(CATALOG)
    heading = table.locator("th").first
    heading.get_by_role("button").focus()
    for order, rows in (("ascending", sorted(before)), ("descending", sorted(before)[::-1]), (None, before)):
        page.keyboard.press("Enter")
        assert heading.get_attribute("aria-sort") == order
        assert table.evaluate(ROWS) == rows


def test_numbers_are_sorted_by_their_size_and_only_one_column_is(open_page, site):
    page = open_page(f"{site}/book/course.html")
    table = page.locator("table[data-long]").first
    minutes = table.locator("thead th").nth(3).get_by_role("button")
    table.locator("thead th").first.get_by_role("button").click()
    minutes.click()
    shown = table.evaluate("table => [...table.tBodies[0].rows].map(row => Number(row.cells[3].textContent))")
    assert shown == sorted(shown) and len(set(shown)) > 1
    assert table.locator("[aria-sort]").count() == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_the_field_leaves_rows_with_all_words_and_says_how_many(open_page, site, width):
    page = open_page(f"{site}/book/choosing.html", viewport={"width": width, "height": 900})
    table = page.locator("table[data-long]").first
    field = page.get_by_label("Rows with").first
    field.fill("Outliers  target")
    status = page.locator(".rows-with [role=status]").first
    left = table.evaluate(ROWS)
    assert "l1_loss" in left and "kl_div" not in left
    expect(status).to_have_text(f"{len(left)} of {len(CATALOG)}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    field.fill("")
    expect(status).to_have_text("")
    assert table.evaluate(ROWS) == list(CATALOG)


def test_a_row_that_is_a_block_on_a_phone_is_hidden_too(open_page, site):
    page = open_page(f"{site}/book/course.html", viewport={"width": 360, "height": 780})
    page.get_by_label("Rows with").first.fill("no row has this")
    assert page.locator("table[data-long]").first.locator("tbody tr:visible").count() == 0
