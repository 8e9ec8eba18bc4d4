#!/bin/sh
# Check how scripts and styles are formatted, by prettier; with --write, format them. Run by make from the handbook's
# folder, after tools/node.sh.
set -u
prettier=.venv/node/node_modules/.bin/prettier

[ -x $prettier ] || exit 0 # tools/node.sh has said why
find lossviz book benchmarks tests tools -not -path '*/.*' \( -name '*.js' -o -name '*.mjs' -o -name '*.css' \) -print0 |
    xargs -0 $prettier --no-config --no-editorconfig --print-width 120 --log-level warn "${1:---check}"
