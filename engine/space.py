"""The variables that decision diagrams ask, and the order in which they ask them.

Variables are the items a decision list or a contradiction reads, by cells, and the derived items that stand for a relation of two
items or for a selector. Two numbers that a relation compares share one grid of cells, so that comparing cells compares values.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, sqrt

import numpy as np

from engine import conditions as c
from engine.cells import LEVEL_LIST, LEVELS, LEVELS_DIFFER, Cells, Cut, cells_of, cuts_of, list_cells
from engine.columns import Column
from engine.planes import codes_of
from engine.program import Program
from engine.vocabulary import Vocabulary

DAYS_PER_WEEK = 7
TIGHT_BOND, SMALL_CONDITION, AHEAD_WEIGHT = 3.0, 4, 0.05
"""Weights of the order of variables."""

RELATIONS: Mapping[str, tuple[str, str]] = {
    "conservative_longer_than_symptoms": ("conservative_weeks", "symptom_duration_weeks"),
    "imaging_predates_pain": ("imaging_age_days", "symptom_duration_weeks"),
}
"""Derived items that compare two numbers: 'yes' when the first is above the second."""
_COMPARED = frozenset(itertools.chain.from_iterable(RELATIONS.values()))


@dataclass(frozen=True)
class Space:
    """Variables in the order in which diagrams ask them."""

    names: tuple[str, ...]
    cells: Mapping[str, Cells]

    @property
    def positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def level_lengths(self) -> list[int]:
        """For each cell of the list of levels, the cell of the number of levels it stands for."""
        lists = self.cells[LEVEL_LIST]
        return [signature >> len(lists.masks) for signature in lists.signatures]

    def holds_a_value(self, name: str, vocabulary: Vocabulary) -> list[bool]:
        """For each cell, whether a value lies in it; on a grid shared with weeks some cells lie between two whole days."""
        cells = self.cells[name]
        if name not in vocabulary.items or vocabulary[name].type != "integer":
            return [True] * len(cells)
        return (np.ceil(cells.lowest()) <= np.floor(cells.highest())).tolist()

    def locate(self, name: str, by_name: Mapping[str, Column], rows: int) -> np.ndarray:
        """The cell of each patient's value of a variable; the number of cells stands for 'not recorded'."""
        cells, column = self.cells[name], by_name.get(name)
        if column is None:
            return np.full(rows, len(cells), np.intp)
        return np.where(column.recorded, cells.locate(column), len(cells))

    def locate_one(self, name: str, by_name: Mapping[str, Column]) -> int:
        """The same for one patient."""
        cells, column = self.cells[name], by_name.get(name)
        if column is None or not column.recorded[0]:
            return len(cells)
        return cells.locate_one(column.values[0])


def space_of(program: Program, vocabulary: Vocabulary, bound_tightly: Iterable[c.Condition] = ()) -> Space:
    """The space of everything that the program reads, variables that are asked together next to each other.

    bound_tightly: conditions of the program whose variables should stand closest, the reasons for contradictions.
    """
    leaves = [step.condition for step in program.steps if step.kind == "leaf"]
    grid = _grid([_in_weeks(cut, leaf.item) for leaf in leaves if leaf.item in _COMPARED for cut in cuts_of(leaf, vocabulary[leaf.item])])
    names = list(dict.fromkeys(name for leaf in leaves for name in variables_of(leaf.item)))
    cells = {name: _cells(name, program, vocabulary, grid) for name in names}
    for first, second in RELATIONS.values():
        if first in cells and second in cells and len(cells[first]) != len(cells[second]):
            raise ValueError(f"{first} and {second} need one grid of cells")
    return Space(tuple(_ordered(names, program, bound_tightly)), cells)


def variables_of(name: str) -> tuple[str, ...]:
    """The variables behind the item of a leaf."""
    if name in RELATIONS:
        return (name, *RELATIONS[name])
    return (LEVELS, LEVEL_LIST) if name in (LEVELS, LEVELS_DIFFER) else (name,)


def _cells(name: str, program: Program, vocabulary: Vocabulary, grid: list[tuple[Fraction, int]]) -> Cells:
    if name == LEVELS:
        return cells_of(program, vocabulary, vocabulary[LEVELS], range(len(program.steps)), _list_limits(program, vocabulary))
    if name == LEVEL_LIST:
        return _list_of_levels(program, vocabulary)
    if name in vocabulary.items:
        scale = DAYS_PER_WEEK if vocabulary[name].unit == "days" else 1
        extra: list[Cut] = [(float(value * scale), after) for value, after in grid] if name in _COMPARED else []
        return cells_of(program, vocabulary, vocabulary[name], range(len(program.steps)), extra)
    if vocabulary.derived[name].type == "category_list":
        return list_cells(name, vocabulary.derived[name].codes, _leaves_on(name, program))
    return Cells(name, np.arange(len(codes_of(vocabulary, name)), dtype=np.int16))


def _list_of_levels(program: Program, vocabulary: Vocabulary) -> Cells:
    """The lists of levels, their length cut where the number of levels is, so that equal cells mean equal numbers."""
    number = _cells(LEVELS, program, vocabulary, [])
    return list_cells(LEVEL_LIST, vocabulary[LEVEL_LIST].codes, _leaves_on(LEVEL_LIST, program), [int(value) for value, _ in number.cuts], shortest=1)


def _list_limits(program: Program, vocabulary: Vocabulary) -> list[Cut]:
    """Numbers of levels at which a list of certain kinds of levels becomes possible, or impossible: no list of 5 lies within T1 to T4."""
    codes = vocabulary[LEVEL_LIST].codes
    masks = list_cells(LEVEL_LIST, codes, _leaves_on(LEVEL_LIST, program)).masks
    sizes = Counter(tuple(mask >> place & 1 for mask in masks) for place in range(len(codes))).values()
    mixtures = [mixture for count in range(1, len(sizes) + 1) for mixture in itertools.combinations(sizes, count)]
    return [(float(limit), 0) for mixture in mixtures for limit in (len(mixture), sum(mixture) + 1)]


def _leaves_on(name: str, program: Program) -> list[c.Leaf]:
    return [step.condition for step in program.steps if step.kind == "leaf" and step.condition.item == name]


def _grid(cuts: list[tuple[Fraction, int]]) -> list[tuple[Fraction, int]]:
    """The cuts, and the first whole day after each, so that a cell that holds a whole day begins with one."""
    days = [floor(weeks * DAYS_PER_WEEK) + 1 if after else ceil(weeks * DAYS_PER_WEEK) for weeks, after in cuts]
    return sorted({*cuts, *((Fraction(day, DAYS_PER_WEEK), 0) for day in days)})


def _in_weeks(cut: Cut, item: str) -> tuple[Fraction, int]:
    value, after = cut
    return Fraction(str(value)) / (DAYS_PER_WEEK if item == "imaging_age_days" else 1), after


def _ordered(names: Iterable[str], program: Program, bound_tightly: Iterable[c.Condition]) -> list[str]:
    """Greedy: next comes the variable most bound to those just placed, so that what is asked together stands together.

    The order changes the size of the diagrams, never what they say. The weights were found by trying them on the shipped rules.
    """
    bonds = _bonds(program, bound_tightly)
    waiting = list(names)
    placed: list[str] = []
    while waiting:
        best = max(waiting, key=lambda name: _pull(name, placed, waiting, bonds))
        placed.append(best)
        waiting.remove(best)
    return placed


def _pull(name: str, placed: list[str], waiting: list[str], bonds: Mapping[frozenset[str], float]) -> float:
    recent = sum(bonds.get(frozenset((name, other)), 0.0) / sqrt(1 + distance) for distance, other in enumerate(reversed(placed)))
    ahead = sum(bonds.get(frozenset((name, other)), 0.0) for other in waiting if other != name)
    return recent - AHEAD_WEIGHT * ahead if placed else ahead


def _bonds(program: Program, bound_tightly: Iterable[c.Condition]) -> dict[frozenset[str], float]:
    """How tightly two variables are bound: most where a contradiction or a relation reads both, then by small conditions that do."""
    bonds: dict[frozenset[str], float] = {}
    tight = {program.condition_steps[condition] for condition in bound_tightly}
    groups = [(TIGHT_BOND, (name, *numbers)) for name, numbers in RELATIONS.items()]
    for index, (step, reads) in enumerate(zip(program.steps, program.reads)):
        if index in tight:
            groups.append((TIGHT_BOND, reads))
        elif step.kind not in ("leaf", "always") and 2 <= len(reads) <= SMALL_CONDITION:
            groups.append((1 / len(reads), reads))
    for strength, members in groups:
        for pair in itertools.combinations(sorted(members), 2):
            bonds[frozenset(pair)] = bonds.get(frozenset(pair), 0.0) + strength
    return bonds

