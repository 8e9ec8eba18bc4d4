"""Every page of the site, and JupyterLab's start page, opens without a complaint and asks no one else.

The `open_page` fixture complains: a console error, or a request that leaves the machine, fails the test.
"""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
CONTENTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
FILES = [CONTENTS["root"]] + [chapter["file"] for part in CONTENTS["parts"] for chapter in part["chapters"]]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("file", FILES)
def test_page_of_the_site_opens(open_page, site, file):
    page = open_page(f"{site}/{file}.html")
    page.wait_for_load_state("networkidle")
    assert page.locator("h1:visible").count() == 1


def test_formulas_are_set_without_a_network(open_page, site):
    page = open_page(f"{site}/book/how_to_read.html")
    page.wait_for_selector("math")
    page.wait_for_function("document.fonts.check(' 1em \"Handbook formulas\"')")


def test_icons_are_drawn_without_the_icon_script(open_page, site):
    page = open_page(f"{site}/book/start.html")
    page.wait_for_function("document.fonts.check('900 1em \"Font Awesome 6 Free\"')")
    assert page.locator(".theme-switch-button i:visible").bounding_box()["width"] > 0


def test_first_page_leads_to_the_start(open_page, site):
    open_page(site).wait_for_url("**/book/start.html")


def test_links_of_the_start_page_lead_to_pages(open_page, site):
    page = open_page(f"{site}/book/start.html")
    links = page.locator("article a.internal").evaluate_all("links => links.map(link => link.href)")
    assert links
    assert [page.request.get(link).status for link in links] == [200] * len(links)


def test_jupyterlab_opens_on_the_rendered_start_page_and_its_links_open_notebooks(open_page, lab):
    page = open_page(lab)
    page.locator(".jp-MarkdownViewer a", has_text="L1").first.click()
    page.wait_for_selector(".jp-Notebook:visible")
    assert page.url.endswith("/lab/tree/notebooks/regression/l1_loss.ipynb")
