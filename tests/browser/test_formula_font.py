"""Formulas of the built site have their font."""

import pytest
from fontTools.ttLib import TTFont

from book._ext.handbook import formulas
from tests.handbook import SITE

pytestmark = pytest.mark.browser


def test_the_font_of_the_built_site_has_a_glyph_for_every_character(site):
    pages = [path.read_text("utf-8") for path in SITE.rglob("*.html")]
    covered = TTFont(SITE / "_static" / "formulas.woff2").getBestCmap()
    invisible = {"\u2061", "\n", " "}
    assert {c for c in formulas.characters(pages) if ord(c) not in covered} <= invisible
