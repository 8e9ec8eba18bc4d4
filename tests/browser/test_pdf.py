"""make pdf: pages of the site in one file, with an outline, explorers as pictures and no controls."""

import pytest
from pypdf import PdfReader

from tools import pdf

pytestmark = pytest.mark.browser


def test_pages_are_bound_in_order_with_an_outline(chromium, site, tmp_path):
    parts = [("", ["book/how_to_read.html"]), ("Regression", ["notebooks/regression/l1_loss.html"])]
    said = []
    count = pdf.bind(chromium, pdf.SITE, parts, tmp_path / "two.pdf", said.append)
    book = PdfReader(tmp_path / "two.pdf")
    assert count == len(book.pages) > 5
    assert said == ["How to read a chapter", "L1 loss"]
    first, part, chapters = book.outline
    assert (first.title, part.title, chapters[0].title) == ("How to read a chapter", "Regression", "L1 loss")
    text = "".join(page.extract_text() for page in book.pages)
    assert "How to read a chapter" in text and "total = F.l1_loss(" in text
    # No button of an explorer, no search box.
    assert "hide gradient" not in text and "Ctrl" not in text


def test_the_contents_are_those_of_the_book():
    parts = pdf.contents(pdf.ROOT / "_toc.yml")
    assert parts[0] == ("", ["book/start.html"])
    first, second = dict(parts)["Regression"][:2]
    assert first.endswith("mse_loss.html") and second.endswith("l1_loss.html")
