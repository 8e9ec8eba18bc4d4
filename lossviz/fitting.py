"""A loss as a curve: over which numbers, what its second argument gets, and in which form it takes them.

torch's losses want two tensors of one shape, some a batch with classes, a module perhaps float32. `fitted`
asks a function at a few places, and hands over what can be called with an array of numbers.
"""

from __future__ import annotations

import copy
import functools
import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.arrays import floats
from lossviz.controls import Choice, Control, Slider, is_number
from lossviz.evaluate import first_line, line_of, name_of, signature_of
from lossviz.explorer.make import free_name
from lossviz.losses import CATALOG
from lossviz.losses.loss import Domain, Form, Kind, Loss
from lossviz.quiet import hushed, unwarned
from lossviz.ranges import SPAN

PLACES = (0.1, 0.3, 0.5, 0.7, 0.9)  # where a function is asked, as parts of the range
UNITS = (0.0, 1.0)  # the range of a function that is not finite on most of SPAN, such as a logarithm
WIDEST = 20.0  # of a range that the domain of a loss tells
MOST = 1000  # positions of all controls together, as far as those that were missing can keep to it
FEWEST = 5  # positions of such a control
CLASSES = "torch.stack([x, 0 * x], -1).reshape(-1, 2), torch.zeros(x.numel(), dtype=torch.long)"


@dataclass(frozen=True)
class Fitted:
    """What can be drawn: `function(x, **controls)`, the controls with the missing ones, and the range."""

    function: Callable
    controls: dict[str, Control]
    span: tuple


@dataclass(frozen=True)
class _Way:
    """A form in which a function takes numbers.

    dtype  of the tensors; None for arrays
    shape  of what one call gets: with -1 all numbers at once, else one of them at a time
    like   which controls get the form of x; the others stay plain numbers
    mapped whether torch's vmap makes one call for all numbers of what takes one
    device of the tensors; None for the CPU
    """

    dtype: torch.dtype | None
    shape: tuple
    like: frozenset
    mapped: bool = False
    device: torch.device | None = None

    def call(self, function: Callable, x, setting: dict):
        """The values at x, an array or a tensor of shape (n,): a tensor of that shape, or an array."""
        if self.dtype is None and isinstance(x, torch.Tensor):
            raise TypeError("written for arrays")
        if self.dtype is not None:
            x = torch.as_tensor(x).to(self.dtype).to(self.device)
        if self.mapped:
            return torch.func.vmap(lambda number: self._of_one(function, number, setting))(x)
        if -1 not in self.shape:
            values = [self._of_one(function, number, setting) for number in x]
            return (torch.stack if self.dtype else np.array)(values)
        values = self._called(function, x, setting)
        if values.shape not in (x.shape, (*x.shape, 1)):
            raise ValueError(f"it returned shape {tuple(values.shape)} for {len(x)} numbers")
        return values.reshape(x.shape)

    def _of_one(self, function: Callable, x, setting: dict):
        values = self._called(function, x, setting)
        if values.shape not in ((), (1,), (1, 1)):
            raise ValueError(f"it returned shape {tuple(values.shape)} for one number")
        return values.reshape(())

    def _called(self, function: Callable, x, setting: dict):
        x = x.reshape(self.shape)
        full = np.full_like if self.dtype is None else torch.full_like
        given = {k: full(x, v) if k in self.like and is_number(v) else v for k, v in setting.items()}
        values = function(x, **given)
        return np.asarray(values) if self.dtype is None else torch.as_tensor(values)


# Which arguments there are


def known_loss(function: Callable) -> Loss | None:
    """The facts of a loss of torch, given as its function or as a module, with options bound or not."""
    while isinstance(function, functools.partial):
        function = function.func
    for loss in CATALOG.values():
        of_torch = loss.torch_class and (
            getattr(F, loss.name, loss) is function
            or type(function) is getattr(torch.nn, loss.torch_class.removeprefix("torch.nn."), loss)
        )
        if of_torch:
            return loss
    return None


def _arguments(function: Callable) -> list[inspect.Parameter]:
    """Those that can be given by name, without the first, which moves."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p for p in signature_of(function)[1:] if p.kind in kinds]


def missing(function: Callable, controls: dict[str, Control]) -> list[str]:
    """The arguments after the first that have no default and no control."""
    return [p.name for p in _arguments(function) if p.default is p.empty and p.name not in controls]


def _options(function: Callable, loss: Loss, controls: dict[str, Control]) -> dict:
    """The options of a loss as they are bound, set in its module, or at the start of a control."""
    found = {k: control.first for k, control in controls.items()}
    while isinstance(function, functools.partial):
        found, function = {**function.keywords, **found}, function.func
    if isinstance(function, torch.nn.Module):
        found = {o.name: getattr(function, o.name, o.default) for o in loss.options} | found
    return {option.name: found[option.name] for option in loss.options if option.name in found}


def _without_reduction(function: Callable, controls: dict[str, Control]) -> Callable | None:
    """The function with reduction="none", None where it has no such argument or attribute."""
    if isinstance(getattr(function, "reduction", None), str):
        bare = copy.copy(function)
        bare.reduction = "none"
        return bare
    reduces = any(p.name == "reduction" and isinstance(p.default, str) for p in _arguments(function))
    return functools.partial(function, reduction="none") if reduces and "reduction" not in controls else None


# What they get


def _span_of(domain: Domain) -> tuple:
    if domain.high - domain.low > WIDEST and np.isfinite([domain.low, domain.high]).all():
        return SPAN
    if np.isfinite(domain.low):
        return (domain.low, domain.high if np.isfinite(domain.high) else domain.low + 3.0)
    return (domain.high - 5.0, domain.high) if np.isfinite(domain.high) else SPAN


def _control_of(form: Form, count: int) -> Control:
    """The control of an argument of which is known what is meant, of about `count` positions."""
    domain = form.domain
    if domain.values:
        return Choice(sorted(domain.values, reverse=True))
    if form.kind is Kind.VARIANCES:
        return Slider(0.1, 10.0, 1.0, log=True, count=count)
    if form.kind is Kind.COUNTS:
        return Slider(0, 10, 2, step=1)
    lo, hi = _span_of(domain)
    return Slider(lo, hi, 0.0 if lo < 0 < hi else hi if hi == 1 else (lo + hi) / 2, count=count)


def _room(controls: dict[str, Control], wanted: list[str]) -> int:
    """How many positions each control that is missing may have beside the others."""
    others = math.prod(len(control.values) for control in controls.values())
    return min(max(int((MOST / others) ** (1 / max(len(wanted), 1))), FEWEST), 61)


def _guesses(function: Callable, names: list[str], span: tuple, count: int) -> Iterator[dict]:
    """Controls to try, the likeliest first, where nothing is known of a function but its names."""
    lo, hi = float(span[0]), float(span[1])
    over_x = Slider(lo, hi, min(max(0.0, lo), hi), count=count)
    unit = Slider(0.0, 1.0, 1.0, count=count)
    likely = [over_x, Choice([1, -1]), unit, Slider(0.1, 10.0, 1.0, log=True, count=count)]
    if any(word in _first(function).lower() for word in ("logit", "prob")):
        likely = [unit, *likely]
    # For many arguments at once only the same for each: the others are too many to try.
    alike = ([control] * len(names) for control in likely)
    many = itertools.product(likely, repeat=len(names)) if len(names) < 3 else alike
    for controls in many:
        yield dict(zip(names, controls, strict=True))


# In which form it takes numbers


def _ways(function: Callable, settings: list[dict], controls: dict[str, Control]) -> Iterator[tuple]:
    """Pairs of a way and the function that it calls, the fastest first."""
    parts = _floating(function)
    device = parts[0].device if parts else None
    dtypes = dict.fromkeys([*(p.dtype for p in parts), torch.float64, torch.float32, None])
    named = {p.name: p for p in _arguments(function)}
    required = frozenset(
        name for name, p in named.items() if p.default is p.empty or "Tensor" in str(p.annotation)
    )
    numbers = frozenset(k for k, v in settings[0].items() if is_number(v))
    bare = _without_reduction(function, controls)
    likes = list(dict.fromkeys([required & numbers, numbers, frozenset()]))
    shapes = ((-1,), (-1, 1), (), (1,), (1, 1))
    for dtype, shape, like in itertools.product(dtypes, shapes, likes):
        if -1 in shape:
            for called in filter(None, (bare, function)):
                yield _Way(dtype, shape, like, device=device), called
            continue
        for mapped in (True, False) if dtype else (False,):
            yield _Way(dtype, shape, like, mapped, device), function


def _floating(function: Callable) -> list[torch.Tensor]:
    """The floating parameters and buffers of a module, which say in which form it wants its numbers."""
    if not isinstance(function, torch.nn.Module):
        return []
    return [p for p in (*function.parameters(), *function.buffers()) if p.is_floating_point()][:1]


def _settings(controls: dict[str, Control]) -> list[dict]:
    """The first setting, then each control at both of its ends."""
    start = {name: control.first for name, control in controls.items()}
    ends = [{**start, name: control.values[k]} for name, control in controls.items() for k in (0, -1)]
    return [start, *ends]


def _asked(way: _Way, function: Callable, span: tuple, settings: list[dict]) -> np.ndarray | Exception:
    """The values at a few places under each setting, or why there are none."""
    xs = span[0] + np.array(PLACES) * (span[1] - span[0])
    rows = []
    try:
        with np.errstate(all="ignore"), unwarned(), hushed():
            for setting in settings:
                x = xs if way.dtype is None else torch.tensor(xs, requires_grad=True)
                rows.append(floats(way.call(function, x, setting)))
    except Exception as error:
        return error
    values = np.array(rows)
    if values.shape != (len(settings), len(xs)):
        return ValueError(f"it returned shape {values.shape[1:]} for {len(xs)} numbers")
    # A softmax over one class is 1, whatever its logit: that such a batch is taken says nothing.
    if way.shape not in ((-1,), ()) and np.allclose(values, values[:, :1], equal_nan=True):
        return ValueError("it returns the same number for each")
    return values


def _first_way(function: Callable, span: tuple, controls: dict[str, Control]):
    """The first way that works, with its function and the values; else None and the first error."""
    settings, reason = _settings(controls), None
    for way, called in _ways(function, settings, controls):
        values = _asked(way, called, span, settings)
        if not isinstance(values, Exception):
            return way, called, values
        reason = reason or values
    return None, None, reason


def _goodness(values: np.ndarray) -> int:
    """2 for a curve, 1 for a flat line at the first setting, 0 where most values are not finite."""
    if np.isfinite(values).mean(axis=1).min() <= 0.5:
        return 0
    return 1 if np.ptp(values[0][np.isfinite(values[0])]) < 1e-12 else 2


def fitted(
    function: Callable, given: dict[str, Control], span: tuple | None, names: Mapping[str, str] | None = None
) -> Fitted:
    """The function with a control for each argument that is missing, called in a form that it takes.

    `names` maps arguments to controls of other names. Raises ValueError where one number is no input for a
    loss, with a call that draws it, and where no form and no control is found, with what the function said.
    """
    refuse_what_is_no_curve(function)
    loss, names = known_loss(function), dict(names or {})
    bound = {argument: given[control] for argument, control in names.items()}
    bound |= {name: control for name, control in given.items() if _takes(function, name)}
    wanted = missing(function, bound)
    names |= {name: free_name(name) for name in wanted}
    best, reason = None, None
    for where, guess in _tries(function, loss, bound, wanted, span):
        way, called, values = _first_way(function, where, bound | guess)
        if way is None:
            reason = reason or values
        elif best is None or _goodness(values) > best[0]:
            curve = _named(function, called, way, {name: names.get(name, name) for name in bound | guess})
            made = given | {names[name]: control for name, control in guess.items()}
            best = _goodness(values), Fitted(curve, made, where)
        if best and best[0] == 2:
            break
    if best is None:
        raise ValueError(_no_curve(function, loss, wanted, reason)) from None
    return best[1]


def _tries(function, loss: Loss | None, bound: dict, wanted: list[str], span) -> Iterator[tuple]:
    """Pairs of a range and of controls for the arguments that are missing, the likeliest first."""
    count = _room(bound, wanted)
    if loss is not None:
        options = _options(function, loss, bound)
        where = span or _span_of(loss.form(loss.arguments[0].name, **options).domain)
        yield where, {name: _control_of(loss.form(name, **options), count) for name in wanted}
        return
    for where in [span] if span else [SPAN, UNITS]:
        for guess in _guesses(function, wanted, where, count):
            yield where, guess


def _takes(function: Callable, name: str) -> bool:
    """Whether a control reaches a function: by a name, or by **keywords."""
    parameters = signature_of(function)
    return any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)


def _named(function: Callable, called: Callable, way: _Way, names: dict[str, str]) -> Callable:
    """The function in that form; its parameters are the controls, `names` those of its arguments."""

    def curve(x, **setting):
        return way.call(called, x, {name: setting[control] for name, control in names.items()})

    kind = inspect.Parameter.KEYWORD_ONLY
    x = inspect.Parameter(_first(function), inspect.Parameter.POSITIONAL_ONLY)
    curve.__signature__ = inspect.Signature([x, *(inspect.Parameter(n, kind) for n in names.values())])
    curve.__name__ = name_of(function)
    return curve


def _first(function: Callable) -> str:
    return next((p.name for p in signature_of(function)), "x")


def refuse_what_is_no_curve(function: Callable) -> None:
    """ValueError for a class, and for a loss of torch for which one number is no input."""
    if isinstance(function, type) and issubclass(function, torch.nn.Module):
        name = function.__name__
        raise ValueError(f"explore takes a function or a module, got the class {name}: try explore({name}())")
    loss = known_loss(function)
    if loss is not None and loss.curve:
        raise ValueError(
            f"{name_of(function)} needs more than one number a sample ({loss.arguments[0].name}: "
            f"{loss.arguments[0].says}): try explore({loss.curve})"
        )


def _no_curve(function: Callable, loss: Loss | None, wanted: list[str], reason: Exception) -> str:
    """That a function gives no numbers, with what it said and a call that has been seen to draw."""
    name, said = name_of(function), f"{type(reason).__name__}: {first_line(reason)}"
    if loss is not None:
        return f"{name} refuses these controls ({said}): try explore(F.{loss.name})"
    said += line_of(function, reason)
    if isinstance(reason, (NameError, ImportError)):
        return f"{name} failed: {said}"
    # A module is called by the reader's name for it, not by that of its class.
    called = "loss" if name == "the function" or isinstance(function, torch.nn.Module) else name
    what = f"{name} gives no number for one number of {' and of '.join([_first(function), *wanted])}"
    try:
        x = torch.tensor(PLACES, dtype=torch.float32)
        with np.errstate(all="ignore"), unwarned(), hushed():
            drawn = floats(function(torch.stack([x, 0 * x], -1), torch.zeros(x.numel(), dtype=torch.long)))
    except Exception:
        return f"{what} ({said}): try explore(lambda x: {called}(...)) with all that it needs made of x"
    if drawn.size == 1 or drawn.shape == x.shape:
        return f"{what}; it takes classes and labels: try explore(lambda x: {called}({CLASSES}))"
    return (
        f"{what}: it returned shape {drawn.shape} for {len(x)} rows of classes, so take its mean or its sum"
    )
