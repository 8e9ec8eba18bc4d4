"""`diagnose.watch()` sees each loss of a training step, with the caller's line, and changes nothing."""

import gc
import math
import weakref

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossviz import diagnose
from lossviz.diagnose import rules, watching
from lossviz.diagnose.finding import Finding, Report, Severity
from lossviz.diagnose.watching import LOSSES, Watch
from lossviz.losses import CATALOG, references
from lossviz.losses.references import dice_loss
from tests.calls import call_of
from tests.diagnose.calls import labels, looked, masks, normal, softmax, watched
from tests.diagnose.cases import OFFSET, ROW, X, Y, grown

HERE = __file__


def line_of(function, offset=1):
    return function.__code__.co_firstlineno + offset


# What is seen


def double_softmax():
    return F.cross_entropy(softmax(8, 10), Y)


def through_a_module():
    return nn.CrossEntropyLoss()(softmax(8, 10), Y)


@pytest.mark.parametrize("step", [double_softmax, through_a_module])
def test_a_finding_comes_once_with_the_line_of_the_caller(step):
    report = watched(step, times=5)
    assert report.calls == {"cross_entropy": 5}
    [finding] = [f for f in report if f.rule == "softmax_twice"]
    assert (finding.line.file, finding.line.number) == (HERE, line_of(step))


def test_the_same_mistake_in_two_lines_is_found_twice():
    report = watched(lambda: (double_softmax(), through_a_module()))
    assert len([f for f in report if f.rule == "softmax_twice"]) == 2


def test_a_function_of_ones_own_is_looked_at_by_what_it_calls():
    report = looked(lambda p, y: 2 * F.cross_entropy(p, y) + F.mse_loss(p[:, :1], p[:, 0]), softmax(8, 10), Y)
    assert report.calls == {"cross_entropy": 1, "mse_loss": 1}
    assert {"softmax_twice", "column_against_row"} <= {f.rule for f in report}
    assert [f.line for f in report] == [None] * len(report)


@pytest.mark.parametrize("loss", CATALOG.values(), ids=lambda loss: loss.name)
def test_each_loss_is_seen_and_its_value_is_the_same(loss):
    call = call_of(loss)
    value = loss.function(**call)
    with Watch(every=1) as watch:
        seen = loss.function(**call)
    assert torch.equal(value, seen)
    assert watch.report.calls == {loss.name: 1} and not watch.failures


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_a_weight_that_torch_loses_on_the_way_is_put_back(name):
    """2.13 leaves the weight of l1_loss out of what it hands to a mode."""
    loss, weight = getattr(F, name), torch.arange(8.0)
    value = loss(ROW, OFFSET, weight=weight)
    assert value != loss(ROW, OFFSET)
    with diagnose.watch():
        assert torch.equal(loss(ROW, OFFSET, weight=weight), value)


def test_gradients_and_random_numbers_are_those_without_a_watch():
    def gradient():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(), nn.Linear(8, 10))
        F.cross_entropy(model(normal(8, 4)), Y).backward()
        return [p.grad for p in model.parameters()], torch.rand(1)

    plain, number = gradient()
    with diagnose.watch(every=1):
        seen, same = gradient()
    assert all(map(torch.equal, plain, seen)) and number == same


def test_what_torch_refuses_is_raised_and_told():
    watch = diagnose.watch()
    with pytest.raises(IndexError, match="Target 255"), watch:
        F.cross_entropy(X, torch.full((8,), 255))
    assert [f.rule for f in watch.report] == ["refused"]
    assert watch.report.findings[0].line.file == HERE


def test_an_error_of_the_model_that_a_row_knows_is_told():
    watch = diagnose.watch()
    with pytest.raises(RuntimeError), watch:
        nn.Linear(3, 1)(normal(4, 3).double())
    assert [f.section for f in watch.report] == ["Types that do not agree"]
    with pytest.raises(KeyError), watch:
        raise KeyError("nothing of torch")
    assert len(watch.report) == 1


# nan: which came first


def nan_of(change):
    """Steps in which something becomes nan in the third, and the findings that tell of it."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    count = [0]

    def step():
        count[0] += 1
        optimizer.zero_grad()
        x, t = normal(8, 3), OFFSET.clone()
        loss = change(model, x, t) if count[0] >= 3 else F.mse_loss(model(x)[:, 0], t)
        loss.backward()
        optimizer.step()

    watch = Watch()
    with watch:
        for _ in range(6):
            step()
    return [f for f in watch.report if f.severity == "wrong"]


def missing(model, x, t):
    t[2] = math.nan
    return F.mse_loss(model(x)[:, 0], t)


def spoilt_data(model, x, t):
    x[1] = math.nan
    return F.mse_loss(model(x)[:, 0], t)


def root(model, x, t):
    out = model(x)[:, 0]
    return F.l1_loss((out - out.detach()).square().sqrt(), 0 * t)


def test_a_nan_of_the_target_is_told_of_the_target():
    [first, *_] = nan_of(missing)
    assert (
        first.rule == "nan_in_target"
        and "1 of 8 numbers of target are nan, and input is finite" in first.seen
    )


def test_a_nan_of_the_data_is_told_of_the_prediction_with_finite_parameters():
    [first, *_] = nan_of(spoilt_data)
    assert first.rule == "nan_in_input" and "parameters are finite" in first.seen


def test_a_nan_of_the_gradient_is_told_before_the_one_of_the_next_loss():
    [first, *later] = nan_of(root)
    assert first.rule == "gradient_not_finite" and "the loss is 0" in first.seen
    assert [f.rule for f in later] == ["nan_in_input"] and "hold nan or inf already" in later[0].seen


# Steps


def two_models(n=12):
    """A generator and a critic in turn, each with its own optimizer, as they are usually written."""
    torch.manual_seed(0)
    generator, critic = nn.Linear(3, 4), nn.Linear(4, 1)
    slow, fast = (torch.optim.SGD(m.parameters(), lr=0.01) for m in (generator, critic))

    def step():
        critic.zero_grad(set_to_none=False)
        made = generator(normal(8, 3))
        F.binary_cross_entropy_with_logits(critic(made.detach())[:, 0], torch.zeros(8)).backward()
        F.binary_cross_entropy_with_logits(critic(normal(8, 4))[:, 0], torch.ones(8)).backward()
        fast.step()
        generator.zero_grad(set_to_none=False)
        F.binary_cross_entropy_with_logits(critic(made)[:, 0], torch.ones(8)).backward()
        slow.step()

    return watched(step, n)


def accumulated(n=12):
    """A step of the optimizer for four batches."""
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        optimizer.zero_grad()
        for _ in range(4):
            (F.mse_loss(model(normal(8, 3))[:, 0], OFFSET) / 4).backward()
        optimizer.step()

    return watched(step, n)


@pytest.mark.parametrize("training", [two_models, accumulated])
def test_models_in_turn_and_accumulated_gradients_are_no_mistake(training):
    report = training()
    assert not report.failures
    assert [f.seen for f in report if f.rule in ("zero_grad_missing", "parameters_not_moved")] == []


# How often it looks


def test_at_each_line_ever_rarer_calls_are_looked_at_and_others_as_the_time_allows(monkeypatch):
    looks = []
    monkeypatch.setattr(watching, "run", lambda call, failures: looks.append(call) or [])
    monkeypatch.setattr(watching, "SHARE", 0)
    with Watch() as watch:
        for _ in range(20):
            F.mse_loss(ROW, OFFSET)
            F.l1_loss(ROW, OFFSET)
    assert len(looks) == 2 * len((0, 1, 2, 4, 8, 16)) and watch.looks == len(looks)
    assert watch.report.calls == {"mse_loss": 20, "l1_loss": 20}
    with Watch(every=5):
        for _ in range(20):
            F.mse_loss(ROW, OFFSET)
    assert len(looks) == 12 + 4


def test_a_loss_that_is_nan_is_seen_in_any_step(monkeypatch):
    monkeypatch.setattr(watching, "SHARE", 0)
    with Watch() as watch:
        for step in range(20):
            F.mse_loss(ROW if step < 15 else ROW * math.nan, OFFSET)
    assert "nan_in_input" in [f.rule for f in watch.report]


@pytest.mark.parametrize("every", [0, -1, 1.5, "often"])
def test_every_must_be_a_number_of_calls(every):
    with pytest.raises(ValueError, match="every must be None or an integer >= 1, got"):
        diagnose.watch(every)


def test_nothing_of_a_call_is_kept():
    x = grown(X)
    with Watch(every=1) as watch:
        loss = F.cross_entropy(x, Y)
        loss.backward()
    kept = weakref.ref(x)
    del x, loss
    gc.collect()
    assert kept() is None and watch.report.calls == {"cross_entropy": 1}


# Where it must not be in the way


def test_a_rule_that_fails_does_not_stop_a_training(monkeypatch):
    def broken(call):
        raise ZeroDivisionError("of the rule")

    monkeypatch.setattr(rules, "RULES", (broken,))
    with Watch(every=1) as watch:
        for _ in range(3):
            F.mse_loss(ROW, OFFSET)
    assert list(watch.failures) == ["broken on mse_loss: ZeroDivisionError: of the rule"]
    assert "A rule failed" in repr(watch)


def test_compiled_functions_and_transforms_go_on():
    compiled = torch.compile(F.mse_loss, backend="eager")
    value = F.mse_loss(ROW, OFFSET)
    with diagnose.watch():
        assert torch.equal(compiled(ROW, OFFSET), value)
        each = torch.func.vmap(F.mse_loss)(normal(4, 3), normal(4, 3) + 1)
        gradient = torch.func.grad(F.mse_loss)(ROW, OFFSET)
    assert torch.allclose(each, torch.ones(4)) and gradient.shape == ROW.shape


def test_a_watch_within_a_watch_sees_the_same():
    with diagnose.watch() as outer, diagnose.watch() as inner:
        double_softmax()
    assert [f.rule for f in outer.report] == [f.rule for f in inner.report]
    assert outer.report.calls == inner.report.calls == {"cross_entropy": 1}


# The report


def test_the_report_says_what_was_called_and_what_was_found():
    report = looked(F.cross_entropy, softmax(8, 10), Y)
    assert report.summary == "Found in cross_entropy × 1: 1 wrong."
    text = repr(report)
    for part in (
        "WRONG  cross_entropy",
        "  seen  input lies in 0 to 1",
        "  fix   F.cross_entropy(logits, target)",
    ):
        assert part in text
    assert "  read  Cross entropy: Softmax twice" in text and "`" not in text
    html = report._repr_html_()
    assert "Found in cross_entropy × 1: 1 wrong." in html and "Softmax twice" in html
    assert report.wrong == report.findings


def test_the_report_on_a_good_call_is_one_line():
    assert repr(looked(F.cross_entropy, X, Y)) == "Nothing found in cross_entropy × 1."
    assert repr(looked(torch.abs, X)) == "Nothing to tell: no loss of the handbook was called."


def test_markup_in_what_was_seen_is_text():
    finding = Finding(
        "rule", "mse_loss", Severity.NOTE, "<b>", "why", "fix", "book/misbehaves", "It is nan", "It is nan"
    )
    assert "&lt;b&gt;" in Report([finding], {})._repr_html_()


@pytest.mark.parametrize("loss", ["mse_loss", None, 3])
def test_what_cannot_be_called_is_refused(loss):
    with pytest.raises(ValueError, match="loss must be a function or a module, got"):
        diagnose(loss)


def test_arguments_that_do_not_fit_are_told():
    report = looked(F.mse_loss, ROW)
    assert [f.rule for f in report] == ["refused"] and "missing 1 required" in report.findings[0].seen


def test_no_gradient_of_the_caller_is_touched():
    x = grown(X)
    looked(F.cross_entropy, x, Y)
    assert x.grad is None


def test_losses_of_the_handbook_are_seen_too():
    here = [loss for loss in CATALOG.values() if hasattr(F, loss.name) or hasattr(references, loss.name)]
    assert dice_loss in LOSSES and [*LOSSES.values()] == here
    assert looked(dice_loss, masks(2, 1, 4, 4), masks(2, 1, 4, 4)).calls == {"dice_loss": 1}
    assert looked(nn.AdaptiveLogSoftmaxWithLoss(16, 6, [2]), normal(4, 16), labels(6, 4)).calls == {
        "adaptive_log_softmax": 1
    }
