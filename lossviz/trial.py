"""One call of a loss, made again in other ways: in another dtype, with other numbers, of fewer samples."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from lossviz.evaluate import signature_of
from lossviz.quiet import hushed
from lossviz.sides import takes


@dataclass(frozen=True)
class Trial:
    """A loss with one call that it answers.

    loss       the function or module that is tried
    call       its arguments by name; tensors in their own dtypes, the first of them floating
    reference  another loss that takes the same call, or None
    meant      between which numbers those of the first argument are meant to lie, None if not known
    """

    loss: Callable
    call: dict
    reference: Callable | None = None
    meant: tuple[float, float] | None = None
    ready: dict = field(default_factory=dict)  # a module in each dtype, made once

    @property
    def first(self) -> str:
        return next(iter(self.call))

    @property
    def input(self) -> torch.Tensor:
        return self.call[self.first]

    @property
    def second(self) -> str | None:
        """The name of the target, if there is one."""
        names = [name for name, value in self.call.items() if isinstance(value, torch.Tensor)]
        return names[1] if len(names) > 1 else None

    @property
    def target(self) -> torch.Tensor | None:
        return None if self.second is None else self.call[self.second]

    def cast(self, dtype: torch.dtype, **changed) -> dict:
        """The call with its floating tensors in a dtype, some arguments changed, none shared."""
        return {
            name: value.detach().clone().to(dtype if value.is_floating_point() else value.dtype)
            if isinstance(value, torch.Tensor)
            else value
            for name, value in (self.call | changed).items()
        }

    def value(self, dtype=torch.float32, *, of=None, **changed) -> torch.Tensor:
        """The loss (`of="reference"`: of the reference) in a dtype, with some arguments changed."""
        return self.run(self.cast(dtype, **changed), dtype, of=of)

    def value_and_gradient(self, dtype=torch.float32, *, of=None, **changed) -> tuple:
        """The value, and the gradient of its sum in the first argument; None where autograd finds none."""
        call = self.cast(dtype, **changed)
        x = call[self.first].requires_grad_()
        value = self.run(call, dtype, of=of)
        if not value.requires_grad:
            return value, None
        [gradient] = torch.autograd.grad(value.sum(), x, allow_unused=True)
        return value.detach(), gradient

    def run(self, call: dict, dtype: torch.dtype, *, of=None) -> torch.Tensor:
        function = self.reference if of == "reference" else self.loss
        if isinstance(function, torch.nn.Module):
            key = of, dtype
            if key not in self.ready:
                self.ready[key] = copy.deepcopy(function).cpu().to(dtype)
            function = self.ready[key]
        if of == "reference":
            call = {name: value for name, value in call.items() if takes(function, name)}
        with hushed(), warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            value = function(**call)
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"it must return a tensor, got {type(value).__name__}")
        return value

    def with_input(self, values: torch.Tensor) -> dict:
        return {self.first: values}

    @property
    def domain(self) -> tuple[float, float]:
        """Where the numbers of the first argument lie; told from those of the call, if it is not known."""
        if self.meant is not None:
            return self.meant
        x = self.input
        if x.numel() and ((x >= 0) & (x <= 1)).all():
            return 0.0, 1.0
        if (x <= 0).all():
            return -np.inf, 0.0
        return (0.0, np.inf) if (x >= 0).all() else (-np.inf, np.inf)

    def option(self, name: str):
        """An option as it is given, or by default, or as a module has it; None if there is none."""
        if name in self.call:
            return self.call[name]
        found = [p.default for p in signature_of(self.loss) if p.name == name and p.default is not p.empty]
        return found[0] if found else getattr(self.loss, name, None)

    def reduced(self, reduction: str) -> Trial | None:
        """The same with another reduction, an argument or an attribute of a module; None if there is none."""
        if any(p.name == "reduction" for p in signature_of(self.loss)):
            return replace(self, call=self.call | {"reduction": reduction})
        if isinstance(getattr(self.loss, "reduction", None), str):
            loss = copy.deepcopy(self.loss)
            loss.reduction = reduction
            return replace(self, loss=loss, ready={})
        return None
