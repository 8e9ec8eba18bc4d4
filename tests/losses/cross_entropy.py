"""cross_entropy: calls, edges, answers to the exercises, and what holds for it alone."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from tests.answers import LN2, log_softmax, six
from tests.cases import Cases
from tests.facts import gradient, labels, normal
from tests.inputs import IGNORED, INF, LABELS, LOGITS, MASKED, NAN, ONE_HOT, REFUSED_BY_ALL
from tests.strategies import EXTREME, FLOAT_DTYPES, REDUCTIONS, ROUND, arrays, between

# Answers to the exercises


def smoothed_cross_entropy(input, target, label_smoothing):
    samples, classes = input.shape
    probabilities = np.full(input.shape, label_smoothing / classes)
    probabilities[np.arange(samples), target] += 1 - label_smoothing
    return -np.mean(np.sum(probabilities * log_softmax(input), axis=1))


def segmentation_loss(input, target, ignore_index):
    logits = np.moveaxis(input, 1, -1)[target != ignore_index]
    labels = target[target != ignore_index]
    return np.mean(-log_softmax(logits)[np.arange(len(labels)), labels]) if len(labels) else np.nan


def weighted_cross_entropy(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.sum(weight[target] * losses) / np.sum(weight[target])


def smoothing_without_the_true_class(input, target, label_smoothing):
    samples, classes = input.shape
    probabilities = np.full(input.shape, label_smoothing / (classes - 1))
    probabilities[np.arange(samples), target] = 1 - label_smoothing
    return -np.mean(np.sum(probabilities * log_softmax(input), axis=1))


def smoothing_with_the_sum(input, target, label_smoothing):
    log_p = log_softmax(input)
    plain = -log_p[np.arange(len(target)), target].mean()
    return (1 - label_smoothing) * plain - label_smoothing * log_p.sum(axis=1).mean()


def smoothing_with_log_c(input, target, label_smoothing):
    plain = smoothed_cross_entropy(input, target, 0)
    return (1 - label_smoothing) * plain + label_smoothing * np.log(input.shape[1])


def log_of_the_softmax(input, target, label_smoothing):
    p = np.exp(input) / np.exp(input).sum(axis=1, keepdims=True)
    plain = -np.log(p[np.arange(len(target)), target]).mean()
    return (1 - label_smoothing) * plain - label_smoothing * np.log(p).mean()


def softmax_over_the_columns(input, target, ignore_index):
    log_p = np.moveaxis(log_softmax(input), 1, -1)[target != ignore_index]
    return -log_p[np.arange(len(log_p)), target[target != ignore_index]].mean()


def ignored_as_class_0(input, target, ignore_index):
    return segmentation_loss(input, np.where(target == ignore_index, 0, target), ignore_index)


def mean_of_the_images(input, target, ignore_index):
    images = zip(input, target, strict=True)
    return np.mean([segmentation_loss(one[None], labels[None], ignore_index) for one, labels in images])


def zero_without_pixels(input, target, ignore_index):
    return np.nan_to_num(segmentation_loss(input, target, ignore_index))


def mean_over_ignored_pixels(input, target, ignore_index):
    kept = target != ignore_index
    return segmentation_loss(input, target, ignore_index) * kept.mean()


def divided_by_n(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.mean(weight[target] * losses)


def divided_by_all_weights(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.sum(weight[target] * losses) / np.sum(weight)


def weights_scaled_to_mean_1(input, target, weight):
    return divided_by_n(input, target, weight / weight.mean())


def weights_left_out(input, target, weight):
    return divided_by_n(input, target, np.ones_like(weight))


WRONG = [
    ("by_hand", 0.29, "0.29 is too large"),
    ("by_hand", -np.log(1 / 4), f"{six(np.log(4))} is too large"),
    ("by_hand", np.log(3 / 4), f"{six(np.log(3 / 4))} is too small"),
    (
        "label_smoothing",
        smoothing_without_the_true_class,
        "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 "
        f"expected {six(np.log(1 + np.e) - 0.95)}, got {six(np.log(1 + np.e) - 0.9)}",
    ),
    (
        "label_smoothing",
        smoothing_with_the_sum,
        "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 "
        f"expected {six(np.log(1 + np.e) - 0.95)}, got {six(1.1 * np.log(1 + np.e) - 1)}",
    ),
    (
        "label_smoothing",
        smoothing_with_log_c,
        "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 expected "
        f"{six(np.log(1 + np.e) - 0.95)}, got {six(0.9 * (np.log(1 + np.e) - 1) + 0.1 * np.log(2))}",
    ),
    (
        "label_smoothing",
        log_of_the_softmax,
        f"for input=[[1000.0, 0.0]], target=[0], label_smoothing=0.1 expected {0.1 / 2 * 1000}, got nan",
    ),
    (
        "segmentation",
        softmax_over_the_columns,
        f"for input=[[[[0.0]], [[0.0]]]], target=[[[1]]], ignore_index=255 expected {LN2}, got -0.0",
    ),
    (
        "segmentation",
        ignored_as_class_0,
        "for input=[[[[0.0, 2.0]], [[1.0, 0.0]]]], target=[[[0, 255]]], ignore_index=255 "
        f"expected {six(np.log(1 + np.e))}, got {six((np.log(1 + np.e) + np.log(1 + np.e**-2)) / 2)}",
    ),
    (
        "segmentation",
        mean_of_the_images,
        "for input=[[[[0.0, 0.0]], [[0.0, 0.0]]], [[[2.0, 0.0]], [[0.0, 0.0]]]], "
        "target=[[[0, 1]], [[1, 255]]], ignore_index=255 expected "
        f"{six((2 * np.log(2) + np.log(1 + np.e**2)) / 3)}, got {six((np.log(2) + np.log(1 + np.e**2)) / 2)}",
    ),
    (
        "segmentation",
        zero_without_pixels,
        "for input=[[[[0.0]], [[0.0]]]], target=[[[255]]], ignore_index=255 expected nan, got 0.0",
    ),
    (
        "segmentation",
        mean_over_ignored_pixels,
        "for input=[[[[0.0, 2.0]], [[1.0, 0.0]]]], target=[[[0, 255]]], ignore_index=255 "
        f"expected {six(np.log(1 + np.e))}, got {six(np.log(1 + np.e) / 2)}",
    ),
    (
        "find_the_bug",
        divided_by_n,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {LN2}, got {six((1 + 3) * np.log(2) / 2)}",
    ),
    (
        "find_the_bug",
        divided_by_all_weights,
        "for input=[[0.0, 0.0]], target=[1], weight=[1.0, 3.0] "
        f"expected {LN2}, got {six(3 * np.log(2) / (1 + 3))}",
    ),
    (
        "find_the_bug",
        weights_scaled_to_mean_1,
        f"for input=[[0.0, 0.0]], target=[1], weight=[1.0, 3.0] expected {LN2}, got {six(3 / 2 * np.log(2))}",
    ),
    (
        "find_the_bug",
        weights_left_out,
        "for input=[[0.0, 2.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] expected "
        f"{six((np.log(1 + np.e**2) + 3 * np.log(2)) / 4)}, got {six((np.log(1 + np.e**2) + np.log(2)) / 2)}",
    ),
]


# The cases


@st.composite
def cross_entropy_calls(draw):
    """A call for (C,), (N, C), (N, C, d1) or (N, C, d1, d2), with labels or probabilities."""
    classes = draw(st.integers(1, 4))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    shape = (*batch[:1], classes, *batch[1:])
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-30, 30)
    call = {
        "input": draw(arrays(dtype, shape, draw(st.sampled_from([usual, usual | EXTREME])))),
        "reduction": draw(REDUCTIONS),
        "label_smoothing": draw(st.sampled_from([0, 0.0, 0.1, 0.5, 1]) | between(0.015625, 0.96875)),
    }
    weights = st.just(0.0) | between(0.125, 8)
    if draw(st.booleans()):
        ignore_index = draw(st.sampled_from([-100, -1, 0, 255]))
        labels = st.integers(0, classes - 1) | st.just(ignore_index)
        call["target"] = draw(arrays(np.int64, batch, labels))
        call["ignore_index"] = ignore_index
        # torch wants the dtype of input here.
        call["weight"] = draw(st.none() | arrays(dtype, classes, weights))
    else:
        call["target"] = draw(arrays(draw(FLOAT_DTYPES), shape, st.sampled_from([0.0, 1.0]) | between(0, 1)))
        integers = arrays(np.int64, classes, st.integers(0, 3))
        call["weight"] = draw(st.none() | arrays(draw(FLOAT_DTYPES), classes, weights) | integers)
    return call


INT32 = {"target": LABELS.astype(np.int32)}
BYTES_IN_AN_IMAGE = {"input": np.zeros((1, 3, 2, 2)), "target": np.zeros((1, 2, 2), np.uint8)}
LABELS_OR_PROBABILITIES = (
    "target must be int64 labels, uint8 labels for input of shape (C,) or (N, C), "
    "or floating-point probabilities"
)


CASES = Cases(
    usual={"input": LOGITS, "target": LABELS},
    calls=cross_entropy_calls(),
    edges={
        "every label ignored": {"target": IGNORED},
        "every label ignored, smoothed": {"target": IGNORED, "label_smoothing": 0.1},
        "every label ignored, weighted": {"target": IGNORED, "weight": np.ones(3)},
        "ignored sample with nan logits": {
            "input": np.array([[NAN, 0], [1, 2]]),
            "target": np.array([-100, 0]),
        },
        "an ignored class": {"ignore_index": 0, "label_smoothing": 0.1, "weight": np.array([1.0, 2.0, 3.0])},
        "used weights are 0": {"weight": np.array([0.0, 1.0, 0.0])},
        "used weights are 0, smoothed": {"weight": np.array([0.0, 1.0, 0.0]), "label_smoothing": 0.1},
        "negative weight": {"weight": np.array([-1.0, 1.0, 3.0])},
        "no samples": {"input": np.zeros((0, 3)), "target": np.zeros(0, int)},
        "no pixels": {"input": np.zeros((2, 3, 0)), "target": np.zeros((2, 0), int)},
        "no samples, probabilities": {"input": np.zeros((0, 3)), "target": np.zeros((0, 3))},
        "large logits": {"input": np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]])},
        "largest floats": {"input": np.float32([[3e38, -3e38, 0.0], [3e38, 3e38, 3e38]])},
        "masked logits": {"input": MASKED},
        "masked logits, smoothed": {"input": MASKED, "label_smoothing": 0.1},
        "masked logits, probabilities": {"input": MASKED, "target": ONE_HOT},
        "masked target": {"input": MASKED, "target": np.array([0, 1])},
        "masked target of weight 0": {
            "input": MASKED,
            "target": np.array([0, 0]),
            "weight": np.array([0.0, 1, 1]),
        },
        "a row of -inf": {"input": np.full((2, 3), -INF)},
        "inf": {"input": np.array([[INF, 0.0, 0.0], [INF, INF, 0.0]])},
        "nan": {"input": np.array([[NAN, 0.0, 0.0], [0.0, 1.0, 2.0]])},
        "one class": {"input": np.ones((2, 1)), "target": np.array([0, 0])},
        "masked target, all mass smoothed": {
            "input": MASKED,
            "target": np.array([0, 2]),
            "label_smoothing": 1.0,
        },
        "masked rival, all mass smoothed": {
            "input": MASKED,
            "label_smoothing": 1.0,
            "target": np.array([2, 2]),
        },
        "masked and ignored, all mass smoothed": {
            "input": MASKED,
            "target": np.array([0, 2]),
            "label_smoothing": 1.0,
            "ignore_index": 0,
        },
        "all mass smoothed": {"label_smoothing": 1.0, "weight": np.array([1.0, 2.0, 3.0])},
        "probabilities, smoothed and weighted": {
            "target": ONE_HOT,
            "label_smoothing": 0.3,
            "weight": np.array([1.0, 2.0, 3.0]),
        },
        "probabilities, a negative ignore_index": {"target": ONE_HOT, "ignore_index": -1},
        "probabilities that do not sum to 1": {"target": 2 * ONE_HOT},
        "bytes as labels": {"target": np.array([2, 0], np.uint8)},
        "one sample": {"input": LOGITS[0], "target": np.array(1)},
        "one ignored sample": {"input": LOGITS[0], "target": np.array(-100)},
    },
    scalars=({"label_smoothing": np.float64(0.5)},),
    dtyped=("weight",),
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got ()": {"input": np.array(1.0)},
        "input must have shape (C,), (N, C) or (N, C, d1, ...), C >= 1, got (2, 0)": {
            "input": np.zeros((2, 0))
        },
        f"{LABELS_OR_PROBABILITIES}, got bool": {"target": ONE_HOT == 1},
        f"{LABELS_OR_PROBABILITIES}, got int32": INT32,
        f"{LABELS_OR_PROBABILITIES}, got uint8": BYTES_IN_AN_IMAGE,
        "target of int64 must have shape (2,) for input of shape (2, 3), got (2, 1)": {
            "target": LABELS[:, None]
        },
        "target of int64 must have shape (2,) for input of shape (2, 3), got (3,)": {
            "target": np.zeros(3, int)
        },
        "target of int64 must have shape () for input of shape (3,), got (1,)": {
            "input": LOGITS[0],
            "target": np.array([0]),
        },
        "target of float64 must have shape (2, 3) for input of shape (2, 3), got (2,)": {
            "target": np.zeros(2)
        },
        "labels must be in 0..2 or equal ignore_index=-100, got 3": {
            "input": np.zeros((5, 3)),
            "target": np.array([0, -100, 3, 4, -1]),
        },
        "labels must be in 0..2 or equal ignore_index=-100, got -1": {
            "input": np.zeros((5, 3)),
            "target": np.array([0, -100, -1, 3, -2]),
        },
        "labels must be in 0..2 or equal ignore_index=255, got -100": {
            "target": IGNORED,
            "ignore_index": 255,
        },
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have one entry per class, shape (3,), got (2, 3)": {"weight": np.ones((2, 3))},
        "label_smoothing must be in [0, 1], got nan": {"label_smoothing": NAN},
        "label_smoothing must be in [0, 1], got -0.1": {"label_smoothing": -0.1},
        "ignore_index must be negative for probabilities, got 0": {"target": ONE_HOT, "ignore_index": 0},
        "ignore_index must be negative for probabilities, got 1": {"target": ONE_HOT, "ignore_index": 1},
    },
    refused_by_torch={
        "expected target dtype to be Long or Byte, but got Int": INT32,
        "expected scalar type Long but found Byte": BYTES_IN_AN_IMAGE,
    },
    right={
        "by_hand": np.log(1 + 3) - np.log(3),
        "label_smoothing": smoothed_cross_entropy,
        "segmentation": segmentation_loss,
        "find_the_bug": weighted_cross_entropy,
    },
    wrong=WRONG,
)


# What holds for this loss alone


def test_gradient_is_p_minus_q():
    input, target = normal(1000, 3), labels(3, 1000)
    p, q = input.softmax(dim=1), F.one_hot(target, 3)
    torch.testing.assert_close(gradient(F.cross_entropy, input, target), p - q)
    assert CATALOG["cross_entropy"].gradient_far.startswith("p - q in each logit")


def test_bytes_as_labels_are_refused_under_a_weight_and_label_smoothing_together():
    z, y, w = torch.zeros(2, 3), torch.tensor([2, 0], dtype=torch.uint8), torch.ones(3)
    for one in ({"weight": w}, {"label_smoothing": 0.1}):
        torch.testing.assert_close(F.cross_entropy(z, y, **one), torch.tensor(3.0).log())
    with pytest.raises(RuntimeError, match="gather"):
        F.cross_entropy(z, y, weight=w, label_smoothing=0.1)


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2), (0, 3, 2, 2), (2, 3, 0)])
def test_bytes_as_labels_are_taken_in_an_empty_batch(shape):
    z, y = torch.zeros(shape), torch.zeros(shape[:1] + shape[2:], dtype=torch.uint8)
    assert F.cross_entropy(z, y).isnan()
    assert F.cross_entropy(z, y, weight=torch.ones(3), label_smoothing=0.1).isnan()


def test_smoothing_takes_a_byte_for_the_ignored_label_if_it_equals_it_modulo_256():
    z = normal(2, 200)
    y = torch.tensor([156, 3])
    long = F.cross_entropy(z, y, reduction="none", label_smoothing=0.1)
    byte = F.cross_entropy(z, y.byte(), reduction="none", label_smoothing=0.1)
    part = -0.1 * z.log_softmax(dim=1).mean(dim=1)
    torch.testing.assert_close(long - byte, torch.stack([part[0], torch.zeros_like(part[1])]))
    torch.testing.assert_close(F.cross_entropy(z, y.byte()), F.cross_entropy(z, y))


def test_two_logits_at_the_least_float32_overflow_under_smoothed_labels_alone():
    least = torch.finfo(torch.float32).min
    z, q = torch.tensor([[0, 1, least, least]]), torch.tensor([[0.0, 1, 0, 0]])
    assert F.cross_entropy(z, torch.tensor([1]), label_smoothing=0.1).isinf()
    assert F.cross_entropy(z, q, label_smoothing=0.1).isfinite()


def test_at_the_best_temperature_for_a_smoothed_target_the_label_is_below_its_share():
    fixed, q = torch.tensor([3, 1.5, 0, -1]), torch.tensor([0.85, 0.05, 0.05, 0.05])
    temperatures = torch.linspace(0.25, 8, 1000)
    p = (fixed / temperatures[:, None]).softmax(dim=1)
    best = F.kl_div(p.log(), q, reduction="none").sum(dim=1).argmin()
    assert 0.9 < temperatures[best] < 1.1 and p[best, 0] < q[0]
    lower = temperatures < 0.785
    assert (p[lower, 0] > q[0]).all()


def test_elicits_the_class_frequencies():
    assert CATALOG["cross_entropy"].elicits.startswith("the class frequencies")
    target = torch.tensor([0, 0, 0, 1, 1, 2])
    constant = (torch.bincount(target) / len(target)).log().expand(len(target), 3)
    mean_gradient = gradient(F.cross_entropy, constant, target).mean(dim=0)
    torch.testing.assert_close(mean_gradient, torch.zeros(3))
