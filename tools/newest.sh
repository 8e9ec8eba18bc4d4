#!/bin/sh
# Do the notebooks and the unit tests hold on the newest of what they import? In an environment of its own, .venv-newest,
# made anew each time; several GB. Outputs are not compared (--nbval-lax): every assertion in a cell holds or fails.
# Run by make from the handbook's folder; PYTHON names another Python than the newest that is found.
set -eu
venv=.venv-newest
for python in "${PYTHON:-}" python3.14 python3.13 python3.12 python3; do
    [ -n "$python" ] && "$python" -c "" 2>/dev/null && break
done

rm -rf $venv
"$python" -m venv $venv
$venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
$venv/bin/python -m pip install --quiet -r requirements.txt
$venv/bin/python -m pip install --quiet --upgrade torch numpy matplotlib pillow anywidget ipywidgets ipykernel filelock PyYAML
$venv/bin/python -c 'import platform, numpy, torch; print("Python", platform.python_version(), "torch", torch.__version__, "NumPy", numpy.__version__)'
$venv/bin/python -m pytest -q -n auto -m "not browser"
$venv/bin/python -m pytest -q --nbval-lax --nbval-current-env -n auto --dist loadfile notebooks/ book/
