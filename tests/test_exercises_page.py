"""The page of all exercises: those of the chapters, in their order, by the names that `check` knows."""

import json
import re
from pathlib import Path

import yaml

from lossviz.contents import exercise_tables
from lossviz.exercises import EXERCISES

ROOT = Path(__file__).parent.parent
CELLS = json.loads((ROOT / "book" / "exercises.ipynb").read_text("utf-8"))["cells"]
PAGE = "".join("".join(o["data"]["text/plain"]) for c in CELLS for o in c.get("outputs", []))
ROW = re.compile(
    r'^\| \[(\d\. [^]]+)\]\(\.\./(\S+)\.ipynb#(\S+)\) \| [^|]+ \| <code data-exercise="([\w/]+)">',
    re.MULTILINE,
)


def exercises_of(chapter):
    """Heading and name of each exercise of a chapter."""
    found, heading = [], None
    for cell in json.loads((ROOT / f"{chapter}.ipynb").read_text("utf-8"))["cells"]:
        text = "".join(cell["source"])
        for match in re.finditer(r'^### (\d\. .+)$|check\(\w+, "([\w/]+)"\)', text, re.MULTILINE):
            heading = match[1] or heading
            if match[2] and (not found or found[-1] != (heading, match[2])):
                found.append((heading, match[2]))
    return found


def test_the_page_lists_the_exercises_of_all_chapters_in_their_order():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    chapters = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    there = [
        (chapter, *one) for chapter in chapters if "notebooks/" in chapter for one in exercises_of(chapter)
    ]
    assert [(chapter, heading, name) for heading, chapter, _, name in ROW.findall(PAGE)] == there
    assert [name for *_, name in there] == list(EXERCISES)


def test_the_page_shows_the_tables_of_today(monkeypatch):
    monkeypatch.chdir(ROOT / "book")
    assert repr(exercise_tables()) in PAGE


def test_every_link_leads_to_the_heading():
    for heading, _, anchor, _ in ROW.findall(PAGE):
        assert anchor == re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
