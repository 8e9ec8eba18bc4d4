"""What is seen at `backward`: gradients of nan, gradients that are kept, parameters that never move."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable

import torch

from lossviz.diagnose.finding import Finding, Line, Severity
from lossviz.diagnose.places import HERE, heading, row
from lossviz.diagnose.rules import refusals
from lossviz.losses.loss import Sign
from lossviz.misbehaves import Row

STILL = 3  # backward passes in a row in which a parameter did not change
SCALED = 256  # a factor on the loss from which it is that of a GradScaler

Tell = Callable[[Finding], None]


class Steps:
    """The leaves of the graphs that `backward` was called on, as they were after the last calls.

    tell  gets each finding
    """

    def __init__(self, tell: Tell):
        self._tell = tell
        self._known: dict[int, weakref.ref] = {}  # leaves of any graph, as long as they live
        self._last: dict[int, int] = {}  # their versions after the last backward
        self._own: dict[int, int] = {}  # and after the last one whose graph they were in
        self._still: dict[int, int] = {}  # the times that others moved since, and they did not
        self._graph: list[torch.Tensor] = []
        self._spoilt = False
        self.loss = ("", math.nan)  # the last loss that was called, and its value
        self.given: frozenset[int] = frozenset()  # where in memory its arguments are

    def before(self, tensor: torch.Tensor, line: Line | None, thorough: bool) -> None:
        """Looks at the leaves of the graph before a backward pass, if there is time to walk it."""
        self._graph = leaves(tensor) if thorough or not self._known else []
        graph = self._graph
        for leaf in graph:
            self._know(leaf)
        # Of two models in turn, one has the gradients that the other's loss gave it: not all are kept then.
        if graph and all(self._moved(leaf, self._last) and leaf.grad is not None for leaf in graph):
            kept = [leaf.grad for leaf in graph if not leaf.grad.is_sparse and bool(leaf.grad.any())]
            seen = f"{len(graph)} parameters were changed since the last backward, "
            seen += f"and {len(kept)} still have the gradient of that step"
            if kept:
                self._say("zero_grad_missing", seen, ZERO_GRAD, Severity.WRONG, line)
        self._count_still(line)

    def _know(self, leaf: torch.Tensor) -> None:
        key = id(leaf)
        if key not in self._known:
            self._known[key] = weakref.ref(leaf, lambda _: self._forget(key))

    def _forget(self, key: int) -> None:
        for kept in (self._known, self._last, self._own, self._still):
            kept.pop(key, None)

    @staticmethod
    def _moved(leaf: torch.Tensor, versions: dict[int, int]) -> bool:
        """Whether a leaf was changed in place since then, as an optimizer does."""
        return versions.get(id(leaf), leaf._version) != leaf._version

    def _count_still(self, line: Line | None) -> None:
        """Counts for each leaf of the graph the steps of others in which it did not change."""
        moved = [self._moved(leaf, self._own) for leaf in self._graph]
        if not any(moved):
            return
        for leaf, has_moved in zip(self._graph, moved, strict=True):
            is_still = not has_moved and leaf.grad is not None and id(leaf) in self._own
            self._still[id(leaf)] = self._still.get(id(leaf), 0) + 1 if is_still else 0
        still = [leaf for leaf in self._graph if self._still[id(leaf)] >= STILL]
        if not still:
            return
        shape = tuple(still[0].shape)
        seen = f"{len(still)} of {len(self._graph)} parameters, such as one of shape {shape}, "
        seen += f"have a gradient and did not change in {STILL} steps"
        name, where = "", row("", "A loss that does not move")
        if self.loss[0] in UNMOVED and (self.loss[0] in BY_FUNCTION or still[0].data_ptr() in self.given):
            name, where = self.loss[0], UNMOVED[self.loss[0]]
        self._say("parameters_not_moved", seen, where, Severity.SUSPICIOUS, line, name)

    def after(self, tensor: torch.Tensor, line: Line | None) -> None:
        """Looks at the gradients that a backward pass has left."""
        known = self._leaves()
        self._last = {id(leaf): leaf._version for leaf in known}
        self._own |= {id(leaf): leaf._version for leaf in self._graph}
        self._graph = []
        if self._spoilt or are_finite([leaf.grad for leaf in known if leaf.grad is not None]):
            return
        bad = [leaf for leaf in known if leaf.grad is not None and not _finite(leaf.grad)]
        if not bad:
            return  # a sum that overflows
        name, value = self.loss
        nan = any(bool(_values(leaf.grad).isnan().any()) for leaf in bad)
        seen = f"the loss is {value:.4g}, and after backward the gradients of {len(bad)} of {len(known)} "
        seen += f"parameters hold {'nan' if nan else 'inf'}, first that of shape {tuple(bad[0].shape)}"
        if not all(_finite(leaf.detach()) for leaf in known):
            seen += "; parameters hold nan or inf already"
        scaled = is_scaled(float(tensor.detach().sum()), value)
        section = "Mixed precision: steps that are skipped" if scaled else "Where the first nan arises"
        severity = Severity.NOTE if scaled else Severity.WRONG
        self._say("gradient_not_finite", seen, row("", section), severity, line, name)
        self._spoilt = not scaled

    def _leaves(self) -> list[torch.Tensor]:
        return [leaf for kept in self._known.values() if (leaf := kept()) is not None]

    def parameters_are_finite(self) -> bool | None:
        """Whether the parameters of all graphs are finite; None where no backward pass was seen."""
        known = self._leaves()
        return all(_finite(leaf.detach()) for leaf in known) if known else None

    def refused(self, error: Exception, line: Line | None) -> None:
        """What `backward` raised."""
        self._say(
            "refused",
            refusals.message(error),
            refusals.of(error, self.loss[0]),
            Severity.WRONG,
            line,
            self.loss[0],
        )

    def _say(self, rule: str, seen: str, where: Row, severity: Severity, line, loss="") -> None:
        symptom = where.symptom
        self._tell(
            Finding(
                rule=rule,
                loss=loss,
                severity=severity,
                seen=seen,
                why=symptom.why,
                fix=symptom.fix,
                page=where.page,
                section=symptom.section,
                sign=symptom.sign,
                line=line,
            )
        )


# Losses with parameters of their own: given to the loss, or held by the function that is given to it.
UNMOVED = {
    "linear_cross_entropy": row("linear_cross_entropy", "The criterion holds the last layer"),
    "triplet_margin_with_distance_loss": row(
        "triplet_margin_with_distance_loss", "The weights of a distance are not in the model"
    ),
}
BY_FUNCTION = ("triplet_margin_with_distance_loss",)
ZERO_GRAD = heading(
    HERE,
    "Steps that are too large",
    Sign.HUGE,
    "`zero_grad` is missing, and each step adds the gradients of all steps before it",
    "optimizer.zero_grad()  # before each backward",
)


def leaves(tensor: torch.Tensor) -> list[torch.Tensor]:
    """The tensors at the ends of a graph that get a gradient."""
    found, seen, todo = [], set(), [tensor.grad_fn]
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found.append(leaf)
        todo += [following for following, _ in node.next_functions]
    return found


def is_scaled(passed: float, value: float) -> bool:
    """Whether `backward` was called on the loss times a large power of two, as a GradScaler does."""
    if not value or not math.isfinite(passed) or not math.isfinite(value):
        return False
    ratio = abs(passed / value)
    return ratio >= SCALED and abs(math.log2(ratio) - round(math.log2(ratio))) < 1e-3


def are_finite(gradients: list[torch.Tensor]) -> bool:
    """Whether all sums of these are finite, which costs less than to look at each number."""
    sums = [_sum(gradient) for gradient in gradients]
    far = {one.device for one in sums if one.device.type != "cpu"}
    return all(math.isfinite(one.item()) for one in sums if one.device not in far) and all(
        # One question for all: each would wait for the device.
        bool(torch.stack([one.double() for one in sums if one.device == device]).isfinite().all())
        for device in far
    )


def _values(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.coalesce().values() if tensor.is_sparse else tensor


def _sum(gradient: torch.Tensor) -> torch.Tensor:
    values = _values(gradient)
    # float16 ends at 65504, which a sum of finite numbers passes.
    return values.sum() if values.dtype in (torch.float32, torch.float64) else values.float().sum()


def _finite(tensor: torch.Tensor) -> bool:
    return bool(_values(tensor).isfinite().all())
