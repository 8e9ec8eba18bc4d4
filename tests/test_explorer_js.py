"""The pure functions of explorer.js, run by the node that playwright brings: one test a case."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

CASES = Path(__file__).parent / "js" / "pure.test.mjs"
NAMES = re.findall(r'^test\("(.+?)"', CASES.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def results() -> dict[str, tuple[bool, str]]:
    driver = compute_driver_executable()
    node = driver[0] if isinstance(driver, tuple) else driver
    done = subprocess.run([node, "--test-reporter=tap", "--test", CASES], capture_output=True, text=True)
    found = re.findall(r"^ *(ok|not ok) \d+ - (.+)\n((?: +.*\n)*)", done.stdout, re.MULTILINE)
    return {name: (verdict == "ok", details) for verdict, name, details in found}


def test_there_are_cases():
    assert len(NAMES) == len(set(NAMES)) > 20


@pytest.mark.parametrize("name", NAMES)
def test_case(results, name):
    passed, details = results.get(name, (False, "it did not run"))
    assert passed, details
