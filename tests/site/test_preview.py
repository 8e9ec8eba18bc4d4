"""What a page says of itself to search engines and link previews."""

from docutils.core import publish_doctree

from book._ext.handbook import preview


def test_a_page_says_what_it_is_about_and_its_address_only_if_it_has_one():
    page = preview.meta('a "title"', "about", "", "a.html")
    assert 'content="a &quot;title&quot;"' in page and "og:url" not in page and "og:image" not in page
    page = preview.meta("title", "about", "https://example.org/", "book/a.html")
    assert 'property="og:url" content="https://example.org/book/a.html"' in page


def test_the_description_is_the_first_paragraph_cut_after_a_word():
    doctree = publish_doctree("Title\n=====\n\n" + "word " * 60 + "\n\nsecond")
    text = preview.description(doctree)
    assert text.startswith("word word") and text.endswith("word …") and len(text) <= 202
    assert preview.description(publish_doctree("")) == ""


def test_a_formula_of_the_first_paragraph_is_left_out_of_the_description():
    text = "The distance of both, :math:`|x - y|`, for two :math:`x`."
    assert preview.description(publish_doctree(text)) == "The distance of both, for two."
