"""Cautions: met warnings and standing contradictions."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment, CriterionFinding
from ui.basis import finding_of, source_label, values_in_words
from ui.knowledge import texts
from ui.markup import link


def show_cautions(assessment: Assessment) -> None:
    """Contradictions first: they say that an entry is wrong."""
    words = texts("cautions")
    parts = _part(assessment, words["contradictions"], words["contradictions_lead"], assessment.contradictions, words["no_contradictions"])
    parts += _part(assessment, words["warnings"], words["warnings_lead"], assessment.warnings, words["no_warnings"])
    st.html(parts)


def _part(assessment: Assessment, heading: str, lead: str, codes: tuple[str, ...], none: str) -> str:
    if not codes:
        return f"<h3>{escape(heading)}</h3><p>{escape(none)}</p>"
    body = "".join(_caution(assessment, finding_of(assessment, code)) for code in codes)
    return f"<h3>{escape(heading)} ({len(codes)})</h3><p class='small'>{escape(lead)}</p>{body}"


def _caution(assessment: Assessment, finding: CriterionFinding) -> str:
    values = "; ".join(values_in_words(assessment, finding))
    sources = "; ".join(link(source_label(source), source.address) for source in finding.sources)
    text = " ".join(part for part in (finding.tell, finding.next_step, finding.note) if part)
    return (
        f"<p><b>{escape(finding.code)} {escape(finding.says)}</b> <span class='small'>({escape(values)})</span><br>{escape(text)}<br>"
        f"<span class='small'>{sources}; {escape(texts('provenance_words')[finding.provenance])}</span></p>"
    )
