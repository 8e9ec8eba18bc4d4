"""No page says how many chapters or exercises there are: it would be wrong with the next chapter."""

import re

import pytest

from tests.handbook import BOOK, PAGES, ROOT, read, sources

# A number above twelve, in digits or in words, before what grows. Below, a page may count what it shows.
COUNT = re.compile(
    r"\b(1[3-9]|[2-9]\d|\d{3,}|\w+teen|(twen|thir|for|fif|six|seven|eigh|nine)ty(-\w+)?)"
    r"\s+(chapters|exercises|losses of this handbook)\b",
    re.IGNORECASE,
)
PROSE = [ROOT / "README.md", *sorted(BOOK.glob("*.md")), *PAGES]


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_no_page_counts_the_chapters_or_the_exercises(path):
    text = "\n".join(sources(read(path))) if path.suffix == ".ipynb" else path.read_text("utf-8")
    assert not COUNT.search(text), COUNT.search(text)[0]


@pytest.mark.parametrize("text", ["Thirteen chapters", "All 51 exercises", "fifty-one\nexercises"])
def test_a_count_is_found(text):
    assert COUNT.search(text)
