"""The eight properties of `semantics.md` 8 as lines of `python -m engine check`."""

from __future__ import annotations

import time

from engine.checked import Checked
from engine.parity import check_parity
from engine.parity_report import Count, ParityReport
from engine.proof_ledger import packs_to_prove, remember
from engine.proofs import prove
from engine.ruleset import RuleSet

CHAIN_EVALUATIONS = 40_000
"""In a check without options; `--full` runs every evaluation that is compared."""
EVERY_EVALUATION = 1 << 62


def agreement(rules: RuleSet) -> Checked:
    """Property 1 within the time of an ordinary check: the columnar evaluator in full, durable-rules up to a bound."""
    return _agreement(rules, CHAIN_EVALUATIONS)


def agreement_in_full(rules: RuleSet) -> Checked:
    """Property 1, every evaluation by both evaluators."""
    return _agreement(rules, EVERY_EVALUATION)


def properties(rules: RuleSet) -> Checked:
    """Properties 2 to 8, one line for each."""
    proofs = prove(rules, packs_to_prove(rules))
    passed = all(proof.proved for proof in proofs)
    if passed:
        remember(rules)
    return Checked(tuple(proof.line() for proof in proofs), passed)


def _agreement(rules: RuleSet, chain_evaluations: int) -> Checked:
    started = time.perf_counter()
    report = check_parity(rules, rules.decision_lists(tuple(rules.packs.values())), chain_evaluations)
    seconds = time.perf_counter() - started
    if not report.agree:
        return Checked(tuple(_broken(report)), False)
    columns = sum(count.columns_exhaustive for count in report.counts)
    chain = sum(count.chain_exhaustive for count in report.counts)
    head = f"property 1: agreement: proved (exhaustive, {columns:,} evaluations by columns, {chain:,} of them by durable-rules, {seconds:.1f} s)"
    return Checked((head, *(_counted(count) for count in report.counts)), True)


def _counted(count: Count) -> str:
    return (
        f"  {count.subjects} of kind {count.kind}: exhaustive {count.columns_exhaustive:,} by columns, {count.chain_exhaustive:,} by durable-rules; "
        f"not proof but seeded besides: {count.columns_seeded:,} and {count.chain_seeded:,}"
    )


def _broken(report: ParityReport):
    for found in report.disagreements:
        values = ", ".join(f"{name}={value}" for name, value in found.patient.items()) or "nothing recorded"
        yield (
            f"property 1: agreement: broken by {found.kind} {found.name}: columns {found.columns}, durable-rules {found.chain or 'not run'}, "
            f"definition {found.definition}; patient: {values}"
        )
