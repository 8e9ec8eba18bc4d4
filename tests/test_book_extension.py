"""The site's extension: links of tables lead to pages, and a page carries the drawing code once."""

import importlib.util
from pathlib import Path

import pytest

from lossviz import explore

PATH = Path(__file__).parent.parent / "book" / "_ext" / "handbook.py"
SPEC = importlib.util.spec_from_file_location("handbook", PATH)
handbook = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(handbook)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="../notebooks/regression/l1_loss.ipynb"', '<a href="../notebooks/regression/l1_loss.html"'),
        ('<a href="l1_loss.ipynb#pitfalls"', '<a href="l1_loss.html#pitfalls"'),
        ('<a href="https://example.org/l1_loss.ipynb"', '<a href="https://example.org/l1_loss.ipynb"'),
        ('<a href="figure.png"', '<a href="figure.png"'),
    ],
)
def test_links_to_notebooks_lead_to_pages(link, expected):
    assert handbook.finish(link) == expected


def test_two_explorers_of_a_page_share_code_and_styles_and_keep_their_data():
    one, two = explore(abs, title="One").to_html(), explore(abs, title="Two").to_html()
    page = handbook.finish(f"<p>before</p>{one}<p>between</p>{two}<p>after</p>")
    assert page.count("mountAll(document);</script>") == page.count("<style>") == 1
    assert page.count('<script type="application/json">') == page.count('<img class="lossviz-still"') == 2
    assert page.startswith(f"<p>before</p>{one}<p>between</p>") and page.endswith("<p>after</p>")
    assert '"title":"Two"' in page


def test_a_page_without_explorers_stays_as_it_is():
    assert handbook.finish("<p>text</p>") == "<p>text</p>"
