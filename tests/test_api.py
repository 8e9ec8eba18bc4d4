"""The reference of lossviz: every name stands on its page, with every argument, as its docstring has it."""

import ast
import inspect
import re

import pytest

import lossviz
from lossviz.api import api, entry
from lossviz.evaluate import signature_of
from tests.handbook import cells, read, source, sources

FUNCTIONS = [name for name in lossviz.__all__ if callable(getattr(lossviz, name))]
SISTERS = "as in `explore`"  # where a docstring leaves the rest to that of explore


def listed():
    """The names that the page asks for, in its order."""
    calls = [
        node
        for text in sources(read("book/api"), "code")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and node.func.id == "api"
    ]
    return [argument.value for call in calls for argument in call.args]


def test_every_name_of_lossviz_stands_on_the_page_once():
    names = listed()
    assert sorted(name for name in names if "." not in name) == sorted(FUNCTIONS)
    assert len(set(names)) == len(names)
    data = [name for name in lossviz.__all__ if name not in FUNCTIONS]
    prose = "\n".join(sources(read("book/api"), "markdown"))
    assert data and all(f"`{name}`" in prose for name in data)


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *listed()}))
def test_every_argument_is_in_the_docstring(name):
    thing = lossviz
    for part in name.split("."):
        thing = getattr(thing, part)
    text, made = inspect.getdoc(thing), entry(name)
    if not made.signature:  # made by functions
        return
    if SISTERS in text:
        text += inspect.getdoc(lossviz.explore)
    # *args and **kwargs are told of as one: what the other function is called with.
    arguments = [p.name for p in signature_of(thing) if p.name not in ("self", "kwargs")]
    assert [a for a in arguments if not re.search(rf"\b{a}\b", text)] == []
    assert made.summary.endswith((".", "`", ":")) and "\n" not in made.summary


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_name_takes_is_checked_and_said_or_nothing_is_taken(name):
    text = inspect.getdoc(getattr(lossviz, name))
    takes = [p for p in signature_of(getattr(lossviz, name)) if p.kind is not p.VAR_KEYWORD]
    assert "Raises" in text or "raises" in text or not takes or name in {"Toggle", "Bars", "demos"}


def test_the_page_shows_what_the_docstrings_say_now():
    shown = [
        "".join(o["data"]["text/markdown"]) for c in cells(read("book/api"), "code") for o in c["outputs"]
    ]
    asked = [source(c) for c in cells(read("book/api"), "code") if source(c).startswith("api(")]
    assert shown == [eval(code, {"api": api}).text for code in asked]


def test_rows_of_two_columns_lists_and_paragraphs_are_told_apart():
    def thing(a, b, long_name, *, c=None):
        """What it does,
        in one sentence.

        a, b  two numbers: f(a, b=1), shape (n,), "a|b"
              over two lines
        long_name  longer than its column
        c     *none* of <these>

        1. First
           of two.
        2. Second.

        a is the argument that this sentence begins with.
        """

    lossviz.thing = thing
    try:
        made, page = entry("thing"), api("thing", level=2).text
    finally:
        del lossviz.thing
    assert made.summary == "What it does, in one sentence." and made.signature == (
        "thing(a, b, long_name, *, c=None)"
    )
    assert made.rows == [
        ("a, b", 'two numbers: f(a, b=1), shape (n,), "a|b" over two lines'),
        ("long_name", "longer than its column"),
        ("c", "*none* of <these>"),
    ]
    assert made.paragraphs == [
        "1. First of two.\n2. Second.",
        "a is the argument that this sentence begins with.",
    ]
    assert page.startswith("## thing\n\n```python\n")
    assert '| `a`, `b` | two numbers: `f(a, b=1)`, shape `(n,)`, "a\\|b" over two lines |' in page
    assert "| `c` | \\*none\\* of \\<these> |" in page


def test_a_long_signature_is_broken_and_keeps_no_address():
    text = api("explore", "draw_heatmap").text
    assert max(map(len, text.split("```")[1].splitlines())) <= 88
    assert "write=..." in text and "0x" not in text


@pytest.mark.parametrize("name", ["nothing", "CATALOG", "Explorer.nothing"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match=f"a name of the reference must be .*, got '{name}'"):
        api(name)
