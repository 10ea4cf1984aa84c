"""Mutations of the shipped rules, made from the rule tree by operator class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from engine import conditions as c
from engine.cells import EMPTY_LIST
from engine.planes import codes_of
from engine.ruleset import PATHWAY, Branch, DecisionList, RuleSet, any_of_criteria
from tests.mutations.condition_trees import (
    Site,
    criterion_changed_everywhere,
    nodes_of,
    sites,
    table_changed_everywhere,
    with_criterion,
    with_node,
)
from tests.mutations.mutation import RuleMutation

FINE_STEP = 0.01
STRICTNESS = {"at_least": "above", "above": "at_least", "at_most": "below", "below": "at_most"}
DIRECTION = {"at_least": "at_most", "at_most": "at_least", "above": "below", "below": "above"}


def rule_mutations(rules: RuleSet) -> dict[str, list[RuleMutation]]:
    """Every mutation of each operator class, in the order of the rules."""
    made = {operator: list(makers(rules, operator)) for operator, makers in OPERATORS.items()}
    return {operator: [_told_apart(mutation, number) for number, mutation in enumerate(mutations)] for operator, mutations in made.items()}


def _told_apart(mutation: RuleMutation, number: int) -> RuleMutation:
    """What is remembered of a rule set is remembered by its fingerprint, so each mutant has one of its own."""
    return replace(mutation, make=lambda: replace(mutation.make(), fingerprint=f"mutant: {mutation.operator} {number}"))


# Thresholds and comparisons


def threshold_shifted(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """Each number that a rule compares with: one step down, one step up, and to the next number that its item is compared with."""
    for name, readers in _readers_of_thresholds(rules).items():
        value = rules.thresholds[name].threshold.value
        for number in _neighbours(rules, name):
            tables = frozenset(table.id for table in rules.points_tables.values() if _table_reads(table, name))
            yield RuleMutation(
                operator, f"{name}: {value:g} becomes {number:g}", partial(_with_threshold, rules, name, number), readers, points_tables=tables
            )


def _readers_of_thresholds(rules: RuleSet) -> Mapping[str, frozenset[str]]:
    readers: dict[str, frozenset[str]] = {}
    for criterion in rules.criteria.values():
        for node in nodes_of(criterion):
            if isinstance(node, (c.Compare, c.PointsCompare)):
                readers[node.threshold.name] = readers.get(node.threshold.name, frozenset()) | {criterion.id}
    for table in rules.points_tables.values():
        for name in rules.thresholds:
            if _table_reads(table, name):
                readers.setdefault(name, frozenset())
    return readers


def _table_reads(table, name: str) -> bool:
    nodes = (node for parameter in table.parameters for row in parameter.rows for node in c.walk(row.when))
    return any(isinstance(node, c.Compare) and node.threshold.name == name for node in nodes)


def _neighbours(rules: RuleSet, name: str) -> list[float]:
    entry = rules.thresholds[name]
    item, value = rules.vocabulary.items.get(entry.item), entry.threshold.value
    step = 1 if item is None or item.type == "integer" else FINE_STEP
    others = sorted(other.threshold.value for other in rules.thresholds.values() if other.item == entry.item and other.threshold.value > value)
    wanted = dict.fromkeys([round(value - step, 4), round(value + step, 4), *others[:1]])
    return [number for number in wanted if item is None or item.minimum <= number <= item.maximum]


def _with_threshold(rules: RuleSet, name: str, value: float) -> RuleSet:
    threshold = c.Threshold(name, value)

    def shift(node: c.Condition) -> c.Condition:
        reads = isinstance(node, (c.Compare, c.PointsCompare)) and node.threshold.name == name
        return replace(node, threshold=threshold) if reads else node

    return replace(
        rules,
        thresholds={**rules.thresholds, name: replace(rules.thresholds[name], threshold=threshold)},
        criteria={id: criterion_changed_everywhere(criterion, shift) for id, criterion in rules.criteria.items()},
        points_tables={id: table_changed_everywhere(table, shift) for id, table in rules.points_tables.items()},
    )


def _at_sites(rules: RuleSet, operator: str, changes: Callable[[Site], Iterator[tuple[str, c.Condition]]]) -> Iterator[RuleMutation]:
    for site in sites(rules):
        for what, node in changes(site):
            yield RuleMutation(operator, f"{site}: {what}", partial(with_node, rules, site, node), frozenset({site.criterion}))


def _other_operator(others: Mapping[str, str], rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    def changes(site: Site) -> Iterator[tuple[str, c.Condition]]:
        node = site.node
        if isinstance(node, (c.Compare, c.PointsCompare)) and node.operator in others:
            other = others[node.operator]
            yield f"{node.operator} {node.threshold.name} becomes {other}", replace(node, operator=other)

    return _at_sites(rules, operator, changes)


# Inner nodes


def folding_changed(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """`all` for `any`, `any` for `all`, one more or one fewer of 'at least'."""

    def changes(site: Site) -> Iterator[tuple[str, c.Condition]]:
        match site.node:
            case c.All(parts) if len(parts) > 1:
                yield "any for all", c.Any(parts)
            case c.Any(parts) if len(parts) > 1:
                yield "all for any", c.All(parts)
            case c.AtLeast(count, parts):
                yield from (
                    (f"at least {other} for {count}", c.AtLeast(other, parts)) for other in (count - 1, count + 1) if 1 <= other <= len(parts)
                )

    return _at_sites(rules, operator, changes)


def part_dropped(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    def changes(site: Site) -> Iterator[tuple[str, c.Condition]]:
        node = site.node
        if isinstance(node, (c.All, c.Any, c.AtLeast)) and len(node.parts) > max(1, getattr(node, "count", 1)):
            for position, part in enumerate(node.parts):
                yield f"without part {position}, {_short(part)}", replace(node, parts=node.parts[:position] + node.parts[position + 1 :])

    return _at_sites(rules, operator, changes)


def not_removed(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    def changes(site: Site) -> Iterator[tuple[str, c.Condition]]:
        if isinstance(site.node, c.Not):
            yield f"{_short(site.node.part)} without its not", site.node.part

    return _at_sites(rules, operator, changes)


# Sets of codes


def code_dropped(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    def changes(site: Site) -> Iterator[tuple[str, c.Condition]]:
        node = site.node
        if isinstance(node, (c.OneOf, c.IncludesAny, c.AllWithin)) and len(node.codes) > 1:
            yield from ((f"{node.item} without {code}", replace(node, codes=node.codes - {code})) for code in sorted(node.codes))

    return _at_sites(rules, operator, changes)


def code_added(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    def changes(site: Site) -> Iterator[tuple[str, c.Condition]]:
        node = site.node
        if isinstance(node, (c.OneOf, c.IncludesAny, c.AllWithin)):
            shut_out = {EMPTY_LIST} if not isinstance(node, c.OneOf) else set()
            others = [code for code in codes_of(rules.vocabulary, node.item) if code not in node.codes | shut_out]
            yield from ((f"{node.item} with {code} too", replace(node, codes=node.codes | {code})) for code in others)

    return _at_sites(rules, operator, changes)


# Criteria, gates and branches


def clearing_dropped(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """A criterion that is proved in both directions loses the second: it is then not met wherever `when` is not met."""
    for criterion in rules.criteria.values():
        if criterion.cleared_when is not None:
            yield RuleMutation(
                operator,
                f"{criterion.id}: without cleared_when",
                partial(with_criterion, rules, replace(criterion, cleared_when=None)),
                frozenset({criterion.id}),
            )


def criterion_dropped(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """A trigger less in a gate, a branch less in a pack, a warning or a contradiction less, a line of the choice of procedure less."""
    for branch in rules.pathway.branches:
        for id in branch.criteria:
            yield RuleMutation(
                operator, f"gate {branch.name}: without {id}", partial(_without_trigger, rules, branch, id), decisions=frozenset({PATHWAY})
            )
    for decision in _pack_lists(rules):
        for position, branch in enumerate(decision.branches[:-1]):
            left = decision.branches[:position] + decision.branches[position + 1 :]
            yield _of_decision(rules, operator, decision, left, f"without branch {branch.name} ({branch.outcome})")
    for kind in ("warnings", "contradictions"):
        for id in getattr(rules, kind):
            left = tuple(other for other in getattr(rules, kind) if other != id)
            yield RuleMutation(operator, f"{kind}: without {id}", partial(replace, rules, **{kind: left}), decisions=frozenset({kind}))
    for position, choice in enumerate(rules.procedure_choice[:-1]):
        left = rules.procedure_choice[:position] + rules.procedure_choice[position + 1 :]
        yield RuleMutation(
            operator,
            f"choice of procedure: without the line {choice.procedure}",
            partial(replace, rules, procedure_choice=left),
            decisions=frozenset({"procedure"}),
        )


def _without_trigger(rules: RuleSet, branch: Branch, id: str) -> RuleSet:
    left = tuple(other for other in branch.criteria if other != id)
    branches = tuple(replace(own, criteria=left, condition=any_of_criteria(left)) if own is branch else own for own in rules.pathway.branches)
    gates = tuple(replace(gate, criteria=tuple(other for other in gate.criteria if other != id)) for gate in rules.gates)
    return replace(rules, gates=gates, pathway=replace(rules.pathway, branches=branches))


def order_changed(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """Two neighbouring branches change places; 'otherwise' stays last."""
    for decision in (rules.pathway, *_pack_lists(rules)):
        for position in range(len(decision.branches) - 2):
            one, other = decision.branches[position : position + 2]
            swapped = (*decision.branches[:position], other, one, *decision.branches[position + 2 :])
            yield _of_decision(rules, operator, decision, swapped, f"branch {other.name} ({other.outcome}) before {one.name} ({one.outcome})")


def outcome_changed(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """A branch gives another answer."""
    verdicts = [code for kind, code in rules.outcome_labels if kind == "verdict" and code != "undecided"]
    for decision in (rules.pathway, *_pack_lists(rules)):
        for position, branch in enumerate(decision.branches):
            for outcome in decision.outcomes if decision is rules.pathway else verdicts:
                if outcome != branch.outcome:
                    branches = (*decision.branches[:position], replace(branch, outcome=outcome), *decision.branches[position + 1 :])
                    yield _of_decision(rules, operator, decision, branches, f"branch {branch.name} gives {outcome} instead of {branch.outcome}")


def _of_decision(rules: RuleSet, operator: str, decision: DecisionList, branches: tuple[Branch, ...], what: str) -> RuleMutation:
    make = partial(_with_decision, rules, decision, branches)
    return RuleMutation(operator, f"{decision.name}: {what}", make, decisions=frozenset({decision.name}))


def _with_decision(rules: RuleSet, decision: DecisionList, branches: tuple[Branch, ...]) -> RuleSet:
    if decision is rules.pathway:
        return replace(rules, pathway=replace(decision, branches=branches))
    ranked = [code for kind, code in rules.outcome_labels if kind == "verdict"]
    given = {branch.outcome for branch in branches}
    new = replace(decision, branches=branches, outcomes=tuple(code for code in ranked if code in given))
    packs = {
        id: replace(
            pack, verdicts=tuple(replace(verdicts, decision=new) if verdicts.decision is decision else verdicts for verdicts in pack.verdicts)
        )
        for id, pack in rules.packs.items()
    }
    return replace(rules, packs=packs)


def _pack_lists(rules: RuleSet) -> list[DecisionList]:
    return [verdicts.decision for pack in rules.packs.values() for verdicts in pack.verdicts]


# Points


def points_changed(rules: RuleSet, operator: str) -> Iterator[RuleMutation]:
    """A row of a score gives a point more or less, or a floor is gone."""
    for table in rules.points_tables.values():
        for place, parameter in enumerate(table.parameters):
            for number, row in enumerate(parameter.rows):
                for points in (row.points - 1, row.points + 1):
                    rows = (*parameter.rows[:number], replace(row, points=points), *parameter.rows[number + 1 :])
                    yield _of_table(
                        rules, operator, table, place, replace(parameter, rows=rows), f"row {number} gives {points} instead of {row.points}"
                    )
            if parameter.floor is not None:
                yield _of_table(rules, operator, table, place, replace(parameter, floor=None), f"no floor of {parameter.floor}")


def _of_table(rules: RuleSet, operator: str, table, place: int, parameter, what: str) -> RuleMutation:
    new = replace(table, parameters=(*table.parameters[:place], parameter, *table.parameters[place + 1 :]))
    make = partial(replace, rules, points_tables={**rules.points_tables, table.id: new})
    return RuleMutation(operator, f"{table.id}, {parameter.id}: {what}", make, points_tables=frozenset({table.id}))


def _short(condition: c.Condition) -> str:
    match condition:
        case c.CriterionRef(id):
            return id
        case c.Compare(item, operator, threshold):
            return f"{item} {operator} {threshold.name}"
        case c.OneOf(item, codes) | c.IncludesAny(item, codes) | c.AllWithin(item, codes):
            return f"{item} {'/'.join(sorted(codes))}"[:60]
    return type(condition).__name__.lower()


OPERATORS: Mapping[str, Callable[[RuleSet, str], Iterator[RuleMutation]]] = {
    "threshold shifted": threshold_shifted,
    "strict comparison for not strict, or the reverse": partial(_other_operator, STRICTNESS),
    "comparison turned round": partial(_other_operator, DIRECTION),
    "all for any, any for all, count off by one": folding_changed,
    "part of a condition dropped": part_dropped,
    "not removed": not_removed,
    "code dropped from a set": code_dropped,
    "code added to a set": code_added,
    "criterion, branch or warning dropped": criterion_dropped,
    "order of gates or branches changed": order_changed,
    "answer of a branch changed": outcome_changed,
    "cleared_when dropped": clearing_dropped,
    "points of a score changed": points_changed,
}
