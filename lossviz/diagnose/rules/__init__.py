"""The rules, one file a family: each is a function of a `Call` that returns a `Finding`, or None.

They run in the order below. A later rule sees what the ones before found, so that a nan is not told twice.
"""

from collections.abc import Callable
from dataclasses import replace

from lossviz.diagnose.call import Call
from lossviz.diagnose.finding import Finding
from lossviz.diagnose.rules import (
    compounds,
    domains,
    gradients,
    labels,
    numbers,
    numerics,
    reductions,
    refusals,
    segmentation,
    shapes,
    weights,
)

FAMILIES = (
    shapes, domains, labels, weights, reductions, segmentation, compounds,
    numerics, gradients, numbers, refusals,
)  # fmt: skip
RULES: tuple[Callable[[Call], Finding | None], ...] = tuple(
    rule for family in FAMILIES for rule in family.RULES
)


def run(call: Call, failures: dict[str, None]) -> list[Finding]:
    """What all rules find in a call. One that fails is named in `failures`: it must not stop a training.

    Of complex numbers, which have no order, and of tensors without data only a refusal is told.
    """
    for rule in RULES if call.has_numbers else refusals.RULES:
        try:
            seen = rule(call)
        except Exception as error:
            failures[f"{rule.__name__} on {call.name}: {type(error).__name__}: {error}"] = None
            continue
        if seen:
            call.findings.append(replace(seen, rule=rule.__name__))
    return call.findings
