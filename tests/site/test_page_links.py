"""Links of the finished pages: to pages, not to notebooks, and out of the site without a trace."""

import pytest

from book._ext.handbook import links


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
