"""What a page says about itself to search engines, link previews and readers who want to run it.

The sources do not know where a copy is published. HANDBOOK_URL and HANDBOOK_REPOSITORY in the environment say
so, or `_config.yml` (book/publish.md); without them nothing is shown that would need an address.
"""

import os
import re
from html import escape
from pathlib import Path
from urllib.parse import quote, urljoin

from docutils import nodes
from sphinx.errors import ConfigError

DESCRIPTION_LENGTH = 200
PICTURE = "_static/explorer.png"


def address(name: str) -> str | None:
    """The address in this environment variable; ConfigError if it is none."""
    found = os.environ.get(name, "").strip()
    if found and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", found):
        raise ConfigError(f"{name} must be an address such as https://example.org/losses, got {found!r}")
    # What stands in a page and in the sitemap may hold no letters but those of an address.
    return quote(found, safe=":/?#[]@!$&'()*+,;=%~") or None


def configure(app, config):
    if site := address("HANDBOOK_URL") or config.html_baseurl:
        config.html_baseurl = site.rstrip("/") + "/"  # or the last folder would be taken for a page
    options = config.html_theme_options
    if repository := address("HANDBOOK_REPOSITORY") or options.get("repository_url"):
        config.html_theme_options |= {
            "repository_url": repository.rstrip("/"),
            "repository_branch": os.environ.get("HANDBOOK_BRANCH")
            or options.get("repository_branch")
            or "main",
            "use_repository_button": True,
            "launch_buttons": {
                "notebook_interface": "jupyterlab",
                "binderhub_url": "https://mybinder.org",
                "colab_url": "https://colab.research.google.com",
            },
        }


def math(text) -> bool:
    return isinstance(text.parent, nodes.math)


def description(doctree) -> str:
    """The first paragraph, cut after a word."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    words = [n.astext() for n in paragraph.findall(nodes.Text) if not math(n)] if paragraph else []
    text = re.sub(r"(,)(\s*,)+", r"\1", " ".join("".join(words).split()))  # where a formula stood
    text = re.sub(r"\s+([,.])", r"\1", text)
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"


def meta(title: str, text: str, site: str, page: str) -> str:
    facts = {"og:type": "article", "og:title": title, "og:description": text}
    if site:
        facts |= {"og:url": urljoin(site, page), "og:image": urljoin(site, PICTURE)}
    lines = [f'<meta property="{key}" content="{escape(value)}" />' for key, value in facts.items()]
    return "\n".join([f'<meta name="description" content="{escape(text)}" />', *lines])


def lead_colab_to_its_branch(app, pagename, templatename, context, doctree):
    """Colab needs notebooks that install lossviz; where a branch holds such, its button leads there."""
    branch = os.environ.get("HANDBOOK_COLAB_BRANCH")
    if not branch:
        return
    own = app.config.html_theme_options.get("repository_branch")
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("text") == "Colab":
                button["url"] = button["url"].replace(f"/blob/{own}/", f"/blob/{branch}/", 1)


def on_page(app, pagename, templatename, context, doctree):
    if doctree is not None:
        title = re.sub(r"<[^>]*>", "", context.get("title", ""))
        page = meta(title, description(doctree), app.config.html_baseurl or "", f"{pagename}.html")
        context["metatags"] = context.get("metatags", "") + page


NOT_FOUND = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>No such page</title>
<style>
:root {{ color-scheme: light dark }}
html {{ background: light-dark(#fff, #14181e); color: light-dark(#1f2430, #e7eaf0) }}
a {{ color: light-dark(#0a5bc4, #7fb1f7) }}
body {{ font: 1.1rem/1.6 system-ui; margin: 20vh auto; max-width: 34rem; padding: 0 1rem }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>The address may be old or mistyped. {where}</p>
</main>
</body>
</html>
"""


def write_files(app, exception):
    """404.html, which a server sends for any missing page, and the sitemap, if there is an address."""
    if exception or app.builder.format != "html":
        return
    out, site = Path(app.outdir), app.config.html_baseurl
    where = f"All chapters of {escape(app.config.html_title)} are listed on its start page."
    if site:  # a server sends this file for any address, so that no relative link leads home from it
        where = where.replace("start page", f'<a href="{escape(site)}">start page</a>')
    (out / "404.html").write_text(NOT_FOUND.format(where=where), "utf-8")
    if site:
        pages = "".join(
            f"<url><loc>{escape(urljoin(site, name))}.html</loc></url>\n"
            for name in sorted(app.env.found_docs)
        )
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{pages}</urlset>\n',
            "utf-8",
        )


def setup(app):
    app.connect("config-inited", configure)
    app.connect("html-page-context", on_page)
    # When the theme has made its buttons.
    app.connect("html-page-context", lead_colab_to_its_branch, priority=900)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
