"""Links of the built site lead somewhere, and nothing is loaded from outside."""

import functools
import os
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from tests.handbook import SITE

# With the tests that need the site; on one worker, which reads all its pages once.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("links")]


LOADED = {"script": "src", "img": "src", "link": "href", "source": "src", "iframe": "src", "video": "src"}
# A page's own address, which only search engines follow.
ADDRESSES = {"canonical"}
# Those that open a page at a server of notebooks, or its source in a repository.
BUTTONS = {"dropdown-launch-buttons", "btn-source-repository-button"}


class Tags(HTMLParser):
    """The tags of a page, each with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@functools.cache
def read(folder):
    """The tags of each page of the site in this folder."""
    paths = (path for path in folder.rglob("*.html") if "_static" not in path.parts)
    return {path: Tags(path.read_text("utf-8")).found for path in paths}


def problems(folder):
    """What is wrong with the links of the site in this folder, a line each."""
    pages = read(folder)
    anchors = {path: {a["id"] for _, a in tags if "id" in a} for path, tags in pages.items()}
    found = []
    for path, tags in pages.items():
        for tag, attributes in tags:
            if tag != "a" and tag not in LOADED:
                continue
            address = attributes.get(LOADED.get(tag, "href"))
            rel = (attributes.get("rel") or "").split()
            if not address or address.startswith("data:"):
                continue
            parts = urlsplit(address)
            where = f"{path.relative_to(folder)}: {address}"
            if parts.scheme or parts.netloc:
                if tag != "a" and not ADDRESSES & set(rel):
                    found.append(f"{where} is loaded from outside")
                elif tag == "a" and "noopener" not in rel:
                    found.append(f"{where} leaves without rel=noopener")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if path.name == "404.html":
                continue  # leads to the root of a server, wherever it is sent from
            if not target.is_file():
                found.append(f"{where} leads to no file")
            elif parts.fragment and target in pages and not is_anchor(parts.fragment, anchors[target]):
                found.append(f"{where} leads to no place in its page")
    return found


def is_anchor(fragment, ids):
    return unquote(fragment) in ids or fragment.startswith("explorer=")


def test_all_links_of_the_site_lead_somewhere(site):
    assert problems(SITE) == []


def test_no_button_leads_to_a_repository_that_nobody_named(site):
    dead = [
        path.relative_to(SITE).as_posix()
        for path, tags in read(SITE).items()
        if any(BUTTONS & set((attributes.get("class") or "").split()) for _, attributes in tags)
    ]
    assert dead == [] or "HANDBOOK_REPOSITORY" in os.environ


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ('<a href="b.html">b</a>', "leads to no file"),
        ('<a href="a.html#there">b</a>', "leads to no place"),
        ('<a href="https://example.org">b</a>', "noopener"),
        ('<img src="https://example.org/x.png">', "outside"),
        ('<script src="//example.org/x.js"></script>', "outside"),
        ('<link rel="stylesheet" href="none.css">', "leads to no file"),
    ],
)
def test_a_bad_link_is_found(tmp_path, page, problem):
    (tmp_path / "a.html").write_text(page)
    assert len(problems(tmp_path)) == 1 and problem in problems(tmp_path)[0]


def test_good_links_are_left_alone(tmp_path):
    good = '<p id="there"></p><a href="#there">a</a><a href="a.html#explorer=x&amp;b=1">b</a>'
    (tmp_path / "a.html").write_text(f'{good}<a rel="noopener" href="https://example.org">c</a>')
    assert problems(tmp_path) == []


def test_a_request_that_leaves_the_machine_is_refused_and_would_fail_its_test(open_page, complaints):
    page = open_page("about:blank")
    with page.expect_console_message():
        page.evaluate("new Image().src = 'https://example.org/x.png'; 0")
    asked, failed = complaints
    assert asked == "request to https://example.org/x.png" and failed.startswith("console error")
    complaints.clear()
