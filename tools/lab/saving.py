"""What `make lab` saves of the handbook's own notebooks: whoever only reads and runs them changes no file.

Git would otherwise meet a reader's outputs, counts and folds in each `git pull`. What the reader wrote stays.
"""

import copy
import subprocess
from pathlib import Path, PurePosixPath

import nbformat
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from lossviz_server import leave_out_views
from tools.notebooks import KEPT_CELL_METADATA, KEPT_METADATA, normalise_outputs

OWN = ("/book/*.ipynb", "/notebooks/*/*.ipynb")
GIT_SECONDS = 5
# A reader opens a fold to see a solution: what says that it was closed is nobody's work.
WRITTEN_METADATA = KEPT_CELL_METADATA - {"jupyter"}


class Contents(AsyncLargeFileManager):
    """The files of the server, in which a notebook of the handbook changes only by what is written in it.

    Where no cell was written, moved or tagged, all of it is saved as in the last commit. Else the cells that
    are the reader's are saved as they are, and the others lose what differs from run to run. What a run
    showed is remembered until the server ends, for a page that is loaded again.
    """

    def __init__(self, **settings):
        super().__init__(**settings)
        self._shown = {}  # by path: when the file was written, and what was shown then

    async def save(self, model, path=""):
        kept = None
        try:
            if committed := _is_own(model, path) and _committed(self._file(path)):
                shown = _without_views(model["content"])
                kept = merge(nbformat.from_dict(model["content"]), committed)
        except Exception:  # whatever was sent: the reader's work is saved
            self.log.exception("%s is saved as it is", path)
        if kept is None:
            return await super().save(model, path)
        saved = await super().save(model | {"content": kept}, path)
        self._shown[path.strip("/")] = self._file(path).stat().st_mtime_ns, shown
        return saved

    async def get(self, path, content=True, **options):
        model = await super().get(path, content=content, **options)
        written, shown = self._shown.get(path.strip("/"), (None, None))
        if content and model["type"] == "notebook" and written == self._file(path).stat().st_mtime_ns:
            model["content"] = copy.deepcopy(shown)
        return model

    def _file(self, path: str) -> Path:
        return Path(self.root_dir, path.strip("/"))


def _is_own(model: dict, path: str) -> bool:
    return model.get("type") == "notebook" and any(map(PurePosixPath("/", path.strip("/")).match, OWN))


def _without_views(content: dict) -> dict:
    content = copy.deepcopy(content)
    leave_out_views({"type": "notebook", "content": content})
    return content


def _committed(path: Path) -> nbformat.NotebookNode | None:
    """The notebook at `path` in the last commit; None where there is none, or no git."""
    show = ["git", "show", f"HEAD:./{path.name}"]
    try:
        shown = subprocess.run(show, cwd=path.parent, capture_output=True, timeout=GIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if shown.returncode else nbformat.reads(shown.stdout.decode(), as_version=4)


def merge(notebook: nbformat.NotebookNode, committed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with all that is written in it, and else as committed as it can be; neither is changed."""
    unchanged = _written(notebook) == _written(committed)
    merged = copy.deepcopy(committed)
    merged.metadata |= {key: notebook.metadata[key] for key in KEPT_METADATA & set(notebook.metadata)}
    theirs = {cell.get("id"): cell for cell in merged.cells}
    merged.cells = [
        _merge_cell(cell, theirs.get(cell.get("id")), unchanged) for cell in copy.deepcopy(notebook.cells)
    ]
    return merged


def _merge_cell(cell, committed, unchanged: bool):
    if committed is None or _written_cell(cell) != _written_cell(committed):
        return cell
    trusted = {key: cell.metadata[key] for key in {"trusted"} & set(cell.metadata)}  # the server takes it out
    if cell.cell_type == "code" and not unchanged:
        # It shows what the reader's other cells made of it; one that has not run yet has no count.
        committed.outputs, count = cell.outputs, committed.execution_count
        normalise_outputs(committed, count if cell.execution_count is not None else None)
    committed.metadata |= trusted
    return committed


def _written(notebook: nbformat.NotebookNode) -> list:
    """What people write in a notebook: running it, or opening a fold, changes none of it."""
    return [
        {key: value for key, value in notebook.metadata.items() if key in KEPT_METADATA},
        *map(_written_cell, notebook.cells),
    ]


def _written_cell(cell: nbformat.NotebookNode) -> list:
    metadata = {key: value for key, value in cell.metadata.items() if key in WRITTEN_METADATA and value}
    return [cell.get("id"), cell.cell_type, cell.source, cell.get("attachments", {}), metadata]
