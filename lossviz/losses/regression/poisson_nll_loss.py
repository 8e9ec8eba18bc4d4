"""Poisson negative log-likelihood: its facts and its exercises."""

from math import inf, log

import numpy as np
import torch
import torch.nn.functional as F

from lossviz.losses.exercise import Exercise
from lossviz.losses.inputs import array, counts, positive, random
from lossviz.losses.loss import (
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
    Statistic,
    Symptom,
)

LOSS = Loss(
    name="poisson_nll_loss",
    title="Poisson negative log-likelihood",
    aliases=("Poisson loss", "log-linear loss for counts"),
    torch_class="torch.nn.PoissonNLLLoss",
    family="regression",
    summary="What a count costs under the predicted Poisson distribution.",
    formula=r"\ell(x, y) = e^x - y\,x",
    arguments=(
        Argument(
            "input",
            "log-rates, any real number, any shape; with log_input=False rates >= 0",
            (
                Form(Kind.LOG_RATES, Shape.ANY, where={"log_input": True}),
                Form(Kind.RATES, Shape.ANY, NOT_NEGATIVE, where={"log_input": False}),
            ),
            differentiable=True,
        ),
        Argument(
            "target",
            "a count >= 0 (not checked by torch), same shape as input",
            (Form(Kind.COUNTS, Shape.SAME, NOT_NEGATIVE, Dtype.REAL),),
        ),
    ),
    options=(
        Option(
            "log_input", True, "whether input is the logarithm of the rate or the rate itself", domain=SWITCH
        ),
        Option(
            "full",
            False,
            "whether to add Stirling's approximation of log(target!), for targets above 1",
            domain=SWITCH,
        ),
        Option(
            "eps", 1e-8, "added to the rate before the logarithm, with log_input=False", domain=NOT_NEGATIVE
        ),
    ),
    values=(Bounds(-inf, inf),),
    gradients=(Bounds(-inf, inf),),
    gradient_far="the rate above the target, growing exponentially; minus the target below it",
    gradient_at_target="0, reached in proportion to the error; for a target of 0 by underflow only",
    fades=True,
    statistic=Statistic.MEAN,
    elicits="the mean (as exp of the log-rate)",
    robust_to="nothing in particular: one far count pulls with all of its size",
    use_when="targets are counts or other amounts that cannot be negative, scattering with their mean",
    avoid_when="targets can be negative, or the scatter itself is wanted",
    symptoms=(
        Symptom(
            Sign.USELESS,
            "the model predicts the logarithm of the counts, or 0 for rare ones, and totals are far too low",
            "the model ends in softplus, relu or exp, and its rates are read as log-rates",
            "F.poisson_nll_loss(rates, target, log_input=False)",
            "Rates where log-rates are expected",
        ),
        Symptom(
            Sign.USELESS,
            "a model with a linear output predicts 3 where 20 are counted",
            "the loss is called as it should be, and the output is the log-rate",
            "rates = model(x).exp()",
            "Rates where log-rates are expected",
        ),
        Symptom(
            Sign.STUCK,
            "every prediction becomes the mean count, without a warning",
            "`(N, 1)` against `(N,)`, whichever is the prediction, is broadcast to `(N, N)`",
            "F.poisson_nll_loss(input.reshape_as(target), target)",
            "A column against a row",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss is below 0",
            "`log(target!)` is left out: for counts from 3 on the lowest possible loss is negative",
            "baseline = F.poisson_nll_loss(target.float().mean().log().expand_as(target), target)",
            "A loss below 0 may be a perfect fit",
        ),
        Symptom(
            Sign.USELESS,
            "counts from long and short spans: the rates come out wrong",
            "`count / hours` without a weight trusts one hour as much as ten",
            'torch.mean(hours * F.poisson_nll_loss(log_rate, target / hours, reduction="none"))',
            "Counts from spans of different length",
            said=("exposure", "offset", "observation time"),
        ),
        Symptom(
            Sign.NAN,
            "the loss is nan with `log_input=False`, or 18.42 times the count at a rate of 0",
            "a negative rate has no logarithm, and a rate of 0 has that of `eps`, which float16 rounds to 0",
            "F.poisson_nll_loss(log_rates, target)  # the model gives the logarithm",
            "Negative rates, and a rate of 0",
            numbers=(Number(-log(1e-8), "−ln(1e-8), one count at a rate of 0"),),
        ),
        Symptom(
            Sign.HUGE,
            "loss and gradient are inf, then nan; or, with `clip_grad_norm_`, a huge loss stands still",
            "a log-rate is exponentiated: float32 ends at 89, float16 at 12, and the norm to clip near 44",
            "nn.init.zeros_(last.weight), nn.init.constant_(last.bias, target.float().mean().log())",
            "The exponential overflows",
        ),
        Symptom(
            Sign.NEGATIVE,
            "the loss falls without end and predictions run to 0, or all are a little too low",
            "a −1 or −999 for missing is taken for a count (do not standardise counts either)",
            "F.poisson_nll_loss(input[target >= 0], target[target >= 0])  # where it was missing",
            "Negative counts are accepted",
        ),
    ),
    sources=(
        Source("Nelder and Wedderburn", 1972, "Generalized Linear Models", "https://doi.org/10.2307/2344614"),
        Source(
            "Gourieroux, Monfort and Trognon",
            1984,
            "Pseudo Maximum Likelihood Methods: Applications to Poisson Models",
            "https://doi.org/10.2307/1913472",
        ),
    ),
)


def _poisson_deviance(input, target):
    # xlogy is 0 at 0, where target * log(target) is nan.
    lowest = target - torch.xlogy(target, target)
    return 2 * (F.poisson_nll_loss(input, target) - lowest.mean())


EXERCISES = {
    "by_hand": Exercise(
        "two losses as a list or an array",
        lambda: F.poisson_nll_loss(
            torch.tensor([np.log(3), np.log(3)]), torch.tensor([0.0, 2.0]), reduction="none"
        ),
        [{}],
        hints=(
            "The rate is the exponential of the log-rate. What is the exponential of ln 3?",
            "The loss is the rate minus the count times the log-rate. For a count of 0 the second "
            "part is gone.",
        ),
    ),
    "exposure": Exercise(
        "exposure_loss(input, target, exposure)",
        lambda input, target, exposure: F.poisson_nll_loss(input + exposure.log(), target),
        [
            {"input": array(0), "target": array(2), "exposure": array(1)},
            {"input": array(0), "target": array(2), "exposure": array(10)},
            {"input": array(0, 0), "target": array(5, 30), "exposure": array(1, 10)},
            {"input": random(0, 6), "target": counts(1, 6), "exposure": positive(2, 6)},
            {"input": random(3, 2, 3), "target": counts(4, 2, 3), "exposure": positive(5, 2, 3)},
        ],
        hints=(
            "Two events an hour, ten hours: how many events do you expect in all?",
            "The model's log-rate is for one hour. The logarithm of a product is a sum.",
            "Change the log-rate of each count to that of its whole span, and the loss of the chapter "
            "does the rest.",
        ),
    ),
    "deviance": Exercise(
        "deviance(input, target)",
        _poisson_deviance,
        [
            {"input": array(0), "target": array(1)},
            {"input": array(0), "target": array(2)},
            {"input": array(0), "target": array(0)},
            {"input": array(0, 0), "target": array(2, 0)},
            {"input": random(0, 6), "target": counts(1, 6)},
            {"input": random(2, 2, 3), "target": counts(3, 2, 3)},
        ],
        hints=(
            "Which log-rate gives a count of 2 the lowest loss, and how low is it? Set the slope to 0.",
            "The lowest loss of a count y is reached where the rate is y itself.",
            "y log y is nan at 0 in NumPy, but its limit is 0. Give the logarithm another argument "
            "there; the factor y does the rest.",
        ),
    ),
    "find_the_bug": Exercise(
        "full_loss(input, target)",
        lambda input, target: F.poisson_nll_loss(input, target, full=True),
        [
            {"input": array(0), "target": array(2)},
            {"input": array(0), "target": array(1)},
            {"input": array(0), "target": array(0)},
            {"input": random(0, 6), "target": counts(1, 6)},
            {"input": random(2, 2, 3), "target": counts(3, 2, 3)},
        ],
        hints=(
            "Try the counts 0, 1 and 2 by themselves, and compare with torch for each.",
            "The verdict names the first that differs. Which counts does the chapter leave the "
            "Stirling term out for, and why?",
            "Choose the term only above a count of 1, and see to it that the logarithm never meets a "
            "0, chosen or not.",
        ),
    ),
}
