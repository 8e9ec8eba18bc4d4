"""The search takes its extracts from one file, which holds the text of all pages.

Sphinx's search fetches each page that it found, whole, for a few words of it: megabytes for a common word.
And in a folder (file:) a browser refuses to fetch anything. A script it does load there.
"""

import json
import re
from html import escape
from html.parser import HTMLParser

NAME = "extracts.js"
CODE = """// The search asks for the pages that it found; the answers are all here.
window.fetch = async (address) => {
  const { content_root: root } = document.documentElement.dataset;
  return new Response(TEXTS[address.slice(root.length, -DOCUMENTATION_OPTIONS.FILE_SUFFIX.length)] ?? "");
};
"""
UNREAD = {"script", "style", "noscript", "button"}
APART = {"td", "th", "dt", "dd", "li", "p", "div", "pre", "summary", "figcaption", "h1", "h2", "h3"}


class Text(HTMLParser):
    """The text of a page's article, with no tags but those of its sections: a result may lead to one."""

    def __init__(self, page: str):
        super().__init__()
        self.parts, self.article, self.unread = [], False, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "article":
            self.article = True
        elif not self.article or self.unread:
            return
        elif tag in UNREAD or "headerlink" in (attributes.get("class") or ""):
            self.unread = tag
        elif tag == "section":
            self.parts.append(f'<section id="{escape(attributes.get("id", ""))}">')

    def handle_endtag(self, tag):
        if tag == "article":
            self.article = False
        elif tag == self.unread:
            self.unread = None
        elif tag == "section" and self.article:
            self.parts.append("</section>")
        elif tag in APART:
            self.parts.append(" ")

    def handle_data(self, data):
        if self.article and not self.unread:
            self.parts.append(escape(data, quote=False))


def text(page: str) -> str:
    """What the search reads of a page: an element with `role="main"`."""
    found = re.sub(r"\s+", " ", "".join(Text(page).parts)).strip()
    return f'<div role="main">{found}</div>'


def script(pages: dict[str, str]) -> str:
    """The file for the search, from the finished pages by their names."""
    texts = {name: text(page) for name, page in pages.items()}
    return f"const TEXTS = {json.dumps(texts, ensure_ascii=False, indent=0)};\n{CODE}"
