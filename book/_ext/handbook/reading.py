"""Sections that a first reading may skip, marked in the page's list of sections as in the text."""

import re

# The innermost section that the mark stands in: no other begins between its start and the mark.
SECOND = re.compile(r'<section id="([^"]+)">(?:(?!<section).)*?data-reading="second"', re.DOTALL)


def mark_contents(page: str) -> str:
    for name in SECOND.findall(page):
        page = page.replace(f'nav-link" href="#{name}"', f'nav-link" data-reading="second" href="#{name}"')
    return page
