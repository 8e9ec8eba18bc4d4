"""The lists of chapters and of exercises that pages show, computed from the chapters."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from lossviz.chapters import Chapter, Exercise, parts, read, title
from lossviz.place import handbook

NOT_HERE = "This list is made from the handbook's files, which are not here; its site has it too."


class Listing:
    """A part of a page that is computed, in Markdown: on the site it is as if it were written there."""

    def __init__(self, *lines: str):
        self.text = "\n".join(lines).rstrip()

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


def course_table() -> Listing:
    """The chapters in their order: level, what comes before, minutes and what one can do afterwards."""
    if (root := handbook()) is None:
        return Listing(NOT_HERE)
    chapters = [chapter for within in parts(root).values() for chapter in within]
    short = {Path(chapter.file).name: chapter.short for chapter in chapters}
    rows = [
        f"| [{c.short}](../{c.file}.ipynb) | {c.level} | {short[c.after] if c.after else 'nothing'} "
        f"| {c.minutes} | {c.skill} |"
        for c in chapters
    ]
    head = ("| chapter | level | before it | minutes | afterwards you can |", "|---|---|---|---|---|")
    return Listing('<div data-ticks="chapters">', "", *head, *rows, "", "</div>")


def exercise_tables() -> Listing:
    """All exercises: a heading for each part of the book and for each chapter, which has a table."""
    if (root := handbook()) is None:
        return Listing(NOT_HERE)
    lines = []
    for caption, chapters in parts(root).items():
        lines += [f"## {caption}", ""]
        for chapter in chapters:
            within = f'<div data-ticks="exercises" data-chapter="{escape(chapter.title)}">'
            lines += [f"### {chapter.title}", "", within, ""]
            lines += ["| exercise | about | name |", "|---|---|---|"]
            lines += [_exercise_row(chapter, exercise) for exercise in chapter.exercises]
            lines += ["", "</div>", ""]
    return Listing(*lines)


def cards(across: str, pages: Mapping[str, str]) -> Listing:
    """The chapters with their gists, a card for each part of the book; the last is for pages across them.

    across  the heading of the last card
    pages   the gists of the pages on it, by the names of their notebooks beside the present one
    """
    if (root := handbook()) is None:
        return Listing(NOT_HERE)
    lists = {
        caption: [f"- [{c.short}](../{c.file}.ipynb): {c.gist}" for c in chapters]
        for caption, chapters in parts(root).items()
    }
    lists[across] = [
        f"- [{title(read(root / 'book' / f'{page}.ipynb'))}]({page}.ipynb): {gist}"
        for page, gist in pages.items()
    ]
    boxes = [["<div>", "", f"**{caption}**", "", *lines, "", "</div>"] for caption, lines in lists.items()]
    return Listing('<div class="cards">', *(line for box in boxes for line in box), "</div>")


def _anchor(heading: str) -> str:
    """The part of an address that leads to a heading, as JupyterLab, GitHub and the site name it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _exercise_row(chapter: Chapter, exercise: Exercise) -> str:
    within, own = exercise.name.split("/")
    # The name may break behind the chapter's.
    name = f'<code data-exercise="{exercise.name}">{within}/<wbr>{own}</code>'
    link = f"[{exercise.heading}](../{chapter.file}.ipynb#{_anchor(exercise.heading)})"
    return f"| {link} | {exercise.about} | {name} |"
