"""Rows never cross: every step of the columnar evaluator, shown beside every other row it could stand next to."""

from __future__ import annotations

import itertools

import numpy as np

from engine import conditions as c
from engine.cells import cells_of
from engine.columns import Column
from engine.planes import Plane, reader_of
from engine.program import Program, Step, compile_program
from engine.ruleset import RuleSet

MOST_STATES = 81
"""Up to four parts every state of a step's parts is tried; of steps with more parts, every state of each four neighbouring parts."""


def rows_that_cross(rules: RuleSet) -> tuple[int, str | None]:
    """How many pairs of rows were tried, and a step for which a row's answer changed with its neighbour.

    An elementwise step gives a row the same alone and in any batch. Each step is computed for all states of its parts at once, in
    three orders and one by one, so that every state has stood beside and behind every other one.
    """
    program = compile_program(rules, rules.criteria)
    pairs = 0
    for index, step in enumerate(program.steps):
        tried, same = _leaf_is_elementwise(rules, program, step) if step.kind == "leaf" else _step_is_elementwise(rules, program, step)
        pairs += tried * tried
        if not same:
            name = next((id for id, own in program.criterion_steps.items() if own == index), f"step {index}")
            return pairs, name
    return pairs, None


def _orders(rows: int) -> list[np.ndarray]:
    forwards = np.arange(rows)
    return [forwards, forwards[::-1], np.roll(forwards, rows // 2)]


def _leaf_is_elementwise(rules: RuleSet, program: Program, step: Step) -> tuple[int, bool]:
    leaf = step.condition
    item = rules.vocabulary.items.get(leaf.item)
    if item is None:
        codes = rules.vocabulary.derived[leaf.item].codes
        many = rules.vocabulary.derived[leaf.item].type == "category_list"
        values = np.arange(1 << len(codes), dtype=np.uint64) if many else np.arange(len(codes), dtype=np.int16)
    else:
        values = cells_of(program, rules.vocabulary, item, range(len(program.steps))).values
    column = Column(np.append(values, values[:1]), np.append(np.ones(len(values), bool), False))
    reader = reader_of(step, rules.vocabulary, program.points_tables)
    alone = [reader((), {leaf.item: Column(column.values[row : row + 1], column.recorded[row : row + 1])}) for row in range(len(column.values))]
    together = [reader((), {leaf.item: Column(column.values[order], column.recorded[order])}) for order in _orders(len(column.values))]
    return len(alone), _same(alone, together, len(alone))


def _step_is_elementwise(rules: RuleSet, program: Program, step: Step) -> tuple[int, bool]:
    states = _states(len(step.parts))
    reader = reader_of(step, rules.vocabulary, program.points_tables)
    recorded = {item: Column(np.zeros(len(states), np.int16), np.ones(len(states), bool)) for item in _insisted_on(program, step)}

    def compute(rows: np.ndarray) -> Plane:
        planes = [Plane(np.zeros(1, bool), np.zeros(1, bool))] * len(program.steps)
        for position, part in enumerate(step.parts):
            planes[part] = Plane(states[rows, position] == 1, states[rows, position] == 0)
        return reader(planes, {item: Column(column.values[rows], column.recorded[rows]) for item, column in recorded.items()})

    alone = [compute(np.array([row])) for row in range(len(states))]
    return len(states), _same(alone, [compute(order) for order in _orders(len(states))], len(states))


def _insisted_on(program: Program, step: Step) -> tuple[str, ...]:
    return program.points_tables[step.condition.table].unknown_while_blank if isinstance(step.condition, c.PointsCompare) else ()


def _states(parts: int) -> np.ndarray:
    """States (0 not met, 1 met, 2 unknown) of a step's parts, one row for each; a step without parts has one."""
    if parts == 0:
        return np.zeros((1, 1), int)
    if 3**parts <= MOST_STATES:
        return np.array(list(itertools.product((0, 1, 2), repeat=parts)))
    window = int(np.log(MOST_STATES) / np.log(3) + 1e-9)
    blocks = []
    for first in range(parts - window + 1):
        block = np.full((3**window, parts), 2)
        block[:, first : first + window] = list(itertools.product((0, 1, 2), repeat=window))
        blocks.append(block)
    return np.unique(np.concatenate(blocks), axis=0)


def _same(alone: list[Plane], together: list[Plane], rows: int) -> bool:
    single = np.array([[bool(plane.met), bool(plane.not_met)] for plane in alone])
    for order, plane in zip(_orders(rows), together):
        batch = np.stack([np.broadcast_to(plane.met, (rows,)), np.broadcast_to(plane.not_met, (rows,))], axis=1)
        if not np.array_equal(batch, single[order]):
            return False
    return True
