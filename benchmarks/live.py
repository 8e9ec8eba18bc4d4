"""The explorer and ipywidgets' slider in JupyterLab: lost input, what stays behind, what is sent."""

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks import memory, messages, moves, sample
from benchmarks.drawing import PAGE
from benchmarks.memory import Held
from benchmarks.moves import Kind, Moves
from tools import hosts, notebook_page

IMPORT = "from benchmarks import sample"


@dataclass(frozen=True)
class Contestant:
    name: str
    kind: Kind
    moved: str  # the cell that shows the slider to move
    shown: str  # the cell that is run again and again
    other: str  # a cell that shows another one, with numbers of its own


CONTESTANTS = [
    Contestant(
        "explorer", moves.EXPLORER, "sample.counter()", "sample.explorer()", "sample.explorer(x=(-4, 4))"
    ),
    Contestant(
        "IntSlider", moves.INT_SLIDER, "sample.int_slider()", "sample.int_slider()", "sample.int_slider()"
    ),
]


@dataclass(frozen=True)
class Input:
    """What a slider made of each gesture; ipywidgets' has no sweep."""

    name: str
    keys: Moves
    drag: Moves
    sweep: Moves | None


@dataclass(frozen=True)
class Kept:
    """What is held after 10 and after 100 runs of a cell, and the bytes sent for two such cells."""

    name: str
    held: list[Held]
    first: int
    second: int
    repeated: int  # of it, characters that had come before


def measure(browser, say) -> tuple[list[Input], list[Kept]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "counter.html").write_text(PAGE + sample.counter().to_html(), "utf-8")
        environment = {"PYTHONPATH": str(hosts.ROOT)}
        with hosts.files(folder) as site, hosts.lab(folder, *notebook_page.EXPOSED, **environment) as lab:
            say("keys, drag and sweep")
            with _page(browser) as page:
                page.goto(f"{site}/counter.html")
                inputs = [_input(page, "explorer, page", moves.EXPLORER)]
            kept = []
            for one in CONTESTANTS:
                with _page(browser) as page:
                    cells = notebook_page.notebook(IMPORT, one.moved)
                    notebook_page.open_notebook(page, lab, cells)
                    for cell in range(2):
                        notebook_page.run(page, cell)
                    inputs.append(_input(page, f"{one.name}, JupyterLab", one.kind))
            for one in CONTESTANTS:
                say(f"{one.name}: {memory.RUNS} runs of a cell")
                kept.append(_keep(browser, lab, one))
    return inputs, kept


@contextlib.contextmanager
def _page(browser):
    context = browser.new_context(viewport={"width": 1300, "height": 900}, service_workers="block")
    yield context.new_page()
    context.close()


def _input(page, name, kind) -> Input:
    page.wait_for_selector(kind.handle)
    sweep = moves.sweep(page, kind) if kind is moves.EXPLORER else None
    return Input(name, moves.press(page, kind), moves.drag(page, kind), sweep)


def _keep(browser, lab, one) -> Kept:
    with _page(browser) as page:
        traffic = messages.Traffic(page)
        cells = notebook_page.notebook(IMPORT, one.shown, one.other, memory.COUNT)
        notebook_page.open_notebook(page, lab, cells)
        notebook_page.run(page, 0)
        received = []
        for cell in (1, 2):
            traffic.clear()
            notebook_page.run(page, cell)
            received.append(traffic.received[:])
        sizes = map(messages.size, received)
        return Kept(one.name, memory.after_runs(page, 1, 3), *sizes, messages.repeated(*received))
