"""The loop of a training demo, which says how far it is while the reader waits."""

from collections.abc import Iterator

from lossviz import waiting
from lossviz.controls import is_whole


def epochs(count: int, what: str) -> Iterator[int]:
    """The numbers 0 … count, with a line that tells how far they are: `for epoch in epochs(60, "MSE"):`.

    One more than `count`: what a model says after the last epoch is of interest too. The line is rewritten in
    place, and the last, "MSE: 60 of 60 epochs", is all that stays in a saved notebook. Raises ValueError for
    a count that is no whole number from 1 on.
    """
    if not is_whole(count) or count < 1:
        raise ValueError(f"count must be a whole number and at least 1, got {count!r}")
    line = waiting.Line(everywhere=True)
    told = waiting.Waiting(what, int(count), "epochs", after=waiting.EVERY, line=line)
    for told.done in range(count + 1):
        yield told.done
        if told.done < count:
            told.tell()
    line.show(str(told), end="\n")
