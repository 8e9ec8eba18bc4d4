"""What torch refuses, explained by the row of symptoms that has its message."""

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import HERE, heading, refusal
from lossviz.diagnose.rules.found import found
from lossviz.losses.loss import Sign


def refused(call: Call) -> Finding | None:
    """The message of the error, with the row that has it."""
    if call.error is None:
        return None
    return found(call, message(call.error), of(call.error, call.name))


def message(error: BaseException) -> str:
    """Kind and first line of an error."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


def of(error: BaseException, name: str = ""):
    """Where the error is explained."""
    if where := refusal(name, f"{type(error).__name__}: {error}"):
        return where
    words = {
        "why": "torch refuses the call",
        "fix": "print(input.shape, target.shape, input.dtype, target.dtype)",
    }
    return heading(HERE, "torch refuses", Sign.ERROR, **words)


RULES = (refused,)
