"""What an explorer looks up: functions at every position of the controls they depend on, as float32."""

from __future__ import annotations

import base64
import itertools
import math
import time
import zlib
from collections.abc import Callable

import numpy as np

from lossviz.controls import MAX_POSITIONS, Control
from lossviz.evaluate import depends_on
from lossviz.quiet import hushed
from lossviz.waiting import Waiting, new_line

MAX_BYTES = 4_000_000
DROPPED_BITS = 4  # of a float32's 24 significant bits, on a page
# Significant digits that every number keeps on a page.
DIGITS = int((23 - DROPPED_BITS) * math.log10(2))
# The largest and the smallest that do: what is beyond stands at the largest, what is below at 0.
LARGEST = float((2 - 2.0**-19) * 2.0**127)
SMALLEST = 2.0**-126


class TooMany(ValueError):
    """More positions, or bytes, than a table holds."""


class Lookup:
    """Collects series: blocks of positions x size float32 numbers that know the controls they depend on."""

    def __init__(self, controls: dict[str, Control]):
        self.controls = controls
        self.series: list[dict] = []
        self.blocks: list[np.ndarray] = []
        self.floats = 0
        self._since, self._line = time.monotonic(), new_line()

    def add(
        self, role: str, name: str, function: Callable, size: int, evaluate: Callable, **more
    ) -> np.ndarray:
        """Calls `evaluate(function, setting)`, which gives `size` numbers, at every position.

        Raises ValueError, before anything is computed, if the table would get too many positions or bytes,
        and where a function fails. What a function prints is not shown: it is called thousands of times.
        Where that takes long, a line says how far it is.
        """
        axes = depends_on(function, self.controls)
        counts = [len(self.controls[axis].values) for axis in axes]
        count = math.prod(counts)
        total = 4 * (self.floats + count * size)
        if count > MAX_POSITIONS or total > MAX_BYTES:
            grid = " x ".join(f"{n} ({axis})" for n, axis in zip(counts, axes, strict=True)) or "1"
            raise TooMany(
                f"{name}: {grid} = {count:,} positions of {size:,} numbers each would make the table "
                f"{total / 1e6:,.1f} MB; at most {MAX_POSITIONS:,} positions and {MAX_BYTES / 1e6:g} MB fit. "
                f"Give a slider or an axis a larger step, a log slider a smaller count, "
                f"or let fewer controls reach this function."
            )
        settings = itertools.product(*(self.controls[axis].values for axis in axes))
        rows = []
        try:
            what = f"{role} {name!r}"
            with (
                Waiting(what, count, "positions", since=self._since, line=self._line) as waiting,
                hushed(),
            ):
                function = waiting.counted(function)
                for waiting.done, setting in enumerate(settings):
                    rows.append(evaluate(function, dict(zip(axes, setting, strict=True))))
        except ValueError as error:
            # Most of these have no name of their own.
            raise ValueError(f"{role} {name!r}: {error}") from None
        block = _kept(np.asarray(rows, dtype=float))
        self.series.append(
            {
                "role": role,
                "name": name,
                "axes": axes,
                "size": size,
                "positions": count,
                "offset": self.floats,
                **more,
            }
        )
        self.blocks.append(block)
        self.floats += block.size
        return block

    def first_setting(self, function: Callable) -> dict:
        """The first position of each control that the function depends on."""
        return {name: self.controls[name].values[0] for name in depends_on(function, self.controls)}

    def tobytes(self) -> bytes:
        return b"".join(np.ascontiguousarray(block, "<f4").tobytes() for block in self.blocks)


def _kept(values: np.ndarray) -> np.ndarray:
    """The numbers as float32; a finite one stays finite, and none has digits that a page would lose."""
    near = np.where(np.abs(values) < SMALLEST, 0.0, np.clip(values, -LARGEST, LARGEST))
    return np.where(np.isinf(values), values, near).astype(np.float32)


def is_exact(values: np.ndarray) -> np.ndarray:
    """Where a number was kept: not where it is nan or infinite, or was too large."""
    return np.abs(values) < LARGEST


def row(series: dict, table: bytes, index: dict[str, int], lengths: dict[str, int]) -> np.ndarray:
    """The numbers of one series where every control stands at `index`."""
    position = 0
    for name in series["axes"]:
        position = position * lengths[name] + index[name]
    start = 4 * (series["offset"] + position * series["size"])
    return np.frombuffer(table, "<f4", count=series["size"], offset=start)


def pack(table: bytes, series: list[dict]) -> str:
    """The table as base64 text for a page, a fifth to a fiftieth of its size, exact to one part in a million.

    Rounding to 20 significant bits drops what no picture and no read-out shows. Along a smooth curve the bit
    patterns of floats change evenly, so their second differences are small; with the small bytes of all
    numbers side by side, deflate does the rest. Undone by `unpack` in explorer.js.
    """
    bits = np.frombuffer(table, "<i4").astype(np.int64)
    finite = np.isfinite(np.frombuffer(table, "<f4"))
    bits = np.where(finite, bits + (1 << DROPPED_BITS >> 1), bits) >> DROPPED_BITS
    out = []
    for s in series:
        block = bits[s["offset"] : s["offset"] + s["positions"] * s["size"]].reshape(
            s["positions"], s["size"]
        )
        line = (block if s["size"] >= 16 else block.T).ravel()
        out.append(np.diff(line, n=2, prepend=[0, 0]))
    differences = np.concatenate(out).astype(np.int32)  # wraps round, as the sums in JavaScript do
    zigzag = (differences << 1) ^ (differences >> 31)
    shuffled = np.ascontiguousarray(zigzag.astype("<i4").view(np.uint8).reshape(-1, 4).T)
    return base64.b64encode(zlib.compress(shuffled.tobytes(), 9)).decode()
