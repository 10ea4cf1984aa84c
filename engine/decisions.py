"""Decision lists over planes: which outcomes the recorded data still allow, and the answer when only one is left.

The pathway and every guideline are the same thing: branches in order, the last one 'otherwise'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.planes import Evaluation, Plane
from engine.ruleset import DecisionList

_OTHERWISE = Plane(np.True_, np.False_)


@dataclass(frozen=True)
class Decided:
    """The answer of one decision list for every patient.

    possible: bool (rows, outcomes), which outcomes are still allowed, never none; settled: the position of the answer in
    `decision.outcomes`, or -1 while more than one is possible; first_triggered: the position of the first branch that is met.
    """

    decision: DecisionList
    possible: np.ndarray
    settled: np.ndarray
    first_triggered: np.ndarray


def decide(decision: DecisionList, branches: Sequence[Plane], rows: int) -> Decided:
    """A branch is possible when it is not cleared and none before it is met."""
    possible = np.zeros((rows, len(decision.outcomes)), bool)
    first = np.zeros(rows, np.intp)
    reachable = np.ones(rows, bool)
    for position, (met, not_met) in zip(decision.outcome_positions, branches):
        possible[:, position] |= reachable > not_met  # reachable and not cleared
        reachable = reachable > met
        first += reachable  # not met yet: the first met branch lies further on
    settled = np.where(possible.sum(axis=1) == 1, possible.argmax(axis=1), -1)
    return Decided(decision, possible, settled, first)


def decide_evaluated(decision: DecisionList, evaluation: Evaluation) -> Decided:
    return decide(decision, branch_planes(decision, evaluation), evaluation.columns.rows)


def decide_one(decision: DecisionList, evaluation: Evaluation) -> tuple[tuple[str, ...], int]:
    """For one patient: the outcomes still allowed, in rank order, and the position of the first branch that is met."""
    allowed: set[str] = set()
    for position, (branch, plane) in enumerate(zip(decision.branches, branch_planes(decision, evaluation))):
        if not plane.not_met:
            allowed.add(branch.outcome)
        if plane.met:
            return tuple(outcome for outcome in decision.outcomes if outcome in allowed), position
    raise ValueError(f"{decision.name} has no branch 'otherwise'")


def branch_planes(decision: DecisionList, evaluation: Evaluation) -> list[Plane]:
    return [_OTHERWISE if step is None else evaluation.planes[step] for step in evaluation.program.branch_steps(decision)]
