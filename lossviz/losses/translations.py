"""The calls of each loss in the libraries, the numbers that they give on the examples, and why those differ.

`LOSSES` has the losses by their names in `references`, `BESIDE` what is a choice beside the formula: weights,
ignored pixels, absent classes, sums; `MASKS` which dtypes of a mask are taken. What a row means says
`translator.Row`.
"""

from collections.abc import Mapping

from lossviz.losses.translator import Kind, MaskTaker, Row, Translated


def _same(library: str, call: str, *, default: bool = False, ours: str = "", needs: str = "", **gives) -> Row:
    return Row(library, call, _named(gives), Kind.SAME, default, ours=ours, needs=needs)


def _other(library: str, call: str, why: str, ours: str, *, default: bool = False, needs: str = "", **gives):
    return Row(library, call, _named(gives), Kind.OTHER, default, why, ours, needs)


def _mistake(library: str, call: str, why: str, ours: str, *, default: bool = False, **gives) -> Row:
    return Row(library, call, _named(gives), Kind.MISTAKE, default, why, ours)


_NAMES = {
    "BOTH": "A+A2",
    "TWICE": "A+A",
    "ABSENT": "B without 2",
    "IGNORED": "B with 255",
    "EMPTY": "no object",
    "PAINTED": "no object, all painted",
}


def _named(gives: Mapping[str, float]) -> dict[str, float]:
    """The numbers by the names of the examples, which are no names in Python."""
    return {_NAMES.get(name, name): value for name, value in gives.items()}


SOFTMAX = "softmax=True, to_onehot_y=True"  # MONAI, where labels are the target
FLAT = "p.reshape(1, 1, -1), t.reshape(1, 1, -1)"  # all classes as one

_DICE = (
    _same("MONAI", "DiceLoss()(p, t)", default=True, A=0.333333, B=0.377734, BOTH=0.416665),
    _same("MONAI", "DiceLoss(sigmoid=True)(z, t)", A=0.333333, BOTH=0.416665),
    _same("MONAI", f"DiceLoss({SOFTMAX})(z, y[:, None])", B=0.377734),
    _mistake(
        "MONAI",
        "DiceLoss()(z, t)",
        "it takes probabilities unless an activation is asked for, and these are logits",
        "dice_loss(z, t)",
        default=True,
        A=1.786779,
        B=2.758209,
    ),
    _other(
        "MONAI",
        "DiceLoss(sigmoid=True, smooth_nr=1, smooth_dr=1)(z, t)",
        "a smooth of 1",
        "dice_loss(p, t, smooth=1)",
        A=0.3,
    ),
    _other(
        "MONAI",
        "DiceLoss(sigmoid=True, squared_pred=True)(z, t)",
        "squares below, as in V-Net",
        "dice_loss(p, t, squared_pred=True)",
        A=0.132948,
    ),
    _other(
        "MONAI",
        "DiceLoss(sigmoid=True, batch=True)(z, t)",
        "sums over the batch, then one fraction",
        "dice_loss(p, t, batch=True)",
        BOTH=0.363636,
    ),
    _other(
        "MONAI",
        f"DiceLoss({SOFTMAX}, include_background=False)(z, y[:, None])",
        "without class 0",
        "dice_loss(p[:, 1:], t[:, 1:])",
        B=0.487653,
    ),
    _mistake(
        "MONAI",
        "DiceLoss(sigmoid=True)(z, t)",
        "a sigmoid where classes exclude each other",
        "dice_loss(z.sigmoid(), t)",
        B=0.562289,
    ),
    _mistake(
        "MONAI",
        f"DiceLoss({SOFTMAX})(p, y[:, None])",
        "the softmax twice",
        "dice_loss(p.softmax(1), t)",
        B=0.605378,
    ),
    _same("SMP", 'DiceLoss("binary")(z, t)', default=True, A=0.333333),
    _same("SMP", 'DiceLoss("multiclass")(z, y)', default=True, B=0.377734),
    _other(
        "SMP",
        'DiceLoss("binary")(z, t)',
        "sums over the batch, then one fraction",
        "dice_loss(p, t, batch=True)",
        default=True,
        BOTH=0.363636,
    ),
    _other(
        "SMP",
        'DiceLoss("binary", smooth=1)(z, t)',
        "its smooth stands beside I, not beside 2I: 1 is our 2",
        "dice_loss(p, t, smooth=2)",
        A=0.272727,
    ),
    _mistake(
        "SMP",
        'DiceLoss("binary")(p, t)',
        "it takes logits: the sigmoid twice",
        "dice_loss(p.sigmoid(), t)",
        default=True,
        A=0.589137,
    ),
    _mistake(
        "SMP",
        'DiceLoss("multiclass")(p, y)',
        "it takes logits: the softmax twice",
        "dice_loss(p.softmax(1), t)",
        default=True,
        B=0.605379,
    ),
    _same("kornia", 'dice_loss(z2, y, average="macro", weight=torch.tensor([0.0, 1.0]))', A=0.333333),
    _same("kornia", 'dice_loss(z, y, average="macro")', B=0.377734),
    _other(
        "kornia",
        "dice_loss(z2, y)",
        "two channels in one fraction (micro): the mean of 1 minus the probability of the truth",
        "dice_loss(p2.reshape(1, 1, -1), t2.reshape(1, 1, -1))",
        default=True,
        A=0.1875,
    ),
    _other(
        "kornia",
        "dice_loss(z, y)",
        "all classes in one fraction (micro): the mean of 1 minus the probability of the truth",
        f"dice_loss({FLAT})",
        default=True,
        B=0.24375,
    ),
    _other(
        "kornia",
        'dice_loss(z2, y, average="macro")',
        "the background is a class of its own",
        "dice_loss(p2, t2)",
        A=0.231884,
    ),
    _same("keras", "dice(t, p, axis=(1, 2)).mean()", A=0.333333, B=0.377734, BOTH=0.416667),
    _same("keras", "Dice()(t, p)", default=True, A=0.333333),
    _other(
        "keras",
        "Dice()(t, p)",
        "classes and images added up before the fraction",
        f"dice_loss({FLAT})",
        default=True,
        B=0.24375,
        BOTH=0.363636,
    ),
    _same("optax", "dice_loss(z, t, smooth=0.0).mean()", A=0.333333, B=0.377734, BOTH=0.416667),
    _other(
        "optax",
        "dice_loss(z, t).mean()",
        "a smooth of 1, beside I and not beside 2I: our 2",
        "dice_loss(p, t, smooth=2)",
        default=True,
        A=0.272727,
        B=0.263877,
    ),
    _other(
        "nnU-Net",
        "SoftDiceLoss(sigmoid, smooth=0, ddp=False)(z, t)",
        "minus the score: the gradient is the same",
        "dice_loss(p, t) - 1",
        A=-0.666667,
        BOTH=-0.583333,
    ),
    _other(
        "nnU-Net",
        "SoftDiceLoss(softmax, smooth=0, ddp=False)(z, t)",
        "minus the score: the gradient is the same",
        "dice_loss(p, t) - 1",
        B=-0.622266,
    ),
    _other(
        "nnU-Net",
        "SoftDiceLoss(sigmoid, ddp=False)(z, t)",
        "minus the score, and a smooth of 1; its trainers pass 1e-5",
        "dice_loss(p, t, smooth=1) - 1",
        default=True,
        A=-0.7,
    ),
    _other(
        "nnU-Net",
        "SoftDiceLoss(sigmoid, batch_dice=True, smooth=0, ddp=False)(z, t)",
        "minus the score, and sums over the batch",
        "dice_loss(p, t, batch=True) - 1",
        BOTH=-0.636364,
    ),
    _other(
        "nnU-Net",
        "SoftDiceLoss(softmax, do_bg=False, smooth=1e-5, ddp=False)(z, t)",
        "minus the score, without class 0, as its trainers have it",
        "dice_loss(p[:, 1:], t[:, 1:]) - 1",
        B=-0.512347,
    ),
    _other(
        "mmseg",
        "DiceLoss()(z, y)",
        "a sigmoid, squares, all classes in one fraction, and 1e-3 twice below",
        "1 - 2 * (z.sigmoid() * t).sum() / ((z.sigmoid() ** 2).sum() + (t**2).sum() + 2e-3)",
        default=True,
        B=0.290773,
    ),
    _other(
        "mmseg",
        "DiceLoss(use_sigmoid=False, naive_dice=True)(z, y)",
        "all classes in one fraction, and a smooth of 1e-3",
        f"dice_loss({FLAT}, smooth=1e-3)",
        B=0.243742,
    ),
    _same("mmseg", "DiceLoss(naive_dice=True, eps=1e-5)(z, t)", A=0.333333, BOTH=0.416665),
    _other(
        "mmseg",
        "DiceLoss()(z, t)",
        "squares, and 1e-3 twice below",
        "1 - 2 * (p * t).sum() / ((p**2).sum() + (t**2).sum() + 2e-3)",
        default=True,
        A=0.133198,
    ),
    _same("JDT", "JDTLoss(alpha=0.5, beta=0.5, smooth=0)(z, y)", B=0.377734),
)

_JACCARD = (
    _same("MONAI", "DiceLoss(sigmoid=True, jaccard=True)(z, t)", A=0.5, BOTH=0.583332),
    _same("MONAI", f"DiceLoss({SOFTMAX}, jaccard=True)(z, y[:, None])", B=0.514808),
    _other(
        "MONAI",
        "DiceLoss(sigmoid=True, jaccard=True, smooth_nr=1, smooth_dr=1)(z, t)",
        "its smooth stands beside 2I and 2U: 1 is our 0.5",
        "jaccard_loss(p, t, smooth=0.5)",
        A=0.461538,
    ),
    _other(
        "MONAI",
        "DiceLoss(sigmoid=True, jaccard=True, smooth_nr=2, smooth_dr=2)(z, t)",
        "its smooth stands beside 2I and 2U: 2 is our 1",
        "jaccard_loss(p, t, smooth=1)",
        A=0.428571,
    ),
    _same("SMP", 'JaccardLoss("binary")(z, t)', default=True, A=0.5),
    _same("SMP", 'JaccardLoss("multiclass")(z, y)', default=True, B=0.514808),
    _other(
        "SMP",
        'JaccardLoss("binary")(z, t)',
        "sums over the batch, then one fraction",
        "jaccard_loss(p, t, batch=True)",
        default=True,
        BOTH=0.533333,
    ),
    _other(
        "SMP",
        'JaccardLoss("binary", smooth=1)(z, t)',
        "a smooth of 1, the same as ours",
        "jaccard_loss(p, t, smooth=1)",
        A=0.428571,
    ),
    _same("kornia", "tversky_loss(z, y, 1, 1)", B=0.514808),
    _same("keras", "tversky(t, p, 1, 1)", A=0.5),
    _same("optax", "dice_loss(z, t, alpha=1, beta=1, smooth=0.0).mean()", A=0.5),
    _same("JDT", "JDTLoss(smooth=0)(z, y)", B=0.514808),
)

_TVERSKY = (
    _same("MONAI", "TverskyLoss(sigmoid=True, alpha=0.3, beta=0.7)(z, t)", A=0.302325),
    _same("MONAI", f"TverskyLoss({SOFTMAX}, alpha=0.3, beta=0.7)(z, y[:, None])", B=0.365283),
    _same("SMP", 'TverskyLoss("binary", alpha=0.3, beta=0.7)(z, t)', A=0.302326),
    _same("SMP", 'TverskyLoss("multiclass", alpha=0.3, beta=0.7)(z, y)', B=0.365284),
    _same("kornia", "tversky_loss(z, y, 0.3, 0.7)", B=0.365284),
    _same("keras", "tversky(t, p, alpha=0.7, beta=0.3, axis=(1, 2)).mean()", A=0.302326, B=0.365284),
    _other(
        "keras",
        "tversky(t, p, alpha=0.3, beta=0.7, axis=(1, 2)).mean()",
        "its alpha weighs the misses (FN), its beta the false alarms (FP)",
        "tversky_loss(p, t, alpha=0.7, beta=0.3)",
        A=0.361702,
        B=0.385902,
    ),
    _other(
        "keras",
        "Tversky(alpha=0.3, beta=0.7)(t, p)",
        "all classes in one fraction: there FP = FN, so alpha + beta alone counts",
        f"tversky_loss({FLAT}, alpha=0.3, beta=0.7)",
        B=0.24375,
    ),
    _same("optax", "dice_loss(z, t, alpha=0.3, beta=0.7, smooth=0.0).mean()", A=0.302326),
)

_EACH = 'alpha=0.3, beta=0.7, reduction="none"'
_FOCAL_TVERSKY = (
    _same("MONAI", f"(TverskyLoss(sigmoid=True, {_EACH})(z, t) ** 0.75).mean()", A=0.407714),
    _same("MONAI", f"(TverskyLoss({SOFTMAX}, {_EACH})(z, y[:, None]) ** 0.75).mean()", B=0.458764),
    _same("SMP", 'TverskyLoss("binary", alpha=0.3, beta=0.7, gamma=0.75)(z, t)', A=0.407715),
    _other(
        "SMP",
        'TverskyLoss("multiclass", alpha=0.3, beta=0.7, gamma=0.75)(z, y)',
        "the power of the mean over classes, not the mean of the powers",
        "tversky_loss(p, t, alpha=0.3, beta=0.7) ** 0.75",
        B=0.469865,
    ),
)

_OPTAX_GDL = (
    '(dice_loss(p, t, {smooth}, reduction="none")[0] * F.normalize(t.sum((0, 2, 3)) ** -2, 1, 0)).sum()'
)
_GDL = (
    _same("MONAI", "GeneralizedDiceLoss()(p, t)", default=True, B=0.593512),
    _same("MONAI", f"GeneralizedDiceLoss({SOFTMAX})(z, y[:, None])", B=0.593512),
    _other(
        "MONAI",
        f'GeneralizedDiceLoss({SOFTMAX}, w_type="simple")(z, y[:, None])',
        "weights 1/T in place of 1/T²",
        'generalized_dice_loss(p, t, "simple")',
        B=0.422382,
    ),
    _other(
        "MONAI",
        f'GeneralizedDiceLoss({SOFTMAX}, w_type="uniform")(z, y[:, None])',
        "equal weights: all classes in one fraction",
        'generalized_dice_loss(p, t, "uniform")',
        B=0.24375,
    ),
    _other(
        "MONAI",
        f"GeneralizedDiceLoss({SOFTMAX}, smooth_nr=1, smooth_dr=1)(z, y[:, None])",
        "a smooth of 1, which is large beside weights of 1/T²",
        "generalized_dice_loss(p, t, smooth=1)",
        B=0.466667,
    ),
    _other(
        "optax",
        "multiclass_generalized_dice_loss(z, t, smooth=0.0)",
        "the Dice losses of the classes, weighted by 1/T²: a mean of fractions, not a fraction of sums",
        _OPTAX_GDL.format(smooth=0),
        B=0.641842,
    ),
    _other(
        "optax",
        "multiclass_generalized_dice_loss(z, t)",
        "the same mean of fractions, with a smooth of 1, our 2",
        _OPTAX_GDL.format(smooth=2),
        default=True,
        B=0.389125,
    ),
)

_UNWEIGHTED = "no weight by default: alpha is None"
_NO_ALPHA = "focal_loss(z, t, alpha=None)"
_FOCAL = (
    _same("MONAI", "FocalLoss(alpha=0.25)(z, t)", A=0.020833),
    _other("MONAI", "FocalLoss()(z, t)", _UNWEIGHTED, _NO_ALPHA, default=True, A=0.035785),
    _same("SMP", 'FocalLoss("binary", alpha=0.25)(z, t)', A=0.020833),
    _other("SMP", 'FocalLoss("binary")(z, t)', _UNWEIGHTED, _NO_ALPHA, default=True, A=0.035785),
    _same("kornia", 'binary_focal_loss_with_logits(z, t, reduction="mean")', A=0.020833),
    _other(
        "kornia",
        'focal_loss(z2, y, 0.25, reduction="mean")',
        "the mean counts two channels, and one of them is 0",
        "focal_loss(z, t) / 2",
        A=0.010417,
    ),
    _same("keras", "BinaryFocalCrossentropy(apply_class_balancing=True)(t, p)", A=0.020833),
    _other("keras", "BinaryFocalCrossentropy()(t, p)", _UNWEIGHTED, _NO_ALPHA, default=True, A=0.035785),
    _mistake(
        "keras",
        "BinaryFocalCrossentropy()(t, z)",
        "it takes probabilities unless from_logits=True; its cross entropy alone cuts logits to 0 … 1",
        '((z - t) ** 2 * F.binary_cross_entropy(z.clamp(1e-7, 1 - 1e-7), t, reduction="none")).mean()',
        default=True,
        A=1.012724,
    ),
    _same("optax", "sigmoid_focal_loss(z, t, alpha=0.25).mean()", A=0.020833),
    _other("optax", "sigmoid_focal_loss(z, t).mean()", _UNWEIGHTED, _NO_ALPHA, default=True, A=0.035785),
    _same("torchvision", 'sigmoid_focal_loss(z, t, reduction="mean")', A=0.020833),
    _other(
        "torchvision",
        'sigmoid_focal_loss(z, t, reduction="sum")',
        'a sum over the pixels; the default is "none"',
        'focal_loss(z, t, reduction="sum")',
        A=0.333328,
    ),
)

_OVER_CLASSES = "the mean also counts the classes that are not the pixel's own, which have 0"
_ONE_VS_REST = "a sigmoid for each class, one against the rest, and no softmax"
_SOFTMAX_FOCAL = (
    _same(
        "MONAI",
        'FocalLoss(use_softmax=True, to_onehot_y=True, reduction="none")(z, y[:, None]).sum(1).mean()',
        B=0.024992,
    ),
    _other(
        "MONAI",
        "FocalLoss(use_softmax=True, to_onehot_y=True)(z, y[:, None])",
        _OVER_CLASSES,
        "softmax_focal_loss(z, y) / 3",
        B=0.008331,
    ),
    _other(
        "MONAI",
        "FocalLoss(to_onehot_y=True)(z, y[:, None])",
        _ONE_VS_REST,
        _NO_ALPHA,
        default=True,
        B=0.094361,
    ),
    _same("SMP", "_functional.softmax_focal_loss_with_logits(z, y)", B=0.024992),
    _other("SMP", 'FocalLoss("multiclass")(z, y)', _ONE_VS_REST, _NO_ALPHA, default=True, B=0.094361),
    _same("kornia", 'focal_loss(z, y, None, reduction="none").sum(1).mean()', B=0.024992),
    _other(
        "kornia",
        'focal_loss(z, y, None, reduction="mean")',
        _OVER_CLASSES,
        "softmax_focal_loss(z, y) / 3",
        B=0.008331,
    ),
    _same("keras", "CategoricalFocalCrossentropy(alpha=1)(t, p)", B=0.024992),
    _other(
        "keras",
        "CategoricalFocalCrossentropy()(t, p)",
        "an alpha of 0.25 for every class: a quarter of the loss",
        "softmax_focal_loss(z, y) / 4",
        default=True,
        B=0.006248,
    ),
)

_HINGE = (
    _same("SMP", 'LovaszLoss("binary")(z, t)', default=True, A=0.496363),
    _other(
        "SMP",
        'LovaszLoss("binary")(z, t)',
        "the pixels of the batch as those of one image",
        "lovasz_hinge(z, t, per_image=False)",
        default=True,
        BOTH=0.578485,
    ),
    _same("SMP", 'LovaszLoss("binary", per_image=True)(z, t)', BOTH=0.748182),
    _mistake(
        "SMP", 'LovaszLoss("binary")(p, t)', "it takes logits", "lovasz_hinge(p, t)", default=True, A=1.02369
    ),
    _same("kornia", "lovasz_hinge_loss(z, y)", default=True, A=0.496363, BOTH=0.748182),
    _mistake(
        "kornia", "lovasz_hinge_loss(p, y)", "it takes logits", "lovasz_hinge(p, t)", default=True, A=1.02369
    ),
    _same("Berman", "lovasz_hinge(z[:, 0], y)", default=True, A=0.496363),
)

_LOVASZ_SOFTMAX = (
    _same("SMP", 'LovaszLoss("multiclass")(z2, y)', default=True, A=0.268947, BOTH=0.245413),
    _same("SMP", 'LovaszLoss("multiclass")(z, y)', default=True, B=0.336111),
    _mistake(
        "SMP",
        'LovaszLoss("multiclass")(p, y)',
        "it takes logits: the softmax twice",
        "lovasz_softmax(p.softmax(1), y)",
        default=True,
        B=0.547877,
    ),
    _same("kornia", "lovasz_softmax_loss(z2, y)", default=True, A=0.268947),
    _other(
        "kornia",
        "lovasz_softmax_loss(z2, y)",
        "all classes, of each image on its own",
        'lovasz_softmax(p2, y, "all", per_image=True)',
        default=True,
        BOTH=0.275098,
    ),
    _same("kornia", "lovasz_softmax_loss(z, y)", default=True, B=0.336111),
    _same("Berman", "lovasz_softmax(p, y)", default=True, B=0.336111),
    _mistake(
        "Berman",
        "lovasz_softmax(z, y)",
        "it takes probabilities",
        "lovasz_softmax(z, y)",
        default=True,
        B=1.881735,
    ),
)

_BOUNDARY = (
    _same("MONAI", "BoundaryLoss()(p, t)", default=True, needs="scipy", A=0.137944, B=0.113798),
    _same("MONAI", "BoundaryLoss(sigmoid=True)(z, t)", needs="scipy", A=0.137944),
    _same("MONAI", f"BoundaryLoss({SOFTMAX})(z, y[:, None])", needs="scipy", B=0.113798),
    _other(
        "MONAI",
        f"BoundaryLoss({SOFTMAX}, include_background=False)(z, y[:, None])",
        "without class 0",
        "boundary_loss(p[:, 1:], signed_distance(t[:, 1:]))",
        needs="scipy",
        B=0.167388,
    ),
    _same("Kervadec", "BoundaryLoss(idc=[1])(p2, distance)", A=0.137944),
)

_DICE_CE = (
    _same("MONAI", "DiceCELoss(sigmoid=True)(z, t)", A=0.563905),
    _same("MONAI", f"DiceCELoss({SOFTMAX})(z, y[:, None])", B=0.663635),
    _other(
        "MONAI",
        f"DiceCELoss({SOFTMAX}, include_background=False)(z, y[:, None])",
        "class 0 counts in the cross entropy alone",
        "dice_ce_loss(z, y, include_background=False)",
        B=0.773555,
    ),
    _other(
        "MONAI",
        f"DiceFocalLoss({SOFTMAX})(z, y[:, None])",
        "a focal loss in place of cross entropy, with a sigmoid whatever softmax says",
        "dice_loss(p, t) + focal_loss(z, t, alpha=None)",
        B=0.472094,
    ),
    _other(
        "nnU-Net",
        "DC_and_BCE_loss(…)(z, t)",
        "as its trainer sets it up: minus the Dice score, so 1 less, with the same gradient",
        "dice_loss(p, t) + F.binary_cross_entropy(p, t) - 1",
        default=True,
        A=-0.436095,
    ),
    _other(
        "nnU-Net",
        "DC_and_CE_loss(…)(z, y[:, None])",
        "as its trainer sets it up: minus the Dice score, which leaves class 0 out",
        "dice_ce_loss(z, y, include_background=False) - 1",
        default=True,
        B=-0.226445,
    ),
)

_TOPK = (
    _same("nnU-Net", "TopKLoss(k=10)(z, y[:, None].float())", default=True, B=0.693147),
    _other(
        "nnU-Net",
        "TopKLoss(k=25)(z, y[:, None].float())",
        "a quarter of the pixels, 4 of 16; of 10 % int(1.6) = 1 is left",
        "topk_cross_entropy(z, y, k=25)",
        B=0.440793,
    ),
)


_WEIGHED = '(dice_loss(p, t, smooth=0, reduction="none") * w).{}'
_WEIGHTS = (
    _same("MONAI", f"DiceLoss({SOFTMAX}, weight=w)(z, y[:, None])", B=0.50641),
    _other(
        "MONAI",
        f"DiceLoss({SOFTMAX}, weight=2 + 0 * w)(z, y[:, None])",
        "equal weights of 2 double the loss",
        "2 * dice_loss(p, t)",
        B=0.755467,
    ),
    _other(
        "SMP",
        'DiceLoss("multiclass", class_weights=[0.2, 0.5, 2])(z, y)',
        "divides by the sum of the weights",
        _WEIGHED.format("sum() / w.sum()"),
        B=0.562679,
    ),
    _other(
        "kornia",
        'dice_loss(z, y, average="macro", weight=w)',
        "divides by the sum of the weights",
        _WEIGHED.format("sum() / w.sum()"),
        B=0.562679,
    ),
    _same("optax", "dice_loss(z, t, class_weights=w, smooth=0.0).mean()", B=0.506411),
)

_OURS_IGNORED = "dice_loss(p * keep, t * keep, smooth=0)"
_IGNORED = (
    _same("MONAI", f"DiceLoss({SOFTMAX}, ignore_index=255)(z, y[:, None])", IGNORED=0.367208),
    _same("SMP", 'DiceLoss("multiclass", ignore_index=255)(z, y)', IGNORED=0.367209),
    _same("kornia", 'dice_loss(z, y, average="macro", ignore_index=255)', IGNORED=0.367209),
    _same("JDT", "JDTLoss(alpha=0.5, beta=0.5, smooth=0, ignore_index=255)(z, y)", IGNORED=0.367209),
)

_ABSENT = (
    _same("MONAI", f"DiceLoss({SOFTMAX})(z, y[:, None])", ABSENT=0.492529),
    _other(
        "SMP",
        'DiceLoss("multiclass")(z, y)',
        "it costs 0, and still counts in the mean",
        'dice_loss(p[:, :2], t[:, :2], reduction="sum") / 3',
        default=True,
        ABSENT=0.159197,
    ),
    _other(
        "kornia",
        'dice_loss(z, y, average="macro")',
        "it is left out",
        "dice_loss(p[:, :2], t[:, :2])",
        ABSENT=0.238796,
    ),
    _other(
        "nnU-Net",
        "SoftDiceLoss(softmax, smooth=0, ddp=False)(z, y)",
        "minus the score; it costs as much as in MONAI",
        "dice_loss(p, t) - 1",
        ABSENT=-0.507469,
    ),
    _other(
        "JDT",
        "JDTLoss(alpha=0.5, beta=0.5, smooth=0)(z, y)",
        "it is left out",
        "dice_loss(p[:, :2], t[:, :2])",
        ABSENT=0.238796,
    ),
)

_ABSENT_LOVASZ = (
    _other(
        "kornia",
        "lovasz_softmax_loss(z, y)",
        "all classes count",
        'lovasz_softmax(p, y, "all")',
        default=True,
        ABSENT=0.347222,
    ),
    _same("Berman", "lovasz_softmax(p, y)", default=True, ABSENT=0.270833),
)

_EMPTY = (
    _same("MONAI", "DiceLoss()(p, t)", default=True, EMPTY=0, PAINTED=0.999999),
    _other(
        "MONAI",
        "DiceLoss(smooth_nr=0)(p, t)",
        "a smooth below alone: not even an empty mask is right",
        "1 - 2 * (p * t).sum() / ((p + t).sum() + 1e-5)",
        EMPTY=1,
    ),
    _same("SMP", 'DiceLoss("binary")(z, t)', default=True, EMPTY=0),
    _other(
        "SMP",
        'DiceLoss("binary")(z, t)',
        "what no target of the batch has costs 0, whatever is painted",
        "0 * dice_loss(p, t)",
        default=True,
        PAINTED=0,
    ),
    _other(
        "keras",
        "Dice()(t, p)",
        "1e-7 below alone: not even an empty mask is right",
        "1 - 2 * (p * t).sum() / ((p + t).sum() + 1e-7)",
        default=True,
        EMPTY=1,
    ),
    _same("keras", "Dice()(t, p)", default=True, PAINTED=1),
    _other(
        "nnU-Net",
        "SoftDiceLoss(sigmoid, smooth=1e-5, ddp=False)(z, t)",
        "minus the score",
        "dice_loss(p, t) - 1",
        EMPTY=-1,
        PAINTED=0,
    ),
)

_FOCAL_SUMS = (
    _other(
        "MONAI",
        'FocalLoss(alpha=0.25, reduction="sum")(z, t)',
        "a mean over the pixels comes first, and the sum is over images and classes",
        'focal_loss(z, t, reduction="none").mean((2, 3)).sum()',
        TWICE=0.041666,
    ),
    _same("kornia", 'binary_focal_loss_with_logits(z, t, reduction="sum")', TWICE=0.666656),
    _same("torchvision", 'sigmoid_focal_loss(z, t, reduction="sum")', TWICE=0.666656),
)


def _on(call: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, call)


LOSSES: dict[str, Translated] = {
    "dice_loss": Translated("Dice", _on("dice_loss(p, t, smooth=0)", "A", "B", "A+A2"), _DICE),
    "jaccard_loss": Translated("Jaccard", _on("jaccard_loss(p, t, smooth=0)", "A", "B", "A+A2"), _JACCARD),
    "tversky_loss": Translated(
        "Tversky", _on("tversky_loss(p, t, alpha=0.3, beta=0.7, smooth=0)", "A", "B"), _TVERSKY
    ),
    "focal_tversky_loss": Translated(
        "Focal Tversky", _on("focal_tversky_loss(p, t, smooth=0)", "A", "B", "A+A2"), _FOCAL_TVERSKY
    ),
    "generalized_dice_loss": Translated("Generalized Dice", _on("generalized_dice_loss(p, t)", "B"), _GDL),
    "focal_loss": Translated("Focal", _on("focal_loss(z, t)", "A"), _FOCAL),
    "softmax_focal_loss": Translated("Softmax focal", _on("softmax_focal_loss(z, y)", "B"), _SOFTMAX_FOCAL),
    "lovasz_hinge": Translated("Lovász hinge", _on("lovasz_hinge(z, t)", "A", "A+A2"), _HINGE),
    "lovasz_softmax": Translated(
        "Lovász-softmax",
        {"A": "lovasz_softmax(p2, y)", "B": "lovasz_softmax(p, y)", "A+A2": "lovasz_softmax(p2, y)"},
        _LOVASZ_SOFTMAX,
    ),
    "boundary_loss": Translated("Boundary", _on("boundary_loss(p, signed_distance(t))", "A", "B"), _BOUNDARY),
    "dice_ce_loss": Translated(
        "Dice plus cross entropy",
        {"A": "dice_loss(p, t) + F.binary_cross_entropy(p, t)", "B": "dice_ce_loss(z, y)"},
        _DICE_CE,
    ),
    "topk_cross_entropy": Translated("Top-k cross entropy", _on("topk_cross_entropy(z, y)", "B"), _TOPK),
}

BESIDE: dict[str, Translated] = {
    "weights": Translated("Class weights", _on(_WEIGHED.format("mean()"), "B"), _WEIGHTS),
    "ignored": Translated("Ignored pixels", _on(_OURS_IGNORED, "B with 255"), _IGNORED),
    "absent": Translated(
        "A class that is not there", _on("dice_loss(p, t, smooth=0)", "B without 2"), _ABSENT
    ),
    "absent_lovasz": Translated(
        "The same under Lovász-softmax", _on("lovasz_softmax(p, y)", "B without 2"), _ABSENT_LOVASZ
    ),
    "empty": Translated("No object", _on("dice_loss(p, t)", "no object", "no object, all painted"), _EMPTY),
    "sums": Translated("The sum", _on('focal_loss(z, t, reduction="sum")', "A+A"), _FOCAL_SUMS),
}

_ALL, _NONE, _NO_BOOL = ("", "", ""), 3 * ("RuntimeError",), ("", "", "RuntimeError")
MASKS: tuple[MaskTaker, ...] = (
    MaskTaker("ours", "dice_loss(p, m)", _ALL),
    MaskTaker("ours", "focal_loss(z, m)", _ALL),
    MaskTaker("torch", "F.binary_cross_entropy_with_logits(z, m)", _NONE),
    MaskTaker("MONAI", "DiceLoss()(p, m)", _ALL),
    MaskTaker("MONAI", "GeneralizedDiceLoss()(p, m)", _ALL),
    MaskTaker("MONAI", "TverskyLoss()(p, m)", _NO_BOOL),
    MaskTaker("MONAI", "DiceLoss(squared_pred=True)(p, m)", _NONE),
    MaskTaker("MONAI", "DiceLoss(soft_label=True)(p, m)", _NONE),
    MaskTaker("SMP", 'DiceLoss("binary")(z, m)', _ALL),
    MaskTaker("SMP", 'FocalLoss("binary")(z, m)', _ALL),
    MaskTaker("SMP", 'LovaszLoss("binary")(z, m)', _NO_BOOL),
    MaskTaker("kornia", "lovasz_hinge_loss(z, m[:, 0])", _ALL),
    MaskTaker("kornia", "binary_focal_loss_with_logits(z, m)", _NO_BOOL),
    MaskTaker("keras", "Dice()(m, p)", _ALL),
    MaskTaker("torchvision", "sigmoid_focal_loss(z, m)", _NONE),
)
