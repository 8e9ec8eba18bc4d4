"""What readers hand over as numbers, as NumPy arrays."""

from __future__ import annotations

from reprlib import repr as short

import numpy as np
import torch


def floats(given) -> np.ndarray:
    """Numbers as an array of floats that shares no memory with them; what is masked becomes nan.

    A function may return the same array each time and write into it, so what it returned is copied. float32
    stays float32. A tensor may require a gradient. Raises TypeError for None and for complex numbers, and
    what NumPy raises for what is no array of numbers.
    """
    if given is None:  # would pass as nan
        raise TypeError("None is no number")
    values = array(given)
    if values.dtype.kind == "c":  # NumPy would keep the real part, without a word
        raise TypeError("complex numbers are no loss")
    return values if values.dtype.kind == "f" else values.astype(float)


def numbers(what: str, given, shape: tuple | None = None) -> np.ndarray:
    """The numbers of an argument as float64, of `shape` if given; ValueError where that cannot be."""
    try:
        values = floats(given).astype(float)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{what} must be numbers in rows of equal length, got {short(given)}") from None
    if shape is not None and values.shape != shape:
        raise ValueError(f"{what} must have shape {shape}, got {values.shape}")
    return values


def array(given) -> np.ndarray:
    """Anything that holds numbers as an array of its own, of whatever dtype; see `floats`."""
    return np.array(_plain(given))


def _plain(given):
    """Tensors and masked arrays, in lists too, as what NumPy understands."""
    if isinstance(given, torch.Tensor):
        given = given.float() if given.dtype is torch.bfloat16 else given
        return given.numpy(force=True)
    if isinstance(given, np.ma.MaskedArray) and given.dtype.kind in "fiub":
        return (given if given.dtype.kind == "f" else given.astype(float)).filled(np.nan)
    if isinstance(given, (list, tuple)):
        return [_plain(value) for value in given]
    return given
