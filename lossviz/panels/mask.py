"""A mask to paint over a target: what losses say of it, and which way each pixel is pushed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from lossviz import counted
from lossviz.arguments import check_callable, check_texts, mapping
from lossviz.controls import MAX_POSITIONS, Choice, as_list, check_range
from lossviz.counted import Painted
from lossviz.evaluate import depends_on
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.lookup import Lookup, is_exact
from lossviz.masks import KINDS, Painting, as_mask, text_of
from lossviz.panels.panel import Panel
from lossviz.stills.mask import WRITTEN, Seen, draw
from lossviz.stills.numbers import number

MAX_SIDE = 16  # pixels: smaller ones can be neither hit by a finger nor read
OWN = ("target", "show", "write", "painted")  # controls that are always there, or can be


def explore_mask(
    losses: Mapping,
    targets,
    *,
    painted=None,
    readout: Mapping | None = None,
    per_pixel: Sequence[str] = (),
    low: float = 0.1,
    high: float = 0.9,
    controls: Mapping | None = None,
    show: str | None = None,
    write: str = "arrow",
    variable: str = "p",
    title: str = "mask",
    call: str | None = None,
    predict: bool = False,
    digits: int = 3,
    name: str | None = None,
) -> Explorer:
    """A mask to paint over the outline of a target: losses of it, and the push of one at each pixel.

    losses     {"Dice": function} or {"Dice": (function, gradient)}: function(prediction, target, **controls)
               gives one number, for arrays of shape (1, 1, rows, columns); gradient, of the same arguments,
               a number for each pixel; without it autograd's, or central differences
    targets    {"square": rows of 0 and 1}, all of one shape, or the rows alone; 2 to 16 rows and columns
    painted    the first mask, of the same shape (default: the first target, shifted by one pixel)
    readout    {"IoU": function}: further numbers, without gradient; each as a function of `losses`
    per_pixel  names of losses that add over pixels, such as a boundary loss. All others may depend on how
               many pixels of the target and how many others are painted, but not on which, and their gradient
               must be one number for each of the four kinds of pixel: hand over one averaged over ties
    low, high  what is predicted where nothing is painted, and where something is
    show       the loss whose gradient colours the pixels (default: the first)
    write      what stands in the pixels at first: the "arrow" of a step against the gradient, the
               gradient's "number", or "nothing"
    variable   the name of what is predicted, as in ∂Dice/∂p
    predict    hides the gradient until "reveal"
    The rest as in `explore`. Each position of a control is a table of its own: few are enough. `painted` of
    the widget is what is painted, as hexadecimal digits of its bits; it may be set to rows of 0 and 1. Raises
    ValueError for shapes, names and levels that do not fit, and for a loss that depends on other things.
    """
    losses, readout = _losses(losses), mapping("readout", readout)
    targets = _targets(targets)
    shape = next(iter(targets.values())).shape
    made = setup(controls)
    if taken := [name for name in OWN if name in made]:
        raise ValueError(f"the controls {', '.join(OWN)} are the mask's own, got {taken[0]!r}")
    check_range("low and high", low, high)
    check_texts(variable=variable)
    per_pixel = _known("per_pixel", per_pixel, [*losses, *readout])
    lookup = Lookup(made)
    over = [Painted(target, float(low), float(high)) for target in targets.values()]
    found = _fill(lookup, over, losses, readout, per_pixel)
    reach = {loss: _reach(lookup, loss, over) for loss in losses}
    finest = {loss: [_digits(size, digits) for size in sizes] for loss, sizes in reach.items()}
    own = {
        "target": Choice(list(targets)) if len(targets) > 1 else None,
        "show": Choice(list(losses), show, label="gradient of") if len(losses) > 1 else None,
        "write": Choice(list(WRITTEN), write, label="in pixels"),
        "painted": Painting(_first(painted, next(iter(targets.values())))),
    }
    return finish(
        PANEL,
        lookup,
        {key: control for key, control in own.items() if control},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=True,
        rows=shape[0],
        columns=shape[1],
        targets=[{"name": key, "mask": text_of(target)} for key, target in targets.items()],
        losses=list(losses),
        found=found,
        reach=reach,
        gradDigits=finest,
        levels=[f"{level:g}".replace("-", "−") for level in (low, high)],
        variable=variable,
    )


def _losses(given) -> dict:
    """Each loss with its gradient, or None."""
    made = {}
    for key, value in mapping("losses", given).items():
        function, gradient = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value, None)
        check_callable(function, f"the loss {key!r}")
        if gradient is not None:
            check_callable(gradient, f"the gradient of {key!r}")
        made[key] = function, gradient
    if not 1 <= len(made) <= 6:
        raise ValueError(f"losses must hold one to six functions with their names, got {list(made)}")
    return made


def _targets(given) -> dict[str, np.ndarray]:
    named = given if isinstance(given, Mapping) else {"target": given}
    if not named:
        raise ValueError("targets must hold at least one mask, got none")
    made = {key: as_mask(f"target {key!r}", value) for key, value in mapping("targets", named).items()}
    shapes = {target.shape for target in made.values()}
    if len(shapes) > 1 or not all(2 <= side <= MAX_SIDE for side in min(shapes)):
        raise ValueError(
            f"targets must have one shape of 2 to {MAX_SIDE} rows and columns, got {sorted(shapes)}"
        )
    return made


def _known(what: str, given, names: list[str]) -> list[str]:
    listed = None if isinstance(given, str) else as_list(given)
    if listed is None or [name for name in listed if name not in names]:
        raise ValueError(f"{what} must be a list of names among {names}, got {given!r}")
    return listed


def _first(given, target: np.ndarray) -> np.ndarray:
    """The first mask: as given, else with a pixel of each kind, as far as the target allows."""
    if given is not None:
        return as_mask("painted", given, target.shape)
    shifted = np.pad(target, ((0, 0), (1, 0)))[:, :-1]
    if not shifted.any():
        shifted[target.shape[0] // 2, target.shape[1] // 2] = True
    return shifted


# The tables


def _fill(lookup: Lookup, over: list[Painted], losses: dict, readout: Mapping, per_pixel: list[str]) -> dict:
    """Looks up values and gradients over each target; returns how the gradients were found."""
    found = {}
    for place, painted in enumerate(over):
        for key, (function, gradient) in losses.items():
            _add(lookup, "loss", key, function, place, painted, key in per_pixel)
            way, slope = counted.given, gradient
            if gradient is None:
                followed = counted.is_by_autograd(painted, function, lookup.first_setting(function))
                way, slope = counted.by_autograd if followed else counted.by_differences, function
                found[key] = "autograd" if followed else "central differences"
            _add(lookup, "grad", key, slope, place, painted, key in per_pixel, way)
        for key, function in readout.items():
            function = check_callable(function, f"readout {key!r}")
            _add(lookup, "readout", key, function, place, painted, key in per_pixel)
    return found


def _add(lookup, role, key, function, place, painted, adds, way=None) -> None:
    """One series: of values, or of gradients that are found in some way."""
    settings = math.prod(len(lookup.controls[axis].values) for axis in depends_on(function, lookup.controls))
    rows = 1 if adds else painted.pairs
    if rows * settings > MAX_POSITIONS:
        raise ValueError(
            f"{role} {key!r}: {rows:,} pairs of counts x {settings:,} settings of its controls make "
            f"{rows * settings:,} masks to call it at; at most {MAX_POSITIONS:,} fit. "
            "Give its controls fewer positions, or take a smaller mask."
        )
    pixels = painted.target.size
    if way is None:
        of = counted.values_by_pixels if adds else counted.values_by_counts
        size = pixels + 1 if adds else rows
        evaluate = partial(of, painted)
    else:
        of = counted.gradients_by_pixels if adds else counted.gradients_by_counts
        size = 2 * pixels if adds else len(KINDS) * rows

        def evaluate(f, setting):
            return of(painted, way(painted, f), setting).ravel()

    lookup.add(role, key, function, size, evaluate, at={"target": place}, form="pixels" if adds else "counts")


def _reach(lookup: Lookup, loss: str, over: list[Painted]) -> list[float]:
    """For each target the gradient that has the full colour: the largest, but for a few far larger ones."""
    found = []
    for series, block in zip(lookup.series, lookup.blocks, strict=True):
        if series["role"] == "grad" and series["name"] == loss:
            sizes = np.abs(block[is_exact(block) & (block != 0)])
            found.append(float(min(sizes.max(), 4 * np.quantile(sizes, 0.9))) if sizes.size else 0.0)
    # Where the gradient vanishes beside that of the other targets, it has no colour.
    return [max(size, 0.02 * max(found)) or 1.0 for size in found]


def _digits(reach: float, digits: int) -> int:
    """As many digits as show three of the largest gradient."""
    return int(np.clip(2 - math.floor(math.log10(reach)), digits, 7))


# What is said of it


def facts(e: Explorer) -> str:
    """How much is painted, the numbers, and the gradient at each kind of pixel that there is."""
    seen = Seen(e)
    tp, fn, fp, _ = seen.counts
    said = [f"painted {tp} of {tp + fn}, {fp} outside"]
    said += [f"{name} {number(value, e.spec['digits'])}" for name, value in seen.readouts()]
    if e.revealed:
        pushes = zip(KINDS, seen.pushes(number), strict=True)
        said.append(f"{seen.label} " + ", ".join(f"{kind} {push}" for kind, push in pushes if push))
    return "; ".join(said)


PANEL = Panel("mask", facts, draw)
