"""The next day: what was run and saved is opened by a new server, with a kernel of its own or with none."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.handbook import ROOT, commit
from tools import hosts, notebook_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

CHAPTER = "notebooks/classification/binary_cross_entropy_with_logits.ipynb"  # its cells run fast
OWN = "mine.ipynb"
CELLS = [
    "import numpy as np\nfrom lossviz import Slider, explore, side_by_side",
    "explore(lambda x, p: np.abs(x) ** p, controls={'p': Slider(1, 3, 2, step=0.1)}, title='Power')",
    "side_by_side(explore(np.abs, title='first'), explore(np.square, title='second'))",
]
NO_KERNELS = [
    "--KernelSpecManager.allowed_kernelspecs={'none'}",
    "--KernelSpecManager.ensure_native_kernel=False",
]
SLIDER = ".lossviz input[data-control=probe]"


def open_notebook(page, address, name, kernels=()):
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_function(f"window.jupyterapp && {notebook_page.PANEL}?.content?.widgets?.length > 2")
    if kernels == NO_KERNELS:
        page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()


def run_all_and_save(page):
    notebook_page.wait_for_kernel(page, "idle")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    cells = f"[...{notebook_page.PANEL}.model.cells]"
    page.wait_for_function(f"{cells}.every(cell => cell.type !== 'code' || cell.executionState === 'idle')")
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(f"!{notebook_page.PANEL}.context.model.dirty")


def explorers(page, awaited):
    """How each explorer of the notebook is shown, in view: Lab leaves out the others.

    Each is waited for until it is as `awaited`. A picture may give way to what is alive: two looks.
    """
    if awaited == "still":
        show_explorers(page, awaited)
        page.wait_for_timeout(3000)
    return show_explorers(page, awaited)


def show_explorers(page, awaited):
    return page.evaluate(
        f"""async awaited => {{
          const shown = [];
          for (const cell of {notebook_page.PANEL}.content.widgets) {{
            const isCode = cell.model.type === 'code', source = cell.model.sharedModel.source;
            if (!isCode || !/(explore|side_by_side)\\(/.test(source)) continue;
            {notebook_page.PANEL}.content.scrollToCell(cell);
            const area = () => cell.node.querySelector('.jp-OutputArea');
            const has = kind => area()?.querySelector(kind);
            let state = 'nothing';
            for (let wait = 0; wait < 150 && ![awaited, 'live', 'error'].includes(state); wait++) {{
              await new Promise(done => setTimeout(done, 100));
              state = has('.lossviz svg') ? 'live' : has('img') ? 'still' : state;
              if (area()?.textContent.includes('Error')) state = 'error';
            }}
            shown.push(state);
          }}
          return shown;
        }}""",
        awaited,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The handbook's pages, committed, and an empty notebook of the reader's."""
    folder = tmp_path_factory.mktemp("lab")
    for part in ("book", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    commit(folder)
    return folder


def test_what_was_run_and_saved_shows_its_explorers_the_next_day(open_page, complaints, folder):
    page = open_page("about:blank", viewport={"width": 1300, "height": 1600})
    with hosts.lab(folder, *notebook_page.EXPOSED) as first:
        notebook_page.put(page, first, OWN, notebook_page.notebook(*CELLS))
        for name in (CHAPTER, OWN):
            open_notebook(page, first, name)
            run_all_and_save(page)
            assert set(explorers(page, "live")) == {"live"}, "the open notebook keeps what it shows"
            open_notebook(page, first, name)
            assert set(explorers(page, "live")) == {"live"}, "and so does the page that is loaded again"
        page.goto("about:blank")
        notebook_page.end_kernels(page, first)
        complaints.clear()  # Lab's own: it waits for cells to come into view, and for a server that ended
    assert (folder / CHAPTER).read_bytes() == (ROOT / CHAPTER).read_bytes()

    for kernels in ([], NO_KERNELS):
        with hosts.lab(folder, *notebook_page.EXPOSED, *kernels) as second:
            open_notebook(page, second, CHAPTER, kernels)
            assert set(explorers(page, "still")) == {"still"}
            open_notebook(page, second, OWN, kernels)
            assert set(explorers(page, "live")) == {"live"}
            slider = page.locator(SLIDER).first
            before = slider.get_attribute("aria-valuetext")
            slider.press("ArrowRight")
            expect(slider).not_to_have_attribute("aria-valuetext", before)
            page.goto("about:blank")
            notebook_page.end_kernels(page, second)
            complaints[:] = [line for line in complaints if "lossviz" in line]
