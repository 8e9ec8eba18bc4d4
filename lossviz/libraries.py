"""Libraries that a chapter is held against: the tests have them, and a reader need not.

`LIBRARIES` has the module with the losses of each, by the name of the library.
"""

from importlib import import_module, util
from types import ModuleType

LIBRARIES = {"MONAI": "monai.losses", "kornia": "kornia.losses"}


def library(name: str) -> ModuleType | None:
    """The losses of a library, "MONAI" or "kornia"; None where it is not installed.

    Raises ValueError for another name.
    """
    if name not in LIBRARIES:
        raise ValueError(f"library must be one of {', '.join(LIBRARIES)}, got {name!r}")
    module = LIBRARIES[name]
    return import_module(module) if util.find_spec(module.partition(".")[0]) else None
