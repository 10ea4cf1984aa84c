"""Why two guidelines differ for this patient: the first criterion on which they part, and what kind of difference it is."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.assessment import Assessment
from engine.comparison import Comparison, Side, compare
from engine.evaluator import Evaluator
from ui.columns import column_names
from ui.knowledge import texts
from ui.markup import table, titled, verdict_badge
from ui.session import COMPARED, PERSIST


def show_comparison(assessment: Assessment, evaluator: Evaluator) -> None:
    """Two menus and, when both are chosen, the answer."""
    words, names = texts("comparison"), column_names(evaluator, assessment)
    st.html(titled(words["title"], " "))
    with st.container(horizontal=True):
        chosen = [_menu(label, key, names) for label, key in zip((words["first"], words["second"]), COMPARED)]
    left, right = chosen
    if left in names and right in names and left != right:
        found = compare(evaluator, assessment.patient, left, right)
        st.html(_comparison(assessment, found, names) if found else f"<p>{escape(words['same'])}</p>")


def _menu(label: str, key: str, names: dict[str, str]) -> str | None:
    return st.selectbox(label, list(names), index=None, format_func=lambda column: names.get(column, column), key=key,
                        placeholder=texts("comparison")["choose"], persist_state=PERSIST)


def _comparison(assessment: Assessment, found: Comparison, names: dict[str, str]) -> str:
    words = texts("comparison")
    rows = [[escape(names[side.column]), _answer(assessment, side), escape(_asks(side))] for side in (found.left, found.right)]
    kind = words["kind"].format(kind=words["kinds"][found.kind])
    headings = [texts("guidelines")["pack"], words["answer"], words["asks"]]
    return f"<p><b>{escape(kind)}</b> {escape(found.sentence)}</p>" + table(words["title"], headings, rows)


def _answer(assessment: Assessment, side: Side) -> str:
    return verdict_badge(side.verdict, assessment.labels[side.verdict])


def _asks(side: Side) -> str:
    limit = f" ({side.comparison} {side.limit:g})" if side.limit is not None else ""
    return f"{side.says}{limit}".strip()
