"""What a chapter costs: its cells, its explorers, its page and its test."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell

from benchmarks import pages
from tools import hosts, notebooks

# Runs before and after the cells of a notebook: times each explorer that it makes, and weighs the kernel.
BEFORE = """
import functools, json, psutil, time, lossviz
_built = []
def _timed(make):
    @functools.wraps(make)
    def build(*args, **kwargs):
        start = time.perf_counter()
        explorer = make(*args, **kwargs)
        _built.append([explorer.spec["title"], time.perf_counter() - start])
        return explorer
    return build
for _name in lossviz.__all__:
    if _name.startswith("explore"):
        setattr(lossviz, _name, _timed(getattr(lossviz, _name)))
"""
AFTER = """
print(json.dumps({"build": dict(_built), "memory": psutil.Process().memory_info().rss}))
"""


@dataclass(frozen=True)
class Chapter:
    name: str
    seconds: float  # of executing it, the start of the kernel included
    build: dict[str, float]  # seconds of making each explorer, by title
    data: dict[str, int]  # gzipped bytes of its data
    memory: int  # bytes of its kernel when all cells have run


def paths() -> list[Path]:
    return sorted((hosts.ROOT / "notebooks").glob("*/*.ipynb"))


def execute(path: Path) -> Chapter:
    notebook = notebooks.read(path)
    notebook.cells = [new_code_cell(BEFORE), *notebook.cells, new_code_cell(AFTER)]
    start = time.perf_counter()
    asyncio.run(notebooks.execute(notebook, path.parent))
    seconds = time.perf_counter() - start
    shown = [
        o.data["text/html"]
        for c in notebook.cells
        for o in c.get("outputs", [])
        if "text/html" in o.get("data", {})
    ]
    return Chapter(
        path.stem,
        seconds,
        data=pages.explorers("".join(shown)),
        **json.loads(notebook.cells[-1].outputs[0].text),
    )


def build_seconds(path: Path) -> float:
    """`jupyter-book build` of a book of this chapter alone."""
    with tempfile.TemporaryDirectory() as folder:
        contents = Path(folder) / "_toc.yml"
        chapter = path.relative_to(hosts.ROOT).with_suffix("").as_posix()
        contents.write_text(f"format: jb-book\nroot: {chapter}\n", "utf-8")
        book = Path(sys.executable).with_name("jupyter-book")
        return _seconds(book, "build", ".", "--toc", contents, "--path-output", folder)


def nbval_seconds(path: Path) -> float:
    """What `make test` does with this chapter, in one process."""
    return _seconds(sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", path)


def _seconds(*command) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=hosts.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise hosts.HostError(
            f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return time.perf_counter() - start
