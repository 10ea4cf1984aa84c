"""What would change the answer (`semantics.md` 7): all sets of fewest recorded items whose coherent new values lead to another answer.

Every answer is a decision diagram over what is recorded of every item. In it, keeping an item's value costs nothing and giving a
changeable item another value costs one, so the sets of fewest items are the cheapest ways through the diagram to TRUE. That is exact:
each way through stands for the patients of one combination of cells, and each patient lies in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.columns import Columns
from engine.diagrams import FALSE, TRUE
from engine.patient_space import PatientSpace
from engine.planes import evaluate_one
from engine.program import compile_program
from engine.ruleset import DecisionList, RuleSet
from engine.space import RELATIONS
from engine.vocabulary import Item

MOST_SETS = 20
MOST_KEPT = 256
"""For how many combinations of standing contradictions the diagrams are kept."""
YES_CELL, NO_CELL = 0, 1
_NO_WAY = 1 << 20


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


class SmallestChange:
    """The diagrams of one decision list's answers, and the search for the cheapest ways to another one."""

    def __init__(self, rules: RuleSet, decision: DecisionList) -> None:
        self.space = PatientSpace(rules, decision)
        self._vocabulary = rules.vocabulary
        self._answers = {outcome: self.space.settled(outcome) for outcome in decision.outcomes}
        self._related = self.space.related()
        self._reasons = compile_program(rules, (), self.space.reasons)
        self._coherent: dict[tuple[bool, ...], int] = {}

    def of(self, columns: Columns, answer: str) -> tuple[ChangeSet, ...]:
        """The smallest changes for one patient whose answer is `answer` (an outcome, or the word for 'not settled')."""
        evaluation = evaluate_one(self._reasons, self._vocabulary, columns)
        now = [self.space.space.locate_one(name, evaluation.by_name) for name in self.space.space.names]
        coherent = self._coherent_beside(tuple(bool(evaluation.planes[self._reasons.condition_steps[reason]].met) for reason in self.space.reasons))
        found: dict[frozenset[int], tuple[str, dict[int, int]]] = {}
        fewest = _NO_WAY
        for fixed in self._relation_cases(now):
            search = _Search(self, now, fixed)
            for outcome, node in self._answers.items():
                cost = search.cost((node, coherent))
                if outcome == answer or not 0 < cost <= min(fewest, _NO_WAY - 1):
                    continue
                if cost < fewest:
                    fewest, found = cost, {}
                for chosen, cells in search.ways((node, coherent)).items():
                    found.setdefault(chosen, (outcome, dict(cells)))
        sets = [self._change_set(now, chosen, outcome, cells) for chosen, (outcome, cells) in found.items()]
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

    def _relation_cases(self, now: list[int]) -> Iterable[_Fixed]:
        """A relation keeps its value, or becomes 'not above' because one of its two numbers is changed."""
        cases = [_Fixed({}, frozenset())]
        for name, numbers in RELATIONS.items():
            position = self.space.positions.get(name)
            if position is not None and now[position] == YES_CELL:
                changing = [self.space.positions[number] for number in numbers if self.changeable(self.space.positions[number], now[self.space.positions[number]])]
                mended = [_Fixed({**case.values, position: NO_CELL}, case.must_change | {number}) for case in cases for number in changing]
                cases = [_Fixed({**case.values, position: YES_CELL}, case.must_change) for case in cases] + mended
        return cases

    def changeable(self, position: int, now: int) -> Item | None:
        """The item of a variable, if a new value of it may be proposed: recorded (or a milestone) and not fixed."""
        item = self._vocabulary.items.get(self.space.space.names[position])
        if item is None or item.changeability == "fixed":
            return None
        recorded = now < len(self.space.space.cells[item.name])
        return item if recorded or item.milestone else None

    def _change_set(self, now: list[int], chosen: frozenset[int], answer: str, cells: Mapping[int, int]) -> ChangeSet:
        changes = []
        for position in chosen:
            item = self._vocabulary[self.space.space.names[position]]
            changes.append(Change(item.name, item.changeability, now[position], cells[position]))
        return ChangeSet(tuple(sorted(changes, key=lambda change: self._vocabulary[change.item].order)), answer)


@dataclass(frozen=True)
class _Fixed:
    """Values that relations are held at, and variables that have to change with them."""

    values: Mapping[int, int]
    must_change: frozenset[int]


Both = tuple[int, int]
"""A place in two diagrams at once: where the answer is given, and where nothing contradicts."""


class _Search:
    """The cheapest ways to where both diagrams are TRUE, for one patient. Nothing is built: both are read side by side."""

    def __init__(self, owner: SmallestChange, now: list[int], fixed: _Fixed) -> None:
        self._owner, self._now, self._fixed = owner, now, fixed
        self._diagrams = owner.space.diagrams
        self._costs: dict[Both, int] = {(TRUE, TRUE): 0}
        self._ways: dict[Both, dict[frozenset[int], tuple[tuple[int, int], ...]]] = {(TRUE, TRUE): {frozenset(): ()}}

    def cost(self, start: Both) -> int:
        """How many items have to change."""
        return self._cost(start) + len(self._fixed.must_change)

    def _cost(self, place: Both) -> int:
        if FALSE in place:
            return _NO_WAY
        if place not in self._costs:
            self._costs[place] = min((price + self._cost(further) for _, price, further in self._choices(place)), default=_NO_WAY)
        return self._costs[place]

    def _choices(self, place: Both) -> Iterable[tuple[int, int, Both]]:
        """The values a patient's variable can take here: (value, price, next place)."""
        position = min(self._diagrams.variable[place[0]], self._diagrams.variable[place[1]])
        now = self._now[position]
        held = self._fixed.values.get(position, now)
        yield held, 0, self._further(place, position, held)
        if position not in self._fixed.values and self._owner.changeable(position, now) is not None:
            price = 0 if position in self._fixed.must_change else 1  # counted once, in `cost`
            for value in range(self._diagrams.sizes[position] - 1):
                if value != now:
                    yield value, price, self._further(place, position, value)

    def _further(self, place: Both, position: int, value: int) -> Both:
        one, other = (self._diagrams.children[node][value] if self._diagrams.variable[node] == position else node for node in place)
        return one, other

    def ways(self, start: Both) -> dict[frozenset[int], tuple[tuple[int, int], ...]]:
        """The sets of variables that change on a cheapest way, each with their new values."""
        must = tuple((position, self._now[position]) for position in sorted(self._fixed.must_change))
        return {chosen | self._fixed.must_change: (*must, *cells) for chosen, cells in self._ways_from(start).items()}

    def _ways_from(self, place: Both) -> dict[frozenset[int], tuple[tuple[int, int], ...]]:
        if place not in self._ways:
            position = min(self._diagrams.variable[place[0]], self._diagrams.variable[place[1]])
            cheapest, found = self._cost(place), {}
            for value, price, further in self._choices(place):
                if cheapest >= _NO_WAY or price + self._cost(further) != cheapest:
                    continue
                new = ((position, value),) if value != self._now[position] and position not in self._fixed.values else ()
                for chosen, cells in self._ways_from(further).items():
                    found.setdefault(chosen | {changed for changed, _ in new}, (*new, *cells))
            self._ways[place] = found
        return self._ways[place]
