#!/bin/sh
# Create .venv and install requirements.txt into it. Run by make from the handbook's folder.
# The last line writes the stamp, so an installation that stopped half-way is taken up again.
set -u
venv=.venv
log=$venv/pip.log

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3 python3.13 python3.12 python3.11 python
fi
python=
found="no Python found ($*)"
for candidate in "$@"; do
    version=$("$candidate" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python=$candidate
        break
    fi
    found="$candidate is Python $version"
done
[ -n "$python" ] ||
    fail "Python 3.11 or newer is needed; $found. Install one and name it: PYTHON=python3.12 make lab"

"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv; then run make again."

# A .venv whose Python is gone or that was left without pip cannot be mended: make it anew.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || {
    echo "Creating $venv with Python $version"
    "$python" -m venv --clear "$venv" || fail "Could not create $venv; the error is above."
}

echo "Installing requirements.txt into $venv (once; a few minutes and some GB, mostly torch)"
rm -f "$log" "$venv/.installed"
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --log "$log" -r requirements.txt; then
    if grep -qE 'NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|ProxyError|Connection broken' "$log"; then
        fail "No connection to the package index, so the packages could not be installed." \
            "Check the network and run the same command again: finished downloads are kept."
    fi
    fail "pip could not install the packages; its error is above, the details are in $log. Then run the same command again."
fi
pwd -P >"$venv/.installed"
