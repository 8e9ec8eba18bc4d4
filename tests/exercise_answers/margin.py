"""Right answers to the exercises of the family margin, and wrong ones with what is said of them."""

import numpy as np
from exercise_answers.shared import LN2, six


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


def logistic_loss(input, target):
    return np.logaddexp(0, input) - target * input


def soft_margin_by_sample(input, target):
    return logistic_loss(input, target).mean(axis=1)


def listed_soft_margin(input, labels):
    target = [np.isin(np.arange(input.shape[1]), row) for row in labels]
    return logistic_loss(input, np.array(target)).mean()


def known_soft_margin(input, target, known):
    return np.where(known, logistic_loss(input, target), 0).sum() / known.sum()


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


SOFT_1, SOFT_2, SOFT_3 = np.log1p(np.exp([-1.0, -2.0, -3.0]))


RIGHT = {
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
}

WRONG = [
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
]
