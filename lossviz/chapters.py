"""The chapters of the handbook as their own files have them, in the order of _toc.yml.

What is told of a chapter stands in the chapter: in its headings, in its cells, and, for what only other pages
say of it, in the notebook's metadata below "handbook":

level      1 needs no chapter but its neighbour's, 2 the chapter before it, 3 the habit of both
after      the chapter before it, by the name of its notebook, or null
short      the title where it stands in a list, if it differs there
gist       what the chapter is about, a line without a full stop
skill      completes the sentence "afterwards you can ..."
exercises  what each exercise is about, by its name
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

RIGHT = re.compile(
    r'<details class="right"><summary>(\w)\. (.+?)</summary>\s+Right[.:] (.+?)\s+</details>', re.DOTALL
)
FACTS = ("level", "after", "gist", "skill", "exercises")
WORDS, LINES, EXPLORER, EXERCISE, QUESTION = 150, 12, 4, 8, 1  # a minute; minutes each


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter: its name for `check`, its heading, and what it is about."""

    name: str
    heading: str
    about: str


@dataclass(frozen=True)
class Answer:
    """The right answer to a question of *Check yourself*: its letter, the answer, and why it is right."""

    letter: str
    text: str
    reason: str


@dataclass(frozen=True)
class Chapter:
    """A chapter of the handbook: `file` is its place without the ending, the rest is said above."""

    file: str
    title: str
    short: str
    level: int
    after: str | None
    gist: str
    skill: str
    minutes: int
    exercises: tuple[Exercise, ...]
    answers: tuple[Answer, ...]


def parts(root: Path) -> dict[str, list[Chapter]]:
    """The parts of the book that have chapters, by their captions, for the handbook's files below `root`.

    Raises ValueError for a chapter whose notebook does not say what the lists need.
    """
    listed = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))["parts"]
    files = {part["caption"]: [one["file"] for one in part["chapters"]] for part in listed}
    found = {
        caption: [_chapter(root, file) for file in within if file.startswith("notebooks/")]
        for caption, within in files.items()
    }
    return {caption: chapters for caption, chapters in found.items() if chapters}


def minutes(notebook: dict) -> float:
    """The minutes of a reader who reads 150 words and 12 lines of code a minute, stays 4 minutes with each
    cell that makes explorers, 8 with each exercise and 1 with each question."""
    total = 0.0
    for cell in notebook["cells"]:
        text, tags = _source(cell), cell["metadata"].get("tags", [])
        if "remove-cell" in tags:  # what to press in JupyterLab
            continue
        if cell["cell_type"] == "markdown":
            prose = re.sub(r"\$[^$]*\$", " ", text)
            total += len(re.findall(r"[^\W\d_]{2,}", prose)) / WORDS
            total += EXERCISE * len(re.findall(r"^### \d+\. ", text, re.MULTILINE))
            total += QUESTION * len(re.findall(r"^\*\*\d\.\*\* ", text, re.MULTILINE))
        elif "solution" not in tags:
            total += len([line for line in text.splitlines() if line.strip()]) / LINES
            # From the source, not from the output: a page may be run before the chapters are.
            total += EXPLORER * bool(re.search(r"^(?:side_by_side|explore\w*)\(", text, re.MULTILINE))
    return total


def read(path: Path) -> dict:
    """The notebook at this path."""
    return json.loads(path.read_text("utf-8"))


def title(notebook: dict) -> str:
    """The heading that a notebook begins with."""
    return _source(notebook["cells"][0]).splitlines()[0].removeprefix("# ")


def _source(cell: dict) -> str:
    return "".join(cell["source"])


def _chapter(root: Path, file: str) -> Chapter:
    notebook, name = read(root / f"{file}.ipynb"), Path(file).name
    facts = notebook["metadata"].get("handbook", {})
    headings = _exercises(notebook, name)
    if missing := [fact for fact in FACTS if fact not in facts]:
        raise ValueError(f'{file}.ipynb must say in its metadata, below "handbook": {", ".join(missing)}')
    if set(facts["exercises"]) != set(headings):
        raise ValueError(
            f"{file}.ipynb must say of each of its exercises what it is about: {sorted(headings)}, "
            f"got {sorted(facts['exercises'])}"
        )
    return Chapter(
        file=file,
        title=title(notebook),
        short=facts.get("short", title(notebook)),
        level=facts["level"],
        after=facts["after"],
        gist=facts["gist"],
        skill=facts["skill"],
        minutes=5 * round(minutes(notebook) / 5),
        exercises=tuple(
            Exercise(f"{name}/{own}", heading, facts["exercises"][own]) for own, heading in headings.items()
        ),
        answers=tuple(_answers(notebook)),
    )


def _exercises(notebook: dict, chapter: str) -> dict[str, str]:
    """The heading of each exercise by its name, in the order of the chapter."""
    found, heading = {}, ""
    pattern = re.compile(rf'^### (\d+\. .+?) *$|check\(\w+, "{chapter}/(\w+)"\)', re.MULTILINE)
    for cell in notebook["cells"]:
        for match in pattern.finditer(_source(cell)):
            heading = match[1] or heading
            if match[2]:
                found.setdefault(match[2], heading)
    return found


def _answers(notebook: dict) -> list[Answer]:
    """The right answer to each question, in the order of the chapter."""
    return [
        Answer(letter, text, re.sub("^[a-z]", lambda first: first[0].upper(), " ".join(reason.split())))
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown"
        for letter, text, reason in RIGHT.findall(_source(cell))
    ]
