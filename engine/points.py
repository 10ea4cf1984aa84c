"""Totals of a points table and the range they could take if the blanks were recorded."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.cells import cells_of
from engine.columns import Column, Columns
from engine.planes import evaluate, points_of_parameter
from engine.program import Program, compile_program
from engine.ruleset import PointsParameter, PointsTable, RuleSet
from engine.vocabulary import Vocabulary


class Totals(NamedTuple):
    """For every patient: whether the total is known, the total, and the lowest and highest total the blanks allow (int64)."""

    known: np.ndarray
    points: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray


@dataclass(frozen=True)
class _Parameter:
    """One parameter with its own small program, and every way to fill in its items that it can tell apart."""

    parameter: PointsParameter
    program: Program
    items: tuple[str, ...]
    fillings: tuple[np.ndarray, ...]
    """For each item, its value in each filling."""

    def points(self, vocabulary: Vocabulary, columns: Columns) -> np.ndarray:
        evaluation = evaluate(self.program, vocabulary, columns)
        met = [evaluation.planes[self.program.condition_steps[row.when]].met for row in self.parameter.rows]
        return np.broadcast_to(points_of_parameter(self.parameter, met), (columns.rows,))

    def filled(self, columns: Columns) -> Columns:
        """Each patient once for each filling, next to each other, blanks filled in."""
        times = len(self.fillings[0])
        by_item = {item: _filled(columns, item, values, times) for item, values in zip(self.items, self.fillings)}
        return Columns(columns.rows * times, by_item)


class PointsTotals:
    """Computes the totals of one table. Made once for a rule set."""

    def __init__(self, rules: RuleSet, table: PointsTable) -> None:
        self._vocabulary, self._table = rules.vocabulary, table
        self._parameters = [_prepared(rules, parameter) for parameter in table.parameters]

    def of(self, columns: Columns) -> Totals:
        """The totals of these patients; lines that are not met or unknown give nothing (the table's own rule)."""
        points, lowest, highest = (np.zeros(columns.rows, np.int64) for _ in range(3))
        for parameter in self._parameters:
            tried = parameter.points(self._vocabulary, parameter.filled(columns)).reshape(columns.rows, -1)
            points = points + parameter.points(self._vocabulary, columns)
            lowest, highest = lowest + tried.min(axis=1), highest + tried.max(axis=1)
        known = np.ones(columns.rows, bool)
        for item in self._table.unknown_while_blank:
            known &= columns.by_item[item].recorded if item in columns.by_item else False
        return Totals(known, points, lowest, highest)


def _prepared(rules: RuleSet, parameter: PointsParameter) -> _Parameter:
    program = compile_program(rules, (), [row.when for row in parameter.rows])
    items = tuple(sorted(frozenset().union(*program.reads)))
    cells = [cells_of(program, rules.vocabulary, rules.vocabulary[item], range(len(program.steps))) for item in items]
    ways = list(itertools.product(*(range(len(part)) for part in cells)))
    return _Parameter(parameter, program, items, tuple(part.values[[way[k] for way in ways]] for k, part in enumerate(cells)))


def _filled(columns: Columns, item: str, values: np.ndarray, times: int) -> Column:
    everyone, tiled = np.ones(columns.rows * times, bool), np.tile(values, columns.rows)
    column = columns.by_item.get(item)
    if column is None:
        return Column(tiled, everyone)
    return Column(np.where(np.repeat(column.recorded, times), np.repeat(column.values, times), tiled), everyone)
