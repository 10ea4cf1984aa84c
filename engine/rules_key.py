"""A rule set as the key of a cache: rule sets cannot be hashed, and comparing them piece by piece would cost more than it saves."""

from __future__ import annotations

from engine.ruleset import RuleSet


class RulesKey:
    """Equal for the same rules: one fingerprint and the same criteria in memory (a changed copy keeps its fingerprint)."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._identity = (rules.fingerprint, id(rules.criteria), id(rules.packs))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RulesKey) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)
