"""What decided one decision list for a patient: the facts, down to single questions, that gave its answer.

A fact is one question (a comparison of one item with constants) and its state. The facts of a state are a proof of it, the first one in
the order in which the condition is written: one met part of an 'any', every part of an 'all', the first n met parts of 'at least n', and
the other way round for what is not met. Of an unknown state they are its unknown questions. The walk looks at nothing but states, so
patients with the same states of what it looked at have the same facts; a cohort is walked once for each such group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine import conditions as c
from engine.planes import Evaluation
from engine.ruleset import DecisionList, RuleSet
from engine.truth import Truth

Question = c.Leaf | c.PointsCompare
StateOf = Callable[[c.Condition], Truth]
_STATES = (Truth.NOT_MET, Truth.MET, Truth.UNKNOWN)


@dataclass(frozen=True)
class Fact:
    """A question, the criterion that asks it itself (not through another criterion), and its state.

    `question` is None where a criterion is open although everything it reads is recorded.
    """

    criterion: str
    question: Question | None
    state: Truth


@dataclass(frozen=True)
class BranchFacts:
    """One branch, its state and the facts of that state."""

    branch: str
    outcome: str
    state: Truth
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Decided:
    """The answer of a decision list, what it still allows, and its branches up to the first that is met."""

    decision: str
    answer: str
    possible: tuple[str, ...]
    branches: tuple[BranchFacts, ...]

    @property
    def reached(self) -> BranchFacts:
        """The first branch that is met."""
        return self.branches[-1]

    def facts(self) -> Iterator[Fact]:
        for branch in self.branches:
            yield from branch.facts


def decided_one(rules: RuleSet, decision: DecisionList, evaluation: Evaluation) -> Decided:
    """What decided for one patient; `evaluation` is of a program that holds the list."""
    return _Walk(rules, lambda condition: state_in(evaluation, condition)).of(decision)


def decided_rows(rules: RuleSet, decision: DecisionList, evaluation: Evaluation, rows: np.ndarray) -> tuple[np.ndarray, list[Decided]]:
    """The same for these rows (positions, intp): for each of them the place of what decided in the list returned beside."""
    states = _States(evaluation)
    places = np.full(evaluation.columns.rows, -1, np.intp)
    found: list[Decided] = []
    groups = [rows] if len(rows) else []
    while groups:
        group = groups.pop()
        asked: dict[int, Truth] = {}
        found.append(_Walk(rules, lambda condition, row=group[0], asked=asked: states.noted(condition, row, asked)).of(decision))
        for step, state in asked.items():
            alike = states.of_step(step)[group] == _STATES.index(state)
            if not alike.all():
                groups.append(group[~alike])
                group = group[alike]
        places[group] = len(found) - 1
    return places[rows], found


def state_in(evaluation: Evaluation, condition: c.Condition) -> Truth:
    """The state of a condition of the program, for one patient."""
    met, not_met = evaluation.planes[evaluation.program.condition_steps[condition]]
    return Truth.MET if np.all(met) else Truth.NOT_MET if np.all(not_met) else Truth.UNKNOWN


class _States:
    """States of steps over all rows, each made once: int8 positions in `_STATES`."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation, self._known = evaluation, {}

    def of_step(self, step: int) -> np.ndarray:
        if step not in self._known:
            met, not_met = self._evaluation.planes[step]
            codes = np.where(met, np.int8(1), np.where(not_met, np.int8(0), np.int8(2)))
            self._known[step] = np.broadcast_to(codes, (self._evaluation.columns.rows,))
        return self._known[step]

    def noted(self, condition: c.Condition, row: int, asked: dict[int, Truth]) -> Truth:
        """The state of one row; `asked` learns that it was looked at."""
        step = self._evaluation.program.condition_steps[condition]
        asked[step] = _STATES[self.of_step(step)[row]]
        return asked[step]


class _Walk:
    """The walk down one patient's states."""

    def __init__(self, rules: RuleSet, state_of: StateOf) -> None:
        self._rules, self._state_of = rules, state_of

    def of(self, decision: DecisionList) -> Decided:
        branches: list[BranchFacts] = []
        for branch in decision.branches:
            state = Truth.MET if branch.condition is None else self._state_of(branch.condition)
            facts = () if branch.condition is None else tuple(dict.fromkeys(self._facts(branch.condition, state, "")))
            branches.append(BranchFacts(branch.name, branch.outcome, state, facts))
            if state is Truth.MET:
                break
        allowed = {branch.outcome for branch in branches if branch.state is not Truth.NOT_MET}
        possible = tuple(outcome for outcome in decision.outcomes if outcome in allowed)
        return Decided(decision.name, possible[0] if len(possible) == 1 else decision.unsettled, possible, tuple(branches))

    def _facts(self, condition: c.Condition, state: Truth, criterion: str) -> Iterator[Fact]:
        match condition:
            case c.CriterionRef(id):
                yield from self._of_criterion(id, state)
            case c.Not(part):
                yield from self._of(part, criterion)
            case c.All(parts):
                yield from self._of_parts(parts, len(parts), state, criterion)
            case c.Any(parts):
                yield from self._of_parts(parts, 1, state, criterion)
            case c.AtLeast(count, parts):
                yield from self._of_parts(parts, count, state, criterion)
            case c.Always():
                return
            case _:
                yield Fact(criterion, condition, state)

    def _of(self, condition: c.Condition, criterion: str) -> Iterator[Fact]:
        yield from self._facts(condition, self._state_of(condition), criterion)

    def _of_parts(self, parts: Sequence[c.Condition], count: int, state: Truth, criterion: str) -> Iterator[Fact]:
        """`count` met parts make it met, so one more than the others can spare make it not met; unknown, every unknown part."""
        needed = {Truth.MET: count, Truth.NOT_MET: len(parts) - count + 1, Truth.UNKNOWN: len(parts)}[state]
        for part in parts:
            if needed and self._state_of(part) is state:
                needed -= 1
                yield from self._facts(part, state, criterion)

    def _of_criterion(self, id: str, state: Truth) -> Iterator[Fact]:
        criterion = self._rules.criteria[id]
        if state is Truth.MET or criterion.cleared_when is None:
            yield from self._of(criterion.when, id)
        elif state is Truth.NOT_MET:
            yield from self._of(criterion.cleared_when, id)
        else:
            open_ = [part for part in (criterion.when, criterion.cleared_when) if self._state_of(part) is Truth.UNKNOWN]
            for part in open_:
                yield from self._of(part, id)
            if not open_:
                yield Fact(id, None, Truth.UNKNOWN)
