"""Long tables are marked for the script that sorts and filters them, and no others."""

import pytest

from book._ext.handbook import tables
from lossviz.tables import Table


def long_table(rows=tables.ROWS + 1):
    return Table(["a", "b"], [[row, row] for row in range(rows)])._repr_html_()


def markdown(rows):
    body = "<tr><td>1</td></tr>" * rows
    return f'<table class="table"><thead><tr><th>a</th></tr></thead><tbody>{body}</tbody></table>'


@pytest.mark.parametrize("make", [long_table, markdown])
def test_a_table_with_more_rows_than_are_seen_at_once_is_marked(make):
    page = tables.mark(f"<p>before</p>{make(tables.ROWS + 1)}{make(tables.ROWS)}")
    assert page.count(tables.MARK) == 1 and page.index(tables.MARK) < page.index("</table>")
    assert tables.is_marked(page) and page.replace(tables.MARK, "") == (
        f"<p>before</p>{make(tables.ROWS + 1)}{make(tables.ROWS)}"
    )


@pytest.mark.parametrize(
    "page",
    [
        "<p>no table</p>",
        markdown(40).replace("<thead>", "<tfoot>"),
        markdown(40).replace('class="table"', 'class="lossviz-card"'),
        f'<div data-symptoms="table"><p></p>{markdown(40)}</div>',
    ],
    ids=["none", "no head", "a card", "with a field"],
)
def test_other_tables_stay_as_they_are(page):
    assert tables.mark(page) == page and not tables.is_marked(page)


def test_a_table_after_those_with_a_field_of_their_own_is_marked():
    assert tables.is_marked(tables.mark(f'<div data-symptoms="table"></div>{long_table()}'))
