"""The symptoms of losses as tables: of a sign for the page "My loss misbehaves", of a loss for its chapter.

The page's field looks up numbers, messages and words; they stand in its rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from lossviz.contents import Listing, anchor
from lossviz.losses import CATALOG, find
from lossviz.losses.loss import Loss, Number, Sign, Symptom
from lossviz.losses.symptoms import SAID, SYMPTOMS

PAGE = "book/misbehaves"
CLASSES = range(2, 1001)  # for which a number that goes with the number of classes is recognised
WITHOUT = "Look for the number, or for a word of the message, with the search of this page: Ctrl+F."
REFERENCES = "lossviz.losses.references"  # the home of losses for which torch has neither function nor class
_MORE = f"More, with a field that looks up a number or a message: [My loss misbehaves](../../{PAGE}.ipynb)."
_HEAD = ("| what you see | why | the fix | where |", "|---|---|---|---|")


@dataclass(frozen=True)
class Row:
    """A symptom and the loss that it belongs to, None if it belongs to no single one."""

    symptom: Symptom
    loss: Loss | None = None

    @property
    def name(self) -> str:
        """That of the loss, "" without one."""
        return self.loss.name if self.loss else ""

    @property
    def page(self) -> str:
        """The page with its section, as _toc.yml names it."""
        return self.symptom.page or f"notebooks/{self.loss.family}/{self.loss.name}"

    @property
    def where(self) -> str:
        """A link to the section, from the page."""
        return self.where_from(PAGE)

    def where_from(self, page: str) -> str:
        """A link to the section, from a page of the handbook."""
        section = self.symptom.section
        if self.page == page:
            return f"[{section}](#{anchor(section)})"
        name = self.page.split("/")[-1]
        title = CATALOG[name].title if name in CATALOG else name.capitalize()
        up = "../" * page.count("/")
        return f"[{title}: {section}]({up}{self.page}.ipynb#{anchor(section)})"

    @property
    def seen(self) -> str:
        """What is seen, as code where it is what torch says."""
        return _code(self.symptom.seen) if self.symptom.sign is Sign.ERROR else self.symptom.seen

    def __str__(self) -> str:
        return self.line(PAGE, _marked(self.symptom))

    def line(self, page: str, mark: str = "") -> str:
        """The row of a table on a page."""
        cells = (mark + self.seen, self.symptom.why, _code(self.symptom.fix), self.where_from(page))
        return f"| {' | '.join(map(_one_cell, cells))} |"


def rows(sign: Sign | None = None) -> list[Row]:
    """The rows of a sign, or of all: first those of the losses, in the order of the handbook."""
    found = [Row(symptom, loss) for loss in CATALOG.values() for symptom in loss.symptoms]
    found += [Row(symptom) for symptom in SYMPTOMS]
    return [row for row in found if sign in (None, row.symptom.sign)]


def symptoms(sign: Sign) -> Listing:
    """The table of a sign."""
    within = f'<div data-symptoms="table" data-said="{_listed(SAID[sign])}">'
    return Listing(within, "", *_HEAD, *map(str, rows(sign)), "", "</div>")


def in_trouble(name: str) -> Listing:
    """What goes wrong with the loss `name`, folded, in the order in which people meet it.

    Raises ValueError for a name that is not in the catalogue, with the names that come close.
    """
    loss = find(name)
    page = f"notebooks/{loss.family}/{loss.name}"
    lines = [Row(symptom, loss).line(page) for symptom in loss.symptoms]
    if loss.torch_class is None and loss.home == REFERENCES:
        imported = f"`from {REFERENCES} import {loss.name}`"
        lines += ["", f"To paste a fix into a training loop: {imported} takes and returns tensors."]
    opening = '<details class="trouble"><summary>In trouble? What you see, why, the fix, where to read on'
    return Listing(f"{opening}</summary>", "", *_HEAD, *lines, "", _MORE, "", "</details>")


class SymptomField:
    """The place of the field, which the site's script fills, with the numbers that it looks up.

    Where no script fills it, it says what to do instead.
    """

    def __repr__(self) -> str:
        return WITHOUT

    def _repr_html_(self) -> str:
        table = {number.says: _values(number) for number in _numbers()}
        packed = json.dumps(
            {"first": CLASSES[0], "numbers": table}, separators=(",", ":"), ensure_ascii=False
        )
        return f'<div data-symptoms="field" data-numbers="{escape(packed)}">{WITHOUT}</div>'


def _numbers() -> list[Number]:
    return [number for row in rows() for number in row.symptom.numbers]


def _values(number: Number) -> list[float]:
    """The number, or those of all CLASSES, to the digits that the field compares."""
    return [float(f"{number.at(C):.5g}") for C in (CLASSES if callable(number.value) else CLASSES[:1])]


def _one_cell(text: str) -> str:
    """The text with its bars escaped: in Markdown they end a cell, in code and in attributes as well."""
    return text.replace("|", r"\|")


def _code(line: str) -> str:
    """A line as code in Markdown."""
    fence = "``" if "`" in line else "`"
    return f"{fence}{line}{fence}"


def _listed(words) -> str:
    """Words in an attribute, one a line."""
    return escape("\n".join(words)).replace("\n", "&#10;")


def _marked(symptom: Symptom) -> str:
    """What the field's script looks up, before the words for people."""
    attributes = {
        "messages": symptom.prints,
        "said": symptom.said,
        "numbers": [number.says for number in symptom.numbers],
    }
    listed = "".join(f' data-{name}="{_listed(words)}"' for name, words in attributes.items() if words)
    return f'<span data-symptoms="row"{listed}></span>'
