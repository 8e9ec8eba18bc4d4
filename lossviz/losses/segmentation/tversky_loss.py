"""Tversky loss: its facts and its exercises."""

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, share
from lossviz.losses.loss import (
    NOT_NEGATIVE,
    SWITCH,
    UNIT,
    Argument,
    Bounds,
    Dtype,
    Form,
    Kind,
    Loss,
    Number,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)
from lossviz.losses.references import tversky_loss

LOSS = Loss(
    name="tversky_loss",
    title="Tversky loss",
    aliases=("soft Tversky loss", "F-beta loss", "asymmetric Dice loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="One minus the overlap over itself and both errors, each with its weight.",
    formula=r"\ell(p, t) = 1 - \frac{\sum_i p_i t_i + s}"
    r"{\sum_i p_i t_i + \alpha \sum_i p_i (1 - t_i) + \beta \sum_i (1 - p_i) t_i + s}",
    arguments=(
        Argument(
            "input",
            "probabilities in [0, 1] (a sigmoid or softmax before), shape (N, C, d1, ...)",
            (Form(Kind.PROBABILITIES, Shape.CLASSES_OF_IMAGES, UNIT),),
            differentiable=True,
        ),
        Argument(
            "target",
            "masks of 0 and 1 (fractions too) in the shape of input, of any dtype",
            (Form(Kind.MASKS, Shape.SAME, UNIT, Dtype.REAL),),
        ),
    ),
    options=(
        Option(
            "alpha", 0.5, "the weight of false alarms: prediction outside the object", domain=NOT_NEGATIVE
        ),
        Option("beta", 0.5, "the weight of misses: object without prediction", domain=NOT_NEGATIVE),
        Option(
            "smooth",
            1e-5,
            "added above and below the line, so that an empty prediction of nothing costs 0",
            domain=NOT_NEGATIVE,
        ),
        Option(
            "batch",
            False,
            "whether overlap and errors are summed over the images first: one loss a class",
            domain=SWITCH,
        ),
    ),
    values=(Bounds(0.0, 1.0),),
    gradients=(
        Bounds(-0.5, 0.5, where={"alpha": 0.5, "beta": 0.5}, over=("smooth",)),
        Bounds(-1.0, 1.0, raised_by=("alpha", "beta"), over=("smooth",), reached=False),
    ),
    gradient_far="without overlap −1/(αA + βT) for each object pixel, and with a small smooth hardly any "
    "for the background",
    gradient_at_target="−β/T for each pixel of the object and +α/T for the background: a corner",
    fades=False,
    statistic=None,
    elicits="a mask of all pixels above a threshold where the sums run over all drawings (`batch=True`), "
    "lower the smaller α is, and no probabilities",
    robust_to="background that is predicted as exactly 0, however much there is: a little everywhere adds up",
    use_when="a miss and a false alarm do not cost the same, and the result is a mask",
    avoid_when="probabilities or volumes are wanted, or nobody can say what a miss costs",
    symptoms=(
        Symptom(
            Sign.DIFFERENT,
            "weights that should enlarge the masks shrink them, or two libraries give a scan 0.30 and 0.36",
            "in some code alpha weighs misses: try a mask that misses, and one that paints too much",
            "tversky_loss(p, t, alpha=0.3, beta=0.7)  # where alpha weighs misses: swap the two numbers",
            "Which error is alpha",
            numbers=(Number(0.3617021, "the scan of the chapter with the two weights swapped"),),
            said=("alpha and beta swapped", "which is alpha"),
        ),
        Symptom(
            Sign.USELESS,
            "little is missed, and the masks are far too large: recall is far above precision",
            "beta is far above alpha, so that a false alarm costs little",
            "tversky_loss(p, t, alpha=0.5, beta=0.5)  # from here raise beta in small steps",
            "The weights move the border",
            said=("over-segmentation", "masks too large"),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is above 1 or below 0",
            "the input holds logits, or the mask 0 and 255 (which may also stay inside): print both first",
            "print(p.min(), p.max(), t.unique())  # logits: z.sigmoid(); only 0 and 255: t > 127",
            "Rare cases",
        ),
        Symptom(
            Sign.DIFFERENT,
            "a search for alpha and beta takes the smallest of both, or one end of the range",
            "losses with other weights are other scales, and do not compare",
            "dice_loss((p > 0.5).float(), t)  # or another score with the same weights for each candidate",
            "Losses with other weights do not compare",
        ),
        Symptom(
            Sign.USELESS,
            "the loss is 0, and every pixel is painted, or none",
            "a weight is 0: without alpha a full mask is perfect, without beta an empty one",
            "tversky_loss(p, t, alpha=0.3, beta=0.7)  # both above 0",
            "A weight of zero",
        ),
        Symptom(
            Sign.DIFFERENT,
            "with both weights 0.5 and `smooth=1` the loss is another one than Dice with `smooth=1`",
            "the overlap is counted once here and twice in Dice, so the same number weighs twice as much",
            "tversky_loss(p, t, smooth=0.5)  # is dice_loss(p, t, smooth=1)",
            "Half the smooth is the Dice loss",
        ),
    ),
    sources=(
        Source(
            "Salehi, Erdogmus and Gholipour",
            2017,
            "Tversky Loss Function for Image Segmentation Using 3D Fully Convolutional Deep Networks",
            "https://arxiv.org/abs/1706.05721",
        ),
        Source(
            "Eelbode et al.",
            2020,
            "Optimization for Medical Image Segmentation: Theory and Practice",
            "https://arxiv.org/abs/2010.13499",
        ),
    ),
)


def _mask(seed, *shape):
    return labels(seed, 2, *shape).astype(np.float64)


def _row(*numbers):
    return array(*numbers)[None, None]


def _f_loss(input, target, b):
    return tversky_loss(input, target, 1 / (1 + b**2), b**2 / (1 + b**2), smooth=0)


_P, _T = _row(0.9, 0.7, 0.4, 0.2), _row(1, 1, 1, 0)

EXERCISES = {
    "by_hand": Exercise(
        "the Tversky loss as a number",
        lambda: tversky_loss(
            torch.tensor([[[0.9, 0.7, 0.4, 0.2]]]), torch.tensor([[[1.0, 1, 1, 0]]]), 0.25, 0.75, smooth=0
        ),
        [{}],
        hints=(
            "You need three sums: what mask and object share, what lies outside, and what is missed.",
            "A pixel of the object with 0.7 adds 0.7 to the overlap and 0.3 to the misses.",
            "The overlap goes above the line, and below it stand the overlap and both weighted errors.",
        ),
    ),
    "f_loss": Exercise(
        "f_loss(input, target, b)",
        _f_loss,
        [
            {"input": _P, "target": _T, "b": 2.0},
            {"input": _P, "target": _T, "b": 1.0},
            {"input": _P, "target": _T, "b": 0.5},
            {"input": share(0, 2, 3, 4, 4), "target": _mask(1, 2, 3, 4, 4), "b": 2.0},
            {"input": share(2, 3, 1, 5), "target": _mask(3, 3, 1, 5), "b": 3.0},
        ],
        hints=(
            "Which b makes the F-score the Dice score, and which weights has that?",
            "The weights add up to 1, and beta is b² times alpha.",
            "So alpha is 1/(1 + b²) and beta b²/(1 + b²), in the loss of the chapter with `smooth=0`.",
        ),
    ),
    "find_the_bug": Exercise(
        "copied_tversky(input, target, alpha, beta)",
        lambda input, target, alpha, beta: tversky_loss(input, target, alpha, beta),
        [
            {"input": _P, "target": _T, "alpha": 0.25, "beta": 0.75},
            {"input": share(0, 2, 1, 4, 4), "target": _mask(1, 2, 1, 4, 4), "alpha": 0.3, "beta": 0.7},
            {"input": share(2, 2, 2, 3, 3), "target": _mask(3, 2, 2, 3, 3), "alpha": 1.0, "beta": 0.2},
        ],
        hints=(
            "Try a prediction that misses a pixel and paints none too much. Which weight changes its loss?",
            "Look at each product: one of the two counts where the object is and the prediction is not.",
            "`(1 - input) * target` is what is missed, so it belongs to beta.",
        ),
    ),
}
