"""What a cell prints is one box, and its lines are broken where the cell broke them.

A kernel sends what is printed in pieces, cut wherever it happens to be flushed. MyST-NB's own
`nb_merge_streams` ends each piece with a line break, so a page would differ from one build to the next.
"""

from myst_nb.core import render
from nbval.plugin import coalesce_streams


def join_as_nbval() -> None:
    """Let `nb_merge_streams` join the pieces as they are, as the tests of the notebooks do."""
    render.coalesce_streams = coalesce_streams
