"""Whether a call is what its chapter means, told from the typed arguments alone: not from any rule."""

import torch

from lossviz.diagnose.call import Call
from lossviz.losses.loss import Domain, Kind, Shape


def is_meant(call: Call) -> bool:
    """Arguments in their domains, distributions that sum to 1, something to reduce, and finite numbers."""
    return (
        call.error is None
        and call.input is not None
        and bool(call.input.numel())
        and all(_fits(call, argument.name) for argument in call.loss.arguments)
        and _agree(call)
        and _is_finite(call)
    )


def _fits(call: Call, name: str) -> bool:
    x, form = call.tensor(name), call.form(name)
    if x is None or x.dtype == torch.bool:
        return True
    if form.kind is Kind.LABELS and call.ignore_index is not None:
        x = x[x != call.ignore_index]
        if not x.numel():
            return call.reduction != "mean"
    if not _within(x, form.domain, call.classes):
        return False
    if form.kind is Kind.LABEL_LISTS:
        return _are_lists(x)
    if form.kind is Kind.LOG_PROBABILITIES:
        return _sums(x.exp(), call.axis)
    if form.kind is Kind.PROBABILITIES and call.name in ("cross_entropy", "linear_cross_entropy", "kl_div"):
        return _sums(x, call.axis)
    return bool(x.isfinite().all())


def _within(x: torch.Tensor, domain: Domain, classes: int | None) -> bool:
    if domain.values and not bool(torch.isin(x.double(), torch.tensor(domain.values).double()).all()):
        return False
    inside = (x >= domain.low) & (x <= domain.high)
    if domain.below == "C" and classes:
        inside &= x < classes
    return bool(inside.all()) and (not domain.whole or bool((x == x.round()).all()))


def _are_lists(x: torch.Tensor) -> bool:
    for row in x.reshape(-1, x.shape[-1]).tolist() if x.ndim else [[x.item()]]:
        listed = row[: row.index(-1)] if -1 in row else row
        if len(set(listed)) != len(listed) or min(row) < -1:
            return False
    return True


def _sums(p: torch.Tensor, axis: int | None) -> bool:
    axes = range(p.ndim) if axis is None or axis >= p.ndim else [axis]
    return any(bool(((p.double().sum(a) - 1).abs() < 1e-4).all()) for a in axes)


def _agree(call: Call) -> bool:
    """Arguments of one shape where that is meant, and weights that are numbers."""
    for argument in call.loss.arguments[1:]:
        x, form = call.tensor(argument.name), call.form(argument.name)
        alike = form.shape is Shape.SAME or form.kind is Kind.EMBEDDINGS
        if alike and x is not None and x.shape != call.input.shape:
            return False
    weights = [call.tensor(option.name) for option in call.loss.options]
    return all(w is None or bool(w.isfinite().all()) for w in weights)


def _is_finite(call: Call) -> bool:
    return bool(call.value.isfinite().all()) and all(
        bool(g.isfinite().all()) for g in call.gradients.values()
    )
