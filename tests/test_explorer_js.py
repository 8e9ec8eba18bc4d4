"""The modules of the explorer's script, run by the node that playwright brings: one test a case."""

import re

import pytest

from tests.handbook import ROOT, node

FILES = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))
CASES = [
    name for file in FILES for name in re.findall(r'^test\("(.+?)"', file.read_text("utf-8"), re.MULTILINE)
]


@pytest.fixture(scope="module")
def results() -> dict[str, tuple[bool, str]]:
    done = node("--test-reporter=tap", "--test", *FILES)
    found = re.findall(r"^ *(ok|not ok) \d+ - (.+)\n((?: +.*\n)*)", done.stdout, re.MULTILINE)
    return {name: (verdict == "ok", details) for verdict, name, details in found}


def test_there_are_cases():
    assert len(CASES) == len(set(CASES)) > 20


@pytest.mark.parametrize("name", CASES)
def test_case(results, name):
    passed, details = results.get(name, (False, "it did not run"))
    assert passed, details
