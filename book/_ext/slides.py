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
STARTS = {"slide", "subslide"}
CARD = re.compile(r'(?<=<table class="lossviz-card").*?</table>', re.DOTALL)
CARD_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CARD_ROWS = ("input", "target", "use when", "avoid when")


def cell_of(node) -> int | None:
    """The index of the notebook's cell that this node of a page comes from."""
    if "cell_index" in getattr(node, "attributes", {}):
        return node["cell_index"]
    line = next((n.line for n in node.findall() if getattr(n, "line", None)), 0)
    return line // CELL_LINES - 1 if line >= CELL_LINES else None


def short_card(page: str) -> str:
    """The block with a card of these few rows; a row without a label belongs to the one above it."""
    label = ""

    def keep(row: re.Match) -> str:
        nonlocal label
        if found := re.search(r"<th\b[^>]*>([^<]*)</th>", row[0]):
            label = found[1]
        return row[0] if label in CARD_ROWS else ""

    return CARD.sub(lambda card: CARD_ROW.sub(keep, card[0]), page)


@dataclass
class Slide:
    """What is shown and what is said, as HTML."""

    shown: str = ""
    notes: str = ""


def slide_types(source: Path) -> list[str] | None:
    """What becomes of each cell, None where no cell says anything."""
    cells = json.loads(source.read_text("utf-8"))["cells"]
    types = [cell["metadata"].get("slideshow", {}).get("slide_type", "-") for cell in cells]
    return types if STARTS & set(types) else None


def mark(app, doctree, docname):
    """Before each block of the page: the cell that it comes from, and what kind of block it is."""
    source = Path(app.env.doc2path(docname))
    if app.builder.format != "html" or source.suffix != ".ipynb" or slide_types(source) is None:
        return
    for parent in [doctree, *doctree.findall(nodes.section)]:
        for node in [child for child in parent.children if not isinstance(child, nodes.section)]:
            if (cell := cell_of(node)) is not None:
                note = nodes.raw("", f"<!--cell {cell} {node.tagname}-->", format="html")
                parent.insert(parent.index(node), note)


def blocks(body: str) -> list[tuple[int, str, str]]:
    """Cell, kind and HTML of each block of a marked page."""
    _, *parts = MARK.split(body)
    triples = zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
    return [(int(cell), kind, HEADER_LINK.sub("", SECTION.sub("", page))) for cell, kind, page in triples]


def deck(found: list[tuple[int, str, str]], types: list[str]) -> list[list[Slide]]:
    """The stacks of slides: a slide and its sub-slides each. One without a heading repeats the last."""
    stacks, title, place = [], "", "slide"
    for cell, own in itertools.groupby(found, key=lambda block: block[0]):
        if types[cell] == "skip":
            continue
        if types[cell] == "slide" or not stacks:
            stacks.append([Slide()])
        elif types[cell] == "subslide":
            stacks[-1].append(Slide())
        if types[cell] not in ("-", "notes"):
            place = types[cell]
        slide, shown, paragraphs, folded = stacks[-1][-1], "", 0, 0
        for _, kind, page in own:
            is_folded = folded > 0 or "<details" in page
            folded += page.count("<details") - page.count("</details>")
            paragraphs += kind not in SHOWN and not is_folded
            if types[cell] == "notes" or (kind not in SHOWN and not is_folded and paragraphs > 1):
                slide.notes += page
                continue
            title = page if kind == "title" else title
            if not slide.shown and not shown and kind != "title":
                shown += title
            shown += short_card(page)
        slide.shown += f'<div class="fragment">{shown}</div>' if shown and place == "fragment" else shown
    return stacks


def on_page(app, pagename, templatename, context, doctree):
    if not MARK.search(context.get("body", "")):
        return
    chapter = pagename.rsplit("/", 1)[-1]
    name = f"{chapter}-slides.html"
    # The anchors stay with the page.
    body = context["body"].replace(' href="#', f' href="{chapter}.html#')
    stacks = deck(blocks(body), slide_types(Path(app.env.doc2path(pagename))))
    link = f'<p class="handbook-slides d-print-none"><a href="{name}">This chapter as slides</a></p>'
    context["body"] = MARK.sub("", context["body"]) + link
    page = app.builder.templates.render(
        "slides.html",
        {"stacks": stacks, "title": context["title"], "pathto": context["pathto"], "pagename": pagename},
    )
    target = (Path(app.outdir) / pagename).with_name(name)
    target.parent.mkdir(parents=True, exist_ok=True)  # the page itself is written after this
    target.write_text(page, "utf-8")


def write_files(app, exception):
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "reveal"
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (folder / Path(file).name).write_bytes((REVEAL / file).read_bytes())


def setup(app):
    # When all links are known; and after the other extensions have changed what stands on the page.
    app.connect("doctree-resolved", mark, priority=900)
    app.connect("html-page-context", on_page, priority=900)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
