"""A line says how far something slow is, and goes when it is done."""

import json
import sys

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from lossviz import compare, demo, explore, explore_bars, explore_heatmap, explore_plane, waiting


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(waiting, "AFTER", -1)
    monkeypatch.setattr(waiting, "EVERY", -1)


@pytest.fixture
def terminal(monkeypatch, capsys, at_once):
    """What a terminal was sent, and what is left of it on the screen."""
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True)

    def read():
        sent = capsys.readouterr().out
        return [line for line in sent.split("\r") if line.strip()], screen(sent)

    return read


def screen(sent):
    line = ""
    for part in sent.split("\r"):
        line = part + line[len(part) :]
    return line.rstrip()


def test_an_explorer_says_how_many_positions_are_done_and_leaves_nothing(terminal):
    def slow(x, beta):
        return abs(float(x)) ** beta

    explore(slow, controls={"beta": (1, 2, 0.5)}, x=(0, 1, 0.5))
    lines, left = terminal()
    assert lines[0].startswith("loss 'slow': 0 of 3 positions, 1 call") and left == ""
    assert any(line.startswith("loss 'slow': 2 of 3 positions") for line in lines)
    assert any(line.startswith("grad 'slow': 2 of 3 positions") for line in lines)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: explore_bars({"z": lambda k: [k]}, "a", controls={"k": (0, 1, 0.5)}), "bars 'z': 2 of 3"),
        (lambda: explore_heatmap(lambda x, y: x * y), "grad 'y': 0 of 1"),
        (lambda: explore_heatmap(lambda: np.eye(2), cells=(2, 2)), "value 'the function': 0 of 1"),
        (lambda: explore_plane(lambda: [[0, 0]], lambda: [[1, 1]], "a"), "arrows 'arrows': 0 of 1"),
    ],
)
def test_every_panel_says_how_far_it_is(terminal, make, told):
    make()
    lines, left = terminal()
    assert any(told in line for line in lines) and left == ""


def test_compare_says_how_many_cases_are_done_and_leaves_nothing(terminal):
    case = {"input": np.array([1.0, 2.0])}
    compare(lambda input: input**2, lambda input: input**2, [case] * 12, grad=lambda input: 2 * input)
    lines, left = terminal()
    assert lines[0] == "compare:  0 of 12 cases, 1 call" and left == ""
    assert any(line.startswith("compare: 11 of 12 cases") for line in lines)


def test_where_a_function_fails_no_line_stays_above_the_error(terminal):
    def late(x, k):
        return x if k < 2 else 1 / 0

    with pytest.raises(ValueError, match="ZeroDivisionError"):
        explore(late, controls={"k": (0, 2, 1)})
    assert terminal()[1] == ""


def test_the_first_second_and_what_is_no_terminal_get_no_line(capsys, monkeypatch, at_once):
    explore(np.abs)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(waiting, "AFTER", 3600)
    explore(np.abs)
    assert capsys.readouterr().out == ""


def test_the_second_is_that_of_the_explorer_not_of_each_of_its_curves(monkeypatch, terminal):
    now = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(waiting, "AFTER", 1.0)

    def slow(x):
        now[0] += 0.4
        return x

    explore(slow)
    lines, left = terminal()
    assert [line.split(":")[0] for line in lines] == ["grad 'slow'"] * len(lines) and lines and left == ""


def test_a_notebook_gets_an_output_of_its_own_that_ends_empty(monkeypatch, at_once, capsys):
    shell, sent = InteractiveShell.instance(), []
    monkeypatch.setattr(type(shell), "kernel", object(), raising=False)
    monkeypatch.setattr(
        shell.display_pub,
        "publish",
        lambda data, metadata=None, transient=None, update=False, **more: sent.append(
            (update, data, transient)
        ),
    )
    try:
        explore(lambda x: float(x), overlay={"<b>": np.abs})
    finally:
        InteractiveShell.clear_instance()
    assert capsys.readouterr().out == ""
    ends = {transient["display_id"]: data for _, data, transient in sent}
    assert [*ends.values()] == [{"text/html": ""}] and not sent[0][0] and sent[1][0]
    assert sent[0][1] == {"text/html": "<code>loss &#x27;loss&#x27;: 0 of 1 positions, 1 call</code>"}
    assert not any("<b>" in data["text/html"] for _, data, _ in sent)


def test_a_demo_says_nothing_of_its_own(terminal, tmp_path, monkeypatch):
    cell = {"cell_type": "code", "source": 'from lossviz import *\nexplore(abs, name="g")', "metadata": {}}
    (tmp_path / "mine.ipynb").write_text(json.dumps({"cells": [cell]}), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert demo("mine.ipynb#explorer=g").probe
    assert terminal() == ([], "")
