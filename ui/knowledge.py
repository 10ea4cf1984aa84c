"""The rule set and the evaluators that every session shares, and the words of the page."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from engine.evaluator import Evaluator, evaluator_for
from engine.rule_choice import rules_at
from engine.ruleset import RuleSet

PAGE_TEXTS = "interface"
RULES_VARIABLE = "VERTEBRAL_RULES"
"""The environment variable that names a folder with local packs, or with a whole rule set (`docs/authoring.md`)."""


def rules() -> RuleSet:
    """The rule set in use: the shipped one, with what the folder of `RULES_VARIABLE` adds; read once in the life of the process.

    Raises UnusableInput when there is no such folder, RuleErrors when its files have mistakes.
    """
    return _rules(rules_folder())


def rules_folder() -> Path | None:
    """The folder that the environment names; None for the shipped rules alone."""
    named = os.environ.get(RULES_VARIABLE)
    return Path(named) if named else None


@lru_cache(maxsize=4)
def _rules(folder: Path | None) -> RuleSet:
    return rules_at(folder)


def texts(section: str) -> Mapping:
    """One section of the words of the page (`rules/texts/interface.yaml`)."""
    return rules().texts[PAGE_TEXTS][section]


def evaluator_with(extra_packs: Iterable[str]) -> Evaluator:
    """The evaluator of the packs that ship on and of these; made once for each choice, by `engine.evaluator`."""
    return evaluator_for(rules(), [f"+{pack}" for pack in extra_packs])
