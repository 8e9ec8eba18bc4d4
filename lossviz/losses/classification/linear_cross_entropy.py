"""Linear cross entropy: its facts and its exercises."""

from math import inf

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, labels, random
from lossviz.losses.loss import (
    CLASS_INDICES,
    INTEGERS,
    UNIT,
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

LOSS = Loss(
    name="linear_cross_entropy",
    title="Linear cross entropy",
    aliases=("fused linear cross entropy", "chunked cross entropy", "cut cross entropy"),
    torch_class="torch.nn.LinearCrossEntropyLoss",
    family="classification",
    summary="Cross entropy of a linear layer, which need not hold all its logits at once.",
    formula=r"\ell(x, y) = \log \sum_{c=0}^{C-1} \exp(w_c \cdot x) - w_y \cdot x",
    arguments=(
        Argument(
            "input",
            "features, what the last layer takes, shape (D,) or (N, D)",
            (Form(Kind.FEATURES, Shape.FEATURES_LAST),),
            differentiable=True,
        ),
        Argument(
            "linear_weight",
            "the weights of the last layer, a row a class, shape (C, D)",
            (Form(Kind.PARAMETERS, Shape.FEATURES_BY_CLASS, dtype=Dtype.SAME),),
            differentiable=True,
        ),
        Argument(
            "target",
            "class labels 0..C-1, shape () or (N,); or class probabilities, shape (C,) or (N, C)",
            (
                Form(Kind.LABELS, Shape.PER_SAMPLE, CLASS_INDICES, Dtype.INT64, checked=True),
                Form(Kind.PROBABILITIES, Shape.CLASSES_OF_ROWS, UNIT, where={"ignore_index": None}),
            ),
        ),
    ),
    options=(
        Option(
            "linear_bias",
            None,
            "the bias of the last layer",
            shape=Shape.PER_CLASS,
            dtype=Dtype.SAME,
            differentiable=True,
        ),
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
            None,
            "a label whose samples count neither in the sum nor in the mean; None means -100",
            domain=INTEGERS,
            says="None or an integer",
        ),
        Option(
            "label_smoothing",
            0.0,
            "the part of the target's mass that is spread evenly over all classes",
            domain=UNIT,
        ),
        Option(
            "options",
            None,
            "how many rows of logits are made at a time; None makes all of them at once",
            domain=Domain(values=(None,)),
            says="None or nn.LinearCrossEntropyOptions",
        ),
    ),
    values=(Bounds(0.0, inf),),
    gradients=(Bounds(-inf, inf),),
    gradient_far="p - q times the features in each row of the weights; for the label p - q is near -1",
    gradient_at_target="0 once softmax equals the target; for a label reached by rounding only",
    fades=True,
    statistic=None,
    elicits="the class frequencies for these features, as far as a linear layer can say them",
    robust_to="nothing in particular: it is cross entropy",
    use_when="the table of logits, samples times classes, does not fit into memory",
    avoid_when="there are few classes, the logits are needed anyway, or a gradient is differentiated again",
    curve="lambda x: F.linear_cross_entropy(x[:, None], torch.eye(2, 1).to(x), torch.tensor(len(x) * [0]), "
    "reduction='none')",
    symptoms=(
        Symptom(
            Sign.DIFFERENT,
            "in bfloat16 the printed loss depends on the size of the chunks: 1.1, 8.0 or 9.0",
            "chunks add losses in the dtype of the features, under autocast too; each addition is rounded",
            'F.linear_cross_entropy(x, W, y, reduction="none", options=o).float().sum() / (y != -100).sum()',
            "In bfloat16 small chunks print a wrong loss",
            said=("bf16 loss too low", "bfloat16 loss"),
        ),
        Symptom(
            Sign.ERROR,
            "CUDA out of memory",
            "without `options` (smoothing and labels not int64 have none) three tables of logits are held",
            "F.linear_cross_entropy(x, W, y, options=nn.LinearCrossEntropyOptions(batch_chunk_size=512))",
            "Without options nothing is saved",
            said=("out of memory", "oom in the loss", "logits too large"),
            runs_on="cuda",
        ),
        Symptom(
            Sign.SILENT,
            "the body learns, and the last layer stays as it was",
            "`nn.LinearCrossEntropyLoss` holds that layer, and the optimiser knows the model alone",
            "optimizer.add_param_group({'params': list(last.parameters())})  # the criterion",
            "The criterion holds the last layer",
        ),
        Symptom(
            Sign.SILENT,
            "a gradient penalty changes nothing, in chunks with `'none'` or `allow_retain_graph=True`",
            "the gradients of chunks have no graph, not even with `create_graph=True`",
            "F.linear_cross_entropy(x, W, y, options=None)  # the whole table, where a penalty follows",
            "A gradient of the gradient",
        ),
        Symptom(
            Sign.ERROR,
            "linear_cross_entropy chunked backward called twice",
            "gradients are handed out once; a gradient penalty or a second `backward` asks for them again",
            "F.linear_cross_entropy(x, W, y, options=None)  # no penalty meant: allow_retain_graph=True",
            "A gradient of the gradient",
        ),
        Symptom(
            Sign.ERROR,
            "expected input with dimensionality 1 or 2, got 3",
            "features of sequences come as (B, T, D)",
            "F.linear_cross_entropy(x.flatten(0, 1), W, y.flatten())",
            "Shapes and their order",
        ),
        Symptom(
            Sign.ERROR,
            "expected linear_weight with dimensionality at least 2, got 1",
            "the target stands where the weight belongs: the order is input, weight, target",
            "F.linear_cross_entropy(x, W, y)",
            "Shapes and their order",
        ),
    ),
    sources=(
        Source(
            "Wijmans et al.",
            2025,
            "Cut Your Losses in Large-Vocabulary Language Models",
            "https://arxiv.org/abs/2411.09009",
        ),
        Source(
            "Hsu et al.",
            2024,
            "Liger Kernel: Efficient Triton Kernels for LLM Training",
            "https://arxiv.org/abs/2410.10989",
        ),
    ),
)


def _weight_gradient(input, linear_weight, target, rows):
    weight = linear_weight.clone().requires_grad_()
    return torch.autograd.grad(F.linear_cross_entropy(input, weight, target), weight)[0]


def _in_chunks(input, linear_weight, target, rows):
    return F.linear_cross_entropy(input, linear_weight, target)


_TWO = {"input": array(1, 2).reshape(1, 2), "linear_weight": array(1, 0, 0, 1, 1, 1).reshape(3, 2)}
_CASES = [
    _TWO | {"target": np.array([2]), "rows": 1},
    {
        "input": array(1, 0, 0, 1, 1, 1).reshape(3, 2),
        "linear_weight": array(1, 0, 0, 1).reshape(2, 2),
        "target": np.array([0, 0, 1]),
        "rows": 2,
    },
    {
        "input": random(0, 5, 2),
        "linear_weight": random(1, 3, 2),
        "target": labels(2, 3, 5),
        "rows": 2,
    },
    {
        "input": random(3, 4, 3),
        "linear_weight": random(4, 5, 3),
        "target": labels(5, 5, 4),
        "rows": 8,
    },
]

EXERCISES = {
    "by_hand": Exercise(
        "the size of one chunk of logits in MiB, as a number",
        lambda: torch.tensor(256 * 128_000 * 4 / 2**20, dtype=torch.float64),
        [{}],
        hints=(
            "How many logits does one row have, and how many rows are there at a time?",
            "A float32 has four bytes.",
            "A MiB has 1024 times 1024 bytes.",
        ),
    ),
    "chunks": Exercise(
        "weight_gradient(input, linear_weight, target, rows)",
        _weight_gradient,
        _CASES,
        hints=(
            "Start with a matrix of zeros in the shape of the weights, and let each chunk add to it.",
            "A chunk adds the transposed softmax minus one-hot, times its features.",
            "The mean divides by all samples, also in a last chunk that is shorter.",
        ),
    ),
    "find_the_bug": Exercise(
        "lopsided_loss(input, linear_weight, target, rows)",
        _in_chunks,
        _CASES,
        hints=(
            "With which numbers of rows is it right? Try three samples and two rows.",
            "A chunk of one sample counts as much as a chunk of two.",
            "Add the sums of the chunks, and divide once by the number of samples.",
        ),
    ),
}
