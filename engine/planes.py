"""The columnar evaluator: each step of a program as two boolean planes over all patients, known met and known not met.

Unknown is neither. Nothing crosses rows. A plane may be a single NumPy boolean where it is the same for everyone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine import conditions as c
from engine.columns import Column, Columns
from engine.derived import with_derived
from engine.program import Program, Step
from engine.ruleset import PointsParameter, PointsTable
from engine.vocabulary import Vocabulary


class Plane(NamedTuple):
    """What is known of one condition: `met` and `not_met`, never both."""

    met: np.ndarray
    not_met: np.ndarray


_TRUE, _FALSE = np.True_, np.False_


@dataclass(frozen=True)
class Evaluation:
    """The planes of every step of `program` for these patients."""

    program: Program
    vocabulary: Vocabulary
    columns: Columns
    by_name: Mapping[str, Column]
    planes: tuple[Plane, ...]

    def criterion(self, id: str) -> Plane:
        return self.planes[self.program.criterion_steps[id]]

    def at_rows(self, rows: np.ndarray) -> Evaluation:
        """Some of the patients, by position."""
        columns = Columns(len(rows), {name: _column_at(column, rows) for name, column in self.columns.by_item.items()})
        by_name = {name: _column_at(column, rows) for name, column in self.by_name.items()}
        planes = tuple(Plane(_plane_at(plane.met, rows), _plane_at(plane.not_met, rows)) for plane in self.planes)
        return Evaluation(self.program, self.vocabulary, columns, by_name, planes)

    def with_item(self, item: str, column: Column) -> Evaluation:
        """The same patients with one item replaced; only the steps that read it are computed again."""
        columns = Columns(self.columns.rows, {**self.columns.by_item, item: column})
        by_name = with_derived(self.vocabulary, columns, item, self.by_name)
        planes = list(self.planes)
        readers = _readers(self.program, self.vocabulary)
        for index in self.program.steps_reading(item):
            planes[index] = readers[index](planes, by_name)
        return Evaluation(self.program, self.vocabulary, columns, by_name, tuple(planes))


def _column_at(column: Column, rows: np.ndarray) -> Column:
    return Column(column.values[rows], column.recorded[rows]) if len(column.recorded) > 1 else column


def _plane_at(plane: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return plane[rows] if plane.ndim else plane


Reader = Callable[[Sequence[Plane], Mapping[str, Column]], Plane]
"""Computes the planes of one step from those of the steps before it and from the columns."""


def evaluate(program: Program, vocabulary: Vocabulary, columns: Columns) -> Evaluation:
    """Every step of the program over all patients."""
    by_name = with_derived(vocabulary, columns)
    return Evaluation(program, vocabulary, columns, by_name, _planes(program, vocabulary, by_name))


def evaluate_one(program: Program, vocabulary: Vocabulary, columns: Columns) -> Evaluation:
    """The same for one patient: on single NumPy values instead of arrays of length 1, which is several times faster."""
    by_name = with_derived(vocabulary, columns)
    return Evaluation(program, vocabulary, columns, by_name, _planes(program, vocabulary, single_values(by_name)))


def single_values(by_name: Mapping[str, Column]) -> dict[str, Column]:
    """Columns of length 1 as single NumPy values; texts are left out, because no condition reads them."""
    return {name: Column(column.values[0], column.recorded[0]) for name, column in by_name.items() if column.values.dtype != np.object_}


def _planes(program: Program, vocabulary: Vocabulary, by_name: Mapping[str, Column]) -> tuple[Plane, ...]:
    planes: list[Plane] = []
    for reader in _readers(program, vocabulary):
        planes.append(reader(planes, by_name))
    return tuple(planes)


@lru_cache(maxsize=256)
def _readers(program: Program, vocabulary: Vocabulary) -> tuple[Reader, ...]:
    return tuple(reader_of(step, vocabulary, program.points_tables) for step in program.steps)


def reader_of(step: Step, vocabulary: Vocabulary, tables: Mapping[str, PointsTable]) -> Reader:
    """How one step is computed."""
    match step.kind:
        case "leaf":
            return _leaf_reader(step.condition, vocabulary)
        case "points":
            return _points_reader(step, tables[step.condition.table])
        case "always":
            return lambda planes, by_name: Plane(_TRUE, _FALSE)
        case "all":
            return lambda planes, by_name: _all([planes[part] for part in step.parts])
        case "any":
            return lambda planes, by_name: _swapped(_all([_swapped(planes[part]) for part in step.parts]))
        case "not":
            return lambda planes, by_name: _swapped(planes[step.parts[0]])
        case "at_least":
            return lambda planes, by_name: _at_least(step.count, [planes[part] for part in step.parts])
        case _:
            return lambda planes, by_name: _proved(planes[step.parts[0]], planes[step.parts[1]])


def _all(parts: Sequence[Plane]) -> Plane:
    """Met where every part is met; not met as soon as one is not. 'Any' is the same with the planes swapped."""
    met, not_met = parts[0]
    for part in parts[1:]:
        met, not_met = met & part.met, not_met | part.not_met
    return Plane(met, not_met)


def _swapped(part: Plane) -> Plane:
    return Plane(part.not_met, part.met)


def _at_least(count: int, parts: Sequence[Plane]) -> Plane:
    met = sum(part.met.astype(np.int8) for part in parts)
    not_met = sum(part.not_met.astype(np.int8) for part in parts)
    return Plane(met >= count, len(parts) - not_met < count)


def _proved(when: Plane, cleared: Plane) -> Plane:
    """Met wins; then what clears it."""
    return Plane(when.met, cleared.met & ~when.met)


def leaf_plane(leaf: c.Leaf, vocabulary: Vocabulary, by_name: Mapping[str, Column]) -> Plane:
    """One comparison of one item with constants; unknown where the item is not recorded."""
    return _leaf_reader(leaf, vocabulary)((), by_name)


def _leaf_reader(leaf: c.Leaf, vocabulary: Vocabulary) -> Reader:
    item, holds = leaf.item, _holds(leaf, vocabulary)
    if isinstance(leaf, c.MilestoneReached):
        return lambda planes, by_name: _two_valued(by_name.get(item), holds)
    return lambda planes, by_name: _three_valued(by_name.get(item), holds)


def _three_valued(column: Column | None, holds: Callable[[np.ndarray], np.ndarray]) -> Plane:
    if column is None:
        return Plane(_FALSE, _FALSE)
    held, recorded = holds(column.values), column.recorded
    return Plane(recorded & held, recorded > held)  # recorded and not held


def _two_valued(column: Column | None, holds: Callable[[np.ndarray], np.ndarray]) -> Plane:
    """A milestone: a blank reads as not yet."""
    reached = _FALSE if column is None else column.recorded & holds(column.values)
    return Plane(reached, ~reached)


def _holds(leaf: c.Leaf, vocabulary: Vocabulary) -> Callable[[np.ndarray], np.ndarray]:
    """The comparison as a function of a column's values."""
    match leaf:
        case c.Compare(_, operator_name, threshold):
            return lambda values: _COMPARISONS[operator_name](values, threshold.value)
        case c.OneOf(item, codes):
            member = np.array([code in codes for code in codes_of(vocabulary, item)], bool)
            return lambda values: member[values]
        case c.MilestoneReached(item):
            reached = codes_of(vocabulary, item).index("yes")
            return lambda values: values == reached
        case c.IncludesAny(item, codes):
            asked = _mask(vocabulary, item, codes)
            return lambda values: (values & asked) != 0
        case c.AllWithin(item, codes):
            others = ~_mask(vocabulary, item, codes)
            return lambda values: (values & others) == 0
    raise TypeError(f"not a leaf: {leaf}")


_COMPARISONS: Mapping[c.Operator, Callable[[np.ndarray, float], np.ndarray]] = {
    "at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt, "equals": operator.eq,
}


def compare(values: np.ndarray, comparison: c.Operator, constant: float) -> np.ndarray:
    """Numbers against a constant."""
    return _COMPARISONS[comparison](values, constant)


def points_totals(table: PointsTable, met_rows: list[np.ndarray]) -> np.ndarray:
    """The total of a points table (int64): rows that are met add up within a parameter, not below its floor."""
    rows = iter(met_rows)
    return sum(points_of_parameter(parameter, [next(rows) for _ in parameter.rows]) for parameter in table.parameters)


def points_of_parameter(parameter: PointsParameter, met_rows: list[np.ndarray]) -> np.ndarray:
    points = sum(row.points * met.astype(np.int64) for row, met in zip(parameter.rows, met_rows))
    return points if parameter.floor is None else np.maximum(points, parameter.floor)


def points_known(table: PointsTable, by_name: Mapping[str, Column]) -> np.ndarray:
    known = _TRUE
    for item in table.unknown_while_blank:
        known = known & (by_name[item].recorded if item in by_name else _FALSE)
    return known


def _points_reader(step: Step, table: PointsTable) -> Reader:
    leaf = step.condition

    def read(planes: Sequence[Plane], by_name: Mapping[str, Column]) -> Plane:
        holds = compare(points_totals(table, [planes[part].met for part in step.parts]), leaf.operator, leaf.threshold.value)
        known = points_known(table, by_name)
        return Plane(known & holds, known > holds)

    return read


def codes_of(vocabulary: Vocabulary, name: str) -> tuple[str, ...]:
    """The closed codes of a recorded or derived item."""
    return vocabulary.derived[name].codes if name in vocabulary.derived and name not in vocabulary.items else vocabulary.items[name].codes


def _mask(vocabulary: Vocabulary, name: str, codes: frozenset[str]) -> np.uint64:
    ordered = codes_of(vocabulary, name)
    return np.uint64(sum(1 << ordered.index(code) for code in codes))
