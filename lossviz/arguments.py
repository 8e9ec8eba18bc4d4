"""What the functions for readers take: each check raises ValueError with the rule and what was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lossviz import figures
from lossviz.controls import as_list


def mapping(what: str, given) -> Mapping:
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"{what} must be a dictionary of names, got {given!r}")
    wrong = [name for name in given or {} if not isinstance(name, str)]
    if wrong:
        raise ValueError(f"the names in {what} must be strings, got {wrong[0]!r}")
    return given or {}


def names_of(what: str, given, at_most: int) -> list[str]:
    """Names of bars or points as plain strings."""
    names = [str(name) for name in as_list(given) or ()]
    if not 1 <= len(names) <= at_most:
        raise ValueError(f"{what} must be a list of 1 to {at_most} names, got {given!r}")
    return names


def check_texts(**texts) -> None:
    for what, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ValueError(f"{what} must be a string, got {text!r}")


def check_callable(function, what="the function"):
    if not callable(function):
        raise ValueError(f"{what} must be callable, got {function!r}")
    return function


def pair(what: str, given) -> tuple:
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise ValueError(f"{what} must be a pair of numbers, got {given!r}")
    return tuple(given)


def check_styles(what: str, styles) -> None:
    known = list(figures.COLORS)
    if unknown := [style for style in styles if style not in known]:
        raise ValueError(f"{what} must be one of {known}, got {unknown[0]!r}")


def is_slider(name, controls: Mapping) -> bool:
    return isinstance(name, str) and name in controls and controls[name].kind == "slider"


def constant(value) -> Callable:
    return lambda: value
