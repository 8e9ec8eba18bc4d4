"""poisson_nll_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import math

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from tests.answers import six
from tests.cases import Cases
from tests.facts import POINTS, best_constant, gradient
from tests.inputs import BOOLEAN, ERROR, INF, NAN, REFUSED_BY_ALL, REFUSED_SHAPES, REGRESSION_EDGES
from tests.numpy_cells import lift
from tests.strategies import EXTREME, FLOAT_DTYPES, REDUCTIONS, ROUND, arrays, between


def poisson_with_exposure(input, target, exposure):
    return np.mean(exposure * np.exp(input) - target * (input + np.log(exposure)))


def poisson_deviance(input, target):
    logs = np.log(target, where=target > 0, out=np.zeros(target.shape))
    return np.mean(2 * (target * (logs - input) - target + np.exp(input)))


def full_poisson(input, target):
    y = np.where(target > 1, target, 2)
    stirling = (target > 1) * (y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y))
    return np.mean(np.exp(input) - target * input + stirling)


def counts_per_hour(input, target, exposure):
    return np.mean(np.exp(input) - target / exposure * input)


def exposure_added(input, target, exposure):
    z = input + exposure
    return np.mean(np.exp(z) - target * z)


def log_rate_times_exposure(input, target, exposure):
    z = input * exposure
    return np.mean(np.exp(z) - target * z)


def only_the_rate_multiplied(input, target, exposure):
    return np.mean(exposure * np.exp(input) - target * input)


def deviance_without_zeros(input, target):
    with np.errstate(all="ignore"):
        return np.mean(2 * (target * (np.log(target) - input) - target + np.exp(input)))


def half_the_deviance(input, target):
    return poisson_deviance(input, target) / 2


def zeros_cost_nothing(input, target):
    y = np.where(target > 0, target, 1)
    return np.mean(np.where(target > 0, 2 * (y * (np.log(y) - input) - y + np.exp(input)), 0))


def logarithm_of_one_more(input, target):
    return np.mean(2 * (target * (np.log1p(target) - input) - target + np.exp(input)))


def summed_deviance(input, target):
    return poisson_deviance(input, target) * input.size


def stirling_for_all(input, target):
    with np.errstate(all="ignore"):
        stirling = target * np.log(target) - target + 0.5 * np.log(2 * np.pi * target)
    return np.mean(np.exp(input) - target * input + stirling)


def stirling_from_1(input, target):
    y = np.maximum(target, 1)
    stirling = y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y)
    return np.mean(np.exp(input) - target * input + (target >= 1) * stirling)


def stirling_times_the_condition(input, target):
    with np.errstate(all="ignore"):
        stirling = target * np.log(target) - target + 0.5 * np.log(2 * np.pi * target)
    return np.mean(np.exp(input) - target * input + (target > 1) * stirling)


def stirling_where_it_exceeds_1(input, target):
    y = np.maximum(target, 1)
    stirling = y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y)
    return np.mean(np.exp(input) - target * input + np.where(stirling > 1, stirling, 0))


def exact_factorial(input, target):
    return np.mean(np.exp(input) - target * input + [math.lgamma(y + 1) for y in target])


LN_2PI = np.log(2 * np.pi)


WRONG = [
    ("by_hand", [0, 3 - 2 * np.log(3)], "0.0 at index 0 is too small"),
    ("by_hand", [3, 3 - 2], "1.0 at index 1 is too large"),
    (
        "by_hand",
        [np.log(3), np.log(3) - 2 * np.log(3)],
        f"{six(np.log(3))} at index 0 is too small",
    ),
    (
        "by_hand",
        [3, 3 - 2 * np.log(3) + np.log(2)],
        f"{six(3 - 2 * np.log(3) + np.log(2))} at index 1 is too large",
    ),
    (
        "exposure",
        counts_per_hour,
        "for input=[0.0], target=[2.0], exposure=[10.0] "
        f"expected {six(10 - 2 * np.log(10))}, got {np.exp(0)}",
    ),
    (
        "exposure",
        exposure_added,
        f"for input=[0.0], target=[2.0], exposure=[1.0] expected {np.exp(0)}, got {six(np.exp(1) - 2)}",
    ),
    (
        "exposure",
        log_rate_times_exposure,
        "for input=[0.0], target=[2.0], exposure=[10.0] "
        f"expected {six(10 - 2 * np.log(10))}, got {np.exp(0)}",
    ),
    (
        "exposure",
        only_the_rate_multiplied,
        "for input=[0.0], target=[2.0], exposure=[10.0] "
        f"expected {six(10 - 2 * np.log(10))}, got {10 * np.exp(0)}",
    ),
    (
        "deviance",
        deviance_without_zeros,
        f"for input=[0.0], target=[0.0] expected {2 * np.exp(0)}, got nan",
    ),
    (
        "deviance",
        half_the_deviance,
        "for input=[0.0], target=[2.0] "
        f"expected {six(2 * (1 - 2 + 2 * np.log(2)))}, got {six(1 - 2 + 2 * np.log(2))}",
    ),
    (
        "deviance",
        zeros_cost_nothing,
        f"for input=[0.0], target=[0.0] expected {2 * np.exp(0)}, got 0.0",
    ),
    (
        "deviance",
        logarithm_of_one_more,
        f"for input=[0.0], target=[1.0] expected 0.0, got {six(2 * np.log(2))}",
    ),
    (
        "deviance",
        summed_deviance,
        "for input=[0.0, 0.0], target=[2.0, 0.0] "
        f"expected {six(1 - 2 + 2 * np.log(2) + 1)}, got {six(2 * (1 - 2 + 2 * np.log(2) + 1))}",
    ),
    (
        "find_the_bug",
        stirling_for_all,
        f"for input=[0.0], target=[1.0] expected {np.exp(0)}, got {six(1 - 1 + LN_2PI / 2)}",
    ),
    (
        "find_the_bug",
        stirling_from_1,
        f"for input=[0.0], target=[1.0] expected {np.exp(0)}, got {six(1 - 1 + LN_2PI / 2)}",
    ),
    (
        "find_the_bug",
        stirling_times_the_condition,
        f"for input=[0.0], target=[0.0] expected {np.exp(0)}, got nan",
    ),
    (
        "find_the_bug",
        stirling_where_it_exceeds_1,
        "for input=[0.0], target=[2.0] "
        f"expected {six(1 + 2 * np.log(2) - 2 + (LN_2PI + np.log(2)) / 2)}, got {np.exp(0)}",
    ),
    (
        "find_the_bug",
        exact_factorial,
        "for input=[0.0], target=[2.0] "
        f"expected {six(1 + 2 * np.log(2) - 2 + (LN_2PI + np.log(2)) / 2)}, got {six(1 + np.log(2))}",
    ),
]


# The cases


COUNTS = np.array([0.0, 0.5, 1.0, 1.25, 2.0, 3.0, 40.0])


@st.composite
def poisson_nll_calls(draw):
    """A call with log-rates, or rates that are not negative, and counts of one shape."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    dtype, log_input, full = draw(FLOAT_DTYPES), draw(st.booleans()), draw(st.booleans())
    usual, extreme = (ROUND | between(-20, 4), EXTREME) if log_input else (between(0, 30), EXTREME.map(abs))
    counts = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0]) | between(0, 20)
    targets = arrays(draw(FLOAT_DTYPES), shape, draw(st.sampled_from([counts, counts | EXTREME.map(abs)])))
    # torch computes Stirling's term of an integer target in float32.
    if dtype == np.float32 or not full:
        targets |= arrays(np.int64, shape, st.integers(0, 20))
    return {
        "input": draw(arrays(dtype, shape, draw(st.sampled_from([usual, usual | extreme])))),
        "target": draw(targets),
        "log_input": log_input,
        "full": full,
        "eps": draw(st.sampled_from([0, 1e-8, 0.5, INF]) | between(2**-30, 1)),
        "reduction": draw(REDUCTIONS),
    }


CASES = Cases(
    usual={"input": ERROR, "target": COUNTS},
    calls=poisson_nll_calls(),
    edges={key: edge for key, edge in REGRESSION_EDGES.items() if key != "overflow"}
    | {
        "Stirling's term": {"full": True},
        "a boolean target": BOOLEAN,
        "Stirling's term beside 1": {"target": np.nextafter(1, [0, 1, 2, 1, 0, 1, 2]), "full": True},
        "Stirling's term of nan and inf": {"target": np.array([NAN, INF, 0, 1, 2, 0, 0]), "full": True},
        "log-rates that overflow": {"input": np.float32([88, 89, 1e4]), "target": np.float32([1, 0, 2])},
        "log-rates that vanish": {"input": np.array([-1e4, -INF, -800]), "target": np.array([2.0, 1, 0])},
        "rates": {"input": np.abs(ERROR), "log_input": False},
        "rates of 0": {"input": np.zeros(7), "log_input": False},
        "rates of 0 without eps": {"input": np.zeros(7), "log_input": False, "eps": 0},
        "minus 0": {"input": np.full(7, -0.0), "log_input": False, "eps": 0},
        "large eps": {"input": np.abs(ERROR), "log_input": False, "eps": 0.5},
        "nan and inf as rates": {"input": np.array([NAN, INF]), "target": np.ones(2), "log_input": False},
        "float16 swallows eps": {"input": np.zeros(2, np.float16), "target": np.ones(2), "log_input": False},
        "a mean in float16 whose sum overflows": {
            "input": np.full(1000, 200, np.float16),
            "target": np.zeros(1000, np.float16),
            "log_input": False,
        },
    },
    scalars=({"input": np.ones(7), "log_input": False, "eps": np.float64(0.5)},),
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | {
        "eps must be >= 0, got nan": {"eps": NAN},
        "target must hold numbers for full=True, got bool": BOOLEAN | {"full": True},
        "input must be >= 0 for log_input=False, got -1.0": {
            "input": np.array([0.0, 2.0, -1.0, -2.0, -0.5, 1.0, 1.0]),
            "log_input": False,
        },
        "target must be >= 0, got -0.5": {"target": np.array([0.0, 0.5, -0.5, -2.0, -0.25, 1.0, 1.5])},
        "target must be >= 0, got -1": {"target": -np.arange(7)},
    },
    refused_by_torch={"Subtraction, the `-` operator, with a bool tensor": BOOLEAN | {"full": True}},
    right={
        "by_hand": [3 - 0 * np.log(3), 3 - 2 * np.log(3)],
        "exposure": poisson_with_exposure,
        "deviance": poisson_deviance,
        "find_the_bug": full_poisson,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_full_adds_the_logarithm_of_the_factorial_but_for_a_twelfth_of_one_over_the_count():
    loss = lift("poisson_nll_loss")["poisson_nll_loss"]
    counts = np.arange(2.0, 20)
    factorials = [np.log(np.arange(1, y + 1)).sum() for y in counts]
    gap = factorials - loss(np.zeros(18), counts, full=True, reduction="none") + 1
    assert np.all((1 / (12 * counts + 1) < gap) & (gap < 1 / (12 * counts)))


def test_gradient_is_the_rate_above_the_target_and_minus_the_target_below_it():
    spec, target = CATALOG["poisson_nll_loss"], torch.tensor([3.0, 50.0])
    far = torch.tensor([30.0, 30.0])
    assert gradient(F.poisson_nll_loss, -far, target).tolist() == (-target).tolist()
    torch.testing.assert_close(gradient(F.poisson_nll_loss, far, target), far.exp())
    assert spec.gradient_far.startswith("the rate above the target")
    assert spec.gradient_far.endswith("minus the target below it")


def test_elicits_the_mean():
    assert CATALOG["poisson_nll_loss"].elicits == "the mean (as exp of the log-rate)"
    rates = [point + 1 for point in POINTS]  # none negative
    assert np.exp(best_constant(F.poisson_nll_loss, rates)) == pytest.approx(np.mean(rates), rel=1e-3)
