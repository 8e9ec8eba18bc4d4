"""Explorers on a page share one copy of their code and styles, and their still pictures are files.

An explorer's HTML is complete in itself: picture, data, code and styles. On the site one copy of the code and
the styles serves a page (modules run when the page is complete, and the first one brings all explorers to
life), and the picture is fetched only where no script runs or an explorer fails.
"""

import base64
import hashlib
import re
from pathlib import Path

CODE = re.compile(r'<script type="module">(?:(?!</script>).)*?mountAll\(document\);</script>', re.DOTALL)
STYLE = re.compile(r'(?<=">)<style>.*?</style>', re.DOTALL)
STILL = re.compile(
    r'<img class="lossviz-still" alt="(?P<alt>[^"]*)" src="data:image/png;base64,(?P<png>[^"]*)">'
)


def first_only(pattern: re.Pattern, text: str) -> str:
    found = pattern.search(text)
    return text if found is None else text[: found.end()] + pattern.sub("", text[found.end() :])


def move_stills(body: str, folder: Path, address: str) -> str:
    """Writes the pictures into `folder`, which the page finds at `address`."""

    def move(match: re.Match) -> str:
        png = base64.b64decode(match["png"])
        name = f"explorer-{hashlib.sha256(png).hexdigest()[:12]}.png"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png)
        alt, source = match["alt"], f"{address}/{name}"
        # explorer.js removes the element, or puts the picture into it when it cannot do its work.
        return (
            f'<div class="lossviz-still" data-src="{source}" data-alt="{alt}">'
            f'<noscript><img alt="{alt}" src="{source}"></noscript></div>'
        )

    return STILL.sub(move, body)


def on_page(app, pagename, templatename, context, doctree):
    if "lossviz-page" in context.get("body", ""):
        address = context["pathto"]("_images", resource=True)
        body = move_stills(context["body"], Path(app.outdir) / "_images", address)
        context["body"] = first_only(STYLE, first_only(CODE, body))


def setup(app):
    app.connect("html-page-context", on_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
