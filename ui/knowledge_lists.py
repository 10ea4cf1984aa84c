"""Lists of the Knowledge page: what is not confirmed, every limit, every source."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from engine.knowledge import Knowledge, ThresholdEntry, Unconfirmed
from engine.ruleset import Source
from ui.knowledge import texts
from ui.markup import link, part, small, table
from ui.sources import provenance_badge, source_fold


def show_unconfirmed(knowledge: Knowledge) -> None:
    """What was not read in its source, by place; counted by how it was reached."""
    st.html(small(texts("knowledge")["unconfirmed_lead"]) + "".join(_place(name, rows) for name, rows in _places(knowledge)))


def _places(knowledge: Knowledge) -> Iterator[tuple[str, tuple[Unconfirmed, ...]]]:
    words = texts("knowledge")
    for section in knowledge.sections:
        yield section.label if section.kind == "gate" else words["sections"][section.kind], section.unconfirmed
    for pack in knowledge.packs:
        yield pack.name, pack.unconfirmed


def _place(name: str, rows: tuple[Unconfirmed, ...]) -> str:
    if not rows:
        return ""
    words = texts("knowledge")
    reached = [row.provenance for row in rows]
    counts = words["unconfirmed_counts"].format(**{kind: reached.count(kind) for kind in ("secondary", "recalled", "project")})
    lines = [[escape(row.says), provenance_badge(row.provenance), escape(row.note)] for row in rows]
    return part(f"{name} ({len(rows)})", small(counts) + table(name, [words["what"], words["basis"], words["note"]], lines))


def show_limits(knowledge: Knowledge) -> None:
    """Every number that a rule compares with."""
    words = texts("knowledge")
    headings = [words["item"], words["limit"], words["note"], words["basis"], words["checked"]]
    st.html(small(words["limits_lead"]) + table(words["views"]["limits"], headings, map(_limit, knowledge.thresholds)))


def _limit(limit: ThresholdEntry) -> list[str]:
    code = f"{limit.code} " if limit.code else ""
    number = f"<b>{escape(limit.value)}</b>{small(limit.name)}"
    basis = source_fold(limit.sources, limit.provenance)
    return [escape(f"{code}{limit.item_label}"), number, escape(limit.note), basis, escape(limit.checked)]


def show_sources(knowledge: Knowledge) -> None:
    """Every document."""
    words = texts("knowledge")
    headings = [words["source"], words["body"], words["basis"], words["note"]]
    st.html(small(words["sources_lead"]) + table(words["views"]["sources"], headings, map(_source, knowledge.sources)))


def _source(source: Source) -> list[str]:
    place = ", ".join(filter(None, (source.body, source.year, source.jurisdiction)))
    return [f"{link(source.citation, source.address)}{small(source.id)}", escape(place), provenance_badge(source.provenance), escape(source.note)]
