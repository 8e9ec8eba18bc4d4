"""Generalized Dice loss: its facts and its exercises."""

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, probabilities
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
from lossviz.losses.references import generalized_dice_loss

LOSS = Loss(
    name="generalized_dice_loss",
    title="Generalized Dice loss",
    aliases=("GDL", "GDice loss", "generalised Dice loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="One Dice fraction for all classes; a smaller class has a larger weight.",
    formula=r"\ell(p, t) = 1 - \frac{2 \sum_c w_c \sum_i p_{ic} t_{ic} + s}"
    r"{\sum_c w_c \sum_i (p_{ic} + t_{ic}) + s}, \quad w_c = \frac{1}{(\sum_i t_{ic})^2}",
    arguments=(
        Argument(
            "input",
            "probabilities in [0, 1] (a softmax before), shape (N, C, d1, ...), background as a class",
            (Form(Kind.PROBABILITIES, Shape.CLASSES_OF_IMAGES, UNIT),),
            differentiable=True,
        ),
        Argument(
            "target",
            "masks of 0 and 1 (fractions too, whose gradient may pass the bound) in the shape of input, "
            "of any dtype",
            (Form(Kind.MASKS, Shape.SAME, UNIT, Dtype.REAL),),
        ),
    ),
    options=(
        Option(
            "w_type",
            "square",
            "the weight of a class with T pixels in the image: 1/T², 1/T (simple) or 1 (uniform)",
            domain=Domain(values=("square", "simple", "uniform")),
        ),
        Option(
            "smooth",
            1e-5,
            "added above and below the line; with 1/T² it is small only while T is far below 2/smooth",
            domain=NOT_NEGATIVE,
        ),
    ),
    values=(Bounds(0.0, 1.0),),
    gradients=(
        # A missed object of one pixel. Without an object all weights are 0, but for those of "uniform". With
        # fractions that add up to less than 1 a weight is above 1, and a slope may be larger.
        Bounds(-2.0, 2.0, where={"w_type": "square"}),
        Bounds(-2.0, 2.0, where={"w_type": "simple"}, reached=False),
        Bounds(-1.0, 1.0, where={"w_type": "uniform"}, over=("smooth",), reached=False),
    ),
    gradient_far="without overlap −2w/Σw(A + T) for each object pixel of a class; with a small smooth "
    "hardly any outside",
    gradient_at_target="−w/(2ΣwT) for each object pixel of a class and +w/(2ΣwT) outside: a corner",
    fades=False,
    statistic=None,
    elicits="a mask and no probabilities: in one image some best answer is 0 or 1 at every pixel",
    robust_to="background where all other classes are predicted as exactly 0, however much there is of it, "
    "but under `uniform`, where it brings the loss near 0",
    use_when="classes differ much in size, each image has all of them, and cross entropy stands beside it",
    avoid_when="classes are often absent, a class has few pixels and poor labels, or there is one channel",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss stays at 1.000 from the first step, and hardly a weight moves",
            "the code has 1/(T + eps)²: an absent class gets a weight of 1e10 or 1e20, and all else is lost",
            "generalized_dice_loss(z.softmax(1), t)  # that class gets the largest finite weight",
            "An absent class with a huge weight",
            said=("generalized dice always 1", "generalized dice never decreases", "infinite class weight"),
        ),
        Symptom(
            Sign.USELESS,
            "the rarest class is found, and a larger one disappears",
            "the rarest class, if its size is about right, has the largest weight, so others are given up",
            "generalized_dice_loss(z.softmax(1), t) + F.cross_entropy(z, t.to(z))",
            "The rarest class takes over",
            said=("generalized dice unstable", "organ disappears"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "in volumes a bad mask has a low loss: with one class of T voxels an empty one costs "
            "1/(1 + smooth T), as 0.17",
            "`smooth` is larger than the weighted sums, which are near 2/T of the smallest class",
            "generalized_dice_loss(p, t, smooth=1e-12)",
            "Smooth is not small",
            numbers=(Number(1 / 6, "an empty mask of one class with 500,000 voxels"),),
        ),
        Symptom(
            Sign.SILENT,
            "scans without an object cost exactly 0, whatever is predicted",
            "`square` and `simple` have no weight then, with one channel or without the background of two",
            "generalized_dice_loss(*(torch.cat([1 - x, x], 1) for x in (p, t.float())))  # of 0 and 1",
            "One channel has no weights",
            said=("include_background", "loss 0 on empty"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "`square`, `simple` and `uniform` give the same loss on each scan with an object",
            "with one channel, or classes of the same size, the weights cancel, up to `smooth`",
            "generalized_dice_loss(*(torch.cat([1 - x, x], 1) for x in (p, t.float())))  # of one channel",
            "One channel has no weights",
        ),
        Symptom(
            Sign.DIFFERENT,
            "another library has another number for the same masks, such as 0.64 for 0.59",
            "its loss of the same name weighs whole Dice losses, and not the sums inside one fraction",
            "generalized_dice_loss(p, t, reduction='none')  # compare image by image",
            "Other libraries, other numbers",
            numbers=(Number(0.6418422, "three classes of the chapter in optax, without smooth"),),
        ),
    ),
    sources=(
        Source(
            "Sudre et al.",
            2017,
            "Generalised Dice Overlap as a Deep Learning Loss Function for Highly Unbalanced Segmentations",
            "https://arxiv.org/abs/1707.03237",
        ),
        Source(
            "Ma et al.",
            2021,
            "Loss odyssey in medical image segmentation",
            "https://doi.org/10.1016/j.media.2021.102035",
        ),
    ),
)


def _of_labels(y, classes):
    return np.moveaxis(np.eye(classes)[y], -1, 1)


def _scans(seed, classes, *shape, absent=None):
    """Softmax probabilities (N, C, *) and masks of labels in which each class but `absent` occurs."""
    p = np.moveaxis(probabilities(seed, *shape, classes), -1, 1)
    y = labels(seed, classes, *shape)
    y.reshape(len(y), -1)[:, :classes] = np.arange(classes)
    if absent is not None:
        y[y == absent] = 0
    return {"input": p, "target": _of_labels(y, classes)}


ROW = {
    "input": array([0.9, 0.9, 0.8, 0.4], [0.1, 0.1, 0.2, 0.6])[None],
    "target": array([1, 1, 1, 0], [0, 0, 0, 1])[None],
}


def _class_shares(input, target):
    sizes, wanted = (x.flatten(2).sum(2) for x in (input + target, target))
    shares = sizes / wanted**2
    return shares / shares.sum(1, keepdim=True)


EXERCISES = {
    "by_hand": Exercise(
        "the generalized Dice loss as a number",
        lambda: generalized_dice_loss(*map(torch.tensor, ROW.values()), smooth=0),
        [{}],
        hints=(
            "Each class needs its overlap and the sum of its two sizes. What are its weights?",
            "The weights are 1/9 and 1, the overlaps 2.6 and 0.6, the sums of the sizes 6 and 2.",
            "Above the line stands twice 2.6/9 + 0.6, below it 6/9 + 2.",
        ),
    ),
    "class_shares": Exercise(
        "class_shares(input, target)",
        _class_shares,
        [
            ROW,
            _scans(0, 2, 1, 3, 3),
            _scans(1, 3, 2, 4, 4),
            _scans(2, 4, 2, 3, 5),
        ],
        hints=(
            "The loss is a mean of the Dice losses of the classes. What stands in front of each of them?",
            "It is w times the sum of the two sizes, over the sum of these numbers.",
            "Sum over the axes of the pixels, from the third on: `(input + target)` and `target` give sizes "
            "of shape (N, C).",
        ),
    ),
    "find_the_bug": Exercise(
        "patch_dice(input, target)",
        lambda input, target: generalized_dice_loss(input, target),
        [
            ROW,
            {"input": ROW["input"], "target": array([1, 1, 1, 1], [0, 0, 0, 0])[None]},
            _scans(3, 3, 2, 4, 4),
            _scans(4, 3, 2, 4, 4, absent=2),
        ],
        hints=(
            "Print the weights of an image without one of the classes. Which class is the loss about?",
            "A weight of 1e20 stands above and below the line, but above it meets an overlap of 0.",
            "Give an absent class the largest weight of the classes that the image has.",
        ),
    ),
}
