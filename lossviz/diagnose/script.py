"""Runs a script as Python would, and tells what its losses do."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from runpy import run_path

from lossviz.diagnose.finding import Finding, Report
from lossviz.diagnose.watching import Watch

INTERRUPTED = 130  # the exit code of a program that Ctrl-C ended
FIRST_NAN = {"nan_in_target", "nan_in_input", "value_not_finite", "gradient_not_finite"}


def run_script(path: str, arguments: list[str]) -> int:
    """Runs the script at `path` with these arguments; returns its exit code.

    The report goes to the standard error stream, so that what the script prints stays as it is: at the first
    nan or inf what is known until then, and at the end, also after an error or an interrupt, all that was
    found. Raises ValueError where there is no such file.
    """
    if not Path(path).is_file():
        raise ValueError(f"the script must be a file, got {path!r}")
    shown: list[Finding] = []
    watched = Watch(tell=lambda finding: _first_nan(watched.report, finding, shown))
    before = sys.argv, sys.path[:]
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    try:
        code = _run(path, watched)
    finally:
        sys.argv, sys.path[:] = before
    _print(watched.report, "The report of diagnose, at the end")
    return code


def _run(path: str, watched: Watch) -> int:
    """The exit code, as Python would give it."""
    try:
        with watched:
            run_path(path, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:
        traceback.print_exception(error.with_traceback(_own(error, path)))
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _own(error: BaseException, path: str):
    """The traceback from the script on, without what ran it."""
    step = error.__traceback__
    while step is not None and step.tb_frame.f_code.co_filename != path:
        step = step.tb_next
    return step or error.__traceback__


def _first_nan(report: Report, finding: Finding, shown: list) -> None:
    """Prints the report when the first nan or inf is found: the run may take long, and is spoilt."""
    if finding.rule in FIRST_NAN and not shown:
        shown.append(finding)
        _print(report, "The report of diagnose, at the first number that is not finite")


def _print(report: Report, title: str) -> None:
    sys.stdout.flush()
    print(f"\n{title}\n{'-' * len(title)}\n{report!r}\n", file=sys.stderr, flush=True)
