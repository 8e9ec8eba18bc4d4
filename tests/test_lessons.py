"""The lesson plans: each chapter, minutes that add up, an exercise of its own, explorers that can do it."""

import html
import json
import re
from pathlib import Path

import pytest
import yaml

from lossviz import demo

BOOK = Path(__file__).parent.parent / "book"
PAGE = (BOOK / "lessons.md").read_text("utf-8")
CHAPTERS = [
    chapter["file"]
    for part in yaml.safe_load((BOOK.parent / "_toc.yml").read_text("utf-8"))["parts"]
    for chapter in part["chapters"]
    if chapter["file"].startswith("notebooks/")
]
PARTS = ["Ask.", "The usual answer.", "Show.", "Exercise."]


def title(chapter):
    cells = json.loads((BOOK.parent / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    return "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ")


def lesson(chapter):
    """The part of the page below the chapter's title."""
    return re.search(rf"^## {re.escape(title(chapter))}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_the_chapters_come_in_the_order_of_the_book():
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[2:] == [title(chapter) for chapter in CHAPTERS]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_lesson_has_its_parts_and_its_minutes_add_up(chapter):
    text = lesson(chapter)
    assert re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) == PARTS
    plans = re.split(r"^\| minutes \| in (\d+) minutes \|$", text, flags=re.MULTILINE)[1:]
    assert plans[::2] == ["10", "45"]
    for stated, rows in zip(plans[::2], plans[1::2], strict=True):
        assert sum(map(int, re.findall(r"^\| (\d+) \| ", rows, re.MULTILINE))) == int(stated)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_exercise_and_the_questions_of_a_lesson_are_those_of_its_chapter(chapter):
    text = lesson(chapter)
    source = (BOOK.parent / f"{chapter}.ipynb").read_text("utf-8")
    exercise, target = re.search(r"\*\*Exercise\.\*\* \[(.+?)\]\(\.\./(\S+)\.ipynb#", text).groups()
    assert target == chapter and f'"### {exercise}\\n"' in source
    for numbers in re.findall(r"Questions? ([\d, and]+) of \*Check yourself\*", text):
        for number in re.findall(r"\d", numbers):
            assert f'"**{number}.** ' in source


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_lesson_shows_explorers_of_its_chapter_in_a_state_that_they_can_take(chapter, monkeypatch):
    monkeypatch.chdir(BOOK)
    links = [html.unescape(link) for link in re.findall(r'<a href="([^"]+)"', lesson(chapter))]
    assert links and all(link.startswith(f"../{chapter}.ipynb#") for link in links)
    for link in links:
        assert link.endswith("&present=true")
        demo(link)
