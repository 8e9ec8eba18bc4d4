"""Losses that torch has as modules with parameters of their own, as functions that take these parameters."""

import torch


def adaptive_log_softmax(
    input,
    target,
    head_weight,
    tail_weights,
    n_classes,
    cutoffs,
    div_value=4.0,
    head_bias=None,
    reduction="mean",
):
    """torch.nn.AdaptiveLogSoftmaxWithLoss with the parameters as arguments.

    head_weight   head.weight of the module, shape (E, D)
    tail_weights  the parameters of its tails in one row: parameters_to_vector(module.tail.parameters())
    n_classes, cutoffs, div_value  those of the module; head_bias is its head.bias, or None
    reduction     "mean" gives its `loss`, "none" minus its `output`, and "sum" the sum of these
    """
    ends = torch.as_tensor(cutoffs)
    if ends.is_floating_point() or torch.as_tensor(n_classes).is_floating_point():
        raise ValueError(f"cutoffs and n_classes must be integers, got {cutoffs} and {n_classes}")
    module = torch.nn.AdaptiveLogSoftmaxWithLoss(
        head_weight.shape[1], int(n_classes), ends.tolist(), div_value, head_bias is not None, device="meta"
    )
    own = {"head.weight": head_weight} | ({} if head_bias is None else {"head.bias": head_bias})
    shapes = {f"tail.{name}": parameter.shape for name, parameter in module.tail.named_parameters()}
    parts = tail_weights.split([shape.numel() for shape in shapes.values()])
    own |= {name: part.view(shapes[name]) for name, part in zip(shapes, parts, strict=True)}
    for name, parameter in module.named_parameters():
        if own[name].shape != parameter.shape:
            raise ValueError(f"{name} must have shape {tuple(parameter.shape)}, got {tuple(own[name].shape)}")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction must be 'none', 'mean' or 'sum', got {reduction!r}")
    output, loss = torch.func.functional_call(module, own, (input, target))
    nothing = tail_weights[:0].sum()  # so that tails without a label have the gradient 0, and not None
    output, loss = output + nothing, loss + nothing
    return {"none": -output, "mean": loss, "sum": -output.sum()}[reduction]
