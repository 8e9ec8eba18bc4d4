"""An explorer as a fragment of a page that needs neither a kernel nor the network."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from lossviz.explorer import bundle
from lossviz.lookup import pack

if TYPE_CHECKING:
    from lossviz.explorer.widget import Explorer

# Wide enough for an explorer as a page of the site shows it; colours as the reader's system has them.
HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ max-width: {width}rem; margin: 1.5rem auto; padding: 0 1rem; font-family: system-ui, sans-serif }}
</style>
"""


def fragment(explorer: Explorer, png: str, with_code: bool = True) -> str:
    """Picture (`png`, in base64), data, and the code that draws; the picture stands until the drawing.

    One explorer of a page brings the code for all. Without it (`with_code=False`) a fragment calls the code
    that came before: JupyterLab puts its outputs into the page one after the other.
    """
    spec = explorer.spec
    state = {c["name"]: getattr(explorer, c["name"]) for c in spec["controls"]}
    state |= {"revealed": explorer.revealed, "hidden": explorer.hidden}
    payload = {"spec": spec, "state": state, "data": pack(explorer.table, spec["series"])}
    # "<" never stands in the JSON, so no label can close the script element it is in.
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c")
    alt = html.escape(repr(explorer), quote=True)
    code = bundle.loader() if with_code else bundle.call()
    return (
        f'<div class="lossviz-page" data-explorer="{spec["id"]}">'
        f'<img class="lossviz-still" style="max-width: 100%" alt="{alt}" src="data:image/png;base64,{png}">'
        f'<script type="application/json">{text}</script>'
        f'<script type="module" data-lossviz="code">{code}</script></div>'
    )


def document(title: str, *fragments: str) -> str:
    """A whole page of fragments: it opens from a folder, without a kernel and without the network."""
    head = HEAD.format(title=html.escape(title), width=52 * len(fragments))
    row = f'<div class="lossviz-row">{"".join(fragments)}</div>' if len(fragments) > 1 else fragments[0]
    return f"{head}{row}\n</html>\n"
