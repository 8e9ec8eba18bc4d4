"""Ticks kept in a file: kept, taken back, and one line instead of an error where the file is no good."""

import json

import pytest

from lossviz import progress
from lossviz.exercises import EXERCISES
from lossviz.losses import CATALOG


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "deeper" / "progress.json"
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(path))
    return path


def test_a_tick_is_kept_and_taken_back(file):
    assert progress.load() == {}
    assert progress.done("l1_loss") == "chapter:l1_loss ticked"
    progress.remember("exercise:l1_loss/weighted")
    assert json.loads(file.read_text()) == {"chapter:l1_loss": True, "exercise:l1_loss/weighted": True}
    assert progress.done("l1_loss", False) == "chapter:l1_loss open again"
    assert progress.load() == {"exercise:l1_loss/weighted": True}
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("text", ["not JSON", "[1, 2]", '"chapter:l1_loss"'])
def test_a_spoilt_file_is_named_and_left_alone(file, text):
    file.parent.mkdir()
    file.write_text(text)
    line = progress.done("l1_loss")
    assert line.startswith("chapter:l1_loss not kept: ") and str(file) in line and "\n" not in line
    assert file.read_text() == text and progress.load() == {}
    assert f"0 of {len(CATALOG)} chapters done ({file} " in repr(progress.course())
    assert f"0 of {len(EXERCISES)} exercises solved ({file} " in repr(progress.exercises())


def test_a_place_that_cannot_be_written_gives_one_line(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(tmp_path / "file" / "progress.json"))
    line = progress.done("l1_loss")
    assert "not kept" in line and "\n" not in line


def test_what_else_the_file_holds_and_where_it_lies_stays(file, tmp_path):
    far = tmp_path / "far.json"
    far.write_text('{"note": "mine", "chapter:mse_loss": false}')
    file.parent.mkdir()
    file.symlink_to(far)
    progress.done("l1_loss")
    assert file.is_symlink() and progress.load() == {"chapter:l1_loss": True}
    assert json.loads(far.read_text())["note"] == "mine"


def test_unknown_names_raise_and_say_which_are_known():
    with pytest.raises(ValueError, match="did you mean one of: l1_loss"):
        progress.done("l1_los")
    with pytest.raises(ValueError, match='must be "chapter:<name>"'):
        progress.remember("l1_loss")


def test_the_course_shows_what_is_done():
    progress.done("l1_loss")
    lines = repr(progress.course()).splitlines()
    assert lines[0] == f"1 of {len(CATALOG)} chapters done"
    assert [line.split()[1] for line in lines if line.startswith("✓")] == ["l1_loss"]
    assert len(lines) == 2 + len(CATALOG)


def test_the_exercises_show_what_is_solved():
    progress.remember("exercise:l1_loss/weighted")
    lines = repr(progress.exercises()).splitlines()
    assert lines[0] == f"1 of {len(EXERCISES)} exercises solved"
    assert [line.split()[1] for line in lines if line.startswith("✓")] == ["l1_loss/weighted"]
