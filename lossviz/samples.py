"""Small calls to try a loss with: of a loss of torch from its facts, of any other by trying what it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import numpy as np
import torch

from lossviz.evaluate import signature_of
from lossviz.losses.loss import Kind, Loss, Shape
from lossviz.quiet import hushed, unwarned
from lossviz.sides import tensors_of

SAMPLES, CLASSES, FEATURES, STEPS = 4, 3, 5, 6
# The first holds a layer, whose parts fit each other; the backward pass of the second assumes a log-softmax
# before it, without which central differences do not agree (https://github.com/pytorch/pytorch/issues/52241);
# the maps of the third are made of its target.
NO_SAMPLE = ("adaptive_log_softmax", "ctc_loss", "boundary_loss")


def call_of(loss: Loss, **options) -> dict[str, np.ndarray]:
    """Arguments of 4 samples as float64 and int64 arrays, the same each time."""
    rng = np.random.default_rng(0)
    first = loss.form(loss.arguments[0].name, **options)
    if first.shape is Shape.CLASSES_OF_STEPS:
        shape = (STEPS, SAMPLES, CLASSES)
    elif first.shape is Shape.CLASSES_OF_IMAGES:
        shape = (SAMPLES, CLASSES, 4, 4)
    else:
        width = FEATURES if first.kind in (Kind.EMBEDDINGS, Kind.FEATURES) else CLASSES
        shape = (SAMPLES, 4, 4) if first.shape is Shape.IMAGES else (SAMPLES, width)
    forms = {argument.name: loss.form(argument.name, **options) for argument in loss.arguments}
    call = {name: numbers(form.kind, _shape(form, first, shape), rng) for name, form in forms.items()}
    for name, form in forms.items():
        if form.domain.below == "T + 1":
            call[name][:] = STEPS
    return call


def _shape(form, first, shape: tuple) -> tuple:
    """The shape of an argument beside a first one of that shape."""
    if form.kind in (Kind.LENGTHS, Kind.LABEL_LISTS) or form.shape is Shape.SYMBOLS:
        return {Kind.LENGTHS: (SAMPLES,), Kind.LABEL_LISTS: shape}.get(form.kind, (SAMPLES, 2))
    if form.kind is Kind.PARAMETERS:
        return (CLASSES, FEATURES)
    if form.shape is Shape.NUMBER:
        return ()
    if form.shape is Shape.WITHOUT_CLASSES:
        return shape[:1] + shape[2:] if first.shape is not Shape.CLASSES_LAST else shape[:-1]
    return shape[:1] if form.shape is Shape.PER_SAMPLE else shape


def numbers(kind: Kind, shape: tuple, rng: np.random.Generator) -> np.ndarray:
    """Random numbers of a kind, none of them at an end of its domain unless there are no others."""
    normal = rng.normal(size=shape)
    if kind in (Kind.LABELS, Kind.MULTI_HOT, Kind.MASKS, Kind.SIGNS, Kind.COUNTS, Kind.LABEL_LISTS):
        return _whole(kind, shape, rng)
    if kind is Kind.LENGTHS:
        return np.full(shape, 2)
    if kind is Kind.PROBABILITIES:
        return 1 / (1 + np.exp(-normal))
    if kind is Kind.LOG_PROBABILITIES:
        return normal - np.log(np.exp(normal).sum(axis=-1, keepdims=True))
    if kind in (Kind.VARIANCES, Kind.RATES, Kind.DISTANCES):
        return np.exp(normal)
    return normal


def _whole(kind: Kind, shape: tuple, rng: np.random.Generator) -> np.ndarray:
    if kind is Kind.LABELS:
        return rng.integers(1, CLASSES, size=shape)  # 0 is the blank of sequences
    if kind is Kind.LABEL_LISTS:
        return np.tile([2, 0, *[-1] * (shape[-1] - 2)], (*shape[:-1], 1))
    if kind is Kind.COUNTS:
        return rng.poisson(2.0, size=shape).astype(float)
    ones = rng.integers(0, 2, size=shape).astype(float)
    return 2 * ones - 1 if kind is Kind.SIGNS else ones


# What is tried with a function of which nothing is known: first what is refused where it does not belong.
_PAIRS = (
    (Kind.LOGITS, Kind.LABELS),
    (Kind.LOGITS, Kind.MULTI_HOT),
    (Kind.LOG_PROBABILITIES, Kind.LABELS),
    (Kind.PROBABILITIES, Kind.MULTI_HOT),
    (Kind.RATES, Kind.COUNTS),
)


def guesses(function: Callable) -> Iterator[dict[str, np.ndarray]]:
    """Calls to try with a function: numbers for each argument without a default, by its name."""
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    first, *others = [
        p.name for p in signature_of(function) if p.default is p.empty and p.kind not in several
    ] or ["input"]
    for of_input, of_target in _PAIRS:
        rng = np.random.default_rng(0)
        call = {first: numbers(of_input, (SAMPLES, CLASSES), rng)}
        for place, name in enumerate(others):
            shape = (SAMPLES,) if of_target is Kind.LABELS and not place else (SAMPLES, CLASSES)
            # What comes third is most often a variance, a weight or a mask: positive numbers.
            call[name] = numbers(Kind.RATES if place else of_target, shape, rng)
        yield call


def is_of_numpy(function: Callable) -> bool:
    """Whether a function answers one of the calls with numbers of NumPy when it gets arrays."""
    for call in guesses(function):
        with np.errstate(all="ignore"), unwarned(), hushed():
            try:
                value = function(**call)
            except Exception:
                continue
        if isinstance(value, (np.ndarray, np.generic)):
            return True
    return False


def call_for(function: Callable) -> dict[str, np.ndarray] | None:
    """The first call that a function of tensors in float32 answers with finite numbers; None without one."""
    for call in guesses(function):
        given = {k: v.float() if v.is_floating_point() else v for k, v in tensors_of(call).items()}
        with np.errstate(all="ignore"), unwarned(), hushed():
            try:
                value = function(**given)
            except Exception:
                continue
        if isinstance(value, torch.Tensor) and value.numel() and value.isfinite().all():
            return call
    return None
