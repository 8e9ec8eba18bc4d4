"""What a file of tests/losses says of its loss: calls, edges, refusals and answers, as data.

A call is a dictionary of arguments, arrays as NumPy arrays. Changes take the place of what a call has.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis.strategies import SearchStrategy

Call = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Cases:
    """One loss. Every loss has a usual call, and right and wrong answers to its exercises.

    usual             a call with small arrays, which all the changes below begin with
    calls             what hypothesis draws, where the types of the arguments do not say enough
    edges             by their names, calls in which the chapter's NumPy must give what torch gives
    stated            by their names, calls for which torch is no help: changes, value, gradient
    corners           corners(**call) says where, at a kink, releases of torch differ in the slope
    scalars           changes with options that are NumPy scalars, which must leave float32 alone
    dtyped            weights that both refuse in another dtype than input's
    refused           by the error's text, calls that the chapter's NumPy refuses
    refused_by_torch  by a part of the error's text, calls that torch refuses as well
    float16           whether torch has a kernel for it on a CPU
    right             by the exercise, an answer that `check` must accept
    wrong             exercise, an answer that `check` must refuse, and what it says of it
    refusing          by the exercise, how many of its cases ask for a ValueError
    """

    usual: Call
    calls: SearchStrategy | None = None
    edges: dict[str, Call] = field(default_factory=dict)
    stated: dict[str, tuple[Call, np.ndarray, np.ndarray]] = field(default_factory=dict)
    corners: Callable[..., np.ndarray] | None = None
    scalars: tuple[Call, ...] = ()
    dtyped: tuple[str, ...] = ()
    refused: dict[str, Call] = field(default_factory=dict)
    refused_by_torch: dict[str, Call] = field(default_factory=dict)
    float16: bool = True
    right: dict[str, object]
    wrong: list[tuple[str, object, str]]
    refusing: dict[str, int] = field(default_factory=dict)
