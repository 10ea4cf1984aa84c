"""Missing items and the next item by the letter of `semantics.md` 7: every recording of the blank items is written out and evaluated.

Shares no reasoning with `engine/missing.py`, `engine/next_item.py`, `engine/space.py` or the decision diagrams; it only asks the columnar
evaluator. Values are tried at thresholds and beside them, and at and beside the recorded value of a number they are compared with, so
that coherence is seen in the contradictions themselves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import numpy as np

from engine import conditions as c
from engine.column_building import columns_from_patients
from engine.columns import Column, Columns
from engine.decisions import decide_evaluated
from engine.planes import evaluate
from engine.program import Program, compile_program
from engine.ruleset import DecisionList, RuleSet
from engine.vocabulary import Item

MOST_RECORDINGS = 60_000
COMPARED = {  # lower or equal to, when coherent, and how many units of the first make one of the second
    "conservative_weeks": ("symptom_duration_weeks", 1.0),
    "imaging_age_days": ("symptom_duration_weeks", 7.0),
}


class TooMany(Exception):
    """More recordings than can be written out."""


class BruteForce:
    """The questions of section 7 for one decision list, answered by trying."""

    def __init__(self, rules: RuleSet, decision: DecisionList) -> None:
        self.rules, self.decision, self.vocabulary = rules, decision, rules.vocabulary
        conditions = [branch.condition for branch in decision.branches if branch.condition is not None]
        self.own = compile_program(rules, (), conditions)
        self.contradictions = [compile_program(rules, (), [c.CriterionRef(id)]) for id in rules.contradictions]
        everything = [self.own, *self.contradictions]
        self.leaves = list(dict.fromkeys(step.condition for program in everything for step in program.steps if step.kind == "leaf"))
        self.own_leaves = [step.condition for step in self.own.steps if step.kind == "leaf"]
        self.all_items = self._form_order(frozenset().union(*(items for program in everything for items in program.reads)))
        self.asked = [item for item in self._in_order_of_naming(conditions) if not self._never_named(item)]

    def _form_order(self, names: Iterable[str]) -> list[Item]:
        return sorted((self.vocabulary[name] for name in names), key=lambda item: item.order)

    def _never_named(self, item: Item) -> bool:
        return item.milestone or item.type in ("text", "text_list")

    def _in_order_of_naming(self, conditions: Sequence[c.Condition]) -> list[Item]:
        named: dict[str, None] = {}
        for condition in conditions:
            reads = compile_program(self.rules, (), [condition]).reads[-1]
            named.update(dict.fromkeys(item.name for item in self._form_order(reads)))
        return [self.vocabulary[name] for name in named]

    # Missing items

    def missing(self, patient: Mapping[str, object]) -> list[str]:
        """The items without which some coherent recording of the others leaves the answer open, in the order in which they are named."""
        return [item.name for item in self.asked if item.name not in patient and self._can_matter(item, patient)]

    def _can_matter(self, item: Item, patient: Mapping[str, object]) -> bool:
        # Text is left blank: no generated rule reads it, and a real rule that does is tried elsewhere.
        blank = [other for other in self.all_items if other.name not in patient and other is not item and other.type not in ("text", "text_list")]
        columns = self._recordings(patient, {other.name: self.values(other, patient) for other in blank if self._recordable(other, patient)})
        decided = decide_evaluated(self.decision, evaluate(self.own, self.vocabulary, columns))
        return bool((self._coherent(columns, columns.by_item.keys() - patient.keys()) & (decided.settled < 0)).any())

    def _recordable(self, item: Item, patient: Mapping[str, object]) -> bool:
        """Whether some value of the item contradicts nothing recorded; an item without one stays blank in every recording."""
        columns = self._recordings(patient, {item.name: self.values(item, patient)})
        return bool(self._coherent(columns, {item.name}).any())

    def _coherent(self, columns: Columns, filled: Set[str]) -> np.ndarray:
        """Where no filled value is part of a smallest set of values that makes a contradiction stand."""
        coherent = np.ones(columns.rows, bool)
        for program in self.contradictions:
            names = sorted(frozenset().union(*program.reads) & columns.by_item.keys())
            if not filled & set(names):
                continue
            stands = {some: self._stands(program, columns, some) for size in range(len(names) + 1) for some in itertools.combinations(names, size)}
            for some, met in stands.items():
                if filled & set(some):
                    without_one = [stands[tuple(name for name in some if name != left_out)] for left_out in some]
                    coherent &= ~(met & ~np.logical_or.reduce(without_one))
        return coherent

    def _stands(self, program: Program, columns: Columns, names: Sequence[str]) -> np.ndarray:
        """Where a contradiction stands on these items alone."""
        seen = Columns(columns.rows, {name: columns.by_item[name] for name in names})
        return np.broadcast_to(evaluate(program, self.vocabulary, seen).planes[-1].met, (columns.rows,))

    def standing(self, patient: Mapping[str, object]) -> list[bool]:
        """Which contradictions the recorded values show."""
        columns = columns_from_patients(self.vocabulary, [dict(patient)])
        return [bool(evaluate(program, self.vocabulary, columns).planes[-1].met.all()) for program in self.contradictions]

    def possible(self, patient: Mapping[str, object]) -> int:
        """How many outcomes are still possible."""
        evaluation = evaluate(self.own, self.vocabulary, columns_from_patients(self.vocabulary, [dict(patient)]))
        return int(decide_evaluated(self.decision, evaluation).possible[0].sum())

    def _recordings(self, patient: Mapping[str, object], values: Mapping[str, Sequence[object]]) -> Columns:
        sizes = [len(tried) for tried in values.values()]
        rows = math.prod(sizes)
        if rows > MOST_RECORDINGS:
            raise TooMany(f"{rows} recordings")
        places = np.indices(sizes).reshape(len(sizes), rows) if sizes else np.zeros((0, 1), int)
        by_item = {}
        for name, value in patient.items():
            held = self._held(name, [value])
            by_item[name] = Column(np.repeat(held, rows), np.ones(rows, bool))
        for (name, tried), place in zip(values.items(), places):
            by_item[name] = Column(self._held(name, tried)[place], np.ones(rows, bool))
        return Columns(rows, by_item)

    def _held(self, name: str, values: Sequence[object]) -> np.ndarray:
        return columns_from_patients(self.vocabulary, [{name: value} for value in [*values, values[0]]]).by_item[name].values[:-1]

    # Values of one item

    def values(self, item: Item, patient: Mapping[str, object]) -> list[object]:
        """Values of a blank item that show everything the rules, and the other items of this patient, can tell apart."""
        if item.is_number:
            return _as_allowed(item, self._numbers(item, patient))
        if item.type == "category_list":
            return self._lists(item, patient)
        return list(item.codes)

    def _numbers(self, item: Item, patient: Mapping[str, object]) -> list[float]:
        marks = [*_thresholds(self.leaves, item.name)]
        if item.name == "levels_planned":
            return [float(number) for number in range(1, 18)] if self._counts_levels() else marks
        for lower, (upper, units) in COMPARED.items():
            if item.name == lower:
                marks += [units * mark for mark in [*_thresholds(self.leaves, upper), *_known(patient, upper)]]
            elif item.name == upper:
                marks += [mark / units for mark in [*_thresholds(self.leaves, lower), *_known(patient, lower)]]
        return marks

    def _counts_levels(self) -> bool:
        return any(leaf.item == "levels_planned_differs" for leaf in self.leaves)

    def _lists(self, item: Item, patient: Mapping[str, object]) -> list[object]:
        kinds = _kinds(item, [leaf for leaf in self.leaves if leaf.item == item.name])
        counted = item.name == "fracture_levels" and any(leaf.item in ("levels_planned", "levels_planned_differs") for leaf in self.leaves)
        shortest = 1 if item.name == "fracture_levels" else 0
        marks = [*_thresholds(self.leaves, "levels_planned"), *_known(patient, "levels_planned")]
        lengths = {int(mark) + step for mark in marks for step in (-1, 0, 1)} if counted else set()
        if counted and self._counts_levels() and "levels_planned" not in patient:
            lengths |= set(range(1, 18))
        return [made for made in _lists_of(kinds, lengths) if len(made) >= shortest]

    # Next item

    def next_item(self, patient: Mapping[str, object]) -> str | None:
        """The safety-critical item, else any, whose answer leaves fewest outcomes in the mean over its cells; ties by the form's order."""
        missing = self.missing(patient)
        if not missing:
            return None
        ranked = []
        for name in missing:
            item = self.vocabulary[name]
            left = [self._left_in_cell(name, cell, patient) for cell in self._cells(item, patient)]
            ranked.append((item.safety_critical is None, sum(left) / len(left), item.order, name))
        return min(ranked)[-1]

    def _cells(self, item: Item, patient: Mapping[str, object]) -> list[list[object]]:
        """The item's values, by region of what this list's own leaves compare it with."""
        if item.type in ("category", "boolean"):
            return [[code] for code in item.codes]
        cells: dict[tuple, list[object]] = {}
        for value in self._answers(item, patient):
            cells.setdefault(self._region(item, value), []).append(value)
        return list(cells.values())

    def _answers(self, item: Item, patient: Mapping[str, object]) -> list[object]:
        if item.is_number:
            return _as_allowed(item, [*_thresholds(self.own_leaves, item.name), *self._numbers(item, patient)])
        kinds = _kinds(item, [leaf for leaf in self.own_leaves if leaf.item == item.name])
        lengths = {int(mark) + step for mark in _thresholds(self.own_leaves, "levels_planned") for step in (-1, 0, 1)}
        lengths |= {int(mark) for mark in _known(patient, "levels_planned")}
        lists = _lists_of(kinds, lengths if item.name == "fracture_levels" else set())
        return [made for made in lists if made or item.name != "fracture_levels"]

    def _region(self, item: Item, value: object) -> tuple:
        if item.is_number:
            return tuple(_side(leaf, value) for leaf in self.own_leaves if leaf.item == item.name)
        seen = tuple(_sees(leaf, item, value) for leaf in self.own_leaves if leaf.item == item.name)
        counted = item.name == "fracture_levels"
        return seen, tuple(_side(leaf, len(value)) for leaf in self.own_leaves if counted and leaf.item == "levels_planned")

    def _left_in_cell(self, name: str, values: Sequence[object], patient: Mapping[str, object]) -> int:
        """Outcomes left with a value of the cell, the one that contradicts least."""
        tried = [(sum(self.standing({**patient, name: value})), self.possible({**patient, name: value})) for value in values]
        least = min(contradictions for contradictions, _ in tried)
        left = {outcomes for contradictions, outcomes in tried if contradictions == least}
        assert len(left) == 1, f"{name}: values of one cell differ"
        return left.pop()


def _thresholds(leaves: Sequence[c.Leaf], name: str) -> list[float]:
    return [leaf.threshold.value for leaf in leaves if leaf.item == name and isinstance(leaf, c.Compare)]


def _known(patient: Mapping[str, object], name: str) -> list[float]:
    return [float(patient[name])] if name in patient else []


def _as_allowed(item: Item, marks: Iterable[float]) -> list[float]:
    """The marks, their neighbours on both sides and the ends of the range, as far as the item allows them."""
    found = {item.minimum, item.maximum}
    for mark in marks:
        if item.type == "integer":
            found |= {math.floor(mark) - 1, math.floor(mark), math.ceil(mark), math.ceil(mark) + 1}
        else:
            found |= {np.nextafter(mark, -np.inf), mark, np.nextafter(mark, np.inf)}
    ordered = sorted(found)
    between = [] if item.type == "integer" else [(low + high) / 2 for low, high in zip(ordered, ordered[1:])]
    return sorted({float(value) for value in [*ordered, *between] if item.minimum <= value <= item.maximum})


def _side(leaf: c.Compare, value: float) -> tuple[bool, ...]:
    """On which side of the place where a comparison changes a number lies; an equality changes twice."""
    if leaf.operator == "equals":
        return value < leaf.threshold.value, value > leaf.threshold.value
    return (value >= leaf.threshold.value,) if leaf.operator in ("at_least", "below") else (value > leaf.threshold.value,)


def _sees(leaf: c.IncludesAny | c.AllWithin, item: Item, value: Sequence[str]) -> bool:
    return any(code in leaf.codes for code in value) if isinstance(leaf, c.IncludesAny) else all(code in leaf.codes for code in value)


def _kinds(item: Item, leaves: Sequence[c.IncludesAny | c.AllWithin]) -> list[list[str]]:
    """The codes of a list item, grouped by the comparisons that name them."""
    kinds: dict[tuple, list[str]] = {}
    for code in item.codes:
        if code != "none":
            kinds.setdefault(tuple(code in leaf.codes for leaf in leaves), []).append(code)
    return list(kinds.values())


def _lists_of(kinds: Sequence[Sequence[str]], lengths: Iterable[int]) -> Iterator[tuple[str, ...]]:
    """For every choice of kinds: a shortest list with all of them, and one of each wanted length."""
    for size in range(len(kinds) + 1):
        for chosen in itertools.combinations(kinds, size):
            rest = [code for codes in chosen for code in codes[1:]]
            for length in sorted({size, *(wanted for wanted in lengths if size < wanted <= size + len(rest))}):
                if size or not length:
                    yield (*(codes[0] for codes in chosen), *rest[: length - size])


