"""Links of the finished pages: tables lead to pages, and what leaves the site leaves without a trace."""

import re
from pathlib import Path

# A link in a computed table names a notebook, which is right in JupyterLab; on the site it is a page.
NOTEBOOK = re.compile(r'(<a href="(?![\w+]+:)[^"#]*)\.(?:ipynb|md)(?=["#])')
# Without rel="noopener" the page that opens could steer this one in browsers that are some years old.
OUTSIDE = re.compile(r'<a (?=[^>]*\bhref="https?:)[^>]*>')


def leaving(match: re.Match) -> str:
    tag = match[0]
    if "noopener" in tag:
        return tag
    if ' rel="' in tag:
        return tag.replace(' rel="', ' rel="noopener ', 1)
    return tag.replace("<a ", '<a rel="noopener" ', 1)


def to_pages(body: str) -> str:
    return NOTEBOOK.sub(r"\1.html", body)


def without_trace(page: str) -> str:
    return OUTSIDE.sub(leaving, page)


def on_page(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = to_pages(context["body"])  # in it alone: a button downloads the notebook itself


def on_finished(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):  # also what the theme puts around the body
        path.write_text(without_trace(path.read_text("utf-8")), "utf-8")


def setup(app):
    app.connect("html-page-context", on_page)
    app.connect("build-finished", on_finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
