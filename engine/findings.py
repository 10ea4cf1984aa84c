"""Static findings for rule authors: what is exactly true of the rules and probably not meant. `docs/findings.md` says what each kind means.

Every statement is about all patients without contradictory entries and is decided by decision diagrams or by cells; nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine import conditions as c
from engine.accepted_findings import AcceptedForm, accepted_findings
from engine.findings_bands import band_findings, comparison_findings
from engine.findings_criteria import CriterionFindings
from engine.findings_effect import criteria_within, matters_to_criteria, matters_to_list
from engine.findings_patients import FindingPatients
from engine.findings_thresholds import threshold_findings
from engine.findings_words import Finding, FindingWords
from engine.patient_space import PatientSpace
from engine.proof_ledger import packs_to_prove
from engine.ruleset import DecisionList, Pack, RuleSet

NEVER = ("never_met", "never_fails")


def findings(rules: RuleSet) -> tuple[Finding, ...]:
    """Every finding of the rule set; where packs were added to proved rules, those in which the added packs take part."""
    return tuple(_Findings(rules).all())


def unaccepted(rules: RuleSet) -> tuple[Finding, ...]:
    """The findings that the list beside the rules does not accept. Raises RuleErrors when that file has mistakes."""
    return without_accepted(rules, findings(rules))


def without_accepted(rules: RuleSet, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of the findings that are not accepted."""
    accepted = {entry.key for entry in accepted_findings(rules)}
    return tuple(finding for finding in found if finding.key not in accepted)


def no_longer_found(rules: RuleSet, found: Iterable[Finding]) -> tuple[AcceptedForm, ...]:
    """Entries of the list that no finding answers to, or that stand there twice."""
    keys, seen, stale = {finding.key for finding in found}, set(), []
    for entry in accepted_findings(rules):
        if entry.key not in keys or entry.key in seen:
            stale.append(entry)
        seen.add(entry.key)
    return tuple(stale)


class _Findings:
    """Collects the findings of one rule set, each criterion looked at once."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules, self._words = rules, FindingWords(rules)
        self._packs: list[Pack] = packs_to_prove(rules)
        own = frozenset(id for pack in self._packs for id in pack.criteria)
        self._waiting: dict[str, None] = dict.fromkeys(id for id in rules.criteria if id in own or not rules.additional)
        """Criteria that are still to be looked at."""
        self._without_effect = dict(self._waiting)
        """Criteria that no answer has been seen to depend on."""

    def all(self) -> Iterator[Finding]:
        if not self._rules.additional:
            yield from self._of_pathway()
        for pack in self._packs:
            for verdicts in pack.verdicts:
                yield from self._of_list(verdicts.decision)
        yield from (self._words.finding("never_matters", [id], None) for id in self._without_effect)
        yield from threshold_findings(self._rules, self._packs, self._words)
        if not self._rules.additional:
            yield from band_findings(self._rules, self._words)

    def _of_pathway(self) -> Iterator[Finding]:
        """Gates, warnings, contradictions and the choice of procedure with the shared criteria, over one space of patients."""
        rules, decision = self._rules, self._rules.pathway
        choices = [id for choice in rules.procedure_choice for id in (*choice.when, *choice.unless)]
        shown = tuple(dict.fromkeys([*rules.triggers, *rules.warnings, *rules.contradictions, *choices]))
        shared = [id for id in rules.criteria if id.startswith("shared.")]
        within = criteria_within(rules, [*shown, *shared])
        patients = FindingPatients(PatientSpace(rules, decision, map(c.CriterionRef, within)))
        for id in shown:  # what is shown to the reader matters by itself
            self._without_effect.pop(id, None)
        looking = CriterionFindings(patients, self._words)
        yield from self._of_criteria(looking, within)
        yield from looking.of_branches(decision)
        for place in range(len(decision.branches)):
            yield from looking.of_gate_branch(decision, place)
        for id in filter(self._without_effect.__contains__, within):
            readers = [reader for reader in shown if id in criteria_within(rules, [reader])]
            if matters_to_criteria(patients, id, readers):
                self._without_effect.pop(id)

    def _of_list(self, decision: DecisionList) -> Iterator[Finding]:
        within = criteria_within(self._rules, [id for branch in decision.branches for id in branch.criteria])
        patients = FindingPatients(PatientSpace(self._rules, decision, map(c.CriterionRef, within)))
        looking = CriterionFindings(patients, self._words)
        yield from self._of_criteria(looking, within)
        yield from looking.of_branches(decision)
        yield from comparison_findings(self._rules, decision, self._words)
        for id in filter(self._without_effect.__contains__, within):
            if matters_to_list(patients, id, decision):
                self._without_effect.pop(id)

    def _of_criteria(self, looking: CriterionFindings, ids: Iterable[str]) -> Iterator[Finding]:
        for id in ids:
            if id in self._waiting:
                self._waiting.pop(id)
                for finding in looking.of_criterion(id):
                    if finding.kind in NEVER:  # it cannot matter, and that is said already
                        self._without_effect.pop(id, None)
                    yield finding
