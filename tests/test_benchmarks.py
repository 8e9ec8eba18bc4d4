"""What `make bench` weighs: each byte of a page counts once, for one kind."""

from benchmarks.pages import compressed, explorers, pieces
from lossviz import explore

PICTURE = "data:image/png;base64,iVBORw0KGgo="
PAGE = (
    '<head><style>p { color: red }</style><script src="theme.js"></script>'
    '<script>let a = "<style>"</script></head>'
    f'<p>text</p><img src="{PICTURE}"><script type="application/json">{{"spec": 1}}</script>'
    '<script type="module">mountAll(document)</script>'
    '<script type="application/vnd.jupyter.widget-state+json">{}</script>'
)


def test_every_piece_of_a_page_is_of_one_kind():
    found = {kind: [text for k, text in pieces(PAGE) if k == kind and text] for kind, _ in pieces(PAGE)}
    assert found.pop("html")[0] == "<head><style>"
    assert found == {
        "css": ["p { color: red }"],
        "script": ['let a = "<style>"', "mountAll(document)"],
        "images": [PICTURE],
        "data": ['{"spec": 1}'],
        "state": ["{}"],
    }


def test_no_part_of_a_page_is_lost_or_counted_twice():
    page = PAGE + explore(abs, title="</script><img src=x>").to_html() + "</body>"
    assert "".join(text for _, text in pieces(page)) == page


def test_an_explorers_data_is_found_by_its_title():
    first, second = explore(abs, title="first"), explore(abs, title="second", x=(-30, 30, 0.1))
    sizes = explorers(first.to_html() + second.to_html())
    assert list(sizes) == ["first", "second"]
    assert sizes["first"] < sizes["second"]


def test_what_gzip_makes_larger_is_sent_as_it_is():
    assert compressed(b"a" * 1000) < 100
    assert compressed(b"font") == len(b"font")
