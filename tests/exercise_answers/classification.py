"""Right answers to the exercises of the family classification, and wrong ones with what is said of them."""

import numpy as np
from exercise_answers.shared import LN2, log_softmax, six


def smoothed_cross_entropy(input, target, label_smoothing):
    samples, classes = input.shape
    probabilities = np.full(input.shape, label_smoothing / classes)
    probabilities[np.arange(samples), target] += 1 - label_smoothing
    return -np.mean(np.sum(probabilities * log_softmax(input), axis=1))


def segmentation_loss(input, target, ignore_index):
    logits = np.moveaxis(input, 1, -1)[target != ignore_index]
    labels = target[target != ignore_index]
    return np.mean(-log_softmax(logits)[np.arange(len(labels)), labels]) if len(labels) else np.nan


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


def parts_without_weight(input, target, weight, ignore_index):
    return nll_parts(input, target, np.ones_like(weight), ignore_index)


def counting_the_ignored(input, target, weight, ignore_index):
    return nll_parts(input, target, weight, ignore_index)[0], weight[target % len(weight)].sum()


def parts_with_the_sign_left(input, target, weight, ignore_index):
    numerator, denominator = nll_parts(input, target, weight, ignore_index)
    return -numerator, denominator


def masked_after_indexing(input, target, weight, ignore_index):
    kept = target != ignore_index
    losses = -weight[target] * input[np.arange(len(target)), target]
    return losses[kept].sum(), weight[target][kept].sum()


def mean_over_padding_words(input, target, padding):
    return sentence_nll(input, target, padding) * np.mean(target != padding, axis=1)


def mean_over_all_words(input, target, padding):
    kept = target != padding
    words = [word[label] for word, label in zip(input[kept], target[kept], strict=True)]
    return np.full(len(target), -np.mean(words))


def sum_over_words(input, target, padding):
    return sentence_nll(input, target, padding) * np.sum(target != padding, axis=1)


def zero_without_words(input, target, padding):
    return np.nan_to_num(sentence_nll(input, target, padding))


def leaky_nll(input, target, weight):
    losses = -weight[target] * input[np.arange(len(target)), target]
    losses[target == -1] = 0
    return losses.sum() / weight[target].sum()


def last_class_silenced(input, target, weight):
    return leaky_nll(input, target, np.append(weight[:-1], 0))


def unlabelled_as_class_0(input, target, weight):
    losses = -weight[target] * input[np.arange(len(target)), target]
    losses[target == -1] = 0
    return losses.sum() / weight[np.maximum(target, 0)].sum()


def divided_by_the_labelled(input, target, weight):
    kept = target != -1
    losses = -weight[target] * input[np.arange(len(target)), target]
    return losses[kept].mean()


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


def bce(input, target):
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log([input, 1 - input]), -100)
    return -target * logs[0] - (1 - target) * logs[1]


def loss_with_its_floor(input, target):
    return np.mean(bce(input, target))


def floor_of_the_mean_target(input, target):
    return np.mean(bce(input, target)) - bce(np.mean(target), np.mean(target))


def unguarded_excess(input, target):
    excess = target * np.log(target / input)
    return np.mean(excess + (1 - target) * np.log((1 - target) / (1 - input)))


def divided_by_all_weights(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.sum(weight[target] * losses) / np.sum(weight)


def weights_scaled_to_mean_1(input, target, weight):
    return divided_by_n(input, target, weight / weight.mean())


def weights_left_out(input, target, weight):
    return divided_by_n(input, target, np.ones_like(weight))


def naive_excess(input, target):
    return np.mean(-target * np.log(input) - (1 - target) * np.log(1 - input) + target * np.log(target))


def grad_in_the_probability(input, target):
    p = 1 / (1 + np.exp(-input))
    return (p - target) / (p * (1 - p)) / input.size


def target_minus_probability(input, target):
    return -logit_grad(input, target)


def grad_of_the_sum(input, target):
    return logit_grad(input, target) * input.size


def divided_by_the_rows(input, target):
    return grad_of_the_sum(input, target) / len(input)


def overflowing(input, target):
    return (1 / (1 + np.exp(-input)) - target) / input.size


def two_factors(input, target):
    p = 1 / (1 + np.exp(-input))
    return (p - target) / (p * (1 - p)) * (p * (1 - p)) / input.size


def divided_by_the_weights(input, target, weight):
    return np.sum(weight[:, None] * bce(input, target)) / np.sum(weight[:, None] * np.ones(input.shape))


def sum_over_the_questions(input, target, weight):
    return np.mean(weight * bce(input, target).sum(axis=1))


def weighted_by_column(input, target, weight):
    return np.mean(weight * (-target * np.log(input) - (1 - target) * np.log(1 - input)))


def weighting_both_answers(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight[:, None, None] * (target * yes + (1 - target) * no))


def channels_by_their_weights(input, target, pos_weight):
    return channel_weighted_bce(input, target, pos_weight) / np.mean(pos_weight)


def channels_through_the_probability(input, target, pos_weight):
    p = 1 / (1 + np.exp(-input))
    return np.mean(-pos_weight[:, None, None] * target * np.log(p) - (1 - target) * np.log(1 - p))


def weighted_by_image_column(input, target, pos_weight):
    yes, no = np.logaddexp(0, -input), np.logaddexp(0, input)
    return np.mean(pos_weight * target * yes + (1 - target) * no)


def weight_multiplied_again(input, pos_weight):
    return 1 / (1 + np.exp(-input) / pos_weight)


def probability_divided(input, pos_weight):
    return 1 / (1 + np.exp(-input)) / pos_weight


def weight_without_its_logarithm(input, pos_weight):
    return 1 / (1 + np.exp(pos_weight - input))


def corrected_logit(input, pos_weight):
    return input - np.log(pos_weight)


def clipped_bce(input, target):
    p = np.clip(1 / (1 + np.exp(-input)), 1e-7, 1 - 1e-7)
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def hardly_clipped_bce(input, target):
    p = np.clip(1 / (1 + np.exp(-input)), 1e-12, 1 - 1e-12)
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def unclipped_bce(input, target):
    p = 1 / (1 + np.exp(-input))
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def overflowing_bce(input, target):
    return np.mean(np.log(1 + np.exp(input)) - input * target)


RIGHT = {
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
}

WRONG = [
    ("nll_loss/by_hand", (1 * 1 + 3 * 2 + 1 * 4) / 3, f"{six((1 * 1 + 3 * 2 + 1 * 4) / 3)} is too large"),
    ("nll_loss/by_hand", (1 + 2 + 4) / 3, f"{six((1 + 2 + 4) / 3)} is too large"),
    ("nll_loss/by_hand", -11 / 5, f"{-11 / 5} is too small"),
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
        "nll_loss/numerator_and_denominator",
        parts_with_the_sign_left,
        "for input=[[-0.693147, -0.693147]], target=[0], weight=[1.0, 1.0], ignore_index=-100 "
        f"expected [{LN2}, 1.0], got [-{LN2}, 1.0]",
    ),
    (
        "nll_loss/numerator_and_denominator",
        masked_after_indexing,
        "your function raised IndexError: index 255 is out of bounds for axis 0 with size 2 "
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[255, 255], weight=[1.0, 3.0], ignore_index=255",
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
        "nll_loss/sentences",
        sum_over_words,
        "for input=[[[-1.0, -2.0], [-3.0, -4.0]], [[-5.0, -6.0], [-7.0, -8.0]]], "
        "target=[[1, 0], [1, 255]], padding=255 "
        f"expected [{(2 + 3) / 2}, 6.0], got [{2 + 3.0}, 6.0]",
    ),
    (
        "nll_loss/sentences",
        zero_without_words,
        "for input=[[[-1.0, -2.0], [-3.0, -4.0]]], target=[[-1, -1]], padding=-1 expected [nan], got [0.0]",
    ),
    (
        "nll_loss/find_the_bug",
        leaky_nll,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0] "
        f"expected 1.0, got {1 / (1 + 3)}",
    ),
    (
        "nll_loss/find_the_bug",
        last_class_silenced,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {(1 + 3 * 4) / (1 + 3)}, got {1 / 1}",
    ),
    (
        "nll_loss/find_the_bug",
        unlabelled_as_class_0,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, -1], weight=[1.0, 3.0] "
        f"expected 1.0, got {1 / (1 + 1)}",
    ),
    (
        "nll_loss/find_the_bug",
        divided_by_the_labelled,
        "for input=[[-1.0, -2.0], [-3.0, -4.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {(1 + 3 * 4) / (1 + 3)}, got {(1 + 3 * 4) / 2}",
    ),
    ("cross_entropy/by_hand", 0.29, "0.29 is too large"),
    ("cross_entropy/by_hand", -np.log(1 / 4), f"{six(np.log(4))} is too large"),
    ("cross_entropy/by_hand", np.log(3 / 4), f"{six(np.log(3 / 4))} is too small"),
    (
        "cross_entropy/label_smoothing",
        smoothing_without_the_true_class,
        "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 "
        f"expected {six(np.log(1 + np.e) - 0.95)}, got {six(np.log(1 + np.e) - 0.9)}",
    ),
    (
        "cross_entropy/label_smoothing",
        smoothing_with_the_sum,
        "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 "
        f"expected {six(np.log(1 + np.e) - 0.95)}, got {six(1.1 * np.log(1 + np.e) - 1)}",
    ),
    (
        "cross_entropy/label_smoothing",
        smoothing_with_log_c,
        "for input=[[0.0, 1.0]], target=[1], label_smoothing=0.1 expected "
        f"{six(np.log(1 + np.e) - 0.95)}, got {six(0.9 * (np.log(1 + np.e) - 1) + 0.1 * np.log(2))}",
    ),
    (
        "cross_entropy/label_smoothing",
        log_of_the_softmax,
        f"for input=[[1000.0, 0.0]], target=[0], label_smoothing=0.1 expected {0.1 / 2 * 1000}, got nan",
    ),
    (
        "cross_entropy/segmentation",
        softmax_over_the_columns,
        f"for input=[[[[0.0]], [[0.0]]]], target=[[[1]]], ignore_index=255 expected {LN2}, got -0.0",
    ),
    (
        "cross_entropy/segmentation",
        ignored_as_class_0,
        "for input=[[[[0.0, 2.0]], [[1.0, 0.0]]]], target=[[[0, 255]]], ignore_index=255 "
        f"expected {six(np.log(1 + np.e))}, got {six((np.log(1 + np.e) + np.log(1 + np.e**-2)) / 2)}",
    ),
    (
        "cross_entropy/segmentation",
        mean_of_the_images,
        "for input=[[[[0.0, 0.0]], [[0.0, 0.0]]], [[[2.0, 0.0]], [[0.0, 0.0]]]], "
        "target=[[[0, 1]], [[1, 255]]], ignore_index=255 expected "
        f"{six((2 * np.log(2) + np.log(1 + np.e**2)) / 3)}, got {six((np.log(2) + np.log(1 + np.e**2)) / 2)}",
    ),
    (
        "cross_entropy/segmentation",
        zero_without_pixels,
        "for input=[[[[0.0]], [[0.0]]]], target=[[[255]]], ignore_index=255 expected nan, got 0.0",
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
        "cross_entropy/find_the_bug",
        divided_by_all_weights,
        "for input=[[0.0, 0.0]], target=[1], weight=[1.0, 3.0] "
        f"expected {LN2}, got {six(3 * np.log(2) / (1 + 3))}",
    ),
    (
        "cross_entropy/find_the_bug",
        weights_scaled_to_mean_1,
        f"for input=[[0.0, 0.0]], target=[1], weight=[1.0, 3.0] expected {LN2}, got {six(3 / 2 * np.log(2))}",
    ),
    (
        "cross_entropy/find_the_bug",
        weights_left_out,
        "for input=[[0.0, 2.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] expected "
        f"{six((np.log(1 + np.e**2) + 3 * np.log(2)) / 4)}, got {six((np.log(1 + np.e**2) + np.log(2)) / 2)}",
    ),
    (
        "binary_cross_entropy/by_hand",
        [np.log(2), np.log(4), 0.3 * np.log(2)],
        f"{six(0.3 * np.log(2))} at index 2 is too small",
    ),
    ("binary_cross_entropy/by_hand", [0.693, 0.288, 0.693], "0.288 at index 1 is too small"),
    ("binary_cross_entropy/by_hand", [1, 2, 1], "1.0 at index 0 is too large"),
    (
        "binary_cross_entropy/excess",
        naive_excess,
        f"for input=[0.3], target=[0.3] expected 0.0, got {six(-0.7 * np.log(0.7))}",
    ),
    (
        "binary_cross_entropy/excess",
        loss_with_its_floor,
        f"for input=[0.3], target=[0.3] expected 0.0, got {six(-0.3 * np.log(0.3) - 0.7 * np.log(0.7))}",
    ),
    (
        "binary_cross_entropy/excess",
        floor_of_the_mean_target,
        f"for input=[0.0, 1.0], target=[0.0, 1.0] expected 0.0, got {six(-np.log(2))}",
    ),
    (
        "binary_cross_entropy/excess",
        unguarded_excess,
        f"for input=[0.5], target=[1.0] expected {LN2}, got nan",
    ),
    (
        "binary_cross_entropy/through_the_sigmoid",
        grad_in_the_probability,
        "for input=[0.0], target=[1.0] expected [-0.5], got [-2.0]",
    ),
    (
        "binary_cross_entropy/through_the_sigmoid",
        target_minus_probability,
        "for input=[0.0], target=[1.0] expected [-0.5], got [0.5]",
    ),
    (
        "binary_cross_entropy/through_the_sigmoid",
        grad_of_the_sum,
        "for input=[0.0, 2.0], target=[0.0, 0.0] "
        f"expected [0.25, {six(1 / (1 + np.exp(-2)) / 2)}], got [0.5, {six(1 / (1 + np.exp(-2)))}]",
    ),
    (
        "binary_cross_entropy/through_the_sigmoid",
        divided_by_the_rows,
        "for input=[[0.0, 0.0]], target=[[1.0, 0.0]] expected [[-0.25, 0.25]], got [[-0.5, 0.5]]",
    ),
    (
        "binary_cross_entropy/through_the_sigmoid",
        two_factors,
        "your function raised RuntimeWarning: overflow encountered in exp "
        "for input=[1000.0, -1000.0], target=[0.0, 1.0]",
    ),
    (
        "binary_cross_entropy/through_the_sigmoid",
        overflowing,
        "your function raised RuntimeWarning: overflow encountered in exp "
        "for input=[1000.0, -1000.0], target=[0.0, 1.0]",
    ),
    (
        "binary_cross_entropy/find_the_bug",
        weighted_by_column,
        "for input=[[0.5, 0.25], [0.5, 0.5]], target=[[1.0, 1.0], [1.0, 1.0]], weight=[1.0, 3.0] "
        f"expected {six(9 * np.log(2) / 4)}, got {six(11 * np.log(2) / 4)}",
    ),
    (
        "binary_cross_entropy/find_the_bug",
        divided_by_the_weights,
        f"for input=[[0.5]], target=[[1.0]], weight=[2.0] expected {six(2 * np.log(2))}, got {LN2}",
    ),
    (
        "binary_cross_entropy/find_the_bug",
        sum_over_the_questions,
        "for input=[[0.5, 0.25], [0.5, 0.5]], target=[[1.0, 1.0], [1.0, 1.0]], weight=[1.0, 3.0] "
        f"expected {six(9 * np.log(2) / 4)}, got {six(9 * np.log(2) / 2)}",
    ),
    (
        "binary_cross_entropy_with_logits/by_hand",
        [10 * np.log(5), 10 * np.log(5 / 4)],
        f"{six(10 * np.log(5))} at index 0 is too large",
    ),
    (
        "binary_cross_entropy_with_logits/by_hand",
        [np.log(5 / 4), 10 * np.log(5)],
        f"{six(np.log(5 / 4))} at index 0 is too small",
    ),
    (
        "binary_cross_entropy_with_logits/by_hand",
        [1.609, 0.223],
        "0.223 at index 1 is too small",
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
        "binary_cross_entropy_with_logits/channel_weight",
        weighting_both_answers,
        "for input=[[[[0.0]], [[0.0]]]], target=[[[[1.0]], [[0.0]]]], pos_weight=[3.0, 2.0] "
        f"expected {six((3 + 1) * np.log(2) / 2)}, got {six((3 + 2) * np.log(2) / 2)}",
    ),
    (
        "binary_cross_entropy_with_logits/channel_weight",
        channels_by_their_weights,
        "for input=[[[[0.0]]]], target=[[[[1.0]]]], pos_weight=[3.0] "
        f"expected {six(3 * np.log(2))}, got {LN2}",
    ),
    (
        "binary_cross_entropy_with_logits/channel_weight",
        channels_through_the_probability,
        "for input=[[[[100.0]], [[-100.0]]]], target=[[[[0.0]], [[1.0]]]], pos_weight=[1.0, 3.0] "
        f"expected {(100 + 3 * 100) / 2}, got inf",
    ),
    (
        "binary_cross_entropy_with_logits/honest_probability",
        weight_multiplied_again,
        f"for input=[0.0], pos_weight=4.0 expected [{1 / (1 + 4)}], got [{4 / (1 + 4)}]",
    ),
    (
        "binary_cross_entropy_with_logits/honest_probability",
        probability_divided,
        f"for input=[0.0], pos_weight=4.0 expected [{1 / (1 + 4)}], got [{1 / 2 / 4}]",
    ),
    (
        "binary_cross_entropy_with_logits/honest_probability",
        weight_without_its_logarithm,
        f"for input=[0.0], pos_weight=1.0 expected [0.5], got [{six(1 / (1 + np.e))}]",
    ),
    (
        "binary_cross_entropy_with_logits/honest_probability",
        corrected_logit,
        "for input=[0.0], pos_weight=1.0 expected [0.5], got [0.0]",
    ),
    (
        "binary_cross_entropy_with_logits/find_the_bug",
        clipped_bce,
        f"for input=[40.0], target=[0.0] expected 40.0, got {six(-np.log(1e-7))}",
    ),
    (
        "binary_cross_entropy_with_logits/find_the_bug",
        hardly_clipped_bce,
        f"for input=[40.0], target=[0.0] expected 40.0, got {six(-np.log(1 - (1 - 1e-12)))}",
    ),
    (
        "binary_cross_entropy_with_logits/find_the_bug",
        unclipped_bce,
        "for input=[40.0], target=[0.0] expected 40.0, got inf",
    ),
    (
        "binary_cross_entropy_with_logits/find_the_bug",
        overflowing_bce,
        "for input=[-1000.0, 1000.0], target=[1.0, 0.0] expected 1000.0, got inf",
    ),
]
