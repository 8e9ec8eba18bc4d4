"""The symptoms of "My loss misbehaves": each that can be seen in a call is found with its section."""

import pytest

from lossviz.misbehaves import rows
from tests.diagnose.symptoms import ROWS, Unseen

NAMES = dict.fromkeys(row.name for row in rows())


def pairs():
    """Each row with its call, or the reason why there is none. A new row without either is an error here."""
    return [
        (row, told)
        for name in NAMES
        for row, told in zip([r for r in rows() if r.name == name], ROWS[name], strict=True)
    ]


SEEN = [(row, call) for row, call in pairs() if not isinstance(call, Unseen)]


@pytest.mark.parametrize(("row", "call"), SEEN, ids=lambda v: getattr(v, "name", "") or "call")
def test_a_symptom_is_found_with_its_section(row, call):
    report = call()
    assert not report.failures
    found = [(finding.page, finding.section) for finding in report]
    assert (row.page, row.symptom.section) in found


def test_most_symptoms_can_be_seen_in_a_call():
    assert set(ROWS) == set(NAMES) and len(SEEN) > 0.7 * len(rows())
    reasons = {told for _, told in pairs() if isinstance(told, Unseen)}
    assert reasons == set(Unseen)
