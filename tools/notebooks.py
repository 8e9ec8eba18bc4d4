"""Execute notebooks in place and normalise them: python tools/notebooks.py [notebook ...]; all by default.

What stays is what a reader sees before running anything, and what nbval compares: source, text, pictures.
What differs from run to run or from machine to machine goes, so a second run gives the same bytes.
"""

import asyncio
import base64
import json
import os
import struct
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).parent.parent
KERNELS = 2
CELL_TIMEOUT_SECONDS = 120
STARTUP_SECONDS = 300  # a busy machine takes longer than nbclient's 60

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
KEPT_METADATA = {"handbook"}  # what a chapter says for other pages: lossviz/chapters.py
KEPT_CELL_METADATA = {"jupyter", "mystnb", "slideshow", "tags"}
# text/html holds an explorer's data and script, the widget view the id of a model that is gone after the run.
# Both are made afresh by every kernel and every build of the site.
DROPPED_OUTPUT = {"application/vnd.jupyter.widget-view+json", "text/html"}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt", b"tIME"}


class NotebookError(Exception):
    """A notebook that cannot be read or executed; the message is for the author."""


def read(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path`, each cell with an id: its own, or one derived from its position."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["nbformat_minor"] = max(raw["nbformat_minor"], 5)
        taken = {cell.get("id") for cell in raw["cells"]}
        for index, cell in enumerate(raw["cells"]):
            number = index
            while f"cell-{number:02d}" in taken:
                number += 1
            cell.setdefault("id", f"cell-{number:02d}")
            taken.add(cell["id"])
        notebook = nbformat.reads(json.dumps(raw), as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise NotebookError(f"cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, nbformat.ValidationError) as error:
        raise NotebookError(f"not a valid notebook: {error}") from error
    return notebook


async def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells in order in a fresh kernel that starts in `folder`, as JupyterLab does."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT_SECONDS,
        startup_timeout=STARTUP_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        coalesce_streams=True,
        # Each kernel warns that its loopback connection is not encrypted; errors still show.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        record_timing=False,
        store_widget_state=False,
    )
    try:
        await client.async_execute()
    except CellExecutionError as error:
        raise NotebookError(f"{_failing_cell(notebook)}: {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        raise NotebookError(f"a cell ran longer than {CELL_TIMEOUT_SECONDS} s") from error
    except DeadKernelError as error:
        raise NotebookError("the kernel died") from error


def _failing_cell(notebook: nbformat.NotebookNode) -> str:
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code_cells, start=1):
        if any(output.output_type == "error" for output in cell.outputs):
            return f"code cell {number} of {len(code_cells)}, beginning {cell.source.splitlines()[0]!r}"
    raise AssertionError("nbclient reported a failing cell but no cell holds an error")


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Drop, in place, all that is not the author's or differs between two runs."""
    _keep(notebook.metadata, KEPT_METADATA)
    notebook.metadata |= nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    count = 0
    for cell in notebook.cells:
        _keep(cell.metadata, KEPT_CELL_METADATA)
        if cell.cell_type != "code":
            continue
        count += 1
        normalise_outputs(cell, count)


def normalise_outputs(cell: nbformat.NotebookNode, count: int) -> None:
    """Drop, in place, what differs between two runs from a code cell, which counts as the `count`-th."""
    cell.execution_count = count
    for output in cell.outputs:
        _normalise_output(output, count)
    # Where lossviz said how far a slow cell was, an output without anything in it is left.
    cell.outputs = [output for output in cell.outputs if output.get("data", True)]


def _keep(mapping: dict, keys: set[str]) -> None:
    for key in set(mapping) - keys:
        del mapping[key]


def _normalise_output(output: nbformat.NotebookNode, count: int) -> None:
    if output.output_type == "execute_result":
        output.execution_count = count
    if "data" not in output:
        return
    _keep(output.data, set(output.data) - DROPPED_OUTPUT)
    _keep(output.metadata, set(output.data))
    if "image/png" in output.data:
        picture = base64.b64decode(output.data["image/png"])
        output.data["image/png"] = base64.b64encode(without_png_text(picture)).decode() + "\n"


def without_png_text(picture: bytes) -> bytes:
    """The same picture without its text chunks; matplotlib writes its version there."""
    kept, position = PNG_SIGNATURE, len(PNG_SIGNATURE)
    while position < len(picture):
        (length,) = struct.unpack(">I", picture[position : position + 4])
        end = position + 12 + length
        if picture[position + 4 : position + 8] not in PNG_TEXT_CHUNKS:
            kept += picture[position:end]
        position = end
    return kept


async def refresh(path: Path, kernels: asyncio.Semaphore) -> bool:
    """Execute, normalise and write one notebook; leave the file alone and say why when that fails."""
    name = os.path.relpath(path)
    try:
        notebook = read(path)
        async with kernels:
            await execute(notebook, path.parent)
    except NotebookError as error:
        print(f"FAILED {name}: {error}", file=sys.stderr, flush=True)
        return False
    normalise(notebook)
    text = nbformat.writes(notebook) + "\n"
    changed = text != path.read_text(encoding="utf-8")
    if changed:
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{'written' if changed else 'same   '} {name}", flush=True)
    return True


async def main(paths: list[Path]) -> int:
    kernels = asyncio.Semaphore(KERNELS)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HANDBOOK_PROGRESS"] = f"{folder}/progress.json"  # the author's own ticks stay out of this
        done = await asyncio.gather(*(refresh(path, kernels) for path in paths))
    return 0 if all(done) else 1


if __name__ == "__main__":
    chosen = [Path(argument) for argument in sys.argv[1:]]
    everything = sorted([*ROOT.glob("book/*.ipynb"), *ROOT.glob("notebooks/*/*.ipynb")])
    sys.exit(asyncio.run(main(chosen or everything)))
