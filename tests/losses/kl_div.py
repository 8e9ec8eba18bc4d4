"""kl_div: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.card import card
from tests.answers import LN2, log_softmax, six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import gradient, normal
from tests.inputs import INF, NAN

# Answers to the exercises


def average_kl(input, target):
    log_target = np.log(np.where(target > 0, target, 1))
    return np.mean(np.sum(target * (log_target - input), axis=1))


def distillation_loss(input, target, temperature):
    log_p = log_softmax(target / temperature)
    log_ratio = log_p - log_softmax(input / temperature)
    return temperature**2 * np.mean(np.sum(np.exp(log_p) * log_ratio, axis=1))


def jensen_shannon(input, target):
    log_m = np.log(np.maximum((input + target) / 2, 1e-300))
    return (average_kl(log_m, input) + average_kl(log_m, target)) / 2


def without_the_square(input, target, temperature):
    return distillation_loss(input, target, temperature) / temperature**2


def mean_over_classes(input, target, temperature):
    return distillation_loss(input, target, temperature) / input.shape[1]


def teacher_and_student_swapped(input, target, temperature):
    return distillation_loss(target, input, temperature)


def only_the_student_softened(input, target, temperature):
    return distillation_loss(input, target * temperature, temperature)


def one_direction_only(input, target):
    return average_kl(np.log((input + target) / 2), target)


def without_the_half(input, target):
    return 2 * jensen_shannon(input, target)


def both_directions_without_the_middle(input, target):
    return (average_kl(np.log(input), target) + average_kl(np.log(target), input)) / 2


def unguarded_middle(input, target):
    log_m = np.log((input + target) / 2)
    return (average_kl(log_m, input) + average_kl(log_m, target)) / 2


def mean_of_elements(input, target):
    return average_kl(input, target) / input.shape[1]


def unguarded_logarithm(input, target):
    return np.sum(target * (np.log(target) - input)) / len(input)


def sum_over_the_rows(input, target):
    return average_kl(input, target) * len(input)


HALF_AND_HALF = f"[{six(np.log(0.5))}, {six(np.log(0.5))}]"


HALVES = f"input=[{HALF_AND_HALF}]"


ENTROPY = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))


JS = -(0.375 * np.log(0.375) + 0.625 * np.log(0.625)) - (np.log(2) + ENTROPY) / 2


KL_AT_1, KL_AT_2 = (
    s * (1 / T) - np.log(1 + np.exp(1 / T)) + np.log(2) for T in (1, 2) for s in [1 / (1 + np.exp(-1 / T))]
)


WRONG = [
    ("by_hand", np.log(2) / 3, f"{six(np.log(2) / 3)} is too small"),
    ("by_hand", 1, "1.0 is too large"),
    ("by_hand", np.inf, "inf is too large"),
    ("by_hand", -np.log(2), f"{six(-np.log(2))} is too small"),
    (
        "distillation",
        without_the_square,
        "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=2.0 "
        f"expected {six(4 * KL_AT_2)}, got {six(KL_AT_2)}",
    ),
    (
        "distillation",
        mean_over_classes,
        "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=1.0 "
        f"expected {six(KL_AT_1)}, got {six(KL_AT_1 / 2)}",
    ),
    (
        "distillation",
        teacher_and_student_swapped,
        "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=1.0 "
        f"expected {six(KL_AT_1)}, got {six(np.log(1 + np.e) - np.log(2) - 1 / 2)}",
    ),
    (
        "distillation",
        only_the_student_softened,
        "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=2.0 "
        f"expected {six(4 * KL_AT_2)}, got {six(4 * KL_AT_1)}",
    ),
    (
        "jensen_shannon",
        one_direction_only,
        "for input=[[0.5, 0.5]], target=[[0.25, 0.75]] "
        f"expected {six(JS)}, got {six(0.25 * np.log(0.25 / 0.375) + 0.75 * np.log(0.75 / 0.625))}",
    ),
    (
        "jensen_shannon",
        without_the_half,
        f"for input=[[0.5, 0.5]], target=[[0.25, 0.75]] expected {six(JS)}, got {six(2 * JS)}",
    ),
    (
        "jensen_shannon",
        both_directions_without_the_middle,
        "for input=[[0.5, 0.5]], target=[[0.25, 0.75]] "
        f"expected {six(JS)}, got {six(0.25 * np.log(0.75 / 0.25) / 2)}",
    ),
    (
        "jensen_shannon",
        unguarded_middle,
        f"for input=[[0.5, 0.5, 0.0]], target=[[0.25, 0.75, 0.0]] expected {six(JS)}, got nan",
    ),
    (
        "find_the_bug",
        mean_of_elements,
        f"for {HALVES}, target=[[0.25, 0.75]] "
        f"expected {six(np.log(2) - ENTROPY)}, got {six((np.log(2) - ENTROPY) / 2)}",
    ),
    ("find_the_bug", unguarded_logarithm, f"for {HALVES}, target=[[1.0, 0.0]] expected {LN2}, got nan"),
    (
        "find_the_bug",
        sum_over_the_rows,
        f"for input=[{HALF_AND_HALF}, {HALF_AND_HALF}], target=[[0.25, 0.75], [0.5, 0.5]] "
        f"expected {six((np.log(2) - ENTROPY) / 2)}, got {six(np.log(2) - ENTROPY)}",
    ),
]


# The cases


SHARES = np.array([[0.25, 0.5, 0.25], [0.0625, 0.0625, 0.875]])


CASES = Cases(
    usual={"input": np.log(SHARES), "target": SHARES[::-1]},
    calls=typed_calls("kl_div", beyond=True),
    edges={
        "target of 0": {"input": np.log(SHARES), "target": np.eye(2, 3)},
        "input of -inf": {"input": np.array([-INF, 0.0]), "target": np.array([0.5, 0.5])},
        "both 0": {"input": np.array([-INF, 0.0]), "target": np.array([0.0, 1.0])},
        "both 0, log_target": {
            "input": np.array([-INF, 0.0]),
            "target": np.array([-INF, 0.0]),
            "log_target": True,
        },
        "log_target of -inf": {
            "input": np.log([0.5, 0.5]),
            "target": np.array([0, -INF]),
            "log_target": True,
        },
        "negative target": {"input": np.log([0.5, 0.5]), "target": np.array([-0.5, 1.5])},
        "infinite target": {"input": np.array([-1.0, -INF]), "target": np.array([INF, INF])},
        "nan in input": {"input": np.array([NAN, -1.0]), "target": np.array([0.0, 1.0])},
        "nan in target": {"input": np.array([-1.0, -1.0]), "target": np.array([NAN, 1.0])},
        "0-d": {"input": np.array(-1.0), "target": np.array(0.5)},
        "no rows": {"input": np.zeros((0, 3)), "target": np.zeros((0, 3))},
        "no classes": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
        "two dtypes": {"input": np.float32(np.log(SHARES)), "target": SHARES},
        "two dtypes, log_target": {
            "input": np.log(SHARES),
            "target": np.float32(np.log(SHARES)),
            "log_target": True,
        },
        "images": {"input": np.full((2, 3, 2, 2), -1.0), "target": np.full((2, 3, 2, 2), 0.25)},
    },
    refused={
        "input must be floating point, got int32": {"input": np.zeros((2, 3), np.int32)},
        "target must be floating point, got int64": {"target": np.ones((2, 3), int)},
        "input and target must have the same shape, got (2, 1) and (2, 3)": {"input": np.zeros((2, 1))},
        "input and target must have the same shape, got (2, 3) and (3,)": {"target": np.ones(3)},
        "reduction must be 'none', 'mean', 'sum' or 'batchmean', got 'average'": {"reduction": "average"},
    },
    right={
        "by_hand": 1 / 2 * np.log(2) + 1 / 2 * np.log(2) + 0,
        "distillation": distillation_loss,
        "jensen_shannon": jensen_shannon,
        "find_the_bug": average_kl,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def distributions():
    logits = normal(2, 1000, 3)
    return logits[0].log_softmax(dim=1), logits[1].softmax(dim=1)


def test_gradient_is_minus_the_target_whatever_the_input():
    spec = CATALOG["kl_div"]
    input, target = distributions()
    for log_q in (input, target.log()):
        torch.testing.assert_close(gradient(F.kl_div, log_q, target), -target)
    assert spec.gradient_far.startswith("-target") and spec.gradient_at_target.startswith("-target")


def test_terms_reach_minus_1_over_e_and_their_sums_0():
    p = torch.linspace(0, 1, 100001, dtype=torch.float64)
    lowest = F.kl_div(torch.zeros_like(p), p, reduction="none").min()
    assert lowest.item() == pytest.approx(CATALOG["kl_div"].value_bounds()[0], abs=1e-9)
    input, target = distributions()
    assert F.kl_div(input, target, reduction="none").sum(dim=1).min() >= 0
    assert F.kl_div(target.log(), target, reduction="sum").item() == pytest.approx(0, abs=1e-3)


def test_elicits_the_average_of_the_targets():
    assert CATALOG["kl_div"].elicits == "the average of the target distributions"
    _, target = distributions()
    logits = target.mean(dim=0).log().requires_grad_()
    F.kl_div(logits.log_softmax(dim=0).expand(target.shape), target, reduction="batchmean").backward()
    torch.testing.assert_close(logits.grad, torch.zeros_like(logits), atol=1e-6, rtol=0)


def test_the_range_is_said_of_an_element_and_of_a_distribution():
    text = repr(card("kl_div"))
    assert "[-0.367879, inf) for an element" in text and "[0, inf) for the sum over the classes" in text
