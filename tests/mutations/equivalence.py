"""Whether a mutation of the rules can change any answer: old and new rules as decision diagrams over one space of patients.

Equal diagrams over all coherent patients mean that no patient can get another answer; then there is nothing to catch. Where they
differ, a path through the difference gives a patient, and the evaluator is asked under both rule sets whether it really differs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine import conditions as c
from engine.column_building import columns_from_patients, restored
from engine.diagrams import FALSE
from engine.evaluator import Evaluator
from engine.patient_space import PatientSpace
from engine.planes import evaluate
from engine.ruleset import DecisionList, PointsTable, RuleSet
from engine.scoring import score_columns
from engine.space import RELATIONS
from engine.symbolic import Pair, possible_outcomes
from engine.values import Value
from tests.mutations.condition_trees import changed_everywhere, criterion_changed_everywhere, nodes_of, table_changed_everywhere
from tests.mutations.layers import evaluator_of, without_missing_items
from tests.mutations.mutation import RuleMutation

NEW = "mutant."
MOST_TRIED = 500
NOT_ANSWERS = ("assumed_items", "invalid_items", "missing_items", "next_item")


@dataclass(frozen=True)
class Difference:
    """What differs, and a patient that shows it; `patient` is None where the evaluator confirmed none of the patients tried."""

    what: str
    patient: Mapping[str, Value] | None

    def __str__(self) -> str:
        if self.patient is None:
            return f"{self.what} (no patient confirmed)"
        return f"{self.what}: {', '.join(f'{name}={value}' for name, value in self.patient.items()) or 'nothing recorded'}"


@dataclass(frozen=True)
class Effect:
    """What a mutation can change: an answer, or only the state that is shown of a criterion, or nothing."""

    answer: Difference | None
    shown: Difference | None


def effect_of(mutation: RuleMutation, old: RuleSet, new: RuleSet) -> Effect:
    """Decided exactly by diagrams; confirmed by the evaluator."""
    reach = affected(mutation, old, new)
    answer = next(_changed_answers(mutation, reach, old, new), None)
    return Effect(answer, None if answer else next(_changed_states(reach, old, new), None))


@dataclass(frozen=True)
class Reach:
    """Everything that a mutation can bear on."""

    criteria: frozenset[str]
    decisions: frozenset[str]
    points_tables: frozenset[str]


def affected(mutation: RuleMutation, old: RuleSet, new: RuleSet) -> Reach:
    """What is changed and everything that reads it, directly or through others, under either rule set."""
    tables = mutation.points_tables
    found = {id for rules in (old, new) for id, criterion in rules.criteria.items() if _reads_table(criterion, tables)} | mutation.criteria
    while more := {id for rules in (old, new) for id, criterion in rules.criteria.items() if id not in found and _refers_to(criterion, found)}:
        found |= more
    decisions = {
        decision.name for rules in (old, new) for decision in _lists(rules) if any(found & set(branch.criteria) for branch in decision.branches)
    }
    return Reach(frozenset(found), frozenset(decisions) | mutation.decisions, tables)


def _reads_table(criterion, tables: Iterable[str]) -> bool:
    return any(isinstance(node, c.PointsCompare) and node.table in tables for node in nodes_of(criterion))


def _refers_to(criterion, ids: Iterable[str]) -> bool:
    return any(isinstance(node, c.CriterionRef) and node.id in ids for node in nodes_of(criterion))


def _lists(rules: RuleSet) -> Iterator[DecisionList]:
    return rules.decision_lists(tuple(rules.packs.values()))


# Old and new rules side by side: what the mutation bears on stands a second time, under names that begin with NEW


class _BothRules:
    def __init__(self, reach: Reach, old: RuleSet, new: RuleSet) -> None:
        self._reach = reach
        second = {NEW + id: replace(criterion_changed_everywhere(new.criteria[id], self._renamed_node), id=NEW + id) for id in reach.criteria}
        tables = {NEW + id: table_changed_everywhere(new.points_tables[id], self._renamed_node) for id in reach.points_tables}
        self.rules = replace(old, criteria={**old.criteria, **second}, points_tables={**old.points_tables, **tables})

    def renamed(self, condition: c.Condition) -> c.Condition:
        return changed_everywhere(condition, self._renamed_node)

    def _renamed_node(self, node: c.Condition) -> c.Condition:
        match node:
            case c.CriterionRef(id) if id in self._reach.criteria:
                return c.CriterionRef(NEW + id)
            case c.PointsCompare(table) if table in self._reach.points_tables:
                return replace(node, table=NEW + table)
        return node

    def decision(self, decision: DecisionList) -> DecisionList:
        branches = tuple(replace(branch, condition=branch.condition and self.renamed(branch.condition)) for branch in decision.branches)
        return replace(decision, branches=branches)

    def space(self, decision: DecisionList, further: Iterable[c.Condition]) -> PatientSpace:
        return PatientSpace(self.rules, decision, further)


def _coherent(space: PatientSpace) -> int:
    """Combinations of cells in which a value can lie, with relations that fit the numbers."""
    d, vocabulary = space.diagrams, space.rules.vocabulary
    inhabited = (space.variable(name, space.space.holds_a_value(name, vocabulary), True) for name in space.space.names)
    return d.every((space.related(), *inhabited, *(_known_with_its_numbers(space, name) for name in RELATIONS if name in space.positions)))


def _known_with_its_numbers(space: PatientSpace, relation: str) -> int:
    """A relation is recorded where both of its numbers are, and nowhere else."""
    d = space.diagrams
    known, numbers = space.recorded(relation), d.every(map(space.recorded, RELATIONS[relation]))
    return d.either(d.both(known, numbers), d.both(d.negated(known), d.negated(numbers)))


def _unequal(space: PatientSpace, left: int, right: int) -> int:
    """Where two functions differ for a coherent patient."""
    if left == right:
        return FALSE
    d = space.diagrams
    return d.both(_coherent(space), d.either(d.both(left, d.negated(right)), d.both(d.negated(left), right)))


# Answers


def _changed_answers(mutation: RuleMutation, reach: Reach, old: RuleSet, new: RuleSet) -> Iterator[Difference]:
    both = _BothRules(reach, old, new)
    compared = itertools.chain(
        _outcomes(both, reach, old, new),
        _met_of_lists(both, reach, old, new),
        _procedure(both, reach, old, new),
        _points(both, reach, old, new),
    )
    for what, space, where in compared:
        if where != FALSE:
            yield Difference(what, _confirmed(space, where, old, new, _answers))


def _outcomes(both: _BothRules, reach: Reach, old: RuleSet, new: RuleSet) -> Iterator[tuple[str, PatientSpace, int]]:
    """The outcomes that each list still allows."""
    after = {decision.name: decision for decision in _lists(new)}
    for before in _lists(old):
        if before.name in reach.decisions:
            renamed = both.decision(after[before.name])
            space = both.space(before, [branch.condition for branch in renamed.branches if branch.condition is not None])
            possible = possible_outcomes(space.diagrams, renamed, space.symbols.branches(renamed))
            for outcome in dict.fromkeys((*before.outcomes, *renamed.outcomes)):
                yield f"{before.name}: {outcome}", space, _unequal(space, space.possible.get(outcome, FALSE), possible.get(outcome, FALSE))


def _met_of_lists(both: _BothRules, reach: Reach, old: RuleSet, new: RuleSet) -> Iterator[tuple[str, PatientSpace, int]]:
    """Triggers, warnings and contradictions that are met; one that is not listed any more is never met."""
    for kind in ("triggers", "warnings", "contradictions"):
        before, after = getattr(old, kind), getattr(new, kind)
        for id in dict.fromkeys((*before, *after)):
            if id in reach.criteria or (id in before) != (id in after):
                space, one, other = _criterion(both, id)
                yield f"{kind}: {id}", space, _unequal(space, one.met if id in before else FALSE, other.met if id in after else FALSE)


def _criterion(both: _BothRules, id: str) -> tuple[PatientSpace, Pair, Pair]:
    old, new = c.CriterionRef(id), both.renamed(c.CriterionRef(id))
    space = both.space(DecisionList("criterion", (), (), ""), [old, new])
    return space, space.pair(old), space.pair(new)


def _procedure(both: _BothRules, reach: Reach, old: RuleSet, new: RuleSet) -> Iterator[tuple[str, PatientSpace, int]]:
    """Which line of the choice of procedure is taken, wherever the choice is open."""
    ids = {id for rules in (old, new) for choice in rules.procedure_choice for id in (*choice.when, *choice.unless)}
    if old.procedure_choice == new.procedure_choice and not ids & reach.criteria:
        return
    references = [c.CriterionRef(id) for id in sorted(ids)]
    space = both.space(DecisionList("procedure", (), (), ""), [*references, *map(both.renamed, references)])
    before, after = _chosen(space, old, lambda condition: condition), _chosen(space, new, both.renamed)
    for procedure in dict.fromkeys((*before, *after)):
        yield f"procedure: {procedure}", space, _unequal(space, before.get(procedure, FALSE), after.get(procedure, FALSE))


def _chosen(space: PatientSpace, rules: RuleSet, named) -> dict[str, int]:
    d, open_, chosen = space.diagrams, 1, {}
    for choice in rules.procedure_choice:
        wanted = [space.pair(named(c.CriterionRef(id))).met for id in choice.when]
        barred = [d.negated(space.pair(named(c.CriterionRef(id))).met) for id in choice.unless]
        chosen[choice.procedure] = d.every([open_, *wanted, *barred])
        open_ = d.both(open_, d.negated(chosen[choice.procedure]))
    return chosen


def _points(both: _BothRules, reach: Reach, old: RuleSet, new: RuleSet) -> Iterator[tuple[str, PatientSpace, int]]:
    """The totals of the points tables."""
    for name in reach.points_tables:
        before, after = both.rules.points_tables[name], both.rules.points_tables[NEW + name]
        space = both.space(DecisionList("points", (), (), ""), [row.when for table in (before, after) for row in _rows(table)])
        totals = [space.symbols.total(table, [space.pair(row.when).met for row in _rows(table)]) for table in (before, after)]
        opposite = space.diagrams.mapped(totals[1], lambda points: -points, {})
        apart = space.diagrams.mapped(space.diagrams.added(totals[0], opposite, {}), lambda points: int(points != 0), {})
        known = space.diagrams.every(space.recorded(item) for item in before.unknown_while_blank)
        yield f"points of {name}", space, space.diagrams.every((apart, known, _coherent(space)))


def _rows(table: PointsTable):
    return [row for parameter in table.parameters for row in parameter.rows]


# States that are shown


def _changed_states(reach: Reach, old: RuleSet, new: RuleSet) -> Iterator[Difference]:
    """Criteria of which the assessment shows another state, although no answer changes."""
    both = _BothRules(reach, old, new)
    for id in (id for id in old.criteria if id in reach.criteria):
        space, before, after = _criterion(both, id)
        where = space.diagrams.either(_unequal(space, before.met, after.met), _unequal(space, before.not_met, after.not_met))
        if where != FALSE:
            yield Difference(
                f"state of {id}", _confirmed(space, where, old, new, lambda evaluator, patients, id=id: _states(evaluator, id, patients))
            )


# Confirmation


def _confirmed(space: PatientSpace, where: int, old: RuleSet, new: RuleSet, asked) -> Mapping[str, Value] | None:
    """A patient of this part of the space for whom the two rule sets give something else, by the columnar evaluator."""
    patients = list(itertools.islice(_patients(space, space.diagrams.example(where) or {}), MOST_TRIED))
    before, after = asked(evaluator_of(old), patients), asked(evaluator_of(new), patients)
    return next((patient for patient, one, other in zip(patients, before, after) if one != other), None)


def _answers(evaluator: Evaluator, patients: list[Mapping[str, Value]]) -> list[tuple[str, ...]]:
    with without_missing_items():
        scored = score_columns(evaluator, columns_from_patients(evaluator.rules.vocabulary, patients))
    return list(zip(*(column.cells().tolist() for name, column in scored.items() if name not in NOT_ANSWERS)))


def _states(evaluator: Evaluator, id: str, patients: list[Mapping[str, Value]]) -> list[tuple[bool, bool]]:
    columns = columns_from_patients(evaluator.rules.vocabulary, patients)
    plane = evaluate(evaluator.program, evaluator.rules.vocabulary, columns).criterion(id)
    return list(zip(*(np.broadcast_to(side, (len(patients),)).tolist() for side in plane)))


def _patients(space: PatientSpace, chosen: Mapping[int, int]) -> Iterator[Mapping[str, Value]]:
    """Patients whose values lie in the cells of a path; numbers that a relation compares are tried at both ends of their cells."""
    vocabulary = space.rules.vocabulary
    compared = set(itertools.chain.from_iterable(RELATIONS.values()))
    choices: dict[str, list[Value]] = {}
    for position, cell in chosen.items():
        name = space.space.names[position]
        cells = space.space.cells[name]
        if name in RELATIONS or cell >= len(cells):
            continue
        if name in vocabulary.items:
            item = vocabulary[name]
            held = [cells.values[cell], *((cells.lowest()[cell], cells.highest()[cell]) if name in compared else ())]
            choices[name] = list(dict.fromkeys(restored(item, value) for value in held))
        else:
            choices |= _recorded_behind(vocabulary.derived[name], cells.values[cell])
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values))


def _recorded_behind(derived, held) -> dict[str, list[Value]]:
    """A recorded value that makes this value of a selector or of groups of codes."""
    (made_of,) = derived.made_of
    if derived.type != "category_list":
        states = derived.made_from.get(derived.codes[int(held)], ())
        return {made_of: list(states[:1])} if states else {}
    groups = [code for place, code in enumerate(derived.codes) if int(held) >> place & 1]
    return {made_of: [tuple(dict.fromkeys((derived.made_from[group][0] + "00")[:7] if group in derived.made_from else "R52" for group in groups))]}
