"""boundary_loss: edges, answers to the exercises, and what holds for it alone."""

import itertools

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.references import boundary_loss, dice_loss, signed_distance
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF, NAN
from tests.numpy_cells import sources

# Answers to the exercises


def gaps(mask):
    place = np.arange(len(mask))
    apart = abs(place[:, None] - place)
    return [apart[:, mask == side].min(axis=1, initial=len(mask)) for side in (1, 0)]


def distance_of_row(mask):
    to_object, to_rest = gaps(mask)
    return np.where(mask == 1, 1.0 - to_rest, to_object) * (mask.min() != mask.max())


def without_a_missing_side(mask):
    to_object, to_rest = gaps(mask)
    return np.where(mask == 1, 1.0 - to_rest, to_object)


def minus_d_inside(mask):
    return distance_of_row(mask) - mask * (mask.min() != mask.max())


def without_a_sign(mask):
    return abs(distance_of_row(mask))


def outside_alone(mask):
    return np.maximum(distance_of_row(mask), 0)


def boundary_of_row(input, target):
    return (input * distance_of_row(target)).mean()


def of_row_without_a_sign(input, target):
    return (input * without_a_sign(target)).mean()


def of_row_summed(input, target):
    return (input * distance_of_row(target)).sum()


def of_row_turned_around(input, target):
    return (input * distance_of_row(1 - target)).mean()


ROW, BOTH_ENDS, NOTHING = (np.array(m, float) for m in ([0, 0, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 1], [0, 0, 0]))
TWO_WIDE = {"input": np.array([0.0, 1, 1, 0, 1]), "target": np.array([0.0, 1, 1, 0, 0])}
THREE_WIDE = {"input": np.array([0.0, 1, 1, 1, 0.5]), "target": np.array([0.0, 1, 1, 1, 0])}


def shown(values):
    return f"[{', '.join(map(six, values))}]"


def of_mask(answer, mask):
    said = f"mask={mask.tolist()}"
    return f"for {said} expected {shown(distance_of_row(mask))}, got {shown(answer(mask))}"


def of_scores(answer, call):
    said = ", ".join(f"{name}={value.tolist()}" for name, value in call.items())
    return f"for {said} expected {six(boundary_of_row(**call))}, got {six(answer(**call))}"


WRONG = [
    ("by_hand", 0.7, "0.7 is too large"),  # the sum
    ("by_hand", -0.2125, "-0.2125 is too small"),  # −d inside
    ("by_hand", 0.2875, "0.2875 is too large"),  # without a sign
    ("distance_of_row", minus_d_inside, of_mask(minus_d_inside, ROW)),
    ("distance_of_row", without_a_sign, of_mask(without_a_sign, ROW)),
    ("distance_of_row", outside_alone, of_mask(outside_alone, ROW)),
    ("distance_of_row", without_a_missing_side, of_mask(without_a_missing_side, NOTHING)),
    ("find_the_bug", of_row_without_a_sign, of_scores(of_row_without_a_sign, THREE_WIDE)),
    ("find_the_bug", of_row_summed, of_scores(of_row_summed, TWO_WIDE)),
    ("find_the_bug", of_row_turned_around, of_scores(of_row_turned_around, TWO_WIDE)),
]


# The cases

P = np.array([[[0.1, 0.9, 0.8], [0.3, 0.5, 0.2]], [[0.0, 1.0, 0.5], [0.25, 0.75, 0.125]]])
PHI = np.array([[[1.0, 0.0, -1.0], [2.0, -0.5, 3.0]], [[0.0, 0.0, 0.0], [-2.0, 1.0, 4.0]]])
SHAPES = "input and distance must have the same shape, got (2, 2, 3) and "

CASES = Cases(
    usual={"input": P, "distance": PHI},
    edges={
        "usual": {},
        "two spatial axes": {"input": P.reshape(1, 2, 2, 3), "distance": PHI.reshape(1, 2, 2, 3)},
        "no spatial axis": {"input": P[0], "distance": PHI[0]},
        "no distances": {"distance": 0 * PHI},
        "distances of integers": {"distance": PHI.astype(np.int64)},
        "distances of bytes": {"distance": abs(PHI).astype(np.uint8)},
        "distances of half precision": {"distance": PHI.astype(np.float16)},
        "logits by mistake": {"input": 1e4 * (P - 0.5)},
        "large distances in half precision": {
            "input": np.ones((1, 1, 300), np.float16),
            "distance": np.full((1, 1, 300), 500, np.float16),
        },
        "nan in a probability": {"input": np.where(P == 0.9, NAN, P)},
        "nan in a distance": {"distance": np.where(PHI == 3, NAN, PHI)},
        "inf in a distance": {"distance": np.where(PHI == 3, INF, PHI)},
        "inf where nothing is predicted": {"input": 0 * P, "distance": np.where(PHI == 3, INF, PHI)},
        "inf beside -inf": {"distance": np.where(PHI == 3, INF, np.where(PHI == 2, -INF, PHI))},
        "no images": {"input": P[:0], "distance": PHI[:0]},
        "no classes": {"input": P[:, :0], "distance": PHI[:, :0]},
        "no pixels": {"input": P[..., :0], "distance": PHI[..., :0]},
    },
    refused={
        "input must be floating point, got int32": {"input": np.ones((2, 2, 3), np.int32)},
        "input must be floating point, got bool": {"input": P > 0.5},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "input must have shape (N, C, d1, ...), got (3,)": {"input": P[0, 0], "distance": PHI[0, 0]},
        f"{SHAPES}(2, 3)": {"distance": PHI[:, 0]},
        f"{SHAPES}(2, 1, 3)": {"distance": PHI[:, :1]},
    },
    right={"by_hand": 0.0875, "distance_of_row": distance_of_row, "find_the_bug": boundary_of_row},
    wrong=WRONG,
)


# What holds for this loss alone


def chapter():
    namespace = {}
    for source in sources("boundary_loss"):
        exec(source, namespace)
    return namespace


def masks_of(*shape, seed=0):
    return np.random.default_rng(seed).uniform(size=shape)


@pytest.mark.parametrize(
    "shape", [(2, 3, 1), (3, 2, 9), (2, 2, 6, 7), (1, 2, 4, 3, 5), (0, 2, 4, 4), (2, 1, 0)]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.uint8, np.int64, bool])
def test_the_map_of_the_chapter_is_that_of_the_torch_form(shape, dtype):
    for share in (0.02, 0.3, 0.7, 0.98):
        mask = (masks_of(*shape) < share).astype(dtype)
        mine, theirs = chapter()["signed_distance"](mask), signed_distance(torch.tensor(mask)).numpy()
        assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-6 if dtype != np.float16 else 1e-3, atol=1e-6)


def test_a_mask_without_classes_is_refused_in_the_same_words():
    for function, mask in (
        (chapter()["signed_distance"], np.ones((4, 4))),
        (signed_distance, torch.ones(4, 4)),
    ):
        with pytest.raises(ValueError, match=r"^mask must have shape \(N, C, d1, \.\.\.\), got \(4, 4\)$"):
            function(mask)


def test_a_pixel_is_below_0_only_if_its_four_neighbours_are_in_the_object_too():
    mask = masks_of(50, 1, 9, 9) < 0.75
    inside = np.pad(mask, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=True)
    ends = slice(None, -2), slice(1, -1), slice(2, None)
    around = [inside[..., ends[a], ends[b]] for a, b in ((0, 1), (1, 0), (1, 2), (2, 1), (1, 1))]
    assert ((chapter()["signed_distance"](mask) < 0) == np.all(around, axis=0)).all()


def test_each_wrong_pixel_costs_its_distance_and_the_right_mask_the_least():
    t = torch.zeros(1, 1, 3, 5, dtype=torch.float64)
    t[..., :4] = 1
    at = signed_distance(t)
    lowest = boundary_loss(t, at)
    assert lowest == at.clamp(max=0).mean() < 0
    for flipped in itertools.combinations(range(15), 2):
        p = t.clone()
        p.view(-1)[list(flipped)] = 1 - p.view(-1)[list(flipped)]
        cost = at.abs().view(-1)[list(flipped)].sum() / 15
        assert (boundary_loss(p, at) - lowest).item() == pytest.approx(cost.item())
        assert dice_loss(p, t) > 0


def test_the_best_constant_is_the_one_of_the_card():
    drawings = torch.tensor([[[1.0, 1, 1, 1, 0, 0]], [[1.0, 1, 0, 0, 0, 0]], [[1.0, 1, 1, 0, 0, 0]]]).double()
    maps = signed_distance(drawings)
    p = torch.full((1, 6), 0.5, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(boundary_loss(p.expand(3, 1, 6), maps), p)
    assert slope[0].sign().tolist() == [-1, -1, 0, 1, 1, 1]
    assert CATALOG["boundary_loss"].elicits.startswith("1 where the mean of the distances is below 0")
