"""Modules of lossviz import what is below them: no circle, and no import hidden in a function."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "lossviz"
TREES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
        path.read_text("utf-8")
    )
    for path in PACKAGE.rglob("*.py")
}


def needed(module):
    """What a module imports from lossviz, but for what its annotations alone need."""
    names = set()
    for node in TREES[module].body:
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    # A package is loaded before its modules; the names it offers to readers are above all of them.
    return names & set(TREES) - {module, "lossviz"}


def test_no_modules_import_each_other_in_a_circle():
    TopologicalSorter({module: needed(module) for module in TREES}).prepare()


def test_no_import_is_hidden_in_a_function():
    for module, tree in TREES.items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                hidden = [n for n in ast.walk(function) if isinstance(n, (ast.Import, ast.ImportFrom))]
                assert not hidden, f"{module}: {ast.unparse(hidden[0])}"
