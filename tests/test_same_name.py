"""The translator: each call with its number, on the page "Same name, other number" and for other data."""

import math

import pytest
import torch

from lossviz import which_convention
from lossviz.contents import anchor
from lossviz.losses import references, translator
from lossviz.losses.conventions import (
    DICE_BY_DEFAULT,
    DICE_WITH,
    Convention,
    Gives,
    Over,
    Reads,
    Score,
    Sums,
    conventions,
)
from lossviz.losses.examples import NAMES, example
from lossviz.losses.translations import BESIDE, LOSSES, MASKS
from lossviz.losses.translator import (
    CLOSE,
    LIBRARIES,
    MASK_DTYPES,
    NOTED,
    Kind,
    Row,
    evaluate,
    gradient,
    measured,
)
from lossviz.same_name import (
    EIGHT,
    at_a_glance,
    by_number,
    calls,
    gradient_table,
    gradients,
    number,
    versions,
)
from tests import test_references as known
from tests.handbook import BOOK, headings, read
from tests.libraries import losses_of

ROWS = [
    pytest.param(loss, row, on, id=f"{loss.title}-{row.library}-{on}-{row.call}")
    for loss in (LOSSES | BESIDE).values()
    for row in loss.rows
    for on in row.gives
]
COMPUTED = [one for one in ROWS if LIBRARIES[one.values[1].library].computed]
RIGHT = [one for one in ROWS if one.values[1].kind is Kind.SAME]


@pytest.mark.parametrize(("loss", "row", "on"), ROWS)
def test_our_own_function_gives_the_number_of_a_call(loss, row, on):
    assert math.isclose(evaluate(loss.in_our_terms(row, on), on), row.gives[on], rel_tol=0, abs_tol=CLOSE)


@pytest.mark.parametrize(("loss", "row", "on"), ROWS)
def test_a_number_is_called_ours_if_it_is(loss, row, on):
    assert (abs(loss.value(on) - row.gives[on]) < CLOSE) == (row.kind is Kind.SAME)


@pytest.mark.parametrize(("loss", "row", "on"), COMPUTED)
def test_the_library_gives_its_number(loss, row, on, monkeypatch):
    module = losses_of(row.library)
    if row.needs == "scipy":  # the map that it would compute

        def to_the_other_side(mask):
            inside = references.signed_distance(mask.double()[None])[0]
            return torch.where(mask, 1 - inside, 0).float()

        monkeypatch.setattr("monai.losses.boundary_loss.distance_transform_edt", to_the_other_side)
    assert math.isclose(evaluate(row.call, on, module), row.gives[on], rel_tol=0, abs_tol=NOTED)
    if not row.needs:
        assert measured(row, on) == evaluate(row.call, on, module)


def test_a_number_of_another_library_is_not_computed():
    (row, *_) = LOSSES["dice_loss"].of("SMP")
    assert measured(row, "A") is None


@pytest.mark.parametrize("taker", MASKS, ids=lambda taker: f"{taker.library}-{taker.call}")
def test_a_mask_of_each_dtype_is_taken_or_refused_as_it_says(taker):
    if taker.library in LIBRARIES and LIBRARIES[taker.library].computed:
        losses_of(taker.library)
    found = tuple(taker.found(dtype) for dtype in MASK_DTYPES)
    noted = taker.library in LIBRARIES and not LIBRARIES[taker.library].computed
    assert found == ((None,) * 3 if noted else taker.raises)


def test_rows_are_grouped_by_library_in_one_order():
    for loss in (LOSSES | BESIDE).values():
        order = [list(LIBRARIES).index(row.library) for row in loss.rows]
        assert order == sorted(order), loss.title


def test_no_call_stands_twice_in_a_table():
    for loss in (LOSSES | BESIDE).values():
        given = [(row.library, row.call, on) for row in loss.rows for on in row.gives]
        assert len(given) == len(set(given)), loss.title


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("JAX", "f(z)", {"A": 1.0}), "library must be one of MONAI, .*, got 'JAX'"),
        (("MONAI", "f(z)", {}), "gives must have examples of A, .*, got none"),
        (("MONAI", "f(z)", {"C": 1.0}), r"gives must have examples of A, .*, got \['C'\]"),
        (("MONAI", "f(z)", {"A": 1.0}, Kind.OTHER), r"must have why and ours, got 'f\(z\)' without"),
    ],
)
def test_a_row_that_says_too_little_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Row(*arguments)


@pytest.mark.parametrize(
    ("call", "on"),
    [
        ("dice_loss(p, t, smooth=2)", "A"),
        ("dice_loss(p2.reshape(1, 1, -1), t2.reshape(1, 1, -1))", "A"),
        ("focal_loss(z, t)", "A"),
        ("lovasz_hinge(z, t)", "A"),
        ("dice_ce_loss(z, y)", "B"),
        ("dice_loss(z.sigmoid(), t)", "B"),
    ],
)
def test_the_gradient_is_that_of_central_differences(call, on, monkeypatch):
    found, z = gradient(call, on), example(on)["z"]

    def at(z):
        p = z.sigmoid() if z.shape[1] == 1 else z.softmax(1)
        both = {"z2": torch.cat([0 * z, z], 1), "p2": torch.cat([1 - p, p], 1)}
        monkeypatch.setattr(translator, "example", lambda name: {**example(name), "z": z, "p": p, **both})
        return evaluate(call, on)

    step = 1e-6
    for place in [(0, 0, 0, 0), (0, 0, 1, 1), (0, -1, 2, 2), (0, -1, 2, 3)]:
        moved = torch.zeros_like(z)
        moved[place] = step
        assert math.isclose((at(z + moved) - at(z - moved)) / (2 * step), found[place], abs_tol=1e-8)


# The examples


def test_the_examples_are_those_of_the_tests():
    a, both, b = (example(name) for name in ("A", "A+A2", "B"))
    pairs = [(a["p"], known.A), (a["t"], known.A_TRUE), (both["p"], known.BOTH), (both["t"], known.BOTH_TRUE)]
    pairs += [(b["p"], known.B), (b["y"], known.B_LABELS), (b["t"], known.B_TRUE), (b["w"], known.B_WEIGHT)]
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=0, atol=1e-7)
    assert torch.equal(a["t2"].argmax(1), a["y"]) and torch.equal(a["z2"][:, 1:], a["z"])


def test_logits_and_probabilities_of_an_example_belong_together():
    for name in NAMES:
        e = example(name)
        p = e["z"].sigmoid() if e["z"].shape[1] == 1 else e["z"].softmax(1)
        torch.testing.assert_close(p, e["p"], rtol=0, atol=1e-12)
    assert (example("B without 2")["y"] == 2).sum() == 0
    ignored = example("B with 255")
    assert (ignored["y"] == 255).sum() == 2 and (ignored["t"] * ignored["keep"]).sum() == 14


def test_another_example_is_refused():
    with pytest.raises(ValueError, match=r"an example must be one of A, .*, got 'C'"):
        example("C")


# Conventions


def sums(name):
    return Sums(example(name)["z"], example(name)["t"])


@pytest.mark.parametrize("name", DICE_BY_DEFAULT)
def test_the_convention_of_a_library_gives_the_numbers_of_its_default(name):
    rows = [row for row in LOSSES["dice_loss"].of(name) if row.default and row.kind is not Kind.MISTAKE]
    assert rows
    for row in rows:
        for on, value in row.gives.items():
            assert math.isclose(sums(on).value(DICE_BY_DEFAULT[name]), value, abs_tol=CLOSE), (row.call, on)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("smooth", [1e-5, 1.0])
@pytest.mark.parametrize("shape", [(3, 1, 4, 5), (2, 3, 4, 5)])
def test_a_convention_is_our_loss_with_its_options(shape, smooth, squared):
    rng = torch.Generator().manual_seed(0)
    z = torch.randn(shape, generator=rng, dtype=torch.float64)
    y = torch.randint(max(shape[1], 2), (shape[0], *shape[2:]), generator=rng)
    made = Sums(z, y)
    p = z.sigmoid() if shape[1] == 1 else z.softmax(1)
    t = made.masks
    options = {"smooth": smooth, "squared_pred": squared}
    ours = Convention(smooth=smooth, squared=squared)

    def same(value, **changes):
        assert math.isclose(made.value(Convention(**{**vars(ours), **changes})), value, abs_tol=1e-12)

    dice = references.dice_loss
    same(dice(p, t, **options))
    same(dice(p, t, batch=True, **options), over=Over.BATCH)
    flat = [x.flatten(1)[:, None] for x in (p, t)]
    same(dice(*flat, **options), over=Over.CLASSES)
    same(dice(*flat, batch=True, **options), over=Over.EVERYTHING)
    same(dice(z, t, **options), reads=Reads.LOGITS)
    same(dice(p, t, **options) - 1, gives=Gives.MINUS)
    same(1 - dice(p, t, **options), gives=Gives.SCORE)
    if shape[1] == 1:
        two = [torch.cat([1 - x, x], 1) for x in (p, t)]
        same(dice(*two, **options), two=True)
        same(dice(p.sigmoid(), t, **options), reads=Reads.TWICE)
        same(dice((p > 0.5).double(), t, **options), reads=Reads.MASK)
    else:
        same(dice(p[:, 1:], t[:, 1:], **options), background=False)
        same(dice(z.sigmoid(), t, **options), reads=Reads.SIGMOID)
        same(dice(p.softmax(1), t, **options), reads=Reads.TWICE)
    if not squared:
        same(references.jaccard_loss(p, t, smooth), score=Score.JACCARD)


@pytest.mark.parametrize(("images", "classes"), [(1, 1), (2, 1), (1, 3), (2, 3)])
def test_the_conventions_of_some_data_are_all_different_there(images, classes):
    listed = list(conventions(images, classes))
    assert len(listed) == len(set(listed))
    for one in listed:
        assert one == one.on(images, classes)
    assert Convention() in listed and all(DICE_BY_DEFAULT[n].on(images, classes) in listed for n in EIGHT[:5])


def test_what_makes_no_difference_is_ours():
    everything = Convention(over=Over.EVERYTHING, background=False, reads=Reads.SIGMOID, smooth=0.0)
    assert everything.on(1, 1) == Convention()
    assert everything.on(2, 1) == Convention(over=Over.BATCH)
    assert Convention(two=True).on(2, 3) == Convention()
    assert not Convention().differs and Convention(smooth=2.0).differs == ("smooth=2",)


def test_each_named_convention_differs_from_the_others():
    assert len({*DICE_WITH.values()}) == len(DICE_WITH)


ASKED = [
    ("0.2727", "A", ["smooth=2", "0.272727", "optax by default; SMP with smooth=1"]),
    (0.2727, "A", ["smooth=2", "0.272727", "optax by default; SMP with smooth=1"]),
    ("0.30", "A", ["smooth=1", "0.300000", "MONAI with smooth_nr=1, smooth_dr=1"]),
    ("0.33", "A", ["nothing", "0.333333", "MONAI, SMP, keras by default"]),
    ("0.33333330", "A", ["nothing", "0.333333", "MONAI, SMP, keras by default"]),
    ("−0.7000", "A", ["smooth=1; − score", "-0.700000", "nnU-Net by default"]),
    ("3.00e-1", "A", ["smooth=1", "0.300000", "MONAI with smooth_nr=1, smooth_dr=1"]),
    ("0.3636", "A+A2", ["sums over the batch", "0.363636", "SMP, keras by default; MONAI batch=True"]),
    ("0.4166", "A+A2", ["nothing", "0.416665", "MONAI by default"]),
    ("0.4167", "A+A2", ["nothing", "0.416665", "MONAI by default"]),
    ("0.24375", "B", ["sums over the classes", "0.243750", "kornia, keras by default"]),
    ("0.428571", "A", ["Jaccard (IoU); smooth=1", "0.428571", "SMP JaccardLoss with smooth=1"]),
    # What SMP adds up over the batch is not what others have for each image.
    ("0.307692", "A+A2", ["smooth=2; sums over the batch", "0.307692", "SMP with smooth=1"]),
    ("0.261364", "A+A2", ["smooth=2", "0.261364", "optax by default"]),
    ("0.533333", "A+A2", ["Jaccard (IoU); sums over the batch", "0.533333", "SMP JaccardLoss"]),
    (
        "0.702894",
        "A+A2",
        ["the activation twice; sums over the batch", "0.702894", "SMP, given probabilities"],
    ),
    (
        "0.350902",
        "A",
        [
            "the activation twice; sums over the classes; the background as a second channel",
            "0.350902",
            "kornia, given probabilities",
        ],
    ),
    (
        "0.514663",
        "B",
        ["the activation twice; sums over the classes", "0.514663", "kornia, given probabilities"],
    ),
    (
        "0.396445",
        "A",
        ["the activation twice; the background as a second channel", "0.396445", ""],
    ),
    (
        "0.727256",
        "A+A2",
        ["the activation twice", "0.727256", "MONAI with an activation, given probabilities"],
    ),
    (
        "0.605378",
        "B",
        [
            "the activation twice",
            "0.605378",
            "MONAI with an activation, given probabilities; SMP, given probabilities",
        ],
    ),
]


@pytest.mark.parametrize(("value", "on", "row"), ASKED)
def test_a_number_is_named_by_its_convention(value, on, row):
    data = example(on)
    assert which_convention(value, data["z"], data["t"]).rows[0] == row


def test_kornia_is_not_named_for_volumes_which_it_does_not_take():
    b = example("B")
    volume = {key: b[key].reshape(1, 3, 2, 2, 4) for key in "zt"}
    assert which_convention("0.24375", b["z"], b["t"]).rows[0][2] == "kornia, keras by default"
    assert which_convention("0.24375", volume["z"], volume["t"]).rows[0][2] == "keras by default"


def test_labels_do_as_well_as_masks_and_without_data_it_is_example_a():
    b, a = example("B"), example("A")
    by_labels, by_masks = (which_convention("0.3777", b["z"], b[key]) for key in "yt")
    assert by_labels.rows == by_masks.rows and by_labels.rows[0][0] == "nothing"
    assert which_convention("0.3", a["z"], a["y"]).rows == which_convention("0.3").rows
    assert "example A" in which_convention("0.3").title


def test_float32_logits_and_bool_masks_are_taken():
    a = example("A")
    table = which_convention("0.3333", a["z"].float(), a["t"].bool())
    assert table.rows[0][0] == "nothing"


@pytest.mark.parametrize(("value", "on"), [("0.0000", "no object"), ("0.492529", "B without 2")])
def test_no_library_is_named_where_an_image_lacks_a_class(value, on):
    data = example(on)
    table = which_convention(value, data["z"], data["t"])
    assert table.rows[0][0] == "nothing" and {row[2] for row in table.rows} == {""}
    assert table.title.endswith("; an image lacks a class, so no library is named")


def test_no_library_is_named_where_the_only_class_fills_an_image():
    data = example("A")
    table = which_convention("0.5", data["z"], torch.ones_like(data["t"]))
    assert {row[2] for row in table.rows} == {""}


def test_a_number_of_no_convention_is_answered_with_the_nearest():
    table = which_convention("0.3177")
    assert table.title.startswith("No convention gives 0.3177 on example A") and len(table.rows) == 3
    away = [abs(float(value) - 0.3177) for _, value, _ in table.rows]
    assert away == sorted(away)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("much",), "value must be a number such as 0.2727, got 'much'"),
        ((None,), "value must be a number such as 0.2727, got None"),
        ((float("nan"),), "value must be a number such as 0.2727, got nan"),
        ((0.3, torch.zeros(1, 1, 4)), "logits and target must come together"),
        (
            (0.3, torch.zeros(1, 4), torch.zeros(1, 4)),
            r"logits must have shape \(N, C, d1, ...\), got \(1, 4\)",
        ),
        (
            (0.3, torch.zeros(2, 3, 4), torch.zeros(2, 1, 4)),
            r"target must be masks \(2, 3, 4\) or labels \(2, 4\), got \(2, 1, 4\)",
        ),
        (
            (0.3, torch.zeros(1, 3, 4), torch.tensor([[0, 1, 2, 255]])),
            r"labels must be in 0..2, got \[0, 1, 2, 255\]",
        ),
    ],
)
def test_what_cannot_be_looked_up_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        which_convention(*arguments)


# The tables and the page


def test_each_loss_and_each_choice_has_a_table_with_every_row():
    for name, loss in (LOSSES | BESIDE).items():
        lines = calls(name).text.splitlines()
        assert len({line.count(" | ") for line in lines}) == 1
        assert len(lines) == 2 + len(set(loss.ours.values())) + len(loss.rows)
        for row in loss.rows:
            beginning = f"| {LIBRARIES[row.library]} | `{row.call}` |"
            assert [
                line
                for line in lines
                if line.startswith(beginning)
                and row.why in line
                and row.ours in line
                and all(number(value) in line for value in row.gives.values())
            ]
    with pytest.raises(ValueError, match=r"name must be one of dice_loss, .*, got 'dice'"):
        calls("dice")


def test_the_numbers_are_in_order_and_none_is_left_out():
    rows = [line.split(" | ") for line in by_number().text.splitlines()[2:]]
    numbers = [float(row[0].removeprefix("| ").replace("−", "-")) for row in rows]
    assert numbers == sorted(numbers)
    others = [row for loss in LOSSES.values() for row in loss.rows if row.kind is not Kind.SAME]
    assert len(rows) == sum(len(loss.ours) for loss in LOSSES.values()) + sum(len(r.gives) for r in others)


def test_what_differs_by_a_constant_or_a_factor_is_told_from_another_direction():
    reaches = {(one.loss, one.on, one.ours): one.reaches for one in gradients()}
    assert reaches["dice_loss", "A", "dice_loss(p, t) - 1"] == "nothing"
    assert reaches["focal_loss", "A", "focal_loss(z, t) / 2"] == "the step size"
    assert reaches["dice_loss", "A", "dice_loss(p, t, squared_pred=True)"] == "the direction"
    others = [row for loss in LOSSES.values() for row in loss.rows if row.kind is Kind.OTHER]
    assert len(gradients()) < sum(len(row.gives) for row in others)
    assert len(gradient_table().text.splitlines()) == 2 + len(gradients())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.333333"),
        (0.3, "0.3000"),
        (0.24375, "0.24375"),
        (-2 / 3, "−0.666667"),
        (0, "0.0000"),
        (-1e-9, "0.0000"),
        (-1, "−1.0000"),
        (1.02369, "1.02369"),
    ],
)
def test_a_number_has_four_to_six_digits(value, text):
    assert number(value) == text


def test_the_overview_has_all_losses_and_eight_libraries():
    lines = at_a_glance().text.splitlines()
    assert len(lines) == 2 + len(LOSSES) and lines[0].count("|") == len(EIGHT) + 2
    assert len(versions().text.splitlines()) == 2 + len(LIBRARIES)


def test_the_page_has_a_section_and_a_table_for_each_loss_and_choice():
    notebook = read(BOOK / "same_name.ipynb")
    titles = {title for _, title, _ in headings(notebook)}
    assert {loss.title for loss in LOSSES.values()} <= titles
    shown = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert {f'calls("{name}")' for name in LOSSES | BESIDE} <= set(shown)
    links = {anchor(title) for title in titles}
    assert all(anchor(loss.title) in links for loss in LOSSES.values())
