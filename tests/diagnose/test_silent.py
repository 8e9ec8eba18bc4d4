"""Nothing is wrong with a call that a chapter means: one of torch's own samples, or one of the chapters."""

import ast
import contextlib
import importlib
import io
import sys
import types
import unittest
import warnings

import numpy as np
import pytest
import torch

from lossviz.diagnose import watching
from lossviz.diagnose.rules import run
from lossviz.diagnose.watching import Watch
from lossviz.losses import CATALOG
from tests.calls import call_of, perfect_call
from tests.diagnose.meant import is_meant
from tests.handbook import CHAPTERS, chapter, headings, read, source

EACH_LOSS = pytest.mark.parametrize("loss", CATALOG.values(), ids=lambda loss: loss.name)


@pytest.fixture
def collected(monkeypatch):
    """The calls of losses that a watch looks at, without the rules."""
    calls = []
    monkeypatch.setattr(watching, "run", lambda call, failures: calls.append(call) or [])
    return calls


def wrong(calls):
    """What is wrong, by the rules, with those calls that are meant; how many there are."""
    meant = [call for call in calls if is_meant(call)]
    failures = {}
    found = [
        f"{call.name}: {f.rule}: {f.seen}"
        for call in meant
        for f in run(call, failures)
        if f.severity == "wrong"
    ]
    assert not failures
    return found, len(meant)


def call(function, arguments):
    """The call under a watch; what torch refuses is none of the meant calls."""
    tensors = {
        name: torch.as_tensor(value.copy()) if isinstance(value, np.ndarray) else value
        for name, value in arguments.items()
    }
    with (
        warnings.catch_warnings(),
        Watch(every=1),
        contextlib.suppress(RuntimeError, ValueError, IndexError, TypeError),
    ):
        warnings.simplefilter("ignore")
        function(**tensors)


# torch's own samples


@pytest.fixture(scope="module")
def samples():
    """The entries of torch's own tests, by the name of the loss."""
    # Its test cases inherit from this; its samples need no test case.
    stand_in = types.ModuleType("expecttest")
    stand_in.TestCase = unittest.TestCase
    sys.modules.setdefault("expecttest", stand_in)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        database = importlib.import_module("torch.testing._internal.common_methods_invocations").op_db
    found = {}
    for entry in database:
        found.setdefault(entry.name.removeprefix("nn.functional."), []).append(entry)
    return found


# Its samples are random numbers: no distances, zeros and ones, signs, or logarithms of probabilities.
WITHOUT = {
    "hinge_embedding_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "margin_ranking_loss",
    "soft_margin_loss",
}


@pytest.mark.parametrize(
    "name", [loss.name for loss in CATALOG.values() if loss.home == "torch.nn.functional"]
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nothing_is_wrong_with_what_torch_tests_itself_with(name, dtype, samples, collected):
    count = 0
    for entry in samples[name]:
        for sample in entry.sample_inputs("cpu", dtype, requires_grad=True):
            count += 1
            with warnings.catch_warnings(), Watch(every=1):
                warnings.simplefilter("ignore")
                entry.op(sample.input, *sample.args, **sample.kwargs)
    assert len(collected) >= count > 0
    found, meant = wrong(collected)
    assert found == []
    assert meant or name in WITHOUT


# The chapters' calls


@EACH_LOSS
def test_nothing_is_wrong_with_calls_of_the_types(loss, collected):
    for reduction in loss.reductions:
        for shape in (None, "perfect"):
            arguments = perfect_call(loss) if shape else call_of(loss)
            call(loss.function, arguments | {"reduction": reduction})
    found, meant = wrong(collected)
    assert found == [] and meant >= len(loss.reductions)


@EACH_LOSS
def test_nothing_is_wrong_with_the_calls_of_its_tests_that_are_meant(loss, collected):
    cases = importlib.import_module(f"tests.losses.{loss.name}").CASES
    for changes in ({}, *cases.edges.values()):
        call(loss.function, cases.usual | changes)
    assert wrong(collected)[0] == []


def cells_of(name, *sections):
    """The code cells of sections of a chapter, and those before them that define what they need."""
    notebook = read(chapter(name))
    titles = {index: text for level, text, index in headings(notebook) if level == 2}
    section, code = None, []
    for index, cell in enumerate(notebook["cells"]):
        section = titles.get(index, section)
        if cell["cell_type"] == "code":
            code.append((section, source(cell)))
    wanted = [i for i, (section, _) in enumerate(code) if (section or "").startswith(sections)]
    trees = [ast.parse(text) for _, text in code[: max(wanted) + 1]]
    kept, before = set(wanted), set()
    while kept != before:  # a function may need what a later cell defines
        before = set(kept)
        needed = {name for i in kept for name in loaded(trees[i])}
        kept |= {i for i, tree in enumerate(trees) if defined(tree) & needed}
    return [(code[i][1], i in wanted) for i in sorted(kept)]


def loaded(tree):
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def defined(tree):
    """The names that a cell gives to what follows."""
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def only_called(mine, torch_function, cases, **_):
    """In the place of `compare`: torch's side of each case."""
    for case in cases:
        call(torch_function, case)


@pytest.mark.parametrize("name", [path.split("/")[-1] for path in CHAPTERS])
def test_nothing_is_wrong_with_the_calls_of_its_chapter_that_are_meant(name, collected, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    namespace = {}
    for text, is_wanted in cells_of(name, "By hand", "Against"):
        with (
            contextlib.redirect_stdout(io.StringIO()),
            Watch(every=1) if is_wanted else contextlib.nullcontext(),
        ):
            exec(compile(text, name, "exec"), namespace)
        if "compare" in namespace:
            namespace["compare"] = only_called
    found, meant = wrong(collected)
    assert found == [] and meant > 0
