"""What `make lab` starts JupyterLab with.

It opens on the start page, saves what was only read and run as committed, and asks nobody on the internet.
"""

import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterLab provides it)

sys.path.insert(0, str(Path(__file__).parents[2]))
c.ServerApp.contents_manager_class = "tools.lab.saving.Contents"
# pip enables it for those who install lossviz; the copy in work of `make` is installed without that.
c.ServerApp.jpserver_extensions = {"lossviz_server": True}

# The start page, and beside it the folders of pages and chapters.
c.LabApp.default_url = "/lab/tree/book/start.ipynb?file-browser-path=/"
# What a reader does not read is not listed; it is there, and opens by its name (File, Open from Path).
c.ContentsManager.hide_globs = [
    *("__pycache__", "*.pyc", "*~", "_*"),
    *("benchmarks", "lossviz", "tests", "tools", "conftest.py", "Makefile", "*.js"),
    *("*.toml", "*.txt", "*.yml"),
]
# Links to sections and explorers end there.
c.LabApp.extra_labextensions_path = [str(Path(__file__).parent / "extensions")]
# overrides.json beside this file: Markdown opens as a page to read, and no question about news.
# page_config.json: no button that leads to Notebook 7, which is here for the tests.
c.LabApp.app_settings_dir = str(Path(__file__).parent)
# The tabs that were open last are those of the handbook, not those of the reader's other projects.
c.LabApp.workspaces_dir = str(Path(sys.prefix) / "share" / "jupyter" / "lab" / "workspaces")

# In a container everybody is root; the server listens on loopback and asks for its token all the same.
c.ServerApp.allow_root = True

c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
