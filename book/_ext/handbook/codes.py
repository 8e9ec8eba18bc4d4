"""A QR code beside each link that presents an explorer with a question: phones open what the projector shows.

A code holds a whole address, so there are none where the site's is not known.
"""

import re
from html import unescape
from urllib.parse import urljoin

import segno

from .questions import LINK

ASKS = "&ask="
AFTER = re.compile(rf"(?P<whole>{LINK.pattern}.*?</a>)", re.DOTALL)


def code(address: str) -> str:
    """The picture of a code that opens this address."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(border=2, light="#fff", omitsize=True)
    return (
        f'<span class="handbook-qr" tabindex="0" role="img" aria-label="QR code of this demo">{drawn}</span>'
    )


def with_codes(body: str, page: str) -> str:
    """The body of a page with the codes; `page` is the page's own address."""

    def follow(link: re.Match) -> str:
        demo, asks, _ = unescape(link["href"]).partition(ASKS)
        return link["whole"] + (code(urljoin(page, demo)) if asks else "")

    return AFTER.sub(follow, body)
