"""The form: groups of the vocabulary in two sub-columns, few fields first, more as they become relevant."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.evaluator import Evaluator
from engine.vocabulary import Group, Item, Vocabulary
from ui.all_clear import show_all_clear, show_all_clear_done
from ui.entries import Entries
from ui.fields import show_field
from ui.knowledge import texts
from ui.markup import bullets, folded
from ui.session import SHOWN

FIELD_WIDTH = 230


def show_inputs(
    vocabulary: Vocabulary, entries: Entries, visible: frozenset[str], irrelevant: frozenset[str], evaluator: Evaluator,
) -> None:
    """Every group that has something to ask."""
    for group in vocabulary.groups:
        items = [item for item in vocabulary if item.group == group.id]
        shown = [item for item in items if item.name in visible]
        more = tuple(item.name for item in items if item.name not in visible and item.name not in irrelevant)
        if shown or more:
            _group(group, vocabulary, shown, more, entries, visible, evaluator)


def _group(
    group: Group, vocabulary: Vocabulary, shown: list[Item], more: tuple[str, ...], entries: Entries, visible: frozenset[str], evaluator: Evaluator,
) -> None:
    with st.container(key=f"group_{group.id}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"group_head_{group.id}"):
            st.header(group.label, anchor=False, width="content")
            show_all_clear(group, vocabulary, entries, visible)
            _show_more(group, more)
        show_all_clear_done(group, vocabulary, entries)
        st.html(_help(group, shown))
        with st.grid(columns=2, min_column_width=FIELD_WIDTH, gap="small", vertical_alignment="top"):
            for item in shown:
                show_field(item, entries, evaluator)


def _help(group: Group, shown: list[Item]) -> str:
    """The question and the help of every field of a group, folded: one piece for all, which keeps each click fast."""
    lines = (f"<b>{escape(item.label)}.</b> {escape(item.question)} {escape(item.help)}" for item in shown)
    return folded(texts("inputs")["help"], f'<p class="small">{escape(group.help)}</p>{bullets(lines)}')


def _show_more(group: Group, more: tuple[str, ...]) -> None:
    if more:
        label = texts("inputs")["more"].format(count=len(more))
        st.button(label, key=f"more_{group.id}", icon=":material/add:", type="tertiary", on_click=_open, args=(more,))


def _open(names: tuple[str, ...]) -> None:
    st.session_state[SHOWN] = st.session_state[SHOWN] | frozenset(names)
