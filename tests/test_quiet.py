"""What is called thousands of times prints nothing, and what other threads print is shown."""

import contextlib
import io
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lossviz import check, compare, explore
from lossviz.quiet import hushed, unwarned
from tests.losses.l1_loss import weighted_l1


class Turns:
    """Lets two threads enter and leave what changes the process in the order that harms: in, in, out, out."""

    def __init__(self):
        self.first_in, self.second_in, self.first_out = (threading.Event() for _ in range(3))

    def run(self, call):
        """`call(function)` twice, the second begun before the first is over and over after it."""

        def first(x):
            self.first_in.set()
            assert self.second_in.wait(10)
            return x

        def second(x):
            self.second_in.set()
            assert self.first_out.wait(10)
            return x

        def begin(function):
            try:
                call(function)
            finally:
                self.first_out.set()

        with ThreadPoolExecutor(2) as pool:
            started = pool.submit(begin, first)
            assert self.first_in.wait(10)
            then = pool.submit(call, second)
            started.result(), then.result()


@pytest.mark.parametrize(
    "call",
    [
        lambda function: explore(function, lambda x: x),
        lambda function: check(lambda input, target, weight: function(0.0), "l1_loss/weighted"),
    ],
    ids=["explore", "check"],
)
def test_threads_that_leave_in_the_order_in_which_they_came_change_nothing_for_good(call):
    before = sys.stdout, sys.stderr, warnings.filters[:]
    Turns().run(call)
    assert (sys.stdout, sys.stderr, warnings.filters) == before


def test_explorers_and_checks_of_a_pool_print_nothing_and_leave_the_streams_as_they_were(capsys):
    def chatty(x):
        print("far too much")
        return float(x) ** 2

    def answer(**given):
        print("far too much")
        return weighted_l1(**given)

    before = sys.stdout, warnings.filters[:]
    with ThreadPoolExecutor(4) as pool:
        made = [*pool.map(lambda _: explore(chatty, chatty), range(4))]
        verdicts = [*pool.map(lambda _: check(answer, "l1_loss/weighted"), range(4))]
    assert (sys.stdout, warnings.filters) == before
    assert len({repr(e) for e in made}) == 1 and all(verdict.correct for verdict in verdicts)
    assert capsys.readouterr().out == ""


def test_what_another_thread_prints_meanwhile_is_shown(capsys):
    hidden, shown = threading.Event(), threading.Event()

    def chatty(x):
        print("hidden")
        hidden.set()
        assert shown.wait(10)
        return x

    thread = threading.Thread(target=explore, args=(chatty, np.abs))
    thread.start()
    assert hidden.wait(10)
    print("shown")
    shown.set()
    thread.join()
    assert capsys.readouterr().out == "shown\n"


def test_who_redirects_meanwhile_gets_what_is_printed_and_everything_ends_as_it_was(capsys):
    before, caught = sys.stdout, io.StringIO()
    with hushed():
        with contextlib.redirect_stdout(caught):
            print("to the reader's own")
            with hushed():
                print("hidden")
        print("hidden")
    print("shown")
    assert caught.getvalue() == "to the reader's own\n" and capsys.readouterr().out == "shown\n"
    outer = hushed()
    redirected = contextlib.redirect_stdout(caught)
    outer.__enter__(), redirected.__enter__(), outer.__exit__(None, None, None)
    redirected.__exit__(None, None, None)  # puts back what stood there when it came
    with hushed():
        print("hidden")
    assert sys.stdout is before and capsys.readouterr().out == ""


def test_a_program_without_a_console_has_nothing_to_hush(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with hushed():
        print("nowhere")
    assert sys.stdout is None


def test_warnings_are_shown_again_after_the_last_thread(recwarn):
    with unwarned(), unwarned():
        warnings.warn("hidden", stacklevel=1)
    warnings.warn("shown", stacklevel=1)
    assert [str(warning.message) for warning in recwarn] == ["shown"]


def test_compare_leaves_the_streams_alone(capsys):
    def chatty(input):
        print("mine")
        return input**2

    compare(chatty, lambda input: input**2, [{"input": np.ones(1)}], grad=lambda input: 2 * input)
    assert set(capsys.readouterr().out.split()) == {"mine"}
