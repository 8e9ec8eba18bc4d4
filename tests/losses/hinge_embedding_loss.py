"""hinge_embedding_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import RELEASE, compiled, gradient
from tests.inputs import ERROR, INF, NAN, REFUSED_BY_ALL, REFUSED_SHAPES

# Answers to the exercises


def contrastive_loss(input, target, margin):
    return np.mean(np.where(target > 0, input, np.clip(margin - input, 0, None)) ** 2)


def embedding_grad(a, b, target):
    grad = np.zeros(a.shape)
    for row, (difference, label) in enumerate(zip(a - b, target, strict=True)):
        distance = np.sqrt(np.sum(difference**2))
        if distance > 0 and (label == 1 or distance <= 1):
            grad[row] = label * difference / distance / len(a)
    return grad


def pair_loss(a, b, same):
    distance = np.sqrt(np.sum((a - b) ** 2, axis=1))
    return np.mean(np.where(same, distance, np.maximum(0, 1 - distance)))


def square_without_the_hinge(input, target, margin):
    return np.mean(np.where(target == 1, input, margin - input) ** 2)


def half_of_the_squares(input, target, margin):
    return contrastive_loss(input, target, margin) / 2


def difference_of_squares(input, target, margin):
    return np.mean(np.where(target == 1, input**2, np.maximum(0, margin**2 - input**2)))


def apart_not_squared(input, target, margin):
    return np.mean(np.where(target == 1, input**2, np.maximum(0, margin - input)))


def sum_of_the_pairs(input, target, margin):
    return len(input) * contrastive_loss(input, target, margin)


def grad_at_b(a, b, target):
    return embedding_grad(b, a, target)


def grad_of_the_sum(a, b, target):
    return len(a) * embedding_grad(a, b, target)


def divided_by_a_distance_of_0(a, b, target):
    distance = np.linalg.norm(a - b, axis=1)
    slope = np.where(target == 1, 1, np.where(distance <= 1, -1, 0)) / len(a)
    return (slope / distance)[:, None] * (a - b)


def grad_along_the_difference(a, b, target):
    slope = target * ((target == 1) | (np.linalg.norm(a - b, axis=1) <= 1))
    return slope[:, None] * (a - b) / len(a)


def pairs_labelled_0_and_1(a, b, same):
    distance = np.linalg.norm(a - b, axis=1)
    return np.mean(np.where(same, distance, np.maximum(distance, 1)))


def labels_the_wrong_way_round(a, b, same):
    return pair_loss(a, b, ~same)


def squared_distance(a, b, same):
    distance = np.sum((a - b) ** 2, axis=1)
    return np.mean(np.where(same, distance, np.maximum(0, 1 - distance)))


def every_distance_with_every_label(a, b, same):
    distance = np.linalg.norm(a - b, axis=1, keepdims=True)
    return np.mean(np.where(same, distance, np.maximum(0, 1 - distance)))


WRONG = [
    (
        "by_hand",
        (0.5 + 2 + (1 - 0.25) + (1 - 1.5)) / 4,
        f"{(0.5 + 2 + (1 - 0.25) + (1 - 1.5)) / 4} is too small",
    ),
    ("by_hand", 0.5 + 2 + (1 - 0.25) + 0, f"{0.5 + 2 + (1 - 0.25) + 0} is too large"),
    ("by_hand", (0.5 + 2 + (1 - 0.25)) / 3, f"{six((0.5 + 2 + (1 - 0.25)) / 3)} is too large"),
    (
        "contrastive",
        square_without_the_hinge,
        f"for input=[3.0], target=[-1], margin=1.0 expected 0.0, got {(1 - 3.0) ** 2}",
    ),
    (
        "contrastive",
        half_of_the_squares,
        f"for input=[3.0], target=[1], margin=1.0 expected {3.0**2}, got {3.0**2 / 2}",
    ),
    (
        "contrastive",
        difference_of_squares,
        f"for input=[0.5], target=[-1], margin=2.0 expected {(2 - 0.5) ** 2}, got {2**2 - 0.5**2}",
    ),
    (
        "contrastive",
        apart_not_squared,
        f"for input=[0.5], target=[-1], margin=2.0 expected {(2 - 0.5) ** 2}, got {2 - 0.5}",
    ),
    (
        "contrastive",
        sum_of_the_pairs,
        "for input=[1.0, 0.5], target=[1, -1], margin=1.0 "
        f"expected {(1**2 + (1 - 0.5) ** 2) / 2}, got {1**2 + (1 - 0.5) ** 2}",
    ),
    (
        "embedding_grad",
        grad_along_the_difference,
        f"for a=[[3.0, 4.0]], b=[[0.0, 0.0]], target=[1] expected [[{3 / 5}, {4 / 5}]], got [[3.0, 4.0]]",
    ),
    (
        "embedding_grad",
        grad_at_b,
        f"for a=[[3.0, 4.0]], b=[[0.0, 0.0]], target=[1] expected [[{3 / 5}, {4 / 5}]], "
        f"got [[{-3 / 5}, {-4 / 5}]]",
    ),
    (
        "embedding_grad",
        grad_of_the_sum,
        "for a=[[3.0, 4.0], [0.0, 2.0]], b=[[0.0, 0.0], [0.0, 0.0]], target=[1, 1] "
        f"expected [[{3 / 5 / 2}, {4 / 5 / 2}], [0.0, {1 / 2}]], got [[{3 / 5}, {4 / 5}], [0.0, 1.0]]",
    ),
    (
        "embedding_grad",
        divided_by_a_distance_of_0,
        "for a=[[1.0, 0.0], [0.0, 1.0]], b=[[1.0, 0.0], [0.0, 1.0]], target=[1, -1] "
        "expected [[0.0, 0.0], [0.0, 0.0]], got [[nan, nan], [nan, nan]]",
    ),
    (
        "find_the_bug",
        pairs_labelled_0_and_1,
        f"for a=[[0.3, 0.4]], b=[[0.0, 0.0]], same=[False] expected {1 - 0.5}, got {1.0}",
    ),
    (
        "find_the_bug",
        labels_the_wrong_way_round,
        f"for a=[[3.0, 4.0]], b=[[0.0, 0.0]], same=[ True] expected {5.0}, got 0.0",
    ),
    (
        "find_the_bug",
        squared_distance,
        f"for a=[[3.0, 4.0]], b=[[0.0, 0.0]], same=[ True] expected {5.0}, got {3.0**2 + 4.0**2}",
    ),
    (
        "find_the_bug",
        every_distance_with_every_label,
        "for a=[[1.95, 0.88], [0.22, 0.15]], b=[[1.58, 2.86], [0.52, 2.85]], same=[ True, False] "
        f"expected {six(np.hypot(0.37, 1.98) / 2)}, "
        f"got {six((np.hypot(0.37, 1.98) + np.hypot(0.3, 2.7)) / 4)}",
    ),
]


# The cases


CASES = Cases(
    usual={"input": ERROR, "target": np.array([1, -1, 1, -1, 1, -1, -1])},
    calls=typed_calls("hinge_embedding_loss", beyond=True),
    edges={
        "exactly at the margin": {"input": np.full(7, 1.0)},
        "labels 0 and 1": {"target": np.array([0, 1, 0, 1, 0, 1, 0])},
        "labels that are none": {"target": np.array([NAN, 2.0, -3.0, INF, -INF, 0.5, 0.0])},
        "boolean labels": {"target": ERROR > 0},
        "bytes as labels": {"target": np.arange(7, dtype=np.uint8)},
        "nan in input": {"input": np.full(7, NAN)},
        "inf": {"input": np.full(7, INF)},
        "minus inf": {"input": np.full(7, -INF)},
        "input and margin are inf": {"input": np.full(7, INF), "margin": INF},
        "margin is nan": {"margin": NAN},
        "negative margin": {"margin": -1.0},
        "largest floats": {"input": np.float32([3e38, -3e38] * 3 + [0]), "margin": 3e38},
        "no elements": {"input": np.zeros((2, 0)), "target": np.zeros((2, 0))},
        "0-d": {"input": np.array(0.25), "target": np.array(-1)},
    },
    # The slope just there is -1 up to torch 2.13 and in the chapter, and 0 since 2.14.
    corners=lambda input, target, margin=1.0, **_: (target != 1) & (input == np.float64(margin)),
    scalars=({"margin": np.float64(0.5)},),
    refused=REFUSED_BY_ALL | REFUSED_SHAPES,
    right={
        "by_hand": (0.5 + 2 + (1 - 0.25) + 0) / 4,
        "contrastive": contrastive_loss,
        "embedding_grad": embedding_grad,
        "find_the_bug": pair_loss,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_gradient_is_constant_up_to_the_margin_and_0_beyond():
    spec = CATALOG["hinge_embedding_loss"]
    distance = torch.tensor([0.0, 0.999, 1.001, 1e4])
    assert gradient(F.hinge_embedding_loss, distance, torch.ones(4)).tolist() == [1, 1, 1, 1]
    assert gradient(F.hinge_embedding_loss, distance, -torch.ones(4)).tolist() == [-1, -1, 0, 0]
    assert spec.gradient_far.startswith("1 for an alike pair, 0 for a different pair beyond the margin")
    corner = gradient(F.hinge_embedding_loss, torch.ones(1), -torch.ones(1)).item()
    assert corner == (-1 if RELEASE < (2, 14) else 0)
    assert gradient(compiled(F.hinge_embedding_loss), torch.ones(1), -torch.ones(1)) == corner
    assert spec.gradient_at_target.endswith("at it -1 up to torch 2.13, 0 since 2.14")


def test_the_floor_holds_for_distances_alone():
    assert CATALOG["hinge_embedding_loss"].value_bounds() == (0, np.inf)
    assert F.hinge_embedding_loss(torch.tensor(-1e30), torch.tensor(1)) < -1e29


@pytest.mark.parametrize(("labels", "best"), [([1, -1, -1], 1.5), ([1, 1, -1], 0.0)])
def test_elicits_the_margin_or_0_by_the_majority(labels, best):
    assert CATALOG["hinge_embedding_loss"].elicits.startswith("the margin if most pairs differ, the least")
    distance = torch.linspace(0, 3, 301, dtype=torch.float64)
    losses = sum(
        F.hinge_embedding_loss(distance, torch.full((301,), y), margin=1.5, reduction="none") for y in labels
    )
    assert distance[losses.argmin()].item() == pytest.approx(best)


def test_the_check_of_labels_takes_any_shape():
    (fix,) = (s.fix for s in CATALOG["hinge_embedding_loss"].symptoms if s.fix.startswith("assert "))
    distance, row = torch.ones(2), torch.tensor([1, -1])
    exec(fix, {"distance": distance, "target": row})
    for target in (row[:, None], torch.tensor([1, 0])):
        with pytest.raises(AssertionError):
            exec(fix, {"distance": distance, "target": target})
