"""What each cell shows: of that, code is sent once, and what a cell showed before it was run again is closed.

A widget lives until it is closed, in the kernel and in the page, and Out keeps what a cell returned: a reader
who runs a cell a hundred times would keep a hundred explorers. A closed explorer that somebody still holds is
opened again when it is shown.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import ipywidgets
from IPython import get_ipython
from ipywidgets.widgets.widget import _instances


class Reopened(ipywidgets.DOMWidget):
    """A widget that can be closed and, when it is shown again, opened again."""

    def open(self) -> None:
        if self.layout.comm is None:
            self.layout.open()
        super().open()

    def close(self) -> None:
        super().close()
        self.layout.close()
        self.__dict__.pop("_repr_mimebundle_", None)  # ipywidgets takes it from what is closed


@dataclass
class _Output:
    """What one run of a cell shows, and whether the code of all explorers is in it."""

    run: str
    widgets: weakref.WeakSet = field(default_factory=weakref.WeakSet)
    has_code: bool = False


def attended() -> bool:
    """Whether somebody can use what the running cell shows while its kernel lives.

    A program that runs a notebook, as nbconvert and Jupyter Book do, says that it can be asked nothing.
    """
    parent = getattr(get_ipython(), "get_parent", dict)() or {}
    return parent.get("content", {}).get("allow_stdin", True)


_outputs: dict[str, _Output] = {}  # by cell


def note(*widgets: Reopened) -> bool:
    """Remember that the running cell shows these, and say whether their HTML must bring the code.

    What the cell showed before is closed at its end. Where the host does not say which cell is running, as in
    programs that make pages, nothing is closed and each brings the code.
    """
    shell = get_ipython()
    parent = getattr(shell, "get_parent", dict)() or {}
    cell, run = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    if not cell or not run:
        return True
    for gone in parent["metadata"].get("deletedCells", []):
        _outputs.pop(gone, None)
    before = _outputs.get(cell)
    if before is None or before.run != run:
        _outputs[cell] = _Output(run)
        if before is not None:
            _at_the_end(shell, lambda: _close(before.widgets, shell))
    output = _outputs[cell]
    output.widgets.update(widgets)
    needs_code = not any(other.has_code for other in _outputs.values())
    output.has_code |= needs_code
    return needs_code


def _at_the_end(shell, act: Callable[[], None]) -> None:
    """Calls `act` once, when the cell has run."""

    def once(result):
        shell.events.unregister("post_run_cell", once)
        act()

    shell.events.register("post_run_cell", once)


def _close(widgets: weakref.WeakSet, shell) -> None:
    """Closes those that no cell shows any more and no other widget refers to, and takes them out of Out."""
    still_shown = {id(widget) for output in _outputs.values() for widget in output.widgets}
    gone = {id(widget): widget for widget in widgets if id(widget) not in still_shown}
    others = [widget for widget in list(_instances.values()) if id(widget) not in gone] if gone else []
    held = {id(part) for widget in others for part in _parts(widget)}
    for key, widget in gone.items():
        if key not in held:
            widget.close()
            _forget(widget, shell)


def _parts(widget: ipywidgets.Widget) -> Iterator[object]:
    """What the traits of a widget refer to: the children of a box, both ends of a link."""
    waiting = list(widget._trait_values.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, (tuple, list)):
            waiting.extend(value)
        elif isinstance(value, ipywidgets.Widget):
            yield value


def _forget(widget: Reopened, shell) -> None:
    """Takes a result out of all places where IPython keeps it, and what was shown of it."""
    results = shell.user_ns.get("_oh", {})
    for number in [n for n, value in results.items() if value is widget]:
        del results[number]
        for names in (shell.user_ns, shell.user_ns_hidden):
            names.pop(f"_{number}", None)
        getattr(shell.history_manager, "outputs", {}).pop(number, None)
