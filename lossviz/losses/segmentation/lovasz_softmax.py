"""Lovász-softmax: its facts and its exercises."""

from math import e

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import labels, probabilities
from lossviz.losses.loss import (
    CLASS_INDICES,
    SWITCH,
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
from lossviz.losses.references import lovasz_softmax

LOSS = Loss(
    name="lovasz_softmax",
    title="Lovász-softmax",
    aliases=("multi-class Lovász loss", "Lovasz softmax", "mIoU loss"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="The errors |t − p| of each class, weighted by what a pixel adds to 1 − IoU.",
    formula=r"\ell(p, y) = \frac{1}{|K|} \sum_{c \in K} \sum_{k} e_k^c\, (J_c(k) - J_c(k - 1)), \quad "
    r"e_1^c \ge e_2^c \ge \dots, \quad J_c(k) = 1 - \frac{T_c - a_k^c}{T_c + b_k^c}",
    arguments=(
        Argument(
            "input",
            "probabilities in [0, 1] (a softmax before), shape (N, C, d1, ...)",
            (Form(Kind.PROBABILITIES, Shape.CLASSES_OF_IMAGES, UNIT),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..C-1 of the pixels, shape (N, d1, ...)",
            (Form(Kind.LABELS, Shape.WITHOUT_CLASSES, CLASS_INDICES, Dtype.INTEGER, checked=True),),
        ),
    ),
    options=(
        Option(
            "classes",
            "present",
            "which classes the mean is taken of: those that the labels have, or all",
            domain=Domain(values=("present", "all")),
        ),
        Option(
            "per_image",
            False,
            "whether each image has an order and a loss of its own; False sorts all pixels together",
            domain=SWITCH,
        ),
    ),
    values=(Bounds(0.0, 1.0),),
    gradients=(Bounds(-1.0, 1.0),),  # the weights of a class add up to 1; one pixel of one class has them all
    gradient_far="∓ the weight of the pixel in the order of each class, divided by the number of classes; in "
    "logits it fades where the softmax is sure",
    gradient_at_target="0 at the target itself, jumping to the weights beside it",
    fades=True,
    statistic=None,
    elicits="as one answer for all pixels: any without a probability above one half, if each class has a "
    "pixel; all of these cost 1 − 1/C",
    robust_to="false alarms of a class that are smaller than the errors of all its own pixels",
    use_when="the result is judged by the mean IoU over classes, beside cross entropy or after it",
    avoid_when="probabilities are the result, or most mistakes are sure: their gradient has faded",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the loss falls, and a rare class is never predicted",
            "classes that no pixel of an image has are counted, and each pushes its likeliest pixel down",
            "lovasz_softmax_torch(z.softmax(1), y)  # present classes alone, one order for the batch",
            "A class that no pixel has",
            said=("lovasz softmax low miou", "lovasz rare class"),
        ),
        Symptom(
            Sign.HUGE,
            "the loss is above 1, 5 or 10 for example",
            "the input holds logits, and an error is as large as a logit then",
            "lovasz_softmax_torch(z.softmax(1), y)",
            "Logits in place of probabilities",
            said=("lovasz loss above 1", "lovasz softmax logits"),
        ),
        Symptom(
            Sign.STUCK,
            "the masks of three classes get better, and by default the loss stays above 0.42",
            "a softmax is taken twice, so that the largest of three probabilities is 0.58 at best",
            "lovasz_softmax_torch(p, y)  # p = z.softmax(1), taken once",
            "Logits in place of probabilities",
            numbers=(Number(lambda C: (C - 1) / (e + C - 1), "{C} classes, a perfect mask, softmax twice"),),
        ),
        Symptom(
            Sign.STUCK,
            "the loss starts at 1 − 1/C, and stays there",
            "even predictions cost this, if each class has a pixel and no probability is above 1/2",
            "F.cross_entropy(z, y) + lovasz_softmax_torch(z.softmax(1), y)",
            "An even start gives no direction among present classes",
            numbers=(Number(lambda C: 1 - 1 / C, "1 − 1/{C}: {C} classes in the batch, an even prediction"),),
            said=("lovasz softmax does not go down", "lovasz loss stuck at 0.5"),
        ),
        Symptom(
            Sign.SILENT,
            "pixels that are wrong and sure stay so, with a gradient of 1e-6 or less",
            "the softmax multiplies the gradient by the probability of the truth, which is about 0 there",
            "F.cross_entropy(z, y) + lovasz_softmax_torch(z.softmax(1), y)",
            "A sure mistake has almost no gradient",
        ),
        Symptom(
            Sign.DIFFERENT,
            "the same predictions have another loss with another batch size, or on two GPUs",
            "all pixels of the batch share one order, so the loss of two halves is not that of the whole",
            "lovasz_softmax_torch(z.softmax(1), y, per_image=True)  # each image by itself",
            "One order for the batch, or one for each image",
            said=("lovasz batch size",),
        ),
        Symptom(
            Sign.DIFFERENT,
            "kornia and SMP report another loss for the same image",
            "kornia counts all classes, and SMP those alone that the labels have",
            'lovasz_softmax_torch(z.softmax(1), y, classes="all", per_image=True)  # as kornia does',
            "Other libraries, other numbers",
        ),
        Symptom(
            Sign.ERROR,
            "labels must be in 0..2, got 255",
            "255 stands for pixels that nobody labelled, which have to be left out",
            "lovasz_softmax_torch(z.softmax(1), y, ignore_index=255)",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Berman, Rannen Triki and Blaschko",
            2018,
            "The Lovász-Softmax Loss: A Tractable Surrogate for the Optimization of the IoU Measure in "
            "Neural Networks",
            "https://arxiv.org/abs/1705.08790",
        ),
        Source(
            "Yu and Blaschko",
            2015,
            "Learning Submodular Losses with the Lovász Hinge",
            "https://proceedings.mlr.press/v37/yub15.pdf",
        ),
    ),
)


def _without_void(input, target):
    keep = target != 255
    return lovasz_softmax(input.movedim(1, -1)[keep], target[keep])


def _of_pixels(input, target):
    return lovasz_softmax(input, target)


def _pixels(seed, count, classes):
    """Probabilities (count, C) and labels in which each class occurs."""
    y = labels(seed, classes, count)
    y[:classes] = np.arange(classes)
    return {"input": probabilities(seed, count, classes), "target": y}


def _images(seed, classes, *shape, void=0.3):
    """Probabilities (N, C, *) and labels, of which a share is 255."""
    p = np.moveaxis(probabilities(seed, *shape, classes), -1, 1)
    y = labels(seed, classes, *shape)
    return {"input": p, "target": np.where(np.random.default_rng(seed).random(shape) < void, 255, y)}


EXERCISES = {
    "by_hand": Exercise(
        "the Lovász-softmax as a number",
        lambda: lovasz_softmax(
            torch.tensor([[0.5, 0.5], [0.7, 0.3], [0.4, 0.6]], dtype=torch.float64), torch.tensor([0, 0, 1])
        ),
        [{}],
        hints=(
            "Write down three errors for each class: of its own pixels 1 − p, of the others p.",
            "Both classes have the same errors, 0.5, 0.3 and 0.4. Which are misses of class 0, and which "
            "of class 1?",
            "The order is pixel 1, 3, 2. For class 0 the IoU falls from 1 to 1/2, to 1/3, to 0; for class 1 "
            "from 1 to 1/2, to 0.",
        ),
    ),
    "without_void": Exercise(
        "without_void(input, target)",
        _without_void,
        [
            _images(0, 3, 1, 3, 3, void=0.0),
            _images(1, 3, 1, 4, 4),
            _images(2, 2, 2, 3, 4),
            _images(3, 4, 2, 2, 3, 3),
        ],
        hints=(
            "A pixel without a label should enter no order, neither as a miss nor as a false alarm.",
            "The order knows no places, so the pixels may be handed over as a list: (K, C) and (K,).",
            "Move the class axis to the end, then take the pixels where `target != 255` from both.",
        ),
    ),
    "find_the_bug": Exercise(
        "lovasz_of_pixels(input, target)",
        _of_pixels,
        [
            {"input": np.array([[0.75, 0.25], [0.25, 0.75]]), "target": np.array([0, 1])},
            {"input": np.array([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]]), "target": np.array([0, 1, 1])},
            _pixels(0, 8, 3),
            _pixels(1, 12, 4),
        ],
        hints=(
            "In the first input all errors are equal, and the loss is right. Compute the loss of class 0 of "
            "the second input by hand.",
            "The steps of 1 − IoU need to know which pixels belong to the class. What does `target` say of "
            "that, with the labels 0, 1 and 2?",
            "For class c the truth is `target == c`, and not the label.",
        ),
    ),
}
