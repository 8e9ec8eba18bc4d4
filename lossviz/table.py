"""The table of an explorer: functions at every position of the controls they depend on, as float32."""

from __future__ import annotations

import base64
import contextlib
import inspect
import io
import itertools
import math
import warnings
import zlib
from collections.abc import Callable

import numpy as np
import torch

from lossviz.arrays import floats
from lossviz.controls import MAX_POSITIONS, Control

MAX_BYTES = 4_000_000
DROPPED_BITS = 4  # of a float32's 24 significant bits, on a page


def name_of(function: Callable) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return "the function" if name == "<lambda>" else name


def _signature(function: Callable) -> list[inspect.Parameter]:
    """The parameters of a function, none where it does not tell (NumPy's ufuncs, some built-ins)."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def parameters(function: Callable) -> list[str]:
    """The names of the parameters that can be given by position."""
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in _signature(function) if p.kind in by_position]


def depends_on(function: Callable, controls: dict[str, Control]) -> list[str]:
    """The controls that a function takes by name; all of them if it takes **keywords."""
    names = _signature(function)
    if any(p.kind is p.VAR_KEYWORD for p in names):
        return list(controls)
    return [name for name in controls if any(p.name == name for p in names)]


def _place(point: tuple, setting: dict) -> str:
    return ", ".join([f"{p:g}" for p in point] + [f"{name}={value!r}" for name, value in setting.items()])


def call_at(function: Callable, setting: dict, *point: float) -> np.ndarray:
    """function(*point, **setting) as an array; ValueError with the place where it raises."""
    # inf and nan are answers here: the explorer draws them as gaps.
    with np.errstate(all="ignore"):
        try:
            try:
                return floats(function(*point, **setting))
            except (TypeError, AttributeError):
                if not point:
                    raise
                # Perhaps written for tensors.
                return floats(function(*(torch.tensor(p, dtype=torch.float64) for p in point), **setting))
        except Exception as error:
            where = _place(point, setting)
            place = f" at ({where})" if where else ""
            raise ValueError(f"{name_of(function)} failed{place}: {type(error).__name__}: {error}") from error


def call_for(shape: tuple, function: Callable, setting: dict) -> np.ndarray:
    """function(**setting), which must return an array of this shape."""
    values = call_at(function, setting)
    if values.shape != shape:
        raise ValueError(
            f"{name_of(function)} must return numbers of shape {shape}, got shape {values.shape} "
            f"at ({_place((), setting)})"
        )
    return values


def apply(function: Callable, points: tuple[np.ndarray, ...], setting: dict) -> np.ndarray:
    """function at every point: in one call if it takes arrays or tensors, else one by one (a mean, an if)."""
    shape = points[0].shape
    for convert in (np.array, torch.tensor):  # both copy: a function may write into its input
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            try:
                values = floats(function(*map(convert, points), **setting))
                if values.shape == shape:
                    return values
            except Exception:
                # Not written for arrays, or wrong: the calls below tell which, and at which point.
                continue
    values = []
    for point in zip(*(p.ravel().tolist() for p in points), strict=True):
        value = call_at(function, setting, *point)
        if value.size != 1:
            raise ValueError(
                f"{name_of(function)} must return one number per point: shape {shape} for shape {shape}, "
                f"or a number for a number; at ({_place(point, setting)}) it returned shape {value.shape}"
            )
        values.append(value.reshape(()))
    return np.array(values).reshape(shape)


def central_difference(function: Callable, axis: int = 0) -> Callable:
    """The slope of a function along one of its arguments, from its values at both sides of each point."""

    def slope(*points, **setting):
        # The best step depends on the precision that the function computes in.
        precision = np.finfo(apply(function, points, setting).dtype).eps
        step = np.cbrt(precision) * np.maximum(1.0, np.abs(points[axis]))
        ahead, behind = list(points), list(points)
        ahead[axis], behind[axis] = points[axis] + step, points[axis] - step
        above, below = (apply(function, tuple(p), setting).astype(float) for p in (ahead, behind))
        with np.errstate(all="ignore"):
            return (above - below) / (ahead[axis] - behind[axis])

    return slope


class Table:
    """Collects series: blocks of positions x size float32 numbers that know the controls they depend on."""

    def __init__(self, controls: dict[str, Control]):
        self.controls = controls
        self.series: list[dict] = []
        self.blocks: list[np.ndarray] = []
        self.floats = 0

    def add(
        self, role: str, name: str, function: Callable, size: int, evaluate: Callable, **more
    ) -> np.ndarray:
        """Calls `evaluate(function, setting)`, which gives `size` numbers, at every position.

        Raises ValueError, before anything is computed, if the table would get too many positions or bytes,
        and where a function fails. What a function prints is not shown: it is called thousands of times.
        """
        axes = depends_on(function, self.controls)
        counts = [len(self.controls[axis].values) for axis in axes]
        count = math.prod(counts)
        total = 4 * (self.floats + count * size)
        if count > MAX_POSITIONS or total > MAX_BYTES:
            grid = " x ".join(f"{n} ({axis})" for n, axis in zip(counts, axes, strict=True)) or "1"
            raise ValueError(
                f"{name}: {grid} = {count:,} positions of {size:,} numbers each would make the table "
                f"{total / 1e6:,.1f} MB; at most {MAX_POSITIONS:,} positions and {MAX_BYTES / 1e6:g} MB fit. "
                f"Give a slider or an axis a larger step, a log slider a smaller count, "
                f"or let fewer controls reach this function."
            )
        settings = itertools.product(*(self.controls[axis].values for axis in axes))
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                rows = [evaluate(function, dict(zip(axes, setting, strict=True))) for setting in settings]
        except ValueError as error:
            # Most of these have no name of their own.
            raise ValueError(f"{role} {name!r}: {error}") from error
        with np.errstate(over="ignore"):
            block = np.asarray(rows, dtype=float).astype(np.float32)
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

    def tobytes(self) -> bytes:
        return b"".join(np.ascontiguousarray(block, "<f4").tobytes() for block in self.blocks)


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
