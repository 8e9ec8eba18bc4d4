"""The chapters that are done and the exercises that are solved."""

import pytest

from lossviz import progress, ticks
from lossviz.exercises import EXERCISES
from lossviz.losses import CATALOG


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "progress.json"
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(path))
    return path


def test_a_chapter_is_ticked_and_taken_back():
    assert progress.done("l1_loss") == "chapter:l1_loss ticked"
    assert ticks.load() == {"chapter:l1_loss": True}
    assert progress.done("l1_loss", False) == "chapter:l1_loss open again"
    assert ticks.load() == {}


def test_a_spoilt_file_is_named_beside_the_counts(file):
    file.write_text("not JSON")
    assert f"0 of {len(CATALOG)} chapters done ({file} " in repr(progress.course())
    assert f"0 of {len(EXERCISES)} exercises solved ({file} " in repr(progress.exercises())


def test_an_unknown_name_raises_and_says_which_are_known():
    with pytest.raises(ValueError, match="did you mean one of: l1_loss"):
        progress.done("l1_los")


def test_the_course_shows_what_is_done():
    progress.done("l1_loss")
    lines = repr(progress.course()).splitlines()
    assert lines[0] == f"1 of {len(CATALOG)} chapters done"
    assert [line.split()[1] for line in lines if line.startswith("✓")] == ["l1_loss"]
    assert len(lines) == 2 + len(CATALOG)


def test_the_exercises_show_what_is_solved():
    ticks.remember("exercise:l1_loss/weighted")
    lines = repr(progress.exercises()).splitlines()
    assert lines[0] == f"1 of {len(EXERCISES)} exercises solved"
    assert [line.split()[1] for line in lines if line.startswith("✓")] == ["l1_loss/weighted"]
