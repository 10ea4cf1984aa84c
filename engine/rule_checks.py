"""What can be wrong between criteria of different files: circles, and milestones read where only the pathway may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from engine import conditions as c
from engine.mistakes import Mistake
from engine.ruleset import Criterion, Pack


def circles(criteria: Mapping[str, Criterion]) -> Iterator[Mistake]:
    """The first circle of criteria that refer to each other."""
    graph = {id: set(_references(criterion)) for id, criterion in criteria.items()}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = error.args[1]
        yield _at(criteria[cycle[0]], f"the criteria refer to each other in a circle: {' -> '.join(reversed(cycle))}.")


def milestones_in_packs(criteria: Mapping[str, Criterion], packs: Iterable[Pack]) -> Iterator[Mistake]:
    """Criteria of packs that read a blank milestone as 'not yet', themselves or by reference. Asks for criteria without circles."""
    for pack in packs:
        for id in pack.criteria:
            for reached in _reachable(criteria, id):
                if any(isinstance(node, c.MilestoneReached) for node in _nodes(criteria[reached])):
                    yield _at(criteria[id], f"'{reached}' reads a milestone the way only the pathway may; a pack compares the item.")


def _at(criterion: Criterion, message: str) -> Mistake:
    return Mistake(criterion.place.file, criterion.place.line, criterion.id, message)


def _nodes(criterion: Criterion) -> Iterator[c.Condition]:
    yield from c.walk(criterion.when)
    if criterion.cleared_when is not None:
        yield from c.walk(criterion.cleared_when)


def _references(criterion: Criterion) -> Iterator[str]:
    return (node.id for node in _nodes(criterion) if isinstance(node, c.CriterionRef))


def _reachable(criteria: Mapping[str, Criterion], id: str) -> set[str]:
    found, waiting = set(), [id]
    while waiting:
        current = waiting.pop()
        if current not in found and current in criteria:
            found.add(current)
            waiting += _references(criteria[current])
    return found
