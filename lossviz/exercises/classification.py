"""The exercises of the chapters on the classification losses."""

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.exercises.inputs import array, labels, positive, random, share
from lossviz.exercises.judging import Exercise


def _nll_parts(input, target, weight, ignore_index):
    numerator = F.nll_loss(input, target, weight, ignore_index=ignore_index, reduction="sum")
    return torch.stack([numerator, weight[target[target != ignore_index]].sum()])


def _sentence_nll(input, target, padding):
    return torch.stack(
        [F.nll_loss(log_p, labels, ignore_index=padding) for log_p, labels in zip(input, target, strict=True)]
    )


NLL_LOSS = {
    "nll_loss/by_hand": Exercise(
        "the mean loss as a number",
        lambda: F.nll_loss(
            torch.tensor([[-1.0, 0.0], [0.0, -2.0], [-4.0, 0.0]]),
            torch.tensor([0, 1, 0]),
            torch.tensor([1.0, 3.0]),
        ),
        [{}],
        hints=(
            "Each sample costs its log-probability with the sign turned, times the weight of its label.",
            "The sum of these is not divided by 3. The labels 0, 1, 0 pick which weights?",
        ),
    ),
    "nll_loss/numerator_and_denominator": Exercise(
        "nll_parts(input, target, weight, ignore_index)",
        _nll_parts,
        [
            {
                "input": np.log([[0.5, 0.5]]),
                "target": np.array([0]),
                "weight": array(1, 1),
                "ignore_index": -100,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
                "ignore_index": -100,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": array(1, 3),
                "ignore_index": -1,
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([255, 255]),
                "weight": array(1, 3),
                "ignore_index": 255,
            },
            {
                "input": -positive(0, 5, 3),
                "target": labels(1, 3, 5),
                "weight": positive(2, 3),
                "ignore_index": 1,
            },
        ],
        hints=(
            "Do it for two samples by hand, one of them ignored. What does the ignored one add to "
            "each of the two parts?",
            "Throw the ignored samples out first. What is left has valid labels, so that both weight "
            "and log-probability can be indexed.",
            "One part sums weight times loss, the other sums the weights that were used.",
        ),
    ),
    "nll_loss/sentences": Exercise(
        "sentence_nll(input, target, padding)",
        _sentence_nll,
        [
            {"input": array(-1, -2).reshape(1, 1, 2), "target": np.array([[1]]), "padding": -1},
            {
                "input": array(-1, -2, -3, -4).reshape(1, 2, 2),
                "target": np.array([[1, -1]]),
                "padding": -1,
            },
            {
                "input": -array(1, 2, 3, 4, 5, 6, 7, 8).reshape(2, 2, 2),
                "target": np.array([[1, 0], [1, 255]]),
                "padding": 255,
            },
            {"input": -positive(0, 3, 4, 2), "target": labels(1, 2, 3, 4), "padding": 0},
            {
                "input": array(-1, -2, -3, -4).reshape(1, 2, 2),
                "target": np.array([[-1, -1]]),
                "padding": -1,
            },
        ],
        hints=(
            "Begin with a single sentence whose last word is padding. Which numbers enter the mean, "
            "and how many are there?",
            "A padding label may be no valid index. Replace it by any valid one, pick, and leave what "
            "you picked there out of the sum.",
            "Sums go along the axis of the words only, and each sentence is divided by the number of "
            "its own words.",
        ),
    ),
    "nll_loss/find_the_bug": Exercise(
        "leaky_nll(input, target, weight)",
        lambda input, target, weight: F.nll_loss(input, target, weight, ignore_index=-1),
        [
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, 1]),
                "weight": array(1, 3),
            },
            {
                "input": array(-1, -2, -3, -4).reshape(2, 2),
                "target": np.array([0, -1]),
                "weight": array(1, 3),
            },
            {"input": -positive(0, 6, 4), "target": labels(1, 5, 6) - 1, "weight": positive(2, 4)},
            {"input": -positive(3, 3, 2), "target": np.array([-1, 1, -1]), "weight": positive(4, 2)},
        ],
        hints=(
            "Which element of a NumPy array is weight[-1]?",
            "The terms of the numerator are set to 0. Look at the other part of the fraction.",
            "Leave the unlabelled samples out of both parts, best before anything is indexed with "
            "their label.",
        ),
    ),
}


CROSS_ENTROPY = {
    "cross_entropy/by_hand": Exercise(
        "the cross entropy as a number",
        lambda: F.cross_entropy(torch.tensor([0.0, np.log(3)]), torch.tensor(1)),
        [{}],
        hints=(
            "Softmax: raise e to each logit and divide by the sum. What are e to the 0 and e to the ln 3?",
            "The loss is the negative logarithm of the probability of the label, the second class.",
        ),
    ),
    "cross_entropy/label_smoothing": Exercise(
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
    "cross_entropy/segmentation": Exercise(
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
    "cross_entropy/find_the_bug": Exercise(
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


def _bce_logit_grad(input, target):
    input.requires_grad_()
    return torch.autograd.grad(F.binary_cross_entropy_with_logits(input, target), input)[0]


BINARY_CROSS_ENTROPY = {
    "binary_cross_entropy/by_hand": Exercise(
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
    "binary_cross_entropy/excess": Exercise(
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
    "binary_cross_entropy/through_the_sigmoid": Exercise(
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
            "large positive number, or tanh.",
        ),
        quietly=True,
    ),
    "binary_cross_entropy/find_the_bug": Exercise(
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


BINARY_CROSS_ENTROPY_WITH_LOGITS = {
    "binary_cross_entropy_with_logits/by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.binary_cross_entropy_with_logits(
            torch.tensor([np.log(4), np.log(4)]),
            torch.tensor([0.0, 1.0]),
            pos_weight=torch.tensor(10.0),
            reduction="none",
        ),
        [{}],
        hints=(
            "A logit of ln 4 means odds of four to one. Which probability is that, and which for the "
            "other answer?",
            "The target 0 costs the negative logarithm of the probability of no; pos_weight does not "
            "touch it.",
            "The target 1 costs that of yes, and this one is multiplied by the weight.",
        ),
    ),
    "binary_cross_entropy_with_logits/channel_weight": Exercise(
        "channel_loss(input, target, pos_weight)",
        lambda input, target, pos_weight: F.binary_cross_entropy_with_logits(
            input, target, pos_weight=pos_weight[:, None, None]
        ),
        [
            {"input": np.zeros((1, 1, 1, 1)), "target": np.ones((1, 1, 1, 1)), "pos_weight": array(3)},
            {
                "input": array(0, 1, 2, -1).reshape(1, 2, 1, 2),
                "target": array(1, 1, 0, 0).reshape(1, 2, 1, 2),
                "pos_weight": array(3, 1),
            },
            {
                "input": np.zeros((1, 2, 1, 1)),
                "target": array(1, 0).reshape(1, 2, 1, 1),
                "pos_weight": array(3, 2),
            },
            {
                "input": array(100, -100).reshape(1, 2, 1, 1),
                "target": array(0, 1).reshape(1, 2, 1, 1),
                "pos_weight": array(1, 3),
            },
            {
                "input": random(0, 2, 3, 2, 2),
                "target": labels(1, 2, 2, 3, 2, 2).astype(float),
                "pos_weight": positive(2, 3),
            },
            {
                "input": 100 * random(3, 2, 2, 3, 2),
                "target": share(4, 2, 2, 3, 2),
                "pos_weight": positive(5, 2),
            },
        ],
        hints=(
            "Where does a weight of shape (C,) end up when it meets an array (N, C, H, W)? "
            "Broadcasting begins at the last axis.",
            "Give the weight as many axes after its own as the images have after theirs.",
            "The weight belongs to the term of the target 1 only, and the mean is over all elements.",
        ),
    ),
    "binary_cross_entropy_with_logits/honest_probability": Exercise(
        "honest_probability(input, pos_weight)",
        lambda input, pos_weight: torch.sigmoid(input - np.log(pos_weight)),
        [
            {"input": array(0), "pos_weight": 1.0},
            {"input": array(0), "pos_weight": 4.0},
            {"input": array(-1, 2), "pos_weight": 0.5},
            {"input": array(-30, 30), "pos_weight": 20.0},
            {"input": random(0, 2, 3), "pos_weight": 9.0},
        ],
        hints=(
            "Training with pos_weight multiplies the odds. By what, and in which direction do you "
            "have to go back?",
            "Dividing odds is subtracting in the logit.",
            "Change the logit first and take the sigmoid last; there the weight appears in a logarithm.",
        ),
    ),
    "binary_cross_entropy_with_logits/find_the_bug": Exercise(
        "clipped_loss(input, target)",
        lambda input, target: F.binary_cross_entropy_with_logits(input, target),
        [
            {"input": array(0.5), "target": array(1)},
            {"input": array(2, -1), "target": array(0, 0.5)},
            {"input": array(40), "target": array(0)},
            {"input": array(-1000, 1000), "target": array(1, 0)},
            {"input": random(0, 2, 3), "target": share(1, 2, 3)},
        ],
        hints=(
            "Try a logit of 40 with a target of 0. What should a confident mistake cost, and what "
            "does this one cost?",
            "The clip keeps the logarithm finite, and makes all larger mistakes equal: there the "
            "gradient is 0.",
            "Never form the probability. The section In NumPy writes the loss in the logit itself.",
        ),
    ),
}
