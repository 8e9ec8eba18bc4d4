"""Lists of chapters and exercises: a chapter in _toc.yml that says what they need is in all of them."""

import json
from pathlib import Path

import pytest
import yaml

from lossviz.chapters import _answers, parts
from lossviz.contents import NOT_HERE, PICTURE, answer_key, cards, course_table, exercise_tables
from lossviz.losses import CATALOG
from lossviz.portraits import image

ROOT = Path(__file__).parent.parent
FACTS = {
    "level": 2,
    "after": None,
    "gist": "a loss for a test",
    "skill": "tell a toy from a tool",
    "exercises": {"by_hand": "two toys"},
}
QUESTION = """**1.** Which?

<details class="wrong"><summary>A. a</summary>

No. It is b.
</details>

<details class="right"><summary>B. It is b.</summary>

Right. As the
[other](../games/x.ipynb) is.
</details>"""
CELLS = [
    ("markdown", "# Toy loss\n\nA loss."),
    ("markdown", "### 1. By hand, again"),
    ("code", 'check(..., "toy_loss/other")\ncheck(answer, "toy_loss/by_hand")'),
    ("code", '# Solution\ncheck(answer, "toy_loss/by_hand")'),
    ("markdown", QUESTION),
]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """write(**facts) -> the folder of a handbook of one page and one chapter that says these facts."""

    def write(**facts):
        cells = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in CELLS]
        toy = {"metadata": {"handbook": facts}, "cells": cells}
        page = {"metadata": {}, "cells": [{"cell_type": "markdown", "source": "# A page", "metadata": {}}]}
        for file, notebook in {"notebooks/toys/toy_loss": toy, "book/page": page}.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / f"{file}.ipynb").write_text(json.dumps(notebook), "utf-8")
        listed = {"Across": ["book/page"], "Toys": ["notebooks/toys/toy_loss"]}
        toc = [{"caption": name, "chapters": [{"file": f} for f in files]} for name, files in listed.items()]
        (tmp_path / "_toc.yml").write_text(yaml.safe_dump({"root": "book/page", "parts": toc}), "utf-8")
        monkeypatch.chdir(tmp_path / "book")
        return tmp_path

    return write


def test_a_chapter_is_listed_by_what_its_notebook_says(write):
    write(**FACTS, short="Toy")
    link = "[Toy](../notebooks/toys/toy_loss.ipynb)"
    assert f"| {link} | 2 | nothing | 10 | tell a toy from a tool |" in repr(course_table())
    exercise = "| [1. By hand, again](../notebooks/toys/toy_loss.ipynb#1-by-hand-again) | two toys | "
    name = '<code data-exercise="toy_loss/by_hand">toy_loss/<wbr>by_hand</code> |'
    assert "## Toys\n\n### Toy loss\n" in repr(exercise_tables())
    assert exercise + name in repr(exercise_tables())
    shown = repr(cards("Across", {"page": "where it begins"}))
    # There is no such loss in the catalogue, so its card has neither a portrait nor a use.
    assert f'<h3>Toys</h3>\n\n- {link}<br><span class="gist">A loss for a test.</span>\n' in shown
    assert "<h3>Across</h3>\n\n- [A page](page.ipynb): where it begins\n" in shown


def test_the_gallery_shows_each_chapter_with_portrait_and_use_by_families(monkeypatch):
    monkeypatch.chdir(ROOT / "book")
    gallery = cards("Across", {})
    for caption, chapters in parts(ROOT).items():
        [family] = {Path(chapter.file).parent.name for chapter in chapters}
        head = f'<div class="losses family-{family}" style="--losses: {len(chapters)}">\n\n<h3>{caption}</h3>'
        assert head in gallery.text
        for chapter in chapters:
            loss = CATALOG[Path(chapter.file).name]
            link = f"[{chapter.short}](../{chapter.file}.ipynb)"
            assert f"- {image(loss)} {link}<br>" in gallery.text and loss.use_when in gallery.text
            assert f"- {link}<br>" in repr(gallery)
    assert "<img" not in repr(gallery)


def test_the_key_has_the_letter_of_each_right_answer_and_its_reason(write):
    write(**FACTS)
    reason = "As the [other](../notebooks/toys/../games/x.ipynb) is."
    assert repr(answer_key()) == f"## Toy loss\n\n1. **B**: It is b. {reason}"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [("6 above\n the line", "6 above the line"), ("a mistake", "A mistake"), ("ε is small", "ε is small")],
)
def test_a_reason_of_the_key_begins_with_a_capital_where_it_begins_with_a_word(reason, shown):
    text = f'<details class="right"><summary>B. It is b.</summary>\nRight: {reason}\n</details>'
    found = _answers({"cells": [{"cell_type": "markdown", "source": text}]})
    assert [answer.reason for answer in found] == [shown]


def test_the_page_shows_the_key_of_today_and_every_question_is_in_it(monkeypatch):
    monkeypatch.chdir(ROOT / "book")
    cells = json.loads((ROOT / "book" / "answers.ipynb").read_text("utf-8"))["cells"]
    stored = ["".join(output["data"]["text/plain"]) for cell in cells for output in cell.get("outputs", [])]
    assert stored == [repr(answer_key())]
    chapters = [chapter for within in parts(ROOT).values() for chapter in within]
    asked = [(ROOT / f"{c.file}.ipynb").read_text("utf-8").count('<details class=\\"right') for c in chapters]
    assert [len(chapter.answers) for chapter in chapters] == asked and min(asked) > 2


def test_a_list_is_shown_as_markdown(write):
    write(**FACTS)
    assert course_table()._repr_markdown_() == repr(course_table())


@pytest.mark.parametrize("fact", FACTS)
def test_a_chapter_that_does_not_say_what_the_lists_need_is_named(write, fact):
    root = write(**{name: value for name, value in FACTS.items() if name != fact})
    with pytest.raises(ValueError, match=rf"toy_loss.ipynb must say in its metadata, .*: {fact}$"):
        parts(root)


def test_an_exercise_of_which_nothing_is_said_is_named(write):
    root = write(**FACTS | {"exercises": {"by_head": "no such exercise"}})
    with pytest.raises(ValueError, match=r"\['by_hand'\], got \['by_head'\]"):
        parts(root)


def test_away_from_the_handbook_a_list_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {repr(one) for one in (course_table(), exercise_tables(), answer_key(), cards("Across", {}))} == {
        NOT_HERE
    }


def test_the_start_page_lists_every_page_across_the_losses(monkeypatch):
    monkeypatch.chdir(ROOT / "book")
    cells = json.loads((ROOT / "book" / "start.ipynb").read_text("utf-8"))["cells"]
    [source] = ["".join(c["source"]) for c in cells if "\ncards(" in "".join(c["source"])]
    source = source[source.index("\ncards(") + 1 :]
    shown = eval(source, {"cards": cards}).text
    listed = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    [pages] = [part["chapters"] for part in listed if part["caption"] in source]
    assert [f"]({Path(page['file']).name}.ipynb)" in shown for page in pages] == [True] * len(pages)
    # Without the portraits: they show the slope at a corner, in which releases of torch differ.
    assert any(
        PICTURE.sub("", shown) in PICTURE.sub("", "".join(o["data"]["text/markdown"]))
        for c in cells
        for o in c.get("outputs", [])
        if "text/markdown" in o.get("data", {})
    )
