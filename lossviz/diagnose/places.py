"""The rows of symptoms that rules lead to: a rule has the number, the row the reason, fix and section."""

from __future__ import annotations

import re
from functools import cache

from lossviz.losses.loss import Sign, Symptom
from lossviz.misbehaves import Row, rows

HERE = "book/misbehaves"


@cache
def _index() -> dict[tuple[str, str, Sign | None], Row]:
    """The first row of each loss, section and sign, and of each loss and section."""
    found: dict = {}
    for row in rows():
        for sign in (row.symptom.sign, None):
            found.setdefault((row.name, row.symptom.section, sign), row)
    return found


def row(name: str, section: str, sign: Sign | None = None) -> Row:
    """The row of the loss `name` ("" for none) below that heading, the first where there are several.

    Raises KeyError if there is none: a rule would lead nowhere.
    """
    return _index()[name, section, sign]


def heading(page: str, section: str, sign: Sign, why: str, fix: str) -> Row:
    """A heading that no row of symptoms leads to, with the words for a finding."""
    return Row(Symptom(sign, "", why, fix, section, page=page))


@cache
def _refusals() -> list[tuple[re.Pattern, Row]]:
    """What torch prints, as patterns: the numbers and sizes of a message are those of its case."""
    return [(_pattern(piece), row) for row in rows() for piece in row.symptom.prints]


def _pattern(piece: str) -> re.Pattern:
    text = re.sub(r"^\w*Error: ", "", piece)
    return re.compile(re.sub(r"\\?-?\d+(\\?,\ \\?-?\d+)*", r"-?[\\d, ]+", re.escape(text)))


def refusal(name: str, message: str) -> Row | None:
    """The row whose message torch printed, of this loss before those of none and of others."""
    found = [row for pattern, row in _refusals() if pattern.search(message)]
    return min(found, key=lambda row: (row.name != name, row.name != ""), default=None)
