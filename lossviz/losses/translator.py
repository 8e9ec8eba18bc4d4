"""One loss, many libraries: what is known of a call, and how its number is computed.

`translations.LOSSES` has the calls. `LIBRARIES` says which version of a library was run. A call is written as
its library has it, with the names of `examples.example`; arrays of keras and optax have their channels last.
The numbers of MONAI and kornia are computed again by tests and page, those of the others were noted from a
run. Each row has the same number from `references` as well: what is different, as a line of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec

import torch
import torch.nn.functional as F

from lossviz.libraries import LIBRARIES as INSTALLED
from lossviz.libraries import library as module_of
from lossviz.losses import references
from lossviz.losses.examples import NAMES, example

CLOSE = 2.5e-6  # of our number: it has a smooth of 1e-5, where some libraries have 0
NOTED = 6e-7  # numbers are noted to six digits


class Takes(StrEnum):
    """What the prediction is, if a call of a library has all its options at their defaults."""

    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    BOTH = "logits, or probabilities, by the loss"


@dataclass(frozen=True)
class Library:
    """A library as it was run.

    takes    what its losses of overlap take
    computed whether its numbers are computed again, wherever it is installed
    """

    name: str
    version: str
    takes: Takes
    note: str = ""

    @property
    def computed(self) -> bool:
        return self.name in INSTALLED

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


LIBRARIES: dict[str, Library] = {
    one.name: one
    for one in (
        Library("MONAI", "1.6.1", Takes.PROBABILITIES, "focal and cross entropy take logits"),
        Library("SMP", "0.6.0", Takes.LOGITS, "segmentation-models-pytorch; its Lovász takes no float64"),
        Library(
            "kornia",
            "0.9.0",
            Takes.LOGITS,
            "two channels for one class, but for hinge and binary focal; overlap in 2-D alone",
        ),
        Library("keras", "3.15.1", Takes.PROBABILITIES, "channels last; on the torch backend"),
        Library("optax", "0.2.8", Takes.LOGITS, "channels last"),
        Library("torchvision", "0.28.0", Takes.LOGITS, "the focal loss alone"),
        Library("nnU-Net", "2.8.1", Takes.LOGITS, "nnunetv2; Dice takes probabilities without an activation"),
        Library("mmseg", "1.2.2", Takes.LOGITS, "only its Dice loss was run"),
        Library("JDT", "", Takes.LOGITS, "the authors of the losses for soft labels"),
        Library("Berman", "", Takes.BOTH, "the authors of the Lovász losses"),
        Library("Kervadec", "", Takes.PROBABILITIES, "the authors of the boundary loss"),
    )
}


class Kind(StrEnum):
    """What a call is, beside ours."""

    SAME = "our number"
    OTHER = "another number"
    MISTAKE = "another input than is meant"


@dataclass(frozen=True)
class Row:
    """A call and what it gives.

    library  a key of LIBRARIES
    call     as Python, with the names of an example
    gives    by the name of the example, six digits
    kind     whether it is our number, and if not, whether the call was meant so
    default  whether all options of the call that change a number are left at their defaults
    why      what is another convention than ours; "" where none is
    ours     the same number from `references`, as Python; "" where it is the loss itself
    needs    a package besides the library, without which the call raises
    """

    library: str
    call: str
    gives: Mapping[str, float]
    kind: Kind = Kind.SAME
    default: bool = False
    why: str = ""
    ours: str = ""
    needs: str = ""

    def __post_init__(self):
        if self.library not in LIBRARIES:
            raise ValueError(f"library must be one of {', '.join(LIBRARIES)}, got {self.library!r}")
        unknown = [name for name in self.gives if name not in NAMES]
        if unknown or not self.gives:
            raise ValueError(f"gives must have examples of {', '.join(NAMES)}, got {unknown or 'none'}")
        if self.kind is not Kind.SAME and not (self.why and self.ours):
            raise ValueError(f"a row with another number must have why and ours, got {self.call!r} without")


@dataclass(frozen=True)
class Translated:
    """A loss with its rows.

    title  the heading of its table
    ours   the call of `references` for each example that it has a number for
    rows   grouped by library, in the order of LIBRARIES
    """

    title: str
    ours: Mapping[str, str]
    rows: tuple[Row, ...] = field(default_factory=tuple)

    def of(self, library: str) -> list[Row]:
        """The rows of a library."""
        return [row for row in self.rows if row.library == library]

    def value(self, on: str) -> float:
        """Our number on an example."""
        return evaluate(self.ours[on], on)

    def in_our_terms(self, row: Row, on: str) -> str:
        """The call of `references` that gives the row's number."""
        return row.ours or self.ours[on]


def evaluate(call: str, on: str, module=references) -> float:
    """The number that a call of a module gives on an example; `torch` and `F` are known in it as well."""
    return float(eval(call, {"torch": torch, "F": F, **vars(module), **example(on)}))


def gradient(call: str, on: str, module=references) -> torch.Tensor:
    """The gradient of what a call gives on an example in the logits z, from which p, p2 and z2 are made."""
    names = example(on)
    z = names["z"].clone().requires_grad_()
    if z.shape[1] == 1:
        p = z.sigmoid()
        linked = {"z": z, "p": p, "z2": torch.cat([0 * z, z], 1), "p2": torch.cat([1 - p, p], 1)}
    else:
        linked = {"z": z, "p": z.softmax(1)}
    value = eval(call, {"torch": torch, "F": F, **vars(module), **names, **linked})
    return torch.autograd.grad(value, z)[0]


def measured(row: Row, on: str) -> float | None:
    """The number of a row, computed by its library: None where that is not installed, or what it needs."""
    if not LIBRARIES[row.library].computed or (row.needs and not find_spec(row.needs)):
        return None
    module = module_of(row.library)
    return None if module is None else evaluate(row.call, on, module)


MASK_DTYPES = (torch.int64, torch.uint8, torch.bool)


REFUSALS = RuntimeError, TypeError, ValueError


@dataclass(frozen=True)
class MaskTaker:
    """A call that takes a mask `m`, and what becomes of masks that are not floating point.

    library  a key of LIBRARIES, "torch" or "ours"
    raises   for each of MASK_DTYPES which of REFUSALS is raised; "" where the number is that of a float mask
    """

    library: str
    call: str
    raises: tuple[str, str, str]

    def found(self, dtype: torch.dtype) -> str | None:
        """The same, computed with the mask of A: None where the library is not there or was noted."""
        modules = {"ours": references, "torch": torch}
        module = modules.get(self.library) or (module_of(self.library) if self.library in INSTALLED else None)
        if module is None:
            return None
        names = {"torch": torch, "F": F, **vars(module), **example("A")}
        try:
            value = eval(self.call, names | {"m": names["t"].to(dtype)})
        except REFUSALS as error:  # or one derived from it: torch 2.14 has a NotImplementedError for bool
            return next(kind.__name__ for kind in REFUSALS if isinstance(error, kind))
        wanted = eval(self.call, names | {"m": names["t"]})
        return "" if torch.isclose(value.double(), wanted.double()).all() else "another number"
