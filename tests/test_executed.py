"""One execution serves tests and site: what nbval's kernels gave is what a build would have got."""

import asyncio
import copy
import os
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.errors import ExtensionError

from book._ext.handbook import executed
from tests.handbook import ROOT

PRINT_SHOW_PRINT = """
import sys
from IPython.display import HTML, display
print("before")
display(HTML("<b>shown</b>"))
print("after")
print("a warning", file=sys.stderr)
display({"text/plain": "named"}, raw=True, display_id="name", metadata={"width": 3})
"""
# As a slow cell of lossviz says how far it is.
SHOW_INSTEAD = """
from IPython.display import display, update_display
display({"text/plain": "half"}, raw=True, display_id="how far")
display({"text/plain": "waiting"}, raw=True, display_id="result")
update_display({"text/html": ""}, raw=True, display_id="how far")
update_display({"text/plain": "done"}, raw=True, display_id="result")
"""
CELLS = [
    new_markdown_cell("# Title", id="title"),
    new_code_cell(PRINT_SHOW_PRINT.strip(), id="show", metadata={"tags": ["nbval-ignore-output"]}),
    new_code_cell(SHOW_INSTEAD.strip(), id="instead", metadata={"tags": ["nbval-ignore-output"]}),
    new_code_cell("silent = 1", id="silent"),
    new_code_cell("1 / 0", id="fails", metadata={"tags": ["raises-exception"]}),
    new_code_cell("silent + 1", id="result"),
]
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(cells):
    return new_notebook(cells=copy.deepcopy(cells), metadata=copy.deepcopy(KERNEL))


def run_as_tests(folder, notebooks, *options):
    """pytest --nbval --executed in this folder on notebooks of these cells, by name: those that were kept."""
    (folder / "part").mkdir()
    for name, cells in notebooks.items():
        nbformat.write(notebook(cells), folder / "part" / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", f"--rootdir={folder}"]
    command += ["--nbval", "--nbval-current-env", "--executed", "kept", *options, "part"]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    return {path.stem: nbformat.read(path, 4) for path in folder.glob("kept/part/*.ipynb")}, done.stdout


def test_a_tested_notebook_is_kept_as_a_build_would_have_executed_it_if_all_its_cells_passed(tmp_path):
    made = {
        "whole": CELLS,
        "wrong": [new_code_cell("1 + 1", execution_count=1)],  # shows a 2 that the stored one has not
        "error": [new_code_cell("a = 1"), new_code_cell("1 / 0")],
        "selected": [new_code_cell("a = 1"), new_code_cell("b = 1")],
        "skipped": [new_code_cell("a = 1"), new_code_cell("b = 1", metadata={"tags": ["nbval-skip"]})],
    }
    kept, said = run_as_tests(tmp_path, made, "--deselect", "part/selected.ipynb::Cell 1")
    assert [*kept] == ["whole"] and "2 failed, 8 passed, 1 skipped, 1 deselected" in said
    wanted = notebook(CELLS)
    asyncio.run(NotebookClient(wanted, record_timing=False, store_widget_state=False).async_execute())
    # nbclient leaves an output that nobody sees where something was taken back.
    del next(cell for cell in wanted.cells if cell.id == "instead").outputs[0]
    for cell in (*kept["whole"].cells, *wanted.cells):
        for output in cell.get("outputs", []):
            output.pop("traceback", None)  # names files of its kernel
    assert kept["whole"] == wanted
    assert [len(cell.get("outputs", [])) for cell in wanted.cells] == [0, 6, 1, 0, 1, 1]


def test_a_page_is_made_of_the_executed_notebook_only_if_it_has_the_cells_of_its_source(tmp_path):
    given, other = tmp_path / "given.ipynb", tmp_path / "other.ipynb"
    source, result = nbformat.writes(notebook(CELLS)), notebook(CELLS)
    result.cells[1].outputs = [nbformat.v4.new_output("stream", text="printed")]
    result.cells[1].execution_count = 1
    nbformat.write(result, given)
    assert executed.notebook(source, given) == given.read_text("utf-8")
    result.cells[1].source += "\n"
    nbformat.write(result, other)
    with pytest.raises(ExtensionError, match="must have the cells of its source"):
        executed.notebook(source, other)
    with pytest.raises(ExtensionError, match=r"missing\.ipynb is missing"):
        executed.notebook(source, tmp_path / "missing.ipynb")
