"""A headless Chromium, the built site and a running JupyterLab for the tests marked `browser`."""

import contextlib
import os
import re
import shutil
from collections import Counter

import pytest
from playwright.sync_api import expect

from benchmarks import messages
from tests.handbook import ROOT, SITE
from tools import hosts, notebook_page

collect_ignore = ["toys"]  # tests of what test_toys.py adds to a copy
PAGE_TIMEOUT_MS = 30_000
NOTEBOOK_VIEW = {"width": 1300, "height": 1600}
# A pattern, matched by the driver of the browser: only what leaves this machine takes the way to Python.
FOREIGN = re.compile(r"^(?!(?:http|ws)://127\.0\.0\.1:|data:|blob:|file:)")
NOTEBOOK_7 = "/static/notebook/"  # its script, which complains about its own menus and settings
expect.set_options(timeout=PAGE_TIMEOUT_MS)


def skip_unless_ci(reason):
    """Skip on a reader's machine; in CI, where all is installed, the same is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Browser tests stand where `make test` looks for them.

    Tests of one group share a server or the tags of all pages, so they must reach one worker.
    """
    for item in items:
        if item.get_closest_marker("browser") and item.path.parent.name != "browser":
            raise pytest.UsageError(f"a browser test belongs in tests/browser, got {item.nodeid}")
    if getattr(config.option, "loadgroup", False):  # set in a worker of pytest-xdist
        lost = [
            item.nodeid for item in items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid
        ]
        if lost:
            raise pytest.UsageError(
                f"pytest-xdist does not group {lost[0]}: its version and pytest's do not fit"
            )


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
def watch(complaints):
    """watch(page) -> a function that ends it: until then what the page complains of fails the test."""

    def listen(message):
        # JupyterLab's own warnings of a slow machine, and those of Notebook 7 about itself.
        slow = message.text.startswith("Plugin ") and "to activate" in message.text
        own = message.type == "warning" and (slow or NOTEBOOK_7 in message.location.get("url", ""))
        if message.type in ("error", "warning") and not own:
            complaints.append(f"console {message.type}: {message.text}")

    def listen_to_errors(error):
        thrown_at = "".join((error.stack or "").splitlines()[1:2])
        if NOTEBOOK_7 not in thrown_at:
            complaints.append(f"uncaught {error}")

    def check_socket(socket):
        if FOREIGN.match(socket.url):
            complaints.append(f"connection to {socket.url}")

    listeners = {"console": listen, "pageerror": listen_to_errors, "websocket": check_socket}

    def start(page):
        for event, listener in listeners.items():
            page.on(event, listener)

        def stop():
            for event, listener in listeners.items():
                page.remove_listener(event, listener)

        return stop

    yield start
    assert not complaints, "\n".join(complaints)


def new_context(chromium, complaints, **options):
    """A browser of its own. Requests that leave this machine are refused, and noted."""

    def refuse(route):
        complaints.append(f"request to {route.request.url}")
        route.abort()

    options = {"viewport": {"width": 1280, "height": 900}, "service_workers": "block"} | options
    context = chromium.new_context(**options)
    context.set_default_timeout(PAGE_TIMEOUT_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.route(FOREIGN, refuse)
    return context


@pytest.fixture
def open_page(chromium, complaints, watch):
    """open_page(url, **context options) -> page."""
    contexts = []

    def start(url, **options):
        contexts.append(new_context(chromium, complaints, **options))
        page = contexts[-1].new_page()
        watch(page)
        page.goto(url)
        return page

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def lab_window(chromium, lab):
    """A page of JupyterLab, and what it asked for elsewhere. It stays: loading takes longer than a test."""
    refused = []
    context = new_context(chromium, refused, viewport=NOTEBOOK_VIEW)
    page = context.new_page()
    page.goto(f"{lab}/lab?reset")
    yield page, refused
    context.close()


@pytest.fixture
def show(open_page, lab, lab_window, watch, complaints):
    """show(*cells, host="JupyterLab") -> a page with a new notebook of these cells, and its traffic.

    Its kernel ends with the test.
    """
    ends = []

    def start(*cells, host="JupyterLab"):
        content = notebook_page.notebook(*cells)
        if host != "JupyterLab":
            page = open_page("about:blank", viewport=NOTEBOOK_VIEW)
            ends.append(page.close)
        else:
            page, refused = lab_window
            ends.extend(
                [watch(page), lambda: notebook_page.close_all(page), lambda: complaints.extend(refused)]
            )
        traffic = messages.Traffic(page)
        notebook_page.open_notebook(page, lab, content, host)
        return page, traffic

    yield start
    for end in ends:
        end()
    notebook_page.end_kernels(lab_window[0], lab)
    lab_window[1].clear()


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
    """The address of a JupyterLab as `make lab` starts it, on copies of the pages: Lab saves what it runs.

    Notebook 7 is there too (notebook_page.ADDRESSES).
    """
    folder = tmp_path_factory.mktemp("lab")
    for part in ("book", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    with hosts.lab(folder, *notebook_page.EXPOSED) as address:
        yield address
