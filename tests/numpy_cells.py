"""Lift the NumPy functions out of the chapters: the code cells tagged `numpy`, in order."""

import json
from functools import cache
from pathlib import Path

from lossviz.losses import CATALOG

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def sources(name):
    """The source of each tagged cell of the chapter on loss `name`."""
    path = NOTEBOOKS / CATALOG[name].family / f"{name}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if "numpy" in cell["metadata"].get("tags", [])]


@cache
def lift(name):
    """The loss `name` and its gradient, as the tagged cells define them when nothing else has run."""
    namespace = {}
    for number, source in enumerate(sources(name), start=1):
        exec(compile(source, f"{name}, numpy cell {number}", "exec"), namespace)
    return {function: namespace[function] for function in (name, f"{name}_grad")}
