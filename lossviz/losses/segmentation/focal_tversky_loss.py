"""Focal Tversky loss: its facts and its exercises."""

from math import inf

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, share
from lossviz.losses.loss import (
    NOT_NEGATIVE,
    UNIT,
    Argument,
    Bounds,
    Domain,
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
from lossviz.losses.references import focal_tversky_loss

LOSS = Loss(
    name="focal_tversky_loss",
    title="Focal Tversky loss",
    aliases=("FTL", "focal Dice loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="The Tversky loss of each image and class, raised to a power, then the mean.",
    formula=r"\ell(p, t) = \left(1 - \frac{\sum_i p_i t_i + s}"
    r"{\sum_i p_i t_i + \alpha \sum_i p_i (1 - t_i) + \beta \sum_i (1 - p_i) t_i + s}\right)^{\gamma}",
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
            "alpha", 0.3, "the weight of false alarms: prediction outside the object", domain=NOT_NEGATIVE
        ),
        Option("beta", 0.7, "the weight of misses: object without prediction", domain=NOT_NEGATIVE),
        Option(
            "gamma",
            0.75,
            "the exponent itself: above 1 it favours the images with a high loss, below 1 the others",
            domain=Domain(low=0, open=True),
        ),
        Option(
            "smooth",
            1e-5,
            "added above and below the line, so that an empty prediction of nothing costs 0",
            domain=NOT_NEGATIVE,
        ),
    ),
    values=(Bounds(0.0, 1.0),),
    gradients=(
        # The factor is at most gamma, and what it multiplies is bounded as for the Tversky loss.
        Bounds(
            -1.0,
            1.0,
            least={"gamma": 1.0},
            raised_by=("alpha", "beta", "gamma"),
            over=("smooth",),
            reached=False,
        ),
        Bounds(-inf, inf),
    ),
    gradient_far="without overlap γ times that of the Tversky loss, −γ/(αA + βT) for each object pixel",
    gradient_at_target="not finite for γ < 1, −β/T and +α/T for γ = 1, and 0 for γ > 1",
    fades=False,
    statistic=None,
    elicits="up to gamma 1 a mask if alpha + beta >= 1, but for at most one pixel of an image, above it a "
    "compromise of drawings, no probabilities",
    robust_to="background that is predicted as exactly 0, however much there is of it",
    use_when="some images or classes lag behind the others, and gamma is above 1",
    avoid_when="some masks may be wrong, or the power is taken of a mean: then gamma is a step size",
    symptoms=(
        Symptom(
            Sign.NAN,
            "the loss or the weights become nan when the masks are nearly right, or on an empty scan",
            "gamma is below 1, and the loss of one image is 0 in its precision: the slope is infinite there",
            "(each.masked_fill(each.abs() < 1e-6, 1e-6) ** 0.75).mean()  # each: Tversky, (N, C)",
            "A nan when a scan is solved",
            said=("focal tversky nan", "nan gradient in pow"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "two programs report 0.41 and 0.20 for the same mask, with gamma 4/3 in both",
            "one takes the power 1/gamma, as equation 4 of the paper, and the other gamma: look for the `**`",
            "focal_tversky_loss(p, t, gamma=1 / g)  # g: the gamma of code with ** (1 / gamma)",
            "Gamma or one over gamma",
            numbers=(
                Number(0.4077145, "the scan of the chapter with the exponent 0.75"),
                Number(0.2029083, "the same with the exponent 4/3"),
            ),
            said=("gamma or 1/gamma",),
        ),
        Symptom(
            Sign.USELESS,
            "against the Tversky loss good scans gain and bad ones lose, although the loss is called focal",
            "the exponent is below 1, as by default: it favours a low loss. Are the bad scans' masks right?",
            "(each ** 2).mean()  # each: the Tversky losses of several images, (N, C)",
            "The exponent chooses the image",
        ),
        Symptom(
            Sign.DIFFERENT,
            "several images or classes have another loss in a second library, such as 0.47 for 0.46",
            "one raises the mean to the power (higher for gamma below 1), so that none is chosen: print each",
            "(each.masked_fill(each.abs() < 1e-6, 1e-6) ** 0.75).mean()  # each: Tversky, (N, C)",
            "The mean before the power",
            numbers=(Number(0.4698651, "three classes of the chapter, the power of their mean"),),
        ),
        Symptom(
            Sign.USELESS,
            "with gamma 2 or 3 the masks grow, and scans that were good get worse",
            "the gradient goes to the scans that fail, so to wrong masks too: look at the worst scans first",
            "each.mean(1).argsort(descending=True)  # each: the Tversky losses, (N, C)",
            "What the power buys",
        ),
    ),
    sources=(
        Source(
            "Abraham and Khan",
            2018,
            "A Novel Focal Tversky Loss Function with Improved Attention U-Net for Lesion Segmentation",
            "https://arxiv.org/abs/1810.07842",
        ),
        Source(
            "Salehi, Erdogmus and Gholipour",
            2017,
            "Tversky Loss Function for Image Segmentation Using 3D Fully Convolutional Deep Networks",
            "https://arxiv.org/abs/1706.05721",
        ),
    ),
)


def _mask(seed, *shape):
    return labels(seed, 2, *shape).astype(np.float64)


def _image_shares(losses, gamma):
    factors = gamma * losses ** (gamma - 1)
    return factors / factors.sum()


EXERCISES = {
    "by_hand": Exercise(
        "the focal Tversky loss as a number",
        lambda: focal_tversky_loss(
            torch.tensor([[[0.9, 0.8, 0.7, 0.4]]]), torch.tensor([[[1.0, 1, 1, 0]]]), 0.5, 1, 0.5, smooth=0
        ),
        [{}],
        hints=(
            "First the Tversky loss. Which three sums does it need?",
            "The overlap is 2.4, the misses add up to 0.6, and 0.4 is false.",
            "The weighted errors are 0.8, so their share is 0.8/3.2. The power 0.5 is a square root.",
        ),
    ),
    "image_shares": Exercise(
        "image_shares(losses, gamma)",
        _image_shares,
        [
            {"losses": array(0.1, 0.4, 0.8), "gamma": 2.0},
            {"losses": array(0.1, 0.4, 0.8), "gamma": 0.75},
            {"losses": array(0.2, 0.3), "gamma": 1.0},
            {"losses": share(0, 8), "gamma": 3.0},
        ],
        hints=(
            "By which number is the gradient of the Tversky loss multiplied in an image with the loss L?",
            "It is the derivative of L to the power of gamma: gamma is common to all, and cancels.",
            "`losses ** (gamma - 1)`, divided by its sum.",
        ),
    ),
    "find_the_bug": Exercise(
        "copied_focal_tversky(input, target, gamma)",
        lambda input, target, gamma: focal_tversky_loss(input, target, gamma=gamma),
        [
            {
                "input": array([0.9, 0.1], [0.2, 0.1])[:, None],
                "target": array([1, 0], [1, 0])[:, None],
                "gamma": 2.0,
            },
            {"input": share(0, 3, 1, 4, 4), "target": _mask(1, 3, 1, 4, 4), "gamma": 0.75},
            {"input": share(2, 2, 3, 3, 3), "target": _mask(3, 2, 3, 3, 3), "gamma": 1.5},
        ],
        hints=(
            "Try two images, a good and a bad one. Which of them does the power see?",
            "The power of a mean is another number than the mean of powers.",
            "Raise the loss of each image and class to the power, and take the mean at the end.",
        ),
    ),
}
