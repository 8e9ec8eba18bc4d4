"""Each rule sees its own case, is silent on a near miss, and leads to a section that is there."""

import pytest
import torch
import torch.nn.functional as F

from lossviz.diagnose.finding import Severity
from lossviz.diagnose.rules import FAMILIES, RULES
from tests.diagnose.calls import looked, normal
from tests.diagnose.cases import CASES
from tests.handbook import headings, read

# Those that see more than one call: a product, a root, or what happens around `backward`.
BEYOND = {"mask_after_mean", "root_at_0", "zero_grad_missing", "parameters_not_moved"}


def test_each_rule_has_its_case():
    names = [rule.__name__ for rule in RULES]
    assert len(set(names)) == len(names)
    assert set(CASES) == {*names, *BEYOND}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_sees_its_own_case(name):
    report = CASES[name][0]()
    assert not report.failures
    found = [finding for finding in report if finding.rule == name]
    assert found, f"found only {[finding.rule for finding in report]}"
    for finding in found:
        assert finding.section in [text for _, text, _ in headings(read(finding.page))]
        assert finding.seen and finding.why and finding.fix and "\n" not in finding.fix
        assert any(sign.isdigit() for sign in finding.seen) or finding.rule in WITHOUT_A_NUMBER


# Nothing to count: torch's own message, or what an operation did.
WITHOUT_A_NUMBER = {"no_graph", "threshold", "refused", "old_switches"}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_silent_on_a_near_miss(name):
    report = CASES[name][1]()
    assert not report.failures
    assert [finding.seen for finding in report if finding.rule == name] == []


@pytest.mark.parametrize(
    ("label", "fix"), [(255, "ignore_index=255"), (-1, "ignore_index=-1"), (7, "target.unique()")]
)
def test_a_label_out_of_bounds_has_the_fix_for_what_it_is(label, fix):
    report = looked(F.cross_entropy, normal(2, 3), torch.tensor([0, label]))
    assert [f.rule for f in report] == ["refused"] and fix in report.findings[0].fix


def test_an_error_that_a_rule_explains_is_told_once():
    assert [f.rule for f in CASES["labels_from_1"][0]()] == ["labels_from_1"]


def test_each_family_has_rules_and_says_what_they_are_about():
    for family in FAMILIES:
        assert family.RULES and family.__doc__
        assert all(rule.__doc__ and rule.__module__ == family.__name__ for rule in family.RULES)


def test_the_surest_findings_come_first():
    order = [finding.severity for finding in CASES["no_log_probabilities"][0]()]
    assert order == sorted(order, key=list(Severity).index)
