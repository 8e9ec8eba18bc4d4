"""lovasz_hinge: edges, answers to the exercises, and what holds for it alone."""

from itertools import permutations

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.references import lovasz_hinge
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF, NAN

# Answers to the exercises


def steps(target):
    total = target.sum()
    jaccard = 1 - (total - target.cumsum()) / (total + (1 - target).cumsum())
    return np.diff(jaccard, prepend=0)


def without_the_union(target):
    return target / max(target.sum(), 1)


def all_alike(target):
    return np.full(len(target), 1 / len(target))


def the_staircase(target):
    return np.cumsum(steps(target))


def of_image(input, target):
    errors = np.maximum(0, 1 - (2 * target - 1) * input)
    order = np.argsort(-errors, kind="stable")
    return errors[order] @ steps(target[order])


def with_the_truth_unsorted(input, target):
    errors = np.maximum(0, 1 - (2 * target - 1) * input)
    return np.sort(errors)[::-1] @ steps(target)


def the_best_first(input, target):
    errors = np.maximum(0, 1 - (2 * target - 1) * input)
    order = np.argsort(errors, kind="stable")
    return errors[order] @ steps(target[order])


def without_the_margin(input, target):
    errors = np.maximum(0, (1 - 2 * target) * input)
    order = np.argsort(-errors, kind="stable")
    return errors[order] @ steps(target[order])


TWO = np.array([1.0, 0.0])
UNSORTED = {"input": np.array([2.0, -0.5, 1.0, -0.25]), "target": np.array([1.0, 1.0, 0.0, 0.0])}
SORTED = {"input": np.array([-1.0, 0.5, -2.0]), "target": np.array([1.0, 0.0, 0.0])}


def shown(values):
    return f"[{', '.join(map(six, values))}]"


def of_two(answer):
    return f"for target=[1.0, 0.0] expected {shown(steps(TWO))}, got {shown(answer(TWO))}"


def of_scores(answer, call):
    said = ", ".join(f"{name}={value.tolist()}" for name, value in call.items())
    return f"for {said} expected {six(of_image(**call))}, got {six(answer(**call))}"


WRONG = [
    ("by_hand", 1.0, "1.0 is too small"),
    ("by_hand", 1.75, "1.75 is too large"),
    ("by_hand", 0.625, "0.625 is too small"),
    ("steps", the_staircase, of_two(the_staircase)),
    ("steps", all_alike, of_two(all_alike)),
    (
        "steps",
        without_the_union,
        f"for target=[0.0, 1.0, 0.0, 1.0, 0.0] expected {shown(steps(np.array([0.0, 1, 0, 1, 0])))}, "
        f"got {shown([0, 0.5, 0, 0.5, 0])}",
    ),
    ("find_the_bug", with_the_truth_unsorted, of_scores(with_the_truth_unsorted, UNSORTED)),
    ("find_the_bug", the_best_first, of_scores(the_best_first, SORTED)),
    ("find_the_bug", without_the_margin, of_scores(without_the_margin, SORTED)),
]


# The cases

Z = np.array([[0.5, -1.5, 2.25, 0.25], [-3.0, 1.75, -0.25, 4.0], [0.1, -0.2, -2.0, 0.75]])
T = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
SHAPES = "input and target must have the same shape, got (3, 4) and "

CASES = Cases(
    usual={"input": Z, "target": T},
    edges={
        f"{edge}, per_image={per_image}": changes | {"per_image": per_image}
        for per_image in (True, False)
        for edge, changes in {
            "usual": {},
            "one pixel each": {"input": Z[:, 0], "target": T[:, 0]},
            "four axes": {"input": Z.reshape(3, 1, 2, 2), "target": T.reshape(3, 1, 2, 2)},
            "no object": {"target": 0 * T},
            "all object": {"target": 0 * T + 1},
            "equal logits": {"input": 0 * Z},
            "at the margin": {"input": 2 * T - 1},
            "right and sure": {"input": 100 * (2 * T - 1)},
            "wrong and sure": {"input": 100 * (1 - 2 * T)},
            "very large logits": {"input": np.float32(1e30) * (1 - 2 * T).astype(np.float32)},
            "no images": {"input": Z[:0], "target": T[:0]},
            "no pixels": {"input": Z[:, :0], "target": T[:, :0]},
            "a bool mask": {"target": T == 1},
            "a byte mask": {"target": T.astype(np.uint8)},
            "a mask of integers": {"target": T.astype(np.int64)},
            "nan in a logit": {"input": np.where(Z == 2.25, NAN, Z)},
            "nan and inf": {"input": np.where(Z == 2.25, NAN, np.where(Z == 0.25, INF, Z))},
            "inf in a logit": {"input": np.where(Z == 2.25, INF, Z)},
            "-inf in a logit": {"input": np.where(Z == 2.25, -INF, Z)},
        }.items()
    },
    # The slope just there is that of the pixel's step up to torch 2.13 and in the chapter, and 0 since 2.14.
    corners=lambda input, target, **_: (2.0 * target - 1) * input == 1,
    scalars=({"per_image": np.True_}, {"per_image": np.False_}),
    refused={
        "input must be floating point, got int32": {"input": np.ones((3, 4), np.int32)},
        "input must be floating point, got bool": {"input": Z > 0},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        f"{SHAPES}(3, 1)": {"target": T[:, :1]},
        f"{SHAPES}(4,)": {"target": T[0]},
        "input must have shape (N, *), got ()": {"input": np.array(0.5), "target": np.array(1.0)},
        "target must be 0 or 1, got 255": {"target": 255 * T},
        "target must be 0 or 1, got 0.5": {"target": T / 2},
        "target must be 0 or 1, got nan": {"target": np.where(T == 1, NAN, T)},
        "target must be 0 or 1, got -1": {"target": 2 * T - 1},
    },
    right={"by_hand": 1.25, "steps": steps, "find_the_bug": of_image},
    wrong=WRONG,
)


# What holds for this loss alone


def test_logits_of_0_cost_1_where_there_is_an_object_and_a_mask_its_iou():
    rng = np.random.default_rng(0)
    for _ in range(20):
        t, mask = torch.tensor(rng.integers(2, size=(2, 1, 12)))
        t[0, 0] = 1
        iou = (t & mask).sum() / (t | mask).sum()
        assert lovasz_hinge(torch.zeros(1, 12), t) == pytest.approx(1)
        for size in (1, 3):
            hard = size * (2.0 * mask - 1)
            assert lovasz_hinge(hard, t).item() == pytest.approx((1 + size) * (1 - iou.item()), abs=1e-6)


@pytest.mark.parametrize("objects", range(1, 5))
def test_the_mean_over_all_orders_of_equal_errors_has_a_closed_form(objects):
    found = []
    for order in set(permutations([1] * objects + [0] * (6 - objects))):
        z = torch.zeros(1, 6, dtype=torch.float64, requires_grad=True)
        t = torch.tensor([order])
        (slope,) = torch.autograd.grad(lovasz_hinge(z, t), z)
        found.append(-slope[t == 1].mean().item())
    wanted = np.mean([1 / (objects + n) for n in range(6 - objects + 1)])
    assert np.mean(found) == pytest.approx(wanted)


def test_the_best_constant_is_the_one_of_the_card():
    at = torch.linspace(-2, 2, 401, dtype=torch.float64)
    for objects, best in ((0, -1), (1, 0), (2, 0), (4, 1), (5, 1)):
        t = (torch.arange(5) < objects).expand(401, 5)
        losses = lovasz_hinge(at[:, None].expand(401, 5), t, reduction="none")
        assert losses[(at - best).abs().argmin()] <= losses.min() + 1e-12
        assert objects == 0 or at[losses.argmin()] == pytest.approx(best, abs=1e-9)
    assert CATALOG["lovasz_hinge"].elicits.startswith(
        "as one logit for a whole image: 0 where the object has less than half"
    )


def test_background_beyond_the_margin_changes_nothing():
    rng = np.random.default_rng(1)
    for _ in range(20):
        z, t = torch.tensor(rng.normal(size=(1, 9))), torch.tensor(rng.integers(2, size=(1, 9)))
        more = torch.full((1, 500), -1.5, dtype=torch.float64)
        wider = torch.cat([z, more], 1), torch.cat([t, 0 * more.long()], 1)
        assert lovasz_hinge(*wider) == pytest.approx(lovasz_hinge(z, t).item())
    assert "background pixels" in CATALOG["lovasz_hinge"].robust_to


def test_wrong_pixels_that_are_unsure_cost_less_than_1_at_any_iou():
    t = (torch.arange(100) < 10)[None]
    for found in range(1, 10):
        mask = (torch.arange(100) < found)[None]
        for w in (0.05, 0.5, 1.0, 4.0):
            z = torch.where(mask == t, 2.0, w) * (2.0 * mask - 1)
            iou = found / 10
            assert lovasz_hinge(z, t).item() == pytest.approx((1 + w) * (1 - iou), abs=1e-5)


def test_the_weight_follows_the_rank_and_ends_with_the_object():
    z = torch.full((1, 40), -3.0, dtype=torch.float64)
    z[0, :4], z[0, 4:10] = -5, 4
    t = (torch.arange(40) < 4)[None]
    z.requires_grad_()
    (slope,) = torch.autograd.grad(lovasz_hinge(z, t), z)
    assert slope[0].tolist() == pytest.approx([-1 / 4] * 4 + [0] * 36)
