"""Pages made of notebooks that were just executed: HANDBOOK_EXECUTED names the folder that holds them.

`make test` runs every notebook as a test, keeps what the kernels gave (tools/executed.py) and builds the site
from it. Without the variable the build executes every notebook itself.
"""

import json
import os
from pathlib import Path

from sphinx.errors import ExtensionError


def folder() -> str:
    return os.environ.get("HANDBOOK_EXECUTED", "")


def notebook(source: str, path: Path) -> str:
    """The executed notebook at `path`; ExtensionError if it is not the one whose text is `source`."""
    if not path.is_file():
        raise ExtensionError(f"HANDBOOK_EXECUTED must hold every notebook, and {path} is missing")
    given = path.read_text("utf-8")
    if written(given) != written(source):
        raise ExtensionError(f"An executed notebook must have the cells of its source, and {path} has not")
    return given


def written(notebook: str) -> list[dict]:
    """The cells of a notebook as their author wrote them, without what a kernel adds."""
    cells = json.loads(notebook)["cells"]
    return [cell | {"source": "".join(cell["source"]), "outputs": 0, "execution_count": 0} for cell in cells]
