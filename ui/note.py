"""A plain-text note to copy or download, and the assessment as data. Both are made from the assessment alone."""

from __future__ import annotations

import streamlit as st

from engine.assessment import Assessment
from engine.rendering import render_note, render_text
from ui.knowledge import rules, texts


def show_note(assessment: Assessment) -> None:
    """The note, with the downloads beside it because copying needs https from another machine."""
    words = texts("note")
    note, whole = render_note(assessment), render_text(assessment, rules())
    st.caption(words["lead"])
    st.code(note, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(words["download_text"], note, "note.txt", "text/plain", key="download_note", on_click="ignore")
        st.download_button(words["download_whole"], whole, "assessment.txt", "text/plain", key="download_whole", on_click="ignore")
        st.download_button(words["download_json"], assessment.to_json(), "assessment.json", "application/json", key="download_json", on_click="ignore")
    with st.expander(words["whole"]):
        st.code(whole, language=None, wrap_lines=True)
