"""Lovász hinge: its facts and its exercises."""

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, random
from lossviz.losses.loss import (
    SWITCH,
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
from lossviz.losses.references import lovasz_hinge

LOSS = Loss(
    name="lovasz_hinge",
    title="Lovász hinge",
    aliases=("binary Lovász loss", "Lovász loss", "Lovasz hinge"),
    torch_class=None,
    home="lossviz.losses.references",
    family="segmentation",
    summary="The hinge errors of an image, weighted by what each pixel adds to 1 − IoU.",
    formula=r"\ell(z, t) = \sum_{k} \max(0, e_k)\, (J(k) - J(k - 1)), \quad e_1 \ge e_2 \ge \dots, \quad "
    r"J(k) = 1 - \frac{T - a_k}{T + b_k}",
    arguments=(
        Argument(
            "input",
            "logits (N, d1, ...), an image in each row (no sigmoid before)",
            (Form(Kind.LOGITS, Shape.IMAGES),),
            differentiable=True,
        ),
        Argument(
            "target",
            "a mask in the shape of input, 0 or 1 of any dtype, without fractions",
            (Form(Kind.MASKS, Shape.SAME, Domain(0, 1, values=(0, 1)), Dtype.REAL, checked=True),),
        ),
    ),
    options=(
        Option(
            "per_image",
            True,
            "whether each image has an order and a loss of its own; False sorts all pixels together",
            domain=SWITCH,
        ),
    ),
    values=(Bounds(0.0, np.inf),),
    gradients=(Bounds(-1.0, 1.0),),  # the weights of an image add up to 1
    gradient_far="∓ the weight of the pixel, whatever the size of its error: 1/(T + b) for a missed pixel "
    "after b worse ones of the background, for one of the background less with each worse pixel, down to 0",
    gradient_at_target="0 beyond the margin: where a logit of the right sign is above 1 in size",
    fades=True,
    statistic=None,
    elicits="as one logit for a whole image: 0 where the object has less than half of it, 1 where it has "
    "more, −1 without an object",
    robust_to="any number of background pixels that are right by more than the margin",
    use_when="the result is judged by IoU, beside cross entropy, or to refine a network that it has trained",
    avoid_when="it would be alone and the model reaches no loss below 1, or probabilities are the result",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss stays near 1, and the logits shrink to 0",
            "logits of 0 cost 1, and a mask with an IoU below one half costs more if its wrong pixels are as "
            "sure as its right ones",
            "F.binary_cross_entropy_with_logits(z, t.float()) + lovasz_hinge_torch(z, t)  # see Formula",
            "It is stuck at 1, and the logits shrink",
            numbers=(Number(1.0, "the loss where all logits of an image are 0"),),
            said=("lovasz loss does not go down",),
        ),
        Symptom(
            Sign.STUCK,
            "the masks are right, and the loss stays at the share of the background or above",
            "the input holds probabilities, so that the background has the error 1 at best",
            "print(z.min(), z.max())  # within 0 and 1 at each step: hand over z from before the sigmoid",
            "Probabilities in place of logits",
            numbers=(Number(0.75, "the Lovász hinge of a perfect mask of 4 of 16 pixels, given as logits"),),
        ),
        Symptom(
            Sign.DIFFERENT,
            "the same image, turned around, has another gradient",
            "equal logits are sorted by their place in memory, and the weights follow the order",
            "lovasz_hinge_torch(z.float() + 1e-4 * torch.randn_like(z, dtype=torch.float32), t)",
            "Equal logits are sorted by their place",
            said=("lovasz loss ties",),
        ),
        Symptom(
            Sign.DIFFERENT,
            "the same batch has another loss in SMP or in kornia",
            "one sorts each image by itself, the other all pixels of the batch",
            "lovasz_hinge_torch(z.reshape(1, -1), t.reshape(1, -1))  # one order, which is SMP's default",
            "One order for each image, or one for the batch",
        ),
        Symptom(
            Sign.ERROR,
            "target must be 0 or 1, got 255",
            "the mask holds 0 and 255, or 255 stands for pixels that nobody labelled",
            "print(t.unique())  # exactly 0 and 255: (t > 127).float()",
            "Rare cases",
        ),
    ),
    sources=(
        Source(
            "Yu and Blaschko",
            2015,
            "Learning Submodular Losses with the Lovász Hinge",
            "https://proceedings.mlr.press/v37/yub15.pdf",
        ),
        Source(
            "Berman, Rannen Triki and Blaschko",
            2018,
            "The Lovász-Softmax Loss: A Tractable Surrogate for the Optimization of the IoU Measure in "
            "Neural Networks",
            "https://arxiv.org/abs/1705.08790",
        ),
    ),
)


def _steps(target):
    """What each pixel of a mask that is sorted, the worst first, adds to 1 - IoU."""
    total = target.sum()
    jaccard = 1 - (total - target.cumsum(0)) / (total + (1 - target).cumsum(0))
    return jaccard.diff(prepend=jaccard.new_zeros(1))


def _of_image(input, target):
    return lovasz_hinge(input[None], target[None])


EXERCISES = {
    "by_hand": Exercise(
        "the Lovász hinge as a number",
        lambda: lovasz_hinge(torch.tensor([[-1.0, 3.0, 0.5, -2.0]]).double(), torch.tensor([[1, 1, 0, 0]])),
        [{}],
        hints=(
            "Which of the four pixels have an error above 0? Only these count.",
            "The worst pixel is one of the object. What is the IoU if it alone is wrong?",
            "The IoU is 1/2 with one wrong pixel and 1/3 with both, so the weights are 1/2 and 1/6.",
        ),
    ),
    "steps": Exercise(
        "steps(target)",
        _steps,
        [
            {"target": array(1, 0)},
            {"target": array(0, 1, 0, 1, 0)},
            {"target": array(1, 1, 1, 0)},
            {"target": array(0, 0, 0)},
            {"target": array(0, 0, 1, 0, 1, 1, 0, 1)},
        ],
        hints=(
            "After the first k pixels, a of the object and b of the background are wrong. What is the IoU?",
            "The intersection has lost a pixels, and the union has gained b.",
            "A step is the difference of two neighbours, and before the first pixel 1 − IoU is 0.",
        ),
    ),
    "find_the_bug": Exercise(
        "lovasz_of_image(input, target)",
        _of_image,
        [
            {"input": array(-1.0, 0.5, -2.0), "target": array(1, 0, 0)},
            {"input": array(2.0, -0.5, 1.0, -0.25), "target": array(1, 1, 0, 0)},
            {"input": random(0, 8), "target": array(0, 1, 1, 0, 0, 0, 1, 0)},
            {"input": random(1, 6), "target": array(0, 0, 0, 0, 0, 0)},
        ],
        hints=(
            "In the first input the errors are sorted already, and the function is right. What is different "
            "in the second one?",
            "Print the errors and the truth beside each other before and after the sort.",
            "Both must be in the same order when the steps are computed.",
        ),
    ),
}
