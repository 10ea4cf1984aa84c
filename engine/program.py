"""The conditions of a rule set as one list of steps, parts before wholes, each distinct node once.

Both evaluators walk this list in their own way; parity is shown step by step (`docs/proofs.md`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from engine import conditions as c
from engine.ruleset import Branch, DecisionList, PointsTable, RuleSet
from engine.vocabulary import Vocabulary

Kind = Literal["leaf", "points", "always", "all", "any", "not", "at_least", "proved"]


@dataclass(frozen=True)
class Step:
    """One node: what it is, the condition it came from, and the steps of its direct parts.

    'proved' is a criterion that is proved in both directions: its parts are 'met when' and 'cleared when'. A criterion with one
    condition is the step of that condition.
    'points' has one part for each row of its table.
    """

    kind: Kind
    condition: c.Condition | None
    parts: tuple[int, ...]
    count: int = 0


@dataclass(frozen=True, eq=False)
class Program:
    """Steps in order, the step of each criterion, and the base items each step reads."""

    steps: tuple[Step, ...]
    criterion_steps: dict[str, int]
    condition_steps: dict[c.Condition, int]
    reads: tuple[frozenset[str], ...]
    points_tables: dict[str, PointsTable]

    def step_of(self, branch: Branch) -> int | None:
        """The step of a branch's condition; None for 'otherwise'."""
        return None if branch.condition is None else self.condition_steps[branch.condition]

    @cache
    def branch_steps(self, decision: DecisionList) -> tuple[int | None, ...]:
        return tuple(self.step_of(branch) for branch in decision.branches)

    @cache
    def steps_reading(self, item: str) -> tuple[int, ...]:
        return tuple(index for index, items in enumerate(self.reads) if item in items)


def compile_program(rules: RuleSet, criteria: Iterable[str], conditions: Iterable[c.Condition] = ()) -> Program:
    """The program of these criteria and conditions and of everything they refer to."""
    builder = _Builder(rules)
    for id in criteria:
        builder.criterion(id)
    for condition in conditions:
        builder.node(condition)
    return Program(tuple(builder.steps), builder.criteria, builder.nodes, tuple(builder.reads), dict(rules.points_tables))


@dataclass
class _Builder:
    rules: RuleSet
    steps: list[Step] = field(default_factory=list)
    reads: list[frozenset[str]] = field(default_factory=list)
    nodes: dict[c.Condition, int] = field(default_factory=dict)
    criteria: dict[str, int] = field(default_factory=dict)

    def criterion(self, id: str) -> int:
        if id not in self.criteria:
            criterion = self.rules.criteria[id]
            when = self.node(criterion.when)
            if criterion.cleared_when is None:
                self.criteria[id] = when
            else:
                self.criteria[id] = self._add(Step("proved", None, (when, self.node(criterion.cleared_when))))
        return self.criteria[id]

    def node(self, condition: c.Condition) -> int:
        if isinstance(condition, c.CriterionRef):
            return self.nodes.setdefault(condition, self.criterion(condition.id))
        if condition not in self.nodes:
            self.nodes[condition] = self._add(self._step(condition))
        return self.nodes[condition]

    def _step(self, condition: c.Condition) -> Step:
        match condition:
            case c.All(parts):
                return Step("all", condition, self._parts(parts))
            case c.Any(parts):
                return Step("any", condition, self._parts(parts))
            case c.AtLeast(count, parts):
                return Step("at_least", condition, self._parts(parts), count)
            case c.Not(part):
                return Step("not", condition, self._parts((part,)))
            case c.Always():
                return Step("always", condition, ())
            case c.PointsCompare(table):
                rows = [row.when for parameter in self.rules.points_tables[table].parameters for row in parameter.rows]
                return Step("points", condition, self._parts(rows))
            case _:
                return Step("leaf", condition, ())

    def _parts(self, parts: Iterable[c.Condition]) -> tuple[int, ...]:
        return tuple(self.node(part) for part in parts)

    def _add(self, step: Step) -> int:
        own: Iterable[str] = ()
        if step.kind == "leaf":
            own = base_items(self.rules.vocabulary, step.condition.item)
        elif step.kind == "points":
            own = self.rules.points_tables[step.condition.table].unknown_while_blank
        self.reads.append(frozenset(own).union(*(self.reads[part] for part in step.parts)))
        self.steps.append(step)
        return len(self.steps) - 1


def base_items(vocabulary: Vocabulary, name: str) -> tuple[str, ...]:
    """The recorded items behind a name: itself, or what a derived item is made of."""
    return vocabulary.derived[name].made_of if name in vocabulary.derived else (name,)
