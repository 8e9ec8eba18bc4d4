"""compare lets a correct loss pass and catches each planted error."""

import inspect
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz.compare import Comparison, compare, grid
from lossviz.libraries import LIBRARIES
from lossviz.losses import CATALOG
from lossviz.quiet import unwarned
from lossviz.samples import NO_SAMPLE
from tests.libraries import losses_of

REDUCE = {"none": lambda losses: losses, "mean": np.mean, "sum": np.sum}
INPUT = np.array([2.0, -1.0, 0.25, 5.0])
TARGET = np.array([0.0, 0.5, 0.0, 1.0])
LOGITS = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0], [0.25, 0.5, 0.75], [-1.0, 0.0, 2.0]])
LABELS = np.array([0, 2, 1, 2])
WEIGHT = np.array([1.0, 2.0, 0.5])


# Correct losses: each planted error below is one change to one of these.


def l1_loss(input, target, reduction="mean"):
    return REDUCE[reduction](np.abs(input - target))


def l1_loss_grad(input, target, reduction="mean"):
    sign = np.sign(input - target)
    return sign / input.dtype.type(input.size) if reduction == "mean" else sign


def smooth_l1_loss(input, target, reduction="mean", beta=1.0):
    d = input - target
    return REDUCE[reduction](np.where(np.abs(d) < beta, d * d / (2 * beta), np.abs(d) - beta / 2))


def smooth_l1_loss_grad(input, target, reduction="mean", beta=1.0):
    gradient = np.clip((input - target) / beta, -1, 1)
    return gradient / input.dtype.type(input.size) if reduction == "mean" else gradient


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def label_weights(input, target, weight, ignore_index):
    """The weight of each sample, 0 where it is ignored, and its label, 0 there."""
    kept = target != ignore_index
    labels = np.where(kept, target, 0)
    weight = np.ones(input.shape[1], input.dtype) if weight is None else weight
    return weight[labels] * kept.astype(input.dtype), labels


def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean"):
    weights, labels = label_weights(input, target, weight, ignore_index)
    losses = -weights * log_softmax(input)[np.arange(len(labels)), labels]
    return losses.sum() / weights.sum() if reduction == "mean" else REDUCE[reduction](losses)


def cross_entropy_grad(input, target, weight=None, ignore_index=-100, reduction="mean"):
    weights, labels = label_weights(input, target, weight, ignore_index)
    gradient = np.exp(log_softmax(input))
    gradient[np.arange(len(labels)), labels] -= 1
    gradient *= weights[:, None]
    return gradient / weights.sum() if reduction == "mean" else gradient


def square(input):
    return input * input


def square_grad(input):
    return 2 * input


def square_sum(input):
    return (input * input).sum()


def message(mine, reference, cases, grad, error=AssertionError):
    with pytest.raises(error) as raised:
        compare(mine, reference, cases, grad=grad)
    return str(raised.value)


# grid


def test_grid_is_the_product_in_the_order_written():
    assert grid(reduction=["mean", "sum"], beta=[0.5, 1.0]) == [
        {"reduction": "mean", "beta": 0.5},
        {"reduction": "mean", "beta": 1.0},
        {"reduction": "sum", "beta": 0.5},
        {"reduction": "sum", "beta": 1.0},
    ]


def test_only_a_list_is_an_axis():
    (case,) = grid(input=INPUT, weight=None, shape=(1, 2))
    assert case["input"] is INPUT and case["weight"] is None and case["shape"] == (1, 2)


def test_dtype_casts_floating_arrays_and_leaves_labels():
    narrow, wide = grid(input=LOGITS, target=LABELS, weight=WEIGHT, dtype=["float32", "float64"])
    assert [narrow[name].dtype for name in narrow] == [np.float32, np.int64, np.float32]
    assert [wide[name].dtype for name in wide] == [np.float64, np.int64, np.float64]


def test_dtype_casts_floating_tensors_too():
    narrow, wide = grid(
        input=torch.tensor(LOGITS).bfloat16().float(),
        target=torch.tensor(LABELS),
        dtype=["float32", "float64"],
    )
    assert (narrow["input"].dtype, wide["input"].dtype) == (np.float32, np.float64)
    assert narrow["target"].dtype is torch.int64


def test_an_axis_without_alternatives_is_an_error():
    with pytest.raises(ValueError, match=r"at least one alternative, got beta=\[\]"):
        grid(input=INPUT, beta=[])


# What is right passes


@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0, 1e4])
def test_cross_entropy_passes_at_every_scale_of_logits(scale):
    cases = grid(
        input=LOGITS * scale,
        target=LABELS,
        weight=[None, WEIGHT],
        ignore_index=[-100, 2],
        reduction=["none", "mean", "sum"],
        dtype=["float32", "float64"],
    )
    assert isinstance(compare(cross_entropy, F.cross_entropy, cases, grad=cross_entropy_grad), Comparison)


@pytest.mark.parametrize("scale", [1.0, 100.0, 1e4])
def test_other_ways_to_round_pass(scale):
    def logsumexp(logits):
        peak = logits.max(axis=1, keepdims=True)
        return peak + np.log(np.exp(logits - peak).sum(axis=1, keepdims=True))

    def mine(input, target, reduction):
        rows = np.arange(len(target))
        return REDUCE[reduction](logsumexp(input)[:, 0] - input[rows, target])

    def grad(input, target, reduction):
        rows = np.arange(len(target))
        gradient = np.exp(input - logsumexp(input))
        gradient[rows, target] = 0
        # The sum over the other classes in place of p - 1, which cancels.
        gradient[rows, target] = -gradient.sum(axis=1)
        return gradient / input.dtype.type(len(target)) if reduction == "mean" else gradient

    confident = LOGITS + 12 * np.eye(3)[LABELS]
    cases = grid(
        input=[LOGITS * scale, LOGITS + scale, confident],
        target=LABELS,
        reduction=["none", "mean", "sum"],
        dtype=["float32", "float64"],
    )
    compare(mine, F.cross_entropy, cases, grad=grad)


def test_the_mean_over_many_float32_elements_passes():
    x = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    compare(l1_loss, F.l1_loss, grid(input=x, target=np.zeros_like(x)), grad=l1_loss_grad)


def test_one_number_passes():
    compare(l1_loss, F.l1_loss, grid(input=np.array(2.0), target=np.array(0.5)), grad=l1_loss_grad)


def test_a_loss_and_its_gradient_that_write_into_one_array_each_time_pass():
    kept, number = np.empty(INPUT.size), np.empty(())
    mine = lambda input: np.multiply(input, input, out=kept)  # noqa: E731
    total = lambda input: np.sum(input * input, out=number)  # noqa: E731
    doubled = lambda input: np.multiply(input, 2.0, out=kept)  # noqa: E731
    in_place = torch.empty(INPUT.size, dtype=torch.float64)

    def squared(input):
        return (
            in_place.detach().copy_(input.detach()).mul_(input.detach())
            if not input.requires_grad
            else input**2
        )

    assert compare(mine, squared, [{"input": INPUT}, {"input": INPUT + 1}], grad=doubled)
    assert compare(total, lambda input: (input**2).sum(), [{"input": INPUT}], grad=doubled)


def test_nan_and_infinity_on_both_sides_agree():
    finite, not_finite = np.array([1.0, -2.0]), np.array([np.nan, np.inf])
    result = compare(square, square, grid(input=[finite, not_finite]), grad=square_grad)
    assert "float64[2] #2  agrees  agrees    skipped, 2 of 2 not finite nearby" in repr(result)


def test_a_tuple_is_the_gradients_of_the_first_arguments():
    def both(input, target):
        gradient = l1_loss_grad(input, target)
        return gradient, -gradient

    def both_alike(input, target):
        return l1_loss_grad(input, target), l1_loss_grad(input, target)

    cases = grid(input=INPUT, target=TARGET)
    assert compare(l1_loss, F.l1_loss, cases, grad=both).tallies[0]["checked"] == 2 * INPUT.size
    assert "gradient of `target` differs" in message(l1_loss, F.l1_loss, cases, both_alike)


# Planted errors: values


def test_sum_for_mean():
    text = message(
        lambda input, target, reduction: np.abs(input - target).sum(),
        F.l1_loss,
        grid(input=INPUT, target=TARGET, reduction=["sum", "mean"]),
        l1_loss_grad,
    )
    expected, got = (2 + 1.5 + 0.25 + 4) / 4, 2 + 1.5 + 0.25 + 4
    assert text == (
        f"case 2 of 2 (reduction=mean): value differs\n  expected (torch): {expected}\n  got (mine): {got}"
    )


def test_dropped_class_weight():
    text = message(
        lambda input, target, weight: cross_entropy(input, target),
        F.cross_entropy,
        grid(input=LOGITS, target=LABELS, weight=[None, WEIGHT]),
        lambda input, target, weight: cross_entropy_grad(input, target),
    )
    assert text.startswith("case 2 of 2 (weight=float64[3]): value differs")


def test_the_first_index_that_differs_is_named():
    def wrong(input):
        loss = square(input)
        loss[1, 2] += 1
        return loss

    assert "value differs at index (1, 2)" in message(wrong, square, grid(input=LOGITS), square_grad)


def test_float64_for_float32():
    text = message(
        lambda input, target: np.float64(l1_loss(input, target)),
        F.l1_loss,
        grid(input=INPUT, target=TARGET, dtype=["float64", "float32"]),
        l1_loss_grad,
    )
    assert text == (
        "case 2 of 2 (dtype=float32): dtype of the value differs"
        "\n  expected (torch): float32\n  got (mine): float64"
    )


def test_wrong_shape():
    text = message(
        lambda input, target: l1_loss(input, target).reshape(1),
        F.l1_loss,
        grid(input=INPUT, target=TARGET),
        l1_loss_grad,
    )
    assert "shape of the value differs\n  expected (torch): ()\n  got (mine): (1,)" in text


@pytest.mark.parametrize("blind", ["mine", "torch"])
def test_nan_on_one_side_only(blind):
    mine = np.nan_to_num if blind == "mine" else np.abs
    theirs = torch.nan_to_num if blind == "torch" else torch.abs
    text = message(
        lambda input: mine(input),
        lambda input: theirs(input),
        grid(input=np.array([1.0, np.nan])),
        lambda input: np.ones_like(input),
    )
    assert "value differs at index (1,)" in text and "nan" in text


def test_infinity_of_the_other_sign_and_infinity_on_one_side_only():
    for wrong in (-np.inf, np.finfo(np.float64).max, np.nan):
        text = message(
            lambda input, wrong=wrong: np.where(np.isinf(input), wrong, input),
            lambda input: input * 1,
            grid(input=np.array([1.0, np.inf])),
            lambda input: np.ones_like(input),
        )
        assert "value differs at index (1,)" in text


def test_a_huge_argument_does_not_excuse_a_difference():
    x = np.array([1e30, 1.0])
    text = message(lambda input: square(input) + np.array([0.0, 1.0]), square, grid(input=x), square_grad)
    assert "value differs at index (1,)" in text
    text = message(square, square, grid(input=x), lambda input: square_grad(input) + np.array([0.0, 1.0]))
    assert "gradient of `input` differs at index (1,)" in text


@pytest.mark.parametrize(
    ("convert", "kind"),
    [
        (torch.from_numpy, "torch.Tensor"),
        (np.ndarray.tolist, "list"),
        (lambda values: np.ma.masked_less(values, 99), "numpy.ma.MaskedArray"),  # agrees with anything
    ],
)
def test_a_result_that_is_not_numpy(convert, kind):
    rule = f"must be a NumPy array or NumPy scalar, got {kind}"
    cases = grid(input=INPUT)
    assert f"the value {rule}" in message(lambda input: convert(square(input)), square, cases, square_grad)
    assert f"the gradient of `input` {rule}" in message(
        square, square, cases, lambda input: convert(square_grad(input))
    )


def test_arguments_changed_in_place():
    def mine(input, target):
        input -= target
        return np.abs(input).mean()

    def grad(input, target):
        target -= input
        return -np.sign(target) / target.size

    x = INPUT.copy()
    cases = grid(input=x, target=TARGET)
    assert "mine changed its argument input in place" in message(mine, F.l1_loss, cases, l1_loss_grad)
    assert "grad changed its argument target in place" in message(l1_loss, F.l1_loss, cases, grad)
    assert np.array_equal(x, INPUT)


def test_an_exception_names_the_case_and_keeps_its_cause():
    def mine(input, target, reduction):
        return {"mean": np.mean}[reduction](np.abs(input - target))

    with pytest.raises(
        AssertionError, match=r"case 2 of 2 \(reduction=sum\): mine raised KeyError"
    ) as raised:
        compare(
            mine, F.l1_loss, grid(input=INPUT, target=TARGET, reduction=["mean", "sum"]), grad=l1_loss_grad
        )
    assert isinstance(raised.value.__cause__, KeyError)


# Planted errors: gradients


def test_wrong_sign():
    text = message(l1_loss, F.l1_loss, grid(input=INPUT, target=TARGET), lambda **case: -l1_loss_grad(**case))
    assert text == (
        "case 1 of 1: gradient of `input` differs at index (0,)"
        f"\n  expected (torch): {1 / 4}\n  got (mine): {-1 / 4}"
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_that_is_off_by_a_thousandth(dtype):
    text = message(
        lambda **case: smooth_l1_loss(**case) * case["input"].dtype.type(1.001),
        F.smooth_l1_loss,
        grid(input=INPUT, target=TARGET, dtype=dtype),
        smooth_l1_loss_grad,
    )
    assert text.startswith("case 1 of 1: value differs")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_gradient_of_the_mean_that_is_off_by_a_thousandth(dtype):
    x = np.linspace(-3, 3, 1000)
    text = message(
        smooth_l1_loss,
        F.smooth_l1_loss,
        grid(input=x, target=np.zeros(1000), dtype=dtype),
        lambda **case: smooth_l1_loss_grad(**case) * case["input"].dtype.type(1.001),
    )
    assert "gradient of `input` differs at index (0,)" in text


def test_detached_constant():
    def detached(input):
        return input * input.detach()

    cases = grid(input=INPUT)
    # Held against the full derivative, autograd differs; held against the same mistake, the differences do.
    assert "gradient of `input` differs at index (0,)" in message(square, detached, cases, square_grad)
    assert "central difference of `input` differs at index (0,)" in message(
        square, detached, cases, lambda input: input.copy()
    )


class WrongBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 3 * input


def test_a_gradient_wrong_on_both_sides_is_caught_by_the_differences():
    text = message(
        square,
        lambda input: WrongBackward.apply(input),
        grid(input=np.array([2.0])),
        lambda input: 3 * input,
    )
    assert text == (
        "case 1 of 1: central difference of `input` differs at index (0,)"
        f"\n  expected (central difference): {2 * 2}\n  got (grad): {3 * 2.0}"
    )


@pytest.mark.parametrize("strict", [True, False])
def test_the_subgradient_at_a_kink_must_be_the_one_of_torch(strict):
    def hinge(input):
        return np.maximum(1 - input, 0)

    def hinge_grad(input):
        return -np.where((input < 1) if strict else (input <= 1), 1.0, 0.0)

    cases = grid(input=np.array([0.0, 1.0, 2.0]))
    if strict:
        result = compare(hinge, lambda input: F.relu(1 - input), cases, grad=hinge_grad)
        assert "agrees, 1 of 3 at a kink" in repr(result)
    else:
        text = message(hinge, lambda input: F.relu(1 - input), cases, hinge_grad)
        assert "gradient of `input` differs at index (1,)" in text


# Kinks


def test_a_kink_is_skipped_with_a_word():
    cases = grid(input=np.array([0.0, 1.0, -2.0]), target=np.zeros(3))
    assert "agrees, 1 of 3 at a kink" in repr(compare(l1_loss, F.l1_loss, cases, grad=l1_loss_grad))


@pytest.mark.parametrize("beta", [1.0, 1e-3, 1e-6])
def test_steep_smooth_curvature_is_not_taken_for_a_kink(beta):
    x = np.array([0.0, beta / 2, beta, -beta, 2.0])
    cases = grid(input=x, target=np.zeros(5), beta=beta, reduction=["none", "mean", "sum"])
    result = compare(smooth_l1_loss, F.smooth_l1_loss, cases, grad=smooth_l1_loss_grad)
    assert [tally["checked"] for tally in result.tallies] == [x.size] * 3


def test_a_parabola_of_any_curvature_is_checked():
    for curvature in (1e3, 1e6, 1e9):
        cases = grid(input=np.array([0.0, 1e-3, 1.0]), curvature=curvature)

        def parabola(input, curvature):
            return curvature * input * input

        def slope(input, curvature):
            return 2 * curvature * input

        assert compare(parabola, parabola, cases, grad=slope).tallies[0]["checked"] == 3
        text = message(parabola, parabola, cases, lambda **case: -slope(**case))
        assert "gradient of `input` differs at index (1,)" in text


def test_rounding_is_not_taken_for_a_kink():
    x = np.linspace(-301, 300, 1000)
    result = compare(l1_loss, F.l1_loss, grid(input=x, target=np.zeros(1000)), grad=l1_loss_grad)
    assert result.tallies[0]["checked"] == x.size

    # Floats are spaced wider above 0.5 than below, so the steps to both sides are not quite equal.
    def steep(input):
        return 1e6 * abs(input - 0.5 * 0.99999)

    result = compare(steep, steep, grid(input=np.array([0.5])), grad=lambda input: 1e6 * np.ones(1))
    assert result.tallies[0]["checked"] == 1


def test_a_wrong_gradient_does_not_make_a_kink():
    text = message(
        smooth_l1_loss,
        lambda input, target: F.smooth_l1_loss(input, target).detach() + 0 * input.sum(),
        grid(input=np.array([0.0, 0.5, 3.0]), target=np.zeros(3)),
        lambda input, target: np.zeros_like(input),
    )
    assert "central difference of `input` differs at index (1,)" in text


def test_a_point_at_the_edge_of_the_domain_is_skipped():
    def entropy(input):
        if np.any(input < 0):
            raise ValueError("input must be >= 0")
        return -input * np.log(input)

    result = compare(
        entropy,
        lambda input: -input * torch.log(input),
        grid(input=np.array([1e-9, 0.5])),
        grad=lambda input: -np.log(input) - 1,
    )
    assert "agrees, 1 of 2 not finite nearby" in repr(result)


def test_derivatives_lost_in_rounding_are_not_called_checked():
    result = compare(square_sum, square_sum, grid(input=np.array([1e20, 1.0])), grad=square_grad)
    assert "agrees, 1 of 2 lost in rounding" in repr(result)


# Comparisons that compare nothing


def test_no_cases():
    for cases in ([], iter([])):
        assert message(l1_loss, F.l1_loss, cases, l1_loss_grad, ValueError) == (
            "compare needs at least one case, got an empty list"
        )


@pytest.mark.parametrize("case", [{}, {"input": LABELS}, {"input": 1.0}])
def test_a_case_whose_first_argument_has_no_gradient(case):
    text = message(square, square, [case], square_grad, ValueError)
    assert text == f"the first argument of a case must be a floating NumPy array, got {case}"


def test_a_case_that_is_no_dictionary():
    text = message(square, square, ["input"], square_grad, TypeError)
    assert text == "a case must be a dictionary of keyword arguments, got str"
    text = message(square, square, 5, square_grad, TypeError)
    assert text == "cases must be a list of dictionaries, got int"


def test_every_element_skipped():
    cases = grid(input=np.zeros(3), target=np.zeros(3), reduction=["sum", "mean"])
    assert message(l1_loss, F.l1_loss, cases, l1_loss_grad, ValueError) == (
        "central differences must check at least one derivative, but checked none: 6 at a kink"
    )
    cases = grid(input=np.zeros(0), target=np.zeros(0), reduction="sum")
    assert "checked none: none exist" in message(l1_loss, F.l1_loss, cases, l1_loss_grad, ValueError)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (lambda input: input.detach() ** 2, "but torch says"),
        (lambda input: torch.from_numpy(INPUT**2).requires_grad_(), "but its output does not depend on it"),
    ],
)
def test_a_reference_without_a_gradient(reference, reason):
    text = message(square, reference, grid(input=INPUT), square_grad, ValueError)
    assert "the reference must be differentiable with respect to `input`" in text and reason in text


def test_a_gradient_of_labels():
    def grad(input, target):
        return cross_entropy_grad(input, target), target

    text = message(cross_entropy, F.cross_entropy, grid(input=LOGITS, target=LABELS), grad, ValueError)
    assert "a gradient of `target`, which must be a floating array" in text


@pytest.mark.parametrize("count", [0, 2])
def test_a_tuple_of_gradients_must_fit_the_arguments(count):
    text = message(square, square, grid(input=INPUT), lambda input: (2 * input,) * count)
    assert f"grad must return one to 1 arrays, as the case has arguments, got {count}" in text


def test_a_reference_that_returns_no_tensor():
    text = message(square, lambda input: 1.0, grid(input=INPUT), square_grad, ValueError)
    assert text == "case 1 of 1: the reference must return a floating tensor, got float"


def test_a_reference_that_raises():
    cases = grid(input=INPUT, target=TARGET, reduction="median")
    text = message(lambda **case: np.median(INPUT), F.l1_loss, cases, l1_loss_grad)
    assert text.startswith("case 1 of 1: the reference raised ValueError")


def test_the_checks_survive_python_without_asserts():
    module = Path(inspect.getfile(Comparison))
    optimised = {"__name__": "lossviz.compare"}
    exec(compile(module.read_text(), module, "exec", optimize=2), optimised)
    with pytest.raises(AssertionError, match="gradient of `input` differs"):
        optimised["compare"](square, square, grid(input=INPUT), grad=lambda input: input.copy())


# What is shown


def few():
    cases = grid(input=np.array([0.0, 1.0]), target=np.zeros(2), reduction=["mean", "none"], dtype="float32")
    return compare(l1_loss, F.l1_loss, cases, grad=l1_loss_grad)


def many():
    cases = grid(
        input=[INPUT, LOGITS, LOGITS.T.copy()],
        beta=[0.5, 1.0],
        reduction=["none", "mean", "sum"],
        dtype=["float32", "float64"],
    )
    cases = [{**case, "target": np.zeros_like(case["input"])} for case in cases]
    return compare(smooth_l1_loss, F.smooth_l1_loss, cases, grad=smooth_l1_loss_grad)


def test_a_few_cases_have_a_row_each():
    assert repr(few()).splitlines() == [
        "reduction  value   gradient  central differences",
        "mean       agrees  agrees    agrees, 1 of 2 at a kink",
        "none       agrees  agrees    agrees, 1 of 2 at a kink",
        "2 cases agree with torch: value, gradient, central differences",
    ]


def test_many_cases_show_what_they_cover():
    assert repr(many()).splitlines() == [
        "argument   values × cases",
        "input      float[4] × 12, float[4, 3] × 12, float[3, 4] × 12",
        "beta       0.5 × 18, 1.0 × 18",
        "reduction  none × 12, mean × 12, sum × 12",
        "target     float[4] × 12, float[4, 3] × 12, float[3, 4] × 12",
        "dtype      float32 × 18, float64 × 18",
        f"derivatives: {12 * (4 + 12 + 12)} checked by central differences",
        "36 cases agree with torch: value, gradient, central differences",
    ]


def test_different_arrays_of_one_shape_are_numbered():
    cases = grid(input=[INPUT, -INPUT], target=TARGET)
    lines = repr(compare(l1_loss, F.l1_loss, cases, grad=l1_loss_grad)).splitlines()
    assert [line.split("  ")[0] for line in lines[1:3]] == ["float64[4] #1", "float64[4] #2"]


def test_a_function_goes_by_its_name_and_functions_of_one_name_are_numbered():
    cases = grid(input=INPUT, how=[square, abs, lambda x: 2 * x, lambda x: 3 * x, None])
    shown = repr(
        compare(
            lambda input, how: square(input),
            lambda input, how: square(input),
            cases,
            grad=lambda input, how: square_grad(input),
        )
    )
    assert [line.split("  ")[0] for line in shown.splitlines()[1:-1]] == [
        "square",
        "abs",
        "<lambda> #1",
        "<lambda> #2",
        "None",
    ]
    assert "0x" not in shown


def test_one_case_is_told_in_the_singular():
    result = compare(l1_loss, F.l1_loss, grid(input=INPUT, target=TARGET), grad=l1_loss_grad)
    assert repr(result).endswith("\n1 case agrees with torch: value, gradient, central differences")


def test_a_library_is_named_and_one_that_is_not_there_is_skipped(monkeypatch):
    def with_library(name):
        cases = grid(input=INPUT, target=TARGET)
        return repr(compare(l1_loss, F.l1_loss, cases, grad=l1_loss_grad, library=name))

    losses_of("kornia")
    assert with_library("kornia").endswith(
        "\n1 case agrees with kornia: value, gradient, central differences"
    )
    monkeypatch.setitem(LIBRARIES, "kornia", "kornia_that_nobody_has.losses")
    assert with_library("kornia") == "kornia is not installed: skipped"
    with pytest.raises(ValueError, match="library must be one of MONAI, kornia, got 'keras'"):
        with_library("keras")


@pytest.mark.parametrize("make", [few, many])
def test_the_text_is_the_same_every_time(make):
    assert repr(make()) == repr(make())
    assert make()._repr_html_() == make()._repr_html_()


def test_nothing_is_printed(capsys):
    few()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("make", [few, many])
def test_html_tells_what_the_text_tells(make):
    table, remarks = make()._table()
    page = make()._repr_html_()
    assert all(text in page for row in [*table, remarks] for text in row)


def test_html_is_escaped_and_names_no_colour():
    def mine(input, note):
        return square(input)

    cases = grid(input=INPUT, note=["<script>alert(1)</script>", "&"])
    page = compare(mine, mine, cases, grad=lambda input, note: square_grad(input))._repr_html_()
    assert "&lt;script&gt;alert(1)" in page and "<script>" not in page
    assert "currentColor" in page and "#" not in page and "rgb" not in page


def test_a_dtype_that_is_none_is_told():
    with pytest.raises(ValueError, match="dtype must name a dtype of NumPy"):
        grid(input=np.zeros(2), dtype=["float32", "nope"])


def hinge(input):
    return np.maximum(0, 1 - input)


def hinge_slope(at_the_corner):
    return lambda input: np.where(input < 1, -1.0, np.where(input > 1, 0.0, at_the_corner)).astype(
        input.dtype
    )


@pytest.mark.parametrize(
    ("slope", "agrees"), [(-1.0, True), (-0.5, True), (0.0, True), (0.5, False), (-2.0, False)]
)
def test_at_a_corner_every_slope_between_those_beside_it_agrees_if_asked_for(slope, agrees):
    cases = [{"input": np.array([0.5, 1.0, 2.0])}]

    def in_torch(input):
        return torch.relu(1 - input)  # its slope at 0 is 0

    with pytest.raises(AssertionError) if slope else nullcontext():
        compare(hinge, in_torch, cases, grad=hinge_slope(slope))
    with nullcontext() if agrees else pytest.raises(AssertionError, match=r"differs at index \(?1"):
        compare(hinge, in_torch, cases, grad=hinge_slope(slope), corners=True)


def test_beside_a_corner_a_wrong_slope_is_wrong_all_the_same():
    cases = [{"input": np.array([0.5, 1.0, 2.0])}]
    with pytest.raises(AssertionError, match="differs"):
        compare(hinge, lambda input: torch.relu(1 - input), cases, grad=lambda input: 0 * input, corners=True)


# Either side in torch or in NumPy


def squared(pred, y):
    return ((pred - y) ** 2).mean()


def squared_in_numpy(pred, y):
    return np.mean((pred - y) ** 2)


def in_torch(input, target, reduction="mean"):
    difference = (input - target).abs()
    loss = torch.where(difference < 1, difference**2 / 2, difference - 0.5)
    return loss if reduction == "none" else getattr(loss, reduction)()


def verdict(*args, **options):
    return repr(compare(*args, **options)).splitlines()[-1]


def test_a_loss_of_torch_brings_its_own_cases_and_autograd_the_gradient():
    result = compare(in_torch, F.smooth_l1_loss)
    assert result.columns["reduction"] == ["none", "none", "mean", "mean", "sum", "sum"]
    assert result.columns["dtype"] == ["float32", "float64"] * 3
    assert repr(result).endswith(
        "6 cases agree with torch: value, gradient, central differences; the gradient is autograd's"
    )
    assert sum(result.tallies, Counter())["checked"] == 6 * 12


@pytest.mark.parametrize("mine", [squared, torch.nn.MSELoss(), F.mse_loss], ids=["own", "module", "torch"])
@pytest.mark.parametrize("reference", [F.mse_loss, torch.nn.MSELoss()], ids=["function", "module"])
def test_functions_and_modules_compare_whatever_their_arguments_are_called(mine, reference):
    assert verdict(mine, reference).endswith("gradient, central differences; the gradient is autograd's")


def test_a_module_has_its_weights_in_the_dtype_of_the_case():
    weighted = torch.nn.CrossEntropyLoss(weight=torch.tensor(WEIGHT).float())

    def mine(input, target):
        weight = torch.tensor(WEIGHT).to(input.dtype)
        losses = weight[target] * -input.log_softmax(1).gather(1, target[:, None])[:, 0]
        return losses.sum() / weight[target].sum()

    assert "2 cases agree with torch" in verdict(mine, weighted)
    assert "2 cases agree with torch" in verdict(weighted, mine)
    assert weighted.weight.dtype is torch.float32


@pytest.mark.parametrize("mine", [squared_in_numpy, lambda pred, y: float(squared_in_numpy(pred, y))])
def test_a_numpy_loss_without_grad_is_compared_by_value_and_says_so(mine):
    said = verdict(mine, F.mse_loss)
    assert said.startswith("2 cases agree with torch: value; no gradient was compared: ")
    assert said.endswith(" is in NumPy, and came without grad=")
    with_grad = verdict(
        squared_in_numpy, F.mse_loss, grad=lambda pred, y: 2 * (pred - y) / pred.dtype.type(pred.size)
    )
    assert with_grad == "2 cases agree with torch: value, gradient, central differences"


def test_a_reference_in_numpy_has_no_gradient_but_mine_has():
    case = {"pred": [1.0, 2.0, 3.0], "y": [0.0, 0.5, 1.0]}
    assert verdict(squared, squared_in_numpy, case) == (
        "1 case agrees with squared_in_numpy: value, central differences; the gradient is autograd's"
    )
    with pytest.raises(AssertionError, match=r"value differs\n  expected \(squared_in_numpy\): 2.4"):
        compare(lambda pred, y: 2 * squared(pred, y), squared_in_numpy, case)


@pytest.mark.parametrize(
    "case",
    [
        {"input": torch.tensor(LOGITS, requires_grad=True), "target": torch.tensor(LABELS)},
        {"input": LOGITS.tolist(), "target": LABELS.tolist()},
        {"input": LOGITS, "target": tuple(LABELS)},
        {"input": torch.tensor(LOGITS).half(), "target": LABELS},
    ],
    ids=["tensors", "lists", "mixed", "half"],
)
def test_a_case_may_hold_tensors_arrays_or_lists(case):
    assert "1 case agrees with torch: value" in verdict(cross_entropy, F.cross_entropy, case)


def test_a_list_that_is_an_option_stays_a_list():
    def mine(input, axes=None):
        assert isinstance(axes, list)
        return input.sum(tuple(axes))

    def theirs(input, axes=None):
        return input.sum(axes)

    compare(mine, theirs, [{"input": torch.ones(2, 2), "axes": [0, 1]}], grad=lambda input, axes: input**0)


def test_a_wrong_gradient_of_a_torch_loss_is_found():
    def clipped(input, target):
        return F.mse_loss(input, target).clamp(max=1.0)  # no gradient above

    case = {"input": [3.0, 0.0], "target": [0.0, 0.0]}
    with pytest.raises(AssertionError, match="value differs"):
        compare(clipped, F.mse_loss, case)

    def detached(input, target):
        return (input - target).square().mean() + 0 * (input.detach() - input).sum()

    def half_detached(input, target):
        return ((input - target) * (input - target).detach()).mean()

    compare(detached, F.mse_loss, case)
    with pytest.raises(AssertionError, match=r"gradient of `input` differs at index \(0,\)"):
        compare(half_detached, F.mse_loss, case)
    with pytest.raises(AssertionError, match=r"central difference of `input` differs at index \(0,\)"):
        compare(half_detached, lambda input, target: np.square(input - target).mean(), case)
    with pytest.raises(AssertionError, match="mine must be differentiable with respect to `input`"):
        compare(lambda input, target: F.mse_loss(input.detach(), target), F.mse_loss, case)


def test_each_input_that_a_model_gives_is_differentiated():
    def wrong_in_var(input, target, var):
        return F.gaussian_nll_loss(input, target, var.detach()) + 0 * var.sum()

    with pytest.raises(AssertionError, match="gradient of `var` differs"):
        compare(wrong_in_var, F.gaussian_nll_loss)


def test_what_a_torch_loss_writes_into_its_input_is_told():
    def in_place(input, target):
        with torch.no_grad():
            input.clamp_(min=0)
        return F.mse_loss(input, target)

    with pytest.raises(AssertionError, match="mine changed its argument input in place"):
        compare(in_place, F.mse_loss)


def test_where_no_case_is_known_the_sentence_shows_one():
    with pytest.raises(ValueError) as raised:
        compare(squared, squared_in_numpy)
    assert str(raised.value) == (
        "compare has cases of its own for a loss of torch alone, got squared_in_numpy: try "
        "compare(squared, squared_in_numpy, [{'input': ..., 'target': ...}])"
    )
    with pytest.raises(ValueError, match="a dtype that NumPy has, such as float32, got bfloat16"):
        compare(squared, F.mse_loss, {"pred": torch.ones(2).bfloat16(), "y": torch.ones(2)})


@pytest.mark.parametrize(
    "name", [n for n, loss in CATALOG.items() if loss.torch_class and n not in NO_SAMPLE]
)
def test_each_loss_of_torch_agrees_with_itself(name):
    with unwarned():
        assert "6 cases agree" in verdict(CATALOG[name].function, CATALOG[name].function)
