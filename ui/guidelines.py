"""Guidelines: coverage and clinical questions kept apart, one line for each pack and procedure; then why two of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from engine.advice_findings import CoverageNotice
from engine.assessment import Assessment, PackFinding, VerdictFinding
from engine.evaluator import Evaluator
from engine.next_item import Asked
from engine.what_to_ask import what_to_ask
from ui.basis import item_labels
from ui.comparing import show_comparison
from ui.knowledge import rules, texts
from ui.markup import folded, link, paragraph, small, state_badge, table, titled, verdict_badge
from ui.session import EXTRA_PACKS, PERSIST
from ui.sources import cited_part, provenance_badge, source_fold
from ui.why import criteria_table

QUESTIONS = ("coverage", "clinical")


def show_guidelines(assessment: Assessment, evaluator: Evaluator) -> None:
    """The matrix of verdicts of each question, each pack with its reasons, and the comparison of any two."""
    words = texts("guidelines")
    st.caption(words["lead"])
    if assessment.evidence.dissent_note and not assessment.procedure:  # beside the answer already
        st.html(small(f"{texts('answer')['dissent_heading']}: {assessment.evidence.dissent_note.text}"))
    by_question = {question: [pack for pack in assessment.packs if pack.question == question] for question in QUESTIONS}
    for question in filter(by_question.get, QUESTIONS):
        st.html(titled(words[question], _matrix(assessment, words[question], by_question[question])))
    st.html(_medicare(assessment.coverage_notice))
    show_comparison(assessment, evaluator)
    asked = what_to_ask(evaluator, assessment.patient)
    for question in filter(by_question.get, QUESTIONS):
        details = "".join(_details(assessment, pack, asked) for pack in by_question[question])
        st.html(titled(words["details"].format(question=words[question]), details))
    _turn_on()


def _turn_on() -> None:
    """Packs that ship off, to be turned on in this session."""
    words = texts("guidelines")
    off = {pack.id: pack.name for pack in rules().packs.values() if not pack.enabled and pack.question in QUESTIONS}
    if off:
        st.pills(
            words["turn_on"], list(off), selection_mode="multi", format_func=off.__getitem__, key=EXTRA_PACKS, help=words["turn_on_help"],
            persist_state=PERSIST,
        )


def _medicare(notice: CoverageNotice) -> str:
    """The policy of the state of service, and the states that ask for prior authorisation."""
    words = texts("guidelines")
    heading = f"{words['medicare']}: {notice.policy_name}" if notice.policy_name else words["medicare"]
    said = paragraph(notice.text) + small(notice.from_memory)
    if notice.source:
        said += source_fold((notice.source,), notice.policy_provenance)
    if notice.prior_authorisation:
        codes = small(words["codes"].format(codes=", ".join(notice.cpt_codes))) if notice.cpt_codes else ""
        said += f'<div class="notice">{cited_part([notice.prior_authorisation])}{codes}</div>'
    return titled(heading, said)


def _matrix(assessment: Assessment, caption: str, packs: list[PackFinding]) -> str:
    kyphoplasty, vertebroplasty = assessment.labels["kyphoplasty"], assessment.labels["vertebroplasty"]
    rows = [[_pack_name(pack), _badge_for(pack, "kyphoplasty"), _badge_for(pack, "vertebroplasty")] for pack in packs]
    return table(caption, [texts("guidelines")["pack"], kyphoplasty, vertebroplasty], rows)


def _pack_name(pack: PackFinding) -> str:
    return f"<b>{escape(pack.name)}</b> <span class='small'>{escape(pack.jurisdiction)}, {escape(pack.year)}</span>{small(pack.mark)}"


def _badge_for(pack: PackFinding, procedure: str) -> str:
    answers = [verdict for verdict in pack.verdicts if procedure in verdict.procedures or not verdict.procedures]
    return " ".join(verdict_badge(verdict.verdict, verdict.label) for verdict in answers) or "–"


def _details(assessment: Assessment, pack: PackFinding, asked: Mapping[str, Asked]) -> str:
    words = texts("guidelines")
    verdicts = "".join(_verdict(assessment, verdict, asked.get(verdict.column)) for verdict in pack.verdicts)
    about = small(f"{words['strength']}: {pack.strength}") + small(pack.scope)
    source = f"<p class='small'>{link(pack.source.citation, pack.source.address)} {provenance_badge(pack.provenance)} {escape(pack.checked)}</p>"
    criteria = criteria_table(assessment, pack.name, (assessment.criteria[id] for id in pack.criteria if id in assessment.criteria), state_badge)
    return folded(f"{pack.name}: {pack.title}", verdicts + about + source + criteria)


def _verdict(assessment: Assessment, verdict: VerdictFinding, asked: Asked | None) -> str:
    words = texts("guidelines")
    procedures = ", ".join(assessment.labels[procedure] for procedure in verdict.procedures)
    lines = [f"{verdict_badge(verdict.verdict, verdict.label)} {escape(procedures)}", escape(verdict.text)]
    if verdict.missing_items:
        lines.append(escape(words["missing"].format(items=item_labels(assessment, verdict.missing_items))))
    if asked is not None:
        following = words["next"].format(item=item_labels(assessment, [asked.item]))
        lines.append(escape(f"{following} ({words['settles']})" if asked.would_settle else following))
    if verdict.not_tested:
        lines.append(f"<b>{escape(words['not_tested'].format(codes=', '.join(verdict.not_tested)))}</b>")
    return "".join(f"<p>{line}</p>" for line in lines if line)
