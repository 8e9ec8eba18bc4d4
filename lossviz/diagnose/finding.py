"""What `diagnose` tells: a `Finding` for each thing that was seen, and the `Report` of all of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lossviz.losses import CATALOG
from lossviz.losses.loss import Sign
from lossviz.tables import Table

WIDTH = 100  # of the text form, in characters


class Severity(StrEnum):
    """How sure it is that something has to be changed."""

    WRONG = "wrong"  # the call does not compute what the loss is meant for
    SUSPICIOUS = "suspicious"  # it often goes with a mistake, and may be meant
    NOTE = "note"  # worth knowing; nothing need be wrong


@dataclass(frozen=True)
class Line:
    """A line of a file."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True)
class Finding:
    """One thing that was seen in a call of a loss.

    rule      the name of the rule that saw it
    loss      the name of the loss, "" if it belongs to none
    severity  how sure it is that something is wrong
    seen      what was seen, with the number
    why       why it matters
    fix       a line of code
    page      the page of the handbook, as _toc.yml names it
    section   its heading, below which the case is shown
    sign      what a reader of the loss would see
    line      the caller's line, None where there is none to name
    """

    rule: str
    loss: str
    severity: Severity
    seen: str
    why: str
    fix: str
    page: str
    section: str
    sign: Sign
    line: Line | None = None

    @property
    def read(self) -> str:
        """Page and section, for people."""
        name = self.page.split("/")[-1]
        title = CATALOG[name].title if name in CATALOG else TITLES.get(self.page, name.capitalize())
        return f"{title}: {self.section.replace('`', '')}"

    def __str__(self) -> str:
        about = [self.severity.upper(), *([str(self.line)] if self.line else []), self.loss]
        lines = ["  ".join(filter(None, about))]
        for name in ("seen", "why", "fix", "read"):
            text = getattr(self, name)
            if name == "fix":  # a line of code is not broken
                lines.append(f"  {name:6}{text}")
                continue
            lines += textwrap.wrap(
                text.replace("`", ""),
                WIDTH,
                initial_indent=f"  {name:6}",
                subsequent_indent=" " * 8,
                break_long_words=False,
                break_on_hyphens=False,
            )
        return "\n".join(lines)


# The headings of the pages across the losses, where the file's name does not say them.
TITLES = {"book/misbehaves": "My loss misbehaves", "book/compiled": "What changes when compiled"}


class Report:
    """All findings, the surest first; shows itself as text and as HTML, the same facts in both.

    findings  each once
    calls     how often each loss was called, by its name
    failures  rules that could not look at a call, and why: a fault of the rule, not of the call
    """

    def __init__(self, findings, calls: Mapping[str, int], failures: Iterable[str] = ()):
        order = list(Severity)
        self.findings: tuple[Finding, ...] = tuple(sorted(findings, key=lambda f: order.index(f.severity)))
        self.calls, self.failures = dict(calls), tuple(failures)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """Those of severity "wrong"."""
        return tuple(finding for finding in self if finding.severity is Severity.WRONG)

    @property
    def summary(self) -> str:
        """One line: how many findings, and in how many calls of which losses."""
        calls = ", ".join(f"{name} × {count}" for name, count in self.calls.items())
        if not self.calls and not self.findings:
            return "Nothing to tell: no loss of the handbook was called."
        within = f" in {calls}" if calls else ""
        if not self.findings:
            return f"Nothing found{within}."
        counts = [(sum(f.severity is s for f in self), s) for s in Severity]
        return f"Found{within}: {', '.join(f'{count} {s}' for count, s in counts if count)}."

    def __repr__(self) -> str:
        return "\n\n".join([self.summary, *map(str, self), *map(_failed, self.failures)])

    def _repr_html_(self) -> str:
        columns = ["severity", "where", "seen", "why", "fix", "read"]
        rows = [
            [f.severity, f.line or f.loss, *(t.replace("`", "") for t in (f.seen, f.why)), f.fix, f.read]
            for f in self
        ]
        return Table(columns, rows, title=self.summary)._repr_html_()


def _failed(failure: str) -> str:
    return f"A rule failed, which is a fault of the rule: {failure}"
