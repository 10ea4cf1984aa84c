"""The same patients under two rule sets: who moves, and because of which criteria (`python -m engine diff`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine import conditions as c
from engine.columns import Columns
from engine.decisions import Decided, decide_evaluated
from engine.evaluator import Evaluator
from engine.planes import Evaluation, Plane, evaluate
from engine.ruleset import DecisionList, RuleSet

ONLY_OLD, ONLY_NEW = "(column only in the old rules)", "(column only in the new rules)"


@dataclass(frozen=True)
class Move:
    """One answer of one patient that differs. `criteria` are short codes, or ids where there is none."""

    row: int
    column: str
    old: str
    new: str
    criteria: tuple[str, ...]


def columns_in_one_only(old: Evaluator, new: Evaluator) -> list[tuple[str, str]]:
    """Decision lists that only one of the two has, with which one."""
    before, after = ({decision.name for decision in evaluator.decisions} for evaluator in (old, new))
    return [(name, ONLY_OLD) for name in sorted(before - after)] + [(name, ONLY_NEW) for name in sorted(after - before)]


def moves(old: Evaluator, new: Evaluator, columns: Columns, read_by_new: Columns | None = None) -> Iterator[Move]:
    """Every answer that differs, patient by patient in row order, in the order of the new rules' columns.

    `read_by_new` holds the same patients as the vocabulary of the new rules reads them, where it is another than that of the old.
    The criteria named are those the list reads (in the order of its branches) whose state differs, or that only one rule set has and
    that are met there. Where none differs, the order or the verdicts of the branches do: then the deciding criteria of both are named.
    """
    before, after = _Side.of(old, columns), _Side.of(new, columns if read_by_new is None else read_by_new)
    shared = [decision.name for decision in new.decisions if decision.name in before.decided]
    moved = {name: np.flatnonzero(before.answers(name) != after.answers(name)) for name in shared}
    for row in np.unique(np.concatenate([np.zeros(0, np.intp), *moved.values()])):
        for name in shared:
            if row in moved[name]:
                yield Move(int(row), name, str(before.answers(name)[row]), str(after.answers(name)[row]), tuple(_because(before, after, name, row)))


@dataclass(frozen=True)
class _Side:
    """One rule set's answers about all patients."""

    rules: RuleSet
    evaluation: Evaluation
    decided: dict[str, Decided]

    @staticmethod
    def of(evaluator: Evaluator, columns: Columns) -> _Side:
        evaluation = evaluate(evaluator.program, evaluator.rules.vocabulary, columns)
        return _Side(evaluator.rules, evaluation, {decision.name: decide_evaluated(decision, evaluation) for decision in evaluator.decisions})

    def answers(self, name: str) -> np.ndarray:
        decided = self.decided[name]
        words = np.array([*decided.decision.outcomes, decided.decision.unsettled], dtype=object)
        return words[decided.settled]

    def state(self, id: str, row: int) -> tuple[bool, bool] | None:
        if id not in self.evaluation.program.criterion_steps:
            return None
        plane = self.evaluation.criterion(id)
        return _at(plane, self.evaluation.columns.rows, row)

    def code(self, id: str) -> str:
        return self.rules.criteria[id].code or id

    def deciding(self, name: str, row: int) -> Sequence[str]:
        decided = self.decided[name]
        branch = decided.decision.branches[decided.first_triggered[row]]
        return [id for id in branch.criteria if self.state(id, row) == (True, False)]


def _at(plane: Plane, rows: int, row: int) -> tuple[bool, bool]:
    met, not_met = (np.broadcast_to(part, (rows,))[row] for part in plane)
    return bool(met), bool(not_met)


def _because(before: _Side, after: _Side, name: str, row: int) -> Iterable[str]:
    ids = dict.fromkeys([*_read_by(after.rules, after.decided[name].decision), *_read_by(before.rules, before.decided[name].decision)])
    found: dict[str, None] = {}
    for id in ids:
        was, now = before.state(id, row), after.state(id, row)
        only_one = was is None or now is None
        if (only_one and (now or was) == (True, False)) or (not only_one and was != now):
            found[(after if now is not None else before).code(id)] = None
    if found:
        return found
    both = [side.code(id) for side in (before, after) for id in side.deciding(name, row)]
    return dict.fromkeys(both)


def _read_by(rules: RuleSet, decision: DecisionList) -> Iterator[str]:
    """The criteria a decision list reads, each before those it refers to, in the order of the branches."""
    seen: set[str] = set()
    waiting = [id for branch in reversed(decision.branches) for id in reversed(branch.criteria)]
    while waiting:
        id = waiting.pop()
        if id in seen:
            continue
        seen.add(id)
        yield id
        criterion = rules.criteria[id]
        nodes = [*c.walk(criterion.when), *(c.walk(criterion.cleared_when) if criterion.cleared_when is not None else ())]
        waiting += [node.id for node in reversed(nodes) if isinstance(node, c.CriterionRef)]
