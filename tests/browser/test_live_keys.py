"""Keys in JupyterLab and Notebook 7: an explorer's own belong to it, all others to the host."""

import pytest
from playwright.sync_api import TimeoutError as Timeout
from playwright.sync_api import expect

from tools import notebook_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

EXPLORER = """
import numpy as np
from lossviz import Slider, explore
explore(
    lambda x, beta: np.abs(x) ** beta,
    controls={"beta": Slider(0.5, 3, 1.5, step=0.1)},
    overlay={"L1": np.abs},
    call="power(x, {beta})",
    title="Power",
)
"""
CELLS = ["'before'", EXPLORER, "'after'"]
AT = 1  # the explorer's place
CLICKED = {
    "the chart": "svg[role=img]",
    "the title": "header b",
    "a slider": "input[data-control=beta]",
    "a button": "button[data-act=reset]",
    "a sweep's button": "button[data-act=play]",
    "a curve's box": ".chips label",
    "the numbers": "details summary",
    "the call": "footer code",
}


@pytest.fixture(params=list(notebook_page.ADDRESSES))
def page(request, show):
    page, _ = show(*CELLS, host=request.param)
    notebook_page.run(page, AT)
    page.wait_for_selector(".lossviz path.curve.loss:not(.ghost)")
    return page


def cells(page):
    return page.evaluate(f"[...{notebook_page.PANEL}.model.cells].map(cell => cell.type)")


def selected(page):
    return page.evaluate(f"{notebook_page.PANEL}.content.activeCellIndex")


def test_a_click_on_the_chart_gives_the_explorer_its_keys(page):
    page.locator(".lossviz svg[role=img]").click()
    page.keyboard.press("r")
    expect(page.locator(".lossviz [data-act=reveal]")).to_have_text("reveal gradient")
    for key in "dd00":
        page.keyboard.press(key)
    beta = page.locator(".lossviz input[data-control=beta]")
    probe = page.locator(".lossviz input[data-control=probe]")
    settings = [control.get_attribute("aria-valuetext") for control in (beta, probe)]
    page.keyboard.press("ArrowRight")  # what an earlier key began has shown itself when this one has
    page.wait_for_function(
        """before => String([...document.querySelectorAll('.lossviz input[type=range]')]
            .map(e => e.getAttribute('aria-valuetext')).sort()) !== String(before.sort())""",
        arg=settings,
    )
    assert cells(page) == ["code"] * len(CELLS)
    assert page.locator(".jp-Dialog").count() == 0
    assert selected(page) == AT

    page.keyboard.press("f")
    page.locator(".lossviz.present").wait_for()
    page.keyboard.press("Escape")
    page.locator(".lossviz.present").wait_for(state="detached")
    assert cells(page) == ["code"] * len(CELLS)


@pytest.mark.parametrize("chord", ["Shift+Enter", "Control+Enter"])
def test_a_cell_runs_from_wherever_its_explorer_was_clicked(page, chord):
    for name, selector in CLICKED.items():
        before = notebook_page.execution_counts(page)[AT]
        page.locator(".lossviz").locator(selector).first.click()
        page.keyboard.press(chord)
        try:
            page.wait_for_function(
                f"([at, before]) => {notebook_page.PANEL}.model.cells.get(at).executionCount > before",
                arg=[AT, before],
                timeout=10_000,
            )
        except Timeout:
            pytest.fail(f"{chord} after a click on {name} does not run the cell")
        notebook_page.wait_for_kernel(page, "idle")
        page.wait_for_selector(".lossviz path.curve.loss:not(.ghost)")
        assert selected(page) == AT + (chord == "Shift+Enter"), name
        assert cells(page) == ["code"] * len(CELLS), name
