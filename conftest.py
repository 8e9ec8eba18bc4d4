"""Settings for every pytest run, nbval's included."""

import os
import re
import tempfile

import pytest
from nbval.plugin import IPyNbCell

from tools import forked
from tools.executed import Keeper

# Read at start-up by torch, NumPy and every kernel: with more threads, kernels that share a few cores crawl.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests, and the kernels of nbval, keep no ticks among the reader's own, and find none there.
TICKS = tempfile.TemporaryDirectory(prefix="handbook-")
os.environ["HANDBOOK_PROGRESS"] = os.path.join(TICKS.name, "progress.json")


NUMBER_OR_SPACE = re.compile(r"[+−-]?\d[\d.,]*(e[+-]?\d+)?|\s+")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--executed", metavar="FOLDER", help="with --nbval: keep the notebooks as they were run")


def pytest_configure(config: pytest.Config) -> None:
    forked.use()
    if folder := config.getoption("executed"):
        config.pluginmanager.register(Keeper(config.rootpath / folder))


def pytest_collectstart(collector: pytest.Collector) -> None:
    # A stored notebook holds no text/html (tools/notebooks.py says why) and a fresh run does, which nbval
    # would call an unexpected output. Every rich output states its facts in text/plain too, and that is
    # compared. nbval leaves pictures and widget views out by itself.
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html",)


def pytest_itemcollected(item: pytest.Item) -> None:
    # A training that amplifies the last bits of a sum ends elsewhere on another processor. What a cell tagged
    # chaotic prints is compared without its numbers; its assertions hold what the chapter says of them.
    if isinstance(item, IPyNbCell) and "chaotic" in item.cell.metadata.get("tags", []):
        item.sanitize = lambda text: NUMBER_OR_SPACE.sub("", text) if isinstance(text, str) else text
