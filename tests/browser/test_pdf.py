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
    assert (tmp_path / "two.pdf").stat().st_size < 40_000 * count
    assert said == ["How to read a chapter", "L1 loss"]
    first, part, chapters = book.outline
    assert (first.title, part.title, chapters[0].title) == ("How to read a chapter", "Regression", "L1 loss")
    text = "".join(page.extract_text() for page in book.pages)
    assert "How to read a chapter" in text and "F.l1_loss(" in text
    # Figures, which a page fetches late, are on paper too, each of some hundred pixels.
    l1_loss = (pdf.SITE / "notebooks/regression/l1_loss.html").read_text("utf-8")
    figures = l1_loss.count('<img loading="lazy" width')
    drawn = [image for page in book.pages for image in page.images if image.image.width > 300]
    assert len(drawn) == figures > 0
    # No button of an explorer, no search box.
    assert "hide gradient" not in text and "Ctrl" not in text
    # What unfolds on the site stands open on paper, and no cover is left.
    assert "Predict, then reveal" not in text
    assert "# The distances are 2, 1, 0 and 4." in text


def test_the_contents_name_the_sheets_and_links_lead_to_them(chromium, site, tmp_path):
    parts = [("", ["book/how_to_read.html"]), ("Course", ["book/course.html"])]
    parts += [("Regression", ["notebooks/regression/mse_loss.html", "notebooks/regression/l1_loss.html"])]
    pdf.bind(chromium, pdf.SITE, parts, tmp_path / "book.pdf", lambda title: None)
    book = PdfReader(tmp_path / "book.pdf")
    begins = {item.title: book.get_destination_page_number(item) for item in flat(book.outline)}
    listed = book.pages[1].extract_text()
    for title in ("How to read a chapter", "The course", "L1 loss"):
        sheet = book.pages[begins[title]].extract_text()
        assert title in sheet and sheet.rstrip().endswith(str(begins[title] + 1))
        assert f"{title} {begins[title] + 1}" in " ".join(listed.replace("_", " ").split())
    # The course links to a section of the chapter on L1, and to pages that this book does not hold.
    course = range(begins["The course"], begins["Mean squared error"])
    leads = [target for sheet, target in links(book) if sheet in course]
    assert begins["L1 loss"] in leads and any(target > begins["L1 loss"] for target in leads)
    assert not any("127.0.0.1" in str(a.get("/A")) for sheet in book.pages for a in annotations(sheet))


def flat(outline):
    return [one for item in outline for one in (flat(item) if isinstance(item, list) else [item])]


def annotations(sheet):
    return [annotation.get_object() for annotation in sheet.get("/Annots", [])]


def links(book):
    """(sheet, sheet that it leads to) of each link within the book."""
    for number, sheet in enumerate(book.pages):
        for annotation in annotations(sheet):
            if "/Dest" in annotation:
                yield number, book.get_page_number(annotation["/Dest"][0].get_object())


def test_the_contents_are_those_of_the_book():
    parts = pdf.contents(pdf.ROOT / "_toc.yml")
    assert parts[0] == ("", ["book/start.html"])
    first, second = dict(parts)["Regression"][:2]
    assert first.endswith("mse_loss.html") and second.endswith("l1_loss.html")
