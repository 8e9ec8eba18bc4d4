"""What a live explorer costs: what stays when its cell is run again, and what is sent for each."""

import pytest

from benchmarks import memory, messages
from tools import notebook_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]

IMPORT = "import numpy as np\nfrom lossviz import explore"


def test_a_cell_run_a_hundred_times_holds_what_it_held_after_ten(show):
    page, _ = show(IMPORT, "explore(np.abs, title='again')", memory.COUNT)
    notebook_page.run(page, 0)
    settled, after = memory.after_runs(page, 1, 2)
    assert memory.is_flat(settled, after), (settled, after)


def test_script_and_style_are_sent_with_the_first_explorer_only(show):
    page, traffic = show(IMPORT, "explore(np.abs, title='first')", "explore(np.square, title='second')")
    notebook_page.run(page, 0)
    received = []
    for cell in (1, 2):
        traffic.clear()
        notebook_page.run(page, cell)
        page.locator(".lossviz").nth(cell - 1).wait_for()
        received.append(traffic.received[:])
    assert any(message.kind == "comm_open" for message in received[1])
    assert messages.repeated(*received) < messages.FEW
