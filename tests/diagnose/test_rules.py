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


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (
            (F.cross_entropy, torch.zeros(2, 3, 4, 4, 4), torch.zeros(2, 1, 4, 4, 4).long()),
            "target.squeeze(1)",
        ),
        ((F.cross_entropy, torch.zeros(2, 3, 7), torch.zeros(2, 5).long()), "logits.transpose(1, 2)"),
        (
            (F.cross_entropy, torch.zeros(8), torch.ones(8).long()),
            "F.binary_cross_entropy_with_logits(",
        ),
        ((F.cross_entropy, torch.zeros(8, 4), torch.ones(8, 4).long()), "target.float()"),
        ((F.binary_cross_entropy_with_logits, torch.zeros(4, 2), torch.zeros(4)), "F.cross_entropy("),
        ((F.binary_cross_entropy_with_logits, torch.zeros(4, 1), torch.zeros(4)), "logits.squeeze(1)"),
        ((F.multi_margin_loss, torch.zeros(2, 3).bfloat16(), torch.zeros(2).long()), "input.float()"),
    ],
)
def test_a_message_with_several_causes_has_the_fix_for_the_shapes_of_the_call(call, fix):
    report = looked(*call)
    assert [f.rule for f in report] == ["refused"] and fix in report.findings[0].fix


def test_a_nan_probability_is_not_told_as_a_logit():
    report = looked(F.binary_cross_entropy, torch.tensor([torch.nan, 0.3]), torch.tensor([1.0, 0.0]))
    assert [f.rule for f in report] == ["nan_in_input"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("classes", [10, 100, 1000])
def test_probabilities_of_any_precision_sum_to_1(dtype, classes):
    scores = (3 * normal(64, classes)).to(dtype)
    rules = ("no_log_probabilities", "kl_target", "class_probabilities")
    for report in (
        looked(F.nll_loss, scores.log_softmax(1), torch.arange(64) % classes),
        looked(F.kl_div, scores.log_softmax(1), scores.flip(0).softmax(1), reduction="batchmean"),
        looked(F.cross_entropy, scores, scores.flip(0).softmax(1)),
    ):
        assert not {f.rule for f in report} & {*rules}
    assert "no_log_probabilities" in {f.rule for f in looked(F.nll_loss, scores, torch.arange(64) % classes)}


@pytest.mark.parametrize("positives", [10, 20, 40])
def test_rare_positives_are_weighed_by_their_own_share_unless_the_model_uses_its_input(positives):
    target = (torch.arange(500) < positives).float()
    share = positives / 500
    report = looked(F.binary_cross_entropy_with_logits, torch.full((500,), share).logit(), target)
    (finding,) = [f for f in report if f.rule == "rare_positives"]
    assert (
        finding.severity is Severity.SUSPICIOUS
        and f"pos_weight=torch.tensor({1 / share - 1:.4g})" in finding.fix
    )
    separated = torch.where(target > 0, -0.1, -9.0)
    (finding,) = looked(F.binary_cross_entropy_with_logits, separated, target)
    assert finding.severity is Severity.NOTE and "threshold" in finding.why


def test_one_class_costs_0_and_is_told_as_one_output():
    for labels in (torch.zeros(8), torch.zeros(8, 1), torch.ones(8, 1)):
        (finding,) = looked(F.cross_entropy, normal(8, 1), labels.long())
        assert finding.rule == "one_output"
        assert ("squeeze" in finding.fix) == (labels.ndim == 1)


def test_several_outputs_at_the_variance_have_a_mean_each():
    target = normal(100, 3) * torch.tensor([1.0, 2.0, 3.0]) + torch.tensor([0.0, 10.0, 50.0])
    report = looked(F.mse_loss, target.mean(0).expand_as(target), target)
    assert "at_the_variance" in {f.rule for f in report}


def test_an_error_that_a_rule_explains_is_told_once():
    assert [f.rule for f in CASES["labels_from_1"][0]()] == ["labels_from_1"]


def test_each_family_has_rules_and_says_what_they_are_about():
    for family in FAMILIES:
        assert family.RULES and family.__doc__
        assert all(rule.__doc__ and rule.__module__ == family.__name__ for rule in family.RULES)


def test_the_surest_findings_come_first():
    order = [finding.severity for finding in CASES["no_log_probabilities"][0]()]
    assert order == sorted(order, key=list(Severity).index)
