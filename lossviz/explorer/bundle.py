"""Joins the explorer's ES modules into one, and its style sheets into one.

anywidget loads a module from a Blob URL, where relative imports fail, and a page that is opened from a folder
loads no modules at all. So the modules are written as such, with named relative imports, and joined here,
dependencies first, without comments and indentation, which are a quarter of what a page would send.
What the join needs, tests/test_bundle.py guards: no cycle, unique top-level names, one default export, no
text that goes over several lines.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
PANELS = FOLDER.parent / "panels"
ENTRY = FOLDER / "index.js"
IMPORT = re.compile(r'^import \{[^}]*\} from "(?P<path>\.[^"]*)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
DEFAULT = re.compile(r"^export default \{[^}]*\};\n", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/)\n|[ \t]+// .*$", re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/\s*")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
THEMED = re.compile(r"light-dark\(([^,()]+), ([^,()]+)\)")


def modules(entry: Path = ENTRY) -> list[Path]:
    """The modules that `entry` needs, each after those that it imports; itself last."""
    found: list[Path] = []

    def visit(path: Path, above: tuple[Path, ...]) -> None:
        if path in above:
            raise ValueError(f"modules must not import each other in a circle, got {path.name} again")
        if path in found:
            return
        for match in IMPORT.finditer(path.read_text("utf-8")):
            visit((path.parent / match["path"]).resolve(), (*above, path))
        found.append(path)

    visit(entry.resolve(), ())
    return found


@cache
def module() -> str:
    """The explorer as one ES module; its default export is {mountAll, render}."""
    parts = [EXPORT.sub("", IMPORT.sub("", path.read_text("utf-8"))).strip() for path in modules()]
    return INDENT.sub("", COMMENT.sub("", "\n".join(parts))) + "\n"


@cache
def script() -> str:
    """The explorer as a script that brings all explorers of its page to life."""
    return f"(() => {{\n{DEFAULT.sub('', module())}\nmountAll(document);\n}})();\n"


@cache
def style() -> str:
    """The style sheets in one; where a browser does not know `light-dark()`, the light colours hold."""
    names = ("tokens", "contrast", "shell", "print")
    tokens, contrast, shell, paper = ((FOLDER / f"{name}.css").read_text("utf-8") for name in names)
    light = THEMED.sub(r"\1", tokens)
    themed = f"@supports (color: light-dark(red, red)) {{\n{tokens}}}"
    panels = [path.read_text("utf-8") for path in sorted(PANELS.glob("*.css"))]
    joined = "\n".join([light, themed, contrast, shell, *panels, paper])
    return INDENT.sub("", CSS_COMMENT.sub("", joined))


@cache
def loader() -> str:
    """The module that brings a page's explorers to life; `module` and `style` are packed in it."""
    packed = zlib.compress(json.dumps([module(), style()]).encode(), 9)
    fields = {"digest": digest(), "packed": base64.b64encode(packed).decode()}
    text = (FOLDER / "loader.js").read_text("utf-8")
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def call() -> str:
    """The module that has the code which another explorer brought do the same, now that there is one more."""
    return f'(await globalThis[Symbol.for("lossviz")]?.["{digest()}"])?.mountAll(document);'


@cache
def digest() -> str:
    """A name for this version of the code: pages and kernels with others are told apart by it."""
    return hashlib.sha256((module() + style()).encode()).hexdigest()[:12]
