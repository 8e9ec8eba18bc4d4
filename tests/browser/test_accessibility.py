"""axe-core sees each look of a word of code, though not each word."""

import pytest

from tests.accessibility import violations

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
