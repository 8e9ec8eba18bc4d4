"""How a number is written; explorer/numbers.js does it in the same way, by the cases of tests/words.json."""

import math

import numpy as np

from lossviz.lookup import DIGITS, LARGEST


def number(value: float, digits: int) -> str:
    """A number as the page shows it: `digits` after the point, but no significant digit that is not kept.

    From 1e5 on, and below 0 digits, as a power of ten. Never "-0.000", which rounding makes of some machines'
    zeros.
    """
    value = float(value)
    size = abs(value)
    if LARGEST <= size < math.inf:
        return f"{'>' if value > 0 else '<-'}{LARGEST:.2e}"
    if 1e5 <= size < math.inf or digits < 0 < size < math.inf:
        return f"{value:.2e}"
    if 0 < size < math.inf:
        digits = min(digits, DIGITS - 1 - math.floor(math.log10(size)))
    text = f"{value:.{max(digits, 0)}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def shown(value: float, digits: int) -> str:
    """A number as a picture shows it: with a real minus sign."""
    return number(value, digits).replace("-", "−")


def ticks(lo: float, hi: float, count: int) -> list[float]:
    """Round numbers between lo and hi, about `count` of them, without the dust of binary fractions."""
    raw = (hi - lo) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999) * power
    first, last = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def tick_text(value: float) -> str:
    """A tick of an axis, as short as it is exact."""
    size = abs(value)
    if size >= 1e5 or 0 < size < 1e-3:
        text = np.format_float_scientific(size, trim="-", exp_digits=1).replace("e+", "e")
    else:
        text = np.format_float_positional(size, trim="-")
    return ("−" if value < 0 else "") + text.replace("-", "−")


def beyond(value: float, span: list[float]) -> str:
    """An arrow beside a number that stands outside its axis."""
    lo, hi = span
    return "" if not np.isfinite(value) or lo <= value <= hi else " ↑" if value > hi else " ↓"
