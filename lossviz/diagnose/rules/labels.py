"""Labels that are not the ones the loss counts with."""

import torch

from lossviz.diagnose.call import Call, counted_labels
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.places import HERE, heading, row
from lossviz.diagnose.rules.found import NOTE, SUSPICIOUS, WRONG, found, number, share
from lossviz.losses.loss import Kind, Sign

MANY = 20  # labels a class, from which a class that never occurs is no chance


def labels_from_1(call: Call) -> Finding | None:
    """Labels 1 to C in place of 0 to C - 1, which torch refuses without a word of the shift."""
    y, C = call.labels, call.classes
    if y is None or not len(y) or (C or 0) < 2 or not (y.min() == 1 and y.max() == C):
        return None
    seen = f"labels go from 1 to {C}, and the {C} classes are 0 to {C - 1}"
    where = heading(
        HERE, "Labels out of range", Sign.ERROR, "torch counts classes from 0", "target = target - 1"
    )
    return found(call, seen, where)


def one_output(call: Call) -> Finding | None:
    """Labels 0 and 1 beside a single output, which is one class, so that the loss of a 0 is always 0."""
    y = call.labels
    if y is None or call.classes != 1 or not len(y) or not (y.min() >= 0 and y.max() <= 1):
        return None
    logits = "logits" if call.target.shape == call.input.shape else "logits.squeeze(1)"
    where = heading(
        HERE,
        "Labels out of range",
        Sign.ERROR,
        "cross entropy wants an output for each class, and one output is one class, which costs 0",
        f"F.binary_cross_entropy_with_logits({logits}, target.float())",
    )
    seen = f"input has 1 class, and {share((y == 1).sum(), len(y))} labels are 1"
    return found(call, seen, where, WRONG if y.max() == 1 or call.error else NOTE)


def first_class_absent(call: Call) -> Finding | None:
    """Labels that never are 0 among many: perhaps they count from 1, with an output too many."""
    y, C = call.labels, call.classes
    if y is None or C is None or not len(y) or len(y) < MANY * C or not (y.min() == 1 and y.max() == C - 1):
        return None
    seen = f"none of {len(y)} labels is 0, and all others of the {C} classes may occur"
    where = heading(
        HERE,
        "Labels out of range",
        Sign.ERROR,
        "labels that count from 1 leave the output of class 0 without a sample",
        "target = target - 1  # with one output less",
    )
    return found(call, seen, where, NOTE)


IGNORED = {
    "cross_entropy": ("cross_entropy", "Everything ignored"),
    "nll_loss": ("nll_loss", "Nothing counts"),
    "linear_cross_entropy": ("cross_entropy", "Everything ignored"),
}


def ignored(call: Call) -> Finding | None:
    """All labels ignored, or most of them."""
    if call.labels is None or call.target is None or not call.target.numel() or call.name not in IGNORED:
        return None
    left, all_of_them = len(call.labels), call.target.numel()
    where = row(*IGNORED[call.name])
    seen = f"{share(all_of_them - left, all_of_them)} labels are ignore_index = {call.ignore_index}"
    if left == 0:
        return found(call, seen, where, WRONG if call.reduction == "mean" else SUSPICIOUS)
    if left <= all_of_them / 2:
        why = "the mean is that of the others, so that a batch with few of them weighs as much as any other"
        return found(call, seen, where, NOTE, why=why)
    return None


def padding_as_label(call: Call) -> Finding | None:
    """An adaptive softmax most of whose labels are 0, which may be the padding."""
    y = call.labels
    if call.name != "adaptive_log_softmax" or y is None or len(y) < MANY or not (y == 0).sum() > len(y) / 2:
        return None
    seen = f"{share((y == 0).sum(), len(y))} labels are 0, and there is no ignore_index"
    return found(call, seen, row(call.name, "Padding is not ignored", Sign.SILENT), NOTE)


def unsorted_by_frequency(call: Call) -> Finding | None:
    """An adaptive softmax whose tails hold more of the labels than its head."""
    y = call.labels
    if call.name != "adaptive_log_softmax" or y is None or len(y) < 5 * MANY:
        return None
    first = int(torch.as_tensor(call.given["cutoffs"]).flatten()[0])
    if not (beyond := int((y >= first).sum())) > len(y) / 2:
        return None
    seen = f"{share(beyond, len(y))} labels are {first} or above, and stand in the tails"
    return found(call, seen, row(call.name, "Labels that are not sorted by frequency"), SUSPICIOUS)


# 1 and -1

ZEROS = {
    "soft_margin_loss": ("Labels 0 and 1", Sign.SILENT),
    "margin_ranking_loss": ("Labels 0 and 1", Sign.STUCK),
    "hinge_embedding_loss": ("Labels 0 and 1", Sign.USELESS),
    "cosine_embedding_loss": ("Labels 0 and 1", Sign.USELESS),
}
BYTES = {
    "soft_margin_loss": ("Bytes and booleans as labels", Sign.NAN),
    "margin_ranking_loss": ("Rare cases", Sign.HUGE),
}


def zeros_for_signs(call: Call) -> Finding | None:
    """0 and 1 where 1 and -1 are meant."""
    y = call.target
    if call.target_kind is not Kind.SIGNS or y is None or not y.numel() or y.dtype == torch.bool:
        return None
    none = (y == 0).sum()
    if not none:
        return None
    seen = f"{share(none, y.numel())} labels are 0, and the loss takes 1 and -1"
    return found(call, seen, row(call.name, *ZEROS[call.name]))


def other_signs(call: Call) -> Finding | None:
    """Labels that are neither 1 nor -1 nor 0."""
    y = call.target
    if (
        call.target_kind is not Kind.SIGNS
        or y is None
        or not y.numel()
        or y.dtype in (torch.bool, torch.uint8)
    ):
        return None
    wrong = y[(y != 0) & (y.abs() != 1)]
    if not wrong.numel():
        return None
    seen = f"{share(wrong.numel(), y.numel())} labels are neither 1 nor -1, such as {number(wrong[0])}"
    return found(call, seen, row(call.name, *ZEROS[call.name]), SUSPICIOUS)


def signs_as_bytes(call: Call) -> Finding | None:
    """Labels in uint8, in which -1 is 255."""
    y = call.target
    if call.name not in BYTES or y is None or y.dtype != torch.uint8 or not y.numel():
        return None
    seen = f"target is uint8, in which -1 is 255; it holds {y.unique().tolist()[:4]}"
    return found(call, seen, row(call.name, *BYTES[call.name]))


def only_alike(call: Call) -> Finding | None:
    """Pairs of which none is different."""
    y = call.target
    if call.name != "cosine_embedding_loss" or y is None or y.numel() < 8 or not bool((y == 1).all()):
        return None
    where = row(call.name, "Only alike pairs")
    return found(call, f"all {y.numel()} pairs are labelled 1", where, SUSPICIOUS)


# Lists of labels


def lists_of_labels(call: Call) -> Finding | None:
    """Rows of zeros and ones, or lists padded with 0, where lists that end at -1 are meant."""
    t = call.target
    if call.target_kind is not Kind.LABEL_LISTS or t is None or t.ndim == 0 or not t.numel():
        return None
    rows = t.reshape(-1, t.shape[-1])
    listed = (rows >= 0).long().cumprod(1) == 1  # up to the first -1
    if bool(((rows == 1) | (rows == -1)).all()) and bool(((rows == 1) & ~listed).any()):
        seen = f"{len(rows)} rows of target hold 1 and -1 alone"
        return found(call, seen, row(call.name, "Labels of ±1"))
    ordered = rows.where(listed, -1 - torch.arange(rows.shape[1], device=rows.device)).sort(1).values
    repeated = (ordered.diff(dim=1) == 0).any(1).sum() if rows.shape[1] > 1 else 0
    if not repeated:
        return None
    seen = f"{share(repeated, len(rows))} rows of target name a class twice, such as {rows[0].tolist()[:6]}"
    if bool(((rows == 0) | (rows == 1)).all()):
        return found(call, seen, row(call.name, "A one-hot target", Sign.USELESS))
    return found(call, seen, row(call.name, "Padding with zeros", Sign.USELESS))


def samples_without_labels(call: Call) -> Finding | None:
    """Rows that begin with -1, which cost 0 and count in the mean."""
    t = call.target
    if call.target_kind is not Kind.LABEL_LISTS or t is None or t.ndim != 2 or not t.numel():
        return None
    empty = (t[:, 0] < 0).sum()
    if not empty or bool((t.abs() == 1).all()):
        return None
    seen = f"{share(empty, len(t))} rows of target begin with -1"
    return found(call, seen, row(call.name, "Samples without labels"), NOTE)


# Sequences


def labels_beyond_the_last(call: Call) -> Finding | None:
    """Labels of a CTC call that are no class: torch reads and writes beside the row."""
    if call.name != "ctc_loss" or call.input is None or not (beyond := call.labels_beyond()).numel():
        return None
    C = call.input.shape[-1]
    seen = f"{beyond.numel()} labels that count are not in 0 to {C - 1}, such as {int(beyond[0])}"
    return found(call, seen, row(call.name, "A label beyond the last class"))


def blank_as_label(call: Call) -> Finding | None:
    """The blank among the labels that count: mostly the padding, counted as text."""
    if call.name != "ctc_loss" or call.target is None:
        return None
    counted, blank = counted_labels(call), call.given["blank"]
    blanks = (counted == blank).sum()
    if not blanks:
        return None
    seen = f"{share(blanks, counted.numel())} labels that count are the blank {blank}"
    return found(call, seen, row(call.name, "Padding counted as text"), SUSPICIOUS)


def too_few_frames(call: Call) -> Finding | None:
    """Texts that do not fit into their frames: a frame a label, and one more between equal labels."""
    targets = call.target
    if call.name != "ctc_loss" or targets is None or targets.ndim != 2 or call.input.ndim != 3:
        return None
    frames = torch.as_tensor(call.given["input_lengths"]).flatten()
    length = torch.as_tensor(call.given["target_lengths"]).flatten()
    if len(frames) != len(targets) or len(length) != len(targets):
        return None
    if targets.shape[1] == 0:
        return None
    places = torch.arange(1, targets.shape[1])
    pairs = (targets[:, 1:] == targets[:, :-1]).cpu() & (places < length.cpu()[:, None])
    short = int((frames.cpu() < length.cpu() + pairs.sum(1)).sum())
    if not short:
        return None
    seen = f"{share(short, len(targets))} recordings have fewer frames than their text needs"
    if call.given["zero_infinity"]:
        where = row(call.name, "`zero_infinity` hides impossible recordings")
        return found(call, f"{seen}, and cost 0", where, SUSPICIOUS)
    return found(call, seen, row(call.name, "Too few frames for the text"))


def mostly_blank(call: Call) -> Finding | None:
    """Frames of which nearly all say blank."""
    x = call.input
    if call.name != "ctc_loss" or x is None or x.ndim != 3 or x.shape[0] < 8 or not call.is_safe:
        return None
    says = (x.argmax(-1) == call.given["blank"]).float().mean()
    if says < 0.999:
        return None
    seen = f"in {float(says):.1%} of the frames the blank is the most probable"
    return found(call, seen, row(call.name, "Only blanks, for a long while"), NOTE)


# Numbers


def class_labels_as_numbers(call: Call) -> Finding | None:
    """Class labels in a loss of errors, which takes them for positions on a line."""
    t, x = call.target, call.input
    if call.name != "mse_loss" or t is None or x is None or not t.numel() or t.dtype != torch.int64:
        return None
    if int(t.min()) < 0 or int(t.max()) > 1000 or len(t.unique()) < 3 or t.numel() < 2 * len(t.unique()):
        return None
    seen = f"target is int64 and holds {len(t.unique())} values from {int(t.min())} to {int(t.max())}"
    return found(call, seen, row(call.name, "Class labels are accepted"), SUSPICIOUS)


RULES = (
    labels_from_1,
    one_output,
    first_class_absent,
    ignored,
    padding_as_label,
    unsorted_by_frequency,
    zeros_for_signs,
    other_signs,
    signs_as_bytes,
    only_alike,
    lists_of_labels,
    samples_without_labels,
    labels_beyond_the_last,
    blank_as_label,
    too_few_frames,
    mostly_blank,
    class_labels_as_numbers,
)
