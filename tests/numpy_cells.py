"""Lift the NumPy functions out of the chapters: the code cells tagged `numpy`, in order."""

from functools import cache

from tests import handbook


def sources(name):
    """The source of each tagged cell of the chapter on loss `name`."""
    return handbook.sources(handbook.read(handbook.chapter(name)), "code", "numpy")


@cache
def lift(name):
    """The loss `name` and its gradient, as the tagged cells define them when nothing else has run."""
    namespace = {}
    for number, source in enumerate(sources(name), start=1):
        exec(compile(source, f"{name}, numpy cell {number}", "exec"), namespace)
    return {function: namespace[function] for function in (name, f"{name}_grad")}
