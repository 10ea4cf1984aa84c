"""What would change it: the smallest changes that lead to another answer, for the pathway and for each guideline."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from engine.assessment import Assessment
from engine.evaluator import Evaluator
from engine.what_would_change import ChangeFinding, ChangeSetFinding, what_would_change
from ui.basis import without_silent_unit
from ui.columns import column_names
from ui.knowledge import rules, texts
from ui.markup import folded, small, table, titled
from ui.verdict import MORE_INFORMATION


def show_change(assessment: Assessment, evaluator: Evaluator) -> None:
    """The pathway at once; each guideline that answers, folded."""
    words, changes = texts("change"), what_would_change(evaluator, assessment.patient)
    st.caption(words["lead"])
    st.html(titled(words["pathway"], _pathway(assessment, changes[evaluator.rules.pathway.name])))
    columns = {verdicts.decision.name: verdicts.column for pack in evaluator.packs for verdicts in pack.verdicts}
    names = column_names(evaluator, assessment)
    guidelines = [
        folded(f"{names[column]}: {assessment.labels[assessment.verdicts[column]]} ({len(changes[decision])})", change_table(changes[decision]))
        for decision, column in columns.items() if changes[decision]
    ]
    if guidelines:
        st.html(titled(words["guidelines"], small(words["guidelines_lead"]) + "".join(guidelines)))


def _pathway(assessment: Assessment, sets: tuple[ChangeSetFinding, ...]) -> str:
    words = texts("change")
    if assessment.pathway == MORE_INFORMATION:
        return small(words["unsettled"])
    return change_table(sets) if sets else small(words["nothing"])


def change_table(sets: Iterable[ChangeSetFinding]) -> str:
    """One row for each set, by how it can come about."""
    words, order = texts("change"), list(texts("change")["kinds"])
    ordered = sorted(sets, key=lambda found: max(order.index(kind) for kind in found.kinds))
    rows = [["<br>".join(map(_change, found.changes)), f"<b>{escape(found.label)}</b>", escape(_kinds(found))] for found in ordered]
    return table(words["change"], [words["change"], words["answer"], words["how"]], rows)


def _kinds(found: ChangeSetFinding) -> str:
    return ", ".join(texts("change")["kinds"][kind] for kind in found.kinds)


def _change(change: ChangeFinding) -> str:
    unit = rules().vocabulary[change.item].unit
    now, then = (without_silent_unit(text, unit) for text in (change.now, change.then))
    return escape(texts("change")["now_then"].format(label=change.label, now=now, then=then))
