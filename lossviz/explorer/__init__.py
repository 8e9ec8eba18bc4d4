"""The explorer: a live widget with a kernel, the same drawing on a page without, else a picture."""

from lossviz.explorer.row import SideBySide, side_by_side
from lossviz.explorer.widget import Explorer

__all__ = ["Explorer", "SideBySide", "side_by_side"]
