"""A headless Chromium, the built site and a running JupyterLab for the tests marked `browser`."""

import contextlib
import os
import re
import shutil
from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.handbook import ROOT, SITE
from tools import hosts

PAGE_TIMEOUT_MS = 30_000
# A pattern, matched by the driver of the browser: only what leaves this machine takes the way to Python.
FOREIGN = re.compile(r"^(?!(?:http|ws)://127\.0\.0\.1:|data:|blob:)")
expect.set_options(timeout=PAGE_TIMEOUT_MS)


def skip_unless_ci(reason):
    """Skip on a reader's machine; in CI, where all is installed, the same is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter):
    """One line for each reason to skip: tests that are skipped without a word look like tests that pass."""
    skips = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(report.longrepr[2] for report in skips).items():
        terminalreporter.write_line(f"{count} tests not run. {reason}")


@pytest.fixture(scope="session")
def chromium():
    """The browser that CHROMIUM names, or playwright's own, or the first found in PATH."""
    with contextlib.ExitStack() as open_ones:
        try:
            browser = open_ones.enter_context(hosts.chromium())
        except hosts.HostError as error:
            skip_unless_ci(str(error))
        yield browser


@pytest.fixture
def complaints():
    """What fails the test at its end: requests that leave this machine, console errors and warnings."""
    return []


@pytest.fixture
def open_page(chromium, complaints):
    """open_page(url, **context options) -> page. Requests that leave this machine are refused."""
    contexts = []

    def refuse(route):
        complaints.append(f"request to {route.request.url}")
        route.abort()

    def listen(message):
        if message.type in ("error", "warning"):
            complaints.append(f"console {message.type}: {message.text}")

    def check_socket(socket):
        if FOREIGN.match(socket.url):
            complaints.append(f"connection to {socket.url}")

    def start(url, **options):
        options = {"viewport": {"width": 1280, "height": 900}, "service_workers": "block"} | options
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PAGE_TIMEOUT_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.route(FOREIGN, refuse)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(f"uncaught {error}"))
        page.on("websocket", check_socket)
        page.goto(url)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def serve():
    """serve(folder) -> its address on loopback."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(hosts.files(folder))


@pytest.fixture(scope="session")
def site(serve):
    """The address of the built site, which `make test` builds first."""
    if not (SITE / "index.html").is_file():
        skip_unless_ci("there is no built site; build it: make book")
    return serve(SITE)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab as `make lab` starts it, on copies of the pages: Lab saves what it runs."""
    folder = tmp_path_factory.mktemp("lab")
    for part in ("book", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    with hosts.lab(folder) as address:
        yield address
