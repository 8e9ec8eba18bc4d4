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
    told = any(f.rule in ("nan_in_input", "nan_in_target") for f in call.findings)
    if told and "should be between 0 and 1" in str(call.error):
        return None  # a nan is no logit
    why, fix = _of_shapes(call)
    fix = fix or _of_label(call.error) or _of_dtype(call.error)
    return found(call, message(call.error), of(call.error, call.name), why=why, fix=fix)


def _of_label(error: BaseException) -> str:
    """The fix for a label out of bounds: the row has that for 255."""
    label = re.search(r"Target (-?\d+) is out of bounds", str(error))
    if label is None or label[1] == "255":
        return ""
    if int(label[1]) < 0:
        return f"loss_function(input, target, ignore_index={label[1]})  # if it marks what has no label"
    return "print(target.unique(), input.shape)  # labels are 0 to C - 1"


def _of_dtype(error: BaseException) -> str:
    """The fix for a half precision that a kernel does not have, whichever loss it is."""
    return "loss_function(input.float(), target)" if re.search("for '(Half|BFloat16)'", str(error)) else ""


def _of_shapes(call: Call) -> tuple[str, str]:
    """Reason and fix where one message has several causes, of which the shapes show the right one."""
    x, t, text = call.input, call.target, str(call.error)
    if x is None or t is None:
        return "", ""
    if "Expected target size" in text and t.ndim == x.ndim > 1 and t.shape[1] == 1:
        return (
            "masks came with an axis of channels, `(N, 1, …)`",
            "F.cross_entropy(logits, target.squeeze(1))",
        )
    if "must be the same as input size" in text and x.ndim == 2 and x.shape[1] > 1 and t.ndim == 1:
        why = f"{x.shape[1]} logits a sample met one target: classes that exclude each other"
        return why, "F.cross_entropy(logits, target.long())"
    one_output = x.ndim == 1 or (x.ndim > 1 and x.shape[1] == 1)
    if "target with class probabilities, got" in text and one_output and t.shape == x.shape:
        why = "cross entropy wants an output for each class, and one output is one class"
        return why, "F.binary_cross_entropy_with_logits(logits, target.float())"
    return "", ""


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
