"""What a chapter costs: its cells, its explorers, its page and its test."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

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
# What a build says: whose turn it is to be read or written, if a page's, and that a notebook was executed.
TURN = re.compile(r"\w\.\.\. (?:.*%\] (?:\x1b\[\d+m)?([\w/]+))?")
EXECUTED = re.compile(r"Executed notebook in ([\d.]+) seconds")


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


def page_seconds() -> Counter:
    """Seconds that `jupyter-book build` takes to read and write each page, its execution apart."""
    found, page, since = Counter(), "", time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(sys.executable).with_name("jupyter-book")
        command = [book, "build", ".", "--all", "--path-output", folder]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=hosts.ROOT, **pipe) as build:
            for line in build.stdout:
                if executed := EXECUTED.search(line):
                    found[page] -= float(executed[1])
                elif turn := TURN.search(line):
                    found[page] += time.perf_counter() - since
                    page, since = Path(turn[1] or "").name, time.perf_counter()
    if build.returncode:
        raise hosts.HostError("jupyter-book build failed: make book says why")
    return found


def browser_seconds() -> Counter:
    """Seconds of the browser tests that run once for each page or deck, by its name."""
    files = [f"tests/browser/{name}.py" for name in ("test_pages", "test_decks")]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        _seconds(sys.executable, "-m", "pytest", "-q", "-m", "browser", f"--junitxml={report}", *files)
        cases = list(ElementTree.parse(report).iter("testcase"))
    found = Counter()
    for case in cases:
        if parameter := re.search(r"\[(.*)\]", case.get("name")):
            found[Path(parameter[1]).stem] += float(case.get("time"))
    return found


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
