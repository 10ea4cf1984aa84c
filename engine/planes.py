"""The columnar evaluator: each step of a program as two boolean planes over all patients, known met and known not met.

Unknown is neither. Nothing crosses rows. A plane may have length 1 where it is the same for everyone.
"""

from __future__ import annotations

from collections.abc import Mapping
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

    def with_item(self, item: str, column: Column) -> Evaluation:
        """The same patients with one item replaced; only the steps that read it are computed again."""
        columns = Columns(self.columns.rows, {**self.columns.by_item, item: column})
        by_name = with_derived(self.vocabulary, columns, item, self.by_name)
        planes = list(self.planes)
        for index in self.program.steps_reading(item):
            planes[index] = _plane(self.program.steps[index], planes, self.vocabulary, by_name, self.program.points_tables)
        return Evaluation(self.program, self.vocabulary, columns, by_name, tuple(planes))


def evaluate(program: Program, vocabulary: Vocabulary, columns: Columns) -> Evaluation:
    """Every step of the program over all patients."""
    by_name = with_derived(vocabulary, columns)
    planes: list[Plane] = []
    for step in program.steps:
        planes.append(_plane(step, planes, vocabulary, by_name, program.points_tables))
    return Evaluation(program, vocabulary, columns, by_name, tuple(planes))


def _plane(step: Step, planes: list[Plane], vocabulary: Vocabulary, by_name: Mapping[str, Column], tables: Mapping[str, PointsTable]) -> Plane:
    parts = [planes[part] for part in step.parts]
    match step.kind:
        case "leaf":
            return leaf_plane(step.condition, vocabulary, by_name)
        case "points":
            return _points_plane(step.condition, parts, tables[step.condition.table], by_name)
        case "always":
            return Plane(_constant(True), _constant(False))
        case "all":
            return Plane(_every(part.met for part in parts), _some(part.not_met for part in parts))
        case "any":
            return Plane(_some(part.met for part in parts), _every(part.not_met for part in parts))
        case "not":
            return Plane(parts[0].not_met, parts[0].met)
        case "at_least":
            return _at_least_plane(step.count, parts)
        case _:
            return _proved_plane(parts)


def _every(planes) -> np.ndarray:
    first, *others = planes
    for plane in others:
        first = first & plane
    return first


def _some(planes) -> np.ndarray:
    first, *others = planes
    for plane in others:
        first = first | plane
    return first


def _at_least_plane(count: int, parts: list[Plane]) -> Plane:
    met = sum(part.met.astype(np.int8) for part in parts)
    not_met = sum(part.not_met.astype(np.int8) for part in parts)
    return Plane(met >= count, len(parts) - not_met < count)


def _proved_plane(parts: list[Plane]) -> Plane:
    """Met wins; then what clears it."""
    when, cleared = parts
    return Plane(when.met, cleared.met & ~when.met)


def leaf_plane(leaf: c.Leaf, vocabulary: Vocabulary, by_name: Mapping[str, Column]) -> Plane:
    """One comparison of one item with constants; unknown where the item is not recorded."""
    column = by_name.get(leaf.item)
    if isinstance(leaf, c.MilestoneReached):
        reached = _constant(False) if column is None else column.recorded & (column.values == _position(vocabulary, leaf.item, "yes"))
        return Plane(reached, ~reached)
    if column is None:
        return Plane(_constant(False), _constant(False))
    holds = _holds(leaf, vocabulary, column)
    return Plane(column.recorded & holds, column.recorded & ~holds)


def _holds(leaf: c.Leaf, vocabulary: Vocabulary, column: Column) -> np.ndarray:
    match leaf:
        case c.Compare(_, operator, threshold):
            return compare(column.values, operator, threshold.value)
        case c.OneOf(item, codes):
            return _membership(codes_of(vocabulary, item), codes)[column.values]
        case c.IncludesAny(item, codes):
            return (column.values & _mask(vocabulary, item, codes)) != 0
        case c.AllWithin(item, codes):
            return (column.values & ~_mask(vocabulary, item, codes)) == 0
    raise TypeError(f"not a leaf: {leaf}")


def compare(values: np.ndarray, operator: c.Operator, constant: float) -> np.ndarray:
    match operator:
        case "at_least":
            return values >= constant
        case "at_most":
            return values <= constant
        case "above":
            return values > constant
        case "below":
            return values < constant
    return values == constant


def points_totals(table: PointsTable, met_rows: list[np.ndarray]) -> np.ndarray:
    """The total of a points table (int64): rows that are met add up within a parameter, not below its floor."""
    rows = iter(met_rows)
    return sum(points_of_parameter(parameter, [next(rows) for _ in parameter.rows]) for parameter in table.parameters)


def points_of_parameter(parameter: PointsParameter, met_rows: list[np.ndarray]) -> np.ndarray:
    points = sum(row.points * met.astype(np.int64) for row, met in zip(parameter.rows, met_rows))
    return points if parameter.floor is None else np.maximum(points, parameter.floor)


def points_known(table: PointsTable, by_name: Mapping[str, Column]) -> np.ndarray:
    known = _constant(True)
    for item in table.unknown_while_blank:
        known = known & (by_name[item].recorded if item in by_name else _constant(False))
    return known


def _points_plane(leaf: c.PointsCompare, rows: list[Plane], table: PointsTable, by_name: Mapping[str, Column]) -> Plane:
    holds = compare(points_totals(table, [row.met for row in rows]), leaf.operator, leaf.threshold.value)
    known = points_known(table, by_name)
    return Plane(known & holds, known & ~holds)


def codes_of(vocabulary: Vocabulary, name: str) -> tuple[str, ...]:
    """The closed codes of a recorded or derived item."""
    return vocabulary.derived[name].codes if name in vocabulary.derived and name not in vocabulary.items else vocabulary.items[name].codes


def _position(vocabulary: Vocabulary, name: str, code: str) -> int:
    return codes_of(vocabulary, name).index(code)


def _mask(vocabulary: Vocabulary, name: str, codes: frozenset[str]) -> np.uint64:
    return _bits(codes_of(vocabulary, name), codes)


@lru_cache(maxsize=4096)
def _membership(ordered: tuple[str, ...], codes: frozenset[str]) -> np.ndarray:
    """For each code in dictionary order, whether it is one of `codes`."""
    return np.array([code in codes for code in ordered], bool)


@lru_cache(maxsize=4096)
def _bits(ordered: tuple[str, ...], codes: frozenset[str]) -> np.uint64:
    return np.uint64(sum(1 << ordered.index(code) for code in codes))


def _constant(value: bool) -> np.ndarray:
    return _TRUE if value else _FALSE


_TRUE, _FALSE = np.ones(1, bool), np.zeros(1, bool)
