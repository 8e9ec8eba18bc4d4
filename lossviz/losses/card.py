"""The at-a-glance card of a loss."""

from __future__ import annotations

import textwrap
from html import escape
from math import inf

from lossviz.losses import find
from lossviz.losses.loss import Bounds, Loss

CARD_WIDTH = 100


class Card:
    """The at-a-glance card of one loss: aligned text in a terminal, a small table in a notebook."""

    def __init__(self, loss: Loss):
        self.loss = loss

    def rows(self) -> list[tuple[str, str, str, str | None]]:
        """Name, label, text and link of each row; a row that continues the one above has an empty label.

        The name is for programs and the label for people.
        """
        loss = self.loss
        others = ", ".join(name for name in loss.reductions if name != loss.default_reduction)
        groups = [
            ("aliases", "also called", [", ".join(loss.aliases)]),
            ("home", *_home(loss)),
            *((argument.name, argument.name, [argument.says]) for argument in loss.arguments),
            ("options", "options", [f"{o.name}={o.default} ({o.words}): {o.meaning}" for o in loss.options]),
            ("reductions", "reduction", [f"{loss.default_reduction} (default), {others}"]),
            ("range", "range", [_range(bounds, loss.values) for bounds in loss.values]),
            (
                "gradient",
                "gradient",
                [
                    f"far away: {loss.gradient_far}",
                    f"at the target: {loss.gradient_at_target}",
                    f"bound: {'; '.join(map(_bound, loss.gradients))}",
                ],
            ),
            ("elicits", "estimates", [loss.elicits]),
            ("robust_to", "robust to", [loss.robust_to]),
            ("use_when", "use when", [loss.use_when]),
            ("avoid_when", "avoid when", [loss.avoid_when]),
            ("sources", "sources", [(str(source), source.url) for source in loss.sources]),
        ]
        return [
            (name, "" if i else label, *(entry if isinstance(entry, tuple) else (entry, None)))
            for name, label, entries in groups
            for i, entry in enumerate(entries)
        ]

    def __repr__(self) -> str:
        rows = self.rows()
        indent = max(len(label) for _, label, _, _ in rows) + 2
        lines = textwrap.wrap(f"{self.loss.title}: {self.loss.summary}", CARD_WIDTH)
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
            f"<strong>{escape(self.loss.title)}</strong>: {escape(self.loss.summary)}</caption>"
            f"<tbody>{body}</tbody></table>"
        )


def card(name: str) -> Card:
    """The at-a-glance card of the loss `name`, as in torch.nn.functional.

    Raises ValueError for a name that is not in the catalogue, with the names that come close.
    """
    return Card(find(name))


def _home(loss: Loss) -> tuple[str, list]:
    if loss.torch_class is None:
        return "defined in", [loss.functional]
    # A loss that is a module alone has one name, and a function of the handbook is none of torch's.
    names = dict.fromkeys((loss.torch_class, loss.functional))
    names = [name for name in names if name.startswith("torch.")]
    return "in torch", [(", ".join(names), loss.docs_url)]


def _range(bounds: Bounds, among: tuple[Bounds, ...]) -> str:
    """Where values lie, and of what this is said where that is not the same for all."""
    left = f"[{bounds.low:g}" if bounds.low > -inf else "(-inf"
    right = f"{bounds.high:g}]" if bounds.high < inf else "inf)"
    said_of = f" for {bounds.of}" if len({other.of for other in among}) > 1 else ""
    return f"{left}, {right}{said_of}{_conditions(bounds)}"


def _bound(bounds: Bounds) -> str:
    size = max(-bounds.low, bounds.high)
    return ("none" if size == inf else f"at most {size:g} in size") + _conditions(bounds)


def _conditions(bounds: Bounds) -> str:
    """For which options bounds hold, and which move them."""
    where = "".join(f" with {name}={value}" for name, value in bounds.where.items())
    where += "".join(f" with {name} >= {low:g}" for name, low in bounds.least.items())
    times = "".join(f", times {name}" for name in bounds.times)
    raised = "".join(f", times {name} where that is above 1" for name in bounds.raised_by)
    over = "".join(f", divided by {name}" for name in bounds.over)
    return where + times + raised + over


def _linked(text: str, url: str | None) -> str:
    if url is None:
        return escape(text)
    return f'<a href="{escape(url)}" style="color: inherit">{escape(text)}</a>'
