"""What an exercise is: what its answer is held against, and its hints."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Exercise:
    """What an answer is held against.

    asks_for   the call that the answer must support, or the value that it must be
    reference  computes the expected result, tensors in and tensor out; where it raises ValueError, so must
               the answer
    cases      keyword dictionaries, the simplest first; a single empty one if the answer is a value
    hints      from where to look to almost there; none gives the code or the number
    quietly    whether a warning of NumPy's on the way is a fault
    """

    asks_for: str
    reference: Callable
    cases: list
    hints: tuple[str, ...]
    quietly: bool = False

    @property
    def is_value(self):
        return self.cases == [{}]
