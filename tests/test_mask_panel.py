"""The mask to paint: what it holds, says and draws of a small one."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.patches import Polygon
from matplotlib.text import Text

from lossviz import Slider, counted, explore_mask
from lossviz.counted import Painted
from lossviz.masks import as_mask, kinds_of, mask_of, text_of
from lossviz.stills.mask import Seen

BLOCK = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0]])
DOT = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
TARGETS = {"block": BLOCK, "dot": DOT, "nothing": 0 * DOT}
WEIGHTS = np.arange(12.0).reshape(3, 4) - 3


def dice(prediction, target, smooth):
    return 1 - (2 * (prediction * target).sum() + smooth) / (prediction.sum() + target.sum() + smooth)


def dice_grad(prediction, target, smooth):
    total = prediction.sum() + target.sum() + smooth
    score = (2 * (prediction * target).sum() + smooth) / total
    return (score - 2 * target) / total


def weighted(prediction, target):
    return (WEIGHTS * prediction[0, 0]).mean()


def weighted_grad(prediction, target):
    return WEIGHTS / WEIGHTS.size


def iou(prediction, target):
    found, wanted = prediction > 0.5, target > 0.5
    return (found & wanted).sum() / max((found | wanted).sum(), 1)


def mask(**options):
    usual = {
        "losses": {
            "Dice": (dice, dice_grad),
            "BCE": F.binary_cross_entropy,
            "weighted": (weighted, weighted_grad),
        },
        "targets": TARGETS,
        "readout": {"IoU": iou},
        "per_pixel": ["weighted"],
        "controls": {"smooth": Slider(1, 2, 1, step=1)},
        "title": "paint",
    } | options
    return explore_mask(usual.pop("losses"), usual.pop("targets"), **usual)


def small(function=lambda p, t: p.sum(), **options):
    return explore_mask({"loss": function}, DOT, **options)


def arguments(target, painted, low=0.1, high=0.9):
    return np.where(painted, high, low)[None, None], np.asarray(target, float)[None, None]


def texts(e):
    return [text.get_text() for text in e.figure().findobj(Text) if text.get_text()]


# Masks


def test_a_mask_and_its_text_lead_to_each_other():
    rng = np.random.default_rng(0)
    for shape in ((2, 2), (3, 4), (8, 8), (5, 7), (16, 16)):
        one = rng.random(shape) < 0.5
        assert (mask_of(text_of(one), shape) == one).all()
    assert text_of(BLOCK.astype(bool)) == "0660" and text_of(np.ones((3, 3), bool)) == "ff80"


def test_each_pixel_is_of_one_kind():
    painted = as_mask("painted", [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    kinds = kinds_of(BLOCK.astype(bool), painted)
    assert kinds.tolist() == [[2, 3, 3, 3], [3, 0, 1, 3], [3, 1, 1, 3]]


def test_there_is_a_mask_for_each_pair_of_counts_in_their_order():
    for target in (BLOCK, DOT, 0 * DOT, 0 * DOT + 1):
        painted = Painted(target.astype(bool), 0, 1)
        for masks in (painted.masks(), painted.masks(backwards=True)):
            inside, outside = masks[:, target > 0].sum(1), masks[:, target == 0].sum(1)
            pairs = itertools.product(range(target.sum() + 1), range((1 - target).sum() + 1))
            assert list(zip(inside, outside, strict=True)) == list(pairs)
            assert len(masks) == painted.pairs


# What it holds


@pytest.mark.parametrize("target", TARGETS)
def test_every_mask_has_the_numbers_and_the_gradient_of_the_functions(target):
    e, rng = mask(), np.random.default_rng(1)
    e.target, e.smooth = target, 2
    for _ in range(20):
        painted = rng.random((3, 4)) < rng.random()
        e.painted = painted
        prediction, wanted = arguments(TARGETS[target], painted)
        entropy = F.binary_cross_entropy(torch.tensor(prediction), torch.tensor(wanted)).item()
        expected = {
            "Dice": dice(prediction, wanted, 2),
            "BCE": entropy,
            "weighted": weighted(prediction, wanted),
            "IoU": iou(prediction, wanted),
        }
        assert dict(Seen(e).readouts()) == pytest.approx(expected, rel=1e-5)
        slopes = {"Dice": dice_grad(prediction, wanted, 2), "weighted": WEIGHTS / 12}
        slopes["BCE"] = (prediction - wanted) / prediction / (1 - prediction) / 12
        for e.show, expected in slopes.items():
            assert Seen(e).slopes == pytest.approx(expected.reshape(3, 4), rel=1e-5)


def test_a_gradient_that_is_not_given_is_autograds_or_by_differences_and_the_panel_says_which():
    def by_numpy(prediction, target):
        return np.mean((np.asarray(prediction) - target) ** 2)

    e = explore_mask({"by numpy": by_numpy, "torch": F.mse_loss}, BLOCK, title="two ways")
    assert e.spec["found"] == {"by numpy": "central differences", "torch": "autograd"}
    own = Seen(e).slopes
    e.show = "torch"
    assert own == pytest.approx(Seen(e).slopes, rel=1e-4)
    assert "∂torch/∂p, by autograd" in texts(e) and mask().spec["found"] == {"BCE": "autograd"}


def test_levels_are_what_the_reader_says():
    e = small(lambda p, t: p.sum(), low=-2, high=3.5, variable="z")
    assert dict(Seen(e).readouts()) == pytest.approx({"loss": -2 * 11 + 3.5})
    assert {"z = 3.5 where painted, −2 elsewhere", "▲ a step raises z"} <= set(texts(e))


def test_it_begins_with_a_pixel_of_each_kind_or_with_what_is_given():
    assert Seen(mask()).counts == [2, 2, 2, 6]
    assert Seen(explore_mask({"loss": F.mse_loss}, 0 * DOT)).counts == [0, 0, 1, 11]
    e = mask(painted=DOT)
    assert e.painted == text_of(DOT.astype(bool))
    e.painted = BLOCK
    assert e.painted == "0660"
    e.painted = "8001"
    assert e.painted == "8000"  # four bits have no pixel
    e.reset()
    assert e.painted == "0080"


def test_what_a_pixel_cannot_be_painted_with_is_refused_when_it_is_set():
    e = mask()
    for wrong in ("06600", "066g", "06 6", [[1, 0]], 3, None, 0.5 * BLOCK):
        with pytest.raises(ValueError, match="painted must"):
            e.painted = wrong
    assert e.painted == "0330"


def test_a_loss_that_ties_is_taken_with_a_gradient_that_is_averaged_over_them():
    """Lovász hinge: its gradient depends on the order of equal errors, its value does not."""

    def lovasz(prediction, target):
        error, wanted = (1 - (2 * target - 1) * prediction).ravel(), target.ravel()
        order = np.argsort(-error, kind="stable")
        inside = wanted.sum() - wanted[order].cumsum()
        index = 1 - inside / (wanted.sum() + (1 - wanted[order]).cumsum())
        return float(np.maximum(error[order], 0) @ np.diff(index, prepend=0))

    def tied(prediction, target):
        slope = np.zeros(prediction.size)
        error, wanted = (1 - (2 * target - 1) * prediction).ravel(), target.ravel()
        order = np.argsort(-error, kind="stable")
        inside = wanted.sum() - wanted[order].cumsum()
        weights = np.diff(1 - inside / (wanted.sum() + (1 - wanted[order]).cumsum()), prepend=0)
        slope[order] = -(2 * wanted[order] - 1) * weights * (error[order] > 0)
        return slope

    def averaged(prediction, target):
        slope, wrong = tied(prediction, target), ((2 * target - 1) * prediction < 0).ravel()
        for kind in (target.ravel() == 1, target.ravel() == 0):
            slope[wrong & kind] = slope[wrong & kind].mean() if (wrong & kind).any() else 0
        return slope

    levels = {"low": -1.0, "high": 1.0}
    explore_mask({"Lovász": (lovasz, averaged)}, BLOCK, **levels)
    with pytest.raises(ValueError, match="gradient must be one number for each kind of pixel"):
        explore_mask({"Lovász": (lovasz, tied)}, BLOCK, **levels)


# What it says and draws


def test_it_says_what_is_painted_the_numbers_and_the_gradient_of_each_kind():
    e = mask(predict=True)
    said = "painted 2 of 4, 2 outside; Dice 0.468; BCE 0.838; weighted 1.717; IoU 0.333"
    assert repr(e).endswith(said)
    e.revealed = True
    assert repr(e).endswith(
        said + "; ∂Dice/∂p target painted -0.156, target not painted -0.156, outside painted 0.057, "
        "outside not painted 0.057"
    )
    e.show, e.painted = "weighted", BLOCK
    assert repr(e).endswith("∂weighted/∂p target painted 0.167 to 0.583, outside not painted -0.250 to 0.667")


def test_what_is_to_be_predicted_leaves_no_trace():
    e = mask(predict=True, write="number")
    assert "Predict the gradient, then reveal" in texts(e)
    assert not any(text.startswith(("−.", ".")) for text in texts(e)) and texts(e).count("?") == 4
    fills = {patch.get_facecolor()[:3] for patch in e.figure().artists if hasattr(patch, "get_facecolor")}
    e.revealed = True
    assert "Predict the gradient, then reveal" not in texts(e) and "−.156" in texts(e)
    assert len(fills) < len(
        {patch.get_facecolor()[:3] for patch in e.figure().artists if hasattr(patch, "get_facecolor")}
    )


def test_pixels_that_are_too_small_for_a_number_have_arrows():
    def arrows(e):
        return sum(isinstance(one, Polygon) and len(one.get_xy()) == 4 for one in e.figure().artists)

    wide = explore_mask({"square": F.mse_loss}, np.eye(16), write="number")
    assert arrows(wide) == 256 + 3 and not any(text.startswith((".", "−.")) for text in texts(wide))
    wide.write = "nothing"
    assert arrows(wide) == 3  # in the legend, for three kinds of pixel
    assert arrows(mask(write="number")) == 4


def test_a_kind_without_pixels_has_no_gradient():
    e = mask(painted=BLOCK)
    assert {"−0.120", "4", "0"} <= set(texts(e))
    e.target = "nothing"
    assert "outside painted" in repr(e) and "target painted" not in repr(e)


def test_the_colour_is_full_at_the_largest_gradient_and_none_where_another_targets_is_far_larger():
    e = mask()
    reach = e.spec["reach"]["Dice"]
    assert reach[0] < reach[1]
    e = explore_mask({"Dice": lambda p, t: dice(p, t, 1e-5)}, TARGETS)
    e.target = "nothing"
    seen = Seen(e)
    assert not any(seen.level(slope) for slope in seen.slopes.ravel())


# What cannot be drawn


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: explore_mask({}, DOT), "losses must hold one to six functions with their names, got []"),
        (lambda: explore_mask({"a": 3}, DOT), "the loss 'a' must be callable, got 3"),
        (lambda: explore_mask({"a": (abs, 3)}, DOT), "the gradient of 'a' must be callable, got 3"),
        (lambda: mask(targets={}), "targets must hold at least one mask, got none"),
        (lambda: mask(targets={"a": [[0, 2], [0, 1]]}), "target 'a' must be rows of pixels that are 0 or 1"),
        (lambda: mask(targets={"a": [0, 1]}), "target 'a' must be rows of pixels that are 0 or 1"),
        (
            lambda: mask(targets={"a": DOT, "b": DOT.T}),
            "one shape of 2 to 16 rows and columns, got [(3, 4), (4, 3)]",
        ),
        (lambda: mask(targets=np.zeros((17, 3))), "one shape of 2 to 16 rows and columns, got [(17, 3)]"),
        (lambda: mask(painted=DOT.T), "painted must have 3 x 4 pixels, got (4, 3)"),
        (lambda: mask(readout={"IoU": 3}), "readout 'IoU' must be callable, got 3"),
        (lambda: mask(per_pixel="weighted"), "per_pixel must be a list of names among ['Dice', 'BCE',"),
        (lambda: mask(per_pixel=["none"]), "per_pixel must be a list of names among"),
        (lambda: mask(show="IoU"), "value must be one of ['Dice', 'BCE', 'weighted'], got 'IoU'"),
        (lambda: mask(write="words"), "value must be one of ['arrow', 'number', 'nothing'], got 'words'"),
        (lambda: mask(low=0.9, high=0.1), "low and high must run from a smaller to a larger finite number"),
        (lambda: mask(variable=3), "variable must be a string, got 3"),
        (lambda: mask(controls={"target": (0, 1)}), "target, show, write, painted are the mask's own"),
        (lambda: mask(controls={"idle": (0, 1)}), "dice() missing"),
        (lambda: mask(per_pixel=[]), "it must depend on how many pixels are painted and not on which"),
        (lambda: mask(per_pixel=["Dice", "weighted"]), "what is named in per_pixel must add over pixels"),
        (
            lambda: small(lambda p, t: p),
            "loss 'loss': the function must return one number, got shape (1, 1, 3, 4)",
        ),
        (
            lambda: explore_mask({"a": (F.mse_loss, lambda p, t: p[0, 0, 0])}, DOT),
            "the function must return a number for each of 12 pixels, got shape (4,)",
        ),
        (
            lambda: small(lambda p, t, k: k * p.sum(), controls={"k": Slider(0, 1, step=0.001)}),
            "loss 'loss': 24 pairs of counts x 1,001 settings of its controls make 24,024 masks",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_rule_and_the_value(make, message):
    with pytest.raises(ValueError) as raised:
        make()
    assert message in str(raised.value)


def test_an_empty_prediction_of_an_empty_target_may_have_no_number():
    e = explore_mask({"Dice": lambda p, t: dice(p, t, 0)}, 0 * DOT, low=0.0, painted=0 * DOT)
    assert "Dice nan" in repr(e) and np.isnan(Seen(e).slopes).all()


def test_the_gradient_by_differences_asks_for_one_pixel_of_each_kind_alone():
    asked = []

    def watched(setting, masks, wanted):
        asked.append(wanted)
        return np.where(wanted, 1.0, np.nan)

    painted = Painted(BLOCK.astype(bool), 0, 1)
    found = counted.gradients_by_counts(painted, watched, {})
    [wanted] = asked
    present = [(kinds_of(painted.target, one).ravel()[:, None] == range(4)).any(0) for one in painted.masks()]
    assert wanted.sum() == np.sum(present) and (found == np.transpose(present)).all()


# Many masks in one call


def square(side=8):
    target = np.zeros((side, side), bool)
    target[2:6, 2:6] = True
    return Painted(target, 0.1, 0.9)


def test_a_loss_of_tensors_is_called_for_all_masks_at_once():
    painted, calls = square(), []

    def loss(p, t):
        calls.append(p.shape)
        return F.binary_cross_entropy(p, t)

    values = counted.values_by_counts(painted, loss, {})
    slopes = counted.gradients_by_counts(painted, counted.by_autograd(painted, loss), {})
    assert len(calls) < 30 < len(values) == 17 * 49

    def one_by_one(p, t):
        assert p.ndim == 4 and p.sum().item() > 0  # .item() asks for a value, which many at once have not
        return F.binary_cross_entropy(p, t)

    np.testing.assert_allclose(counted.values_by_counts(painted, one_by_one, {}), values)
    again = counted.gradients_by_counts(painted, counted.by_autograd(painted, one_by_one), {})
    np.testing.assert_allclose(again, slopes)


@pytest.mark.parametrize(
    "loss",
    [
        lambda p, t: (p - t).sum() if float(p[0, 0, 0, 0]) > 0.5 else (p * t).sum(),
        lambda p, t: (p + torch.rand(1) * t).sum(),
        lambda p, t: torch.from_numpy(p.numpy()).sum(),
    ],
    ids=["asks for a value", "random", "leaves torch"],
)
def test_what_is_not_written_for_many_at_once_is_called_one_by_one(loss):
    painted = square()
    assert counted.at_once(loss, {}, *painted.arguments(painted.masks())) is None


def test_few_masks_are_called_one_by_one():
    painted = Painted(BLOCK.astype(bool), 0.1, 0.9)
    assert counted.at_once(F.mse_loss, {}, *painted.arguments(painted.masks())) is None
