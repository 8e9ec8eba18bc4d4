"""The catalogue of losses: each fact about a loss is written here, once.

`CATALOG` maps a name of `torch.nn.functional` to its `LossSpec`; `card` shows one row as an at-a-glance card.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from math import inf

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
        elicits="a location between the median (beta near 0) and the mean (beta large)",
        robust_to="outliers in the target, if beta is smaller than they are",
        use_when="errors are mostly small with some outliers, and steps should shrink near the target",
        avoid_when="the scale of the errors is unknown: beta has to be chosen against it",
        sources=(
            Source("Girshick", 2015, "Fast R-CNN", "https://arxiv.org/abs/1504.08083"),
            _HUBER,
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
)

CATALOG: dict[str, LossSpec] = {spec.name: spec for spec in _ROWS}


class Card:
    """The at-a-glance card of one loss: aligned text in a terminal, a small table in a notebook."""

    def __init__(self, spec: LossSpec):
        self.spec = spec

    def rows(self) -> list[tuple[str, str, str | None]]:
        """Label, text and link of each row; a row that continues the one above has an empty label."""
        spec = self.spec
        others = ", ".join(name for name in spec.reductions if name != spec.default_reduction)
        groups = [
            ("also called", [", ".join(spec.aliases)]),
            ("in torch", [(f"{spec.torch_class}, {spec.functional}", spec.docs_url)]),
            ("input", [spec.input]),
            ("target", [spec.target]),
            ("options", [f"{o.name}={o.default} ({o.domain}): {o.meaning}" for o in spec.options]),
            ("reduction", [f"{spec.default_reduction} (default), {others}"]),
            ("range", [_interval(spec.low, spec.high)]),
            (
                "gradient",
                [
                    f"far away: {spec.gradient_far}",
                    f"at the target: {spec.gradient_at_target}",
                    f"bound: {_bound(spec.gradient_bound)}",
                ],
            ),
            ("estimates", [spec.elicits]),
            ("robust to", [spec.robust_to]),
            ("use when", [spec.use_when]),
            ("avoid when", [spec.avoid_when]),
            ("sources", [(str(source), source.url) for source in spec.sources]),
        ]
        return [
            ("" if i else label, *(entry if isinstance(entry, tuple) else (entry, None)))
            for label, entries in groups
            for i, entry in enumerate(entries)
        ]

    def __repr__(self) -> str:
        rows = self.rows()
        indent = max(len(label) for label, _, _ in rows) + 2
        lines = textwrap.wrap(f"{self.spec.title}: {self.spec.summary}", CARD_WIDTH)
        for label, text, _ in rows:
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
            f'<tr style="background: none">'
            f'<th scope="row" style="{cell}; white-space: nowrap">{escape(label)}</th>'
            f'<td style="{cell}">{_linked(text, url)}</td></tr>'
            for label, text, url in self.rows()
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
    if name not in CATALOG:
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
