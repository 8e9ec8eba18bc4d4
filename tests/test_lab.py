"""What a reader meets in JupyterLab: what is listed, what runs first, and links that lead to sections."""

import ast
import builtins
import fnmatch
import json
import re
from collections import Counter
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from traitlets.config import Config

from lossviz.demo import explorers
from tests.handbook import (
    BOOK,
    CHAPTERS,
    NOTEBOOKS,
    PAGES,
    ROOT,
    anchor,
    cells,
    headings,
    node,
    read,
    shown,
    source,
    sources,
    tags,
)

EXTENSION = ROOT / "tools" / "lab" / "extensions" / "handbook-links"
TEXTS = [*NOTEBOOKS, *PAGES, *sorted(BOOK.glob("*.md"))]
# [text](address#anchor), or the address of an HTML link
LINK = re.compile(r'\]\(<?([^()\s>]*#[^)\s>]+)>?\)|\bhref="([^"]*#[^"]+)"')


def config():
    """What `make lab` sets."""
    settings, file = Config(), ROOT / "tools" / "lab" / "config.py"
    exec(compile(file.read_text("utf-8"), file, "exec"), {"get_config": lambda: settings, "__file__": file})
    return settings


def in_the_extension(expression, data):
    """The value of an expression in JavaScript: `lab` is the extension's module, `data` is this."""
    script = """
        require(process.argv[1]);
        const data = JSON.parse(require("fs").readFileSync(0));
        globalThis._JUPYTERLAB["handbook-links"].get().then((module) => {
          const lab = module();
          console.log(JSON.stringify(eval(process.argv[2])));
        });
    """
    done = node("-e", script, EXTENSION / "links.js", expression, input=json.dumps(data))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def numbered(names):
    """Explorers of one name are told apart by their order."""
    seen = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}-{seen[name]}"


def prose(path):
    """The Markdown of a page: its own, and what its cells show as such."""
    if path.suffix == ".md":
        return [path.read_text("utf-8")]
    return [
        *sources(read(path), "markdown"),
        *(text for cell in cells(read(path), "code") for text in shown(cell)),
    ]


def anchors(path):
    """How often each anchor stands in a page."""
    texts = prose(path) if path.suffix == ".md" else sources(read(path), "markdown")
    page = {"cells": [{"cell_type": "markdown", "source": text} for text in texts]}
    return Counter(anchor(text) for _, text, _ in headings(page))


def links(path):
    """The page and the end of the address of each link of a page that leads into a page of the handbook."""
    for text in prose(path):
        for match in LINK.finditer(text):
            address = urlsplit((match[1] or match[2]).replace("&amp;", "&"))
            if not address.scheme:
                yield (path.parent / address.path).resolve() if address.path else path, address.fragment


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_link_to_a_section_or_an_explorer_leads_to_one(path):
    for page, fragment in links(path):
        assert page.is_file(), page
        if name := parse_qs(fragment).get("explorer"):
            names = in_the_extension("data.flatMap(lab.explorerNames)", sources(read(page), "code"))
            assert name[0] in numbered(names), f"{page.name} has no explorer {name[0]}"
        else:
            assert anchors(page)[unquote(fragment)] == 1, f"{page.name} has no single section {fragment}"


def test_there_are_links_of_both_kinds():
    fragments = [fragment for path in TEXTS for _, fragment in links(path)]
    assert any("explorer=" in f for f in fragments) and any("explorer=" not in f for f in fragments)


def test_jupyterlab_is_given_the_anchors_of_the_site():
    texts = [
        text.replace("`", "")
        for path in TEXTS
        if path.suffix == ".ipynb"
        for _, text, _ in headings(read(path))
    ]
    as_jupyterlab_keeps_them = [text.replace(" ", "-") for text in texts]
    assert in_the_extension("data.map(lab.slug)", as_jupyterlab_keeps_them) == [
        anchor(text) for text in texts
    ]


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: path.stem)
def test_jupyterlab_finds_explorers_by_the_names_that_demo_gives_them(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    found = in_the_extension("data.flatMap(lab.explorerNames)", sources(read(path), "code"))
    assert [*numbered(found)] == [name for name, _ in explorers(path, only="none of them")]


def test_the_extension_is_what_its_description_says():
    described = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    assert described["name"] == EXTENSION.name
    assert (EXTENSION / described["jupyterlab"]["_build"]["load"]).is_file()


def test_what_is_listed_is_what_a_reader_reads():
    hidden = config().ContentsManager.hide_globs

    def listed(folder):
        names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
        return {name for name in names if not any(fnmatch.fnmatch(name, glob) for glob in hidden)}

    assert {"book", "notebooks", "README.md"} <= listed(ROOT)
    assert not {"lossviz", "tests", "tools", "benchmarks", "_toc.yml", "_build", "Makefile"} & listed(ROOT)
    assert {name.rpartition(".")[2] for name in listed(BOOK)} <= {"ipynb", "md"}
    for name in CHAPTERS:
        assert f"{name.rpartition('/')[2]}.ipynb" in listed((ROOT / name).parent)


def test_on_the_start_page_each_cell_runs_by_itself():
    for text in sources(read("book/start"), "code"):
        parts = [*ast.walk(ast.parse(text))]
        names = [part for part in parts if isinstance(part, ast.Name)]
        made = {name.id for name in names if isinstance(name.ctx, ast.Store)} | set(dir(builtins))
        for part in parts:
            match part:
                case ast.FunctionDef(name=name) | ast.arg(arg=name):
                    made.add(name)
                case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                    made |= {one.asname or one.name for one in imported}
        assert {name.id for name in names} <= made


@pytest.mark.parametrize(("page", "call"), [("course", "course()"), ("exercises", "exercises()")])
def test_a_readers_progress_is_shown_by_a_cell_where_it_is_told_of(page, call):
    [cell] = [cell for cell in cells(read(f"book/{page}"), "code") if source(cell).endswith(call)]
    assert "from lossviz" in source(cell) and "remove-cell" in tags(cell)


def test_what_to_press_first_stands_before_it_is_needed_and_not_on_the_site():
    start = read("book/start")["cells"]
    first = next(index for index, cell in enumerate(start) if "remove-cell" in tags(cell))
    assert all(cell["cell_type"] == "markdown" for cell in start[: first + 1])
    for chapter in CHAPTERS:
        notebook = read(chapter)
        (at,) = [index for _, text, index in headings(notebook) if text == "Exercises"]
        told = notebook["cells"][at + 1]
        assert "remove-cell" in tags(told) and "Run All Above" in source(told), chapter
