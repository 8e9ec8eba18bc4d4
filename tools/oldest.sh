#!/bin/sh
# Does lossviz hold on the oldest torch that pyproject.toml allows? In an environment of its own, .venv-oldest, made anew
# each time; several GB. The chapters need the pinned torch; what is tried is the package in somebody's own project.
# On torch 2.4.1 explorers and comparisons pass, but a compiled function stops inside of diagnose.watch().
# Run by make from the handbook's folder; PYTHON names another Python than python3.
set -eu
venv=.venv-oldest
python=${PYTHON:-python3}
oldest=$(sed -n 's/^ *"torch>=\(.*\)",$/\1/p' pyproject.toml)

rm -rf $venv
"$python" -m venv $venv
grep -vE '^(torch==|-e |-c )' requirements.txt >$venv/requirements.txt
$venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r $venv/requirements.txt "torch==$oldest.*"
$venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
$venv/bin/python -c 'import platform, torch; print("Python", platform.python_version(), "torch", torch.__version__)'

cd tests
# Left out: the one loss that came with torch 2.13, the calls and cases of all losses (its own among them), and a message
# that was another.
../$venv/bin/python -m pytest -q -n auto -k "not linear_cross_entropy and not calls_of_its_tests and not call21" \
    test_explorer.py test_evaluate.py test_lookup.py test_compare.py test_checking.py test_fitting.py test_training.py \
    test_tables.py test_controls.py test_mask_panel.py test_figures.py test_references.py test_stills.py diagnose \
    --ignore=diagnose/test_odd_arguments.py
