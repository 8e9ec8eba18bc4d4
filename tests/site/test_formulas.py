"""Formulas without a script: MathML with the spacing of TeX, in a font that covers it."""

import pytest

from book._ext.handbook import formulas


def test_a_formula_becomes_mathml_with_the_spacing_of_tex():
    tex = r"|x| = -\log p_c \begin{cases} 1 \\[1ex] \operatorname{sign}(x) \end{cases}"
    found = formulas.mathml(tex, "block")
    assert found.startswith("<math") and 'display="block"' in found
    assert found.count('lspace="0" rspace="0"') == 2  # the bars enclose
    assert '<mo>&#x0003D;</mo><mo form="prefix">' in found
    assert f"<mi>log</mi>{formulas.THIN}<msub>" in found
    assert "<mi>sign</mi><mo" in found and "1ex" not in found
    found = formulas.mathml(r"(1 - y)\log x - \infty + \lVert a \rVert", "inline")
    assert f"</mo>{formulas.THIN}<mi>log</mi>" in found and "<mi>&#x0221E;</mi>" in found
    assert found.count('rspace="0" stretchy="false">&#x02016;') == 2
    assert "<msub><mi>max</mi><mi>i</mi></msub>" in formulas.mathml(r"\max_i x_i", "inline")


def test_a_formula_keeps_the_comma_behind_it():
    page = "<p>Let <math>x</math>, <math>y</math> be (see <math>z</math>).</p>"
    assert formulas.with_punctuation(page) == (
        '<p>Let <span class="nobreak"><math>x</math>,</span> <math>y</math> be '
        '(see <span class="nobreak"><math>z</math>).</span></p>'
    )


@pytest.mark.parametrize("tex", [r"x_", r"\left( x", r"\begin{cases} x"])
def test_what_is_no_formula_is_told(tex):
    with pytest.raises(ValueError, match="no formula"):
        formulas.mathml(tex, "inline")


def test_the_font_covers_the_formulas_of_the_pages_and_their_italics():
    pages = ["<p>ж " + formulas.mathml(r"h + \beta", "inline") + " ю</p>"]
    assert formulas.characters(pages) == {*"h+β", "\u210e", "\U0001d6fd"}
    assert "√" in formulas.characters([formulas.mathml(r"\sqrt{2}", "inline")])
