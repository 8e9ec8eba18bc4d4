"""Adaptive log-softmax: its facts and its exercises."""

from math import inf

import numpy as np
import torch

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array
from lossviz.losses.loss import (
    CLASS_INDICES,
    Argument,
    Bounds,
    Domain,
    Dtype,
    Form,
    Kind,
    Loss,
    Option,
    Shape,
    Sign,
    Source,
    Symptom,
)

SIZES = Domain(low=1, whole=True)

LOSS = Loss(
    name="adaptive_log_softmax",
    title="Adaptive log-softmax",
    aliases=("adaptive softmax", "hierarchical softmax with a frequent head"),
    torch_class="torch.nn.AdaptiveLogSoftmaxWithLoss",
    home="lossviz.losses.references",
    family="classification",
    summary="Cross entropy in two steps: a head for frequent classes, tails for the rest.",
    formula=r"\ell(x, y) = -\log p_{\mathrm{head}}(e_y) - [\,g_y > 0\,] \log p_{g_y}(y)",
    arguments=(
        Argument(
            "input",
            "features of the layer before (no logits: the loss holds the last layer), shape (D,) or (N, D)",
            (Form(Kind.FEATURES, Shape.FEATURES_LAST),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..n_classes-1, the most frequent class first, shape () or (N,)",
            (Form(Kind.LABELS, Shape.PER_SAMPLE, CLASS_INDICES, Dtype.INTEGER, checked=True),),
        ),
        Argument(
            "head_weight",
            "a row for each of the E = cutoffs[0] + K entries of the head, K tails; shape (E, D)",
            (Form(Kind.PARAMETERS, Shape.FEATURES_BY_ENTRY),),
            differentiable=True,
        ),
        Argument(
            "tail_weights",
            "the two matrices of each tail, (h, D) and (classes, h), h = D // div_value**i, in one row",
            (Form(Kind.PARAMETERS, Shape.ONE_ROW),),
            differentiable=True,
        ),
        Argument(
            "n_classes",
            "the number of classes",
            (Form(Kind.SIZES, Shape.NUMBER, SIZES, Dtype.INTEGER, checked=True),),
        ),
        Argument(
            "cutoffs",
            "the class with which each tail begins, increasing, in 1..n_classes-1",
            (Form(Kind.SIZES, Shape.ANY, SIZES, Dtype.INTEGER, checked=True),),
        ),
    ),
    options=(
        Option(
            "div_value",
            4.0,
            "by how much each tail is narrower than the one before",
            domain=Domain(low=0, open=True),
        ),
        Option(
            "head_bias",
            None,
            "the bias of the head, added to its logits",
            shape=Shape.PER_ENTRY,
            dtype=Dtype.SAME,
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-inf, inf),),
    gradient_far="-1 times the features in the row asked for, +1 in the row chosen instead; 0 in other tails",
    gradient_at_target="0 once head and tail give the label the probability 1, by rounding only",
    fades=True,
    statistic=None,
    elicits="the class frequencies, as products of a share of the group and a share within it",
    robust_to="nothing in particular: one confident wrong label costs without bound",
    use_when="there are very many classes and few of them make up most labels, as with words",
    avoid_when="the full softmax fits, classes are about equally frequent, or rare classes matter most",
    curve="lambda x, *, head=nn.AdaptiveLogSoftmaxWithLoss(4, 3, [1]): "
    "-head(x[:, None].float().expand(-1, 4), torch.tensor(len(x) * [0])).output",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "it trains, but the loss is higher and the step slower than others report",
            "the labels are not numbered by frequency, so that frequent classes stand in the tails",
            "rank = torch.bincount(y[y >= 0], minlength=n_classes).argsort(descending=True).argsort()",
            "Labels that are not sorted by frequency",
            said=("adaptive softmax slow", "vocabulary order"),
        ),
        Symptom(
            Sign.ERROR,
            "'_ASMoutput' object has no attribute 'backward'",
            "the module returns a pair, `output` and `loss`",
            "output, loss = criterion(features, target)  # then loss.backward()",
            "The result is a pair",
        ),
        Symptom(
            Sign.ERROR,
            "Target values should be in",
            "a label is padding such as -100, and there is no `ignore_index`",
            "output, loss = criterion(features[target != -100], target[target != -100])",
            "Padding is not ignored",
        ),
        Symptom(
            Sign.SILENT,
            "padding with a label of its own, such as 0, makes the loss look good",
            "it counts as a frequent class, because there is no `ignore_index`",
            "output, loss = criterion(features[target != 0], target[target != 0])  # 0: the padding",
            "Padding is not ignored",
        ),
        Symptom(
            Sign.ERROR,
            "index_copy_(): self and source expected to have the same dtype",
            "the features' dtype is not that of autocast's log-probabilities: low on a CPU, float32 on CUDA",
            "with torch.autocast(x.device.type, enabled=False): output, loss = criterion(x.float(), y)",
            "Under autocast the dtypes differ",
            said=("autocast", "mixed precision"),
        ),
        Symptom(
            Sign.ERROR,
            "cutoffs should be a sequence of unique, positive integers",
            "the last is `n_classes`, which torch adds itself, or they are unsorted, or one stands twice",
            "cutoffs = sorted({c for c in cutoffs if 0 < c < n_classes})  # one or more have to remain",
            "Cutoffs end before n_classes",
        ),
        Symptom(
            Sign.STUCK,
            "all classes of the last tail keep the same probability",
            "the tail has the width 0: `in_features` is below `div_value` to the power of its number",
            "nn.AdaptiveLogSoftmaxWithLoss(in_features, n_classes, cutoffs, div_value=2)  # or fewer cutoffs",
            "A tail of width 0",
        ),
        Symptom(
            Sign.SILENT,
            "the loss of a frozen or small model hardly falls",
            "the head and the tails are parameters of the loss, and the optimiser was not given them",
            'optimizer.add_param_group({"params": [*last.parameters()]})  # last: this loss',
            "Its weights are parameters",
        ),
    ),
    sources=(
        Source(
            "Grave, Joulin, Cissé, Grangier and Jégou",
            2017,
            "Efficient softmax approximation for GPUs",
            "https://arxiv.org/abs/1609.04309",
        ),
    ),
)


def _parameters(in_features, n_classes, cutoffs, div_value):
    """As many as the module of torch has."""
    module = torch.nn.AdaptiveLogSoftmaxWithLoss(
        in_features, n_classes, [int(c) for c in cutoffs], div_value, device="meta"
    )
    return torch.tensor(float(sum(p.numel() for p in module.parameters())))


def _sizes(in_features, n_classes, cutoffs, div_value=4.0):
    sizes = {"in_features": in_features, "n_classes": n_classes}
    return sizes | {"cutoffs": np.array(cutoffs), "div_value": div_value}


EXERCISES = {
    "by_hand": Exercise(
        "the loss of word 3 as a number",
        lambda: (
            -torch.log_softmax(torch.tensor([2.0, 1.0, 0.0, 0.0], dtype=torch.float64), 0)[2]
            + torch.tensor(2.0, dtype=torch.float64).log()
        ),
        [{}],
        hints=(
            "Word 3 does not stand in the head. Which entry of the head leads to it?",
            "The first tail holds two words, and its logits are equal.",
            "Multiply the two probabilities, then take the negative logarithm.",
        ),
    ),
    "parameters": Exercise(
        "parameters(in_features, n_classes, cutoffs, div_value)",
        _parameters,
        [
            _sizes(16, 8, [2]),
            _sizes(16, 8, [2, 4]),
            _sizes(16, 8, [2, 4], 2.0),
            _sizes(64, 10_000, [100, 1000]),
            _sizes(100, 5000, [50, 500, 2000], 3.0),
        ],
        hints=(
            "How many rows has the head? One for each class before the first cutoff, and one for each tail.",
            "Tail i, counted from 1, goes from in_features through a narrow layer to its classes.",
            "The width of tail i is in_features divided by div_value to the power i, rounded down.",
        ),
    ),
    "find_the_bug": Exercise(
        "new_labels(counts)",
        lambda counts: torch.argsort(torch.argsort(-counts)).double(),
        [
            {"counts": array(9, 5, 1)},
            {"counts": array(1, 9, 5)},
            {"counts": array(3, 8, 1, 20)},
            {"counts": array(2, 30, 7, 11, 5)},
        ],
        hints=(
            "What should the new label of the most frequent class be, and what is it?",
            "`np.argsort` answers which class stands in place k. Which question should be answered?",
            "The new label is the place of a class in that order: invert the permutation.",
        ),
    ),
}
