"""An explorer whose kernel is gone still moves, and says that Python does not hear it."""

import pytest
from playwright.sync_api import expect

from tools import notebook_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

EXPLORER = "import numpy as np\nfrom lossviz import explore\nexplore(np.abs, title='Alone')"
DIE = "import os\nos._exit(1)"
SESSION = f"{notebook_page.PANEL}.sessionContext"
ENDS = {
    "shut down": f"{SESSION}.shutdown()",
    "restarted": f"{SESSION}.restartKernel()",
    "died": f"void ({notebook_page.PANEL}.content.activeCellIndex = 1, "
    "jupyterapp.commands.execute('notebook:run-cell'))",
}


@pytest.mark.parametrize("end", list(ENDS))
def test_an_explorer_says_that_it_is_cut_off_and_still_moves(show, complaints, end):
    page, _ = show(EXPLORER, DIE)
    notebook_page.run(page, 0)
    words = page.locator(".lossviz .cut-off")
    slider = page.locator(".lossviz input[data-control=probe]")
    expect(slider).to_be_visible()
    expect(words).to_be_hidden()
    page.evaluate(ENDS[end])
    expect(words).to_be_visible()
    if end == "died":
        page.locator(".jp-Dialog button.jp-mod-accept").click()
    before = slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuetext", before)
    complaints[:] = [line for line in complaints if "lossviz" in line]  # Lab says that its kernel is gone


def test_a_cell_run_again_is_heard_again(show, complaints):
    page, _ = show(EXPLORER)
    notebook_page.run(page, 0)
    words = page.locator(".lossviz .cut-off")
    expect(words).to_be_hidden()
    page.evaluate(ENDS["restarted"])
    expect(words).to_be_visible()
    notebook_page.wait_for_kernel(page, "idle")
    notebook_page.run(page, 0)
    expect(words).to_be_hidden()
    complaints.clear()
