"""A loss in torch or in NumPy, called with arrays: so that both can be held against each other."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable

import numpy as np
import torch

from lossviz.evaluate import signature_of
from lossviz.quiet import hushed, unwarned

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def is_floating(value) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def tensors_of(case: dict, followed: Iterable[str] = ()) -> dict:
    """The arguments as torch takes them, tensors for arrays; those in `followed` require a gradient."""
    given = {}
    for name, value in case.items():
        if isinstance(value, np.ndarray):
            given[name] = torch.from_numpy(value.copy()).requires_grad_(name in followed)
        else:
            given[name] = value.item() if isinstance(value, np.generic) else value
    return given


def is_of_torch(function: Callable, case: dict) -> bool:
    """Whether a function is written for tensors; so it is taken to be where it fails with both.

    What takes both, such as a formula of + and *, is asked with a tensor that requires a gradient, which
    NumPy's functions refuse.
    """
    if isinstance(function, torch.nn.Module):
        return True
    with np.errstate(all="ignore"), unwarned(), hushed():
        try:
            function(**tensors_of(case, [next(iter(case))]))
            return True
        except Exception:
            pass  # perhaps written for arrays
        try:
            copies = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in case.items()}
            return not isinstance(function(**copies), (np.ndarray, np.generic, float))
        except Exception:
            return True


def in_any_dtype(function: Callable) -> Callable:
    """A module as a function with its weights in the dtype of what it gets; other functions as they are."""
    if not isinstance(function, torch.nn.Module):
        return function
    made = {}

    def call(**given):
        floating = (v.dtype for v in given.values() if isinstance(v, torch.Tensor) and v.is_floating_point())
        dtype = next(floating, torch.float32)
        if dtype not in made:
            made[dtype] = copy.deepcopy(function).cpu().to(dtype)
        return made[dtype](**given)

    call.__signature__ = inspect.signature(function.forward)
    call.__name__ = type(function).__name__
    return call


def of_arrays(function: Callable) -> Callable:
    """A function of tensors as one of arrays; what it writes into a tensor, the array has too."""

    def call(**case):
        given = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in case.items()}
        result = function(**given)
        if not isinstance(result, torch.Tensor):
            return np.asarray(result) if isinstance(result, (int, float)) else result
        return result.numpy(force=True).copy()

    return call


def takes(function: Callable, name: str) -> bool:
    """Whether an argument of that name can be given; also where a function does not tell."""
    parameters = signature_of(function)
    named = any(p.name == name and p.kind in _BY_NAME for p in parameters)
    return named or not parameters or any(p.kind is p.VAR_KEYWORD for p in parameters)


def has_default(function: Callable, name: str) -> bool:
    return any(p.name == name and p.default is not p.empty for p in signature_of(function))


def wants_tensor(function: Callable, name: str) -> bool:
    """Whether a function says that it takes a tensor there."""
    return any(p.name == name and "Tensor" in str(p.annotation) for p in signature_of(function))


def with_names_of(function: Callable, other: Callable) -> Callable:
    """The function, called with the argument names of the other: those that it lacks go by their place."""
    own = [p.name for p in signature_of(function) if p.kind in _BY_NAME]
    others = [p.name for p in signature_of(other) if p.kind in _BY_NAME]
    names = {theirs: mine for theirs, mine in zip(others, own, strict=False) if not takes(function, theirs)}
    if not names:
        return function

    def call(**case):
        return function(**{names.get(name, name): value for name, value in case.items()})

    # Who asks for its arguments gets those of the other.
    call.__signature__ = inspect.Signature(
        [
            p
            for p in signature_of(other)
            if p.kind in _BY_NAME and (p.name in names or takes(function, p.name))
        ]
    )
    call.__name__ = getattr(function, "__name__", type(function).__name__)
    return call
