"""Criteria that never matter: met or not met, every answer that they are used in stays the same for every patient without contradictory entries.

The criterion is replaced by one that is always met and by one that never is, and the answers are compared as diagrams.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine import conditions as c
from engine.findings_patients import FindingPatients
from engine.program import compile_program
from engine.ruleset import DecisionList, RuleSet
from engine.symbolic import Symbols, possible_outcomes

ALWAYS, NEVER = c.Always(), c.Not(c.Always())


def matters_to_list(patients: FindingPatients, id: str, decision: DecisionList) -> bool:
    """Whether the state of a criterion changes the possible answers of a list for some patient."""
    conditions = [branch.condition for branch in decision.branches if branch.condition is not None]
    answers = []
    for state in (ALWAYS, NEVER):
        symbols = _held(patients, id, state, conditions)
        answers.append(list(possible_outcomes(patients.diagrams, decision, symbols.branches(decision)).values()))
    return _differ(patients, *answers)


def matters_to_criteria(patients: FindingPatients, id: str, readers: Sequence[str]) -> bool:
    """Whether the state of a criterion changes that of one of these criteria for some patient."""
    conditions = [c.CriterionRef(reader) for reader in readers]
    states = []
    for state in (ALWAYS, NEVER):
        symbols = _held(patients, id, state, conditions)
        states.append([side for condition in conditions for side in symbols.step(symbols.program.condition_steps[condition])])
    return _differ(patients, *states)


def criteria_within(rules: RuleSet, roots: Iterable[str]) -> tuple[str, ...]:
    """The criteria that these are made of, themselves first."""
    found: dict[str, None] = {}
    waiting = list(roots)
    while waiting:
        id = waiting.pop(0)
        if id not in found:
            found[id] = None
            criterion = rules.criteria[id]
            for condition in (criterion.when, criterion.cleared_when):
                waiting += [node.id for node in c.walk(condition) if isinstance(node, c.CriterionRef)] if condition is not None else []
    return tuple(found)


def _held(patients: FindingPatients, id: str, state: c.Condition, conditions: Iterable[c.Condition]) -> Symbols:
    """The conditions over the same patients, with one criterion held in a state; the same comparison elsewhere keeps its own."""
    space = patients.space
    criterion = replace(space.rules.criteria[id], when=state, cleared_when=None)
    rules = replace(space.rules, criteria={**space.rules.criteria, id: criterion})
    return Symbols(patients.diagrams, compile_program(rules, (), conditions), space.pair, space.recorded)


def _differ(patients: FindingPatients, left: Sequence[int], right: Sequence[int]) -> bool:
    d = patients.diagrams
    changed = (d.either(d.both(one, d.negated(other)), d.both(other, d.negated(one))) for one, other in zip(left, right) if one != other)
    return any(patients.any_in(node, patients.coherent) for node in changed)
