"""Explorers side by side, which keep the controls that they share in step."""

import ipywidgets

from lossviz.explorer.widget import Explorer


class SideBySide(ipywidgets.HBox):
    """The row of explorers that `side_by_side` returns."""

    def __repr__(self) -> str:
        return "SideBySide(" + ", ".join(map(repr, self.children)) + ")"

    def _repr_mimebundle_(self, **kwargs):
        row = "".join(explorer.to_html() for explorer in self.children)
        data = {"text/plain": repr(self), "text/html": f'<div class="lossviz-row">{row}</div>'}
        return data | {k: v for k, v in super()._repr_mimebundle_(**kwargs).items() if k not in data}


def side_by_side(*explorers: Explorer) -> SideBySide:
    """Explorers in a row; the controls that they share by name keep in step, live and on a page.

    A control moves to the other explorer's nearest position. Raises ValueError for fewer than two explorers,
    for one that stands in a row already, and where no control is shared.
    """
    wrong = [e for e in explorers if not isinstance(e, Explorer)]
    if len(explorers) < 2 or wrong:
        raise ValueError(f"side_by_side needs at least two explorers, got {wrong or list(explorers)}")
    if len(set(map(id, explorers))) < len(explorers) or any("linked" in e.spec for e in explorers):
        raise ValueError("side_by_side needs different explorers, none of them in a row already")
    kinds = [{c["name"]: c["type"] for c in e.spec["controls"]} for e in explorers]
    shared = [name for name, kind in kinds[0].items() if all(other.get(name) == kind for other in kinds[1:])]
    if not shared:
        raise ValueError(f"side_by_side needs a control that all share by name, got {[*map(list, kinds)]}")
    group = "+".join(e.spec["id"] for e in explorers)
    for e in explorers:
        e.spec = e.spec | {"linked": {"group": group, "names": shared}}
    return SideBySide(explorers)
