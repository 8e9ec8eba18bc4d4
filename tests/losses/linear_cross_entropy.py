"""linear_cross_entropy: calls, edges, answers to the exercises, and what holds for it alone."""

import dataclasses
import json
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch.nn import LinearCrossEntropyOptions

from lossviz.losses import CATALOG
from tests.answers import log_softmax, six
from tests.cases import Cases
from tests.facts import RELEASE, compiled
from tests.inputs import INF, LABELS, NAN, ONE_HOT, REFUSED_BY_ALL
from tests.numpy_cells import lift
from tests.strategies import EXTREME, FLOAT_DTYPES, REDUCTIONS, ROUND, arrays, between

# Answers to the exercises


def error(input, linear_weight, target):
    """Softmax minus one-hot."""
    return np.exp(log_softmax(input @ linear_weight.T)) - np.eye(len(linear_weight))[target]


def weight_gradient(input, linear_weight, target, rows):
    return error(input, linear_weight, target).T @ input / len(input)


def losses(input, linear_weight, target):
    return -log_softmax(input @ linear_weight.T)[np.arange(len(target)), target]


def in_chunks(input, linear_weight, target, rows):
    return np.mean(losses(input, linear_weight, target))


def each_chunk(input, target, rows):
    return [(input[k : k + rows], target[k : k + rows]) for k in range(0, len(input), rows)]


def sum_of_chunk_means(input, linear_weight, target, rows):
    return sum(weight_gradient(x, linear_weight, y, rows) for x, y in each_chunk(input, target, rows))


def not_divided(input, linear_weight, target, rows):
    return len(input) * weight_gradient(input, linear_weight, target, rows)


def without_the_label(input, linear_weight, target, rows):
    return np.exp(log_softmax(input @ linear_weight.T)).T @ input / len(input)


def last_chunk_alone(input, linear_weight, target, rows):
    x, y = each_chunk(input, target, rows)[-1]
    return weight_gradient(x, linear_weight, y, rows)


def mean_of_chunk_means(input, linear_weight, target, rows):
    return np.mean([in_chunks(x, linear_weight, y, rows) for x, y in each_chunk(input, target, rows)])


def sum_of_means(input, linear_weight, target, rows):
    return np.sum([in_chunks(x, linear_weight, y, rows) for x, y in each_chunk(input, target, rows)])


def divided_by_chunks(input, linear_weight, target, rows):
    return np.sum(losses(input, linear_weight, target)) / len(each_chunk(input, target, rows))


TWO = (np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([2]), 1)
SHOWN = "for input=[[1.0, 2.0]], linear_weight=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], target=[2], rows=1"
THREE = (np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.eye(2), np.array([0, 0, 1]), 2)
UNEVEN = (
    "for input=[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], linear_weight=[[1.0, 0.0], [0.0, 1.0]], "
    "target=[0, 0, 1], rows=2"
)


def rows_of(numbers):
    """A matrix as messages show it."""
    return "[" + ", ".join("[" + ", ".join(map(six, row)) + "]" for row in numbers) + "]"


def told(shown, call, right, wrong):
    """The message on a wrong answer."""
    show = rows_of if np.ndim(right(*call)) else six
    return f"{shown} expected {show(right(*call))}, got {show(wrong(*call))}"


WRONG = [
    ("by_hand", 2000.0, "2000.0 is too large"),
    ("by_hand", 131.072, "131.072 is too large"),
    ("by_hand", 62.5, "62.5 is too small"),
    ("chunks", without_the_label, told(SHOWN, TWO, weight_gradient, without_the_label)),
    ("chunks", not_divided, told(UNEVEN, THREE, weight_gradient, not_divided)),
    ("chunks", sum_of_chunk_means, told(UNEVEN, THREE, weight_gradient, sum_of_chunk_means)),
    ("chunks", last_chunk_alone, told(UNEVEN, THREE, weight_gradient, last_chunk_alone)),
    ("find_the_bug", mean_of_chunk_means, told(UNEVEN, THREE, in_chunks, mean_of_chunk_means)),
    ("find_the_bug", sum_of_means, told(UNEVEN, THREE, in_chunks, sum_of_means)),
    ("find_the_bug", divided_by_chunks, told(UNEVEN, THREE, in_chunks, divided_by_chunks)),
]


# The cases


@st.composite
def linear_calls(draw):
    """A call for (D,) or (N, D), with labels or probabilities, with and without chunks."""
    classes, width = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    batch = draw(st.just(()) | st.tuples(st.integers(0, 5)))
    dtype = draw(FLOAT_DTYPES)
    usual = ROUND | between(-5, 5)
    weights = st.just(0.0) | between(0.125, 8)
    call = {
        "input": draw(arrays(dtype, (*batch, width), usual)),
        "linear_weight": draw(arrays(dtype, (classes, width), usual)),
        "reduction": draw(REDUCTIONS),
    }
    # What is extreme comes through the bias, or whole products would be nan.
    bias = arrays(dtype, classes, draw(st.sampled_from([usual, usual | EXTREME])))
    call["linear_bias"] = draw(st.none() | bias)
    soft = draw(st.booleans())
    if soft:
        call["target"] = draw(arrays(dtype, (*batch, classes), st.sampled_from([0.0, 1.0]) | between(0, 1)))
    else:
        ignored = draw(st.sampled_from([None, -100, 0, 255]))
        labels = st.integers(0, classes - 1) | st.just(-100 if ignored is None else ignored)
        call |= {"target": draw(arrays(np.int64, batch, labels)), "ignore_index": ignored}
    call["weight"] = draw(st.none() | arrays(dtype, classes, weights))
    if soft or call["linear_bias"] is not None or draw(st.booleans()):
        call["label_smoothing"] = draw(st.sampled_from([0.0, 0.1, 0.5, 1]))
    else:
        rows = draw(st.none() | st.integers(1, 7))
        call["options"] = LinearCrossEntropyOptions(batch_chunk_size=rows, chunking_method=None)
    return call


FEATURES = np.array([[1.0, 2.0], [-0.5, 1.5]])
LAYER = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
CHUNKS = LinearCrossEntropyOptions(batch_chunk_size=1)
EITHER = "target must be int64 or uint8 labels, or floating-point probabilities"

CASES = Cases(
    usual={"input": FEATURES, "linear_weight": LAYER, "target": LABELS},
    calls=linear_calls(),
    edges={
        "in chunks": {"options": CHUNKS},
        "in chunks, with a bias": {"options": CHUNKS, "linear_bias": np.array([0.5, -1.0, 2.0])},
        "in chunks, weighted": {"options": CHUNKS, "weight": np.array([0.5, 1.0, 3.0])},
        "in chunks, one ignored": {"options": CHUNKS, "target": np.array([-100, 1])},
        "in chunks, chosen by torch": {"options": LinearCrossEntropyOptions()},
        "every label ignored": {"target": np.array([-100, -100])},
        "every label ignored, in chunks": {"target": np.array([-100, -100]), "options": CHUNKS},
        "no samples": {"input": np.zeros((0, 2)), "target": np.zeros(0, int)},
        "no samples, in chunks": {
            "input": np.zeros((0, 2)),
            "target": np.zeros(0, int),
            "options": CHUNKS,
        },
        "no features": {"input": np.zeros((2, 0)), "linear_weight": np.zeros((3, 0))},
        "a masked class": {"linear_bias": np.array([0.0, -INF, 0.0])},
        "a masked class, in chunks": {"linear_bias": np.array([0.0, -INF, 0.0]), "options": CHUNKS},
        "a masked class, smoothed": {"linear_bias": np.array([0.0, -INF, 0.0]), "label_smoothing": 0.1},
        "all mass smoothed": {"label_smoothing": 1.0, "weight": np.array([1.0, 2.0, 3.0])},
        "nan in the features": {"input": np.array([[NAN, 1.0], [0.0, 1.0]])},
        "large": {"input": 1e4 * FEATURES},
        "one sample": {"input": FEATURES[0], "target": np.array(1)},
        "one sample, in chunks": {"input": FEATURES[0], "target": np.array(1), "options": CHUNKS},
        "probabilities": {"target": ONE_HOT, "weight": np.array([1.0, 2.0, 3.0])},
        "bytes as labels": {"target": LABELS.astype(np.uint8)},
    },
    scalars=({"label_smoothing": np.float64(0.5)},),
    refused=REFUSED_BY_ALL
    | {
        "input must have shape (D,) or (N, D), got (1, 2, 2)": {"input": FEATURES[None]},
        "linear_weight must have shape (C, 2), C >= 1, for input of shape (2, 2), got (2, 3)": {
            "linear_weight": LAYER.T
        },
        "linear_weight must have the dtype of input, float64, got float32": {
            "linear_weight": LAYER.astype(np.float32)
        },
        "linear_bias must have shape (3,), got (1,)": {"linear_bias": np.ones(1)},
        "linear_bias must have the dtype of input, float64, got int64": {"linear_bias": np.ones(3, int)},
        f"{EITHER}, got int32": {"target": LABELS.astype(np.int32)},
        f"{EITHER}, got bool": {"target": ONE_HOT == 1},
        "target of int64 must have shape (2,) for input of shape (2, 2), got (3,)": {
            "target": np.zeros(3, int)
        },
        "target of float64 must have shape (2, 3) for input of shape (2, 2), got (2,)": {
            "target": np.zeros(2)
        },
        "labels must be in 0..2 or equal ignore_index=-100, got 3": {"target": np.array([0, 3])},
        "labels must be in 0..2 or equal ignore_index=255, got -100": {
            "target": np.array([0, -100]),
            "ignore_index": 255,
        },
        "weight must have one entry per class, shape (3,), got (1,)": {"weight": np.ones(1)},
        "weight must have the dtype of input, float64, got float32": {"weight": np.ones(3, np.float32)},
        "label_smoothing must be in [0, 1], got nan": {"label_smoothing": NAN},
        "ignore_index must be None for probabilities, got -100": {"target": ONE_HOT, "ignore_index": -100},
        "options must be None or nn.LinearCrossEntropyOptions, got True": {"options": True},
    },
    refused_by_torch={
        "expected input with dimensionality 1 or 2, got 3": {"input": FEATURES[None]},
        "last dimensions": {"linear_weight": LAYER.T},
        "expected linear_bias shape": {"linear_bias": np.ones(1)},
        "expected m1 and m2 to have the same dtype": {"linear_weight": LAYER.astype(np.float32)},
        "expected target dtype to be Long or Byte, but got Int": {"target": LABELS.astype(np.int32)},
        "ignore_index cannot be specified": {"target": ONE_HOT, "ignore_index": -100},
        "has no attribute '_adjust'": {"options": True},
    },
    right={"by_hand": 125.0, "chunks": weight_gradient, "find_the_bug": in_chunks},
    wrong=WRONG,
)


# What holds for this loss alone


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8])
def test_chunks_change_neither_the_loss_nor_its_gradients(rows):
    rng = np.random.default_rng(0)
    call = {
        "input": rng.normal(size=(7, 3)),
        "linear_weight": rng.normal(size=(5, 3)),
        "target": rng.integers(5, size=7),
        "linear_bias": rng.normal(size=5),
    }
    options = LinearCrossEntropyOptions(batch_chunk_size=rows)
    loss, grad = lift("linear_cross_entropy").values()
    assert loss(**call, options=options) == pytest.approx(loss(**call), rel=1e-14)
    for mine, whole in zip(grad(**call, options=options), grad(**call), strict=True):
        np.testing.assert_allclose(mine, whole, rtol=0, atol=1e-15)


def test_it_is_cross_entropy_of_a_linear_layer():
    x, W, y = torch.tensor(FEATURES), torch.tensor(LAYER), torch.tensor(LABELS)
    torch.testing.assert_close(F.linear_cross_entropy(x, W, y), F.cross_entropy(x @ W.T, y))


def test_far_away_each_row_gets_the_features_times_p_minus_q():
    x = torch.tensor([[30.0, 0.0]], dtype=torch.float64)
    W = torch.eye(2, dtype=torch.float64).requires_grad_()
    F.linear_cross_entropy(x, W, torch.tensor([1])).backward()
    torch.testing.assert_close(W.grad, torch.tensor([[30.0, 0.0], [-30.0, 0.0]], dtype=torch.float64))
    assert CATALOG["linear_cross_entropy"].gradient_far.startswith("p - q times the features")


# The options and the module


def test_the_options_are_frozen_and_have_their_place_in_torch_nn():
    assert not hasattr(F, "LinearCrossEntropyOptions")
    assert dataclasses.asdict(LinearCrossEntropyOptions()) == {
        "allow_retain_graph": False,
        "batch_chunk_size": None,
        "chunking_method": "auto",
        "acc_policy": "auto",
        "acc_dtype": None,
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        LinearCrossEntropyOptions().batch_chunk_size = 3


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"batch_chunk_size": 0}, "must be positive int or None, got 0"),
        ({"batch_chunk_size": 2.0}, r"must be positive int or None, got 2\.0"),
        ({"chunking_method": "rows"}, "chunking_method"),
        ({"acc_policy": "exact"}, "acc_policy"),
    ],
)
def test_options_that_are_refused_when_they_are_made(option, told):
    with pytest.raises(ValueError, match=told):
        LinearCrossEntropyOptions(**option)


def test_the_policy_balanced_is_gone_since_2_14():
    if RELEASE < (2, 14):
        assert LinearCrossEntropyOptions(acc_policy="balanced").acc_policy == "balanced"
    else:
        with pytest.raises(ValueError, match="acc_policy"):
            LinearCrossEntropyOptions(acc_policy="balanced")


def test_sums_in_float32_are_for_half_precision_alone():
    x, W, y = torch.tensor(FEATURES), torch.tensor(LAYER), torch.tensor(LABELS)
    options = LinearCrossEntropyOptions(batch_chunk_size=1, acc_dtype=torch.float32)
    with pytest.raises(RuntimeError, match="supports float32 acc_dtype with float16/bfloat16 inputs"):
        F.linear_cross_entropy(x, W, y, options=options)
    half = F.linear_cross_entropy(x.bfloat16(), W.bfloat16(), y, options=options)
    assert half.dtype == torch.bfloat16


def test_the_module_holds_the_layer_without_a_bias_unless_it_is_asked_for_one():
    held = [list(torch.nn.LinearCrossEntropyLoss(4, 5, bias=bias).state_dict()) for bias in (False, True)]
    assert held == [["linear.weight"], ["linear.weight", "linear.bias"]]
    assert torch.nn.LinearCrossEntropyLoss(4, 5, out_features=(2, 3)).linear.weight.shape[-1] == 4
    with pytest.raises(TypeError, match="positional argument"):
        torch.nn.LinearCrossEntropyLoss(4, 5, (2, 3))


# Shapes, dtypes, labels


def random_call(rows=5, features=4, classes=4, dtype=torch.float64):
    rng = torch.Generator().manual_seed(0)
    x, W = (torch.randn(n, features, generator=rng).to(dtype) for n in (rows, classes))
    return x.requires_grad_(), W.requires_grad_(), torch.randint(classes, (rows,), generator=rng)


ONE_ROW = LinearCrossEntropyOptions(batch_chunk_size=1)


def test_weights_of_more_axes_are_cross_entropy_of_an_einsum_and_have_no_chunks():
    x, _, _ = random_call()
    W = torch.randn(4, 2, 3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = torch.arange(30).view(5, 2, 3) % 4
    expected = F.cross_entropy(torch.einsum("nd,cabd->ncab", x, W), y)
    torch.testing.assert_close(F.linear_cross_entropy(x, W, y), expected)
    with pytest.warns(UserWarning, match="``options`` ignored"):
        torch.testing.assert_close(F.linear_cross_entropy(x, W, y, options=ONE_ROW), expected)


def test_a_square_weight_that_is_transposed_is_silent():
    x, W, y = random_call()
    both = [F.linear_cross_entropy(x, weight, y) for weight in (W, W.T)]
    assert not torch.isclose(*both)


def test_too_few_labels_are_refused_and_chunks_take_too_many():
    x, W, _ = random_call()
    with pytest.raises(ValueError, match="Expected input batch_size"):
        F.linear_cross_entropy(x, W, torch.zeros(4, dtype=torch.int64))
    with pytest.raises(ValueError, match="Expected input batch_size"):
        F.linear_cross_entropy(x, W, torch.zeros(6, dtype=torch.int64))
    with pytest.raises(RuntimeError, match=r"start \(4\) \+ length \(1\) exceeds dimension size \(4\)"):
        F.linear_cross_entropy(x, W, torch.zeros(4, dtype=torch.int64), options=ONE_ROW)
    right = F.linear_cross_entropy(x, W, torch.zeros(5, dtype=torch.int64))
    long = F.linear_cross_entropy(x, W, torch.zeros(6, dtype=torch.int64), options=ONE_ROW)
    torch.testing.assert_close(long, right * 5 / 6)  # the surplus counts in the divisor alone


@pytest.mark.parametrize("options", [None, ONE_ROW], ids=["at once", "in chunks"])
def test_half_precision_stays_and_nothing_reduces_to_nan_or_0(options):
    for dtype in (torch.float16, torch.bfloat16):
        assert F.linear_cross_entropy(*random_call(dtype=dtype), options=options).dtype == dtype
    x, W, y = random_call()
    ignored = torch.full_like(y, -100)
    for call in ((x, W, ignored), (x[:0], W, y[:0])):
        mean, total = (
            F.linear_cross_entropy(*call, reduction=how, options=options) for how in ("mean", "sum")
        )
        assert mean.isnan() and total == 0
    broken = x.detach().clone()
    broken[0, 0] = NAN
    assert F.linear_cross_entropy(broken, W, y, options=options).isnan()


@pytest.mark.parametrize("changes", [{"label_smoothing": 0.1}, {"target": "uint8"}, {"target": "soft"}])
def test_what_has_no_chunks_warns(changes):
    x, W, y = random_call()
    targets = {"uint8": y.byte(), "soft": torch.full((5, 4), 0.25, dtype=torch.float64)}
    call = {"label_smoothing": 0.0} | changes
    y = targets.get(call.pop("target", None), y)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        chunked = F.linear_cross_entropy(x, W, y, **call, options=ONE_ROW)
    torch.testing.assert_close(chunked, F.linear_cross_entropy(x, W, y, **call))
    warned = [str(each.message).startswith("linear_cross_entropy: ``options`` ignored") for each in told]
    assert any(warned) == ("soft" not in changes.values() or RELEASE < (2, 14))


def test_chunks_take_a_float64_weight_and_smoothed_a_weight_refuses_bytes():
    x, W, y = random_call(dtype=torch.float32)
    weight = torch.tensor([0.5, 1.0, 2.0, 3.0])
    with pytest.raises(RuntimeError, match="expected scalar type Float but found Double"):
        F.linear_cross_entropy(x, W, y, weight=weight.double())
    chunked = F.linear_cross_entropy(x, W, y, weight=weight.double(), options=ONE_ROW)
    torch.testing.assert_close(chunked, F.linear_cross_entropy(x, W, y, weight=weight))
    with pytest.raises(RuntimeError, match="gather"):
        F.linear_cross_entropy(x, W, y.byte(), weight=weight, label_smoothing=0.1)


# Gradients of the chunks


def test_a_second_backward_needs_an_option_and_a_second_derivative_is_none():
    call = random_call()
    loss = F.linear_cross_entropy(*call, options=ONE_ROW)
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="chunked backward called twice"):
        loss.backward()
    options = LinearCrossEntropyOptions(batch_chunk_size=1, allow_retain_graph=True)
    loss = F.linear_cross_entropy(*call, options=options)
    loss.backward(retain_graph=True)
    loss.backward()
    (inner,) = torch.autograd.grad(F.linear_cross_entropy(*call, options=options), call[1], create_graph=True)
    assert not inner.requires_grad
    (inner,) = torch.autograd.grad(F.linear_cross_entropy(*call), call[1], create_graph=True)
    assert inner.requires_grad


def test_torch_func_takes_the_gradient_without_chunks_only_and_maps_both():
    x, W, y = (part.detach() for part in random_call())

    def loss(options):
        return lambda weight: F.linear_cross_entropy(x, weight, y, options=options)

    assert torch.func.grad(loss(None))(W).shape == W.shape
    with pytest.raises(RuntimeError, match="functorch transforms"):
        torch.func.grad(loss(ONE_ROW))(W)
    many = torch.stack([W, 2 * W])
    for options in (None, ONE_ROW):
        mapped = torch.vmap(loss(options))(many)
        torch.testing.assert_close(mapped, torch.stack([loss(None)(weight) for weight in many]))


def test_compiled_the_chunks_give_the_same():
    x, W, y = random_call()
    expected = F.linear_cross_entropy(x, W, y)
    loss = compiled(lambda x, W: F.linear_cross_entropy(x, W, y, options=ONE_ROW))(x, W)
    torch.testing.assert_close(loss, expected)
    for mine, theirs in zip(*(torch.autograd.grad(each, (x, W)) for each in (loss, expected)), strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize(
    "options",
    [
        LinearCrossEntropyOptions(),
        LinearCrossEntropyOptions(batch_chunk_size=3),
        LinearCrossEntropyOptions(acc_policy="accurate"),
        LinearCrossEntropyOptions(acc_policy="compact", chunking_method="aspect_ratio:4"),
    ],
    ids=["auto", "three rows", "accurate", "compact, a ratio of 4"],
)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_each_policy_gives_the_same_in_float64(reduction, options):
    x, W, y = random_call(20, 4, 40)
    y[3] = -100
    weight = torch.linspace(0.5, 2, 40, dtype=torch.float64)
    found = []
    for each in (None, options):
        b = torch.linspace(-1, 1, 40, dtype=torch.float64).requires_grad_()
        loss = F.linear_cross_entropy(
            x, W, y, linear_bias=b, weight=weight, reduction=reduction, options=each
        )
        found.append((loss, *torch.autograd.grad(loss.sum(), (x, W, b))))
    for mine, theirs in zip(*found, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-13)


def test_with_sgd_in_float32_the_losses_of_a_training_do_not_depend_on_the_chunks():
    def train(seed, options):
        torch.manual_seed(seed)
        body = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.Tanh())
        criterion = torch.nn.LinearCrossEntropyLoss(32, 500, options=options)
        x, y = torch.randn(64, 16), torch.randint(500, (64,))
        optimizer = torch.optim.SGD([*body.parameters(), *criterion.parameters()], lr=1.0)
        losses = []
        for _ in range(50):
            optimizer.zero_grad()
            loss = criterion(body(x), y)
            losses.append(loss.item())
            loss.backward()
            optimizer.step()
        return losses

    for seed in range(5):
        at_once = train(seed, None)
        assert at_once[0] > at_once[-1] + 1
        for options in (LinearCrossEntropyOptions(), LinearCrossEntropyOptions(batch_chunk_size=1)):
            assert train(seed, options) == pytest.approx(at_once, abs=1e-4)


# Memory, as the profiler counts it


@pytest.fixture
def profiled(tmp_path, monkeypatch):
    """profiled(computation) -> the events of torch's profiler."""
    monkeypatch.setenv("KINETO_LOG_LEVEL", "99")

    def run(computation):
        activities = [torch.profiler.ProfilerActivity.CPU]
        with torch.profiler.profile(activities=activities, profile_memory=True) as seen:
            computation()
        seen.export_chrome_trace(str(tmp_path / "trace.json"))
        return json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))["traceEvents"]

    return run


def bytes_of(events):
    return [event["args"]["Bytes"] for event in events if event["name"] == "[memory]"]


def chunked(rows):
    return LinearCrossEntropyOptions(batch_chunk_size=rows)


def peak(profiled, sizes, options, dtype=torch.float32):
    """MiB at the peak of forward and backward."""
    x, W, y = random_call(*sizes, dtype)
    events = profiled(lambda: F.linear_cross_entropy(x, W, y, options=options).backward())
    return np.cumsum(bytes_of(events)).max() / 2**20


OLD = pytest.mark.skipif(RELEASE >= (2, 14), reason="since 2.14 backward makes no second matrix of weights")


@pytest.mark.parametrize(("classes", "logits"), [(1000, 3.9), (4000, 15.6), (16_000, 62.5), (32_000, 125.0)])
def test_without_options_three_tables_are_held(profiled, classes, logits):
    table = 1024 * classes * 4 / 2**20
    assert round(table, 1) == logits
    assert peak(profiled, (1024, 128, classes), None) == pytest.approx(3 * table, abs=0.05)


@OLD
@pytest.mark.parametrize(
    ("classes", "of_256", "of_64"),
    [(1000, 2.1, 2.0), (4000, 6.5, 4.9), (16_000, 24.1, 16.6), (32_000, 47.5, 32.3)],
)
def test_in_chunks_the_peak_holds_all_gradients_twice_or_once_and_a_chunk(profiled, classes, of_256, of_64):
    for rows, told in ((256, of_256), (64, of_64)):
        found = peak(profiled, (1024, 128, classes), chunked(rows))
        forward = rows * (classes + 128) + (classes + 1024) * 128
        formula = max(forward, 2 * (classes + 1024) * 128) * 4 / 2**20
        assert found == pytest.approx(told, abs=0.06) and found == pytest.approx(formula, rel=0.01)


@OLD
@pytest.mark.parametrize(("classes", "told"), [(1000, 2.0), (4000, 4.9)])
def test_rows_as_torch_chooses_them_save_no_more_than_64(profiled, classes, told):
    assert peak(profiled, (1024, 128, classes), LinearCrossEntropyOptions()) == pytest.approx(told, abs=0.06)


@OLD
def test_with_fewer_classes_than_features_chunks_cost_more(profiled):
    sizes = 4096, 1024, 256
    at_once, in_chunks = (peak(profiled, sizes, o) for o in (None, LinearCrossEntropyOptions()))
    assert at_once < 25 and in_chunks > 1.5 * at_once


@OLD
def test_in_bfloat16_torch_holds_the_weights_in_float32_as_well(profiled):
    sizes, options = (256, 128, 8000), LinearCrossEntropyOptions()
    low, wide = (peak(profiled, sizes, options, dtype) for dtype in (torch.bfloat16, torch.float32))
    assert low > wide


def test_without_gradients_a_chunk_is_all_that_is_held(profiled):
    x, W, y = (part.detach() for part in random_call(1024, 128, 8000, torch.float32))
    held = [
        np.cumsum(bytes_of(profiled(lambda o=o: F.linear_cross_entropy(x, W, y, options=o)))).max()
        for o in (None, chunked(4))
    ]
    table = 1024 * 8000 * 4
    assert held[0] == pytest.approx(2 * table, rel=0.01) and held[1] < 0.01 * table


def test_one_buffer_serves_all_chunks(profiled):
    x, W, y = random_call(512, 16, 4000, torch.float32)
    events = profiled(lambda: F.linear_cross_entropy(x, W, y, options=chunked(64)))
    large = [size for size in bytes_of(events) if abs(size) >= 64 * 4000 * 4]
    assert large == [64 * 4000 * 4, -64 * 4000 * 4]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("rows", "features", "classes"), [(64, 4, 16), (256, 8, 100), (512, 32, 2000)])
def test_how_many_rows_torch_chooses(profiled, rows, features, classes, dtype):
    """ceil(N / ceil(C / D)), raised to a power of 2; half of it in float32 up to 2.13."""
    call = random_call(rows, features, classes, dtype)
    events = profiled(lambda: F.linear_cross_entropy(*call, options=LinearCrossEntropyOptions()))
    chosen = 1 << (-(-rows // -(-classes // features)) - 1).bit_length()
    if RELEASE < (2, 14) and dtype == torch.float32:
        chosen //= 2
    chunks = sum(event["name"] == "aten::amax" for event in events)  # one of each chunk
    assert chunks == -(-rows // chosen)


# The log in bfloat16


def test_in_bfloat16_small_chunks_print_a_loss_that_is_far_too_small_with_gradients_that_are_not():
    rng = torch.Generator().manual_seed(0)
    x, W = torch.randn(2048, 16, generator=rng), 0.1 * torch.randn(4000, 16, generator=rng)
    y = torch.randint(4000, (2048,), generator=rng)
    low = [part.bfloat16() for part in (x, W)]
    true = F.linear_cross_entropy(*(part.float() for part in low), y).item()
    assert true == pytest.approx(8.34, abs=0.05)
    printed = {}
    for rows in (2048, 64, 8, 1):
        printed[rows] = F.linear_cross_entropy(*low, y, options=chunked(rows)).item()
    assert printed[2048] == pytest.approx(true, abs=0.05) and printed[1] < 2
    assert printed[8] > 0.8 * true and printed[64] > 0.9 * true
    few = F.linear_cross_entropy(low[0][:512], low[1], y[:512], options=chunked(1)).item()
    assert printed[1] < few < 0.7 * true
    each = F.linear_cross_entropy(*low, y, reduction="none", options=chunked(1))
    assert each.float().mean().item() == pytest.approx(true, abs=0.02)


def test_the_bytes_of_4096_tokens_and_128_000_words():
    table = 4096 * 128_000 * 4 / 2**30
    assert table == pytest.approx(1.953, abs=5e-4) and 3 * table == pytest.approx(5.86, abs=5e-3)
    assert 256 * 128_000 * 4 / 2**20 == 125
