"""What `python -m engine check` runs, one function for each check, in order. To add a check, add its function to `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.case_reading import read_cases
from engine.cases import run_cases
from engine.coverage import coverage
from engine.mistakes import RuleErrors
from engine.ruleset import RuleSet
from engine.version import ENGINE_VERSION


@dataclass(frozen=True)
class Checked:
    """The lines that a check prints, and whether the rule set passed it."""

    lines: tuple[str, ...]
    passed: bool


def counts(rules: RuleSet) -> Checked:
    """What the rule set holds. Loading it was the check: a mistake would have stopped it."""
    on = sum(pack.enabled for pack in rules.packs.values() if pack.question != "trial")
    return Checked(
        (
            f"engine {ENGINE_VERSION}, rules {rules.fingerprint}",
            f"{len(rules.vocabulary.names)} items, {len(rules.criteria)} criteria, {len(rules.thresholds)} thresholds, {len(rules.sources)} sources, "
            f"{len(rules.gates)} gates, {len(rules.warnings)} warnings, {len(rules.contradictions)} contradictions",
            f"{on} guidelines on, {sum(pack.question != 'trial' for pack in rules.packs.values()) - on} off, {len(rules.trial_packs())} trials",
        ),
        True,
    )


def packs(rules: RuleSet) -> Checked:
    """Every pack with what it answers and whether it is on."""
    return Checked(
        tuple(
            f"  {pack.id}: {pack.name} ({pack.year}), {pack.question}, {pack.provenance}, {'on' if pack.enabled else 'off'}"
            for pack in rules.packs.values()
        ),
        True,
    )


def cases(rules: RuleSet) -> Checked:
    """Every case beside the rules gives what it says."""
    try:
        written = read_cases(rules)
    except RuleErrors as errors:
        return Checked(tuple(map(str, errors.mistakes)), False)
    wrong = run_cases(rules, written)
    return Checked((f"cases: {len(written)} read, {len(wrong)} mismatches", *map(str, wrong)), not wrong)


def coverage_by_cases(rules: RuleSet) -> Checked:
    """Everything that can happen has a case; what has none is named."""
    try:
        found = coverage(rules, read_cases(rules))
    except RuleErrors:
        return Checked(("coverage by cases: not counted while the cases have mistakes",), False)
    lines = [line for share in found.shares for line in (f"coverage of {share}", *(f"  no case for {name}" for name in share.missing))]
    return Checked(tuple(lines), found.complete)


CHECKS: tuple[Callable[[RuleSet], Checked], ...] = (counts, packs, cases, coverage_by_cases)
