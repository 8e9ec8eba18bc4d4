"""The page of all exercises: those of the chapters, in their order, by the names that `check` knows."""

import re

from lossviz.contents import exercise_tables
from lossviz.exercises import EXERCISES
from tests.handbook import BOOK, CHAPTERS, anchor, cells, exercises, read, shown

PAGE = "".join(text for cell in cells(read("book/exercises")) for text in shown(cell))
ROW = re.compile(
    r'^\| \[(\d\. [^]]+)\]\(\.\./(\S+)\.ipynb#(\S+)\) \| [^|]+ \| <code data-exercise="([\w/]+)">',
    re.MULTILINE,
)


def test_the_page_lists_the_exercises_of_all_chapters_in_their_order():
    there = [(chapter, *one) for chapter in CHAPTERS for one in exercises(chapter)]
    assert [(chapter, heading, name) for heading, chapter, _, name in ROW.findall(PAGE)] == there
    assert [name for *_, name in there] == list(EXERCISES)


def test_the_page_shows_the_tables_of_today(monkeypatch):
    monkeypatch.chdir(BOOK)
    assert repr(exercise_tables()) in PAGE


def test_every_link_leads_to_the_heading():
    for heading, _, leading_to, _ in ROW.findall(PAGE):
        assert leading_to == anchor(heading)
