"""No rule fails on what a loss should not be given: another dtype or shape, nan, a tensor without data."""

import inspect

import numpy as np
import pytest
import torch

from lossviz.losses import CATALOG
from tests.diagnose.calls import looked
from tests.losses import CASES

WHOLE = torch.int64, torch.int8, torch.uint8, torch.bool
DTYPES = torch.complex64, torch.float64, torch.float16, torch.bfloat16, *WHOLE
ODD_NUMBERS = {int: (-1, 0, 2, 1000), float: (-1.0, -0.5, 0.0, 0.5, 2.0, 1e30, np.inf, np.nan)}
CHANGES = {str(dtype): lambda x, dtype=dtype: x.to(dtype) for dtype in DTYPES} | {
    "empty": lambda x: x[:0],
    "flat": lambda x: x.flatten(),
    "one sample": lambda x: x[:1],
    "an axis more": lambda x: x[None],
    "axes exchanged": lambda x: x.transpose(0, -1),
    "nan": lambda x: torch.full_like(x, torch.nan),
    "inf": lambda x: torch.full_like(x, torch.inf),
    "large": lambda x: x * 10_000,
    "negative": lambda x: -x,
    "without data": lambda x: x.to("meta"),
}


def batch(loss):
    """The usual call of the loss, with its samples six times."""
    usual = CASES[loss.name].usual
    arrays = {
        name: torch.tensor(value.copy()) for name, value in usual.items() if isinstance(value, np.ndarray)
    }
    repeated = {name: x.repeat(6, *[1] * (x.ndim - 1)) if x.ndim else x for name, x in arrays.items()}
    return usual | repeated, [*arrays]


@pytest.mark.parametrize("loss", CATALOG.values(), ids=lambda loss: loss.name)
def test_no_rule_fails_on_an_odd_argument(loss):
    call, tensors = batch(loss)
    tried = 0
    for changed in [[name] for name in tensors] + [tensors]:
        for change in CHANGES.values():
            try:
                odd = call | {name: change(call[name]) for name in changed}
            except (RuntimeError, IndexError):  # there is no nan among integers, and no first of a number
                continue
            assert looked(loss.function, **odd).failures == (), odd
            tried += 1
    assert tried > 20


@pytest.mark.parametrize("loss", CATALOG.values(), ids=lambda loss: loss.name)
def test_no_rule_fails_on_an_odd_option(loss):
    call, _ = batch(loss)
    given = {name: p.default for name, p in inspect.signature(loss.function).parameters.items()} | call
    for name, value in given.items():
        for odd in ODD_NUMBERS.get(type(value), ()):
            assert looked(loss.function, **call | {name: odd}).failures == (), (name, odd)
