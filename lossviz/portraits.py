"""A portrait of each loss: a small drawing of its own values and gradients, as SVG that follows the theme.

What is drawn goes by the kinds of the loss's arguments, never by its name. A loss of single numbers is a
curve over its prediction, with the gradient below; one of several classes is a sample's bars, with the
gradient of each; one that compares scores is a map over two of them, with the step that the gradient asks
for, and one that compares embeddings alone a map over the places of the last of them. One of masks is an
image beside the gradient of its pixels. Losses of the same kinds are drawn on the same scale.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from contourpy import FillType, contour_generator

from lossviz.losses.loss import Form, Kind, Loss, Shape
from lossviz.losses.references import signed_distance

STYLE = Path(__file__).with_name("portraits.css")
WIDTH, HEIGHT = 160, 96  # of a portrait, in its own unit
ALONE = 100, 60  # in pixels, of a portrait by itself: as high as three lines of text
LEFT, RIGHT = 2, 158  # of what is drawn
TOP, FOOT = (4, 58), (67, 92)  # between which heights the values and the gradients are drawn
INK = "light-dark(#1f2430, #e7eaf0)"  # of a portrait by itself
POINTS = 241  # of a curve: its kinks at whole numbers are among them
ACCURACY = 0.15  # how far a drawn line may be from the curve


@dataclass(frozen=True)
class View:
    """What is shown of a loss of single numbers: the ranges of prediction, loss and gradient, and a point."""

    x: tuple[float, float]
    loss: tuple[float, float]
    gradient: float
    point: float


VIEWS = {
    Kind.REAL: View((-3, 3), (0, 3), 2.2, 0.9),
    Kind.SCORES: View((-3, 3), (0, 3), 2.2, -1),
    Kind.LOGITS: View((-6, 6), (0, 5), 1.2, -2),
    Kind.PROBABILITIES: View((0, 1), (0, 4), 6, 0.4),
    Kind.LOG_RATES: View((-2, 3), (-1, 7), 6, -0.5),
    Kind.RATES: View((0, 8), (-1, 7), 6, 1),
    Kind.DISTANCES: View((0, 2), (0, 2), 1.5, 0.5),
}
# Of a loss of single numbers: the target that is drawn strongly, then one that is drawn faintly beside it.
SINGLE = {
    Kind.REAL: (0.0,),
    Kind.COUNTS: (3.0,),
    Kind.PROBABILITIES: (1.0, 0.0),
    Kind.MULTI_HOT: (1.0, 0.0),
    Kind.SIGNS: (1.0, -1.0),
    Kind.MASKS: (1.0, 0.0),
}
OTHERS = {Kind.VARIANCES: 1.0}  # what stays as it is; 0 for the kinds that are not here
# Of a loss of classes: the sample, in which the true class is not the first guess.
SAMPLE = (0.6, 1.9, 1.1, -0.3, -1.5)
WANTED = {
    Kind.LABELS: (2, (2,)),
    Kind.LABEL_LISTS: ((1, 4, -1, -1, -1), (1, 4)),
    Kind.MULTI_HOT: ((0.0, 0.0, 1.0, 0.0, 1.0), (2, 4)),
    Kind.PROBABILITIES: ((0.1, 0.25, 0.45, 0.15, 0.05), ()),
}
# Of a sequence: the logits of five steps, the blank first; the labels are the others, in their order.
STEPS = ((1.2, 0.6, -1), (0, 1.5, -1), (1.6, -0.4, 0.6), (0, -1, 1.2), (1.4, -1, 0.2))
# Of a tree of classes: the logits of the head, of a tail, and from which class on the tail has them.
TREE = ((1.9, 1.3, 0.5, 0.9), (1.2, 0.7, -0.4), 3)
FEATURES = 4
# Of a loss that holds the last layer: the features of one sample; the parameters are 0.
LAYER_INPUT = (1.0, -0.5, 0.7, 0.25, -0.8)
# Of an image: how likely each pixel is to be the object, which begins and ends here.
IMAGE = ((0.1, 0.1, 0.1, 0.1), (0.1, 0.9, 0.8, 0.3), (0.1, 0.8, 0.5, 0.6), (0.1, 0.1, 0.1, 0.2))
OBJECT = slice(1, 3)
PIXEL = 18
ABOVE = HEIGHT / 2 - 2 * PIXEL
CLASSES = {Shape.CLASSES_SECOND, Shape.CLASSES_LAST, Shape.CLASSES_OF_ROWS}
# Of a map: the scores of the true class, to the right, and of the other one, upwards.
OWN, OTHER = (-2, 3), (-2, 2)
MAP_POINT, ARROW = (-1.0, 1.0), 30
BANDS = (0, 0.2, 0.4, 0.6, 0.8, 1)  # of the largest value
# Of embeddings in the plane: the first is at 0, those between at NEIGHBOUR, and the last one anywhere.
PLANE, NEIGHBOUR, STRANGER = ((-4, 4), (-2.26, 2.26)), (0.9, 0.5), (-1.1, -0.6)
ACROSS = (1.9, -0.2)  # the last one of a pair: directions that nearly agree
STACKED = (0.03, 0.35, 0.7)  # shares of the largest value; at 0 a round edge would have steps


def inline(loss: Loss, *, decorative: bool = False) -> str:
    """The portrait for a page that has these styles; `decorative` where words beside it say the same."""
    said = 'aria-hidden="true"' if decorative else f'role="img" aria-label="{escape(label(loss))}"'
    box = f'class="portrait family-{loss.family}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f"<svg {box} {said}>{marks(loss)}</svg>"


def image(loss: Loss) -> str:
    """The portrait as an element that JupyterLab lets through, with its styles in it: ink and family follow
    the colour scheme of the page around it."""
    drawn = marks(loss)
    style = _rules(loss.family, set(re.findall(r"portrait-\w+", drawn)))
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}><style>{style}</style>{drawn}</svg>'
    packed = base64.b64encode(svg.encode()).decode()
    return (
        f'<img class="portrait" data-loss="{loss.name}" alt="{escape(label(loss))}" align="left" '
        f'hspace="12" width="{ALONE[0]}" height="{ALONE[1]}" src="data:image/svg+xml;base64,{packed}">'
    )


def label(loss: Loss) -> str:
    """What the drawing shows, in words."""
    return f"{loss.title}. Gradient far away: {loss.gradient_far}; at the target: {loss.gradient_at_target}."


def marks(loss: Loss) -> str:
    """What stands within the svg element of a portrait.

    Raises ValueError for a loss with kinds of arguments that nothing here draws.
    """
    form = loss.form(loss.predictions[0].name)
    wanted = loss.form(loss.targets[0].name).kind if loss.targets else None
    scores = [loss.form(prediction.name).kind for prediction in loss.predictions].count(Kind.SCORES)
    if scores == 2 or (scores == 1 and wanted is Kind.LABELS):
        return _map(loss)
    if form.shape in (Shape.CLASSES_OF_IMAGES, Shape.IMAGES) and wanted in TRUTHS:
        return _image(loss, form, wanted)
    if form.shape is Shape.CLASSES_OF_STEPS and wanted is Kind.LABELS:
        return _steps(loss)
    if form.kind is Kind.EMBEDDINGS and wanted in (None, Kind.SIGNS):
        return _places(loss)
    if any(argument.forms[0].kind is Kind.SIZES for argument in loss.targets):
        return _clusters(loss)
    if form.kind is Kind.FEATURES and wanted is Kind.LABELS:
        return _layer(loss)
    if (form.shape in CLASSES or form.kind is Kind.LOG_PROBABILITIES) and wanted in WANTED:
        return _bars(loss, form.kind, wanted)
    if form.kind in VIEWS and wanted in SINGLE:
        return _curve(loss, VIEWS[form.kind], SINGLE[wanted])
    raise ValueError(
        f"a portrait must be drawn of kinds that portraits.py knows, got {form.kind} and {wanted}"
    )


# The drawings


def _curve(loss: Loss, view: View, targets: Sequence[float]) -> str:
    x = np.linspace(*view.x, POINTS)[1:-1]  # the gradient at the very end of a domain may be another
    across = _scale(view.x, (LEFT, RIGHT))
    up, grad_up = _scale(view.loss, TOP[::-1]), _scale((-view.gradient, view.gradient), FOOT[::-1])
    drawn = [_line("portrait-axis", LEFT, up(0), RIGHT, up(0))]
    drawn += [_line("portrait-axis", LEFT, grad_up(0), RIGHT, grad_up(0))]
    for target, strength in reversed(list(zip(targets, ("", " portrait-other"), strict=False))):
        value, gradient = _at(loss, x, target)
        lines = [
            ("portrait-gradient", across(x), grad_up(gradient), FOOT),
            ("portrait-loss", across(x), up(value), TOP),
        ]
        if not strength:
            area = _path(_within(across(x), up(value), TOP), close=up(0))
            drawn.append(f'<path class="portrait-area" d="{area}"/>')
        drawn += [f'<path class="{name}{strength}" d="{_path(_within(*line))}"/>' for name, *line in lines]
    value, gradient = _at(loss, np.array([view.point]), targets[0])
    at = across(view.point)
    drawn.append(_line("portrait-link", at, up(value[0]), at, grad_up(gradient[0])))
    drawn += [_dot("portrait-point", at, up(value[0])), _dot("portrait-pull", at, grad_up(gradient[0]))]
    return "".join(drawn)


def _bars(loss: Loss, given: Kind, wanted: Kind) -> str:
    target, own = WANTED[wanted]
    x = torch.tensor(SAMPLE, dtype=torch.float64)
    x = x.log_softmax(0) if given is Kind.LOG_PROBABILITIES else x
    integers = wanted in (Kind.LABELS, Kind.LABEL_LISTS)
    _, gradient = _call(loss, x, torch.tensor(target, dtype=torch.int64 if integers else torch.float64))
    if given is Kind.LOG_PROBABILITIES and wanted is Kind.PROBABILITIES:
        values, outline, low, high = x.exp().numpy(), target, 0, 0.6
    else:
        values, outline = x.numpy(), ()
        low, high = min(0, values.min()), max(0, values.max())
    up = _scale((low, high), TOP[::-1])
    most = np.abs(gradient).max() * 1.05
    grad_up = _scale((-most, most), FOOT[::-1])
    step = (RIGHT - LEFT) / len(values)
    width = 0.62 * step
    drawn = []
    for k, (value, pull) in enumerate(zip(values, gradient, strict=True)):
        left = LEFT + k * step + (step - width) / 2
        drawn.append(_bar("portrait-own" if k in own else "portrait-bar", left, width, up(0), up(value)))
        if pull:
            drawn.append(_bar("portrait-pulls", left, width, grad_up(0), grad_up(pull)))
        if outline:
            drawn.append(_bar("portrait-outline", left, width, up(0), up(outline[k])))
    axes = [_line("portrait-axis", LEFT, scale(0), RIGHT, scale(0)) for scale in (up, grad_up)]
    return "".join([*drawn, *axes])


def _map(loss: Loss) -> str:
    across, up = _scale(OWN, (LEFT, RIGHT)), _scale(OTHER, (FOOT[1], TOP[0]))
    own, other = np.linspace(*OWN, 41), np.linspace(*OTHER, 33)
    grid = np.stack(np.meshgrid(own, other), -1)
    values, _ = _compared(loss, grid.reshape(-1, 2))
    levels = values.reshape(grid.shape[:2]) / values.max()
    bands = contour_generator(across(own), up(other), levels, fill_type=FillType.OuterOffset)
    drawn = []
    for k, (low, high) in enumerate(pairwise(BANDS), start=1):
        shapes, _ = bands.filled(low + 1e-9, high)
        d = "".join(f"{_path([_thin(points)])}z" for points in shapes)
        drawn.append(f'<path class="portrait-band" fill-opacity="{k / len(BANDS):.2g}" d="{d}"/>')
    _, (gradient,) = _compared(loss, np.array([MAP_POINT]))
    start = np.array([across(MAP_POINT[0]), up(MAP_POINT[1])])
    pull = np.array([across(-gradient[0]) - across(0), up(-gradient[1]) - up(0)])
    drawn.append(_arrow(start, start + pull / np.hypot(*pull) * ARROW))
    drawn.append(_dot("portrait-pull", *start))
    drawn.append(_line("portrait-axis", LEFT, FOOT[1], RIGHT, FOOT[1]))
    drawn.append(_line("portrait-axis", LEFT, FOOT[1], LEFT, TOP[0]))
    return "".join(drawn)


def _steps(loss: Loss) -> str:
    """A sequence: a ring as large as each probability, and in it what the loss asks for in its place."""
    x = torch.tensor(STEPS, dtype=torch.float64).log_softmax(-1).requires_grad_()
    labels = torch.arange(1, x.shape[1])
    lengths = {"T + 1": len(x), "S + 1": len(labels)}
    given = {
        argument.name: labels if form.kind is Kind.LABELS else torch.tensor(lengths[form.domain.below])
        for argument in loss.targets
        for form in argument.forms[:1]
    }
    value = loss.function(**{loss.predictions[0].name: x}, **given, reduction="none")
    (gradient,) = torch.autograd.grad(value.sum(), x)
    had = x.detach().exp()
    across, down = (
        _scale((0, n), ends) for n, ends in zip(x.shape, ((LEFT, RIGHT), (TOP[0], FOOT[1])), strict=True)
    )
    drawn = []
    for (t, c), probability in np.ndenumerate(had.numpy()):
        place = across(t + 0.5), down(c + 0.5)
        drawn += [
            _round("portrait-own", *place, (had - gradient)[t, c]),
            _round("portrait-outline", *place, probability),
        ]
    lines = [_line("portrait-axis", LEFT, down(c + 0.5), RIGHT, down(c + 0.5)) for c in range(x.shape[1])]
    return "".join(lines + drawn)


def _places(loss: Loss) -> str:
    across, up = _scale(PLANE[0], (LEFT, RIGHT)), _scale(PLANE[1], (FOOT[1], TOP[0]))
    xs, ys = np.linspace(*PLANE[0], 61), np.linspace(*PLANE[1], 35)
    first, *between, last = (argument.name for argument in loss.predictions)
    # The roles say what is alike, or the label says that the pair is not.
    fixed = {first: (0.0, 0.0)} | dict.fromkeys(between, NEIGHBOUR) if between else {first: NEIGHBOUR}
    stranger = STRANGER if between else ACROSS

    def at(places):
        places = torch.tensor(places, dtype=torch.float64)
        call = {name: places.new_tensor(place).expand_as(places) for name, place in fixed.items()}
        call |= {argument.name: -torch.ones(len(places)) for argument in loss.targets}
        call[last] = places.requires_grad_()
        value = loss.function(**call, reduction="none")
        return value.detach().numpy(), torch.autograd.grad(value.sum(), places)[0].numpy()

    grid = np.stack(np.meshgrid(xs, ys), -1)
    values, _ = at(grid.reshape(-1, 2))
    levels = values.reshape(grid.shape[:2]) / values.max()
    bands = contour_generator(across(xs), up(ys), levels, fill_type=FillType.OuterOffset)
    drawn = []
    for low in STACKED:
        shapes, _ = bands.filled(low, 2)
        d = "".join(f"{_path([_thin(points)])}z" for points in shapes)
        drawn.append(f'<path class="portrait-band" fill-opacity="0.3" d="{d}"/>')
    _, (gradient,) = at([stranger])
    start = np.array([across(stranger[0]), up(stranger[1])])
    pull = np.array([across(-gradient[0]) - across(0), up(-gradient[1]) - up(0)])
    drawn.append(_arrow(start, start + pull / np.hypot(*pull) * ARROW))
    drawn += [_dot("portrait-point", across(x), up(y)) for x, y in fixed.values()]
    drawn.append(_dot("portrait-pull", *start))
    return "".join(drawn)


def _clusters(loss: Loss) -> str:
    """A head and its last tail: logits as bars, the gradient below, the two entries of the label dark."""
    head, tail, cut = TREE
    rows = torch.zeros(len(head), FEATURES, dtype=torch.float64)
    rows[:, 0] = torch.tensor(head)
    inner = torch.zeros(FEATURES // 4, FEATURES, dtype=torch.float64)
    outer = torch.zeros(len(tail), FEATURES // 4, dtype=torch.float64)
    inner[0, 0], outer[:, 0] = 1, torch.tensor(tail)
    given = {
        Shape.FEATURES_LAST: torch.eye(FEATURES, dtype=torch.float64)[0],
        Shape.FEATURES_BY_ENTRY: rows.requires_grad_(),
        Shape.ONE_ROW: torch.cat([inner.flatten(), outer.flatten()]).requires_grad_(),
        Shape.PER_SAMPLE: torch.tensor(cut + 1),
        Shape.NUMBER: torch.tensor(cut + len(tail)),
        Shape.ANY: torch.tensor([cut]),
    }
    call = {argument.name: given[argument.forms[0].shape] for argument in loss.arguments}
    in_head, in_tail = torch.autograd.grad(
        loss.function(**call), [given[Shape.FEATURES_BY_ENTRY], given[Shape.ONE_ROW]]
    )
    gradient = torch.cat([in_head[:, 0], in_tail[inner.numel() :].view(outer.shape)[:, 0]]).tolist()
    up, grad_up = _scale((-0.5, 2), TOP[::-1]), _scale((-1, 1), FOOT[::-1])
    step = (RIGHT - LEFT) / (len(head) + len(tail) + 1)
    drawn = []
    for k, (value, pull) in enumerate(zip(head + tail, gradient, strict=True)):
        left = LEFT + (k + (k >= len(head))) * step + 0.2 * step
        own = k in (len(head) - 1, len(head) + 1)
        drawn.append(_bar("portrait-own" if own else "portrait-bar", left, 0.6 * step, up(0), up(value)))
        drawn.append(_bar("portrait-pulls", left, 0.6 * step, grad_up(0), grad_up(pull)))
    axes = [_line("portrait-axis", LEFT, scale(0), RIGHT, scale(0)) for scale in (up, grad_up)]
    return "".join([*drawn, *axes])


def _layer(loss: Loss) -> str:
    """The gradient in the parameters of a layer, a row a class: what grows is filled, what shrinks a ring."""
    first, second = loss.predictions
    x = torch.tensor([LAYER_INPUT], dtype=torch.float64)
    layer = torch.zeros(3, len(LAYER_INPUT), dtype=torch.float64, requires_grad=True)
    value = loss.function(**{first.name: x, second.name: layer, loss.targets[0].name: torch.tensor([1])})
    (gradient,) = torch.autograd.grad(value, layer)
    across, down = (
        _scale((0, n), ends) for n, ends in zip((5, 3), ((LEFT, RIGHT), (TOP[0], FOOT[1])), strict=True)
    )
    drawn = [_line("portrait-axis", LEFT, down(c + 0.5), RIGHT, down(c + 0.5)) for c in range(3)]
    for (c, d), slope in np.ndenumerate(gradient.numpy()):
        name = "portrait-own" if slope < 0 else "portrait-outline"
        drawn.append(_round(name, across(d + 0.5), down(c + 0.5), abs(slope)))
    return "".join(drawn)


# Of an image: the mask, its labels, or how far each pixel is from it.
TRUTHS = {
    Kind.MASKS: lambda mask: mask,
    Kind.LABELS: lambda mask: mask.argmax(1),
    Kind.DISTANCE_MAPS: signed_distance,
}


def _image(loss: Loss, form: Form, wanted: Kind) -> str:
    """The image, a square as large as each probability and the object framed, beside the gradient: what is to
    become likelier is filled, what less likely hollow."""
    p = torch.tensor(IMAGE, dtype=torch.float64)[None]
    mask = torch.zeros_like(p)
    mask[:, OBJECT, OBJECT] = 1
    if form.shape is Shape.CLASSES_OF_IMAGES:  # the background is the other class
        p, mask = torch.stack([1 - p, p], dim=1), torch.stack([1 - mask, mask], dim=1)
    x = (p.logit() if form.kind is Kind.LOGITS else p).clone().requires_grad_()
    value = loss.function(**{loss.predictions[0].name: x, loss.targets[0].name: TRUTHS[wanted](mask)})
    (gradient,) = torch.autograd.grad(value.sum(), x)
    gradient = gradient.flatten(0, -3)[-1].numpy()
    most = np.abs(gradient).max()
    there = RIGHT - 4 * PIXEL
    drawn = [
        _squares("portrait-bar", LEFT, np.array(IMAGE)),
        _squares("portrait-own", there, np.maximum(-gradient, 0) / most),
        _squares("portrait-outline", there, np.maximum(gradient, 0) / most),
    ]
    side = PIXEL * (OBJECT.stop - OBJECT.start)
    for left in (LEFT, there):
        corner = f"M{left + OBJECT.start * PIXEL} {ABOVE + OBJECT.start * PIXEL}"
        drawn.append(f'<path class="portrait-axis" d="{corner}h{side}v{side}h-{side}z"/>')
    return "".join(drawn)


def _squares(name: str, left: float, shares: np.ndarray) -> str:
    """A square for each pixel with the area of its share; none where there is hardly any."""
    d = ""
    for (row, column), share in np.ndenumerate(shares):
        side = (PIXEL - 3) * share**0.5
        if share > 0.01:
            x, y = (left + (column + 0.5) * PIXEL - side / 2, ABOVE + (row + 0.5) * PIXEL - side / 2)
            d += f"M{_n(x)} {_n(y)}h{_n(side)}v{_n(side)}h-{_n(side)}z"
    return f'<path class="{name}" d="{d}"/>'


# What a loss gives


def _call(loss: Loss, x: torch.Tensor, target) -> tuple[np.ndarray, np.ndarray]:
    """Values and the gradient of their sum, other arguments at rest."""
    x = x.clone().requires_grad_()
    first = loss.predictions[0].name
    given = {
        a.name: torch.full_like(x, OTHERS.get(loss.form(a.name).kind, 0.0)).detach() for a in loss.arguments
    }
    given |= {first: x} | ({loss.targets[0].name: target} if loss.targets else {})
    value = loss.function(**given, reduction="none")
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return value.detach().numpy(), gradient.numpy()


def _compared(loss: Loss, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and gradients of pairs of scores, of which the first is to be ahead."""
    x = torch.tensor(scores, dtype=torch.float64)
    if len(loss.predictions) == 1:
        return _call(loss, x, torch.zeros(len(x), dtype=torch.int64))
    x.requires_grad_()
    names = [argument.name for argument in loss.predictions]
    given = dict(zip(names, x.unbind(1), strict=True)) | {loss.targets[0].name: torch.ones(len(x))}
    value = loss.function(**given, reduction="none")
    (gradient,) = torch.autograd.grad(value.sum(), x)
    return value.detach().numpy(), gradient.numpy()


def _at(loss: Loss, x: np.ndarray, target: float) -> tuple[np.ndarray, np.ndarray]:
    """Values and gradients of single numbers."""
    x = torch.tensor(x, dtype=torch.float64)
    return _call(loss, x, torch.full_like(x, target))


# Lines


def _scale(ends, places):
    """A function from the numbers between two ends to the places between two others."""
    (low, high), (first, last) = ends, places
    return lambda number: first + (number - low) * (last - first) / (high - low)


def _within(x: np.ndarray, y: np.ndarray, ends: tuple[float, float]) -> list[np.ndarray]:
    """The pieces of a line that lie between two heights, each cut where it leaves, with few points."""
    low, high = min(ends), max(ends)
    pieces: list[list] = [[]]
    for before, after in zip(zip(x, y, strict=True), [*zip(x[1:], y[1:], strict=True), None], strict=True):
        inside = low <= before[1] <= high
        if inside:
            pieces[-1].append(before)
        if after is None or not np.isfinite([before[1], after[1]]).all():
            pieces.append([])
        elif inside != (low <= after[1] <= high):
            edge = min(max((after if inside else before)[1], low), high)
            share = (edge - before[1]) / (after[1] - before[1])
            pieces[-1].append((before[0] + share * (after[0] - before[0]), edge))
            if inside:
                pieces.append([])
    return [_thin(np.array(piece)) for piece in pieces if len(piece) > 1]


def _thin(points: np.ndarray) -> np.ndarray:
    """The line with as few of its points as stay within ACCURACY of it (Douglas and Peucker)."""
    if len(points) < 3:
        return points
    along = points[-1] - points[0]
    beside = points - points[0]
    length = np.hypot(*along)
    if length:
        far = np.abs(along[0] * beside[:, 1] - along[1] * beside[:, 0]) / length
    else:  # a ring
        far = np.hypot(*beside.T)
    k = int(far.argmax())
    if far[k] < ACCURACY:
        return points[[0, -1]]
    return np.concatenate([_thin(points[: k + 1])[:-1], _thin(points[k:])])


def _n(number: float) -> str:
    """A number of the drawing, the same on every machine: torch's last digits may differ."""
    return f"{round(float(number), 6) + 0.0:.1f}".removesuffix(".0")


def _path(lines: Iterable[np.ndarray], close: float | None = None) -> str:
    """Lines as the `d` of a path; with `close`, each down to this height and back to its beginning."""
    d = ""
    for line in lines:
        d += "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line)
        if close is not None:
            d += f"V{_n(close)}H{_n(line[0][0])}z"
    return d


def _line(name: str, x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path class="{name}" d="M{_n(x)} {_n(y)}L{_n(to_x)} {_n(to_y)}"/>'


def _dot(name: str, x: float, y: float) -> str:
    return f'<circle class="{name}" cx="{_n(x)}" cy="{_n(y)}" r="3"/>'


def _round(name: str, x: float, y: float, share: float) -> str:
    """A disc with the area of a share; none where there is hardly any."""
    if share < 0.08:
        return ""
    return f'<circle class="{name}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(13 * float(share) ** 0.5)}"/>'


def _bar(name: str, left: float, width: float, zero: float, end: float) -> str:
    top, height = min(zero, end), abs(zero - end)
    return f'<rect class="{name}" x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}"/>'


def _arrow(start: np.ndarray, end: np.ndarray) -> str:
    along = (end - start) / np.hypot(*(end - start))
    beside = np.array([-along[1], along[0]])
    tip = [end - 6 * along + 4 * beside, end, end - 6 * along - 4 * beside]
    return f'<path class="portrait-arrow" d="{_path([np.array([start, end]), np.array(tip)])}"/>'


# Styles


def families() -> dict[str, str]:
    """The colour of each family, as CSS has it."""
    return dict(re.findall(r"--family-(\w+): (light-dark\(.*?\));", STYLE.read_text("utf-8")))


def _rules(family: str, classes: set[str]) -> str:
    """The styles of a portrait by itself: the rules of these classes, and the colour of its family."""
    found = re.findall(r"^((?:\.portrait-\w+[,\s]+)+)(\{[^}]*\})", STYLE.read_text("utf-8"), re.MULTILINE)
    rules = [
        f".{name}{rule}" for names, rule in found for name in re.findall(r"[\w-]+", names) if name in classes
    ]
    ink = f"color-scheme:light dark;color:{INK};--family:{families()[family]}"
    return re.sub(r"\s+", " ", f":root{{{ink}}}{''.join(rules)}")
