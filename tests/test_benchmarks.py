"""What `make bench` weighs and counts: each byte of a page once, for one kind; each step that is lost."""

import json
from dataclasses import replace

from benchmarks import messages
from benchmarks.memory import Held, is_flat
from benchmarks.moves import Moves
from benchmarks.pages import compressed, explorers, pieces
from benchmarks.watching import Cost
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


def framed(kind, content, *buffers):
    parts = [
        b"shell",
        *(json.dumps(part).encode() for part in ({"msg_type": kind}, {}, {}, content)),
        *buffers,
    ]
    places = [8 * (1 + len(parts) + 1)]
    for part in parts:
        places.append(places[-1] + len(part))
    words = [len(places), *places]
    return b"".join(word.to_bytes(8, "little") for word in words) + b"".join(parts)


def test_a_frame_of_the_websocket_is_a_message():
    frame = framed("comm_msg", {"data": {"method": "update", "state": {"beta": 1}}}, b"table")
    message = messages.decode(frame)
    assert (message.kind, message.size) == ("comm_msg", len(frame))
    assert messages.updates([message]) == [{"beta": 1}]


def test_a_script_that_is_sent_again_is_counted_by_its_lines():
    script = "\n".join(f"function number{i}() {{ return {i}; }} // a line of a script" for i in range(9))
    first, second = (
        [messages.decode(framed("comm_open", {"state": {"code": f"{name}\n{script}", "list": [name]}}))]
        for name in ("first " * 20, "second " * 20)
    )
    assert messages.repeated(first, second) == len(script) - 8
    assert messages.repeated(first, [messages.decode(framed("comm_open", {"title": "first"}))]) == 0


def test_lost_steps_and_moves_back_are_counted():
    moved = Moves([0, 1, 2, 1, 2, 3, 2], due=4)
    assert (moved.lost, moved.back) == (2, 2)
    assert (Moves([0, 1, 2], due=2).lost, Moves([0, 1, 2], due=2).back) == (0, 0)


def test_what_grows_with_each_run_is_not_flat():
    settled = Held(kernel_models=30, page_models=30, kernel=300_000_000, page=30_000_000)
    assert is_flat(settled, replace(settled, kernel=301_000_000))
    for grown in ("kernel_models", "page_models", "kernel", "page"):
        assert not is_flat(settled, replace(settled, **{grown: 2 * getattr(settled, grown)}))


def test_what_a_watch_adds_is_a_share_of_the_plain_step():
    assert abs(Cost(plain=10.0, watched=10.3, looks=1).share - 0.03) < 1e-12
