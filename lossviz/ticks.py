"""The file of ticks, {"chapter:l1_loss": true, "exercise:l1_loss/weighted": true}: what a reader has done.

It has the form and the name of what the site exports and imports, so either can take up what the other
holds. It lies in the reader's home; HANDBOOK_PROGRESS names another.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path

from filelock import SoftFileLock, Timeout

FILE = "~/handbook-progress.json"
HIDDEN = "~/.loss-function-handbook.json"  # until version 0.2; a browser's dialog for files does not show it
KINDS = ("chapter", "exercise")
WAIT = 2.0  # seconds for another kernel that is writing


class _Unkept(Exception):
    """The file cannot be used; the text says why, for the reader."""


def load() -> dict[str, bool]:
    """What is ticked, as {"chapter:l1_loss": True}; empty where there is no file. Never raises."""
    return look()[0]


def look() -> tuple[dict[str, bool], str]:
    """What is ticked, and what is wrong with the file, if anything. Never raises."""
    try:
        return {key: True for key, value in _read(_place()).items() if value is True}, ""
    except _Unkept as reason:
        return {}, str(reason)


def remember(key: str, done: bool = True) -> str:
    """Tick `key`, such as "exercise:l1_loss/weighted", or untick it; returns a line that says what happened.

    Never raises for a file that cannot be read or written, only, with ValueError, for a key of another form.
    """
    kind, _, name = str(key).partition(":")
    if kind not in KINDS or not name:
        raise ValueError(f'a key must be "chapter:<name>" or "exercise:<name>", got {key!r}')
    try:
        _keep(_place(), key, done)
    except _Unkept as reason:
        return f"{key} not kept: {reason}"
    return f"{key} {'ticked' if done else 'open again'}"


def _place() -> Path:
    named = os.environ.get("HANDBOOK_PROGRESS") or FILE
    try:
        place = Path(named).expanduser()
        if named == FILE and not place.exists():
            with contextlib.suppress(OSError):
                Path(HIDDEN).expanduser().rename(place)
        return place
    except RuntimeError:
        raise _Unkept(f"there is no home for {named}; HANDBOOK_PROGRESS must name another file") from None


def _read(file: Path) -> dict:
    try:
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _Unkept(f"{file} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _Unkept(f"{file} is not JSON") from None
    if not isinstance(found, dict):
        raise _Unkept(f'{file} must hold {{"chapter:l1_loss": true}}, got {type(found).__name__}')
    return found


def _keep(file: Path, key: str, done: bool) -> None:
    """Put one tick into the file, or take it out, with all that others put there meanwhile."""
    if (_read(file).get(key) is True) == done:
        return
    try:
        target = file.resolve()  # where a link leads, not the link
        target.parent.mkdir(parents=True, exist_ok=True)
        # Two kernels may tick at once: each must read what the other has written.
        with SoftFileLock(f"{target}.lock", timeout=WAIT, poll_interval=0.01):
            entries = {name: value for name, value in _read(file).items() if name != key}
            _write(target, entries | {key: True} if done else entries)
    except Timeout as held:
        raise _Unkept(f"another program has held {held.lock_file} for {WAIT:g} seconds") from None
    except (OSError, RuntimeError) as error:  # RuntimeError for links in a circle
        raise _Unkept(f"{file} cannot be written ({getattr(error, 'strerror', None) or error})") from None


def _write(file: Path, entries: dict) -> None:
    # Written aside and moved, so that who reads meanwhile finds one whole file.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as aside:
        json.dump(dict(sorted(entries.items())), aside, indent=1)
    try:
        os.replace(aside.name, file)
    except OSError:
        os.unlink(aside.name)
        raise
