"""The lists of chapters and of exercises that pages show, computed from the chapters."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from lossviz.chapters import Chapter, Exercise, parts, read, title
from lossviz.losses import CATALOG
from lossviz.place import handbook
from lossviz.portraits import image

RELATIVE = re.compile(r"\]\((?!\w+:|#)")  # the beginning of a link's address that leads from the page itself
PICTURE = re.compile(r"<img [^>]*> ?")
NOT_HERE = "This list is made from the handbook's files, which are not here; its site has it too."


class Listing:
    """A part of a page that is computed, in Markdown: on the site it is as if it were written there.

    As text it has no pictures.
    """

    def __init__(self, *lines: str):
        self.text = "\n".join(lines).rstrip()

    def __repr__(self) -> str:
        return PICTURE.sub("", self.text)

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


def answer_key() -> Listing:
    """The right answers to the questions of all chapters, each with its reason: for those who teach."""
    if (root := handbook()) is None:
        return Listing(NOT_HERE)
    lines = []
    for chapter in (chapter for within in parts(root).values() for chapter in within):
        lines += [f"## {chapter.title}", ""]
        for number, answer in enumerate(chapter.answers, start=1):
            reason = RELATIVE.sub(rf"](../{Path(chapter.file).parent.as_posix()}/", answer.reason)
            lines += [f"{number}. **{answer.letter}**: {answer.text.rstrip('.')}. {reason}"]
        lines += [""]
    return Listing(*lines)


def cards(across: str, pages: Mapping[str, str]) -> Listing:
    """The gallery of chapters: those of each part of the book with portrait, gist and use; at last a list of
    pages across them.

    across  the heading of this list
    pages   the gists of the pages on it, by the names of their notebooks beside the present one
    """
    if (root := handbook()) is None:
        return Listing(NOT_HERE)
    lines = ['<div class="gallery">']
    for caption, chapters in parts(root).items():
        family = Path(chapters[0].file).parent.name
        lines += [f'<div class="losses family-{family}" style="--losses: {len(chapters)}">', ""]
        lines += [f"<h3>{caption}</h3>", "", *map(_card, chapters), "", "</div>"]
    lines += ['<div class="across">', "", f"<h3>{across}</h3>", ""]
    lines += [
        f"- [{title(read(root / 'book' / f'{page}.ipynb'))}]({page}.ipynb): {gist}"
        for page, gist in pages.items()
    ]
    return Listing(*lines, "", "</div>", "</div>")


def _card(chapter: Chapter) -> str:
    """A chapter in the gallery: a line each for name, gist and use, for in JupyterLab it is a plain list.

    One that is about no loss of the catalogue has no portrait and no use.
    """
    gist = chapter.gist[:1].upper() + chapter.gist[1:]
    lines = [f"[{chapter.short}](../{chapter.file}.ipynb)", f'<span class="gist">{gist}.</span>']
    if loss := CATALOG.get(Path(chapter.file).name):
        lines[0] = f"{image(loss)} {lines[0]}"
        lines.append(f'<span class="use">When {loss.use_when}.</span>')
    return f"- {'<br>'.join(lines)}"


def anchor(heading: str) -> str:
    """The part of an address that leads to a heading, as JupyterLab, GitHub and the site name it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _exercise_row(chapter: Chapter, exercise: Exercise) -> str:
    within, own = exercise.name.split("/")
    # The name may break behind the chapter's.
    name = f'<code data-exercise="{exercise.name}">{within}/<wbr>{own}</code>'
    link = f"[{exercise.heading}](../{chapter.file}.ipynb#{anchor(exercise.heading)})"
    return f"| {link} | {exercise.about} | {name} |"
