"""How far each recorded number is from the thresholds that criteria compare it with, and whether an answer hangs on it alone.

An answer hangs on a comparison when it is settled, and moving the number just across the border of that comparison, everything else as
it is, gives another answer or leaves it unsettled. 'Just across' is the nearest number of the item on the other side (the next whole
number for whole ones), so other borders on the way are crossed too. All moves are evaluated exactly, side by side, in one evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np

from engine import conditions as c
from engine.cells import cuts_of
from engine.column_building import columns_from_patients
from engine.columns import Column, Columns
from engine.decisions import decide_evaluated
from engine.evaluator import Evaluator
from engine.planes import Evaluation, compare, evaluate
from engine.ruleset import DecisionList
from engine.values import Value
from engine.vocabulary import Item

SIGNS: Mapping[str, str] = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}


@dataclass(frozen=True)
class Margin:
    """One recorded number against one threshold. Plain types only."""

    item: str
    value: float
    unit: str
    threshold: str
    comparison: str
    """≥, ≤, >, < or =."""
    limit: float
    holds: bool
    distance: float
    """Value less limit, in the unit of the item: above 0 the value lies above the limit, at 0 on it."""
    moved_to: float
    """The nearest number on the other side of the comparison."""
    criteria: tuple[str, ...]
    """The criteria that make this comparison, themselves or in a score they ask for."""
    pathway: str
    """The pathway after the move where the settled one hangs on it; else empty."""
    verdicts: dict[str, str]
    """The same for each verdict column that hangs on it."""
    contradictions: tuple[str, ...]
    """Ids of contradictions that would stand after the move and do not stand now."""

    @property
    def decides(self) -> bool:
        """Whether any settled answer hangs on this comparison alone."""
        return bool(self.pathway or self.verdicts)


@dataclass(frozen=True)
class _Reading:
    """A comparison of the program, and the criteria that make it."""

    leaf: c.Compare
    criteria: tuple[str, ...]


def margins_of(evaluator: Evaluator, recorded: Mapping[str, Value]) -> tuple[Margin, ...]:
    """The margins of one patient's parsed values, in the form's order and by limit.

    A number that is only derived (levels counted from the list) has no margin, for it was not measured; a move out of the item's range
    is none, so a comparison without one inside it is left out.
    """
    vocabulary = evaluator.rules.vocabulary
    moves = [
        (reading, float(recorded[item.name]), to)
        for item, readings in _readings(evaluator) if item.name in recorded
        for reading in readings
        for to in _across(item, reading.leaf, float(recorded[item.name]))
    ]
    if not moves:
        return ()
    rows = {move: row for row, move in enumerate(dict.fromkeys((reading.leaf.item, to) for reading, _, to in moves), start=1)}
    columns = _side_by_side(columns_from_patients(vocabulary, [recorded]), rows)
    tried = _Tried(evaluator, evaluate(evaluator.program, vocabulary, columns))
    return tuple(_margin(vocabulary[reading.leaf.item], reading, value, to, tried, rows[reading.leaf.item, to]) for reading, value, to in moves)


@lru_cache(maxsize=32)
def _readings(evaluator: Evaluator) -> tuple[tuple[Item, tuple[_Reading, ...]], ...]:
    """Every comparison of a recorded number, by item in the form's order and by limit."""
    found: dict[c.Compare, dict[str, None]] = {}
    for id in evaluator.criteria:
        criterion = evaluator.rules.criteria[id]
        for when in filter(None, (criterion.when, criterion.cleared_when)):
            for leaf in _comparisons(evaluator, when):
                found.setdefault(leaf, {})[id] = None
    ordered = sorted(found, key=lambda leaf: (leaf.threshold.value, leaf.operator, leaf.threshold.name))
    by_item = [(item, tuple(_Reading(leaf, tuple(found[leaf])) for leaf in ordered if leaf.item == item.name)) for item in evaluator.rules.vocabulary]
    return tuple((item, readings) for item, readings in by_item if readings)


def _comparisons(evaluator: Evaluator, when: c.Condition) -> Iterator[c.Compare]:
    """The comparisons of a condition and of the points tables it asks; not those of other criteria."""
    for node in c.walk(when):
        if isinstance(node, c.Compare):
            yield node
        elif isinstance(node, c.PointsCompare):
            for parameter in evaluator.rules.points_tables[node.table].parameters:
                for row in parameter.rows:
                    yield from _comparisons(evaluator, row.when)


def _across(item: Item, leaf: c.Compare, value: float) -> tuple[float, ...]:
    """The nearest numbers at which the comparison comes out the other way; two where an equal number may move up or down."""
    holds = bool(compare(np.float64(value), leaf.operator, leaf.threshold.value))
    sides = [number for cut in cuts_of(leaf, item) for number in _beside(item, cut)]
    other = [number for number in sides if bool(compare(np.float64(number), leaf.operator, leaf.threshold.value)) != holds]
    reachable = [number for number in dict.fromkeys(other) if item.minimum <= number <= item.maximum]
    lower, upper = [number for number in reachable if number < value], [number for number in reachable if number > value]
    return tuple([*([max(lower)] if lower else []), *([min(upper)] if upper else [])])


def _beside(item: Item, cut: tuple[float, int]) -> tuple[float, float]:
    """The last number before a cut and the first one after it."""
    border, after = cut
    if item.type == "integer":
        return border - 1, border
    return (border, math.nextafter(border, math.inf)) if after else (math.nextafter(border, -math.inf), border)


def _side_by_side(columns: Columns, rows: Mapping[tuple[str, float], int]) -> Columns:
    """The patient as recorded in row 0, and one row for each move."""
    count = len(rows) + 1
    by_item = {name: Column(np.repeat(column.values, count), np.repeat(column.recorded, count)) for name, column in columns.by_item.items()}
    for (item, value), row in rows.items():
        by_item[item].values[row] = value
    return Columns(count, by_item)


class _Tried:
    """What each row's answers are, beside those of row 0."""

    def __init__(self, evaluator: Evaluator, evaluation: Evaluation) -> None:
        rows = evaluation.columns.rows
        self._changed: list[dict[str, str]] = [{} for _ in range(rows)]
        for decision in evaluator.decisions:
            settled = decide_evaluated(decision, evaluation).settled
            for row in np.flatnonzero(settled != settled[0]).tolist() if settled[0] >= 0 else ():
                self._changed[row][decision.name] = _answer(decision, int(settled[row]))
        self._columns = {verdicts.decision.name: verdicts.column for pack in evaluator.packs for verdicts in pack.verdicts}
        self._pathway = evaluator.rules.pathway.name
        self._contradicting = {id: np.broadcast_to(evaluation.criterion(id).met, (rows,)) for id in evaluator.rules.contradictions}

    def pathway(self, row: int) -> str:
        return self._changed[row].get(self._pathway, "")

    def verdicts(self, row: int) -> dict[str, str]:
        return {self._columns[name]: answer for name, answer in self._changed[row].items() if name in self._columns}

    def contradictions(self, row: int) -> tuple[str, ...]:
        return tuple(id for id, standing in self._contradicting.items() if standing[row] and not standing[0])


def _answer(decision: DecisionList, settled: int) -> str:
    return decision.unsettled if settled < 0 else decision.outcomes[settled]


def _margin(item: Item, reading: _Reading, value: float, to: float, tried: _Tried, row: int) -> Margin:
    leaf = reading.leaf
    return Margin(
        item.name, value, item.unit, leaf.threshold.name, SIGNS[leaf.operator], leaf.threshold.value,
        bool(compare(np.float64(value), leaf.operator, leaf.threshold.value)), _distance(value, leaf.threshold.value), to,
        reading.criteria, tried.pathway(row), tried.verdicts(row), tried.contradictions(row),
    )


def _distance(value: float, limit: float) -> float:
    """The difference of the numbers as they are written: 1.9 less 1.8 is 0.1."""
    return float(Decimal(repr(value)) - Decimal(repr(limit)))
