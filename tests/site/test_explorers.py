"""Explorers on the site: one copy of code and styles, still pictures as files."""

import re

from book._ext.handbook import explorers
from lossviz import explore


def test_two_explorers_of_a_page_share_code_and_styles_and_keep_their_data():
    one, two = explore(abs, title="One").to_html(), explore(abs, title="Two").to_html()
    page = explorers.share(f"<p>before</p>{one}<p>between</p>{two}<p>after</p>", "../_static")
    assert "mountAll" not in page and "atob(" not in page
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


def test_a_page_without_an_explorer_loads_no_code():
    assert explorers.share("<p>text</p>", "../_static") == "<p>text</p>"
