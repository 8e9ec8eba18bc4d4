"""Inputs of the exercises' cases: the same on every machine, and short enough to be typed in again."""

import numpy as np


def array(*values):
    return np.array(values, dtype=np.float64)


def random(seed, *shape):
    # Two decimals, so that an input in a message can be typed in again.
    return np.random.default_rng(seed).normal(scale=2, size=shape).round(2)


def positive(seed, *shape):
    return np.random.default_rng(seed).uniform(0.1, 3, size=shape).round(2)


def share(seed, *shape):
    return np.random.default_rng(seed).uniform(0.05, 0.95, size=shape).round(2)


def counts(seed, *shape):
    return np.random.default_rng(seed).poisson(2, size=shape).astype(np.float64)


def labels(seed, classes, *shape):
    return np.random.default_rng(seed).integers(classes, size=shape)


def probabilities(seed, *shape):
    # Sixteenths, so that each row sums to exactly 1.
    counts = np.random.default_rng(seed).multinomial(16 - shape[-1], [1 / shape[-1]] * shape[-1], shape[:-1])
    return (counts + 1) / 16
