"""What a check of the rules says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """The lines that a check prints, and whether the rule set passed it."""

    lines: tuple[str, ...]
    passed: bool
