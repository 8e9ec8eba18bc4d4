"""Tables that a page computes: aligned text in a terminal and in a stored output, a table in a notebook."""

import re
import textwrap
from dataclasses import dataclass
from html import escape

WIDTH = 110  # of the text form, in characters

_CELL = (
    "text-align: left; vertical-align: top; background: none; color: inherit; padding: 2px 12px 2px 0; "
    "min-width: 6em"
)


@dataclass(frozen=True)
class Link:
    """A cell that leads somewhere: in the text form only `text` shows.

    Raises ValueError for a `url` that is neither relative nor http(s): a page would run javascript: ones.
    """

    text: str
    url: str

    def __post_init__(self):
        if re.match(r"(?!https?:)[^/?#]*:", self.url.strip(), re.IGNORECASE):
            raise ValueError(f"a link must be relative or begin with http(s)://, got {self.url!r}")

    def __str__(self) -> str:
        return self.text


class Table:
    """Rows under headings. A cell is anything with a `str`, or a `Link`.

    columns  the headings
    rows     for each row one cell a column; the first cell names the row
    title    a line above, or None

    Raises ValueError for a row with more or fewer cells than there are columns.
    """

    def __init__(self, columns, rows, title=None):
        self.columns, self.rows, self.title = list(columns), [list(row) for row in rows], title
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row must have {len(self.columns)} cells, one a column, got {len(row)}")

    def __repr__(self) -> str:
        texts = [[str(cell) for cell in row] for row in [self.columns, *self.rows]]
        widths = _fitting([max(map(len, column)) for column in zip(*texts, strict=True)])
        blocks = [_lines(row, widths) for row in texts]
        # A row of several lines ends where the next begins only if a line is left between them.
        gap = "\n\n" if any("\n" in block for block in blocks) else "\n"
        return "\n".join([*([self.title] if self.title else []), gap.join(blocks)])

    def _repr_html_(self) -> str:
        caption = f'<caption style="{_CELL}">{escape(self.title)}</caption>' if self.title else ""
        line = "border-bottom: 1px solid currentColor"
        head = "".join(
            f'<th scope="col" style="{_CELL}; {line}">{escape(text)}</th>' for text in self.columns
        )
        body = "".join(
            '<tr style="background: none">'
            f'<th scope="row" style="{_CELL}">{_html(row[0])}</th>'
            + "".join(f'<td style="{_CELL}">{_html(cell)}</td>' for cell in row[1:])
            + "</tr>"
            for row in self.rows
        )
        # A wide table scrolls by itself, so that the page around it does not.
        return (
            '<div class="lossviz-table" style="overflow-x: auto" tabindex="0">'
            f'<table style="color: inherit; border-collapse: collapse">{caption}'
            f'<thead><tr style="background: none">{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )


def _fitting(widths: list[int]) -> list[int]:
    """The widths, the largest of them narrowed until all columns fit into WIDTH."""
    widths = list(widths)
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        widths[widths.index(max(widths))] -= 1
    return widths


def _lines(row: list[str], widths: list[int]) -> str:
    cells = [textwrap.wrap(text, width) for text, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [lines + [""] * (height - len(lines)) for lines in cells]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in zip(*padded, strict=True))


def _html(cell) -> str:
    # A long name such as binary_cross_entropy may break after an underscore: no column starves another.
    text = escape(str(cell)).replace("_", "_<wbr>")
    if isinstance(cell, Link):
        return f'<a href="{escape(cell.url)}" style="color: inherit; text-decoration: underline">{text}</a>'
    return text
