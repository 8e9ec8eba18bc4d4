"""What a reader has done: `done("l1_loss")` ticks a chapter, `course()` shows all.

`check` ticks an exercise that is solved in a notebook, `exercises()` shows them.
"""

import difflib

from lossviz import ticks
from lossviz.losses import CATALOG, EXERCISES
from lossviz.tables import Table


def done(name: str, done: bool = True) -> str:
    """Tick a chapter by the name of its loss, `done("l1_loss")`; `done("l1_loss", False)` takes it back."""
    if not isinstance(name, str) or name not in CATALOG:
        close = difflib.get_close_matches(str(name), CATALOG) or sorted(CATALOG)
        raise ValueError(f"unknown chapter {name!r}; did you mean one of: {', '.join(close)}?")
    return ticks.remember(f"chapter:{name}", done)


def course() -> Table:
    """The chapters with a tick before each that is done, and how many of all that is."""
    rows = {f"chapter:{name}": [name, loss.family] for name, loss in CATALOG.items()}
    return _ticked(rows, ["done", "chapter", "family"], "chapters done")


def exercises() -> Table:
    """The exercises with a tick before each that is solved, and how many of all that is."""
    rows = {f"exercise:{name}": [name] for name in EXERCISES}
    return _ticked(rows, ["solved", "exercise"], "exercises solved")


def _ticked(rows: dict[str, list[str]], columns: list[str], what: str) -> Table:
    """The rows, each behind its tick; above them how many have one, and why none is known, if so."""
    found, problem = ticks.look()
    count = sum(key in found for key in rows)
    title = f"{count} of {len(rows)} {what}" + (f" ({problem})" if problem else "")
    return Table(columns, [["✓" if key in found else "○", *row] for key, row in rows.items()], title=title)
