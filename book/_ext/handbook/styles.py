"""Of the theme's style sheets the rules that a page can use: most are for parts that no page here has.

A rule stays while one of its selectors can match, which is so when each class and each id in it is named by a
page, or is a word of a script, since scripts set classes.
"""

import re
from collections.abc import Iterable
from pathlib import PurePath

import tinycss2

# What is not listed is the handbook's own, or a deck's.
SHEETS = [f"_static/{name}" for name in ("basic", "copybutton", "mystnb.*", "pygments", "styles/*")]
NAMED = re.compile(r'\b(?:class|id)="([^"]*)"')
SCRIPT = re.compile(r"<script(?![^>]*json)[^>]*>(.*?)</script>", re.DOTALL)
WORD = re.compile(r"[A-Za-z_][\w-]*")
NESTED = {"media", "supports", "layer", "container"}


def is_of_theme(path: PurePath) -> bool:
    """Whether the style sheet comes with the theme or with an extension."""
    return any(path.match(f"{sheet}.css") for sheet in SHEETS)


def names(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Every class and id that the pages have or that a script may set."""
    pages = list(pages)
    found = {name for page in pages for names in NAMED.findall(page) for name in names.split()}
    within = [text for page in pages for text in SCRIPT.findall(page)]
    return found.union(*(WORD.findall(text) for text in [*within, *scripts]))


def _selectors(prelude: list) -> list[list]:
    """The tokens of each selector of a rule; those between brackets belong to a selector's token."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _can_match(selector: list, known: set[str]) -> bool:
    # Names inside :not(…) or :is(…) need not be there: they stand inside the token of the function.
    for token, after in zip(selector, [*selector[1:], None], strict=True):
        if token.type == "hash" and token.value not in known:
            return False
        if token == "." and after is not None and after.type == "ident" and after.value not in known:
            return False
    return True


def _used(rule, known: set[str]) -> str:
    """The rule as text, less the selectors that cannot match; empty when none is left."""
    if rule.type == "qualified-rule":
        left = [one for one in _selectors(rule.prelude) if _can_match(one, known)]
        body = tinycss2.serialize(rule.content)
        return f"{','.join(tinycss2.serialize(one).strip() for one in left)}{{{body}}}" if left else ""
    if rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in NESTED:
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        body = "".join(_used(one, known) for one in inner)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}" if body else ""
    return rule.serialize()


def used(sheet: str, known: set[str]) -> str:
    """The style sheet with the rules of which a selector can match where only the names `known` occur.

    Raises ValueError when the sheet cannot be read.
    """
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"a style sheet must be valid CSS; line {rule.source_line}: {rule.message}")
    return "".join(_used(rule, known) for rule in rules)
