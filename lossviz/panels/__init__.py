"""The kinds of explorers, one module a kind: what a reader calls, its facts in words, its still picture.

Each evaluates the functions that it is given once, at every position of the controls, when it is called. A
kind is named here and nowhere else on the side of Python.
"""

from importlib import import_module

from lossviz.panels.bars import Bars, explore_bars
from lossviz.panels.curves import explore
from lossviz.panels.lattice import explore_lattice
from lossviz.panels.map import explore_heatmap
from lossviz.panels.mask import explore_mask
from lossviz.panels.plane import explore_plane
from lossviz.panels.training import explore_training

_KINDS = ("bars", "cells", "curves", "lattice", "map", "mask", "plane", "training")

PANELS = {kind: import_module(f"{__name__}.{kind}").PANEL for kind in _KINDS}

__all__ = [
    "PANELS",
    "Bars",
    "explore",
    "explore_bars",
    "explore_heatmap",
    "explore_lattice",
    "explore_mask",
    "explore_plane",
    "explore_training",
]
