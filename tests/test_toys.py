"""A toy loss and a toy panel, added to a copy of the handbook: what a new one needs, and nothing else.

`toys/` holds their files where they belong. A loss needs its notebook, its facts and its cases, and a line in
the order and in the contents; a panel needs three files of one name, its test, its words, and a line a side.
What only a person can write (the lesson, the way on from the chapter before) the rules then ask for.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.handbook import ROOT, tracked

TOYS = ROOT / "tests" / "toys"
# File, the line that the new one follows, and the new one; a name at the end of a line is that of a kind.
LINES = [
    ("lossviz/losses/__init__.py", '    "regression.l1_loss",\n', '    "regression.toy_loss",\n'),
    (
        "_toc.yml",
        "      - file: notebooks/regression/l1_loss\n",
        "      - file: notebooks/regression/toy_loss\n",
    ),
    (
        "lossviz/panels/list.js",
        'import { planePanel } from "./plane.js";\n',
        'import { toyPanel } from "./toy.js";\n',
    ),
    ("lossviz/panels/list.js", "  plane: planePanel,\n", "  toy: toyPanel,\n"),
]
KINDS = ("lossviz/panels/__init__.py", '"plane", "training")', '"plane", "toy", "training")')
WORDS = {
    "spec": {
        "kind": "toy",
        "title": "toy",
        "controls": [
            {
                "name": "probe",
                "label": "x",
                "type": "slider",
                "values": [0, 1],
                "text": ["0", "1"],
                "start": 0,
            }
        ],
        "series": [{"role": "value", "name": "toy", "axes": [], "size": 2, "positions": 1, "offset": 0}],
        "overlays": [],
        "hidden": [],
        "revealed": True,
        "digits": 3,
        "range": [0, 1],
        "lossLabel": "loss",
    },
    "table": [0.25, -1],
    "cases": [
        {
            "name": "a toy says its number",
            "index": {"probe": 1},
            "revealed": True,
            "hidden": [],
            "words": "loss -1.000",
        }
    ],
}
RULES_OF_LOSSES = [
    f"tests/test_{what}.py"
    for what in (
        "losses",
        "card",
        "numpy_cells",
        "exercises",
        "notebooks",
        "calls",
        "misbehaves",
        "portraits",
    )
]
RULES_OF_PANELS = [f"tests/test_{what}.py" for what in ("toy_panel", "words", "bundle", "explorer_js")]
# Of the rules for all stills, the one that no kind is missing; of those for lists, those of the names.
ALL_KINDS = "tests/test_stills.py::test_each_kind_of_panel_has_a_still"


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A copy of the handbook with the toys in it."""
    files = tracked(".")
    if files is None:
        pytest.skip("not a clone, so there is no list of its files")
    copy = tmp_path_factory.mktemp("grown") / "handbook"
    for name in files:
        if not (ROOT / name).is_relative_to(TOYS):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    shutil.copytree(TOYS, copy, dirs_exist_ok=True)
    for name, line, new in LINES:
        change(copy / name, line, line + new)
    change(copy / KINDS[0], *KINDS[1:])
    words = json.loads((copy / "tests" / "words.json").read_text("utf-8"))
    words["facts"].append(WORDS)
    (copy / "tests" / "words.json").write_text(json.dumps(words), "utf-8")
    return copy


def change(path, old, new):
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path} must hold {old!r} once"
    path.write_text(text.replace(old, new), "utf-8")


def run(folder, *arguments):
    """pytest in the folder, on its own lossviz; what it says."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_loss_needs_its_three_files_and_two_lines_to_be_under_all_rules(grown):
    said = run(
        grown,
        *RULES_OF_LOSSES,
        "-k",
        "toy_loss or order or exercise_stands or same_chapters or file_of_cases",
    )
    assert int(said.split(" passed")[0].split()[-1]) > 90


def test_its_cells_run_as_tests(grown):
    run(grown, "--nbval", "--nbval-current-env", "notebooks/regression/toy_loss.ipynb")


def test_a_panel_needs_three_files_of_one_name_and_a_line_a_side(grown):
    run(grown, *RULES_OF_PANELS, ALL_KINDS)
