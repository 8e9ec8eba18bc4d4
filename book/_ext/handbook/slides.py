"""A deck of slides for each notebook whose cells say what becomes of them (JupyterLab: "Slide Type").

The deck is made of the finished page, <chapter>.html, and lies beside it as <chapter>-slides.html. As
everywhere in Jupyter, a cell begins a slide or a sub-slide, appears on the next key (fragment), is said, not
shown (notes), is left out (skip), or follows what stands before it. On a slide a Markdown cell shows its
headings, its formulas, its first paragraph and what is folded, such as the answers to a question; the rest of
it goes to the speaker's notes, and the code that draws a picture or an explorer stays at home (slides.css).
Of the card at a glance a slide shows a few rows, large enough for the last row of the room.
"""

import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import sphinx_revealjs
from docutils import nodes

REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
FILES = ["dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", "LICENSE"]
CELL_LINES = 10_000  # MyST-NB numbers the lines of cell k from (k + 1) * 10000
MARK = re.compile(r"<!--cell (\d+) (\w+)-->")
SECTION = re.compile(r"</?section\b[^>]*>")
# What a page has and a slide does not: anchors of headings, and ids, which the page itself already has.
HEADER_LINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
SHOWN = {"title", "math_block", "container", "table", "image", "figure"}
LEADS_ON = re.compile(r":\s*</p>\s*$")  # a paragraph that says that something follows
SECOND_READING = '<small data-reading="second">'  # a paragraph that says of a section that it can wait
STARTS = {"slide", "subslide"}
# The key that goes on opens the right answer first, on the last slide too; slides.js hears of it.
ANSWER, REVEALS = '<details class="right">', '<span class="fragment" data-reveals="answer"></span>'
CARD = re.compile(r'(?<=<table class="lossviz-card").*?</table>', re.DOTALL)
CARD_ROW = re.compile(r'<tr data-row="(\w+)".*?</tr>', re.DOTALL)
CARD_ROWS = {"input", "target", "use_when", "avoid_when"}


def cell_of(node) -> int | None:
    """The index of the notebook's cell that this node of a page comes from."""
    if "cell_index" in getattr(node, "attributes", {}):
        return node["cell_index"]
    line = next((n.line for n in node.findall() if getattr(n, "line", None)), 0)
    return line // CELL_LINES - 1 if line >= CELL_LINES else None


def short_card(page: str) -> str:
    """The block with a card of these few rows."""

    def keep(row: re.Match) -> str:
        return row[0] if row[1] in CARD_ROWS else ""

    return CARD.sub(lambda card: CARD_ROW.sub(keep, card[0]), page)


@dataclass
class Slide:
    """What is shown and what is said, as HTML."""

    shown: str = ""
    notes: str = ""


def types(notebook: Path) -> list[str] | None:
    """What becomes of each cell; None where no cell says anything, and for a page that is no notebook."""
    if notebook.suffix != ".ipynb":
        return None
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    found = [cell["metadata"].get("slideshow", {}).get("slide_type", "-") for cell in cells]
    return found if STARTS & set(found) else None


def mark(doctree) -> None:
    """Before each block of the page: the cell that it comes from, and what kind of block it is."""
    for parent in [doctree, *doctree.findall(nodes.section)]:
        for node in [child for child in parent.children if not isinstance(child, nodes.section)]:
            if (cell := cell_of(node)) is not None:
                note = nodes.raw("", f"<!--cell {cell} {node.tagname}-->", format="html")
                parent.insert(parent.index(node), note)


def is_marked(body: str) -> bool:
    return MARK.search(body) is not None


def blocks(body: str) -> list[tuple[int, str, str]]:
    """Cell, kind and HTML of each block of a marked page."""
    _, *parts = MARK.split(body)
    triples = zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
    return [(int(cell), kind, HEADER_LINK.sub("", SECTION.sub("", page))) for cell, kind, page in triples]


def deck(found: list[tuple[int, str, str]], kinds: list[str]) -> list[list[Slide]]:
    """The stacks of slides: a slide and its sub-slides each. One without a heading repeats the last."""
    stacks, title, place = [], "", "slide"
    for cell, own in itertools.groupby(found, key=lambda block: block[0]):
        if kinds[cell] == "skip":
            continue
        if kinds[cell] == "slide" or not stacks:
            stacks.append([Slide()])
        elif kinds[cell] == "subslide":
            stacks[-1].append(Slide())
        if kinds[cell] not in ("-", "notes"):
            place = kinds[cell]
        slide, shown, paragraphs, folded = stacks[-1][-1], "", 0, 0
        for _, kind, page in own:
            is_folded = folded > 0 or "<details" in page
            folded += page.count("<details") - page.count("</details>")
            is_read = kind not in SHOWN and not is_folded and not LEADS_ON.search(shown)
            can_wait = SECOND_READING in page
            paragraphs += is_read and not can_wait
            if kinds[cell] == "notes" or can_wait or (is_read and paragraphs > 1):
                slide.notes += page
                continue
            title = page if kind == "title" else title
            if not slide.shown and not shown and kind != "title":
                shown += title
            shown += short_card(page)
        slide.shown += f'<div class="fragment">{shown}</div>' if shown and place == "fragment" else shown
    for slide in itertools.chain(*stacks):
        slide.shown += REVEALS if ANSWER in slide.shown else ""
    return stacks


def write(body: str, notebook: Path, page: Path, templates, frame: dict) -> str:
    """Writes the deck beside its page; returns the body without its marks, with a link to the deck.

    `templates` renders slides.html with the stacks of slides and with what is in `frame`.
    """
    target = page.with_name(f"{page.stem}-slides.html")
    # The anchors stay with the page.
    stacks = deck(blocks(body.replace(' href="#', f' href="{page.name}#')), types(notebook))
    target.parent.mkdir(parents=True, exist_ok=True)  # the page itself is written after this
    target.write_text(templates.render("slides.html", {"stacks": stacks} | frame), "utf-8")
    link = f'<p class="handbook-slides d-print-none"><a href="{target.name}">This chapter as slides</a></p>'
    return MARK.sub("", body) + link


def is_deck(page: Path) -> bool:
    return page.name.endswith("-slides.html")


def write_reveal(folder: Path) -> None:
    """Writes the program that shows the decks."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (folder / Path(file).name).write_bytes((REVEAL / file).read_bytes())
