"""Which rules a command uses: the shipped ones, those of a folder, or the shipped ones with the packs of a folder added or replaced."""

from __future__ import annotations

from pathlib import Path

from engine.errors import UnusableInput
from engine.loading import load_rules
from engine.ruleset import RuleSet

WHOLE_RULE_SET = "vocabulary.yaml"


def rules_at(directory: Path | None) -> RuleSet:
    """A folder with a vocabulary is a whole rule set; any other one holds packs beside the shipped ones.

    Raises UnusableInput when there is no such folder or it holds no pack, RuleErrors for mistakes in the files.
    """
    if directory is None:
        return load_rules()
    if not directory.is_dir():
        raise UnusableInput(f"{directory} is not a folder, so no rules can be read from it; check the name.")
    if (directory / WHOLE_RULE_SET).is_file():
        return load_rules(directory)
    if not any(directory.rglob("*.yaml")):
        raise UnusableInput(f"The folder {directory} has no YAML file, so it adds no rules; check the name.")
    return load_rules(additional=directory)
