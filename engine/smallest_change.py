"""What would change the answer (`semantics.md` 7): all sets of fewest recorded items whose coherent new values lead to another answer.

Every answer is a decision diagram over what is recorded of every item. In it, keeping an item's value costs nothing and giving a
changeable item another value costs one, so the sets of fewest items are the cheapest ways through the diagram to TRUE. That is exact:
each way through stands for the patients of one combination of cells, and each patient lies in one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from engine.cheapest_ways import CheapestWays, Option
from engine.columns import Column, Columns
from engine.contradictions import reasons
from engine.patient_space import PatientSpace
from engine.planes import evaluate_one
from engine.program import Program, compile_program
from engine.rules_key import RulesKey
from engine.ruleset import DecisionList, RuleSet
from engine.space import RELATIONS

MOST_SETS = 20
MOST_KEPT = 256
"""For how many combinations of standing contradictions the diagrams are kept."""
YES_CELL, NO_CELL = 0, 1


@dataclass(frozen=True)
class Change:
    """One item of a set: its kind (how it can change), its cell now and a cell to which it would have to move."""

    item: str
    kind: str
    now: int
    then: int


@dataclass(frozen=True)
class ChangeSet:
    """Items that together lead to another answer, in the form's order, and that answer."""

    changes: tuple[Change, ...]
    answer: str

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.kind for change in self.changes))


class Contradicted(NamedTuple):
    """One patient's columns with the derived items, and which reasons for contradictions hold already."""

    by_name: Mapping[str, Column]
    standing: tuple[bool, ...]


def contradicted(rules: RuleSet, columns: Columns) -> Contradicted:
    """What every decision list asks of one patient; made once for all of them."""
    program, steps = _reasons_program(RulesKey(rules))
    evaluation = evaluate_one(program, rules.vocabulary, columns)
    return Contradicted(evaluation.by_name, tuple(bool(evaluation.planes[step].met) for step in steps))


class SmallestChange:
    """The diagrams of one decision list's answers, and the search for the cheapest ways to another one."""

    def __init__(self, rules: RuleSet, decision: DecisionList) -> None:
        self.space = PatientSpace(rules, decision)
        self._vocabulary = rules.vocabulary
        self._answers = {outcome: self.space.settled(outcome) for outcome in decision.outcomes}
        self._related = self.space.related()
        self._coherent: dict[tuple[bool, ...], int] = {}

    def of(self, patient: Contradicted, answer: str) -> tuple[ChangeSet, ...]:
        """The smallest changes for one patient whose answer is `answer` (an outcome, or the word for 'not settled')."""
        now = _Now(self.space, patient)
        coherent = self._coherent_beside(patient.standing)
        searches = [
            (outcome, must, CheapestWays(self.space.diagrams, (node, coherent), options, len(must)))
            for options, must in [(_Options(self.space, now, held, must), must) for held, must in self._relation_cases(now)]
            for outcome, node in self._answers.items() if outcome != answer
        ]
        found: dict[frozenset[int], tuple[str, dict[int, int]]] = {}
        for price in itertools.count(1):
            for outcome, must, search in searches:
                for cells in search.ways_of(price):
                    cells = {**{position: now[position] for position in must}, **cells}
                    found.setdefault(frozenset(cells), (outcome, cells))
            if found or all(search.exhausted for _, _, search in searches):
                break
        sets = [self._change_set(now, outcome, cells) for outcome, cells in found.values()]
        return tuple(sorted(sets, key=lambda change_set: [self._vocabulary[change.item].order for change in change_set.changes])[:MOST_SETS])

    def _coherent_beside(self, standing: tuple[bool, ...]) -> int:
        """Where no contradiction stands but those that stand already."""
        if standing not in self._coherent:
            if len(self._coherent) >= MOST_KEPT:
                self._coherent.clear()
            d = self.space.diagrams
            others = (d.negated(self.space.contradicting(reason)) for reason, stands in zip(self.space.reasons, standing) if not stands)
            self._coherent[standing] = d.both(d.every(others), self._related)
        return self._coherent[standing]

    def _relation_cases(self, now: _Now) -> list[tuple[dict[int, int], frozenset[int]]]:
        """What relations are held at, and the numbers that have to change for that.

        A relation keeps its value, or becomes 'not above' because one of its two numbers is changed.
        """
        cases: list[tuple[dict[int, int], frozenset[int]]] = [({}, frozenset())]
        for name, numbers in RELATIONS.items():
            relation = self.space.positions.get(name)
            if relation is not None and now[relation] == YES_CELL:
                changing = [position for number in numbers if now.changeable(position := self.space.positions[number])]
                cases += [({**held, relation: NO_CELL}, must | {number}) for held, must in cases for number in changing]
        return cases

    def _change_set(self, now: Mapping[int, int], outcome: str, cells: Mapping[int, int]) -> ChangeSet:
        names = self.space.space.names
        changes = [
            Change(names[position], self._vocabulary[names[position]].changeability, now[position], cell) for position, cell in cells.items()
        ]
        return ChangeSet(tuple(sorted(changes, key=lambda change: self._vocabulary[change.item].order)), outcome)


class _Now(dict[int, int]):
    """The cell of each variable for one patient; found when it is asked for."""

    def __init__(self, space: PatientSpace, patient: Contradicted) -> None:
        super().__init__()
        self._space, self._by_name = space, patient.by_name

    def __missing__(self, position: int) -> int:
        self[position] = self._space.space.locate_one(self._space.space.names[position], self._by_name)
        return self[position]

    def changeable(self, position: int) -> bool:
        """Whether a new value may be proposed: of an item that is recorded (or a milestone) and not fixed."""
        item = self._space.rules.vocabulary.items.get(self._space.space.names[position])
        if item is None or item.changeability == "fixed":
            return False
        return item.milestone or self[position] < len(self._space.space.cells[item.name])


class _Options(dict[int, tuple[Option, ...]]):
    """For each variable the value it has, at no price; then the others, if it is changeable. One that has to change is paid for already."""

    def __init__(self, space: PatientSpace, now: _Now, held: Mapping[int, int], must_change: frozenset[int]) -> None:
        super().__init__()
        self._sizes, self._now, self._held, self._must_change = space.diagrams.sizes, now, held, must_change

    def __missing__(self, position: int) -> tuple[Option, ...]:
        now = self._held.get(position, self._now[position])
        others = [cell for cell in range(self._sizes[position] - 1) if cell != now] if self._now.changeable(position) else []
        self[position] = ((now, 0), *((cell, 0 if position in self._must_change else 1) for cell in others))
        return self[position]


@lru_cache(maxsize=8)
def _reasons_program(key: RulesKey) -> tuple[Program, tuple[int, ...]]:
    """The program of all reasons, and the step of each in their order; the program has further steps for their parts."""
    asked = reasons(key.rules)
    program = compile_program(key.rules, (), asked)
    return program, tuple(program.condition_steps[reason] for reason in asked)
