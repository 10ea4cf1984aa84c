"""Which rules a command uses: the shipped ones, those of a folder, or the shipped ones with the packs of a folder added or replaced."""

from __future__ import annotations

from pathlib import Path

from engine.errors import UnusableInput
from engine.loading import load_rules, read_rules
from engine.ruleset import RuleSet

WHOLE_RULE_SET = "vocabulary.yaml"


def rules_at(directory: Path | None) -> RuleSet:
    """The proved rules of a folder: one with a vocabulary is a whole rule set; any other one holds packs beside the shipped ones.

    Raises UnusableInput when there is no such folder or it holds no pack, RuleErrors for mistakes in the files and broken properties.
    """
    return load_rules(*_folders(directory))


def unproved_rules_at(directory: Path | None) -> RuleSet:
    """The same before their properties are proved."""
    return read_rules(*_folders(directory))


def _folders(directory: Path | None) -> tuple[Path | None, Path | None]:
    """The folder of the rule set and that of added packs."""
    if directory is None:
        return None, None
    if not directory.is_dir():
        raise UnusableInput(f"{directory} is not a folder, so no rules can be read from it; check the name.")
    if (directory / WHOLE_RULE_SET).is_file():
        return directory, None
    if not any(directory.rglob("*.yaml")):
        raise UnusableInput(f"The folder {directory} has no YAML file, so it adds no rules; check the name.")
    return None, directory
