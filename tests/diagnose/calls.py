"""What the tests of `diagnose` call: small builders, and `watched` for what a single call cannot show."""

import warnings

import torch
from torch import nn

from lossviz.diagnose import diagnose
from lossviz.diagnose.watching import Watch
from tests.facts import labels, normal

__all__ = ["labels", "linear", "looked", "masks", "normal", "softmax", "steps", "watched"]


def looked(loss, *args, **kwargs):
    """The report on one call, without torch's warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return diagnose(loss, *args, **kwargs)


def watched(step, times=1):
    """The report on a function that is called so often, each call looked at; what torch refuses ends it."""
    watch = Watch(every=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with watch:
                for _ in range(times):
                    step()
        except (RuntimeError, ValueError, IndexError, TypeError, AttributeError):
            pass
    return watch.report


def steps(loss, *, lr=0.1, features=3, times=12, criterion=None, zero=True, n=16):
    """Plain training steps of a linear model: `loss(model, x)` gives the loss."""
    torch.manual_seed(0)
    model = nn.Linear(features, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    x = normal(n, features)

    def step():
        if zero:
            optimizer.zero_grad()
        loss(model, x).backward()
        optimizer.step()

    return watched(step, times)


def linear(*shape, out=4):
    """Logits of a linear layer, which has a graph."""
    torch.manual_seed(0)
    return nn.Linear(shape[-1], out)(normal(*shape))


def softmax(*shape, axis=-1):
    return normal(*shape).softmax(axis)


def masks(*shape, share=0.3):
    """Masks of zeros and ones, an object in each."""
    found = (torch.rand(shape, generator=torch.Generator().manual_seed(0)) < share).float()
    if len(shape) > 2:
        found[..., 0, 0] = 1
    return found
