"""The Knowledge page: search, and what the rules know in six views; only the open one is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape

import streamlit as st

from engine.knowledge import Knowledge, knowledge_of
from ui.conflict_matrix import show_conflicts
from ui.knowledge import rules, texts
from ui.knowledge_criteria import criterion_block
from ui.knowledge_lists import show_limits, show_sources, show_unconfirmed
from ui.knowledge_packs import show_packs, show_pathway
from ui.knowledge_search import found_in
from ui.markup import small, table

SEARCH, VIEWS_KEY = "knowledge_search", "knowledge_views"
MOST_FOUND, SEARCH_WIDTH = 40, 640
VIEWS: dict[str, Callable[[Knowledge], None]] = {
    "packs": show_packs, "pathway": show_pathway, "conflicts": show_conflicts, "unconfirmed": show_unconfirmed, "limits": show_limits,
    "sources": show_sources,
}


@lru_cache(maxsize=2)
def _knowledge(fingerprint: str) -> Knowledge:
    return knowledge_of(rules())


def show() -> None:
    """One run of the page."""
    words, knowledge = texts("knowledge"), _knowledge(rules().fingerprint)
    st.title(words["title"], anchor=False)
    st.caption(f"{words['lead']} {_counts(knowledge)}")
    wanted = st.text_input(
        words["search"], key=SEARCH, placeholder=words["search_hint"], autocomplete="off", icon=":material/search:", width=SEARCH_WIDTH,
    ).strip()
    if wanted:
        st.html(_results(knowledge, wanted))
    for tab, view in zip(st.tabs([words["views"][id] for id in VIEWS], key=VIEWS_KEY, on_change="rerun"), VIEWS.values()):
        if tab.open:
            with tab:
                view(knowledge)


def _counts(knowledge: Knowledge) -> str:
    checked = sorted({limit.checked for limit in knowledge.thresholds})
    span = checked[0] if len(checked) == 1 else f"{checked[0]} to {checked[-1]}"
    return texts("knowledge")["counts"].format(
        packs=len(knowledge.packs), criteria=len(rules().criteria), limits=len(knowledge.thresholds), sources=len(knowledge.sources), checked=span,
    )


def _results(knowledge: Knowledge, wanted: str) -> str:
    """What was found, with its kind and its place."""
    words, found = texts("knowledge"), found_in(knowledge, wanted)
    if not found:
        return small(words["nothing_found"].format(wanted=f"‘{wanted}’"))
    shown = found[:MOST_FOUND]
    rows = [[escape(words["kinds"][hit.kind]), escape(hit.where), criterion_block(hit.criterion) if hit.criterion else hit.content] for hit in shown]
    more = small(words["more_found"].format(shown=len(shown))) if len(found) > len(shown) else ""
    said = small(words["found"].format(count=len(found), wanted=f"‘{wanted}’"))
    return said + table(words["search"], [words["kind"], words["where"], words["what"]], rows) + more
