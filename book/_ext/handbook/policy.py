"""Each finished page says what it may load: its own files, and the scripts that were in it when it was built.

A script that came into a page in any other way, from a label or a query, would not run. What the theme does
not allow to forbid: style attributes and style elements, which it and MyST-NB write; two buttons with an
`onclick`, which are named by their hashes. A deck of slides may run scripts of its own: the window with the
speaker's notes is written by one, and shows the deck in frames.
"""

import base64
import hashlib
import re
from html import unescape

SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
HANDLER = re.compile(r'\son[a-z]+="([^"]*)"')
DATA = re.compile(r'type="application/[\w.+-]*json"|\ssrc=')


def digest(code: str) -> str:
    # A browser hashes what it parsed, and it parses a line break as one character.
    code = code.replace("\r\n", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def handlers(page: str) -> set[str]:
    """The code of the page's `onclick` and the like."""
    return {unescape(code) for code in HANDLER.findall(SCRIPT.sub("", page))}


def policy(page: str, is_deck: bool = False) -> str:
    """The Content-Security-Policy of a page."""
    scripts = [m["code"] for m in SCRIPT.finditer(page) if not DATA.search(m["attributes"])]
    hashes = sorted(set(map(digest, scripts))), sorted(map(digest, handlers(page)))
    allowed = " ".join([*hashes[0], *(["'unsafe-hashes'", *hashes[1]] if hashes[1] else [])])
    # file: for a copy that is opened from a folder, where 'self' means nothing.
    own = "'self' file:"
    frames = own if is_deck else "'none'"
    if is_deck:
        allowed = "'unsafe-inline'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own} {allowed}".strip(),
            f"style-src {own} 'unsafe-inline'",
            f"img-src {own} data:",
            f"font-src {own}",
            f"connect-src {own}",
            f"frame-src {frames}",
            "form-action 'self' file:",
            "base-uri 'none'",
        ]
    )


def finish(page: str, is_deck: bool = False) -> str:
    """The page with its policy; ValueError if there is no head to put it in."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page, is_deck)}" />'
    found, count = re.subn(r"<head>", lambda head: f"{head[0]}\n    {meta}", page, count=1)
    if not count:
        raise ValueError("a page needs a <head> to say in what it may load")
    return found
