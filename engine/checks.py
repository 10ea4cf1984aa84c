"""What `python -m engine check` runs, one function for each check, in order. To add a check, add its function to both lists."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from engine.case_reading import read_cases
from engine.cases import run_cases
from engine.checked import Checked
from engine.coverage import coverage
from engine.finding_checks import static_findings
from engine.mistakes import RuleErrors
from engine.property_checks import agreement, agreement_in_full, properties
from engine.rule_choice import unproved_rules_at
from engine.ruleset import RuleSet
from engine.version import ENGINE_VERSION


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


Check = Callable[[RuleSet], Checked]
CHECKS: tuple[Check, ...] = (counts, packs, cases, coverage_by_cases, static_findings, agreement, properties)
FULL_CHECKS: tuple[Check, ...] = (counts, packs, cases, coverage_by_cases, static_findings, agreement_in_full, properties)
PROCESSES = 2


def run_checks(directory: Path | None, checks: Sequence[Check]) -> Iterator[Checked]:
    """Run checks of the rules at `directory` side by side, the last and longest first, and give their results in order."""
    # Spawned, not forked: a fork of a process with threads may hang.
    with ProcessPoolExecutor(min(PROCESSES, os.cpu_count() or 1), multiprocessing.get_context("spawn")) as pool:
        running = {check: pool.submit(_run, directory, check) for check in reversed(checks)}
        for check in checks:
            yield running[check].result()


def _run(directory: Path | None, check: Check) -> Checked:
    return check(unproved_rules_at(directory))
