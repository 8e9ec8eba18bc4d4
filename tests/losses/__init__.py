"""The losses as they are tested, one file each: found, not listed."""

from importlib import import_module
from pathlib import Path

from tests.cases import Cases

CASES: dict[str, Cases] = {
    path.stem: import_module(f"{__name__}.{path.stem}").CASES
    for path in sorted(Path(__file__).parent.glob("[!_]*.py"))
}
