"""One thing has one word in all pages: what reads as two things in one book, and how it is written here."""

import re

import pytest

from tests.handbook import BOOK, NOTEBOOKS, PAGES, ROOT, read, sources

# What is not prose: code, addresses of links, tags.
NO_PROSE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>", re.DOTALL)
THOUSANDS = r"\b\d{1,3} \d{3}\b"
TERMS = {
    r"\bNaNs?\b": "nan, as Python and torch print it",
    THOUSANDS: "a comma between thousands, as the cells print them",
    r"\b[Oo]ptimizers?\b": "optimiser (the code of torch says optimizer)",
    r"\b[Mm]ini-?batch": "batch",
    r"\bthis (book|text)\b": "this handbook",
}
TEXTS = [*NOTEBOOKS, *PAGES, *BOOK.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def others(text):
    """The words of a text that stand for what has another word here, each with that word."""
    prose = NO_PROSE.sub(" ", text)
    return [
        f"{word}: {term}" for pattern, term in TERMS.items() for word in re.findall(rf"({pattern})", prose)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_one_thing_has_one_word(path):
    texts = sources(read(path), "markdown") if path.suffix == ".ipynb" else [path.read_text("utf-8")]
    assert [found for text in texts for found in others(text)] == []


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: path.stem)
def test_what_cells_print_has_commas_between_thousands_too(path):
    assert [found for cell in sources(read(path), "code") for found in re.findall(THOUSANDS, cell)] == []


@pytest.mark.parametrize("text", ["a NaN", "10 000 rows", "the optimizer", "a mini-batch", "in this book"])
def test_another_word_is_found(text):
    assert len(others(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a nan",
        "`NaN`",
        "10,000 rows",
        "`optimizer.step()`",
        "in 2024 100 rows",
        "[so](torch.optim.Optimizer)",
    ],
)
def test_what_is_right_or_code_is_left_alone(text):
    assert others(text) == []
