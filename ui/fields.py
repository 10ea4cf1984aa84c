"""One input for one item, by its type. Nothing is ever pre-filled; 'not known' is shown and recorded as a blank."""

from __future__ import annotations

import streamlit as st

from engine.evaluator import Evaluator
from engine.values import text_form
from engine.vocabulary import Item
from ui.bands import band_with, bands_of
from ui.entries import Entries, problem_in_words
from ui.knowledge import texts
from ui.session import NOT_KNOWN, PERSIST, item_key

NUMBER_KEY = "number_"
MOST_PILLS = 5


def show_field(item: Item, entries: Entries, evaluator: Evaluator) -> None:
    """The input of an item; where an entry can be unusable, its problem stands beside it."""
    if item.is_number:
        with st.container(key=f"{NUMBER_KEY}{item.name}", gap="xxsmall"):
            _number(item, entries, evaluator)
            _problem(item, entries)
    elif item.is_list:
        with st.container(gap=None):
            _list(item) if item.codes else _text(item)
            _problem(item, entries)
    elif item.type == "boolean":
        _yes_no(item)
    elif len(item.codes) <= MOST_PILLS:
        _few_choices(item)
    else:
        _many_choices(item)


def _problem(item: Item, entries: Entries) -> None:
    problem = problem_in_words(item, entries)
    if problem:
        st.error(problem, icon=":material/error:")


def label_of(item: Item) -> str:
    """The label with its unit, where the unit says more than the label."""
    shown = item.unit and item.unit not in texts("inputs")["units_not_shown"] and item.unit not in item.label.lower()
    return f"{item.label} ({item.unit})" if shown else item.label


def _yes_no(item: Item) -> None:
    words = texts("inputs")
    st.segmented_control(
        item.label, ["yes", "no", NOT_KNOWN], required=True, format_func=words.__getitem__, key=item_key(item.name),
        width="stretch", persist_state=PERSIST,
    )


def _few_choices(item: Item) -> None:
    """One click records, a second one on the same word makes it not known again."""
    st.pills(
        item.label, item.codes, format_func=lambda code: item.code_labels.get(code, code), key=item_key(item.name), persist_state=PERSIST,
    )


def _many_choices(item: Item) -> None:
    st.selectbox(
        item.label, item.codes, index=None, format_func=lambda code: item.code_labels.get(code, code), key=item_key(item.name),
        placeholder=texts("inputs")["choose"], persist_state=PERSIST,
    )


def _list(item: Item) -> None:
    st.multiselect(
        item.label, item.codes, format_func=lambda code: item.code_labels.get(code, code), key=item_key(item.name),
        placeholder=texts("inputs")["choose"], select_all=False, persist_state=PERSIST,
    )


def _text(item: Item) -> None:
    st.text_input(item.label, key=item_key(item.name), autocomplete="off", persist_state=PERSIST)


def _number(item: Item, entries: Entries, evaluator: Evaluator) -> None:
    """A text field read by the strict parser, and one-click bands that fill it."""
    st.text_input(
        label_of(item), key=item_key(item.name), placeholder=texts("inputs")["not_known"], autocomplete="off", persist_state=PERSIST,
    )
    _bands(item, entries, evaluator)
    _reading(item, entries)


def _bands(item: Item, entries: Entries, evaluator: Evaluator) -> None:
    bands = bands_of(evaluator, item.name)
    if not bands:
        return
    key = f"band_{item.name}"
    value = entries.recorded.get(item.name)
    st.session_state[key] = None if value is None else band_with(evaluator, item.name, value).label
    st.pills(
        texts("inputs")["bands"].format(label=item.label), [band.label for band in bands], key=key, label_visibility="collapsed",
        on_change=_fill, args=(item.name, key, {band.label: band.entry for band in bands}),
    )


def _fill(name: str, key: str, entry_of: dict[str, str]) -> None:
    """Enter the number of the chosen band where it can be seen; letting a band go empties the field."""
    st.session_state[item_key(name)] = entry_of.get(st.session_state[key], "")


def _reading(item: Item, entries: Entries) -> None:
    """The number as it was read, where that differs from what was typed."""
    value = entries.recorded.get(item.name)
    typed = st.session_state[item_key(item.name)].strip()
    if value is not None and text_form(item, value) != typed:
        st.caption(texts("inputs")["read_as"].format(value=text_form(item, value)))
