"""The page of the course: every chapter once, in the order of the first track, with minutes that are true."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
COURSE = (ROOT / "book" / "course.md").read_text("utf-8")
ROWS = re.findall(r"^\| \[[^]]+\]\(\.\./(\S+)\.ipynb\) \| (\d) \| [^|]+ \| (\d+) \|", COURSE, re.MULTILINE)
CHAPTERS = [
    chapter["file"]
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    for chapter in part["chapters"]
    if chapter["file"].startswith("notebooks/")
]
TOLERANCE_MINUTES = 8


def minutes(notebook):
    """As the page says: 150 words and 12 lines a minute, 4 an explorer, 8 an exercise, 1 a question."""
    total = 0.0
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"\$[^$]*\$", " ", text)
            total += len(re.findall(r"[^\W\d_]{2,}", prose)) / 150
            total += 8 * len(re.findall(r"^### \d+\. ", text, re.MULTILINE))
            total += len(re.findall(r"^\*\*\d\.\*\* ", text, re.MULTILINE))
        elif "solution" not in cell["metadata"].get("tags", []):
            total += len([line for line in text.splitlines() if line.strip()]) / 12
            shown = [str(output.get("data", {}).get("text/plain", "")) for output in cell["outputs"]]
            total += 4 * any("Explorer(" in one for one in shown)
    return total


def read(chapter):
    return json.loads((ROOT / f"{chapter}.ipynb").read_text("utf-8"))


def test_the_table_has_every_chapter_in_the_order_of_the_book():
    assert [chapter for chapter, _, _ in ROWS] == CHAPTERS


@pytest.mark.parametrize(("chapter", "level", "stated"), ROWS)
def test_the_stated_minutes_are_those_of_the_chapter(chapter, level, stated):
    assert abs(int(stated) - minutes(read(chapter))) <= TOLERANCE_MINUTES


@pytest.mark.parametrize(("chapter", "following"), list(pairwise(CHAPTERS)))
def test_a_chapter_ends_with_the_next_one_of_the_first_track(chapter, following):
    last = "".join(read(chapter)["cells"][-1]["source"])
    assert re.search(rf"^Next: \[[^]]+\]\([^)]*{Path(following).name}\.ipynb\)", last, re.MULTILINE)
