"""The portraits of the losses on the site: in the gallery, at the head of a chapter, beside names in tables.

They stand in the page itself, where they follow its theme; a page opened from a folder may load no drawing
whose colours it sets.
"""

import re
from pathlib import PurePosixPath

from lossviz.losses import CATALOG
from lossviz.losses.loss import Loss
from lossviz.portraits import HEIGHT, WIDTH, inline, marks

IMAGE = re.compile(r'<img class="portrait" data-loss="(\w+)"[^>]*>')
SECTION = re.compile(r'(<section\b[^>]* class=")')
TITLE = re.compile(r"<h1>.*?</h1>", re.DOTALL)
# The first cell of a row of a computed table, whose link leads to a chapter.
NAMED = re.compile(r'(<th scope="row"[^>]*>)(?=<a href="[^"#:]*notebooks/\w+/(\w+)\.(?:html|ipynb)")')


def draw(body: str) -> str:
    """The page with the drawings themselves in the place of images that hold them."""
    return IMAGE.sub(lambda found: inline(CATALOG[found[1]]), body)


def loss_of(page: str) -> Loss | None:
    """The loss that a page is the chapter of."""
    place = PurePosixPath(page)
    return CATALOG.get(place.name) if place.parts[0] == "notebooks" else None


def family_of(page: str) -> str:
    """The family of this loss, "" for a page that is no chapter."""
    loss = loss_of(page)
    return loss.family if loss else ""


def head(body: str, page: str) -> str:
    """The page of a chapter with portrait and family beside its title."""
    if (loss := loss_of(page)) is None:
        return body
    family = f'<p class="portrait-family">{loss.family.capitalize()} loss</p>'

    def put(title: re.Match) -> str:
        beside = f"{inline(loss)}<div>{family}{title[0]}</div>"
        return f'<div class="portrait-head family-{loss.family}">{beside}</div>'

    return TITLE.sub(put, SECTION.sub(rf"\1family-{loss.family} ", body, count=1), count=1)


def beside_names(body: str) -> str:
    """The page with a small portrait before each loss that names a row of a computed table.

    Each is drawn once, at the beginning of the page, and shown wherever its loss is named.
    """
    seen = dict.fromkeys(name for _, name in NAMED.findall(body) if name in CATALOG)
    if not seen:
        return body
    drawn = "".join(
        f'<symbol id="portrait-{name}" viewBox="0 0 {WIDTH} {HEIGHT}">{marks(CATALOG[name])}</symbol>'
        for name in seen
    )

    def put(found: re.Match) -> str:
        if found[2] not in seen:
            return found[0]
        family = CATALOG[found[2]].family
        return (
            f'{found[1]}<svg class="portrait small family-{family}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'aria-hidden="true"><use href="#portrait-{found[2]}"/></svg>'
        )

    return f'<svg class="portraits" aria-hidden="true">{drawn}</svg>{NAMED.sub(put, body)}'
