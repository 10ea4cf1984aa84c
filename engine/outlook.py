"""What an answer hangs on and what would change it, for one patient: made only when a view asks, because it takes longer than the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.evaluator import Evaluator
from engine.margins import Margin, margins_of
from engine.values import Value
from engine.what_would_change import ChangeSetFinding, what_would_change

_ENDLESS = re.compile(r"\d+\.\d{5,}")


@dataclass(frozen=True)
class Outlook:
    """`margins`: the deciding ones, nearest first. `pathway` and `verdicts` (by column): the smallest changes to another answer."""

    margins: tuple[Margin, ...]
    pathway: tuple[ChangeSetFinding, ...]
    verdicts: dict[str, tuple[ChangeSetFinding, ...]]


def outlook_of(evaluator: Evaluator, recorded: Mapping[str, Value]) -> Outlook:
    """The outlook of values that are parsed already. Some 0.1 s, the first time for a choice of guidelines more than a second."""
    changes = what_would_change(evaluator, recorded)
    columns = {verdicts.column: verdicts.decision.name for pack in evaluator.packs for verdicts in pack.verdicts}
    return Outlook(
        deciding_margins(margins_of(evaluator, recorded)), changes[evaluator.rules.pathway.name],
        {column: changes[decision] for column, decision in columns.items()},
    )


def deciding_margins(margins: Iterable[Margin]) -> tuple[Margin, ...]:
    """Those on which a settled answer hangs, each crossing once ('at least 5' and 'below 5' are one), by their distance as a share of the limit."""
    deciding = {(margin.item, margin.moved_to): margin for margin in margins if margin.decides}
    return tuple(sorted(deciding.values(), key=_share))


def _share(margin: Margin) -> float:
    return abs(margin.distance) / max(abs(margin.limit), 1)


def short_decimals(text: str) -> str:
    """Borders such as a seventh of a week, as people write them."""
    return _ENDLESS.sub(lambda number: f"{float(number.group()):.2g}", text)
