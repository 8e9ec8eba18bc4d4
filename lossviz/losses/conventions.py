"""A loss of overlap has several conventions beside its name: which of them give a number that somebody saw?

`which_convention` computes them all on the examples, or on a reader's own logits and masks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import product

import torch
import torch.nn.functional as F

from lossviz.losses.examples import example
from lossviz.tables import Table

MOST = 8  # rows of an answer
MORE = 2  # an answer goes on to conventions with so many more differences than the nearest one


class Score(StrEnum):
    """The fraction."""

    DICE = "Dice"
    JACCARD = "Jaccard (IoU)"


class Reads(StrEnum):
    """What the sums are made of."""

    PROBABILITIES = "probabilities"
    TWICE = "the activation twice"
    LOGITS = "logits, without an activation"
    SIGMOID = "a sigmoid for classes that exclude each other"
    MASK = "the mask above 0.5, or of the likeliest class"


class Over(StrEnum):
    """What is added up before the fraction; the mean is over the rest."""

    IMAGE_AND_CLASS = "each image and class"
    BATCH = "the batch"
    CLASSES = "the classes"
    EVERYTHING = "batch and classes"


class Gives(StrEnum):
    """What is made of the score."""

    ONE_MINUS = "1 − score"
    MINUS = "− score"
    SCORE = "the score"


@dataclass(frozen=True)
class Convention:
    """All that a loss of overlap leaves open; the defaults are ours.

    smooth      what stands beside 2I, or beside I in the Jaccard score, and below; >= 0
    below       what is added below alone, >= 0
    background  whether class 0 is one of several classes
    two         of one class: whether the background is a second channel
    """

    score: Score = Score.DICE
    reads: Reads = Reads.PROBABILITIES
    smooth: float = 1e-5
    below: float = 0.0
    squared: bool = False
    over: Over = Over.IMAGE_AND_CLASS
    background: bool = True
    two: bool = False
    gives: Gives = Gives.ONE_MINUS

    def on(self, images: int, classes: int) -> Convention:
        """The same without what makes no difference on so many images and classes."""
        over = self.over
        if images == 1:
            over = {Over.BATCH: Over.IMAGE_AND_CLASS, Over.EVERYTHING: Over.CLASSES}.get(over, over)
        if classes == 1 and not self.two:
            over = {Over.CLASSES: Over.IMAGE_AND_CLASS, Over.EVERYTHING: Over.BATCH}.get(over, over)
            over = Over.IMAGE_AND_CLASS if images == 1 else over
        one = classes == 1
        return replace(
            self,
            over=over,
            reads=Reads.PROBABILITIES if one and self.reads is Reads.SIGMOID else self.reads,
            background=self.background or one,
            two=self.two and one,
            smooth=self.smooth or 1e-5,
        )

    @property
    def differs(self) -> tuple[str, ...]:
        """In words, what is not ours."""
        words = {
            "score": str(self.score),
            "reads": str(self.reads),
            "smooth": f"smooth={self.smooth:g}",
            "below": f"{self.below:g} below alone",
            "squared": "squares below",
            "over": f"sums over {self.over}",
            "background": "without class 0",
            "two": "the background as a second channel",
            "gives": str(self.gives),
        }
        return tuple(words[one.name] for one in fields(self) if getattr(self, one.name) != one.default)


# What the Dice loss of a library is, given the input that it is meant to get, all options at their defaults.
DICE_BY_DEFAULT: dict[str, Convention] = {
    "MONAI": Convention(),
    "SMP": Convention(smooth=0.0, over=Over.BATCH),
    "kornia": Convention(smooth=0.0, over=Over.CLASSES, two=True),
    "keras": Convention(smooth=0.0, over=Over.EVERYTHING),
    "optax": Convention(smooth=2.0),
    "nnU-Net": Convention(smooth=1.0, gives=Gives.MINUS),
    "mmseg": Convention(reads=Reads.SIGMOID, smooth=0.0, below=2e-3, squared=True, over=Over.CLASSES),
}
# The same with an option that people often set, or with logits and probabilities confused.
DICE_WITH: dict[str, Convention] = {
    "MONAI with smooth_nr=1, smooth_dr=1": Convention(smooth=1.0),
    "SMP with smooth=1": Convention(smooth=2.0, over=Over.BATCH),
    "MONAI without an activation": Convention(reads=Reads.LOGITS),
    "MONAI squared_pred=True, V-Net": Convention(squared=True),
    "MONAI batch=True": Convention(over=Over.BATCH),
    "MONAI include_background=False": Convention(background=False),
    "nnU-Net with smooth=1e-5": Convention(gives=Gives.MINUS),
    "nnU-Net's trainers": Convention(background=False, gives=Gives.MINUS),
    "nnU-Net's trainers with batch_dice": Convention(background=False, over=Over.BATCH, gives=Gives.MINUS),
    "MONAI jaccard=True": Convention(Score.JACCARD),
    "MONAI jaccard=True with a smooth of 1": Convention(Score.JACCARD, smooth=0.5),
    "SMP JaccardLoss": Convention(Score.JACCARD, over=Over.BATCH),
    "SMP JaccardLoss with smooth=1": Convention(Score.JACCARD, smooth=1.0, over=Over.BATCH),
    'kornia average="macro", two channels': Convention(two=True),
    "MONAI with an activation, given probabilities": Convention(reads=Reads.TWICE),
    "SMP, given probabilities": Convention(reads=Reads.TWICE, over=Over.BATCH),
    "kornia, given probabilities": Convention(reads=Reads.TWICE, over=Over.CLASSES, two=True),
    "optax, given probabilities": Convention(reads=Reads.TWICE, smooth=2.0),
    "MONAI sigmoid=True for classes": Convention(reads=Reads.SIGMOID),
    "the Dice metric": Convention(reads=Reads.MASK, gives=Gives.SCORE),
    "the IoU metric": Convention(Score.JACCARD, Reads.MASK, gives=Gives.SCORE),
}


class Sums:
    """What the fractions of a batch are made of, added up once for many conventions.

    logits  (N, C, *), before any activation; target: masks of the same shape, or labels (N, *)

    Raises ValueError for shapes that do not fit and for labels that are no class.
    """

    def __init__(self, logits: torch.Tensor, target: torch.Tensor):
        self.logits, self.masks = _checked(logits, target)
        self.images, self.classes = self.logits.shape[:2]
        sizes, pixels = self.masks.flatten(2).sum(2), self.masks[0, 0].numel()
        only = (sizes == pixels) & (self.classes == 1)  # and no background
        self.lacks = bool(((sizes == 0) | only).any())  # a class in an image
        self.axes = self.masks.ndim - 2
        self._made = {}

    def value(self, convention: Convention) -> float:
        """The loss in a convention."""
        sums, background = self._of(convention.reads, convention.two)
        if convention.two and self.classes == 1:
            sums = torch.cat([background, sums], 2)
        elif self.classes > 1 and not convention.background:
            sums = sums[:, :, 1:]
        for axis in {Over.BATCH: (1,), Over.CLASSES: (2,), Over.EVERYTHING: (1, 2)}.get(convention.over, ()):
            sums = sums.sum(axis, keepdim=True)
        overlap, plain, squares = sums
        size, s = squares if convention.squared else plain, convention.smooth
        if convention.score is Score.DICE:
            score = (2 * overlap + s) / (size + s + convention.below)
        else:
            score = (overlap + s) / (size - overlap + s + convention.below)
        mean = score.mean().item()
        return {Gives.ONE_MINUS: 1 - mean, Gives.MINUS: -mean, Gives.SCORE: mean}[convention.gives]

    def _of(self, reads: Reads, two: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """I, A + T and the sum of the squares of each image and class, (3, N, C), and of what is 1 less."""
        key = reads, two and reads is Reads.TWICE
        if key not in self._made:
            p, t = _read(reads, self.logits, two), self.masks
            self._made[key] = _sums(p, t), _sums(1 - p, 1 - t)
        return self._made[key]


def conventions(images: int, classes: int) -> Iterator[Convention]:
    """Conventions that differ on so many images and classes: the common ones, then those of libraries."""
    seen = set()
    for score, reads, squared, over, background, two, gives in product(
        Score, Reads, (False, True), Over, (True, False), (False, True), Gives
    ):
        # 0 and 1 are their own squares, and logits of the background are nobody's.
        if (squared and reads is Reads.MASK) or (two and reads is Reads.LOGITS):
            continue
        for smooth in (1e-5, 1.0, 2.0) if score is Score.DICE else (1e-5, 0.5, 1.0):
            one = Convention(score, reads, smooth, 0.0, squared, over, background, two, gives)
            if one == one.on(images, classes) and one not in seen:
                seen.add(one)
                yield one
    for one in (one.on(images, classes) for one in DICE_BY_DEFAULT.values()):
        if one not in seen:
            seen.add(one)
            yield one


def which_convention(value, logits: torch.Tensor | None = None, target: torch.Tensor | None = None) -> Table:
    """The conventions of the Dice and Jaccard losses that give a number, those nearest to ours first.

    value   the number, or a text with all its digits: "0.30" has two, 0.3 has one
    logits  (N, C, *): what the network gives, before any activation; without it example A
    target  masks of the same shape, or labels (N, *)

    Each row has what differs from `dice_loss(p, t)` of the handbook, the number in this convention, and whose
    it is. Where no convention gives the number, the nearest are told. Where an image lacks a class, or
    the background of the only one, libraries differ in more than this, and none is named. Raises ValueError
    for a value that is no number, and for shapes that do not fit.
    """
    number, digits = _number(value)
    if (logits is None) != (target is None):
        raise ValueError("logits and target must come together, got one of them")
    where = "your data" if logits is not None else "example A"
    if logits is None:
        logits, target = example("A")["z"], example("A")["t"]
    sums = Sums(logits, target)
    found = [(one, sums.value(one)) for one in conventions(sums.images, sums.classes)]
    slack = 0.5 * 10.0**-digits
    near = [(one, v) for one, v in found if _agrees(v, number, slack, digits)]
    if not near:
        closest = sorted(found, key=lambda pair: (abs(pair[1] - number), len(pair[0].differs)))[:3]
        return _table(closest, f"No convention gives {value} on {where}; the nearest numbers:", sums)
    near.sort(key=lambda pair: len(pair[0].differs))
    least = len(near[0][0].differs)
    told = [pair for pair in near if len(pair[0].differs) < least + MORE][:MOST]
    left = len(near) - len(told)
    title = f"{value} on {where}" + (f"; {left} more" if left else "")
    return _table(told, title, sums)


def whose(convention: Convention, images: int, classes: int, axes: int = 2) -> str:
    """The libraries whose Dice loss has a convention by default on so many images and classes, and calls.

    axes  of an image: kornia's Dice takes images of two alone
    """

    def same(one: Convention) -> bool:
        return one.on(images, classes) == convention.on(images, classes)

    def matters(name: str, one: Convention) -> bool:
        if name.startswith("SMP") and images == 1:  # its sum over the batch is no option that was set
            one = replace(one, over=Over.IMAGE_AND_CLASS)
        if name.startswith("kornia,") and classes > 1:  # nor is the second channel of one class
            one = replace(one, two=False)
        return one == one.on(images, classes)

    def takes(name: str) -> bool:
        return axes == 2 or not name.startswith("kornia")

    by_default = [name for name, one in DICE_BY_DEFAULT.items() if same(one) and takes(name)]
    # An option that makes no difference here is not told.
    calls = [name for name, one in DICE_WITH.items() if same(one) and matters(name, one) and takes(name)]
    return "; ".join(([", ".join(by_default) + " by default"] if by_default else []) + calls)


def _table(found: list[tuple[Convention, float]], title: str, sums: Sums) -> Table:
    rows = [
        [
            "; ".join(one.differs) or "nothing",
            f"{value:.6f}",
            "" if sums.lacks else whose(one, sums.images, sums.classes, sums.axes),
        ]
        for one, value in found
    ]
    title += "; an image lacks a class, so no library is named" if sums.lacks else ""
    return Table(["differs from ours in", "gives", "whose"], rows, title)


def _number(value) -> tuple[float, int]:
    """A number and how many digits after its point are given."""
    text = str(value).strip().replace("−", "-")
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text, re.IGNORECASE):
        raise ValueError(f"value must be a number such as 0.2727, got {value!r}")
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return float(text), max(decimals, 0)


def _agrees(value: float, number: float, slack: float, digits: int) -> bool:
    """Whether a value is the given one, rounded or, if long, cut off after its last digit."""
    if not math.isfinite(value):
        return False
    # Libraries have 0, 1e-8 or 1e-5 for our smooth of 1e-5.
    rest = max(slack, 5e-6)
    cut_off = digits >= 3 and 0 <= (abs(value) - abs(number)) * 10**digits < 1 and value * number >= 0
    return abs(value - number) <= rest * (1 + 1e-9) or cut_off


def _checked(logits: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and masks in float64."""
    if logits.ndim < 3:
        raise ValueError(f"logits must have shape (N, C, d1, ...), got {tuple(logits.shape)}")
    without = (logits.shape[0], *logits.shape[2:])
    if target.shape == without:
        classes = max(logits.shape[1], 2)
        labels = target.long()
        if ((labels < 0) | (labels >= classes)).any():
            raise ValueError(f"labels must be in 0..{classes - 1}, got {labels.unique().tolist()[:6]}")
        masks = F.one_hot(labels, classes).movedim(-1, 1)
        target = masks if logits.shape[1] > 1 else masks[:, 1:]
    if target.shape != logits.shape:
        raise ValueError(
            f"target must be masks {tuple(logits.shape)} or labels {without}, got {tuple(target.shape)}"
        )
    return logits.detach().double(), target.detach().double()


def _read(reads: Reads, z: torch.Tensor, two: bool) -> torch.Tensor:
    one = z.shape[1] == 1
    p = z.sigmoid() if one else z.softmax(1)
    if reads is Reads.TWICE and one:
        return (2 * p - 1 if two else p).sigmoid()  # a softmax of two is a sigmoid of their difference
    if reads is Reads.TWICE:
        return p.softmax(1)
    if reads is Reads.MASK:
        return (p > 0.5).double() if one else F.one_hot(p.argmax(1), z.shape[1]).movedim(-1, 1).double()
    return {Reads.PROBABILITIES: p, Reads.LOGITS: z, Reads.SIGMOID: z.sigmoid()}[reads]


def _sums(p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return torch.stack([x.flatten(2).sum(2) for x in (p * t, p + t, p**2 + t**2)])
