"""What is seen at `backward`: gradients of nan, gradients that are kept, parameters that never move."""

from __future__ import annotations

import math
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
    """The leaves of the graphs that `backward` was called on, as they were after the last call.

    tell  gets each finding
    """

    def __init__(self, tell: Tell):
        self._tell = tell
        self._leaves: dict[int, torch.Tensor] = {}
        self._versions: dict[int, int] = {}  # of a leaf after its last backward
        self._still: dict[int, int] = {}  # backward passes without a change since
        self._spoilt = False
        self.loss = ("", math.nan)  # the last loss that was called, and its value
        self.given: frozenset[int] = frozenset()  # where in memory its arguments are

    def before(self, tensor: torch.Tensor, line: Line | None, thorough: bool) -> None:
        """Looks at the leaves before a backward pass; `thorough` walks the graph for new ones."""
        if thorough or not self._leaves:
            self._leaves = {id(leaf): leaf for leaf in leaves(tensor)}
        moved = [
            k for k, leaf in self._leaves.items() if self._versions.get(k, leaf._version) != leaf._version
        ]
        if moved and self._kept(moved[0]):
            self._say(
                "zero_grad_missing",
                "the parameters were changed, and the gradients of the step before are still there",
                ZERO_GRAD,
                Severity.WRONG,
                line,
            )
        self._count_still(bool(moved), line)

    def _kept(self, key: int) -> bool:
        gradient = self._leaves[key].grad
        return gradient is not None and not gradient.is_sparse and bool(gradient.any())

    def _count_still(self, moved: bool, line: Line | None) -> None:
        """Counts for each leaf the steps of others in which it did not change."""
        for key, leaf in self._leaves.items():
            if key not in self._versions or self._versions[key] != leaf._version or leaf.grad is None:
                self._still[key] = 0
            elif moved:
                self._still[key] = self._still.get(key, 0) + 1
        still = [key for key, count in self._still.items() if count >= STILL and key in self._leaves]
        if still and moved:
            shape = tuple(self._leaves[still[0]].shape)
            seen = f"{len(still)} of {len(self._leaves)} parameters, such as one of shape {shape}, "
            seen += f"have a gradient and did not change in {STILL} steps"
            own = UNMOVED.get(self.loss[0])
            if own and (self.loss[0] in BY_FUNCTION or self._leaves[still[0]].data_ptr() in self.given):
                self._say("parameters_not_moved", seen, own, Severity.SUSPICIOUS, line, self.loss[0])
                return
            self._say(
                "parameters_not_moved", seen, row("", "A loss that does not move"), Severity.SUSPICIOUS, line
            )

    def after(self, tensor: torch.Tensor, line: Line | None) -> None:
        """Looks at the gradients that a backward pass has left."""
        self._versions = {key: leaf._version for key, leaf in self._leaves.items()}
        if self._spoilt or self.is_finite():
            return
        self._spoilt = True
        bad = [leaf for leaf in self._leaves.values() if leaf.grad is not None and not _finite(leaf.grad)]
        name, value = self.loss
        nan = any(bool(leaf.grad.isnan().any()) for leaf in bad)
        seen = (
            f"the loss is {value:.4g}, and after backward the gradients of {len(bad)} of {len(self._leaves)} "
        )
        seen += f"parameters hold {'nan' if nan else 'inf'}, first that of shape {tuple(bad[0].shape)}"
        if not all(_finite(leaf.detach()) for leaf in self._leaves.values()):
            seen += "; parameters hold nan or inf already"
        scaled = is_scaled(float(tensor.detach().sum()), value)
        where = (
            row("", "Mixed precision: steps that are skipped")
            if scaled
            else row("", "Where the first nan arises")
        )
        self._say("gradient_not_finite", seen, where, Severity.NOTE if scaled else Severity.WRONG, line, name)
        self._spoilt = not scaled

    def is_finite(self) -> bool:
        """Whether all gradients are finite, told by their sums."""
        sums = [_sum(leaf.grad) for leaf in self._leaves.values() if leaf.grad is not None]
        devices = {one.device for one in sums}
        return all(
            bool(torch.stack([one.double() for one in sums if one.device == device]).isfinite().all())
            for device in devices
        )

    def parameters_are_finite(self) -> bool | None:
        """Whether the parameters of the last graph are finite; None where no backward pass was seen."""
        return all(_finite(leaf.detach()) for leaf in self._leaves.values()) if self._leaves else None

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


def _sum(gradient: torch.Tensor) -> torch.Tensor:
    values = gradient.coalesce().values() if gradient.is_sparse else gradient
    # float16 ends at 65504, which a sum of finite numbers passes.
    return values.sum() if values.dtype in (torch.float32, torch.float64) else values.float().sum()


def _finite(tensor: torch.Tensor) -> bool:
    return bool((tensor.coalesce().values() if tensor.is_sparse else tensor).isfinite().all())
