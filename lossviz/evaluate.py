"""Calls a reader's function: with arrays, tensors or numbers, and at both sides of a point for its slope."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

import numpy as np
import torch

from lossviz.arrays import floats
from lossviz.controls import Control
from lossviz.quiet import unwarned


def name_of(function: Callable) -> str:
    function = inspect.unwrap(function)
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
        with np.errstate(all="ignore"), unwarned():
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

    @functools.wraps(function)
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
