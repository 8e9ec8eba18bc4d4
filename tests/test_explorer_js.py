"""The pure functions of explorer.js, run by the node that playwright brings: one test a case."""

import re

import pytest

from tests.handbook import ROOT, node

CASES = ROOT / "tests" / "js" / "pure.test.mjs"
NAMES = re.findall(r'^test\("(.+?)"', CASES.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def results() -> dict[str, tuple[bool, str]]:
    done = node("--test-reporter=tap", "--test", CASES)
    found = re.findall(r"^ *(ok|not ok) \d+ - (.+)\n((?: +.*\n)*)", done.stdout, re.MULTILINE)
    return {name: (verdict == "ok", details) for verdict, name, details in found}


def test_there_are_cases():
    assert len(NAMES) == len(set(NAMES)) > 20


@pytest.mark.parametrize("name", NAMES)
def test_case(results, name):
    passed, details = results.get(name, (False, "it did not run"))
    assert passed, details
