"""Next steps: whom to refer to and how fast, what to order and to correct, the procedure, bone health, and what to tell the patient."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from engine.advice_findings import AftercareMessage, NextSteps, Order, Referral, Section
from engine.assessment import Assessment
from engine.evaluator import Evaluator
from ui.basis import finding_of
from ui.bleeding import barriers_table, bleeding_part
from ui.knowledge import texts
from ui.markup import bullets, paragraph, part, small, table, titled
from ui.sources import cited_list, cited_part, source_fold, sources_of
from ui.verdict import MORE_INFORMATION


def show_next_steps(assessment: Assessment, evaluator: Evaluator) -> None:
    """The most pressing first; each part is a piece of its own, so that what is opened stays open."""
    words, steps = texts("next_steps"), assessment.next_steps
    st.caption(steps.lead)
    asked = paragraph(words["asked_next"]) if assessment.pathway == MORE_INFORMATION else ""
    st.html(f"<p><b>{escape(steps.pathway_text)}</b></p>{asked}")
    pieces = (
        titled(words["refer"], _referrals(steps.referrals)),
        titled(words["orders"], _orders(assessment, steps.orders)),
        titled(words["to_correct"], barriers_table(assessment.bleeding_plan)),
        titled(words["safety_net"], f"<p>{escape(steps.safety_net.text)} {escape(steps.telephone_route)}</p>"),
        bleeding_part(assessment.bleeding_plan, assessment),
        part(words["before"], cited_part(steps.preparation) if steps.preparation else ""),
        part(words["during_and_after"], _during_and_after(steps)),
        part(words["aftercare"], _aftercare(steps)),
        part(words["follow_up"], cited_part(steps.follow_up) if steps.follow_up else ""),
        part(words["for_the_patient"], _for_the_patient(steps)),
    )
    with st.container(gap="xxsmall"):
        for piece in filter(None, pieces):
            st.html(piece)


def _referrals(referrals: Iterable[Referral]) -> str:
    """The fastest first, as the assessment has them."""
    words = texts("next_steps")
    rows = [[f"<b>{escape(one.how_fast_words)}</b>", f"<b>{escape(one.refer_to)}</b>", _why_refer(one)] for one in referrals]
    return table(words["refer"], [words["how_fast"], words["refer_to"], words["because"]], rows) if rows else ""


def _why_refer(referral: Referral) -> str:
    said = f"<b>{escape(referral.code)}</b> {escape(referral.tell)}{paragraph(referral.next_step)}"
    return said + source_fold(referral.sources, referral.provenance)


def _orders(assessment: Assessment, orders: Iterable[Order]) -> str:
    lines = [f"{escape(order.text)} <span class='small'>({escape(_because(assessment, order))})</span>" for order in orders]
    return bullets(lines) if lines else ""


def _because(assessment: Assessment, order: Order) -> str:
    """Codes of met triggers, or the label of the item that is not recorded."""
    words = texts("next_steps")
    if all(reason in assessment.items for reason in order.because):
        return words["because_blank"].format(items=", ".join(assessment.items[name].label for name in order.because))
    return words["because_of"].format(codes=", ".join(finding_of(assessment, code).code for code in order.because))


def _during_and_after(steps: NextSteps) -> str:
    entries = (*steps.during, *steps.after)
    return small(texts("next_steps")["during_and_after_lead"]) + cited_part(entries) if entries else ""


def _aftercare(steps: NextSteps) -> str:
    return "".join(map(_message, steps.aftercare)) + "".join(titled(section.title, cited_part(section.texts)) for section in steps.bone_health)


def _message(message: AftercareMessage) -> str:
    said = f"<p><b>{escape(message.code)} {escape(message.says)}.</b> {escape(message.tell)}</p>{small(message.note)}"
    return said + source_fold(message.sources, message.provenance)


def _for_the_patient(steps: NextSteps) -> str:
    mark = "" if steps.patient_information_confirmed else small(texts("next_steps")["not_confirmed"])
    return mark + "".join(map(_section, steps.patient_information)) + sources_of(
        source for section in steps.patient_information for text in section.texts for source in text.sources
    )


def _section(section: Section) -> str:
    return titled(section.title, cited_list(section.texts))
