"""From slider input to painted drawing, for the explorer and its alternatives, in one browser."""

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from benchmarks import sample
from tools import hosts, notebook_page

WARM_UP = 12
SWEEPS = 3
SWEEP_STEPS = 60
PAGE = "<!doctype html><meta charset=utf-8><title>explorer</title><body style='width:820px;margin:20px'>"
# The least that can be drawn: what this browser on this machine does at best.
LINE = """<div class="lossviz"><input type="range" data-control="beta" max="60">
<svg><path class="curve loss" stroke="black"/></svg></div><script>
const input = document.querySelector("input"), path = document.querySelector("path");
input.oninput = () => path.setAttribute("d", `M0 0L${input.value} 99`);
</script>"""
# Isolated from other origins, a page reads a clock of 5 instead of 100 microseconds.
ISOLATION = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
MEASURE = Path(__file__).with_name("measure.js")


@dataclass(frozen=True)
class Contestant:
    name: str
    drawing: str  # what it draws into: svg, img or canvas
    ready: str  # a selector that appears with the first drawing
    steps: int
    cell: str | None = None  # what makes it in JupyterLab
    page: str | None = None  # or the page without a kernel that holds it


CONTESTANTS = [
    Contestant("one line, page", "svg", "path", 200, page="line.html"),
    Contestant("explorer, page", "svg", ".lossviz path.curve.loss", 200, page="explorer.html"),
    Contestant("explorer, JupyterLab", "svg", ".lossviz path.curve.loss", 200, "sample.explorer()"),
    Contestant("interact + matplotlib", "img", ".jp-OutputArea img", 40, "sample.interact()"),
    Contestant(
        "ipympl", "canvas", ".jupyter-matplotlib-canvas-div canvas", 40, "%matplotlib widget\nsample.ipympl()"
    ),
]


@dataclass(frozen=True)
class Result:
    """Milliseconds of each step, and the frames of all sweeps together."""

    name: str
    script: list[float]  # of the event handler
    changed: list[float]  # input to changed drawing
    painted: list[float]  # input to the end of the first frame that shows it
    busy: float  # of the page's main thread for one step of a sweep, everything included
    due: int  # frames that should have shown something new
    shown: int  # frames that did


def median(times):
    return statistics.median(times)


def p95(times):
    return statistics.quantiles(times, n=20)[-1]


def measure(browser, say) -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "line.html").write_text(PAGE + LINE, "utf-8")
        (folder / "explorer.html").write_text(PAGE + sample.explorer().to_html(), "utf-8")
        for i, contestant in enumerate(CONTESTANTS):
            if contestant.cell:
                cell = f"from benchmarks import sample\n{contestant.cell}"
                nbformat.write(notebook_page.notebook(cell), folder / f"{i}.ipynb")
        results = []
        isolated = f"--ServerApp.tornado_settings={{'headers': {ISOLATION}}}"
        with (
            hosts.files(folder, ISOLATION) as site,
            hosts.lab(folder, isolated, PYTHONPATH=str(hosts.ROOT)) as lab,
        ):
            for i, contestant in enumerate(CONTESTANTS):
                say(f"{contestant.name}: {contestant.steps} steps, {SWEEPS} sweeps")
                notebook = f"{lab}/lab/workspaces/{i}/tree/{i}.ipynb"  # without the tabs of the others
                url = f"{site}/{contestant.page}" if contestant.page else notebook
                results.append(_measure(browser, contestant, url))
        return results


def _measure(browser, contestant, url) -> Result:
    context = browser.new_context(viewport={"width": 1300, "height": 900}, service_workers="block")
    page = context.new_page()
    page.goto(url)
    if contestant.cell:
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(contestant.ready, state="attached", timeout=60_000)
    page.wait_for_timeout(1500)
    page.evaluate(MEASURE.read_text("utf-8"))
    steps, sweep = (f"([kind, count]) => bench.{name}(kind, count)" for name in ("steps", "sweep"))
    page.evaluate(steps, [contestant.drawing, WARM_UP])
    found = page.evaluate(steps, [contestant.drawing, contestant.steps])
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    before = _task_seconds(devtools)
    sweeps = [page.evaluate(sweep, [contestant.drawing, SWEEP_STEPS]) for _ in range(SWEEPS)]
    busy = 1000 * (_task_seconds(devtools) - before) / (SWEEPS * SWEEP_STEPS)
    context.close()
    return Result(
        contestant.name,
        *([step[key] for step in found] for key in ("script", "changed", "painted")),
        busy=busy,
        due=sum(s["due"] for s in sweeps),
        shown=sum(s["shown"] for s in sweeps),
    )


def _task_seconds(devtools) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "TaskDuration")
