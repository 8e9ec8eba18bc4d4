"""The whole handbook as one PDF, printed by Chromium from the built site: _build/handbook.pdf."""

import html
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml
from playwright.sync_api import Error as BrowserError
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject, NullObject, TextStringObject

sys.path.insert(0, str(Path(__file__).parent.parent))
from tools import hosts

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
TITLE = "The Loss Function Handbook"
ABOUT = (
    "Every formula computed, every number checked against PyTorch. "
    "The curves of this book can be moved in its notebooks and on its site."
)
FOOTER = """<div style="font: 8px sans-serif; color: #666; width: 100%; padding: 0 14mm">
<span class="title"></span></div>"""
SCALE = 0.85  # of the type on the site: a line of code then fits on paper
MARGIN = {"top": "16mm", "bottom": "18mm", "left": "14mm", "right": "14mm"}
# On paper nothing unfolds: answers, hints and solutions stand open, all but the numbers of an explorer, and
# what an explorer covers is seen.
UNFOLD = """() => {
  document.querySelectorAll('.bd-article details').forEach(fold => {
    if (!fold.closest('.lossviz')) fold.open = true;
  });
  document.querySelectorAll('.lossviz [data-act=reveal][data-on=false]').forEach(button => button.click());
}"""
# A page fetches a picture when a reader comes near, and here nobody comes.
FETCH = """() => Promise.all([...document.querySelectorAll('article img')].map(picture => {
  picture.loading = 'eager';
  return picture.decode();
}))"""
FRONT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 10.5pt/1.45 sans-serif; margin: 0 }}
header {{ height: 235mm; display: flex; flex-direction: column; justify-content: center; break-after: page }}
h1 {{ font-size: 34pt; line-height: 1.15; margin: 0 0 8mm }}
h2 {{ font-size: 11pt; margin: 3.5mm 0 0.5mm }}
a {{ display: flex; gap: 2mm; color: inherit; text-decoration: none; break-inside: avoid }}
a i {{ flex: 1; border-bottom: 1px dotted #999; margin-bottom: 1.2mm }}
main > h1 {{ font-size: 20pt }}
</style><header><h1>{title}</h1><p>{about}</p></header><main><h1>Contents</h1>{lines}</main>"""
NUMBERS = """<!doctype html><meta charset="utf-8"><style>
div {{ height: 297mm; box-sizing: border-box; padding: 287.2mm 14mm 0; text-align: right }}
div {{ font: 8px sans-serif; color: #666 }}
body {{ margin: 0 }} div + div {{ break-before: page }}
</style>{pages}"""


class PageError(Exception):
    """A page of the site that cannot be printed whole."""


@dataclass
class Chapter:
    """A printed page of the site, and by their ids where its sections begin: (sheet, height)."""

    address: str
    title: str
    sheets: list[PageObject]
    places: dict[str, tuple[int, float]]


def contents(toc: Path) -> list[tuple[str, list[str]]]:
    """Parts of the book with their pages, as addresses on the site; the start page has a part of its own."""
    book = yaml.safe_load(toc.read_text("utf-8"))
    parts = [(p["caption"], [f"{c['file']}.html" for c in p["chapters"]]) for p in book["parts"]]
    return [("", [f"{book['root']}.html"]), *parts]


def to_pdf(page, **options) -> PdfReader:
    return PdfReader(io.BytesIO(page.pdf(format="A4", **options)))


def print_page(page, url: str) -> Chapter:
    """A page of the site on paper, all explorers drawn as they stand."""
    answer = page.goto(url, wait_until="networkidle")
    if not answer.ok:
        raise PageError(f"{url} is not there ({answer.status})")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    stills = page.locator(".lossviz-still")
    for _ in range(600):
        if stills.count() == 0:
            break
        page.wait_for_timeout(50)
    else:
        raise PageError(f"{stills.count()} explorers of {url} are not drawn after half a minute")
    page.evaluate(UNFOLD)
    page.evaluate(FETCH)
    page.evaluate("document.fonts.ready.then(() => true)")
    title = page.locator("h1").first.evaluate("h => h.firstChild.textContent.trim()")
    printed = to_pdf(
        page,
        margin=MARGIN,
        scale=SCALE,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        print_background=False,
    )
    places = {
        name.lstrip("/"): (printed.get_destination_page_number(place), float(place.top))
        for name, place in printed.named_destinations.items()
    }
    return Chapter(urldefrag(url).url, title, list(printed.pages), places)


def front(page, parts: list[tuple[str, list[Chapter]]]) -> list[PageObject]:
    """The title and the contents, with the numbers of the pages: they count the contents' own pages too."""

    def printed(before: int) -> list[PageObject]:
        lines, number = "", before + 1
        for caption, chapters in parts:
            lines += f"<h2>{html.escape(caption)}</h2>" if caption else ""
            for chapter in chapters:
                lines += f'<a href="{chapter.address}">{html.escape(chapter.title)} <i></i> {number}</a>'
                number += len(chapter.sheets)
        page.set_content(FRONT.format(title=TITLE, about=ABOUT, lines=lines))
        return list(to_pdf(page, margin=MARGIN).pages)

    return printed(len(printed(0)))


def relink(writer: PdfWriter, site: str, bounds: list[tuple[int, Chapter]]) -> None:
    """Links between pages of the site, and within one, lead to their sheet of the book; `bounds` has the
    first sheet of each chapter. A link to what the book does not hold leads nowhere."""
    chapters = {chapter.address: (first, chapter) for first, chapter in bounds}
    for number, sheet in enumerate(writer.pages):
        own = next((chapter for first, chapter in reversed(bounds) if first <= number), None)
        for annotation in (a.get_object() for a in sheet.get("/Annots", [])):
            action = annotation.get("/A", {})
            if "/URI" in action:
                address, fragment = urldefrag(action["/URI"])
            elif own is not None and (name := annotation.get("/Dest") or action.get("/D")):
                address, fragment = own.address, str(name).lstrip("/")
            else:
                continue
            if address not in chapters:
                if address.startswith(site):
                    annotation.pop("/A")
                continue
            first, chapter = chapters[address]
            offset, top = chapter.places.get(unquote(fragment), (0, float(sheet.mediabox.top)))
            target = writer.pages[first + offset].indirect_reference
            annotation.pop("/A", None)
            annotation[NameObject("/Dest")] = ArrayObject(
                [target, NameObject("/XYZ"), FloatObject(0), FloatObject(top), NullObject()]
            )


def number_sheets(page, writer: PdfWriter) -> None:
    """The number of each sheet but the title's, at its foot."""
    numbers = "".join(f"<div>{n or ''}</div>" for n in [0, *range(2, len(writer.pages) + 1)])
    page.set_content(NUMBERS.format(pages=numbers))
    for sheet, number in zip(writer.pages, to_pdf(page).pages, strict=True):
        sheet.merge_page(number)
        sheet.compress_content_streams()  # merging has unpacked them


def bind(browser, site: Path, parts: list[tuple[str, list[str]]], target: Path, say) -> int:
    """Writes the PDF and returns its number of pages."""
    writer = PdfWriter()
    with hosts.files(site) as address:
        page = browser.new_page(color_scheme="light")
        printed: list[tuple[str, list[Chapter]]] = []
        for caption, files in parts:
            printed.append((caption, []))
            for file in files:
                printed[-1][1].append(print_page(page, f"{address}/{file}"))
                say(printed[-1][1][-1].title)
        page.goto("about:blank")
        for sheet in front(page, printed):
            writer.add_page(sheet)
        bounds = []
        for caption, chapters in printed:
            part = None
            for chapter in chapters:
                bounds.append((len(writer.pages), chapter))
                for sheet in chapter.sheets:
                    writer.add_page(sheet)
                if caption and part is None:
                    part = writer.add_outline_item(title=caption, page_number=bounds[-1][0])
                writer.add_outline_item(title=chapter.title, page_number=bounds[-1][0], parent=part)
        relink(writer, address, bounds)
        number_sheets(page, writer)
        page.close()
    writer.add_metadata({"/Title": TITLE})
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")
    writer.compress_identical_objects()
    writer.write(target)
    return len(writer.pages)


def main() -> None:
    target = SITE.parent / "handbook.pdf"
    if not (SITE / "index.html").is_file():
        sys.exit(f"There is no site in {SITE}; build it: make book")
    try:
        with hosts.chromium() as browser:
            pages = bind(
                browser, SITE, contents(ROOT / "_toc.yml"), target, lambda title: print(f"  {title}")
            )
    except (hosts.HostError, BrowserError) as error:
        sys.exit(f"The PDF needs a Chromium: {error}")
    except PageError as error:
        sys.exit(str(error))
    print(f"The handbook as one PDF: {target} ({pages} pages, {target.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
