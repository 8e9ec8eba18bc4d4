#!/bin/sh
# Check how scripts and styles are formatted, by prettier; with --write, format them. Run by make from the handbook's
# folder. Prettier comes with Node's npm; without npm nothing is checked, except in CI, where that is a failure.
set -u
version=3.10.1
folder=.venv/prettier

if ! command -v npm >/dev/null; then
    echo "Scripts and styles are not checked: there is no npm, which brings prettier."
    [ "${CI:-}" != true ]
    exit
fi
grep -qs "\"version\": \"$version\"" $folder/node_modules/prettier/package.json ||
    npm install --silent --no-audit --no-fund --no-save --no-package-lock --prefix $folder "prettier@$version" || exit 1
find lossviz book benchmarks tests tools -not -path '*/.*' \( -name '*.js' -o -name '*.mjs' -o -name '*.css' \) -print0 |
    xargs -0 $folder/node_modules/.bin/prettier --no-config --no-editorconfig --print-width 120 --log-level warn "${1:---check}"
