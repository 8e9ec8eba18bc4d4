"""Controls: every setting is one of a finite list of positions."""

import math
import re

import numpy as np
import pytest

from lossviz import Choice, Slider, Toggle
from lossviz.controls import as_control, nice_step, positions


def test_a_linear_slider_has_round_positions_from_end_to_end():
    slider = Slider(0, 1, step=0.1)
    assert slider.values == [i / 10 for i in range(11)]


@pytest.mark.parametrize("count", [2, 11, 61])
@pytest.mark.parametrize("span", [(0, 1), (-3, 3), (0.5, 7.25), (1e-6, 1e6)])
def test_count_bounds_the_positions_of_a_linear_slider(span, count):
    assert 2 <= len(Slider(*span, count=count).values) <= count


def test_whole_numbers_all_through_make_whole_positions():
    for slider in (
        Slider(1, 4, 2, step=1),
        as_control("n", (1, 4, 1)),
        Slider(np.int64(1), np.int8(4), step=1),
    ):
        assert slider.values == [1, 2, 3, 4] and {type(value) for value in slider.values} == {int}
        assert type(slider.snap("n", 2.2)) is type(slider.snap("n", np.float32(3))) is int
        assert slider.code == slider.text == ["1", "2", "3", "4"]
    assert (
        Slider(0, 10, 3, step=4).values == [0, 3, 8] and Slider(-20_000, 0, step=10_000).text[0] == "−20000"
    )
    for slider in (Slider(1, 4), Slider(1.0, 4, step=1), Slider(1, 4, step=1.0), Slider(1, 4, 2.0, step=1)):
        assert {type(value) for value in slider.values} == {float}
    assert {type(value) for value in Slider(np.float64(1), 4, log=True).values} == {float}


def test_a_log_slider_grows_by_a_constant_factor():
    values = Slider(0.01, 100, log=True, count=9).values
    assert values == pytest.approx([10.0 ** (k / 2 - 2) for k in range(9)], rel=5e-3)


def test_a_log_slider_stays_inside_its_range_after_rounding():
    slider = Slider(0.123456, 0.99999, log=True)
    assert (slider.values[0], slider.values[-1]) == (0.123456, 0.99999)
    assert slider.values == sorted(set(slider.values))


def test_the_first_value_is_exact_and_the_ends_stay():
    assert Slider(0, 1, 0.3333, step=0.25).values == [0, 0.3333, 0.5, 0.75, 1]
    assert Slider(0, 1, 0.01, step=0.25).values == [0, 0.01, 0.25, 0.5, 0.75, 1]
    slider = Slider(0.05, 5, 1, log=True)
    assert slider.values[slider.start] == 1


@pytest.mark.parametrize("value", [0.52, np.float32(0.52), np.int64(1), 1])
def test_a_number_moves_to_the_nearest_position(value):
    slider = Slider(0, 1, step=0.25)
    assert slider.snap("beta", value) == min(slider.values, key=lambda v: abs(v - value))


def test_a_number_up_to_the_given_end_is_meant_even_where_the_step_stops_short():
    assert Slider(0, 1, step=0.3).snap("beta", 1) == 0.9


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, "0.5", None, [0.5]])
def test_what_is_no_number_of_the_range_is_refused_with_rule_and_value(value):
    with pytest.raises(ValueError, match=r"beta must be a number between 0 and 1, got ") as error:
        Slider(0, 1).snap("beta", value)
    assert repr(value) in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "options", "rule"),
    [
        ((1, 1), {}, "from a smaller to a larger finite number, got (1, 1)"),
        ((2, 1), {}, "from a smaller to a larger finite number, got (2, 1)"),
        ((0, math.inf), {}, "from a smaller to a larger finite number, got (0, inf)"),
        (("0", 1), {}, "from a smaller to a larger finite number, got ('0', 1)"),
        ((0, 1), {"log": True}, "a log slider must start above 0, got 0"),
        ((1, 2), {"log": True, "step": 0.1}, "a log slider takes count, not step, got step=0.1"),
        ((0, 1), {"step": 0}, "step must be a number > 0 and at most the range 1, got 0"),
        ((0, 1), {"step": 2}, "step must be a number > 0 and at most the range 1, got 2"),
        ((0, 1), {"step": 1e-9}, "makes 1,000,000,000 positions; at most 20,000 fit"),
        ((1, 2), {"log": True, "count": 1}, "count must be a whole number between 2 and 20,000, got 1"),
        ((0, 1), {"step": "a"}, "step must be a number > 0 and at most the range 1, got 'a'"),
        ((0, 1), {"count": 2.5}, "count must be a whole number between 2 and 20,000, got 2.5"),
        ((-1e308, 1e308), {}, "from a smaller to a larger finite number"),
        ((0, 1, 2), {}, "value must be a number between 0 and 1, got 2"),
    ],
)
def test_a_slider_that_cannot_be_says_why(arguments, options, rule):
    with pytest.raises(ValueError) as error:
        Slider(*arguments, **options)
    assert rule in str(error.value)


def test_a_choice_starts_where_it_is_told_and_refuses_others():
    choice = Choice(["mean", "sum", None, 2], value="sum")
    assert choice.start == 1
    assert choice.code == ["'mean'", "'sum'", "None", "2"]
    assert choice.snap("reduction", None) is None
    with pytest.raises(ValueError, match=r"reduction must be one of \['mean', 'sum', None, 2\], got 'none'"):
        choice.snap("reduction", "none")


@pytest.mark.parametrize("values", [["mean"], ["mean", "mean"], [1, 1.0]])
def test_a_choice_needs_two_different_values(values):
    with pytest.raises(ValueError, match="at least two different values"):
        Choice(values)


def test_a_choice_holds_only_what_a_page_can_hold():
    assert [type(value) for value in Choice([np.int64(1), np.float32(2.0)]).values] == [int, float]
    with pytest.raises(ValueError, match=r"between strings, numbers and None, got \(1, 2\)"):
        Choice([(1, 2), (3, 4)])
    with pytest.raises(ValueError, match="the numbers of a choice must be finite, got inf"):
        Choice([1, math.inf])
    for none in (5, np.array(5)):
        with pytest.raises(ValueError, match=re.escape(f"a choice needs a list of values, got {none!r}")):
            Choice(none)


@pytest.mark.parametrize("on", [True, 1, np.True_])
def test_a_toggle_gives_a_bool_for_everything_that_equals_one(on):
    assert Toggle().snap("full", on) is True


@pytest.mark.parametrize(
    ("short", "kind"),
    [((0, 1), Slider), ((0, 1, 0.5), Slider), (["a", "b"], Choice), (True, Toggle), (np.False_, Toggle)],
)
def test_short_forms_stand_for_controls(short, kind):
    assert isinstance(as_control("name", short), kind)


@pytest.mark.parametrize("wrong", [0.5, "mean", None, (1, 2, 3, 4), {"a": 1}])
def test_what_is_no_control_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match="control 'beta' must be a Slider"):
        as_control("beta", wrong)


@pytest.mark.parametrize("most", [1, 7, 60, 250])
def test_a_nice_step_is_the_smallest_round_one_that_is_few_enough(most):
    step = nice_step(-3, 3, most)
    assert 6 / step <= most * (1 + 1e-9)
    mantissa = step / 10 ** math.floor(math.log10(step))
    assert min(abs(mantissa - m) for m in (1, 2, 2.5, 5)) < 1e-9
    assert 6 / (step / 2.5) > most


def test_positions_have_no_dust_of_binary_fractions():
    assert positions(0.0, 0.3, 0.1) == [0.0, 0.1, 0.2, 0.3]
