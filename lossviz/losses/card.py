"""The at-a-glance card of a loss."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches
from html import escape
from math import inf

from lossviz.losses import CATALOG
from lossviz.losses.loss import Loss

CARD_WIDTH = 100


class Card:
    """The at-a-glance card of one loss: aligned text in a terminal, a small table in a notebook."""

    def __init__(self, loss: Loss):
        self.loss = loss

    def rows(self) -> list[tuple[str, str, str | None]]:
        """Label, text and link of each row; a row that continues the one above has an empty label."""
        loss = self.loss
        others = ", ".join(name for name in loss.reductions if name != loss.default_reduction)
        groups = [
            ("also called", [", ".join(loss.aliases)]),
            ("in torch", [(f"{loss.torch_class}, {loss.functional}", loss.docs_url)]),
            ("input", [loss.input]),
            ("target", [loss.target]),
            ("options", [f"{o.name}={o.default} ({o.domain}): {o.meaning}" for o in loss.options]),
            ("reduction", [f"{loss.default_reduction} (default), {others}"]),
            ("range", [_interval(loss.low, loss.high)]),
            (
                "gradient",
                [
                    f"far away: {loss.gradient_far}",
                    f"at the target: {loss.gradient_at_target}",
                    f"bound: {_bound(loss.gradient_bound)}",
                ],
            ),
            ("estimates", [loss.elicits]),
            ("robust to", [loss.robust_to]),
            ("use when", [loss.use_when]),
            ("avoid when", [loss.avoid_when]),
            ("sources", [(str(source), source.url) for source in loss.sources]),
        ]
        return [
            ("" if i else label, *(entry if isinstance(entry, tuple) else (entry, None)))
            for label, entries in groups
            for i, entry in enumerate(entries)
        ]

    def __repr__(self) -> str:
        rows = self.rows()
        indent = max(len(label) for label, _, _ in rows) + 2
        lines = textwrap.wrap(f"{self.loss.title}: {self.loss.summary}", CARD_WIDTH)
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
            '<tr style="background: none">'
            # A further line of the same fact has no heading of its own.
            + (
                f'<th scope="row" style="{cell}; white-space: nowrap">{escape(label)}</th>'
                if label
                else "<td></td>"
            )
            + f'<td style="{cell}">{_linked(text, url)}</td></tr>'
            for label, text, url in self.rows()
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
