"""The card says what is known of a loss, in text and in HTML, and loads nothing."""

import dataclasses
from html import unescape
from html.parser import HTMLParser

import pytest

from lossviz.losses import CATALOG
from lossviz.losses.card import CARD_WIDTH, Card, card
from lossviz.losses.loss import Option

EACH_LOSS = pytest.mark.parametrize("loss", CATALOG.values(), ids=CATALOG)


def cells(html):
    """The text of every table cell and the link targets of an HTML card."""

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.tags, self.texts, self.links = [], [], []

        def handle_starttag(self, tag, attributes):
            self.tags.append(tag)
            self.links += [value for key, value in attributes if key in ("href", "src")]

        def handle_data(self, data):
            self.texts.append(data)

    reader = Reader()
    reader.feed(html)
    return reader


@EACH_LOSS
def test_card_text_carries_the_facts(loss):
    text = " ".join(repr(card(loss.name)).split())
    facts = [
        loss.title,
        loss.summary,
        loss.torch_class or loss.name,
        loss.functional if loss.functional.startswith("torch.") or loss.torch_class is None else loss.title,
        *loss.aliases,
        *(argument.says for argument in loss.arguments),
    ]
    facts += [loss.elicits, loss.robust_to, loss.use_when, loss.avoid_when, loss.gradient_far]
    facts += [f"{option.name}={option.default}" for option in loss.options]
    facts += [source.title for source in loss.sources]
    assert [fact for fact in facts if fact not in text] == []


@EACH_LOSS
def test_card_text_is_aligned_and_fits(loss):
    lines = repr(card(loss.name)).splitlines()
    assert max(map(len, lines)) <= CARD_WIDTH
    # Beside the longest label, such as the name of an argument.
    column = max(len(label) for _, label, _, _ in card(loss.name).rows()) + 2
    assert all(line[column - 1] == " " and line[column] != " " for line in lines[1:])


def test_cards_are_equal_each_time():
    assert repr(card("l1_loss")) == repr(card("l1_loss"))


@EACH_LOSS
def test_html_card_says_what_the_text_says(loss):
    html = cells(card(loss.name)._repr_html_())
    for _, label, text, _ in card(loss.name).rows():
        assert label in ["", *html.texts] and text in html.texts


@EACH_LOSS
def test_html_card_loads_nothing(loss):
    html = cells(card(loss.name)._repr_html_())
    assert set(html.tags) <= {"table", "caption", "strong", "tbody", "tr", "th", "td", "a"}
    assert html.links == [url for url in (loss.docs_url, *(source.url for source in loss.sources)) if url]


def test_html_card_shows_markup_as_text():
    hostile = '<img src=x onerror=alert(1)> & "quotes"'
    source = dataclasses.replace(CATALOG["l1_loss"].sources[0], title=hostile, url=f"https://e.org/{hostile}")
    option = Option(hostile, hostile, hostile, says=hostile)
    loss = dataclasses.replace(
        CATALOG["l1_loss"],
        title=hostile,
        summary=hostile,
        elicits=hostile,
        options=(option,),
        sources=(source,),
    )
    html = Card(loss)._repr_html_()
    assert "<img" not in html
    assert hostile in unescape(html)


def test_unknown_name_is_refused_with_the_close_ones():
    with pytest.raises(ValueError, match=r"such as smooth_l1_loss.*got 'smoth_l1_loss'"):
        card("smoth_l1_loss")


def test_name_that_resembles_nothing_is_refused_with_all_names():
    with pytest.raises(ValueError, match=", ".join(CATALOG)):
        card("zzz")
