"""Every place in a condition, and the condition with another node in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from engine import conditions as c
from engine.ruleset import Criterion, PointsTable, RuleSet

Path = tuple[int, ...]
Change = Callable[[c.Condition], c.Condition]


@dataclass(frozen=True)
class Site:
    """One node of a criterion: in `when` or in `cleared_when`, and the way down to it."""

    criterion: str
    side: str
    path: Path
    node: c.Condition

    def __str__(self) -> str:
        return f"{self.criterion}, {self.side} {'.'.join(map(str, self.path))}".rstrip()


def sites(rules: RuleSet) -> Iterator[Site]:
    """Every node of every criterion, in the order of the rules."""
    for criterion in rules.criteria.values():
        for side in ("when", "cleared_when"):
            condition = getattr(criterion, side)
            if condition is not None:
                yield from (Site(criterion.id, side, path, node) for path, node in _nodes(condition, ()))


def _nodes(condition: c.Condition, path: Path) -> Iterator[tuple[Path, c.Condition]]:
    yield path, condition
    for position, part in enumerate(c.parts_of(condition)):
        yield from _nodes(part, (*path, position))


def changed_at(condition: c.Condition, path: Path, change: Change) -> c.Condition:
    """The condition with the node at the end of `path` changed."""
    if not path:
        return change(condition)
    parts = list(c.parts_of(condition))
    parts[path[0]] = changed_at(parts[path[0]], path[1:], change)
    return with_parts(condition, parts)


def changed_everywhere(condition: c.Condition, change: Change) -> c.Condition:
    """The condition with every node changed, parts before wholes."""
    parts = c.parts_of(condition)
    return change(with_parts(condition, [changed_everywhere(part, change) for part in parts]) if parts else condition)


def with_parts(condition: c.Condition, parts: list[c.Condition]) -> c.Condition:
    if isinstance(condition, c.Not):
        return replace(condition, part=parts[0])
    return replace(condition, parts=tuple(parts))


def with_criterion(rules: RuleSet, criterion: Criterion) -> RuleSet:
    """The rules with one criterion replaced."""
    return replace(rules, criteria={**rules.criteria, criterion.id: criterion})


def with_node(rules: RuleSet, site: Site, node: c.Condition) -> RuleSet:
    """The rules with another node in one place."""
    criterion = rules.criteria[site.criterion]
    condition = changed_at(getattr(criterion, site.side), site.path, lambda _: node)
    return with_criterion(rules, replace(criterion, **{site.side: condition}))


def criterion_changed_everywhere(criterion: Criterion, change: Change) -> Criterion:
    cleared = None if criterion.cleared_when is None else changed_everywhere(criterion.cleared_when, change)
    return replace(criterion, when=changed_everywhere(criterion.when, change), cleared_when=cleared)


def table_changed_everywhere(table: PointsTable, change: Change) -> PointsTable:
    parameters = tuple(
        replace(parameter, rows=tuple(replace(row, when=changed_everywhere(row.when, change)) for row in parameter.rows))
        for parameter in table.parameters
    )
    return replace(table, parameters=parameters)


def nodes_of(criterion: Criterion) -> Iterator[c.Condition]:
    """Every node of both sides of a criterion."""
    yield from c.walk(criterion.when)
    if criterion.cleared_when is not None:
        yield from c.walk(criterion.cleared_when)
