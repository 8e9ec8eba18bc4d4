"""Where a copy is published: nothing depends on an address that is not there, or that is none."""

from types import SimpleNamespace

import pytest
from sphinx.errors import ConfigError

from book._ext.handbook import publish


def configured():
    config = SimpleNamespace(html_baseurl="", html_theme_options={"launch_buttons": {"thebe": False}})
    publish.configure(config)
    return config


def test_without_variables_nothing_is_set(monkeypatch):
    for name in ("HANDBOOK_URL", "HANDBOOK_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    config = configured()
    options = {"launch_buttons": {"thebe": False}, "extra_footer": f"<p>Version {publish.version()}</p>"}
    assert config.html_baseurl == "" and config.html_theme_options == options


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
    publish.configure(config)
    assert config.html_theme_options["repository_branch"] == "taught"
    assert config.html_theme_options["use_repository_button"]
    monkeypatch.setenv("HANDBOOK_REPOSITORY", "https://github.com/c/d")
    publish.configure(config)
    assert config.html_theme_options["repository_url"] == "https://github.com/c/d"


def test_the_button_for_colab_leads_to_the_branch_that_was_made_for_it(monkeypatch):
    url = "https://colab.research.google.com/github/a/b/blob/{}/notebooks/main/main.ipynb"
    colab = {"text": "Kollab", "url": url.format("main")}
    context = {
        "header_buttons": [{"label": "search"}, {"buttons": [{"text": "Binder", "url": "/main"}, colab]}]
    }
    monkeypatch.delenv("HANDBOOK_COLAB_BRANCH", raising=False)
    publish.lead_colab_to_its_branch(context, "main")
    assert colab["url"] == url.format("main")
    monkeypatch.setenv("HANDBOOK_COLAB_BRANCH", "colab")
    publish.lead_colab_to_its_branch(context, "main")
    assert colab["url"] == url.format("colab")
    assert context["header_buttons"][1]["buttons"][0]["url"] == "/main"


@pytest.mark.parametrize("wrong", ["example.org", "ftp://example.org", "https://", "https://a b"])
def test_what_is_no_address_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("HANDBOOK_URL", wrong)
    with pytest.raises(ConfigError, match="HANDBOOK_URL must be an address such as"):
        configured()


def test_an_address_in_the_settings_ends_in_a_slash_too(monkeypatch):
    monkeypatch.delenv("HANDBOOK_URL", raising=False)
    config = SimpleNamespace(html_baseurl="https://example.org/losses", html_theme_options={})
    publish.configure(config)
    assert config.html_baseurl == "https://example.org/losses/"


def test_the_page_for_what_is_missing_links_home_only_if_it_knows_where_that_is(tmp_path):
    publish.write(tmp_path, "", "A <Title>", ["book/a"])
    page = (tmp_path / "404.html").read_text()
    assert "A &lt;Title&gt;" in page and "<a " not in page and "<head>" in page
    assert not (tmp_path / "sitemap.xml").exists()
    publish.write(tmp_path, "https://example.org/x/", "A <Title>", ["book/a"])
    assert '<a href="https://example.org/x/">' in (tmp_path / "404.html").read_text()
    assert "<loc>https://example.org/x/book/a.html</loc>" in (tmp_path / "sitemap.xml").read_text()
