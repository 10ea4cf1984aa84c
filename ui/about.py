"""The About page: intended use, versions, and the source attributes of the tool."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.version import ENGINE_VERSION
from ui.knowledge import rules, texts
from ui.markup import bullets, paragraph, table


def show() -> None:
    """One run of the page."""
    words = texts("about")
    st.title(words["title"], anchor=False)
    with st.container(key="about", gap="small"):
        st.header(words["intended_use"], anchor=False)
        st.html(f'<div class="prose">{bullets(map(escape, texts("intended_use")["points"]))}</div>')
        st.header(words["versions"], anchor=False)
        st.html(paragraph(f"Engine {ENGINE_VERSION} · rules {rules().fingerprint}"))
        st.header(words["tool"], anchor=False)
        rows = [[f"<b>{escape(entry['attribute'])}</b>", escape(entry["text"])] for entry in words["source_attributes"]]
        st.html(f'<div class="prose">{table(words["tool"], [words["attribute"], words["what"]], rows)}{paragraph(words["knowledge"])}</div>')


def version_line() -> str:
    """What every page says at its foot."""
    return f"Engine {ENGINE_VERSION} · rules {rules().fingerprint[:12]} · {texts('intended_use')['short']}"
