"""The Consult page: entries on the left, the answer on the right, changed by every entry."""

from __future__ import annotations

import logging
import time
from html import escape

import streamlit as st

from engine.assessing import EvaluatorsDisagree, assess_recorded
from engine.assessment import Assessment
from engine.evaluator import Evaluator
from engine.vocabulary import Vocabulary
from ui import session
from ui.answer import guidelines_open, show_answer
from ui.entries import Entries, read_entries
from ui.examples import show_examples
from ui.inputs import show_inputs
from ui.knowledge import evaluator_with, rules, texts
from ui.notices import show_notices
from ui.phone_summary import show_phone_summary, show_phone_words
from ui.print_sheet import show_print_sheet
from ui.relevance import irrelevant_items, named_as_missing, visible_items
from ui.verdict import show_disagreement, show_suspended
from ui.warming import is_warm, warm

log = logging.getLogger(__name__)
NEW_PATIENT_KEYS = "Alt+N"
SEND_FIRST = 0.02
"""Seconds in which the server can send the answer before the form is gone through; without them it waits for the whole run."""


def show() -> None:
    """One run of the page."""
    vocabulary = rules().vocabulary
    session.start(vocabulary)
    _header(vocabulary)
    entries = read_entries(vocabulary)
    evaluator = evaluator_with(st.session_state[session.EXTRA_PACKS])
    with st.container(key="consult_columns"):
        form, answer = st.columns([11, 9], gap="medium")
    if not is_warm(evaluator):
        _first_paint(form, answer, vocabulary, entries, evaluator)
    assessment = _assessment(evaluator, entries)
    with answer, st.container(key="answer"):  # first, so that it changes before the form is gone through; it stands second on the page
        _answer(assessment, entries, vocabulary, evaluator)
    time.sleep(SEND_FIRST)
    with form:
        _form(vocabulary, entries, assessment, evaluator)


def _header(vocabulary: Vocabulary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="consult_head"):
        st.title(rules().texts["interface"]["title"], anchor=False, width="content")
        show_examples()
        st.button(texts("inputs")["new_patient"], key="new_patient", icon=":material/person_add:", shortcut=NEW_PATIENT_KEYS,
                  on_click=session.empty, args=(vocabulary,))
        st.html(f'<p class="intended">{escape(texts("intended_use")["short"])}</p>')
    if st.session_state[session.EXAMPLE]:
        st.html(f'<p class="example">{escape(texts("answer")["example"].format(name=st.session_state[session.EXAMPLE]))}</p>')


def _first_paint(form, answer, vocabulary: Vocabulary, entries: Entries, evaluator: Evaluator) -> None:
    """Show the form, make what the first answer needs, and start again with it."""
    with form:
        _form(vocabulary, entries, None, evaluator)
    with answer, st.container(key="answer"), st.spinner(texts("answer")["preparing"]):
        show_phone_words(texts("answer")["preparing"])
        warm(evaluator)
    st.rerun()


def _assessment(evaluator: Evaluator, entries: Entries) -> Assessment | None:
    """The assessment, or None when the evaluators disagree; codes go to the log, nothing of the patient."""
    try:
        return assess_recorded(evaluator, entries.recorded)
    except EvaluatorsDisagree as disagreement:
        log.error("evaluators disagree: %s", disagreement.answers)
        return None


def _form(vocabulary: Vocabulary, entries: Entries, assessment: Assessment | None, evaluator: Evaluator) -> None:
    missing = named_as_missing(assessment, guidelines_open()) if assessment else frozenset()
    irrelevant = irrelevant_items(entries.recorded) - missing
    held = entries.recorded.keys() | entries.problems.keys()
    visible = visible_items(vocabulary, held, missing, st.session_state[session.SHOWN], irrelevant)
    st.session_state[session.SHOWN] |= visible  # what has been opened does not close under the user's hand
    _mark_needed(assessment.missing_items if assessment else (), assessment.next_item if assessment else "")
    show_inputs(vocabulary, entries, visible, irrelevant, evaluator)


def _mark_needed(missing: tuple[str, ...], next_item: str) -> None:
    """Write 'needed' after the label of each missing item, by a style of its own."""
    words = {name: texts("inputs")["needed"] for name in missing} | ({next_item: texts("answer")["next"].lower()} if next_item else {})
    styles = [f'{_after_label(name)}{{content:" · {escape(word)}"}}' for name, word in words.items()]
    look = f"{','.join(map(_after_label, words)) or '.none'}{{color:var(--needed)}} {_after_label(next_item)}{{font-weight:600}}"
    st.html(f"<style>{' '.join(styles)} {look}</style>")


def _after_label(name: str) -> str:
    return f'.st-key-{session.item_key(name)} [data-testid="stWidgetLabel"] p::after'


def _answer(assessment: Assessment | None, entries: Entries, vocabulary: Vocabulary, evaluator: Evaluator) -> None:
    """What the style sheet shows while a number is being typed, and what it dims meanwhile."""
    words = texts("answer")
    with st.container(key="editing"):
        st.html(f'<p class="editing" role="status">{escape(words["editing"])}</p>')
    with st.container(key="current"):
        if assessment is None:
            show_disagreement()
            show_phone_words(words["disagree_title"])
        elif entries.problems:
            show_notices(assessment)
            show_suspended(entries, vocabulary)
            show_phone_words(words["suspended_title"])
        else:
            show_answer(assessment, evaluator)
            show_phone_summary(assessment)
    if assessment is not None and not entries.problems:
        show_print_sheet(assessment)
