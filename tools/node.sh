#!/bin/sh
# Install into .venv/node what comes from npm: prettier, which formats scripts and styles, and axe-core, which looks at
# pages as those do who cannot see them. Run from the handbook's folder. Without npm nothing is installed, which is a
# failure in CI alone: a reader's machine needs neither.
set -u
packages="prettier@3.10.1 axe-core@4.14.1"
folder=.venv/node

[ "$(cat $folder/.installed 2>/dev/null)" = "$packages" ] && exit
if ! command -v npm >/dev/null; then
    echo "There is no npm, so scripts and styles are not formatted or checked, and pages are not judged by axe."
    [ "${CI:-}" != true ]
    exit
fi
# shellcheck disable=SC2086 (two packages, two words)
npm install --silent --no-audit --no-fund --no-save --no-package-lock --prefix $folder $packages &&
    echo "$packages" >$folder/.installed
