"""Where this copy is published: its address, its buttons, the page for what is missing and the sitemap.

The sources do not know where a copy is published. HANDBOOK_URL and HANDBOOK_REPOSITORY in the environment say
so, or `_config.yml` (book/publish.md); without them nothing is shown that would need an address.
"""

import os
import re
import tomllib
from html import escape
from pathlib import Path
from urllib.parse import quote, urljoin

from sphinx.errors import ConfigError

ROOT = Path(__file__).parent.parent.parent.parent
COLAB = "https://colab.research.google.com"


def address(name: str) -> str | None:
    """The address in this environment variable; ConfigError if it is none."""
    found = os.environ.get(name, "").strip()
    if found and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", found):
        raise ConfigError(f"{name} must be an address such as https://example.org/losses, got {found!r}")
    # What stands in a page and in the sitemap may hold no letters but those of an address.
    return quote(found, safe=":/?#[]@!$&'()*+,;=%~") or None


def version() -> str:
    """The version that a course cites; of the sources, for an installed lossviz may be older."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def configure(config):
    """The settings of the environment, or of `_config.yml`, into those of Sphinx and the theme."""
    if site := address("HANDBOOK_URL") or config.html_baseurl:
        config.html_baseurl = site.rstrip("/") + "/"  # or the last folder would be taken for a page
    options = config.html_theme_options
    options["extra_footer"] = f"<p>Version {version()}</p>"
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
                "colab_url": COLAB,
            },
        }


def lead_colab_to_its_branch(context, own: str | None) -> None:
    """Where a branch holds notebooks that install lossviz, the button to Colab leads there, not to `own`."""
    branch = os.environ.get("HANDBOOK_COLAB_BRANCH")
    if not branch:
        return
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if str(button.get("url", "")).startswith(COLAB):
                button["url"] = button["url"].replace(f"/blob/{own}/", f"/blob/{branch}/", 1)


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


def write(folder: Path, site: str | None, title: str, documents: list[str]) -> None:
    """404.html, which a server sends for any missing page, and the sitemap, if the site has an address."""
    start = "start page"
    if site:  # a server sends this file for any address, so that no relative link leads home from it
        start = f'<a href="{escape(site)}">{start}</a>'
    where = f"All chapters of {escape(title)} are listed on its {start}."
    (folder / "404.html").write_text(NOT_FOUND.format(where=where), "utf-8")
    if site:
        pages = "".join(f"<url><loc>{escape(urljoin(site, name))}.html</loc></url>\n" for name in documents)
        (folder / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{pages}</urlset>\n',
            "utf-8",
        )
