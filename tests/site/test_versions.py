"""Addresses of scripts, style sheets and fonts that name their content."""

import re

from book._ext.handbook import versions
from book._ext.handbook.finished import Finished


def test_the_address_of_a_script_names_its_content(tmp_path):
    static, page = tmp_path / "_static", tmp_path / "book" / "a.html"
    for folder in (static, page.parent):
        folder.mkdir()
    (static / "a.js").write_text("1")
    (static / "a.css").write_text('@font-face { src: url("f.woff2") }')
    (static / "f.woff2").write_bytes(b"font")
    page.write_text(
        '<script src="../_static/a.js"></script><link href="../_static/a.css?v=old">'
        '<a href="../_static/gone.js"><script src="https://x.org/_static/a.js"></script>'
    )
    files = Finished(tmp_path)
    before = versions.of_files(files.texts[page], page.parent, files.digest)
    assert re.search(r'src="../_static/a.js\?v=\w{8}"', before) and "v=old" not in before
    assert 'href="../_static/gone.js"' in before and 'x.org/_static/a.js"' in before
    assert 'url("f.woff2?v=' in versions.of_fonts(files.texts[static / "a.css"], static, files.digest)
    files.texts[static / "a.js"] = "2"
    assert versions.of_files(files.texts[page], page.parent, files.digest) != before
