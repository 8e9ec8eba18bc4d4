"""How an answer is held against torch, and what is said where it differs."""

import contextlib
import copy
import dis
import signal
import threading
import time

import numpy as np
import torch

from lossviz.arrays import array
from lossviz.quiet import hushed, unwarned

SECONDS = 1.0  # that an answer may take for all its inputs


class NotAttempted(Exception):
    """The stub is still as it was."""


class Deadline:
    """When the monotonic clock reads `at`, an answer must be there for all its inputs."""

    def __init__(self):
        self.at = time.monotonic() + SECONDS


class _TooLong(BaseException):
    """The answer takes too long. No Exception, so that the answer itself does not catch it by accident."""


class NotYet(Exception):
    """The answer is wrong; the text says how."""


def judge(answer, exercise, case, first, deadline):
    """Raise unless the answer is right for this case, and there in time."""
    expected = expected_result(exercise.reference, case)
    if exercise.is_value and not callable(answer):
        result, error = answer, None
    elif callable(answer):
        result, error = _call(answer, case, deadline, exercise.quietly)
    else:
        raise NotYet(f"expected the function {exercise.asks_for}, got {type(answer).__name__}")

    if first and _is_stub(answer, result, error):
        raise NotAttempted
    given = f"for {_given(case)}" if case else ""
    if expected is None and isinstance(error, ValueError):
        return
    if error is not None:
        wanted = " where a ValueError is expected" if expected is None else ""
        raise NotYet(f"your function raised {_said(error)}{wanted} {given}".rstrip())
    if expected is None:
        raise NotYet(f"{given} expected a ValueError, but your function returned a result")

    if result is None:
        raise NotYet(f"your function returned nothing {given}".rstrip() + "; is a `return` missing?")
    got = _to_array(result)
    if got is None:
        raise NotYet(f"expected numbers, got {type(result).__name__} {given}".rstrip())
    if got.shape != expected.shape:
        raise NotYet(f"expected shape {expected.shape}, got {got.shape} {given}".rstrip())
    # A value worked out by hand may be rounded to three decimals.
    atol = 5e-4 if exercise.is_value else 1e-6
    close = np.isclose(got, expected, rtol=1e-5, atol=atol, equal_nan=True)
    if close.all():
        return
    if exercise.is_value:
        raise NotYet(_hint(got, expected, close))
    raise NotYet(f"{given} expected {_text(_without_dust(expected))}, got {_text(_without_dust(got))}")


def expected_result(reference, case):
    """The reference's result as an array, None where it raises ValueError."""
    tensors = {
        name: torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value
        for name, value in case.items()
    }
    try:
        return reference(**tensors).numpy(force=True)
    except ValueError:
        return None


def _call(function, case, deadline, quietly):
    """The result and the exception, one of them None, of a call with copies of the arguments."""
    arguments = copy.deepcopy(case)
    try:
        # What NumPy would warn of, it raises.
        strict = np.errstate(divide="raise", over="raise", invalid="raise") if quietly else np.errstate()
        with hushed(), unwarned(), strict, _limited_time(deadline):
            result = function(**arguments)
    except _TooLong:
        given = f" for {_given(case)}" if case else ""
        raise NotYet(
            f"your function was stopped{given}, {SECONDS:g} second after the check began; "
            "does a loop never end?"
        ) from None
    except (Exception, SystemExit) as error:
        warning = quietly and isinstance(error, FloatingPointError)
        return None, RuntimeWarning(str(error)) if warning else error
    for name, value in case.items():
        if isinstance(value, np.ndarray) and arguments[name].tobytes() != value.tobytes():
            raise NotYet(f"your function changed its argument `{name}`")
    return result, None


@contextlib.contextmanager
def _limited_time(deadline):
    """Raises _TooLong in what is not ready at the deadline.

    By a signal, which only the main thread of a Unix program receives: there notebooks run. On Windows and
    in other threads a call takes as long as it takes, and the kernel's stop button ends it. The same goes
    for an answer that catches every exception for ever.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    last = time.monotonic()

    def ring(number, frame):
        nonlocal last
        now = time.monotonic()
        if _imports(frame):
            # torch loads some of its parts at their first use, which takes seconds: not the answer's time.
            # And torn off in the middle, they would be broken until the kernel starts again.
            deadline.at += now - last
        last = now
        if now >= deadline.at:
            raise _TooLong

    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: an answer may catch the first in an `except:` of its own.
    signal.setitimer(signal.ITIMER_REAL, SECONDS / 10, SECONDS / 10)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _imports(frame):
    """Whether the answer stands in an import."""
    while frame is not None and frame.f_code is not _call.__code__:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _is_stub(answer, result, error):
    """Whether this is what a stub gives: `...`, a bare NotImplementedError, arithmetic on `...`, or nothing
    from a function that does nothing."""
    if isinstance(error, NotImplementedError):
        return not str(error)  # torch's own say for which dtype
    if error is not None:
        return isinstance(error, TypeError) and "ellipsis" in str(error)
    if result is None:
        return not callable(answer) or _does_nothing(answer)
    items = result if isinstance(result, list | tuple) else [result]
    return any(item is None or item is Ellipsis for item in items)


def _does_nothing(function):
    """Whether the body of a function is empty, but for a docstring, `...`, `pass` or `return None`."""
    code = getattr(function, "__code__", None)
    idle = {"RESUME", "NOP", "RETURN_CONST", "LOAD_CONST", "RETURN_VALUE"}
    return code is not None and all(step.opname in idle for step in dis.get_instructions(code))


def _said(error):
    """An exception in one line of bounded length."""
    try:
        text = str(error)
    except Exception:
        text = "an exception that cannot be shown"
    return f"{type(error).__name__}: {text if len(text) <= 500 else text[:500] + ' …'}"


def _to_array(result):
    """The result as a float array, None if it does not consist of numbers."""
    try:
        values = array(result)
    except Exception:
        return None
    return values.astype(np.float64) if values.dtype.kind in "iuf" else None


def _hint(got, expected, close):
    """What is wrong with a value, without giving it away."""
    index = tuple(np.argwhere(~close)[0])
    size = (
        "too large"
        if got[index] > expected[index]
        else "too small"
        if got[index] < expected[index]
        else "wrong"
    )
    where = f" at index {index[0]}" if index else ""
    return f"{_text(got[index])}{where} is {size}"


def _given(case):
    return ", ".join(f"{name}={_text(value)}" for name, value in case.items())


def _without_dust(numbers):
    """The numbers with 0 for what rounding left of a difference, which is another on each processor."""
    if numbers.dtype.kind != "f":
        return numbers
    largest = np.abs(numbers, where=np.isfinite(numbers), out=np.zeros_like(numbers)).max(initial=0)
    return np.where((np.abs(numbers) < 1e-14 * largest) & (numbers != 0), 0.0, numbers)


def _text(value):
    """A number or an array in one line, floats to six significant digits."""
    text = np.array2string(
        np.asarray(value),
        separator=", ",
        formatter={"float_kind": lambda number: repr(float(f"{number:.6g}")), "int_kind": str},
    )
    return " ".join(text.split())
