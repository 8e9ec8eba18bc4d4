"""A line that says how far something slow is, rewritten in place while the reader waits."""

from __future__ import annotations

import functools
import html
import sys
import time
from collections.abc import Callable

from IPython import get_ipython
from IPython.display import display

from lossviz.quiet import aloud, is_hushed

AFTER = 1.0  # seconds until there is a line
EVERY = 0.1  # seconds between two lines


class Waiting:
    """How many of `count` are done, told between two calls of a reader's function.

    As a context manager it shows a line from `after` seconds on, counted from `since` (default: now), and
    takes it away at the end. Set `done`, and `tell` as often as you like: it writes every `EVERY` seconds.
    """

    def __init__(self, what: str, count: int, unit: str, *, since=None, after=None, line=None):
        self.what, self.count, self.unit = what, count, unit
        self.done, self.calls = 0, 0
        self._due = (time.monotonic() if since is None else since) + (AFTER if after is None else after)
        self._line = line or new_line()
        self._hushed = is_hushed()  # by who waits for more than this

    def __str__(self) -> str:
        calls = f", {self.calls:,} call{'s' * (self.calls > 1)}" if self.calls else ""
        return f"{self.what}: {self.done:{len(f'{self.count:,}')},d} of {self.count:,} {self.unit}{calls}"

    def counted(self, function: Callable) -> Callable:
        """The function, with each of its calls counted and told."""

        @functools.wraps(function)
        def call(*args, **kwargs):
            result = function(*args, **kwargs)
            self.calls += 1
            self.tell()
            return result

        return call

    def tell(self) -> None:
        """Write the line, if it is time."""
        if not self._hushed and (now := time.monotonic()) >= self._due:
            self._due = now + EVERY
            with aloud():
                self._line.show(str(self))

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *error) -> None:
        self._line.clear()


def new_line() -> Line | _Output:
    """Where a line goes by itself: in a notebook to an output of its own, elsewhere to the terminal."""
    return _Output() if getattr(get_ipython(), "kernel", None) else Line()


class Line:
    """A line of printed text, rewritten in place; `everywhere`, or only where it can be, in a terminal."""

    def __init__(self, *, everywhere: bool = False):
        self._everywhere, self._width = everywhere, 0

    def show(self, text: str, end: str = "") -> None:
        if self._everywhere or sys.stdout.isatty():
            # What is left of a longer line before it would spoil this one.
            print(f"\r{text:{self._width}}", end=end, flush=True)
            self._width = max(self._width, len(text))

    def clear(self) -> None:
        if self._width:
            print(f"\r{'':{self._width}}\r", end="", flush=True)
            self._width = 0


class _Output:
    """An output of its own in a notebook. It ends up empty, and holds no text that a saved notebook keeps."""

    def __init__(self):
        self._handle = None

    def show(self, text: str) -> None:
        data = {"text/html": f"<code>{html.escape(text)}</code>" if text else ""}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def clear(self) -> None:
        if self._handle is not None:
            self.show("")
