"""A headless Chromium, a JupyterLab and a server of files, each for the length of a `with`."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
# The first is the second without windows and menus: pages are shown in four fifths of the time.
CHROMIUM_NAMES = [
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable", "chrome"),
]
NO_CHROMIUM = (
    "no Chromium found. Get one, for example: .venv/bin/python -m playwright install --with-deps chromium; "
    "or name yours in the variable CHROMIUM"
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


class HostError(Exception):
    """What is needed is not there or does not start; the message is for the reader."""


@contextlib.contextmanager
def chromium():
    """The browser that CHROMIUM names, or playwright's own, or the first found in PATH."""
    with sync_playwright() as playwright:
        named = os.environ.get("CHROMIUM")
        candidates = [named] if named else [playwright.chromium.executable_path, *CHROMIUM_NAMES]
        found = next(filter(None, map(shutil.which, candidates)), None)
        if found is None:
            raise HostError(NO_CHROMIUM)
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


class QuietHandler(SimpleHTTPRequestHandler):
    sent_headers = MappingProxyType({})

    def log_message(self, *args):
        pass

    def handle(self):
        with contextlib.suppress(ConnectionError):  # a page that was closed while it loaded
            super().handle()

    def end_headers(self):
        for name, value in self.sent_headers.items():
            self.send_header(name, value)
        super().end_headers()


@contextlib.contextmanager
def files(folder, headers=None):
    """The address of a server of this folder that sends these headers with each file."""
    handler = type("Handler", (QuietHandler,), {"sent_headers": headers or {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def lab(folder, *options, **environment):
    """The address of a JupyterLab on this folder, started as `make lab` does but with these too."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # The reader's own settings and open tabs stay out of this, and this out of them.
    private = {
        name: str(folder / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR")
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", f"--config={ROOT / 'tools' / 'lab' / 'config.py'}"),
        *("--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", "--IdentityProvider.token="),
        f"--LabApp.workspaces_dir={folder / 'tabs'}",
        *options,
    ]
    with open(folder / "lab.log", "w+") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | private | environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            if not _answers(f"{address}/api", server):
                log.seek(0)
                raise HostError(f"JupyterLab did not start:\n{log.read()}")
            yield address
        finally:
            _stop(server)


def _answers(url, server):
    end = time.monotonic() + LAB_START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


def _stop(server):
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        # A server that is just starting a kernel never finishes stopping. Kernels end with their server.
        server.kill()
        server.wait()
