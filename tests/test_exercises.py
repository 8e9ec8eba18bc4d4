"""check passes right answers, explains wrong ones, and never shows a traceback or the solution."""

import inspect
import re
import signal
import threading
import time

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from lossviz.exercises import EXERCISES, SOLUTION, check, is_solution, judging
from lossviz.exercises.judging import expected_result
from lossviz.losses import CATALOG
from lossviz.ticks import load
from tests.handbook import CHAPTERS, cells, read, source, sources, tags
from tests.losses import CASES
from tests.losses.cross_entropy import divided_by_n
from tests.losses.l1_loss import plain_mean, quantile_loss, weighted_l1

FUNCTIONS = [name for name, exercise in EXERCISES.items() if not exercise.is_value]
VALUES = [name for name, exercise in EXERCISES.items() if exercise.is_value]
RIGHT = {f"{loss}/{exercise}": answer for loss in CATALOG for exercise, answer in CASES[loss].right.items()}
WRONG = [
    (f"{loss}/{exercise}", answer, message)
    for loss in CATALOG
    for exercise, answer, message in CASES[loss].wrong
]


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
    errors = [case for case in exercise.cases if expected_result(exercise.reference, case) is None]
    assert all(case["input"].shape != case["target"].shape for case in errors)
    loss, _, exercise_of_it = name.partition("/")
    assert len(errors) == CASES[loss].refusing.get(exercise_of_it, 0)


# Untouched stubs


@pytest.mark.parametrize("name", EXERCISES)
def test_an_untouched_stub_is_not_attempted(name):
    def not_implemented(**arguments):
        raise NotImplementedError

    def gap(**arguments):
        loss = ...
        return loss / 2

    def documented(**arguments):
        """Returns the loss."""
        return None

    def dots(**arguments): ...

    for stub in (None, ..., dots, documented, returning(..., name), not_implemented, gap):
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
    assert message == (
        "not yet: your function returned nothing for input=[1.0], target=[0.0], q=0.9; is a `return` missing?"
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_result_that_is_printed_and_not_returned_is_an_attempt(name):
    def answer(**arguments):
        print(sum(map(np.sum, arguments.values())))

    message = check(answer, name).message
    assert message.startswith("not yet: your function returned nothing for ")
    assert message.endswith("; is a `return` missing?")


def test_what_torch_has_not_implemented_is_told():
    def answer(multi_hot):
        return torch.nn.functional.softmax(torch.tensor(multi_hot), 1)

    message = check(answer, "multilabel_margin_loss/to_indices").message
    assert message.startswith("not yet: your function raised NotImplementedError: ")
    assert "not implemented for" in message


def test_the_name_asked_for_is_that_of_the_stub():
    stubs = [
        stub
        for chapter in CHAPTERS
        for cell in cells(read(chapter))
        if "solution" not in tags(cell)
        if (stub := re.search(r'^def (\w+)\(.*^check\(\1, "(.*?)"\)', source(cell), re.DOTALL | re.MULTILINE))
    ]
    assert {name for _, name in map(re.Match.groups, stubs)} == set(FUNCTIONS)
    for stub in stubs:
        assert EXERCISES[stub[2]].asks_for.startswith(f"{stub[1]}("), stub[2]


# Wrong answers


@pytest.mark.parametrize("name", EXERCISES)
def test_several_wrong_answers_are_planted_for_every_exercise(name):
    planted = [answer for exercise, answer, _ in WRONG if exercise == name]
    assert len(planted) >= 3


@pytest.mark.parametrize(("name", "answer", "message"), WRONG)
def test_a_wrong_answer_is_told_where_it_differs(name, answer, message):
    verdict = check(answer, name)
    assert (verdict.correct, verdict.message) == (False, f"not yet: {message}")


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


def test_what_is_masked_is_no_answer():
    verdict = check(lambda **given: np.ma.masked_less(weighted_l1(**given), 99), "l1_loss/weighted")
    assert verdict.message.endswith("expected 1.5, got nan")


def test_an_answer_may_be_a_list_of_tensors_that_require_a_gradient():
    answer = [torch.tensor(value, requires_grad=True) for value in (0.04, 0.75, 2.75)]
    assert check(answer, "smooth_l1_loss/by_hand").correct


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


def endless(input, target, weight):
    while True:
        pass


def stubborn(input, target, weight):
    for _ in range(3):
        try:  # noqa: SIM105 (as readers write it)
            endless(input, target, weight)
        except:  # noqa: E722
            pass
    return 0.0


@pytest.mark.parametrize("answer", [endless, stubborn])
def test_an_answer_that_does_not_come_back_is_stopped(monkeypatch, answer):
    monkeypatch.setattr(judging, "SECONDS", 0.1)
    before = signal.getsignal(signal.SIGALRM)
    message = check(answer, "l1_loss/weighted").message
    if answer is endless:
        assert message.startswith("not yet: your function was stopped for input=")
        assert "0.1 second after the check began" in message
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_all_inputs_together_have_one_second(monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 0.3)

    calls = []

    def slow(input, target, weight):
        calls.append(input)
        time.sleep(0.1)
        return weighted_l1(input, target, weight)

    assert "was stopped" in check(slow, "l1_loss/weighted").message
    assert len(calls) <= 4  # of its five inputs


def test_a_first_import_takes_its_time_and_is_not_torn_off(monkeypatch, tmp_path):
    monkeypatch.setattr(judging, "SECONDS", 0.2)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_to_load.py").write_text("import time\nfor _ in range(50):\n    time.sleep(0.02)\n")

    def answer(input, target, weight):
        import slow_to_load  # noqa: F401

        return weighted_l1(input, target, weight)

    assert check(answer, "l1_loss/weighted").correct

    def endless_afterwards(input, target, weight):
        return endless(answer(input, target, weight), target, weight)

    assert "was stopped" in check(endless_afterwards, "l1_loss/weighted").message


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def test_an_exception_without_or_with_far_too_many_words_is_told():
    def answer(input, target, weight):
        raise Unspeakable

    assert "Unspeakable: an exception that cannot be shown" in check(answer, "l1_loss/weighted").message

    def talkative(input, target, weight):
        raise ValueError("a" * 10**6)

    assert len(check(talkative, "l1_loss/weighted").message) < 700


def test_check_works_in_a_thread_that_hears_no_signals():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(check(weighted_l1, "l1_loss/weighted")))
    thread.start()
    thread.join()
    assert verdicts[0].correct


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


@pytest.fixture
def progress_file(monkeypatch, tmp_path):
    monkeypatch.setenv("HANDBOOK_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def run_in_a_notebook(source, store_history=True, **names):
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    try:
        shell.user_ns |= {"check": check} | names
        shell.run_cell(source, store_history=store_history).raise_error()
    finally:
        InteractiveShell.clear_instance()


def test_a_correct_answer_in_a_notebook_ticks_the_exercise(progress_file):
    run_in_a_notebook('check(answer, "l1_loss/weighted")', answer=plain_mean)
    assert not progress_file.exists()
    run_in_a_notebook('check(answer, "l1_loss/weighted")', answer=weighted_l1)
    assert load() == {"exercise:l1_loss/weighted": True}


def test_a_tick_that_cannot_be_kept_is_told(progress_file):
    progress_file.write_text("no JSON")
    shown = []
    run_in_a_notebook('shown.append(check(answer, "l1_loss/weighted"))', answer=weighted_l1, shown=shown)
    assert shown[0].correct and f"l1_loss/weighted not kept: {progress_file} is not JSON" in shown[0].message
    assert progress_file.read_text() == "no JSON"


def test_the_solution_ticks_nothing_and_nothing_is_kept_outside_a_notebook(progress_file):
    run_in_a_notebook(f'{SOLUTION}\ncheck(answer, "l1_loss/weighted")', answer=weighted_l1)
    check(weighted_l1, "l1_loss/weighted")
    assert not progress_file.exists()


@pytest.mark.parametrize(
    ("first_line", "text", "title"),
    [
        (SOLUTION, "l1_loss/weighted, the solution: correct:", "✓ l1_loss/weighted, the solution"),
        ("# mine", "l1_loss/weighted: correct:", "✓ l1_loss/weighted, your answer"),
    ],
)
def test_a_verdict_says_whose_answer_it_is_of(progress_file, first_line, text, title):
    shown = []
    source = f'{first_line}\nshown.append(check(answer, "l1_loss/weighted"))'
    run_in_a_notebook(source, answer=weighted_l1, shown=shown)
    assert repr(shown[0]).startswith(text) and f"<strong>{title}</strong>" in shown[0]._repr_html_()


@pytest.mark.parametrize("cell", [f"{SOLUTION}\n{{}}", "{}"])
def test_what_a_kernel_is_asked_to_run_counts_where_it_keeps_no_history(progress_file, monkeypatch, cell):
    source = cell.format('check(answer, "l1_loss/weighted")')
    request = {"content": {"code": source}}
    monkeypatch.setattr(InteractiveShell, "get_parent", lambda shell: request, raising=False)
    run_in_a_notebook(source, store_history=False, answer=weighted_l1)
    assert progress_file.exists() == (not is_solution(source))


def test_a_comment_of_the_reader_s_own_is_no_solution(progress_file):
    source = f'{SOLUTION}: mine\ncheck(answer, "l1_loss/weighted")'
    run_in_a_notebook(source, answer=weighted_l1)
    assert load() == {"exercise:l1_loss/weighted": True}


def test_the_cells_that_are_tagged_as_solutions_are_those_that_begin_with_the_mark():
    found = [cell for chapter in CHAPTERS for cell in cells(read(chapter))]
    tagged = [source(cell) for cell in found if "solution" in tags(cell)]
    assert tagged == [source(cell) for cell in found if is_solution(source(cell))] != []


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
        (chapter.split("/")[-1], name)
        for chapter in CHAPTERS
        for text in sources(read(chapter))
        for name in re.findall(r'check\(\w+, "([\w/]+)"\)', text)
    }
    assert asked == {(name.split("/")[0], name) for name in EXERCISES}


def test_a_verdict_shows_what_rounding_left_as_0():
    left = np.array([-1.4e-17, 1.0, -0.0, np.inf])
    assert str(judging._without_dust(left)) == str(np.array([0.0, 1.0, -0.0, np.inf]))
    tiny = np.array([1e-30, 2e-30])  # no rounding: the whole is that small
    assert (judging._without_dust(tiny) == tiny).all()
