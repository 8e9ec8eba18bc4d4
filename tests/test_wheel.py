"""The built wheel, which is what Colab installs: an editable install would hide what it lacks."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from lossviz import explore
from tests.handbook import ROOT, tracked

# Imports all there is, and writes the page of an explorer.
TRY = """
import importlib, pkgutil
import lossviz
assert lossviz.__file__.startswith({folder!r}), lossviz.__file__
for module in pkgutil.walk_packages(lossviz.__path__, "lossviz."):
    importlib.import_module(module.name)
print(lossviz.explore(abs, title="Absolute").to_html(), end="")
"""


def packaged():
    """The files of what is installed; none where there is no clone."""
    return sorted(name for folder in ("lossviz", "lossviz_server") for name in tracked(folder) or [])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of a copy of the repository's files, so that nothing that was built before gets into it."""
    files = packaged()
    if not files:
        pytest.skip("not a clone, so there is no list of its files")
    folder = tmp_path_factory.mktemp("wheel")
    for name in [*files, "pyproject.toml", "README.md", "LICENSE"]:
        (folder / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "copy" / name)
    building = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run(
        [*building, "--disable-pip-version-check", f"--wheel-dir={folder}", folder / "copy"],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_files_of_lossviz_and_no_others(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = [name for name in archive.namelist() if ".dist-info/" not in name]
    enabled = [name for name in inside if ".data/data/" in name]
    assert sorted(set(inside) - set(enabled)) == packaged()
    # Where a Jupyter server looks for what is enabled.
    assert [name.split(".data/data/")[1] for name in enabled] == [
        "etc/jupyter/jupyter_server_config.d/lossviz_server.json"
    ]


def test_from_the_wheel_alone_all_is_imported_and_an_explorer_makes_its_page(wheel, tmp_path):
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    done = subprocess.run(
        [sys.executable, "-c", TRY.format(folder=str(installed))],
        cwd=empty,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == explore(abs, title="Absolute").to_html()
