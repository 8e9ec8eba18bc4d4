"""Explorers side by side, which keep the controls that they share in step."""

import weakref
from pathlib import Path

import ipywidgets

from lossviz.explorer import page, shown
from lossviz.explorer.widget import Explorer


class SideBySide(shown.Reopened, ipywidgets.HBox):
    """The row of explorers that `side_by_side` returns."""

    def __repr__(self) -> str:
        return "SideBySide(" + ", ".join(map(repr, self.children)) + ")"

    def save(self, path: str | Path) -> Path:
        """Keep the row as a page of its own that moves; see `Explorer.save`. `path` ends in .html.

        Raises ValueError for another ending: a picture of each is `row.children[0].save("left.png")`.
        """
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise ValueError(f"a row of explorers is saved as .html, got {str(path)!r}")
        first, *others = self.children
        titles = " · ".join(e.spec["title"] for e in self.children)
        fragments = [first.to_html(), *(e.to_html(with_code=False) for e in others)]
        path.write_text(page.document(titles, *fragments), "utf-8")
        return path

    def _repr_mimebundle_(self, **kwargs):
        for part in (*self.children, self):
            if part.comm is None:
                part.open()
        first, *others = self.children
        with_code = shown.note(self, *self.children)
        row = first.to_html(with_code=with_code) + "".join(e.to_html(with_code=False) for e in others)
        data = {"text/plain": repr(self), "text/html": f'<div class="lossviz-row">{row}</div>'}
        live = super()._repr_mimebundle_(**kwargs) if shown.attended() else {}
        return data | {k: v for k, v in live.items() if k not in data}


def side_by_side(*explorers: Explorer) -> SideBySide:
    """Explorers in a row; the controls that they share by name keep in step, live and on a page.

    A control moves to the other explorer's nearest position. An explorer that stood in another row leaves it,
    and one that was closed is opened again. Raises ValueError for fewer than two explorers, for the same one
    twice, and where no control is shared.

    explorers  two or more, made by `explore` or its sisters

    Returns the row: show it as the last line of a cell; `row.save("name.html")` keeps it as a page.
    """
    wrong = [e for e in explorers if not isinstance(e, Explorer)]
    if len(explorers) < 2 or wrong:
        raise ValueError(f"side_by_side needs at least two explorers, got {wrong or list(explorers)}")
    if len(set(map(id, explorers))) < len(explorers):
        raise ValueError(f"side_by_side needs different explorers, got {list(explorers)}")
    kinds = [{c["name"]: c["type"] for c in e.spec["controls"]} for e in explorers]
    shared = [name for name, kind in kinds[0].items() if all(other.get(name) == kind for other in kinds[1:])]
    if not shared:
        raise ValueError(f"side_by_side needs a control that all share by name, got {[*map(list, kinds)]}")
    group, row = "+".join(e.spec["id"] for e in explorers), weakref.WeakSet(explorers)
    for e in explorers:
        if e.comm is None:
            e.open()
        _leave(e, row)
        e.spec = e.spec | {"linked": {"group": group, "names": shared}}
    return SideBySide(explorers)


def _leave(explorer: Explorer, new: weakref.WeakSet) -> None:
    """Take an explorer out of its row; of a row of two, the other one is no longer linked either."""
    row, explorer._row = explorer._row or weakref.WeakSet(), new
    row.discard(explorer)
    for last in [*row] if len(row) == 1 else ():
        if last not in new:
            last.spec = {key: value for key, value in last.spec.items() if key != "linked"}
            last._row = None
