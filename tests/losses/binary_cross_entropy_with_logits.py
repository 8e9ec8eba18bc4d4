"""binary_cross_entropy_with_logits: calls, edges, answers to the exercises, and what holds for it alone."""

from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from lossviz.losses.card import card
from tests.answers import LN2, six
from tests.cases import Cases
from tests.facts import gradient, labels, normal
from tests.inputs import ANSWERS, ERROR, INF, NAN, REFUSED_BY_ALL, REFUSED_SHAPES, TOO_LARGE, TOO_SMALL
from tests.strategies import EXTREME, FLOAT_DTYPES, REDUCTIONS, ROUND, arrays, between

# Answers to the exercises


def bce_with_logits(input, target):
    return np.mean(np.logaddexp(0, input) - input * target)


def channel_weighted_bce(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight.reshape(1, -1, 1, 1) * target * yes + (1 - target) * no)


def honest_probability(input, pos_weight):
    p = 1 / (1 + np.exp(-input))
    return p / (p + pos_weight * (1 - p))


def weighting_both_answers(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight[:, None, None] * (target * yes + (1 - target) * no))


def channels_by_their_weights(input, target, pos_weight):
    return channel_weighted_bce(input, target, pos_weight) / np.mean(pos_weight)


def channels_through_the_probability(input, target, pos_weight):
    p = 1 / (1 + np.exp(-input))
    return np.mean(-pos_weight[:, None, None] * target * np.log(p) - (1 - target) * np.log(1 - p))


def weighted_by_image_column(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight * target * yes + (1 - target) * no)


def weight_multiplied_again(input, pos_weight):
    return 1 / (1 + np.exp(-input) / pos_weight)


def probability_divided(input, pos_weight):
    return 1 / (1 + np.exp(-input)) / pos_weight


def weight_without_its_logarithm(input, pos_weight):
    return 1 / (1 + np.exp(pos_weight - input))


def corrected_logit(input, pos_weight):
    return input - np.log(pos_weight)


def clipped_bce(input, target):
    p = np.clip(1 / (1 + np.exp(-input)), 1e-7, 1 - 1e-7)
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def hardly_clipped_bce(input, target):
    p = np.clip(1 / (1 + np.exp(-input)), 1e-12, 1 - 1e-12)
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def unclipped_bce(input, target):
    p = 1 / (1 + np.exp(-input))
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def overflowing_bce(input, target):
    return np.mean(np.log(1 + np.exp(input)) - input * target)


WRONG = [
    (
        "by_hand",
        [10 * np.log(5), 10 * np.log(5 / 4)],
        f"{six(10 * np.log(5))} at index 0 is too large",
    ),
    ("by_hand", [np.log(5 / 4), 10 * np.log(5)], f"{six(np.log(5 / 4))} at index 0 is too small"),
    ("by_hand", [1.609, 0.223], "0.223 at index 1 is too small"),
    (
        "channel_weight",
        weighted_by_image_column,
        "for input=[[[[0.0, 1.0]], [[2.0, -1.0]]]], target=[[[[1.0, 1.0]], [[0.0, 0.0]]]], "
        "pos_weight=[3.0, 1.0] expected "
        f"{six((3 * np.log(2) + 3 * np.log1p(1 / np.e) + np.log1p(np.e**2) + np.log1p(1 / np.e)) / 4)}, "
        f"got {six((3 * np.log(2) + np.log1p(1 / np.e) + np.log1p(np.e**2) + np.log1p(1 / np.e)) / 4)}",
    ),
    (
        "channel_weight",
        weighting_both_answers,
        "for input=[[[[0.0]], [[0.0]]]], target=[[[[1.0]], [[0.0]]]], pos_weight=[3.0, 2.0] "
        f"expected {six((3 + 1) * np.log(2) / 2)}, got {six((3 + 2) * np.log(2) / 2)}",
    ),
    (
        "channel_weight",
        channels_by_their_weights,
        "for input=[[[[0.0]]]], target=[[[[1.0]]]], pos_weight=[3.0] "
        f"expected {six(3 * np.log(2))}, got {LN2}",
    ),
    (
        "channel_weight",
        channels_through_the_probability,
        "for input=[[[[100.0]], [[-100.0]]]], target=[[[[0.0]], [[1.0]]]], pos_weight=[1.0, 3.0] "
        f"expected {(100 + 3 * 100) / 2}, got inf",
    ),
    (
        "honest_probability",
        weight_multiplied_again,
        f"for input=[0.0], pos_weight=4.0 expected [{1 / (1 + 4)}], got [{4 / (1 + 4)}]",
    ),
    (
        "honest_probability",
        probability_divided,
        f"for input=[0.0], pos_weight=4.0 expected [{1 / (1 + 4)}], got [{1 / 2 / 4}]",
    ),
    (
        "honest_probability",
        weight_without_its_logarithm,
        f"for input=[0.0], pos_weight=1.0 expected [0.5], got [{six(1 / (1 + np.e))}]",
    ),
    ("honest_probability", corrected_logit, "for input=[0.0], pos_weight=1.0 expected [0.5], got [0.0]"),
    (
        "find_the_bug",
        clipped_bce,
        f"for input=[40.0], target=[0.0] expected 40.0, got {six(-np.log(1e-7))}",
    ),
    (
        "find_the_bug",
        hardly_clipped_bce,
        f"for input=[40.0], target=[0.0] expected 40.0, got {six(-np.log(1 - (1 - 1e-12)))}",
    ),
    ("find_the_bug", unclipped_bce, "for input=[40.0], target=[0.0] expected 40.0, got inf"),
    (
        "find_the_bug",
        overflowing_bce,
        "for input=[-1000.0, 1000.0], target=[1.0, 0.0] expected 1000.0, got inf",
    ),
]


# The cases


@st.composite
def binary_logits_calls(draw):
    """A call with logits of one shape, targets from 0 to 1, and weights that broadcast to that shape."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    dtype = draw(FLOAT_DTYPES)
    if draw(st.booleans()):
        others, logits = st.just(dtype), draw(st.sampled_from([between(-1e3, 1e3), EXTREME]))
    else:
        # torch rounds midway where precisions are mixed, which would show where large terms cancel.
        others, logits = FLOAT_DTYPES, between(-20, 20)

    def factor():
        fewer = shape[draw(st.integers(0, len(shape))) :]
        narrow = tuple(draw(st.sampled_from([1, side])) for side in fewer)
        floats = arrays(draw(others), narrow, st.just(0.0) | between(0.125, 8))
        return draw(st.none() | floats | arrays(np.int64, narrow, st.integers(0, 3)))

    return {
        "input": draw(arrays(dtype, shape, ROUND | logits)),
        "target": draw(arrays(draw(others), shape, st.sampled_from([0.0, 1.0, 0.5]) | between(0, 1))),
        "weight": factor(),
        "reduction": draw(REDUCTIONS),
        "pos_weight": factor(),
    }


CASES = Cases(
    usual={"input": ERROR, "target": ANSWERS},
    calls=binary_logits_calls(),
    edges={
        f"{title}, {weighting}": edge | {"pos_weight": pos_weight}
        for weighting, pos_weight in {
            "no pos_weight": None,
            "pos_weight 0": np.array(0.0),
            "pos_weight 3": np.array(3.0),
        }.items()
        for title, edge in {
            "infinite logits": {"input": np.array([INF, INF, INF, -INF, -INF, -INF, INF])},
            "nan in input": {"input": np.where(ANSWERS == 1, NAN, ERROR)},
            "nan in target": {"target": np.where(ANSWERS == 1, NAN, ANSWERS)},
            "large logits": {"input": 1e4 * ERROR},
            "largest floats": {"input": np.float32([3e38, -3e38]), "target": np.float32([1, 0])},
            "where the sigmoid is rounded to 1": {
                "input": np.float32([16, 17, 18, -16, -17, -18, 88]),
                "target": np.float32([0, 0, 0, 1, 1, 1, 0]),
            },
            "where exp underflows": {"input": np.float32([88, 89, 103, 104, -88, -89, -104])},
            "0-d": {"input": np.array(0.25), "target": np.array(1.0), "weight": np.array(3.0)},
            "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0)), "weight": np.ones((2, 1))},
            "weights that sum to 0": {"weight": np.zeros(7)},
            "nan and inf as weights": {"weight": np.array([NAN, INF, -INF, 0, 1, INF, NAN])},
            "boolean weights": {"weight": ANSWERS == 1},
        }.items()
    }
    | {
        "a pos_weight for each column": {
            "input": ERROR[:6].reshape(2, 3),
            "target": ANSWERS[:6].reshape(2, 3),
            "pos_weight": np.array([1.0, 2.0, 5.0]),
        },
        "a pos_weight for each channel": {
            "input": ERROR[:6].reshape(1, 2, 1, 3),
            "target": ANSWERS[:6].reshape(1, 2, 1, 3),
            "pos_weight": np.array([2.0, 5.0]).reshape(2, 1, 1),
        },
        "a weight for each row": {
            "input": ERROR[:6].reshape(3, 2),
            "target": ANSWERS[:6].reshape(3, 2),
            "weight": np.array([[1.0], [2.0], [0.0]]),
        },
    },
    stated={
        # torch takes the 1 off in bytes, where 0 - 1 is 255.
        "a pos_weight of bytes may be 0": (
            {"input": np.ones(1, np.float32), "target": np.ones(1, np.float32), "pos_weight": np.uint8(0)},
            np.float32(0),
            np.zeros(1, np.float32),
        ),
        # Below the absolute tolerance of the comparison with torch, which gives the same.
        "exp(12) would overflow in float16": (
            {"input": np.float16([-12]), "target": np.float16([0])},
            np.float16(0),
            np.float16([np.exp(-12)]),
        ),
    },
    refused=REFUSED_BY_ALL
    | REFUSED_SHAPES
    | {
        "target must be floating point, got int64": {"target": np.arange(7)},
        "target must be in [0, 1], got 2.0": {"target": TOO_LARGE},
        "target must be in [0, 1], got -1.0": {"target": TOO_SMALL},
        "weight must be an array, got 2.0": {"weight": 2.0},
        "pos_weight must be an array, got 2.0": {"pos_weight": 2.0},
        "pos_weight must be an array, got [2.0]": {"pos_weight": [2.0]},
        "pos_weight must hold numbers, got bool": {"pos_weight": np.array(True)},
        "weight must broadcast to the shape of input (7,), got (2,)": {"weight": np.ones(2)},
        "weight must broadcast to the shape of input (7,), got (1, 7)": {"weight": np.ones((1, 7))},
        "pos_weight must broadcast to the shape of input (1, 2, 1, 3), got (2,)": {
            "input": np.zeros((1, 2, 1, 3)),
            "target": np.zeros((1, 2, 1, 3)),
            "pos_weight": np.ones(2),
        },
    },
    refused_by_torch={
        "argument 'weight' .* must be Tensor, not float": {"weight": 2.0},
        "argument 'pos_weight' .* must be Tensor, not float": {"pos_weight": 2.0},
        "Subtraction, the `-` operator, with a bool tensor": {"pos_weight": np.array(True)},
    },
    right={
        "by_hand": [1.609, 2.231],
        "channel_weight": channel_weighted_bce,
        "honest_probability": honest_probability,
        "find_the_bug": bce_with_logits,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_gradient_is_sigmoid_minus_target():
    loss = F.binary_cross_entropy_with_logits
    input, target = 3 * normal(1000), labels(2, 1000).float()
    torch.testing.assert_close(gradient(loss, input, target), input.sigmoid() - target)
    assert gradient(loss, torch.tensor([-1e4, 1e4]), torch.tensor([1.0, 0.0])).tolist() == [-1, 1]
    spec = CATALOG["binary_cross_entropy_with_logits"]
    assert spec.gradient_far.startswith("near -1 for a yes, near +1 for a no")


def test_pos_weight_moves_the_zero_of_a_soft_target_and_of_no_other():
    loss, target = F.binary_cross_entropy_with_logits, torch.tensor([0.25])
    at_target, moved = target.logit(), (4 * target / (1 - target)).log()
    weighted = partial(loss, pos_weight=torch.tensor(4.0))
    assert gradient(loss, at_target, target).item() == pytest.approx(0, abs=1e-7)
    assert gradient(weighted, moved, target).item() == pytest.approx(0, abs=1e-7)
    assert gradient(weighted, at_target, target).item() < -0.5
    spec = CATALOG["binary_cross_entropy_with_logits"]
    assert "(a soft one without `pos_weight`)" in spec.gradient_at_target


def test_elicits_the_share_of_yeses():
    spec = CATALOG["binary_cross_entropy_with_logits"]
    assert spec.elicits.startswith("the share of yeses (as sigmoid")
    answers = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.6])
    logit = answers.mean().expand(5).logit()
    slopes = gradient(F.binary_cross_entropy_with_logits, logit, answers)
    assert slopes.sum().item() == pytest.approx(0, abs=1e-5)


def test_the_bound_is_moved_by_both_weights():
    loss = CATALOG["binary_cross_entropy_with_logits"]
    few, many = torch.tensor(0.5), torch.tensor([0.5, 3.0])
    assert loss.gradient_bound(weight=few) == 0.5
    assert [loss.gradient_bound(pos_weight=factor) for factor in (few, many)] == [1, 3]
    assert loss.gradient_bound(weight=few, pos_weight=many) == 1.5
    assert loss.gradient_bound(weight=torch.tensor(0.0)) == 0
    assert "times pos_weight where that is above 1" in repr(card(loss.name))
