"""The version that a course cites is one, wherever it stands."""

import re
import tomllib

import yaml

from book._ext.handbook import publish
from tests.handbook import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_package_citation_and_changes_name_one_version_and_its_day():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest, day = re.search(r"^## ([\d.]+), (\S+)$", changes, re.MULTILINE).groups()
    assert citation["version"] == newest == VERSION
    assert citation["date-released"] == day
    assert publish.version() == VERSION
