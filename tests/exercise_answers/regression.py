"""Right answers to the exercises of the family regression, and wrong ones with what is said of them."""

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
    ("l1_loss/by_hand", 7, "7.0 is too large"),
    ("l1_loss/by_hand", 1.0, "1.0 is too small"),
    ("l1_loss/by_hand", np.nan, "nan is wrong"),
    ("l1_loss/by_hand", [1.75], "expected shape (), got (1,)"),
    ("l1_loss/by_hand", "1.75", "expected numbers, got str"),
    ("smooth_l1_loss/by_hand", [0.04, 0.5, 2.75], "0.5 at index 1 is too small"),
    ("smooth_l1_loss/by_hand", 0.04, "expected shape (3,), got ()"),
]
