"""What the pages of the site need beyond what the notebooks put out."""

import re

# A link in a computed table names a notebook, which is right in JupyterLab; on the site it is a page.
NOTEBOOK_LINK = re.compile(r'(<a href="(?![\w+]+:)[^"#]*)\.ipynb(?=["#])')
# Every explorer brings the drawing code and its styles, so that it works alone. One of each serves a page:
# modules run when the page is complete, and the first one brings all explorers to life.
CODE = re.compile(r'<script type="module">(?:(?!</script>).)*?mountAll\(document\);</script>', re.DOTALL)
STYLE = re.compile(r'(?<=">)<style>.*?</style>', re.DOTALL)


def first_only(pattern: re.Pattern, text: str) -> str:
    found = pattern.search(text)
    return text if found is None else text[: found.end()] + pattern.sub("", text[found.end() :])


def finish(body: str) -> str:
    return NOTEBOOK_LINK.sub(r"\1.html", first_only(STYLE, first_only(CODE, body)))


def on_page(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = finish(context["body"])


def setup(app):
    app.connect("html-page-context", on_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
