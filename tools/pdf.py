"""The whole handbook as one PDF, printed by Chromium from the built site: _build/handbook.pdf."""

import io
import sys
from pathlib import Path

import yaml
from playwright.sync_api import Error as BrowserError
from pypdf import PdfReader, PdfWriter

sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks import hosts

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
FOOTER = (
    '<div style="font: 8px sans-serif; color: #666; width: 100%; padding: 0 14mm; display: flex">'
    '<span class="title" style="flex: 1"></span>'
    '<span class="pageNumber"></span></div>'
)
MARGIN = {"top": "16mm", "bottom": "18mm", "left": "14mm", "right": "14mm"}


def contents(toc: Path) -> list[tuple[str, list[str]]]:
    """Parts of the book with their pages, as addresses on the site; the start page has a part of its own."""
    book = yaml.safe_load(toc.read_text("utf-8"))
    parts = [(p["caption"], [f"{c['file']}.html" for c in p["chapters"]]) for p in book["parts"]]
    return [("", [f"{book['root']}.html"]), *parts]


def print_page(page, url: str) -> tuple[str, bytes]:
    """The title of a page and its PDF, all explorers drawn as they stand."""
    page.goto(url, wait_until="networkidle")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    stills = page.locator(".lossviz-still")
    for _ in range(100):
        if stills.count() == 0:
            break
        page.wait_for_timeout(50)
    page.evaluate("document.fonts.ready.then(() => true)")
    title = page.locator("h1").first.evaluate("h => h.firstChild.textContent.trim()")
    content = page.pdf(
        format="A4",
        margin=MARGIN,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        print_background=False,
    )
    return title, content


def bind(browser, site: Path, parts: list[tuple[str, list[str]]], target: Path, say) -> int:
    """Writes the PDF and returns its number of pages."""
    writer = PdfWriter()
    with hosts.files(site) as address:
        page = browser.new_page(color_scheme="light")
        for caption, files in parts:
            part = None
            for file in files:
                title, content = print_page(page, f"{address}/{file}")
                say(title)
                first = len(writer.pages)
                for sheet in PdfReader(io.BytesIO(content)).pages:
                    writer.add_page(sheet)
                if caption and part is None:
                    part = writer.add_outline_item(title=caption, page_number=first)
                writer.add_outline_item(title=title, page_number=first, parent=part)
        page.close()
    writer.add_metadata({"/Title": "The Loss Function Handbook"})
    writer.compress_identical_objects()
    writer.write(target)
    return len(writer.pages)


def main() -> None:
    target = SITE.parent / "handbook.pdf"
    try:
        with hosts.chromium() as browser:
            pages = bind(
                browser, SITE, contents(ROOT / "_toc.yml"), target, lambda title: print(f"  {title}")
            )
    except (hosts.HostError, BrowserError) as error:
        sys.exit(f"The PDF needs a Chromium: {error}")
    print(f"The handbook as one PDF: {target} ({pages} pages, {target.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
