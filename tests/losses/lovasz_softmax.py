"""lovasz_softmax: edges, answers to the exercises, and what holds for it alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.losses import CATALOG
from lossviz.losses.references import jaccard_loss, lovasz_softmax
from lossviz.losses.segmentation.lovasz_softmax import EXERCISES
from tests.answers import six
from tests.cases import Cases
from tests.inputs import INF, NAN

# Answers to the exercises


def steps(truth):
    kept, union = truth.sum() - np.cumsum(truth), truth.sum() + np.cumsum(1 - truth)
    return np.diff(1 - kept / union, prepend=0)


def of_class(p, truth):
    errors = np.abs(truth - p)
    order = np.argsort(-errors, kind="stable")
    return errors[order] @ steps(truth[order])


def of_pixels(input, target):
    classes = np.unique(target)
    return np.mean([of_class(input[:, c], (target == c).astype(float)) for c in classes])


def without_void(input, target):
    keep = target != 255
    return of_pixels(np.moveaxis(input, 1, -1)[keep], target[keep])


def with_labels_for_truth(input, target):
    losses = []
    for c in range(input.shape[1]):
        errors = np.abs((target == c) - input[:, c])
        order = np.argsort(-errors, kind="stable")
        losses.append(errors[order] @ steps(target[order]))
    return np.mean(losses)


def with_misses_alone(input, target):
    classes = np.unique(target)
    return np.mean([(1 - input[target == c, c]).mean() for c in classes])


def with_the_best_first(input, target):
    each = []
    for c in np.unique(target):
        truth = (target == c).astype(float)
        errors = np.abs(truth - input[:, c])
        order = np.argsort(errors, kind="stable")
        each.append(errors[order] @ steps(truth[order]))
    return np.mean(each)


def as_background(input, target):
    labels = np.where(target == 255, 0, target)
    return of_pixels(np.moveaxis(input, 1, -1).reshape(-1, input.shape[1]), labels.ravel())


def with_void_predicted_as_nothing(input, target):
    keep = target != 255
    p, y = np.moveaxis(input * keep[:, None], 1, -1), np.where(keep, target, 0)
    return of_pixels(p.reshape(-1, input.shape[1]), y.ravel())


def of_each_image(input, target):
    return np.mean([without_void(p[None], y[None]) for p, y in zip(input, target, strict=True)])


SECOND, VOID = EXERCISES["find_the_bug"].cases[1], EXERCISES["without_void"].cases


def of(answer, right, call):
    said = ", ".join(f"{name}={value.tolist()}" for name, value in call.items())
    return f"for {said} expected {six(right(**call))}, got {six(answer(**call))}"


WRONG = [
    ("by_hand", 0.4, "0.4 is too small"),
    ("by_hand", 0.45, "0.45 is too large"),
    ("by_hand", 0.5, "0.5 is too large"),
    ("without_void", as_background, of(as_background, without_void, VOID[1])),
    (
        "without_void",
        with_void_predicted_as_nothing,
        of(with_void_predicted_as_nothing, without_void, VOID[1]),
    ),
    ("without_void", of_each_image, of(of_each_image, without_void, VOID[2])),
    ("find_the_bug", with_labels_for_truth, of(with_labels_for_truth, of_pixels, SECOND)),
    ("find_the_bug", with_the_best_first, of(with_the_best_first, of_pixels, SECOND)),
    ("find_the_bug", with_misses_alone, of(with_misses_alone, of_pixels, SECOND)),
]


# The cases

P = np.array([[[0.5, 0.125, 0.25], [0.25, 0.75, 0.25], [0.25, 0.125, 0.5]],
              [[0.75, 0.0625, 0.5], [0.125, 0.9375, 0.3125], [0.125, 0.0, 0.1875]]])  # fmt: skip
Y = np.array([[0, 1, 2], [1, 1, 0]])
LABELS = "target must be integer labels, got "
EACH = {"classes": ("present", "all"), "per_image": (True, False)}

CASES = Cases(
    usual={"input": P, "target": Y},
    edges={
        f"{edge}, classes={classes}, per_image={per_image}": changes
        | {"classes": classes, "per_image": per_image}
        for classes in EACH["classes"]
        for per_image in EACH["per_image"]
        for edge, changes in {
            "usual": {},
            "one pixel each": {"input": P[:, :, 0], "target": Y[:, 0]},
            "five axes": {"input": P.reshape(2, 3, 1, 3, 1), "target": Y.reshape(2, 1, 3, 1)},
            "one class": {"input": P[:, :1], "target": 0 * Y},
            "a class that no pixel has": {"target": np.minimum(Y, 1)},
            "the same everywhere": {"input": np.full_like(P, 0.25)},
            "right and sure": {"input": np.moveaxis(np.eye(3)[Y], -1, 1)},
            "wrong and sure": {"input": np.moveaxis(np.eye(3)[(Y + 1) % 3], -1, 1)},
            "very large logits": {"input": np.float32(1e30) * (P - 0.25).astype(np.float32)},
            "no images": {"input": P[:0], "target": Y[:0]},
            "no pixels": {"input": P[:, :, :0], "target": Y[:, :0]},
            "no classes": {"input": P[:0, :0], "target": Y[:0]},
            "bytes": {"target": Y.astype(np.uint8)},
            "int32": {"target": Y.astype(np.int32)},
            "nan": {"input": np.where(P == 0.75, NAN, P)},
            "nan in a class that no pixel has": {
                "input": np.where(P == 0.5, NAN, P)[:, [2, 1, 0]],
                "target": np.minimum(Y, 1),
            },
            "nan and inf": {"input": np.where(P == 0.75, NAN, np.where(P == 0.5, INF, P))},
            "inf": {"input": np.where(P == 0.75, INF, P)},
            "-inf": {"input": np.where(P == 0.125, -INF, P)},
        }.items()
    },
    scalars=({"per_image": np.True_}, {"per_image": np.False_}),
    refused={
        "input must be floating point, got int32": {"input": np.ones((2, 3, 3), np.int32)},
        "input must have shape (N, C, d1, ...), got (3,)": {"input": P[0, 0], "target": Y[0]},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        "classes must be 'present' or 'all', got 'absent'": {"classes": "absent"},
        f"{LABELS}float64": {"target": 1.0 * Y},
        f"{LABELS}bool": {"target": Y > 0},
        "target must have the shape of input without its classes, (2, 3), got (2, 1, 3)": {
            "target": Y[:, None]
        },
        "target must have the shape of input without its classes, (2, 3), got (2, 3, 3)": {
            "target": np.eye(3, dtype=np.int64)[Y]
        },
        "labels must be in 0..2, got 255": {"target": np.where(Y == 2, 255, Y)},
        "labels must be in 0..2, got -1": {"target": Y - 1},
    },
    right={"by_hand": 1.3 / 3, "without_void": without_void, "find_the_bug": of_pixels},
    wrong=WRONG,
)


# What holds for this loss alone


def probabilities(seed, classes=3, pixels=12):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(classes, 0.7), size=(1, pixels))
    y = rng.integers(classes, size=(1, pixels))
    y[0, :classes] = np.arange(classes)
    return torch.tensor(p).movedim(-1, 1), torch.tensor(y)


def missed(p, y):
    """1 - IoU of the likeliest classes, for each class."""
    pred, each = p.argmax(1), []
    for c in range(p.shape[1]):
        both, either = (pred == c) & (y == c), (pred == c) | (y == c)
        each.append(1 - both.sum() / either.sum())
    return torch.stack(each)


@pytest.mark.parametrize("seed", range(20))
def test_it_lies_below_the_soft_jaccard_loss_and_above_a_share_of_the_missed_iou(seed):
    p, y = probabilities(seed)
    masks = F.one_hot(y, 3).movedim(-1, 1)
    loss = lovasz_softmax(p, y)
    assert loss <= jaccard_loss(p, masks, smooth=0) + 1e-12
    assert loss >= missed(p, y).mean() / 3 - 1e-12
    two, of_two = probabilities(seed, classes=2)
    assert lovasz_softmax(two, of_two) >= missed(two, of_two).mean() / 2 - 1e-12


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_best_constants_are_those_of_the_card(classes):
    _, y = probabilities(0, classes, pixels=20)
    rng, lowest = np.random.default_rng(1), 1 - 1 / classes
    constants = torch.tensor(rng.dirichlet(np.ones(classes), 200))
    for constant in [torch.full((classes,), 1 / classes).double(), *constants]:
        loss = lovasz_softmax(constant[None, :, None].expand(1, -1, 20), y).item()
        assert loss == pytest.approx(lowest) if constant.max() <= 0.5 else loss > lowest
    assert CATALOG["lovasz_softmax"].elicits.startswith(
        "as one answer for all pixels: any without a probability above one half"
    )


def test_a_class_whose_misses_are_its_largest_errors_costs_their_mean():
    y = torch.tensor([[0, 0, 1, 1, 1, 2]])
    own = torch.tensor([[0.25, 0.375, 0.3125, 0.25, 0.34375, 0.25]]).double()
    p = ((1 - own) / 2)[:, None].expand(1, 3, 6).scatter(1, y[:, None], own[:, None])
    loss = lovasz_softmax(p, y)
    assert loss == pytest.approx(np.mean([1 - own[y == c].mean().item() for c in range(3)]))


def test_a_large_prediction_of_an_absent_class_counts_if_all_classes_do():
    p = torch.tensor([[[0.75, 0.25], [0.25, 0.75]]]).double()
    y = torch.zeros(1, 2, dtype=torch.long)
    assert lovasz_softmax(p, y) == pytest.approx((0.75 + 0.25) / 2)
    assert lovasz_softmax(p, y, "all") == pytest.approx((0.5 + 0.75) / 2)
