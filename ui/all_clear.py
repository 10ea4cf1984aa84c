"""'All clear' for a group of safety items: explicit values for its blank fields, visible at once, undone with one click."""

from __future__ import annotations

import streamlit as st

from engine.assessing import in_words
from engine.values import parse_value
from engine.vocabulary import Group, Vocabulary
from ui import session
from ui.entries import Entries
from ui.knowledge import texts


def show_all_clear(group: Group, vocabulary: Vocabulary, entries: Entries, visible: frozenset[str]) -> None:
    """The button of a group that has benign values, or the way back while they stand."""
    if group.id not in texts("all_clear"):
        return
    words = texts("inputs")
    done = st.session_state[session.UNDO].get(group.id, ())
    if done:
        st.button(words["undo"], key=f"undo_{group.id}", icon=":material/undo:", type="tertiary", on_click=_undo, args=(group.id, vocabulary))
        return
    blank = visible - entries.recorded.keys() - entries.problems.keys()
    values = {name: value for name, value in _benign(group, vocabulary).items() if name in blank}
    if values:
        help = words["all_clear_help"].format(values=_listed(vocabulary, values))
        st.button(words["all_clear"], key=f"all_clear_{group.id}", icon=":material/done_all:", type="tertiary", help=help,
                  on_click=_record, args=(group.id, vocabulary, values))


def show_all_clear_done(group: Group, vocabulary: Vocabulary, entries: Entries) -> None:
    """What 'All clear' recorded and still stands."""
    done = [name for name in st.session_state[session.UNDO].get(group.id, ()) if name in entries.recorded]
    if done:
        st.caption(texts("inputs")["all_clear_done"].format(values=_listed(vocabulary, {name: entries.recorded[name] for name in done})))


def _benign(group: Group, vocabulary: Vocabulary) -> dict:
    return {name: parse_value(vocabulary[name], raw) for name, raw in texts("all_clear")[group.id].items()}


def _listed(vocabulary: Vocabulary, values: dict) -> str:
    return "; ".join(f"{vocabulary[name].label}: {in_words(vocabulary, name, value)}" for name, value in values.items())


def _record(group_id: str, vocabulary: Vocabulary, values: dict) -> None:
    session.enter(vocabulary, values)
    st.session_state[session.UNDO] = {**st.session_state[session.UNDO], group_id: values}


def _undo(group_id: str, vocabulary: Vocabulary) -> None:
    """Empty again what the button filled, unless it was changed by hand since."""
    undo = dict(st.session_state[session.UNDO])
    for name, value in undo.pop(group_id).items():
        if session.raw_entry(vocabulary[name]) == session.entry_for(vocabulary[name], value):
            st.session_state[session.item_key(name)] = session.blank(vocabulary[name])
    st.session_state[session.UNDO] = undo
