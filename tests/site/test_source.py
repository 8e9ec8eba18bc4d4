"""The file of the handbook's own source."""

import subprocess
import zipfile

import pytest

from book._ext.handbook import source
from tests.handbook import ROOT


def test_the_source_that_the_site_carries_is_whole_and_nothing_else(tmp_path):
    source.pack(ROOT, tmp_path / "source.zip")
    with zipfile.ZipFile(tmp_path / "source.zip") as archive:
        packed = {name.removeprefix(f"{source.FOLDER}/") for name in archive.namelist()}
        programs = {info.filename for info in archive.infolist() if info.external_attr >> 16 & 0o100}
    assert {f"{source.FOLDER}/.ci/run", f"{source.FOLDER}/tools/setup.sh"} <= programs
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a clone, so there is no list of its files")
    assert set(listed.stdout.split()) - packed == set()
    assert not {name for name in packed if "__pycache__" in name or name.startswith(("_build", ".venv"))}


def test_the_words_that_a_page_has_marked_become_the_link():
    page = '<p><a data-handbook="source">alles</a> <a href="x">a copy of the whole handbook</a></p>'
    assert source.linked(page, "../s.zip") == (
        '<p><a data-handbook="source" href="../s.zip" download>alles</a> '
        '<a href="x">a copy of the whole handbook</a></p>'
    )
