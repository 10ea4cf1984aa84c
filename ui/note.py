"""A plain-text note to copy or download, and the assessment as data. Both are made from the assessment alone."""

from __future__ import annotations

import streamlit as st

from engine.assessment import Assessment
from engine.evaluator import Evaluator
from engine.outlook import outlook_of
from engine.rendering import render_note, render_text
from ui.knowledge import rules, texts


def show_note(assessment: Assessment, evaluator: Evaluator) -> None:
    """The note, with the downloads beside it because copying needs https from another machine."""
    words = texts("note")
    note, whole = render_note(assessment), render_text(assessment, rules(), outlook_of(evaluator, assessment.patient))
    st.caption(words["lead"])
    st.code(note, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        _download(words["download_text"], note, "note.txt")
        _download(words["download_whole"], whole, "assessment.txt")
        _download(words["download_json"], assessment.to_json(), "assessment.json")
    with st.expander(words["whole"]):
        st.code(whole, language=None, wrap_lines=True)


def _download(label: str, content: str, file: str) -> None:
    kind = "application/json" if file.endswith(".json") else "text/plain"
    st.download_button(label, content, file, kind, key=f"download_{file}", on_click="ignore")
