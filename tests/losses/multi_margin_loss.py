"""multi_margin_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.card import card
from tests.answers import hinges, six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import best_scores, compiled, gradient
from tests.inputs import IGNORED, INF, LABELS, LOGITS, NAN, REFUSED_BY_ALL, is_written, without_samples

# Answers to the exercises


def worst_rival(input, target):
    return np.mean(np.max(hinges(input, target), axis=1))


def weighted_margin(input, target, weight):
    return np.sum(weight[target] * np.mean(hinges(input, target), axis=1)) / np.sum(weight[target])


def margin_loss(input, target):
    return np.mean(hinges(input, target))


def label_as_its_own_rival(input, target):
    return np.mean(np.max(np.maximum(0, 1 - input[np.arange(len(target)), target][:, None] + input), axis=1))


def label_set_to_0(input, target):
    rivals = input * (np.arange(input.shape[1]) != target[:, None])
    return np.mean(np.maximum(0, 1 - input[np.arange(len(target)), target] + np.max(rivals, axis=1)))


def worst_without_the_hinge(input, target):
    rivals = np.where(np.arange(input.shape[1]) == target[:, None], -np.inf, input)
    return np.mean(1 - input[np.arange(len(target)), target] + np.max(rivals, axis=1))


def label_taken_out_in_place(input, target):
    own = input[np.arange(len(target)), target]
    input[np.arange(len(target)), target] = -np.inf
    return np.mean(np.maximum(0, 1 - own + np.max(input, axis=1)))


def every_rival(input, target):
    return np.mean(np.sum(hinges(input, target), axis=1))


def margin_divided_by_n(input, target, weight):
    return np.mean(weight[target, None] * hinges(input, target))


def divided_by_all_weights(input, target, weight):
    return np.sum(weight[target] * np.mean(hinges(input, target), axis=1)) / np.sum(weight)


def weight_of_the_rival(input, target, weight):
    return np.sum(np.mean(weight * hinges(input, target), axis=1)) / np.sum(weight[target])


def without_the_weights(input, target, weight):
    return np.mean(hinges(input, target))


def mean_over_the_rivals(input, target):
    return np.mean(np.sum(hinges(input, target), axis=1) / (input.shape[1] - 1))


def without_equal_scores(input, target):
    own = input[np.arange(len(target)), target][:, None]
    return np.mean(np.where(input == own, 0, np.maximum(0, 1 - own + input)))


def label_against_itself(input, target):
    return np.mean(np.maximum(0, 1 - input[np.arange(len(target)), target][:, None] + input))


WRONG = [
    ("by_hand", (0.5 + 0.2) / 4, f"{six((0.5 + 0.2) / 4)} is too large"),
    ("by_hand", (0.5**2 + 0.2**2) / 3, f"{six((0.5**2 + 0.2**2) / 3)} is too large"),
    ("by_hand", (1 + 0.5**2 + 0.2**2) / 4, f"{six((1 + 0.5**2 + 0.2**2) / 4)} is too large"),
    ("worst_rival", every_rival, "for input=[[2.0, 1.5, 1.8]], target=[0] expected 0.8, got 1.3"),
    (
        "worst_rival",
        label_as_its_own_rival,
        "for input=[[2.0, 1.5, -1.0]], target=[0] expected 0.5, got 1.0",
    ),
    (
        "worst_rival",
        worst_without_the_hinge,
        f"for input=[[3.0, 1.5, 1.0]], target=[0] expected 0.0, got {1 - 3.0 + 1.5}",
    ),
    (
        "worst_rival",
        label_set_to_0,
        f"for input=[[-5.0, -3.0]], target=[1] expected 0.0, got {1 + 3.0}",
    ),
    ("worst_rival", label_taken_out_in_place, "your function changed its argument `input`"),
    (
        "weighted",
        margin_divided_by_n,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {(1 + 3) * 0.5 / (1 + 3)}, got {(1 + 3) * 0.5 / 2}",
    ),
    (
        "weighted",
        divided_by_all_weights,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[1, 1], weight=[1.0, 3.0] "
        f"expected {(3 + 3) * 0.5 / (3 + 3)}, got {(3 + 3) * 0.5 / (1 + 3)}",
    ),
    (
        "weighted",
        weight_of_the_rival,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[1, 1], weight=[1.0, 3.0] "
        f"expected {(3 + 3) * 0.5 / (3 + 3)}, got {six((1 + 1) * 0.5 / (3 + 3))}",
    ),
    (
        "weighted",
        without_the_weights,
        "for input=[[3.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {3 * 0.5 / (1 + 3)}, got {0.5 / 2}",
    ),
    (
        "find_the_bug",
        label_against_itself,
        f"for input=[[2.0, 1.5, -1.0]], target=[0] expected {six(0.5 / 3)}, got {six((0.5 + 1) / 3)}",
    ),
    (
        "find_the_bug",
        mean_over_the_rivals,
        f"for input=[[2.0, 1.5, -1.0]], target=[0] expected {six(0.5 / 3)}, got {0.5 / 2}",
    ),
    (
        "find_the_bug",
        without_equal_scores,
        f"for input=[[0.5, 0.5, -1.0]], target=[1] expected {six(1 / 3)}, got 0.0",
    ),
]


# The cases


ONE_EACH = "target must have one label per sample"


CASES = Cases(
    usual={"input": LOGITS, "target": LABELS},
    calls=typed_calls("multi_margin_loss").filter(is_written),
    edges={
        f"{edge}, p={p}": changes | {"p": p}
        for p in (1, 2)
        for edge, changes in {
            "exactly at the margin": {"input": np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 1.0]])},
            "nan in the label's score": {"input": np.array([[0.0, 1.0, NAN], [1.0, 0.0, 0.5]])},
            "nan in a rival": {"input": np.array([[NAN, 1.0, 0.0], [1.0, 0.0, 0.5]])},
            "inf": {"input": np.array([[INF, INF, INF], [-INF, -INF, 0.0]])},
            "largest floats": {"input": np.float32([[1e38, 0.0, -1e38], [1e38, -1e38, 0.0]])},
            "one class": {"input": np.ones((2, 1)), "target": np.array([0, 0])},
            "one sample": {"input": LOGITS[0], "target": np.array(1)},
            "one sample, its label in a list": {"input": LOGITS[0], "target": np.array([1])},
            "one row, its label a number": {"input": LOGITS[:1], "target": np.array(1)},
            "a number": {"input": np.array(2.0), "target": np.array(0), "weight": np.array([3.0])},
            "a number, its label in a list": {"input": np.array(2.0), "target": np.array([0])},
            "weighted": {"weight": np.array([2.0, 5.0, 0.5])},
            "negative weight": {"weight": np.array([-1.0, 1.0, 3.0])},
            "weight 0 on an infinite cost": {
                "input": np.array([[INF, 0.0, 0.0], [0.0, INF, 0.0]]),
                "weight": np.zeros(3),
            },
            "nan weight, nobody pays": {
                "input": np.array([[0.0, 0.0, 9.0], [9.0, 0.0, 0.0]]),
                "weight": np.full(3, NAN),
            },
        }.items()
    },
    stated=without_samples(LABELS[:0]),
    scalars=({"margin": np.float64(0.5)}, {"p": np.float64(1)}, {"p": np.float64(2)}),
    dtyped=("weight",),
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (), (C,) or (N, C), C >= 1, got (2, 0)": {"input": np.zeros((2, 0))},
        "input must have shape (), (C,) or (N, C), C >= 1, got (2, 3, 4)": {"input": np.zeros((2, 3, 4))},
        "target must be int64 labels, got float64": {"target": np.zeros(2)},
        "target must be int64 labels, got bool": {"target": LABELS == 0},
        "target must be int64 labels, got uint8": {"target": LABELS.astype(np.uint8)},
        "target must be int64 labels, got int32": {"target": LABELS.astype(np.int32)},
        f"{ONE_EACH}, shape (2,) for input of shape (2, 3), got (2, 1)": {"target": LABELS[:, None]},
        f"{ONE_EACH}, shape (2,) for input of shape (2, 3), got (3,)": {"target": np.zeros(3, int)},
        f"{ONE_EACH}, shape (1,) for input of shape (3,), got (2,)": {"input": np.zeros(3)},
        f"{ONE_EACH}, shape (1,) for input of shape (), got (1, 1)": {
            "input": np.array(1.0),
            "target": np.zeros((1, 1), int),
        },
        "labels must be in 0..2, got 3": {"input": np.zeros((4, 3)), "target": np.array([0, 3, 4, -1])},
        "labels must be in 0..2, got -1": {"input": np.zeros((4, 3)), "target": np.array([0, -1, 3, -100])},
        "labels must be in 0..2, got -100": {"target": IGNORED},
        "p must be 1 or 2, got 3": {"p": 3},
        "p must be 1 or 2, got nan": {"p": NAN},
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
    },
    refused_by_torch={
        "expected scalar type Long but found Byte": {"target": LABELS.astype(np.uint8)},
        "expected scalar type Long but found Int": {"target": LABELS.astype(np.int32)},
        "target tensor should be 1-D": {"input": np.array(1.0), "target": np.zeros((1, 1), int)},
    },
    float16=False,
    right={
        "by_hand": (0.5**2 + 0.2**2) / 4,
        "worst_rival": worst_rival,
        "weighted": weighted_margin,
        "find_the_bug": margin_loss,
    },
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("distance", [0.5, 1e4])
def test_gradient_counts_the_classes_that_pay(classes, distance):
    input = torch.full((1, classes), distance).index_fill(1, torch.tensor([0]), 0.0)
    slopes = gradient(F.multi_margin_loss, input, torch.tensor([0]))[0]
    torch.testing.assert_close(slopes[1:], torch.full((classes - 1,), 1 / classes))
    torch.testing.assert_close(slopes[0], torch.tensor(-(classes - 1) / classes))
    assert CATALOG["multi_margin_loss"].gradient_far.startswith("1/C for each")


def test_elicits_the_majority_with_p_1_and_the_order_of_the_frequencies_with_p_2():
    elicits = CATALOG["multi_margin_loss"].elicits
    assert elicits.startswith("with p=1 the majority class a margin ahead, if there is one")
    for counts, best in {
        (60, 30, 10): [0, -1, -2],
        (80, 15, 5): [0, -1, -2],
        (51, 30, 19): [0, -1, -1],
        (40, 35, 25): [0, 0, -1],
    }.items():
        assert best_scores(F.multi_margin_loss, torch.arange(3), list(counts)) == best
        scores = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
        for _ in range(2000):
            losses = F.multi_margin_loss(scores.expand(3, 3), torch.arange(3), p=2, reduction="none")
            (slope,) = torch.autograd.grad(losses @ torch.tensor(counts, dtype=torch.float64) / 100, scores)
            scores.data -= 0.3 * slope
        first, second, third = scores[0].tolist()
        assert first > second > third
    assert elicits.endswith("with p=2 the order of frequencies")


def test_the_bound_holds_for_p_1_only():
    loss = CATALOG["multi_margin_loss"]
    assert (loss.gradient_bound(), loss.gradient_bound(p=2)) == (1, INF)
    assert "bound: at most 1 in size with p=1, times weight; none with p=2" in repr(card(loss.name))


@pytest.mark.parametrize(("score", "active"), [(20.0, True), (90.0, True), (110.0, False)])
def test_behind_a_softmax_the_hinge_is_active_until_the_rivals_round_to_0(score, active):
    shares = torch.tensor([score, 0.0, 0.0]).softmax(0)
    assert shares[0] == 1
    assert (F.multi_margin_loss(shares, torch.tensor(0)) > 0) == active == shares[1:].any()


def test_compiled_an_empty_batch_has_the_mean_nan_and_the_sum_0():
    nobody = torch.zeros(0, 3), torch.zeros(0, dtype=torch.long)
    assert compiled(F.multi_margin_loss)(*nobody).isnan()
    assert compiled(F.multi_margin_loss)(*nobody, reduction="sum") == 0
