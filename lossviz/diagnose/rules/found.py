"""How a rule says what it found."""

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding, Severity
from lossviz.misbehaves import Row

WRONG, SUSPICIOUS, NOTE = Severity.WRONG, Severity.SUSPICIOUS, Severity.NOTE


def found(call: Call, seen: str, row: Row, severity: Severity = WRONG, *, why="", fix="") -> Finding:
    """What was seen, with the words of the row but for those that are given."""
    symptom = row.symptom
    words = {"why": why or symptom.why, "fix": fix or symptom.fix}
    return Finding(
        rule="",  # run() knows it
        loss=call.name,
        severity=severity,
        seen=seen,
        page=row.page,
        section=symptom.section,
        sign=symptom.sign,
        line=call.line,
        **words,
    )


def size(tensor) -> str:
    """The shape of a tensor as Python writes it."""
    return str(tuple(tensor.shape))


def number(value) -> str:
    """A number in four digits."""
    return f"{float(value):.4g}"


def span(x) -> str:
    """ "from 0 to 1" """
    return f"from {number(x.min())} to {number(x.max())}"


def share(part, whole) -> str:
    """ "3 of 8" """
    return f"{int(part)} of {int(whole)}"
