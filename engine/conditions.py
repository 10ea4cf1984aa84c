"""Conditions as data: small frozen trees. They say what a rule means; the evaluators say how it is computed.

Leaves compare one item with constants. There is no free expression language and no comparison of two items; a rule that needs
one reads a derived item (`engine/derived.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Operator = Literal["at_least", "at_most", "above", "below", "equals"]


@dataclass(frozen=True)
class Threshold:
    """One number with its meaning; the register keeps its source (`engine/ruleset.py`)."""

    name: str
    value: float


@dataclass(frozen=True)
class Compare:
    """A number item against a threshold."""

    item: str
    operator: Operator
    threshold: Threshold


@dataclass(frozen=True)
class OneOf:
    """A category or boolean item has one of these codes."""

    item: str
    codes: frozenset[str]


@dataclass(frozen=True)
class IncludesAny:
    """A recorded list has at least one of these codes."""

    item: str
    codes: frozenset[str]


@dataclass(frozen=True)
class AllWithin:
    """Every entry of a recorded list is one of these codes."""

    item: str
    codes: frozenset[str]


@dataclass(frozen=True)
class MilestoneReached:
    """Pathway only, two-valued: the step is recorded as taken. A blank reads as not yet."""

    item: str


@dataclass(frozen=True)
class PointsCompare:
    """The total of a points table against a threshold; unknown while an item the table insists on is blank."""

    table: str
    operator: Operator
    threshold: Threshold


@dataclass(frozen=True)
class Always:
    """Met, whatever is recorded."""


@dataclass(frozen=True)
class All:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    part: Condition


@dataclass(frozen=True)
class AtLeast:
    count: int
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class CriterionRef:
    """The state of another criterion."""

    id: str


Leaf: TypeAlias = Compare | OneOf | IncludesAny | AllWithin | MilestoneReached
Condition: TypeAlias = Leaf | PointsCompare | Always | All | Any | Not | AtLeast | CriterionRef


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """The direct parts of an inner node; nothing for a leaf or a reference."""
    match condition:
        case All(parts) | Any(parts) | AtLeast(_, parts):
            return parts
        case Not(part):
            return (part,)
        case _:
            return ()


def walk(condition: Condition) -> Iterator[Condition]:
    """Every node of one tree, parts before wholes; references are not followed."""
    for part in parts_of(condition):
        yield from walk(part)
    yield condition
