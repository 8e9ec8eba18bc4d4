"""Judge a reader's answer to an exercise against torch, in words and never with a traceback."""

import difflib
import html
from dataclasses import dataclass

from IPython import get_ipython

from lossviz.exercises.judging import Deadline, NotAttempted, NotYet, judge
from lossviz.losses import EXERCISES
from lossviz.ticks import remember

# The first line of a cell that is tagged `solution`, and all that JupyterLab shows of one that is collapsed.
SOLUTION = "# Solution"


def check(answer, name):
    """Judge the answer to the exercise `name`, such as "l1_loss/weighted", and return a `Verdict`.

    The answer is the reader's function, or a number or a list where the exercise asks for one. It is held
    against torch on fixed inputs, the simplest first, then on random ones, and the verdict tells the first
    that differs. An answer that takes longer than a second for all of them is stopped. A wrong answer never
    raises; an unknown name raises ValueError with names that come close. In a notebook a correct answer ticks
    the exercise in the reader's progress, see `lossviz.ticks`; where that fails, the verdict says why.
    """
    exercise, solved = _find(name), is_solution(_running_cell())
    try:
        if answer is None or answer is Ellipsis:
            raise NotAttempted
        deadline = Deadline()
        for number, case in enumerate(exercise.cases):
            judge(answer, exercise, case, number == 0, deadline)
    except NotAttempted:
        return Verdict(name, False, "not attempted yet", solved)
    except NotYet as reason:
        return Verdict(name, False, f"not yet: {reason}", solved)
    kept = remember(f"exercise:{name}") if _running_cell() and not solved else ""
    lost = f" ({kept})" if "not kept" in kept else ""
    agrees = "agrees" if exercise.is_value else f"{len(exercise.cases)} inputs, all agree"
    return Verdict(name, True, f"correct: {agrees} with torch{lost}", solved)


def hint(name, number=1):
    """Hint `number` of the exercise `name`: 1 says where to look, the last is almost there.

    Raises ValueError for a number that the exercise has no hint for, and for an unknown name.
    """
    hints = _find(name).hints
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(hints):
        raise ValueError(f"{name} has hints 1 to {len(hints)}, got {number!r}")
    return Hint(name, number)


@dataclass(frozen=True)
class Verdict:
    """What `check` found: whether the answer is correct, a message for the reader, and whose it was."""

    name: str
    correct: bool
    message: str
    of_solution: bool = False

    def __repr__(self):
        return f"{self.name}{', the solution' if self.of_solution else ''}: {self.message}"

    def _repr_html_(self):
        hints = "" if self.correct else _folded(EXERCISES[self.name].hints)
        whose = "the solution" if self.of_solution else "your answer"
        title = f"{'✓' if self.correct else '○'} {self.name}, {whose}"
        return _box(title, self.message, hints, exercise=self.name)


@dataclass(frozen=True)
class Hint:
    """A hint of an exercise, in words."""

    name: str
    number: int

    @property
    def _title(self):
        return f"{self.name}, hint {self.number} of {len(EXERCISES[self.name].hints)}"

    @property
    def message(self):
        return EXERCISES[self.name].hints[self.number - 1]

    def __repr__(self):
        return f"{self._title}: {self.message}"

    def _repr_html_(self):
        return _box(self._title, self.message)


def _find(name):
    if not isinstance(name, str) or name not in EXERCISES:
        close = difflib.get_close_matches(str(name), EXERCISES) or sorted(EXERCISES)
        raise ValueError(f"unknown exercise {name!r}; did you mean one of: {', '.join(close)}?")
    return EXERCISES[name]


def is_solution(source):
    """Whether this is the source of a solution: a kernel sees no tags, so its first line is the mark."""
    return source.partition("\n")[0].rstrip() == SOLUTION


def _running_cell():
    """The source of the cell that runs, "" outside of one."""
    shell = get_ipython()
    # What the kernel was asked to run: cells that are run without a history, as nbval does, are not in `In`.
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cells = shell.user_ns.get("In") if shell else None
    return request.get("content", {}).get("code") or (cells[-1] if cells else "")


def _folded(hints):
    """Each hint folded, and inside the one before it: the next is offered to those who have read it."""
    if not hints:
        return ""
    inner = _folded(hints[1:])
    more = "A hint" if inner else "The last hint"
    return f"<details><summary>{more}</summary>{html.escape(hints[0])}{inner}</details>"


def _box(title, message, more="", exercise=""):
    # The border takes the text colour of the host page, and so follows its theme.
    return (
        f'<div class="lossviz-verdict" data-exercise="{html.escape(exercise)}" '
        'style="border-left: 3px solid currentColor; padding-left: 0.75em">'
        f"<strong>{html.escape(title)}</strong>"
        f'<div style="white-space: pre-wrap">{html.escape(message)}</div>{more}</div>'
    )
