"""A section of a chapter that a page across the losses names stands in that chapter."""

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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_section_that_a_page_names_stands_in_its_chapter(path):
    named = [pair for text in sources(read(path), "markdown") for pair in sections_named_in_prose(text)]
    missing = [f"{name}: {section}" for name, section in named if section not in headings(name)]
    assert not missing, "\n".join(missing)


def test_a_section_is_found_in_prose_across_a_line_break_and_in_a_row():
    link = "[MSE](../notebooks/regression/mse_loss.ipynb)"
    assert sections_named_in_prose(f"see {link},\n*A column\nagainst a row*.") == [
        ("mse_loss", "A column against a row")
    ]
    assert sections_named_in_prose(f"| number | {link} | why | *Formula* |") == [("mse_loss", "Formula")]
