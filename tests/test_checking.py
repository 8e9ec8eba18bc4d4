"""check_loss passes what is right, and names the trial in which each planted fault is seen."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossviz import check_loss
from lossviz.checking import TRIALS, Verdict
from lossviz.losses import CATALOG
from lossviz.samples import NO_SAMPLE

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.25, 0.75, -0.5], [-2.0, 1.0, 0.0]])
LABELS = torch.tensor([0, 2, 1])


# A right loss of each kind: each planted fault below is one change to one of these


def focal(logits, target, gamma=2.0, reduction="mean"):
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    loss = (1 - torch.exp(-loss)) ** gamma * loss
    return loss if reduction == "none" else getattr(loss, reduction)()


def cross_entropy(logits, target, ignore_index=-100):
    kept = target != ignore_index
    log_probs = logits.log_softmax(-1).gather(1, target.where(kept, 0)[:, None])[:, 0]
    return -(log_probs * kept).sum() / kept.sum().clamp(min=1)


class Huber(nn.Module):
    def __init__(self, delta=1.0, reduction="mean"):
        super().__init__()
        self.reduction = reduction
        self.register_buffer("delta", torch.tensor(delta))

    def forward(self, input, target):
        error = (input - target).abs()
        loss = torch.where(error < self.delta, error**2 / 2, self.delta * (error - self.delta / 2))
        return loss if self.reduction == "none" else getattr(loss, self.reduction)()


def verdicts(report):
    return {row.what: row.verdict for row in report.rows}


@pytest.mark.parametrize(
    ("loss", "reference"),
    [
        (focal, None),
        (cross_entropy, None),
        (cross_entropy, F.cross_entropy),
        (Huber(), None),
        (Huber(0.5), nn.HuberLoss(delta=0.5)),
        (lambda input, target: F.mse_loss(input, target), F.mse_loss),
    ],
    ids=["focal", "cross entropy", "beside torch's", "module", "beside torch's module", "mse"],
)
def test_in_a_right_loss_nothing_fails(loss, reference):
    report = check_loss(loss, reference=reference)
    assert report and report.ok and not report.failures, report
    assert list(verdicts(report)) == list(TRIALS) and "Nothing fails" in repr(report)


# Torch's own losses: what fails in them is known, and stands in their chapters

KNOWN = {
    "soft_margin_loss": {"extremes"},  # log(1 + exp(100)) in float32
    "multi_margin_loss": {"nan", "empty batch"},
    "multilabel_margin_loss": {"nan", "empty batch"},
    "focal_tversky_loss": {"extremes"},  # the root has an infinite slope at a perfect fit
}


@pytest.mark.parametrize("name", [name for name in CATALOG if name not in NO_SAMPLE])
def test_in_a_loss_of_the_handbook_only_what_its_chapter_tells_fails(name):
    report = check_loss(CATALOG[name].function)
    failed = {row.what for row in report.failures}
    # The empty batch of the two margin losses is memory that was never written: it may hold 0.
    assert failed - {"empty batch"} == KNOWN.get(name, set()) - {"empty batch"}, report
    assert failed <= KNOWN.get(name, set())


# Planted faults


def half_detached(logits, target):
    probability = logits.sigmoid().detach()
    return ((1 - probability) * F.binary_cross_entropy_with_logits(logits, target, reduction="none")).mean()


class WrongBackward(torch.autograd.Function):
    @staticmethod
    def forward(context, input, target):
        context.save_for_backward(input - target)
        return ((input - target) ** 2).mean()

    @staticmethod
    def backward(context, grad_output):
        (error,) = context.saved_tensors
        return grad_output * error / error.numel(), None  # the 2 is missing


def no_gradient(logits, target):
    return (logits.argmax(-1) != target).float().mean()


def in_place(input, target):
    with torch.no_grad():
        input -= input.max()
    return F.mse_loss(input, target)


def wrong_sum(input, target, reduction="mean"):
    loss = (input - target) ** 2
    return {"none": loss, "mean": loss.mean(), "sum": loss.mean(0).sum()}[reduction]


def wrong_mean(input, target, reduction="mean"):
    loss = (input - target) ** 2
    return {"none": loss, "mean": loss.sum() / len(loss), "sum": loss.sum()}[reduction]


def reduced_none(input, target, reduction="mean"):
    loss = ((input - target) ** 2).mean(-1)
    return {"none": loss.mean(), "mean": loss.mean(), "sum": loss.sum()}[reduction]


def without_none(input, target, reduction="mean"):
    if reduction == "none":
        raise ValueError("reduction must be 'mean' or 'sum', got 'none'")
    return getattr((input - target) ** 2, reduction)()


def narrowed(input, target):
    return F.mse_loss(input.float(), target.float())


def widened(input, target):
    return F.mse_loss(input.double(), target.double())


def through_float32(input, target):
    return F.mse_loss(input.float(), target.float()).to(input.dtype)


def large_in_half(input, target):
    return ((300 * (input - target)) ** 2).mean() / 90_000


def view(input, target):
    return F.mse_loss(input.view(-1), target.view(-1))


def silent_broadcast(input, target):
    return ((input - target) ** 2).mean()


def naive_bce(logits, target):
    p = torch.sigmoid(logits)
    return -(target * p.log() + (1 - target) * (1 - p).log()).mean()


def naive_log_loss(p, y):
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def naive_softplus(input, target):
    return torch.log(1 + torch.exp(-(2 * target - 1) * input)).mean()


def saturated(logits, target):
    p = torch.sigmoid(logits).clamp(1e-7, 1 - 1e-7)
    return F.binary_cross_entropy(p, target)


def hides_nan(input, target):
    return torch.clamp(1 - target * input, min=0).nan_to_num().mean()


def fails_on_nothing(input, target):
    return F.mse_loss(input, target) + 0 * input.max()


def costs_on_nothing(input, target):
    return F.mse_loss(input, target, reduction="sum") / max(len(input), 1) + (len(input) == 0)


def counts_ignored(logits, target, ignore_index=-100):
    kept = target != ignore_index
    log_probs = logits.log_softmax(-1).gather(1, target.where(kept, 0)[:, None])[:, 0]
    return -(log_probs * kept).mean()


def nan_when_ignored(logits, target, ignore_index=-100):
    kept = target != ignore_index
    return F.nll_loss(logits[kept].log_softmax(-1), target[kept])


def leaks_when_ignored(logits, target, ignore_index=-100):
    return cross_entropy(logits, target, ignore_index) + (target == ignore_index).all() * logits.mean()


def noisy(input, target):
    return F.mse_loss(F.dropout(input, 0.5), target)


def takes_float32_alone(input, target):
    return torch.mv(torch.ones(len(input), len(input)), (input - target)[:, 0]).square().mean()


FAILS, LOOK = Verdict.FAILS, Verdict.LOOK


@pytest.mark.parametrize(
    ("loss", "what", "verdict", "says"),
    [
        (half_detached, "gradient", FAILS, "central differences"),
        (WrongBackward.apply, "gradient", FAILS, "central differences"),
        (no_gradient, "gradient", FAILS, "there is none: the value does not depend on logits for autograd"),
        (in_place, "in place", FAILS, "it writes into input: work on a copy"),
        (wrong_sum, "reduction", FAILS, '"sum" is not the sum of "none"'),
        (wrong_mean, "reduction", FAILS, '"mean" is not the mean of "none"'),
        (reduced_none, "reduction", LOOK, '"none" returns shape (): right where the loss is one of the'),
        (without_none, "reduction", LOOK, '"none" is refused (reduction must be'),
        (narrowed, "dtype", FAILS, "float64 in, float32 out"),
        (widened, "dtype", FAILS, "float32 in, float64 out"),
        (through_float32, "dtype", LOOK, "rounded to float32 inside"),
        (through_float32, "gradient", LOOK, "it computes in float32 inside"),
        (takes_float32_alone, "dtype", LOOK, "float64 is refused (RuntimeError"),
        (takes_float32_alone, "gradient", LOOK, "float64 is refused"),
        (large_in_half, "half precision", FAILS, "float16: inf, in float32"),
        (view, "contiguity", FAILS, "view size is not compatible"),
        (silent_broadcast, "broadcast", LOOK, "without a word, as each is paired with all"),
        (naive_bce, "extremes", FAILS, "logits of -100 and 100: the value is nan"),
        (naive_log_loss, "extremes", FAILS, "p of 0 and 1: the value is nan"),
        (naive_softplus, "extremes", FAILS, "the gradient is nan"),
        (saturated, "extremes", LOOK, "and no element has a gradient"),
        (hides_nan, "nan", FAILS, "a sample of nan is hidden"),
        (fails_on_nothing, "empty batch", FAILS, "RuntimeError"),
        (costs_on_nothing, "empty batch", FAILS, "an empty batch costs 1"),
        (F.mse_loss, "empty batch", LOOK, "an empty batch gives nan"),
        (counts_ignored, "ignored labels", FAILS, "still counts, as in the divisor"),
        (nan_when_ignored, "ignored labels", LOOK, "with every label ignored it is nan"),
        (leaks_when_ignored, "ignored labels", FAILS, "with every label ignored there is a gradient"),
        (noisy, "value", LOOK, "two calls give two values"),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_a_planted_fault_is_seen_in_its_trial(loss, what, verdict, says):
    example = ()
    if loss == WrongBackward.apply or loss is hides_nan:
        example = (LOGITS, LOGITS.sign())
    if loss is naive_log_loss:
        example = (LOGITS.sigmoid(), (LOGITS > 0).float())
    row = check_loss(loss, *example)[what]
    assert row.verdict is verdict and says in row.says, row


@pytest.mark.parametrize(
    ("loss", "reference", "what"),
    [
        (lambda logits, target: 2 * cross_entropy(logits, target), F.cross_entropy, "value"),
        (lambda input, target: F.mse_loss(input, target).detach() + 0 * input.sum(), F.mse_loss, "gradient"),
        (naive_bce, F.binary_cross_entropy_with_logits, "extremes"),
        (saturated, F.binary_cross_entropy_with_logits, "extremes"),
        (naive_log_loss, F.binary_cross_entropy, "extremes"),
        (lambda x, y: F.huber_loss(x, y, delta=5.0), F.mse_loss, "value"),
    ],
    ids=["factor", "no slope", "overflow", "clamp", "log of 0", "another loss"],
)
def test_a_reference_shows_what_is_different(loss, reference, what):
    report = check_loss(loss, reference=reference)
    assert report.failures[0].what == what and not report, report
    assert f"The first that fails: {what}: " in repr(report)


def test_a_reference_may_be_given_like_an_argument_and_its_names_are_its_own():
    report = check_loss(lambda pred, y: ((pred - y) ** 2).mean(), F.mse_loss)
    assert report["value"].says.startswith("1.57") and report["value"].says.endswith(", as mse_loss has it")
    assert report.title == "the function with pred (4, 3) float32, y (4, 3) float32, beside mse_loss"


def test_the_reduction_of_a_reference_is_compared_too():
    def sums_rows(input, target, reduction="mean"):
        loss = ((input - target) ** 2).sum(-1)
        return loss if reduction == "none" else getattr(loss, reduction)()

    def as_mse(input, target, reduction="mean"):
        return F.mse_loss(input, target, reduction=reduction)

    assert check_loss(as_mse, F.mse_loss)["reduction"].verdict is Verdict.PASSES
    assert "instead of" in check_loss(sums_rows, F.mse_loss)["reduction"].says


def test_an_example_may_be_of_tensors_arrays_or_lists_and_options_have_names():
    report = check_loss(focal, LOGITS.tolist(), np.eye(3, dtype=np.float32), gamma=1.0)
    assert report.title == "focal with logits (3, 3) float32, target (3, 3) float32, gamma=1.0"
    assert report
    weight = torch.tensor([1.0, 2.0, 0.5])
    assert check_loss(F.cross_entropy, LOGITS, LABELS, weight=weight)["reduction"].verdict is Verdict.LOOK
    assert check_loss(nn.CrossEntropyLoss(weight), LOGITS, LABELS).ok


def test_a_loss_without_none_is_tried_in_all_else():
    assert check_loss(without_none)["nan"].verdict is Verdict.PASSES


def test_images_are_tried_in_another_order_of_memory():
    def flat(input, target):
        return F.binary_cross_entropy_with_logits(input.view(len(input), -1), target.view(len(input), -1))

    images = torch.linspace(-1, 1, 2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
    assert check_loss(flat, images, (images > 0).float())["contiguity"].verdict is FAILS


def test_of_a_large_input_some_elements_are_compared():
    x = torch.linspace(-2, 2, 10_000).reshape(100, 100)
    says = check_loss(F.mse_loss, x, 0 * x)["gradient"].says
    assert says == "autograd agrees with central differences at 64 elements"


def test_what_is_given_stays_as_it_is():
    module, logits = Huber(), LOGITS.clone().requires_grad_()
    check_loss(module, logits, LOGITS.sign())
    assert module.reduction == "mean" and module.delta.dtype is torch.float32
    assert torch.equal(logits, LOGITS) and logits.grad is None


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: check_loss(3), "check_loss takes a function or a module, got 3"),
        (lambda: check_loss(nn.MSELoss), "check_loss takes a function or a module, got <class"),
        (lambda: check_loss(lambda a, b: a.nothing), "found no call that the function answers with finite"),
        (
            lambda: check_loss(in_numpy),
            "and in_numpy is in NumPy: hold it against another by compare(in_numpy",
        ),
        (
            lambda: check_loss(F.cross_entropy, LOGITS, LABELS + 5),
            "must answer the call that it is tried with",
        ),
        (lambda: check_loss(F.mse_loss, LABELS, LABELS), "the first argument must be a floating tensor"),
        (
            lambda: check_loss(no_argument, LOGITS),
            "must answer the call that it is tried with, but raised TypeError",
        ),
        (lambda: check_loss(focal)["values"], "what was tried is value, in place, gradient"),
    ],
)
def test_what_cannot_be_checked_is_told_with_rule_and_value(call, rule):
    with pytest.raises(ValueError) as raised:
        call()
    assert rule in str(raised.value) and "\n" not in str(raised.value)


def in_numpy(input, target):
    return np.mean(np.abs(input - target))


def no_argument(*, scale=1.0):
    return torch.zeros(())


def test_text_and_html_tell_the_same():
    report = check_loss(naive_bce)
    page = report._repr_html_()
    assert all(row.what in page and row.verdict in page for row in report.rows)
    assert "<strong>FAILS</strong>" in page and "currentColor" not in page
    assert max(map(len, repr(report).splitlines())) <= 110


def test_the_report_is_the_same_every_time():
    assert repr(check_loss(focal)) == repr(check_loss(focal))
