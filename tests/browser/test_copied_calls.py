"""The call below an explorer: what *copy* gives runs where it is pasted, for every explorer of the site."""

import html
import json
import re
import subprocess
import sys

import pytest

from tests.handbook import CHAPTERS, SITE, contents

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]

SPEC = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


def specs():
    """Each explorer that has a call, of all pages that are built."""
    for page in contents():
        if (file := SITE / f"{page}.html").is_file():
            for text in SPEC.findall(file.read_text("utf-8")):
                spec = json.loads(text).get("spec", {})
                if spec.get("call"):
                    yield f"{page}: {spec['title']}", spec


def settings(spec):
    """The first setting, and one for each end of each control."""
    start = {control["name"]: control["start"] for control in spec["controls"]}
    yield start
    for control in spec["controls"]:
        for end in (0, len(control["values"]) - 1):
            yield start | {control["name"]: end}


def call_of(spec, setting):
    codes = {c["name"]: c["code"][setting[c["name"]]] for c in spec["controls"]}
    return re.sub(r"\{(\w+)\}", lambda field: codes.get(field[1], field[0]), spec["call"])


def test_every_call_runs_in_every_setting_with_its_imports_alone(site):
    found = dict(specs())
    assert len(found) > len(CHAPTERS)
    script = ["import torch", "import torch.nn.functional as F"]
    for name, spec in found.items():
        script += [f"print({json.dumps(name)})"]
        script += [call_of(spec, setting) for setting in settings(spec)]
    done = subprocess.run([sys.executable, "-"], input="\n".join(script), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-1000:]


def test_copy_gives_the_call_below_its_imports(open_page, site):
    page = open_page(f"{site}/book/start.html")
    page.locator("[data-act=copy]").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    shown = html.unescape(page.locator(".lossviz footer code").first.text_content())
    assert copied == f"import torch\nimport torch.nn.functional as F\n\n{shown}"
