"""Connectionist temporal classification: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import random
from lossviz.losses.loss import (
    AT_MOST_0,
    CLASS_INDICES,
    SWITCH,
    Argument,
    Bounds,
    Domain,
    Dtype,
    Form,
    Kind,
    Loss,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)


def _lengths(below) -> Form:
    """Lengths, one a sample."""
    domain = Domain(low=0, below=below, whole=True)
    return Form(Kind.LENGTHS, Shape.PER_SAMPLE, domain, Dtype.INTEGER, checked=True)


LOSS = Loss(
    name="ctc_loss",
    title="CTC loss",
    aliases=("connectionist temporal classification",),
    torch_class="torch.nn.CTCLoss",
    family="sequence",
    summary="−ln of the probability of all paths, frame by frame, that say the text.",
    formula=r"\ell(y, l) = -\ln \sum_{\pi \,:\, B(\pi) = l}\ \prod_{t=1}^{T} y_t(\pi_t), \quad \ln y = x",
    arguments=(
        Argument(
            "log_probs",
            "log-probabilities (log_softmax before), time first: shape (T, C) or (T, N, C)",
            (Form(Kind.LOG_PROBABILITIES, Shape.CLASSES_OF_STEPS, AT_MOST_0),),
            differentiable=True,
        ),
        Argument(
            "targets",
            "labels 0..C-1 without the blank, shape (S,) or (N, S), or all in one row",
            (Form(Kind.LABELS, Shape.SYMBOLS, CLASS_INDICES, Dtype.REAL),),
        ),
        Argument(
            "input_lengths", "how many frames count, at most T, one number a sample", (_lengths("T + 1"),)
        ),
        Argument("target_lengths", "how many labels count, one number a sample", (_lengths("S + 1"),)),
    ),
    options=(
        Option(
            "blank",
            0,
            "the class that says: no label here",
            domain=Domain(low=0, whole=True),
            says="an integer in 0..C-1",
        ),
        Option(
            "zero_infinity", False, "whether an infinite loss becomes 0, with its gradient", domain=SWITCH
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-1.0, 1.0),),
    gradient_far="-1 for a symbol that all paths need in a frame, and nearly 0 where other paths take over",
    gradient_at_target="0, once each symbol of a frame is as probable as the share of the paths through it",
    fades=True,
    statistic=None,
    elicits="the probabilities of whole texts (with the sum), as far as independent frames can give them",
    robust_to="not knowing when: each alignment that says the text counts as right",
    use_when="the text is known and in the order of the input, and nobody knows when each symbol occurs",
    avoid_when="the alignment is known, or the output is longer than the input or in another order",
    curve="lambda x: F.ctc_loss(torch.stack([x, 0 * x], -1).log_softmax(-1)[None], torch.tensor(len(x) * "
    "[[1]]), len(x) * [1], len(x) * [1], reduction='none')",
    symptoms=(
        Symptom(
            Sign.NAN,
            "the loss is inf, and after a step every output is nan",
            "a recording has too few frames: a text needs one a label, and one more between equal labels",
            "keep = F.ctc_loss(log_probs, targets, input_lengths, target_lengths, "
            'reduction="none").isfinite()',
            "Too few frames for the text",
        ),
        Symptom(
            Sign.STUCK,
            "the loss falls and rests, and every frame says blank",
            "the blank is mostly asked for more than any single letter, so it is learned first; if it stays, "
            "the rate or the call may be wrong, and eight recordings tell",
            "F.ctc_loss(log_probs[:, :8], targets[:8], input_lengths[:8], target_lengths[:8])  # overfit",
            "Only blanks, for a long while",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is negative, perhaps only in the first steps",
            "no log-probabilities came in, or, if `log_probs.logsumexp(2)` is 0, padding or a label C counts",
            "F.ctc_loss(logits.log_softmax(2), targets, input_lengths, (targets > 0).sum(1))  # blank 0",
            "Raw logits",
        ),
        Symptom(
            Sign.USELESS,
            "with `zero_infinity=True` the loss looks healthy, and some recordings are never learned",
            "an impossible recording counts as a loss of 0, and stays in the mean",
            'F.ctc_loss(log_probs, targets, input_lengths, target_lengths, reduction="none").isinf().sum()',
            "`zero_infinity` hides impossible recordings",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss of a text changes with the longest text of its batch",
            "`target_lengths` counts the padding, which is then part of the text",
            "target_lengths = (targets > 0).sum(1)  # if the blank is 0, the padding 0 or -1",
            "Padding counted as text",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss of a recording changes with its neighbours in the batch, or the process crashes",
            "a label that counts is C or more, or below 0, and torch reads and writes beside the row",
            "targets[torch.arange(targets.shape[1]).to(target_lengths) < target_lengths[:, None]].unique()",
            "A label beyond the last class",
        ),
        Symptom(
            Sign.NAN,
            "the loss is finite, and gradients are nan",
            "a symbol is masked with -inf, and the gradient subtracts inf from inf",
            "logits.masked_fill(~allowed, -1e4)",
            "A mask of minus infinity",
        ),
        Symptom(
            Sign.ERROR,
            "input_lengths must be of size batch_size",
            "the batch comes first, and torch wants the time first",
            "log_probs.transpose(0, 1)",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Graves, Fernández, Gomez and Schmidhuber",
            2006,
            "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent "
            "Neural Networks",
            "https://www.cs.toronto.edu/~graves/icml_2006.pdf",
        ),
        Source("Hannun", 2017, "Sequence Modeling with CTC", "https://distill.pub/2017/ctc/"),
        Source(
            "Zeyer, Schlüter and Ney",
            2021,
            "Why does CTC result in peaky behavior?",
            "https://arxiv.org/abs/2105.14849",
        ),
    ),
)


def _sample(seed, frames, classes, *labels):
    """One recording: log-probabilities of three decimals, and its labels."""
    logits = random(seed, frames, classes)
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return {"log_probs": log_probs.round(3), "targets": np.array(labels)}


def _one(log_probs, targets):
    """The loss of one recording."""
    lengths = (len(log_probs),), (len(targets),)
    return F.ctc_loss(log_probs, targets, *lengths, reduction="sum")


def _shares(log_probs, targets):
    """What torch's gradient has taken from the probabilities."""
    x = log_probs.clone().requires_grad_()
    _one(x, targets).backward()
    return log_probs.exp() - x.grad


HALVES = {"log_probs": np.log([[0.5, 0.5], [0.5, 0.5]]).round(3), "targets": np.array([1])}
EQUAL = {"log_probs": np.log(np.full((3, 2), 0.5)).round(3), "targets": np.array([1, 1])}

EXERCISES = {
    "by_hand": Exercise(
        "the loss of the text a as a number",
        lambda: F.ctc_loss(
            torch.tensor([[0.6, 0.4], [0.6, 0.4]], dtype=torch.float64).log(),
            torch.tensor([1]),
            (2,),
            (1,),
        ),
        [{}],
        hints=(
            "Write the four paths of two frames down. What does each say once repeats are merged and blanks "
            "are dropped?",
            "Three of the four say a. Or subtract the one that does not from 1.",
            "The loss is the negative logarithm of that probability, and the text has one letter.",
        ),
    ),
    "shares": Exercise(
        "shares_of(log_probs, targets)",
        _shares,
        [
            HALVES,
            {"log_probs": np.log([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]).round(3), "targets": np.array([1, 2])},
            EQUAL,
            _sample(0, 5, 3, 1, 2),
            _sample(1, 6, 4, 3, 3, 1),
        ],
        hints=(
            "Which two things does the gradient of the chapter subtract from each other?",
            "The gradient of the mean is divided by the number of labels. Which reduction is not?",
            "Take the gradient away from the probabilities, which are not what the function is given.",
        ),
    ),
    "forward": Exercise(
        "loss_by_forward(log_probs, targets)",
        _one,
        [
            HALVES,
            {"log_probs": np.log([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]).round(3), "targets": np.array([1, 2])},
            EQUAL,
            {"log_probs": np.log(np.full((3, 2), 0.5)).round(3), "targets": np.array([], int)},
            _sample(2, 5, 3, 2, 1),
            _sample(3, 7, 4, 3, 3, 1),
            {"log_probs": np.full((3, 3), -400.0), "targets": np.array([1, 2])},
        ],
        hints=(
            "Begin with the labels with blanks between them. In which two states may a path begin?",
            "From the second state on, three ways lead into a state at most: itself, the one before, and the "
            "one before that if both are letters that differ.",
            "Add probabilities as logarithms with `np.logaddexp`; in the last case the product of two is 0.",
        ),
    ),
    "find_the_bug": Exercise(
        "generous_ctc(log_probs, targets)",
        _one,
        [
            {"log_probs": np.log([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]).round(3), "targets": np.array([1, 2])},
            EQUAL,
            _sample(4, 5, 3, 1, 2),
            _sample(5, 6, 3, 2, 2, 1),
        ],
        hints=(
            "For which texts is it right? Compare ab and aa on the same frames.",
            "Which paths does it count for aa that say a? Follow one without a blank in the middle.",
            "The step over a blank is allowed only where the letters on both sides differ.",
        ),
    ),
}
