"""The loop of a training demo, which says how far it is while the reader waits."""

import time
from collections.abc import Iterator

EVERY = 0.1  # seconds between two lines


def epochs(count: int, what: str) -> Iterator[int]:
    """The numbers 0 … count, with a line that tells how far they are: `for epoch in epochs(60, "MSE"):`.

    One more than `count`: what a model says after the last epoch is of interest too. The line is rewritten in
    place, and the last, "MSE: 60 of 60 epochs", is all that stays in a saved notebook. Raises ValueError for
    a count that is no whole number from 1 on.
    """
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"count must be a whole number and at least 1, got {count!r}")
    told = time.monotonic()
    for epoch in range(count + 1):
        yield epoch
        if epoch < count and time.monotonic() - told > EVERY:
            told = time.monotonic()
            print(f"\r{what}: {epoch:{len(str(count))}d} of {count} epochs", end="", flush=True)
    print(f"\r{what}: {count} of {count} epochs")
