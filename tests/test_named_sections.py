"""A section of a chapter that a page across the losses names stands in that chapter."""

import ast
import re

import pytest

from tests import handbook
from tests.handbook import PAGES, read, sources

# In prose: [MSE](../notebooks/regression/mse_loss.ipynb), *A column against a row*
NAMED_IN_PROSE = re.compile(r"\]\(\.\./notebooks/\w+/(\w+)\.ipynb\),\s\*([^*]+)\*")
# In a row of a table, where the section has a column of its own
NAMED_IN_ROW = re.compile(r"^\|.*\]\(\.\./notebooks/\w+/(\w+)\.ipynb\).*\| \*([^*]+)\* \|$", re.MULTILINE)


def headings(name):
    return {text for level, text, _ in handbook.headings(read(handbook.chapter(name))) if level > 1}


def sections_named_in_prose(text):
    return [
        (name, " ".join(section.split()))
        for pattern in (NAMED_IN_PROSE, NAMED_IN_ROW)
        for name, section in pattern.findall(text)
    ]


def sections_named_in_code(source):
    """The calls at("mse_loss", "A column against a row"); the section may be the name of a string."""
    tree = ast.parse(source)
    strings = {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    return [
        (name.value, section.value if isinstance(section, ast.Constant) else strings[section.id])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "at"
        for name, section in [node.args]
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_section_that_a_page_names_stands_in_its_chapter(path):
    named = [
        *(pair for text in sources(read(path), "markdown") for pair in sections_named_in_prose(text)),
        *(pair for source in sources(read(path), "code") for pair in sections_named_in_code(source)),
    ]
    missing = [f"{name}: {section}" for name, section in named if section not in headings(name)]
    assert not missing, "\n".join(missing)


def test_the_page_on_choosing_names_sections_in_every_way():
    page = read("book/choosing")
    prose = "\n".join(sources(page, "markdown"))
    assert NAMED_IN_PROSE.search(prose) and NAMED_IN_ROW.search(prose)
    assert any(sections_named_in_code(source) for source in sources(page, "code"))


def test_a_section_is_found_in_prose_across_a_line_break_in_a_row_and_in_code():
    link = "[MSE](../notebooks/regression/mse_loss.ipynb)"
    assert sections_named_in_prose(f"see {link},\n*A column\nagainst a row*.") == [
        ("mse_loss", "A column against a row")
    ]
    assert sections_named_in_prose(f"| number | {link} | why | *Formula* |") == [("mse_loss", "Formula")]
    assert sections_named_in_code('where = "By hand"\nat("mse_loss", "Formula"), at("l1_loss", where)') == [
        ("mse_loss", "Formula"),
        ("l1_loss", "By hand"),
    ]
