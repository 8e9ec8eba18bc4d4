"""toy_loss: edges, answers to the exercises, and what holds for it alone."""

import numpy as np

from lossviz.losses import CATALOG
from tests.answers import six
from tests.cases import Cases
from tests.inputs import ERROR, REFUSED_BY_ALL, REFUSED_SHAPES, REGRESSION_EDGES

# Answers to the exercises


def right(input, target):
    return np.mean(np.log(np.cosh(input - target)))


def far(input, target):
    return right(input, target) + np.log(2)


def base_10(input, target):
    return np.mean(np.log10(np.cosh(input - target)))


def summed(input, target):
    return np.sum(np.log(np.cosh(input - target)))


def of_the_sum(input, target):
    return summed(input, target) + np.log(2)


CALL = "for input=[3.0, 0.0], target=[0.0, 0.0] expected"
FIRST = np.log(np.cosh(3))
FAR = six(FIRST / 2 + np.log(2))
WRONG = [
    ("by_hand", 0, "0.0 is too small"),
    ("by_hand", 2, "2.0 is too large"),
    ("by_hand", np.e, f"{six(np.e)} is too large"),
    ("far", right, f"{CALL} {FAR}, got {six(FIRST / 2)}"),
    ("far", of_the_sum, f"{CALL} {FAR}, got {six(FIRST + np.log(2))}"),
    ("far", base_10, f"{CALL} {FAR}, got {six(np.log10(np.cosh(3)) / 2)}"),
    ("find_the_bug", base_10, f"{CALL} {six(FIRST / 2)}, got {six(np.log10(np.cosh(3)) / 2)}"),
    ("find_the_bug", summed, f"{CALL} {six(FIRST / 2)}, got {six(FIRST)}"),
    ("find_the_bug", far, f"{CALL} {six(FIRST / 2)}, got {FAR}"),
]


# The cases


CASES = Cases(
    usual={"input": ERROR, "target": np.zeros(7)},
    edges=REGRESSION_EDGES,
    refused=REFUSED_BY_ALL | REFUSED_SHAPES,
    right={"by_hand": 1, "far": far, "find_the_bug": right},
    wrong=WRONG,
)


# What holds for this loss alone


def test_it_is_at_home_in_its_file():
    assert CATALOG["toy_loss"].functional == "lossviz.losses.regression.toy_loss.toy_loss"
