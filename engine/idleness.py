"""Criteria that do nothing: never met, never failing, or without effect on anything they are part of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine import conditions as c
from engine.diagrams import FALSE, TRUE
from engine.patient_space import PatientSpace
from engine.program import Program
from engine.ruleset import DecisionList, Pack, RuleSet
from engine.symbolic import Pair, Symbols


@dataclass(frozen=True)
class Idle:
    rule: str
    what: str


def idle_criteria(rules: RuleSet, packs: Collection[Pack]) -> tuple[int, Idle | None]:
    """How many criteria were looked at, and the first that is idle."""
    looked_at: set[str] = set()
    for roots in _places_of_effect(rules, packs):
        space = PatientSpace(rules, DecisionList("effects", (), (), ""), [c.CriterionRef(root) for root in roots])
        for id in _within(rules, roots):
            if id in looked_at:
                continue
            looked_at.add(id)
            if (finding := _idle(space, rules, id, roots)) is not None:
                return len(looked_at), finding
    for id in _asked_about(rules, packs):
        if id not in looked_at and not rules.criteria[id].restates:
            return len(looked_at), Idle(id, "no gate, branch, verdict or warning reads it")
    return len(looked_at), None


def _asked_about(rules: RuleSet, packs: Collection[Pack]) -> Iterable[str]:
    """All criteria, or those of packs added to proved rules: shared ones that only other packs read are not theirs to answer for."""
    return rules.criteria if len(packs) == len(rules.packs) else [id for pack in packs for id in pack.criteria]


def _places_of_effect(rules: RuleSet, packs: Iterable[Pack]) -> list[tuple[str, ...]]:
    """What a criterion may have an effect on: a trigger, warning, contradiction or preference, or a branch of a pack."""
    own = [(id,) for id in (*rules.triggers, *rules.warnings, *rules.contradictions)]
    own += [(id,) for choice in rules.procedure_choice for id in (*choice.when, *choice.unless)]
    own += [(branch.criteria) for pack in packs for verdicts in pack.verdicts for branch in verdicts.decision.branches if branch.criteria]
    indication = [("shared.indication_met",)] if "shared.indication_met" in rules.criteria else []
    return list(dict.fromkeys([*own, *indication]))


def _within(rules: RuleSet, roots: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(roots)
    while waiting:
        id = waiting.pop()
        if id not in found:
            found[id] = None
            criterion = rules.criteria[id]
            nodes = [*c.walk(criterion.when), *(c.walk(criterion.cleared_when) if criterion.cleared_when is not None else ())]
            waiting += [node.id for node in nodes if isinstance(node, c.CriterionRef)]
    return list(found)


def _idle(space: PatientSpace, rules: RuleSet, id: str, roots: tuple[str, ...]) -> Idle | None:
    step = space.program.criterion_steps[id]
    pair = space.symbols.step(step)
    if pair.met == FALSE:
        return Idle(id, "it can never be met")
    if pair.not_met == FALSE:
        return Idle(id, "it can never fail")
    if id in roots or rules.criteria[id].restates:
        return None
    changed = any(
        _held(space, step, state, root) != _held(space, step, other, root) for root in roots for state, other in (((TRUE, FALSE), (FALSE, TRUE)),)
    )
    return None if changed else Idle(id, "whatever its state, nothing that reads it changes")


def _held(space: PatientSpace, step: int, state: tuple[int, int], root: str) -> Pair:
    """The root criterion with one step held met or not met."""
    held = _HeldSymbols(space, step, Pair(*state))
    return held.step(space.program.criterion_steps[root])


class _HeldSymbols(Symbols):
    def __init__(self, space: PatientSpace, held: int, state: Pair) -> None:
        super().__init__(space.diagrams, space.program, space.symbols._read_leaf, space.recorded)
        self._known = {index: pair for index, pair in space.symbols._known.items() if not _depends(space.program, index, held)}
        self._known[held] = state


def _depends(program: Program, index: int, on: int) -> bool:
    """Whether a step is computed from another (steps come after their parts)."""
    if index == on:
        return True
    return index > on and any(_depends(program, part, on) for part in program.steps[index].parts)
