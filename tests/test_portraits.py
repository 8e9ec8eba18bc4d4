"""Each loss has a portrait: small, of its own numbers, in the colours of the page."""

import base64
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from lossviz import portraits
from lossviz.losses import CATALOG
from lossviz.losses.loss import Form, Kind, Shape
from tests.calls import at_rest, has_clusters, has_images

CSS = portraits.STYLE.read_text("utf-8")
LARGEST = 2000  # bytes of a drawing in a page
LARGEST_ALONE = 4000  # with its styles, packed
# Paper and grey rows of the theme, light and dark, behind the first and the second colour of a family.
PAPERS = ("#ffffff", "#f3f4f5"), ("#14181e", "#222832")
# Linear RGB as people without one of the three kinds of cones see it (Machado, Oliveira and Fernandes 2009).
SIGHTS = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# From linear RGB to Oklab (Ottosson 2020).
CONES = [
    [0.41222147, 0.53633254, 0.05144599],
    [0.2119035, 0.68069955, 0.10739696],
    [0.08830246, 0.28171884, 0.6299787],
]
OKLAB = [
    [0.21045426, 0.79361779, -0.00407205],
    [1.9779985, -2.42859221, 0.45059371],
    [0.02590404, 0.78277177, -0.80867577],
]
APART = 0.05  # in Oklab: a few times what is just seen side by side


def parts(loss, name):
    """The elements of a portrait that have this class."""
    svg = ElementTree.fromstring(portraits.inline(loss))
    return [element for element in svg.iter() if name in element.get("class", "").split()]


def points(element):
    """The places that a path goes through."""
    return np.array(re.findall(r"[ML]([-\d.]+) ([-\d.]+)", element.get("d")), dtype=float)


@pytest.mark.parametrize("name", CATALOG)
def test_a_portrait_is_small_the_same_each_time_and_says_what_it_shows(name):
    loss = CATALOG[name]
    drawn = portraits.inline(loss)
    assert drawn == portraits.inline(loss) and len(drawn.encode()) < LARGEST
    svg = ElementTree.fromstring(drawn)
    assert svg.get("role") == "img" and loss.gradient_far in svg.get("aria-label")
    hidden = ElementTree.fromstring(portraits.inline(loss, decorative=True))
    assert hidden.get("aria-hidden") == "true" and hidden.get("aria-label") is None


@pytest.mark.parametrize("name", CATALOG)
def test_colours_come_from_the_styles_alone(name):
    loss = CATALOG[name]
    drawn = portraits.inline(loss)
    assert not re.search(r'#|rgb|style=|(?:fill|stroke)="', drawn)
    used = set(re.findall(r"portrait-\w+", drawn))
    assert used and used <= set(re.findall(r"\.(portrait-\w+)", CSS))
    assert f".family-{loss.family} {{" in CSS and loss.family in portraits.families()


@pytest.mark.parametrize("name", CATALOG)
def test_a_portrait_by_itself_has_its_styles_in_it_and_follows_the_colour_scheme(name):
    loss = CATALOG[name]
    image = portraits.image(loss)
    assert len(image) < LARGEST_ALONE and f'data-loss="{name}"' in image
    svg = base64.b64decode(re.search(r'base64,([^"]+)"', image)[1]).decode()
    ElementTree.fromstring(svg)
    style = re.search(r"<style>(.*)</style>", svg)[1]
    assert portraits.families()[loss.family] in style and "color-scheme:light dark" in style
    assert set(re.findall(r"portrait-\w+", svg.split("</style>")[1])) <= set(
        re.findall(r"\.(portrait-\w+) ?{", style)
    )


@pytest.mark.parametrize("name", [n for n, loss in CATALOG.items() if parts(loss, "portrait-loss")])
def test_a_curve_goes_through_values_of_the_loss(name):
    loss = CATALOG[name]
    form, wanted = (loss.form(a.name).kind for a in (loss.predictions[0], loss.targets[0]))
    view, targets = portraits.VIEWS[form], portraits.SINGLE[wanted]
    *_, curve = parts(loss, "portrait-loss")
    *_, slope = parts(loss, "portrait-gradient")
    for line, (low, high), (top, foot) in (
        (curve, view.loss, portraits.TOP),
        (slope, (-view.gradient, view.gradient), portraits.FOOT),
    ):
        x, y = points(line).T
        at = view.x[0] + (x - portraits.LEFT) * (view.x[1] - view.x[0]) / (portraits.RIGHT - portraits.LEFT)
        shown = high - (y - top) * (high - low) / (foot - top)
        at = torch.tensor(at).clamp(*view.x).requires_grad_()
        others = at_rest(loss, at)
        value = loss.function(at, torch.full_like(at, targets[0]), **others, reduction="none")
        (gradient,) = torch.autograd.grad(value.sum(), at)
        true = (value if line is curve else gradient).detach().numpy()
        # Half of the last digit of x and y, on a line as steep as this one.
        steep = np.abs(np.gradient(y, x, edge_order=1)).max() if len(x) > 2 else 1
        unit = (high - low) / (foot - top)
        close = np.abs(true - shown) < unit * 0.06 * (2 + steep)
        assert close.mean() > 0.7, (at, true, shown)  # a jump is drawn as a steep line


@pytest.mark.parametrize(
    "name", [n for n, loss in CATALOG.items() if parts(loss, "portrait-pulls") and not has_clusters(loss)]
)
def test_bars_are_as_long_as_the_gradient_is_strong(name):
    loss = CATALOG[name]
    form, wanted = (loss.form(a.name).kind for a in (loss.predictions[0], loss.targets[0]))
    x = torch.tensor(portraits.SAMPLE, dtype=torch.float64)
    x = (x.log_softmax(0) if form is Kind.LOG_PROBABILITIES else x).requires_grad_()
    target = torch.tensor(portraits.WANTED[wanted][0])
    value = loss.function(x, target, reduction="none")
    (gradient,) = torch.autograd.grad(value.sum(), x)
    pulls = gradient[gradient != 0].numpy()
    bars = parts(loss, "portrait-pulls")
    heights = np.array([float(bar.get("height")) for bar in bars])
    assert len(bars) == len(pulls)
    np.testing.assert_allclose(heights / heights.max(), np.abs(pulls) / np.abs(pulls).max(), atol=0.02)
    above = [float(bar.get("y")) < np.mean(portraits.FOOT) - 0.01 for bar in bars]
    assert above == (pulls > 0).tolist()


SQUARE = re.compile(r"M[-\d.]+ [-\d.]+h([\d.]+)")
IMAGES = {n: loss for n, loss in CATALOG.items() if has_images(loss)}


@pytest.mark.parametrize("name", IMAGES)
def test_the_squares_beside_an_image_are_as_large_as_the_gradient(name):
    """Of a loss on masks: what is to rise is filled and stands in the object, the rest is hollow."""
    drawn = {part: parts(IMAGES[name], f"portrait-{part}") for part in ("bar", "own", "outline")}
    sides = {part: np.array(SQUARE.findall(paths[0].get("d")), float) for part, paths in drawn.items()}
    image = np.array(portraits.IMAGE).ravel()
    np.testing.assert_allclose(sides["bar"] ** 2 / sides["bar"].max() ** 2, image / image.max(), atol=0.02)
    both = np.concatenate([sides["own"], sides["outline"]])
    assert both.max() == pytest.approx(portraits.PIXEL - 3, abs=0.1) and len(both) <= image.size


def test_the_dice_loss_has_two_sizes_of_squares():
    filled, hollow = (parts(CATALOG["dice_loss"], f"portrait-{part}")[0] for part in ("own", "outline"))
    sides = [set(SQUARE.findall(path.get("d"))) for path in (filled, hollow)]
    assert [len(side) for side in sides] == [1, 1]  # -(2 - D) / S in the object, D / S around it
    (own,), (other,) = (map(float, side) for side in sides)
    assert own**2 / other**2 == pytest.approx(2, rel=0.05)


MAPS = {n: loss.predictions[0].forms[0].kind for n, loss in CATALOG.items() if parts(loss, "portrait-band")}


@pytest.mark.parametrize("name", [name for name, kind in MAPS.items() if kind is Kind.EMBEDDINGS])
def test_the_arrow_of_a_plane_leads_the_stranger_away_from_the_anchor(name):
    (arrow,) = parts(CATALOG[name], "portrait-arrow")
    start, end = points(arrow)[:2]
    anchor = np.mean([(portraits.LEFT, portraits.TOP[0]), (portraits.RIGHT, portraits.FOOT[1])], axis=0)
    assert np.linalg.norm(end - anchor) > np.linalg.norm(start - anchor) + 10


@pytest.mark.parametrize("name", [name for name, kind in MAPS.items() if kind is Kind.SCORES])
def test_the_arrow_of_a_map_raises_the_score_that_is_to_be_ahead_and_lowers_the_other(name):
    (arrow,) = parts(CATALOG[name], "portrait-arrow")
    start, end = points(arrow)[:2]
    (dot,) = parts(CATALOG[name], "portrait-pull")
    assert [float(dot.get(side)) for side in ("cx", "cy")] == start.tolist()
    assert (np.sign(end - start) == [1, 1]).all()  # of an SVG, whose second axis leads down


def test_losses_of_the_same_kinds_are_on_the_same_scale():
    square, absolute = (parts(CATALOG[name], "portrait-loss")[-1] for name in ("mse_loss", "l1_loss"))
    # (x - y)² = |x - y| at 1, which is a third of the way to the edge.
    one = portraits.LEFT + (portraits.RIGHT - portraits.LEFT) * 4 / 6
    heights = [np.interp(one, *points(line).T) for line in (square, absolute)]
    assert abs(heights[0] - heights[1]) < 0.3


@pytest.mark.parametrize("name", ["mse_loss", "cross_entropy"])
def test_kinds_that_nothing_draws_are_named(name):
    loss = CATALOG[name]
    first, second = loss.arguments
    strange = replace(loss, arguments=(first, replace(second, forms=(Form(Kind.LENGTHS, Shape.ANY),))))
    with pytest.raises(ValueError, match=r"of kinds that portraits\.py knows, got .* and lengths"):
        portraits.marks(strange)


# The palette


def linear(colour):
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def palette(theme):
    return {name: re.findall(r"#\w{6}", pair)[theme] for name, pair in portraits.families().items()}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_each_family_stands_out_from_the_paper(theme):
    for paper in map(luminance, PAPERS[theme]):
        for name, colour in palette(theme).items():
            low, high = sorted((luminance(colour), paper))
            assert (high + 0.05) / (low + 0.05) >= 3, name


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_families_are_told_apart_without_one_kind_of_cones(theme, sight):
    colours = palette(theme)
    assert len(colours) == 8
    seen = np.clip(np.array([linear(one) for one in colours.values()]) @ np.array(SIGHTS[sight]).T, 0, 1)
    lab = np.cbrt(seen @ np.array(CONES).T) @ np.array(OKLAB).T
    names = list(colours)
    for i, one in enumerate(lab):
        for j in range(i):
            assert np.linalg.norm(one - lab[j]) > APART, f"{names[i]} and {names[j]}"
