"""Totals of a points table and the range they could take if the blanks were recorded."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.cells import Cells, cells_of
from engine.columns import Column, Columns
from engine.conditions import Condition
from engine.planes import Plane, compare, evaluate, points_of_parameter, reader_of
from engine.program import compile_program
from engine.ruleset import PointsParameter, PointsTable, RuleSet


class Totals(NamedTuple):
    """For every patient: whether the total is known, the total, and the lowest and highest total the blanks allow (int64)."""

    known: np.ndarray
    points: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray


@dataclass(frozen=True)
class _Parameter:
    """The points of one parameter for every combination of its items' cells; the last place of each axis is 'not recorded'."""

    cells: tuple[Cells, ...]
    points: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    def place(self, columns: Columns) -> tuple[np.ndarray, ...]:
        return tuple(_located(cells, columns) for cells in self.cells)


class PointsTotals:
    """Reads the totals of one table from what each parameter gives in each cell. Made once for a rule set."""

    def __init__(self, rules: RuleSet, table: PointsTable) -> None:
        self._table = table
        self._parameters = [_tabulated(rules, parameter) for parameter in table.parameters]

    def of(self, columns: Columns) -> Totals:
        """The totals of these patients; lines that are not met or unknown give nothing (the table's own rule)."""
        known = np.ones(columns.rows, bool)
        for item in self._table.unknown_while_blank:
            known &= columns.by_item[item].recorded if item in columns.by_item else False
        places = [(parameter, parameter.place(columns)) for parameter in self._parameters]
        return Totals(
            known,
            sum(parameter.points[place] for parameter, place in places),
            sum(parameter.lowest[place] for parameter, place in places),
            sum(parameter.highest[place] for parameter, place in places),
        )


def _located(cells: Cells, columns: Columns) -> np.ndarray:
    column = columns.by_item.get(cells.item)
    if column is None:
        return np.full(columns.rows, len(cells), np.intp)
    return np.where(column.recorded, cells.locate(column), len(cells))


def _tabulated(rules: RuleSet, parameter: PointsParameter) -> _Parameter:
    program = compile_program(rules, (), [row.when for row in parameter.rows])
    items = sorted(frozenset().union(*program.reads))
    cells = tuple(cells_of(program, rules.vocabulary, rules.vocabulary[item], range(len(program.steps))) for item in items)
    shape = tuple(len(part) + 1 for part in cells)
    places = np.array(list(itertools.product(*map(range, shape))))
    columns = Columns(len(places), {part.item: _column_at(part, places[:, axis]) for axis, part in enumerate(cells)})
    evaluation = evaluate(program, rules.vocabulary, columns)
    met = [evaluation.planes[program.condition_steps[row.when]].met for row in parameter.rows]
    points = np.broadcast_to(points_of_parameter(parameter, met), (len(places),)).reshape(shape)
    lowest, highest = points.copy(), points.copy()
    for axis in range(len(shape)):  # a blank may turn out to be any of the cells
        for extreme, choose in ((lowest, np.min), (highest, np.max)):
            recorded = np.take(extreme, range(shape[axis] - 1), axis)
            np.moveaxis(extreme, axis, -1)[..., -1] = choose(recorded, axis)
    return _Parameter(cells, points, lowest, highest)


def _column_at(cells: Cells, places: np.ndarray) -> Column:
    recorded = places < len(cells)
    return Column(cells.values[np.where(recorded, places, 0)], recorded)


def conditions_over_totals(rules: RuleSet, conditions: Sequence[Condition], totals: np.ndarray) -> list[np.ndarray]:
    """Conditions on a score over its totals instead of patients: for each of them, the totals at which it is met (boolean)."""
    program = compile_program(rules, (), conditions)
    planes: list[Plane] = []
    for step in program.steps:
        if step.kind == "points":
            held = compare(totals, step.condition.operator, step.condition.threshold.value)
            planes.append(Plane(held, ~held))
        else:
            planes.append(reader_of(step, rules.vocabulary, program.points_tables)(planes, {}))
    return [np.broadcast_to(planes[program.condition_steps[condition]].met, totals.shape) for condition in conditions]
