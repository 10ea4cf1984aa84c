"""The right-hand column: notices, the answer at one fixed place, what is still needed, and the tabs."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.assessment import Assessment
from engine.evaluator import Evaluator
from ui.cautions import show_cautions
from ui.change import show_change
from ui.evidence import show_evidence
from ui.guidelines import show_guidelines
from ui.knowledge import texts
from ui.next_steps import show_next_steps
from ui.note import show_note
from ui.notices import show_notices
from ui.path import show_path
from ui.verdict import show_caution_counts, show_still_needed, show_verdict
from ui.why import show_why

TABS_KEY = "answer_tabs"
TABS: dict[str, Callable[[Assessment, Evaluator], None]] = {
    "why": show_why, "next_steps": show_next_steps, "guidelines": show_guidelines, "change": show_change, "evidence": show_evidence,
    "path": show_path, "cautions": show_cautions, "note": show_note,
}


def show_answer(assessment: Assessment, evaluator: Evaluator) -> None:
    """Everything about one assessment; only the open tab's code runs."""
    show_notices(assessment)
    show_verdict(assessment)
    show_still_needed(assessment)
    show_caution_counts(assessment)
    names = texts("tabs")
    for tab, show in zip(st.tabs([names[id] for id in TABS], key=TABS_KEY, on_change="rerun"), TABS.values()):
        if tab.open:
            with tab:
                show(assessment, evaluator)


def guidelines_open() -> bool:
    """Whether the packs, and with them the items they miss, are being looked at."""
    return st.session_state.get(TABS_KEY) == texts("tabs")["guidelines"]
