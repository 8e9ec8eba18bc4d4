"""What is known of a loss: `Loss`, and the pieces that it is made of.

A fact that a program compares is typed: a member of one of these vocabularies, a number, the name of an
option. The rest is prose, for people alone. The words of a vocabulary are for readers too: a program compares
its members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from math import inf, isfinite, prod
from typing import Literal


class Kind(StrEnum):
    """What the numbers of an argument are."""

    LOG_PROBABILITIES = "log-probabilities"
    PROBABILITIES = "probabilities"
    LOGITS = "logits"
    LOG_RATES = "log-rates"
    RATES = "rates"
    SCORES = "scores"
    DISTANCES = "distance"
    REAL = "real number"
    VARIANCES = "variances"
    EMBEDDINGS = "embeddings"
    FEATURES = "features"  # what the last layer takes, where a loss holds that layer
    PARAMETERS = "parameters"  # of that layer
    COUNTS = "count"
    LABELS = "class labels"  # a class index for each sample
    LABEL_LISTS = "lists of class labels"  # several for each sample, ended by a filler
    MULTI_HOT = "0 and 1 for each class"
    SIGNS = "1 and -1"
    MASKS = "mask"
    DISTANCE_MAPS = "distance map"
    LENGTHS = "lengths"
    SIZES = "sizes"  # of the parts of a layer


class Shape(StrEnum):
    """The shape of an argument: N samples, C classes, D features, T steps, S symbols, d1, ... whatever."""

    ANY = "any shape"
    SAME = "the shape of input"
    BROADCAST = "a shape that broadcasts to input"
    NUMBER = "a number"
    PER_CLASS = "shape (C,)"
    PER_ENTRY = "shape (E,)"  # of a head with E entries
    ONE_ROW = "one row"
    PER_SAMPLE = "shape () or (N,)"
    CLASSES_LAST = "shape (C,), (N, C) or (N, d1, ..., C)"
    CLASSES_SECOND = "shape (C,), (N, C) or (N, C, d1, ...)"
    CLASSES_OF_IMAGES = "shape (N, C, d1, ...)"
    IMAGES = "shape (N, d1, ...)"
    CLASSES_OF_ROWS = "shape (C,) or (N, C)"
    CLASSES_OF_STEPS = "shape (T, C) or (T, N, C)"
    FEATURES_LAST = "shape (D,) or (N, D)"
    FEATURES_BY_CLASS = "shape (C, D)"
    FEATURES_BY_ENTRY = "shape (E, D)"
    SYMBOLS = "shape (S,) or (N, S)"
    WITHOUT_CLASSES = "the shape of input without the class axis"


class Dtype(StrEnum):
    """The dtypes that torch takes in every shape and for the backward pass as well."""

    FLOATING = "floating point"
    SAME = "the dtype of input"
    REAL = "floating point or integer"
    INTEGER = "integer"
    INT64 = "int64"
    BOOL = "bool"


class Statistic(StrEnum):
    """What of the targets the best constant prediction is, once it is turned from logarithms or logits."""

    MEAN = "mean"
    MEDIAN = "median"


class Of(StrEnum):
    """What a bound is said of."""

    ELEMENT = "an element"  # of what reduction="none" gives
    CLASSES = "the sum over the classes"


class Sign(StrEnum):
    """What a reader sees first, where a loss misbehaves: the headings of the page on it."""

    NAN = "It is nan"
    HUGE = "It is inf, or suddenly enormous"
    NEGATIVE = "It is negative"
    STUCK = "It is stuck at a number"
    SILENT = "It does not fall, or there is no gradient"
    USELESS = "It falls, and the model does not get better"
    DIFFERENT = "It is not what I compute by hand, or changes with the batch"
    ERROR = "torch refuses"


Reduction = Literal["none", "mean", "sum", "batchmean"]


@dataclass(frozen=True)
class Domain:
    """The numbers that are meant: those from `low` to `high`, without the ends if `open`.

    values   the only ones, if they can be listed
    below    a size that all stay below: "C" of class indices
    whole    whether all are integers
    """

    low: float = -inf
    high: float = inf
    values: tuple = ()
    below: Literal["", "C", "T + 1", "S + 1"] = ""
    whole: bool = False
    open: bool = False

    def words(self, name: str) -> str:
        """The domain of an option of that name, as in "beta >= 0"."""
        less = "<" if self.open else "<="
        if self.values:
            return " or ".join(map(str, self.values))
        if isfinite(self.low) and isfinite(self.high):
            return f"{self.low:g} {less} {name} {less} {self.high:g}"
        if isfinite(self.low):
            return f"{name} >{less[1:]} {self.low:g}"
        return "an integer" if self.whole else "any number"


REALS = Domain()
NOT_NEGATIVE = Domain(low=0)
AT_MOST_0 = Domain(high=0)
UNIT = Domain(low=0, high=1)
INTEGERS = Domain(whole=True)
SWITCH = Domain(values=(True, False))
CLASS_INDICES = Domain(low=0, below="C", whole=True)


@dataclass(frozen=True)
class Form:
    """One form in which an argument can be given, with the options `where` it is the one that is meant.

    `checked` says whether torch refuses numbers outside of the domain.
    """

    kind: Kind
    shape: Shape
    domain: Domain = REALS
    dtype: Dtype = Dtype.FLOATING
    checked: bool = False
    where: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Argument:
    """An argument that must be given: in words, and in each of its forms, the usual one first.

    `differentiable` is said of what a model gives: the gradient of the chapter is the one in these arguments.
    """

    name: str
    says: str
    forms: tuple[Form, ...]
    differentiable: bool = False

    def form(self, **options) -> Form:
        """The first form that is meant under these options."""
        return next(form for form in self.forms if form.where.items() <= options.items())


def in_words(arguments: tuple[Argument, ...]) -> str:
    """What the arguments are, with their names if there are several."""
    if len(arguments) == 1:
        return arguments[0].says
    return "; ".join(f"{argument.name}: {argument.says}" for argument in arguments)


@dataclass(frozen=True)
class Option:
    """An argument with a default: a number or a switch, or a tensor where `shape` says so.

    in_divisor   whether the mean divides by it as well, as by class weights: for labels, if both are taken
    differentiable   of what a model gives: the gradient has it too, where it is given
    says         its admissible values in words, where domain and shape cannot say them
    """

    name: str
    default: object
    meaning: str
    domain: Domain = REALS
    shape: Shape = Shape.NUMBER
    dtype: Dtype = Dtype.REAL
    in_divisor: bool = False
    differentiable: bool = False
    says: str = ""

    @property
    def words(self) -> str:
        if self.says:
            return self.says
        return self.domain.words(self.name) if self.shape is Shape.NUMBER else f"None or {self.shape}"


@dataclass(frozen=True)
class Bounds:
    """Between which two numbers something lies, with the options `where` it does.

    Both ends are multiplied by each option in `times` that is given, and by each in `raised_by` where that is
    above 1, and divided by each in `over`. These factors are taken to be >= 0, and of a tensor the largest
    entry counts.

    least    options that are at least so large
    reached  whether there are arguments that come near to an end
    """

    low: float
    high: float
    where: Mapping[str, object] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    times: tuple[str, ...] = ()
    raised_by: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    of: Of = Of.ELEMENT
    reached: bool = True

    def holds(self, options: Mapping[str, object]) -> bool:
        """Whether the bounds hold under these options, which are all given."""
        return self.where.items() <= options.items() and all(
            options[name] >= low for name, low in self.least.items()
        )

    def ends(self, **options) -> tuple[float, float]:
        """The two ends under these options."""
        factors = [_largest(options.get(name)) for name in self.times]
        factors += [max(1.0, _largest(options.get(name))) for name in self.raised_by]
        divisor = prod(_largest(options.get(name)) for name in self.over)
        factor = prod(factors) / divisor if divisor else inf
        return tuple(end * factor if end and factor else 0.0 for end in (self.low, self.high))


def _largest(factor) -> float:
    return 1.0 if factor is None else float(factor.max() if hasattr(factor, "max") else factor)


@dataclass(frozen=True)
class Number:
    """A number by which a symptom is known: a fixed one, or a function of the number C of classes.

    says  what it is, such as "ln {C}", where {C} stands for the number of classes
    """

    value: float | Callable[[int], float]
    says: str

    def at(self, C: int) -> float:
        """The number for C classes."""
        return self.value(C) if callable(self.value) else self.value


@dataclass(frozen=True)
class Symptom:
    """What goes wrong: what is seen, why, the fix as a line of code, and the heading below which it is shown.

    Where torch refuses, `seen` is a piece of its message. In `seen` and `why`, code stands in backticks.

    numbers   those by which it is known
    messages  pieces of what torch prints besides, word for word
    said      what people call it, in lower case
    page      the page with the heading, as _toc.yml names it; "" for the chapter of the loss
    runs_on   "cuda" if the message needs a GPU: no cell and no test can show it
    """

    sign: Sign
    seen: str
    why: str
    fix: str
    section: str
    numbers: tuple[Number, ...] = ()
    messages: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    page: str = ""
    runs_on: Literal["cpu", "cuda"] = "cpu"

    @property
    def prints(self) -> tuple[str, ...]:
        """All pieces of what torch prints."""
        return ((self.seen,) if self.sign is Sign.ERROR else ()) + self.messages


@dataclass(frozen=True)
class Source:
    """A work that the chapter cites."""

    authors: str
    year: int
    title: str
    url: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}), {self.title}"


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The facts of one loss.

    name           as in `home`, where the function is, or the module where there is no function
    torch_class    the module of torch that computes it, None where torch has none
    formula        LaTeX, for one element or sample with default options
    arguments      those without a default, in the order of the call
    values         where the values lie, with reduction="none" and arguments of the domains above
    gradients      where each entry of the gradient of their sum lies
    fades          whether the gradient is 0 where prediction and target agree
    statistic      what the best constant prediction is of the targets, None where it has no name
    elicits        the same in words, completing "the best constant prediction is ..."
    curve          a function of x that `explore` draws, as code, where one number is no input for the loss

    `gradient_far` and `gradient_at_target` hold for one element with default options.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    torch_class: str | None
    family: str
    summary: str
    formula: str
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    values: tuple[Bounds, ...]
    gradients: tuple[Bounds, ...]
    gradient_far: str
    gradient_at_target: str
    fades: bool
    statistic: Statistic | None
    elicits: str
    robust_to: str
    use_when: str
    avoid_when: str
    symptoms: tuple[Symptom, ...]
    sources: tuple[Source, ...]
    reductions: tuple[Reduction, ...] = ("none", "mean", "sum")
    default_reduction: Reduction = "mean"
    home: str = "torch.nn.functional"
    curve: str = ""

    @property
    def function(self):
        """The function itself, or the module."""
        return getattr(import_module(self.home), self.name)

    @property
    def functional(self) -> str:
        """The whole name."""
        return f"{self.home}.{self.name}"

    @property
    def class_name(self) -> str:
        """The class as it is called in torch.nn, or the function of a loss that torch lacks."""
        return self.torch_class.removeprefix("torch.nn.") if self.torch_class else self.name

    @property
    def docs_url(self) -> str | None:
        """The page of torch's documentation, None for a loss that torch lacks."""
        if self.torch_class is None:
            return None
        return f"https://docs.pytorch.org/docs/stable/generated/{self.torch_class}.html"

    @property
    def predictions(self) -> tuple[Argument, ...]:
        """The arguments that a model gives."""
        return tuple(argument for argument in self.arguments if argument.differentiable)

    @property
    def targets(self) -> tuple[Argument, ...]:
        """The arguments that data give."""
        return tuple(argument for argument in self.arguments if not argument.differentiable)

    def argument(self, name: str) -> Argument:
        return next(argument for argument in self.arguments if argument.name == name)

    def form(self, name: str, **options) -> Form:
        """The form of the argument `name` that is meant under these options, the others at their defaults."""
        return self.argument(name).form(**self._with_defaults(options))

    def value_bounds(self, of: Of = Of.ELEMENT, **options) -> tuple[float, float]:
        """Between which numbers a value lies under these options, the others at their defaults."""
        return self._ends(self.values, of, options)

    def gradient_bound(self, **options) -> float:
        """How large an entry of the gradient can be under these options, inf where there is no bound."""
        return max(map(abs, self._ends(self.gradients, Of.ELEMENT, options)))

    def _ends(self, rows, of, options) -> tuple[float, float]:
        given = self._with_defaults(options)
        row = next(row for row in rows if row.of is of and row.holds(given))
        return row.ends(**given)

    def _with_defaults(self, options) -> dict:
        return {option.name: option.default for option in self.options} | options
