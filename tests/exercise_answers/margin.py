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
    total = 0
    for scores, row in zip(input, target.tolist(), strict=True):
        listed = row[: [*row, -1].index(-1)]
        rivals = np.delete(scores, listed)
        total += sum(np.sum(np.maximum(0, 1 - scores[label] + rivals)) for label in listed)
    return total / input.size


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


def mean_of_the_samples(input, target, known):
    losses = np.where(known, logistic_loss(input, target), 0)
    return np.mean(losses.sum(axis=1) / known.sum(axis=1))


def unknown_as_no(input, target, known):
    return logistic_loss(input, np.where(known, target, 0)).mean()


def numbers_as_targets(input, labels):
    return logistic_loss(input, labels).mean()


def listed_sum_over_classes(input, labels):
    return input.shape[1] * listed_soft_margin(input, labels)


def loss_by_class(input, target):
    return logistic_loss(input, target).mean(axis=0)


def sum_over_classes(input, target):
    return logistic_loss(input, target).sum(axis=1)


def sum_over_the_batch_size(input, target):
    return logistic_loss(input, target).sum(axis=1) / len(input)


def mean_of_all(input, target):
    return logistic_loss(input, target).mean()


def label_as_its_own_rival(input, target):
    return np.mean(np.max(np.maximum(0, 1 - input[np.arange(len(target)), target][:, None] + input), axis=1))


def label_set_to_0(input, target):
    rivals = input * (np.arange(input.shape[1]) != target[:, None])
    return np.mean(np.maximum(0, 1 - input[np.arange(len(target)), target] + np.max(rivals, axis=1)))


def worst_without_the_hinge(input, target):
    rivals = np.where(np.arange(input.shape[1]) == target[:, None], -np.inf, input)
    return np.mean(1 - input[np.arange(len(target)), target] + np.max(rivals, axis=1))


def label_taken_out_in_place(input, target):
    own = input[np.arange(len(target)), target]
    input[np.arange(len(target)), target] = -np.inf
    return np.mean(np.maximum(0, 1 - own + np.max(input, axis=1)))


def every_rival(input, target):
    return np.mean(np.sum(hinges(input, target), axis=1))


def margin_divided_by_n(input, target, weight):
    return np.mean(weight[target, None] * hinges(input, target))


def divided_by_all_weights(input, target, weight):
    return np.sum(weight[target] * np.mean(hinges(input, target), axis=1)) / np.sum(weight)


def weight_of_the_rival(input, target, weight):
    return np.sum(np.mean(weight * hinges(input, target), axis=1)) / np.sum(weight[target])


def without_the_weights(input, target, weight):
    return np.mean(hinges(input, target))


def mean_over_the_rivals(input, target):
    return np.mean(np.sum(hinges(input, target), axis=1) / (input.shape[1] - 1))


def without_equal_scores(input, target):
    own = input[np.arange(len(target)), target][:, None]
    return np.mean(np.where(input == own, 0, np.maximum(0, 1 - own + input)))


def label_against_itself(input, target):
    return np.mean(np.maximum(0, 1 - input[np.arange(len(target)), target][:, None] + input))


def indices_in_place(multi_hot):
    return np.where(multi_hot == 1, np.arange(multi_hot.shape[1]), -1)


def filled_up_with_0(multi_hot):
    return np.maximum(to_indices(multi_hot), 0)


def counted_from_1(multi_hot):
    return [[index + 1 if index >= 0 else -1 for index in row] for row in to_indices(multi_hot)]


def sorted_without_an_end(multi_hot):
    return np.argsort(-multi_hot, axis=1, kind="stable")


def in_descending_order(multi_hot):
    return [
        [*reversed([index for index in row if index >= 0]), *[-1] * row.count(-1)]
        for row in to_indices(multi_hot)
    ]


def pairs_of(multi_hot):
    return (multi_hot[:, :, None] == 1) & (multi_hot[:, None, :] == 0)


def rival_ahead_of_label(input, multi_hot):
    lacking = np.maximum(0, 1 + input[:, :, None] - input[:, None, :])
    return np.sum(lacking * pairs_of(multi_hot)) / input.size


def pairs_without_the_hinge(input, multi_hot):
    lacking = 1 - input[:, :, None] + input[:, None, :]
    return np.sum(lacking * pairs_of(multi_hot)) / input.size


def sum_over_samples(input, multi_hot):
    return len(input) * margin_from_multi_hot(input, multi_hot)


def labels_against_labels(input, multi_hot):
    lacking = np.maximum(0, 1 - input[:, :, None] + input[:, None, :])
    return np.sum(lacking * (multi_hot[:, :, None] == 1) * (1 - np.eye(input.shape[1]))) / input.size


def mean_over_the_pairs(input, target):
    labels = target[:, 0]
    return np.mean(np.sum(hinges(input, labels), axis=1) / (input.shape[1] - 1))


def each_label_once(input, target):
    before_the_end = np.cumsum(target == -1, axis=1) == 0
    rows = zip(target, before_the_end, strict=True)
    return margin_from_multi_hot(
        input, np.array([np.isin(np.arange(len(row)), row[kept]) for row, kept in rows])
    )


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
        "multilabel_soft_margin_loss/by_hand",
        np.log(2) + np.log(5),
        f"{six(np.log(2) + np.log(5))} is too large",
    ),
    (
        "multilabel_soft_margin_loss/by_hand",
        (np.log(2) + np.log(5 / 4)) / 2,
        f"{six((np.log(2) + np.log(5 / 4)) / 2)} is too small",
    ),
    ("multilabel_soft_margin_loss/by_hand", np.log(1 + 4), f"{six(np.log(1 + 4))} is too large"),
    (
        "multilabel_soft_margin_loss/listed",
        numbers_as_targets,
        "for input=[[1.0, -2.0]], labels=[[0, -1]] "
        f"expected {six((SOFT_1 + SOFT_2) / 2)}, got {six((SOFT_1 + 1 + SOFT_2 - 2) / 2)}",
    ),
    (
        "multilabel_soft_margin_loss/listed",
        listed_sum_over_classes,
        "for input=[[1.0, -2.0]], labels=[[0, -1]] "
        f"expected {six((SOFT_1 + SOFT_2) / 2)}, got {six(SOFT_1 + SOFT_2)}",
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
        "multilabel_soft_margin_loss/known",
        unknown_as_no,
        "for input=[[1.0, -2.0]], target=[[1.0, 1.0]], known=[[ True, False]] "
        f"expected {six(SOFT_1)}, got {six((SOFT_1 + SOFT_2) / 2)}",
    ),
    (
        "multilabel_soft_margin_loss/known",
        mean_of_the_samples,
        "for input=[[1.0, -2.0], [3.0, 0.0]], target=[[1.0, 1.0], [1.0, 1.0]], "
        "known=[[ True, True], [ True, False]] "
        f"expected {six((SOFT_1 + SOFT_2 + 2 + SOFT_3) / 3)}, "
        f"got {six(((SOFT_1 + SOFT_2 + 2) / 2 + SOFT_3) / 2)}",
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
        "multilabel_soft_margin_loss/find_the_bug",
        mean_of_all,
        "expected shape (2,), got () for input=[[0.0, 0.0], [0.0, 0.0]], target=[[1.0, 1.0], [1.0, 1.0]]",
    ),
    (
        "multilabel_soft_margin_loss/find_the_bug",
        sum_over_the_batch_size,
        f"for input=[[0.0, 0.0]], target=[[1.0, 1.0]] expected [{LN2}], got [{six(2 * np.log(2))}]",
    ),
    ("multi_margin_loss/by_hand", (0.5 + 0.2) / 4, f"{six((0.5 + 0.2) / 4)} is too large"),
    ("multi_margin_loss/by_hand", (0.5**2 + 0.2**2) / 3, f"{six((0.5**2 + 0.2**2) / 3)} is too large"),
    (
        "multi_margin_loss/by_hand",
        (1 + 0.5**2 + 0.2**2) / 4,
        f"{six((1 + 0.5**2 + 0.2**2) / 4)} is too large",
    ),
    (
        "multi_margin_loss/worst_rival",
        every_rival,
        "for input=[[2.0, 1.5, 1.8]], target=[0] expected 0.8, got 1.3",
    ),
    (
        "multi_margin_loss/worst_rival",
        label_as_its_own_rival,
        "for input=[[2.0, 1.5, -1.0]], target=[0] expected 0.5, got 1.0",
    ),
    (
        "multi_margin_loss/worst_rival",
        worst_without_the_hinge,
        f"for input=[[3.0, 1.5, 1.0]], target=[0] expected 0.0, got {1 - 3.0 + 1.5}",
    ),
    (
        "multi_margin_loss/worst_rival",
        label_set_to_0,
        f"for input=[[-5.0, -3.0]], target=[1] expected 0.0, got {1 + 3.0}",
    ),
    ("multi_margin_loss/worst_rival", label_taken_out_in_place, "your function changed its argument `input`"),
    (
        "multi_margin_loss/weighted",
        margin_divided_by_n,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {(1 + 3) * 0.5 / (1 + 3)}, got {(1 + 3) * 0.5 / 2}",
    ),
    (
        "multi_margin_loss/weighted",
        divided_by_all_weights,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[1, 1], weight=[1.0, 3.0] "
        f"expected {(3 + 3) * 0.5 / (3 + 3)}, got {(3 + 3) * 0.5 / (1 + 3)}",
    ),
    (
        "multi_margin_loss/weighted",
        weight_of_the_rival,
        "for input=[[0.0, 0.0], [0.0, 0.0]], target=[1, 1], weight=[1.0, 3.0] "
        f"expected {(3 + 3) * 0.5 / (3 + 3)}, got {six((1 + 1) * 0.5 / (3 + 3))}",
    ),
    (
        "multi_margin_loss/weighted",
        without_the_weights,
        "for input=[[3.0, 0.0], [0.0, 0.0]], target=[0, 1], weight=[1.0, 3.0] "
        f"expected {3 * 0.5 / (1 + 3)}, got {0.5 / 2}",
    ),
    (
        "multi_margin_loss/find_the_bug",
        label_against_itself,
        f"for input=[[2.0, 1.5, -1.0]], target=[0] expected {six(0.5 / 3)}, got {six((0.5 + 1) / 3)}",
    ),
    (
        "multi_margin_loss/find_the_bug",
        mean_over_the_rivals,
        f"for input=[[2.0, 1.5, -1.0]], target=[0] expected {six(0.5 / 3)}, got {0.5 / 2}",
    ),
    (
        "multi_margin_loss/find_the_bug",
        without_equal_scores,
        f"for input=[[0.5, 0.5, -1.0]], target=[1] expected {six(1 / 3)}, got 0.0",
    ),
    ("multilabel_margin_loss/by_hand", (2 + 0.5) / 3, f"{six((2 + 0.5) / 3)} is too large"),
    ("multilabel_margin_loss/by_hand", 0.5 / 2, f"{0.5 / 2} is too large"),
    ("multilabel_margin_loss/by_hand", (-0.5 + 0.5) / 3, "0.0 is too small"),
    (
        "multilabel_margin_loss/to_indices",
        indices_in_place,
        "for multi_hot=[[0, 1, 1]] expected [[1, 2, -1]], got [[-1.0, 1.0, 2.0]]",
    ),
    (
        "multilabel_margin_loss/to_indices",
        filled_up_with_0,
        "for multi_hot=[[1, 0, 0]] expected [[0, -1, -1]], got [[0.0, 0.0, 0.0]]",
    ),
    (
        "multilabel_margin_loss/to_indices",
        counted_from_1,
        "for multi_hot=[[1, 0, 0]] expected [[0, -1, -1]], got [[1.0, -1.0, -1.0]]",
    ),
    (
        "multilabel_margin_loss/to_indices",
        sorted_without_an_end,
        "for multi_hot=[[1, 0, 0]] expected [[0, -1, -1]], got [[0.0, 1.0, 2.0]]",
    ),
    (
        "multilabel_margin_loss/to_indices",
        in_descending_order,
        "for multi_hot=[[0, 1, 1]] expected [[1, 2, -1]], got [[2.0, 1.0, -1.0]]",
    ),
    (
        "multilabel_margin_loss/from_multi_hot",
        labels_against_labels,
        "for input=[[2.0, 0.5, 0.3]], multi_hot=[[1, 1, 0]] "
        f"expected {six((1 - 0.2) / 3)}, got {six(((1 - 0.2) + (1 + 1.5)) / 3)}",
    ),
    (
        "multilabel_margin_loss/from_multi_hot",
        rival_ahead_of_label,
        "for input=[[2.0, 0.5, 0.3]], multi_hot=[[1, 1, 0]] "
        f"expected {six((1 - 0.2) / 3)}, got {six(((1 + 1.7) + (1 + 0.2)) / 3)}",
    ),
    (
        "multilabel_margin_loss/from_multi_hot",
        pairs_without_the_hinge,
        "for input=[[2.0, 0.5, -1.0]], multi_hot=[[0, 1, 0]] "
        f"expected {six((1 + 1.5) / 3)}, got {six(((1 + 1.5) + (1 - 1.5)) / 3)}",
    ),
    (
        "multilabel_margin_loss/from_multi_hot",
        sum_over_samples,
        "for input=[[0.0, 0.0], [3.0, 0.0]], multi_hot=[[1, 0], [1, 0]] "
        f"expected {(1 + 0) / 2 / 2}, got {(1 + 0) / 2}",
    ),
    (
        "multilabel_margin_loss/find_the_bug",
        reading_past_the_end,
        f"for input=[[2.0, 0.5, 1.8]], target=[[0, -1, 2]] expected {six((1 - 0.2) / 3)}, got 0.0",
    ),
    (
        "multilabel_margin_loss/find_the_bug",
        mean_over_the_pairs,
        "for input=[[2.0, 0.5, 1.8]], target=[[0, -1, -1]] "
        f"expected {six((1 - 0.2) / 3)}, got {six((1 - 0.2) / 2)}",
    ),
    (
        "multilabel_margin_loss/find_the_bug",
        each_label_once,
        "for input=[[2.0, 0.5, 1.8]], target=[[1, 1, -1]] "
        f"expected {six(2 * ((1 + 1.5) + (1 + 1.3)) / 3)}, got {six(((1 + 1.5) + (1 + 1.3)) / 3)}",
    ),
]
