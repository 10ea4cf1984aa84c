"""The patients over whom findings are stated: every combination of cells that some patient has, and those without a contradiction."""

from __future__ import annotations

import numpy as np

from engine.cells import EMPTY_LIST
from engine.column_building import patient_at
from engine.columns import Column, Columns
from engine.diagrams import FALSE, TRUE
from engine.patient_space import PatientSpace
from engine.planes import codes_of
from engine.space import RELATIONS
from engine.vocabulary import Derived

NOT_STATED, OTHER_GROUP = "not_stated", "other"
"""Codes of derived items: no value of the item behind it was stated; it falls into no named group."""
ANY_OTHER_CODE = "R52"
"""An ICD-10 code of no named group."""


class FindingPatients:
    """The patients of one space. `real` holds where a combination of cells is one of a patient, `coherent` where it is also free of contradiction."""

    def __init__(self, space: PatientSpace) -> None:
        self.space, self.diagrams = space, space.diagrams
        every = self.diagrams.every
        self.real = every((space.related(), *self._derived_as_made(), *self._cells_with_values()))
        self.coherent = self.diagrams.both(self.real, space.free_of_contradiction())
        self._apart = self._numbers_apart()

    def any_in(self, node: int, among: int) -> bool:
        """Whether two functions hold together for anyone; stops at the first, which is faster than making the diagram of both."""
        d, apart, waiting = self.diagrams, set(), [(node, among)]
        while waiting:
            left, right = waiting.pop()
            if left == FALSE or right == FALSE or (left, right) in apart:
                continue
            if left == TRUE or right == TRUE:
                return True
            apart.add((left, right))
            first = min(d.variable[left], d.variable[right])
            lefts, rights = (d.children[side] if d.variable[side] == first else (side,) * d.sizes[first] for side in (left, right))
            waiting += zip(lefts, rights)
        return False

    def example(self, node: int) -> dict[str, object] | None:
        """A patient of this function with as few recorded items as it allows; None when there is none that values of cells can show."""
        node = self.diagrams.both(node, self._apart)
        if node == FALSE:
            return None
        fewest: dict[int, float] = {FALSE: np.inf, TRUE: 0}
        chosen = {}
        self._fewest(node, fewest)
        while node > TRUE:
            position = self.diagrams.variable[node]
            costs = [fewest[child] + self._cost(position, value) for value, child in enumerate(self.diagrams.children[node])]
            value = int(np.argmin(costs))
            chosen[self.space.space.names[position]] = value
            node = self.diagrams.children[node][value]
        return self._recorded(chosen)

    def _fewest(self, node: int, known: dict[int, float]) -> float:
        """How many items have to be recorded, at least, to reach TRUE."""
        if node not in known:
            position = self.diagrams.variable[node]
            children = self.diagrams.children[node]
            known[node] = min(self._fewest(child, known) + self._cost(position, value) for value, child in enumerate(children))
        return known[node]

    def _cost(self, position: int, value: int) -> int:
        """One for a recorded item; a derived one is recorded with those it is made of."""
        name = self.space.space.names[position]
        return int(value < len(self.space.space.cells[name]) and name not in RELATIONS)

    def _derived_as_made(self) -> list[int]:
        """A relation is recorded when both its numbers are; a selector always is."""
        space, d = self.space, self.diagrams
        made = []
        for name, (first, second) in RELATIONS.items():
            if name in space.positions:
                both, blank = d.both(space.recorded(first), space.recorded(second)), space.blank(name)
                made.append(d.either(d.both(both, d.negated(blank)), d.both(d.negated(both), blank)))
        return [*made, *(space.recorded(name) for name in space.space.names if NOT_STATED in self._derived_codes(name))]

    def _numbers_apart(self) -> int:
        """Where a number is above another one because its cell is: the values that stand for one cell would not show it."""
        space, d, result = self.space, self.diagrams, TRUE
        for name, (first, second) in RELATIONS.items():
            if name in space.positions:
                cells = [_only(cell, len(space.space.cells[first])) for cell in range(len(space.space.cells[first]))]
                same = d.some(d.both(space.variable(first, cell, False), space.variable(second, cell, False)) for cell in cells)
                result = d.both(result, d.negated(d.both(same, space.variable(name, [True, False], False))))
        return result

    def _derived_codes(self, name: str) -> tuple[str, ...]:
        vocabulary = self.space.rules.vocabulary
        return () if name in vocabulary.items else vocabulary.derived[name].codes

    def _cells_with_values(self) -> list[int]:
        space, vocabulary = self.space, self.space.rules.vocabulary
        held = {name: space.space.holds_a_value(name, vocabulary) for name in space.space.names}
        return [space.variable(name, cells, True) for name, cells in held.items() if not all(cells)]

    def _recorded(self, chosen: dict[str, int]) -> dict[str, object]:
        """The recorded values that these cells stand for, a derived one as a value that it is made of."""
        vocabulary = self.space.rules.vocabulary
        columns, made = {}, {}
        for name, value in chosen.items():
            cells = self.space.space.cells[name]
            if value == len(cells) or name in RELATIONS:
                continue
            if name in vocabulary.items:
                columns[name] = Column(cells.values[value : value + 1], np.ones(1, bool))
            else:
                made |= _made_of(vocabulary.derived[name], codes_of(vocabulary, name), int(cells.values[value]))
        patient = {**patient_at(vocabulary, Columns(1, columns), 0), **made}
        return {name: patient[name] for name in vocabulary.names if name in patient}


def _only(cell: int, cells: int) -> list[bool]:
    return [other == cell for other in range(cells)]


def _made_of(derived: Derived, codes: tuple[str, ...], value: int) -> dict[str, object]:
    """A value of the item behind a category that is made from a text."""
    if derived.type != "category_list":
        return {} if codes[value] == NOT_STATED else {derived.made_of[0]: derived.made_from[codes[value]][0]}
    groups = [code for position, code in enumerate(codes) if value >> position & 1 and code != EMPTY_LIST]
    return {derived.made_of[0]: tuple(ANY_OTHER_CODE if group == OTHER_GROUP else derived.made_from[group][0] for group in groups)}
