"""The page of the course: every chapter once, in the order of the first track, with minutes that are true."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.handbook import BOOK, CHAPTERS, read, shown, source, tags

COURSE = (BOOK / "course.md").read_text("utf-8")
ROWS = re.findall(r"^\| \[[^]]+\]\(\.\./(\S+)\.ipynb\) \| (\d) \| [^|]+ \| (\d+) \|", COURSE, re.MULTILINE)
TOLERANCE_MINUTES = 8


def minutes(notebook):
    """As the page says: 150 words and 12 lines a minute, 4 an explorer, 8 an exercise, 1 a question."""
    total = 0.0
    for cell in notebook["cells"]:
        text = source(cell)
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"\$[^$]*\$", " ", text)
            total += len(re.findall(r"[^\W\d_]{2,}", prose)) / 150
            total += 8 * len(re.findall(r"^### \d+\. ", text, re.MULTILINE))
            total += len(re.findall(r"^\*\*\d\.\*\* ", text, re.MULTILINE))
        elif "solution" not in tags(cell):
            total += len([line for line in text.splitlines() if line.strip()]) / 12
            total += 4 * any("Explorer(" in text for text in shown(cell))
    return total


def test_the_table_has_every_chapter_in_the_order_of_the_book():
    assert [chapter for chapter, _, _ in ROWS] == CHAPTERS


@pytest.mark.parametrize(("chapter", "level", "stated"), ROWS)
def test_the_stated_minutes_are_those_of_the_chapter(chapter, level, stated):
    assert abs(int(stated) - minutes(read(chapter))) <= TOLERANCE_MINUTES


@pytest.mark.parametrize(("chapter", "following"), list(pairwise(CHAPTERS)))
def test_a_chapter_ends_with_the_next_one_of_the_first_track(chapter, following):
    last = source(read(chapter)["cells"][-1])
    assert re.search(rf"^Next: \[[^]]+\]\([^)]*{Path(following).name}\.ipynb\)", last, re.MULTILINE)
