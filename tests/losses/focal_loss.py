"""focal_loss: edges, answers to the exercises, and what holds for it alone."""

from inspect import unwrap

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from lossviz.losses.references import focal_loss, softmax_focal_loss
from tests.answers import log_softmax, six
from tests.cases import Cases
from tests.inputs import INF, NAN
from tests.numpy_cells import lift

# Answers to the exercises


def slope(p, gamma):
    return (1 - p) ** gamma * (1 - p - gamma * p * np.log(p))


def recovered(input, gamma):
    return slope(1 - input, gamma) / (slope(input, gamma) + slope(1 - input, gamma))


def the_other_way_round(input, gamma):
    return 1 - recovered(input, gamma)


def as_it_is(input, gamma):
    return input


def without_the_second_term(input, gamma):
    h = (1 - input) ** (gamma + 1)
    other = input ** (gamma + 1)
    return other / (h + other)


def of_classes(input, target, weight):
    log_p = log_softmax(input)[np.arange(len(target)), target]
    return -(weight[target] * (1 - np.exp(log_p)) ** 2 * log_p).sum() / weight[target].sum()


def weighted_first(input, target, weight):
    loss = -weight[target] * log_softmax(input)[np.arange(len(target)), target]
    return ((1 - np.exp(-loss)) ** 2 * loss).sum() / weight[target].sum()


def divided_by_pixels(input, target, weight):
    return of_classes(input, target, weight) * weight[target].sum() / len(target)


def without_weights(input, target, weight):
    return of_classes(input, target, np.ones_like(weight))


LN2 = np.log(2)
PAIR = np.array([0.25, 0.4])
TWO = {
    "input": np.array([[0.0, 0.0], [2.0, 0.0]]),
    "target": np.array([0, 1]),
    "weight": np.array([1.0, 2.0]),
}


def of_pair(answer):
    """What is said of an answer for the first input that tells all of them apart."""
    wanted, got = (f"[{', '.join(map(six, each(PAIR, 2.0)))}]" for each in (recovered, answer))
    return f"for input=[0.25, 0.4], gamma=2.0 expected {wanted}, got {got}"


def of_two(answer):
    shown = "input=[[0.0, 0.0], [2.0, 0.0]], target=[0, 1], weight=[1.0, 2.0]"
    return f"for {shown} expected {six(of_classes(**TWO))}, got {six(answer(**TWO))}"


WRONG = [
    ("by_hand", LN2 / 2, f"{six(LN2 / 2)} is too large"),
    ("by_hand", LN2 / 4, f"{six(LN2 / 4)} is too large"),
    ("by_hand", LN2 / 16, f"{six(LN2 / 16)} is too small"),
    *(
        ("recovered", answer, of_pair(answer))
        for answer in (as_it_is, the_other_way_round, without_the_second_term)
    ),
    *(
        ("find_the_bug", answer, of_two(answer))
        for answer in (weighted_first, divided_by_pixels, without_weights)
    ),
]


# The cases

Z = np.array([[0.5, -1.0, 2.0, 0.0], [-3.0, 1.5, -0.25, 4.0]])
T = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
SHAPES = "input and target must have the same shape, got (2, 4) and "

CASES = Cases(
    usual={"input": Z, "target": T},
    edges={
        f"{edge}, alpha={alpha}, gamma={gamma}": changes | {"alpha": alpha, "gamma": gamma}
        for alpha in (None, 0.25)
        for gamma in (0, 0.5, 2.0)
        for edge, changes in {
            "usual": {},
            "0-d": {"input": np.array(0.5), "target": np.array(1.0)},
            "no pixels": {"input": Z[:, :0], "target": T[:, :0]},
            "right and sure": {"input": 100 * (2 * T - 1)},
            "wrong and sure": {"input": 100 * (1 - 2 * T)},
            "very large logits": {"input": np.float32(1e4) * (2 * T - 1).astype(np.float32)},
            "very large and wrong": {"input": np.float32(1e4) * (1 - 2 * T).astype(np.float32)},
            "a bool mask": {"target": T == 1},
            "a byte mask": {"target": T.astype(np.uint8)},
            "a mask of integers": {"target": T.astype(np.int64)},
            "a mask of 0 and 255": {"target": (255 * T).astype(np.uint8)},
            "soft labels": {"target": T / 2 + 0.1},
            "nan in a logit": {"input": np.where(Z == 2, NAN, Z)},
            "nan in a mask": {"target": np.where(Z == 2, NAN, T)},
            "inf in a logit": {"input": np.where(Z == 2, INF, Z)},
            "-inf in a logit": {"input": np.where(Z == 2, -INF, Z)},
            "four axes": {"input": Z.reshape(1, 2, 2, 2), "target": T.reshape(1, 2, 2, 2)},
        }.items()
    }
    | {
        "alpha of 0": {"alpha": 0},
        "alpha of 1": {"alpha": 1},
        "a large gamma": {"gamma": 50.0},
        "an infinite gamma": {"gamma": INF},
    },
    scalars=({"alpha": np.float64(0.5)}, {"gamma": np.float64(1.5)}),
    refused={
        "input must be floating point, got int32": {"input": np.ones((2, 4), np.int32)},
        "input must be floating point, got bool": {"input": Z > 0},
        "reduction must be 'none', 'mean' or 'sum', got 'average'": {"reduction": "average"},
        f"{SHAPES}(2, 1)": {"target": T[:, :1]},
        f"{SHAPES}(4,)": {"target": T[0]},
        "alpha must be None or from 0 to 1, got -1": {"alpha": -1},
        "alpha must be None or from 0 to 1, got 2": {"alpha": 2},
        "gamma must be >= 0, got -1": {"gamma": -1},
    },
    right={"by_hand": LN2 / 8, "recovered": recovered, "find_the_bug": of_classes},
    wrong=WRONG,
)


# What holds for this loss alone


def test_the_gradient_far_away_is_that_of_weighted_cross_entropy():
    z = torch.tensor([-100.0, 100.0, -20.0, 20.0], dtype=torch.float64, requires_grad=True)
    t = torch.tensor([1.0, 0, 1, 0])
    (far,) = torch.autograd.grad(focal_loss(z, t, reduction="sum"), z)
    torch.testing.assert_close(far, torch.tensor([-0.25, 0.75, -0.25, 0.75]).double(), atol=1e-6, rtol=0)
    assert CATALOG["focal_loss"].gradient_far.startswith("−α for an object and 1 − α")
    z = torch.tensor(9.0, dtype=torch.float64).log().requires_grad_()
    (near,) = torch.autograd.grad(focal_loss(z, torch.ones(()), None), z)
    assert 0.1 / -near == pytest.approx(34.5, abs=0.1)  # 0.1 is that of cross entropy
    assert "1/35" in CATALOG["focal_loss"].gradient_at_target


@pytest.mark.parametrize("gamma", [0, 0.5, 1, 2, 5, 50])
def test_the_bound_of_the_gradient_holds_for_each_gamma(gamma):
    z = torch.linspace(-12, 12, 24001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(focal_loss(z, torch.ones_like(z), None, gamma, "sum"), z)
    steepest, bound = slope.abs().max(), CATALOG["focal_loss"].gradient_bound(alpha=None, gamma=gamma)
    assert steepest <= bound and (gamma != 1 or steepest > 0.999 * bound)


def test_elicits_what_lies_between_the_share_and_one_half():
    z = torch.linspace(-6, 6, 12001, dtype=torch.float64)
    of_object, of_background = (focal_loss(z, torch.full_like(z, t), None, reduction="none") for t in (1, 0))
    for q in (0.1, 0.3, 0.45, 0.7, 0.9):
        best = z[(q * of_object + (1 - q) * of_background).argmin()].sigmoid()
        assert abs(best - 0.5) < abs(q - 0.5) and (best > 0.5) == (q > 0.5)
        torch.testing.assert_close(recovered(best.numpy(), 2.0), q, atol=1e-3, rtol=0)
    assert CATALOG["focal_loss"].elicits.startswith("no probability")


# The second function of the chapter

OF_SOFTMAX = {
    "plain": {},
    "gamma 0": {"gamma": 0},
    "gamma 0.5": {"gamma": 0.5},
    "weighted": {"weight": np.array([0.2, 0.5, 2.0])},
    "ignored": {"target": np.array([[0, -100], [2, 1]])},
    "ignored and weighted": {"target": np.array([[0, 1], [2, 1]]), "ignore_index": 1}
    | {"weight": np.array([0.2, 0.5, 2.0])},
    "all ignored": {"target": np.full((2, 2), -100)},
    "no pixels": {"input": np.zeros((0, 3, 2)), "target": np.zeros((0, 2), np.int64)},
    "without further axes": {"input": np.array([[1.0, 2, 3]]), "target": np.array([1])},
    "sure": {"input": 100 * np.eye(3)[:, :, None], "target": np.array([[0], [1], [0]])},
    "very large": {"input": 1e4 * np.eye(3)[:, :, None], "target": np.array([[0], [1], [0]])},
}
SOFT = {
    "input": np.random.default_rng(0).normal(size=(2, 3, 2)).round(2),
    "target": np.array([[0, 1], [2, 1]]),
}


def of_chapter(suffix=""):
    return unwrap(lift("focal_loss")["focal_loss"]).__globals__[f"softmax_focal_loss{suffix}"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", OF_SOFTMAX)
def test_the_softmax_form_agrees_with_torch(case, dtype, reduction):
    call = SOFT | OF_SOFTMAX[case] | {"reduction": reduction}
    call["input"] = call["input"].astype(dtype)
    tensors = {key: torch.tensor(value) for key, value in call.items() if isinstance(value, np.ndarray)}
    z = tensors["input"].requires_grad_()
    value = softmax_focal_loss(**call | tensors)
    (gradient,) = torch.autograd.grad(value.sum(), z)
    tolerance = 100 * np.finfo(dtype).eps
    for mine, theirs in (
        (of_chapter()(**call), value.detach().numpy()),
        (of_chapter("_grad")(**call), gradient.numpy()),
    ):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)


def test_where_the_softmax_is_sure_and_gamma_is_below_1_torch_has_nan_and_the_chapter_0():
    call = SOFT | OF_SOFTMAX["sure"] | {"gamma": 0.5}
    z, y = torch.tensor(call["input"], requires_grad=True), torch.tensor(call["target"])
    (theirs,) = torch.autograd.grad(softmax_focal_loss(z, y, 0.5), z)
    wrong = call["target"][:, 0] != np.arange(3)
    assert np.isnan(theirs.numpy()[~wrong]).all()
    mine = of_chapter("_grad")(**call)
    assert (mine[~wrong] == 0).all() and np.isfinite(mine).all() and mine[wrong].any()


@pytest.mark.parametrize(
    "changes",
    [
        {"target": np.array([[0, 1], [3, 1]])},
        {"target": np.array([[0, 1], [-1, 1]])},
        {"target": np.array([[0.0, 1.0], [2.0, 1.0]])},
        {"target": np.array([0, 1])},
        {"weight": np.ones(2)},
        {"gamma": -1},
        {"input": np.ones((2, 3, 2), np.int64)},
        {"reduction": "average"},
    ],
)
def test_the_softmax_form_refuses_in_the_same_words(changes):
    call = SOFT | changes
    tensors = {key: torch.tensor(value) for key, value in call.items() if isinstance(value, np.ndarray)}
    with pytest.raises(ValueError) as theirs:
        softmax_focal_loss(**call | tensors)
    for suffix in ("", "_grad"):
        with pytest.raises(ValueError) as mine:
            of_chapter(suffix)(**call)
        assert str(mine.value) == str(theirs.value)
