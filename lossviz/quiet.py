"""Keeps from the page what a reader's function prints, or warns of, while it is called thousands of times.

sys.stdout and the filters of warnings belong to the whole process. Who sets them and later puts back what was
there, as `contextlib.redirect_stdout` and `warnings.catch_warnings` do, leaves them set for good when two
threads leave in the order in which they came. Here the first in sets them, the last out puts them back, and
what other threads print meanwhile is shown.
"""

import contextlib
import sys
import threading
import warnings
from contextvars import ContextVar

_hushed: ContextVar[frozenset] = ContextVar("hushed", default=frozenset())
_lock = threading.Lock()
_inside = {"stdout": 0, "stderr": 0, "warnings": 0}
_filters = contextlib.ExitStack()


class _Gate:
    """Stands in the place of a stream while any thread is hushed; the others write through it."""

    def __init__(self, name, stream):
        self.name_of_stream, self.stream = name, stream

    def write(self, text):
        return len(text) if self.name_of_stream in _hushed.get() else self.stream.write(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self.stream, name)


@contextlib.contextmanager
def hushed(*names):
    """What this thread writes to sys.stdout (or the streams that are named) is not shown."""
    names = names or ("stdout",)
    token = _hushed.set(_hushed.get() | set(names))
    for name in names:
        _close_gate(name)
    try:
        yield
    finally:
        for name in names:
            _open_gate(name)
        _hushed.reset(token)


@contextlib.contextmanager
def aloud():
    """What is written within `hushed` after all."""
    token = _hushed.set(frozenset())
    try:
        yield
    finally:
        _hushed.reset(token)


def is_hushed() -> bool:
    """Whether what this thread prints is not shown."""
    return "stdout" in _hushed.get()


def _close_gate(name):
    with _lock:
        _inside[name] += 1
        stream = getattr(sys, name)
        # A program without a console has none, and someone may have put another in its place meanwhile.
        if stream is not None and not isinstance(stream, _Gate):
            setattr(sys, name, _Gate(name, stream))


def _open_gate(name):
    with _lock:
        _inside[name] -= 1
        stream = getattr(sys, name)
        if not _inside[name] and isinstance(stream, _Gate):
            setattr(sys, name, stream.stream)


@contextlib.contextmanager
def unwarned():
    """No warning is shown: this thread's, and, where Python keeps one list for all threads, no other's."""
    if getattr(sys.flags, "context_aware_warnings", False):
        with warnings.catch_warnings(action="ignore"):
            yield
        return
    with _lock:
        _inside["warnings"] += 1
        if _inside["warnings"] == 1:
            _filters.enter_context(warnings.catch_warnings(action="ignore"))
    try:
        yield
    finally:
        with _lock:
            _inside["warnings"] -= 1
            if not _inside["warnings"]:
                _filters.close()
