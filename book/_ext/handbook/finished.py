"""The pages, style sheets and scripts of the built site: each is read once, and written once if changed."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

KINDS = {".html", ".css", ".js"}


class Finished:
    """The site in `folder`. `texts` has the text of each file, for the passes to read and to change.

    Bytes are read and written as they are: line ends stay, on every system.
    """

    def __init__(self, folder: Path):
        found = sorted(path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file())
        self.folder = folder
        self._before = {path: path.read_bytes().decode() for path in found}
        self.texts = dict(self._before)

    def _of_kind(self, suffix: str) -> list[Path]:
        return [path for path in self.texts if path.suffix == suffix]

    @property
    def pages(self) -> list[Path]:
        """All pages and decks but index.html, which only leads to the start: Jupyter Book writes it later."""
        return [path for path in self._of_kind(".html") if path.name != "index.html"]

    @property
    def sheets(self) -> list[Path]:
        return self._of_kind(".css")

    @property
    def scripts(self) -> list[Path]:
        return self._of_kind(".js")

    def change(self, paths: Iterable[Path], *passes: Callable[[str], str]) -> None:
        """Puts each of these files through the passes, in their order."""
        for path in paths:
            for one in passes:
                self.texts[path] = one(self.texts[path])

    def digest(self, path: Path) -> str | None:
        """Eight letters for the content that the file will have; None where there is no such file."""
        path = Path(os.path.normpath(path))
        if path in self.texts:
            content = self.texts[path].encode()
        elif path.is_file():
            content = path.read_bytes()
        else:
            return None
        return hashlib.sha256(content).hexdigest()[:8]

    def write(self) -> None:
        for path, text in self.texts.items():
            if text != self._before.get(path):
                path.write_bytes(text.encode())
