"""The handbook's own source as one file of the site: whoever has the pages has all they were made of.

Exercises, and changing a function, need the notebooks, `lossviz` and Python; a page offers its own notebook
only.
"""

import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent.parent))
from tools.zip import add

NAME = "handbook-source.zip"
FOLDER = "loss-function-handbook"
# Named, not found: in a working folder much else may lie about.
PARTS = [".ci", ".github", "benchmarks", "book", "lossviz", "lossviz_server", "notebooks", "tests", "tools"]
PARTS += ["CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md"]
PARTS += [".gitignore", "LICENSE", "Makefile", "README.md", "_config.yml", "_toc.yml", "conftest.py"]
PARTS += ["constraints.txt", "pyproject.toml", "requirements.txt", "runtime.txt"]
PASSING = {"__pycache__", ".ipynb_checkpoints", ".pytest_cache"}
# A page says which of its words are the link: <a data-handbook="source">a copy of the handbook</a>
PLACE = re.compile(r'<a data-handbook="source"')


def sources(root: Path) -> Iterator[Path]:
    """The files of the handbook below `root`, without what programs leave behind."""
    for part in PARTS:
        for path in sorted([root / part, *(root / part).rglob("*")]):
            if path.is_file() and not PASSING & set(path.parts):
                yield path


def pack(root: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sources(root):
            runs = bool(path.stat().st_mode & 0o100)
            add(archive, f"{FOLDER}/{path.relative_to(root).as_posix()}", path.read_bytes(), runs)


def linked(body: str, address: str) -> str:
    """The page with a link to the file, which lies at `address`."""
    return PLACE.sub(rf'\g<0> href="{address}" download', body)
