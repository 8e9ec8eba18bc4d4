"""What a cell shows replaces what it showed before, so explorers of a cell that was run again are closed.

A widget lives until it is closed, in the kernel and in the page, and Out keeps what a cell returned: a reader
who runs a cell a hundred times would keep a hundred explorers. A closed explorer that somebody still holds is
opened again when it is shown.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ipywidgets
from IPython import get_ipython
from ipywidgets.widgets.widget import _instances

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer


@dataclass
class _Output:
    """What one run of a cell shows."""

    run: str
    explorers: weakref.WeakSet = field(default_factory=weakref.WeakSet)


_outputs: dict[str, _Output] = {}  # by cell


def note(explorer: Explorer) -> None:
    """Remember that the running cell shows this explorer; what it showed before is closed at its end."""
    shell = get_ipython()
    parent = getattr(shell, "get_parent", dict)() or {}
    cell, run = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    if not cell or not run:
        return  # the host does not say which cell is running
    before = _outputs.get(cell)
    if before is None or before.run != run:
        _outputs[cell] = _Output(run)
        if before is not None:
            _at_the_end(shell, lambda: _close(before.explorers, shell))
    _outputs[cell].explorers.add(explorer)


def _at_the_end(shell, act) -> None:
    """Calls `act` once, when the cell has run."""

    def once(result):
        shell.events.unregister("post_run_cell", once)
        act()

    shell.events.register("post_run_cell", once)


def _close(explorers: weakref.WeakSet, shell) -> None:
    """Closes those that no cell shows any more and no other widget refers to, and takes them out of Out."""
    still_shown = {id(e) for output in _outputs.values() for e in output.explorers}
    gone = [e for e in explorers if id(e) not in still_shown]
    held = {id(part) for widget in list(_instances.values()) for part in _parts(widget)} if gone else set()
    for explorer in gone:
        if id(explorer) not in held:
            explorer.close()
            _forget(explorer, shell)


def _parts(widget: ipywidgets.Widget) -> Iterator[object]:
    """What the traits of a widget refer to: the children of a box, both ends of a link."""
    waiting = list(widget._trait_values.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, (tuple, list)):
            waiting.extend(value)
        elif isinstance(value, ipywidgets.Widget):
            yield value


def _forget(explorer: Explorer, shell) -> None:
    results = shell.user_ns.get("_oh", {})
    for number in [n for n, value in results.items() if value is explorer]:
        del results[number]
        shell.user_ns.pop(f"_{number}", None)
