"""Tools of the Loss Function Handbook: explorers, comparison with PyTorch, exercises, the catalogue."""

from lossviz.checking import check_loss
from lossviz.compare import compare, grid
from lossviz.controls import Choice, Slider, Toggle
from lossviz.demo import demo, demos
from lossviz.diagnose import diagnose
from lossviz.exercises import check, hint
from lossviz.explorer.row import side_by_side
from lossviz.explorer.widget import Explorer
from lossviz.figures import draw_bars, draw_curves, draw_heatmap, draw_plane
from lossviz.libraries import library
from lossviz.losses import CATALOG
from lossviz.losses.card import card
from lossviz.losses.conventions import which_convention
from lossviz.misbehaves import in_trouble
from lossviz.panels import (
    Bars,
    explore,
    explore_bars,
    explore_heatmap,
    explore_lattice,
    explore_mask,
    explore_plane,
    explore_training,
)
from lossviz.training import epochs

__all__ = [
    "CATALOG",
    "Bars",
    "Choice",
    "Explorer",
    "Slider",
    "Toggle",
    "card",
    "check",
    "check_loss",
    "compare",
    "demo",
    "demos",
    "diagnose",
    "draw_bars",
    "draw_curves",
    "draw_heatmap",
    "draw_plane",
    "epochs",
    "explore",
    "explore_bars",
    "explore_heatmap",
    "explore_lattice",
    "explore_mask",
    "explore_plane",
    "explore_training",
    "grid",
    "hint",
    "in_trouble",
    "library",
    "side_by_side",
    "which_convention",
]
