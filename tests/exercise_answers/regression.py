"""Right answers to the exercises of the family regression, and wrong ones with what is said of them."""

import math

import numpy as np
from exercise_answers.shared import six


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


def poisson_with_exposure(input, target, exposure):
    return np.mean(exposure * np.exp(input) - target * (input + np.log(exposure)))


def poisson_deviance(input, target):
    logs = np.log(target, where=target > 0, out=np.zeros(target.shape))
    return np.mean(2 * (target * (logs - input) - target + np.exp(input)))


def full_poisson(input, target):
    y = np.where(target > 1, target, 2)
    stirling = (target > 1) * (y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y))
    return np.mean(np.exp(input) - target * input + stirling)


def plain_average(target, weight):
    return np.mean(target)


def weights_outside_the_mean(target, weight):
    return np.mean(weight * target)


def weights_as_variances(target, weight):
    return np.average(target, weights=1 / weight)


def gradient_of_the_mse(input, target):
    return 2 * (input - target) / input.size


def nan_at_a_perfect_fit(input, target):
    d = input - target
    return d / d.size / np.sqrt(np.mean(d * d))


def without_twice(input, target):
    d = input - target
    return 2 * d / d.size / np.sqrt(np.mean(d * d))


def norm_without_the_mean(input, target):
    d = input - target
    return d / np.linalg.norm(d)


def mean_over_padding(input, target, mask):
    return np.mean(((input - target) * mask) ** 2)


def nan_times_zero(input, target, mask):
    return np.sum(((input - target) * mask) ** 2) / np.sum(mask)


def any_nan_left_out(input, target, mask):
    return np.nansum(((input - target) * mask) ** 2) / np.sum(mask)


def row_by_row(input, target, mask):
    squares = np.where(mask, input - target, 0) ** 2
    return np.mean(np.sum(squares, axis=-1) / np.sum(mask, axis=-1))


def broadcast_l1(input, target):
    return np.mean(np.abs(input - target))


def squeezed_l1(input, target):
    return np.mean(np.abs(np.squeeze(input) - np.squeeze(target)))


def dimensions_compared(input, target):
    if input.ndim != target.ndim:
        raise ValueError("shapes must be equal")
    return np.mean(np.abs(input - target))


def sizes_compared(input, target):
    if (input.ndim, input.size) != (target.ndim, target.size):
        raise ValueError("shapes must be equal")
    return np.mean(np.abs(input - target))


def asserted_l1(input, target):
    assert input.shape == target.shape, "shapes differ"
    return np.mean(np.abs(input - target))


def plain_mean(input, target, weight):
    return np.mean(weight * np.abs(input - target))


def weights_for_nothing(input, target, weight):
    return np.mean(np.abs(input - target))


def mean_of_signed_errors(input, target, weight):
    return np.abs(np.average(input - target, weights=weight))


def weighted_sum(input, target, weight):
    return np.sum(weight * np.abs(input - target))


def swapped_quantile(input, target, q):
    return quantile_loss(input, target, 1 - q)


def one_price(input, target, q):
    return np.mean(q * np.abs(target - input))


def negative_price(input, target, q):
    d = target - input
    return np.mean(np.where(d > 0, q * d, (1 - q) * d))


def summed_quantile(input, target, q):
    return quantile_loss(input, target, q) * input.size


def jumping_smooth_l1(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - 0.5))


def threshold_taken_off(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), d - beta))


def parabola_without_beta(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / 2, d - beta / 2))


def steep_outside(input, target, beta):
    d = np.abs(input - target)
    return np.mean(np.where(d < beta, d * d / (2 * beta), beta * (d - beta / 2)))


def smooth_l1_for_huber(input, target, delta):
    return smooth_l1_loss(input, target, delta)


def half_taken_off(input, target, delta):
    d = np.abs(input - target)
    return np.mean(np.where(d < delta, d * d / 2, delta * d - 0.5))


def signed_huber(input, target, delta):
    d = input - target
    return np.mean(np.where(d < delta, d * d / 2, delta * (d - delta / 2)))


def summed_huber(input, target, delta):
    return huber(input, target, delta) * input.size


def counts_per_hour(input, target, exposure):
    return np.mean(np.exp(input) - target / exposure * input)


def exposure_added(input, target, exposure):
    z = input + exposure
    return np.mean(np.exp(z) - target * z)


def log_rate_times_exposure(input, target, exposure):
    z = input * exposure
    return np.mean(np.exp(z) - target * z)


def only_the_rate_multiplied(input, target, exposure):
    return np.mean(exposure * np.exp(input) - target * input)


def deviance_without_zeros(input, target):
    with np.errstate(all="ignore"):
        return np.mean(2 * (target * (np.log(target) - input) - target + np.exp(input)))


def half_the_deviance(input, target):
    return poisson_deviance(input, target) / 2


def zeros_cost_nothing(input, target):
    y = np.where(target > 0, target, 1)
    return np.mean(np.where(target > 0, 2 * (y * (np.log(y) - input) - y + np.exp(input)), 0))


def logarithm_of_one_more(input, target):
    return np.mean(2 * (target * (np.log1p(target) - input) - target + np.exp(input)))


def summed_deviance(input, target):
    return poisson_deviance(input, target) * input.size


def stirling_for_all(input, target):
    with np.errstate(all="ignore"):
        stirling = target * np.log(target) - target + 0.5 * np.log(2 * np.pi * target)
    return np.mean(np.exp(input) - target * input + stirling)


def stirling_from_1(input, target):
    y = np.maximum(target, 1)
    stirling = y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y)
    return np.mean(np.exp(input) - target * input + (target >= 1) * stirling)


def stirling_times_the_condition(input, target):
    with np.errstate(all="ignore"):
        stirling = target * np.log(target) - target + 0.5 * np.log(2 * np.pi * target)
    return np.mean(np.exp(input) - target * input + (target > 1) * stirling)


def stirling_where_it_exceeds_1(input, target):
    y = np.maximum(target, 1)
    stirling = y * np.log(y) - y + 0.5 * np.log(2 * np.pi * y)
    return np.mean(np.exp(input) - target * input + np.where(stirling > 1, stirling, 0))


def exact_factorial(input, target):
    return np.mean(np.exp(input) - target * input + [math.lgamma(y + 1) for y in target])


LN_2PI = np.log(2 * np.pi)


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
}

WRONG = [
    ("mse_loss/by_hand", 2**2 + 1**2, "5.0 is too large"),
    ("mse_loss/by_hand", (2**2 + 1**2) / 2, "2.5 is too large"),
    ("mse_loss/by_hand", (2 + 1) / 4, "0.75 is too small"),
    (
        "mse_loss/best_constant",
        plain_average,
        "for target=[0.0, 4.0], weight=[1.0, 3.0] expected 3.0, got 2.0",
    ),
    (
        "mse_loss/best_constant",
        weights_outside_the_mean,
        f"for target=[0.0, 4.0], weight=[1.0, 3.0] expected {3 * 4 / (1 + 3)}, got {3 * 4 / 2}",
    ),
    (
        "mse_loss/best_constant",
        weights_as_variances,
        f"for target=[0.0, 4.0], weight=[1.0, 3.0] expected {3 * 4 / (1 + 3)}, got {4 / 3 / (1 + 1 / 3)}",
    ),
    (
        "mse_loss/rmse_gradient",
        gradient_of_the_mse,
        "for input=[3.0], target=[0.0] expected [1.0], got [6.0]",
    ),
    (
        "mse_loss/rmse_gradient",
        without_twice,
        f"for input=[3.0], target=[0.0] expected [1.0], got [{2 * 3 / np.sqrt(3**2)}]",
    ),
    (
        "mse_loss/rmse_gradient",
        norm_without_the_mean,
        "for input=[3.0, -4.0], target=[0.0, 0.0] "
        f"expected [{six(3 / 5 / np.sqrt(2))}, {six(-4 / 5 / np.sqrt(2))}], got [{3 / 5}, {-4 / 5}]",
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
        "mse_loss/find_the_bug",
        any_nan_left_out,
        f"for input=[nan, 1.0], target=[0.0, 0.0], mask=[ True, True] expected nan, got {1**2 / 2}",
    ),
    (
        "mse_loss/find_the_bug",
        row_by_row,
        "for input=[[4.0, 0.0], [2.0, 2.0]], target=[[0.0, 0.0], [0.0, 0.0]], "
        "mask=[[ True, False], [ True, True]] "
        f"expected {(4**2 + 2**2 + 2**2) / 3}, got {(4**2 + (2**2 + 2**2) / 2) / 2}",
    ),
    ("l1_loss/by_hand", 7, "7.0 is too large"),
    ("l1_loss/by_hand", 1.0, "1.0 is too small"),
    ("l1_loss/by_hand", (2 - 1 + 4) / 4, "1.25 is too small"),
    ("l1_loss/by_hand", (2 + 1 + 4) / 3, "2.33333 is too large"),
    ("l1_loss/by_hand", np.nan, "nan is wrong"),
    ("l1_loss/by_hand", [1.75], "expected shape (), got (1,)"),
    ("l1_loss/by_hand", "1.75", "expected numbers, got str"),
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
    (
        "l1_loss/weighted",
        mean_of_signed_errors,
        f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[1.0, 1.0] "
        f"expected {(2 + 1) / 2}, got {(2 - 1) / 2}",
    ),
    (
        "l1_loss/weighted",
        weighted_sum,
        f"for input=[2.0, -1.0], target=[0.0, 0.0], weight=[1.0, 1.0] expected {(2 + 1) / 2}, got {2.0 + 1}",
    ),
    ("l1_loss/quantile", swapped_quantile, "for input=[0.0], target=[1.0], q=0.9 expected 0.9, got 0.1"),
    ("l1_loss/quantile", one_price, "for input=[1.0], target=[0.0], q=0.9 expected 0.1, got 0.9"),
    ("l1_loss/quantile", negative_price, "for input=[1.0], target=[0.0], q=0.9 expected 0.1, got -0.1"),
    (
        "l1_loss/quantile",
        summed_quantile,
        f"for input=[0.0, 1.0], target=[1.0, 1.0], q=0.25 expected {0.25 / 2}, got 0.25",
    ),
    (
        "l1_loss/find_the_bug",
        broadcast_l1,
        "for input=[[2.0], [-1.0]], target=[2.0, -1.0] "
        "expected a ValueError, but your function returned a result",
    ),
    (
        "l1_loss/find_the_bug",
        squeezed_l1,
        "for input=[[2.0], [-1.0]], target=[2.0, -1.0] "
        "expected a ValueError, but your function returned a result",
    ),
    (
        "l1_loss/find_the_bug",
        dimensions_compared,
        "for input=[1.0], target=[0.0, 0.0] expected a ValueError, but your function returned a result",
    ),
    (
        "l1_loss/find_the_bug",
        sizes_compared,
        "for input=[[2.0, -1.0]], target=[[2.0], [-1.0]] "
        "expected a ValueError, but your function returned a result",
    ),
    (
        "l1_loss/find_the_bug",
        asserted_l1,
        "your function raised AssertionError: shapes differ where a ValueError is expected "
        "for input=[[2.0], [-1.0]], target=[2.0, -1.0]",
    ),
    ("smooth_l1_loss/by_hand", [0.04, 0.5, 2.75], "0.5 at index 1 is too small"),
    ("smooth_l1_loss/by_hand", [0.2**2 / 2, 0.75, 2.75], "0.02 at index 0 is too small"),
    ("smooth_l1_loss/by_hand", [0.04, 0.75, -3 - 0.25], "-3.25 at index 2 is too small"),
    ("smooth_l1_loss/by_hand", 0.04, "expected shape (3,), got ()"),
    (
        "smooth_l1_loss/huber",
        smooth_l1_for_huber,
        "for input=[3.0], target=[0.0], delta=2.0 expected 4.0, got 2.0",
    ),
    (
        "smooth_l1_loss/huber",
        half_taken_off,
        f"for input=[3.0], target=[0.0], delta=2.0 expected {2 * (3 - 2 / 2)}, got {2 * 3 - 0.5}",
    ),
    (
        "smooth_l1_loss/huber",
        signed_huber,
        f"for input=[-3.0], target=[0.0], delta=2.0 expected {2 * (3 - 2 / 2)}, got {3**2 / 2}",
    ),
    (
        "smooth_l1_loss/huber",
        summed_huber,
        f"for input=[-2.0, 2.0], target=[0.0, 0.0], delta=2.0 expected {2**2 / 2}, got {2 * 2**2 / 2}",
    ),
    (
        "smooth_l1_loss/find_the_bug",
        jumping_smooth_l1,
        f"for input=[3.0], target=[0.0], beta=2.0 expected {3 - 2 / 2}, got {3 - 0.5}",
    ),
    (
        "smooth_l1_loss/find_the_bug",
        threshold_taken_off,
        f"for input=[3.0], target=[0.0], beta=1.0 expected {3 - 1 / 2}, got {3.0 - 1}",
    ),
    (
        "smooth_l1_loss/find_the_bug",
        parabola_without_beta,
        f"for input=[1.0], target=[0.0], beta=2.0 expected {1**2 / (2 * 2)}, got {1**2 / 2}",
    ),
    (
        "smooth_l1_loss/find_the_bug",
        steep_outside,
        f"for input=[3.0], target=[0.0], beta=2.0 expected {3 - 2 / 2}, got {2 * (3 - 2 / 2)}",
    ),
    ("poisson_nll_loss/by_hand", [0, 3 - 2 * np.log(3)], "0.0 at index 0 is too small"),
    ("poisson_nll_loss/by_hand", [3, 3 - 2], "1.0 at index 1 is too large"),
    (
        "poisson_nll_loss/by_hand",
        [np.log(3), np.log(3) - 2 * np.log(3)],
        f"{six(np.log(3))} at index 0 is too small",
    ),
    (
        "poisson_nll_loss/by_hand",
        [3, 3 - 2 * np.log(3) + np.log(2)],
        f"{six(3 - 2 * np.log(3) + np.log(2))} at index 1 is too large",
    ),
    (
        "poisson_nll_loss/exposure",
        counts_per_hour,
        "for input=[0.0], target=[2.0], exposure=[10.0] "
        f"expected {six(10 - 2 * np.log(10))}, got {np.exp(0)}",
    ),
    (
        "poisson_nll_loss/exposure",
        exposure_added,
        f"for input=[0.0], target=[2.0], exposure=[1.0] expected {np.exp(0)}, got {six(np.exp(1) - 2)}",
    ),
    (
        "poisson_nll_loss/exposure",
        log_rate_times_exposure,
        "for input=[0.0], target=[2.0], exposure=[10.0] "
        f"expected {six(10 - 2 * np.log(10))}, got {np.exp(0)}",
    ),
    (
        "poisson_nll_loss/exposure",
        only_the_rate_multiplied,
        "for input=[0.0], target=[2.0], exposure=[10.0] "
        f"expected {six(10 - 2 * np.log(10))}, got {10 * np.exp(0)}",
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
        "poisson_nll_loss/deviance",
        zeros_cost_nothing,
        f"for input=[0.0], target=[0.0] expected {2 * np.exp(0)}, got 0.0",
    ),
    (
        "poisson_nll_loss/deviance",
        logarithm_of_one_more,
        f"for input=[0.0], target=[1.0] expected 0.0, got {six(2 * np.log(2))}",
    ),
    (
        "poisson_nll_loss/deviance",
        summed_deviance,
        "for input=[0.0, 0.0], target=[2.0, 0.0] "
        f"expected {six(1 - 2 + 2 * np.log(2) + 1)}, got {six(2 * (1 - 2 + 2 * np.log(2) + 1))}",
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
        "poisson_nll_loss/find_the_bug",
        stirling_times_the_condition,
        f"for input=[0.0], target=[0.0] expected {np.exp(0)}, got nan",
    ),
    (
        "poisson_nll_loss/find_the_bug",
        stirling_where_it_exceeds_1,
        "for input=[0.0], target=[2.0] "
        f"expected {six(1 + 2 * np.log(2) - 2 + (LN_2PI + np.log(2)) / 2)}, got {np.exp(0)}",
    ),
    (
        "poisson_nll_loss/find_the_bug",
        exact_factorial,
        "for input=[0.0], target=[2.0] "
        f"expected {six(1 + 2 * np.log(2) - 2 + (LN_2PI + np.log(2)) / 2)}, got {six(1 + np.log(2))}",
    ),
]
