"""axe-core sees each look of a text, though not each text."""

import pytest

from tests import accessibility
from tests.accessibility import violations, violations_of_new_looks

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>Code</title><style>
.highlight { background: #fff } .k { color: #060 } .n { color: #000 } .dim { color: #ccc }
</style><main><h1>Code</h1>
<div class="highlight"><pre><span></span><span class="k">for</span> <span class="n">a</span>
<span class="k">in</span> <span class="n">b</span> <span class="dim" hidden>c</span></pre></div>%s</main>"""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", []),
        ('<pre class="highlight"><pre><span class="dim">del</span></pre></pre>', [1]),
        (
            '<div class="highlight"><pre><span class="dim">x</span> <span class="dim">is</span></pre></div>',
            [1],
        ),
        (
            '<div class="highlight"><pre><span class="dim">if</span> <span class="dim">is</span></pre></div>',
            [1],
        ),
        ('<div class="highlight" style="background: #050"><pre><span class="k">in</span></pre></div>', [1]),
        ('<div class="highlight"><pre><span class="k" style="opacity: 0.3">in</span></pre></div>', [1]),
    ],
    ids=["good", "faint", "after one letter", "twice", "another ground", "faded"],
)
def test_a_word_that_is_hard_to_read_is_found_once_and_the_page_stays_as_it_was(
    open_page, serve, tmp_path, more, words
):
    (tmp_path / "code.html").write_text(PAGE % more)
    page = open_page(f"{serve(tmp_path)}/code.html")
    before = page.content()
    assert [line.split(",")[0] for line in violations(page)] == [f"color-contrast: {n}" for n in words]
    assert page.evaluate("takenOut.length") >= 2 and page.content() == before


ARTICLE = """<!doctype html><html lang="en"><title>Looks</title><style>
body { background: #fff; color: #111 } a { color: #005 } p.faint { color: #bbb }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } p.plain { color: #222 } }
</style><body><article><section><h1>Looks</h1><p>What is read.</p><div class="lossviz">An explorer.</div>
%s<p>What is read too.</p></section></article></body></html>"""


@pytest.mark.parametrize(
    ("more", "light", "dark"),
    [
        ("", [], []),
        ("<p class=faint>faint</p>", ["color-contrast: 1"], []),
        ("<p class=plain>faint in the dark</p>", [], ["color-contrast: 1"]),
        ("<section><p>a part <a href='#'>a link</a></p></section>", [], ["color-contrast: 1"]),
        (
            "<p>a text <a href='#' style='text-decoration: none; color: #222'>a link</a> in it</p>",
            ["link-in-text-block: 1"],
            ["color-contrast: 1"],
        ),
    ],
    ids=["good", "faint", "faint in the dark", "a link", "a link like its text"],
)
def test_a_look_is_judged_in_each_theme_and_the_page_stays_as_it_was(
    open_page, serve, tmp_path, monkeypatch, more, light, dark
):
    monkeypatch.setattr(accessibility, "judged", set())
    (tmp_path / "looks.html").write_text(ARTICLE % more)
    page = open_page(f"{serve(tmp_path)}/looks.html", color_scheme="light")
    before, found = page.content(), []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found.append([line.split(",")[0] for line in violations_of_new_looks(page)])
    assert found == [light, dark] and page.content() == before


def test_a_look_that_stood_out_is_not_judged_again_on_the_next_page(open_page, serve, tmp_path, monkeypatch):
    monkeypatch.setattr(accessibility, "judged", set())
    (tmp_path / "looks.html").write_text(ARTICLE % "")
    for _ in range(2):
        page = open_page(f"{serve(tmp_path)}/looks.html", color_scheme="light")
        assert violations_of_new_looks(page) == []
    assert page.evaluate("newLooks.size") == 0
