"""Binary cross entropy: its facts and its exercises."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, positive, random, share
from lossviz.losses.loss import (
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
    Statistic,
    Symptom,
)
from lossviz.losses.works import COX_1958, GOOD_1952

LOSS = Loss(
    name="binary_cross_entropy",
    title="Binary cross entropy",
    aliases=("BCE", "logistic loss", "log loss"),
    torch_class="torch.nn.BCELoss",
    family="classification",
    summary="The negative log-probability that the prediction gives to a yes or a no.",
    formula=r"\ell(x, y) = -\left[ y \log x + (1 - y) \log(1 - x) \right]",
    arguments=(
        Argument(
            "input",
            "probabilities (after a sigmoid), 0 <= input <= 1, any shape",
            (Form(Kind.PROBABILITIES, Shape.ANY, UNIT, checked=True),),
            differentiable=True,
        ),
        Argument(
            "target",
            "probabilities or 0 and 1 as floats, 0 <= target <= 1, shape and dtype of input",
            (Form(Kind.PROBABILITIES, Shape.SAME, UNIT, Dtype.SAME, checked=True),),
        ),
    ),
    options=(
        Option(
            "weight",
            None,
            "a factor for each element; the mean still divides by the number of elements",
            shape=Shape.BROADCAST,
        ),
    ),
    values=(Bounds(0.0, 100.0, times=("weight",)),),
    gradients=(Bounds(-1e12, 1e12, times=("weight",)),),
    gradient_far="-1 / input for a yes, 1 / (1 - input) for a no; input - target in the logit before it",
    gradient_at_target=(
        "0; for a soft target in proportion to the error, for 1 and 0 from -1 and +1 within the last 1e-12"
    ),
    fades=True,
    statistic=Statistic.MEAN,
    elicits="the share of yeses (the mean of the targets)",
    robust_to="nothing in particular: one impossible prediction costs 100",
    use_when="probabilities are given and the questions do not exclude each other",
    avoid_when="logits are at hand (use binary_cross_entropy_with_logits), or under autocast",
    symptoms=(
        Symptom(
            Sign.ERROR,
            "Found dtype Long but expected Float",
            "the targets are integers, booleans or of another precision than the input",
            "target.to(input.dtype)",
            "Targets must be floats, and of the same kind",
            messages=("Found dtype Double but expected Float", "Found dtype Bool but expected Float"),
        ),
        Symptom(
            Sign.ERROR,
            "that is different to the input size",
            "`(N, 1)` predictions met `(N,)` targets",
            "input.squeeze(1)",
            "A column against a row",
        ),
        Symptom(
            Sign.ERROR,
            "all elements of input should be between 0 and 1",
            "logits came in: one of them lies outside 0 to 1",
            "F.binary_cross_entropy_with_logits(logits, target)",
            "Logits where probabilities belong",
        ),
        Symptom(
            Sign.ERROR,
            "all elements of target should be between 0 and 1",
            "a target is nan, a class number, or the 255 of a mask",
            "keep = (target >= 0) & (target <= 1)  # to ignore; if 255 means yes: target = target / 255",
            "Rare cases",
        ),
        Symptom(
            Sign.NAN,
            "the input is refused as not between 0 and 1, although a sigmoid made it",
            "it is nan; the form with logits would return nan and refuse nothing",
            "assert torch.isfinite(logits).all()  # at the first layer where it fails",
            "Logits where probabilities belong",
            messages=("all elements of input should be between 0 and 1",),
        ),
        Symptom(
            Sign.HUGE,
            "one element costs 100, and its gradient is 1e12, or 1e12 / N in a mean",
            "a probability is exactly 0 for a yes, or 1 for a no; the logarithm is clamped at −100",
            "F.binary_cross_entropy_with_logits(logits, target)  # or p = 1e-6 + (1 - 2e-6) * p in float32",
            "An impossible prediction: 100, and a gradient of 1e12",
            numbers=(
                Number(100, "the clamped logarithm of a probability of 0"),
                Number(1e12, "the gradient at a probability of 0"),
            ),
        ),
        Symptom(
            Sign.SILENT,
            "the worst mistakes have a gradient of 0",
            "the sigmoid before the loss has come out as 0 or 1 and has no slope",
            "F.binary_cross_entropy_with_logits(logits, target)  # and no sigmoid in the model",
            "Sigmoid first: the same prediction, no gradient at all",
        ),
        Symptom(
            Sign.ERROR,
            "binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast",
            "its gradient need not fit into float16, and backward undoes a cast before the loss",
            "F.binary_cross_entropy_with_logits(logits, target)",
            "Mixed precision",
        ),
        Symptom(
            Sign.NAN,
            "in float16 the loss is fine and the gradient nan",
            "at a perfect prediction the 1e-12 under its fraction is 0 in float16: 0 / 0",
            "F.binary_cross_entropy_with_logits(logits, target)",
            "Mixed precision",
        ),
    ),
    sources=(
        COX_1958,
        GOOD_1952,
    ),
)


def _bce_logit_grad(input, target):
    input.requires_grad_()
    return torch.autograd.grad(F.binary_cross_entropy_with_logits(input, target), input)[0]


EXERCISES = {
    "by_hand": Exercise(
        "three losses as a list or an array",
        lambda: F.binary_cross_entropy(
            torch.tensor([0.5, 0.25, 0.5]), torch.tensor([0.0, 1.0, 0.3]), reduction="none"
        ),
        [{}],
        hints=(
            "The loss is the negative logarithm of the probability of what happened. For a soft "
            "target both logarithms count, each with its share.",
            "At a probability of one half the two logarithms are equal. Does the target matter then?",
        ),
    ),
    "excess": Exercise(
        "excess_loss(input, target)",
        lambda input, target: F.binary_cross_entropy(input, target) - F.binary_cross_entropy(target, target),
        [
            {"input": array(0.5), "target": array(1)},
            {"input": array(0.3), "target": array(0.3)},
            {"input": array(0.5), "target": array(0.3)},
            {"input": array(0, 1), "target": array(0, 1)},
            {"input": array(0, 1), "target": array(1, 0.5)},
            {"input": share(0, 6), "target": share(1, 6)},
            {"input": share(2, 2, 3), "target": share(3, 2, 3)},
        ],
        hints=(
            "For a target of 0.3, which probability gives the lowest loss, and is that loss 0?",
            "The floor is the loss of the target held against itself, element by element.",
            "At targets of 0 and 1 a logarithm of 0 appears. The function of the chapter has a clamp "
            "that deals with it: use the same for both.",
        ),
    ),
    "through_the_sigmoid": Exercise(
        "logit_grad(input, target)",
        _bce_logit_grad,
        [
            {"input": array(0), "target": array(1)},
            {"input": array(0, 2), "target": array(0, 0)},
            {"input": array(-1, 3), "target": array(0.5, 1)},
            {"input": array(0, 0).reshape(1, 2), "target": array(1, 0).reshape(1, 2)},
            {"input": array(1000, -1000), "target": array(0, 1)},
            {"input": random(0, 6), "target": share(1, 6)},
            {"input": random(2, 2, 3), "target": share(3, 2, 3)},
        ],
        hints=(
            "Write down the gradient in the probability and the derivative of the sigmoid, and "
            "multiply. A lot cancels.",
            "What is left for one element is a difference of two numbers between 0 and 1. And the "
            "mean divides by the number of elements.",
            "The sigmoid must survive a logit of −1000: use a form whose exponential never gets a "
            "large positive number, such as np.logaddexp of 0 and −input.",
        ),
        quietly=True,
    ),
    "find_the_bug": Exercise(
        "sample_weighted(input, target, weight)",
        lambda input, target, weight: F.binary_cross_entropy(input, target, weight=weight[:, None]),
        [
            {"input": array(0.5).reshape(1, 1), "target": array(1).reshape(1, 1), "weight": array(2)},
            {
                "input": array(0.5, 0.25, 0.5, 0.5).reshape(2, 2),
                "target": np.ones((2, 2)),
                "weight": array(1, 3),
            },
            {"input": share(0, 2, 3), "target": share(1, 2, 3), "weight": positive(2, 2)},
            {"input": share(3, 4, 1), "target": share(4, 4, 1), "weight": positive(5, 4)},
        ],
        hints=(
            "Let two samples have two outputs each, and the weights 1 and 3. Write out which loss "
            "gets which weight.",
            "Broadcasting lines shapes up from the last axis. A weight of shape (N,) therefore meets "
            "the outputs, not the samples.",
            "Give the weight a second axis of length 1. It multiplies losses, and the mean stays that "
            "over all elements.",
        ),
    ),
}
