"""Why: every line of every gate, held or not, with its values, limits and sources."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from engine.assessment import Assessment, CriterionFinding, GateFinding
from ui.basis import code_or_id, limit_in_words, limits, source_label, values_in_words
from ui.knowledge import rules, texts
from ui.markup import bullets, folded, link, numbered, state_badge, table


def show_why(assessment: Assessment) -> None:
    """Gates in order, then the shared criteria and the order of proof. Each is a piece of its own, so that the browser redraws what changed."""
    words = texts("why")
    st.caption(words["lead"])
    for gate in assessment.gates:
        st.html(_gate(assessment, gate))
    st.html(folded(words["indication"], criteria_table(assessment, words["indication"], _starting_with(assessment, "shared."))))
    st.html(folded(words["procedure"], criteria_table(assessment, words["procedure"], _starting_with(assessment, "pathway.procedure."))))
    st.html(folded(words["fired"], numbered(f"{_name(assessment.criteria[id])} {_badge(assessment.criteria[id])}" for id in assessment.fired)))


def _starting_with(assessment: Assessment, prefix: str) -> Iterable[CriterionFinding]:
    return (finding for id, finding in assessment.criteria.items() if id.startswith(prefix))


def _gate(assessment: Assessment, gate: GateFinding) -> str:
    heading = f'<h3>{escape(gate.label)} {state_badge(gate.state, texts("states")[gate.state])}</h3>'
    ids = next(own.criteria for own in rules().gates if own.code == gate.code)
    if not ids:
        return f"{heading}<p>{escape(texts('why')['no_lines'])}</p>"
    lines = criteria_table(assessment, gate.label, (assessment.criteria[id] for id in ids))
    return heading + (folded(texts("why")["gate_clear"], lines) if gate.state == "cleared" else lines)


def criteria_table(assessment: Assessment, caption: str, findings: Iterable[CriterionFinding]) -> str:
    """Criteria with state, sentence and values, limits, and sources with provenance; the gravest state first."""
    words = texts("why")
    ordered = sorted(findings, key=lambda finding: ("met", "unknown", "not_met").index(finding.state))
    rows = [[_badge(finding), _what(assessment, finding), _limits(assessment, finding), _sources(finding)] for finding in ordered]
    return table(caption, [words["state"], words["criterion"], words["limit"], words["source"]], rows)


def _badge(finding: CriterionFinding) -> str:
    return state_badge(finding.state, texts("states")[finding.state])


def _name(finding: CriterionFinding) -> str:
    code = f"<b>{escape(finding.code)}</b> " if finding.code else ""
    return code + escape(finding.says_not if finding.state == "not_met" else finding.says)


def _what(assessment: Assessment, finding: CriterionFinding) -> str:
    values = "; ".join(values_in_words(assessment, finding, only_recorded=False))
    note = f'<br><span class="small">{escape(finding.note)}</span>' if finding.note else ""
    return f'{_name(finding)}<br><span class="small">{escape(values)}</span>{note}'


def _limits(assessment: Assessment, finding: CriterionFinding) -> str:
    parts = []
    for limit in limits(assessment, finding):
        label = assessment.items[limit.item].label if limit.item in assessment.items else limit.item
        detail = f"{label}; {texts('provenance_words')[limit.provenance]}. {limit.note}"
        parts.append(f'<span title="{escape(detail, quote=True)}">{escape(limit_in_words(limit))} {escape(limit.unit if limit.unit not in texts("inputs")["units_not_shown"] else "")}</span>')
    return "<br>".join(dict.fromkeys(parts))


def _sources(finding: CriterionFinding) -> str:
    """Short names at once, full citations with links folded under them."""
    names = ", ".join(source.id for source in finding.sources)
    citations = bullets(link(source_label(source), source.address) for source in finding.sources)
    return f'{folded(names, citations)}<span class="small">{escape(texts("provenance_words")[finding.provenance])}</span>'
