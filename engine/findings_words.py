"""A finding about the rules, and the words for it. The sentences are in `rules/texts/findings.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from engine import conditions as c
from engine.condition_words import ConditionWords
from engine.ruleset import RuleSet

SENTENCES = "findings"
Kind = Literal[
    "never_met", "never_fails", "never_matters", "part_never_met", "part_never_fails", "redundant_alternative", "redundant_requirement",
    "redundant_branch", "contradictory_parts", "contradictory_branch", "one_threshold_apart", "packs_one_threshold_apart",
    "band_gap", "band_overlap", "comparison_gap",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
CONTRADICTORY: tuple[Kind, ...] = ("contradictory_parts", "contradictory_branch")
"""Kinds that say that a rule contradicts itself."""
Key = tuple[Kind, tuple[str, ...], str]


@dataclass(frozen=True)
class Finding:
    """Something about the rules that their author should know.

    rules: ids of the criteria, lists or bands it is about, the first one owning it. about: which part of them, where ids do not say it.
    example: a patient (item to recorded value) that shows it; None where there is none to show.
    """

    kind: Kind
    rules: tuple[str, ...]
    about: str
    sentence: str
    example: Mapping[str, object] | None

    @property
    def key(self) -> Key:
        """What the list of accepted findings names it by."""
        return self.kind, self.rules, self.about

    @property
    def is_contradictory(self) -> bool:
        return self.kind in CONTRADICTORY


class FindingWords:
    """Makes the findings of one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules, self._sentences = rules, rules.texts[SENTENCES]["sentences"]
        self._conditions = ConditionWords(rules)

    def finding(self, kind: Kind, rules: Iterable[str], example: Mapping[str, object] | None, about: str = "", **fields: object) -> Finding:
        """A finding with the sentence of its kind; `fields` are those of the sentence besides {rule} (the first one) and {about}."""
        ids = tuple(rules)
        return Finding(kind, ids, about, self._sentences[kind].format(rule=ids[0], about=about, **fields), example)

    def part(self, condition: c.Condition) -> str:
        """One part of a condition in a line: the id of a criterion, else its words."""
        return condition.id if isinstance(condition, c.CriterionRef) else self._conditions.of(condition).in_one_line

    def parts(self, conditions: Iterable[c.Condition]) -> str:
        return "; ".join(map(self.part, conditions))

    def number(self, item: str, value: float) -> str:
        return self._conditions.number(item, value)

    def comparison(self, operator: str) -> str:
        return self._conditions.comparison(operator)

    def label(self, item: str) -> str:
        return self._conditions.label(item)
