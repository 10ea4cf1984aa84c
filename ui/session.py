"""What one browser session remembers: one explicit key for each input, and nothing in the address or on disk."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.values import Value, text_form
from engine.vocabulary import Item, Vocabulary

NOT_KNOWN = "not_known"
PERSIST = "session"
EXAMPLE = "example_name"
EXAMPLE_CHOICE = "example_choice"
SHOWN = "shown_items"
UNDO = "all_clear_undo"
EXTRA_PACKS = "extra_packs"
COMPARED = ("compared_first", "compared_second")

Raw = str | list[str] | None


def item_key(name: str) -> str:
    return f"item_{name}"


def blank(item: Item) -> Raw:
    """What an untouched input holds."""
    if item.type == "category_list":
        return []
    if item.type == "boolean":
        return NOT_KNOWN
    return None if item.codes else ""


def is_blank(item: Item, raw: Raw) -> bool:
    return raw == blank(item) or (isinstance(raw, str) and not raw.strip()) or raw is None


def start(vocabulary: Vocabulary) -> None:
    """Give every input its key, blank, the first time a session comes by."""
    for item in vocabulary:
        st.session_state.setdefault(item_key(item.name), blank(item))
    st.session_state.setdefault(SHOWN, frozenset())
    st.session_state.setdefault(UNDO, {})
    st.session_state.setdefault(EXAMPLE, "")
    st.session_state.setdefault(EXTRA_PACKS, [])


def raw_entry(item: Item) -> Raw:
    return st.session_state[item_key(item.name)]


def enter(vocabulary: Vocabulary, values: Mapping[str, Value]) -> None:
    """Put parsed values into their inputs, where they can be seen and changed."""
    for name, value in values.items():
        st.session_state[item_key(name)] = entry_for(vocabulary[name], value)


def entry_for(item: Item, value: Value) -> Raw:
    """A parsed value as its input holds it."""
    if item.type == "category_list":
        return list(value) or [item.empty_list_code]
    return text_form(item, value)


def empty(vocabulary: Vocabulary) -> None:
    """New patient: every input blank, no example, nothing opened, nothing to undo."""
    for item in vocabulary:
        st.session_state[item_key(item.name)] = blank(item)
    st.session_state[SHOWN] = frozenset()
    st.session_state[UNDO] = {}
    st.session_state[EXAMPLE] = ""
    st.session_state[EXAMPLE_CHOICE] = None
