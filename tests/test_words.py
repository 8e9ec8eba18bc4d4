"""Numbers and settings in words, by the cases that the script reads too (tests/js/words.test.mjs)."""

import json

import numpy as np
import pytest
import traitlets

from lossviz import Explorer
from lossviz.panels import PANELS
from lossviz.stills.numbers import number
from tests.handbook import ROOT

CASES = json.loads((ROOT / "tests" / "words.json").read_text("utf-8"))
NUMBERS = [(part["rule"], *case) for part in CASES["numbers"] for case in part["cases"]]
FACTS = [(part, case) for part in CASES["facts"] for case in part["cases"]]


@pytest.mark.parametrize(("rule", "value", "digits", "text"), NUMBERS)
def test_a_number_is_written_by_its_rule(rule, value, digits, text):
    assert number(float(value), digits) == text


def explorer_of(part, case):
    """An explorer with the spec and the table of a part, in the setting of a case."""
    spec = part["spec"]
    index = case["index"]
    values = {
        c["name"]: index[c["name"]] if c["type"] == "mask" else c["values"][index[c["name"]]]
        for c in spec["controls"]
    }
    traits = {name: traitlets.Any(value) for name, value in values.items()}
    made = type("Explorer", (Explorer,), traits | {"_panel": PANELS[spec["kind"]]})
    table = np.array(part["table"], dtype="<f4").tobytes()
    return made(spec=spec, table=table, revealed=case["revealed"], hidden=case["hidden"])


@pytest.mark.parametrize(("part", "case"), [pytest.param(*pair, id=pair[1]["name"]) for pair in FACTS])
def test_a_setting_is_told_in_words(part, case):
    setting, _, words = repr(explorer_of(part, case)).partition("): ")
    assert setting.startswith(f"Explorer({part['spec']['title']!r}, ")
    assert words == case["words"]
