"""Addresses of scripts, style sheets and fonts name their content: no page meets the files of yesterday.

Sphinx does so for what it copies itself; what is made during the build, and what a deck loads, comes in here.
"""

import re
from collections.abc import Callable
from pathlib import Path

LOADED = re.compile(r'((?:src|href)="(?P<path>[^"?#:]*_static/[^"?#]+\.(?:js|css)))(?:\?[^"]*)?(?=")')
FONT = re.compile(r'(url\("(?P<path>[\w.-]+\.woff2))(?="\))')


def _named(pattern: re.Pattern, text: str, folder: Path, digest: Callable[[Path], str | None]) -> str:
    def name(match: re.Match) -> str:
        version = digest(folder / match["path"])
        # Of a file that is not there the check of links tells.
        return f"{match[1]}?v={version}" if version else match[0]

    return pattern.sub(name, text)


def of_files(page: str, folder: Path, digest: Callable[[Path], str | None]) -> str:
    """The page in `folder`, whose scripts and style sheets are named with their digests."""
    return _named(LOADED, page, folder, digest)


def of_fonts(sheet: str, folder: Path, digest: Callable[[Path], str | None]) -> str:
    """The style sheet in `folder`, whose fonts beside it are named with their digests."""
    return _named(FONT, sheet, folder, digest)
