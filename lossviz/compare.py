"""Hold a loss, and its gradient, against another one and against central differences."""

import copy
import html
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from lossviz.controls import as_list
from lossviz.evaluate import name_of
from lossviz.fitting import known_loss
from lossviz.libraries import library as library_of
from lossviz.samples import NO_SAMPLE, call_of
from lossviz.sides import (
    has_default,
    in_any_dtype,
    is_floating,
    is_of_torch,
    of_arrays,
    takes,
    tensors_of,
    wants_tensor,
    with_names_of,
)
from lossviz.waiting import Waiting

MOST_ROWS = 12  # up to here a table with a row for each case is easy to read
STEP = 1e-6
SKIPS = ("at a kink", "not finite nearby", "lost in rounding")


def grid(**arguments):
    """Every combination of the alternatives, as a list of keyword dictionaries for `compare`.

    arguments  those of the loss, by name. A value that is a list is an axis of alternatives; anything else
               (array, tensor, number, string, None) is the same in every case. The last axis varies fastest

    The special axis `dtype=["float32", "float64"]` is not an argument of the loss: it casts every floating
    array of the case and leaves integer arrays (labels) alone.

    Raises ValueError for an axis without alternatives and for a dtype that is none.
    """
    for name, value in arguments.items():
        if isinstance(value, list) and not value:
            raise ValueError(f"an axis must hold at least one alternative, got {name}=[]")
    axes = [value if isinstance(value, list) else [value] for value in arguments.values()]
    cases = [dict(zip(arguments, values, strict=True)) for values in itertools.product(*axes)]
    if "dtype" in arguments:
        cases = [_cast(case, case["dtype"]) for case in cases]
    return cases


def compare(mine, reference, cases=None, *, grad=None, corners=False, library=None):
    """Check a loss case by case: value and gradient against a reference, gradient against differences.

    mine       `mine(**case)` gives the loss: of arrays as a NumPy array or scalar, or of tensors as a tensor.
               It may be a module.
    reference  the same loss, most often torch's, written for tensors or for arrays: each gets what it takes.
               Where an argument has another name than in `mine`, they go by their places.
    cases      keyword dictionaries, at least one, as `grid` makes them, or a single one. Arrays, tensors or
               lists of numbers; the first argument of each holds floats. Default: four samples that fit a
               loss of torch, in float32 and float64 and with each reduction that both sides know.
    grad       of a NumPy loss: `grad(**case)` gives the gradient of the reduced loss (for reduction "none",
               of the sum) with respect to the first argument, or a tuple of those for the first k arguments.
               Without it a loss in torch is differentiated by autograd, and a NumPy loss compared by value.
    corners    whether, at a kink, torch may give another slope between the two beside it: releases of
               torch differ there.
    library    the library that `reference` calls, "MONAI" or "kornia", where it is not torch's own: the
               result names it, and says no more than that where it is not installed.

    1. The value has the shape and dtype of the reference, is close to it, and is nan or infinite exactly
       where it is.
    2. The gradient agrees in the same way with autograd; at a kink, with the subgradient that torch chooses.
       (Not with a reference in NumPy, which has no gradient.)
    3. The gradient agrees with central differences of `mine` in float64. Elements at a kink, next to values
       that are not finite, or whose differences drown in rounding are skipped; the result counts them.

    Returns a `Comparison`, which exists only if all cases agree, and says what was compared. Raises
    AssertionError for the first difference, with the case, the first index, what was expected and what came;
    ValueError where there is nothing to compare and for a library of another name, and TypeError for cases
    that are no dictionaries. `check_loss` asks more of a loss than whether it agrees with another.
    """
    if library is not None and library_of(library) is None:
        return NotInstalled(library)
    cases = _default_cases(mine, reference) if cases is None else _listed(cases, mine, reference)
    sides = _Sides.of(mine, reference, grad, cases[0])

    columns = _columns(cases)
    tallies = []
    with Waiting("compare", len(cases), "cases") as waiting:
        sides = replace(sides, mine=waiting.counted(sides.mine))  # called for each element, most of the time
        for waiting.done, case in enumerate(cases):
            varying = ", ".join(f"{name}={labels[waiting.done]}" for name, labels in columns.items())
            place = f"case {waiting.done + 1} of {len(cases)}" + (f" ({varying})" if varying else "")
            try:
                tallies.append(_check_case(sides, case, corners))
            except _Difference as difference:
                raise AssertionError(f"{place}: {difference}") from difference.__cause__
            except _NotDifferentiable as error:
                raise ValueError(f"{place}: {error}") from error.__cause__

    total = sum(tallies, Counter())
    if sides.grad is not None and not total["checked"]:
        skipped = ", ".join(f"{total[reason]} {reason}" for reason in SKIPS if total[reason]) or "none exist"
        raise ValueError(
            f"central differences must check at least one derivative, but checked none: {skipped}"
        )
    return Comparison(columns, tallies, library or sides.name, sides.compared, sides.remark)


@dataclass(frozen=True)
class _Sides:
    """The two losses: `mine` and `grad` as functions of arrays, the reference as it is.

    in_torch  whether the reference is written for tensors
    grad      the gradient of `mine`, as a tuple or by the names of arguments; None if there is none
    compared  what is compared with the reference and with the differences, and `remark` what is not
    """

    mine: Callable
    reference: Callable
    in_torch: bool
    grad: Callable | None
    name: str
    compared: tuple = ("value", "gradient", "central differences")
    remark: str = ""

    @classmethod
    def of(cls, mine, reference, grad, case):
        """What both sides are, as far as the first case tells."""
        loss, is_module = known_loss(reference) or known_loss(mine), isinstance(mine, torch.nn.Module)
        names = name_of(mine), name_of(reference)
        mine, reference = in_any_dtype(mine), in_any_dtype(reference)
        if not all(takes(reference, argument) for argument in case):
            reference = with_names_of(reference, mine)
        elif not all(takes(mine, argument) for argument in case):
            mine, grad = with_names_of(mine, reference), grad and with_names_of(grad, reference)
        in_torch = is_of_torch(reference, case)
        name, remark = "torch" if in_torch else names[1], ""
        compared = (
            ("value", "gradient", "central differences") if in_torch else ("value", "central differences")
        )
        if is_module or (grad is None and is_of_torch(mine, case)):
            given = [argument.name for argument in loss.predictions] if loss else []
            followed = [
                key for k, key in enumerate(case) if not k or (key in given and is_floating(case[key]))
            ]
            if grad is None:
                grad = _ByAutograd(mine, followed)
                remark = "the gradient is autograd's"
            mine = of_arrays(mine)
        elif grad is None:
            compared = ("value",)
            remark = f"no gradient was compared: {names[0]} is in NumPy, and came without grad="
        return cls(mine, reference, in_torch, grad, name, compared, remark)


@dataclass(frozen=True)
class _ByAutograd:
    """The gradient of a loss in torch, by the names of its arguments."""

    function: Callable
    names: list

    def __call__(self, **case):
        try:
            return _run_torch(self.function, case, self.names, role="mine")[1]
        except _NotDifferentiable as error:
            raise _Difference(str(error)) from error.__cause__


def _default_cases(mine, reference):
    """Four samples of a loss that is known, with each reduction that both sides take, in two dtypes."""
    loss = known_loss(reference) or known_loss(mine)
    if loss is None or loss.name in NO_SAMPLE:
        raise ValueError(
            f"compare has cases of its own for a loss of torch alone, got {name_of(reference)}: try "
            f"compare({name_of(mine)}, {name_of(reference)}, [{{'input': ..., 'target': ...}}])"
        )
    cases = {"dtype": ["float32", "float64"]}
    if takes(mine, "reduction") and takes(reference, "reduction") and not isinstance(mine, torch.nn.Module):
        cases = {"reduction": ["none", "mean", "sum"]} | cases
    return grid(**call_of(loss), **cases)


def _listed(given, mine, reference):
    """The cases as a list of dictionaries of arrays; see `compare` for what is refused."""
    if isinstance(given, Mapping):
        given = [given]
    if (cases := as_list(given)) is None:
        raise TypeError(f"cases must be a list of dictionaries, got {type(given).__name__}")
    if not cases:
        raise ValueError("compare needs at least one case, got an empty list")
    for case in cases:
        if not isinstance(case, Mapping):
            raise TypeError(f"a case must be a dictionary of keyword arguments, got {type(case).__name__}")
    cases = [_in_arrays(case, mine, reference) for case in cases]
    for case in cases:
        if not case or not is_floating(next(iter(case.values()))):
            raise ValueError(f"the first argument of a case must be a floating NumPy array, got {case}")
    return cases


def _in_arrays(case, mine, reference):
    """The case with arrays for tensors, and for lists of numbers where no option is meant."""
    arrays = {}
    for place, (name, value) in enumerate(case.items()):
        if isinstance(value, torch.Tensor):
            if value.dtype is torch.bfloat16:
                raise ValueError(f"{name} must have a dtype that NumPy has, such as float32, got bfloat16")
            value = value.numpy(force=True).copy()
        elif isinstance(value, (list, tuple)) and (
            not place
            or wants_tensor(reference, name)
            or not (has_default(reference, name) or has_default(mine, name))
        ):
            value = np.array(value, dtype=None if place else float)
        arrays[name] = value
    return arrays


@dataclass(frozen=True)
class Comparison:
    """The verdict on cases that all agree; shows itself as text and as HTML, the same facts in both.

    columns  the varying arguments: name -> its label in each case
    tallies  for each case, how many derivatives were checked and how many skipped, by reason
    library  what they agree with
    compared what was compared, and `remark` what was not, or how
    """

    columns: dict
    tallies: list
    library: str = "torch"
    compared: tuple = ("value", "gradient", "central differences")
    remark: str = ""

    def __repr__(self):
        table, remarks = self._table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
        return "\n".join(lines + remarks)

    def _repr_html_(self):
        table, remarks = self._table()
        # The colour of the host page, so that the table is legible in a light and in a dark theme.
        border = "border-bottom: 1px solid currentColor; text-align: left; padding: 0.2em 1em 0.2em 0"
        cell = "text-align: left; padding: 0.2em 1em 0.2em 0"
        head = "".join(f'<th scope="col" style="{border}">{html.escape(text)}</th>' for text in table[0])
        body = "".join(
            "<tr>" + "".join(f'<td style="{cell}">{html.escape(text)}</td>' for text in row) + "</tr>"
            for row in table[1:]
        )
        below = "".join(f"<p>{html.escape(remark)}</p>" for remark in remarks)
        return (
            '<div class="lossviz-compare"><table style="border-collapse: collapse">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}</div>"
        )

    def _table(self):
        """The rows of the table, header first, and the lines below it."""
        count = len(self.tallies)
        names = f"{count} cases agree" if count > 1 else "1 case agrees"
        verdict = f"{names} with {self.library}: {', '.join(self.compared)}"
        verdict += f"; {self.remark}" if self.remark else ""
        if count > MOST_ROWS:
            rows = [
                [name, ", ".join(f"{label} × {cases}" for label, cases in Counter(labels).items())]
                for name, labels in self.columns.items()
            ]
            total = sum(self.tallies, Counter())
            below = [f"derivatives: {_checked(total)}"] if total else []
            return [["argument", "values × cases"], *rows], [*below, verdict]
        columns = self.columns or {"case": ["1"] * count}
        header = [*columns, *self.compared]
        rows = [
            [
                *labels,
                *["agrees" if what in ("value", "gradient") else _agreement(tally) for what in self.compared],
            ]
            for *labels, tally in zip(*columns.values(), self.tallies, strict=True)
        ]
        return [header, *rows], [verdict]


@dataclass(frozen=True)
class NotInstalled:
    """In the place of a `Comparison` with a library that is not there."""

    library: str

    def __repr__(self):
        return f"{self.library} is not installed: skipped"


def _checked(tally):
    skipped = [f"{tally[reason]} {reason}" for reason in SKIPS if tally[reason]]
    text = f"{tally['checked']} checked by central differences"
    return f"{text}, skipped: {', '.join(skipped)}" if skipped else text


def _agreement(tally):
    size = tally.total()
    skipped = ", ".join(f"{tally[reason]} of {size} {reason}" for reason in SKIPS if tally[reason])
    if tally["checked"]:
        return f"agrees, {skipped}" if skipped else "agrees"
    return f"skipped, {skipped}" if skipped else "no elements"


class _Difference(Exception):
    """The two implementations differ; `compare` adds the case."""


class _NotDifferentiable(Exception):
    """torch offers nothing to compare with; `compare` adds the case."""


# The checks of one case


def _check_case(sides, case, corners):
    """Raise `_Difference` or return how many derivatives were checked and skipped."""
    mine, grad = sides.mine, sides.grad
    value = _run(mine, "mine", case)
    expected = _expected(sides, case)
    if grad is None and isinstance(value, (int, float)) and not isinstance(value, np.generic):
        value = np.asarray(value, dtype=expected.dtype)
    magnitude = _magnitude(case)
    rounding = 64 * np.finfo(expected.dtype).eps
    # A log-sum-exp near 0 still carries the rounding of its logits, hence the magnitude of the arguments.
    source = "torch" if sides.in_torch else sides.name
    _agree("value", value, expected, rounding * (np.abs(expected, dtype=np.float64) + magnitude), source)
    if grad is None:
        return Counter()

    gradients = _gradients(grad, case)
    _, autograd = _run_torch(sides.reference, case, tuple(gradients)) if sides.in_torch else (None, {})
    for name, expected in autograd.items():
        gradient = gradients[name]
        if corners:
            expected = _with_own_slopes(mine, case, name, gradient, expected)
        rounding = 64 * np.finfo(expected.dtype).eps * magnitude
        # Terms of size 1 (of 1/N in a mean) cancel in a gradient, as in p - 1; a huge one excuses no other.
        unit = max(min(_largest(expected), 1.0), 1 / max(expected.size, 1))
        tolerance = rounding * (np.abs(expected, dtype=np.float64) + unit)
        _agree(f"gradient of `{name}`", gradient, expected, tolerance)

    # In float64 on both sides: what float32 loses is settled above.
    wide = _cast(case, np.float64)
    tally = Counter()
    for name, gradient in _gradients(grad, wide).items():
        tally += _check_differences(mine, wide, name, gradient)
    return tally


def _expected(sides, case):
    """The value of the reference as an array."""
    if sides.in_torch:
        return _run_torch(sides.reference, case, ())[0]
    value = _run(sides.reference, "the reference", case)
    if not isinstance(value, (np.ndarray, np.generic, float)):
        raise _NotDifferentiable(f"the reference must return a floating array, got {type(value).__name__}")
    return np.asarray(value)


def _run(function, role, case):
    """Call with copies, so that a change in place is noticed and does no harm."""
    arguments = copy.deepcopy(case)
    try:
        result = function(**arguments)
    except Exception as error:
        raise _Difference(f"{role} raised {type(error).__name__}: {error}") from error
    for name, value in case.items():
        if isinstance(value, np.ndarray) and not _same(value, arguments[name]):
            raise _Difference(f"{role} changed its argument {name} in place")
    return _kept(result)


def _kept(result):
    """What a call returned, safe from the next call, which may write into the same array."""
    if isinstance(result, tuple):
        return tuple(map(_kept, result))
    return result.copy() if isinstance(result, np.ndarray) else result


def _gradients(grad, case):
    """The gradients by argument name."""
    result = grad(**case) if isinstance(grad, _ByAutograd) else _run(grad, "grad", case)
    if isinstance(result, dict):
        return result
    gradients = result if isinstance(result, tuple) else (result,)
    if not 1 <= len(gradients) <= len(case):
        raise _Difference(
            f"grad must return one to {len(case)} arrays, as the case has arguments, got {len(gradients)}"
        )
    return dict(zip(case, gradients, strict=False))


def _run_torch(function, case, names, role="the reference"):
    """Value of a function of tensors, and the gradients of its sum with respect to the arguments `names`."""
    for name in names:
        if not is_floating(case[name]):
            raise _NotDifferentiable(f"grad gives a gradient of `{name}`, which must be a floating array")
    arguments = tensors_of(case, names)
    try:
        output = function(**arguments)
    except Exception as error:
        raise _Difference(f"{role} raised {type(error).__name__}: {error}") from error
    if not isinstance(output, torch.Tensor) or not output.is_floating_point():
        raise _NotDifferentiable(f"{role} must return a floating tensor, got {type(output).__name__}")
    gradients = _autograd(output, {name: arguments[name] for name in names}, role) if names else {}
    return output.numpy(force=True).copy(), gradients


def _autograd(output, inputs, role):
    rule = f"{role} must be differentiable with respect to"
    try:
        gradients = torch.autograd.grad(output.sum(), list(inputs.values()), allow_unused=True)
    except RuntimeError as error:
        raise _NotDifferentiable(f"{rule} `{'`, `'.join(inputs)}`, but torch says: {error}") from error
    for name, gradient in zip(inputs, gradients, strict=True):
        if gradient is None:
            raise _NotDifferentiable(f"{rule} `{name}`, but its output does not depend on it")
    return {name: gradient.numpy(force=True) for name, gradient in zip(inputs, gradients, strict=True)}


def _agree(what, got, expected, tolerance, source="torch"):
    # A masked array would agree with anything where it is masked.
    if not isinstance(got, np.ndarray | np.generic) or isinstance(got, np.ma.MaskedArray):
        kind = f"{type(got).__module__}.{type(got).__qualname__}".removeprefix("builtins.")
        raise _Difference(f"the {what} must be a NumPy array or NumPy scalar, got {kind}")
    for aspect in ("shape", "dtype"):
        wanted, came = getattr(expected, aspect), getattr(got, aspect)
        if wanted != came:
            raise _Difference(
                f"{aspect} of the {what} differs\n  expected ({source}): {wanted}\n  got (mine): {came}"
            )
    with np.errstate(all="ignore"):
        near = np.abs(got - expected) <= np.where(np.isfinite(expected), tolerance, 0)
    close = near | (got == expected) | (np.isnan(got) & np.isnan(expected))
    if not close.all():
        index = tuple(int(i) for i in np.argwhere(~close)[0])
        raise _Difference(
            f"{what} differs{_at(index)}\n  expected ({source}): {expected[index]}"
            f"\n  got (mine): {got[index]}"
        )


def _with_own_slopes(mine, case, name, gradient, expected):
    """torch's gradient, with `gradient` where both lie between the two slopes of a kink."""
    if np.shape(gradient) != expected.shape:
        return expected
    wide, chosen = _cast(case, np.float64), expected.copy()
    for index in np.argwhere(gradient != expected):
        index = tuple(index)
        if difference_at(mine, wide, name, index)[0] != "at a kink":
            continue
        step = STEP * max(1.0, abs(wide[name][index]))
        below, centre, above = (
            _shifted(mine, wide, name, index, shift).sum() for shift in (-step, 0.0, step)
        )
        low, high = sorted(((centre - below) / step, (above - centre) / step))
        slack = 1e-4 * max(1.0, abs(low), abs(high))
        if all(low - slack <= slope <= high + slack for slope in (gradient[index], expected[index])):
            chosen[index] = gradient[index]
    return chosen


def _check_differences(mine, case, name, gradient):
    """Count the elements of one argument whose derivative was checked, and those skipped, by reason."""
    tally = Counter()
    for index in np.ndindex(case[name].shape):
        # Decided from `mine` alone: a wrong gradient must not be able to excuse itself.
        verdict, slope, tolerance = difference_at(mine, case, name, index)
        tally[verdict] += 1
        if verdict == "checked" and not abs(gradient[index] - slope) <= tolerance:
            raise _Difference(
                f"central difference of `{name}` differs{_at(index)}"
                f"\n  expected (central difference): {slope:.6g}\n  got (grad): {gradient[index]}"
            )
    return tally


def difference_at(mine, case, name, index):
    """The verdict, "checked" or a reason to skip, with the slope at one element and its tolerance.

    The gap between the one-sided slopes is J + h * curvature. From step h to h/4, what comes from curvature,
    however steep, falls to a quarter, and J, the jump of the slope at a kink, stays.
    """
    step = STEP * max(1.0, abs(case[name][index]))
    slopes, gaps, peak = [], [], _magnitude(case)
    for h in (step, step / 4):
        try:
            below, centre, above = (_shifted(mine, case, name, index, shift) for shift in (-h, 0.0, h))
        except _Difference as refusal:
            if isinstance(refusal.__cause__, ValueError):  # the step leaves the domain of the loss
                return "not finite nearby", np.nan, np.nan
            raise
        if not np.all(np.isfinite([below, centre, above])):
            return "not finite nearby", np.nan, np.nan
        slopes.append(np.sum(above - below) / (2 * h))
        gaps.append(np.sum((above - centre) - (centre - below)) / h)
        changed = (below != centre) | (above != centre)
        # If none changed, the step may have been absorbed by any of them, as 1 is by 1e20.
        peak = max(peak, _largest(centre[changed] if changed.any() else centre))
    rounding = 64 * np.finfo(np.float64).eps * peak / (step / 4)
    if abs(gaps[1]) > max(0.6 * abs(gaps[0]), 1e-5 * abs(slopes[1]), rounding):
        return "at a kink", np.nan, np.nan
    if rounding > 0.1 * max(abs(slopes[1]), 1 / case[name].size):
        return "lost in rounding", np.nan, np.nan
    # Where the curvature jumps, as in Smooth L1 at |x - y| = beta, the slopes differ by O(h).
    return "checked", slopes[1], 1e-5 * abs(slopes[1]) + rounding + 2 * abs(slopes[0] - slopes[1])


def _shifted(mine, case, name, index, shift):
    moved = case[name].copy()
    with np.errstate(all="ignore"):
        moved[index] += shift
        return np.asarray(_run(mine, "mine", {**case, name: moved}), dtype=np.float64)


# Arrays


def _cast(case, dtype):
    """The case with its floating arrays in `dtype`, and without the axis of that name."""
    try:
        dtype = np.dtype(dtype)
    except TypeError:
        raise ValueError(f'dtype must name a dtype of NumPy, such as "float32", got {dtype!r}') from None
    arrays = {
        name: value.numpy(force=True).copy()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
        else value
        for name, value in case.items()
        if name != "dtype"
    }
    return {name: value.astype(dtype) if is_floating(value) else value for name, value in arrays.items()}


def _same(a, b):
    # Bytes, since nan != nan and 0.0 == -0.0.
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def _largest(array):
    """The largest finite magnitude, 0 if there is none."""
    return float(np.max(np.abs(array), where=np.isfinite(array), initial=0.0))


def _magnitude(case):
    # Bounded: arguments of 1e30 must not excuse every difference.
    largest = max(_largest(value) for value in case.values() if is_floating(value))
    return min(max(largest, 1.0), 1e3)


# Names for cases


def _columns(cases):
    """The arguments that vary from case to case: name -> label in each case."""
    dtypes = [{str(value.dtype) for value in case.values() if is_floating(value)} for case in cases]
    # A dtype common to a case is a column of its own; otherwise it would stand in every column of arrays.
    separate = all(len(found) == 1 for found in dtypes) and len(set.union(*dtypes)) > 1
    columns = {}
    for name in dict.fromkeys(name for case in cases for name in case):
        keys = [_key(case.get(name, "default"), separate) for case in cases]
        if len(set(keys)) > 1:
            columns[name] = _distinct(keys)
    if separate:
        columns["dtype"] = [dtype for (dtype,) in dtypes]
    return columns


def _key(value, separate):
    """A label, and what tells equal values from others with the same label."""
    if not isinstance(value, np.ndarray):
        # The repr of a function holds its address, which differs from run to run.
        named = value if isinstance(value, str) else getattr(value, "__name__", repr(value))
        return (named, str(id(value)).encode() if callable(value) else b"")
    kind = value.dtype
    if separate and is_floating(value):
        kind, value = "float", value.astype(np.float32)
    return (f"{kind}{list(value.shape)}", value.tobytes())


def _distinct(keys):
    """Labels; different arrays with one label are numbered."""
    alike = {}
    for label, content in keys:
        contents = alike.setdefault(label, [])
        if content not in contents:
            contents.append(content)
    return [
        f"{label} #{alike[label].index(content) + 1}" if len(alike[label]) > 1 else label
        for label, content in keys
    ]


def _at(index):
    return f" at index {index}" if index else ""
