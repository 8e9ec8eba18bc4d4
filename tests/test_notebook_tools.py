"""`make notebooks` gives the same bytes each time and spoils no file; nbval notices what it should."""

import base64
import json
import os
import subprocess
import sys

import nbformat
import pytest

from tests.handbook import ROOT

RICH_CELL = """
import matplotlib.pyplot as plt
from IPython.display import display
from ipywidgets import IntSlider

class Rich:
    def __repr__(self):
        return "a fact"
    def _repr_html_(self):
        return "<b>a fact</b>"

plt.figure(figsize=(1, 1)).gca()
display(IntSlider())
Rich()
"""

SLOW_CELL = """
import time
from lossviz import explore

def slow(x, k):
    time.sleep(0.3)
    return k * x

print("before")
explore(slow, lambda x: 0 * x, controls={"k": (1, 5, 1)})
"""


def write(path, *sources):
    """A notebook as an author leaves it: not executed, without cell ids, with an editor's traces."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"collapsed": False}) for source in sources]
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"language_info": {"name": "python", "version": "3.99"}}
    )
    for cell in notebook.cells:
        del cell["id"]
    path.write_text(json.dumps(notebook | {"nbformat_minor": 4}))


def run_tool(path):
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "notebooks.py", path],
        capture_output=True,
        text=True,
        cwd=path.parent,
    )


def run_nbval(path):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--nbval", "--nbval-current-env", "-q", path.name],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        cwd=path.parent,
    )


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    path = tmp_path_factory.mktemp("notebooks") / "good.ipynb"
    write(path, "print('a')\nprint('b')", RICH_CELL, SLOW_CELL)
    assert run_tool(path).stdout == "written good.ipynb\n"
    return path


def test_a_second_run_changes_nothing(executed):
    before = executed.read_bytes()
    assert run_tool(executed).stdout == "same    good.ipynb\n"
    assert executed.read_bytes() == before


def test_what_is_kept_is_text_and_pictures(executed):
    notebook = json.loads(executed.read_text())
    first, second, _ = notebook["cells"]
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert (first["id"], first["metadata"], first["execution_count"]) == ("cell-00", {}, 1)
    assert [output["text"] for output in first["outputs"]] == [["a\n", "b\n"]]
    mimes = [set(output["data"]) for output in second["outputs"]]
    assert sorted(mimes, key=len) == [{"text/plain"}, {"text/plain"}, {"text/plain", "image/png"}]


def test_how_far_a_slow_cell_was_leaves_nothing(executed):
    outputs = json.loads(executed.read_text())["cells"][2]["outputs"]
    assert [output["output_type"] for output in outputs] == ["stream", "execute_result"]
    assert outputs[0]["text"] == ["before\n"]


def test_pictures_do_not_name_the_version_that_drew_them(executed):
    outputs = json.loads(executed.read_text())["cells"][1]["outputs"]
    (picture,) = [o["data"]["image/png"] for o in outputs if "image/png" in o["data"]]
    assert b"matplotlib" not in base64.b64decode(picture).lower()


def test_a_failing_cell_is_named_and_the_file_stays_as_it_was(tmp_path):
    path = tmp_path / "bad.ipynb"
    write(path, "x = 1", "x / 0")
    before = path.read_bytes()
    done = run_tool(path)
    assert done.returncode == 1
    assert "FAILED bad.ipynb: code cell 2 of 2, beginning 'x / 0': ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == before


def test_nbval_forgives_missing_html_and_nothing_else(executed, tmp_path):
    assert "3 passed" in run_nbval(executed).stdout
    changed = tmp_path / "changed.ipynb"
    changed.write_text(executed.read_text().replace('"a fact"', '"another fact"'))
    assert "1 failed, 2 passed" in run_nbval(changed).stdout


ONE_EXERCISE = """
from lossviz import check
from lossviz.progress import exercises

check(1.75, "l1_loss/by_hand")
"""


def test_what_a_chapter_says_for_other_pages_stays(tmp_path):
    path = tmp_path / "chapter.ipynb"
    write(path, "1")
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"] |= {"handbook": {"level": 1}, "editor": {"theme": "dark"}}
    path.write_text(json.dumps(notebook), "utf-8")
    assert run_tool(path).returncode == 0
    kept = json.loads(path.read_text("utf-8"))["metadata"]
    assert kept["handbook"] == {"level": 1} and "editor" not in kept


def test_notebooks_that_are_run_here_know_no_ticks_and_leave_none(tmp_path, monkeypatch):
    ticks = tmp_path / "ticks.json"
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(ticks))
    ticks.write_text('{"exercise:mse_loss/by_hand": true}')
    path = tmp_path / "exercise.ipynb"
    write(path, ONE_EXERCISE, "exercises()")
    assert run_tool(path).returncode == 0
    checked, listed = json.loads(path.read_text("utf-8"))["cells"]
    assert "correct" in "".join(checked["outputs"][0]["data"]["text/plain"])
    assert "○       mse_loss/by_hand" in "".join(listed["outputs"][0]["data"]["text/plain"])
    done = run_nbval(path)
    assert done.returncode == 0, done.stdout
    assert ticks.read_text() == '{"exercise:mse_loss/by_hand": true}'
