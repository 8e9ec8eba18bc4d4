"""The branch for Colab: every notebook, with a cell before all others that installs lossviz."""

import json
import subprocess
from pathlib import Path

import pytest

from tools import colab

REPOSITORY = "https://github.com/example/losses"


def git(folder, *arguments):
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A working tree with one chapter and a file that is not committed, and its origin."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    git(tmp_path, "init", "--quiet", "clone")
    git(folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    chapter = folder / "notebooks" / "regression" / "l1_loss.ipynb"
    chapter.parent.mkdir(parents=True)
    chapter.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["# β"]}], "nbformat": 4}))
    (folder / "other.txt").write_text("mine")
    return folder


def on_branch(clone, path):
    return git(clone.parent / "origin.git", "show", f"{colab.BRANCH}:{path}")


def test_the_branch_holds_the_notebooks_with_an_unpinned_install_first(clone):
    colab.push(clone, REPOSITORY)
    listed = git(clone.parent / "origin.git", "ls-tree", "-r", "--name-only", colab.BRANCH)
    assert listed == "notebooks/regression/l1_loss.ipynb\n"
    first, second = json.loads(on_branch(clone, "notebooks/regression/l1_loss.ipynb"))["cells"]
    assert first["source"][-1] == f"%pip install -q git+{REPOSITORY}"
    assert second["source"] == ["# β"]


def test_the_readers_own_files_and_index_stay_as_they_are(clone):
    before = git(clone, "status", "--porcelain", "--untracked-files=all")
    colab.push(clone, REPOSITORY)
    assert git(clone, "status", "--porcelain", "--untracked-files=all") == before
    assert not git(clone, "branch", "--list", colab.BRANCH)


def test_the_branch_is_made_anew_each_time(clone):
    first = colab.push(clone, REPOSITORY)
    Path(clone / "notebooks" / "regression" / "l1_loss.ipynb").rename(
        clone / "notebooks" / "regression" / "l2_loss.ipynb"
    )
    assert colab.push(clone, REPOSITORY) != first
    assert git(clone.parent / "origin.git", "rev-list", "--count", colab.BRANCH).strip() == "1"
    assert on_branch(clone, "notebooks/regression/l2_loss.ipynb")
