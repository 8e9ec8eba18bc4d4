"""Masks of pixels: as the text that a link carries, and as a control that is painted."""

from __future__ import annotations

from reprlib import repr as short

import numpy as np

from lossviz.arrays import array
from lossviz.controls import Control

KINDS = ("target painted", "target not painted", "outside painted", "outside not painted")


def text_of(mask: np.ndarray) -> str:
    """A mask as hexadecimal digits: its pixels row by row, the first as the highest bit."""
    return np.packbits(mask.ravel()).tobytes().hex()


def mask_of(text: str, shape: tuple[int, int]) -> np.ndarray:
    """The way back; bits behind the last pixel count for nothing."""
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8))
    return bits[: shape[0] * shape[1]].reshape(shape).astype(bool)


def as_mask(what: str, given, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Pixels that are 0 or 1 (or False and True) as a mask; ValueError for others and for another shape."""
    try:
        pixels = array(given)
    except (TypeError, ValueError):
        pixels = np.array(None)
    if pixels.ndim != 2 or pixels.dtype.kind not in "biuf" or not np.isin(pixels, (0, 1)).all():
        raise ValueError(f"{what} must be rows of pixels that are 0 or 1, got {short(given)}")
    if shape is not None and pixels.shape != shape:
        raise ValueError(f"{what} must have {shape[0]} x {shape[1]} pixels, got {pixels.shape}")
    return pixels.astype(bool)


def kinds_of(target: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """For each pixel its place in KINDS."""
    return 2 * ~target + ~painted


class Painting(Control):
    """A mask that is painted. It has too many positions to list: each stands for itself, as a text."""

    kind = "mask"

    def __init__(self, mask: np.ndarray, label: str | None = None):
        self.shape, self.label = mask.shape, label
        self.values, self.start = [], text_of(mask)

    @property
    def first(self) -> str:
        return self.start

    def snap(self, name: str, value) -> str:
        """A mask as text; from an array of 0 and 1, or a text as `painted` itself has it."""
        if not isinstance(value, str):
            return text_of(as_mask(name, value, self.shape))
        try:
            if len(value) != len(self.start):
                raise ValueError
            return text_of(mask_of(value, self.shape))
        except ValueError:
            digits, size = len(self.start), "{} x {}".format(*self.shape)
            raise ValueError(
                f"{name} must be {size} pixels, or {digits} hexadecimal digits, got {value!r}"
            ) from None
