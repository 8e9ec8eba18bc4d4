"""Rules over the facts of all losses: torch confirms what it can, the chapters the rest."""

import inspect
from math import inf, isfinite
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

import lossviz.losses
from lossviz.losses import CATALOG, EXERCISES
from lossviz.losses.loss import Dtype, Kind, Of, Shape, Statistic
from tests.calls import (
    at_rest,
    call_of,
    class_axis,
    has_classes,
    has_images,
    main,
    perfect_call,
    shape_beside,
    usual_shape,
)

# What torch says of the "mean" of kl_div is no concern of these rules.
pytestmark = pytest.mark.filterwarnings("ignore:reduction. .mean. divides")
DEPRECATED = {"size_average", "reduce"}
EACH_LOSS = pytest.mark.parametrize("loss", CATALOG.values(), ids=CATALOG)
EACH_FORM = pytest.mark.parametrize(
    ("loss", "name", "form"),
    [
        pytest.param(loss, argument.name, form, id=f"{loss.name}-{argument.name}-{form.kind}")
        for loss in CATALOG.values()
        for argument in loss.arguments
        for form in argument.forms
    ],
)


def losses(condition):
    """Each loss of which a fact holds."""
    return pytest.mark.parametrize(
        "loss", [x for x in CATALOG.values() if condition(x)], ids=lambda x: x.name
    )


def value(loss, call, **options):
    return loss.function(**call, **{"reduction": loss.reductions[0]} | options)


def gradients(loss, call, **options):
    """The gradient of the sum in each prediction, in one flat tensor."""
    names = [argument.name for argument in loss.predictions]
    given = {name: call[name].clone().requires_grad_() for name in names}
    total = value(loss, call | given, **options).sum()
    return torch.cat([slope.flatten() for slope in torch.autograd.grad(total, list(given.values()))])


# Names, places, signatures, links


def test_the_order_names_every_file_and_each_file_stands_under_its_family_and_name():
    folder = Path(lossviz.losses.__file__).parent
    places = [path.relative_to(folder).with_suffix("") for path in folder.glob("*/*.py")]
    files = {place.as_posix() for place in places if place.parent.name != "references"}
    assert {f"{loss.family}/{name}" for name, loss in CATALOG.items()} == files
    assert all(name == loss.name for name, loss in CATALOG.items())


def test_exercises_are_named_after_their_loss_and_stand_in_its_order():
    owners = [name.partition("/")[0] for name in EXERCISES]
    assert list(dict.fromkeys(owners)) == list(CATALOG)
    assert owners == sorted(owners, key=list(CATALOG).index)


@EACH_LOSS
def test_class_and_function_exist(loss):
    assert callable(loss.function) and loss.functional == f"{loss.home}.{loss.function.__name__}"
    if loss.torch_class is not None:
        assert issubclass(getattr(torch.nn, loss.class_name), torch.nn.Module)


@EACH_LOSS
def test_arguments_options_and_defaults_are_those_of_the_function(loss):
    parameters = inspect.signature(loss.function).parameters
    theirs = {name: p.default for name, p in parameters.items() if name not in DEPRECATED}
    needed = [name for name, default in theirs.items() if default is inspect.Parameter.empty]
    assert [argument.name for argument in loss.arguments] == needed
    ours = {option.name: option.default for option in loss.options}
    assert ours | {"reduction": loss.default_reduction} == {
        name: default for name, default in theirs.items() if name not in needed
    }


@EACH_LOSS
def test_reductions_are_those_that_torch_takes(loss):
    for reduction in loss.reductions:
        value(loss, call_of(loss), reduction=reduction)
    assert loss.default_reduction in loss.reductions


@EACH_LOSS
def test_defaults_lie_in_their_domain(loss):
    for option in loss.options:
        if option.shape is Shape.NUMBER:
            if option.domain.values:
                assert option.default in option.domain.values
            else:  # None says that the option is not given
                assert option.default is None or option.domain.low <= option.default <= option.domain.high
        else:
            assert option.default is None


@EACH_LOSS
def test_options_that_facts_name_exist(loss):
    names = {option.name for option in loss.options}
    rows = [*loss.values, *loss.gradients, *(form for a in loss.arguments for form in a.forms)]
    assert {name for row in rows for name in row.where} <= names
    factors = [row.times + row.raised_by + row.over for row in loss.values + loss.gradients]
    assert {name for those in factors for name in those} <= names
    assert {name for row in loss.values + loss.gradients for name in row.least} <= names


@EACH_LOSS
def test_links_are_https_and_point_at_the_class(loss):
    if loss.torch_class is not None:
        assert loss.docs_url.startswith("https://docs.pytorch.org/") and loss.torch_class in loss.docs_url
    assert all(source.url.startswith("https://") and " " not in source.url for source in loss.sources)
    assert loss.sources


@EACH_LOSS
def test_braces_and_environments_of_the_formula_close(loss):
    assert loss.formula.count("{") == loss.formula.count("}")
    assert loss.formula.count(r"\begin") == loss.formula.count(r"\end")


# Arguments

# Of every number of axes
SHAPES = {Shape.CLASSES_SECOND, Shape.CLASSES_LAST, Shape.CLASSES_OF_ROWS}
SHAPES = {
    Shape.ANY: [(), (4,), (4, 3), (2, 3, 2), (2, 3, 2, 2)],
    Shape.CLASSES_SECOND: [(3,), (4, 3), (2, 3, 2), (2, 3, 2, 2)],
    Shape.CLASSES_LAST: [(3,), (4, 3), (2, 2, 3), (2, 2, 2, 3)],
    Shape.CLASSES_OF_ROWS: [(3,), (4, 3)],
    Shape.CLASSES_OF_IMAGES: [(4, 3), (2, 3, 2), (2, 3, 2, 2), (2, 3, 2, 2, 2)],
    Shape.IMAGES: [(4,), (4, 3), (2, 3, 2), (2, 3, 2, 2)],
    Shape.CLASSES_OF_STEPS: [(4, 3), (4, 2, 3)],
    Shape.FEATURES_LAST: [(16,), (4, 16)],
}
REFUSED_SHAPES = {
    Shape.CLASSES_OF_ROWS: [(2, 3, 2)],
    Shape.CLASSES_OF_IMAGES: [(), (3,)],
    Shape.IMAGES: [()],
}


@EACH_LOSS
def test_each_differentiable_argument_gets_a_gradient_and_there_is_one(loss):
    assert loss.predictions
    assert gradients(loss, call_of(loss)).isfinite().all()


@EACH_FORM
def test_shapes_are_those_that_torch_takes(loss, name, form):
    for shape in SHAPES[main(loss).shape]:
        call = call_of(loss, shape=shape, forms={name: form}, **form.where)
        value(loss, call, **form.where)
        if form.shape is Shape.SAME:
            assert call[name].shape == shape
    for shape in REFUSED_SHAPES.get(main(loss).shape, []):
        with pytest.raises((RuntimeError, ValueError)):
            value(loss, call_of(loss, shape=shape))


@EACH_FORM
def test_numbers_outside_the_domain_are_refused_if_the_fact_says_so(loss, name, form):
    call = call_of(loss, forms={name: form}, **form.where)
    domain = form.domain
    if domain.below:
        first = call[loss.predictions[0].name].shape
        # Labels are as many as there are in the call: one of each sequence.
        outside = {"C": first[-1], "T + 1": first[0] + 1, "S + 1": 2}[domain.below]
    elif isfinite(domain.high):
        outside = domain.high + 0.5
    elif isfinite(domain.low):
        outside = domain.low - 0.5
    else:
        assert not form.checked
        return
    call[name].view(-1)[0] = outside
    if form.checked:
        with pytest.raises((RuntimeError, ValueError, IndexError)):
            value(loss, call, **form.where)
    else:
        value(loss, call, **form.where)


# A dtype that must be taken, for the backward pass too, and one that must be refused
DTYPES = {
    Dtype.FLOATING: ([torch.float32, torch.float64], [torch.int64]),
    Dtype.SAME: ([torch.float32], [torch.float64, torch.int64]),
    Dtype.REAL: ([torch.float32, torch.float64, torch.int64], []),
    Dtype.INTEGER: ([torch.int64, torch.int32], [torch.float32]),
    Dtype.INT64: ([torch.int64], [torch.int32, torch.float32]),
}


@EACH_FORM
def test_dtypes_are_those_that_torch_takes(loss, name, form):
    call = call_of(loss, forms={name: form}, **form.where)
    if name in [argument.name for argument in loss.predictions]:
        assert form.dtype in (Dtype.FLOATING, Dtype.SAME) and call[name].dtype.is_floating_point
        if form.dtype is Dtype.FLOATING:
            return
    taken, refused = DTYPES[form.dtype]
    for dtype in taken:
        gradients(loss, call | {name: call[name].to(dtype)}, **form.where)
    for dtype in refused:
        with pytest.raises((RuntimeError, ValueError)):
            gradients(loss, call | {name: call[name].to(dtype)}, **form.where)


def tensor_option(loss, option, call):
    """A tensor of 2 for the option, in the shape that the fact says."""
    shape = call[loss.predictions[0].name].shape
    axis = class_axis(main(loss).shape, len(shape))
    # The last axis alone is a shape that broadcasts.
    own = shape[-1:] if option.shape is Shape.BROADCAST else shape_beside(option.shape, shape, axis)
    return torch.full(own, 2.0)


@EACH_LOSS
def test_tensor_options_are_taken_in_the_shape_and_dtype_that_the_facts_say(loss):
    call = call_of(loss)
    for option in loss.options:
        if option.shape is Shape.NUMBER:
            continue
        factor = tensor_option(loss, option, call)
        for dtype in DTYPES[option.dtype][0]:
            gradients(loss, call, **{option.name: factor.to(dtype)})
        for dtype in DTYPES[option.dtype][1]:
            with pytest.raises((RuntimeError, ValueError)):
                gradients(loss, call, **{option.name: factor.to(dtype)})


@EACH_LOSS
def test_the_mean_divides_by_a_factor_if_it_is_said_to(loss):
    call = call_of(loss)
    plain = value(loss, call, reduction="mean")
    for option in loss.options:
        # A bias is no factor.
        if option.shape not in (Shape.NUMBER, Shape.PER_ENTRY):
            factor = {option.name: tensor_option(loss, option, call)}
            if option.differentiable:  # what a model gives is no factor
                continue
            same = torch.isclose(value(loss, call, reduction="mean", **factor), plain).item()
            assert same == option.in_divisor


# Values and gradients, with default options and with those that move their bounds


def steepest(loss, call, **options):
    """The largest entry of the gradient, inf where a slope without a bound is no number."""
    return gradients(loss, call, **options).abs().nan_to_num(nan=inf, posinf=inf).max()


def factors(loss):
    """No options, each tensor option at 2, and all of them."""
    call = call_of(loss)
    tensors = [option for option in loss.options if option.shape is not Shape.NUMBER]
    given = {option.name: tensor_option(loss, option, call) for option in tensors}
    return [{}, *({name: factor} for name, factor in given.items()), given]


def settings(loss):
    """Those, and each option at each of its values."""
    values = [{option.name: each} for option in loss.options for each in option.domain.values]
    return factors(loss) + values


@EACH_LOSS
@pytest.mark.parametrize("scale", [0.01, 1.0, 1e4])
def test_values_lie_in_their_bounds(loss, scale):
    for options in settings(loss):
        low, high = loss.value_bounds(**options)
        found = value(loss, call_of(loss, scale, **options), **options)
        assert low <= found.min() and found.max() <= high


@losses(lambda loss: any(row.of is Of.CLASSES for row in loss.values))
def test_sums_over_the_classes_lie_in_their_bounds(loss):
    low, high = loss.value_bounds(Of.CLASSES)
    sums = value(loss, call_of(loss)).sum(dim=1)
    assert low <= sums.min() and sums.max() <= high
    # The logarithm of a probability that rounds to 0 would be inf here.
    p = torch.eye(3).clamp(min=1e-6)
    same = {loss.predictions[0].name: p.log(), loss.targets[0].name: p}
    assert value(loss, same).sum(dim=1).tolist() == pytest.approx([low] * 3, abs=1e-4)


@EACH_LOSS
def test_the_ends_of_the_values_are_reached(loss):
    low, high = loss.value_bounds()
    # With one feature embeddings have two directions alone: equal, and opposite.
    classes = 1 if has_classes(loss) and main(loss).kind is Kind.EMBEDDINGS else 3
    # Of images the first is predicted wrong, and some losses have one value for all images.
    shapes = [None, (1, *usual_shape(loss, classes)[1:])] if has_images(loss) else [None]
    far = torch.cat([value(loss, call_of(loss, 1e30, classes, shape=shape)).flatten() for shape in shapes])
    # As far as the largest prediction that is meant.
    reached = min(1e29, 0.9 * main(loss).domain.high)
    # Where small weights make a sum of 0.1, a smooth of 1e-5 keeps it this far away.
    assert far.max() > reached if high == inf else far.max() == pytest.approx(high, abs=1e-4)
    if low == -inf:
        assert far.min() < -1e29
    elif low == 0:
        assert value(loss, perfect_call(loss), reduction="mean") == pytest.approx(low, abs=1e-12)


@EACH_LOSS
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e30])
def test_gradients_keep_their_bound(loss, scale):
    for options in settings(loss):
        found = steepest(loss, call_of(loss, scale, **options), **options)
        assert found <= loss.gradient_bound(**options)


@EACH_LOSS
def test_the_bound_of_the_gradient_is_reached_far_away_or_on_the_way(loss):
    for options in factors(loss) + [dict(row.where) for row in loss.gradients if row.reached]:
        if not bound_of_gradient(loss, options).reached:
            continue
        bound = loss.gradient_bound(**options)
        if bound == inf:
            for scale in (1e2, 1e4, 1e6):
                # What turns with the direction alone is steepest near 0.
                most = max(steepest(loss, call_of(loss, size), **options) for size in (scale, 1 / scale))
                # A mean over the pixels of an image shares the slope among them.
                assert most > (0.01 if main(loss).shape is Shape.CLASSES_OF_IMAGES else 0.5) * scale
            continue
        # Some losses divide by the number of classes, and some by that of which all but one are rivals.
        # Some are a little steeper on the way than far away.
        # With weights by size none is steeper than a missed object of one pixel.
        most = max(
            steepest(loss, call_of(loss, scale, classes, shape), **narrowed(options, classes))
            for classes in (1, 100)
            for scale in (1e4, 3)
            for shape in (None, *one_pixel(loss, classes))
        )
        assert 0.98 * bound <= most <= bound


def one_pixel(loss, classes):
    """Shapes of images of one pixel, many and one, if the loss takes images with classes."""
    return [(30, classes, 1, 1), (1, classes, 1)] if main(loss).shape is Shape.CLASSES_OF_IMAGES else []


def bound_of_gradient(loss, options):
    """The row that says it under these options."""
    given = {option.name: option.default for option in loss.options} | options
    return next(row for row in loss.gradients if row.holds(given))


def narrowed(options, classes):
    """The same factors for another number of classes."""
    return {
        name: torch.full((classes,), factor.max().item()) if getattr(factor, "shape", ()) == (3,) else factor
        for name, factor in options.items()
    }


@EACH_LOSS
def test_the_gradient_is_0_at_the_target_if_it_is_said_to_fade(loss):
    at_target = steepest(loss, perfect_call(loss))
    assert at_target < 1e-12 if loss.fades else at_target > 0.1


# What the best constant prediction is

REALS = [-1.0, 0.0, 0.5, 2.0, 40.0]  # mean 8.3, median 0.5
STATISTICS = {
    Statistic.MEAN: lambda numbers: numbers.mean(dim=0),
    Statistic.MEDIAN: lambda numbers: numbers.median(dim=0).values,
}


def targets_and_their_numbers(loss):
    """Targets, and what a statistic is taken of: of labels, the rows of zeros and ones."""
    kind = loss.form(loss.targets[0].name).kind
    if kind is Kind.REAL:
        points = torch.tensor(REALS, dtype=torch.float64)
        return points, points
    if kind is Kind.COUNTS:
        points = torch.tensor(REALS, dtype=torch.float64) + 1
        return points, points
    if kind is Kind.LABELS:
        labels = torch.tensor([0, 0, 0, 1, 1, 2])
        return labels, F.one_hot(labels, 3).double()
    rows = torch.tensor([[0.0, 0.6, 0.4], [0.0, 1, 0], [1.0, 0, 0], [0.0, 0.3, 0.7]], dtype=torch.float64)
    return rows, rows


def as_input(loss, statistic):
    """The prediction that says the statistic, and what turns a free parameter into an input."""
    kind, target = main(loss).kind, loss.form(loss.targets[0].name).kind
    if kind is Kind.LOG_PROBABILITIES:
        return statistic.log(), lambda x: x.log_softmax(-1)
    if kind is Kind.LOG_RATES or (kind is Kind.LOGITS and target is Kind.LABELS):
        return statistic.log(), lambda x: x
    return (statistic.logit() if kind is Kind.LOGITS else statistic), lambda x: x


@losses(lambda loss: loss.statistic is not None)
def test_the_best_constant_prediction_is_the_statistic_of_the_targets(loss):
    target, numbers = targets_and_their_numbers(loss)
    slopes = {}
    for statistic, of in STATISTICS.items():
        parameter, into = as_input(loss, of(numbers))
        parameter.requires_grad_()
        shape = numbers.shape if numbers.ndim > 1 else target.shape
        first = into(parameter).expand(shape)
        call = {loss.predictions[0].name: first, loss.targets[0].name: target} | at_rest(loss, first)
        (slope,) = torch.autograd.grad(value(loss, call).sum(), parameter)
        slopes[statistic] = slope.abs().max().item()
    best = slopes.pop(loss.statistic)
    assert best < 1e-9 and all(not other < 0.1 for other in slopes.values())


# Symptoms: that each leads to its section, and what torch prints, is tested with the page that shows them all


@EACH_LOSS
def test_no_symptom_is_told_twice_and_each_says_what_why_and_how_to_mend_it(loss):
    assert 2 <= len(loss.symptoms) <= 12
    assert len({symptom.seen for symptom in loss.symptoms}) == len(loss.symptoms)
    assert all(symptom.seen and symptom.why and symptom.fix for symptom in loss.symptoms)
