"""Lines of the reader's own code: the one that called a loss, the one that raised an error."""

from __future__ import annotations

import os
import sys

import torch

from lossviz.diagnose.finding import Line

# Frames of these are no caller: torch itself and this package.
OWN = tuple(os.path.dirname(module.__file__) + os.sep for module in (torch, sys.modules["lossviz"]))
INSTALLED = f"{os.sep}site-packages{os.sep}"


def caller() -> Line | None:
    """The line of the code that called the loss: the nearest outside of what is installed, or of torch."""
    frame, nearest = sys._getframe(1), None
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(OWN) and not file.startswith("<frozen"):
            nearest = nearest or Line(file, frame.f_lineno)
            if INSTALLED not in file:
                return Line(file, frame.f_lineno)
        frame = frame.f_back
    return nearest


def line_of(error: BaseException) -> Line | None:
    """The last line of the caller's own code in a traceback."""
    found, step = None, error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith(OWN) and INSTALLED not in file and not file.startswith("<frozen"):
            found = Line(file, step.tb_lineno)
        step = step.tb_next
    return found
