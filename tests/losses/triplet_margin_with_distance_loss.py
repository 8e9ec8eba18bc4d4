"""triplet_margin_with_distance_loss: calls, edges, answers, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from tests.calls import typed_calls
from tests.cases import Cases
from tests.facts import RELEASE, compiled
from tests.inputs import INF, NAN
from tests.numpy_cells import lift

NAME = "triplet_margin_with_distance_loss"

# Distances, in words that arrays and tensors share, with their slopes in NumPy


def manhattan(u, v):
    return abs(u - v).sum(-1)


def squared(u, v):
    return ((u - v) ** 2).sum(-1)


def clock(u, v):
    return (12 - abs(abs(u - v) % 24 - 12)).sum(-1)


def divergence(u, v):
    """Not symmetric: what the first of the two exceeds counts twice."""
    return (1.5 * abs(u - v) + 0.5 * (u - v)).sum(-1)


def of_each_coordinate(u, v):
    return abs(u - v)


def of_all_pairs(u, v):
    return abs(u[:, None] - v).sum(-1)


def sign(w):
    return 1.0 * (w > 0) - (w < 0)  # torch's slope of |w|: np.sign would keep nan


def both(slope):
    return lambda u, v: (slope(u - v), -slope(u - v))


manhattan.grad = both(sign)
squared.grad = both(lambda w: 2 * w)
clock.grad = both(lambda w: -sign(abs(w) % 24 - 12) * sign(w))
divergence.grad = both(lambda w: 1.5 * sign(w) + 0.5)


def without_slopes(distance):
    """The same distance as one that the NumPy form must differentiate by itself."""
    return lambda u, v: distance(u, v)


# Answers to the exercises


def circular(u, v, period):
    ahead = (u - v) % period
    return np.minimum(ahead, period - ahead).sum(axis=-1)


def weight_grad(weight, anchor, positive, negative, margin):
    total = np.zeros(len(weight))
    for a, p, n in zip(anchor, positive, negative, strict=True):
        to_p, to_n = np.abs(a - p), np.abs(a - n)
        if margin + weight @ to_p - weight @ to_n > 0:
            total += to_p - to_n
    return total / len(anchor)


def cos(u, v):
    return (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)


def cosine_triplet(anchor, positive, negative, margin):
    return np.maximum(0, margin + cos(anchor, negative) - cos(anchor, positive)).mean()


def as_numbers(u, v, period):
    return np.abs(u - v).sum(axis=-1)


def once_around_alone(u, v, period):
    gap = np.abs(u - v)
    return np.minimum(gap, period - gap).sum(axis=-1)


def forwards_alone(u, v, period):
    return ((u - v) % period).sum(axis=-1)


def not_summed(u, v, period):
    gap = np.abs(u - v) % period
    return np.minimum(gap, period - gap)


def farther(anchor, positive, negative):
    return np.abs(anchor - positive) - np.abs(anchor - negative)


def easy_ones_too(weight, anchor, positive, negative, margin):
    return farther(anchor, positive, negative).mean(axis=0)


def pushed(weight, anchor, positive, negative, margin):
    return -weight_grad(weight, anchor, positive, negative, margin)


def summed(weight, anchor, positive, negative, margin):
    return len(anchor) * weight_grad(weight, anchor, positive, negative, margin)


def similarity(anchor, positive, negative, margin):
    return np.maximum(0, margin + cos(anchor, positive) - cos(anchor, negative)).mean()


def each_coordinate(anchor, positive, negative, margin):
    a, p, n = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (anchor, positive, negative))
    return np.maximum(0, margin - a * p + a * n).mean()


def not_normalised(anchor, positive, negative, margin):
    towards, away = ((anchor * other).sum(axis=1) for other in (positive, negative))
    return np.maximum(0, margin + away - towards).mean()


PAIR = "for u=[[23.0]], v=[[1.0]], period=24 expected [2.0], got"
AROUND = "for u=[[1.0]], v=[[47.0]], period=24 expected [2.0], got"
ONE = "for weight=[1.0, 1.0], anchor=[[0.0, 0.0]], positive=[[1.0, 3.0]], negative=[[2.0, 1.0]], margin=1.0"
TWO = (
    "for weight=[1.0, 0.5], anchor=[[0.0, 0.0], [0.0, 0.0]], positive=[[1.0, 3.0], [0.0, 1.0]], "
    "negative=[[2.0, 1.0], [9.0, 2.0]], margin=1.0 expected [-0.5, 1.0], got"
)
TURNED = "for anchor=[[1.0, 0.0]], positive=[[2.0, 0.0]], negative=[[0.0, 1.0]], margin=1.0 expected 0.0, got"
LONG = (
    "for anchor=[[3.0, 4.0]], positive=[[4.0, 3.0]], negative=[[-3.0, 4.0]], margin=1.0 "
    f"expected {1 - 0.96 + 0.28:.2f}, got"
)
WRONG = [
    ("by_hand", [2 + 2 - 3, -2, 1, 1], "-2.0 at index 1 is too small"),
    ("by_hand", [2 + 3 - 2, 2, -1, -1], "3.0 at index 0 is too large"),
    ("by_hand", [2 + 2 - 3, 0, -1, 1], "0.0 at index 1 is too small"),
    ("clock", as_numbers, f"{PAIR} [22.0]"),
    ("clock", forwards_alone, f"{PAIR} [22.0]"),
    ("clock", once_around_alone, f"{AROUND} [-22.0]"),
    ("clock", not_summed, "expected shape (1,), got (1, 1) for u=[[23.0]], v=[[1.0]], period=24"),
    ("ruler", pushed, f"{ONE} expected [-1.0, 2.0], got [1.0, -2.0]"),
    ("ruler", easy_ones_too, f"{TWO} [{(-1 - 9) / 2}, {(2 - 1) / 2}]"),
    ("ruler", summed, f"{TWO} [-1.0, 2.0]"),
    ("find_the_bug", similarity, f"{TURNED} 2.0"),
    ("find_the_bug", each_coordinate, f"{TURNED} {(0 + 1) / 2}"),
    ("find_the_bug", not_normalised, f"{LONG} 0.0"),
]


# The cases

DISTANCES = st.sampled_from([None, manhattan, squared, clock, divergence])
CALLS = st.builds(lambda call, distance: call | {"distance_function": distance}, typed_calls(NAME), DISTANCES)


def euclidean(u, v):
    return np.linalg.norm(np.atleast_1d(u - v + 1e-6).astype(float), axis=-1)


@np.errstate(all="ignore")
def corners(anchor, positive, negative, distance_function=None, margin=1.0, swap=False, **_):
    """Where the hinge has its corner, or both negatives tie, up to rounding."""
    distance = distance_function or euclidean
    pull, push, third = (
        np.asarray(distance(u, v), float)
        for u, v in ((anchor, positive), (anchor, negative), (positive, negative))
    )
    close = 1e-5 * (1 + np.abs(pull) + np.abs(push))
    near = np.minimum(push, third) if swap else push
    there = np.abs(margin + pull - near) <= close
    there |= swap & (np.abs(push - third) <= close)
    if not there.any():
        return False  # where shapes broadcast, no mask fits all three
    return there[..., None] if there.shape != np.broadcast_shapes(anchor.shape, positive.shape) else there


ANCHOR = np.array([[0.0, 0.0, 0.0], [1.0, -0.5, 0.25], [0.5, 0.25, -1.0], [0.0, 0.0, 0.0]])
POSITIVE = np.array([[1.0, 2.0, 2.0], [2.0, -0.75, 0.0], [-1.5, 1.0, 0.5], [0.0, 1.0, 0.0]])
NEGATIVE = np.array([[3.0, 0.5, 0.0], [4.0, 2.0, -1.0], [0.25, 0.5, -0.5], [1.5, 0.0, 0.0]])
TRIPLETS = {"anchor": ANCHOR, "positive": POSITIVE, "negative": NEGATIVE}
HOURS = {"anchor": np.array([[23.0]]), "positive": np.array([[1.0]]), "negative": np.array([[22.0]])}
NOTHING = dict.fromkeys(TRIPLETS, np.zeros((0, 3)))
FEATURELESS = dict.fromkeys(TRIPLETS, np.zeros((2, 0)))
BY = "distance_function"
CASES = Cases(
    usual=TRIPLETS,
    calls=CALLS,
    edges={
        "all in one place": dict.fromkeys(TRIPLETS, ANCHOR),
        "all in one place, Manhattan": dict.fromkeys(TRIPLETS, ANCHOR) | {BY: manhattan},
        "the clock": HOURS | {BY: clock},
        "half-way around the clock": HOURS | {"positive": np.array([[11.0]]), BY: clock},
        "a distance that is not symmetric": {BY: divergence, "swap": True},
        "swap": {"swap": True},
        "a tie under swap": {"anchor": ANCHOR, "positive": ANCHOR, "swap": True, BY: squared},
        "one triplet, squared": {name: points[0] for name, points in TRIPLETS.items()} | {BY: squared},
        "one triplet": {name: points[0] for name, points in TRIPLETS.items()},
        "numbers": {"anchor": np.array(0.0), "positive": np.array(1.0), "negative": np.array(1.5)},
        "nan in the anchor": {"anchor": np.where(ANCHOR == 0.25, NAN, ANCHOR)},
        "nan in the negative, swap": {"negative": np.where(NEGATIVE == 2, NAN, NEGATIVE), "swap": True},
        "an infinite negative": {"negative": np.where(NEGATIVE == 4, INF, NEGATIVE)},
        "margin is inf": {"margin": INF},
        "margin is nan": {"margin": NAN},
        "squares overflow": {"anchor": np.float32(1e30) * ANCHOR.astype(np.float32)},
        "no triplets": NOTHING,
        "no triplets, squared": NOTHING | {BY: squared},
        "no features": FEATURELESS,
        "two dtypes": {"negative": NEGATIVE.astype(np.float32)},
        "two dtypes, squared": {"negative": NEGATIVE.astype(np.float32), BY: squared},
        "several negatives": {
            "anchor": ANCHOR[:, None],
            "positive": POSITIVE[:, None],
            "negative": np.stack([NEGATIVE, -NEGATIVE], 1),
        },
        "several negatives, squared": {
            "anchor": ANCHOR[:, None],
            "positive": POSITIVE[:, None],
            "negative": np.stack([NEGATIVE, -NEGATIVE], 1),
            BY: squared,
        },
        "one anchor for all, and one coordinate": {"anchor": ANCHOR[1:2], "positive": POSITIVE[:, :1]},
        "images": {name: np.stack([points, 2 * points]) for name, points in TRIPLETS.items()},
    },
    stated={
        # (1 + 2 - 1) on the clock, and its slopes.
        "the clock by hand": (
            HOURS | {BY: clock},
            np.float64(2),
            *(np.array([[slope]]) for slope in (-2.0, 1.0, 1.0)),
        )
    },
    corners=corners,
    scalars=({"margin": np.float64(0.5)}, {"margin": np.float64(0.5), BY: squared}),
    refused={
        "anchor must be floating point, got int64": {"anchor": np.zeros((4, 3), np.int64)},
        "negative must be floating point, got bool": {"negative": NEGATIVE > 0},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "margin must be above 0, got 0.0": {"margin": 0.0},
        "the three must have equally many axes, got shapes (3,), (4, 3) and (4, 3)": {"anchor": ANCHOR[0]},
        "the shapes must broadcast, got (4, 3) and (2, 3)": {"positive": POSITIVE[:2]},
        "distance_function must be None or callable, got 3": {BY: 3},
        "distance_function must return floating numbers, got float": {BY: lambda u, v: 1.0},
        "distance_function must return floating numbers, got bool": {BY: lambda u, v: (u > v).any(-1)},
    },
    refused_by_torch={
        "expected to have the same number of dimensions": {"anchor": ANCHOR[0]},
        r"size of tensor a \(4\) must match": {"positive": POSITIVE[:2]},
        "not callable": {BY: 3},
        "invalid combination of arguments": {BY: lambda u, v: 1.0},
    },
    right={
        "by_hand": [2 + 2 - 3, 1 + 1, -1, -1],
        "clock": circular,
        "ruler": weight_grad,
        "find_the_bug": cosine_triplet,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def torch_grads(call, **options):
    tensors = {name: torch.tensor(call[name], requires_grad=True) for name in TRIPLETS}
    loss = F.triplet_margin_with_distance_loss(**tensors, **options)
    grads = torch.autograd.grad(loss.sum(), list(tensors.values()))
    return loss.detach().numpy(), [grad.numpy() for grad in grads]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize(
    "distance",
    [without_slopes(squared), without_slopes(divergence), of_each_coordinate, of_all_pairs],
    ids=["squared", "divergence", "each coordinate", "all pairs"],
)
def test_a_distance_without_slopes_is_differentiated_to_nine_digits(distance, reduction, swap):
    generator = np.random.default_rng(0)
    call = {name: generator.normal(size=(4, 3)) for name in TRIPLETS}
    options = {"distance_function": distance, "reduction": reduction, "swap": swap, "margin": 0.4}
    value, expected = torch_grads(call, **options)
    mine = lift(NAME)
    np.testing.assert_allclose(mine[NAME](**call, **options), value, rtol=1e-14)
    for got, wanted in zip(mine[f"{NAME}_grad"](**call, **options), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("swap", [False, True])
def test_without_a_distance_it_is_the_triplet_margin_loss(swap):
    value, grads = torch_grads(TRIPLETS, swap=swap, reduction="none")
    tensors = [torch.tensor(points, requires_grad=True) for points in TRIPLETS.values()]
    loss = F.triplet_margin_loss(*tensors, swap=swap, reduction="none")
    assert loss.tolist() == value.tolist()
    for mine, theirs in zip(grads, torch.autograd.grad(loss.sum(), tensors), strict=True):
        assert mine.tolist() == theirs.tolist()


def test_the_class_holds_a_distance_that_is_a_module():
    criterion = torch.nn.TripletMarginWithDistanceLoss(distance_function=torch.nn.Bilinear(3, 3, 1))
    assert [name for name, _ in criterion.named_parameters()] == [
        "distance_function.weight",
        "distance_function.bias",
    ]


def test_the_bound_is_that_of_the_euclidean_distance():
    loss = CATALOG[NAME]
    assert (loss.gradient_bound(), loss.gradient_bound(distance_function=squared)) == (2, INF)
    _, grads = torch_grads(
        {name: 10 * points for name, points in TRIPLETS.items()}, distance_function=squared
    )
    assert max(np.abs(grad).max() for grad in grads) > 2


@pytest.mark.parametrize("increasing", [torch.square, torch.sqrt, torch.exp])
def test_an_increasing_function_of_a_distance_keeps_the_order_and_not_the_loss(increasing):
    points = torch.randn(3, 200, 4, generator=torch.Generator().manual_seed(0))
    far = [F.pairwise_distance(points[0], points[k]) for k in (1, 2)]
    assert torch.equal(far[0] < far[1], increasing(far[0]) < increasing(far[1]))
    plain, other = (
        F.triplet_margin_with_distance_loss(*points, distance_function=d)
        for d in (F.pairwise_distance, lambda u, v: increasing(F.pairwise_distance(u, v)))
    )
    assert not torch.isclose(plain, other, rtol=0.05)


def test_the_gradient_at_the_margin_is_that_before_it_up_to_2_13_compiled_too():
    points = [torch.tensor([[hour]], requires_grad=True) for hour in (0.0, 1.0, 2.0)]

    def loss(*triplet):
        return F.triplet_margin_with_distance_loss(*triplet, distance_function=clock)

    expected = [0, 1, -1] if RELEASE < (2, 14) else [0, 0, 0]
    for function in (loss, compiled(loss)):
        slopes = torch.autograd.grad(function(*points), points)
        assert [slope.item() for slope in slopes] == expected


@pytest.mark.parametrize("option", ["p", "eps", "size_average"])
def test_it_has_neither_the_options_of_the_norm_nor_the_deprecated_ones(option):
    one = torch.ones(1, 3)
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{option}'"):
        F.triplet_margin_with_distance_loss(one, one, one, **{option: 2})


def test_a_margin_of_two_numbers_is_ambiguous():
    one = torch.ones(1, 3)
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
        F.triplet_margin_with_distance_loss(one, one, one, margin=torch.ones(2))


@pytest.mark.parametrize(
    "scripted", [F.triplet_margin_with_distance_loss, torch.nn.TripletMarginWithDistanceLoss()]
)
def test_it_cannot_be_scripted(scripted):
    with pytest.raises(torch.jit.frontend.NotSupportedError, match="keyword-only arguments"):
        torch.jit.script(scripted)


@pytest.mark.parametrize("margin", [0.3, 1.0, 5.0])
def test_no_cosine_distance_reaches_a_margin_above_2(margin):
    def cosine(u, v):
        return 1 - F.cosine_similarity(u, v)

    unit = F.normalize(torch.randn(3, 500, 3, generator=torch.Generator().manual_seed(0)), dim=-1)
    low = F.triplet_margin_with_distance_loss(
        *unit, distance_function=cosine, margin=margin, reduction="none"
    )
    assert low.min() >= max(0, margin - 2) - 1e-6
    best = F.triplet_margin_with_distance_loss(
        unit[0], unit[0], -unit[0], distance_function=cosine, margin=margin
    )
    assert best.item() == pytest.approx(max(0, margin - 2), abs=1e-5)
