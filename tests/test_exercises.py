"""check passes right answers, explains wrong ones, and never shows a traceback or the solution."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from lossviz.exercises import EXERCISES, _expected, check

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


def weighted_cross_entropy(input, target, weight):
    losses = -log_softmax(input)[np.arange(len(target)), target]
    return np.sum(weight[target] * losses) / np.sum(weight[target])


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
    "cross_entropy/by_hand": np.log(1 + 3) - np.log(3),
    "cross_entropy/label_smoothing": smoothed_cross_entropy,
    "cross_entropy/segmentation": segmentation_loss,
    "cross_entropy/find_the_bug": weighted_cross_entropy,
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
    errors = [case for case in exercise.cases if _expected(exercise.reference, case) is None]
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


def six(number):
    """A number as messages show it."""
    return repr(float(f"{number:.6g}"))


LN2 = six(np.log(2))


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
            "for input=[2.0, 1.0], target=[0.0, 0.0], mask=[True, False] expected 4.0, got 2.0",
        ),
        (
            "mse_loss/find_the_bug",
            nan_times_zero,
            "for input=[2.0, 1.0], target=[0.0, nan], mask=[True, False] expected 4.0, got nan",
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
