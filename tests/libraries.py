"""The libraries that losses on masks are held against, for tests."""

from lossviz.libraries import library
from tests.conftest import skip_unless_ci


def losses_of(name):
    """The losses of a library; where it is not installed the test is skipped, and in CI it fails."""
    module = library(name)
    if module is None:
        skip_unless_ci(f"{name} is not installed; requirements.txt has it")
    return module
