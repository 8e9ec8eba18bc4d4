"""Cross entropy: its facts and its exercises."""

from math import e, inf, log

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, positive, random
from lossviz.losses.loss import (
    CLASS_INDICES,
    INTEGERS,
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
    Statistic,
    Symptom,
)
from lossviz.losses.works import GOOD_1952

LOSS = Loss(
    name="cross_entropy",
    title="Cross entropy",
    aliases=("softmax loss", "multinomial logistic loss", "log loss"),
    torch_class="torch.nn.CrossEntropyLoss",
    family="classification",
    summary="The negative log-probability that softmax of the logits gives to the target class.",
    formula=r"\ell(x, y) = -\log \frac{\exp x_y}{\sum_{c=0}^{C-1} \exp x_c}",
    arguments=(
        Argument(
            "input",
            "logits (no softmax before), shape (C,), (N, C) or (N, C, d1, ...)",
            (Form(Kind.LOGITS, Shape.CLASSES_SECOND),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..C-1, shape of input without the class axis; "
            "or class probabilities, same shape as input",
            (
                Form(Kind.LABELS, Shape.WITHOUT_CLASSES, CLASS_INDICES, Dtype.INT64, checked=True),
                Form(Kind.PROBABILITIES, Shape.SAME, UNIT),
            ),
        ),
    ),
    options=(
        Option(
            "weight",
            None,
            "a factor for each class",
            shape=Shape.PER_CLASS,
            in_divisor=True,
            dtype=Dtype.SAME,
        ),
        Option(
            "ignore_index",
            -100,
            "a label whose samples count neither in the sum nor in the mean",
            domain=INTEGERS,
        ),
        Option(
            "label_smoothing",
            0.0,
            "the part of the target's mass that is spread evenly over all classes",
            domain=UNIT,
        ),
    ),
    values=(Bounds(0.0, inf),),
    # For the mean of labels with weights and smoothing the divisor may be far below the weights of the sum.
    gradients=(
        Bounds(-1.0, 1.0, where={"label_smoothing": 0.0}, times=("weight",)),
        Bounds(-1.0, 1.0, where={"weight": None}),
        Bounds(-inf, inf),
    ),
    gradient_far="p - q in each logit: near -1 for the target class, +1 for the class chosen instead",
    gradient_at_target="0 once softmax equals the target; for a label reached by rounding only",
    fades=True,
    statistic=Statistic.MEAN,
    elicits="the class frequencies (as softmax of the logits)",
    robust_to="nothing in particular: one confident wrong label costs without bound",
    use_when="exactly one of C classes is right and probabilities are wanted",
    avoid_when="several classes can be right at once, or the labels are very noisy",
    curve="lambda x: F.cross_entropy(torch.stack([x, 0 * x], -1), torch.tensor(len(x) * [0]), "
    "reduction='none')",
    symptoms=(
        Symptom(
            Sign.STUCK,
            "the loss of ten classes comes to rest at 1.461, although the answers are right",
            "a softmax or a sigmoid stands before that of the loss: ln(e + C − 1) − 1 is then the least",
            "F.cross_entropy(logits, target)  # no softmax before it",
            "Softmax twice",
            numbers=(Number(lambda C: log(e + C - 1) - 1, "ln(e + {C} − 1) − 1, a softmax too many"),),
            said=("softmax twice", "double softmax"),
        ),
        Symptom(
            Sign.STUCK,
            "the loss stays at ln C: 2.303 for ten balanced classes",
            "nothing is learned (unbalanced classes come to rest at the entropy of their shares instead)",
            "inputs, target = inputs[:8], target[:8]  # can the model fit these few?",
            "Before the next run",
            numbers=(Number(log, "ln {C}: equal logits, nothing learned"),),
            said=("stuck at ln c", "random guessing", "chance level"),
            page="book/misbehaves",
        ),
        Symptom(
            Sign.ERROR,
            "IndexError: Target 255 is out of bounds.",
            "a label is not one of 0 … C − 1; unlabelled pixels are often 255, `ignore_index` is −100",
            "F.cross_entropy(logits, target, ignore_index=255)",
            "Probabilities are not checked, labels are",
            said=("label out of range", "ignore_index", "target out of bounds"),
        ),
        Symptom(
            Sign.DIFFERENT,
            'the loss is not the mean of `reduction="none"`, and for one label `weight` does nothing',
            "the mean divides by the weights of the labels in the batch",
            'F.cross_entropy(logits, target, weight, reduction="sum") / (target != -100).sum()',
            "The weighted mean is not the mean",
            said=("weights have no effect", "weight has no effect", "weights do nothing"),
        ),
        Symptom(
            Sign.ERROR,
            "expected scalar type Float but found Double",
            "`weight` is float64, as NumPy and scikit-learn return it, and the logits are float32",
            "F.cross_entropy(logits, target, torch.as_tensor(weight).to(logits))",
            "The weighted mean is not the mean",
            said=("class weights", "sklearn", "compute_class_weight"),
        ),
        Symptom(
            Sign.USELESS,
            "the loss of a sequence model falls, its answers stay poor, and there is no error",
            "`(N, L, C)` came in where `(N, C, L)` belongs, and L equals C",
            "F.cross_entropy(logits.flatten(0, 1), labels.flatten())",
            "Classes belong on axis 1",
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan and its gradient 0",
            "every label of the batch is ignored: 0 / 0",
            'F.cross_entropy(logits, target, reduction="sum") / (target != -100).sum().clamp(min=1)',
            "Everything ignored",
        ),
        Symptom(
            Sign.HUGE,
            "the loss is inf or nan since label smoothing or soft targets are on",
            "a logit is −inf by a mask, or a class weight 1/0: any mass there is inf, and 0 · ∞ is nan",
            "F.cross_entropy(logits.float().clamp(min=-1e30), q)  # q: smoothed yourself; finite weights",
            "A masked logit and label smoothing",
            said=("masked logits", "soft targets nan"),
        ),
    ),
    sources=(
        GOOD_1952,
        Source(
            "Gneiting and Raftery",
            2007,
            "Strictly Proper Scoring Rules, Prediction, and Estimation",
            "https://doi.org/10.1198/016214506000001437",
        ),
        Source(
            "Szegedy et al.",
            2016,
            "Rethinking the Inception Architecture for Computer Vision",
            "https://arxiv.org/abs/1512.00567",
        ),
    ),
)


EXERCISES = {
    "by_hand": Exercise(
        "the cross entropy as a number",
        lambda: F.cross_entropy(torch.tensor([0.0, np.log(3)]), torch.tensor(1)),
        [{}],
        hints=(
            "Softmax: raise e to each logit and divide by the sum. What are e to the 0 and e to the ln 3?",
            "The loss is the negative logarithm of the probability of the label, the second class.",
        ),
    ),
    "label_smoothing": Exercise(
        "smoothed_cross_entropy(input, target, label_smoothing)",
        lambda input, target, label_smoothing: F.cross_entropy(
            input, target, label_smoothing=label_smoothing
        ),
        [
            {"input": array(0, 1).reshape(1, 2), "target": np.array([1]), "label_smoothing": 0.0},
            {"input": array(0, 1).reshape(1, 2), "target": np.array([1]), "label_smoothing": 0.1},
            {"input": array(0, 1, 2).reshape(1, 3), "target": np.array([0]), "label_smoothing": 0.3},
            {"input": random(0, 3, 4), "target": labels(1, 4, 3), "label_smoothing": 0.2},
            {"input": array(1000, 0).reshape(1, 2), "target": np.array([0]), "label_smoothing": 0.1},
        ],
        hints=(
            "A smoothed target is a mixture too: 1 − ε of the label, and ε spread evenly over all "
            "classes, the label included.",
            "The loss is linear in the target, so each part of the mixture has a loss of its own.",
            "Against an even target the loss of a sample is the mean of −log p over the classes.",
        ),
    ),
    "segmentation": Exercise(
        "segmentation_loss(input, target, ignore_index)",
        lambda input, target, ignore_index: F.cross_entropy(input, target, ignore_index=ignore_index),
        [
            {"input": np.zeros((1, 2, 1, 1)), "target": np.array([[[1]]]), "ignore_index": 255},
            {
                "input": array(0, 2, 1, 0).reshape(1, 2, 1, 2),
                "target": np.array([[[0, 1]]]),
                "ignore_index": 255,
            },
            {
                "input": array(0, 2, 1, 0).reshape(1, 2, 1, 2),
                "target": np.array([[[0, 255]]]),
                "ignore_index": 255,
            },
            {
                "input": array(0, 0, 0, 0, 2, 0, 0, 0).reshape(2, 2, 1, 2),
                "target": np.array([[[0, 1]], [[1, 255]]]),
                "ignore_index": 255,
            },
            {
                "input": random(0, 2, 3, 2, 2),
                "target": np.array([[[0, 2], [255, 1]], [[1, 255], [255, 0]]]),
                "ignore_index": 255,
            },
            {"input": random(1, 2, 2, 2, 3), "target": labels(2, 2, 2, 2, 3), "ignore_index": 0},
            {"input": np.zeros((1, 2, 1, 1)), "target": np.array([[[255]]]), "ignore_index": 255},
        ],
        hints=(
            "Which axis of the logits holds the classes, and on which axis does log_softmax work?",
            "Move the classes to the end. Then a mask of shape (N, H, W) picks pixels, and each comes "
            "with its C numbers.",
            "Pick the pixels that count from both arrays; only then use labels as indices. Think of "
            "the case in which none is left.",
        ),
    ),
    "find_the_bug": Exercise(
        "unfair_cross_entropy(input, target, weight)",
        lambda input, target, weight: F.cross_entropy(input, target, weight=weight),
        [
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 1)},
            {"input": np.zeros((2, 2)), "target": np.array([0, 1]), "weight": array(1, 3)},
            {"input": np.zeros((1, 2)), "target": np.array([1]), "weight": array(1, 3)},
            {
                "input": array(0, 2, 0, 0).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
            },
            {"input": random(0, 3, 4), "target": labels(1, 4, 3), "weight": positive(2, 4)},
            {"input": random(3, 4, 3), "target": labels(4, 3, 4), "weight": positive(5, 3)},
        ],
        hints=(
            "Two samples with the weights 1 and 3, each with a loss of 1. What should a weighted mean be?",
            "A mean of equal losses must be that loss, whatever the weights are.",
            "The sum is right. Divide it by what was weighed, not by how many there were.",
        ),
    ),
}
