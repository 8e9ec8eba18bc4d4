"""Jaccard loss: its facts and its exercises."""

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
from lossviz.losses.references import jaccard_loss

LOSS = Loss(
    name="jaccard_loss",
    title="Jaccard loss",
    aliases=("soft IoU loss", "IoU loss of masks", "Jaccard distance"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="One minus the overlap of prediction and object, divided by the area of their union.",
    formula=r"\ell(p, t) = 1 - \frac{\sum_i p_i t_i + s}{\sum_i (p_i + t_i - p_i t_i) + s}",
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
            "batch",
            False,
            "whether overlap and union are summed over the images first: one loss a class",
            domain=SWITCH,
        ),
    ),
    values=(Bounds(0.0, 1.0),),
    gradients=(Bounds(-1.0, 1.0, over=("smooth",)),),
    gradient_far="without overlap −1/(A + T) for each pixel of the object, and with a small smooth hardly "
    "any for the background",
    gradient_at_target="−1/T for each pixel of the object and +1/T for the background: a corner",
    fades=False,
    statistic=None,
    elicits="a mask and no probabilities: some best answer has every pixel at 0 or 1",
    robust_to="background at a probability of exactly 0: a little in each pixel adds up in the union",
    use_when="the result is judged by IoU, image by image, at the threshold 0.5",
    avoid_when="calibrated probabilities or volumes are wanted, or many images have no object",
    symptoms=(
        Symptom(
            Sign.DIFFERENT,
            "the loss says 0.50, and the metric says IoU 0.60",
            "the metric thresholds first, the loss takes the probabilities as they are",
            "1 - jaccard_loss((p > 0.5).float(), t > 0.5)  # the IoU, for the log beside the loss",
            "The loss is not one minus the IoU",
        ),
        Symptom(
            Sign.DIFFERENT,
            "a mean IoU of hard masks is not that of the benchmark, or changes with the batch",
            "one divides for each image, the other sums over all images of the data set first",
            "jaccard_loss(p, t), jaccard_loss(p, t, batch=True)  # which of the two is it?",
            "Each image, or the whole data set",
            said=("mIoU differs", "mean IoU per image"),
        ),
        Symptom(
            Sign.DIFFERENT,
            "IoU computed from a mean Dice score is below the mean IoU that was measured",
            "J = D / (2 − D) holds for one image and class, and not for means",
            "iou = dice / (2 - dice)  # of each image and class, and then iou.mean()",
            "Means of Dice cannot be converted",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is above 1 or below 0",
            "the input holds logits or the mask 0 and 255 (both may also stay inside, above all early in a "
            "training), or a formula has 2I over the union",
            "print(p.min(), p.max(), t.unique())  # logits: z.sigmoid(); only 0 and 255: t > 127",
            "Logits or probabilities",
            said=("negative jaccard", "negative iou loss", "iou above 1"),
        ),
        Symptom(
            Sign.STUCK,
            "the masks get better, and the loss stays at 0.71 for an object of 25 %, 0.99 for one of 1 %",
            "a second sigmoid turns 0, 1 into 0.5, 0.73 (a softmax of two: 0.27, 0.73 and loss 0.60, 0.97)",
            "jaccard_loss(p, t)  # p = z.sigmoid(), taken once",
            "Logits or probabilities",
            numbers=(
                Number(
                    0.7075766, "the Jaccard loss of a perfect mask of 4 of 16 pixels behind a second sigmoid"
                ),
                Number(
                    0.5953895,
                    "the Jaccard loss of a perfect mask of 4 of 16 pixels behind a second softmax of two",
                ),
            ),
        ),
        Symptom(
            Sign.SILENT,
            "after a change from Dice to Jaccard the loss is higher, and under SGD training is slow at first",
            "per image and class it is 2L/(1 + L) of a Dice loss L, and its gradient about half as long "
            "while the masks are bad",
            "torch.optim.SGD(model.parameters(), lr=2 * lr)  # and tune it: it was that of the Dice loss",
            "A learning rate of the Dice loss",
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays above the share of images without an object, and these fill with false pixels",
            "an empty image costs about 1 once its probabilities add up to far more than smooth, and has "
            "hardly a gradient",
            "jaccard_loss(z.sigmoid(), t, batch=True)  # if each batch has an object; or add cross entropy",
            "Images without an object",
        ),
        Symptom(
            Sign.USELESS,
            "with soft labels the loss falls, and every prediction goes to 0 or 1",
            "the plain form is lowest at a hard mask whatever the share in the label",
            "metric_loss(p, t)  # the five lines of that section, with a smooth for empty images",
            "Soft labels want another form",
        ),
    ),
    sources=(
        Source(
            "Rahman and Wang",
            2016,
            "Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation",
            "https://doi.org/10.1007/978-3-319-50835-1_22",
        ),
        Source(
            "Eelbode et al.",
            2020,
            "Optimization for Medical Image Segmentation: Theory and Practice",
            "https://arxiv.org/abs/2010.13499",
        ),
        Source(
            "Wang et al.",
            2023,
            "Jaccard Metric Losses: Optimizing the Jaccard Index with Soft Labels",
            "https://arxiv.org/abs/2302.05666",
        ),
    ),
)


def _mask(seed, *shape):
    return labels(seed, 2, *shape).astype(np.float64)


def _image(*rows):
    return array(*rows)[None, None]


def _of_dice(dice_losses):
    return (2 * dice_losses / (1 + dice_losses)).mean()


EXERCISES = {
    "by_hand": Exercise(
        "the Jaccard loss as a number",
        lambda: jaccard_loss(
            torch.tensor([[[0.9, 0.6, 0.3, 0.2]]]), torch.tensor([[[1.0, 1, 0, 0]]]), smooth=0
        ),
        [{}],
        hints=(
            "You need the overlap, and the two sizes.",
            "The union is the sum of the sizes without the overlap, which that sum counts twice.",
            "The overlap goes above the line, the union below it, and the loss is 1 minus that.",
        ),
    ),
    "of_dice": Exercise(
        "jaccard_of_dice(dice_losses)",
        _of_dice,
        [
            {"dice_losses": array(0.4, 0.4)},
            {"dice_losses": array(0.0, 1.0)},
            {"dice_losses": array([0.8, 0.05], [0.1, 0.3])},
            {"dice_losses": share(0, 4, 3)},
        ],
        hints=(
            "For one image and class J = D / (2 - D). What are D and J in terms of the two losses?",
            "With D = 1 - L the Jaccard loss is 1 - (1 - L) / (1 + L).",
            "That is 2L / (1 + L). Which comes first, the conversion or the mean?",
        ),
    ),
    "find_the_bug": Exercise(
        "iou_loss(input, target)",
        lambda input, target: jaccard_loss(input, target),
        [
            {"input": _image([1, 1], [0, 0]), "target": _image([1, 1], [0, 0])},
            {"input": _image([0.9, 0.6], [0.3, 0.2]), "target": _image([1, 1], [0, 0])},
            {"input": _image([0, 0], [0, 0]), "target": _image([0, 0], [0, 0])},
            {"input": share(0, 2, 2, 4, 4), "target": _mask(1, 2, 2, 4, 4)},
        ],
        hints=(
            "Try a perfect mask. What should its IoU be, and what is it here?",
            "The fraction was made from the Dice loss. What has to change above the line, when the overlap "
            "is taken out below it?",
            "The 2 belongs to the Dice loss alone, whose denominator holds the overlap twice.",
        ),
    ),
}
