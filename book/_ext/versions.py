"""The address of each script and style sheet names its content: no reader has yesterday's with today's page.

Sphinx does so for what it copies itself; what is made during the build, and what a deck loads, comes in here.
"""

import hashlib
import re
from pathlib import Path

LOADED = re.compile(r'((?:src|href)="(?P<path>[^"?#:]*_static/[^"?#]+\.(?:js|css)))(?:\?[^"]*)?(?=")')
FONT = re.compile(r'url\("(?P<path>[\w.-]+\.woff2)"\)')


def version(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def with_versions(page: Path, pattern: re.Pattern = LOADED) -> str:
    """The text of a page, or of a style sheet, whose addresses of files beside it name their content."""

    def add(match: re.Match) -> str:
        file = page.parent / match["path"]
        if not file.is_file():
            return match[0]  # the check of links tells
        if pattern is FONT:
            return f'url("{match["path"]}?v={version(file)}")'
        return f"{match[1]}?v={version(file)}"

    return pattern.sub(add, page.read_text("utf-8"))


def on_finished(app, exception):
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for sheet in (folder / "_static").glob("*.css"):
        sheet.write_text(with_versions(sheet, FONT), "utf-8")
    for page in folder.rglob("*.html"):
        if "_static" not in page.parts:
            page.write_text(with_versions(page), "utf-8")


def setup(app):
    # When all files are there as they stay, and before a page names its scripts (policy).
    app.connect("build-finished", on_finished, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
