"""Cautions: standing contradictions, met warnings, and remarks on the recorded codes."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.advice_findings import CodeWarning
from engine.assessment import Assessment, CriterionFinding
from engine.evaluator import Evaluator
from ui.basis import finding_of, values_in_words
from ui.knowledge import texts
from ui.markup import small, titled
from ui.sources import source_fold


def show_cautions(assessment: Assessment, evaluator: Evaluator) -> None:
    """Contradictions first: they say that an entry is wrong."""
    words = texts("cautions")
    st.html(_part(assessment, words["contradictions"], words["contradictions_lead"], assessment.contradictions, words["no_contradictions"]))
    st.html(_part(assessment, words["warnings"], words["warnings_lead"], assessment.warnings, words["no_warnings"]))
    codes = assessment.code_warnings
    if codes:
        st.html(titled(f"{words['codes']} ({len(codes)})", small(words["codes_lead"]) + "".join(map(_code_warning, codes))))


def _part(assessment: Assessment, heading: str, lead: str, codes: tuple[str, ...], none: str) -> str:
    if not codes:
        return f"<h3>{escape(heading)}</h3><p>{escape(none)}</p>"
    body = "".join(_caution(assessment, finding_of(assessment, code)) for code in codes)
    return f"<h3>{escape(heading)} ({len(codes)})</h3>{small(lead)}{body}"


def _caution(assessment: Assessment, finding: CriterionFinding) -> str:
    values = "; ".join(values_in_words(assessment, finding))
    text = " ".join(part for part in (finding.tell, finding.next_step, finding.note) if part)
    said = f"<b>{escape(finding.code)} {escape(finding.says)}</b>{small(values)}<p>{escape(text)}</p>"
    return f'<div class="figure">{said}{source_fold(finding.sources, finding.provenance)}</div>'


def _code_warning(warning: CodeWarning) -> str:
    said = f"<b>{escape(', '.join(warning.codes))}</b> {escape(warning.text)}{small(warning.list_version)}"
    return f'<div class="figure">{said}{source_fold((warning.source,), warning.provenance)}</div>'
