"""Which of the evidence belongs beside an answer: the conflict with every positive one, figures of benefit and harm, facts on the condition."""

from __future__ import annotations

from engine.advice_findings import EvidenceNotes, RiskRow, TrialRow
from engine.ruleset import RuleSet
from engine.situation import Situation, cite, cited_text


class EvidenceShelf:
    """The evidence of one rule set. Made once."""

    def __init__(self, rules: RuleSet) -> None:
        form = rules.advice.evidence
        dissent = form.dissent_note
        self._dissent = (dissent.when, cited_text(rules, dissent.text, dissent.sources, dissent.provenance, note=dissent.rule))
        self._facts = tuple(cited_text(rules, fact.text, fact.sources, fact.provenance, note=fact.note) for fact in form.display_facts)
        self._benefit = [(row.when, TrialRow(row.trial, row.design, row.result, cite(rules, row.sources), row.provenance)) for row in form.benefit]
        self._harm = [(row, RiskRow(row.risk, row.figure, row.note, cite(rules, row.sources), row.provenance)) for row in form.harm]
        self._conditions = [
            (fact.when, cited_text(rules, fact.text, fact.sources, fact.provenance, fact.condition, fact.note)) for fact in form.condition_facts
        ]

    def notes(self, situation: Situation) -> EvidenceNotes:
        """The evidence beside the answer of one patient. The conflict is shown whole or not at all: both sides."""
        outcome = situation.outcome
        positive = ((outcome.pathway,) if situation.preparation_counts else ()) + outcome.positive_columns
        when, note = self._dissent
        with_conflict = bool(positive) and situation.applies(when)
        return EvidenceNotes(
            positive=positive,
            dissent_note=note if with_conflict else None,
            conflict=self._facts if with_conflict else (),
            benefit=tuple(row for condition, row in self._benefit if positive and situation.applies(condition)),
            harm=tuple(row for form, row in self._harm if (positive or form.shown == "always") and situation.applies(form.when)),
            condition_facts=tuple(fact for condition, fact in self._conditions if situation.applies(condition)),
        )
