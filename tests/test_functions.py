"""Functions of Python are short; those of the script, tests/test_bundle.py measures."""

import ast

import pytest

from tests.handbook import ROOT, tracked

LINES = 60  # below the signature and the docstring, which say what readers ask for and may be long


def lengths(tree):
    """The lines of each function's body."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[ast.get_docstring(node) is not None :] or node.body
            yield node.name, first[-1].end_lineno - first[0].lineno + 1


def test_no_function_is_longer_than_60_lines():
    files = tracked(".")
    if files is None:
        pytest.skip("not a clone, so there is no list of its files")
    found = {}
    for name in (file for file in files if file.endswith(".py")):
        tree = ast.parse((ROOT / name).read_text("utf-8"))
        found |= {f"{name}: {function}": length for function, length in lengths(tree)}
    assert len(found) > 1000
    assert {name: length for name, length in found.items() if length > LINES} == {}
