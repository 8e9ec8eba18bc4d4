"""Keeps what nbval's kernels gave: pytest --nbval --executed FOLDER writes each notebook there as it was run.

The site is built from these (book/_ext/handbook/executed.py), so `make test` executes a notebook once. It is
written when its last cell has passed, and not at all if a cell of it has failed or was left out.
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

OUTPUTS = {"stream", "display_data", "execute_result", "error"}


class Keeper:
    """A pytest plugin that writes executed notebooks into `folder`, below their paths in the handbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.messages: dict[Path, list[dict]] = defaultdict(list)  # of the cell that runs
        self.outputs: dict[Path, list[list]] = defaultdict(list)  # of the cells that have run

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        if isinstance(collector, IPyNbFile):
            collector.get_kernel_message = self.heard(collector.get_kernel_message, collector.path)

    def heard(self, read: Callable[..., dict], path: Path) -> Callable[..., dict]:
        """`read`, noting each message: nbval's own `test_outputs` joins what was printed before and after a
        picture, a page does not."""

        def read_and_note(*args, **kwargs) -> dict:
            message = read(*args, **kwargs)
            self.messages[path].append(message)
            return message

        return read_and_note

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> None:
        if not isinstance(item, IPyNbCell) or call.when != "call":
            return
        path, notebook = item.path, item.parent.nb
        messages = self.messages.pop(path, [])
        if call.excinfo:  # failed or left out
            return
        self.outputs[path].append(outputs(messages))
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        if len(self.outputs[path]) < len(code):
            return
        for count, (cell, given) in enumerate(zip(code, self.outputs.pop(path), strict=True), start=1):
            cell.outputs, cell.execution_count = given, count
            for result in (output for output in given if output.output_type == "execute_result"):
                result.execution_count = count  # nbval's kernels do not count
        # Which Python it is decides how the page colours the code.
        language = item.parent.kernel.kc.kernel_info(reply=True, timeout=60)["content"]["language_info"]
        notebook.metadata["language_info"] = language
        target = self.folder / path.relative_to(item.config.rootpath)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)


def outputs(messages: list[dict]) -> list[nbformat.NotebookNode]:
    """What the last cell of these messages gave, in order, as nbclient reads it: with what was shown in the
    place of something else, and without what was taken back, such as how far a slow cell is."""
    *_, cell = [m["parent_header"]["msg_id"] for m in messages if m["msg_type"] == "execute_input"]
    given, named = [], defaultdict(list)
    for message in (m for m in messages if m["parent_header"].get("msg_id") == cell):
        content = message["content"]
        name = content.get("transient", {}).get("display_id")
        if message["msg_type"] in OUTPUTS:
            given.append(nbformat.v4.output_from_msg(message))
            named[name].append(given[-1])
        elif message["msg_type"] == "update_display_data":
            for output in named[name]:
                output.update(nbformat.from_dict({key: content[key] for key in ("data", "metadata")}))
    return [output for output in given if "data" not in output or any(output.data.values())]
