"""Next steps: what to tell and do for each met trigger, and the safety net for everyone."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment
from engine.rendering import needs_dissent_note
from ui.basis import finding_of
from ui.knowledge import rules, texts
from ui.verdict import AUGMENTATION, MORE_INFORMATION


def show_next_steps(assessment: Assessment) -> None:
    """Met triggers in the order of the gates, then what holds for the pathway and for everyone."""
    words = texts("next_steps")
    parts = [_step(finding.code, finding.tell, finding.next_step) for finding in (finding_of(assessment, code) for code in assessment.triggered_criteria)]
    own_gate = next((gate for gate in assessment.gates if gate.code == assessment.pathway), None)
    if own_gate and own_gate.tell:
        parts.append(_step(own_gate.label, own_gate.tell, own_gate.next_step))
    if assessment.pathway == AUGMENTATION:
        parts.append(f"<p>{escape(words['follow_up'])}</p>")
    if assessment.pathway == MORE_INFORMATION:
        parts.append(f"<p>{escape(words['asked_next'])}</p>")
    if not parts:
        parts.append(f"<p>{escape(words['nothing'])}</p>")
    if needs_dissent_note(assessment):
        parts.append(f"<h3>{escape(words['dissent'])}</h3><p>{escape(rules().texts['evidence']['dissent_note']['text'])}</p>")
    net = rules().texts["aftercare"]["safety_net"]
    parts.append(f"<h3>{escape(words['safety_net'])}</h3><p>{escape(net['text'])} {escape(net['telephone_route'])}</p>")
    st.html("".join(parts))


def _step(name: str, tell: str, next_step: str) -> str:
    return f"<h3>{escape(name)}</h3><p>{escape(tell)}</p><p><b>{escape(next_step)}</b></p>"
