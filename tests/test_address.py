"""What a page says of its address: nothing where there is none, and no address that is none."""

import importlib
import sys
from types import SimpleNamespace

import pytest
from docutils.core import publish_doctree
from sphinx.errors import ConfigError

from tests.handbook import BOOK

sys.path.insert(0, str(BOOK / "_ext"))
address, policy = map(importlib.import_module, ["address", "policy"])


def configured():
    config = SimpleNamespace(html_baseurl="", html_theme_options={"launch_buttons": {"thebe": False}})
    address.configure(None, config)
    return config


def test_without_variables_nothing_is_set(monkeypatch):
    for name in ("HANDBOOK_URL", "HANDBOOK_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    config = configured()
    assert config.html_baseurl == "" and config.html_theme_options == {"launch_buttons": {"thebe": False}}


def test_the_variables_give_address_and_buttons(monkeypatch):
    monkeypatch.setenv("HANDBOOK_URL", "https://example.org/losses")
    monkeypatch.setenv("HANDBOOK_REPOSITORY", "https://github.com/example/losses/")
    config = configured()
    assert config.html_baseurl == "https://example.org/losses/"
    assert config.html_theme_options["repository_url"] == "https://github.com/example/losses"
    assert config.html_theme_options["launch_buttons"]["binderhub_url"].startswith("https://")


def test_the_configuration_names_the_repository_too_and_the_variable_wins(monkeypatch):
    named = {"repository_url": "https://github.com/a/b", "repository_branch": "taught"}
    monkeypatch.delenv("HANDBOOK_REPOSITORY", raising=False)
    config = SimpleNamespace(html_baseurl="", html_theme_options=dict(named))
    address.configure(None, config)
    assert config.html_theme_options["repository_branch"] == "taught"
    assert config.html_theme_options["use_repository_button"]
    monkeypatch.setenv("HANDBOOK_REPOSITORY", "https://github.com/c/d")
    address.configure(None, config)
    assert config.html_theme_options["repository_url"] == "https://github.com/c/d"


def test_the_button_for_colab_leads_to_the_branch_that_was_made_for_it(monkeypatch):
    app = SimpleNamespace(config=SimpleNamespace(html_theme_options={"repository_branch": "main"}))
    url = "https://colab.research.google.com/github/a/b/blob/{}/notebooks/main/main.ipynb"
    colab = {"text": "Colab", "url": url.format("main")}
    context = {
        "header_buttons": [{"label": "search"}, {"buttons": [{"text": "Binder", "url": "/main"}, colab]}]
    }
    monkeypatch.delenv("HANDBOOK_COLAB_BRANCH", raising=False)
    address.lead_colab_to_its_branch(app, "", "", context, None)
    assert colab["url"] == url.format("main")
    monkeypatch.setenv("HANDBOOK_COLAB_BRANCH", "colab")
    address.lead_colab_to_its_branch(app, "", "", context, None)
    assert colab["url"] == url.format("colab")
    assert context["header_buttons"][1]["buttons"][0]["url"] == "/main"


@pytest.mark.parametrize("wrong", ["example.org", "ftp://example.org", "https://", "https://a b"])
def test_what_is_no_address_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("HANDBOOK_URL", wrong)
    with pytest.raises(ConfigError, match="HANDBOOK_URL must be an address such as"):
        configured()


def test_a_page_says_what_it_is_about_and_its_address_only_if_it_has_one():
    page = address.meta('a "title"', "about", "", "a.html")
    assert 'content="a &quot;title&quot;"' in page and "og:url" not in page and "og:image" not in page
    page = address.meta("title", "about", "https://example.org/", "book/a.html")
    assert 'property="og:url" content="https://example.org/book/a.html"' in page


def test_the_description_is_the_first_paragraph_cut_after_a_word():
    doctree = publish_doctree("Title\n=====\n\n" + "word " * 60 + "\n\nsecond")
    text = address.description(doctree)
    assert text.startswith("word word") and text.endswith("word …") and len(text) <= 202
    assert address.description(publish_doctree("")) == ""


def test_a_formula_of_the_first_paragraph_is_left_out_of_the_description():
    text = "The distance of both, :math:`|x - y|`, for two :math:`x`."
    assert address.description(publish_doctree(text)) == "The distance of both, for two."


def test_an_address_in_the_settings_ends_in_a_slash_too(monkeypatch):
    monkeypatch.delenv("HANDBOOK_URL", raising=False)
    config = SimpleNamespace(html_baseurl="https://example.org/losses", html_theme_options={})
    address.configure(None, config)
    assert config.html_baseurl == "https://example.org/losses/"


def test_a_page_without_a_head_cannot_say_its_policy():
    with pytest.raises(ValueError, match="head"):
        policy.finish("<p>a</p>")


def test_the_page_for_what_is_missing_links_home_only_if_it_knows_where_that_is(tmp_path):
    app = SimpleNamespace(
        outdir=tmp_path,
        builder=SimpleNamespace(format="html"),
        env=SimpleNamespace(found_docs={"book/a"}),
        config=SimpleNamespace(html_baseurl="", html_title="A <Title>"),
    )
    address.write_files(app, None)
    page = (tmp_path / "404.html").read_text()
    assert "A &lt;Title&gt;" in page and "<a " not in page and "<head>" in page
    assert not (tmp_path / "sitemap.xml").exists()
    app.config.html_baseurl = "https://example.org/x/"
    address.write_files(app, None)
    assert '<a href="https://example.org/x/">' in (tmp_path / "404.html").read_text()
    assert "<loc>https://example.org/x/book/a.html</loc>" in (tmp_path / "sitemap.xml").read_text()


def test_the_policy_names_scripts_and_handlers_by_hash_and_no_data():
    page = (
        "<head></head><script>a()</script><script src='x.js'></script>"
        '<script type="application/json">{}</script><button onclick="b(&quot;1&quot;)">'
    )
    found = policy.policy(page)
    assert policy.digest("a()") in found and policy.digest('b("1")') in found
    assert found.count("sha256-") == 2 and "'unsafe-hashes'" in found and "unsafe-eval" not in found
    assert policy.finish(page).startswith('<head>\n    <meta http-equiv="Content-Security-Policy"')
    assert "unsafe-hashes" not in policy.policy("<head></head>")
