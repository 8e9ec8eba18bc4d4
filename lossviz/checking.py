"""Whether a loss of one's own is right: what is tried with it, one small function each, and the report."""

from __future__ import annotations

import functools
import html
import inspect
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch

from lossviz.compare import difference_at
from lossviz.evaluate import first_line, name_of, parameters, signature_of
from lossviz.fitting import known_loss
from lossviz.quiet import hushed
from lossviz.samples import NO_SAMPLE, call_for, call_of, is_of_numpy
from lossviz.sides import of_arrays, takes, tensors_of, with_names_of
from lossviz.trial import Trial

MOST = 20.0  # what lies between finite ends that are wider has no ends worth trying
MOST_ELEMENTS = 64  # of a large input, those whose slopes are compared; spread over it
WIDTH = 110


class Verdict(StrEnum):
    """What came of a trial. What is to be looked at is right in some losses and wrong in others."""

    PASSES = "passes"
    LOOK = "look"
    FAILS = "FAILS"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Row:
    """One trial: what was tried, what came of it, and what was seen."""

    what: str
    verdict: Verdict
    says: str


@dataclass(frozen=True)
class Report:
    """What `check_loss` tried, as text and as a table; it is true where nothing fails.

    rows   a `Row` for each trial, in their order
    title  which loss was tried, with which call
    """

    title: str
    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def failures(self) -> list[Row]:
        return [row for row in self.rows if row.verdict is Verdict.FAILS]

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, what: str) -> Row:
        """The row of one trial; ValueError for a name of none."""
        for row in self.rows:
            if row.what == what:
                return row
        raise ValueError(f"what was tried is {', '.join(row.what for row in self.rows)}, got {what!r}")

    @property
    def summary(self) -> str:
        if self.failures:
            first = self.failures[0]
            more = f" ({len(self.failures)} fail in all)" if len(self.failures) > 1 else ""
            return f"The first that fails: {first.what}: {first.says}{more}"
        counts = {v: sum(row.verdict is v for row in self.rows) for v in Verdict}
        look = f", {counts[Verdict.LOOK]} to look at" if counts[Verdict.LOOK] else ""
        left = f", {counts[Verdict.NOT_TRIED]} not tried" if counts[Verdict.NOT_TRIED] else ""
        return f"Nothing fails: {counts[Verdict.PASSES]} trials pass{look}{left}"

    def __repr__(self) -> str:
        width = max(len(row.what) for row in self.rows)
        lines = [self.title]
        for row in self.rows:
            head = f"{row.what:{width}}  {row.verdict:9}  "
            lines += textwrap.wrap(head + row.says, WIDTH, subsequent_indent=" " * len(head))
        return "\n".join([*lines, *textwrap.wrap(self.summary, WIDTH)])

    def _repr_html_(self) -> str:
        cell = 'style="text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0"'
        rows = "".join(
            f'<tr><th scope="row" {cell}>{html.escape(row.what)}</th>'
            f"<td {cell}>{'<strong>FAILS</strong>' if row.verdict is Verdict.FAILS else row.verdict}</td>"
            f"<td {cell}>{html.escape(row.says)}</td></tr>"
            for row in self.rows
        )
        return (
            f'<div class="lossviz-check"><p>{html.escape(self.title)}</p>'
            f'<table style="border-collapse: collapse"><tbody>{rows}</tbody></table>'
            f"<p>{html.escape(self.summary)}</p></div>"
        )


def check_loss(loss: Callable, *example, reference: Callable | None = None, **options) -> Report:
    """Is a loss of your own right? What was tried, and the first case that fails: `check_loss(my_loss)`.

    loss       your loss in torch, a function or a module; its first argument is what a model gives
    example    the arguments of one call that it answers with finite numbers, tensors or lists:
               `check_loss(my_loss, logits, target)`, on the CPU. Without them, four samples: as `reference`
               wants them, else the first that the loss takes of logits with labels, logits with 0 and 1,
               log-probabilities with labels, probabilities with 0 and 1, rates with counts
    reference  a loss that must agree with it in value and gradient at that call and at every extreme, such as
               `F.cross_entropy`; its arguments go by their places where they have other names
    options    arguments by name, such as `gamma=2.0`, given to `loss`, and to `reference` where it has them

    What is tried: the value; the gradient, autograd against central differences in float64; whether arguments
    are changed in place; the reduction (sum and mean against "none"); float32 and float64 kept; half
    precision; inputs that are not contiguous; a target of shape (N, 1) beside an input of shape (N,); the
    ends of the domain (logits of ±100 and ±10,000, probabilities of 0 and 1; where the loss is none of
    torch's, numbers that all lie in 0 to 1 are taken for probabilities); a nan; an empty batch; a label
    ignored, and all of them.

    Returns a `Report`: print it, ask `report.ok`, `report.failures`, `report["gradient"]`, or write
    `assert check_loss(my_loss)` in a test. "look" marks what is right in some losses and wrong in others.
    Raises ValueError for a loss that is not in torch, and where no call is given and none is found.
    """
    if example and callable(example[0]) and not isinstance(example[0], torch.Tensor):
        reference, *example = example
    if isinstance(loss, type) or not callable(loss):
        raise ValueError(f"check_loss takes a function or a module, got {loss!r}: try check_loss(my_loss)")
    if example and not parameters(loss):
        loss = _by_place(loss, len(example))
    call = _call(loss, example, options, reference)
    if reference is not None and not all(takes(reference, name) for name in call):
        reference = with_names_of(reference, loss)
    trial = Trial(loss, call, reference, _meant(loss, reference))
    rows = [_row(what, tried, trial) for what, tried in TRIALS.items()]
    given = ", ".join(_described(name, value) for name, value in call.items())
    beside = "" if reference is None else f", beside {name_of(reference)}"
    return Report(f"{name_of(loss)} with {given}{beside}", tuple(rows))


def _by_place(loss: Callable, count: int) -> Callable:
    """A function that does not name its arguments, as the `apply` of an autograd function, with names."""
    names = ["input", "target", *(f"argument{k}" for k in range(3, count + 1))][:count]

    def call(**given):
        places = [given.pop(name) for name in names]
        return loss(*places, **given)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    call.__name__ = name_of(loss)
    return call


def _call(loss, example, options, reference) -> dict:
    """The arguments by name, as tensors in the precision that a model has."""
    if example:
        try:
            names = inspect.signature(getattr(loss, "forward", loss)).bind_partial(*example).arguments
        except TypeError as error:
            raise ValueError(f"{name_of(loss)} does not take {len(example)} arguments: {error}") from None
        call = {name: _tensor(value, not place) for place, (name, value) in enumerate(names.items())}
    else:
        call = _found(loss, options, reference)
    call |= options
    first = next(iter(call.values()), None)
    if not isinstance(first, torch.Tensor) or not first.is_floating_point() or not first.numel():
        raise ValueError(f"the first argument must be a floating tensor with numbers, got {first!r}")
    try:
        answer = Trial(loss, call).value()
    except Exception as error:
        raise ValueError(
            f"{name_of(loss)} must answer the call that it is tried with, but raised {type(error).__name__}: "
            f"{first_line(error)}; give another, as check_loss({name_of(loss)}, input, target)"
        ) from None
    if not answer.is_floating_point():
        raise ValueError(f"{name_of(loss)} must return a floating tensor, got {answer.dtype}")
    return call


def _meant(loss, reference) -> tuple | None:
    """The ends of what a loss of torch is meant to get; None where nothing is known, or no end is near."""
    known = known_loss(loss) or (known_loss(reference) if reference is not None else None)
    if known is None:
        return None
    domain = known.form(known.arguments[0].name).domain
    width = domain.high - domain.low
    return (-np.inf, np.inf) if MOST < width < np.inf else (domain.low, domain.high)


def _tensor(value, floating: bool):
    if isinstance(value, torch.Tensor):
        return value.detach().cpu()
    if isinstance(value, (list, tuple, np.ndarray)):
        return torch.tensor(value, dtype=torch.float32 if floating else None)
    return value


def _found(loss, options, reference) -> dict:
    """A call of four samples: of the reference, or of what the loss itself takes."""
    known = known_loss(loss) or (known_loss(reference) if reference is not None else None)
    bound = functools.partial(loss, **options) if options else loss
    if known is not None and known.name not in NO_SAMPLE:
        names = [p.name for p in signature_of(loss) if p.name not in options]
        call = dict(zip(names, call_of(known).values(), strict=False))
    else:
        call = call_for(bound)
    if call is None and is_of_numpy(bound):
        raise ValueError(
            f"check_loss tries a loss in torch, and {name_of(loss)} is in NumPy: hold it against another by "
            f"compare({name_of(loss)}, F.mse_loss)"
        )
    if call is None:
        raise ValueError(
            f"check_loss found no call that {name_of(loss)} answers with finite numbers: give one, as "
            f"check_loss({name_of(loss)}, input, target)"
        )
    call = {name: value for name, value in call.items() if name not in options}
    return {k: v.float() if v.is_floating_point() else v for k, v in tensors_of(call).items()}


def _described(name: str, value) -> str:
    if not isinstance(value, torch.Tensor):
        return f"{name}={value!r}"
    return f"{name} {tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"


def _row(what: str, tried: Callable, trial: Trial) -> Row:
    """What came of a trial; an error in it is a failure."""
    try:
        return Row(what, *tried(trial))
    except Exception as error:
        return Row(what, Verdict.FAILS, f"{type(error).__name__}: {first_line(error)}")


# What is tried: each returns a verdict and what was seen


def try_value(trial: Trial):
    value = trial.value()
    bad = (~value.isfinite()).sum().item()
    if bad:
        return Verdict.FAILS, f"{bad} of {value.numel()} numbers are nan or infinite at the call itself"
    if _different(value, trial.value()):
        return Verdict.LOOK, "two calls give two values: what follows compares noise"
    if trial.reference is not None:
        expected = trial.value(of="reference")
        if difference := _different(value, expected):
            return Verdict.FAILS, difference
        return Verdict.PASSES, f"{_shown(value)}, as {name_of(trial.reference)} has it"
    return Verdict.PASSES, _shown(value)


def try_gradient(trial: Trial):
    _, gradient = trial.value_and_gradient()
    if gradient is None:
        return Verdict.FAILS, (
            f"there is none: the value does not depend on {trial.first} for autograd, as after detach, item, "
            "argmax, a comparison or NumPy"
        )
    if not gradient.isfinite().all():
        return Verdict.FAILS, "nan or infinite at the call itself"
    if trial.reference is not None:
        expected = trial.value_and_gradient(of="reference")[1]
        if expected is not None and (difference := _different(gradient, expected)):
            return Verdict.FAILS, difference
    try:
        _, gradient = trial.value_and_gradient(torch.float64)
    except Exception as error:
        return Verdict.LOOK, f"not compared with differences: float64 is refused ({first_line(error)})"
    if _is_rounded(trial, gradient):
        return Verdict.LOOK, "not compared with differences: it computes in float32 inside"
    return _against_differences(trial, gradient.numpy())


def _against_differences(trial: Trial, gradient: np.ndarray):
    def scalar(**arrays):
        changed = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in arrays.items()}
        return trial.run(changed, torch.float64)

    case = {
        name: value.numpy() if isinstance(value, torch.Tensor) else value
        for name, value in trial.cast(torch.float64).items()
    }
    places = np.unique(np.linspace(0, gradient.size - 1, min(gradient.size, MOST_ELEMENTS)).astype(int))
    checked = 0
    for place in places:
        index = tuple(int(k) for k in np.unravel_index(place, gradient.shape))
        verdict, slope, tolerance = difference_at(of_arrays(scalar), case, trial.first, index)
        if verdict != "checked":
            continue
        checked += 1
        if not abs(gradient[index] - slope) <= tolerance:
            return Verdict.FAILS, (
                f"at {trial.first}[{', '.join(map(str, index))}] autograd has {gradient[index]:.4g}, central "
                f"differences {slope:.4g}"
            )
    skipped = f"; {len(places) - checked} at a kink or lost in rounding" if checked < len(places) else ""
    if not checked:
        return Verdict.LOOK, f"no element could be compared with central differences{skipped}"
    return Verdict.PASSES, f"autograd agrees with central differences at {checked} elements{skipped}"


def try_in_place(trial: Trial):
    call = trial.cast(torch.float32)
    before = {k: v.clone() for k, v in call.items() if isinstance(v, torch.Tensor)}
    trial.run(call, torch.float32)
    for name, value in before.items():
        if not torch.equal(call[name].nan_to_num(), value.nan_to_num()):
            return Verdict.FAILS, f"it writes into {name}: work on a copy, as {name}.clamp(...) makes one"
    return Verdict.PASSES, "no argument is changed"


def try_reduction(trial: Trial):
    none, mean, total = (trial.reduced(name) for name in ("none", "mean", "sum"))
    if none is None:
        return Verdict.NOT_TRIED, f"no argument reduction; it returns shape {tuple(trial.value().shape)}"
    try:
        each = none.value()
    except Exception as error:
        return Verdict.LOOK, f'"none" is refused ({first_line(error)})'
    mean, total = mean.value(), total.value()
    if each.numel() < 2:
        shape = tuple(each.shape)
        return Verdict.LOOK, f'"none" returns shape {shape}: right where the loss is one of the whole batch'
    if mean.numel() != 1 or total.numel() != 1:
        return Verdict.FAILS, f'"mean" returns shape {tuple(mean.shape)}, "sum" {tuple(total.shape)}'
    if difference := _different(total, each.sum()):
        return Verdict.FAILS, f'"sum" is not the sum of "none": {difference}'
    if trial.reference is not None and takes(trial.reference, "reduction"):
        for name, value in (("mean", mean), ("sum", total)):
            expected = trial.value(of="reference", reduction=name)
            if difference := _different(value, expected):
                return Verdict.FAILS, f'"{name}": {difference}'
    if difference := _different(mean, each.mean()):
        weighted = trial.option("weight") is not None
        return (
            Verdict.LOOK if weighted else Verdict.FAILS
        ), f'"mean" is not the mean of "none": {difference}'
    return Verdict.PASSES, f'"none" has shape {tuple(each.shape)}, "mean" and "sum" are its mean and its sum'


def try_dtype(trial: Trial):
    for dtype in (torch.float32, torch.float64):
        try:
            value, gradient = trial.value_and_gradient(dtype)
        except Exception as error:
            return Verdict.LOOK, f"{_name(dtype)} is refused ({type(error).__name__}: {first_line(error)})"
        if value.dtype is not dtype:
            return Verdict.FAILS, f"{_name(dtype)} in, {_name(value.dtype)} out"
    if gradient is not None and _is_rounded(trial, gradient):
        return Verdict.LOOK, "float64 comes back as float64, but is rounded to float32 inside"
    return Verdict.PASSES, "float32 and float64 are kept"


def try_half(trial: Trial):
    said = []
    for dtype in (torch.float16, torch.bfloat16):
        name = _name(dtype)
        try:
            value, gradient = trial.value_and_gradient(dtype)
        except Exception as error:
            return Verdict.LOOK, f"{name} is refused on the CPU ({type(error).__name__}: {first_line(error)})"
        # The same numbers, so that only the arithmetic differs.
        rounded = {k: v.float() for k, v in trial.cast(dtype).items() if _is_floating(v)}
        wide = trial.value(**rounded)
        off = (value.float() - wide).abs() > 16 * torch.finfo(dtype).eps * (wide.abs() + 1)
        if not value.isfinite().all() and wide.isfinite().all():
            return Verdict.FAILS, f"{name}: {_shown(value)}, in float32 {_shown(wide)}"
        if off.any():
            return Verdict.FAILS, f"{name}: {_shown(value)}, in float32 {_shown(wide)}"
        if gradient is not None and not gradient.isfinite().all():
            return Verdict.FAILS, f"{name}: the gradient is nan or infinite"
        said.append(name + ("" if value.dtype is dtype else f" (returned as {_name(value.dtype)})"))
    return Verdict.PASSES, f"{' and '.join(said)} agree with float32"


def try_contiguity(trial: Trial):
    strided = {
        name: _otherwise_in_memory(value)
        for name, value in trial.call.items()
        if isinstance(value, torch.Tensor) and value.ndim
    }
    call = {k: v.float() if _is_floating(v) else v for k, v in (trial.call | strided).items()}
    if difference := _different(trial.run(call, torch.float32), trial.value()):
        return Verdict.FAILS, f"with arguments that are not contiguous: {difference}"
    return Verdict.PASSES, "the value is the same for arguments that are not contiguous"


def _otherwise_in_memory(value: torch.Tensor) -> torch.Tensor:
    """The same numbers, the classes last in memory as in channels_last; of one axis every second number."""
    if value.ndim == 1:
        return torch.stack([value, value], -1)[..., 0]
    return (
        value.transpose(0, 1).contiguous().transpose(0, 1)
        if value.ndim == 2
        else (value.movedim(1, -1).contiguous().movedim(-1, 1))
    )


def try_broadcast(trial: Trial):
    x, y = trial.input, trial.target
    if y is None or y.shape != x.shape or not x.ndim or len(x) < 2 or not y.is_floating_point():
        return Verdict.NOT_TRIED, "input and target are not two tensors of numbers of one shape"
    x, y = x.flatten()[: len(x)].float(), y.flatten()[: len(x), None]
    others = {
        name: value.flatten()[: len(x)]
        for name, value in trial.call.items()
        if isinstance(value, torch.Tensor) and value.shape == trial.input.shape
    }
    what = f"a target {tuple(y.shape)} beside an input {tuple(x.shape)}"
    call = trial.cast(torch.float32, **others) | {trial.first: x, trial.second: y.to(x.dtype)}
    alike = call | {trial.second: y[:, 0].to(x.dtype)}
    try:
        expected, usual = _warned(trial, alike)
    except Exception:
        return Verdict.NOT_TRIED, "it takes no input and target of one axis"
    try:
        value, warned = _warned(trial, call)
    except Exception:
        return Verdict.PASSES, f"{what} is refused"
    if warned - usual:
        return Verdict.PASSES, f"{what} gives a warning"
    if value.numel() == expected.numel() and not _different(value.reshape(expected.shape), expected):
        return Verdict.PASSES, f"{what} is taken for one of {tuple(x.shape)}"
    told = f"{_shown(value)} instead of {_shown(expected)}"
    return Verdict.LOOK, f"{what} gives {told} without a word, as each is paired with all"


def _warned(trial: Trial, call: dict) -> tuple[torch.Tensor, set]:
    """The value, and what was warned of."""
    with warnings.catch_warnings(record=True) as warned, hushed():
        warnings.simplefilter("always")
        value = trial.loss(**call)
    return value, {str(warning.message) for warning in warned}


def try_extremes(trial: Trial):
    low, high = trial.domain
    closed = {(0.0, 1.0): [(0.0, 1.0)], (-np.inf, 0.0): [(-1e4, 0.0)], (0.0, np.inf): [(0.0, 1e4)]}
    what, worst = [], Verdict.PASSES
    for ends in closed.get((low, high), [(-100.0, 100.0), (-1e4, 1e4)]):
        for flipped in (False, True):
            values = _alternating(trial.input, ends[::-1] if flipped else ends)
            verdict, says = _at_extreme(trial, values, f"{trial.first} of {ends[0]:g} and {ends[1]:g}")
            if verdict is Verdict.FAILS:
                return verdict, says
            worst = verdict if verdict is Verdict.LOOK else worst
            what += [says] if says not in what else []
    return worst, "; ".join(what)


def _alternating(x: torch.Tensor, ends: tuple) -> torch.Tensor:
    """The two ends in turn, in the shape of x."""
    return torch.tensor(ends)[torch.arange(x.numel()) % 2].reshape(x.shape)


def _at_extreme(trial: Trial, values: torch.Tensor, what: str):
    value, gradient = trial.value_and_gradient(**trial.with_input(values))
    if trial.reference is not None:
        expected, slope = trial.value_and_gradient(of="reference", **trial.with_input(values))
        difference = _different(value, expected)
        if not difference and gradient is not None and slope is not None:
            difference = _different(gradient, slope)
            difference = difference and f"the gradient: {difference}"
        if difference:
            return Verdict.FAILS, f"{what}: {difference}"
        return Verdict.PASSES, f"{what}: as the reference has it"
    if value.isnan().any() or (gradient is not None and gradient.isnan().any()):
        return Verdict.FAILS, f"{what}: the {'value' if value.isnan().any() else 'gradient'} is nan"
    if gradient is not None and gradient.abs().max() < 1e-12 and value.max() > 0.1:
        return Verdict.LOOK, f"{what}: the loss is {_shown(value)}, and no element has a gradient"
    if value.isinf().any():
        wide = trial.value(torch.float64, **trial.with_input(values))
        if wide.abs().max() < torch.finfo(torch.float32).max:
            return Verdict.FAILS, f"{what}: infinite, and {_shown(wide)} in float64"
        end = trial.domain != (-np.inf, np.inf)
        return (Verdict.FAILS if end else Verdict.LOOK), f"{what}: infinite, in float64 too"
    return Verdict.PASSES, f"{what}: finite"


def try_nan(trial: Trial):
    values = trial.input.float().clone()
    values.view(-1)[: max(values[:1].numel(), 1)] = torch.nan
    try:
        with_nan = trial.value(**trial.with_input(values))
    except Exception as error:
        return Verdict.PASSES, f"a sample of nan is refused ({first_line(error)})"
    if not with_nan.isnan().any():
        return Verdict.FAILS, f"a sample of nan is hidden: {_shown(with_nan)}, as if all were well"
    none = trial.reduced("none")
    try:
        spread = none is not None and none.value(**trial.with_input(values)).isnan().all()
    except Exception:
        spread = False  # it has no "none"
    if spread:
        return Verdict.LOOK, 'one sample of nan makes all of them nan, with reduction="none" too'
    return Verdict.PASSES, "a sample of nan gives nan"


def try_empty(trial: Trial):
    count = len(trial.input) if trial.input.ndim else 0
    if not count:
        return Verdict.NOT_TRIED, "the input has no axis of samples"
    less = {
        name: value[:0]
        for name, value in trial.call.items()
        if isinstance(value, torch.Tensor) and value.ndim and len(value) == count
    }
    value = trial.value(**less)
    if trial.reference is not None and not _different(value, trial.value(of="reference", **less)):
        return Verdict.PASSES, f"an empty batch gives {_shown(value)}, as the reference does"
    if value.numel() and value.isnan().any():
        return Verdict.LOOK, "an empty batch gives nan, as the mean of torch does: sum() / max(n, 1) gives 0"
    if value.numel() and value.abs().max() > 0:
        return Verdict.FAILS, f"an empty batch costs {_shown(value)}"
    return Verdict.PASSES, "an empty batch costs 0" if value.numel() else "an empty batch gives nothing"


def try_ignored(trial: Trial):
    index, labels = trial.option("ignore_index"), trial.target
    if index is None:
        return Verdict.NOT_TRIED, "no argument ignore_index"
    if labels is None or labels.is_floating_point() or not labels.ndim or len(labels) < 2:
        return Verdict.NOT_TRIED, "the target holds no labels"
    some = labels.clone()
    some[0] = index
    per_sample = {
        name: value[1:]
        for name, value in trial.call.items()
        if isinstance(value, torch.Tensor) and value.ndim and len(value) == len(labels)
    }
    with_one, others = trial.value(**{trial.second: some}), trial.value(**per_sample)
    if with_one.numel() == 1 and (difference := _different(with_one, others)):
        return Verdict.FAILS, f"a sample that is ignored still counts, as in the divisor: {difference}"
    ignored = {trial.second: torch.full_like(labels, index)}
    value, gradient = trial.value_and_gradient(**ignored)
    if gradient is not None and (gradient[~gradient.isnan()] != 0).any():
        return Verdict.FAILS, "with every label ignored there is a gradient"
    if value.isnan().any() or (gradient is not None and gradient.isnan().any()):
        return Verdict.LOOK, "with every label ignored it is nan, as torch's mean is: leave that step out"
    return Verdict.PASSES, f"one label ignored costs nothing, all of them {_shown(value)}"


TRIALS = {
    "value": try_value,
    "in place": try_in_place,
    "gradient": try_gradient,
    "reduction": try_reduction,
    "dtype": try_dtype,
    "half precision": try_half,
    "contiguity": try_contiguity,
    "broadcast": try_broadcast,
    "extremes": try_extremes,
    "nan": try_nan,
    "empty batch": try_empty,
    "ignored labels": try_ignored,
}


# Helpers


def _is_floating(value) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _is_rounded(trial: Trial, gradient: torch.Tensor) -> bool:
    """Whether a step that float32 cannot hold is lost, though the gradient says that it changes the value."""
    x = trial.input.double()
    step = 1e-9 * gradient.sign() * x.abs().clamp(min=1)
    promised = (gradient * step).sum()
    before, after = trial.value(torch.float64), trial.value(torch.float64, **trial.with_input(x + step))
    return bool(promised > 1e-12 and (after - before).sum().abs() < 0.1 * promised)


def _different(got: torch.Tensor, expected: torch.Tensor) -> str:
    """In what two tensors differ beyond rounding; "" if they do not."""
    if got.shape != expected.shape:
        return f"shape {tuple(got.shape)} instead of {tuple(expected.shape)}"
    got, expected = got.detach().double(), expected.detach().double()
    scale = max(1.0, float(expected[expected.isfinite()].abs().max())) if expected.isfinite().any() else 1.0
    close = torch.isclose(got, expected, rtol=1e-4, atol=1e-5 * min(scale, 1e3), equal_nan=True)
    if close.all():
        return ""
    place = tuple((~close).nonzero()[0].tolist())
    where = f" at {list(place)}" if place else ""
    return f"{got[place].item():.4g} instead of {expected[place].item():.4g}{where}"


def _shown(value: torch.Tensor) -> str:
    """A number, or the range of several, in four digits."""
    value = value.detach().double()
    if value.numel() == 1:
        return f"{value.item():.4g}"
    return f"{value.min().item():.4g} to {value.max().item():.4g}" if value.numel() else "no number"
