"""Controls of an explorer: a finite list of positions each, since every position is computed in advance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

MAX_POSITIONS = 20_000


def _number(value: float) -> str:
    """A position as it is shown: a whole number as it is, else at most four significant digits."""
    return (str(value) if is_whole(value) else f"{value:.4g}").replace("-", "−")


def nice_step(lo: float, hi: float, at_most: int) -> float:
    """The smallest of 1, 2, 2.5 or 5 times a power of ten with at most `at_most` steps from lo to hi."""
    raw = (hi - lo) / at_most
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))


def positions(lo: float, hi: float, step: float) -> list[float]:
    """lo, lo + step, … up to hi, without the dust of binary fractions (0.30000000000000004)."""
    count = math.floor((hi - lo) / step + 1e-9) + 1
    if count > MAX_POSITIONS:
        raise ValueError(
            f"{lo:g} to {hi:g} in steps of {step:g} makes {count:,} positions; "
            f"at most {MAX_POSITIONS:,} fit. Take a larger step."
        )
    return [float(f"{lo + i * step:.12g}") for i in range(count)]


def as_list(given) -> list | None:
    """What can be gone through, once, as a list; None for what cannot, such as an array without axes."""
    try:
        return list(given)
    except TypeError:
        return None


def is_number(value) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def is_whole(value) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def check_whole(what: str, value, lo: int, hi: int) -> None:
    if not is_whole(value) or not lo <= value <= hi:
        raise ValueError(f"{what} must be a whole number between {lo:,} and {hi:,}, got {value!r}")


def check_range(what: str, lo: float, hi: float) -> None:
    if not (is_number(lo) and is_number(hi) and lo < hi and math.isfinite(hi - lo)):
        raise ValueError(f"{what} must run from a smaller to a larger finite number, got ({lo!r}, {hi!r})")


def check_step(what: str, step, lo: float, hi: float) -> None:
    if not is_number(step) or not 0 < step <= hi - lo:
        raise ValueError(f"{what} must be a number > 0 and at most the range {hi - lo:g}, got {step!r}")


class Control:
    """`values` (the positions), their `text` on the page and `code` in a call, `start` (an index).

    A mask has too many positions for a list: its `values` are empty, and it starts at a value.
    """

    kind: str
    label: str | None
    values: list
    start: int | str

    @property
    def first(self):
        """The value of the first setting."""
        return self.values[self.start]

    @property
    def text(self) -> list[str]:
        return [str(value) for value in self.values]

    @property
    def code(self) -> list[str]:
        return [repr(value) for value in self.values]

    def snap(self, name: str, value):
        """The position that `value` stands for; ValueError with the rule if it is none."""
        if value not in self.values:
            raise ValueError(f"{name} must be one of {self.values}, got {value!r}")
        # Not `value` itself: 1 or np.True_ is equal to True, but a page tells them apart.
        return self.values[self.values.index(value)]


class Slider(Control):
    """Numbers from `lo` to `hi`: `Slider(0.1, 3.0, 1.0, step=0.1, label="β")`.

    lo, hi  the two ends, finite numbers; `lo` > 0 with `log=True`
    value   the first setting (default: the middle); always one of the positions
    step    the distance of the positions (default: a round number giving at most `count` of them)
    count   how many positions there are at most, 2 to 20,000
    log     they grow by a constant factor instead, `count` of them, rounded to three significant digits
    label   names the control on the page (default: the name of the argument)

    Raises ValueError for an empty or reversed range, a step that is not positive, fewer than two or more than
    20,000 positions, or a value outside the range.

    Where `lo`, `hi`, `step` and the value, if given, are all ints, functions get ints: range(n) works.
    """

    kind = "slider"

    def __init__(self, lo, hi, value=None, *, step=None, count=61, log=False, label=None):
        check_range("a slider", lo, hi)
        if log and lo <= 0:
            raise ValueError(f"a log slider must start above 0, got {lo}")
        if log and step is not None:
            raise ValueError(f"a log slider takes count, not step, got step={step}")
        if step is not None:
            check_step("step", step, lo, hi)
        check_whole("count", count, 2, MAX_POSITIONS)
        if log:
            inner = np.geomspace(lo, hi, count)[1:-1]
            # The ends stay as they are: rounded outwards, they could leave the domain of a function.
            lo, hi = float(lo), float(hi)
            values = sorted({lo, hi, *(min(max(float(f"{v:.3g}"), lo), hi) for v in inner)})
        else:
            values = positions(lo, hi, step or min(nice_step(lo, hi, count - 1), hi - lo))
        whole = step is not None and all(map(is_whole, (lo, hi, step, 0 if value is None else value)))
        if whole:
            values = list(range(int(lo), int(hi) + 1, int(step)))
        self.values, self.hi, self.label = values, float(hi), label
        if value is None:
            value = values[len(values) // 2]
        nearest = self.snap("value", value)
        # The first setting is exact: the nearest position gives way to it, unless that is an end.
        value = int(value) if whole else float(value)
        self.values = sorted({values[0], values[-1], value, *(v for v in values if v != nearest)})
        self.start = self.values.index(value)

    @classmethod
    def over(cls, values: list[float], value: float | None = None, label: str | None = None) -> Slider:
        """A slider over given positions, in ascending order; it starts at the one nearest to `value`."""
        slider = cls.__new__(cls)
        slider.values, slider.hi, slider.label = values, values[-1], label
        start = values[len(values) * 3 // 4] if value is None else value
        slider.start = values.index(slider.snap(label or "value", start))
        return slider

    @property
    def text(self) -> list[str]:
        return [_number(value) for value in self.values]

    def snap(self, name, value):
        # The last position may lie below `hi`, as 0.9 does for (0, 1, 0.3); up to `hi` it is still meant.
        if not is_number(value) or not self.values[0] <= value <= self.hi:
            raise ValueError(
                f"{name} must be a number between {self.values[0]:g} and {self.hi:g}, got {value!r}"
            )
        return self.values[int(np.argmin(np.abs(np.asarray(self.values) - value)))]


class Choice(Control):
    """One of several strings, finite numbers or None: `Choice(["mean", "sum", "none"])`.

    values  a list of at least two, all different
    value   the first setting (default: the first of them)
    label   names the control on the page (default: the name of the argument)

    Raises ValueError for fewer than two values, two that are equal, a value of another kind, or a first
    setting that is none of them.
    """

    kind = "choice"

    def __init__(self, values: Sequence, value=None, *, label=None):
        if isinstance(values, str) or (listed := as_list(values)) is None:
            raise ValueError(f"a choice needs a list of values, got {values!r}")
        # A page holds the values as JSON, which knows NumPy's numbers as little as tuples.
        self.values = [value.item() if isinstance(value, np.generic) else value for value in listed]
        if wrong := [v for v in self.values if not isinstance(v, (str, int, float, type(None)))]:
            raise ValueError(f"a choice is between strings, numbers and None, got {wrong[0]!r}")
        if wrong := [v for v in self.values if isinstance(v, float) and not math.isfinite(v)]:
            raise ValueError(f"the numbers of a choice must be finite, got {wrong[0]}; name it by a string")
        if len(self.values) < 2 or len(set(self.values)) < len(self.values):
            raise ValueError(f"a choice needs at least two different values, got {self.values}")
        self.start = 0 if value is None else self.values.index(self.snap("value", value))
        self.label = label


class Toggle(Control):
    """On or off: functions get True or False.

    value  the first setting
    label  names the control on the page (default: the name of the argument)
    """

    kind = "toggle"

    def __init__(self, value: bool = False, *, label=None):
        self.values = [False, True]
        self.start = int(bool(value))
        self.label = label


def as_control(name: str, value) -> Control:
    """A control or its short form: (lo, hi) or (lo, hi, step), a list for a choice, a bool for a toggle."""
    if isinstance(value, Control):
        return value
    if isinstance(value, (bool, np.bool_)):
        return Toggle(value)
    if isinstance(value, tuple) and len(value) in (2, 3):
        return Slider(value[0], value[1], step=value[2] if len(value) == 3 else None)
    if isinstance(value, list):
        return Choice(value)
    raise ValueError(
        f"control {name!r} must be a Slider, Choice, Toggle, (lo, hi), a list or a bool, got {value!r}"
    )
