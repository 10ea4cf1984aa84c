"""Conditions as decision diagrams: for each step of a program, where it is met and where it is not met.

How a leaf looks depends on what a variable's value means, so the caller says it: `known` gives the children of a variable for the
truth of a leaf in each of its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine import conditions as c
from engine.columns import Column
from engine.diagrams import FALSE, TRUE, Diagrams
from engine.planes import compare, leaf_plane
from engine.program import Program, Step
from engine.ruleset import DecisionList, PointsTable
from engine.space import Space
from engine.vocabulary import Vocabulary


class Pair(NamedTuple):
    """A three-valued function: where it is met, where it is not met. Elsewhere it is unknown."""

    met: int
    not_met: int


UNKNOWN = Pair(FALSE, FALSE)
NOT_MET = Pair(FALSE, TRUE)
LeafReader = Callable[[c.Leaf], Pair]


class Symbols:
    """Steps of one program as pairs of diagrams; leaves are read by `read_leaf`, points need `blank_points` to say what is blank."""

    def __init__(self, diagrams: Diagrams, program: Program, read_leaf: LeafReader, recorded: Callable[[str], int]) -> None:
        self.diagrams, self.program = diagrams, program
        self._read_leaf, self._recorded = read_leaf, recorded
        self._known: dict[int, Pair] = {}

    def step(self, index: int) -> Pair:
        """Where the step is met and where it is not."""
        if index not in self._known:
            step = self.program.steps[index]
            self._known[index] = self._pair(step, [self.step(part) for part in step.parts])
        return self._known[index]

    def _pair(self, step: Step, parts: Sequence[Pair]) -> Pair:
        every, some = self.diagrams.every, self.diagrams.some
        match step.kind:
            case "leaf":
                return self._read_leaf(step.condition)
            case "always":
                return Pair(TRUE, FALSE)
            case "all":
                return Pair(every(part.met for part in parts), some(part.not_met for part in parts))
            case "any":
                return Pair(some(part.met for part in parts), every(part.not_met for part in parts))
            case "not":
                return Pair(parts[0].not_met, parts[0].met)
            case "at_least":
                return Pair(
                    self._at_least(step.count, [part.met for part in parts]),
                    self._at_least(len(parts) - step.count + 1, [part.not_met for part in parts]),
                )
            case "points":
                return self._points(step.condition, [part.met for part in parts])
        when, cleared = parts
        return Pair(when.met, self.diagrams.both(cleared.met, self.diagrams.negated(when.met)))

    def _at_least(self, count: int, parts: list[int]) -> int:
        if count <= 0:
            return TRUE
        if len(parts) < count:
            return FALSE
        first, *others = parts
        with_first = self.diagrams.both(first, self._at_least(count - 1, others))
        return self.diagrams.either(with_first, self._at_least(count, others))

    def _points(self, leaf: c.PointsCompare, rows: list[int]) -> Pair:
        table = self.program.points_tables[leaf.table]
        total = self.total(table, rows)
        holds = self.diagrams.mapped(total, lambda points: int(compare(np.array(points), leaf.operator, leaf.threshold.value)), {})
        known = self.diagrams.every(self._recorded(item) for item in table.unknown_while_blank)
        return Pair(self.diagrams.both(known, holds), self.diagrams.both(known, self.diagrams.negated(holds)))

    def total(self, table: PointsTable, rows: Sequence[int]) -> int:
        """The total of a points table as a numeric diagram; `rows` says where each row is met."""
        remaining, total = iter(rows), self.diagrams.terminal(0)
        for parameter in table.parameters:
            points = self.diagrams.terminal(0)
            for row in parameter.rows:
                given = self.diagrams.mapped(next(remaining), lambda met, worth=row.points: met * worth, {})
                points = self.diagrams.added(points, given, {})
            if parameter.floor is not None:
                points = self.diagrams.mapped(points, lambda sum_, floor=parameter.floor: max(sum_, floor), {})
            total = self.diagrams.added(total, points, {})
        return total

    def branches(self, decision: DecisionList) -> list[Pair]:
        return [Pair(TRUE, FALSE) if step is None else self.step(step) for step in self.program.branch_steps(decision)]


def truths(leaf: c.Leaf, space: Space, vocabulary: Vocabulary) -> list[bool]:
    """The truth of a leaf in each cell of its item, as the columnar evaluator sees it."""
    cells = space.cells[leaf.item]
    column = Column(cells.values, np.ones(len(cells), bool))
    return leaf_plane(leaf, vocabulary, {leaf.item: column}).met.tolist()


def possible_outcomes(diagrams: Diagrams, decision: DecisionList, branches: Sequence[Pair]) -> dict[str, int]:
    """Where each outcome of a decision list is still possible."""
    possible, reachable = dict.fromkeys(decision.outcomes, FALSE), TRUE
    for branch, pair in zip(decision.branches, branches):
        here = diagrams.both(reachable, diagrams.negated(pair.not_met))
        possible[branch.outcome] = diagrams.either(possible[branch.outcome], here)
        reachable = diagrams.both(reachable, diagrams.negated(pair.met))
    return possible


def unsettled(diagrams: Diagrams, decision: DecisionList, branches: Sequence[Pair]) -> int:
    """Where more than one outcome is possible.

    An outcome is the only one possible when every branch that can still be reached gives it: read from the last branch to the first,
    a branch of this outcome is met or leaves the rest to decide, and a branch of another one is not met.
    """
    settled = FALSE
    for outcome in decision.outcomes:
        only = FALSE
        for branch, pair in zip(reversed(decision.branches), reversed(branches)):
            only = diagrams.either(pair.met, only) if branch.outcome == outcome else diagrams.both(pair.not_met, only)
        settled = diagrams.either(settled, only)
    return diagrams.negated(settled)
