"""The handbook as its tests read it: where things stand, the order of the chapters, cells, headings, node."""

import json
import re
import subprocess
from pathlib import Path

import yaml
from playwright._impl._driver import compute_driver_executable

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "book"
SITE = ROOT / "_build" / "html"  # there after `make book`


# Files


def contents() -> list[str]:
    """The files that _toc.yml lists, in its order and without their endings: "book/start", …"""
    listed = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [listed["root"], *(chapter["file"] for part in listed["parts"] for chapter in part["chapters"])]


def tracked(folder: str) -> list[str] | None:
    """The files below a folder that belong to the repository, new ones too; None where there is no clone."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder]
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True)
    return [name for name in found.stdout.split() if (ROOT / name).is_file()] or None


def commit(folder: Path) -> None:
    """Makes a repository of a folder of its own, with all that is in it committed."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)


# "notebooks/regression/mse_loss", …: the chapters in the order of the book.
CHAPTERS = [file for file in contents() if file.startswith("notebooks/")]
# The notebooks of the chapters, and those of the pages across the losses.
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
PAGES = sorted(BOOK.glob("*.ipynb"))
# pytest skips a test whose list is empty; here that is a failure.
assert CHAPTERS and NOTEBOOKS and PAGES


def chapter(name: str) -> str:
    """The chapter on the loss `name`, as the contents list it."""
    (found,) = [file for file in CHAPTERS if file.endswith(f"/{name}")]
    return found


# Notebooks


def read(file: Path | str) -> dict:
    """The notebook at a path, or of a chapter or a page by its name in the contents."""
    path = file if isinstance(file, Path) else ROOT / f"{file}.ipynb"
    return json.loads(path.read_text("utf-8"))


def cells(notebook: dict, kind: str | None = None, tag: str | None = None) -> list[dict]:
    """The cells of a kind ("code", "markdown"), of those with a tag."""
    return [
        cell
        for cell in notebook["cells"]
        if kind in (None, cell["cell_type"]) and (tag is None or tag in tags(cell))
    ]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def sources(notebook: dict, kind: str | None = None, tag: str | None = None) -> list[str]:
    """The source of each of the cells."""
    return [source(cell) for cell in cells(notebook, kind, tag)]


def tags(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def shown(cell: dict) -> list[str]:
    """The text of each output that the cell displays; what it prints is left out."""
    return ["".join(output.get("data", {}).get("text/plain", "")) for output in cell.get("outputs", [])]


def headings(notebook: dict) -> list[tuple[int, str, int]]:
    """Level, text and number of the cell of each heading; lines of code that begin with # are none."""
    found = []
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"^```.*?^```", "", source(cell), flags=re.MULTILINE | re.DOTALL)
            for match in re.finditer(r"^(#+) +(.+?) *$", prose, flags=re.MULTILINE):
                found.append((len(match[1]), match[2], index))
    return found


def title(chapter: str) -> str:
    """The heading that a chapter or page begins with."""
    level, text, index = headings(read(chapter))[0]
    assert (level, index) == (1, 0), f"{chapter} must begin with its title"
    return text


def anchor(heading: str) -> str:
    """The part of an address that leads to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def exercises(chapter: str) -> list[tuple[str, str]]:
    """The heading and the name of each exercise of a chapter, as `check` names it."""
    found, heading = [], None
    for text in sources(read(chapter)):
        for match in re.finditer(r'^### (\d\. .+)$|check\(\w+, "([\w/]+)"\)', text, re.MULTILINE):
            heading = match[1] or heading
            if match[2] and found[-1:] != [(heading, match[2])]:
                found.append((heading, match[2]))
    return found


# Scripts


def node(*arguments: str | Path, input: str | None = None) -> subprocess.CompletedProcess:
    """Run the node that playwright brings: a reader of the handbook need not have one."""
    driver = compute_driver_executable()
    program = driver[0] if isinstance(driver, tuple) else driver
    return subprocess.run([program, *arguments], input=input, capture_output=True, text=True)
