"""The still picture of an explorer, in matplotlib: what shows where no script runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from lossviz import figures
from lossviz.figures import PLAIN
from lossviz.lookup import DIGITS, LARGEST

if TYPE_CHECKING:
    from lossviz.explorer import Explorer


def number(value: float, digits: int) -> str:
    """A number as the page shows it: `digits` after the point, but no significant digit that is not kept.

    From 1e5 on, and below 0 digits, as a power of ten. Never "-0.000", which rounding makes of some machines'
    zeros.
    """
    value = float(value)
    size = abs(value)
    if LARGEST <= size < math.inf:
        return f"{'>' if value > 0 else '<-'}{LARGEST:.2e}"
    if 1e5 <= size < math.inf or digits < 0 < size < math.inf:
        return f"{value:.2e}"
    if 0 < size < math.inf:
        digits = min(digits, DIGITS - 1 - math.floor(math.log10(size)))
    text = f"{value:.{max(digits, 0)}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def draw(e: Explorer) -> Figure:
    """The present setting of an explorer as a figure."""
    figure = Figure(figsize=(7.4, 4.3), layout="constrained", dpi=100)
    DRAWERS[e.spec["kind"]](e, figure)
    return figure


def _draw_curves(e: Explorer, figure: Figure) -> None:
    top, low = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    spec = e.spec
    xs = np.array(next(c["values"] for c in spec["controls"] if c["name"] == "probe"))
    shown = [name for name in spec["overlays"] if name not in e.hidden]
    figures.draw_curves(
        xs,
        {
            next(s["name"] for s in spec["series"]): e.values("loss"),
            **{n: e.values("overlay", n) for n in shown},
        },
        probe=e.probe,
        ax=top,
    )
    top.set(ylim=spec["range"])
    top.set_ylabel(spec["lossLabel"], **PLAIN)
    top.set_title(spec["title"], **PLAIN)
    if e.revealed:
        curves = {"gradient": e.values("grad"), **{n: e.values("overlay grad", n) for n in shown}}
        figures.draw_curves(xs, curves, probe=e.probe, first="grad", legend=False, ax=low)
    low.set(ylim=spec["gradRange"], ylabel="gradient")
    low.set_xlabel(spec["xLabel"], **PLAIN)


def _draw_bars(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    axes = np.atleast_1d(figure.subplots(1, len(spec["groups"])))
    for ax, group in zip(axes, spec["groups"], strict=True):
        outline = any(s["role"] == "outline" and s["name"] == group["name"] for s in spec["series"])
        figures.draw_bars(
            e.values("bars", group["name"]),
            spec["labels"],
            outline=e.values("outline", group["name"]) if outline else None,
            style=group["style"],
            write=lambda value, digits=group["digits"]: number(value, digits),
            ax=ax,
        )
        ax.set(ylim=group["range"])
        if group["reveal"] and not e.revealed:
            ax.clear()
            ax.set(xticks=[], yticks=[])
        ax.set_title(group["name"], **PLAIN)
    readouts = [s["name"] for s in spec["series"] if s["role"] == "readout"]
    facts = [f"{name} {number(e.values('readout', name)[0], spec['digits'])}" for name in readouts]
    figure.suptitle("   ".join([spec["title"], *facts]), **PLAIN)


def _draw_heatmap(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    xs, ys = (
        np.array(next(c["values"] for c in spec["controls"] if c["name"] == n))
        for n in ("probe_x", "probe_y")
    )
    ax = figure.subplots()
    figures.draw_heatmap(
        xs,
        ys,
        e.values("value").reshape(len(ys), len(xs)),
        span=spec["range"],
        bands=len(spec["colors"]),
        cells=spec["cells"],
        write=lambda value: number(value, 2),
        probe=None if spec["cells"] else (e.probe_x, e.probe_y),
        ax=ax,
    )
    ax.set_xlabel(spec["xLabel"], **PLAIN)
    ax.set_ylabel(spec["yLabel"], **PLAIN)
    ax.set_title(spec["title"], **PLAIN)


def _draw_plane(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    ax = figure.subplots()
    circles = {s["name"]: e.values("circle", s["name"])[0] for s in spec["series"] if s["role"] == "circle"}
    steps = spec["stretch"] * e.values("arrows").reshape(-1, 2) if e.revealed else None
    figures.draw_plane(
        e.values("points").reshape(-1, 2),
        spec["labels"],
        arrows=steps,
        circles=circles,
        styles=spec["styles"],
        ax=ax,
    )
    readouts = [s["name"] for s in spec["series"] if s["role"] == "readout"]
    facts = [f"{name} {number(e.values('readout', name)[0], spec['digits'])}" for name in readouts]
    ax.set(xlim=spec["range"], ylim=spec["yRange"])
    ax.set_title("   ".join([spec["title"], *facts]), **PLAIN)


def _draw_training(e: Explorer, figure: Figure) -> None:
    spec = e.spec
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    shown = [s["name"] for s in spec["series"] if s["role"] == "curve" and s["name"] not in e.hidden]
    for group, marker in zip(spec["data"], "ox^", strict=False):
        left.plot(group["x"], group["y"], marker, color="#565f6e", markersize=5, label="_")
    figures.draw_curves(spec["x"], {name: e.values("curve", name) for name in shown}, ax=left)
    left.set(xlim=spec["range"], ylim=spec["yRange"])
    left.set_xlabel(spec["xLabel"], **PLAIN)
    left.set_ylabel(spec["yLabel"], **PLAIN)
    left.set_title(f"epoch {e.epoch:g}", fontsize="medium")
    epochs = next(c["values"] for c in spec["controls"] if c["name"] == "epoch")
    figures.draw_curves(epochs, {name: e.recorded(name) for name in shown}, legend=False, ax=right)
    right.axvline(e.epoch, color="#1f2430", alpha=0.35, linewidth=1)
    right.set(ylim=spec["historyRange"], xlabel="epoch")
    right.set_ylabel(spec["lossLabel"], **PLAIN)
    figure.suptitle(spec["title"], **PLAIN)


DRAWERS = {
    "curves": _draw_curves,
    "bars": _draw_bars,
    "heatmap": _draw_heatmap,
    "plane": _draw_plane,
    "training": _draw_training,
}
