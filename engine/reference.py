"""What a program means by the definition alone: the logic of `engine/truth.py`, node by node, patient by patient.

Neither evaluator uses it; both are held against it (`engine/parity.py`). Patients who give a node the same states of its parts
are worked out once.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence

import numpy as np

from engine import conditions as c
from engine.columns import Column
from engine.planes import codes_of
from engine.program import Program, Step
from engine.ruleset import DecisionList, PointsTable
from engine.truth import Truth, all_of, any_of, at_least, negate, points_total, proved
from engine.vocabulary import Vocabulary

STATE_CODES: Mapping[Truth, int] = {Truth.NOT_MET: 1, Truth.MET: 2, Truth.UNKNOWN: 3}
"""Numbers for states in arrays; none is zero, so that a row of them can be compared as bytes."""
STATES: Mapping[int, Truth] = {code: state for state, code in STATE_CODES.items()}
_COMPARISONS = {"at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt, "equals": operator.eq}


def defined_states(program: Program, vocabulary: Vocabulary, by_name: Mapping[str, Column], rows: int) -> np.ndarray:
    """The state of every step for every patient: int8 (steps, rows) with the numbers of `STATE_CODES`."""
    states = np.zeros((len(program.steps), rows), np.int8)
    for index, step in enumerate(program.steps):
        if step.kind == "leaf":
            states[index] = _of_leaf(step.condition, vocabulary, by_name.get(step.condition.item), rows)
        elif step.kind == "always":
            states[index] = STATE_CODES[Truth.MET]
        else:
            parts = states[list(step.parts)]
            if step.kind == "points":
                parts = np.vstack([parts, _insisted(program.points_tables[step.condition.table], by_name, rows)])
            states[index] = _of_parts(step, program, parts)
    return states


def _of_leaf(leaf: c.Leaf, vocabulary: Vocabulary, column: Column | None, rows: int) -> np.ndarray:
    blank = Truth.NOT_MET if isinstance(leaf, c.MilestoneReached) else Truth.UNKNOWN
    if column is None:
        return np.full(rows, STATE_CODES[blank], np.int8)
    distinct, place = np.unique(column.values, return_inverse=True)
    found = np.array([STATE_CODES[Truth.MET if leaf_holds(leaf, vocabulary, value) else Truth.NOT_MET] for value in distinct], np.int8)
    return np.broadcast_to(np.where(column.recorded, found[place], np.int8(STATE_CODES[blank])), (rows,))


def leaf_holds(leaf: c.Leaf, vocabulary: Vocabulary, held: np.generic) -> bool:
    """Whether a recorded value, as a column holds it, satisfies the comparison."""
    if isinstance(leaf, c.Compare):
        return _COMPARISONS[leaf.operator](float(held), leaf.threshold.value)
    codes = codes_of(vocabulary, leaf.item)
    match leaf:
        case c.OneOf(_, wanted):
            return codes[int(held)] in wanted
        case c.MilestoneReached():
            return codes[int(held)] == "yes"
    entries = {code for place, code in enumerate(codes) if int(held) >> place & 1}
    return bool(entries & leaf.codes) if isinstance(leaf, c.IncludesAny) else entries <= leaf.codes


def _insisted(table: PointsTable, by_name: Mapping[str, Column], rows: int) -> np.ndarray:
    """Met where the score is known, as one more part of a points node."""
    known = np.ones(rows, bool)
    for item in table.unknown_while_blank:
        known &= by_name[item].recorded if item in by_name else False
    return np.where(known, STATE_CODES[Truth.MET], STATE_CODES[Truth.UNKNOWN]).astype(np.int8)[None, :]


def _of_parts(step: Step, program: Program, parts: np.ndarray) -> np.ndarray:
    combinations = np.ascontiguousarray(parts.T).view(f"S{len(parts)}").ravel()
    _, first, place = np.unique(combinations, return_index=True, return_inverse=True)
    found = [STATE_CODES[defined(step, [STATES[code] for code in parts[:, row].tolist()], program)] for row in first]
    return np.array(found, np.int8)[place]


def defined(step: Step, parts: Sequence[Truth], program: Program) -> Truth:
    """The state of an inner node from the states of its direct parts."""
    match step.kind:
        case "all":
            return all_of(parts)
        case "any":
            return any_of(parts)
        case "not":
            return negate(parts[0])
        case "at_least":
            return at_least(step.count, parts)
        case "proved":
            return proved(*parts)
    return _of_points(step.condition, program.points_tables[step.condition.table], parts)


def _of_points(leaf: c.PointsCompare, table: PointsTable, parts: Sequence[Truth]) -> Truth:
    *rows, known = parts
    if known is not Truth.MET:
        return Truth.UNKNOWN
    remaining, total = iter(rows), 0
    for parameter in table.parameters:
        points = points_total([(row.points, next(remaining)) for row in parameter.rows])
        total += points if parameter.floor is None else max(points, parameter.floor)
    return Truth.MET if _COMPARISONS[leaf.operator](total, leaf.threshold.value) else Truth.NOT_MET


def defined_outcomes(decision: DecisionList, branches: Sequence[Truth]) -> tuple[str, ...]:
    """The outcomes that the states of the branches still allow, in rank order (`semantics.md` 5)."""
    allowed = set()
    for branch, state in zip(decision.branches, branches):
        if state is not Truth.NOT_MET:
            allowed.add(branch.outcome)
        if state is Truth.MET:
            break
    return tuple(outcome for outcome in decision.outcomes if outcome in allowed)
