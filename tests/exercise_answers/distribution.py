"""Right answers to the exercises of the family distribution, and wrong ones with what is said of them."""

import numpy as np
from exercise_answers.shared import LN2, log_softmax, six


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


def without_the_square(input, target, temperature):
    return distillation_loss(input, target, temperature) / temperature**2


def mean_over_classes(input, target, temperature):
    return distillation_loss(input, target, temperature) / input.shape[1]


def teacher_and_student_swapped(input, target, temperature):
    return distillation_loss(target, input, temperature)


def only_the_student_softened(input, target, temperature):
    return distillation_loss(input, target * temperature, temperature)


def one_direction_only(input, target):
    return average_kl(np.log((input + target) / 2), target)


def without_the_half(input, target):
    return 2 * jensen_shannon(input, target)


def both_directions_without_the_middle(input, target):
    return (average_kl(np.log(input), target) + average_kl(np.log(target), input)) / 2


def unguarded_middle(input, target):
    log_m = np.log((input + target) / 2)
    return (average_kl(log_m, input) + average_kl(log_m, target)) / 2


def mean_of_elements(input, target):
    return average_kl(input, target) / input.shape[1]


def unguarded_logarithm(input, target):
    return np.sum(target * (np.log(target) - input)) / len(input)


def sum_over_the_rows(input, target):
    return average_kl(input, target) * len(input)


HALF_AND_HALF = f"[{six(np.log(0.5))}, {six(np.log(0.5))}]"


HALVES = f"input=[{HALF_AND_HALF}]"


ENTROPY = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))


JS = -(0.375 * np.log(0.375) + 0.625 * np.log(0.625)) - (np.log(2) + ENTROPY) / 2


KL_AT_1, KL_AT_2 = (
    s * (1 / T) - np.log(1 + np.exp(1 / T)) + np.log(2) for T in (1, 2) for s in [1 / (1 + np.exp(-1 / T))]
)


RIGHT = {
    "kl_div/by_hand": 1 / 2 * np.log(2) + 1 / 2 * np.log(2) + 0,
    "kl_div/distillation": distillation_loss,
    "kl_div/jensen_shannon": jensen_shannon,
    "kl_div/find_the_bug": average_kl,
}

WRONG = [
    ("kl_div/by_hand", np.log(2) / 3, f"{six(np.log(2) / 3)} is too small"),
    ("kl_div/by_hand", 1, "1.0 is too large"),
    ("kl_div/by_hand", np.inf, "inf is too large"),
    ("kl_div/by_hand", -np.log(2), f"{six(-np.log(2))} is too small"),
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
        "kl_div/distillation",
        teacher_and_student_swapped,
        "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=1.0 "
        f"expected {six(KL_AT_1)}, got {six(np.log(1 + np.e) - np.log(2) - 1 / 2)}",
    ),
    (
        "kl_div/distillation",
        only_the_student_softened,
        "for input=[[0.0, 0.0]], target=[[0.0, 1.0]], temperature=2.0 "
        f"expected {six(4 * KL_AT_2)}, got {six(4 * KL_AT_1)}",
    ),
    (
        "kl_div/jensen_shannon",
        one_direction_only,
        "for input=[[0.5, 0.5]], target=[[0.25, 0.75]] "
        f"expected {six(JS)}, got {six(0.25 * np.log(0.25 / 0.375) + 0.75 * np.log(0.75 / 0.625))}",
    ),
    (
        "kl_div/jensen_shannon",
        without_the_half,
        f"for input=[[0.5, 0.5]], target=[[0.25, 0.75]] expected {six(JS)}, got {six(2 * JS)}",
    ),
    (
        "kl_div/jensen_shannon",
        both_directions_without_the_middle,
        "for input=[[0.5, 0.5]], target=[[0.25, 0.75]] "
        f"expected {six(JS)}, got {six(0.25 * np.log(0.75 / 0.25) / 2)}",
    ),
    (
        "kl_div/jensen_shannon",
        unguarded_middle,
        f"for input=[[0.5, 0.5, 0.0]], target=[[0.25, 0.75, 0.0]] expected {six(JS)}, got nan",
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
        "kl_div/find_the_bug",
        sum_over_the_rows,
        f"for input=[{HALF_AND_HALF}, {HALF_AND_HALF}], target=[[0.25, 0.75], [0.5, 0.5]] "
        f"expected {six((np.log(2) - ENTROPY) / 2)}, got {six(np.log(2) - ENTROPY)}",
    ),
]
