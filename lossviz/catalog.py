"""The catalogue of losses: each fact about a loss is written here, once.

`CATALOG` maps a name of `torch.nn.functional` to its `LossSpec`; `card` shows one row as an at-a-glance card.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from math import e, inf

CARD_WIDTH = 100


@dataclass(frozen=True)
class Option:
    """One argument of a loss besides input, target and reduction.

    `low` and `high` bound a numeric option, both ends allowed; None where the option has no bounds.
    """

    name: str
    default: object
    domain: str
    meaning: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Source:
    """A work that the chapter cites."""

    authors: str
    year: int
    title: str
    url: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}), {self.title}"


@dataclass(frozen=True)
class LossSpec:
    """One row of the catalogue.

    `formula` is LaTeX for one element or sample with default options. The range from `low` to `high` and the
    gradient facts hold for one element with `reduction="none"`, default options and a target of that kind.
    `gradient_bound` is None where no bound exists. `elicits` completes the sentence "the best constant
    prediction is ...".
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    torch_class: str
    family: str
    summary: str
    formula: str
    input: str
    target: str
    options: tuple[Option, ...]
    low: float
    high: float
    gradient_far: str
    gradient_at_target: str
    gradient_bound: float | None
    elicits: str
    robust_to: str
    use_when: str
    avoid_when: str
    sources: tuple[Source, ...]
    reductions: tuple[str, ...] = ("none", "mean", "sum")
    default_reduction: str = "mean"

    @property
    def functional(self) -> str:
        return f"torch.nn.functional.{self.name}"

    @property
    def docs_url(self) -> str:
        return f"https://docs.pytorch.org/docs/stable/generated/{self.torch_class}.html"


_HUBER = Source(
    "Huber", 1964, "Robust Estimation of a Location Parameter", "https://doi.org/10.1214/aoms/1177703732"
)

_ROWS = (
    LossSpec(
        name="mse_loss",
        title="Mean squared error",
        aliases=("MSE", "squared loss", "L2 loss", "least squares"),
        torch_class="torch.nn.MSELoss",
        family="regression",
        summary="The squared difference between prediction and target.",
        formula=r"\ell(x, y) = (x - y)^2",
        input="any real number, any shape",
        target="a real number, same shape as input",
        options=(
            Option(
                "weight",
                None,
                "None or the shape of input",
                "a factor for each element; the mean divides by the sum of the weights",
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="twice the error, growing without bound",
        gradient_at_target="0, reached in proportion to the error (slope 2)",
        gradient_bound=None,
        elicits="the mean",
        robust_to="nothing in particular: one far target can outweigh a whole batch",
        use_when="errors are about normal, or means are wanted because amounts add up",
        avoid_when="some targets are wrong or far out, or the target is a class",
        sources=(
            Source(
                "Stigler",
                1981,
                "Gauss and the Invention of Least Squares",
                "https://doi.org/10.1214/aos/1176345451",
            ),
            Source(
                "Banerjee, Guo and Wang",
                2005,
                "On the Optimality of Conditional Expectation as a Bregman Predictor",
                "https://doi.org/10.1109/TIT.2005.850145",
            ),
        ),
    ),
    LossSpec(
        name="l1_loss",
        title="L1 loss",
        aliases=("mean absolute error", "MAE", "absolute loss"),
        torch_class="torch.nn.L1Loss",
        family="regression",
        summary="The absolute difference between prediction and target.",
        formula=r"\ell(x, y) = \lvert x - y \rvert",
        input="any real number, any shape",
        target="a real number, same shape as input",
        options=(
            Option(
                "weight",
                None,
                "None or the shape of input",
                "a factor for each element; the mean divides by the sum of the weights",
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="-1 or +1, whatever the distance",
        gradient_at_target="0 at the target itself, jumping to -1 and +1 beside it",
        gradient_bound=1.0,
        elicits="the median",
        robust_to="outliers in the target",
        use_when="targets have outliers or heavy tails, or the error is to be read in the target's unit",
        avoid_when="the mean is wanted, or a fixed step must settle: close to the target it overshoots",
        sources=(
            Source("Koenker and Bassett", 1978, "Regression Quantiles", "https://doi.org/10.2307/1913643"),
            Source(
                "Gneiting",
                2011,
                "Making and Evaluating Point Forecasts",
                "https://doi.org/10.1198/jasa.2011.r10138",
            ),
        ),
    ),
    LossSpec(
        name="smooth_l1_loss",
        title="Smooth L1 loss",
        aliases=("Huber loss divided by its threshold",),
        torch_class="torch.nn.SmoothL1Loss",
        family="regression",
        summary="Squared for errors smaller than beta, absolute beyond, joined without a kink.",
        formula=(
            r"\ell(x, y) = \begin{cases}"
            r" \frac{1}{2} (x - y)^2 / \beta & \text{if } \lvert x - y \rvert < \beta \\"
            r" \lvert x - y \rvert - \frac{1}{2} \beta & \text{otherwise} \end{cases}"
        ),
        input="any real number, any shape",
        target="a real number, same shape as input",
        options=(
            Option(
                "beta",
                1.0,
                "beta >= 0",
                "the error at which squared turns into absolute, in the target's unit; 0 gives the L1 loss",
                low=0.0,
                high=inf,
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="-1 or +1, whatever the distance",
        gradient_at_target="0, reached in proportion to the error (slope 1 / beta)",
        gradient_bound=1.0,
        elicits="a location that starts at the median (beta near 0) and ends at the mean (beta large)",
        robust_to="outliers in the target, if beta is smaller than they are",
        use_when="errors are mostly small with some outliers, and steps should shrink near the target",
        avoid_when="the scale of the errors is unknown: beta has to be chosen against it",
        sources=(
            Source("Girshick", 2015, "Fast R-CNN", "https://arxiv.org/abs/1504.08083"),
            _HUBER,
        ),
    ),
    LossSpec(
        name="poisson_nll_loss",
        title="Poisson negative log-likelihood",
        aliases=("Poisson loss", "log-linear loss for counts"),
        torch_class="torch.nn.PoissonNLLLoss",
        family="regression",
        summary="What a count costs under the predicted Poisson distribution.",
        formula=r"\ell(x, y) = e^x - y\,x",
        input="log-rates, any real number, any shape; with log_input=False rates >= 0",
        target="a count >= 0 (not checked by torch), same shape as input",
        options=(
            Option(
                "log_input",
                True,
                "True or False",
                "whether input is the logarithm of the rate or the rate itself",
            ),
            Option(
                "full",
                False,
                "True or False",
                "whether to add Stirling's approximation of log(target!), for targets above 1",
            ),
            Option(
                "eps",
                1e-8,
                "eps >= 0",
                "added to the rate before the logarithm, with log_input=False",
                low=0.0,
                high=inf,
            ),
        ),
        low=-inf,
        high=inf,
        gradient_far="the rate above the target, growing exponentially; minus the target below it",
        gradient_at_target="0, reached in proportion to the error; never reached for a target of 0",
        gradient_bound=None,
        elicits="the mean (as exp of the log-rate)",
        robust_to="nothing in particular: one far count pulls with all of its size",
        use_when="targets are counts or other amounts that cannot be negative, scattering with their mean",
        avoid_when="targets can be negative, or the scatter itself is wanted",
        sources=(
            Source(
                "Nelder and Wedderburn", 1972, "Generalized Linear Models", "https://doi.org/10.2307/2344614"
            ),
            Source(
                "Gourieroux, Monfort and Trognon",
                1984,
                "Pseudo Maximum Likelihood Methods: Applications to Poisson Models",
                "https://doi.org/10.2307/1913472",
            ),
        ),
    ),
    LossSpec(
        name="nll_loss",
        title="Negative log-likelihood",
        aliases=("NLL", "negative log-probability of the label"),
        torch_class="torch.nn.NLLLoss",
        family="classification",
        summary="The log-probability of the target class, picked and with its sign turned.",
        formula=r"\ell(x, y) = -x_y",
        input="log-probabilities (as log_softmax gives them), shape (C,), (N, C) or (N, C, d1, ...)",
        target="class labels 0..C-1, shape of input without the class axis",
        options=(
            Option(
                "weight",
                None,
                "None or shape (C,)",
                "a factor for each class; the mean divides by the sum of the weights that were used",
            ),
            Option(
                "ignore_index",
                -100,
                "an integer",
                "a label whose samples count neither in the sum nor in the mean",
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="-1 in the picked entry, 0 in all others",
        gradient_at_target="the same: it fades only behind log_softmax, where it becomes p - q",
        gradient_bound=1.0,
        elicits="the class frequencies (as exp of the log-probabilities)",
        robust_to="nothing in particular: one label of probability 0 costs infinity",
        use_when="log-probabilities exist anyway: from a mixture, a masked distribution, a decoder",
        avoid_when="the model gives raw scores: cross_entropy does log_softmax and this in one",
        sources=(
            Source(
                "Fisher",
                1922,
                "On the Mathematical Foundations of Theoretical Statistics",
                "https://doi.org/10.1098/rsta.1922.0009",
            ),
            Source("Good", 1952, "Rational Decisions", "https://doi.org/10.1111/j.2517-6161.1952.tb00104.x"),
        ),
    ),
    LossSpec(
        name="cross_entropy",
        title="Cross entropy",
        aliases=("softmax loss", "multinomial logistic loss", "log loss"),
        torch_class="torch.nn.CrossEntropyLoss",
        family="classification",
        summary="The negative log-probability that softmax of the logits gives to the target class.",
        formula=r"\ell(x, y) = -\log \frac{\exp x_y}{\sum_{c=1}^{C} \exp x_c}",
        input="logits (no softmax before), shape (C,), (N, C) or (N, C, d1, ...)",
        target=(
            "class labels 0..C-1, shape of input without the class axis; "
            "or class probabilities, same shape as input"
        ),
        options=(
            Option("weight", None, "None or shape (C,)", "a factor for each class"),
            Option(
                "ignore_index",
                -100,
                "an integer",
                "a label whose samples count neither in the sum nor in the mean",
            ),
            Option(
                "label_smoothing",
                0.0,
                "0 <= label_smoothing <= 1",
                "the part of the target's mass that is spread evenly over all classes",
                low=0.0,
                high=1.0,
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="p - q in each logit: near -1 for the target class, +1 for the class chosen instead",
        gradient_at_target="0 once softmax equals the target; for a label only approached, never reached",
        gradient_bound=1.0,
        elicits="the class frequencies (as softmax of the logits)",
        robust_to="nothing in particular: one confident wrong label costs without bound",
        use_when="exactly one of C classes is right and probabilities are wanted",
        avoid_when="several classes can be right at once, or the labels are very noisy",
        sources=(
            Source("Good", 1952, "Rational Decisions", "https://doi.org/10.1111/j.2517-6161.1952.tb00104.x"),
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
    ),
    LossSpec(
        name="binary_cross_entropy",
        title="Binary cross entropy",
        aliases=("BCE", "logistic loss", "log loss"),
        torch_class="torch.nn.BCELoss",
        family="classification",
        summary="The negative log-probability that the prediction gives to a yes or a no.",
        formula=r"\ell(x, y) = -\left[ y \log x + (1 - y) \log(1 - x) \right]",
        input="probabilities (after a sigmoid), 0 <= input <= 1, any shape",
        target="probabilities or 0 and 1 as floats, 0 <= target <= 1, shape and dtype of input",
        options=(
            Option(
                "weight",
                None,
                "None or a shape that broadcasts to input",
                "a factor for each element; the mean still divides by the number of elements",
            ),
        ),
        low=0.0,
        high=100.0,
        gradient_far="-1 / input for a yes, 1 / (1 - input) for a no; input - target in the logit before it",
        gradient_at_target=(
            "0, reached in proportion to the error for a soft target; "
            "for 1 and 0 it jumps there from -1 and +1"
        ),
        gradient_bound=1e12,
        elicits="the share of yeses (the mean of the targets)",
        robust_to="nothing in particular: one impossible prediction costs 100",
        use_when="probabilities are given and the questions do not exclude each other",
        avoid_when="logits are at hand (use binary_cross_entropy_with_logits), or under autocast",
        sources=(
            Source(
                "Cox",
                1958,
                "The Regression Analysis of Binary Sequences",
                "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
            ),
            Source("Good", 1952, "Rational Decisions", "https://doi.org/10.1111/j.2517-6161.1952.tb00104.x"),
        ),
    ),
    LossSpec(
        name="binary_cross_entropy_with_logits",
        title="Binary cross entropy with logits",
        aliases=("sigmoid cross entropy", "logistic loss"),
        torch_class="torch.nn.BCEWithLogitsLoss",
        family="classification",
        summary="The negative log-probability of a yes or a no, from its logit.",
        formula=r"\ell(x, y) = -y \log \sigma(x) - (1 - y) \log(1 - \sigma(x))",
        input="logits (no sigmoid before), any shape",
        target="probabilities or 0 and 1 as floats, 0 <= target <= 1 (not checked by torch), shape of input",
        options=(
            Option(
                "weight",
                None,
                "None or a shape that broadcasts to input",
                "a factor for each element; the mean still divides by the number of elements",
            ),
            Option(
                "pos_weight",
                None,
                "None or a shape that broadcasts to input",
                "a factor for the part of the loss that the positives cause; multiplies the learned odds",
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="near -1 for a yes, near +1 for a no, whatever the distance",
        gradient_at_target="0 once the sigmoid equals the target; for 0 and 1 only approached, never reached",
        gradient_bound=1.0,
        elicits="the share of yeses (as sigmoid of the logit)",
        robust_to="nothing in particular: one confident wrong label costs without bound",
        use_when="questions have two answers, do not exclude each other, and probabilities are wanted",
        avoid_when="exactly one of several classes is right (use cross_entropy)",
        sources=(
            Source(
                "Cox",
                1958,
                "The Regression Analysis of Binary Sequences",
                "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
            ),
            Source(
                "King and Zeng",
                2001,
                "Logistic Regression in Rare Events Data",
                "https://doi.org/10.1093/oxfordjournals.pan.a004868",
            ),
        ),
    ),
    LossSpec(
        name="multi_margin_loss",
        title="Multi-class margin loss",
        aliases=("multi-class hinge loss", "Weston-Watkins hinge", "SVM loss"),
        torch_class="torch.nn.MultiMarginLoss",
        family="margin",
        summary="What the other classes lack to be a margin behind the label, divided by C.",
        formula=r"\ell(x, y) = \frac{1}{C} \sum_{i \ne y} \max(0, 1 - x_y + x_i)",
        input="scores, any real numbers (no softmax before), shape (C,) or (N, C)",
        target="class labels 0..C-1 as int64, shape () or (N,)",
        options=(
            Option(
                "p",
                1,
                "1 or 2",
                "the power of each term: 1 pulls with constant force, 2 in proportion to what is lacking",
                low=1,
                high=2,
            ),
            Option(
                "margin", 1.0, "any number", "how far behind the other scores must stay, in the scores' unit"
            ),
            Option(
                "weight",
                None,
                "None or shape (C,)",
                "a factor for each class, after the power; the mean still divides by N",
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="1/C for each class that pays, minus their sum for the label, whatever the distance",
        gradient_at_target="0, exactly, once every lead is at least the margin",
        gradient_bound=1.0,
        elicits="scores whole margins apart that put the majority class first, if there is one",
        robust_to="samples that are right by a margin: they have no pull at all",
        use_when="only the decision counts, and few samples should carry the model",
        avoid_when="probabilities are wanted, or labels are uncertain and no class has a majority",
        sources=(
            Source(
                "Weston and Watkins",
                1999,
                "Support Vector Machines for Multi-Class Pattern Recognition",
                "https://www.esann.org/sites/default/files/proceedings/legacy/es1999-461.pdf",
            ),
            Source(
                "Crammer and Singer",
                2001,
                "On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines",
                "https://www.jmlr.org/papers/v2/crammer01a.html",
            ),
            Source(
                "Tewari and Bartlett",
                2007,
                "On the Consistency of Multiclass Classification Methods",
                "https://www.jmlr.org/papers/v8/tewari07a.html",
            ),
        ),
    ),
    LossSpec(
        name="multilabel_margin_loss",
        title="Multi-label margin loss",
        aliases=("multi-label hinge loss", "pairwise ranking hinge"),
        torch_class="torch.nn.MultiLabelMarginLoss",
        family="margin",
        summary="What the labels lack to lead every other class by 1, divided by C.",
        formula=r"\ell(x, y) = \frac{1}{C} \sum_{j \in y} \sum_{i \notin y} \max(0, 1 - x_j + x_i)",
        input="scores, any real numbers (no sigmoid before), shape (C,) or (N, C)",
        target=(
            "class indices as int64, those before the first -1 of a row, each label listed once "
            "(not checked by torch), same shape as input (not one-hot, not +-1)"
        ),
        options=(),
        low=0.0,
        high=inf,
        gradient_far="1/C for each pair that lacks, whatever the distance: label up, other class down",
        gradient_at_target="0, exactly, once every label leads every other class by 1",
        gradient_bound=1.0,
        elicits="scores that put the usual labels a margin ahead of the rest, without a threshold",
        robust_to="samples whose labels lead by a margin: they have no pull at all",
        use_when="a sample has several labels and their order before the other classes is what counts",
        avoid_when="the number of labels must be decided or probabilities are wanted",
        sources=(
            Source(
                "Elisseeff and Weston",
                2001,
                "A Kernel Method for Multi-Labelled Classification",
                "https://papers.nips.cc/paper/2001/hash/39dcaf7a053dc372fbc391d4e6b5d693-Abstract.html",
            ),
        ),
    ),
    LossSpec(
        name="multilabel_soft_margin_loss",
        title="Multi-label soft margin loss",
        aliases=("one-against-all logistic loss", "sigmoid cross entropy, averaged over classes"),
        torch_class="torch.nn.MultiLabelSoftMarginLoss",
        family="margin",
        summary="Binary cross entropy with logits, averaged over classes.",
        formula=(
            r"\ell(x, y) = -\frac{1}{C} \sum_{c=1}^{C}"
            r" \left[ y_c \log \sigma(x_c) + (1 - y_c) \log(1 - \sigma(x_c)) \right]"
        ),
        input="logits (no sigmoid before), shape (C,), (N, C) or (N, d1, ..., C)",
        target="0 and 1 for each class, or probabilities (not checked by torch), same shape as input",
        options=(
            Option(
                "weight",
                None,
                "None or shape (C,)",
                "a factor for each class; the sum is still divided by C",
            ),
        ),
        low=0.0,
        high=inf,
        gradient_far="near -1/C for a missing label, near +1/C for a wrong one, whatever the distance",
        gradient_at_target="0 once the sigmoid equals the target; for 0 and 1 only approached, never reached",
        gradient_bound=1.0,
        elicits="the share of each label (as sigmoid of its logit)",
        robust_to="nothing in particular: one confident wrong label costs without bound",
        use_when="any number of labels can apply at once",
        avoid_when="exactly one class is right (use cross_entropy)",
        sources=(
            Source(
                "Cox",
                1958,
                "The Regression Analysis of Binary Sequences",
                "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
            ),
            Source(
                "Tsoumakas and Katakis",
                2007,
                "Multi-Label Classification: An Overview",
                "https://doi.org/10.4018/jdwm.2007070101",
            ),
        ),
    ),
    LossSpec(
        name="hinge_embedding_loss",
        title="Hinge embedding loss",
        aliases=("pairwise hinge loss", "L1 form of the contrastive loss"),
        torch_class="torch.nn.HingeEmbeddingLoss",
        family="embedding",
        summary="The distance of an alike pair, or what a different pair lacks to the margin.",
        formula=r"\ell(x, y) = \begin{cases} x & y = 1 \\ \max(0, \Delta - x) & y = -1 \end{cases}",
        input="the distance of each pair, >= 0 (not checked), any shape",
        target="1 for an alike pair, -1 for a different one (not checked), same shape as input",
        options=(
            Option("margin", 1.0, "any number", "the distance from which on a different pair pays nothing"),
        ),
        low=-inf,
        high=inf,
        gradient_far="1 for an alike pair, 0 for a different pair beyond the margin",
        gradient_at_target="1 down to distance 0, -1 up to and at the margin",
        gradient_bound=1.0,
        elicits="the margin if most pairs differ, else the least that input can be (0 for a distance)",
        robust_to="different pairs that are far apart: they have no pull at all",
        use_when="pairs are known to belong together or not, and near is to mean alike",
        avoid_when="input is a score, or points must settle (the squared, contrastive form fades)",
        sources=(
            Source(
                "Bromley et al.",
                1993,
                'Signature Verification using a "Siamese" Time Delay Neural Network',
                "https://papers.nips.cc/paper/1993/hash/288cc0ff022877bd3df94bc9360b9c5d-Abstract.html",
            ),
            Source(
                "Hadsell, Chopra and LeCun",
                2006,
                "Dimensionality Reduction by Learning an Invariant Mapping",
                "https://doi.org/10.1109/CVPR.2006.100",
            ),
        ),
    ),
    LossSpec(
        name="kl_div",
        title="Kullback-Leibler divergence",
        aliases=("KL divergence", "relative entropy"),
        torch_class="torch.nn.KLDivLoss",
        family="distribution",
        summary="What it costs to believe the distribution q where p is true.",
        formula=r"\ell(x, y) = y \, (\log y - x), \quad x = \log q, \ y = p",
        input="log-probabilities of q (log_softmax before), any shape, classes usually last",
        target="probabilities of p, same shape as input; log-probabilities with log_target=True",
        options=(
            Option("log_target", False, "True or False", "whether target holds log-probabilities as well"),
        ),
        low=-1 / e,
        high=inf,
        gradient_far="-target, whatever the distance; through log_softmax q - p",
        gradient_at_target="-target again, not 0; through log_softmax 0",
        gradient_bound=1.0,
        elicits="the average of the target distributions",
        robust_to="nothing in particular: a small probability q where p is not small costs without bound",
        use_when="the target is a distribution, as in distillation",
        avoid_when="the target is a label (cross entropy is the same and simpler)",
        sources=(
            Source(
                "Kullback and Leibler",
                1951,
                "On Information and Sufficiency",
                "https://doi.org/10.1214/aoms/1177729694",
            ),
            Source(
                "Hinton, Vinyals and Dean",
                2015,
                "Distilling the Knowledge in a Neural Network",
                "https://arxiv.org/abs/1503.02531",
            ),
        ),
        reductions=("none", "mean", "sum", "batchmean"),
    ),
)

CATALOG: dict[str, LossSpec] = {spec.name: spec for spec in _ROWS}


class Card:
    """The at-a-glance card of one loss: aligned text in a terminal, a small table in a notebook."""

    def __init__(self, spec: LossSpec):
        self.spec = spec

    def rows(self) -> list[tuple[str, str, str, str | None]]:
        """Name, label, text and link of each row; a row that continues the one above has an empty label.

        The name is for programs and the label for people.
        """
        spec = self.spec
        others = ", ".join(name for name in spec.reductions if name != spec.default_reduction)
        groups = [
            ("aliases", "also called", [", ".join(spec.aliases)]),
            ("torch", "in torch", [(f"{spec.torch_class}, {spec.functional}", spec.docs_url)]),
            ("input", "input", [spec.input]),
            ("target", "target", [spec.target]),
            ("options", "options", [f"{o.name}={o.default} ({o.domain}): {o.meaning}" for o in spec.options]),
            ("reductions", "reduction", [f"{spec.default_reduction} (default), {others}"]),
            ("range", "range", [_interval(spec.low, spec.high)]),
            (
                "gradient",
                "gradient",
                [
                    f"far away: {spec.gradient_far}",
                    f"at the target: {spec.gradient_at_target}",
                    f"bound: {_bound(spec.gradient_bound)}",
                ],
            ),
            ("elicits", "estimates", [spec.elicits]),
            ("robust_to", "robust to", [spec.robust_to]),
            ("use_when", "use when", [spec.use_when]),
            ("avoid_when", "avoid when", [spec.avoid_when]),
            ("sources", "sources", [(str(source), source.url) for source in spec.sources]),
        ]
        return [
            (name, "" if i else label, *(entry if isinstance(entry, tuple) else (entry, None)))
            for name, label, entries in groups
            for i, entry in enumerate(entries)
        ]

    def __repr__(self) -> str:
        rows = self.rows()
        indent = max(len(label) for _, label, _, _ in rows) + 2
        lines = textwrap.wrap(f"{self.spec.title}: {self.spec.summary}", CARD_WIDTH)
        for _, label, text, _ in rows:
            lines += textwrap.wrap(
                text,
                CARD_WIDTH,
                initial_indent=label.ljust(indent),
                subsequent_indent=" " * indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        # JupyterLab stripes tables and aligns them right; colours are inherited so that both themes hold.
        cell = "text-align: left; vertical-align: top; background: none; color: inherit; padding: 2px 12px"
        body = "".join(
            f'<tr data-row="{name}" style="background: none">'
            # A further line of the same fact has no heading of its own.
            + (
                f'<th scope="row" style="{cell}; white-space: nowrap">{escape(label)}</th>'
                if label
                else "<td></td>"
            )
            + f'<td style="{cell}">{_linked(text, url)}</td></tr>'
            for name, label, text, url in self.rows()
        )
        return (
            '<table class="lossviz-card" style="color: inherit; border-collapse: collapse">'
            '<caption style="text-align: left; color: inherit; padding: 2px 12px">'
            f"<strong>{escape(self.spec.title)}</strong>: {escape(self.spec.summary)}</caption>"
            f"<tbody>{body}</tbody></table>"
        )


def card(name: str) -> Card:
    """The at-a-glance card of the loss `name`, as in torch.nn.functional.

    Raises ValueError for a name that is not in the catalogue, with the names that come close.
    """
    if not isinstance(name, str) or name not in CATALOG:
        close = get_close_matches(str(name), CATALOG) or list(CATALOG)
        raise ValueError(f"name must be a loss of the catalogue, such as {', '.join(close)}, got {name!r}")
    return Card(CATALOG[name])


def _interval(low: float, high: float) -> str:
    left = f"[{low:g}" if low > -inf else "(-inf"
    right = f"{high:g}]" if high < inf else "inf)"
    return f"{left}, {right}"


def _bound(bound: float | None) -> str:
    return "none" if bound is None else f"at most {bound:g} in size"


def _linked(text: str, url: str | None) -> str:
    if url is None:
        return escape(text)
    return f'<a href="{escape(url)}" style="color: inherit">{escape(text)}</a>'
