"""check passes right answers, explains wrong ones, and never shows a traceback or the solution."""

import inspect
import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from lossviz.exercises import EXERCISES, check, judging
from lossviz.exercises.judging import expected_result
from lossviz.progress import load

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FUNCTIONS = [name for name, exercise in EXERCISES.items() if not exercise.is_value]
VALUES = [name for name, exercise in EXERCISES.items() if exercise.is_value]


# Right answers, in NumPy


def best_constant(target, weight):
    return np.average(target, weights=weight)


def rmse_grad(input, target):
    d = input - target
    norm = np.sqrt(np.sum(d * d))
    return d / (norm * np.sqrt(d.size)) if norm else np.zeros(d.shape)


def masked_mse(input, target, mask):
    return np.sum(np.where(mask, input - target, 0) ** 2) / np.sum(mask)


def weighted_l1(input, target, weight):
    return np.sum(weight * np.abs(input - target)) / np.sum(weight)


def quantile_loss(input, target, q):
    d = target - input
    return np.mean(np.where(d > 0, q * d, (q - 1) * d))


def l1_loss(input, target):
    if input.shape != target.shape:
        raise ValueError(f"shapes must be equal, got {input.shape} and {target.shape}")
    return np.mean(np.abs(input - target))


def smooth_l1_loss(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - beta / 2))


def huber(input, target, delta):
    return delta * smooth_l1_loss(input, target, delta)


def log_softmax(input):
    shifted = input - np.max(input, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def smoothed_cross_entropy(input, target, label_smoothing):
    samples, classes = input.shape
    probabilities = np.full(input.shape, label_smoothing / classes)
    probabilities[np.arange(samples), target] += 1 - label_smoothing
    return -np.mean(np.sum(probabilities * log_softmax(input), axis=1))


def segmentation_loss(input, target, ignore_index):
    logits = np.moveaxis(input, 1, -1)[target != ignore_index]
    labels = target[target != ignore_index]
    return np.mean(-log_softmax(logits)[np.arange(len(labels)), labels]) if len(labels) else np.nan


def poisson_with_exposure(input, target, exposure):
    return np.mean(exposure * np.exp(input) - target * (input + np.log(exposure)))


def poisson_deviance(input, target):
    logs = np.log(target, where=target > 0, out=np.zeros(target.shape))
    return np.mean(2 * (target * (logs - input) - target + np.exp(input)))


def full_poisson(input, target):
    y = np.where(target > 1, target, 2)
    stirling = (target > 1) * (y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y))
    return np.mean(np.exp(input) - target * input + stirling)


def nll_parts(input, target, weight, ignore_index):
    counts = np.where(target == ignore_index, 0, weight[np.clip(target, 0, len(weight) - 1)])
    picked = input[np.arange(len(target)), np.clip(target, 0, len(weight) - 1)]
    return -np.sum(counts * picked), np.sum(counts)


def sentence_nll(input, target, padding):
    losses = []
    for words, labels in zip(input, target, strict=True):
        picked = [word[label] for word, label in zip(words, labels, strict=True) if label != padding]
        losses.append(-np.mean(picked) if picked else np.nan)
    return losses


def weighted_nll(input, target, weight):
    numerator, denominator = nll_parts(input, target, weight, -1)
    return numerator / denominator


def weighted_cross_entropy(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.sum(weight[target] * losses) / np.sum(weight[target])


def excess_loss(input, target):
    def floored_log(p):
        return np.log(np.maximum(p, np.exp(-100)))

    excess = target * (floored_log(target) - floored_log(input))
    return np.mean(excess + (1 - target) * (floored_log(1 - target) - floored_log(1 - input)))


def logit_grad(input, target):
    return (np.exp(-np.logaddexp(0, -input)) - target) / input.size


def sample_weighted_bce(input, target, weight):
    losses = -target * np.log(input) - (1 - target) * np.log(1 - input)
    return np.sum(weight * losses.sum(axis=1)) / input.size


def bce_with_logits(input, target):
    return np.mean(np.logaddexp(0, input) - input * target)


def channel_weighted_bce(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight.reshape(1, -1, 1, 1) * target * yes + (1 - target) * no)


def honest_probability(input, pos_weight):
    p = 1 / (1 + np.exp(-input))
    return p / (p + pos_weight * (1 - p))


def average_kl(input, target):
    log_target = np.log(np.where(target > 0, target, 1))
    return np.mean(np.sum(target * (log_target - input), axis=1))


def distillation_loss(input, target, temperature):
    log_p = log_softmax(target / temperature)
    log_ratio = log_p - log_softmax(input / temperature)
    return temperature**2 * np.mean(np.sum(np.exp(log_p) * log_ratio, axis=1))


def jensen_shannon(input, target):
    log_m = np.log(np.maximum((input + target) / 2, 1e-300))
    return (average_kl(log_m, input) + average_kl(log_m, target)) / 2


def hinges(input, target):
    """max(0, 1 - own score + rival's score) for every rival, and 0 for the label itself."""
    own = input[np.arange(len(target)), target]
    rival = np.arange(input.shape[1]) != target[:, None]
    return np.maximum(0, 1 - own[:, None] + input) * rival


def worst_rival(input, target):
    return np.mean(np.max(hinges(input, target), axis=1))


def weighted_margin(input, target, weight):
    return np.sum(weight[target] * np.mean(hinges(input, target), axis=1)) / np.sum(weight[target])


def margin_loss(input, target):
    return np.mean(hinges(input, target))


def to_indices(multi_hot):
    width = multi_hot.shape[1]
    return [(np.flatnonzero(row).tolist() + width * [-1])[:width] for row in multi_hot]


def margin_from_multi_hot(input, multi_hot):
    return np.mean([np.mean(pair_costs(*row)) for row in zip(input, multi_hot == 1, strict=True)])


def pair_costs(scores, is_label):
    """For every class, what all labels lack to lead it by 1; 0 for the labels."""
    lacking = np.maximum(0, 1 - scores[is_label, None] + scores)
    return np.sum(lacking, axis=0) * ~is_label


def multilabel_margin(input, target):
    before_the_end = np.cumsum(target == -1, axis=1) == 0
    rows = zip(target, before_the_end, strict=True)
    return margin_from_multi_hot(
        input, np.array([np.isin(np.arange(len(row)), row[kept]) for row, kept in rows])
    )


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


def logistic_loss(input, target):
    return np.logaddexp(0, input) - target * input


def soft_margin_by_sample(input, target):
    return logistic_loss(input, target).mean(axis=1)


def listed_soft_margin(input, labels):
    target = [np.isin(np.arange(input.shape[1]), row) for row in labels]
    return logistic_loss(input, np.array(target)).mean()


def known_soft_margin(input, target, known):
    return np.where(known, logistic_loss(input, target), 0).sum() / known.sum()


RIGHT = {
    "mse_loss/by_hand": (2**2 + 1**2) / 4,
    "mse_loss/best_constant": best_constant,
    "mse_loss/rmse_gradient": rmse_grad,
    "mse_loss/find_the_bug": masked_mse,
    "l1_loss/by_hand": (2 + 1 + 0 + 4) / 4,
    "l1_loss/weighted": weighted_l1,
    "l1_loss/quantile": quantile_loss,
    "l1_loss/find_the_bug": l1_loss,
    "smooth_l1_loss/by_hand": [0.5 * 0.2**2 / 0.5, 1 - 0.5 / 2, 3 - 0.5 / 2],
    "smooth_l1_loss/huber": huber,
    "smooth_l1_loss/find_the_bug": smooth_l1_loss,
    "poisson_nll_loss/by_hand": [3 - 0 * np.log(3), 3 - 2 * np.log(3)],
    "poisson_nll_loss/exposure": poisson_with_exposure,
    "poisson_nll_loss/deviance": poisson_deviance,
    "poisson_nll_loss/find_the_bug": full_poisson,
    "nll_loss/by_hand": (1 * 1 + 3 * 2 + 1 * 4) / (1 + 3 + 1),
    "nll_loss/numerator_and_denominator": nll_parts,
    "nll_loss/sentences": sentence_nll,
    "nll_loss/find_the_bug": weighted_nll,
    "cross_entropy/by_hand": np.log(1 + 3) - np.log(3),
    "cross_entropy/label_smoothing": smoothed_cross_entropy,
    "cross_entropy/segmentation": segmentation_loss,
    "cross_entropy/find_the_bug": weighted_cross_entropy,
    "binary_cross_entropy/by_hand": [np.log(2), np.log(4), np.log(2)],
    "binary_cross_entropy/excess": excess_loss,
    "binary_cross_entropy/through_the_sigmoid": logit_grad,
    "binary_cross_entropy/find_the_bug": sample_weighted_bce,
    "binary_cross_entropy_with_logits/by_hand": [np.log(5), 10 * np.log(5 / 4)],
    "binary_cross_entropy_with_logits/channel_weight": channel_weighted_bce,
    "binary_cross_entropy_with_logits/honest_probability": honest_probability,
    "binary_cross_entropy_with_logits/find_the_bug": bce_with_logits,
    "multi_margin_loss/by_hand": (0.5**2 + 0.2**2) / 4,
    "multi_margin_loss/worst_rival": worst_rival,
    "multi_margin_loss/weighted": weighted_margin,
    "multi_margin_loss/find_the_bug": margin_loss,
    "multilabel_margin_loss/by_hand": (0 + 0.5) / 3,
    "multilabel_margin_loss/to_indices": to_indices,
    "multilabel_margin_loss/from_multi_hot": margin_from_multi_hot,
    "multilabel_margin_loss/find_the_bug": multilabel_margin,
    "multilabel_soft_margin_loss/by_hand": (np.log(1 + 1) + np.log(1 + 4)) / 2,
    "multilabel_soft_margin_loss/listed": listed_soft_margin,
    "multilabel_soft_margin_loss/known": known_soft_margin,
    "multilabel_soft_margin_loss/find_the_bug": soft_margin_by_sample,
    "hinge_embedding_loss/by_hand": (0.5 + 2 + (1 - 0.25) + 0) / 4,
    "hinge_embedding_loss/contrastive": contrastive_loss,
    "hinge_embedding_loss/embedding_grad": embedding_grad,
    "hinge_embedding_loss/find_the_bug": pair_loss,
    "kl_div/by_hand": 1 / 2 * np.log(2) + 1 / 2 * np.log(2) + 0,
    "kl_div/distillation": distillation_loss,
    "kl_div/jensen_shannon": jensen_shannon,
    "kl_div/find_the_bug": average_kl,
}


def signature(name):
    return ", ".join(EXERCISES[name].cases[0])


def returning(result, name):
    """A function with the exercise's arguments that always gives the same result."""
    return eval(f"lambda {signature(name)}: result", {"result": result})


@pytest.mark.parametrize("name", EXERCISES)
def test_a_right_answer_is_correct(name):
    verdict = check(RIGHT[name], name)
    assert verdict.correct
    if name in VALUES:
        assert verdict.message == "correct: agrees with torch"
    else:
        assert verdict.message == f"correct: {len(EXERCISES[name].cases)} inputs, all agree with torch"


def test_every_right_answer_belongs_to_an_exercise():
    assert list(RIGHT) == list(EXERCISES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_reference_and_the_signature_fit_every_case(name):
    exercise = EXERCISES[name]
    assert exercise.asks_for.endswith(f"({signature(name)})")
    assert all(list(case) == list(exercise.cases[0]) for case in exercise.cases)
    # A reference that raises by mistake would ask the reader for a ValueError.
    errors = [case for case in exercise.cases if expected_result(exercise.reference, case) is None]
    assert all(case["input"].shape != case["target"].shape for case in errors)
    assert len(errors) == (3 if name == "l1_loss/find_the_bug" else 0)


# Untouched stubs


@pytest.mark.parametrize("name", EXERCISES)
def test_an_untouched_stub_is_not_attempted(name):
    def not_implemented(**arguments):
        raise NotImplementedError

    def gap(**arguments):
        loss = ...
        return loss / 2

    for stub in (None, ..., returning(None, name), returning(..., name), not_implemented, gap):
        verdict = check(stub, name)
        assert (verdict.correct, verdict.message) == (False, "not attempted yet")


def test_a_list_with_a_gap_is_not_attempted():
    assert check([0.04, ..., ...], "smooth_l1_loss/by_hand").message == "not attempted yet"
    assert check([None] * 3, "smooth_l1_loss/by_hand").message == "not attempted yet"


def test_a_return_forgotten_in_one_branch_is_an_attempt():
    def answer(input, target, q):
        if np.all(input < target):
            return quantile_loss(input, target, q)

    message = check(answer, "l1_loss/quantile").message
    assert message == "not yet: expected numbers, got NoneType for input=[1.0], target=[0.0], q=0.9"


# Planted errors


def plain_average(target, weight):
    return np.mean(target)


def gradient_of_the_mse(input, target):
    return 2 * (input - target) / input.size


def nan_at_a_perfect_fit(input, target):
    d = input - target
    return d / d.size / np.sqrt(np.mean(d * d))


def mean_over_padding(input, target, mask):
    return np.mean(((input - target) * mask) ** 2)


def nan_times_zero(input, target, mask):
    return np.sum(((input - target) * mask) ** 2) / np.sum(mask)


def broadcast_l1(input, target):
    return np.mean(np.abs(input - target))


def plain_mean(input, target, weight):
    return np.mean(weight * np.abs(input - target))


def weights_for_nothing(input, target, weight):
    return np.mean(np.abs(input - target))


def swapped_quantile(input, target, q):
    return quantile_loss(input, target, 1 - q)


def jumping_smooth_l1(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - 0.5))


def smooth_l1_for_huber(input, target, delta):
    return smooth_l1_loss(input, target, delta)


def counts_per_hour(input, target, exposure):
    return np.mean(np.exp(input) - target / exposure * input)


def deviance_without_zeros(input, target):
    with np.errstate(all="ignore"):
        return np.mean(2 * (target * (np.log(target) - input) - target + np.exp(input)))


def half_the_deviance(input, target):
    return poisson_deviance(input, target) / 2


def stirling_for_all(input, target):
    with np.errstate(all="ignore"):
        stirling = target * np.log(target) - target + 0.5 * np.log(2 * np.pi * target)
    return np.mean(np.exp(input) - target * input + stirling)


def stirling_from_1(input, target):
    y = np.maximum(target, 1)
    stirling = y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y)
    return np.mean(np.exp(input) - target * input + (target >= 1) * stirling)


def one_label_before_the_rest(input, labels):
    return logistic_loss(input, labels[:, :1] == np.arange(input.shape[1])).mean()


def minus_one_as_the_last_class(input, labels):
    target = np.zeros_like(input)
    target[np.arange(len(labels))[:, None], labels] = 1
    return logistic_loss(input, target).mean()


def mean_over_the_unknown(input, target, known):
    return np.mean(known * logistic_loss(input, target))


def masked_by_zero(input, target, known):
    return np.sum(known * logistic_loss(input, target)) / known.sum()


def loss_by_class(input, target):
    return logistic_loss(input, target).mean(axis=0)


def sum_over_classes(input, target):
    return logistic_loss(input, target).sum(axis=1)


def parts_without_weight(input, target, weight, ignore_index):
    return nll_parts(input, target, np.ones_like(weight), ignore_index)


def counting_the_ignored(input, target, weight, ignore_index):
    return nll_parts(input, target, weight, ignore_index)[0], weight[target % len(weight)].sum()


def mean_over_padding_words(input, target, padding):
    return sentence_nll(input, target, padding) * np.mean(target != padding, axis=1)


def mean_over_all_words(input, target, padding):
    kept = target != padding
    words = [word[label] for word, label in zip(input[kept], target[kept], strict=True)]
    return np.full(len(target), -np.mean(words))


def leaky_nll(input, target, weight):
    losses = -weight[target] * input[np.arange(len(target)), target]
    losses[target == -1] = 0
    return losses.sum() / weight[target].sum()


def smoothing_without_the_true_class(input, target, label_smoothing):
    samples, classes = input.shape
    probabilities = np.full(input.shape, label_smoothing / (classes - 1))
    probabilities[np.arange(samples), target] = 1 - label_smoothing
    return -np.mean(np.sum(probabilities * log_softmax(input), axis=1))


def mean_over_ignored_pixels(input, target, ignore_index):
    kept = target != ignore_index
    return segmentation_loss(input, target, ignore_index) * kept.mean()


def divided_by_n(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.mean(weight[target] * losses)


def naive_excess(input, target):
    return np.mean(-target * np.log(input) - (1 - target) * np.log(1 - input) + target * np.log(target))


def grad_in_the_probability(input, target):
    p = 1 / (1 + np.exp(-input))
    return (p - target) / (p * (1 - p)) / input.size


def weighted_by_column(input, target, weight):
    return np.mean(weight * (-target * np.log(input) - (1 - target) * np.log(1 - input)))


def weighted_by_image_column(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight * target * yes + (1 - target) * no)


def weight_multiplied_again(input, pos_weight):
    return 1 / (1 + np.exp(-input) / pos_weight)


def clipped_bce(input, target):
    p = np.clip(1 / (1 + np.exp(-input)), 1e-7, 1 - 1e-7)
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def square_without_the_hinge(input, target, margin):
    return np.mean(np.where(target == 1, input, margin - input) ** 2)


def grad_along_the_difference(a, b, target):
    slope = target * ((target == 1) | (np.linalg.norm(a - b, axis=1) <= 1))
    return slope[:, None] * (a - b) / len(a)


def grad_of_0_at_the_margin(a, b, target):
    distance = np.linalg.norm(a - b, axis=1)
    slope = target * ((target == 1) | (distance < 1)) / np.maximum(distance, 1e-300)
    return slope[:, None] * (a - b) / len(a)


def pairs_labelled_0_and_1(a, b, same):
    distance = np.linalg.norm(a - b, axis=1)
    return np.mean(np.where(same, distance, np.maximum(distance, 1)))


def every_distance_with_every_label(a, b, same):
    distance = np.linalg.norm(a - b, axis=1, keepdims=True)
    return np.mean(np.where(same, distance, np.maximum(0, 1 - distance)))


def without_the_square(input, target, temperature):
    return distillation_loss(input, target, temperature) / temperature**2


def mean_over_classes(input, target, temperature):
    return distillation_loss(input, target, temperature) / input.shape[1]


def one_direction_only(input, target):
    return average_kl(np.log((input + target) / 2), target)


def mean_of_elements(input, target):
    return average_kl(input, target) / input.shape[1]


def unguarded_logarithm(input, target):
    return np.sum(target * (np.log(target) - input)) / len(input)


def every_rival(input, target):
    return np.mean(np.sum(hinges(input, target), axis=1))


def margin_divided_by_n(input, target, weight):
    return np.mean(weight[target, None] * hinges(input, target))


def label_against_itself(input, target):
    return np.mean(np.maximum(0, 1 - input[np.arange(len(target)), target][:, None] + input))


def indices_in_place(multi_hot):
    return np.where(multi_hot == 1, np.arange(multi_hot.shape[1]), -1)


def labels_against_labels(input, multi_hot):
    lacking = np.maximum(0, 1 - input[:, :, None] + input[:, None, :])
    return np.sum(lacking * (multi_hot[:, :, None] == 1) * (1 - np.eye(input.shape[1]))) / input.size


def reading_past_the_end(input, target):
    is_label = np.array([np.isin(np.arange(len(row)), row) for row in target])
    return margin_from_multi_hot(input, is_label)


def six(number):
    """A number as messages show it."""
    return repr(float(f"{number:.6g}"))


LN2 = six(np.log(2))
LN_2PI = np.log(2 * np.pi)
SOFT_1, SOFT_2, SOFT_3 = np.log1p(np.exp([-1.0, -2.0, -3.0]))
HALVES = f"input=[[{six(np.log(0.5))}, {six(np.log(0.5))}]]"
ENTROPY = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
JS = -(0.375 * np.log(0.375) + 0.625 * np.log(0.625)) - (np.log(2) + ENTROPY) / 2
KL_AT_1, KL_AT_2 = (
    s * (1 / T) - np.log(1 + np.exp(1 / T)) + np.log(2) for T in (1, 2) for s in [1 / (1 + np.exp(-1 / T))]
)


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        (
            "mse_loss/best_constant",
            plain_average,
            "for target=[0.0, 4.0], weight=[1.0, 3.0] expected 3.0, got 2.0",
        ),
        (
            "mse_loss/rmse_gradient",
            gradient_of_the_mse,
            "for input=[3.0], target=[0.0] expected [1.0], got [6.0]",
        ),
        (
            "mse_loss/rmse_gradient",
            nan_at_a_perfect_fit,
            "for input=[1.0, 2.0], target=[1.0, 2.0] expected [0.0, 0.0], got [nan, nan]",
        ),
        (
            "mse_loss/find_the_bug",
            mean_over_padding,
            "for input=[2.0, 1.0], target=[0.0, 0.0], mask=[ True, False] expected 4.0, got 2.0",
        ),
        (
            "mse_loss/find_the_bug",
            nan_times_zero,
            "for input=[2.0, 1.0], target=[0.0, nan], mask=[ True, False] expected 4.0, got nan",
        ),
        (
            "l1_loss/weighted",
            plain_mean,
            f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[3.0, 1.0] "
            f"expected {(3 * 2 + 1) / 4}, got {(3 * 2 + 1) / 2}",
        ),
        (
            "l1_loss/weighted",
            weights_for_nothing,
            f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[3.0, 1.0] "
            f"expected {(3 * 2 + 1) / 4}, got {(2 + 1) / 2}",
        ),
        ("l1_loss/quantile", swapped_quantile, "for input=[0.0], target=[1.0], q=0.9 expected 0.9, got 0.1"),
        (
            "l1_loss/find_the_bug",
            broadcast_l1,
            "for input=[[2.0], [-1.0]], target=[2.0, -1.0] "
            "expected a ValueError, but your function returned a result",
        ),
        (
            "smooth_l1_loss/huber",
            smooth_l1_for_huber,
            "for input=[3.0], target=[0.0], delta=2.0 expected 4.0, got 2.0",
        ),
        (
            "smooth_l1_loss/find_the_bug",
            jumping_smooth_l1,
            f"for input=[3.0], target=[0.0], beta=2.0 expected {3 - 2 / 2}, got {3 - 0.5}",
        ),
        (
            "poisson_nll_loss/exposure",
            counts_per_hour,
            "for input=[0.0], target=[2.0], exposure=[10.0] "
            f"expected {six(10 - 2 * np.log(10))}, got {np.exp(0)}",
        ),
        (
            "poisson_nll_loss/deviance",
            deviance_without_zeros,
            f"for input=[0.0], target=[0.0] expected {2 * np.exp(0)}, got nan",
        ),
        (
            "poisson_nll_loss/deviance",
            half_the_deviance,
            "for input=[0.0], target=[2.0] "
            f"expected {six(2 * (1 - 2 + 2 * np.log(2)))}, got {six(1 - 2 + 2 * np.log(2))}",
        ),
        (
            "poisson_nll_loss/find_the_bug",
            stirling_for_all,
            f"for input=[0.0], target=[1.0] expected {np.exp(0)}, got {six(1 - 1 + LN_2PI / 2)}",
        ),
        (
            "poisson_nll_loss/find_the_bug",
            stirling_from_1,
            f"for input=[0.0], target=[1.0] expected {np.exp(0)}, got {six(1 - 1 + LN_2PI / 2)}",
        ),
        (
            "nll_loss/numerator_and_denominator",
            parts_without_weight,
            "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, 1], weight=[1.0, 3.0], ignore_index=-100 "
            f"expected [{1 + 3 * 4.0}, {1 + 3.0}], got [{1 + 4.0}, {1 + 1.0}]",
        ),
        (
            "nll_loss/numerator_and_denominator",
            counting_the_ignored,
            "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0], ignore_index=-1 "
            f"expected [1.0, 1.0], got [1.0, {1 + 3.0}]",
        ),
        (
            "nll_loss/sentences",
            mean_over_padding_words,
            "for input=[[[-1.0, -2.0], [-3.0, -4.0]]], target=[[1, -1]], padding=-1 "
            f"expected [2.0], got [{2 / 2}]",
        ),
        (
            "nll_loss/sentences",
            mean_over_all_words,
            "for input=[[[-1.0, -2.0], [-3.0, -4.0]], [[-5.0, -6.0], [-7.0, -8.0]]], "
            "target=[[1, 0], [1, 255]], padding=255 "
            f"expected [{(2 + 3) / 2}, 6.0], got [{six((2 + 3 + 6) / 3)}, {six((2 + 3 + 6) / 3)}]",
        ),
        (
            "nll_loss/find_the_bug",
            leaky_nll,
            "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0] "
            f"expected 1.0, got {1 / (1 + 3)}",
        ),
        (
            "cross_entropy/label_smoothing",
            smoothing_without_the_true_class,
            "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 "
            f"expected {six(np.log(1 + np.e) - 0.95)}, got {six(np.log(1 + np.e) - 0.9)}",
        ),
        (
            "cross_entropy/segmentation",
            mean_over_ignored_pixels,
            "for input=[[[[0.0, 2.0]], [[1.0, 0.0]]]], target=[[[0, 255]]], ignore_index=255 "
            f"expected {six(np.log(1 + np.e))}, got {six(np.log(1 + np.e) / 2)}",
        ),
        (
            "cross_entropy/find_the_bug",
            divided_by_n,
            "for input=[[0.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
            f"expected {LN2}, got {six((1 + 3) * np.log(2) / 2)}",
        ),
        (
            "binary_cross_entropy/excess",
            naive_excess,
            f"for input=[0.3], target=[0.3] expected 0.0, got {six(-0.7 * np.log(0.7))}",
        ),
        (
            "binary_cross_entropy/through_the_sigmoid",
            grad_in_the_probability,
            "for input=[0.0], target=[1.0] expected [-0.5], got [-2.0]",
        ),
        (
            "binary_cross_entropy/find_the_bug",
            weighted_by_column,
            "for input=[[0.5, 0.25], [0.5, 0.5]], target=[[1.0, 1.0], [1.0, 1.0]], weight=[1.0, 3.0] "
            f"expected {six(9 * np.log(2) / 4)}, got {six(11 * np.log(2) / 4)}",
        ),
        (
            "binary_cross_entropy_with_logits/channel_weight",
            weighted_by_image_column,
            "for input=[[[[0.0, 1.0]], [[2.0, -1.0]]]], target=[[[[1.0, 1.0]], [[0.0, 0.0]]]], "
            "pos_weight=[3.0, 1.0] expected "
            f"{six((3 * np.log(2) + 3 * np.log1p(1 / np.e) + np.log1p(np.e**2) + np.log1p(1 / np.e)) / 4)}, "
            f"got {six((3 * np.log(2) + np.log1p(1 / np.e) + np.log1p(np.e**2) + np.log1p(1 / np.e)) / 4)}",
        ),
        (
            "binary_cross_entropy_with_logits/honest_probability",
            weight_multiplied_again,
            f"for input=[0.0], pos_weight=4.0 expected [{1 / (1 + 4)}], got [{4 / (1 + 4)}]",
        ),
        (
            "binary_cross_entropy_with_logits/find_the_bug",
            clipped_bce,
            f"for input=[40.0], target=[0.0] expected 40.0, got {six(-np.log(1e-7))}",
        ),
        (
            "multilabel_soft_margin_loss/listed",
            minus_one_as_the_last_class,
            "for input=[[1.0, -2.0]], labels=[[0, -1]] "
            f"expected {six((SOFT_1 + SOFT_2) / 2)}, got {six((SOFT_1 + SOFT_2 + 2) / 2)}",
        ),
        (
            "multilabel_soft_margin_loss/listed",
            one_label_before_the_rest,
            "for input=[[1.0, -2.0, 3.0]], labels=[[2, 0, -1]] "
            f"expected {six((SOFT_1 + SOFT_2 + SOFT_3) / 3)}, got {six((SOFT_1 + 1 + SOFT_2 + SOFT_3) / 3)}",
        ),
        (
            "multilabel_soft_margin_loss/known",
            mean_over_the_unknown,
            "for input=[[1.0, -2.0]], target=[[1.0, 1.0]], known=[[ True, False]] "
            f"expected {six(SOFT_1)}, got {six(SOFT_1 / 2)}",
        ),
        (
            "multilabel_soft_margin_loss/known",
            masked_by_zero,
            "for input=[[1.0, -2.0]], target=[[1.0, nan]], known=[[ True, False]] "
            f"expected {six(SOFT_1)}, got nan",
        ),
        (
            "multilabel_soft_margin_loss/find_the_bug",
            loss_by_class,
            "for input=[[0.0, 0.0], [5.0, -5.0]], target=[[1.0, 1.0], [0.0, 1.0]] expected "
            f"[{LN2}, {six(np.log1p(np.exp(5)))}], got "
            f"[{six((np.log(2) + np.log1p(np.exp(5))) / 2)}, {six((np.log(2) + np.log1p(np.exp(5))) / 2)}]",
        ),
        (
            "multilabel_soft_margin_loss/find_the_bug",
            sum_over_classes,
            "for input=[[0.0, 0.0], [0.0, 0.0]], target=[[1.0, 1.0], [1.0, 1.0]] "
            f"expected [{LN2}, {LN2}], got [{six(2 * np.log(2))}, {six(2 * np.log(2))}]",
        ),
        (
            "hinge_embedding_loss/contrastive",
            square_without_the_hinge,
            f"for input=[3.0], target=[-1], margin=1.0 expected 0.0, got {(1 - 3.0) ** 2}",
        ),
        (
            "hinge_embedding_loss/embedding_grad",
            grad_along_the_difference,
            f"for a=[[3.0, 4.0]], b=[[0.0, 0.0]], target=[1] expected [[{3 / 5}, {4 / 5}]], got [[3.0, 4.0]]",
        ),
        (
            "hinge_embedding_loss/embedding_grad",
            grad_of_0_at_the_margin,
            "for a=[[1.0]], b=[[0.0]], target=[-1] expected [[-1.0]], got [[0.0]]",
        ),
        (
            "hinge_embedding_loss/find_the_bug",
            pairs_labelled_0_and_1,
            f"for a=[[0.3, 0.4]], b=[[0.0, 0.0]], same=[False] expected {1 - 0.5}, got {1.0}",
        ),
        (
            "hinge_embedding_loss/find_the_bug",
            every_distance_with_every_label,
            "for a=[[1.95, 0.88], [0.22, 0.15]], b=[[1.58, 2.86], [0.52, 2.85]], same=[ True, False] "
            f"expected {six(np.hypot(0.37, 1.98) / 2)}, "
            f"got {six((np.hypot(0.37, 1.98) + np.hypot(0.3, 2.7)) / 4)}",
        ),
        (
            "kl_div/distillation",
            without_the_square,
            "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=2.0 "
            f"expected {six(4 * KL_AT_2)}, got {six(KL_AT_2)}",
        ),
        (
            "kl_div/distillation",
            mean_over_classes,
            "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=1.0 "
            f"expected {six(KL_AT_1)}, got {six(KL_AT_1 / 2)}",
        ),
        (
            "kl_div/jensen_shannon",
            one_direction_only,
            "for input=[[0.5, 0.5]], target=[[0.25, 0.75]] "
            f"expected {six(JS)}, got {six(0.25 * np.log(0.25 / 0.375) + 0.75 * np.log(0.75 / 0.625))}",
        ),
        (
            "kl_div/find_the_bug",
            mean_of_elements,
            f"for {HALVES}, target=[[0.25, 0.75]] "
            f"expected {six(np.log(2) - ENTROPY)}, got {six((np.log(2) - ENTROPY) / 2)}",
        ),
        (
            "kl_div/find_the_bug",
            unguarded_logarithm,
            f"for {HALVES}, target=[[1.0, 0.0]] expected {LN2}, got nan",
        ),
        (
            "multi_margin_loss/worst_rival",
            every_rival,
            "for input=[[2.0, 1.5, 1.8]], target=[0] expected 0.8, got 1.3",
        ),
        (
            "multi_margin_loss/weighted",
            margin_divided_by_n,
            "for input=[[0.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
            f"expected {(1 + 3) * 0.5 / (1 + 3)}, got {(1 + 3) * 0.5 / 2}",
        ),
        (
            "multi_margin_loss/find_the_bug",
            label_against_itself,
            f"for input=[[2.0, 1.5, -1.0]], target=[0] expected {six(0.5 / 3)}, got {six((0.5 + 1) / 3)}",
        ),
        (
            "multilabel_margin_loss/to_indices",
            indices_in_place,
            "for multi_hot=[[0, 1, 1]] expected [[1, 2, -1]], got [[-1.0, 1.0, 2.0]]",
        ),
        (
            "multilabel_margin_loss/from_multi_hot",
            labels_against_labels,
            "for input=[[2.0, 0.5, 0.3]], multi_hot=[[1, 1, 0]] "
            f"expected {six((1 - 0.2) / 3)}, got {six(((1 - 0.2) + (1 + 1.5)) / 3)}",
        ),
        (
            "multilabel_margin_loss/find_the_bug",
            reading_past_the_end,
            f"for input=[[2.0, 0.5, 1.8]], target=[[0, -1, 2]] expected {six((1 - 0.2) / 3)}, got 0.0",
        ),
    ],
)
def test_a_wrong_answer_is_told_the_first_input_that_differs(name, answer, message):
    verdict = check(answer, name)
    assert (verdict.correct, verdict.message) == (False, f"not yet: {message}")


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("l1_loss/by_hand", 7, "7.0 is too large"),
        ("l1_loss/by_hand", 1.0, "1.0 is too small"),
        ("l1_loss/by_hand", np.nan, "nan is wrong"),
        ("l1_loss/by_hand", [1.75], "expected shape (), got (1,)"),
        ("l1_loss/by_hand", "1.75", "expected numbers, got str"),
        ("smooth_l1_loss/by_hand", [0.04, 0.5, 2.75], "0.5 at index 1 is too small"),
        ("smooth_l1_loss/by_hand", 0.04, "expected shape (3,), got ()"),
        ("cross_entropy/by_hand", 0.29, "0.29 is too large"),
    ],
)
def test_a_wrong_value_is_not_told_the_answer(name, answer, message):
    assert check(answer, name).message == f"not yet: {message}"


def test_a_value_may_be_rounded_to_three_decimals_or_come_from_a_function():
    assert check(0.288, "cross_entropy/by_hand").correct
    assert check(lambda: 7 / 4, "l1_loss/by_hand").correct
    assert check(np.array([0.04, 0.75, 2.75]), "smooth_l1_loss/by_hand").correct


# Answers of every other kind


def test_an_exception_is_told_with_its_input():
    def answer(input, target, q):
        return 1 / 0

    assert check(answer, "l1_loss/quantile").message == (
        "not yet: your function raised ZeroDivisionError: division by zero "
        "for input=[0.0], target=[1.0], q=0.5"
    )


def test_other_arguments_than_asked_for_are_told():
    message = check(lambda x, y: 0, "smooth_l1_loss/huber").message
    assert "your function raised TypeError" in message and "unexpected keyword argument 'input'" in message


def test_another_error_than_the_one_expected_is_told():
    def answer(input, target):
        if input.shape != target.shape:
            raise KeyError("shapes")
        return np.mean(np.abs(input - target))

    message = check(answer, "l1_loss/find_the_bug").message
    assert (
        "your function raised KeyError: 'shapes' where a ValueError is expected for input=[[2.0]" in message
    )


def test_refusing_everything_is_not_the_fix():
    def answer(input, target):
        raise ValueError("no")

    message = check(answer, "l1_loss/find_the_bug").message
    assert message == "not yet: your function raised ValueError: no for input=[2.0, -1.0], target=[0.0, 0.0]"


def test_a_wrong_shape_is_told():
    def answer(input, target, weight):
        return np.abs(input - target)

    message = check(answer, "l1_loss/weighted").message
    assert message.startswith("not yet: expected shape (), got (2,) for input=[2.0, -1.0]")


def test_arguments_changed_in_place_are_told_and_stay_as_they_were():
    def answer(input, target, q):
        input -= target
        return quantile_loss(input, 0, q)

    for _ in range(2):
        message = check(answer, "l1_loss/quantile").message
        assert message == "not yet: your function changed its argument `input`"


@pytest.mark.parametrize("answer", [0.5, [1, 2], "text", np.zeros(3)])
def test_a_result_in_place_of_the_function_is_told(answer):
    message = check(answer, "l1_loss/weighted").message
    kind = type(answer).__name__
    assert message == f"not yet: expected the function weighted_l1(input, target, weight), got {kind}"


def test_what_the_answer_prints_or_warns_is_not_shown(capsys, recwarn):
    def answer(input, target, weight):
        print("here", input)
        np.log(np.zeros(1))
        return weighted_l1(input, target, weight)

    assert check(answer, "l1_loss/weighted").correct
    assert capsys.readouterr() == ("", "") and not recwarn.list


def test_an_answer_may_use_torch():
    def answer(input, target, beta):
        x = torch.tensor(input, requires_grad=True)
        return torch.nn.functional.smooth_l1_loss(x, torch.tensor(target), beta=beta)

    assert check(answer, "smooth_l1_loss/find_the_bug").correct
    assert check(torch.tensor(1.75), "l1_loss/by_hand").correct


class Hostile:
    def __array__(self, *arguments, **options):
        raise RuntimeError("no array")


@pytest.mark.parametrize(
    "result", ["text", {}, [[1], [1, 2]], 1j, True, b"0", print, Hostile(), np.array(["1"]), 10**400]
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_result_that_is_no_number_is_told(name, result):
    assert (
        f"not yet: expected numbers, got {type(result).__name__} for"
        in check(returning(result, name), name).message
    )


@pytest.mark.parametrize("error", [SystemExit(), RecursionError("deep"), MemoryError(), StopIteration()])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_exception_of_the_answer_gets_out(name, error):
    def answer(**arguments):
        raise error

    assert f"your function raised {type(error).__name__}" in check(answer, name).message


def endless(input, target, weight):
    while True:
        pass


def stubborn(input, target, weight):
    for _ in range(3):
        try:  # noqa: SIM105 (as readers write it)
            endless(input, target, weight)
        except:  # noqa: E722
            pass
    return 0.0


@pytest.mark.parametrize("answer", [endless, stubborn])
def test_an_answer_that_does_not_come_back_is_stopped(monkeypatch, answer):
    monkeypatch.setattr(judging, "SECONDS", 0.1)
    before = signal.getsignal(signal.SIGALRM)
    started = time.monotonic()
    message = check(answer, "l1_loss/weighted").message
    assert time.monotonic() - started < 2
    if answer is endless:
        assert message.startswith("not yet: your function did not come back within 0.1 second for input=")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_check_works_in_a_thread_that_hears_no_signals():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(check(weighted_l1, "l1_loss/weighted")))
    thread.start()
    thread.join()
    assert verdicts[0].correct


# The verdict


@pytest.mark.parametrize("name", EXERCISES)
def test_no_message_shows_the_reference(name):
    source = inspect.getsource(EXERCISES[name].reference)
    lines = [line.strip() for line in source.splitlines() if "return" in line or "lambda" in line]
    answers = [None, 0.5, "text", returning(0.5, name), returning([0.5], name), RIGHT[name]]
    for answer in answers:
        verdict = check(answer, name)
        page = repr(verdict) + verdict._repr_html_()
        assert lines and not any(line in page for line in lines)
        assert "F." not in page and "torch.nn" not in page


@pytest.fixture
def progress_file(monkeypatch, tmp_path):
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def run_in_a_notebook(source, **names):
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    try:
        shell.user_ns |= {"check": check} | names
        shell.run_cell(source, store_history=True).raise_error()
    finally:
        InteractiveShell.clear_instance()


def test_a_correct_answer_in_a_notebook_ticks_the_exercise(progress_file):
    run_in_a_notebook('check(answer, "l1_loss/weighted")', answer=plain_mean)
    assert not progress_file.exists()
    run_in_a_notebook('check(answer, "l1_loss/weighted")', answer=weighted_l1)
    assert load() == {"exercise:l1_loss/weighted": True}


def test_the_solution_ticks_nothing_and_nothing_is_kept_outside_a_notebook(progress_file):
    run_in_a_notebook('# Solution: so.\ncheck(answer, "l1_loss/weighted")', answer=weighted_l1)
    check(weighted_l1, "l1_loss/weighted")
    assert not progress_file.exists()


def test_the_text_is_the_name_and_the_message_every_time():
    assert repr(check(..., "l1_loss/weighted")) == "l1_loss/weighted: not attempted yet"
    assert repr(check(divided_by_n, "cross_entropy/find_the_bug")) == repr(
        check(divided_by_n, "cross_entropy/find_the_bug")
    )


def test_html_escapes_what_the_answer_says():
    def answer(**arguments):
        raise KeyError("<script>alert(1)</script>")

    page = check(answer, "l1_loss/weighted")._repr_html_()
    assert "&lt;script&gt;" in page and "<script>" not in page
    assert "not yet:" in page and "l1_loss/weighted" in page


def test_an_unknown_name_is_told_the_names_that_come_close():
    with pytest.raises(ValueError, match=r"unknown exercise 'l1_loss/weigthed'.*: l1_loss/weighted"):
        check(None, "l1_loss/weigthed")
    with pytest.raises(ValueError, match=r"cross_entropy/by_hand.*smooth_l1_loss/huber"):
        check(None, "zzz")


def test_every_exercise_stands_in_its_chapter_and_no_other_does():
    asked = {
        (path.stem, name)
        for path in NOTEBOOKS.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
        for name in re.findall(r'check\(\w+, \\"([\w/]+)\\"\)', path.read_text(encoding="utf-8"))
    }
    assert asked == {(name.split("/")[0], name) for name in EXERCISES}
