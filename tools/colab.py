"""The branch `colab`: the notebooks, each with a first cell that installs lossviz.

    python tools/colab.py https://github.com/example/losses

Colab opens a notebook from a branch on GitHub and has no lossviz. Made anew from the working tree and pushed
to origin each time, the branch holds nothing to keep (.github/workflows/pages.yml).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
BRANCH = "colab"
NAME = "The Loss Function Handbook"
WHOSE = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", NAME), ("EMAIL", ""))
}


def prepared(notebook: dict, repository: str) -> dict:
    """The notebook with the cell that Colab needs before all others."""
    install = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {},
        "outputs": [],
        "source": [
            "# Colab has PyTorch and NumPy; lossviz comes from the handbook's repository.\n",
            f"%pip install -q git+{repository}",
        ],
    }
    return notebook | {"cells": [install, *notebook["cells"]]}


def push(root: Path, repository: str) -> str:
    """Makes the branch of the notebooks below `root`, pushes it to origin, and returns its commit."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        for path in sorted(root.glob("book/*.ipynb")) + sorted(root.glob("notebooks/*/*.ipynb")):
            target = files / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            made = prepared(json.loads(path.read_text("utf-8")), repository)
            target.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
        # An index and a working tree of its own: those of the reader stay as they are.
        apart = os.environ | WHOSE | {"GIT_INDEX_FILE": f"{folder}/index", "GIT_WORK_TREE": str(files)}

        def git(*arguments: str) -> str:
            done = subprocess.run(
                ["git", *arguments],
                cwd=root,
                env=apart | {"GIT_DIR": str(root / ".git")},
                check=True,
                capture_output=True,
                text=True,
            )
            return done.stdout.strip()

        git("add", "--all", "--force", ".")
        commit = git("commit-tree", git("write-tree"), "-m", "The notebooks for Colab")
        git("push", "--force", "origin", f"{commit}:refs/heads/{BRANCH}")
        return commit


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].startswith("https://"):
        sys.exit(f"usage: python tools/colab.py https://github.com/<owner>/<repository>, got {sys.argv[1:]}")
    try:
        print(f"{BRANCH}: {push(ROOT, sys.argv[1].rstrip('/'))}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)} failed: {error.stderr.strip()}")
