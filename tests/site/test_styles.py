from pathlib import Path

import pytest

from book._ext.handbook import styles

KNOWN = {"shown", "late", "table"}


@pytest.mark.parametrize(
    ("sheet", "used"),
    [
        (".shown{color:red}.gone{color:blue}", ".shown{color:red}"),
        (".gone,.shown, #gone .shown{top:0}", ".shown{top:0}"),
        (".gone .shown{top:0}", ""),
        ("#late>a{top:0}#none>a{top:0}", "#late>a{top:0}"),
        # What a rule asks to be absent need not be there, and brackets hold no class of the page.
        ("a:not(.gone){top:0}", "a:not(.gone){top:0}"),
        ('a[href=".gone"]{top:0}', 'a[href=".gone"]{top:0}'),
        ("@media print{.gone{top:0}.shown{top:1px}}", "@media print{.shown{top:1px}}"),
        ("@media print{.gone{top:0}}", ""),
        ("@font-face{font-family:F}", "@font-face{font-family:F}"),
        (":root{--a:1}/* said */", ":root{--a:1}"),
    ],
)
def test_rules_stay_that_can_match(sheet, used):
    assert styles.used(sheet, KNOWN) == used


def test_names_are_those_of_pages_and_the_words_of_scripts():
    page = '<p class="one two" id="three">four</p><script>add("five")</script>'
    data = '<script type="application/json">{"six": 1}</script>'
    assert styles.names([page + data], ["x.classList.add('seven')"]) == {
        *("one", "two", "three", "add", "five"),
        *("x", "classList", "seven"),
    }


def test_sheets_of_the_handbook_are_left_alone():
    static = Path("site/_static")
    assert styles.is_of_theme(static / "styles" / "pydata-sphinx-theme.css")
    assert styles.is_of_theme(static / "mystnb.11b3.css")
    assert not styles.is_of_theme(static / "explorer.css")
    assert not styles.is_of_theme(static / "reveal" / "basic.css")


def test_a_sheet_that_is_not_css_is_named():
    with pytest.raises(ValueError, match="valid CSS; line 1"):
        styles.used("}", KNOWN)
