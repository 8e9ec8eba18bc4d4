"""The explorer's widget: it holds the table that Python computed, and shows it wherever it is displayed.

With a kernel (JupyterLab, Notebook, VS Code, Colab) it is a live widget, on a page without one the same
drawing code works by itself, and where no script runs a still picture stands.
"""

from __future__ import annotations

import base64
import difflib
import io
from pathlib import Path

import anywidget
import ipywidgets
import matplotlib as mpl
import numpy as np
import traitlets
from matplotlib.figure import Figure
from PIL import Image

from lossviz.controls import Control
from lossviz.explorer import page, shown
from lossviz.explorer.shared import SharedCode, shared_code
from lossviz.lookup import row
from lossviz.stills.sheet import Sheet

KINDS = ("html", "png", "svg", "pdf")  # the endings of the files that an explorer is saved in


class Position(traitlets.TraitType):
    """The value of a control; what is assigned moves to the nearest position, and what is none is refused."""

    def __init__(self, name: str, control: Control):
        super().__init__(default_value=control.first)
        self.control_name, self.control = name, control

    def validate(self, obj, value):
        try:
            return self.control.snap(self.control_name, value)
        except ValueError as error:
            raise Refused(str(error)) from None


class Refused(ValueError, traitlets.TraitError):
    """A value that is none of its control's positions. As a TraitError it also undoes what came with it."""


class Explorer(shown.Reopened, anywidget.AnyWidget):
    """The widget that `explore` and its sisters return.

    Every control is a trait: read `e.beta`, set `e.beta = 0.5` (it moves to the nearest position),
    `e.observe(f, "beta")`, `ipywidgets.jslink((e, "beta"), (slider, "value"))`. Also `e.probe` (or
    `e.probe_x` and `e.probe_y`), `e.revealed` (is the gradient shown) and `e.hidden` (overlays switched off).
    `e.values("loss")` and `e.values("grad")` are the numbers that are drawn, `e.save("name.html")` keeps it.
    """

    # As a text: anywidget watches a file as long as the process lives, and holds every explorer by it.
    _esm = Path(__file__).with_name("live.js").read_text("utf-8")

    code = traitlets.Instance(SharedCode).tag(sync=True, **ipywidgets.widget_serialization)
    spec = traitlets.Dict().tag(sync=True)
    table = traitlets.Bytes().tag(sync=True)
    revealed = traitlets.Bool(True).tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _panel = None  # of its kind: the facts in words and the still picture
    _row = None  # a WeakSet of those in a row with it, itself included

    @traitlets.default("code")
    def _shared_code(self):
        return shared_code()

    def open(self) -> None:
        """Open the explorer's models in the front end, again if they were closed."""
        if self.code.comm is None:
            self.code = shared_code()
        super().open()

    @traitlets.validate("hidden")
    def _known_overlays(self, proposal):
        unknown = [name for name in proposal["value"] if name not in self.spec.get("overlays", [])]
        if unknown:
            raise Refused(f"hidden must name overlays, one of {self.spec['overlays']}, got {unknown[0]!r}")
        return proposal["value"]

    def __init__(self, **state):
        if not state.get("spec"):
            raise ValueError("an explorer is made by explore or one of its sisters, got no spec")
        super().__init__(**state)
        self.on_msg(_answer)

    def __setattr__(self, name, value):
        # Python would make a new attribute of a typo, and nothing would move.
        if not name.startswith("_") and not hasattr(type(self), name):
            known = [*(c["name"] for c in self.spec["controls"]), "revealed", "hidden"]
            close = difflib.get_close_matches(name, known)
            raise AttributeError(f"what can be set is {', '.join(close or known)}, got {name!r}")
        super().__setattr__(name, value)

    def set_state(self, sync_data):
        # From the page, or from a widget that is linked there. What is refused, or moves to its nearest
        # position, goes back, or the page would show what Python does not have.
        super().set_state({name: value for name, value in sync_data.items() if self._takes(name, value)})
        if other := [n for n in sync_data if n in self.keys and getattr(self, n) != sync_data[n]]:
            self.send_state(other)

    def _takes(self, name, value) -> bool:
        try:
            if name in self.keys:
                self.traits()[name]._validate(self, value)
        except traitlets.TraitError:
            return False
        return True

    @property
    def index(self) -> dict[str, int]:
        """Where each control stands: the index of its position, or the mask that is painted."""
        values = {c["name"]: getattr(self, c["name"]) for c in self.spec["controls"]}
        return {
            c["name"]: values[c["name"]] if c["type"] == "mask" else c["values"].index(values[c["name"]])
            for c in self.spec["controls"]
        }

    def values(self, role: str, name: str | None = None) -> np.ndarray:
        """The numbers of one series ("loss", "grad", "overlay", "bars", …) at the present setting.

        Raises ValueError for a role, or a name, that no series of this explorer has.
        """
        series = self._series(role, name)
        return row(
            series, self.table, self.index, {c["name"]: len(c["values"]) for c in self.spec["controls"]}
        )

    def recorded(self, name: str) -> np.ndarray:
        """The history of one model of a training, shape (epochs,); ValueError for an unknown name."""
        series = self._series("history", name)
        return np.frombuffer(self.table, "<f4", count=series["positions"], offset=4 * series["offset"])

    def _series(self, role: str, name: str | None) -> dict:
        index = self.index
        found = [
            s
            for s in self.spec["series"]
            if s["role"] == role
            and name in (None, s["name"])
            and all(index.get(key, 0) == place for key, place in s.get("at", {}).items())
        ]
        if not found:
            known = ", ".join(f"{s['role']} {s['name']!r}" for s in self.spec["series"])
            raise ValueError(f"{self.spec['title']} has the series {known}, got {role} {name!r}")
        return found[0]

    def reset(self) -> None:
        """Back to the first setting."""
        for control in self.spec["controls"]:
            start = control["start"]
            setattr(self, control["name"], start if control["type"] == "mask" else control["values"][start])
        self.hidden, self.revealed = self.spec["hidden"], self.spec["revealed"]

    def __repr__(self) -> str:
        settings = [f"{c['name']}={getattr(self, c['name'])!r}" for c in self.spec["controls"]]
        return f"Explorer({', '.join([repr(self.spec['title']), *settings])}): {self._panel.facts(self)}"

    # --- what a host that cannot run widgets shows

    def figure(self) -> Figure:
        """The present setting as a matplotlib figure: what a page draws, without the ghost of a move."""
        sheet = Sheet(self.spec["title"])
        self._panel.draw(self, sheet)
        return sheet.figure

    def _png(self) -> str:
        drawn, small = io.BytesIO(), io.BytesIO()
        self.figure().savefig(drawn, format="png")
        # The colours of a few curves and their soft edges fit into a palette: a third of the size.
        palette = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        palette.save(small, "PNG", optimize=True)
        return base64.b64encode(small.getvalue()).decode()

    def to_html(self, png: str | None = None, with_code: bool = True) -> str:
        """A page fragment that needs neither kernel nor network: picture, data and drawing code.

        png        the still picture, as base64 text (default: that of the present setting)
        with_code  one explorer of a page brings the code for all; False leaves it out
        """
        return page.fragment(self, png or self._png(), with_code)

    def save(self, path: str | Path) -> Path:
        """Keep the explorer as it stands: `explorer.save("huber.html")`; returns the path.

        path   ends in .html: a page of its own that moves, with all that it needs inside (from 110 kB on),
               to open from a folder, to send, or to put on any server; "link" on it copies the address with
               the setting. In .png, .svg or .pdf: the picture of the present setting

        Overwrites a file that is there. Raises ValueError for another ending, and what the system raises for
        a folder that is not there.
        """
        path = Path(path)
        kind = path.suffix.lower().removeprefix(".")
        if kind not in KINDS:
            raise ValueError(f"an explorer is saved as .{', .'.join(KINDS)}, got {str(path)!r}")
        if kind == "html":
            path.write_text(page.document(self.spec["title"], self.to_html()), "utf-8")
        elif kind == "png":
            path.write_bytes(base64.b64decode(self._png()))
        else:
            # Without the date and random names the same setting gives the same file.
            undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
            with mpl.rc_context({"svg.hashsalt": "lossviz"}):
                self.figure().savefig(path, format=kind, metadata=undated)
        return path

    def _repr_mimebundle_(self, **kwargs):
        if self.comm is None:
            self.open()
        png, with_code = self._png(), shown.note(self)
        data = {"text/plain": repr(self), "text/html": self.to_html(png, with_code), "image/png": png}
        view = super()._repr_mimebundle_(**kwargs) if shown.attended() else None
        if view is not None:
            # anywidget gives (data, metadata); only its live view is wanted, the rest is ours.
            live = view[0] if isinstance(view, tuple) else view
            data |= {kind: value for kind, value in live.items() if kind not in data}
        return data


def _answer(explorer: Explorer, content: dict, buffers: list) -> None:
    """Sends the picture and its words to a page that cannot run the script."""
    if content.get("want") == "still":
        explorer.send({"still": explorer._png(), "words": repr(explorer)})
