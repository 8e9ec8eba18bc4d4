"""triplet_margin_loss: calls, edges, answers to the exercises, and what holds for it alone."""

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

# Answers to the exercises


def hardest(distance, labels, margin):
    total = 0.0
    for row, label in zip(distance, labels, strict=True):
        total += max(0.0, margin + row[labels == label].max() - row[labels != label].min())
    return total / len(labels)


def count_kinds(distance, labels, margin):
    counts = [0, 0, 0]
    for i, j, k in np.ndindex(*3 * [len(labels)]):
        if i != j and labels[i] == labels[j] and labels[i] != labels[k]:
            gap = distance[i, k] - distance[i, j]
            counts[0 if gap >= margin else 1 if gap > 0 else 2] += 1
    return np.array(counts)


def unit(difference):
    length = np.linalg.norm(difference, axis=1, keepdims=True)
    return difference / np.where(length > 0, length, 1)


def missing(anchor, positive, negative):
    return 1 + np.linalg.norm(anchor - positive, axis=1) - np.linalg.norm(anchor - negative, axis=1)


def anchor_grad(anchor, positive, negative):
    grad = unit(anchor - positive) - unit(anchor - negative)
    return np.where(missing(anchor, positive, negative)[:, None] > 0, grad, 0) / len(anchor)


def zeros_that_win(distance, labels, margin):
    same = labels[:, None] == labels
    return np.mean(np.maximum(0, margin + (distance * same).max(1) - (distance * ~same).min(1)))


def hinge_of_the_mean(distance, labels, margin):
    same = labels[:, None] == labels
    far, near = np.where(same, distance, 0).max(1), np.where(same, INF, distance).min(1)
    return max(0, np.mean(margin + far - near))


def without_the_hinge(distance, labels, margin):
    same = labels[:, None] == labels
    return np.mean(margin + np.where(same, distance, 0).max(1) - np.where(same, INF, distance).min(1))


def easiest(distance, labels, margin):
    same = labels[:, None] == labels
    near = np.where(same & (distance > 0), distance, INF).min(1)
    return np.mean(np.maximum(0, margin + near - np.where(same, 0, distance).max(1)))


def with_itself_as_positive(distance, labels, margin):
    same = labels[:, None] == labels
    gap = np.where(same[:, :, None] & ~same[:, None], distance[:, None] - distance[:, :, None], NAN)
    return np.array([(gap >= margin).sum(), ((gap > 0) & (gap < margin)).sum(), (gap <= 0).sum()])


def in_the_other_order(distance, labels, margin):
    return count_kinds(distance, labels, margin)[::-1]


def ties_as_semi_hard(distance, labels, margin):
    counts = [0, 0, 0]
    for i, j, k in np.ndindex(*3 * [len(labels)]):
        if i != j and labels[i] == labels[j] and labels[i] != labels[k]:
            gap = distance[i, k] - distance[i, j]
            counts[0 if gap > margin else 1 if gap >= 0 else 2] += 1
    return np.array(counts)


def easy_ones_too(anchor, positive, negative):
    return (unit(anchor - positive) - unit(anchor - negative)) / len(anchor)


def divided_by_0(anchor, positive, negative):
    with np.errstate(invalid="ignore"):
        units = [d / np.linalg.norm(d, axis=1, keepdims=True) for d in (anchor - positive, anchor - negative)]
    return (missing(anchor, positive, negative) > 0)[:, None] * (units[0] - units[1]) / len(anchor)


def mean_of_the_active(anchor, positive, negative):
    active = missing(anchor, positive, negative) > 0
    return anchor_grad(anchor, positive, negative) * len(anchor) / max(1, active.sum())


LINE = "distance=[[0.0, 2.0, 3.0, 3.5], [2.0, 0.0, 1.0, 1.5], [3.0, 1.0, 0.0, 0.5], [3.5, 1.5, 0.5, 0.0]]"
FOR = f"for {LINE}, labels=[0, 0, 1, 1], margin="
ALL = (0 + (1 + 2 - 1) + (1 + 0.5 - 1) + 0) / 4  # with margin 1
NARROW = 0.25 + 2 - 3, 0.25 + 2 - 1, 0.25 + 0.5 - 1, 0.25 + 0.5 - 1.5
SOME = sum(max(0, each) for each in NARROW) / 4
EASY = "for anchor=[[0.0, 0.0]], positive=[[0.0, 2.0]], negative=[[6.0, 8.0]]"
EQUAL = "for anchor=[[0.0, 0.0]], positive=[[0.0, 0.0]], negative=[[0.3, 0.4]]"
TWO = (
    "for anchor=[[0.0, 0.0], [0.0, 0.0]], positive=[[3.0, 4.0], [0.0, 1.0]], "
    "negative=[[0.0, 2.0], [6.0, 8.0]]"
)
WRONG = [
    ("by_hand", [0.5, 0, -1, 1], "-1.0 at index 2 is too small"),
    ("by_hand", [0.5, 1 + 1, 1, -1], "2.0 at index 1 is too large"),
    ("by_hand", [1 + 1 - 0.5, 0, 1, -1], "1.5 at index 0 is too large"),
    ("batch_hard", zeros_that_win, f"{FOR}1.0 expected {ALL}, got {(1 + 2 + 1 + 2 + 1 + 0.5 + 1 + 0.5) / 4}"),
    ("batch_hard", hinge_of_the_mean, f"{FOR}0.25 expected {SOME}, got 0.0"),
    ("batch_hard", without_the_hinge, f"{FOR}0.25 expected {SOME}, got {sum(NARROW) / 4}"),
    ("batch_hard", easiest, f"{FOR}1.0 expected {ALL}, got {(0 + (1 + 2 - 1.5) + 0 + 0) / 4}"),
    ("kinds", with_itself_as_positive, f"{FOR}1.0 expected [5, 1, 2], got [{5.0 + 8}, 1.0, 2.0]"),
    ("kinds", in_the_other_order, f"{FOR}1.0 expected [5, 1, 2], got [2.0, 1.0, 5.0]"),
    ("kinds", ties_as_semi_hard, f"{FOR}1.0 expected [5, 1, 2], got [{5.0 - 2}, {1.0 + 2}, 2.0]"),
    ("find_the_bug", easy_ones_too, f"{EASY} expected [[0.0, 0.0]], got [[0.6, {0.8 - 1:.1f}]]"),
    ("find_the_bug", divided_by_0, f"{EQUAL} expected [[0.6, 0.8]], got [[nan, nan]]"),
    (
        "find_the_bug",
        mean_of_the_active,
        f"{TWO} expected [[{-0.6 / 2}, {(1 - 0.8) / 2:.1f}], [0.0, 0.0]], "
        f"got [[-0.6, {1 - 0.8:.1f}], [0.0, 0.0]]",
    ),
]


# The cases

POWERS = st.sampled_from([1, 2, 2.0, 3, 1.5, 0.5, -1, INF, -INF])
SMALL = st.sampled_from([0, 1e-6, 0.1, -0.5])
CALLS = st.builds(
    lambda call, p, eps: call | {"p": p, "eps": eps}, typed_calls("triplet_margin_loss"), POWERS, SMALL
)


def lengths(anchor, positive, negative, p=2, eps=1e-6, **_):
    """From anchor to positive and negative, and from positive to negative."""
    pairs = (anchor, positive), (anchor, negative), (positive, negative)
    return [np.linalg.norm(np.atleast_1d(a - b + eps).astype(float), ord=p, axis=-1) for a, b in pairs]


@np.errstate(all="ignore")
def corners(margin=1.0, swap=False, **call):
    """Where the hinge has its corner, or both negatives tie, up to rounding."""
    pull, push, third = lengths(**call)
    close = 1e-5 * (1 + pull + push)
    near = np.minimum(push, third) if swap else push
    there = np.abs(margin + pull - near) <= close
    there |= swap & (np.abs(push - third) <= close)
    return there[..., None] if there.any() else False  # where shapes broadcast, no mask fits all three


ANCHOR = np.array([[0.0, 0.0, 0.0], [1.0, -0.5, 0.25], [0.5, 0.25, -1.0], [0.0, 0.0, 0.0]])
POSITIVE = np.array([[1.0, 2.0, 2.0], [2.0, -0.75, 0.0], [-1.5, 1.0, 0.5], [0.0, 1.0, 0.0]])
NEGATIVE = np.array([[3.0, 0.5, 0.0], [4.0, 2.0, -1.0], [0.25, 0.5, -0.5], [1.5, 0.0, 0.0]])
TRIPLETS = {"anchor": ANCHOR, "positive": POSITIVE, "negative": NEGATIVE}
NOTHING = dict.fromkeys(TRIPLETS, np.zeros((0, 3)))
FEATURELESS = dict.fromkeys(TRIPLETS, np.zeros((2, 0)))
CASES = Cases(
    usual=TRIPLETS,
    calls=CALLS,
    edges={
        "all in one place": dict.fromkeys(TRIPLETS, ANCHOR),
        "all in one place, eps 0": dict.fromkeys(TRIPLETS, ANCHOR) | {"eps": 0},
        "anchor and positive in one place": {"positive": ANCHOR, "eps": 0},
        "exactly at the margin": {
            "anchor": np.zeros((1, 2)),
            "positive": np.array([[0.0, 1.0]]),
            "negative": np.array([[2.0, 0.0]]),
            "eps": 0,
        },
        "swap": {"swap": True},
        "a tie under swap": {"anchor": ANCHOR, "positive": ANCHOR, "swap": True, "eps": 0},
        "p 1": {"p": 1},
        "p 1.5, a coordinate of 0": {"p": 1.5, "eps": 0},
        "p 3 and swap": {"p": 3, "swap": True},
        "p inf, equal coordinates": {"p": INF, "eps": 0},
        "p below 1": {"p": 0.5},
        "negative p": {"p": -1},
        "nan in the anchor": {"anchor": np.where(ANCHOR == 0.25, NAN, ANCHOR)},
        "nan in the negative, swap": {"negative": np.where(NEGATIVE == 2, NAN, NEGATIVE), "swap": True},
        "an infinite negative": {"negative": np.where(NEGATIVE == 4, INF, NEGATIVE)},
        "an infinite positive": {"positive": np.where(POSITIVE == 2, -INF, POSITIVE)},
        "margin is inf": {"margin": INF},
        "margin is nan": {"margin": NAN},
        "squares overflow": {"anchor": np.float32(1e30) * ANCHOR.astype(np.float32)},
        "one triplet": {name: points[0] for name, points in TRIPLETS.items()},
        "numbers": {"anchor": np.array(0.0), "positive": np.array(1.0), "negative": np.array(1.5)},
        "no triplets": NOTHING,
        "no features": FEATURELESS,
        "no features, p 1 and swap": FEATURELESS | {"p": 1, "swap": True},
        "two dtypes": {"negative": NEGATIVE.astype(np.float32)},
        "several negatives": {
            "anchor": ANCHOR[:, None],
            "positive": POSITIVE[:, None],
            "negative": np.stack([NEGATIVE, -NEGATIVE], 1),
        },
        "one anchor for all, and one coordinate": {"anchor": ANCHOR[1:2], "positive": POSITIVE[:, :1]},
        "images": {name: np.stack([points, 2 * points]) for name, points in TRIPLETS.items()},
    },
    stated={
        # torch gives no gradient at all, and the same value.
        "p 0": (
            TRIPLETS | {"p": 0, "eps": 0, "reduction": "sum"},
            np.float64((1 + 3 - 2) + (1 + 3 - 3) + (1 + 3 - 3) + (1 + 1 - 1)),
            *3 * [np.zeros((4, 3))],
        )
    },
    corners=corners,
    scalars=({"margin": np.float64(0.5)},),
    refused={
        "anchor must be floating point, got int64": {"anchor": np.zeros((4, 3), np.int64)},
        "negative must be floating point, got bool": {"negative": NEGATIVE > 0},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "margin must be above 0, got 0.0": {"margin": 0.0},
        "margin must be above 0, got -1": {"margin": -1},
        "the three must have equally many axes, got shapes (3,), (4, 3) and (4, 3)": {"anchor": ANCHOR[0]},
        "the three shapes must broadcast, got (4, 3), (2, 3) and (4, 3)": {"positive": POSITIVE[:2]},
        "p must be finite and >= 0 without features, got inf": FEATURELESS | {"p": INF},
        "p must be finite and >= 0 without features, got -1": FEATURELESS | {"p": -1},
    },
    refused_by_torch={
        "expected to have the same number of dimensions": {"anchor": ANCHOR[0]},
        r"size of tensor a \(4\) must match": {"positive": POSITIVE[:2]},
        "cannot compute the inf norm": FEATURELESS | {"p": INF},
        "cannot compute the -1 norm": FEATURELESS | {"p": -1},
    },
    right={
        "by_hand": [1 + 1 - 1.5, 1 - 1, 1, -1],
        "batch_hard": hardest,
        "kinds": count_kinds,
        "find_the_bug": anchor_grad,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def grads(*places, **options):
    points = [torch.tensor(place, dtype=torch.float64, requires_grad=True) for place in places]
    return torch.autograd.grad(F.triplet_margin_loss(*points, **options), points)


@pytest.mark.parametrize("scale", [0.1, 1.0, 1e6])
def test_positive_and_negative_of_a_hard_triplet_move_by_1_at_any_distance(scale):
    anchor, positive, negative = grads([0.0, 0.0], [3 * scale, 4 * scale], [0.0, -scale], eps=0)
    assert positive.norm().item() == pytest.approx(1) and negative.norm().item() == pytest.approx(1)
    assert anchor.norm() <= 2 and (anchor + positive + negative).abs().max() < 1e-12
    assert CATALOG["triplet_margin_loss"].gradient_far.startswith("of length 1 for positive and negative")


def test_the_gradient_at_the_margin_is_that_before_it_up_to_2_13():
    _, positive, negative = grads([0.0], [1.0], [2.0], eps=0)
    assert (positive.item(), negative.item()) == ((1, -1) if RELEASE < (2, 14) else (0, 0))
    assert CATALOG["triplet_margin_loss"].gradient_at_target.endswith("up to torch 2.13, 0 since 2.14")


@pytest.mark.parametrize(("share", "best"), [(0.3, 1.0), (0.7, -1.0)])
def test_elicits_the_order_that_the_majority_names(share, best):
    t = torch.linspace(-2, 2, 401, dtype=torch.float64)
    origin, near, far = torch.zeros(401, 1), torch.full((401, 1), 5.0), (5 - t)[:, None]
    each = {"eps": 0, "reduction": "none"}
    losses = share * F.triplet_margin_loss(origin, near, far, **each)
    losses = losses + (1 - share) * F.triplet_margin_loss(origin, far, near, **each)
    assert t[losses.argmin()].item() == pytest.approx(best)
    assert CATALOG["triplet_margin_loss"].elicits.startswith("the order of the two distances")


def test_the_bound_is_that_of_a_norm():
    loss = CATALOG["triplet_margin_loss"]
    assert (loss.gradient_bound(), loss.gradient_bound(p=1), loss.gradient_bound(p=0.5)) == (2, 2, INF)
    steep = grads([0.0, 0.0], [1.2, 1.6], [0.0, 2.5], p=0.5)
    assert max(grad.abs().max() for grad in steep) > 2


def test_compiled_the_gradient_at_the_margin_is_that_of_eager():
    points = [torch.tensor([[x]], dtype=torch.float64, requires_grad=True) for x in (0.0, 1.0, 2.0)]
    loss = compiled(lambda *triplet: F.triplet_margin_loss(*triplet, eps=0))(*points)
    mine = [slope.item() for slope in torch.autograd.grad(loss, points)]
    assert mine == [slope.item() for slope in grads([0.0], [1.0], [2.0], eps=0)]


def test_the_margin_is_checked_by_the_module_and_the_function_and_not_by_torch_itself():
    one = torch.ones(1, 3)
    with pytest.raises(ValueError, match=r"expected margin to be greater than 0, got 0\.0 instead"):
        torch.nn.TripletMarginLoss(margin=0.0)
    with pytest.raises(ValueError, match=r"margin must be greater than 0, got 0\.0"):
        F.triplet_margin_loss(one, one, one, margin=0.0)
    with pytest.raises(RuntimeError, match="margin must be greater than 0"):
        compiled(lambda x: F.triplet_margin_loss(x, x, x, margin=0.0))(one)
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
        F.triplet_margin_loss(one, one, one, margin=torch.ones(2))
    assert F.triplet_margin_loss(one, one, one, margin=torch.tensor(0.5)) == 0.5
    assert torch.triplet_margin_loss(one, one, one, margin=-1.0) == 0


def test_the_norm_runs_over_the_last_axis_alone():
    maps = torch.randn(3, 2, 8, 5, 6, generator=torch.Generator().manual_seed(0))
    shapes = {
        "rows of pixels": maps,
        "channels": maps.movedim(2, -1),
        "images": maps.flatten(2),
    }
    losses = {name: F.triplet_margin_loss(*three, reduction="none") for name, three in shapes.items()}
    assert [tuple(each.shape) for each in losses.values()] == [(2, 8, 5), (2, 5, 6), (2,)]
    means = [each.mean().item() for each in losses.values()]
    assert len({round(mean, 2) for mean in means}) == 3 and all(0.5 < mean < 2 for mean in means)


def test_a_power_near_0_overflows_and_one_of_0_has_no_gradient_at_all():
    zero, half, tenth = (torch.full((1, 8), value) for value in (0.0, 0.5, 0.1))
    found = {p: F.triplet_margin_loss(zero, half, tenth, p=p).item() for p in (0.02, 0.025, -1)}
    assert np.isnan(found[0.02]) and 1e35 < found[0.025] < 1e36 and np.isfinite(found[-1])
    points = [torch.tensor([x], requires_grad=True) for x in ([0.0, 0.0], [0.0, 1.0], [0.5, 0.0])]
    loss = F.triplet_margin_loss(*points, p=0.5, eps=0)  # each distance with an equal coordinate
    assert loss == 1.5
    assert all(slope.isfinite().all() for slope in torch.autograd.grad(loss, points))
    loss = F.triplet_margin_loss(*points, p=0)
    assert torch.autograd.grad(loss, points, allow_unused=True) == (None, None, None)


def test_eps_makes_the_distance_unsymmetric_and_gives_equal_points_a_direction():
    near, far = torch.zeros(1, dtype=torch.float64), torch.tensor([1e-6], dtype=torch.float64)
    there, back = F.pairwise_distance(near, far).item(), F.pairwise_distance(far, near).item()
    assert there == pytest.approx(0, abs=1e-12) and back == pytest.approx(2e-6)
    itself = F.pairwise_distance(torch.zeros(128), torch.zeros(128)).item()
    assert itself == pytest.approx(np.sqrt(128) * 1e-6) == pytest.approx(1.13e-5, rel=2e-3)
    same = [0.0, 0.0, 0.0]
    for eps, pull in ((1e-6, -1 / np.sqrt(3)), (0, 0)):
        _, positive, _ = grads(same, same, [0.5, 0.0, 0.0], eps=eps)
        assert positive.tolist() == pytest.approx([pull] * 3)


@pytest.mark.parametrize("size", [2, 3, 128])
def test_in_one_place_positive_and_negative_have_gradients_that_a_shared_network_cancels(size):
    anchor, positive, negative = grads(*3 * [[0.7] * size])
    assert anchor.abs().max() < 1e-12
    assert positive.tolist() == pytest.approx([-1 / np.sqrt(size)] * size)
    assert (positive + negative).abs().max() < 1e-12
    assert not any(grad.any() for grad in grads(*3 * [[0.7] * size], eps=0))


def test_integers_and_half_precision_are_measured():
    loss = F.triplet_margin_loss(*(torch.tensor([[x]]) for x in (0, 2, 1)))
    assert loss.item() == pytest.approx(2) and loss.dtype == torch.float32
    far = F.triplet_margin_loss(*(torch.tensor([[x]]).half() for x in (0.0, 600.0, 300.0)))
    assert far == 301
