"""What the search reads of a page."""

from book._ext.handbook import search


def test_an_extract_has_the_words_of_the_article_in_their_sections():
    page = """<body><nav>elsewhere</nav><article><script>x</script>
        <section id="a"><h1>One<a class="headerlink">#</a></h1>
        <table><tr><td>left</td><td>1 &lt; 2</td></tr></table>
        <section id="b"><p>An
            <b>un</b>named one.</p></section></section></article><footer>foot</footer></body>"""
    inner = '<section id="b">An unnamed one. </section>'
    assert search.text(page) == (
        f'<div role="main"><section id="a">One left 1 &lt; 2 {inner}</section></div>'
    )
