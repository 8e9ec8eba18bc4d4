"""Who only reads and runs a chapter changes no file; what is written stays; no explorer becomes an error."""

import asyncio
import copy
import json
import shutil
import subprocess
import sys

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from lossviz_server import STATE, VIEW, leave_out_views
from tests.handbook import NOTEBOOKS, PAGES, ROOT, commit
from tools.lab.saving import Contents, merge

PAGE = '<div class="lossviz-page" data-explorer="power">…</div>'
PATHS = [str(path.relative_to(ROOT)) for path in (*PAGES, *NOTEBOOKS)]


def result(**data):
    return new_output("execute_result", {kind.replace("_", "/"): value for kind, value in data.items()})


def explorer(model="m1"):
    output = result(text_plain="Explorer('Power')", text_html=PAGE, image_png="iVBORw0KGgo=")
    output.data[VIEW] = {"model_id": model, "version_major": 2, "version_minor": 0}
    return output


def ran(notebook):
    """The notebook as JupyterLab sends it when it was run, in an order of the reader's, and looked at."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.language_info = {
        "name": "python",
        "version": "3.99",
        "codemirror_mode": {"name": "ipython"},
    }
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(reversed(code), start=7):
        cell.execution_count = count
        cell.outputs = [explorer()]
        cell.metadata |= {"trusted": True, "collapsed": False, "scrolled": True}
        cell.metadata.pop("jupyter", None)  # a fold that was opened
    code[-1].outputs, code[-1].execution_count = [], None  # it is running
    return notebook


@pytest.fixture
def clone(tmp_path):
    """A folder in which the handbook's notebooks are committed."""
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    commit(tmp_path)
    return tmp_path


def save(folder, path, content, contents=None):
    contents = contents or Contents(root_dir=str(folder))
    asyncio.run(contents.save({"type": "notebook", "format": "json", "content": content}, path))
    return contents


def status(folder):
    ask = ["git", "status", "--porcelain", "--", "*.ipynb", ":!*checkpoints*"]
    return subprocess.run(ask, cwd=folder, capture_output=True, text=True, check=True).stdout


# Chapters


def test_a_notebook_that_was_only_read_and_run_stays_as_committed(clone):
    contents = Contents(root_dir=str(clone))
    for path in PATHS:
        save(clone, path, ran(nbformat.read(clone / path, 4)), contents)
    assert status(clone) == ""
    assert [p for p in PATHS if (clone / p).read_bytes() != (ROOT / p).read_bytes()] == []


def test_what_the_run_showed_is_there_when_the_page_is_loaded_again(clone):
    path = PATHS[-1]
    shown = ran(nbformat.read(clone / path, 4))
    contents = save(clone, path, shown)
    again = asyncio.run(contents.get(path))["content"]
    first = next(cell for cell in again["cells"] if cell["cell_type"] == "code")
    assert first["outputs"][0]["data"]["text/html"] == PAGE and VIEW not in first["outputs"][0]["data"]
    assert first["metadata"]["trusted"]
    # A file that was written by somebody else is shown as it is, and so is one of a new server.
    shutil.copy(ROOT / path, clone / path)
    for other in (contents, Contents(root_dir=str(clone))):
        assert PAGE not in str(asyncio.run(other.get(path)))


def test_what_is_written_in_a_chapter_is_saved_and_the_rest_is_as_committed(clone):
    path = PATHS[-1]
    committed = nbformat.read(clone / path, 4)
    mine = ran(committed)
    changed = next(i for i, cell in enumerate(mine.cells) if cell.cell_type == "code")
    mine.cells[changed].source += "\nmine = 1"
    mine.cells[changed].outputs = [result(text_plain="a table", text_html="<table>my own</table>")]
    table = new_code_cell("pd.DataFrame()", outputs=[result(text_plain="a table", text_html="<table>")])
    mine.cells[changed:changed] = [table, new_markdown_cell("My notes")]
    del mine.cells[-1]
    save(clone, path, mine)
    saved = nbformat.read(clone / path, 4)
    assert [cell.source for cell in saved.cells] == [cell.source for cell in mine.cells]
    by_id = {cell.id: cell for cell in saved.cells}
    assert by_id[table.id].outputs == table.outputs
    assert by_id[mine.cells[changed + 2].id].outputs == mine.cells[changed + 2].outputs
    running = next(cell.id for cell in reversed(mine.cells) if cell.cell_type == "code")
    assert by_id[running].execution_count is None and by_id[running].outputs == []
    written = {committed.cells[changed].id, committed.cells[-1].id, running}
    for cell in (cell for cell in committed.cells if cell.id not in written):
        now = by_id[cell.id]
        assert (now.metadata, now.get("execution_count")) == (cell.metadata, cell.get("execution_count"))
        # Its own run: without what differs from run to run.
        assert all(set(o.data) == {"text/plain", "image/png"} for o in now.get("outputs", []))
    assert saved.metadata == committed.metadata


@pytest.mark.parametrize("what", ["tags", "attachments", "order", "handbook", "type"])
def test_work_that_is_no_source_is_saved_too(what):
    committed = nbformat.read(NOTEBOOKS[0], 4)
    mine = ran(committed)
    first = mine.cells[0]
    if what == "tags":
        first.metadata["tags"] = ["mine"]
    elif what == "attachments":
        first["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    elif what == "order":
        mine.cells = [*mine.cells[1:], first]
    elif what == "type":
        first.cell_type = "raw"
    else:
        mine.metadata.handbook["level"] = "mine"
    saved = merge(mine, committed)
    if what == "handbook":
        assert saved.metadata.handbook["level"] == "mine"
    else:
        assert [c for c in saved.cells if c.id == first.id] == [first]
    assert [cell.id for cell in saved.cells] == [cell.id for cell in mine.cells]


@pytest.mark.parametrize("path", ["mine.ipynb", "book/mine.ipynb", "elsewhere/book/start.ipynb"])
def test_a_notebook_that_is_not_the_handbooks_is_saved_as_it_is(clone, path):
    mine = ran(nbformat.read(ROOT / "book" / "start.ipynb", 4))
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    save(clone, path, mine)
    assert "scrolled" in (clone / path).read_text("utf-8")


def test_without_git_a_chapter_is_saved_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "book").mkdir()
    mine = ran(nbformat.read(ROOT / "book" / "start.ipynb", 4))
    for search in (None, str(tmp_path)):  # no repository; no git
        if search:
            monkeypatch.setenv("PATH", search)
        save(tmp_path, "book/start.ipynb", mine)
        assert "scrolled" in (tmp_path / "book" / "start.ipynb").read_text("utf-8")


ODD = {
    "no cells": {"nbformat": 4, "nbformat_minor": 5, "metadata": {}},
    "no metadata": {"nbformat": 4, "nbformat_minor": 5, "cells": []},
    "an old one": {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []},
    "cells without ids": {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "source": ["1"], "metadata": {}, "outputs": [], "execution_count": None}
        ],
    },
    "a picture that is none": {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"widgets": None},
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "source": "1",
                "metadata": {},
                "execution_count": 1,
                "outputs": [{"output_type": "display_data", "data": {"image/png": 3}, "metadata": {}}],
            }
        ],
    },
}


@pytest.mark.parametrize("name", list(ODD))
def test_whatever_is_sent_is_saved_as_the_server_would_without_us(clone, tmp_path_factory, name):
    def saved(contents, folder):
        contents.register_pre_save_hook(leave_out_views)
        (folder / "book").mkdir(exist_ok=True)
        try:
            save(folder, "book/start.ipynb", copy.deepcopy(ODD[name]), contents)
        except Exception as error:
            return str(error).replace(str(folder), "")
        return json.loads((folder / "book" / "start.ipynb").read_text("utf-8"))["nbformat"]

    other = tmp_path_factory.mktemp("other")
    plain = saved(AsyncLargeFileManager(root_dir=str(other)), other)
    assert saved(Contents(root_dir=str(clone)), clone) == plain


# Any notebook, on any server


def views(notebook):
    return [
        VIEW in output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])
    ]


@pytest.fixture
def own():
    slider = result(text_plain="IntSlider()")
    slider.data[VIEW] = {"model_id": "m2"}
    printed = new_output("stream", text="printed")
    return nbformat.v4.new_notebook(
        cells=[new_markdown_cell("text"), new_code_cell("e", outputs=[explorer(), printed, slider])]
    )


def test_an_explorer_is_saved_without_its_live_view_and_nothing_else_changes(own):
    before = copy.deepcopy(own)
    leave_out_views(model={"type": "notebook", "content": own}, path="a.ipynb", contents_manager=None)
    assert views(before) == [True, False, True] and views(own) == [False, False, True]
    del before.cells[1].outputs[0].data[VIEW]
    assert own == before


def test_a_view_whose_model_is_saved_stays(own):
    own.metadata.widgets = {STATE: {"state": {"m1": {}}}}
    leave_out_views({"type": "notebook", "content": own})
    assert views(own) == [True, False, True]


@pytest.mark.parametrize("model", [{}, {"type": "file", "content": "text"}, {"type": "directory"}])
def test_what_is_no_notebook_stays(model):
    before = copy.deepcopy(model)
    leave_out_views(model)
    assert model == before


def test_the_server_does_not_import_torch():
    done = "import sys, lossviz_server; assert not {'lossviz', 'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", done], check=True, cwd=ROOT)
