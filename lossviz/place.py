"""Where the handbook's files are."""

from pathlib import Path


def handbook() -> Path | None:
    """The folder of the handbook around the present one; None where a notebook is opened by itself."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "_toc.yml").is_file()), None)
