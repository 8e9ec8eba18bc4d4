"""An explorer looks up what the functions returned, and a page holds all of it."""

import base64
import json
import math
import re
import warnings

import numpy as np
import pytest
import torch

from lossviz import (
    Bars,
    Slider,
    explore,
    explore_bars,
    explore_heatmap,
    explore_lattice,
    explore_mask,
    explore_plane,
)
from lossviz.controls import as_control
from lossviz.lookup import DIGITS, DROPPED_BITS, LARGEST, Lookup, pack
from lossviz.stills.numbers import number
from tests.handbook import ROOT, node

EXPLORER_JS = ROOT / "lossviz" / "explorer" / "lookup.js"
X = np.linspace(-3, 3, 7)


def controls(**short):
    return {name: as_control(name, value) for name, value in short.items()}


# What is stored


def test_the_table_holds_the_function_at_every_position():
    e = explore(lambda x, beta, full: x * beta + full, controls={"beta": (0, 1, 0.25), "full": False})
    xs = np.array(e.spec["controls"][-1]["values"])
    for beta in (0, 0.25, 0.5, 0.75, 1):
        for full in (False, True):
            e.beta, e.full = beta, full
            assert e.values("loss").tolist() == (xs * beta + full).astype(np.float32).tolist()
            assert e.values("grad") == pytest.approx(np.full(len(xs), beta), abs=1e-6)


def test_a_series_is_stored_once_for_controls_it_does_not_depend_on():
    lookup = Lookup(controls(beta=(0, 1, 0.25), delta=(0, 1, 0.5)))
    block = lookup.add("loss", "f", lambda x, delta: 0, 7, lambda f, setting: X + setting["delta"])
    assert block.shape == (3, 7)
    assert lookup.series[0]["axes"] == ["delta"]


def test_inf_and_nan_are_stored_as_they_are():
    with np.errstate(all="ignore"):
        expected = np.log(np.array([-1.0, 0.0, 1.0]))
    e = explore(np.log, lambda x: 1 / x, x=(-1, 1, 1))
    assert e.values("loss").tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    assert e.values("grad").tolist() == [-1, np.inf, 1]


def test_what_float32_cannot_hold_stands_at_its_end_without_a_warning():
    with warnings.catch_warnings(action="error"):
        e = explore(lambda x: np.array([-1e39, 1e-44, np.inf]), lambda x: x, x=(-1, 1, 1))
    assert e.values("loss").tolist() == [-LARGEST, 0, np.inf]
    assert unpacked(e)[:3].tolist() == [-LARGEST, 0, np.inf]
    assert e.spec["range"][1] < 10  # of what was kept


def test_the_digits_that_are_shown_are_those_that_a_page_keeps():
    rng = np.random.default_rng(0)
    values = rng.choice([-1, 1], 300) * 10 ** rng.uniform(-6, 7, 300)
    e = explore(lambda x: values, lambda x: x, x=(0, 299, 1))
    for table in (e.values("loss"), unpacked(e)[:300]):
        for value, kept in zip(values, table, strict=True):
            for digits in (0, 3, 12):
                shown = number(kept, digits)
                if significant := len(re.sub(r"e.*|\D", "", shown).lstrip("0")):
                    unit = 10.0 ** (math.floor(math.log10(abs(float(shown)))) + 1 - significant)
                    assert significant <= DIGITS + shown.startswith(("100000", "-100000"))
                    assert abs(float(shown) - value) <= 0.6 * unit  # a tenth more than rounding once


def test_a_whole_slider_hands_ints_to_every_function_and_gets_them_back():
    seen = set()

    def summed(x, n):
        seen.add(type(n))
        return sum(x**k for k in range(n))

    e = explore(
        summed,
        controls={"n": Slider(1, 4, 2, step=1)},
        marks={"m": lambda n: [0, 1, 2, 3, 4][n]},
        call="f({n})",
    )
    heard = []
    e.observe(lambda change: heard.append(change.new), "n")
    e.n = 3.2
    e.set_state({"n": 4})
    assert seen == {int} and heard == [3, 4] and e.spec["controls"][0]["code"] == ["1", "2", "3", "4"]
    assert repr(e).startswith("Explorer('summed', n=4, probe=") and e.values("mark") == 4
    cells = explore_heatmap(lambda: np.eye(3), cells=(3, 3))
    assert np.eye(3)[cells.probe_y, cells.probe_x] in (0, 1)


def test_too_many_positions_are_refused_before_anything_is_computed():
    calls = []

    def counted(x, a, b, c):
        calls.append(1)
        return x

    with pytest.raises(ValueError) as error:
        explore(counted, controls={name: Slider(0, 1, step=0.025) for name in "abc"})
    assert "41 (a) x 41 (b) x 41 (c) = 68,921 positions of 241 numbers" in str(error.value)
    assert "66.4 MB; at most 20,000 positions and 4 MB fit" in str(error.value)
    assert "larger step" in str(error.value)
    assert not calls


@pytest.mark.parametrize("step", [1e-4, 1e-9])
def test_too_many_points_of_an_axis_are_refused(step):
    with pytest.raises(ValueError, match="arger step"):
        explore(np.abs, x=(-3, 3, step), controls={})


# A function may keep an array of its own and return it each time


def filled(shape):
    """A function that gives its number in every element of one and the same array."""
    kept = np.empty(shape)

    def function(s):
        kept.fill(s)
        return kept

    return function


def written_out(kept):
    """The same along x, by NumPy's `out`."""
    return lambda x, s: np.multiply(x, s, out=kept[: np.size(x)].reshape(np.shape(x)))


def in_place(kept):
    """The same, in a tensor, changed in place."""
    return lambda x, s: kept[: torch.as_tensor(x).numel()].copy_(torch.as_tensor(x).reshape(-1)).mul_(s)


@pytest.mark.parametrize("kind", [written_out, in_place])
def test_a_curve_that_is_written_into_one_array_is_right_at_every_position(kind):
    for dtype in ("float32", "float64"):
        kept = np.empty(1000, dtype)
        function = kind(kept if kind is written_out else torch.from_numpy(kept))
        e = explore(function, function, controls={"s": (1, 3, 1)}, overlay={"again": function})
        xs = np.array(e.spec["controls"][-1]["values"])
        for e.s in (1, 2, 3):
            for role in ("loss", "grad", "overlay"):
                assert e.values(role) == pytest.approx(e.s * xs)
            assert e.values("overlay grad") == pytest.approx(np.full(len(xs), e.s), abs=1e-2)


def filled_mask(controls):
    value, slope = filled(()), filled((2, 2))
    losses = {"l": (lambda p, t, s: value(s), lambda p, t, s: slope(s))}
    return explore_mask(losses, np.eye(2), readout={"r": lambda p, t, s: value(s)}, controls=controls)


@pytest.mark.parametrize(
    ("make", "roles"),
    [
        (
            lambda c: explore(lambda x, s: x, points=filled(3), marks={"m": filled(())}, controls=c),
            ["points", "mark"],
        ),
        (
            lambda c: explore_bars(
                {"z": Bars(filled(2), outline=filled(2))}, "ab", readout={"r": filled(())}, controls=c
            ),
            ["bars", "outline", "readout"],
        ),
        (lambda c: explore_heatmap(filled((2, 3)), cells=(2, 3), controls=c), ["value"]),
        (
            lambda c: explore_plane(
                filled((2, 2)), filled((2, 2)), "ab", circles={"r": filled(())}, controls=c
            ),
            ["points", "arrows", "circle"],
        ),
        (
            lambda c: explore_lattice(
                filled((2, 3)),
                filled((2, 1)),
                [(0, 1)],
                "ab",
                range(3),
                path=filled(3),
                bars={"p": filled((2, 3))},
                outline={"q": filled((2, 3))},
                controls=c,
            ),
            ["nodes", "flow", "path", "bars", "outline"],
        ),
        (
            filled_mask,
            ["loss", "readout"],
        ),
    ],
    ids=["points", "bars", "cells", "plane", "lattice", "mask"],
)
def test_one_array_filled_anew_is_right_at_every_position_of_every_panel(make, roles):
    e = make({"s": (1, 3, 1)})
    for e.s in (1, 2, 3):
        for role in roles:
            assert set(e.values(role)) == {e.s}


def test_a_map_that_is_written_into_one_array_is_right_at_every_position():
    kept, slopes = np.empty(2000), np.empty((2, 2000))

    def times(x, y, s):
        return np.multiply(x, s, out=kept[: np.size(x)].reshape(np.shape(x)))

    def slope(x, y, s):
        slopes[0], slopes[1] = s, -s
        return slopes[:, : np.size(x)].reshape(2, *np.shape(x))

    for grad in (None, slope):
        e = explore_heatmap(times, grad, x=(-1, 1, 0.5), y=(0, 1, 0.5), controls={"s": (1, 3, 1)})
        for e.s in (1, 2, 3):
            assert e.values("value") == pytest.approx(np.tile(e.s * np.arange(-1, 1.1, 0.5), 3))
            assert e.values("grad", "x") == pytest.approx(np.full(15, e.s), abs=1e-6)


# What a page holds


def unpacked(explorer) -> np.ndarray:
    """The table as the page's own `unpack` gives it."""
    script = (
        f"import {{ unpack }} from {json.dumps(EXPLORER_JS.as_uri())};"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "const { data, series } = JSON.parse(text);"
        "const table = await unpack(data, series);"
        "console.log(Buffer.from(table.buffer).toString('base64'));"
    )
    series = explorer.spec["series"]
    job = json.dumps({"data": pack(explorer.table, series), "series": series})
    done = node("--input-type=module", "-e", script, input=job)
    assert done.returncode == 0, done.stderr
    return np.frombuffer(base64.b64decode(done.stdout), "<f4")


@pytest.mark.parametrize(
    "make",
    [
        lambda: explore(lambda x, beta: np.abs(x) ** beta, controls={"beta": Slider(0.5, 3)}),
        lambda: explore(lambda x, s: s * np.tan(x), controls={"s": Slider(1e-12, 1e12, log=True)}),
        lambda: explore(np.log, marks={"b": lambda beta: beta}, controls={"beta": (0, 1)}, points=[1, 2, 3]),
        lambda: explore_bars({"z": lambda a, b: [a, b, a * b]}, "abc", controls={"a": (-3, 3), "b": (-3, 3)}),
        lambda: explore_heatmap(lambda x, y, t: np.exp(x * t) - y, controls={"t": (-2, 2)}),
        lambda: explore(
            lambda x, k: np.random.default_rng(int(k)).normal(size=x.shape), controls={"k": (0, 9, 1)}
        ),
    ],
    ids=["smooth", "huge", "gaps", "bars", "heatmap", "noise"],
)
def test_a_page_holds_the_table_to_one_part_in_a_million(make):
    explorer = make()
    table, page = np.frombuffer(explorer.table, "<f4"), unpacked(explorer)
    finite = np.isfinite(table)
    assert page.shape == table.shape
    assert np.array_equal(page[~finite], table[~finite], equal_nan=True)
    assert np.all(np.abs(page[finite] - table[finite]) <= 1e-6 * np.abs(table[finite]))


def test_python_and_the_page_agree_on_the_dropped_bits():
    assert f"const DROPPED_BITS = {DROPPED_BITS};" in EXPLORER_JS.read_text("utf-8")
    numbers = (ROOT / "lossviz" / "explorer" / "numbers.js").read_text("utf-8")
    assert f"const DIGITS = {DIGITS};" in numbers
    assert LARGEST == (2 - 2**-19) * 2**127 and "const LARGEST = (2 - 2 ** -19) * 2 ** 127;" in numbers
