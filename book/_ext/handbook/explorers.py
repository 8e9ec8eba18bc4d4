"""Explorers on the site share one copy of their code and styles, and their still pictures are files.

An explorer's HTML is complete in itself: picture, data, code and styles. On the site code and styles are
files that all pages share, and a picture is fetched only where the drawing does not come. The code is no
module there, for browsers load no modules from a folder (file:).
"""

import base64
import hashlib
import re
from pathlib import Path

from lossviz.explorer import bundle

CODE = re.compile(r'<script type="module" data-lossviz="code">.*?</script>', re.DOTALL)
STILL = re.compile(
    r'<img class="lossviz-still" style="[^"]*" alt="(?P<alt>[^"]*)" '
    r'src="data:image/png;base64,(?P<png>[^"]*)">'
)


def share(body: str, address: str) -> str:
    """The page with one link to the code and the styles, which lie at `address`, if it shows an explorer."""
    if "lossviz-page" not in body:
        return body
    head = f'<link rel="stylesheet" href="{address}/explorer.css">'
    head += f'<script defer src="{address}/explorer.js"></script>'
    return head + CODE.sub("", body)


def move_stills(body: str, folder: Path, address: str) -> str:
    """Writes the pictures into `folder`, which the page finds at `address`."""

    def move(match: re.Match) -> str:
        png = base64.b64decode(match["png"])
        name = f"explorer-{hashlib.sha256(png).hexdigest()[:12]}.png"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png)
        alt, source = match["alt"], f"{address}/{name}"
        # explorer.js removes it when the drawing stands. Until then it is far aside, where a lazy picture is
        # not fetched; handbook.css brings it in when the drawing does not come.
        picture = f'<img loading="lazy" alt="{alt}" src="{source}">'
        return f'<div class="lossviz-still" data-alt="{alt}">{picture}</div>'

    return STILL.sub(move, body)


def write(static: Path) -> None:
    """Writes the code and the styles that all pages share."""
    (static / "explorer.js").write_text(bundle.script(), "utf-8")
    (static / "explorer.css").write_text(bundle.style(), "utf-8")
