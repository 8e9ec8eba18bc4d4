"""A lattice: states by row, steps of time by column, and what flows along the moves between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.patches import Circle

from lossviz.arguments import check_callable, check_styles, check_texts, is_slider, mapping, names_of
from lossviz.controls import as_list, is_number, is_whole
from lossviz.evaluate import call_for
from lossviz.explorer.make import finish, setup
from lossviz.explorer.widget import Explorer
from lossviz.figures import COLORS
from lossviz.lookup import Lookup
from lossviz.panels.panel import Panel
from lossviz.stills.numbers import number, shown
from lossviz.stills.sheet import GRID, HEAD, HEIGHT, INK, LINE, PAPER, POINT, WIDTH, Box, Sheet

MAX_ROWS = 13
MAX_NODES = 200  # more can be neither drawn in a frame nor read


def explore_lattice(
    nodes: Callable,
    flow: Callable,
    moves: Sequence[tuple[int, int]],
    labels: Sequence[str],
    columns: Sequence,
    *,
    controls: Mapping | None = None,
    path: Callable | None = None,
    bars: Mapping | None = None,
    outline: Mapping | None = None,
    drag: Mapping | None = None,
    readout: Mapping | None = None,
    styles: Sequence[str] | None = None,
    whole: float = 1.0,
    x_label: str = "time",
    title: str = "lattice",
    call: str | None = None,
    predict: bool = False,
    digits: int = 2,
    name: str | None = None,
) -> Explorer:
    """A lattice of states over time, its nodes and its moves as large as what the functions give.

    nodes     nodes(**controls): a number ≥ 0 for each node, shape (rows, columns); its area is drawn
    flow      flow(**controls): a share for each move out of a column, shape (columns − 1, moves)
    moves     the moves that there are, as pairs of rows (from, to); each leads to the next column
    labels    names of the rows, from top to bottom; the same name may stand in several rows
    columns   names of the columns
    path      path(**controls): the row of one path in each column, shape (columns,); nan where it has none
    bars      {"probability": function}: below each column a bar in 0 … 1 for each name of a row, once,
              shape (names, columns)
    outline   {"share": function}: a second set of these bars, dashed
    drag      {slider: (label, column)}: the slider that a bar moves, by the name of the row and of the column
    styles    a style a row: "loss", "grad" or "other1" … "other4" (default: "loss" for all)
    whole     the number whose node has the full size
    readout   {"loss": function}: single numbers in the head line
    predict   hides the numbers of nodes and moves, and the outline, until "reveal"
    The rest, and what raises ValueError, as in `explore`.
    """
    labels, columns = _names(labels, columns)
    made = setup(controls)
    lookup = Lookup(made)
    moves = _moves(moves, len(labels))
    styles = ["loss"] * len(labels) if styles is None else as_list(styles) or []
    if len(styles) != len(labels):
        raise ValueError(f"styles must hold one style a row, {len(labels)} in all, got {styles}")
    check_styles("styles", styles)
    check_texts(x_label=x_label)
    if not is_number(whole) or not 0 < whole < np.inf:
        raise ValueError(f"whole must be a finite number > 0, got {whole!r}")

    def add(role, key, f, shape, what=None):
        f = check_callable(f, what or key)
        lookup.add(role, key, f, int(np.prod(shape)), lambda f, setting: call_for(shape, f, setting).ravel())

    for key, value in mapping("readout", readout).items():
        add("readout", key, value, (), f"readout {key!r}")
    add("nodes", "nodes", nodes, (len(labels), len(columns)))
    add("flow", "flow", flow, (len(columns) - 1, len(moves)))
    if path is not None:
        add("path", "path", path, (len(columns),))
    symbols = list(dict.fromkeys(labels))
    for role, given in (("bars", bars), ("outline", outline)):
        for key, value in _one(role, given, bars).items():
            add(role, key, value, (len(symbols), len(columns)), f"{role} {key!r}")
    return finish(
        PANEL,
        lookup,
        {},
        title=title,
        name=name,
        call=call,
        revealed=not predict,
        hidden=(),
        digits=digits,
        hideable=True,
        labels=labels,
        columns=columns,
        moves=moves,
        styles=styles,
        symbols=symbols,
        drag=_drags(drag, made, symbols, columns) if bars else None,
        xLabel=x_label,
        range=[0.0, float(whole)],
    )


def _names(labels, columns) -> tuple[list[str], list[str]]:
    labels, columns = names_of("labels", labels, MAX_ROWS), names_of("columns", columns, MAX_NODES)
    if len(labels) * len(columns) > MAX_NODES or len(columns) < 2:
        shape = f"{len(labels)} x {len(columns)}"
        raise ValueError(f"a lattice must have 2 columns or more and at most {MAX_NODES} nodes, got {shape}")
    return labels, columns


def _moves(given, rows: int) -> list[tuple[int, int]]:
    moves = [tuple(as_list(move) or ()) for move in as_list(given) or ()]
    wrong = [m for m in moves if len(m) != 2 or not all(is_whole(k) and 0 <= k < rows for k in m)]
    if not moves or wrong:
        raise ValueError(
            f"moves must be pairs of rows, each in 0..{rows - 1}, got {wrong[0] if wrong else given!r}"
        )
    return moves


def _one(what: str, given, bars) -> Mapping:
    if len(mapping(what, given)) > 1:
        raise ValueError(f"{what} must hold one function with its name, got {list(given)}")
    if given and not bars:
        raise ValueError(f"{what} needs bars that it stands around, got none")
    return given or {}


def _drags(given, controls: Mapping, symbols: list[str], columns: list[str]) -> list[dict] | None:
    """The bars that can be dragged, each with its slider."""
    found = []
    for slider, place in mapping("drag", given).items():
        symbol, column = (str(part) for part in place) if len(as_list(place) or ()) == 2 else ("", "")
        if not is_slider(slider, controls) or symbol not in symbols or column not in columns:
            raise ValueError(
                f"drag must name a slider and its bar, (label, column), got {slider!r}: {place!r}"
            )
        found.append({"slider": slider, "symbol": symbols.index(symbol), "column": columns.index(column)})
    return found or None


# What is said of it, and its still picture


def _named(e: Explorer, role: str) -> list[str]:
    return [s["name"] for s in e.spec["series"] if s["role"] == role]


def _path(e: Explorer) -> list[int | None]:
    """The rows of the path, column by column; None where it has none."""
    if not _named(e, "path"):
        return []
    rows, last = e.values("path"), len(e.spec["labels"]) - 1
    return [int(row) if row in range(last + 1) else None for row in rows.tolist()]


def facts(e: Explorer) -> str:
    """The read-outs, the path, and the largest node of each column."""
    spec, digits = e.spec, e.spec["digits"]
    said = [f"{name} {number(e.values('readout', name)[0], digits)}" for name in _named(e, "readout")]
    if path := _path(e):
        said.append("path " + " ".join("none" if row is None else spec["labels"][row] for row in path))
    if e.revealed:
        values = e.values("nodes").reshape(len(spec["labels"]), -1)
        largest = np.where(np.isnan(values), -np.inf, values).argmax(axis=0)
        told = [
            f"{name} {spec['labels'][row]} {number(values[row, k], digits)}"
            for k, (name, row) in enumerate(zip(spec["columns"], largest, strict=True))
        ]
        said.append("largest by column " + ", ".join(told))
    return "; ".join(said)


BARS = 150  # pixels below the nodes with bars, and without
NO_BARS = 42


class _Places:
    """Where rows and columns stand on the sheet, as on a page."""

    def __init__(self, e: Explorer, head: float):
        self.rows, self.columns = len(e.spec["labels"]), len(e.spec["columns"])
        self.has_bars = bool(_named(e, "bars"))
        top = head + (22 if _named(e, "path") else 0)
        self.foot = HEIGHT - (BARS if self.has_bars else NO_BARS)
        self.slot, self.gap = (WIDTH - 58) / self.columns, (self.foot - top) / self.rows
        self.top, self.radius = top, min(0.42 * self.gap, 0.3 * self.slot, 22)
        self.has_numbers = self.slot >= 52 and self.rows <= 8
        self.box = Box(44, WIDTH - 14, HEIGHT - 108, HEIGHT - 42)  # of the bars

    def x(self, column: float) -> float:
        return 44 + self.slot * (column + 0.5)

    def y(self, row: float) -> float:
        return self.top + self.gap * (row + 0.5)


def draw(e: Explorer, sheet: Sheet) -> None:
    spec = e.spec
    said = [(name, shown(e.values("readout", name)[0], spec["digits"]), INK) for name in _named(e, "readout")]
    places = _Places(e, HEAD + sheet.readouts(said) + 8)
    for row, label in enumerate(spec["labels"]):
        look = {"color": COLORS[spec["styles"][row]], "bold": True, "anchor": "center"}
        sheet.text(28, places.y(row) + 4, label, **look)
    sheet.text(2, places.foot + 16, sheet.fit(spec["xLabel"], 40))
    for k, column in enumerate(spec["columns"]):
        sheet.text(places.x(k), places.foot + 16, sheet.fit(column, places.slot - 4), anchor="center")
    _draw_moves(e, sheet, places)
    _draw_path(e, sheet, places)
    _draw_nodes(e, sheet, places)
    if places.has_bars:
        _draw_bars(e, sheet, places)
    if not e.revealed:
        sheet.text(WIDTH - 14, places.foot + 32, "Predict the flow, then reveal", anchor="right")


def _draw_moves(e: Explorer, sheet: Sheet, places: _Places) -> None:
    flows = e.values("flow").reshape(places.columns - 1, -1)
    for (k, m), share in np.ndenumerate(flows):
        start, end = e.spec["moves"][m]
        line = [places.x(k), places.x(k + 1)], [places.y(start), places.y(end)]
        sheet.line(*line, color=GRID, width=1, zorder=1)
        if e.revealed and share > 0 and np.isfinite(share):
            width = min(max(16 * float(share), 0.75), 16)
            sheet.line(*line, color=COLORS["loss"], width=width, zorder=1.1, alpha=0.45)


def _draw_path(e: Explorer, sheet: Sheet, places: _Places) -> None:
    look = {"color": COLORS["grad"], "bold": True}
    path = _path(e)
    if path:
        sheet.text(2, places.top - 8, "path", **look)
    steps = [(places.x(k), places.y(row)) for k, row in enumerate(path) if row is not None]
    for k, row in enumerate(path):
        if row is not None:
            sheet.text(places.x(k), places.top - 8, e.spec["labels"][row], anchor="center", **look)
    if steps:
        sheet.line(*zip(*steps, strict=True), color=COLORS["grad"], width=2.5, zorder=1.2, cap="round")
        for x, y in steps:
            _circle(sheet, x, y, places.radius + 2.5, edge=COLORS["grad"], width=2.5, zorder=3)


def _draw_nodes(e: Explorer, sheet: Sheet, places: _Places) -> None:
    values = e.values("nodes").reshape(places.rows, -1)
    whole = e.spec["range"][1]
    for (row, k), value in np.ndenumerate(values):
        x, y = places.x(k), places.y(row)
        _circle(sheet, x, y, places.radius, edge=LINE, fill=PAPER, zorder=2)
        if not e.revealed or value == 0:
            continue
        if value > 0:
            color = COLORS[e.spec["styles"][row]]
            size = places.radius * min(float(value) / whole, 1) ** 0.5
            _circle(sheet, x, y, size, fill=color, alpha=0.35, zorder=2.1)
            _circle(sheet, x, y, size, edge=color, width=1.5, zorder=2.2)
        if places.has_numbers:
            text = shown(value, e.spec["digits"])
            sheet.text(x, y + 4, text, color=INK, bold=True, anchor="center")


def _circle(sheet: Sheet, x, y, radius, *, edge="none", fill="none", width=1.0, alpha=1.0, zorder) -> None:
    ring = Circle((x, y), radius, transform=sheet.transform, facecolor=fill, edgecolor=edge)
    ring.set(linewidth=width * POINT, alpha=alpha, zorder=zorder)
    sheet.figure.add_artist(ring)


def _draw_bars(e: Explorer, sheet: Sheet, places: _Places) -> None:
    spec, box = e.spec, places.box
    symbols = spec["symbols"]
    ax = sheet.axes(box, (0, places.columns), (0, 1), yticks=[0, 0.5, 1])
    values = e.values("bars").reshape(len(symbols), -1)
    named = _named(e, "outline")
    frames = e.values("outline").reshape(values.shape) if named and e.revealed else None
    slot = places.slot * 0.9 / len(symbols)
    has_numbers, width = slot >= 30, min(40, slot * 0.62)
    colors = [COLORS[spec["styles"][spec["labels"].index(symbol)]] for symbol in symbols]
    held = {(one["symbol"], one["column"]) for one in spec["drag"] or []}
    for (i, k), value in np.ndenumerate(values):
        x = places.x(k) + slot * (i - (len(symbols) - 1) / 2)
        height = float(np.clip(np.nan_to_num(value), 0, 1))
        unit = (x - box.x0) / places.slot
        ax.bar(unit, height, width / places.slot, color=colors[i], clip_on=False)
        if frames is not None:
            frame = float(np.clip(np.nan_to_num(frames[i, k]), 0, 1))
            look = {"edgecolor": INK, "linewidth": 1.5 * POINT, "linestyle": (0, (2, 2)), "clip_on": False}
            ax.bar(unit, frame, (width + 6) / places.slot, fill=False, **look)
        if (i, k) in held and height * (box.y1 - box.y0) >= 14:
            grip = box.y1 - height * (box.y1 - box.y0) + 7
            sheet.line([x - width / 4, x + width / 4], [grip, grip], color=PAPER, width=3, cap="round")
        if slot >= 9:
            sheet.text(x, box.y1 + 15, symbols[i], color=colors[i], bold=True, anchor="center")
        if has_numbers:
            y = box.y1 - height * (box.y1 - box.y0) - 6
            sheet.text(x, y, shown(value, spec["digits"]), color=INK, size=11, anchor="center", halo=True)
    room = (box.x1 - box.x0) / 2 - 4
    sheet.text(44, HEIGHT - 8, sheet.fit(f"bars: {_named(e, 'bars')[0]}", room))
    if named:
        sheet.text(WIDTH - 14, HEIGHT - 8, sheet.fit(f"dashed: {named[0]}", room), anchor="right")


PANEL = Panel("lattice", facts, draw, scale="range")
