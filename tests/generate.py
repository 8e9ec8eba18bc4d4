"""Arguments of a loss, made from what the catalogue says of them."""

import torch
import torch.nn.functional as F

from lossviz.catalog import CATALOG


def random_arguments(name, scale):
    """1000 predictions and targets of the spread `scale`, fit for the family of `spec`."""
    spec = CATALOG[name]
    generator = torch.Generator().manual_seed(0)
    if spec.family == "distribution":
        logits = scale * torch.randn(2, 1000, 3, generator=generator)
        return logits[0].log_softmax(dim=1), logits[1].softmax(dim=1)
    if spec.name == "poisson_nll_loss":
        target = (scale * torch.randn(1000, generator=generator)).abs().round()
        return (target + 1).log() + 3 * torch.randn(1000, generator=generator), target
    if spec.name.startswith("binary_cross_entropy"):
        logits = scale * torch.randn(1000, generator=generator)
        input = logits if spec.name.endswith("with_logits") else logits.sigmoid()
        return input, torch.randint(2, (1000,), generator=generator).float()
    if spec.family == "classification":
        input = scale * torch.randn(1000, 3, generator=generator)
        if spec.name == "nll_loss":
            input = input.log_softmax(dim=1)
        return input, torch.randint(3, (1000,), generator=generator)
    if spec.name in ("multi_margin_loss", "multilabel_margin_loss"):
        input = scale * torch.randn(1000, 3, generator=generator)
        labels = torch.randint(3, (1000,), generator=generator)
        return input, labels if spec.name == "multi_margin_loss" else one_label_each(labels)
    if spec.name == "multilabel_soft_margin_loss":
        # With one class nothing is divided, and the bounds of the range and the gradient are reached.
        input = scale * torch.randn(1000, 1, generator=generator)
        return input, torch.randint(2, (1000, 1), generator=generator).float()
    if spec.name == "hinge_embedding_loss":
        input = scale * torch.randn(1000, generator=generator)
        return input, 2 * torch.randint(2, (1000,), generator=generator) - 1
    return scale * torch.randn(2, 1000, generator=generator)


def one_label_each(labels):
    """The target of multilabel_margin_loss: the label of each of 3 classes, then -1."""
    return F.pad(labels[:, None], (0, 2), value=-1)
