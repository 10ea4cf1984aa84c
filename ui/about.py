"""The About page: intended use, versions, where everything comes from, and what is not confirmed."""

from __future__ import annotations

from html import escape

import streamlit as st

from engine.ruleset import Pack, RuleSet
from engine.version import ENGINE_VERSION
from ui.knowledge import rules, texts
from ui.markup import link, table

UNCONFIRMED = ("project", "recalled")


def show() -> None:
    """One run of the page."""
    words, knowledge = texts("about"), rules()
    st.title(words["title"], anchor=False)
    st.header(words["intended_use"], anchor=False)
    st.markdown("\n".join(f"- {point}" for point in texts("intended_use")["points"]))
    st.header(words["versions"], anchor=False)
    st.markdown(f"Engine **{ENGINE_VERSION}** · rules `{knowledge.fingerprint}`")
    st.header(words["tool"], anchor=False)
    st.html(table(words["tool"], ["Attribute", "What"], [[escape(entry["attribute"]), escape(entry["text"])] for entry in words["source_attributes"]]))
    st.header(words["packs"], anchor=False)
    st.caption(words["packs_lead"])
    st.html(table(words["packs"], ["Pack", "Body", "Basis", "Not checked or switched off"], [_pack(knowledge, pack) for pack in knowledge.packs.values()]))
    st.header(words["unconfirmed"], anchor=False)
    st.caption(words["unconfirmed_lead"])
    st.html(table(words["unconfirmed"], ["Code", "What", "Basis", "Note"], [*_limits(knowledge), *_criteria(knowledge)]))


def _pack(knowledge: RuleSet, pack: Pack) -> list[str]:
    source = knowledge.sources[pack.source]
    state = "" if pack.enabled else " (off)"
    return [
        f"<b>{escape(pack.name)}</b>{state}<br><span class='small'>{escape(pack.title)}</span>",
        f"{escape(pack.body)}, {escape(pack.year)}, {escape(pack.jurisdiction)}",
        f"{link(source.citation, source.address)}<br><span class='small'>{escape(texts('provenance_words')[pack.provenance])}; {escape(pack.checked)}. {escape(pack.mark)}</span>",
        "<br>".join(escape(text) for text in (*pack.not_checked, *pack.switched_off)),
    ]


def _limits(knowledge: RuleSet) -> list[list[str]]:
    packs = set(knowledge.packs)
    return [
        [escape(limit.code), f"{escape(_label(knowledge, limit.item))}: {limit.threshold.value:g}", escape(texts("provenance_words")[limit.provenance]), escape(limit.note)]
        for name, limit in knowledge.thresholds.items() if limit.provenance in UNCONFIRMED and name.split(".")[0] not in packs
    ]


def _label(knowledge: RuleSet, item: str) -> str:
    return knowledge.vocabulary[item].label if item in knowledge.vocabulary else item


def _criteria(knowledge: RuleSet) -> list[list[str]]:
    return [
        [escape(criterion.code), escape(criterion.says), escape(texts("provenance_words")[criterion.provenance]), escape(criterion.note)]
        for id, criterion in knowledge.criteria.items() if criterion.provenance in UNCONFIRMED and id.startswith(("pathway.", "shared."))
    ]


def version_line() -> str:
    """What every page says at its foot."""
    return f"Engine {ENGINE_VERSION} · rules {rules().fingerprint[:12]} · {texts('intended_use')['short']}"
