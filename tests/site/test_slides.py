"""What of a chapter becomes a slide, what is said and what is left out."""

import json
from types import SimpleNamespace

import pytest
from docutils import nodes

from book._ext.handbook import slides


def paragraph(line):
    node = nodes.paragraph()
    node.line = line
    return node


def pairs(found, kinds):
    return [[(slide.shown, slide.notes) for slide in stack] for stack in slides.deck(found, kinds)]


def test_a_block_knows_its_cell():
    assert slides.cell_of(paragraph(10_002)) == 0
    assert slides.cell_of(paragraph(120_014)) == 11
    assert slides.cell_of(nodes.container(cell_index=7)) == 7
    assert slides.cell_of(nodes.bullet_list("", paragraph(30_004))) == 2
    assert slides.cell_of(paragraph(None)) is None


def test_a_marked_page_falls_into_blocks_without_sections_and_anchors():
    page = (
        '<link href="x"><section id="a"><!--cell 0 title--><h1>A<a class="headerlink" href="#a">#</a></h1>'
        '<!--cell 0 paragraph--><p>b</p><section id="c"><!--cell 2 container--><div>c</div></section>'
        "</section>"
    )
    assert slides.blocks(page) == [
        (0, "title", "<h1>A</h1>"),
        (0, "paragraph", "<p>b</p>"),
        (2, "container", "<div>c</div>"),
    ]


def test_slides_and_sub_slides_follow_the_cells():
    found = [(k, "container", str(k)) for k in range(5)]
    assert pairs(found, ["slide", "-", "subslide", "slide", "skip"]) == [
        [("01", ""), ("2", "")],
        [("3", "")],
    ]


def test_a_cell_before_the_first_slide_opens_it():
    assert pairs([(0, "container", "a"), (1, "container", "b")], ["-", "-"]) == [[("ab", "")]]


def test_headings_formulas_and_the_first_paragraph_are_shown_and_the_rest_is_said():
    kinds = ["title", "paragraph", "math_block", "paragraph", "bullet_list", "container"]
    found = [(0, kind, str(k)) for k, kind in enumerate(kinds)]
    assert pairs(found, ["slide"]) == [[("0125", "34")]]


def test_the_answers_to_a_question_are_shown_and_so_are_their_reasons():
    fold = [
        (0, "raw", '<details class="right"><summary>1</summary>'),
        (0, "paragraph", "Right."),
        (0, "raw", "</details>"),
    ]
    found = [(0, "title", "t"), (0, "paragraph", "1. Which?"), *fold, *fold, (0, "paragraph", "said")]
    one = '<details class="right"><summary>1</summary>Right.</details>'
    assert pairs(found, ["slide"]) == [[(f"t1. Which?{one}{one}{slides.REVEALS}", "said")]]


def test_what_a_paragraph_announces_is_shown_with_it():
    found = [(0, "paragraph", "<p>Two ways:</p>\n"), (0, "bullet_list", "a, b"), (0, "paragraph", "said")]
    assert pairs(found, ["slide"]) == [[("<p>Two ways:</p>\na, b", "said")]]


def test_that_a_section_can_wait_is_said_and_its_first_paragraph_shown():
    waits = '<p><small data-reading="second">On a second reading.</small></p>'
    found = [(0, "title", "t"), (0, "paragraph", waits), (0, "paragraph", "a"), (0, "paragraph", "said")]
    assert pairs(found, ["slide"]) == [[("ta", f"{waits}said")]]


def test_a_slide_shows_a_few_rows_of_the_card():
    row = '<tr data-row="{}" style="x"><th scope="row">{}</th></tr>'.format
    rows = [row("input", "Eingabe"), row("range", "Bereich"), row("range", ""), row("use_when", "wofür")]
    card = '<table class="lossviz-card" style="y"><caption>c</caption>{}</table>'
    other = "<table><tr><td>z</td></tr></table>"
    found = [(0, "container", card.format("".join(rows)) + other)]
    assert pairs(found, ["slide"]) == [[(card.format(rows[0] + rows[3]) + other, "")]]


def test_notes_are_said_and_the_slide_goes_on_after_them():
    found = [(0, "title", "t"), (1, "paragraph", "said"), (2, "container", "code")]
    assert pairs(found, ["slide", "notes", "-"]) == [[("tcode", "said")]]


def test_a_fragment_comes_with_the_next_key():
    found = [(0, "title", "t"), (1, "paragraph", "read"), (1, "paragraph", "more")]
    assert pairs(found, ["slide", "fragment"]) == [[('t<div class="fragment">read</div>', "more")]]


def test_a_slide_without_a_heading_repeats_the_last_one():
    found = [(0, "title", "t"), (0, "paragraph", "a"), (1, "paragraph", "b"), (2, "title", "u")]
    assert pairs(found, ["slide", "subslide", "slide"]) == [[("ta", ""), ("tb", "")], [("u", "")]]


@pytest.mark.parametrize(("types", "made"), [(["slide", None], ["slide", "-"]), ([None, "skip"], None)])
def test_only_a_notebook_that_names_a_slide_has_a_deck(tmp_path, types, made):
    cells = [{"metadata": {"slideshow": {"slide_type": kind}} if kind else {}} for kind in types]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    assert slides.types(tmp_path / "a.ipynb") == made


def test_a_page_that_is_no_notebook_has_no_deck(tmp_path):
    assert slides.types(tmp_path / "a.md") is None


def test_a_deck_lies_beside_its_page_and_leaves_the_anchors_to_it(tmp_path):
    cells = [{"metadata": {"slideshow": {"slide_type": "slide"}}}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    said = []
    templates = SimpleNamespace(render=lambda name, frame: said.append((name, frame)) or "deck")
    body = slides.write(
        '<section><!--cell 0 title--><h1>A</h1><a href="#b">b</a></section>',
        tmp_path / "a.ipynb",
        tmp_path / "made" / "a.html",
        templates,
        {"title": "A"},
    )
    assert (
        body.startswith('<section><h1>A</h1><a href="#b">b</a></section>') and 'href="a-slides.html"' in body
    )
    assert (tmp_path / "made" / "a-slides.html").read_text() == "deck"
    [(name, frame)] = said
    assert name == "slides.html" and frame["title"] == "A"
    assert frame["stacks"][0][0].shown == '<h1>A</h1><a href="a.html#b">b</a>'
