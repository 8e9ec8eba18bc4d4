"""A section that a first reading may skip says so in the list of sections."""

from book._ext.handbook.reading import mark_contents

LINK = '<a class="reference internal nav-link" href="#{}">'
SECTION = '<section id="{}"><h3>Title</h3>{}</section>'
MARK = '<p><small data-reading="second">On a second reading.</small></p>'


def test_the_innermost_section_with_the_mark_is_marked_in_the_contents():
    page = LINK.format("a") + LINK.format("b") + LINK.format("c")
    page += f'<section id="a"><h2>A</h2>{SECTION.format("b", "")}{SECTION.format("c", MARK)}</section>'
    found = mark_contents(page)
    assert found.count('data-reading="second"') == 2
    assert 'nav-link" data-reading="second" href="#c"' in found
