"""The page of the course: every chapter once, in the order of the first track, with minutes that are true."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from lossviz.chapters import minutes, parts
from lossviz.contents import course_table
from tests.handbook import BOOK, CHAPTERS, ROOT, cells, read, shown, source, tags

PAGE = "".join(text for cell in cells(read("book/course")) for text in shown(cell))
ROWS = re.findall(r"^\| \[[^]]+\]\(\.\./(\S+)\.ipynb\) \| (\d) \| [^|]+ \| (\d+) \|", PAGE, re.MULTILINE)


def test_the_table_has_every_chapter_in_the_order_of_the_book():
    assert [chapter for chapter, _, _ in ROWS] == CHAPTERS


def test_the_page_shows_the_table_of_today(monkeypatch):
    monkeypatch.chdir(BOOK)
    assert repr(course_table()) in PAGE


@pytest.mark.parametrize(("chapter", "level", "stated"), ROWS)
def test_the_stated_minutes_are_those_of_the_chapter_to_the_next_five(chapter, level, stated):
    assert abs(int(stated) - minutes(read(chapter))) <= 2.5 and int(stated) % 5 == 0


def test_the_minutes_are_counted_as_the_page_says():
    def cell(kind, source, **metadata):
        return {"cell_type": kind, "source": source, "metadata": metadata}

    words, lines = "word " * 150 + "$x_n$ 1 2", "x = 1\n\n" * 24
    assert minutes({"cells": [cell("markdown", words)]}) == 1
    assert minutes({"cells": [cell("code", lines)]}) == 2
    assert minutes({"cells": [cell("code", lines, tags=["solution"])]}) == 0
    assert minutes({"cells": [cell("markdown", "### 1. 1")]}) == 8
    assert minutes({"cells": [cell("markdown", "**1.** 1")]}) == 1
    assert minutes({"cells": [cell("code", "explore_bars(f)")]}) == 4 + 1 / 12


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_cell_that_shows_an_explorer_is_counted(chapter):
    """The minutes are counted from the source; what was shown says whether that is right."""
    for cell in cells(read(chapter), "code"):
        counted = minutes({"cells": [cell]}) >= 4
        assert counted == any("Explorer(" in text for text in shown(cell)) or "solution" in tags(cell)


def test_what_comes_before_a_chapter_stands_before_it():
    chapters = [chapter for within in parts(ROOT).values() for chapter in within]
    names = [Path(chapter.file).name for chapter in chapters]
    for number, chapter in enumerate(chapters):
        assert chapter.level in (1, 2, 3)
        assert chapter.after in names[:number] if number else chapter.after is None


@pytest.mark.parametrize(("chapter", "following"), list(pairwise(CHAPTERS)))
def test_a_chapter_ends_with_the_next_one_of_the_first_track(chapter, following):
    last = source(read(chapter)["cells"][-1])
    assert re.search(rf"^Next: \[[^]]+\]\([^)]*{Path(following).name}\.ipynb\)", last, re.MULTILINE)
