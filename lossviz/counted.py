"""A loss of a mask in few numbers: where counts of pixels tell it, and where it adds over pixels.

A prediction has two levels, one where it is painted and one where it is not. Most losses of it then depend on
the target and on two counts alone: how many target pixels are painted, and how many others. Such a loss is
called at one mask for each pair of counts, and its gradient has one value for each kind of pixel. A loss that
adds over pixels is called with each pixel painted alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from lossviz.evaluate import call_each, differences_in, gradients_in, name_of
from lossviz.masks import KINDS, kinds_of
from lossviz.quiet import unwarned

CLOSE = 1e-3  # of the largest gradient: how far those of one kind of pixel may differ
MANY = 100  # calls; fewer are done before torch has loaded what it needs to do all at once


@dataclass(frozen=True)
class Painted:
    """What can be painted over a target, an array (rows, columns), and the predictions that it stands for."""

    target: np.ndarray
    low: float
    high: float

    @property
    def pairs(self) -> int:
        """How many pairs of counts there are."""
        inside = int(self.target.sum())
        return (inside + 1) * (self.target.size - inside + 1)

    def masks(self, backwards: bool = False) -> np.ndarray:
        """A mask for each pair of counts, (target pixels, others), the second count changing first."""
        inside = int(self.target.sum())
        # Each pixel's place in the order in which those of its kind are painted.
        order = np.where(self.target, self.target.ravel().cumsum().reshape(self.target.shape), 0)
        order += np.where(self.target, 0, (~self.target).ravel().cumsum().reshape(self.target.shape))
        if backwards:
            order = np.where(self.target, inside, self.target.size - inside) + 1 - order
        counts = np.indices((inside + 1, self.target.size - inside + 1)).reshape(2, -1)
        limits = np.where(self.target.ravel(), counts[0][:, None], counts[1][:, None])
        return (order.ravel() <= limits).reshape(-1, *self.target.shape)

    def arguments(self, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions and the target as a loss takes them: one image with one channel."""
        predictions = np.where(masks, self.high, self.low).astype(float)
        return predictions[..., None, None, :, :], self.target[None, None].astype(float)

    def values(self, function: Callable, setting: dict, masks: np.ndarray) -> np.ndarray:
        """The loss of each mask."""
        arguments = self.arguments(masks)
        together = (
            None if _takes_arrays(function, setting, arguments) else at_once(function, setting, *arguments)
        )
        if together is not None and together.size == len(masks):
            return together.reshape(len(masks))
        found = call_each(function, setting, *arguments)
        if wrong := [value.shape for value in found if value.size != 1]:
            raise ValueError(f"{name_of(function)} must return one number, got shape {wrong[0]}")
        return np.array([value.item() for value in found], dtype=float)


def _takes_arrays(function: Callable, setting: dict, arguments: tuple[np.ndarray, np.ndarray]) -> bool:
    many, target = arguments
    with np.errstate(all="ignore"):
        try:
            function(many[0].copy(), target.copy(), **setting)
        except Exception:
            return False
    return True


def at_once(
    function: Callable, setting: dict, many: np.ndarray, target: np.ndarray, slopes: bool = False
) -> np.ndarray | None:
    """function(values, target, **setting), or its gradient, for each of `many` in one call of torch.vmap.

    None where the calls are few, or the function is not written for that: it asks for a value, or is no
    function of tensors. What comes out is compared with three calls one by one.
    """
    if len(many) < MANY:
        return None
    other = torch.tensor(target)

    def single(values):
        return function(values, other, **setting)

    of = torch.func.grad(single) if slopes else single
    with np.errstate(all="ignore"), unwarned():
        try:
            values = torch.tensor(many)
            found = torch.vmap(of)(values)
            for place in (0, len(many) // 2, len(many) - 1):
                torch.testing.assert_close(found[place], of(values[place]), equal_nan=True)
        except Exception:
            return None
    return found.detach().numpy().astype(float)


# By counts


def values_by_counts(painted: Painted, function: Callable, setting: dict) -> np.ndarray:
    """The loss at each pair of counts; ValueError where it depends on which pixels these are."""
    values = painted.values(function, setting, painted.masks())
    places = sorted({len(values) * k // 7 for k in range(1, 7)})
    others = painted.values(function, setting, painted.masks(backwards=True)[places])
    for value, other in zip(values[places], others, strict=True):
        if not np.isclose(value, other, rtol=1e-5, atol=1e-9, equal_nan=True):
            raise ValueError(
                f"it must depend on how many pixels are painted and not on which, got {value:g} and "
                f"{other:g} for the same counts; name a loss that adds over pixels in per_pixel"
            )
    return values


def gradients_by_counts(painted: Painted, gradients: Callable, setting: dict) -> np.ndarray:
    """The gradient at the four kinds of pixel, (4, pairs); 0 for a kind that no pixel is of.

    `gradients(setting, masks, wanted)` gives an array (masks, pixels), nan where it is not `wanted`.
    """
    masks = painted.masks()
    kinds = kinds_of(painted.target, masks).reshape(len(masks), -1)
    own = [kinds == kind for kind in range(len(KINDS))]
    # One pixel of each kind is enough where each costs calls of its own.
    wanted = np.any([mine & (mine.cumsum(axis=1) == 1) for mine in own], axis=0)
    slopes = gradients(setting, masks, wanted)
    largest = np.abs(slopes).max(axis=1, initial=0, where=~np.isnan(slopes))
    found = np.zeros((len(KINDS), len(masks)))
    for kind, mine in enumerate(own):
        there = mine & ~np.isnan(slopes)
        lo, hi = (
            end(slopes, axis=1, initial=start, where=there)
            for end, start in ((np.min, np.inf), (np.max, -np.inf))
        )
        if (wrong := np.flatnonzero(hi - lo > CLOSE * largest)).size:
            raise ValueError(
                f"its gradient must be one number for each kind of pixel, got {lo[wrong[0]]:g} and "
                f"{hi[wrong[0]]:g} at pixels with {KINDS[kind]}; give one that is averaged over ties, or "
                "name a loss that adds over pixels in per_pixel"
            )
        count, present = there.sum(axis=1), mine.any(axis=1)
        with np.errstate(all="ignore"):
            found[kind] = np.where(present, np.sum(slopes, axis=1, where=there) / count, 0)
    return found


# By pixels


def values_by_pixels(painted: Painted, function: Callable, setting: dict) -> np.ndarray:
    """The loss of the empty mask, and what each pixel adds to it; ValueError where they do not add."""
    pixels = painted.target.size
    even = np.arange(pixels) % 2 == 0
    several = [np.zeros_like(even), even, ~even, np.ones_like(even)]
    masks = np.vstack([several, np.eye(pixels, dtype=bool)]).reshape(-1, *painted.target.shape)
    (empty, *together), alone = np.split(painted.values(function, setting, masks), [len(several)])
    added = alone - empty
    for mask, value in zip(several[1:], together, strict=True):
        expected = empty + added[mask].sum()
        if not np.isclose(expected, value, rtol=1e-5, atol=1e-9, equal_nan=True):
            raise ValueError(
                f"what is named in per_pixel must add over pixels, got {value:g} for pixels that add "
                f"{expected:g} one by one"
            )
    return np.append(empty, added)


def gradients_by_pixels(painted: Painted, gradients: Callable, setting: dict) -> np.ndarray:
    """The gradient at each pixel where it is not painted, and where it is, (2, pixels)."""
    masks = np.stack([np.zeros_like(painted.target), np.ones_like(painted.target)])
    return gradients(setting, masks, np.ones((2, painted.target.size), bool))


# Gradients, each as `gradients(setting, masks, wanted)` of the functions above


def given(painted: Painted, function: Callable) -> Callable:
    """The reader's own."""

    def at(setting: dict, masks: np.ndarray, _) -> np.ndarray:
        found = call_each(function, setting, *painted.arguments(masks))
        if wrong := [slopes.shape for slopes in found if slopes.size != painted.target.size]:
            raise ValueError(
                f"{name_of(function)} must return a number for each of {painted.target.size} pixels, "
                f"got shape {wrong[0]}"
            )
        return np.array(found, dtype=float).reshape(len(masks), -1)

    return at


def by_autograd(painted: Painted, function: Callable) -> Callable:
    """None where autograd does not find it."""

    def at(setting: dict, masks: np.ndarray, _) -> np.ndarray:
        arguments = painted.arguments(masks)
        found = at_once(function, setting, *arguments, slopes=True)
        if found is None:
            found = gradients_in(function, setting, *arguments)
        return None if found is None else found.reshape(len(masks), -1)

    return at


def by_differences(painted: Painted, function: Callable) -> Callable:
    """Central differences, where they are wanted."""

    def at(setting: dict, masks: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        found = np.full(wanted.shape, np.nan)
        for slopes, mask, places in zip(found, masks, wanted, strict=True):
            slopes[places] = differences_in(
                function, setting, np.flatnonzero(places), *painted.arguments(mask)
            )
        return found

    return at


def is_by_autograd(painted: Painted, function: Callable, setting: dict) -> bool:
    """Whether autograd finds the gradient of a loss that came without one."""
    return by_autograd(painted, function)(setting, painted.target[None], None) is not None
