"""A computed table: the same facts as text and as HTML, within its width, and nothing in it is markup."""

import re

import pytest

from lossviz.tables import WIDTH, Link, Table


def test_columns_are_aligned():
    table = Table(["loss", "mean"], [["l1_loss", 0.4], ["mse", 1]])
    assert repr(table) == "loss     mean\nl1_loss  0.4\nmse      1"


def test_the_title_stands_above():
    assert repr(Table(["a"], [["b"]], title="Why")) == "Why\na\nb"
    assert "<caption" in Table(["a"], [["b"]], title="Why")._repr_html_()
    assert "<caption" not in Table(["a"], [["b"]])._repr_html_()


def test_long_cells_wrap_within_the_width_and_lose_no_word():
    words = [f"word{k}" for k in range(80)]
    text = repr(Table(["name", "one", "two"], [["x", " ".join(words), "y"], ["z", "short", "cell"]]))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert re.findall(r"word\d+", text) == words
    assert "\n\nz " in text


def test_a_word_longer_than_its_column_is_broken():
    lines = repr(Table(["a", "b"], [["x" * 300, "y" * 300]])).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert sum(line.count("x") for line in lines) == 300


def test_all_text_is_escaped():
    html = Table(["<h>"], [["<b>"], [Link("<a>", 'x" onclick="y')]], title="<t>")._repr_html_()
    for text in ("<h>", "<b>", "<a>", "<t>", '" onclick'):
        assert text not in html
    assert "&lt;b&gt;" in html


def test_a_link_shows_its_text_and_leads_to_its_url():
    table = Table(["loss"], [[Link("MSE", "../notebooks/regression/mse_loss.ipynb")]])
    assert repr(table) == "loss\nMSE"
    assert '<a href="../notebooks/regression/mse_loss.ipynb"' in table._repr_html_()


def test_html_takes_the_colours_of_the_page_and_scrolls_by_itself():
    html = Table(["a"], [["b"]])._repr_html_()
    assert "overflow-x: auto" in html
    assert "color: inherit" in html and "#" not in html


@pytest.mark.parametrize("row", [["one"], ["one", "two", "three"]])
def test_a_row_needs_a_cell_for_each_column(row):
    with pytest.raises(ValueError, match=rf"2 cells, one a column, got {len(row)}"):
        Table(["a", "b"], [row])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "file:///x"]
)
def test_a_link_that_a_page_would_run_is_refused(url):
    with pytest.raises(ValueError, match="a link must be relative or begin with http"):
        Link("x", url)


@pytest.mark.parametrize("url", ["a.ipynb", "../b/c.html#d:e", "https://example.org/x:y", "#a:b", "a?b=c:d"])
def test_other_links_are_kept(url):
    assert Link("x", url).url == url
