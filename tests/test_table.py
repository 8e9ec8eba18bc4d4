"""The table holds what the functions return, and a page holds the table."""

import base64
import json
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossviz import Slider, explore, explore_bars, explore_heatmap
from lossviz.controls import as_control
from lossviz.table import DROPPED_BITS, Table, apply, central_difference, depends_on, pack, parameters
from tests.handbook import ROOT, node

EXPLORER_JS = ROOT / "lossviz" / "explorer" / "lookup.js"
X = np.linspace(-3, 3, 7)


def controls(**short):
    return {name: as_control(name, value) for name, value in short.items()}


# What is called, and with what


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.maximum(0, 1 - x),
        lambda x: max(0, 1 - x),
        lambda x: 0.0 if x > 1 else 1 - x,
        lambda x: torch.clamp(1 - x, min=0),
        lambda x: F.relu(1 - torch.tensor(x)),
        lambda x: (1 - x).clamp(min=0),
        lambda x: [max(0, 1 - x)],
        lambda x: F.l1_loss(x, torch.ones(())) if x < 1 else torch.zeros(()),
    ],
    ids=["array", "max", "if", "torch", "tensor", "method", "list", "reduced"],
)
def test_every_way_to_write_a_hinge_gives_the_same_numbers(function):
    assert apply(function, (X,), {}).tolist() == np.maximum(0, 1 - X).tolist()


def test_a_mean_over_data_is_evaluated_point_by_point():
    data = np.array([1.0, 2.0, 6.0])
    assert apply(lambda c: np.abs(c - data).mean(), (X,), {}) == pytest.approx(
        [np.abs(c - data).mean() for c in X]
    )


def test_a_function_that_writes_into_its_input_does_not_change_the_points():
    def relu(x):
        x[x < 0] = 0
        return x

    before = X.copy()
    assert apply(relu, (X,), {}).tolist() == np.maximum(X, 0).tolist()
    assert X.tolist() == before.tolist()


def test_trying_arrays_and_tensors_warns_of_nothing():
    with warnings.catch_warnings(action="error"):
        apply(lambda x: F.mse_loss(torch.as_tensor(x), torch.zeros(())), (X,), {})


def test_a_function_that_raises_names_itself_the_place_and_the_cause():
    def cautious(x, beta):
        if x > 1.5:
            raise RuntimeError("too far")
        return x * beta

    with pytest.raises(ValueError, match=r"cautious failed at \(2, beta=0.5\): RuntimeError: too far"):
        apply(cautious, (X,), {"beta": 0.5})


@pytest.mark.parametrize("function", [lambda x: None, lambda x: "a", lambda x: x + None, lambda x: x.nothing])
def test_what_is_no_number_is_refused_at_the_first_place(function):
    with pytest.raises(ValueError, match=r"failed at \(-3\)"):
        apply(function, (X,), {})


def test_a_wrong_shape_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"shape \(7,\) for shape \(7,\).* returned shape \(2,\)"):
        apply(lambda x: np.zeros(2), (X,), {})


def test_parameters_are_those_given_by_position():
    assert parameters(lambda x, beta, *rest, full, **more: 0) == ["x", "beta"]
    assert parameters(torch.abs) == []
    assert parameters(torch.nn.L1Loss()) == []


def test_a_function_depends_on_the_controls_it_takes_by_name():
    both = controls(beta=(0, 1), delta=(0, 1))
    assert depends_on(lambda x: 0, both) == []
    assert depends_on(lambda x, delta: 0, both) == ["delta"]
    assert depends_on(lambda x, **options: 0, both) == ["beta", "delta"]
    assert depends_on(np.abs, both) == []


def test_central_differences_are_the_derivative():
    assert central_difference(np.sin)(X) == pytest.approx(np.cos(X), abs=1e-9)
    assert central_difference(lambda x, y: x * y**2, 1)(X, X) == pytest.approx(2 * X * X, abs=1e-8)


def test_central_differences_of_a_float32_function_take_a_wider_step():
    single = central_difference(lambda x: F.mse_loss(torch.tensor(x).float(), torch.tensor(0.0)))
    assert single(X) == pytest.approx(2 * X, abs=2e-3)


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
    table = Table(controls(beta=(0, 1, 0.25), delta=(0, 1, 0.5)))
    block = table.add("loss", "f", lambda x, delta: 0, 7, lambda f, setting: X + setting["delta"])
    assert block.shape == (3, 7)
    assert table.series[0]["axes"] == ["delta"]


def test_inf_and_nan_are_stored_as_they_are():
    with np.errstate(all="ignore"):
        expected = np.log(np.array([-1.0, 0.0, 1.0]))
    e = explore(np.log, lambda x: 1 / x, x=(-1, 1, 1))
    assert e.values("loss").tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    assert e.values("grad").tolist() == [-1, np.inf, 1]


def test_what_float32_cannot_hold_becomes_infinite_without_a_warning():
    with warnings.catch_warnings(action="error"):
        assert explore(lambda x: x * 1e300, x=(-1, 1, 1)).values("loss").tolist() == [-np.inf, 0, np.inf]


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
