"""The first minutes in JupyterLab: what stands there, what is pressed, and where links lead."""

import json

import pytest

from lossviz import demo
from tests.handbook import BOOK
from tools.notebook_page import end_kernels

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

COLD_MS = 90_000  # until a notebook is drawn down to its end


@pytest.fixture
def reader(open_page, lab):
    """reader(address) -> a page of JupyterLab; its kernels end with the test."""
    pages = []

    def start(address):
        pages.append(open_page(f"{lab}/{address}", viewport={"width": 1280, "height": 900}))
        pages[-1].wait_for_selector(".jp-Notebook .jp-Cell, .jp-MarkdownViewer h1")
        return pages[-1]

    yield start
    for page in pages:
        page.close()
        end_kernels(page, lab)


def names(page, address):
    return {entry["name"] for entry in page.request.get(address).json()["content"]}


def test_jupyterlab_opens_on_the_start_page_and_lists_what_is_read(reader, lab):
    page = reader("")
    assert page.url.startswith(f"{lab}/lab/tree/book/start.ipynb")
    listed = page.locator(".jp-DirListing-itemText")
    listed.filter(has_text="notebooks").wait_for()
    assert {"book", "notebooks"} <= set(listed.all_inner_texts())
    assert not [name for name in names(page, f"{lab}/api/contents/book") if name.startswith("_")]
    assert "handbook.css" in names(page, f"{lab}/api/contents/book/_static")  # there, and to be opened


def test_the_first_explorer_moves_after_one_click_and_one_key(reader, monkeypatch):
    page = reader("lab/tree/book/start.ipynb?reset")
    page.locator(".jp-RenderedMarkdown", has_text="click the picture below").wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.locator(".jp-OutputArea img").first.click()
    page.keyboard.press("Shift+Enter")
    root = page.locator(".lossviz")
    root.locator("svg").first.wait_for(timeout=COLD_MS)
    box = root.bounding_box()
    assert 0 < box["y"] < 450  # where the picture was
    beta = root.locator("input[data-control=beta]")
    beta.focus()
    page.keyboard.press("ArrowRight")
    # What its link copies leads to the same setting in another notebook.
    address = page.url
    root.locator("[data-act=link]").click()
    assert "demo(" in root.locator("[data-act=link]").get_attribute("title")
    words, call = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert words == "from lossviz import demo" and page.url == address
    monkeypatch.chdir(BOOK)
    again = demo(json.loads(call.removeprefix("demo(").removesuffix(")")))
    assert again.spec["id"] == root.get_attribute("data-explorer")
    assert f"{again.beta:.4g}" == beta.get_attribute("aria-valuetext") == "1.1"


def test_the_link_of_a_demo_names_the_notebook_that_makes_it(open_page, show):
    link = "notebooks/regression/l1_loss.ipynb#explorer=l1-loss&target=0.5"
    source = f"import lossviz\nlossviz.demo({link!r})"
    page, _ = show(source)
    page.evaluate("jupyterapp.commands.execute('notebook:run-cell'); 0")
    page.locator(".lossviz [data-act=link]").click(timeout=COLD_MS)
    call = page.evaluate("navigator.clipboard.readText()").splitlines()[1]
    assert (
        call.startswith('demo("notebooks/regression/l1_loss.ipynb#explorer=l1-loss&') and "target=0.5" in call
    )


def at_the_top(page, selector, words=""):
    """Waits until this, with these words in it, stands at the top of its panel, and stays there."""
    page.evaluate("window.rested = 0")
    page.wait_for_function(
        """([selector, words]) => {
          const all = [...document.querySelectorAll(selector)];
          const element = all.findLast((one) => one.textContent.includes(words));
          const panel = element?.closest(".jp-NotebookPanel, .jp-MarkdownViewer");
          const y = panel ? element.getBoundingClientRect().top - panel.getBoundingClientRect().top : NaN;
          window.rested = y > -5 && y < 80 ? window.rested + 1 : 0;
          return window.rested > 30; // frames
        }""",
        arg=[selector, words],
        timeout=COLD_MS,
    )


def test_a_link_ends_at_its_section_in_a_notebook_that_was_closed_and_in_one_that_is_open(reader):
    page = reader("lab/tree/book/course.ipynb?reset")
    link = page.locator(".jp-RenderedMarkdown a[href*='#softmax-twice']").first
    link.click(timeout=COLD_MS)
    heading = "h3[data-jupyter-id='Softmax-twice']"
    at_the_top(page, heading)
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer").hover()
    page.mouse.wheel(0, -1500)
    page.get_by_role("tab", name="course.ipynb").click()
    link.click()
    at_the_top(page, heading)


def test_a_link_to_an_explorer_ends_at_the_cell_that_makes_it(reader, complaints):
    page = reader("lab/tree/book/lessons.md?reset")
    page.locator(".jp-MarkdownViewer a[href*='explorer=the-best-constant']").first.click(timeout=COLD_MS)
    at_the_top(page, ".jp-CodeCell", 'title="The best constant"')
    # JupyterLab looks for it first, as for a heading.
    complaints[:] = [line for line in complaints if "Unknown target type for URI fragment" not in line]


def test_a_link_within_a_page_ends_at_its_section(reader):
    page = reader("lab/tree/book/lessons.md?reset")
    page.locator(".jp-MarkdownViewer a[href='#slides']").first.click()
    at_the_top(page, "h2[data-jupyter-id='Slides']")
