"""The page of the course: every chapter once, in the order of the first track, with minutes that are true."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from lossviz.chapters import minutes, parts
from lossviz.contents import course_table

ROOT = Path(__file__).parent.parent
CELLS = json.loads((ROOT / "book" / "course.ipynb").read_text("utf-8"))["cells"]
PAGE = "".join("".join(o["data"]["text/plain"]) for c in CELLS for o in c.get("outputs", []))
ROWS = re.findall(r"^\| \[[^]]+\]\(\.\./(\S+)\.ipynb\) \| (\d) \| [^|]+ \| (\d+) \|", PAGE, re.MULTILINE)
CHAPTERS = [
    chapter["file"]
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    for chapter in part["chapters"]
    if chapter["file"].startswith("notebooks/")
]


def read(chapter):
    return json.loads((ROOT / f"{chapter}.ipynb").read_text("utf-8"))


def test_the_table_has_every_chapter_in_the_order_of_the_book():
    assert [chapter for chapter, _, _ in ROWS] == CHAPTERS


def test_the_page_shows_the_table_of_today(monkeypatch):
    monkeypatch.chdir(ROOT / "book")
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
    for cell in read(chapter)["cells"]:
        if cell["cell_type"] == "code":
            shown = ["".join(o.get("data", {}).get("text/plain", "")) for o in cell["outputs"]]
            counted = minutes({"cells": [cell]}) >= 4
            assert counted == any("Explorer(" in text for text in shown) or "solution" in str(
                cell["metadata"]
            )


def test_what_comes_before_a_chapter_stands_before_it():
    chapters = [chapter for within in parts(ROOT).values() for chapter in within]
    names = [Path(chapter.file).name for chapter in chapters]
    for number, chapter in enumerate(chapters):
        assert chapter.level in (1, 2, 3)
        assert chapter.after in names[:number] if number else chapter.after is None


@pytest.mark.parametrize(("chapter", "following"), list(pairwise(CHAPTERS)))
def test_a_chapter_ends_with_the_next_one_of_the_first_track(chapter, following):
    last = "".join(read(chapter)["cells"][-1]["source"])
    assert re.search(rf"^Next: \[[^]]+\]\([^)]*{Path(following).name}\.ipynb\)", last, re.MULTILINE)
