"""What a reader downloads: each built page by kind, and the data of each explorer."""

import functools
import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools import hosts

SITE = hosts.ROOT / "_build" / "html"
# data: of the explorers; state: of the widgets, which Jupyter Book writes into a page where nothing reads it.
KINDS = ["html", "data", "state", "script", "css", "fonts", "images", "other"]
REQUESTED = {"script": "script", "stylesheet": "css", "font": "fonts", "image": "images"}
INLINE = re.compile(
    r'<script type="application/json">(?P<data>.*?)</script>'
    r'|<script type="application/vnd.jupyter.widget-state\+json">(?P<state>.*?)</script>'
    r"|<script[^>]*>(?P<script>.*?)</script>"
    r"|<style[^>]*>(?P<css>.*?)</style>"
    r'|"(?P<images>data:image/[^"]*)"',
    re.S,
)


def pieces(page: str) -> list[tuple[str, str]]:
    """A page cut into (kind, piece): its data, state, script, css and images; the rest is html."""
    found, end = [], 0
    for match in INLINE.finditer(page):
        start, stop = match.span(match.lastgroup)
        found += [("html", page[end:start]), (match.lastgroup, page[start:stop])]
        end = stop
    return [*found, ("html", page[end:])]


@functools.cache  # all pages share their scripts, styles and fonts
def compressed(content: bytes) -> int:
    """The size on the way; what gzip makes larger, such as fonts, is sent as it is."""
    return min(len(content), len(gzip.compress(content)))


def explorers(page: str) -> dict[str, int]:
    """The gzipped bytes of data of each explorer of a page, by its title."""
    return {
        json.loads(text)["spec"]["title"]: compressed(text.encode())
        for kind, text in pieces(page)
        if kind == "data"
    }


@dataclass(frozen=True)
class Weight:
    """Bytes of all that a page loads: raw and gzipped by kind, sent to a first and to a returning visitor."""

    raw: Counter
    small: Counter
    first: int
    next: int  # without what the pages of the site share, which a browser keeps


def weigh(page, url: str) -> Weight:
    """What the page at this address weighs, loaded into an empty page of a browser.

    The page itself is gzipped in one piece when it is sent, so the pieces count a little more than the whole.
    """
    raw, small, first, later = Counter(), Counter(), 0, 0
    responses = []

    def listen(response):
        responses.append(response)

    page.on("response", listen)
    page.goto(url, wait_until="networkidle")
    for response in responses:
        if response.url.startswith("data:"):
            continue  # stands in a page or a style sheet, and is counted there
        body, requested = response.body(), response.request.resource_type
        parts = [(REQUESTED.get(requested, "other"), body)]
        if requested == "document":
            parts = [(kind, text.encode()) for kind, text in pieces(body.decode())]
        for kind, content in parts:
            raw[kind] += len(content)
            small[kind] += compressed(content)
        first += compressed(body)
        later += 0 if "/_static/" in response.url else compressed(body)
    page.remove_listener("response", listen)
    return Weight(raw, small, first, later)


def chapters() -> list[Path]:
    return sorted(p for p in (SITE / "notebooks").glob("*/*.html") if not p.name.endswith("-slides.html"))


def measure(browser, say) -> dict[str, Weight]:
    """`weigh` for each chapter of the built site."""
    with hosts.files(SITE) as site:
        found = {}
        for path in chapters():
            say(f"page {path.stem}")
            page = browser.new_page()
            found[path.stem] = weigh(page, f"{site}/{path.relative_to(SITE).as_posix()}")
            page.close()
        return found
