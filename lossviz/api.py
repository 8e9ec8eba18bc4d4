"""What lossviz offers, from its docstrings: the page that looks it up is computed from what `help` shows.

A docstring here has a line that says what is returned or done, paragraphs, and rows in two columns: the name
of an argument, or several with commas, and what it is. `entry` reads these and knows nothing else.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import import_module

from lossviz.contents import Listing
from lossviz.evaluate import signature_of

PIPE = r"\|"  # of a cell of a table
WIDTH = 88  # of a signature, in characters: what a page shows without scrolling
CODE = re.compile(
    r"`[^`]*`"  # marked as code
    r'|\{"[^{}]*\}'  # a dictionary
    r'|"[\w.]+\([^"]*\)"'  # a call in quotation marks
    r"|\b[A-Za-z_][\w.]*\([^()]*(?:\([^()]*\)[^()]*)*\)"  # a call
    r"|\((?:lo, hi|x, y|rows, columns|column, row|-?[\d.]+, -?[\d.]+)[^()]*\)"  # a tuple
    r"|(?<=shape )\([^()]*\)"
    r"|\b\w+=[\w\"'.]+"  # a keyword
)


@dataclass
class Entry:
    """One name: how it is called, and what its docstring says, of the whole and of each argument."""

    name: str
    signature: str = ""
    summary: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)


def api(*names: str, level: int = 3) -> Listing:
    """The reference of some names of lossviz, such as "explore" or "Explorer.save", a heading for each.

    Raises ValueError for a name that lossviz does not have, or that has no docstring.
    """
    lines = []
    for name in names:
        lines += _markdown(entry(name), level)
    return Listing(*lines)


def entry(name: str) -> Entry:
    """What the docstring of a name says; ValueError where there is none."""
    thing = _found(name)
    text = inspect.getdoc(thing)
    if not text or not callable(thing):
        raise ValueError(
            f"a name of the reference must be a function or a class with a docstring, got {name!r}"
        )
    known = {p.name for p in signature_of(thing)}
    if is_dataclass(thing):
        known |= {f.name for f in fields(thing)}
    summary, _, rest = text.partition("\n\n")
    made = Entry(name, _signature(name, thing), " ".join(summary.split()))
    for block in filter(None, map(str.rstrip, rest.split("\n\n"))):
        _read(block.split("\n"), known, made)
    return made


def _found(name: str):
    thing = import_module("lossviz")
    for part in name.split("."):
        if not hasattr(thing, part):
            raise ValueError(f"a name of the reference must be one of lossviz, got {name!r}")
        thing = getattr(thing, part)
    return thing


def _read(lines: list[str], known: set[str], made: Entry) -> None:
    """A block of a docstring: rows of two columns and what follows them, or a paragraph."""
    column, paragraph = 0, []
    for line in lines:
        names, text, start = _row(line, known, column)
        if names:
            column = column or start
            made.rows.append((names, text))
        elif column and made.rows and not line[:column].strip() and not paragraph:
            made.rows[-1] = (made.rows[-1][0], f"{made.rows[-1][1]} {line.strip()}")
        else:
            # A numbered list keeps its lines.
            paragraph.append(("\n" if re.match(r"\d+\. ", line) and paragraph else "") + line.strip())
    if paragraph:
        made.paragraphs.append(" ".join(paragraph).replace(" \n", "\n"))


def _row(line: str, known: set[str], column: int) -> tuple[str, str, int]:
    """The names and the text of a row, and where the text starts; no names for another line."""
    match = re.match(r"(\w+(?:, \w+)*)( +)(\S.*)$", line)
    if not match or not set(match[1].split(", ")) <= known:
        return "", "", 0
    start = match.start(3)
    # A sentence may begin with the name of an argument: then one space follows, and no column begins there.
    if len(match[2]) < 2 and start != column:
        return "", "", 0
    return match[1], match[3], start


def _signature(name: str, thing) -> str:
    """How a name is called, without its types: they stand in the words."""
    parameters = [p for p in signature_of(thing) if p.name != "self"]
    if isinstance(thing, type) and all(p.kind is p.VAR_KEYWORD for p in parameters):
        return ""  # made by functions
    written, star = [], False
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and not star:
            star = True
            written.append("*")
        star |= p.kind is p.VAR_POSITIONAL
        mark = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f"={_default(p.default)}"
        written.append(f"{mark}{p.name}{default}")
    called = name if "." not in name else name[0].lower() + name[1:]
    line = f"{called}({', '.join(written)})"
    if len(line) <= WIDTH:
        return line
    lines, indent = [called + "("], " " * 4
    for part in written:
        if len(lines) > 1 and len(lines[-1]) + len(part) + 2 <= WIDTH:
            lines[-1] += f" {part},"
        else:
            lines.append(f"{indent}{part},")
    return "\n".join([*lines, ")"])


def _default(value) -> str:
    return re.sub(r"<.*>", "...", repr(value))  # still Python, and without an address


def _markdown(made: Entry, level: int) -> list[str]:
    lines = [f"{'#' * level} {made.name}", ""]
    lines += ["```python", made.signature, "```", ""] if made.signature else []
    lines += [_text(made.summary), ""]
    if made.rows:
        rows = [
            f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {_text(text, in_table=True)} |"
            for names, text in made.rows
        ]
        lines += ["| argument | what it is |", "|---|---|", *rows, ""]
    for paragraph in made.paragraphs:
        lines += [_text(paragraph), ""]
    return lines


def _text(text: str, in_table: bool = False) -> str:
    """The words as Markdown: code as code, and nothing else taken for a mark."""
    parts, end = [], 0
    for match in CODE.finditer(text):
        code = match[0].strip("`")
        parts += [_escaped(text[end : match.start()]), f"`{code.replace('|', PIPE) if in_table else code}`"]
        end = match.end()
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_<|\[\]$])", r"\\\1", text)
