"""Boundary loss: its facts and its exercises."""

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, share
from lossviz.losses.loss import (
    UNIT,
    Argument,
    Bounds,
    Dtype,
    Form,
    Kind,
    Loss,
    Number,
    Shape,
    Sign,
    Source,
    Symptom,
)
from lossviz.losses.references import boundary_loss, signed_distance

LOSS = Loss(
    name="boundary_loss",
    title="Boundary loss",
    aliases=("surface loss", "signed distance loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="The mean of each probability times the signed distance of its pixel to the object.",
    formula=r"\ell(p, \varphi) = \frac1N \sum_i \varphi_i\, p_i, \qquad \varphi_i = "
    r"\begin{cases} d_i & \text{outside} \\ 1 - d_i & \text{in the object} \end{cases}",
    arguments=(
        Argument(
            "input",
            "probabilities in [0, 1] (a sigmoid or softmax before), shape (N, C, d1, ...)",
            (Form(Kind.PROBABILITIES, Shape.CLASSES_OF_IMAGES, UNIT),),
            differentiable=True,
        ),
        Argument(
            "distance",
            "signed distance maps of the targets in the shape of input, of any dtype",
            (Form(Kind.DISTANCE_MAPS, Shape.SAME, dtype=Dtype.REAL),),
        ),
    ),
    options=(),
    values=(Bounds(-np.inf, np.inf),),  # the distances grow with the image
    gradients=(Bounds(-np.inf, np.inf),),
    gradient_far="the distance of the pixel, over the number of pixels, whatever is predicted",
    gradient_at_target="the same: it does not depend on the prediction. 0 on the border of the object",
    fades=False,
    statistic=None,
    elicits="1 where the mean of the distances is below 0, 0 where it is above, any number at 0",
    robust_to="missed pixels on the border of the object, which cost nothing",
    use_when="it matters how far from the object false pixels are, beside a loss of the region, and objects "
    "are wider than a few pixels",
    avoid_when="objects are thin or small, above all as the only loss, or many images have no object",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the loss goes to 0, and all masks are empty",
            "the distances outside are larger than those inside, so that for a model that errs nothing is "
            "cheaper than a mask",
            "dice_loss(p, t) + 0.1 * boundary_loss_torch(p, phi)  # with dice_loss of its chapter; small",
            "Alone it answers nothing",
            said=("boundary loss empty prediction", "boundary loss predicts background"),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is negative",
            "a right mask costs the mean of the negative distances, below 0 unless the object is thin, or "
            "the mask empty or full",
            "boundary_loss_torch(p, phi) - boundary_loss_torch(t, phi)  # for the log: 0 at the target",
            "A negative loss is no fault",
            numbers=(Number(-0.04, "the right mask of a square of 4 × 4 in 10 × 10 pixels"),),
            said=("negative boundary loss",),
        ),
        Symptom(
            Sign.USELESS,
            "thin vessels and small lesions vanish, while the loss falls",
            "a pixel is below 0 only if none of its direct neighbours is background, so nothing holds an "
            "object of two pixels in width with background on both sides",
            "print((phi < 0).sum(), (t > 0.5).sum())  # few of many: the object is thin, use clDice or Dice",
            "A thin object has no depth",
            said=("small objects disappear",),
        ),
        Symptom(
            Sign.DIFFERENT,
            "a weight that was good for small images erases the masks of larger ones",
            "distances count pixels, so that the loss, and the sum of its gradients, grow with the side",
            "boundary_loss_torch(p, phi * (128 / max(phi.shape[2:])))  # tuned at a side of 128",
            "The weight depends on the resolution",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss falls below its minimum, and without end",
            "the input holds logits, in which the loss is linear and has no lower bound",
            "boundary_loss_torch(z.sigmoid(), phi)",
            "Logits fall without end",
        ),
        Symptom(
            Sign.SILENT,
            "false pixels stay in images without an object",
            "without an object there is no distance, and the map is 0 everywhere, as in a full image",
            "F.binary_cross_entropy_with_logits(z, t.to(z)) + 0.1 * boundary_loss_torch(z.sigmoid(), phi)",
            "An image without an object has no map",
        ),
        Symptom(
            Sign.DIFFERENT,
            "another program gives another loss of the same mask",
            "its map has −d inside and not 1 − d, or ±0.5 at the border",
            "print(phi[t > 0.5].sort().values[-1:])  # 0 here; −1 or −0.5 elsewhere",
            "Which pixels have the distance 0",
        ),
        Symptom(
            Sign.ERROR,
            "input and distance must have the same shape",
            "a map is missing its axis of images or classes, or was made of another crop",
            "phi = signed_distance(t)  # of the mask (N, C, H, W) that goes with p",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Kervadec et al.",
            2019,
            "Boundary loss for highly unbalanced segmentation",
            "https://arxiv.org/abs/1812.07032",
        ),
    ),
)


def _of_row(mask):
    return signed_distance(mask[None, None])[0, 0]


def _mask(seed, length):
    return labels(seed, 2, length).astype(np.float64)


EXERCISES = {
    "by_hand": Exercise(
        "the boundary loss as a number",
        lambda: boundary_loss(
            torch.tensor([[[0, 0, 0.8, 0.8, 0.8, 0, 0, 0.5]]], dtype=torch.float64),
            signed_distance(torch.tensor([[[0, 0, 1, 1, 1, 0, 0, 0]]], dtype=torch.float64)),
        ),
        [{}],
        hints=(
            "Write the eight distances down first. Which of them are 0?",
            "The two outer pixels of the object are its border. What is left is the middle one and the last "
            "pixel of the row.",
            "The middle one has the distance −1, the last pixel 3. The loss is a mean over all eight.",
        ),
    ),
    "distance_of_row": Exercise(
        "distance_of_row(mask)",
        _of_row,
        [
            {"mask": array(0, 0, 1, 1, 1, 0, 0)},
            {"mask": array(1, 0, 0, 0, 0, 1)},
            {"mask": array(1, 1, 1, 0)},
            {"mask": array(0, 0, 0)},
            {"mask": _mask(3, 12)},
        ],
        hints=(
            "For each pixel you need the distance to the nearest pixel of the other side.",
            "A matrix of the gaps between all places helps: the smallest gap to a pixel of the object, and "
            "to one of the rest.",
            "Outside it is the first, inside 1 minus the second. What if one of the sides is missing?",
        ),
    ),
    "find_the_bug": Exercise(
        "boundary_of_row(input, target)",
        lambda input, target: boundary_loss(input[None, None], _of_row(target)[None, None]),
        [
            {"input": array(0, 1, 1, 0, 1), "target": array(0, 1, 1, 0, 0)},
            {"input": array(0, 1, 1, 1, 0.5), "target": array(0, 1, 1, 1, 0)},
            {"input": share(0, 9), "target": array(0, 0, 1, 1, 1, 1, 1, 0, 0)},
        ],
        hints=(
            "The object of the first input is two pixels wide, and the function is right. What is new in the "
            "second?",
            "Print the map of an object that is three pixels wide. Which sign should its middle have?",
            "Inside, the map is to be negative, so that painting the middle lowers the loss.",
        ),
    ),
}
