"""The NumPy functions of the chapters agree with torch: value, gradient, dtype, shape, edges, refusals.

The rules; what they run over stands in tests/losses, a file a loss.
"""

import ast
import inspect
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz.losses import CATALOG, references
from tests.calls import typed_calls
from tests.losses import CASES
from tests.numpy_cells import lift, sources

# torch is silent about NaN, inf and empty inputs, and so must the NumPy functions be.
# The one thing that torch does say is that the "mean" of kl_div is to change.
pytestmark = pytest.mark.filterwarnings("error", "ignore:reduction. 'mean' divides")

EACH_LOSS = pytest.mark.parametrize("name", CATALOG)
DEPRECATED = {"size_average", "reduce"}


def each(kind):
    """Every loss with each of its cases of a kind, such as "edges"."""
    pairs = [(name, case) for name, cases in CASES.items() for case in getattr(cases, kind)]
    assert pairs, f"no loss has {kind}"
    return pairs


def as_tuple(gradient):
    """A loss with one differentiable argument has a gradient, a loss with several a tuple of them."""
    return gradient if isinstance(gradient, tuple) else (gradient,)


def torch_answer(name, call):
    """Value and gradients from torch; for reduction "none", the gradients of the sum."""
    tensors = {key: torch.tensor(value) for key, value in call.items() if isinstance(value, np.ndarray)}
    loss = CATALOG[name]
    given = [option.name for option in loss.options if option.differentiable and option.name in tensors]
    names = [argument.name for argument in loss.predictions] + given
    predictions = [tensors[name].requires_grad_() for name in names]
    value = loss.function(**call | tensors)
    value.sum().backward()
    return value.detach().numpy(), *(prediction.grad.numpy() for prediction in predictions)


def numpy_answer(name, call):
    """Value and gradients from the chapter."""
    loss, gradient = (function(**call) for function in lift(name).values())
    return loss, *as_tuple(gradient)


def smallest_size(call):
    """At most 1: what a fraction of overlaps divides by, which multiplies the rounding of its gradient."""
    if "smooth" not in call:
        return 1
    sizes = [np.abs(call[name][call[name] != 0]).max(initial=0) for name in ("input", "target")]
    return min([1, *(size + call["smooth"] for size in sizes if size)])


def assert_agrees(name, call):
    before = {key: np.copy(value) for key, value in call.items()}
    answers = numpy_answer(name, call)
    floats = [value.dtype for value in call.values() if getattr(value, "dtype", np.dtype(int)).kind == "f"]
    # A power multiplies a relative error by its exponent; above 1e4 next to nothing is left of the value.
    exponent = min(max(1, call.get("gamma", 1)), 1e4)
    tolerance = 100 * exponent * max(np.finfo(dtype).eps for dtype in floats)
    # In λp − λ the two cancel, and the rounding of λp is left.
    factor = min(max(1, call.get("lambda_ce", 1), call.get("lambda_dice", 1)), 1e4) / smallest_size(call)
    for place, (mine, theirs) in enumerate(zip(answers, torch_answer(name, call), strict=True)):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        if place and CASES[name].corners:
            theirs = np.where(CASES[name].corners(**call), mine, theirs)
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance * factor)
    for key, value in call.items():
        np.testing.assert_array_equal(value, before[key], err_msg=f"{key} was changed")


def in_dtype(call, dtype):
    """The call with its floating arrays in another dtype."""
    return {
        key: value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
        for key, value in call.items()
    }


# What holds for each loss


def test_each_loss_of_the_catalogue_has_a_file_of_cases():
    assert sorted(CASES) == sorted(CATALOG)


@EACH_LOSS
def test_cells_import_numpy_alone(name):
    imports = [
        alias.name
        for source in sources(name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert imports == ["numpy"]


@EACH_LOSS
@pytest.mark.parametrize("suffix", ["", "_grad"])
def test_arguments_order_and_defaults_are_those_of_torch(name, suffix):
    ours = inspect.signature(lift(name)[name + suffix]).parameters.values()
    theirs = inspect.signature(CATALOG[name].function).parameters.values()
    assert [(parameter.name, parameter.default) for parameter in ours] == [
        (parameter.name, parameter.default) for parameter in theirs if parameter.name not in DEPRECATED
    ]


@EACH_LOSS
@given(data=st.data())
@settings(derandomize=True, deadline=None, max_examples=300)
def test_value_and_gradient_agree_with_torch(name, data):
    calls = typed_calls(name) if CASES[name].calls is None else CASES[name].calls
    assert_agrees(name, data.draw(calls, label="call"))


@EACH_LOSS
@pytest.mark.parametrize("suffix", ["", "_grad"])
def test_an_option_outside_its_range_is_refused(name, suffix):
    for option in CATALOG[name].options:
        for end, step in ((option.domain.low, -0.5), (option.domain.high, 0.5)):
            if np.isinf(end):
                continue
            with pytest.raises(
                ValueError, match=rf"^{option.name} must be .*, got {re.escape(str(end + step))}$"
            ):
                lift(name)[name + suffix](**CASES[name].usual | {option.name: end + step})


# Edges that hypothesis might miss, and what torch makes of them


@pytest.mark.parametrize(
    ("name", "edge", "reduction"),
    [(name, edge, reduction) for name, edge in each("edges") for reduction in CATALOG[name].reductions],
)
def test_edge_agrees_with_torch(name, edge, reduction):
    assert_agrees(name, CASES[name].usual | CASES[name].edges[edge] | {"reduction": reduction})


@pytest.mark.parametrize(
    ("name", "reduction"), [(name, reduction) for name in CASES for reduction in CATALOG[name].reductions]
)
def test_float16_stays_float16(name, reduction):
    call = in_dtype(CASES[name].usual, np.float16) | {"reduction": reduction}
    if CASES[name].float16:
        assert_agrees(name, call)
    else:
        with pytest.raises(RuntimeError, match="not implemented for 'Half'"):
            torch_answer(name, call)


# Those of an image or a recording at a time would take minutes, and count no elements.
ONE_AT_A_TIME = {"boundary_loss", "ctc_loss", "lovasz_hinge", "lovasz_softmax"}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, loss in CATALOG.items()
        if "mean" in loss.reductions and CASES[name].float16 and name not in ONE_AT_A_TIME
    ],
)
def test_a_mean_over_more_elements_than_float16_counts_keeps_its_gradient(name):
    """float16 ends at 65,504: divided by a count of that type the gradient would be 0, without a word."""
    call = in_dtype(CASES[name].usual, np.float16) | {"reduction": "mean"}
    rows = len(call[CATALOG[name].predictions[0].name])
    many = {
        key: np.concatenate([value] * (1 + 66_000 // rows))
        for key, value in call.items()
        if isinstance(value, np.ndarray) and value.ndim and len(value) == rows
    }
    for mine, theirs in zip(numpy_answer(name, call | many), torch_answer(name, call | many), strict=True):
        # Each alone is near the end of the type, where torch rounds on the way; the largest is compared.
        mine, theirs = (np.max(np.abs(x), where=~np.isnan(x), initial=0) for x in (mine, theirs))
        assert mine == pytest.approx(theirs, rel=0.05, abs=0)


# Where torch is no help


@pytest.mark.parametrize(("name", "case"), each("stated"))
def test_a_stated_result(name, case):
    changes, *stated = CASES[name].stated[case]
    for mine, expected in zip(numpy_answer(name, CASES[name].usual | changes), stated, strict=True):
        assert (mine.dtype, mine.shape) == (expected.dtype, expected.shape)
        np.testing.assert_allclose(mine, expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize(("name", "changes"), each("scalars"))
def test_an_option_that_is_a_numpy_scalar_leaves_the_dtype_alone(name, changes):
    for answer in numpy_answer(name, in_dtype(CASES[name].usual | changes, np.float32)):
        assert answer.dtype == np.float32


# What is refused: the rule and the first value that broke it, which is never the first of all


@pytest.mark.parametrize(("name", "message"), each("refused_by_torch"))
def test_torch_refuses_as_well(name, message):
    with pytest.raises((RuntimeError, TypeError, AttributeError), match=message):
        torch_answer(name, CASES[name].usual | CASES[name].refused_by_torch[message])


@pytest.mark.parametrize("suffix", ["", "_grad"])
@pytest.mark.parametrize(("name", "message"), each("refused"))
def test_refused_with_the_rule_and_the_value(name, message, suffix):
    with pytest.raises(ValueError) as refusal:
        lift(name)[name + suffix](**CASES[name].usual | CASES[name].refused[message])
    assert str(refusal.value) == message


OF_THE_HANDBOOK = [
    case
    for case in each("refused")
    if CATALOG[case[0]].torch_class is None and CATALOG[case[0]].home == references.__name__
]


@pytest.mark.parametrize(("name", "message"), OF_THE_HANDBOOK)
def test_a_torch_form_of_the_handbook_refuses_in_the_same_words(name, message):
    call = CASES[name].usual | CASES[name].refused[message]
    tensors = {key: torch.tensor(value) for key, value in call.items() if isinstance(value, np.ndarray)}
    with pytest.raises(ValueError) as refusal:
        CATALOG[name].function(**call | tensors)
    assert str(refusal.value) == message


@pytest.mark.parametrize(("name", "weight"), each("dtyped"))
@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int64, np.uint8, np.bool_])
def test_weights_of_another_dtype_are_refused_as_by_torch(name, weight, dtype):
    call = in_dtype(CASES[name].usual, np.float32) | {weight: np.ones(3, dtype)}
    with pytest.raises(RuntimeError, match="expected scalar type"):
        torch_answer(name, call)
    for function in lift(name).values():
        with pytest.raises(ValueError) as refusal:
            function(**call)
        assert str(refusal.value) == f"weight must have the dtype of input, float32, got {np.dtype(dtype)}"
