"""One number as a bar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lossviz.arguments import check_callable
from lossviz.controls import Slider
from lossviz.evaluate import apply, name_of
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.lookup import Lookup
from lossviz.panels.panel import Panel
from lossviz.ranges import positions_of, span
from lossviz.stills.numbers import number
from lossviz.stills.sheet import Box, Sheet


def explore_toy(function: Callable, *, x: tuple = (0.0, 1.0), title: str | None = None) -> Explorer:
    """A function of one number, shown where the probe is."""
    check_callable(function)
    lookup, xs = Lookup(setup(None)), positions_of(x, "x", 10)
    label = title or name_of(function)
    values = lookup.add(
        "value", label, function, len(xs), lambda f, setting: apply(f, (np.array(xs),), setting)
    )
    return finish(
        PANEL,
        lookup,
        {"probe": Slider.over(xs, None, "x")},
        title=label,
        name=None,
        call=None,
        revealed=True,
        hidden=(),
        digits=3,
        hideable=False,
        range=span(values, None, "value_range", from_zero=True),
        lossLabel="loss",
    )


# What is said of it, and its still picture


def _value(e: Explorer) -> float:
    return float(e.values("value")[e.index["probe"]])


def facts(e: Explorer) -> str:
    return f"{e.spec['lossLabel']} {number(_value(e), e.spec['digits'])}"


def draw(e: Explorer, sheet: Sheet) -> None:
    part = _value(e) / e.spec["range"][1]
    sheet.rectangle(Box(20, 20 + max(0.0, 700 * part), 60, 100), fill="#3366cc")


PANEL = Panel("toy", facts, draw, scale="range")
