"""Calls made from the typed arguments of a loss alone: names are the loss's, numbers those of their kind.

`call_of` gives many random samples of some scale, `perfect_call` predictions that say what the targets say,
and `typed_calls` is what hypothesis draws. A new kind or shape is taught here, and no loss by its name.
"""

import hypothesis.extra.numpy as hnp
import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from lossviz.losses import CATALOG
from lossviz.losses.loss import Dtype, Kind, Shape
from lossviz.losses.references import signed_distance
from tests.strategies import ANY_SHAPE, FACTORS, FLOAT_DTYPES, arrays, numbers, option_numbers

# Shapes that name the axis of the classes or features, and how many others there may be.
# Features are drawn as many as there are classes.
OTHER_AXES = {
    Shape.CLASSES_SECOND: 3,
    Shape.CLASSES_LAST: 3,
    Shape.CLASSES_OF_ROWS: 1,
    Shape.CLASSES_OF_IMAGES: 3,
    Shape.FEATURES_LAST: 1,
}
IMAGES = {Shape.CLASSES_OF_IMAGES, Shape.IMAGES}


# Shapes


def main(loss, **options):
    """The form of the prediction."""
    return loss.form(loss.predictions[0].name, **options)


def has_classes(loss):
    return main(loss).shape in OTHER_AXES or main(loss).kind is Kind.LOG_PROBABILITIES


def has_images(loss):
    return main(loss).shape in IMAGES


def class_axis(shape, dimensions):
    """The axis of the classes; the last one where the shape does not say."""
    if shape is Shape.CLASSES_OF_IMAGES:
        return 1
    return min(1, dimensions - 1) if shape is Shape.CLASSES_SECOND else dimensions - 1


def shape_beside(shape, first, axis):
    """The shape of an argument beside a first one that has its classes on `axis`."""
    if shape in (Shape.WITHOUT_CLASSES, Shape.PER_SAMPLE):
        return first[:axis] + first[axis + 1 :]
    if shape is Shape.PER_ENTRY:
        return (ENTRIES,)
    if shape is Shape.PER_CLASS:
        return first[axis : axis + 1]
    if shape is Shape.FEATURES_BY_CLASS:
        return 2 * first[axis : axis + 1]
    return first


# Random numbers


def call_of(loss, scale=1.0, classes=3, /, shape=None, forms=None, **options):
    """Arguments of 1000 samples, or of that shape; `forms` names other forms than the usual ones."""
    generator = torch.Generator().manual_seed(0)
    if shape is None:
        shape = usual_shape(loss, classes)
    forms = {argument.name: loss.form(argument.name, **options) for argument in loss.arguments} | (
        forms or {}
    )
    call = {}
    for argument in loss.targets:
        call[argument.name] = target_of(loss, forms[argument.name], shape, scale, generator)
    for argument in loss.predictions:
        call[argument.name] = input_of(loss, forms[argument.name], shape, scale, call, generator)
    return call


def usual_shape(loss, classes):
    """That of 1000 samples; of sequences with one step, as over more steps large logarithms would cancel."""
    if main(loss).shape is Shape.CLASSES_OF_STEPS:
        return (1, 1000, classes)
    if has_clusters(loss):
        return (1000, 16)
    if has_images(loss):
        return (30, classes, 8, 8) if has_classes(loss) else (30, 8, 8)
    return (1000, classes) if has_classes(loss) else (1000,)


def beside_steps(form, shape, generator):
    """What stands beside a sequence: one label, or a length, that of all steps or that of the one label."""
    steps, *samples, classes = shape
    if form.kind is Kind.LENGTHS:
        return torch.full(samples, steps if form.domain.below == "T + 1" else 1)
    assert form.kind is Kind.LABELS, f"no random {form.kind} beside steps"
    # The first class is the blank, which is no label.
    return torch.randint(min(1, classes - 1), classes, (*samples, 1), generator=generator)


# A tree of six classes: two stand in the head, two in each of two tails, of width D / 4 and D / 16.
CUTOFFS, IN_TREE, ENTRIES = (2, 4), 6, 4


def has_clusters(loss):
    return any(form.kind is Kind.SIZES for argument in loss.targets for form in argument.forms)


def beside_features(form, shape, generator):
    """What stands beside features that go into a tree of classes, but for its parameters."""
    if form.kind is Kind.SIZES:
        return torch.tensor(IN_TREE if form.shape is Shape.NUMBER else CUTOFFS)
    assert form.kind is Kind.LABELS, f"no random {form.kind} beside features"
    return torch.randint(IN_TREE, shape[:-1], generator=generator)


def tree_parameters(form, features, scale, generator):
    """The head is scaled, the tails are not: of two layers the product would overflow."""
    if form.shape is Shape.FEATURES_BY_ENTRY:
        return scale * torch.randn(ENTRIES, features, generator=generator)
    widths = features // 4, features // 16
    return torch.randn(sum(width * (features + 2) for width in widths), generator=generator)


def perfect_tree(loss):
    """One feature a class, and layers that know it."""
    features = 16
    head = torch.full((ENTRIES, features), -100.0)
    for label, entry in enumerate((0, 1, 2, 2, 3, 3)):
        head[entry, label] = 100
    inner, outer = torch.zeros(4, features), torch.zeros(2, 4)
    inner[0, 2], inner[0, 3], outer[0, 0], outer[1, 0] = 1, -1, 100, -100
    last = torch.zeros(1, features)
    last[0, 4], last[0, 5] = 1, -1
    tails = torch.cat([inner.flatten(), outer.flatten(), last.flatten(), torch.tensor([100.0, -100])])
    given = {Kind.FEATURES: torch.eye(features)[:IN_TREE], Kind.LABELS: torch.arange(IN_TREE)}
    parameters = {Shape.FEATURES_BY_ENTRY: head, Shape.ONE_ROW: tails}
    call = {}
    for argument in loss.arguments:
        form = argument.forms[0]
        if form.kind is Kind.PARAMETERS:
            call[argument.name] = parameters[form.shape]
        else:
            call[argument.name] = (
                given[form.kind] if form.kind in given else beside_features(form, (IN_TREE, features), None)
            )
    return call


# Of images the first is predicted wrong in each pixel; the second has no object, and is predicted right.
# Where the target is a distance, the second has an object with some depth.


def truth_of_images(form, shape, scale, generator):
    """Random masks or labels of images, or distances, where a pixel is `scale` long."""
    if form.kind is Kind.LABELS:
        classes = shape[1] if len(shape) > 1 else 1
        truth = torch.randint(classes, shape[:1] + shape[2:], generator=generator)
    else:
        truth = torch.randint(2, shape, generator=generator).float()
    if shape:
        truth[1:2] = 0
    if form.kind is Kind.DISTANCE_MAPS:
        if len(shape) < 3:
            return truth
        truth[1:2, :, *(len(shape) - 2) * [slice(1, -1)]] = 1
        return scale * signed_distance(truth)
    assert form.kind in (Kind.LABELS, Kind.MASKS), f"no random {form.kind} of images"
    return truth


def beside_truth(form, normal, truth):
    """Predictions of images, beside labels or masks."""
    if not truth.is_floating_point() and form.shape is Shape.CLASSES_OF_IMAGES:
        if normal.ndim < 2:
            return normal
        wanted = F.one_hot(truth, normal.shape[1]).movedim(-1, 1)
    else:
        wanted = truth
    if normal.ndim:
        sign = 2 * wanted - 1
        normal[:1] = -(sign * normal.abs())[:1]
        normal[1:2] = (sign * normal.abs())[1:2]
    if form.kind is Kind.LOGITS:
        return normal
    return normal.softmax(1) if wanted is not truth else normal.sigmoid()


def perfect_image(loss):
    """One image of four pixels, an object in the first; the second class is what is left."""
    (target,) = loss.targets
    form, wanted = main(loss), loss.form(target.name).kind
    mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    mask = torch.cat([mask, 1 - mask], dim=1) if form.shape is Shape.CLASSES_OF_IMAGES else mask[:, 0]
    beside = {Kind.LABELS: lambda: mask.argmax(1), Kind.DISTANCE_MAPS: lambda: signed_distance(mask)}
    x = 200 * mask - 100 if form.kind is Kind.LOGITS else mask
    return {loss.predictions[0].name: x, target.name: beside.get(wanted, lambda: mask)()}


def one_label_each(labels, classes):
    """Labels as lists that end at -1, with a single label."""
    return F.pad(labels[..., None], (0, classes - 1), value=-1)


def target_of(loss, form, shape, scale, generator):
    """Random targets, hard ones where both hard and soft are meant."""
    if main(loss).shape is Shape.CLASSES_OF_STEPS:
        return beside_steps(form, shape, generator)
    if has_clusters(loss):
        return beside_features(form, shape, generator)
    if has_images(loss):
        return truth_of_images(form, shape, scale, generator)
    axis = class_axis(main(loss).shape, len(shape))
    classes = shape[axis] if has_classes(loss) and shape else 1
    normal = scale * torch.randn(shape, generator=generator)
    if form.kind is Kind.REAL:
        return normal
    if form.kind is Kind.COUNTS:
        return normal.abs().round()
    if form.kind is Kind.SIGNS:
        return 2 * torch.randint(2, shape_beside(form.shape, shape, axis), generator=generator) - 1
    if form.kind in (Kind.LABELS, Kind.LABEL_LISTS):
        labels = torch.randint(classes, shape_beside(Shape.WITHOUT_CLASSES, shape, axis), generator=generator)
        return labels if form.kind is Kind.LABELS else one_label_each(labels, classes)
    if form.kind is Kind.LOG_PROBABILITIES:
        return normal.log_softmax(axis)
    if form.kind is Kind.PROBABILITIES and has_classes(loss):
        return normal.softmax(axis)
    assert form.kind in (Kind.PROBABILITIES, Kind.MULTI_HOT, Kind.MASKS), f"no random {form.kind}"
    return torch.randint(2, shape, generator=generator).float()


def input_of(loss, form, shape, scale, targets, generator):
    """Random predictions of the domain; rates stay near the counts, or all would overflow."""
    if form.kind is Kind.PARAMETERS and has_clusters(loss):
        return tree_parameters(form, shape[-1], scale, generator)
    if form.kind is Kind.FEATURES and has_clusters(loss):
        return torch.randn(shape, generator=generator)
    if form.kind is Kind.PARAMETERS:
        own = shape_beside(form.shape, shape, class_axis(main(loss).shape, len(shape)))
        return torch.randn(own, generator=generator)
    normal = scale * torch.randn(shape, generator=generator)
    if has_images(loss):
        truth, kind = targets[loss.targets[0].name], loss.form(loss.targets[0].name).kind
        return beside_truth(form, normal, (truth <= 0).float() if kind is Kind.DISTANCE_MAPS else truth)
    if form.kind is Kind.LOG_PROBABILITIES:
        return normal.log_softmax(class_axis(form.shape, len(shape)))
    if form.kind is Kind.PROBABILITIES:
        return normal.sigmoid()
    if form.kind in (Kind.LOG_RATES, Kind.RATES):
        counts = targets[loss.targets[0].name]
        log_rates = (counts + 1).log() + 3 * torch.randn(shape, generator=generator)
        return log_rates if form.kind is Kind.LOG_RATES else log_rates.exp()
    if form.kind is Kind.VARIANCES:
        return torch.randn(shape, generator=generator).exp()
    if form.kind is Kind.DISTANCES:
        return normal.abs()
    if form.kind is Kind.EMBEDDINGS:
        return normal.double()  # the squares of 1e30 are finite there
    assert form.kind in (Kind.REAL, Kind.LOGITS, Kind.SCORES, Kind.FEATURES), f"no random {form.kind}"
    return normal.clamp(form.domain.low, form.domain.high)


def perfect_call(loss):
    """Predictions that say what the targets say, surely."""
    if main(loss).shape is Shape.CLASSES_OF_STEPS:
        return perfect_steps(loss)
    if has_clusters(loss):
        return perfect_tree(loss)
    if has_images(loss):
        return perfect_image(loss)
    if not loss.targets and main(loss).kind is Kind.EMBEDDINGS:
        # The roles say it: what comes last is to be apart from the others.
        call = {argument.name: torch.zeros(4, 3) for argument in loss.predictions}
        return call | {loss.predictions[-1].name: torch.full((4, 3), 100.0)}
    if len(loss.predictions) == 2 and main(loss).kind is Kind.EMBEDDINGS:
        # An alike pair of one direction, a different one of opposite directions.
        a, b, y = torch.eye(2), torch.diag(torch.tensor([2.0, -2.0])), torch.tensor([1, -1])
        return dict(zip((argument.name for argument in loss.arguments), (a, b, y), strict=True))
    prediction, (target,) = loss.predictions[0], loss.targets
    given, wanted = main(loss).kind, loss.form(target.name).kind
    labels = torch.arange(3)
    sure = 200 * torch.eye(3) - 100
    if wanted is Kind.LABELS:
        y, x = labels, sure
    elif wanted is Kind.LABEL_LISTS:
        y, x = one_label_each(labels, 3), sure
    elif wanted is Kind.SIGNS:
        y = torch.tensor([1, -1])
        x = torch.tensor([0.0, 100.0]) if given is Kind.DISTANCES else 100.0 * y
    elif wanted is Kind.COUNTS:
        y, x = torch.arange(1.0, 6), torch.arange(1.0, 6).double().log()
    elif wanted is Kind.REAL:
        y, x = torch.linspace(-2, 2, 5), torch.linspace(-2, 2, 5)
    else:
        y, x = torch.eye(3), torch.eye(3) if given is Kind.PROBABILITIES else sure
    if given is Kind.LOG_PROBABILITIES:
        x = x.log_softmax(-1)
    return {prediction.name: x, target.name: y} | at_rest(loss, x)


def at_rest(loss, x):
    """What a loss is given besides its first prediction x: variances of 1, a second score of 0.

    A layer leaves the features as they are.
    """
    kinds = {other.name: loss.form(other.name).kind for other in loss.predictions[1:]}
    at = {Kind.VARIANCES: torch.ones_like, Kind.SCORES: torch.zeros_like}
    at[Kind.PARAMETERS] = lambda x: torch.eye(x.shape[-1])
    return {name: at[kind](x) for name, kind in kinds.items()}


def perfect_steps(loss):
    """The same of sequences with one step."""
    x = (200 * torch.eye(4)[1:] - 100).log_softmax(-1)[None]
    call = {argument.name: beside_steps(argument.forms[0], x.shape, None) for argument in loss.targets}
    labels = next(a.name for a in loss.targets if a.forms[0].kind is Kind.LABELS)
    return {loss.predictions[0].name: x} | call | {labels: torch.arange(1, 4)[:, None]}


# What hypothesis draws

# A dtype that is independent of the first argument's mixes the precisions.
DTYPES = {
    Dtype.FLOATING: FLOAT_DTYPES,
    Dtype.REAL: FLOAT_DTYPES | st.just(np.int64),
    Dtype.INTEGER: st.just(np.int64),
    Dtype.INT64: st.just(np.int64),
    Dtype.BOOL: st.just(np.bool_),
}


def typed_calls(name, beyond=False):
    """Calls of the loss `name`, from 0-d to 4-d where its shapes allow it, empty arrays included.

    With `beyond`, numbers that are not meant, and that torch does not check, are drawn as well.
    """
    return calls_of(CATALOG[name], beyond)


@st.composite
def calls_of(draw, loss, beyond=False):
    """The same of a loss that need not be in the catalogue."""
    plain = [option for option in loss.options if option.shape is Shape.NUMBER]
    call = {option.name: draw(option_numbers(option.domain)) for option in plain}
    call["reduction"] = draw(st.sampled_from(loss.reductions))
    first = draw(FLOAT_DTYPES)
    shape, axis = draw(first_shapes(main(loss, **call).shape))
    for argument in loss.arguments:
        form = draw(st.sampled_from([f for f in argument.forms if f.where.items() <= call.items()]))
        dtype = first if argument is loss.predictions[0] else draw(DTYPES.get(form.dtype, st.just(first)))
        size = shape[axis] if form.domain.below else None
        elements = draw(st.sampled_from(numbers(form.domain, dtype, size, beyond and not form.checked)))
        call[argument.name] = draw(arrays(dtype, draw(shapes_beside(form.shape, shape, axis)), elements))
    for option in loss.options:
        if option not in plain:
            dtype = draw(DTYPES.get(option.dtype, st.just(first)))
            factors = arrays(dtype, draw(shapes_beside(option.shape, shape, axis)), FACTORS[dtype])
            call[option.name] = draw(st.none() | factors)
    return call


@st.composite
def first_shapes(draw, shape):
    """A shape for the first argument, and the axis of its classes."""
    if shape is Shape.ANY:
        drawn = draw(ANY_SHAPE)
        return drawn, class_axis(shape, len(drawn))
    if shape is Shape.IMAGES:
        return draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3)), 0
    if shape not in OTHER_AXES:
        raise ValueError(f"a prediction of {shape.value!r} cannot be drawn: its loss needs calls of its own")
    fewest = 1 if shape is Shape.CLASSES_OF_IMAGES else 0
    others = draw(hnp.array_shapes(min_dims=fewest, max_dims=OTHER_AXES[shape], min_side=0, max_side=3))
    axis = class_axis(shape, len(others) + 1)
    return (*others[:axis], draw(st.integers(1, 4)), *others[axis:]), axis


@st.composite
def shapes_beside(draw, shape, first, axis):
    """A shape for an argument beside a first one; one that broadcasts is of fewer axes, or narrower."""
    if shape is Shape.BROADCAST:
        fewer = first[draw(st.integers(0, len(first))) :]
        return tuple(draw(st.sampled_from([1, side])) for side in fewer)
    return shape_beside(shape, first, axis)
