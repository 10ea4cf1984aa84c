"""What an answer hangs on and what would change it, for one patient: made only when a view asks, because it takes longer than the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.evaluator import Evaluator
from engine.margins import Margin, margins_of
from engine.next_item import Asked
from engine.values import Value
from engine.what_to_ask import what_to_ask
from engine.what_would_change import ChangeSetFinding, what_would_change


@dataclass(frozen=True)
class Outlook:
    """`margins`: the deciding ones, nearest first. `pathway` and `verdicts` (by column): the smallest changes to another answer.

    `next_items`: what to record next for each verdict that is not settled, by column.
    """

    margins: tuple[Margin, ...]
    pathway: tuple[ChangeSetFinding, ...]
    verdicts: dict[str, tuple[ChangeSetFinding, ...]]
    next_items: dict[str, Asked]


def outlook_of(evaluator: Evaluator, recorded: Mapping[str, Value]) -> Outlook:
    """The outlook of values that are parsed already. Some 0.1 s, the first time for a choice of guidelines more than a second."""
    verdicts, next_items = what_would_change(evaluator, recorded), what_to_ask(evaluator, recorded)
    pathway = verdicts.pop(evaluator.rules.pathway.name)
    next_items.pop(evaluator.rules.pathway.name, None)
    return Outlook(deciding_margins(margins_of(evaluator, recorded)), pathway, verdicts, next_items)


def deciding_margins(margins: Iterable[Margin]) -> tuple[Margin, ...]:
    """Those on which a settled answer hangs, each crossing once ('at least 5' and 'below 5' are one), by their distance as a share of the limit."""
    deciding = {(margin.item, margin.moved_to): margin for margin in margins if margin.decides}
    return tuple(sorted(deciding.values(), key=_share))


def _share(margin: Margin) -> float:
    return abs(margin.distance) / max(abs(margin.limit), 1)
