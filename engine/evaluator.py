"""Everything that is made once for a rule set and a choice of packs: programs, rulesets, diagrams."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property, lru_cache

from engine.chaining import Chain
from engine.errors import UnusableCall
from engine.missing import MissingItems, missing_items
from engine.mistakes import nearest
from engine.next_item import NextItem, next_item
from engine.points import PointsTotals
from engine.program import Program, compile_program
from engine.rules_key import RulesKey
from engine.ruleset import DecisionList, Pack, RuleSet
from engine.smallest_change import SmallestChange


class Evaluator:
    """The compiled rules of one choice of packs. Shared by all sessions; holds nothing of any patient."""

    def __init__(self, rules: RuleSet, packs: tuple[Pack, ...]) -> None:
        self.rules, self.packs = rules, packs
        self.decisions: tuple[DecisionList, ...] = tuple(rules.decision_lists(packs))
        self.criteria: tuple[str, ...] = tuple(dict.fromkeys([*_pathway_criteria(rules), *(id for pack in packs for id in pack.criteria)]))
        self._making = threading.Lock()
        self._missing: dict[str, MissingItems] = {}
        self._next_item: dict[str, NextItem] = {}
        self._smallest_change: dict[str, SmallestChange] = {}

    @cached_property
    def program(self) -> Program:
        """All criteria of the pathway and of these packs."""
        conditions = [branch.condition for decision in self.decisions for branch in decision.branches if branch.condition is not None]
        return compile_program(self.rules, self.criteria, conditions)

    @cached_property
    def chain(self) -> Chain:
        """The durable-rules evaluator of the same program."""
        return Chain(self.program, self.rules.vocabulary, self.decisions)

    @cached_property
    def points_totals(self) -> dict[str, PointsTotals]:
        """For each points table, its totals and their range."""
        return {name: PointsTotals(self.rules, table) for name, table in self.rules.points_tables.items()}

    def missing(self, decision: DecisionList) -> MissingItems:
        """The missing items of one decision list; made at the first call."""
        with self._making:
            if decision.name not in self._missing:
                self._missing[decision.name] = missing_items(self.rules, decision)
            return self._missing[decision.name]

    def next_item(self, decision: DecisionList) -> NextItem:
        """What to ask next for one decision list; made at the first call."""
        with self._making:
            if decision.name not in self._next_item:
                self._next_item[decision.name] = next_item(self.rules, decision)
            return self._next_item[decision.name]

    def smallest_change(self, decision: DecisionList) -> SmallestChange:
        """What would change the answer of one decision list; made at the first call."""
        with self._making:
            if decision.name not in self._smallest_change:
                self._smallest_change[decision.name] = SmallestChange(self.rules, decision)
            return self._smallest_change[decision.name]


def _pathway_criteria(rules: RuleSet) -> Iterable[str]:
    yield from (id for id in rules.criteria if id.startswith("shared."))
    yield from rules.triggers
    yield from rules.warnings
    yield from rules.contradictions
    for choice in rules.procedure_choice:
        yield from (*choice.when, *choice.unless)


@lru_cache(maxsize=16)
def _evaluator(key: RulesKey, packs: tuple[str, ...]) -> Evaluator:
    return Evaluator(key.rules, tuple(key.rules.packs[id] for id in packs))


def evaluator_for(rules: RuleSet, guidelines: Iterable[str] | None = None, trials: bool = False) -> Evaluator:
    """The evaluator of these packs: those that ship on, or exactly `guidelines`, or the defaults and `+id` more.

    Raises UnusableCall when a pack is unknown.
    """
    chosen = chosen_packs(rules, guidelines)
    if trials:
        chosen += tuple(pack.id for pack in rules.trial_packs())
    return _evaluator(RulesKey(rules), chosen)


def chosen_packs(rules: RuleSet, guidelines: Iterable[str] | None) -> tuple[str, ...]:
    """Ids of the packs asked for, in the order of the clinical document."""
    defaults = {pack.id for pack in rules.enabled_packs()}
    asked = [name.strip() for name in guidelines] if guidelines is not None else []
    wanted = {name.lstrip("+") for name in asked if name}
    for name in wanted:
        if name not in rules.packs:
            raise UnusableCall(
                f"There is no guideline '{name}', so it cannot be scored.{nearest(name, rules.packs)} 'python -m engine check' lists them."
            )
    if not asked or all(name.startswith("+") for name in asked if name):
        wanted |= defaults
    return tuple(id for id in rules.packs if id in wanted)
