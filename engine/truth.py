"""Three-valued logic (Kleene's strong logic) for one patient: the whole of it.

Unknown is never read as not met. `tests/test_truth.py` holds the tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """State of a condition or criterion; the values are the codes of `outcomes.csv`."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("a truth has three values: compare it with Truth.MET, Truth.NOT_MET or Truth.UNKNOWN")


def negate(part: Truth) -> Truth:
    """Met and not met change places; unknown stays."""
    return {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET, Truth.UNKNOWN: Truth.UNKNOWN}[part]


def at_least(count: int, parts: Iterable[Truth]) -> Truth:
    """Met when `count` parts are met; not met when fewer than `count` are met or unknown."""
    states = list(parts)
    met = states.count(Truth.MET)
    if met >= count:
        return Truth.MET
    if met + states.count(Truth.UNKNOWN) < count:
        return Truth.NOT_MET
    return Truth.UNKNOWN


def all_of(parts: Iterable[Truth]) -> Truth:
    """Not met as soon as one part is not met; met when every part is met."""
    states = list(parts)
    return at_least(len(states), states)


def any_of(parts: Iterable[Truth]) -> Truth:
    """Met as soon as one part is met; not met when every part is not met."""
    return at_least(1, parts)


def proved(when: Truth, cleared: Truth) -> Truth:
    """A criterion proved in both directions: met wins, then cleared, else unknown."""
    if when is Truth.MET:
        return Truth.MET
    return Truth.NOT_MET if cleared is Truth.MET else Truth.UNKNOWN


def points_total(states: Iterable[tuple[int, Truth]]) -> int:
    """A sum of points whose rows are met; a row that is not met or unknown gives nothing."""
    return sum(points for points, state in states if state is Truth.MET)
