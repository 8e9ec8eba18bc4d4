"""A call of a loss as the rules see it: the arguments by name, what came out, and facts about them.

A fact is computed when a rule first asks for it, from detached tensors, so that nothing of it stays in the
graph of the caller.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cache, cached_property

import torch

from lossviz.diagnose.finding import Finding, Line
from lossviz.losses.loss import Dtype, Form, Kind, Loss, Shape

# Operations that move numbers and leave them as they are.
MOVES = {
    "View", "UnsafeView", "ReshapeAlias", "Squeeze", "Unsqueeze", "Permute", "Transpose", "T", "Clone",
    "Slice", "Select", "Index", "ToCopy", "Expand", "Cat", "Alias", "Split", "Unbind", "MaskedSelect",
}  # fmt: skip
SECOND = {Shape.CLASSES_SECOND, Shape.CLASSES_OF_IMAGES}
LAST = {Shape.CLASSES_LAST, Shape.CLASSES_OF_ROWS, Shape.CLASSES_OF_STEPS}


@dataclass
class Call:
    """One call.

    loss      its row of the catalogue
    given     all arguments by name, the defaults included
    value     what came out, detached; None where torch refused
    error     what torch raised
    line      the caller's line
    trail     earlier values at that line, oldest first; None for a call by itself
    has_graph  whether the value depends on something with a gradient
    findings  what the rules before found
    """

    loss: Loss
    given: dict
    value: torch.Tensor | None = None
    error: Exception | None = None
    line: Line | None = None
    trail: list[float] | None = None
    has_graph: bool = False
    findings: list[Finding] = field(default_factory=list)

    # Arguments

    @property
    def name(self) -> str:
        return self.loss.name

    def tensor(self, name: str) -> torch.Tensor | None:
        """The argument `name`, None if it is no tensor."""
        found = self.given.get(name)
        return found.detach() if isinstance(found, torch.Tensor) else None

    @cached_property
    def has_numbers(self) -> bool:
        """Whether the rules can compare what the tensors hold: real numbers, and not their shape alone."""
        tensors = [value for value in self.given.values() if isinstance(value, torch.Tensor)]
        return not any(tensor.is_complex() or tensor.is_meta for tensor in tensors)

    @cached_property
    def input(self) -> torch.Tensor | None:
        """The first prediction."""
        return self.tensor(self.loss.predictions[0].name)

    @cached_property
    def target(self) -> torch.Tensor | None:
        """The first target, None for a loss without one."""
        return self.tensor(self.loss.targets[0].name) if self.loss.targets else None

    def form(self, name: str) -> Form:
        """The form in which the argument `name` was given, by the options and by its dtype."""
        given = self.tensor(name)
        forms = [f for f in self.loss.argument(name).forms if f.where.items() <= self.given.items()]
        whole = given is not None and not given.is_floating_point()
        fitting = [f for f in forms if whole or f.dtype not in (Dtype.INT64, Dtype.INTEGER)]
        return (fitting or forms or self.loss.argument(name).forms)[0]

    @cached_property
    def kind(self) -> Kind:
        """What the numbers of the first prediction should be."""
        return self.form(self.loss.predictions[0].name).kind

    @cached_property
    def target_kind(self) -> Kind | None:
        return self.form(self.loss.targets[0].name).kind if self.loss.targets else None

    @property
    def reduction(self) -> str | None:
        return self.given.get("reduction")

    @property
    def half(self) -> bool:
        """Whether the prediction is of float16 or bfloat16."""
        return self.input is not None and self.input.dtype in (torch.float16, torch.bfloat16)

    # Classes

    @cached_property
    def axis(self) -> int | None:
        """The axis of the classes, None where the loss has none or does not say which."""
        shape = self.form(self.loss.predictions[0].name).shape
        if self.input is None or self.input.ndim == 0 or shape not in SECOND | LAST:
            return None
        return min(1, self.input.ndim - 1) if shape in SECOND else self.input.ndim - 1

    @cached_property
    def classes(self) -> int | None:
        """How many classes the call has."""
        if "n_classes" in self.given:
            return int(self.given["n_classes"])
        if (layer := self.tensor("linear_weight")) is not None:
            return layer.shape[0]
        return None if self.axis is None else self.input.shape[self.axis]

    @cached_property
    def rows(self) -> torch.Tensor | None:
        """The predictions as rows of classes, shape (n, C), in float32 at least; None without an axis of
        classes."""
        return None if self.axis is None else as_rows(self.input, self.axis)

    @cached_property
    def labels(self) -> torch.Tensor | None:
        """The class labels that count, in one row; None where the target holds none."""
        if self.target_kind is not Kind.LABELS or self.target is None or self.name == "ctc_loss":
            return None
        labels = self.target.flatten()
        return labels if self.ignore_index is None else labels[labels != self.ignore_index]

    @property
    def ignore_index(self) -> int | None:
        """The label that does not count, None where all do; a loss that is given None takes -100."""
        if "ignore_index" not in self.given:
            return None
        given = self.given["ignore_index"]
        return -100 if given is None else given

    # Where the prediction comes from

    @cached_property
    def made_by(self) -> tuple[str, ...]:
        """The last operations that made the prediction, the latest first, without those that only move
        numbers: ("Sigmoid", "Addmm")."""
        return history(self.given.get(self.loss.predictions[0].name))

    # Again

    @cached_property
    def is_safe(self) -> bool:
        """Whether the call may be made again: torch took it, and reads no memory beside its arguments."""
        return self.error is None and not (self.name == "ctc_loss" and bool(self.labels_beyond().numel()))

    def labels_beyond(self) -> torch.Tensor:
        """The labels of a CTC call that count and are no class; torch reads beside the row for them."""
        counted = counted_labels(self)
        return counted[(counted < 0) | (counted >= self.input.shape[-1])]

    def again(self, **changes):
        """The loss of the same arguments but for these changes, detached; None where torch refuses."""
        if not self.is_safe:
            return None
        given = {n: v.detach() if isinstance(v, torch.Tensor) else v for n, v in self.given.items()}
        try:
            with torch.no_grad():
                return self.loss.function(**given | changes)
        except (RuntimeError, ValueError, IndexError, TypeError):
            return None

    @cached_property
    def each(self) -> torch.Tensor | None:
        """The losses with reduction="none"."""
        return self.value if self.reduction == "none" else self.again(reduction="none")

    @cached_property
    def gradients(self) -> dict[str, torch.Tensor]:
        """The gradient of the value's sum for each floating prediction; empty where there is none."""
        leaves = {
            prediction.name: self.given[prediction.name].detach().clone().requires_grad_()
            for prediction in self.loss.predictions
            if (x := self.tensor(prediction.name)) is not None and x.is_floating_point() and x.numel()
        }
        if not leaves or not self.is_safe or self.value is None:
            return {}
        try:
            with torch.enable_grad():
                value = self.loss.function(**self.given | leaves)
                found = torch.autograd.grad(value.sum(), list(leaves.values()), allow_unused=True)
        except (RuntimeError, ValueError, IndexError, TypeError):
            return {}
        return {name: g for name, g in zip(leaves, found, strict=True) if g is not None}


def as_rows(x: torch.Tensor, axis: int) -> torch.Tensor:
    """The tensor with one axis last and all others in one, in float32 at least."""
    x = x if x.dtype == torch.float64 else x.float()
    return x.movedim(axis, -1).reshape(-1, x.shape[axis])


def counted_labels(call: Call) -> torch.Tensor:
    """All labels of a CTC call that its target lengths count, in one row."""
    targets, lengths = call.target, torch.as_tensor(call.given["target_lengths"]).flatten()
    if targets is None or targets.ndim != 2:
        return torch.empty(0) if targets is None else targets.flatten()
    within = torch.arange(targets.shape[1], device=targets.device) < lengths.to(targets.device)[:, None]
    return targets[within] if within.shape == targets.shape else targets.flatten()


def history(tensor, most: int = 4) -> tuple[str, ...]:
    """The last operations behind a tensor, the latest first, without those that only move numbers."""
    found, node = [], getattr(tensor, "grad_fn", None)
    for _ in range(24):
        if node is None or len(found) == most:
            break
        name = node.name().rstrip("0123456789").removesuffix("Backward").lstrip("_")
        if name not in MOVES:
            found.append(name)
        node = next((following for following, _ in node.next_functions if following is not None), None)
    return tuple(found)


@cache
def _signature(function) -> inspect.Signature:
    return inspect.signature(function)


def bound(function, args, kwargs) -> dict | None:
    """The arguments by name, the defaults included; None if they do not fit the function."""
    try:
        given = _signature(function).bind(*args, **kwargs)
    except TypeError:
        return None
    given.apply_defaults()
    return given.arguments
