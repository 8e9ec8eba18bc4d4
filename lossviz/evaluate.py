"""Calls a reader's function with arrays, tensors or numbers, and finds its slope.

The slope is autograd's where the function takes and returns tensors, else that of the values at both sides.
"""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable

import numpy as np
import torch

from lossviz.arrays import floats
from lossviz.controls import Control
from lossviz.quiet import hushed, unwarned


def name_of(function: Callable) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    name = getattr(function, "__name__", type(function).__name__)
    return "the function" if name == "<lambda>" else name


def signature_of(function: Callable) -> list[inspect.Parameter]:
    """The parameters of a function, or of a module's `forward`.

    None where it does not tell (NumPy's ufuncs, some built-ins).
    """
    if isinstance(function, torch.nn.Module):
        function = function.forward
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def parameters(function: Callable) -> list[str]:
    """The names of the parameters that can be given by position."""
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature_of(function) if p.kind in by_position]


def depends_on(function: Callable, controls: dict[str, Control]) -> list[str]:
    """The controls that a function takes by name; all of them if it takes **keywords."""
    names = signature_of(function)
    if any(p.kind is p.VAR_KEYWORD for p in names):
        return list(controls)
    return [name for name in controls if any(p.name == name for p in names)]


def _place(point: tuple, setting: dict) -> str:
    places = [f"shape {np.shape(p)}" if np.ndim(p) else f"{p:g}" for p in point]
    return ", ".join(places + [f"{name}={value!r}" for name, value in setting.items()])


def first_line(error: Exception) -> str:
    """What an error says, without the lists and the hints that torch puts below."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def line_of(function: Callable, error: Exception) -> str:
    """The line of the reader's function in which it failed: no traceback leads there."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(getattr(function, "forward", function))
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f" (in line {lines[-1].lineno}: {lines[-1].line})" if lines and lines[-1].line else ""


def call_at(function: Callable, setting: dict, *point) -> np.ndarray:
    """function(*point, **setting) as an array; ValueError with the place where it raises.

    A point is of numbers, or of arrays.
    """
    # inf and nan are answers here: the explorer draws them as gaps.
    with np.errstate(all="ignore"):
        try:
            try:
                return floats(function(*point, **setting))
            except (TypeError, AttributeError):
                if not point:
                    raise
                # Perhaps written for tensors.
                tensors = (torch.as_tensor(p, dtype=torch.float64).clone() for p in point)
                return floats(function(*tensors, **setting))
        except Exception as error:
            where = _place(point, setting)
            place = f" at ({where})" if where else ""
            what = f"{type(error).__name__}: {first_line(error)}{line_of(function, error)}"
            raise ValueError(f"{name_of(function)} failed{place}: {what}") from None


def call_each(function: Callable, setting: dict, many: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """function(values, *others, **setting) for each of `many` arrays; which kind it takes is asked once."""
    try:
        with np.errstate(all="ignore"):
            function(many[0].copy(), *(other.copy() for other in others), **setting)
        convert = np.array
    except (TypeError, AttributeError):
        convert = torch.tensor
    except Exception:
        convert = np.array  # the call below tells it, and where
    return [call_at(function, setting, convert(values), *map(convert, others)) for values in many]


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


def is_differentiable(function: Callable, points: tuple[np.ndarray, ...], setting: dict) -> bool:
    """Whether a function takes tensors and returns one that autograd can follow back to them."""
    with np.errstate(all="ignore"), unwarned(), hushed():
        try:
            value = function(*_followed(points), **setting)
        except Exception:
            return False
    return isinstance(value, torch.Tensor) and value.requires_grad and value.is_floating_point()


def autograd(function: Callable, axis: int = 0) -> Callable:
    """The slope of a function of tensors along one of its arguments, as autograd has it.

    Each value may depend on its own point alone; a function that returns one number for many points, such as
    a mean, is called point by point.
    """

    @functools.wraps(function)
    def slope(*points, **setting):
        followed = _followed(points)
        with unwarned():
            values = function(*followed, **setting)
            if values.shape != points[0].shape:
                each = zip(*(p.ravel() for p in points), strict=True)
                return np.array([_slope_at(function, p, axis, setting) for p in each]).reshape(
                    points[0].shape
                )
            return _backward(values, followed[axis])

    return slope


def gradients_in(function: Callable, setting: dict, many: np.ndarray, *others: np.ndarray):
    """The gradient of a number, function(values, *others, **setting), in each of `many` arrays, by autograd.

    None where the function takes no tensors, or returns none that autograd can follow back.
    """
    [followed] = _followed((many,))
    rest = [torch.tensor(other, dtype=torch.float64) for other in others]
    with np.errstate(all="ignore"), unwarned():
        try:
            losses = [function(values, *rest, **setting) for values in followed.unbind()]
        except Exception:
            return None
        if not all(isinstance(n, torch.Tensor) and n.requires_grad and n.is_floating_point() for n in losses):
            return None
        return _backward(torch.stack([loss.reshape(()) for loss in losses]), followed)


def differences_in(
    function: Callable, setting: dict, places, values: np.ndarray, *others: np.ndarray
) -> np.ndarray:
    """The same by central differences, at some `places` of the flattened array."""
    step = np.cbrt(np.finfo(call_at(function, setting, values, *others).dtype).eps)
    found = []
    for place in places:
        sides = []
        for side in (step, -step):
            moved = values.copy()
            moved.flat[place] += side
            sides.append(float(call_at(function, setting, moved, *others).item()))
        found.append((sides[0] - sides[1]) / (2 * step))
    return np.array(found)


def _followed(points: tuple[np.ndarray, ...]) -> list[torch.Tensor]:
    return [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in points]


def _slope_at(function: Callable, point: tuple, axis: int, setting: dict) -> float:
    followed = _followed(point)
    return _backward(function(*followed, **setting), followed[axis])


def _backward(values: torch.Tensor, point: torch.Tensor) -> np.ndarray:
    """The gradient of the sum of values in a point; 0 where they do not depend on it."""
    if not values.requires_grad:
        return np.zeros(point.shape)
    [grad] = torch.autograd.grad(values.sum(), point, allow_unused=True)
    return floats(torch.zeros_like(point) if grad is None else grad)


def slope_of(
    function: Callable, axis: int, points: tuple[np.ndarray, ...], setting: dict
) -> tuple[Callable, bool]:
    """The slope of a function that came without one, and whether autograd finds it there."""
    by_autograd = is_differentiable(function, points, setting)
    return (autograd if by_autograd else central_difference)(function, axis), by_autograd
