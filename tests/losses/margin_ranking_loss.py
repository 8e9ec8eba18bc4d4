"""margin_ranking_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.answers import six
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import RELEASE, compiled
from tests.inputs import ERROR, INF, NAN

# Answers to the exercises


def all_pairs(scores, ratings, margin):
    losses = [
        max(0, margin - np.sign(a - b) * (s - t))
        for k, (s, a) in enumerate(zip(scores, ratings, strict=True))
        for t, b in zip(scores[:k], ratings[:k], strict=True)
        if a != b
    ]
    return np.mean(losses)


def item_grad(scores, first, second, target, margin):
    grad = np.zeros(len(scores))
    for i, j, y in zip(first, second, target, strict=True):
        if y * (scores[i] - scores[j]) < margin:
            grad[i] -= y
            grad[j] += y
    return grad


def distance_loss(near, far, margin):
    return np.mean(np.maximum(0, near - far + margin))


def ties_in_the_mean(scores, ratings, margin):
    first, second = np.triu_indices(len(scores), 1)
    order = np.sign(ratings[first] - ratings[second])
    return np.mean(np.maximum(0, margin - order * (scores[first] - scores[second])))


def difference_of_ratings_as_label(scores, ratings, margin):
    first, second = np.triu_indices(len(scores), 1)
    order = ratings[first] - ratings[second]
    loss = np.maximum(0, margin - order * (scores[first] - scores[second]))
    return loss[order != 0].mean()


def divided_by_all_pairs(scores, ratings, margin):
    first, second = np.triu_indices(len(scores), 1)
    order = np.sign(ratings[first] - ratings[second])
    loss = np.maximum(0, margin - order * (scores[first] - scores[second]))
    return loss[order != 0].sum() / len(order)


def each_item_once(scores, first, second, target, margin):
    slope = -target * (target * (scores[first] - scores[second]) < margin)
    grad = np.zeros(len(scores))
    grad[first] += slope
    grad[second] -= slope
    return grad


def first_alone(scores, first, second, target, margin):
    grad = np.zeros(len(scores))
    np.add.at(grad, first, -target * (target * (scores[first] - scores[second]) < margin))
    return grad


def without_the_hinge(scores, first, second, target, margin):
    grad = np.zeros(len(scores))
    np.add.at(grad, first, -target)
    np.add.at(grad, second, target)
    return grad


def distances_as_scores(near, far, margin):
    return np.mean(np.maximum(0, -(near - far) + margin))


def margin_taken_off(near, far, margin):
    return np.mean(np.maximum(0, near - far - margin))


def hinge_of_the_mean(near, far, margin):
    return np.maximum(0, np.mean(near - far) + margin)


WRONG = [
    ("by_hand", 0.4 + 1.3 + 0.7, f"{six(0.4 + 1.3 + 0.7)} is too large"),
    ("by_hand", (0.8 + 0.2) / 3, f"{six((0.8 + 0.2) / 3)} is too small"),
    ("by_hand", (0.4 + 0.7 + 0.7) / 3, f"{six((0.4 + 0.7 + 0.7) / 3)} is too small"),
    (
        "all_pairs",
        ties_in_the_mean,
        f"for scores=[2.0, 0.0, 1.0], ratings=[5.0, 3.0, 3.0], margin=0.5 expected 0.0, got {six(0.5 / 3)}",
    ),
    (
        "all_pairs",
        difference_of_ratings_as_label,
        f"for scores=[1.0, 0.0], ratings=[3.0, 5.0], margin=0.5 expected {0.5 + 1}, got {0.5 + 2.0}",
    ),
    (
        "all_pairs",
        divided_by_all_pairs,
        "for scores=[0.25, -0.26, 1.28, 0.21, -1.07, 0.72], ratings=[2.0, 2.0, 3.0, 4.0, 0.0, 0.0], "
        "margin=1.0 expected 0.71, got 0.615333",
    ),
    (
        "item_grad",
        first_alone,
        "for scores=[0.0, 0.3], first=[0], second=[1], target=[1], margin=0.5 "
        "expected [-1.0, 1.0], got [-1.0, 0.0]",
    ),
    (
        "item_grad",
        without_the_hinge,
        "for scores=[2.0, 0.0], first=[0], second=[1], target=[1], margin=0.5 "
        "expected [0.0, 0.0], got [-1.0, 1.0]",
    ),
    (
        "item_grad",
        each_item_once,
        "for scores=[1.2, 0.6, 0.9], first=[0, 0, 1], second=[1, 2, 2], target=[1, -1, -1], margin=0.5 "
        "expected [1.0, 1.0, -2.0], got [1.0, 1.0, -1.0]",
    ),
    (
        "find_the_bug",
        distances_as_scores,
        f"for near=[0.2], far=[1.0], margin=0.5 expected 0.0, got {0.8 + 0.5}",
    ),
    (
        "find_the_bug",
        margin_taken_off,
        f"for near=[1.0], far=[0.2], margin=0.5 expected {0.8 + 0.5}, got {six(0.8 - 0.5)}",
    ),
    (
        "find_the_bug",
        hinge_of_the_mean,
        f"for near=[0.2, 0.9], far=[0.9, 0.1], margin=0.25 expected {six(1.05 / 2)}, got {six(0.05 + 0.25)}",
    ),
]


# The cases

SIGNS = np.array([1, -1, 1, -1, 1, -1, -1])
SECOND = np.array([1.0, -1.5, 0.0, 0.5, 0.25, -2.0, 3.0])
COLUMN, ROW = np.array([[0.5], [1.0], [-1.0]]), np.array([[0.25, 2.0]])
DIMENSIONS = "input1, input2 and target must have the same number of dimensions"


def at_the_corner(input1, input2, target, margin=0, **_):
    """Where the lead is just the margin, of arguments of one shape."""
    if not input1.shape == input2.shape == target.shape or target.dtype == np.uint8:
        return False
    with np.errstate(all="ignore"):
        difference = input1 - input2
        sign = target.astype(difference.dtype) if target.dtype.kind == "i" else target
        return -sign * difference + float(margin) == 0


CASES = Cases(
    usual={"input1": ERROR, "input2": SECOND, "target": SIGNS},
    calls=typed_calls("margin_ranking_loss", beyond=True),
    edges={
        "exactly at the margin": {"input1": SECOND + SIGNS, "margin": 1.0},
        "equal scores": {"input2": ERROR},
        "labels 0 and 1": {"target": np.array([0, 1, 0, 1, 0, 1, 0]), "margin": 0.5},
        "labels that are none": {"target": np.array([NAN, 2.0, -3.0, INF, -INF, 0.5, 0.0])},
        "bytes as labels": {"target": np.array([1, 0, 1, 255, 1, 0, 2], np.uint8), "margin": 1.0},
        "a byte as label": {
            "input1": np.array(0.3),
            "input2": np.array(0.1),
            "target": np.array(1, np.uint8),
            "margin": 1.0,
        },
        "small integers as labels": {"target": SIGNS.astype(np.int8)},
        "nan in input1": {"input1": np.full(7, NAN)},
        "nan in input2": {"input2": np.full(7, NAN)},
        "inf": {"input1": np.full(7, INF)},
        "inf minus inf": {"input1": np.full(7, INF), "input2": np.full(7, INF)},
        "margin is nan": {"margin": NAN},
        "margin is inf": {"margin": INF},
        "negative margin": {"margin": -1.0},
        "largest floats": {"input1": np.float32([3e38, -3e38] * 3 + [0]), "margin": 3e38},
        "of two precisions": {"input1": ERROR.astype(np.float32)},
        "target of another precision": {
            "input1": ERROR.astype(np.float32),
            "input2": SECOND.astype(np.float32),
            "target": SIGNS.astype(np.float64),
        },
        "no elements": {key: np.zeros((2, 0)) for key in ("input1", "input2", "target")},
        "0-d": {"input1": np.array(0.25), "input2": np.array(1.0), "target": np.array(1)},
        "all pairs": {"input1": COLUMN, "input2": ROW, "target": np.array([[1, -1]] * 3), "margin": 0.1},
        "a target for each row": {
            "input1": np.outer(ERROR, [1.0, 2.0]),
            "input2": np.outer(SECOND, [1.0, 0.5]),
            "target": SIGNS[:, None],
            "margin": 0.1,
        },
        "one label for all": {"target": np.array([-1])},
        "a row against no rows": {
            "input1": np.ones((1, 2)),
            "input2": np.ones((0, 2)),
            "target": np.ones((1, 1)),
        },
    },
    # The slope just there is of size 1 up to torch 2.13 and in the chapter, and 0 since 2.14.
    corners=at_the_corner,
    scalars=({"margin": np.float64(0.5)},),
    refused={
        "input1 must be floating point, got int32": {"input1": np.arange(7, dtype=np.int32)},
        "input2 must be floating point, got int64": {"input2": np.arange(7)},
        "target must be numbers, got bool": {"target": SIGNS == 1},
        f"{DIMENSIONS}, got (7,), (7,) and ()": {"target": np.array(1)},
        f"{DIMENSIONS}, got (7, 1), (7,) and (7,)": {"input1": ERROR[:, None]},
        "input1, input2 and target must broadcast, got (7,), (3,) and (7,)": {"input2": np.zeros(3)},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
    },
    refused_by_torch={
        "on a bool tensor is not supported": {"target": SIGNS == 1},
        "All input tensors should have same dimension but got sizes": {"target": np.array(1)},
        "must match the size of tensor": {"input2": np.zeros(3)},
    },
    right={
        "by_hand": (0.4 + 1.3 + 0.7) / 3,
        "all_pairs": all_pairs,
        "item_grad": item_grad,
        "find_the_bug": distance_loss,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def gradients(first, second, y, **options):
    x = [torch.tensor(number, requires_grad=True) for number in (first, second)]
    F.margin_ranking_loss(*x, torch.tensor(y), **options).backward()
    return [one.grad.item() + 0.0 for one in x]


def test_the_gradient_has_one_size_up_to_the_margin_and_is_0_beyond():
    loss = CATALOG["margin_ranking_loss"]
    for lead in (-1e4, -1.0, 0.49):
        assert gradients(lead, 0.0, 1, margin=0.5) == [-1, 1]
        assert gradients(0.0, lead, -1, margin=0.5) == [1, -1]
    assert gradients(0.51, 0.0, 1, margin=0.5) == [0, 0]
    assert loss.gradient_far.startswith("of size 1 for both scores of a pair in the wrong order")
    assert gradients(0.0, 0.0, 1) == ([-1, 1] if RELEASE < (2, 14) else [0, 0])
    assert loss.gradient_at_target.endswith("at it of size 1 up to torch 2.13, 0 since 2.14")


def test_divided_by_the_margin_it_is_never_below_the_share_of_pairs_out_of_order():
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 1000, generator=generator)
    y = torch.randint(2, (1000,), generator=generator) * 2 - 1
    wrong = (y * (first - second) <= 0).float()
    for margin in (0.01, 0.5, 2.0):
        each = F.margin_ranking_loss(first, second, y, margin=margin, reduction="none")
        assert (each / margin >= wrong).all()


@pytest.mark.parametrize(("margin", "best"), [(0.5, 0.5), (2.0, 2.0), (0.0, 0.0)])
def test_elicits_the_order_of_most_votes_a_margin_apart_and_a_tie_without_one(margin, best):
    assert "the order of most votes, a margin apart" in CATALOG["margin_ranking_loss"].elicits
    lead = torch.linspace(-3, 3, 601, dtype=torch.float64)
    votes = [1, 1, -1]
    losses = sum(
        F.margin_ranking_loss(lead, torch.zeros(601), torch.full((601,), y), margin=margin, reduction="none")
        for y in votes
    )
    assert lead[losses.argmin()].item() == pytest.approx(best, abs=1e-9)


def test_compiled_the_gradient_at_equal_scores_is_that_of_eager():
    x = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    loss = compiled(F.margin_ranking_loss)(*x, torch.ones(1))
    found = [slope.item() + 0.0 for slope in torch.autograd.grad(loss, x)]
    assert found == gradients(0.0, 0.0, 1)


def test_from_weights_of_0_and_with_margin_0_only_releases_up_to_2_13_move():
    better, worse = torch.eye(2)
    w = torch.zeros(2, requires_grad=True)
    for step in (1, 2, 3):
        loss = F.margin_ranking_loss(better @ w, worse @ w, torch.tensor(1))
        assert loss == 0
        (slope,) = torch.autograd.grad(loss, w)
        w = (w - 0.1 * slope).detach().requires_grad_()
        if step == 1:
            expected = [0.1, -0.1] if RELEASE < (2, 14) else [0, 0]
            assert w.tolist() == pytest.approx(expected)
    assert w.tolist() == pytest.approx(expected)  # in order, and no margin to reach


def test_the_target_has_a_gradient_the_difference_of_the_scores_with_a_minus():
    first, second, y = (torch.tensor([value], requires_grad=True) for value in (0.3, 0.1, 1.0))
    loss = F.margin_ranking_loss(first, second, y, margin=1)
    assert loss.item() == pytest.approx(0.8)
    slopes = torch.autograd.grad(loss, (first, second, y))
    assert [slope.item() for slope in slopes] == pytest.approx([-1, 1, -0.2])


def test_a_byte_as_label_makes_the_loss_and_the_gradient_255_times_as_large():
    first, second = (torch.tensor([value], requires_grad=True) for value in (0.3, 0.1))
    loss = F.margin_ranking_loss(first, second, torch.tensor([1], dtype=torch.uint8), margin=1)
    assert loss.item() == pytest.approx(255 * 0.2 + 1) == 52
    assert [slope.item() for slope in torch.autograd.grad(loss, (first, second))] == [255, -255]
    assert F.margin_ranking_loss(first, second, torch.tensor([1]), margin=1).item() == pytest.approx(0.8)


def test_scores_may_all_be_integers():
    loss = F.margin_ranking_loss(torch.tensor([3]), torch.tensor([1]), torch.tensor([-1]))
    assert loss == 2 and loss.dtype == torch.float32


def test_the_margin_may_be_a_tensor_of_one_number_and_not_none():
    call = torch.tensor([0.3]), torch.tensor([0.1]), torch.tensor([1])
    assert F.margin_ranking_loss(*call, margin=torch.tensor(1.0)).item() == pytest.approx(0.8)
    with pytest.raises(TypeError, match="must be float, not NoneType"):
        F.margin_ranking_loss(*call, margin=None)


def test_of_a_score_that_is_nan_the_loss_tells_and_the_gradient_does_not():
    x = torch.tensor([NAN, 0.1], requires_grad=True)
    each = F.margin_ranking_loss(x, torch.zeros(2), torch.ones(2), margin=0.5, reduction="none")
    assert each.isnan().tolist() == [True, False]
    assert torch.autograd.grad(each.sum(), x)[0].tolist() == [0, -1]


@pytest.mark.parametrize("target", [1.0, 1])
def test_a_number_as_label_is_refused_for_want_of_dimensions(target):
    with pytest.raises(AttributeError, match="has no attribute 'dim'"):
        F.margin_ranking_loss(torch.ones(1), torch.ones(1), target)
