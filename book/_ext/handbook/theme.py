"""What the theme gets wrong.

For those who hear a page, all of it has to stand inside a landmark, and no heading of a table may be empty.
And the list of a page's sections has another name than the script that follows the reader in it looks for:
without it the script follows every link, and stumbles over those that lead to the state of an explorer. And a
page names the next one in its head, which Firefox would fetch in advance, against what the page may load.
What shows its words needs no other name: who says the words that are seen would not be understood.
"""

import re

SIDEBAR = '<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar">'
NAMED = SIDEBAR.replace(">", ' role="complementary" aria-label="The handbook">')
# The corner of a table whose first column needs no name.
CORNER = re.compile(r'<th class="head[^"]*"[^>]*>(?:<p></p>)?</th>')
SPY, FOUND = 'data-bs-target=".bd-toc-nav"', 'data-bs-target="#pst-page-toc-nav"'
AHEAD = re.compile(r'<link rel="(?:next|prev)"[^>]*>\s*')
# The button of the search and the folds of MyST-NB.
RENAMED = re.compile(r'(<button class="btn search-button-field[^>]*|<summary) aria-label="[^"]*"')


def mend(page: str) -> str:
    page = RENAMED.sub(r"\1", page)
    return AHEAD.sub("", CORNER.sub("<td></td>", page.replace(SIDEBAR, NAMED).replace(SPY, FOUND)))
