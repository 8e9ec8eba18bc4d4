"""What torch refuses, explained by the row of symptoms that has its message."""

import re

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import HERE, heading, refusal
from lossviz.diagnose.rules.found import WRONG, found
from lossviz.losses.loss import Sign


def refused(call: Call) -> Finding | None:
    """The message of the error, with the row that has it, where no rule before says more than torch does."""
    if call.error is None or any(f.sign is Sign.ERROR and f.severity is WRONG for f in call.findings):
        return None
    return found(call, message(call.error), of(call.error, call.name), fix=_of_label(call.error))


def _of_label(error: BaseException) -> str:
    """The fix for a label out of bounds: the row has that for 255."""
    label = re.search(r"Target (-?\d+) is out of bounds", str(error))
    if label is None or label[1] == "255":
        return ""
    if int(label[1]) < 0:
        return f"loss_function(input, target, ignore_index={label[1]})  # if it marks what has no label"
    return "print(target.unique(), input.shape)  # labels are 0 to C - 1"


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
