"""The explorer's modules can be joined into one, and the join is what the widget and the pages use."""

import base64
import json
import re
import zlib
from collections import Counter

import pytest

from lossviz.explorer import bundle

SOURCES = {path.name: path.read_text("utf-8") for path in bundle.modules()}
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def imports(source):
    """The names that a module imports."""
    return re.findall(r"\w+", " ".join(re.findall(r"^import \{([^}]*)\} from", source, re.MULTILINE)))


def test_every_module_is_reached_from_the_entry():
    on_disk = {p for folder in (bundle.FOLDER, bundle.PANELS) for p in folder.rglob("*.js")}
    # These two are loaded by themselves, and panel.js holds the contract in comments.
    alone = {bundle.FOLDER / "live.js", bundle.FOLDER / "loader.js", bundle.PANELS / "panel.js"}
    assert on_disk - alone == set(bundle.modules())


def test_each_module_stands_after_those_that_it_imports():
    names = list(SOURCES)
    for name, source in SOURCES.items():
        for match in bundle.IMPORT.finditer(source):
            assert names.index(match["path"].rsplit("/", 1)[-1]) < names.index(name)


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_imports_and_exports_by_name(name):
    source = SOURCES[name]
    others = bundle.DEFAULT.sub("", bundle.EXPORT.sub("", bundle.IMPORT.sub("", source)))
    assert not re.search(r"^(import|export)\b|\bimport\(", others, re.MULTILINE)
    imported = set(imports(source))
    exported = {
        n for other in SOURCES.values() for n in re.findall(r"^export (?:async )?\w+ (\w+)", other, re.M)
    }
    assert imported <= exported


def test_every_import_is_used_and_no_name_is_taken_twice():
    for name, source in SOURCES.items():
        for imported in imports(source):
            assert len(re.findall(rf"\b{imported}\b", source)) > 1, f"{name} does not use {imported}"
    taken = Counter(found for source in SOURCES.values() for found in DECLARED.findall(source))
    assert [found for found, times in taken.items() if times > 1] == []


def test_the_module_has_one_export_and_the_script_none():
    assert re.findall(r"^export .*", bundle.module(), re.M) == ["export default { mountAll, render };"]
    assert not re.search(r"^(export|import)\b", bundle.script(), re.M)
    assert bundle.script().endswith("mountAll(document);\n})();\n")


@pytest.mark.parametrize("name", SOURCES)
def test_no_function_is_longer_than_60_lines(name):
    """What stands at the top level, with all that is nested in it."""
    lengths, begin = {}, None
    for number, line in enumerate(SOURCES[name].splitlines()):
        begin = (number, line) if re.match(r"(export )?(async )?(function|const) ", line) else begin
        if begin and re.match(r"[}\])]", line):
            lengths[begin[1]] = number - begin[0] + 1
    assert {first: length for first, length in lengths.items() if length > 60} == {}


@pytest.mark.parametrize("name", SOURCES)
def test_no_text_goes_over_several_lines_or_looks_like_a_comment(name):
    """The join drops comments and indentation, which in a text would be its own."""
    for line in SOURCES[name].splitlines():
        if not re.match(r"\s*(//|/?\*)", line):
            code, *comment = line.split(" // ")
            assert len(re.findall(r"(?<!\\)`", code)) % 2 == 0, line
            assert not comment or not re.search(
                r"""["'`][^"'`]*$""", re.sub(r"""(["'`]).*?\1""", "", code)
            ), line


def test_what_is_sent_has_no_lines_of_comments_and_the_same_code():
    written = "".join(bundle.IMPORT.sub("", source) for source in SOURCES.values())
    assert not re.search(r"^\s*(//|/?\*)", bundle.module(), re.M) and "/*" not in bundle.style()
    for kept in (r"\w+", r"`[^`]*`"):
        code = Counter(re.findall(kept, bundle.EXPORT.sub("", bundle.COMMENT.sub("", written))))
        assert Counter(re.findall(kept, bundle.module())) == code


def test_modules_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"circle, got a\.js again"):
        bundle.modules(tmp_path / "a.js")


def test_what_a_page_holds_unpacks_to_the_module_and_the_styles():
    text = bundle.loader()
    packed = re.search(r'atob\("([^"]+)"\)', text)[1]
    code, css = json.loads(zlib.decompress(base64.b64decode(packed)))
    assert (code, css) == (bundle.module(), bundle.style())
    assert text.count(bundle.digest()) == 3 and "{digest}" not in text
    assert len(text) < len(code) / 2


def test_no_code_closes_the_script_element_that_it_stands_in():
    assert "</script" not in bundle.loader() and "</style" not in bundle.style()


def test_colours_hold_where_a_browser_does_not_know_light_dark():
    before, after = bundle.style().split("@supports (color: light-dark(red, red))")
    light = re.findall(r"(--\w+): (#\w{6});", before)
    both = re.findall(r"(--\w+): light-dark\((#\w{6}), #\w{6}\);", after)
    assert light == both and len(light) > 8
