"""The tables of the page "Same name, other number": the calls of each loss in the libraries, with numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lossviz.contents import Listing, anchor
from lossviz.losses.examples import NAMES
from lossviz.losses.translations import BESIDE, LOSSES
from lossviz.losses.translator import LIBRARIES, Kind, Row, Translated, gradient

EIGHT = tuple(LIBRARIES)[:8]  # those of the overview; the others are the authors of single losses
NONE = "–"


def calls(name: str) -> Listing:
    """The calls of a loss, or of what is a choice beside the formula, with their numbers on the examples.

    Raises ValueError for a name that is in neither LOSSES nor BESIDE.
    """
    loss = _find(name)
    on = [one for one in NAMES if one in loss.ours and any(one in row.gives for row in loss.rows)]
    first = {call: [one for one in on if loss.ours[one] == call] for call in loss.ours.values()}
    lines = []
    for call, examples in first.items():
        if examples:
            cells = [f"**{number(loss.value(one))}**" if one in examples else "" for one in on]
            lines.append(_line("ours", _code(call), *cells, ""))
    for row in loss.rows:
        cells = [_cell(row, one) for one in on]
        lines.append(_line(str(LIBRARIES[row.library]), _code(row.call), *cells, _why(row)))
    return Listing(*_head("library", "call", *on, "what differs, and the same from ours"), *lines)


def by_number() -> Listing:
    """All numbers in their order: a row for each loss and example, and one for each other number."""
    rows = []
    for loss in LOSSES.values():
        link = f"[{loss.title}](#{anchor(loss.title)})"
        for on, call in loss.ours.items():
            same = {row.library: None for row in loss.rows if row.kind is Kind.SAME and on in row.gives}
            told = f"ours; {', '.join(same)} too" if same else "ours"
            rows.append((loss.value(on), on, link, "ours", call, told))
        rows += [
            (value, on, link, row.library, row.call, _marked(row))
            for row in loss.rows
            if row.kind is not Kind.SAME
            for on, value in row.gives.items()
        ]
    rows.sort(key=lambda row: row[0])
    lines = [
        _line(number(value), on, link, library, _code(call), told)
        for value, on, link, library, call, told in rows
    ]
    return Listing(*_head("number", "on", "loss", "library", "call", "what it is"), *lines)


def at_a_glance() -> Listing:
    """Of each loss and library: whether its number is ours by default, with options, or another one."""
    lines = [
        _line(f"[{loss.title}](#{anchor(loss.title)})", *(_in_short(loss.of(library)) for library in EIGHT))
        for loss in LOSSES.values()
    ]
    return Listing(*_head("loss", *EIGHT), *lines)


def versions() -> Listing:
    """The libraries as they were run, and what their losses of overlap take."""
    lines = [
        _line(one.name, one.version or NONE, str(one.takes), "yes" if one.computed else "noted", one.note)
        for one in LIBRARIES.values()
    ]
    return Listing(*_head("library", "version", "takes", "computed here", "note"), *lines)


@dataclass(frozen=True)
class Beside:
    """A convention of libraries, and its gradient in the logits beside ours.

    length  that of the gradient, over the length of ours
    cosine  of the two
    """

    loss: str
    on: str
    ours: str
    libraries: tuple[str, ...]
    length: float
    cosine: float

    @property
    def reaches(self) -> str:
        """What of the difference reaches a step of plain gradient descent."""
        if self.cosine < 1 - 1e-6:
            return "the direction"
        return "nothing" if abs(self.length - 1) < 1e-4 else "the step size"


def gradients() -> list[Beside]:
    """Each other number of a call that is meant so, once for all libraries that have it."""
    found = {}
    for name, loss in LOSSES.items():
        for row in loss.rows:
            for on in row.gives if row.kind is Kind.OTHER else ():
                found.setdefault((name, on, row.ours), {})[row.library] = None
    made = []
    for (name, on, call), libraries in found.items():
        own, other = (gradient(one, on).flatten() for one in (LOSSES[name].ours[on], call))
        length, cosine = (other.norm() / own.norm()).item(), torch.cosine_similarity(own, other, 0).item()
        made.append(Beside(name, on, call, tuple(libraries), length, cosine))
    return made


def gradient_table() -> Listing:
    """What each convention makes of the gradient, the losses in their order."""
    lines = [
        _line(
            f"[{LOSSES[one.loss].title}](#{anchor(LOSSES[one.loss].title)})",
            ", ".join(one.libraries),
            one.on,
            _code(one.ours),
            f"{one.length:.2f}",
            f"{one.cosine:.3f}",
            one.reaches,
        )
        for one in gradients()
    ]
    return Listing(*_head("loss", "in", "on", "from ours", "length", "cosine", "reaches a step"), *lines)


def number(value: float) -> str:
    """Up to six digits, as they were noted, and four at least; with a real minus sign."""
    whole, _, digits = f"{value + 0.0:.6f}".replace("-", "−").partition(".")
    text = f"{whole}.{digits.rstrip('0'):0<4}"
    return text.removeprefix("−") if not text.strip("−0.") else text


def _find(name: str) -> Translated:
    if name not in LOSSES | BESIDE:
        raise ValueError(f"name must be one of {', '.join(LOSSES | BESIDE)}, got {name!r}")
    return (LOSSES | BESIDE)[name]


def _in_short(rows: list[Row]) -> str:
    if not rows:
        return NONE
    meant = [row for row in rows if row.kind is not Kind.MISTAKE]
    ours = "ours" if any(row.default and row.kind is Kind.SAME for row in meant) else ""
    others = [
        f"{on} {number(value)}"
        for row in meant
        if row.default and row.kind is Kind.OTHER
        for on, value in row.gives.items()
    ]
    options = any(row.kind is Kind.SAME and not row.default for row in meant)
    told = [ours, *others, "ours with options" if options and not ours else ""]
    return "; ".join(filter(None, told)) or "another"


def _cell(row: Row, on: str) -> str:
    if on not in row.gives:
        return ""
    text = number(row.gives[on])
    return f"**{text}**" if row.kind is Kind.SAME else text


def _marked(row: Row) -> str:
    return f"wrong input: {row.why}" if row.kind is Kind.MISTAKE else row.why


def _why(row: Row) -> str:
    """What differs, with the call of ours that gives the same number."""
    return f"{_marked(row)}: {_code(row.ours)}" if row.ours else ""


def _head(*titles: str) -> tuple[str, str]:
    return _line(*titles), _line(*("---" for _ in titles))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _code(text: str) -> str:
    return f"`{text}`"
