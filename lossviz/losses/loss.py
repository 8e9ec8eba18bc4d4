"""What is known of a loss: `Loss`, and the pieces that it is made of."""

from __future__ import annotations

from dataclasses import dataclass


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
class Loss:
    """The facts of one loss.

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
