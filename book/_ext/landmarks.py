"""For those who hear a page: all of it stands inside a landmark, and no heading of a table is empty."""

import re
from pathlib import Path

SIDEBAR = '<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar">'
NAMED = SIDEBAR.replace(">", ' role="complementary" aria-label="The handbook">')
# The corner of a table whose first column needs no name.
CORNER = re.compile(r'<th class="head[^"]*"[^>]*>(?:<p></p>)?</th>')


def finish(page: str) -> str:
    return CORNER.sub("<td></td>", page.replace(SIDEBAR, NAMED))


def on_finished(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        path.write_text(finish(path.read_text("utf-8")), "utf-8")


def setup(app):
    app.connect("build-finished", on_finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
