"""Links of the finished pages: tables lead to pages, and what leaves the site leaves without a trace."""

import re

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
