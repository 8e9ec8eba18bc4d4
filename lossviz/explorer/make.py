"""Makes an explorer of the numbers that a panel has looked up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import numpy as np

from lossviz.arguments import check_texts, mapping
from lossviz.controls import Control, as_control, as_list, check_whole
from lossviz.explorer.widget import Explorer, Position

PROBES = ("probe", "probe_x", "probe_y")


def link_name(text: str) -> str:
    """What names an explorer in a link."""
    return re.sub(r"\W+", "-", text).strip("-") or "explorer"


def setup(controls: Mapping | None) -> dict[str, Control]:
    made = {name: as_control(name, value) for name, value in mapping("controls", controls).items()}
    for name in made:
        if not name.isidentifier() or _is_taken(name):
            raise ValueError(
                f"a control needs a name that is an identifier and not taken by the widget, got {name!r}"
            )
    return made


def _is_taken(name: str) -> bool:
    # In a link "explorer" names the explorer itself, and "present" opens it over the whole window.
    return name in (*PROBES, "explorer", "present") or hasattr(Explorer, name)


def free_name(name: str) -> str:
    """The name of a control for an argument `name`, with an underscore where the widget has that name."""
    return f"{name}_" if _is_taken(name) else name


def _describe(name: str, control: Control) -> dict:
    check_texts(**{f"the label of {name}": control.label})
    return {
        "name": name,
        "label": control.label or name.replace("_", " "),
        "type": control.kind,
        "values": control.values,
        "text": control.text,
        "code": control.code,
        "start": control.start,
    }


def finish(
    panel, lookup, probes, *, title, name, call, revealed, hidden, digits, hideable, overlays=(), **more
) -> Explorer:
    if title is None:
        raise ValueError("title must be a string, got None")
    check_texts(title=title, call=call, name=name)
    check_whole("digits", digits, 0, 12)
    if isinstance(hidden, str) or (listed := as_list(hidden)) is None:
        raise ValueError(f"hidden must be a list of overlays, got {hidden!r}")
    hidden = listed
    controls = {**lookup.controls, **probes}
    used = {axis for series in lookup.series for axis in series["axes"]}
    if idle := [key for key in lookup.controls if key not in used and f"{{{key}}}" not in (call or "")]:
        raise ValueError(f"a control needs a function that takes it by name, got {idle[0]!r}")
    known = {f"{{{key}}}" for key in controls}
    unknown = [field for field in re.findall(r"\{\w+\}", call or "") if field not in known]
    if unknown:
        raise ValueError(f"call may name the controls {sorted(known)}, got {unknown[0]!r}")
    if missing := [overlay for overlay in hidden if overlay not in overlays]:
        raise ValueError(f"hidden must name overlays, one of {list(overlays)}, got {missing[0]!r}")
    spec = {
        "kind": panel.kind,
        "id": link_name(name or title.lower()),
        "title": title,
        "call": call,
        "controls": [_describe(key, control) for key, control in controls.items()],
        "series": lookup.series,
        "overlays": list(overlays),
        "hidden": hidden,
        "revealed": revealed,
        "hideable": hideable,
        "digits": digits,
        **more,
    }
    spans = [group["range"] for group in spec.get("groups", [])]
    spans += [spec[panel.scale]] if panel.scale else []
    if spans and np.abs(spans).max() < 10.0**-digits:
        # All would read 0.000: powers of ten instead.
        for part in (spec, *spec.get("groups", [])):
            part["digits"] = -2
    # Only what JSON knows: NumPy's numbers and strings are Python's from here on.
    spec = json.loads(json.dumps(spec, default=lambda value: value.item(), allow_nan=False))
    # The controls become traits of a class of its own: a front end finds them in the model from the start.
    traits = {key: Position(key, control).tag(sync=True) for key, control in controls.items()}
    made = type("Explorer", (Explorer,), traits | {"_panel": panel})
    return made(spec=spec, table=lookup.tobytes(), revealed=spec["revealed"], hidden=spec["hidden"])
