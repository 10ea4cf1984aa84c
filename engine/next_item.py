"""The next item to record (`semantics.md` 7): the one answer that on average removes most of what is still possible.

Safety-critical missing items come first; among them the greatest mean, over the cells of the item's value equally weighted, of
possible outcomes removed by that one answer; ties go by the form's order. The cells are those of the decision list itself, so that
a pack that is switched on never changes what the pathway asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.cells import Cells, cells_of
from engine.columns import Column, Columns
from engine.decisions import Decided, decide_evaluated
from engine.planes import Evaluation, evaluate
from engine.program import Program, compile_program
from engine.ruleset import DecisionList, RuleSet
from engine.space import RELATIONS
from engine.vocabulary import Vocabulary

_KEPT_LOW = frozenset(lower for lower, _ in RELATIONS.values())
_KEPT_HIGH = frozenset(upper for _, upper in RELATIONS.values())


@dataclass(frozen=True)
class Asked:
    """The item to ask for next, and whether every value of it would settle the answer."""

    item: str
    would_settle: bool


@dataclass(frozen=True)
class NextItem:
    """For one decision list: the answers that can be tried for each item."""

    decision: DecisionList
    program: Program
    vocabulary: Vocabulary
    answers: Mapping[str, np.ndarray]
    """For each item, in the form's order, one value of each of its cells."""

    def of_one(self, columns: Columns, missing: Iterable[str]) -> str | None:
        """The next item of one patient; None when nothing is missing."""
        asked = self.ask_one(columns, missing)
        return None if asked is None else asked.item

    def ask_one(self, columns: Columns, missing: Iterable[str]) -> Asked | None:
        """The same, and whether the item would settle the answer. All answers are tried side by side, a row for each."""
        wanted = set(missing)
        asked = [(item, value) for item in self.answers if item in wanted for value in self.answers[item]]
        if not asked:
            return None
        tried = evaluate(self.program, self.vocabulary, _side_by_side(columns, asked))
        left = decide_evaluated(self.decision, tried).possible.sum(axis=1)
        remaining: dict[str, list[int]] = {}
        for (item, _), outcomes in zip(asked, left):
            remaining.setdefault(item, []).append(int(outcomes))
        best = min(remaining, key=lambda item: (not self._is_safety_critical(item), sum(remaining[item]) / len(remaining[item])))
        return Asked(best, max(remaining[best]) == 1)

    def settling(self, evaluation: Evaluation, missing: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """For each item, for which patients (boolean) recording it would settle the answer, whatever value it turns out to have."""
        found = {}
        for item, where in missing.items():
            rows = np.flatnonzero(where)
            for value in self.answers[item]:
                if len(rows):
                    rows = rows[self._left_after(evaluation.at_rows(rows), item, value) == 1]
            found[item] = np.zeros(evaluation.columns.rows, bool)
            found[item][rows] = True
        return found

    def of(self, evaluation: Evaluation, decided: Decided, missing: Mapping[str, np.ndarray]) -> np.ndarray:
        """The next item of every patient (object: a name, or None when nothing is missing).

        `evaluation` must be of this list's own program.
        """
        rows = evaluation.columns.rows
        best = np.full(rows, None, object)
        best_critical, fewest_left = np.zeros(rows, bool), np.full(rows, np.inf)
        for item, values in self.answers.items():
            critical = self._is_safety_critical(item)
            # Where a safety-critical item is missing, no other is asked.
            where = np.flatnonzero(missing[item] & (critical | ~best_critical)) if item in missing else ()
            if len(where) == 0:
                continue
            asked = evaluation.at_rows(where)
            left = sum(self._left_after(asked, item, value) for value in values) / len(values)
            is_better = (left < fewest_left[where]) | (critical & ~best_critical[where])
            better = where[is_better]
            best[better], best_critical[better], fewest_left[better] = item, critical, left[is_better]
        return best

    def _left_after(self, evaluation: Evaluation, item: str, value: object) -> np.ndarray:
        answered = evaluation.with_item(item, Column(np.array([value]), np.ones(1, bool)))
        return decide_evaluated(self.decision, answered).possible.sum(axis=1)

    def _is_safety_critical(self, item: str) -> bool:
        return self.vocabulary[item].safety_critical is not None


def next_item(rules: RuleSet, decision: DecisionList) -> NextItem:
    """Prepare the answers that each item of one decision list can get."""
    program = compile_program(rules, (), [branch.condition for branch in decision.branches if branch.condition is not None])
    read = frozenset().union(*program.reads) if program.reads else frozenset()
    items = [item for item in rules.vocabulary if item.name in read and not item.milestone and item.type not in ("text", "text_list")]
    cells = {item.name: cells_of(program, rules.vocabulary, item, range(len(program.steps))) for item in items}
    return NextItem(decision, program, rules.vocabulary, {name: _answers(part) for name, part in cells.items()})


def _answers(cells: Cells) -> np.ndarray:
    """One value of each cell; of numbers that a relation compares, the end that contradicts the other one least."""
    if cells.item in _KEPT_LOW:
        return cells.lowest()
    return cells.highest() if cells.item in _KEPT_HIGH else cells.values


def _side_by_side(columns: Columns, asked: list[tuple[str, object]]) -> Columns:
    rows = len(asked)
    by_item = {name: Column(np.repeat(column.values, rows), np.repeat(column.recorded, rows)) for name, column in columns.by_item.items()}
    for row, (item, value) in enumerate(asked):
        if item not in by_item:
            by_item[item] = Column(np.zeros(rows, np.asarray(value).dtype), np.zeros(rows, bool))
        by_item[item].values[row] = value
        by_item[item].recorded[row] = True
    return Columns(rows, by_item)
