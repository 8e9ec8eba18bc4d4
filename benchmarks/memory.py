"""What stays in the kernel and in the page when one cell is run again and again."""

import json
from dataclasses import dataclass

from tools import notebook_page

SETTLED, RUNS = 10, 100  # from the first to the second nothing may grow
# Bytes by which cells that show nothing make them grow too.
NOISE_KERNEL, NOISE_PAGE = 12e6, 4e6
# A cell of its own counts the kernel's part.
COUNT = """
import ctypes, gc, json, psutil
from ipywidgets.widgets import widget
gc.collect()
try:
    ctypes.CDLL(None).malloc_trim(0)  # what is free goes back to the system, or it would count as held
except (AttributeError, OSError):
    pass  # glibc alone has it
print(json.dumps([len(widget._instances), psutil.Process().memory_info().rss]))
"""


@dataclass(frozen=True)
class Held:
    """What is held after some runs; memory in bytes."""

    kernel_models: int
    page_models: int
    kernel: int
    page: int


def is_flat(settled: Held, after: Held) -> bool:
    """Nothing grew by more than noise."""
    return (
        after.kernel_models <= settled.kernel_models
        and after.page_models <= settled.page_models
        and after.kernel - settled.kernel < NOISE_KERNEL
        and after.page - settled.page < NOISE_PAGE
    )


def after_runs(page, cell, count_cell, runs=(SETTLED, RUNS)) -> list[Held]:
    """What is held after so many runs of the cell; `count_cell` is the place of COUNT in the notebook."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    found, done = [], 0
    for total in runs:
        notebook_page.run(page, cell, total - done)
        done = total
        notebook_page.run(page, count_cell)
        models, kernel = json.loads(notebook_page.output(page, count_cell))
        found.append(Held(models, _page_models(page), kernel, _heap(devtools)))
    return found


def _page_models(page) -> int:
    """The models that the manager of ipywidgets keeps; only a renderer of its own knows the manager."""
    return page.evaluate(
        f"""async () => {{
          const kind = 'application/vnd.jupyter.widget-view+json';
          const renderer = {notebook_page.PANEL}.content.rendermime.createRenderer(kind);
          const manager = await renderer._manager.promise;
          renderer.dispose();
          return Object.keys(manager._models).length;
        }}"""
    )


def _heap(devtools) -> int:
    """The page's heap when what nobody holds is gone."""
    for _ in range(2):  # what a finalizer lets go is collected by the second
        devtools.send("HeapProfiler.collectGarbage")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize")
