"""What a reader has done, kept in a small JSON file: `done("l1_loss")` ticks a chapter, `course()` shows all.

`check` ticks an exercise that is solved in a notebook, `exercises()` shows them.

The file has the form that the site exports and imports, {"chapter:l1_loss": true}, so either can take up
what the other holds. It is ~/.loss-function-handbook.json; HANDBOOK_PROGRESS names another.
"""

import difflib
import json
import os
import tempfile
from pathlib import Path

from lossviz.losses import CATALOG
from lossviz.tables import Table

KINDS = ("chapter", "exercise")


def place() -> Path:
    """The file that holds the progress."""
    return Path(os.environ.get("HANDBOOK_PROGRESS") or Path.home() / ".loss-function-handbook.json")


def load() -> dict[str, bool]:
    """What is ticked, as {"chapter:l1_loss": True}; empty where there is no file. Never raises."""
    return {key: True for key, value in _read()[0].items() if value is True}


def remember(key: str, done: bool = True) -> str:
    """Tick `key`, such as "exercise:l1_loss/weighted", or untick it; returns a line that says what happened.

    Never raises for a file that cannot be read or written, only, with ValueError, for a key of another form.
    """
    kind, _, name = str(key).partition(":")
    if kind not in KINDS or not name:
        raise ValueError(f'a key must be "chapter:<name>" or "exercise:<name>", got {key!r}')
    entries, problem = _read()
    if problem:
        return f"{key} not kept: {problem}"
    before = entries.pop(key, None) is True
    if done:
        entries[key] = True
    if done != before:
        try:
            _write(entries)
        except OSError as error:
            return f"{key} not kept: {place()} cannot be written ({error.strerror})"
    return f"{key} {'ticked' if done else 'open again'}"


def done(name: str, done: bool = True) -> str:
    """Tick a chapter by the name of its loss, `done("l1_loss")`; `done("l1_loss", False)` takes it back."""
    if not isinstance(name, str) or name not in CATALOG:
        close = difflib.get_close_matches(str(name), CATALOG) or sorted(CATALOG)
        raise ValueError(f"unknown chapter {name!r}; did you mean one of: {', '.join(close)}?")
    return remember(f"chapter:{name}", done)


def course() -> Table:
    """The chapters with a tick before each that is done, and how many of all that is."""
    progress = load()
    rows = [
        ["✓" if f"chapter:{name}" in progress else "○", name, spec.family] for name, spec in CATALOG.items()
    ]
    return Table(["done", "chapter", "family"], rows, title=_counted(rows, "chapters done"))


def exercises() -> Table:
    """The exercises with a tick before each that is solved, and how many of all that is."""
    from lossviz.exercises import EXERCISES  # not above: they tick themselves by this module

    progress = load()
    rows = [["✓" if f"exercise:{name}" in progress else "○", name] for name in EXERCISES]
    return Table(["solved", "exercise"], rows, title=_counted(rows, "exercises solved"))


def _counted(rows: list[list[str]], what: str) -> str:
    """How many of the rows have a tick, and why none is known, if the file is spoilt."""
    problem = _read()[1]
    count = sum(row[0] == "✓" for row in rows)
    return f"{count} of {len(rows)} {what}" + (f" ({problem})" if problem else "")


def _read() -> tuple[dict, str]:
    """What is in the file, and what is wrong with it, if anything."""
    try:
        found = json.loads(place().read_text("utf-8"))
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"{place()} cannot be read ({error.strerror})"
    except ValueError:
        return {}, f"{place()} is not JSON"
    if not isinstance(found, dict):
        return {}, f'{place()} must hold {{"chapter:l1_loss": true}}, got {type(found).__name__}'
    return found, ""


def _write(entries: dict) -> None:
    # Written aside and moved, so that two kernels that write at once leave one whole file.
    target = place().resolve()  # where a link leads, not the link
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
        json.dump(dict(sorted(entries.items())), file, indent=1)
    os.replace(file.name, target)
