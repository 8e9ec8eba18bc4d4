"""Ticks kept in a file: kept, taken back, and one line instead of an error where the file is no good."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import SoftFileLock

from lossviz import ticks
from tests.handbook import ROOT

TICK = "chapter:l1_loss"


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "deeper" / "progress.json"
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(path))
    return path


def test_a_tick_is_kept_and_taken_back(file):
    assert ticks.load() == {}
    assert ticks.remember(TICK) == "chapter:l1_loss ticked"
    ticks.remember("exercise:l1_loss/weighted")
    assert json.loads(file.read_text()) == {TICK: True, "exercise:l1_loss/weighted": True}
    assert ticks.remember(TICK, False) == "chapter:l1_loss open again"
    assert ticks.load() == {"exercise:l1_loss/weighted": True}
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("text", ["not JSON", "[1, 2]", '"chapter:l1_loss"', "[" * 100_000])
def test_a_spoilt_file_is_named_and_left_alone(file, text):
    file.parent.mkdir()
    file.write_text(text)
    line = ticks.remember(TICK)
    assert line.startswith("chapter:l1_loss not kept: ") and str(file) in line and "\n" not in line
    assert file.read_text() == text and ticks.load() == {}


def test_a_place_that_cannot_be_written_gives_one_line(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(tmp_path / "file" / "progress.json"))
    line = ticks.remember(TICK)
    assert "not kept" in line and "\n" not in line


def test_what_else_the_file_holds_and_where_it_lies_stays(file, tmp_path):
    far = tmp_path / "far.json"
    far.write_text('{"note": "mine", "chapter:mse_loss": false}')
    file.parent.mkdir()
    file.symlink_to(far)
    ticks.remember(TICK)
    assert file.is_symlink() and ticks.load() == {TICK: True}
    assert json.loads(far.read_text())["note"] == "mine"


def test_links_in_a_circle_give_one_line(file):
    file.parent.mkdir()
    file.symlink_to(file)
    line = ticks.remember(TICK)
    assert "not kept" in line and "\n" not in line and ticks.load() == {}


def test_a_key_of_another_form_is_told_the_rule():
    with pytest.raises(ValueError, match='must be "chapter:<name>"'):
        ticks.remember("l1_loss")


def test_the_wave_stands_for_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("HANDBOOK_PROGRESS", "~/mine.json")
    monkeypatch.chdir(tmp_path)
    ticks.remember(TICK)
    assert json.loads((tmp_path / "mine.json").read_text()) == {TICK: True}
    assert not (tmp_path / "~").exists()


def test_ticks_of_the_hidden_file_of_before_move_to_the_one_that_a_browser_shows(monkeypatch, tmp_path):
    monkeypatch.delenv("HANDBOOK_PROGRESS")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / ".loss-function-handbook.json").write_text(json.dumps({TICK: True}))
    assert ticks.load() == {TICK: True}
    ticks.remember("chapter:mse_loss")
    assert [path.name for path in tmp_path.glob("*handbook*.json")] == ["handbook-progress.json"]
    assert ticks.load() == {TICK: True, "chapter:mse_loss": True}


def test_the_site_exports_a_file_of_the_same_name():
    script = (ROOT / "book" / "_static" / "progress.js").read_text("utf-8")
    assert f'download: "{Path(ticks.FILE).name}"' in script


def test_without_a_home_nothing_is_kept_and_one_line_says_so(monkeypatch):
    def homeless(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("HANDBOOK_PROGRESS")
    monkeypatch.setattr(Path, "expanduser", homeless)
    monkeypatch.setattr(Path, "home", homeless)
    assert ticks.load() == {}
    assert ticks.remember(TICK) == (
        "chapter:l1_loss not kept: there is no home for ~/handbook-progress.json; "
        "HANDBOOK_PROGRESS must name another file"
    )


def test_kernels_that_tick_at_once_lose_no_tick():
    code = (
        "import runpy, sys\n"  # by its file: lossviz itself imports torch, which takes seconds
        "ticks = runpy.run_path(sys.argv[1])\n"
        "print('ready', flush=True), sys.stdin.readline()\n"
        "for n in range(50): ticks['remember'](f'exercise:{sys.argv[2]}/{n}')"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    kernels = [
        subprocess.Popen([sys.executable, "-c", code, ticks.__file__, name], **pipes) for name in "abc"
    ]
    for kernel in kernels:
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        kernel.stdin.write("go\n")
        kernel.stdin.flush()
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    assert set(ticks.load()) == {f"exercise:{name}/{n}" for name in "abc" for n in range(50)}


def test_a_file_that_another_program_holds_gives_one_line_and_is_left_alone(file, monkeypatch):
    monkeypatch.setattr(ticks, "WAIT", 0.1)
    file.parent.mkdir()
    with SoftFileLock(f"{file}.lock"):
        line = ticks.remember(TICK)
    assert line == f"chapter:l1_loss not kept: another program has held {file}.lock for 0.1 seconds"
    assert ticks.load() == {} and ticks.remember(TICK) == "chapter:l1_loss ticked"


def test_a_lock_that_a_dead_kernel_left_behind_does_not_last(file):
    code = (
        "import os, sys\nfrom filelock import SoftFileLock\n"
        "lock = SoftFileLock(sys.argv[1])\nlock.acquire()\nos._exit(0)"
    )
    file.parent.mkdir()
    subprocess.run([sys.executable, "-c", code, f"{file}.lock"], check=True)
    assert Path(f"{file}.lock").exists()
    assert ticks.remember(TICK) == "chapter:l1_loss ticked"
