"""The question of a demo, in the address that leads to it, and the code beside the link."""

from urllib.parse import parse_qs, urlsplit

import pytest

from book._ext.handbook import codes, questions

LINK = '<a class="x" href="../a.html#explorer=e&amp;k=1&amp;present=true">Demo</a>'
ASKED = LINK.replace("true", "true&amp;ask=Which%20%26%20why%3F")
QUESTION = '<span data-ask="">Which &amp; <em>why</em>?</span>'


@pytest.mark.parametrize(
    ("body", "made"),
    [
        (f"<tr><td>{LINK}</td><td>{QUESTION}</td></tr>", f"<tr><td>{ASKED}</td><td>{QUESTION}</td></tr>"),
        (f"<p>{QUESTION}</p><p>{LINK}</p>{LINK}", f"<p>{QUESTION}</p><p>{ASKED}</p>{LINK}"),
        (f"<p>{QUESTION}</p><section>{LINK}", f"<p>{QUESTION}</p><section>{LINK}"),
        (
            f"<p>{QUESTION}</p><tr><td>{LINK}</td></tr>{LINK}",
            f"<p>{QUESTION}</p><tr><td>{LINK}</td></tr>{ASKED}",
        ),
        (
            '<a href="../a.html#explorer=e">Demo</a>' + QUESTION,
            '<a href="../a.html#explorer=e">Demo</a>' + QUESTION,
        ),
    ],
    ids=["its row", "the first after it", "another section", "a row without a question", "no demo"],
)
def test_a_link_carries_the_question_that_belongs_to_it(body, made):
    assert questions.with_questions(body) == made


def test_a_formula_is_asked_once():
    assert questions.text("<math>q<annotation>\\q</annotation></math> or  <b>p</b>") == "q or p"


def test_the_code_beside_a_demo_holds_its_whole_address_without_the_question(monkeypatch):
    made = []
    monkeypatch.setattr(codes, "code", lambda address: made.append(address) or "[code]")
    page = "https://example.org/losses/book/teach.html"
    assert codes.with_codes(f"{ASKED} {LINK}", page) == f"{ASKED}[code] {LINK}"
    (address,) = made
    assert address == "https://example.org/losses/a.html#explorer=e&k=1&present=true"
    assert parse_qs(urlsplit(address).fragment)["present"] == ["true"]


def test_a_code_is_a_picture_with_a_name_that_a_key_reaches():
    drawn = codes.code("https://example.org/#explorer=e")
    assert drawn.startswith(
        '<span class="handbook-qr" tabindex="0" role="img" aria-label="QR code of this demo"><svg'
    )
    assert "viewBox" in drawn and "<script" not in drawn
