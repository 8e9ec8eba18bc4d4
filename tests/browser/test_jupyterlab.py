"""The explorer in JupyterLab with a kernel, on a page of nbconvert, and in a notebook without trust."""

import re
import subprocess
import sys

import nbformat
import pytest
from playwright.sync_api import expect

from tests.handbook import ROOT
from tools.notebook_page import notebook, put

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

SETUP = """
import numpy as np
from ipywidgets import Button, FloatSlider, HBox, Label, jslink
from lossviz import Slider, explore, side_by_side

def power(x, beta):
    return np.abs(x) ** beta

e = explore(power, controls={"beta": Slider(0.5, 3, 1.5, step=0.1)}, title="Power")
e
"""
HEARD = """
heard, button = Label("nothing yet"), Button(description="set beta")
e.observe(lambda change: setattr(heard, "value", f"beta is {change.new}"), "beta")
button.on_click(lambda _: setattr(e, "beta", 2.5))
HBox([heard, button])
"""
LINKED = """
slider = FloatSlider(value=1.5, min=0.5, max=3, step=0.1)
jslink((e, "beta"), (slider, "value"))
slider
"""
ROW = """
side_by_side(explore(np.abs, title="first"), explore(np.square, title="second"))
"""

GUIDE = (ROOT / "book" / "how_to_read.md").read_text("utf-8")
[DOCUMENTED] = re.findall(r"^jupyter nbconvert (.*) notebook\.ipynb$", GUIDE, re.MULTILINE)
PLAIN = "--to html --execute"


def open_notebook(open_page, lab, name, content):
    # As tall as the notebook: JupyterLab does not render the cells out of view.
    page = open_page("about:blank", viewport={"width": 1300, "height": 2400})
    put(page, lab, name, content)
    page.goto(f"{lab}/lab/tree/{name}?reset")  # without the tabs of the test before
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    return page


@pytest.fixture
def live(open_page, lab):
    page = open_notebook(open_page, lab, "explorers.ipynb", notebook(SETUP, HEARD, LINKED, ROW))
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function("document.querySelectorAll('.lossviz .curve').length >= 12")
    return page


def curve(page):
    return page.locator(".lossviz path.curve.loss:not(.ghost)").first.get_attribute("d")


def changes(page, before):
    page.wait_for_function(
        "before => document.querySelector('.curve.loss:not(.ghost)').getAttribute('d') !== before",
        arg=before,
    )


def test_an_explorer_lives_in_jupyterlab(live):
    beta = live.locator(".lossviz input[data-control=beta]").first

    # The mouse moves the drawing, and Python hears of it.
    before = curve(live)
    box = beta.bounding_box()
    live.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    changes(live, before)
    shown = beta.get_attribute("aria-valuetext")
    live.get_by_text(f"beta is {shown}", exact=True).wait_for()

    # The keys of a focused slider belong to it, not to JupyterLab.
    cells = live.locator(".jp-Notebook .jp-Cell").count()
    before = curve(live)
    beta.focus()
    live.keyboard.press("ArrowRight")
    changes(live, before)
    following = f"{float(shown) + 0.1:.4g}"
    live.get_by_text(f"beta is {following}", exact=True).wait_for()
    live.keyboard.press("d")
    live.keyboard.press("d")
    assert live.locator(".jp-Notebook .jp-Cell").count() == cells

    # Python moves the drawing.
    before = curve(live)
    live.get_by_role("button", name="set beta").click()
    changes(live, before)
    assert beta.get_attribute("aria-valuetext") == "2.5"

    # jslink works in both directions.
    readout = live.locator(".widget-slider .widget-readout")
    assert readout.inner_text() == "2.50"
    readout.fill("0.7")
    readout.press("Enter")
    live.wait_for_function(
        "document.querySelector('[data-control=beta]').getAttribute('aria-valuetext') === '0.7'"
    )
    live.get_by_text("beta is 0.7", exact=True).wait_for()

    # Two in a row stand side by side, each wide enough to be read.
    first, second = (
        live.locator(f".lossviz[data-explorer={name}]").bounding_box() for name in ("first", "second")
    )
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    assert min(first["width"], second["width"]) > 250

    # And in step, though JupyterLab loads the module anew for each.
    probes = [
        live.locator(f".lossviz[data-explorer={name}] input[data-control=probe]")
        for name in ("first", "second")
    ]
    probes[0].focus()
    live.keyboard.press("ArrowLeft")
    first, second = (probe.get_attribute("aria-valuetext") for probe in probes)
    assert first == second != "1.5"

    ids = live.evaluate("[...document.querySelectorAll('.lossviz [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) > 0


def test_a_demo_opens_over_the_whole_window_by_one_click(open_page, lab):
    page = open_page(f"{lab}/lab/tree/book/teach.ipynb?reset", viewport={"width": 1300, "height": 900})
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea button", has_text="Smooth L1").click()
    shown = page.locator(".lossviz.present")
    shown.wait_for()
    box = shown.bounding_box()
    assert box["width"] >= 1290 and box["height"] >= 890
    before = shown.locator("path.curve.loss:not(.ghost)").get_attribute("d")
    page.keyboard.press("PageDown")
    changes(page, before)
    page.keyboard.press("Escape")
    shown.wait_for(state="hidden")
    page.locator(".jp-OutputArea button", has_text="Softmax").click()
    page.locator(".lossviz.present[data-explorer=softmax-and-cross-entropy]").wait_for()


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook that was run, as a reader might get it, in a folder of its own."""
    path = tmp_path_factory.mktemp("executed") / "explorer.ipynb"
    nbformat.write(notebook(SETUP), path)
    nbconvert(path.parent, "--to notebook --execute --inplace", path.name)
    return path


def nbconvert(folder, options, name):
    command = [sys.executable, "-m", "nbconvert", *options.split(), name]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


@pytest.mark.parametrize("options", [PLAIN, DOCUMENTED])
def test_a_page_made_by_nbconvert_moves_from_a_folder_without_a_network(chromium, tmp_path, options):
    nbformat.write(notebook(SETUP, ROW), tmp_path / "explorer.ipynb")
    nbconvert(tmp_path, options, "explorer.ipynb")
    context = chromium.new_context(offline=True)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto((tmp_path / "explorer.html").as_uri())
    explorers = page.locator(".lossviz")
    expect(explorers).to_have_count(3)
    before = curve(page)
    page.locator("[data-control=beta]").first.press("ArrowRight")
    changes(page, before)
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    if options == PLAIN:  # asks a CDN for what nbconvert's own parts need
        complaints = [said for said in complaints if "ERR_INTERNET_DISCONNECTED" not in said]
    assert not complaints
    context.close()


def test_a_notebook_that_is_not_trusted_shows_the_picture(open_page, lab, executed):
    page = open_notebook(open_page, lab, "untrusted.ipynb", nbformat.read(executed, 4))
    picture = page.locator(".jp-OutputArea img").first
    picture.wait_for()
    assert picture.evaluate("async e => { await e.decode(); return e.naturalWidth }") > 600
    assert page.locator(".lossviz").count() == 0
