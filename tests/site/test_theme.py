"""The faults of the theme."""

from book._ext.handbook import theme


def test_the_faults_of_the_theme_are_mended():
    page = '<head><link rel="next" title="a" href="b.html" />\n<link rel="prev" href="c.html" /></head>'
    assert theme.mend(page) == "<head></head>"
    page = f'<body {theme.SPY}>{theme.SIDEBAR}<th class="head"></th><th class="head"><p>a</p></th>'
    found = theme.mend(page)
    assert 'data-bs-target="#pst-page-toc-nav"' in found and 'role="complementary"' in found
    assert "<td></td>" in found and '<th class="head"><p>a</p></th>' in found
    page = '<button class="btn search-button-field js" title="a" aria-label="b" data-c="d">e</button>'
    assert theme.mend(page) == page.replace(' aria-label="b"', "")
    fold = "<summary{}>Show</summary>"
    assert theme.mend(fold.format(' aria-label="Toggle"')) == fold.format("")
