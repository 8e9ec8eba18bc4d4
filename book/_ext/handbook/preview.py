"""What a page says about itself to search engines and link previews."""

import re
from html import escape
from urllib.parse import urljoin

from docutils import nodes

DESCRIPTION_LENGTH = 200
PICTURE = "_static/explorer.png"


def is_math(text) -> bool:
    return isinstance(text.parent, nodes.math)


def description(doctree) -> str:
    """The first paragraph, cut after a word."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    words = [n.astext() for n in paragraph.findall(nodes.Text) if not is_math(n)] if paragraph else []
    text = re.sub(r"(,)(\s*,)+", r"\1", " ".join("".join(words).split()))  # where a formula stood
    text = re.sub(r"\s+([,.])", r"\1", text)
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"


def meta(title: str, text: str, site: str, page: str) -> str:
    """The elements for a page's head; its address is left out where `site`, that of the whole, is empty."""
    facts = {"og:type": "article", "og:title": title, "og:description": text}
    if site:
        facts |= {"og:url": urljoin(site, page), "og:image": urljoin(site, PICTURE)}
    lines = [f'<meta property="{key}" content="{escape(value)}" />' for key, value in facts.items()]
    return "\n".join([f'<meta name="description" content="{escape(text)}" />', *lines])


def tags(title: str, doctree, site: str, page: str) -> str:
    """As `meta`, from the title as the theme has it, in HTML, and the page's doctree."""
    return meta(re.sub(r"<[^>]*>", "", title), description(doctree), site, page)
