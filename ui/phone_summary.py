"""On a phone the answer is below the form; one line at the bottom keeps it in view."""

from __future__ import annotations

import streamlit as st

from engine.assessment import Assessment
from ui.knowledge import texts
from ui.notices import notices


def show_phone_summary(assessment: Assessment) -> None:
    """Icon, answer and how many items are needed; a notice comes first."""
    look = texts("pathways")[assessment.pathway]
    urgent = notices(assessment)
    first = f":red[:material/warning: **{urgent[0].code}: {urgent[0].says}.**]\n\n" if urgent else ""
    needed = f"{texts('answer')['still_needed'].lower()}: {len(assessment.missing_items)}"
    _summary(f"{first}:material/{look['icon']}: **{assessment.pathway_label}** · {needed}")


def show_phone_words(words: str) -> None:
    """In place of an answer."""
    _summary(f":material/pause_circle: **{words}**")


def _summary(text: str) -> None:
    with st.bottom, st.container(key="phone_summary"):
        st.markdown(text)
