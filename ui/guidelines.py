"""Guidelines: coverage and clinical questions kept apart, one line for each pack and procedure."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment, PackFinding, VerdictFinding
from engine.rendering import needs_dissent_note
from ui.basis import item_labels
from ui.knowledge import rules, texts
from ui.markup import folded, link, table, verdict_badge
from ui.session import EXTRA_PACKS, PERSIST
from ui.why import criteria_table

QUESTIONS = ("coverage", "clinical")


def show_guidelines(assessment: Assessment) -> None:
    """The matrix of verdicts, then each pack with its reasons."""
    words = texts("guidelines")
    st.caption(words["lead"])
    _turn_on()
    if needs_dissent_note(assessment) and not assessment.procedure:  # beside the answer already
        st.caption(f"**{texts('answer')['dissent_heading']}:** {rules().texts['evidence']['dissent_note']['text']}")
    for question in QUESTIONS:
        packs = [pack for pack in assessment.packs if pack.question == question]
        if packs:
            st.html(f"<h3>{escape(words[question])}</h3>{_matrix(assessment, words[question], packs)}{''.join(_details(assessment, pack) for pack in packs)}")


def _turn_on() -> None:
    """Packs that ship off, to be turned on in this session."""
    words = texts("guidelines")
    off = {pack.id: pack.name for pack in rules().packs.values() if not pack.enabled and pack.question in QUESTIONS}
    if off:
        st.pills(words["turn_on"], list(off), selection_mode="multi", format_func=off.__getitem__, key=EXTRA_PACKS, help=words["turn_on_help"], persist_state=PERSIST)


def _matrix(assessment: Assessment, caption: str, packs: list[PackFinding]) -> str:
    kyphoplasty, vertebroplasty = assessment.labels["kyphoplasty"], assessment.labels["vertebroplasty"]
    rows = [[_pack_name(pack), _badge_for(pack, "kyphoplasty"), _badge_for(pack, "vertebroplasty")] for pack in packs]
    return table(caption, [texts("guidelines")["pack"], kyphoplasty, vertebroplasty], rows)


def _pack_name(pack: PackFinding) -> str:
    mark = f'<br><span class="small">{escape(pack.mark)}</span>' if pack.mark else ""
    return f"<b>{escape(pack.name)}</b> <span class='small'>{escape(pack.jurisdiction)}, {escape(pack.year)}</span>{mark}"


def _badge_for(pack: PackFinding, procedure: str) -> str:
    return " ".join(verdict_badge(verdict.verdict, verdict.label) for verdict in pack.verdicts if procedure in verdict.procedures or not verdict.procedures) or "–"


def _details(assessment: Assessment, pack: PackFinding) -> str:
    words = texts("guidelines")
    verdicts = "".join(_verdict(assessment, verdict) for verdict in pack.verdicts)
    about = [
        f"{escape(words['strength'])}: {escape(pack.strength)}", escape(pack.scope),
        f"{link(pack.source.citation, pack.source.address)}; {escape(texts('provenance_words')[pack.provenance])}; {escape(pack.checked)}",
    ]
    criteria = criteria_table(assessment, pack.name, (assessment.criteria[id] for id in pack.criteria if id in assessment.criteria))
    return folded(f"{pack.name}: {pack.title}", verdicts + "".join(f"<p class='small'>{line}</p>" for line in about) + criteria)


def _verdict(assessment: Assessment, verdict: VerdictFinding) -> str:
    words = texts("guidelines")
    procedures = ", ".join(assessment.labels[procedure] for procedure in verdict.procedures)
    lines = [f"{verdict_badge(verdict.verdict, verdict.label)} {escape(procedures)}", escape(verdict.text)]
    if verdict.missing_items:
        lines.append(escape(words["missing"].format(items=item_labels(assessment, verdict.missing_items))))
    if verdict.not_tested:
        lines.append(f"<b>{escape(words['not_tested'].format(codes=', '.join(verdict.not_tested)))}</b>")
    return "".join(f"<p>{line}</p>" for line in lines if line)
