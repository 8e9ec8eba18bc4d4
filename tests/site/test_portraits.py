"""The portraits on the site: drawings in the page itself, each once, and none where there is no loss."""

import re

import pytest

from book._ext.handbook import portraits, slides
from lossviz.losses import CATALOG
from lossviz.portraits import image, inline
from lossviz.tables import Link, Table
from tests.handbook import ROOT

CHAPTER = (
    '<section class="a" id="l1"><!--cell 0 title--><h1>L1<a class="headerlink" href="#l1">#</a></h1>'
    "<p>b</p></section>"
)
PAGE = "notebooks/regression/l1_loss"


def table(*names):
    rows = [[Link(name, f"../notebooks/{CATALOG[name].family}/{name}.ipynb"), 1] for name in names]
    return Table(["loss", "n"], rows)._repr_html_()


@pytest.mark.parametrize("name", CATALOG)
def test_an_image_becomes_the_drawing_that_follows_the_theme(name):
    loss = CATALOG[name]
    assert portraits.draw(f"<li>{image(loss)} text</li>") == f"<li>{inline(loss)} text</li>"


def test_other_images_stay():
    page = '<img class="lossviz-still" data-loss="l1_loss" src="data:image/png;base64,x">'
    assert portraits.draw(page) == page


def test_a_chapter_has_its_portrait_and_its_family_beside_its_title():
    page = portraits.head(CHAPTER, PAGE)
    assert page.count(inline(CATALOG["l1_loss"])) == page.count(">Regression loss</p><h1>L1") == 1
    assert page.startswith('<section class="family-regression a" id="l1">')
    assert portraits.family_of(PAGE) == "regression"


@pytest.mark.parametrize("page", ["book/l1_loss", "notebooks/regression/no_loss", "search"])
def test_a_page_that_is_no_chapter_of_a_loss_stays(page):
    assert portraits.head(CHAPTER, page) == CHAPTER and portraits.family_of(page) == ""


def test_the_first_slide_has_the_portrait_too():
    [[slide]] = slides.deck(slides.blocks(portraits.head(CHAPTER, PAGE)), ["slide"])
    assert inline(CATALOG["l1_loss"]) in slide.shown and "<h1>L1</h1>" in slide.shown


def test_the_deck_is_in_the_colour_of_its_family():
    template = (ROOT / "book" / "_templates" / "slides.html").read_text("utf-8")
    assert 'class="family-{{ family }}"' in template and "_static/portraits.css" in template


def test_tables_show_each_loss_that_names_a_row_and_the_page_draws_it_once():
    page = portraits.beside_names(table("l1_loss", "kl_div") + table("l1_loss"))
    assert page.count('<symbol id="portrait-l1_loss"') == page.count('<symbol id="portrait-kl_div"') == 1
    assert re.findall(
        r'family-(\w+)" [^>]*aria-hidden="true"><use href="#portrait-(\w+)"/></svg><a ', page
    ) == [
        ("regression", "l1_loss"),
        ("distribution", "kl_div"),
        ("regression", "l1_loss"),
    ]


def test_a_table_whose_rows_are_no_losses_has_no_portraits():
    rows = [[Link("start", "start.ipynb"), Link("l1_loss", "../notebooks/regression/l1_loss.ipynb")]]
    page = Table(["page", "loss"], [*rows, [Link("x", "../notebooks/regression/x.ipynb"), 1]])._repr_html_()
    assert portraits.beside_names(page) == page
