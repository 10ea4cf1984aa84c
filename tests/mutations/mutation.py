"""What a mutation is: one mistake, made on purpose, with what it touches."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from engine.ruleset import RuleSet


@dataclass(frozen=True)
class RuleMutation:
    """One mistake in the rules. `criteria` and `decisions` name what it changes directly; `make` builds the mutated rule set."""

    operator: str
    name: str
    make: Callable[[], RuleSet]
    criteria: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    points_tables: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EvaluatorMutation:
    """One mistake in the code of an evaluator; it stands while `applied()` is entered and is taken back afterwards."""

    operator: str
    name: str
    applied: Callable[[], AbstractContextManager]


Mutation = RuleMutation | EvaluatorMutation


def drawn(mutations: Iterable[Mutation], count: int, seed: int) -> list[Mutation]:
    """`count` of these mutations, or all when there are fewer, chosen by seed and in their first order."""
    pool = list(mutations)
    chosen = random.Random(seed).sample(range(len(pool)), min(count, len(pool)))
    return [pool[place] for place in sorted(chosen)]
