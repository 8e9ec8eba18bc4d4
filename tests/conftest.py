"""A headless Chromium, the built site and a running JupyterLab for the tests marked `browser`."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
NO_CHROMIUM = (
    "no Chromium found. Get one, for example: .venv/bin/python -m playwright install --with-deps chromium; "
    "or name yours: CHROMIUM=/path/to/chrome make test"
)
# No sandbox: Chromium refuses to run as root with one, which is what containers do. The rest keeps Chromium
# itself from asking anybody anything.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAB_START_SECONDS = 60
PAGE_TIMEOUT_MS = 30_000


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
    with sync_playwright() as playwright:
        named = os.environ.get("CHROMIUM")
        candidates = [named] if named else [playwright.chromium.executable_path, *CHROMIUM_NAMES]
        found = next(filter(None, map(shutil.which, candidates)), None)
        if found is None:
            skip_unless_ci(NO_CHROMIUM)
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """open_page(url, **context options) -> page. Requests that leave this machine are refused.

    Such a request, and a console error or warning, fails the test at its end.
    """
    contexts, complaints = [], []

    def stay_home(route):
        if is_local(route.request.url):
            route.continue_()
        else:
            complaints.append(f"request to {route.request.url}")
            route.abort()

    def listen(message):
        if message.type in ("error", "warning"):
            complaints.append(f"console {message.type}: {message.text}")

    def check_socket(socket):
        if not is_local(socket.url):
            complaints.append(f"connection to {socket.url}")

    def start(url, **options):
        options = {"viewport": {"width": 1280, "height": 900}, "service_workers": "block"} | options
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PAGE_TIMEOUT_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.route("**/*", stay_home)
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


def is_local(url):
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def serve():
    """serve(folder) -> its address on loopback."""
    servers = []

    def start(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # The reader's own settings and open tabs stay out of the test, and the test out of them.
    private = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
    }
    address = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "jupyterlab", f"--config={ROOT / 'tools' / 'lab' / 'config.py'}"),
        *("--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *(
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--LabApp.workspaces_dir={folder / 'tabs'}",
        ),
    ]
    with open(folder / "lab.log", "w+") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {name: str(folder / value) for name, value in private.items()},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not answers(f"{address}/api", server):
                log.seek(0)
                pytest.fail(f"JupyterLab did not start:\n{log.read()}")
            yield address
        finally:
            stop(server)


def stop(server):
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        # A server that is just starting a kernel never finishes stopping. Kernels end with their server.
        server.kill()
        server.wait()


def answers(url, server):
    end = time.monotonic() + LAB_START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False
