"""Which cells an explorer depends on, here that of the last cell: all that may change it, few others."""

import ast

import pytest

from lossviz.needed import needed


def kept(*cells):
    """The cells that the last one depends on, joined in their order; it itself is left out."""
    trees = [ast.parse(cell) for cell in cells]
    places = {tree: str(place) for place, tree in enumerate(trees)}
    return "".join(places[tree] for tree in needed(trees)[:-1])


@pytest.mark.parametrize(
    ("expected", "cells"),
    [
        ("0", ["x = 1", "y = 2", "explore(x)"]),
        ("01", ["x = 1", "y = x", "explore(y)"]),
        # What is set anew no longer depends on what it was.
        ("1", ["x = 1", "x = 2", "explore(x)"]),
        ("01", ["x = 1", "x += 1", "explore(x)"]),
        ("01", ["x = 1", "x = x + 1", "explore(x)"]),
        ("01", ["x = 1", "if y: x = 2", "explore(x)"]),
        ("01", ["x = 1", "for x in values: pass", "explore(x)"]),
        ("01", ["x = 1", "while y: x = 2", "explore(x)"]),
        ("01", ["x = 1", "try: x = f()\nexcept ValueError: pass", "explore(x)"]),
        ("01", ["x = 1", "with quiet():\n x = f()", "explore(x)"]),
        ("1", ["x = 1", "with f() as x: pass", "explore(x)"]),
        ("01", ["x = 1", "y and (x := 2)", "explore(x)"]),
        ("01", ["x = 1", "match y:\n case [x, *_]: pass", "explore(x)"]),
        ("01", ["x = 1", "x: int", "explore(x)"]),
        ("1", ["x = 1", "x: int = 2", "explore(x)"]),
        # A cell's own values are not those of an earlier cell of the same name.
        ("1", ["loss = 1", "for loss in (2, 3): y = loss", "explore(y)"]),
        ("1", ["loss = 1", "y = [loss for loss in (2, 3)]", "explore(y)"]),
        ("01", ["loss = 1", "for y in (2, 3): z = loss; loss = y", "explore(z)"]),
        ("01", ["loss = 1", "y = loss; loss = 2", "explore(y)"]),
        ("01", ["loss = 1", "loss = 2; del loss; y = loss", "explore(y)"]),
        # A function uses what its names stand for when it is called.
        ("012", ["k = 1", "def f(x): return k * x", "k = 2", "explore(f)"]),
        ("01", ["k = 1; f = lambda x: k * x", "k = 2", "explore(f)"]),
        ("01", ["k = 1\ndef f(x): return k * x", "k = 2", "explore(f)"]),
        ("0", ["def f(k): return k", "k = 2", "explore(f)"]),
        ("01", ["def f(x): return g(x)", "def g(x): return x", "explore(f)"]),
        ("01", ["d = 1", "def f(x=d): return x", "explore(f)"]),
        ("01", ["y = 1", "class A:\n def f(self): return y", "explore(A().f)"]),
        ("01", ["y = 1", "class A:\n z = y", "explore(A().z)"]),
        ("01", ["x = 1", "def f():\n global x\n x = 2\nf()", "explore(x)"]),
        ("01", ["y = (k for k in values)", "values = [1]", "explore(y)"]),
        # What may be changed without being set.
        ("012", ["x = [1]", "x[0] = 2", "x.append(3)", "explore(x)"]),
        ("01", ["x = f()", "x.weight = 2", "explore(x)"]),
        ("0", ["x = f()", "print(x.mean())", "explore(x)"]),
        ("01", ["rng = f()", "rng.normal()", "explore(rng)"]),
        ("01", ["w = f()", "step = SGD([w])\nstep.step()", "explore(w)"]),
        ("01", ["net = f()", "net(1).backward()", "explore(net)"]),
        ("012", ["def f(r): return r.normal()", "rng = g()", "f(rng)", "explore(rng)"]),
        ("012", ["def f(k, *, r): r[k] = 1", "rng = g()", "f(1, r=rng)", "explore(rng)"]),
        ("0123", ["def f(r): r.pop()", "def g(k, r): f(r)", "y = h()", "g(1, y)", "explore(y)"]),
        ("1", ["def f(r): return r.mean()", "y = h()", "f(y)", "explore(y)"]),
        (
            "01",
            ["def f(x):\n x = x.clone().requires_grad_()\n x.backward()", "y = h()", "f(y)", "explore(y, f)"],
        ),
        ("01", ["w = f()", "for p in [w]: p -= 1", "explore(w)"]),
        ("01", ["d = f()", "del d['a']", "explore(d)"]),
        ("01", ["sum = 1", "del sum", "explore(sum)"]),
        ("01", ["n = 0", "def f():\n global n\n n += 1", "explore(f())"]),
        ("1", ["def f():\n import math", "import math", "explore(math)"]),
        # A function, a module and what Python has are no other for being called.
        ("0", ["def f(x): return x", "f(1).backward()", "explore(f)"]),
        ("0", ["import numpy as np", "np.zeros(3).fill(1)", "explore(np)"]),
        ("0", ["import numpy as np", "import numpy as np\ny = 1", "explore(np)"]),
        ("1", ["import numpy as f", "import torch as f", "explore(f)"]),
        ("", ["sum(parts).backward()", "explore(sum)"]),
        ("0", ["from a import *", "y = 1", "explore(2)"]),
    ],
)
def test_a_cell_is_kept_if_the_last_one_may_depend_on_it(expected, cells):
    assert kept(*cells) == expected


def test_an_explorer_or_a_comparison_of_an_earlier_cell_is_not_made():
    trees = [ast.parse(cell) for cell in ("from lossviz import explore", "x = 1\nexplore(x)", "explore(x)")]
    assert [ast.unparse(tree) for tree in needed(trees)][1] == "x = 1"
