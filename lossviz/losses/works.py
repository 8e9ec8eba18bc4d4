"""Works that more than one chapter cites."""

from lossviz.losses.loss import Source

COX_1958 = Source(
    "Cox",
    1958,
    "The Regression Analysis of Binary Sequences",
    "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
)
GOOD_1952 = Source("Good", 1952, "Rational Decisions", "https://doi.org/10.1111/j.2517-6161.1952.tb00104.x")
