"""cosine_embedding_loss: calls, edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import RELEASE, compiled
from tests.inputs import INF, NAN

# Answers to the exercises


def cosine_of(a, b):
    return np.sum(a * b, axis=1) / np.sqrt(np.sum(a**2, axis=1) * np.sum(b**2, axis=1))


def turn(a, b):
    square = np.sum(a**2, axis=1, keepdims=True)
    across = b - np.sum(a * b, axis=1, keepdims=True) / square * a
    return across / np.sqrt(square * np.sum(b**2, axis=1, keepdims=True))


def pair_loss(a, b, same):
    return np.mean(np.where(same, 1 - cosine_of(a, b), np.maximum(0, cosine_of(a, b) - 0.5)))


def unit_vector_of_b(a, b):
    return b / np.linalg.norm(b, axis=1, keepdims=True) / np.linalg.norm(a, axis=1, keepdims=True)


def not_divided_by_the_length(a, b):
    return turn(a, b) * np.linalg.norm(a, axis=1, keepdims=True)


def turned_away(a, b):
    return -turn(a, b)


def turn_of_b(a, b):
    return turn(b, a)


def labels_0_and_1(a, b, same):
    return np.mean(np.where(same, 1 - cosine_of(a, b), 0))


def without_the_hinge(a, b, same):
    return np.mean(np.where(same, 1 - cosine_of(a, b), cosine_of(a, b) - 0.5))


def margin_of_0(a, b, same):
    return np.mean(np.where(same, 1 - cosine_of(a, b), np.maximum(0, cosine_of(a, b))))


COS = np.sqrt(0.5)
RIGHT_ANGLE = "for a=[[2.0, 0.0]], b=[[0.0, 3.0]] expected [[0.0, 0.5]]"
REVIEWS = "for a=[[3.0, 4.0]], b=[[4.0, 3.0]]"
WRONG = [
    ("by_hand", [1 - COS, COS], f"{COS:.6g} at index 1 is too large"),
    ("by_hand", [COS, COS - 0.5], f"{COS:.6g} at index 0 is too large"),
    ("by_hand", [1 - COS, 0], "0.0 at index 1 is too small"),
    ("turn", not_divided_by_the_length, f"{RIGHT_ANGLE}, got [[0.0, {1 / 2 * 2}]]"),
    ("turn", turned_away, f"{RIGHT_ANGLE}, got [[-0.0, -0.5]]"),
    ("turn", turn_of_b, f"{RIGHT_ANGLE}, got [[0.333333, 0.0]]"),
    ("turn", unit_vector_of_b, f"{REVIEWS} expected [[0.0448, -0.0336]], got [[0.16, 0.12]]"),
    ("find_the_bug", labels_0_and_1, f"{REVIEWS}, same=[False] expected 0.46, got 0.0"),
    ("find_the_bug", margin_of_0, f"{REVIEWS}, same=[False] expected 0.46, got 0.96"),
    (
        "find_the_bug",
        without_the_hinge,
        f"for a=[[3.0, 4.0]], b=[[-4.0, 3.0]], same=[False] expected 0.0, got {-0.5}",
    ),
]


# The cases


def rounded(call):
    """Lengths that are 0 or well above it: near 0 the gradient is a difference of huge numbers."""
    points = {name: call[name] for name in ("input1", "input2")}
    return call | {name: np.where(np.abs(x) < 0.125, x.dtype.type(0), x) for name, x in points.items()}


CALLS = typed_calls("cosine_embedding_loss", beyond=True).map(rounded)


@np.errstate(all="ignore")
def corners(input1, input2, target, margin=0, **_):
    """Where a different pair is at the margin, up to rounding."""
    a, b = input1.astype(float), input2.astype(float)
    eps = float(np.float32(1e-12))
    cos = (a * b).sum(-1) / np.sqrt(((a * a).sum(-1) + eps) * ((b * b).sum(-1) + eps))
    there = (target == -1) & (np.abs(cos - margin) <= 1e-5)
    return there[..., None] if there.any() else False


FIRST = np.array([[3.0, 4.0, 0.0], [1.0, -0.5, 0.25], [0.5, 0.25, -1.0], [2.0, 0.0, 0.0]])
SECOND = np.array([[4.0, 3.0, 0.0], [2.0, -0.75, 0.5], [-1.5, 1.0, 0.5], [3.0, 1.0, 0.5]])
PAIRS = {"input1": FIRST, "input2": SECOND, "target": np.array([1, -1, 1, -1])}
NOTHING = {"input1": np.zeros((0, 3)), "input2": np.zeros((0, 3)), "target": np.zeros(0)}
CASES = Cases(
    usual=PAIRS,
    calls=CALLS,
    edges={
        "equal": {"input2": FIRST},
        "opposite": {"input2": -2 * FIRST},
        "exactly at the margin": {"input1": np.eye(4, 3), "input2": np.roll(np.eye(4, 3), 1, 1)},
        "zeros": {"input1": np.zeros((4, 3))},
        "all zeros": {"input1": np.zeros((4, 3)), "input2": np.zeros((4, 3))},
        "tiny": {"input1": np.full((4, 3), 1e-7)},
        "squares overflow": {"input1": np.float32(1e20) * FIRST.astype(np.float32)},
        "their product overflows": {
            "input1": np.float32(1e10) * FIRST.astype(np.float32),
            "input2": np.float32(1e10) * SECOND.astype(np.float32),
        },
        "labels 0 and 1": {"target": np.array([0, 1, 0, 1])},
        "labels that are none": {"target": np.array([NAN, 2.0, -5.0, 0.5])},
        "boolean labels": {"target": np.array([True, False, True, False])},
        "bytes as labels": {"target": np.array([255, 1, 0, 2], np.uint8)},
        "nan": {"input1": np.where(FIRST == 0.25, NAN, FIRST)},
        "nan where the label is none": {
            "input1": np.where(FIRST == 0.25, NAN, FIRST),
            "target": np.zeros(4),
        },
        "inf": {"input2": np.where(SECOND == 3, INF, SECOND)},
        "margin 0.5": {"margin": 0.5},
        "margin above 1": {"margin": 1.5},
        "margin below -1": {"margin": -2},
        "margin is nan": {"margin": NAN},
        "margin is inf": {"margin": INF},
        "margin is -inf": {"margin": -INF},
        "one pair": {"input1": FIRST[1], "input2": SECOND[1], "target": np.array(-1)},
        "no pairs": NOTHING,
        "no features": {"input1": np.zeros((4, 0)), "input2": np.zeros((4, 0))},
        "one feature": {"input1": FIRST[:, 1:2], "input2": SECOND[:, :1]},
        "two dtypes": {"input2": SECOND.astype(np.float32)},
        "one embedding for all": {"input2": SECOND[1:2], "margin": 0.5},
        "one feature for three": {"input1": FIRST[:, :1]},
        "one label for all": {"target": np.array([-1])},
        "several labels for one pair": {"input1": FIRST[:1], "input2": SECOND[:1]},
        "one feature against a pair": {
            "input1": np.array([2.0]),
            "input2": np.array([1.0, 2.0]),
            "target": np.array(-1),
        },
    },
    corners=corners,
    scalars=({"margin": np.float64(0.5)},),
    refused={
        "input1 must be floating point, got int64": {"input1": np.zeros((4, 3), np.int64)},
        "input2 must be floating point, got bool": {"input2": SECOND > 0},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "target must have at most one axis, got shape (4, 1)": {"target": np.ones((4, 1))},
        "embeddings must have one axis more than target, got shapes (3,), (4, 3) and (4,)": {
            "input1": FIRST[0]
        },
        "embeddings must have one axis more than target, got shapes (4, 3), (4, 3) and ()": {
            "target": np.array(1)
        },
        "the three shapes must broadcast, got (4, 3), (2, 3) and (4,)": {"input2": SECOND[:2]},
        "the three shapes must broadcast, got (4, 3), (4, 3) and (3,)": {"target": np.ones(3)},
    },
    refused_by_torch={
        "multi-target not supported": {"target": np.ones((4, 1))},
        "1D target tensor expects 2D input": {"input1": FIRST[0]},
        "0D target tensor expects 1D input": {"target": np.array(1)},
        r"size of tensor a \(4\) must match": {"input2": SECOND[:2]},
    },
    right={"by_hand": [1 - COS, COS - 0.5], "turn": turn, "find_the_bug": pair_loss},
    wrong=WRONG,
)


# What holds for this loss alone


def grads(a, b, label, **options):
    points = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in (a, b)]
    return torch.autograd.grad(F.cosine_embedding_loss(*points, torch.tensor(label), **options), points)


@pytest.mark.parametrize("label", [1, -1])
@pytest.mark.parametrize("scale", [0.1, 1.0, 1e4])
def test_the_gradient_is_at_right_angles_and_falls_with_the_length(label, scale):
    a, b = [3 * scale, 4 * scale], [4.0, 3.0]
    at_a, at_b = grads(a, b, label)
    assert at_a.norm().item() == pytest.approx(0.28 / (5 * scale))
    assert at_b.norm().item() == pytest.approx(0.28 / 5)
    assert at_a @ torch.tensor(a).double() == pytest.approx(0, abs=1e-8)
    assert "at right angles" in CATALOG["cosine_embedding_loss"].gradient_far


def test_opposite_directions_have_no_gradient_and_an_embedding_of_0_a_large_one():
    assert all(grad.abs().max() < 1e-8 for grad in grads([1.0, 0.0], [-2.0, 0.0], 1))
    assert grads([0.0, 0.0], [3.0, 4.0], 1)[0].norm().item() == pytest.approx(1e6)
    bound = CATALOG["cosine_embedding_loss"].gradient_bound()
    assert bound == 1e6
    for length in (1e-12, 1e-7, 1e-6, 1e-5, 1.0):
        for other in ([3.0, 4.0], [-4.0, 3.0], [-3e-9, 1e-9]):
            for label in (1, -1):
                both = grads([0.6 * length, 0.8 * length], other, label)
                assert max(g.norm().item() for g in both) <= bound * (1 + 1e-6)
    facts = CATALOG["cosine_embedding_loss"].gradient_far
    assert "0 for opposite directions" in facts and "up to 1e6 for an embedding near 0" in facts


def test_the_gradient_at_the_margin_is_that_above_it_up_to_2_13():
    at_a, _ = grads([1.0, 0.0], [0.0, 1.0], -1)
    assert at_a.tolist() == pytest.approx([0, 1] if RELEASE < (2, 14) else [0, 0])
    assert CATALOG["cosine_embedding_loss"].gradient_at_target.endswith("up to torch 2.13, 0 since 2.14")


def test_elicits_the_direction_of_the_sum_of_the_unit_vectors():
    partners = F.normalize(torch.tensor([[4.0, 3.0], [0.1, 1.0], [-6.0, 8.0]]).double())
    mean = partners.sum(0).expand(3, 2).clone().requires_grad_()
    loss = F.cosine_embedding_loss(mean, partners, torch.ones(3), reduction="sum")
    assert torch.autograd.grad(loss, mean)[0].sum(0).abs().max() < 1e-9
    assert CATALOG["cosine_embedding_loss"].elicits.startswith("the mean direction")


def test_compiled_the_gradient_at_the_margin_is_that_of_eager():
    points = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in ([1.0, 0.0], [0.0, 1.0])]
    loss = compiled(F.cosine_embedding_loss)(*points, torch.tensor(-1))
    slopes = torch.autograd.grad(loss, points)
    for mine, theirs in zip(slopes, grads([1.0, 0.0], [0.0, 1.0], -1), strict=True):
        assert mine.tolist() == pytest.approx(theirs.tolist())


def test_compiled_a_column_of_labels_is_still_refused():
    with pytest.raises(RuntimeError, match="multi-target not supported"):
        compiled(F.cosine_embedding_loss)(torch.ones(2, 3), torch.ones(2, 3), torch.ones(2, 1))


def test_the_gradient_of_tiny_embeddings_falls_as_the_loss_does():
    a, b = torch.tensor([1e-7, 0.0], requires_grad=True), torch.tensor([1.0, 0.0])
    loss = F.cosine_embedding_loss(a, b, torch.tensor(1))
    assert loss.item() == pytest.approx(0.900, abs=0.001)
    assert torch.autograd.grad(loss, a)[0].tolist() == pytest.approx([-985185, 0], rel=1e-5)
    assert F.cosine_similarity(a, b, dim=0) == 1
    both = torch.tensor([1e-6, 0.0])
    assert F.cosine_embedding_loss(both, both, torch.tensor(1)).item() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("margin", "loss", "pushed"), [(0.5, 0.0, False), (0.0, 0.0, None), (-0.5, 0.5, True)]
)
def test_a_different_pair_with_an_embedding_of_0_is_pushed_where_its_cosine_of_0_is_too_large(
    margin, loss, pushed
):
    zero = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    found = F.cosine_embedding_loss(zero, zero.new_tensor([3.0, 4.0]), torch.tensor(-1), margin=margin)
    (slope,) = torch.autograd.grad(found, zero)
    pushed = RELEASE < (2, 14) if pushed is None else pushed  # at the margin itself
    assert found == loss and slope.norm().item() == pytest.approx(1e6 if pushed else 0)
    assert not any(slope.any() for slope in grads([0.0, 0.0], [0.0, 0.0], 1))


def test_one_feature_has_two_directions_and_none_has_a_cosine_of_0():
    yes = torch.tensor(1)
    costs = [F.cosine_embedding_loss(torch.tensor([2.0]), torch.tensor([x]), yes) for x in (3.0, -3.0)]
    assert costs == [0, 2] and F.cosine_embedding_loss(torch.zeros(0), torch.zeros(0), yes) == 1


@pytest.mark.parametrize(
    ("dtype", "length", "cost"),
    [
        (torch.float16, 1e-3, -INF),
        (torch.float16, 1e-4, NAN),
        (torch.float16, 300, NAN),
        (torch.float32, 1e10, 1),
        (torch.float32, 1e20, NAN),
        (torch.bfloat16, 300, 0),
    ],
)
def test_what_an_embedding_costs_beside_itself_where_its_squares_leave_the_format(dtype, length, cost):
    a = torch.tensor([length, 0.0], dtype=dtype)
    assert F.cosine_embedding_loss(a, a, torch.tensor(1)).item() == pytest.approx(cost, nan_ok=True)
    if dtype == torch.float32:
        assert F.cosine_similarity(a, a, dim=0) == (1 if length == 1e10 else 0)


def test_nan_beside_a_label_that_is_none_has_no_loss_and_a_gradient_of_nan():
    a = torch.tensor([NAN, 0.0], requires_grad=True)
    loss = F.cosine_embedding_loss(a, torch.tensor([3.0, 4.0]), torch.tensor(0))
    assert loss == 0 and torch.autograd.grad(loss, a)[0].isnan().all()


def test_parallel_vectors_cost_about_1e_7_of_either_sign():
    a = torch.randn(20_000, 16, generator=torch.Generator().manual_seed(0))
    each = F.cosine_embedding_loss(a, 0.3 * a, torch.ones(len(a)), reduction="none")
    assert -1e-6 < each.min() < 0 < each.max() < 1e-6


def sums_of_five(classes, features, margin, steps=600):
    """All pairs of classes are different: the sums of their losses and the largest cosines, of five seeds."""
    i, j = torch.triu_indices(classes, classes, 1)
    draws = [torch.Generator().manual_seed(seed) for seed in range(5)]
    x = torch.stack([torch.randn(classes, features, generator=g) for g in draws]).requires_grad_()
    optimizer, label = torch.optim.Adam([x], lr=0.05), -torch.ones(5 * len(i))
    for _ in range(steps):
        pairs = (x[:, k].flatten(0, 1) for k in (i, j))
        optimizer.zero_grad()
        F.cosine_embedding_loss(*pairs, label, margin=margin, reduction="sum").backward()
        optimizer.step()
    unit = F.normalize(x.detach(), dim=-1)
    cosines = (unit @ unit.mT)[:, i, j]
    return (cosines - margin).clamp(min=0).sum(1), cosines.amax(1)


@pytest.mark.parametrize(
    ("features", "margin", "room"), [(2, 0.0, 4), (2, 0.5, 6), (3, 0.0, 6), (3, -1 / 3, 4)]
)
def test_so_many_directions_fit_and_one_more_lays_two_classes_on_each_other(features, margin, room):
    fits, _ = sums_of_five(room, features, margin)
    assert fits.max() < 0.1
    over, nearest = sums_of_five(room + 1, features, margin)
    assert nearest.min() > 0.99
    # Beside what two equal directions cost, 1 - margin, the others cost next to nothing.
    assert over.min() > 1 - margin and over.max() < 1 - margin + 0.15


def test_on_a_circle_directions_fit_whose_gaps_are_the_angle_of_the_margin():
    """The gaps of seven are 51 degrees, those of eight 45, whose cosine is 0.7071."""
    assert sums_of_five(7, 2, 0.707)[0].max() == 0
    assert sums_of_five(8, 2, 0.707)[0].min() > 0
    sums, _ = sums_of_five(7, 2, 0.0)  # three more than fit
    assert sums.min() > 3 and sums.max() < 4.15
