"""The rule set and the evaluators that every session shares, and the words of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine import load_rules
from engine.evaluator import Evaluator, evaluator_for
from engine.ruleset import RuleSet

PAGE_TEXTS = "interface"


def rules() -> RuleSet:
    """The shipped rule set; read once in the life of the process."""
    return load_rules()


def texts(section: str) -> Mapping:
    """One section of the words of the page (`rules/texts/interface.yaml`)."""
    return rules().texts[PAGE_TEXTS][section]


def evaluator_with(extra_packs: Iterable[str]) -> Evaluator:
    """The evaluator of the packs that ship on and of these; made once for each choice, by `engine.evaluator`."""
    return evaluator_for(rules(), [f"+{pack}" for pack in extra_packs])
