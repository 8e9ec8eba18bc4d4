"""Long tables are marked, for the script that sorts and filters them (book/_static/tables.js)."""

import re

NAME = "tables.js"
ROWS = 12  # a table with more of them is long
MARK = " data-long"
# Those that Markdown and lossviz.tables make; a card at a glance has no head. What stands between the two
# ends of a table is looked at when it is found: a table holds no table.
TABLE = re.compile(r"<table\b(?P<attributes>[^>]*)>(?P<inside>.*?)</table>", re.DOTALL)
# The tables of "My loss misbehaves" have a field of their own, which hides rows by itself.
OTHER = re.compile(r'<div data-symptoms="table".*?</div>', re.DOTALL)
OWN = re.compile(r'class="table\b|border-collapse: collapse')


def mark(body: str) -> str:
    """The page with a mark at each long table."""
    others = [found.span() for found in OTHER.finditer(body)]

    def put(found: re.Match) -> str:
        _, *rows = found["inside"].split("<tbody>", 1)
        is_long = "<thead>" in found["inside"] and rows and rows[0].count("<tr") > ROWS
        has_field = any(start < found.start() < end for start, end in others)
        if not is_long or has_field or not OWN.search(found["attributes"]):
            return found[0]
        return found[0].replace("<table", f"<table{MARK}", 1)

    return TABLE.sub(put, body)


def is_marked(body: str) -> bool:
    return f"<table{MARK} " in body
