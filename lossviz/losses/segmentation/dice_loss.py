"""Dice loss: its facts and its exercises."""

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, probabilities, share
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
from lossviz.losses.references import dice_loss

LOSS = Loss(
    name="dice_loss",
    title="Dice loss",
    aliases=("soft Dice loss", "F1 loss", "Sørensen-Dice loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="One minus twice the overlap of prediction and object, divided by the sum of their sizes.",
    formula=r"\ell(p, t) = 1 - \frac{2 \sum_i p_i t_i + s}{\sum_i p_i + \sum_i t_i + s}",
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
            "smooth",
            1e-5,
            "added above and below the line, so that an empty prediction of nothing costs 0",
            domain=NOT_NEGATIVE,
        ),
        Option(
            "squared_pred",
            False,
            "whether the sizes are sums of squares: the gradient fades at the target then",
            domain=SWITCH,
        ),
        Option(
            "batch",
            False,
            "whether overlap and sizes are summed over the images first: one loss a class",
            domain=SWITCH,
        ),
    ),
    values=(Bounds(0.0, 1.0),),
    gradients=(
        Bounds(-1.0, 1.0, where={"squared_pred": False}, over=("smooth",)),
        Bounds(-2.0, 2.0, where={"squared_pred": True}, over=("smooth",), reached=False),
    ),
    gradient_far="without overlap −2/(A + T) for each object pixel; with a small smooth hardly any outside",
    gradient_at_target="−1/(2T) for each pixel of the object and +1/(2T) for the background: a corner",
    fades=False,
    statistic=None,
    elicits="without squares a mask and no probabilities: some best answer has at most one pixel of an image "
    "between 0 and 1",
    robust_to="background at a probability of 0, however much: a little everywhere adds up",
    use_when="small objects are to be found, and the result is judged by its overlap",
    avoid_when="calibrated probabilities or volumes are wanted, or many images have no object",
    symptoms=(
        Symptom(
            Sign.NEGATIVE,
            "the loss is above 1 or below 0",
            "the input holds logits (which may also stay inside), or the mask holds 255 or integer labels",
            "print(p.min(), p.max(), t.unique())  # logits: z.sigmoid(); only 0 and 255: t > 127",
            "Logits or probabilities",
            said=("dice above 1", "dice greater than 1", "negative dice"),
        ),
        Symptom(
            Sign.USELESS,
            "the loss is near 0 or below it, and the masks of several classes are visibly wrong",
            "labels 0, 1, 2 stand in one channel as if they were a mask, so a pixel counts by its label",
            "dice_loss(z.softmax(1), F.one_hot(t[:, 0].long(), z.shape[1]).movedim(-1, 1))",
            "Logits or probabilities",
            said=("label map", "one-hot", "dice 1.0"),
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss falls from 0 towards −1, and the masks get better",
            "this library reports minus the Dice score, as nnU-Net does: its gradient is the same",
            "1 + loss  # the same number as the Dice loss",
            "Other libraries, other numbers",
        ),
        Symptom(
            Sign.STUCK,
            "the loss starts at 0.99 or above and stays there",
            "a small object starts there at equal probabilities; far below 0 logits have hardly any gradient",
            "dice_loss(z.sigmoid(), t) + F.binary_cross_entropy_with_logits(z, t.float())  # see z.max()",
            "A start near 1",
            said=("dice loss 0.99", "dice loss stuck at 1", "all background"),
        ),
        Symptom(
            Sign.NAN,
            "nan, with tensors in float16",
            "with an overlap of 32,760 pixels or more both sums are inf, and inf / inf is nan",
            "dice_loss(z.float().sigmoid(), t.float())  # smooth of 1e-5: 1e-8 is 0 in float16",
            "Sums in half precision overflow",
        ),
        Symptom(
            Sign.STUCK,
            "the masks get better, and the loss stays at 0.55 for an object of 25 %, 0.97 for one of 1 %",
            "a second sigmoid turns 0, 1 into 0.5, 0.73 (a softmax of two: 0.27, 0.73 and loss 0.42, 0.95)",
            "dice_loss(p, t)  # p = z.sigmoid(), taken once",
            "Logits or probabilities",
            numbers=(
                Number(
                    0.5474801, "the Dice loss of a perfect mask of 4 of 16 pixels behind a second sigmoid"
                ),
                Number(
                    0.4238827,
                    "the Dice loss of a perfect mask of 4 of 16 pixels behind a second softmax of two",
                ),
            ),
            said=("double sigmoid", "sigmoid twice"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "the loss says 0.33, and the metric says Dice 0.75",
            "the metric thresholds first, the loss takes the probabilities as they are",
            "1 - dice_loss((p > 0.5).float(), t > 0.5)  # the metric, for the log beside the loss",
            "The loss is not one minus the metric",
        ),
        Symptom(
            Sign.DIFFERENT,
            "two programs, or one and four GPUs, report another loss for the same predictions",
            "one sums over the images first, the other divides for each, if one image alone gives the same",
            "dice_loss(p, t), dice_loss(p, t, batch=True), dice_loss(p[:1], t[:1])  # which are equal?",
            "Per image or over the batch",
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays above the share of images without an object, and these fill with false pixels",
            "an empty image costs about 1, with hardly a gradient, once the sum of p is far above smooth",
            "dice_loss(z.sigmoid(), t, batch=True)  # an object in each batch; and choose the threshold",
            "Images without an object",
        ),
        Symptom(
            Sign.SILENT,
            "the loss is a plausible number, and nothing learns: every gradient is 0",
            "the prediction is rounded before the loss (with a threshold, torch raises an error)",
            "dice_loss(z.sigmoid(), t)  # neither round nor > 0.5 before it",
            "A threshold before the loss",
            messages=("element 0 of tensors does not require grad",),
        ),
        Symptom(
            Sign.USELESS,
            "large objects come out well, and objects of a few pixels stay missing",
            "with `smooth=1` a missed object of one pixel costs 0.5, so half of the reward for it is gone",
            "dice_loss(p, t, smooth=1e-5)",
            "A smooth of 1",
        ),
        Symptom(
            Sign.USELESS,
            "the Dice score of several classes is 0.98, and rare classes are missing",
            "overlap and sizes are summed over the classes too: with a softmax that is the mean probability "
            "of the truth",
            "dice_loss(p, t, reduction='none').mean(0)  # one loss a class",
            "Summed over the classes it is accuracy",
        ),
    ),
    sources=(
        Source(
            "Milletari, Navab and Ahmadi",
            2016,
            "V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation",
            "https://arxiv.org/abs/1606.04797",
        ),
        Source(
            "Drozdzal et al.",
            2016,
            "The Importance of Skip Connections in Biomedical Image Segmentation",
            "https://arxiv.org/abs/1608.04117",
        ),
        Source(
            "Bertels et al.",
            2019,
            "Theoretical Analysis and Experimental Validation of Volume Bias of Soft Dice",
            "https://arxiv.org/abs/1911.02278",
        ),
        Source(
            "Eelbode et al.",
            2020,
            "Optimization for Medical Image Segmentation: Theory and Practice",
            "https://arxiv.org/abs/2010.13499",
        ),
    ),
)


def _half_marked(input, target, keep):
    return dice_loss(input * keep, target * keep, smooth=0)


def _of_classes(input, target):
    return dice_loss(input, target)


def _mask(seed, *shape):
    return labels(seed, 2, *shape).astype(np.float64)


def _image(*rows):
    return array(*rows)[None, None]


def _classes(seed, classes, *shape):
    """Softmax probabilities (N, C, *) and one-hot masks of labels in which each class occurs."""
    p = np.moveaxis(probabilities(seed, *shape, classes), -1, 1)
    y = labels(seed, classes, *shape)
    y.reshape(len(y), -1)[:, :classes] = np.arange(classes)
    return {"input": p, "target": np.moveaxis(np.eye(classes)[y], -1, 1)}


EXERCISES = {
    "by_hand": Exercise(
        "the Dice loss as a number",
        lambda: dice_loss(torch.tensor([[[0.9, 0.6, 0.3, 0.2]]]), torch.tensor([[[1.0, 1, 0, 0]]]), smooth=0),
        [{}],
        hints=(
            "You need three sums: of the products, of the probabilities, and of the mask.",
            "The overlap counts the pixels of the object alone, the predicted size counts all of them.",
            "Twice the overlap goes above the line, the sum of the two sizes below it, and the loss is 1 "
            "minus that.",
        ),
    ),
    "half_marked": Exercise(
        "half_marked(input, target, keep)",
        _half_marked,
        [
            {
                "input": _image([0.9, 0.6], [0.3, 0.2]),
                "target": _image([1, 0], [0, 0]),
                "keep": _image([1, 1], [1, 1]),
            },
            {
                "input": _image([0.9, 0.6], [0.3, 0.2]),
                "target": _image([1, 0], [0, 0]),
                "keep": _image([1, 0], [1, 1]),
            },
            {
                "input": _image([0.9, 0.6], [0.3, 0.2]),
                "target": _image([1, 1], [0, 0]),
                "keep": _image([1, 0], [1, 1]),
            },
            {
                "input": share(0, 2, 1, 4, 4),
                "target": _mask(1, 2, 1, 4, 4),
                "keep": _mask(2, 2, 1, 4, 4),
            },
            {
                "input": share(3, 2, 3, 3, 5),
                "target": _mask(4, 2, 3, 3, 5),
                "keep": np.broadcast_to(_mask(5, 2, 1, 3, 5), (2, 3, 3, 5)).copy(),
            },
        ],
        hints=(
            "A pixel that nobody marked must be in none of the three sums. In which of them is it now?",
            "A pixel that is 0 in prediction and mask changes neither the overlap nor a size.",
            "Multiply both by `keep`, and leave the rest to the loss of the chapter with `smooth=0`.",
        ),
    ),
    "find_the_bug": Exercise(
        "smoothed_dice(input, target)",
        lambda input, target: dice_loss(input, target),
        [
            {"input": _image([0.9, 0.6], [0.3, 0.2]), "target": _image([1, 1], [0, 0])},
            {"input": _image([0, 0], [0, 0]), "target": _image([0, 0], [0, 0])},
            {"input": share(0, 2, 1, 4, 4), "target": _mask(1, 2, 1, 4, 4)},
            {
                "input": np.concatenate([share(2, 1, 2, 3, 3), np.zeros((1, 2, 3, 3))]),
                "target": np.concatenate([_mask(3, 1, 2, 3, 3), np.zeros((1, 2, 3, 3))]),
            },
        ],
        hints=(
            "Try an image without an object, for which nothing is predicted. What should the Dice score be?",
            "There the fraction is made of `smooth` alone. How often does it stand above the line, and how "
            "often below?",
            "The 2 belongs to the overlap and not to `smooth`.",
        ),
    ),
    "of_classes": Exercise(
        "dice_of_classes(input, target)",
        _of_classes,
        [
            {
                "input": array([0.9, 0.9, 0.9, 0.9], [0.1, 0.1, 0.1, 0.1])[None],
                "target": array([1, 1, 1, 0], [0, 0, 0, 1])[None],
            },
            _classes(0, 2, 1, 3, 3),
            _classes(1, 3, 2, 4, 4),
            _classes(2, 4, 2, 3, 5),
        ],
        hints=(
            "The first input has four pixels, and all say 90 % background. What does the second class make "
            "of that?",
            "A class that fills the image and one of a single pixel should count the same. In which order "
            "must sums and fraction be taken?",
            "Sum over the axes of the pixels alone, from the third on. The fraction comes next, and the mean "
            "last.",
        ),
    ),
}
