"""Evidence: the conflict between trials and guidelines, benefit and harm side by side, and facts on the condition."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.advice_findings import EvidenceNotes, RiskRow, TrialRow
from engine.assessment import Assessment
from engine.evaluator import Evaluator
from ui.knowledge import texts
from ui.markup import beside, paragraph, small, titled
from ui.sources import cited_part, source_fold


def show_evidence(assessment: Assessment, evaluator: Evaluator) -> None:
    """What speaks for it and what against it, never one without the other."""
    words, evidence = texts("evidence"), assessment.evidence
    st.caption(words["lead"])
    if evidence.dissent_note:
        st.html(titled(words["both_sides"], paragraph(evidence.dissent_note.text) + cited_part(evidence.conflict)))
    st.html(_figures(evidence))
    if evidence.condition_facts:
        st.html(titled(words["condition"], cited_part(evidence.condition_facts)))


def _figures(evidence: EvidenceNotes) -> str:
    words = texts("evidence")
    if not evidence.benefit and not evidence.harm:
        return small(words["nothing"])
    benefit = "".join(map(_trial, evidence.benefit)) or small(words["nothing"])
    return beside(titled(words["benefit"], benefit), titled(words["harm"], "".join(map(_risk, evidence.harm))))


def _trial(row: TrialRow) -> str:
    return f'<div class="figure"><b>{escape(row.trial)}</b>{small(row.design)}{paragraph(row.result)}{source_fold(row.sources, row.provenance)}</div>'


def _risk(row: RiskRow) -> str:
    return f'<div class="figure"><b>{escape(row.risk)}</b>{paragraph(row.figure)}{small(row.note)}{source_fold(row.sources, row.provenance)}</div>'
