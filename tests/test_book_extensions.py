"""The site's extensions: formulas without a script, one copy of an explorer's code, nothing unused."""

import importlib
import io
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from lossviz import explore
from tests.handbook import BOOK, SITE

sys.path.insert(0, str(BOOK / "_ext"))
explorers, extracts, formulas, light, links, source, theme, versions = map(
    importlib.import_module,
    ["explorers", "extracts", "formulas", "light", "links", "source", "theme", "versions"],
)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="../notebooks/regression/l1_loss.ipynb"', '<a href="../notebooks/regression/l1_loss.html"'),
        ('<a href="l1_loss.ipynb#pitfalls"', '<a href="l1_loss.html#pitfalls"'),
        ('<a href="figure.png"', '<a href="figure.png"'),
        ('<a href="https://x.org/l1.ipynb">', '<a rel="noopener" href="https://x.org/l1.ipynb">'),
        ('<a class="e" href="http://x.org">', '<a rel="noopener" class="e" href="http://x.org">'),
        ('<a rel="me" href="http://x.org">', '<a rel="noopener me" href="http://x.org">'),
        ('<a href="http://x.org" rel="noopener">', '<a href="http://x.org" rel="noopener">'),
        ('<a class="internal" href="x.html">', '<a class="internal" href="x.html">'),
    ],
)
def test_links_lead_to_pages_and_leave_without_a_trace(link, expected):
    assert links.without_trace(links.to_pages(link)) == expected


def test_an_extract_has_the_words_of_the_article_in_their_sections():
    page = """<body><nav>elsewhere</nav><article><script>x</script>
        <section id="a"><h1>One<a class="headerlink">#</a></h1>
        <table><tr><td>left</td><td>1 &lt; 2</td></tr></table>
        <section id="b"><p>An
            <b>un</b>named one.</p></section></section></article><footer>foot</footer></body>"""
    inner = '<section id="b">An unnamed one. </section>'
    assert extracts.text(page) == (
        f'<div role="main"><section id="a">One left 1 &lt; 2 {inner}</section></div>'
    )


def test_the_source_that_the_site_carries_is_whole_and_nothing_else(tmp_path):
    source.pack(source.ROOT, tmp_path / "source.zip")
    with zipfile.ZipFile(tmp_path / "source.zip") as archive:
        packed = {name.removeprefix(f"{source.FOLDER}/") for name in archive.namelist()}
        programs = {info.filename for info in archive.infolist() if info.external_attr >> 16 & 0o100}
    assert {f"{source.FOLDER}/.ci/run", f"{source.FOLDER}/tools/setup.sh"} <= programs
    listed = subprocess.run(["git", "ls-files"], cwd=source.ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone, so there is no list of its files")
    assert set(listed.stdout.split()) - packed == set()
    assert not {name for name in packed if "__pycache__" in name or name.startswith(("_build", ".venv"))}


def test_two_explorers_of_a_page_share_code_and_styles_and_keep_their_data():
    one, two = explore(abs, title="One").to_html(), explore(abs, title="Two").to_html()
    page = explorers.share(f"<p>before</p>{one}<p>between</p>{two}<p>after</p>", "../_static")
    assert "mountAll" not in page
    assert page.count('src="../_static/explorer.js"') == page.count('href="../_static/explorer.css"') == 1
    assert page.count('<script type="application/json">') == page.count('<img class="lossviz-still"') == 2
    assert "<p>between</p>" in page and page.endswith("<p>after</p>")
    assert '"title":"Two"' in page


def test_the_still_picture_of_an_explorer_becomes_a_file(tmp_path):
    page = explorers.move_stills(explore(abs, title='a "b"').to_html(), tmp_path / "_images", "../_images")
    (picture,) = (tmp_path / "_images").iterdir()
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "data:image" not in page
    still = re.search(r'<div class="lossviz-still".*?</div>', page)[0]
    assert '<img loading="lazy" alt="Explorer(&#x27;a &quot;b&quot;&#x27;' in still
    assert f'src="../_images/{picture.name}"' in still


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


def test_the_address_of_a_script_names_its_content(tmp_path):
    static, page = tmp_path / "_static", tmp_path / "book" / "a.html"
    for folder in (static, page.parent):
        folder.mkdir()
    (static / "a.js").write_text("1")
    (static / "a.css").write_text('@font-face { src: url("f.woff2") }')
    (static / "f.woff2").write_bytes(b"font")
    page.write_text(
        '<script src="../_static/a.js"></script><link href="../_static/a.css?v=old">'
        '<a href="../_static/gone.js"><script src="https://x.org/_static/a.js"></script>'
    )
    before = versions.with_versions(page)
    assert re.search(r'src="../_static/a.js\?v=\w{8}"', before) and "v=old" not in before
    assert 'href="../_static/gone.js"' in before and 'x.org/_static/a.js"' in before
    assert 'url("f.woff2?v=' in versions.with_versions(static / "a.css", versions.FONT)
    (static / "a.js").write_text("2")
    assert versions.with_versions(page) != before


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


@pytest.mark.browser  # with the tests that need the site
def test_the_font_of_the_built_site_has_a_glyph_for_every_character(site):
    pages = [path.read_text("utf-8") for path in SITE.rglob("*.html")]
    covered = TTFont(SITE / "_static" / "formulas.woff2").getBestCmap()
    invisible = {"\u2061", "\n", " "}
    assert {c for c in formulas.characters(pages) if ord(c) not in covered} <= invisible


def drawn(transparent):
    out = io.BytesIO()
    explore(abs).figure().savefig(out, transparent=transparent)
    return out.getvalue()


def test_a_picture_gets_a_palette_and_looks_the_same():
    before = drawn(transparent=False)
    after = light.small_picture(before)
    assert len(after) < len(before) / 2
    pixels = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int) for png in (before, after)]
    off = np.abs(pixels[0] - pixels[1])
    assert off.max() <= 24 and off.mean() < 0.1  # of 255: no eye sees it
    see_through = drawn(transparent=True)
    assert light.small_picture(see_through) == see_through


def test_icons_that_no_page_shows_lose_their_rules():
    css = '.fa-sun:before{content:"\\f185"}.fa-cat:before,.fa-tom:before{content:"\\f6be"}a{--i:"\uf058"}'
    assert light.used_icons(css, {"fa-sun"}) == (
        '.fa-sun:before{content:"\\f185"}a{--i:"\uf058"}',
        {"\uf185", "\uf058"},
    )


def test_the_state_of_widgets_is_left_out():
    state = '<script type="application/vnd.jupyter.widget-state+json">\n{"a": 1}\n</script>\n'
    assert light.without_state(f"<p>a</p>{state}<script>b</script>") == "<p>a</p><script>b</script>"


def test_the_faults_of_the_theme_are_mended():
    page = f'<body {theme.SPY}>{theme.SIDEBAR}<th class="head"></th><th class="head"><p>a</p></th>'
    found = theme.finish(page)
    assert 'data-bs-target="#pst-page-toc-nav"' in found and 'role="complementary"' in found
    assert "<td></td>" in found and '<th class="head"><p>a</p></th>' in found
