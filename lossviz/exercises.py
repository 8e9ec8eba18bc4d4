"""Judge a reader's answer to an exercise against torch, in words and never with a traceback."""

import contextlib
import copy
import difflib
import html
import io
import signal
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

SECONDS = 1.0  # that one call of an answer may take


def check(answer, name):
    """Judge the answer to the exercise `name`, such as "l1_loss/weighted", and return a `Verdict`.

    The answer is the reader's function, or a number or a list where the exercise asks for one. It is held
    against torch on fixed inputs, the simplest first, then on random ones, and the verdict tells the first
    that differs. A wrong answer never raises; an unknown name raises ValueError with names that come close.
    """
    if name not in EXERCISES:
        close = difflib.get_close_matches(name, EXERCISES) or sorted(EXERCISES)
        raise ValueError(f"unknown exercise {name!r}; did you mean one of: {', '.join(close)}?")
    exercise = EXERCISES[name]
    try:
        if answer is None or answer is Ellipsis:
            raise _NotAttempted
        for number, case in enumerate(exercise.cases):
            _judge(answer, exercise, case, first=number == 0)
    except _NotAttempted:
        return Verdict(name, False, "not attempted yet")
    except _NotYet as reason:
        return Verdict(name, False, f"not yet: {reason}")
    if exercise.is_value:
        return Verdict(name, True, "correct: agrees with torch")
    return Verdict(name, True, f"correct: {len(exercise.cases)} inputs, all agree with torch")


@dataclass(frozen=True)
class Verdict:
    """What `check` found: whether the answer is correct, and a message for the reader."""

    name: str
    correct: bool
    message: str

    def __repr__(self):
        return f"{self.name}: {self.message}"

    def _repr_html_(self):
        # The border takes the text colour of the host page, and so follows its theme.
        return (
            '<div class="lossviz-verdict" style="border-left: 3px solid currentColor; padding-left: 0.75em">'
            f"<strong>{'✓' if self.correct else '○'} {html.escape(self.name)}</strong>"
            f'<div style="white-space: pre-wrap">{html.escape(self.message)}</div></div>'
        )


@dataclass(frozen=True)
class Exercise:
    """What an answer is held against.

    asks_for   the call that the answer must support, or the value that it must be
    reference  computes the expected result, tensors in and tensor out; where it raises ValueError, so must
               the answer
    cases      keyword dictionaries, the simplest first; a single empty one if the answer is a value
    """

    asks_for: str
    reference: Callable
    cases: list

    @property
    def is_value(self):
        return self.cases == [{}]


class _NotAttempted(Exception):
    """The stub is still as it was."""


class _TooLong(BaseException):
    """The answer takes too long. No Exception, so that the answer itself does not catch it by accident."""


class _NotYet(Exception):
    """The answer is wrong; the text says how."""


# Judging


def _judge(answer, exercise, case, first):
    """Raise unless the answer is right for this case."""
    expected = _expected(exercise.reference, case)
    if exercise.is_value and not callable(answer):
        result, error = answer, None
    elif callable(answer):
        result, error = _call(answer, case)
    else:
        raise _NotYet(f"expected the function {exercise.asks_for}, got {type(answer).__name__}")

    if first and _is_stub(result, error):
        raise _NotAttempted
    given = f"for {_given(case)}" if case else ""
    if expected is None and isinstance(error, ValueError):
        return
    if error is not None:
        wanted = " where a ValueError is expected" if expected is None else ""
        raise _NotYet(f"your function raised {type(error).__name__}: {error}{wanted} {given}".rstrip())
    if expected is None:
        raise _NotYet(f"{given} expected a ValueError, but your function returned a result")

    got = _to_array(result)
    if got is None:
        raise _NotYet(f"expected numbers, got {type(result).__name__} {given}".rstrip())
    if got.shape != expected.shape:
        raise _NotYet(f"expected shape {expected.shape}, got {got.shape} {given}".rstrip())
    # A value worked out by hand may be rounded to three decimals.
    atol = 5e-4 if exercise.is_value else 1e-6
    close = np.isclose(got, expected, rtol=1e-5, atol=atol, equal_nan=True)
    if close.all():
        return
    if exercise.is_value:
        raise _NotYet(_hint(got, expected, close))
    raise _NotYet(f"{given} expected {_text(expected)}, got {_text(got)}")


def _expected(reference, case):
    """The reference's result as an array, None where it raises ValueError."""
    tensors = {
        name: torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value
        for name, value in case.items()
    }
    try:
        return reference(**tensors).numpy(force=True)
    except ValueError:
        return None


def _call(function, case):
    """The result and the exception, one of them None, of a call with copies of the arguments."""
    arguments = copy.deepcopy(case)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), _limited_time():
            warnings.simplefilter("ignore")
            result = function(**arguments)
    except _TooLong:
        given = f" for {_given(case)}" if case else ""
        raise _NotYet(
            f"your function did not come back within {SECONDS:g} second{given}; does a loop never end?"
        ) from None
    except (Exception, SystemExit) as error:
        return None, error
    for name, value in case.items():
        if isinstance(value, np.ndarray) and arguments[name].tobytes() != value.tobytes():
            raise _NotYet(f"your function changed its argument `{name}`")
    return result, None


@contextlib.contextmanager
def _limited_time():
    """Raises _TooLong in what takes longer than SECONDS.

    By a signal, which only the main thread of a Unix program receives: there notebooks run. On Windows and
    in other threads a call takes as long as it takes, and the kernel's stop button ends it.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number, frame):
        raise _TooLong

    before = signal.signal(signal.SIGALRM, ring)
    # Again and again: an answer may catch the first in an `except:` of its own.
    signal.setitimer(signal.ITIMER_REAL, SECONDS, SECONDS / 10)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_stub(result, error):
    """Whether this is what a stub gives: nothing, `...`, a NotImplementedError, or arithmetic on `...`."""
    if error is not None:
        return isinstance(error, NotImplementedError) or (
            isinstance(error, TypeError) and "ellipsis" in str(error)
        )
    items = result if isinstance(result, list | tuple) else [result]
    return any(item is None or item is Ellipsis for item in items)


def _to_array(result):
    """The result as a float array, None if it does not consist of numbers."""
    try:
        array = result.numpy(force=True) if isinstance(result, torch.Tensor) else np.asarray(result)
    except Exception:
        return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None


def _hint(got, expected, close):
    """What is wrong with a value, without giving it away."""
    index = tuple(np.argwhere(~close)[0])
    size = (
        "too large"
        if got[index] > expected[index]
        else "too small"
        if got[index] < expected[index]
        else "wrong"
    )
    where = f" at index {index[0]}" if index else ""
    return f"{_text(got[index])}{where} is {size}"


def _given(case):
    return ", ".join(f"{name}={_text(value)}" for name, value in case.items())


def _text(value):
    """A number or an array in one line, floats to six significant digits."""
    text = np.array2string(
        np.asarray(value),
        separator=", ",
        formatter={"float_kind": lambda number: repr(float(f"{number:.6g}")), "int_kind": str},
    )
    return " ".join(text.split())


# The exercises


def _array(*values):
    return np.array(values, dtype=np.float64)


def _random(seed, *shape):
    # Two decimals, so that an input in a message can be typed in again.
    return np.random.default_rng(seed).normal(scale=2, size=shape).round(2)


def _positive(seed, *shape):
    return np.random.default_rng(seed).uniform(0.1, 3, size=shape).round(2)


def _share(seed, *shape):
    return np.random.default_rng(seed).uniform(0.05, 0.95, size=shape).round(2)


def _counts(seed, *shape):
    return np.random.default_rng(seed).poisson(2, size=shape).astype(np.float64)


def _labels(seed, classes, *shape):
    return np.random.default_rng(seed).integers(classes, size=shape)


def _probabilities(seed, *shape):
    # Sixteenths, so that each row sums to exactly 1.
    counts = np.random.default_rng(seed).multinomial(16 - shape[-1], [1 / shape[-1]] * shape[-1], shape[:-1])
    return (counts + 1) / 16


def _weighted_mean(target, weight):
    return (weight * target).sum() / weight.sum()


def _rmse_grad(input, target):
    input.requires_grad_()
    # The norm has the gradient 0 at 0; the root of mse_loss has nan there.
    rmse = torch.linalg.vector_norm(input - target) / input.numel() ** 0.5
    return torch.autograd.grad(rmse, input)[0]


def _weighted_l1(input, target, weight):
    return (weight * (input - target).abs()).sum() / weight.sum()


def _quantile_loss(input, target, q):
    missing = target - input
    return torch.maximum(q * missing, (q - 1) * missing).mean()


def _l1_loss(input, target):
    if input.shape != target.shape:
        raise ValueError
    return F.l1_loss(input, target)


def _bce_logit_grad(input, target):
    input.requires_grad_()
    return torch.autograd.grad(F.binary_cross_entropy_with_logits(input, target), input)[0]


def _distillation_loss(input, target, temperature):
    log_q, log_p = ((logits / temperature).log_softmax(dim=1) for logits in (input, target))
    return temperature**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def _jensen_shannon(input, target):
    middle = (input + target) / 2
    terms = (torch.xlogy(input, input) + torch.xlogy(target, target)) / 2 - torch.xlogy(middle, middle)
    return terms.sum(dim=1).mean()


def _worst_rival(input, target):
    own = F.one_hot(target, input.shape[1]).bool()
    return (1 - input[own] + input.masked_fill(own, -torch.inf).amax(dim=1)).clamp(min=0).mean()


def _weighted_margin(input, target, weight):
    return F.multi_margin_loss(input, target, weight=weight, reduction="sum") / weight[target].sum()


def _to_indices(multi_hot):
    classes = torch.arange(multi_hot.shape[1]).expand(multi_hot.shape)
    order = multi_hot.argsort(dim=1, descending=True, stable=True)
    return torch.where(multi_hot.gather(1, order) == 1, classes.gather(1, order), -1)


def _contrastive_loss(input, target, margin):
    return torch.where(target == 1, input**2, (margin - input).clamp(min=0) ** 2).mean()


def _embedding_grad(a, b, target):
    a.requires_grad_()
    distance = torch.linalg.vector_norm(a - b, dim=1)
    return torch.autograd.grad(F.hinge_embedding_loss(distance, target), a)[0]


def _pair_loss(a, b, same):
    return F.hinge_embedding_loss(torch.linalg.vector_norm(a - b, dim=1), 2 * same.int() - 1)


MSE_LOSS = {
    "mse_loss/by_hand": Exercise(
        "the mean squared error as a number",
        lambda: F.mse_loss(torch.tensor([3.0, -1.0, 0.0, 2.0]), torch.tensor([1.0, 0.0, 0.0, 2.0])),
        [{}],
    ),
    "mse_loss/best_constant": Exercise(
        "best_constant(target, weight)",
        _weighted_mean,
        [
            {"target": _array(0, 4), "weight": _array(1, 1)},
            {"target": _array(0, 4), "weight": _array(1, 3)},
            {"target": _array(0, 4, 100), "weight": _array(2, 2, 0)},
            {"target": _random(0, 5), "weight": _positive(1, 5)},
            {"target": _random(2, 2, 3), "weight": _positive(3, 2, 3)},
        ],
    ),
    "mse_loss/rmse_gradient": Exercise(
        "rmse_grad(input, target)",
        _rmse_grad,
        [
            {"input": _array(3), "target": _array(0)},
            {"input": _array(3, -4), "target": _array(0, 0)},
            {"input": _array(1, 2), "target": _array(1, 2)},
            {"input": _random(0, 6), "target": _random(1, 6)},
            {"input": _random(2, 2, 3), "target": _random(3, 2, 3)},
        ],
    ),
    "mse_loss/find_the_bug": Exercise(
        "masked_mse(input, target, mask)",
        lambda input, target, mask: F.mse_loss(input[mask], target[mask]),
        [
            {"input": _array(2, 1), "target": _array(0, 0), "mask": np.array([True, True])},
            {"input": _array(2, 1), "target": _array(0, 0), "mask": np.array([True, False])},
            {"input": _array(2, 1), "target": _array(0, np.nan), "mask": np.array([True, False])},
            {"input": _random(0, 2, 3), "target": _random(1, 2, 3), "mask": np.eye(2, 3) == 0},
        ],
    ),
}

L1_LOSS = {
    "l1_loss/by_hand": Exercise(
        "the mean L1 loss as a number",
        lambda: F.l1_loss(torch.tensor([2.0, -1.0, 0.0, 5.0]), torch.tensor([0.0, 0.0, 0.0, 1.0])),
        [{}],
    ),
    "l1_loss/weighted": Exercise(
        "weighted_l1(input, target, weight)",
        _weighted_l1,
        [
            {"input": _array(2, -1), "target": _array(0, 0), "weight": _array(1, 1)},
            {"input": _array(2, -1), "target": _array(0, 0), "weight": _array(3, 1)},
            {"input": _array(2, -1), "target": _array(0, 0), "weight": _array(0, 1)},
            {"input": _random(0, 5), "target": _random(1, 5), "weight": _positive(2, 5)},
            {"input": _random(3, 2, 3), "target": _random(4, 2, 3), "weight": _positive(5, 2, 3)},
        ],
    ),
    "l1_loss/quantile": Exercise(
        "quantile_loss(input, target, q)",
        _quantile_loss,
        [
            {"input": _array(0), "target": _array(1), "q": 0.5},
            {"input": _array(0), "target": _array(1), "q": 0.9},
            {"input": _array(1), "target": _array(0), "q": 0.9},
            {"input": _array(0, 1), "target": _array(1, 1), "q": 0.25},
            {"input": _random(0, 6), "target": _random(1, 6), "q": 0.1},
            {"input": _random(2, 2, 3), "target": _random(3, 2, 3), "q": 0.75},
        ],
    ),
    "l1_loss/find_the_bug": Exercise(
        "l1_loss(input, target)",
        _l1_loss,
        [
            {"input": _array(2, -1), "target": _array(0, 0)},
            {"input": _array(2, -1).reshape(2, 1), "target": _array(2, -1)},
            {"input": _array(2, -1).reshape(2, 1), "target": _array(0, 0).reshape(2, 1)},
            {"input": _array(1), "target": _array(0, 0)},
            {"input": _random(0, 2, 3), "target": _random(1, 3)},
            {"input": _random(2, 2, 3), "target": _random(3, 2, 3)},
        ],
    ),
}

SMOOTH_L1_LOSS = {
    "smooth_l1_loss/by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.smooth_l1_loss(torch.tensor([0.2, 1.0, -3.0]), torch.zeros(3), beta=0.5, reduction="none"),
        [{}],
    ),
    "smooth_l1_loss/huber": Exercise(
        "huber(input, target, delta)",
        lambda input, target, delta: F.huber_loss(input, target, delta=delta),
        [
            {"input": _array(0.5), "target": _array(0), "delta": 1.0},
            {"input": _array(3), "target": _array(0), "delta": 1.0},
            {"input": _array(3), "target": _array(0), "delta": 2.0},
            {"input": _array(-2, 2), "target": _array(0, 0), "delta": 2.0},
            {"input": _random(0, 6), "target": _random(1, 6), "delta": 0.5},
            {"input": _random(2, 2, 3), "target": _random(3, 2, 3), "delta": 1.5},
        ],
    ),
    "smooth_l1_loss/find_the_bug": Exercise(
        "smooth_l1_loss(input, target, beta)",
        lambda input, target, beta: F.smooth_l1_loss(input, target, beta=beta),
        [
            {"input": _array(0.5), "target": _array(0), "beta": 1.0},
            {"input": _array(3), "target": _array(0), "beta": 1.0},
            {"input": _array(1), "target": _array(0), "beta": 2.0},
            {"input": _array(3), "target": _array(0), "beta": 2.0},
            {"input": _random(0, 6), "target": _random(1, 6), "beta": 0.5},
            {"input": _random(2, 2, 3), "target": _random(3, 2, 3), "beta": 1.5},
        ],
    ),
}


def _poisson_deviance(input, target):
    # xlogy is 0 at 0, where target * log(target) is nan.
    lowest = target - torch.xlogy(target, target)
    return 2 * (F.poisson_nll_loss(input, target) - lowest.mean())


POISSON_NLL_LOSS = {
    "poisson_nll_loss/by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.poisson_nll_loss(
            torch.tensor([np.log(3), np.log(3)]), torch.tensor([0.0, 2.0]), reduction="none"
        ),
        [{}],
    ),
    "poisson_nll_loss/exposure": Exercise(
        "exposure_loss(input, target, exposure)",
        lambda input, target, exposure: F.poisson_nll_loss(input + exposure.log(), target),
        [
            {"input": _array(0), "target": _array(2), "exposure": _array(1)},
            {"input": _array(0), "target": _array(2), "exposure": _array(10)},
            {"input": _array(0, 0), "target": _array(5, 30), "exposure": _array(1, 10)},
            {"input": _random(0, 6), "target": _counts(1, 6), "exposure": _positive(2, 6)},
            {"input": _random(3, 2, 3), "target": _counts(4, 2, 3), "exposure": _positive(5, 2, 3)},
        ],
    ),
    "poisson_nll_loss/deviance": Exercise(
        "deviance(input, target)",
        _poisson_deviance,
        [
            {"input": _array(0), "target": _array(1)},
            {"input": _array(0), "target": _array(2)},
            {"input": _array(0), "target": _array(0)},
            {"input": _random(0, 6), "target": _counts(1, 6)},
            {"input": _random(2, 2, 3), "target": _counts(3, 2, 3)},
        ],
    ),
    "poisson_nll_loss/find_the_bug": Exercise(
        "full_loss(input, target)",
        lambda input, target: F.poisson_nll_loss(input, target, full=True),
        [
            {"input": _array(0), "target": _array(2)},
            {"input": _array(0), "target": _array(1)},
            {"input": _array(0), "target": _array(0)},
            {"input": _random(0, 6), "target": _counts(1, 6)},
            {"input": _random(2, 2, 3), "target": _counts(3, 2, 3)},
        ],
    ),
}


def _nll_parts(input, target, weight, ignore_index):
    numerator = F.nll_loss(input, target, weight, ignore_index=ignore_index, reduction="sum")
    return torch.stack([numerator, weight[target[target != ignore_index]].sum()])


def _sentence_nll(input, target, padding):
    return torch.stack(
        [F.nll_loss(log_p, labels, ignore_index=padding) for log_p, labels in zip(input, target, strict=True)]
    )


NLL_LOSS = {
    "nll_loss/by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.nll_loss(
            torch.tensor([[-1.0, 0.0], [0.0, -2.0], [-4.0, 0.0]]),
            torch.tensor([0, 1, 0]),
            torch.tensor([1.0, 3.0]),
        ),
        [{}],
    ),
    "nll_loss/numerator_and_denominator": Exercise(
        "nll_parts(input, target, weight, ignore_index)",
        _nll_parts,
        [
            {
                "input": np.log([[0.5, 0.5]]),
                "target": np.array([0]),
                "weight": _array(1, 1),
                "ignore_index": -100,
            },
            {
                "input": _array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": _array(1, 3),
                "ignore_index": -100,
            },
            {
                "input": _array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": _array(1, 3),
                "ignore_index": -1,
            },
            {
                "input": _array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([255, 255]),
                "weight": _array(1, 3),
                "ignore_index": 255,
            },
            {
                "input": -_positive(0, 5, 3),
                "target": _labels(1, 3, 5),
                "weight": _positive(2, 3),
                "ignore_index": 1,
            },
        ],
    ),
    "nll_loss/sentences": Exercise(
        "sentence_nll(input, target, padding)",
        _sentence_nll,
        [
            {"input": _array(-1, -2).reshape(1, 1, 2), "target": np.array([[1]]), "padding": -1},
            {
                "input": _array(-1, -2, -3, -4).reshape(1, 2, 2),
                "target": np.array([[1, -1]]),
                "padding": -1,
            },
            {
                "input": -_array(1, 2, 3, 4, 5, 6, 7, 8).reshape(2, 2, 2),
                "target": np.array([[1, 0], [1, 255]]),
                "padding": 255,
            },
            {"input": -_positive(0, 3, 4, 2), "target": _labels(1, 2, 3, 4), "padding": 0},
            {"input": -_positive(2, 1, 2, 3), "target": np.array([[-1, -1]]), "padding": -1},
        ],
    ),
    "nll_loss/find_the_bug": Exercise(
        "nll_loss(input, target, weight)",
        lambda input, target, weight: F.nll_loss(input, target, weight, ignore_index=-1),
        [
            {
                "input": _array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": _array(1, 3),
            },
            {
                "input": _array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": _array(1, 3),
            },
            {"input": -_positive(0, 6, 4), "target": _labels(1, 5, 6) - 1, "weight": _positive(2, 4)},
            {"input": -_positive(3, 3, 2), "target": np.array([-1, 1, -1]), "weight": _positive(4, 2)},
        ],
    ),
}

CROSS_ENTROPY = {
    "cross_entropy/by_hand": Exercise(
        "the cross entropy as a number",
        lambda: F.cross_entropy(torch.tensor([0.0, np.log(3)]), torch.tensor(1)),
        [{}],
    ),
    "cross_entropy/label_smoothing": Exercise(
        "cross_entropy(input, target, label_smoothing)",
        lambda input, target, label_smoothing: F.cross_entropy(
            input, target, label_smoothing=label_smoothing
        ),
        [
            {"input": _array(0, 1).reshape(1, 2), "target": np.array([1]), "label_smoothing": 0.0},
            {"input": _array(0, 1).reshape(1, 2), "target": np.array([1]), "label_smoothing": 0.1},
            {"input": _array(0, 1, 2).reshape(1, 3), "target": np.array([0]), "label_smoothing": 0.3},
            {"input": _random(0, 3, 4), "target": _labels(1, 4, 3), "label_smoothing": 0.2},
            {"input": 100 * _random(2, 4, 3), "target": _labels(3, 3, 4), "label_smoothing": 0.1},
        ],
    ),
    "cross_entropy/segmentation": Exercise(
        "segmentation_loss(input, target, ignore_index)",
        lambda input, target, ignore_index: F.cross_entropy(input, target, ignore_index=ignore_index),
        [
            {"input": np.zeros((1, 2, 1, 1)), "target": np.array([[[1]]]), "ignore_index": 255},
            {
                "input": _array(0, 2, 1, 0).reshape(1, 2, 1, 2),
                "target": np.array([[[0, 1]]]),
                "ignore_index": 255,
            },
            {
                "input": _array(0, 2, 1, 0).reshape(1, 2, 1, 2),
                "target": np.array([[[0, 255]]]),
                "ignore_index": 255,
            },
            {
                "input": _random(0, 2, 3, 2, 2),
                "target": np.array([[[0, 2], [255, 1]], [[1, 255], [255, 0]]]),
                "ignore_index": 255,
            },
            {"input": _random(1, 2, 2, 2, 3), "target": _labels(2, 2, 2, 2, 3), "ignore_index": 0},
            {"input": np.zeros((1, 2, 1, 1)), "target": np.array([[[255]]]), "ignore_index": 255},
        ],
    ),
    "cross_entropy/find_the_bug": Exercise(
        "cross_entropy(input, target, weight)",
        lambda input, target, weight: F.cross_entropy(input, target, weight=weight),
        [
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": _array(1, 1)},
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": _array(1, 3)},
            {"input": np.zeros((1, 2)), "target": np.array([1]), "weight": _array(1, 3)},
            {"input": _random(0, 3, 4), "target": _labels(1, 4, 3), "weight": _positive(2, 4)},
            {"input": _random(3, 4, 3), "target": _labels(4, 3, 4), "weight": _positive(5, 3)},
        ],
    ),
}

BINARY_CROSS_ENTROPY = {
    "binary_cross_entropy/by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.binary_cross_entropy(
            torch.tensor([0.5, 0.25, 0.5]), torch.tensor([0.0, 1.0, 0.3]), reduction="none"
        ),
        [{}],
    ),
    "binary_cross_entropy/excess": Exercise(
        "excess_loss(input, target)",
        lambda input, target: F.binary_cross_entropy(input, target) - F.binary_cross_entropy(target, target),
        [
            {"input": _array(0.5), "target": _array(1)},
            {"input": _array(0.3), "target": _array(0.3)},
            {"input": _array(0.5), "target": _array(0.3)},
            {"input": _array(0, 1), "target": _array(0, 1)},
            {"input": _array(0, 1), "target": _array(1, 0.5)},
            {"input": _share(0, 6), "target": _share(1, 6)},
            {"input": _share(2, 2, 3), "target": _share(3, 2, 3)},
        ],
    ),
    "binary_cross_entropy/through_the_sigmoid": Exercise(
        "logit_grad(input, target)",
        _bce_logit_grad,
        [
            {"input": _array(0), "target": _array(1)},
            {"input": _array(0, 2), "target": _array(0, 0)},
            {"input": _array(-1, 3), "target": _array(0.5, 1)},
            {"input": _array(1000, -1000), "target": _array(0, 1)},
            {"input": _random(0, 6), "target": _share(1, 6)},
            {"input": _random(2, 2, 3), "target": _share(3, 2, 3)},
        ],
    ),
    "binary_cross_entropy/find_the_bug": Exercise(
        "sample_weighted(input, target, weight)",
        lambda input, target, weight: F.binary_cross_entropy(input, target, weight=weight[:, None]),
        [
            {"input": _array(0.5).reshape(1, 1), "target": _array(1).reshape(1, 1), "weight": _array(2)},
            {
                "input": _array(0.5, 0.25, 0.5, 0.5).reshape(2, 2),
                "target": np.ones((2, 2)),
                "weight": _array(1, 3),
            },
            {"input": _share(0, 2, 3), "target": _share(1, 2, 3), "weight": _positive(2, 2)},
            {"input": _share(3, 4, 1), "target": _share(4, 4, 1), "weight": _positive(5, 4)},
        ],
    ),
}

BINARY_CROSS_ENTROPY_WITH_LOGITS = {
    "binary_cross_entropy_with_logits/by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.binary_cross_entropy_with_logits(
            torch.tensor([np.log(4), np.log(4)]),
            torch.tensor([0.0, 1.0]),
            pos_weight=torch.tensor(10.0),
            reduction="none",
        ),
        [{}],
    ),
    "binary_cross_entropy_with_logits/channel_weight": Exercise(
        "channel_loss(input, target, pos_weight)",
        lambda input, target, pos_weight: F.binary_cross_entropy_with_logits(
            input, target, pos_weight=pos_weight[:, None, None]
        ),
        [
            {"input": np.zeros((1, 1, 1, 1)), "target": np.ones((1, 1, 1, 1)), "pos_weight": _array(3)},
            {
                "input": _array(0, 1, 2, -1).reshape(1, 2, 1, 2),
                "target": _array(1, 1, 0, 0).reshape(1, 2, 1, 2),
                "pos_weight": _array(3, 1),
            },
            {
                "input": _random(0, 2, 3, 2, 2),
                "target": _labels(1, 2, 2, 3, 2, 2).astype(float),
                "pos_weight": _positive(2, 3),
            },
            {
                "input": 100 * _random(3, 2, 2, 3, 2),
                "target": _share(4, 2, 2, 3, 2),
                "pos_weight": _positive(5, 2),
            },
        ],
    ),
    "binary_cross_entropy_with_logits/honest_probability": Exercise(
        "honest_probability(input, pos_weight)",
        lambda input, pos_weight: torch.sigmoid(input - np.log(pos_weight)),
        [
            {"input": _array(0), "pos_weight": 1.0},
            {"input": _array(0), "pos_weight": 4.0},
            {"input": _array(-1, 2), "pos_weight": 0.5},
            {"input": _array(-30, 30), "pos_weight": 20.0},
            {"input": _random(0, 2, 3), "pos_weight": 9.0},
        ],
    ),
    "binary_cross_entropy_with_logits/find_the_bug": Exercise(
        "binary_cross_entropy_with_logits(input, target)",
        lambda input, target: F.binary_cross_entropy_with_logits(input, target),
        [
            {"input": _array(0.5), "target": _array(1)},
            {"input": _array(2, -1), "target": _array(0, 0.5)},
            {"input": _array(40), "target": _array(0)},
            {"input": _array(-1000, 1000), "target": _array(1, 0)},
            {"input": _random(0, 2, 3), "target": _share(1, 2, 3)},
        ],
    ),
}

MULTI_MARGIN_LOSS = {
    "multi_margin_loss/by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multi_margin_loss(torch.tensor([4.0, 1.0, 3.5, 3.2]), torch.tensor(0), p=2),
        [{}],
    ),
    "multi_margin_loss/worst_rival": Exercise(
        "worst_rival(input, target)",
        _worst_rival,
        [
            {"input": _array(2, 1.5, -1).reshape(1, 3), "target": np.array([0])},
            {"input": _array(2, 1.5, 1.8).reshape(1, 3), "target": np.array([0])},
            {"input": _array(3, 1.5, 1).reshape(1, 3), "target": np.array([0])},
            {"input": _array(-5, -3).reshape(1, 2), "target": np.array([1])},
            {"input": _random(0, 4, 3), "target": _labels(1, 3, 4)},
            {"input": _random(2, 3, 5), "target": _labels(3, 5, 3)},
        ],
    ),
    "multi_margin_loss/weighted": Exercise(
        "weighted_margin(input, target, weight)",
        _weighted_margin,
        [
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": _array(1, 1)},
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": _array(1, 3)},
            {"input": np.zeros((2, 2)), "target": np.array([1, 1]), "weight": _array(1, 3)},
            {"input": _random(0, 3, 4), "target": _labels(1, 4, 3), "weight": _positive(2, 4)},
            {"input": _random(3, 4, 3), "target": _labels(4, 3, 4), "weight": _positive(5, 3)},
        ],
    ),
    "multi_margin_loss/find_the_bug": Exercise(
        "margin_loss(input, target)",
        lambda input, target: F.multi_margin_loss(input, target),
        [
            {"input": _array(2, 1.5, -1).reshape(1, 3), "target": np.array([0])},
            {"input": _array(5, 0).reshape(1, 2), "target": np.array([0])},
            {"input": _random(0, 4, 3), "target": _labels(1, 3, 4)},
            {"input": _random(2, 3, 5), "target": _labels(3, 5, 3)},
        ],
    ),
}

MULTILABEL_MARGIN_LOSS = {
    "multilabel_margin_loss/by_hand": Exercise(
        "the margin loss as a number",
        lambda: F.multilabel_margin_loss(torch.tensor([1.0, 0.5, 2.0]), torch.tensor([2, 0, -1])),
        [{}],
    ),
    "multilabel_margin_loss/to_indices": Exercise(
        "to_indices(multi_hot)",
        _to_indices,
        [
            {"multi_hot": np.array([[1, 0, 0]])},
            {"multi_hot": np.array([[0, 1, 1]])},
            {"multi_hot": np.array([[0, 0, 0], [1, 1, 1]])},
            {"multi_hot": _labels(0, 2, 4, 5)},
            {"multi_hot": _labels(1, 2, 6, 3)},
        ],
    ),
    "multilabel_margin_loss/from_multi_hot": Exercise(
        "margin_from_multi_hot(input, multi_hot)",
        lambda input, multi_hot: F.multilabel_margin_loss(input, _to_indices(multi_hot)),
        [
            {"input": _array(2, 0.5, -1).reshape(1, 3), "multi_hot": np.array([[0, 1, 0]])},
            {"input": _array(2, 0.5, 0.3).reshape(1, 3), "multi_hot": np.array([[1, 1, 0]])},
            {"input": _array(2, 0.5, 0.3).reshape(1, 3), "multi_hot": np.array([[1, 1, 1]])},
            {"input": _random(0, 4, 5), "multi_hot": _labels(1, 2, 4, 5)},
            {"input": _random(2, 3, 4), "multi_hot": _labels(3, 2, 3, 4)},
        ],
    ),
    "multilabel_margin_loss/find_the_bug": Exercise(
        "multilabel_margin(input, target)",
        lambda input, target: F.multilabel_margin_loss(input, target),
        [
            {"input": _array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[0, -1, -1]])},
            {"input": _array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[0, -1, 2]])},
            {"input": _array(2, 0.5, 1.8).reshape(1, 3), "target": np.array([[2, 1, 0]])},
            {"input": _random(0, 2, 3), "target": np.array([[-1, 0, 1], [1, 2, -1]])},
            {"input": _random(1, 2, 4), "target": np.array([[3, -1, 0, 1], [1, 0, 2, -1]])},
        ],
    ),
}

HINGE_EMBEDDING_LOSS = {
    "hinge_embedding_loss/by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.hinge_embedding_loss(torch.tensor([0.5, 2.0, 0.25, 1.5]), torch.tensor([1, 1, -1, -1])),
        [{}],
    ),
    "hinge_embedding_loss/contrastive": Exercise(
        "contrastive_loss(input, target, margin)",
        _contrastive_loss,
        [
            {"input": _array(3), "target": np.array([1]), "margin": 1.0},
            {"input": _array(0.5), "target": np.array([-1]), "margin": 2.0},
            {"input": _array(3), "target": np.array([-1]), "margin": 1.0},
            {"input": _positive(0, 6), "target": 2 * _labels(1, 2, 6) - 1, "margin": 1.5},
            {"input": _positive(2, 2, 3), "target": 2 * _labels(3, 2, 2, 3) - 1, "margin": 1.0},
        ],
    ),
    "hinge_embedding_loss/embedding_grad": Exercise(
        "embedding_grad(a, b, target)",
        _embedding_grad,
        [
            {"a": _array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([1])},
            {"a": _array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([-1])},
            {"a": _array(0.3, 0.4).reshape(1, 2), "b": np.zeros((1, 2)), "target": np.array([-1])},
            {"a": np.ones((1, 1)), "b": np.zeros((1, 1)), "target": np.array([-1])},
            {"a": np.eye(2), "b": np.eye(2), "target": np.array([1, -1])},
            {"a": _positive(0, 5, 3), "b": _positive(1, 5, 3), "target": 2 * _labels(2, 2, 5) - 1},
        ],
    ),
    "hinge_embedding_loss/find_the_bug": Exercise(
        "pair_loss(a, b, same)",
        _pair_loss,
        [
            {"a": _array(3, 4).reshape(1, 2), "b": np.zeros((1, 2)), "same": np.array([True])},
            {"a": _array(0.3, 0.4).reshape(1, 2), "b": np.zeros((1, 2)), "same": np.array([False])},
            {"a": _positive(0, 2, 2), "b": _positive(1, 2, 2), "same": np.array([True, False])},
            {"a": _positive(2, 5, 3), "b": _positive(3, 5, 3), "same": _labels(4, 2, 5) == 1},
        ],
    ),
}

KL_DIV = {
    "kl_div/by_hand": Exercise(
        "the divergence as a number",
        lambda: F.kl_div(
            torch.tensor([0.25, 0.25, 0.5]).log(), torch.tensor([0.5, 0.5, 0.0]), reduction="sum"
        ),
        [{}],
    ),
    "kl_div/distillation": Exercise(
        "distillation_loss(input, target, temperature)",
        _distillation_loss,
        [
            {"input": np.zeros((1, 2)), "target": _array(0, 1).reshape(1, 2), "temperature": 1.0},
            {"input": np.zeros((1, 2)), "target": _array(0, 1).reshape(1, 2), "temperature": 2.0},
            {"input": np.zeros((2, 2)), "target": _array(0, 1, 0, 1).reshape(2, 2), "temperature": 1.0},
            {"input": _random(0, 3, 4), "target": _random(1, 3, 4), "temperature": 4.0},
            {"input": 100 * _random(2, 4, 3), "target": 100 * _random(3, 4, 3), "temperature": 0.5},
        ],
    ),
    "kl_div/jensen_shannon": Exercise(
        "jensen_shannon(input, target)",
        _jensen_shannon,
        [
            {"input": np.full((1, 2), 0.5), "target": _array(0.25, 0.75).reshape(1, 2)},
            {"input": np.full((1, 2), 0.5), "target": _array(1, 0).reshape(1, 2)},
            {"input": _array(1, 0).reshape(1, 2), "target": _array(0, 1).reshape(1, 2)},
            {"input": _array(0.5, 0.5, 0).reshape(1, 3), "target": _array(0.25, 0.75, 0).reshape(1, 3)},
            {"input": _probabilities(0, 3, 4), "target": _probabilities(1, 3, 4)},
        ],
    ),
    "kl_div/find_the_bug": Exercise(
        "kl_div(input, target)",
        lambda input, target: F.kl_div(input, target, reduction="batchmean"),
        [
            {"input": np.log([[0.5, 0.5]]), "target": _array(0.25, 0.75).reshape(1, 2)},
            {"input": np.log([[0.5, 0.5]]), "target": _array(1, 0).reshape(1, 2)},
            {"input": np.log(_probabilities(0, 3, 4)), "target": _probabilities(1, 3, 4)},
            {"input": np.log(_probabilities(2, 4, 3)), "target": np.eye(3)[[0, 1, 2, 0]]},
        ],
    ),
}

MULTILABEL_SOFT_MARGIN_LOSS = {
    "multilabel_soft_margin_loss/by_hand": Exercise(
        "the loss as a number",
        lambda: F.multilabel_soft_margin_loss(torch.tensor([0.0, np.log(4)]), torch.tensor([1.0, 0.0])),
        [{}],
    ),
    "multilabel_soft_margin_loss/listed": Exercise(
        "listed_loss(input, labels)",
        lambda input, labels: F.multilabel_soft_margin_loss(
            input, F.one_hot(labels + 1, input.shape[1] + 1).amax(dim=1)[:, 1:]
        ),
        [
            {"input": _array(1, -2).reshape(1, 2), "labels": np.array([[0, -1]])},
            {"input": _array(1, -2).reshape(1, 2), "labels": np.array([[-1, -1]])},
            {"input": _array(1, -2, 3).reshape(1, 3), "labels": np.array([[2, 0, -1]])},
            {
                "input": _random(0, 4, 3),
                "labels": np.array([[1, -1, -1], [2, 0, 1], [-1, -1, -1], [0, 2, -1]]),
            },
        ],
    ),
    "multilabel_soft_margin_loss/known": Exercise(
        "known_loss(input, target, known)",
        lambda input, target, known: F.multilabel_soft_margin_loss(input[known], target[known]),
        [
            {
                "input": _array(1, -2).reshape(1, 2),
                "target": _array(1, 1).reshape(1, 2),
                "known": np.array([[True, True]]),
            },
            {
                "input": _array(1, -2).reshape(1, 2),
                "target": _array(1, 1).reshape(1, 2),
                "known": np.array([[True, False]]),
            },
            {
                "input": _array(1, -2).reshape(1, 2),
                "target": _array(1, np.nan).reshape(1, 2),
                "known": np.array([[True, False]]),
            },
            {"input": _random(0, 2, 3), "target": _share(1, 2, 3), "known": np.eye(2, 3) == 0},
        ],
    ),
    "multilabel_soft_margin_loss/find_the_bug": Exercise(
        "loss_by_sample(input, target)",
        lambda input, target: F.multilabel_soft_margin_loss(input, target, reduction="none"),
        [
            {"input": np.zeros((2, 2)), "target": np.ones((2, 2))},
            {"input": _array(0, 0, 5, -5).reshape(2, 2), "target": _array(1, 1, 0, 1).reshape(2, 2)},
            {"input": _random(0, 4, 3), "target": _share(1, 4, 3)},
            {"input": 100 * _random(2, 2, 4), "target": _share(3, 2, 4)},
        ],
    ),
}

EXERCISES = (
    MSE_LOSS
    | L1_LOSS
    | SMOOTH_L1_LOSS
    | POISSON_NLL_LOSS
    | NLL_LOSS
    | CROSS_ENTROPY
    | BINARY_CROSS_ENTROPY
    | BINARY_CROSS_ENTROPY_WITH_LOGITS
    | MULTI_MARGIN_LOSS
    | MULTILABEL_MARGIN_LOSS
    | MULTILABEL_SOFT_MARGIN_LOSS
    | HINGE_EMBEDDING_LOSS
    | KL_DIV
)
