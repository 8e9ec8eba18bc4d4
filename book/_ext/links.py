"""Links of the finished pages: tables lead to pages, and what leaves the site leaves without a trace."""

import re

# A link in a computed table names a notebook, which is right in JupyterLab; on the site it is a page.
NOTEBOOK = re.compile(r'(<a href="(?![\w+]+:)[^"#]*)\.(?:ipynb|md)(?=["#])')
# Without rel="noopener" the page that opens could steer this one in browsers that are some years old.
OUTSIDE = re.compile(r'<a (?=[^>]*\bhref="https?:)(?![^>]*\brel=)')


def finish(body: str) -> str:
    return OUTSIDE.sub('<a rel="noopener" ', NOTEBOOK.sub(r"\1.html", body))


def on_page(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = finish(context["body"])


def setup(app):
    app.connect("html-page-context", on_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
