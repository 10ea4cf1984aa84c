"""What is printed: one sheet with the answer, its reason, what was entered, and the versions. Hidden on screen."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment
from ui.basis import finding_of, item_labels, reason, value_in_words
from ui.knowledge import texts
from ui.markup import bullets
from ui.verdict import reasons


def print_sheet(assessment: Assessment) -> str:
    """The sheet as HTML."""
    entered = "; ".join(f"{escape(item.label)}: <b>{escape(value_in_words(item))}</b>" for item in assessment.items.values() if item.value is not None)
    triggers = [escape(f"{code} {reason(assessment, finding_of(assessment, code))}") for code in assessment.triggered_criteria if code not in assessment.deciding_criteria]
    cautions = [escape(f"{code} {finding_of(assessment, code).says}") for code in (*assessment.contradictions, *assessment.warnings)]
    verdicts = "; ".join(
        f"{escape(pack.name)}: {escape(', '.join(dict.fromkeys(verdict.label for verdict in pack.verdicts)))}" for pack in assessment.packs
    )
    parts = [
        f"<h2>{escape(assessment.pathway_label)}</h2>" + "".join(f"<p>{escape(line)}</p>" for line in reasons(assessment)),
        _part("Further triggers", bullets(triggers) if triggers else ""),
        _part("Cautions", bullets(cautions) if cautions else ""),
        _part(f"{texts('answer')['still_needed']} ({len(assessment.missing_items)})", escape(item_labels(assessment, assessment.missing_items))),
        _part("Entered", entered), _part("Guidelines", verdicts),
        f"<p>{escape(texts('intended_use')['short'])} Engine {escape(assessment.engine_version)}, rules {escape(assessment.rules_fingerprint[:12])}, sign-off {escape(assessment.sign_off)}.</p>",
    ]
    return f'<div class="print-sheet">{"".join(parts)}</div>'


def _part(heading: str, content: str) -> str:
    return f"<h3>{escape(heading)}</h3><div>{content}</div>" if content else ""


def show_print_sheet(assessment: Assessment) -> None:
    """Put the sheet on the page for the print stylesheet to show."""
    with st.container(key="print_sheet"):
        st.html(print_sheet(assessment))
