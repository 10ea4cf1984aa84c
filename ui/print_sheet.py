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
    recorded = [item for item in assessment.items.values() if item.value is not None]
    entered = "; ".join(f"{escape(item.label)}: <b>{escape(value_in_words(item))}</b>" for item in recorded)
    further = [code for code in assessment.triggered_criteria if code not in assessment.deciding_criteria]
    triggers = [escape(f"{code} {reason(assessment, finding_of(assessment, code))}") for code in further]
    steps = [escape(f"{one.how_fast_words}: {one.refer_to} ({one.code})") for one in assessment.next_steps.referrals]
    steps += [escape(drug.row.default_sentence) for drug in assessment.bleeding_plan.drugs if drug.row]
    cautions = [escape(f"{code} {finding_of(assessment, code).says}") for code in (*assessment.contradictions, *assessment.warnings)]
    verdicts = "; ".join(
        f"{escape(pack.name)}: {escape(', '.join(dict.fromkeys(verdict.label for verdict in pack.verdicts)))}" for pack in assessment.packs
    )
    parts = [
        f"<h2>{escape(assessment.pathway_label)}</h2>" + "".join(f"<p>{escape(line)}</p>" for line in _reason_lines(assessment)),
        _part("Further triggers", bullets(triggers) if triggers else ""),
        _part(assessment.next_steps.title, bullets(steps) if steps else ""),
        _part("Cautions", bullets(cautions) if cautions else ""),
        _part(f"{texts('answer')['still_needed']} ({len(assessment.missing_items)})", escape(item_labels(assessment, assessment.missing_items))),
        _part("Entered", entered), _part("Guidelines", verdicts),
        f"<p>{escape(texts('intended_use')['short'])} {escape(_versions(assessment))}</p>",
    ]
    return f'<div class="print-sheet">{"".join(parts)}</div>'


def _reason_lines(assessment: Assessment) -> list[str]:
    """The body of the answer without its Markdown."""
    return [line for text in reasons(assessment) for line in text.replace("**", "").splitlines() if line]


def _versions(assessment: Assessment) -> str:
    return f"Engine {assessment.engine_version}, rules {assessment.rules_fingerprint[:12]}, sign-off {assessment.sign_off}."


def _part(heading: str, content: str) -> str:
    return f"<h3>{escape(heading)}</h3><div>{content}</div>" if content else ""


def show_print_sheet(assessment: Assessment) -> None:
    """Put the sheet on the page for the print stylesheet to show."""
    with st.container(key="print_sheet"):
        st.html(print_sheet(assessment))
