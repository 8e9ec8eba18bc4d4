"""Keys, drags and sweeps on an explorer, with a kernel and without: no step is lost, none jumps back."""

import pytest

from benchmarks import messages, moves, sample
from tools import notebook_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

SETUP = """
import numpy as np
from IPython.display import display
from ipywidgets import Label
from lossviz import Slider, explore, side_by_side

def scaled(x, value):
    return np.abs(x) * value

def make(title):
    return explore(scaled, controls={"value": Slider(0, 100, 0, step=1)}, title=title)
"""
EXPLORER = """
e, heard = make("Moves"), Label("nothing yet")
e.observe(lambda _: setattr(heard, "value", f"value {e.value:g}, probe {e.probe:g}"))
display(heard, e)
"""
ROW = """
leads, follows, heard = make("Leads"), make("Follows"), Label("nothing yet")
follows.observe(lambda _: setattr(heard, "value", f"follows at {follows.value:g}"))
display(heard, side_by_side(leads, follows))
"""
MASK = """
from lossviz import explore_mask
m, heard = explore_mask({"sum": lambda p, t: p.sum()}, np.eye(4), name="mask"), Label("nothing yet")
m.observe(lambda _: setattr(heard, "value", f"painted {m.painted}"), "painted")
display(heard, m)
"""


@pytest.fixture
def live(show):
    """live(*cells) -> a page of JupyterLab with these cells, the first one executed, and its traffic."""

    def start(*cells):
        page, traffic = show(SETUP, *cells)
        for cell in range(2):
            notebook_page.run(page, cell)
        page.wait_for_selector(moves.EXPLORER.handle)
        return page, traffic

    return start


def python_agrees(page):
    """Waits until Python has what the page shows."""
    value, probe = (
        page.locator(f".lossviz input[data-control={name}]").get_attribute("aria-valuetext").replace("−", "-")
        for name in ("value", "probe")
    )
    page.get_by_text(f"value {value}, probe {float(probe):g}", exact=True).wait_for()
    shown = page.locator(moves.EXPLORER.handle).get_attribute("aria-valuetext")
    assert shown == value, "Python's last word moved the slider again"


def test_sixty_keys_are_sixty_steps(live):
    page, _ = live(EXPLORER)
    pressed = moves.press(page, moves.EXPLORER)
    assert (pressed.lost, pressed.back) == (0, 0), pressed.seen
    python_agrees(page)


@pytest.mark.parametrize("along", [moves.EXPLORER, moves.CHART], ids=["slider", "chart"])
def test_a_drag_never_jumps_back(live, along):
    page, _ = live(EXPLORER)
    dragged = moves.drag(page, along)
    assert dragged.back == 0, dragged.seen
    assert len(dragged.seen) > 50
    if along is moves.EXPLORER:
        assert dragged.lost == 0
    python_agrees(page)


def test_a_sweep_gets_as_far_as_is_due(live):
    page, _ = live(EXPLORER)
    swept = moves.sweep(page, moves.EXPLORER)
    assert swept.back == 0, swept.seen
    assert abs(swept.lost) <= 1 and swept.due > 20, (swept.due, swept.seen)
    python_agrees(page)


def test_a_busy_kernel_gets_few_messages_and_then_the_last_value(live, tmp_path):
    over = tmp_path / "over"
    page, traffic = live(
        EXPLORER,
        f"import pathlib, time\nwhile not pathlib.Path({str(over)!r}).exists():\n    time.sleep(0.05)",
    )
    notebook_page.start(page, 2)
    notebook_page.wait_for_kernel(page, "busy")
    traffic.clear()
    pressed = moves.press(page, moves.EXPLORER)
    sent = messages.updates(traffic.sent)
    assert (pressed.lost, pressed.back) == (0, 0), pressed.seen
    assert len(sent) <= moves.PRESSES / 10
    over.touch()
    notebook_page.wait_for_kernel(page, "idle")
    python_agrees(page)
    assert page.locator(moves.EXPLORER.handle).get_attribute("aria-valuetext") == str(moves.PRESSES)


def test_an_explorer_that_follows_loses_no_step(live):
    page, _ = live(ROW)
    leads, follows = (
        f".lossviz[data-explorer={name}] input[data-control=value]" for name in ("leads", "follows")
    )
    followed = moves.press(page, moves.Kind(follows, follows), focus=leads)
    assert (followed.lost, followed.back) == (0, 0), followed.seen
    page.get_by_text(f"follows at {moves.PRESSES}", exact=True).wait_for()
    assert page.locator(leads).get_attribute("aria-valuetext") == str(moves.PRESSES)


def test_a_stroke_reaches_python_and_what_python_paints_is_drawn(show):
    page, _ = show(SETUP, MASK, "m.painted = np.eye(4)[::-1]")
    for cell in range(2):
        notebook_page.run(page, cell)
    page.wait_for_selector(".lossviz [role=gridcell]", state="attached")
    first, last = (page.locator(".lossviz [role=gridcell]").nth(k).bounding_box() for k in (8, 11))
    page.mouse.move(first["x"] + 5, first["y"] + 5)
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 5, steps=12)
    page.mouse.up()
    page.get_by_text("painted 42f0", exact=True).wait_for()
    page.keyboard.press("Home")
    page.keyboard.press("Space")  # no shortcut of the notebook's
    page.get_by_text("painted 4270", exact=True).wait_for()
    notebook_page.run(page, 2)
    page.get_by_text("painted 1248", exact=True).wait_for()
    said = page.locator(".lossviz [role=gridcell]").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert [k for k, text in enumerate(said) if not text.endswith("not painted")] == [3, 6, 9, 12]


def test_a_page_without_a_kernel_loses_no_step(open_page, serve, tmp_path):
    (tmp_path / "counter.html").write_text(sample.counter().to_html(), "utf-8")
    page = open_page(f"{serve(tmp_path)}/counter.html")
    page.wait_for_selector(moves.EXPLORER.handle)
    for gesture in (moves.press, moves.drag):
        moved = gesture(page, moves.EXPLORER)
        assert (moved.lost, moved.back) == (0, 0), moved.seen
    swept = moves.sweep(page, moves.EXPLORER)
    assert abs(swept.lost) <= 1 and swept.back == 0, (swept.due, swept.seen)
