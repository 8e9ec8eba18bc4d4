"""Dice plus cross entropy: its facts and its exercises."""

from math import inf, log

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, random
from lossviz.losses.loss import (
    CLASS_INDICES,
    NOT_NEGATIVE,
    SWITCH,
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
from lossviz.losses.references import dice_ce_loss, dice_loss

LOSS = Loss(
    name="dice_ce_loss",
    title="Dice plus cross entropy",
    aliases=("Dice + CE", "DiceCE", "compound loss", "combo loss", "Dice and cross entropy"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="The Dice loss, a mean over classes, plus cross entropy, a mean over pixels.",
    formula=r"\ell(z, y) = \lambda_d\, \frac{1}{C} \sum_c (1 - D_c) "
    r"+ \lambda_{ce}\, \frac{1}{P} \sum_i -\ln p_{i, y_i}, \qquad p = \mathrm{softmax}(z)",
    arguments=(
        Argument(
            "input",
            "logits (no softmax before), shape (N, C, d1, ...)",
            (Form(Kind.LOGITS, Shape.CLASSES_OF_IMAGES),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..C-1, shape of input without the class axis",
            (Form(Kind.LABELS, Shape.WITHOUT_CLASSES, CLASS_INDICES, Dtype.INTEGER, checked=True),),
        ),
    ),
    options=(
        Option(
            "weight",
            None,
            "a factor for each class; cross entropy divides by it in its mean, the Dice part does not",
            shape=Shape.PER_CLASS,
        ),
        Option("include_background", True, "whether class 0 has a Dice loss", domain=SWITCH),
        Option("smooth", 1e-5, "added above and below the line of the Dice loss", domain=NOT_NEGATIVE),
        Option("lambda_dice", 1.0, "the factor of the Dice loss", domain=NOT_NEGATIVE),
        Option("lambda_ce", 1.0, "the factor of the cross entropy", domain=NOT_NEGATIVE),
    ),
    values=(Bounds(0.0, inf),),
    # At most 1 from the cross entropy, and p |∂L/∂p| <= 1 from the Dice loss of each image and class.
    gradients=(Bounds(-2.0, 2.0, raised_by=("weight", "lambda_dice", "lambda_ce"), reached=False),),
    gradient_far="that of cross entropy, −1/P for the label in a scan of P pixels, as that of Dice is 0",
    gradient_at_target="0: both fade",
    fades=True,
    statistic=None,
    elicits="a probability near a mask for small objects, and near the share of a class for large lambda_ce",
    robust_to="nothing in particular: as in cross entropy one sure wrong label costs without bound",
    use_when="masks are judged by overlap, and classes are small, or missing from many images",
    avoid_when="probabilities or volumes are the result: then take cross entropy, and choose a threshold",
    reductions=("mean", "sum"),
    symptoms=(
        Symptom(
            Sign.NEGATIVE,
            "the loss falls below 0, towards −1",
            "nnU-Net adds minus the Dice score in place of 1 minus it, which has the same gradient",
            "dice_ce_loss(z, y, include_background=False) - 1  # the same number, per image",
            "Minus one, and the same training",
            numbers=(Number(-1.0, "the least loss of nnU-Net"),),
            said=("nnu-net loss is negative",),
        ),
        Symptom(
            Sign.STUCK,
            "the masks of three classes are right, and by default the loss does not fall below 0.97",
            "the input holds probabilities, and both parts take a second softmax",
            "print(z.min(), z.max())  # within 0 and 1: hand over the logits, from before the softmax",
            "A softmax too many, or one too few",
            numbers=(Number(1.067387, "a perfect mask of 11, 4 and 1 pixels, given as probabilities"),),
        ),
        Symptom(
            Sign.USELESS,
            "the sum is no better than the Dice loss, and its cross entropy is 0",
            "a softmax over a single channel is 1 everywhere",
            "dice_loss(z.sigmoid(), t) + F.binary_cross_entropy_with_logits(z, t.to(z))  # t: (N, 1, H, W)",
            "One channel has no cross entropy",
            said=("cross entropy is 0 in dicece",),
        ),
        Symptom(
            Sign.USELESS,
            'with `reduction="sum"` small classes are missed as with cross entropy alone',
            "the sum over pixels is many times the sum over classes",
            "dice_ce_loss(z, y)  # the mean of both parts",
            "Summed, cross entropy takes over",
        ),
        Symptom(
            Sign.DIFFERENT,
            "weights of 2 for all classes change the loss",
            "cross entropy divides by the weights, and the Dice part does not",
            "dice_ce_loss(z, y, weight / weight.mean())  # weight[1:].mean() without the background",
            "Class weights count in both parts",
        ),
        Symptom(
            Sign.ERROR,
            "labels must be in 0..2, got 255",
            "255 stands for pixels that nobody labelled",
            "dice_ce_known(z, y, unknown=255)  # the function below that heading",
            "Pixels that nobody labelled",
        ),
        Symptom(
            Sign.DIFFERENT,
            "Dice plus focal is 0.472 in MONAI, and 0.403 with a softmax focal loss",
            "its `DiceFocalLoss(softmax=True)` takes the softmax for Dice, and a sigmoid for each class "
            "in the focal part",
            "dice_loss(p, t) + softmax_focal_loss(z, y)",
            "Dice plus focal: which of the focal losses",
        ),
        Symptom(
            Sign.NAN,
            "the loss of the worst 10 % of the pixels is nan",
            "with fewer than ten pixels 10 % are rounded down to none",
            "topk_cross_entropy(z, y, k=100)  # or more pixels at once",
            "The worst pixels: none, or one answer for all",
        ),
        Symptom(
            Sign.STUCK,
            "the loss of the worst pixels stays at ln C: 0.693 for two classes",
            "the worst pixels are of all classes, and equal logits are what they agree on",
            "dice_ce_loss(z, y)  # all pixels, and the overlap",
            "The worst pixels: none, or one answer for all",
            numbers=(Number(log, "ln {C}: equal logits in the worst pixels"),),
        ),
    ),
    sources=(
        Source(
            "Isensee et al.",
            2018,
            "nnU-Net: Self-adapting Framework for U-Net-Based Medical Image Segmentation",
            "https://arxiv.org/abs/1809.10486",
        ),
        Source(
            "Taghanaki et al.",
            2018,
            "Combo Loss: Handling Input and Output Imbalance in Multi-Organ Segmentation",
            "https://arxiv.org/abs/1805.02798",
        ),
        Source(
            "Ma et al.",
            2021,
            "Loss odyssey in medical image segmentation",
            "https://doi.org/10.1016/j.media.2021.102035",
        ),
        Source(
            "Wu, Shen and van den Hengel",
            2016,
            "Bridging Category-level and Instance-level Semantic Image Segmentation",
            "https://arxiv.org/abs/1605.06885",
        ),
    ),
)


def _where_labelled(input, target, keep):
    keep = keep.bool()
    masks = F.one_hot(target, input.shape[1]).movedim(-1, 1) * keep[:, None]
    entropy = F.cross_entropy(input, target, reduction="none")[keep].mean()
    return dice_loss(input.softmax(1) * keep[:, None], masks, 0) + entropy


def _of_one_channel(input, target):
    return dice_loss(input.sigmoid(), target, 0) + F.binary_cross_entropy_with_logits(input, target)


FOUR = np.log([[[0.1, 0.4, 0.7, 0.8], [0.9, 0.6, 0.3, 0.2]]])
LOGITS, LABELS = array([[0, 2], [1, 0]]), np.array([[1, 0]])

EXERCISES = {
    "by_hand": Exercise(
        "Dice plus cross entropy as a number",
        lambda: dice_ce_loss(torch.tensor(FOUR), torch.tensor([[1, 1, 0, 0]]), smooth=0),
        [{}],
        hints=(
            "Four pixels, two classes: which probability does each pixel give to its own class?",
            "The object has the overlap 0.9 + 0.6, and both sizes are 2. The background has the same sums.",
            "Each class has the Dice loss 1 − 3/4. Add the mean of the four negative logarithms.",
        ),
    ),
    "where_labelled": Exercise(
        "where_labelled(input, target, keep)",
        _where_labelled,
        [
            {"input": LOGITS, "target": LABELS, "keep": np.array([[1, 1]])},
            {"input": LOGITS, "target": LABELS, "keep": np.array([[1, 0]])},
            {"input": random(0, 2, 3, 4), "target": labels(1, 3, 2, 4), "keep": labels(6, 2, 2, 4)},
            {"input": random(3, 1, 3, 2, 3), "target": labels(4, 3, 1, 2, 3), "keep": labels(5, 2, 1, 2, 3)},
        ],
        hints=(
            "Which of the sums of the Dice loss does a pixel enter, if its probabilities and its one-hot row "
            "are all 0?",
            "Multiply both by `keep`, which has no axis of the classes yet.",
            "The cross entropy is a mean over the labelled pixels alone.",
        ),
    ),
    "find_the_bug": Exercise(
        "dice_and_entropy(input, target)",
        _of_one_channel,
        [
            {"input": array([[100, -100]]), "target": array([[1, 0]])},
            {"input": array([[2, 0, -1]]), "target": array([[1, 0, 0]])},
            {"input": random(0, 2, 1, 3, 2), "target": labels(1, 2, 2, 1, 3, 2).astype(float)},
        ],
        hints=(
            "Print the two parts. Which of them is the same for every input?",
            "A softmax over one channel divides a number by itself.",
            "With one channel the probability is σ(z), and the background has σ(−z).",
        ),
    ),
}
