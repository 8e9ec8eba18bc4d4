"""What a page computes as Markdown becomes a part of the page."""

from docutils import nodes
from docutils.utils import new_document

from book._ext.handbook import computed


def rubric(level, text):
    return nodes.rubric("", text, level=level, ids=[text], names=[text])


def cell(*found, shown=False):
    """A cell of a notebook as MyST-NB has it, whose output is Markdown with these nodes."""
    box = nodes.container(nb_element="cell_code", classes=["cell"])
    if shown:
        box += nodes.container(nb_element="cell_code_source")
    output = nodes.container(nb_element="cell_code_output")
    bundle = nodes.container(nb_element="mime_bundle")
    bundle += nodes.container("", nodes.literal_block("", "text"), mime_type="text/plain")
    bundle += nodes.container("", *found, mime_type="text/markdown")
    output += bundle
    box += output
    return box


def page(*content):
    document = new_document("page")
    document += nodes.section("", nodes.title("", "The page"), *content, ids=["page"])
    computed.unbox(document)
    return document


def outline(node):
    """The ids of the sections below a node, those within a section in a list behind it."""
    return [
        one
        for child in node.children
        if isinstance(child, nodes.section)
        for one in (child["ids"], outline(child))
    ]


def test_headings_of_an_output_begin_sections_of_the_page():
    found = [rubric(2, "a"), rubric(3, "b"), nodes.paragraph("", "text"), rubric(3, "c"), rubric(2, "d")]
    [_, below] = outline(page(cell(*found)))
    assert below == [["a"], [["b"], [], ["c"], []], ["d"], []]


def test_a_section_holds_what_follows_its_heading():
    document = page(cell(nodes.paragraph("", "before"), rubric(2, "a"), nodes.paragraph("", "within")))
    [section] = [node for node in document.findall(nodes.section) if node["ids"] == ["a"]]
    assert [child.astext() for child in section.children] == ["a", "within"]
    assert section.parent[1].astext() == "before" and not section.parent[1]["classes"]
    assert "before" in section.parent.astext() and not list(document.findall(nodes.literal_block))


def test_a_cell_whose_code_is_shown_keeps_its_box():
    document = page(cell(rubric(2, "a"), shown=True))
    assert outline(document) == [["page"], []] and list(document.findall(nodes.rubric))
