"""Guidelines, policies and trials with everything known of each, and the pathway gate by gate."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from engine.knowledge import BranchEntry, Knowledge, PackEntry, SectionEntry, VerdictsEntry
from ui.knowledge import texts
from ui.knowledge_criteria import criteria_blocks
from ui.markup import bullets, folded, headed, link, numbered, part, small, table, titled, verdict_badge
from ui.sources import provenance_badge

GATE, OPEN_PACK = "gate", "knowledge_pack"
SELECT_WIDTH = 640


def show_packs(knowledge: Knowledge) -> None:
    """A table for each question, and everything about the one that is chosen."""
    words, by_id = texts("knowledge"), {pack.id: pack for pack in knowledge.packs}
    st.html(small(words["packs_lead"]))
    chosen = st.selectbox(
        words["open_pack"], list(by_id), index=None, format_func=lambda id: by_id[id].name, key=OPEN_PACK, placeholder=words["choose_pack"],
        width=SELECT_WIDTH,
    )
    if chosen:
        st.html(_details(by_id[chosen]))
    for question, heading in words["questions"].items():
        st.html(headed(heading, _table(heading, [pack for pack in knowledge.packs if pack.question == question])))


def _table(caption: str, packs: Iterable[PackEntry]) -> str:
    words = texts("knowledge")
    return table(caption, [words["pack"], words["body"], words["state"], words["basis"], words["checked"]], map(_row, packs))


def _row(pack: PackEntry) -> list[str]:
    words = texts("knowledge")
    return [
        f"<b>{escape(pack.name)}</b>{small(pack.title)}", escape(f"{pack.body}, {pack.year}, {pack.jurisdiction}"),
        escape(words["is_on"] if pack.enabled else words["is_off"]), f"{provenance_badge(pack.provenance)}{small(pack.mark)}", escape(pack.checked),
    ]


def _details(pack: PackEntry) -> str:
    words = texts("knowledge")
    about = [
        f"{link(pack.source.citation, pack.source.address)}", _said(words["dates"], pack.dates), _said(words["scope"], pack.scope),
        _said(words["strength"], pack.strength), _said(words["blanks"], pack.missing_data),
    ]
    lists = {words["notes"]: pack.notes, words["not_checked"]: pack.not_checked, words["switched_off"]: pack.switched_off}
    pieces = [
        bullets(filter(None, about)), *(titled(heading, bullets(map(escape, lines))) for heading, lines in lists.items() if lines),
        titled(words["verdicts"], "".join(map(_verdicts, pack.verdicts))), titled(words["criteria"], criteria_blocks(pack.criteria)),
        folded(f"{words['shared']} ({len(pack.shared_criteria)})", criteria_blocks(pack.shared_criteria)) if pack.shared_criteria else "",
    ]
    heading = f"{pack.name}: {pack.title} ({words['criteria_count'].format(count=len(pack.criteria))})"
    return f'<div class="opened">{headed(heading, "".join(pieces))}</div>'


def _said(label: str, text: str) -> str:
    return f"<b>{escape(label)}:</b> {escape(text)}" if text else ""


def _verdicts(verdicts: VerdictsEntry) -> str:
    return small(", ".join(verdicts.procedure_labels)) + numbered(map(_branch, verdicts.branches))


def _branch(branch: BranchEntry) -> str:
    when = branch.says or texts("knowledge")["otherwise"]
    return f"{verdict_badge(branch.outcome, branch.outcome_label)} {escape(when)}{small(branch.text)}"


def show_pathway(knowledge: Knowledge) -> None:
    """Gates in order, then what stands beside them."""
    st.html(small(texts("knowledge")["pathway_lead"]))
    for section in knowledge.sections:
        st.html(_section(section))


def _section(section: SectionEntry) -> str:
    words = texts("knowledge")
    is_gate = section.kind == GATE
    heading = words["gate"].format(position=section.position, label=section.label) if is_gate else words["sections"][section.kind]
    advice = small(f"{section.tell} {section.next_step}".strip())
    count = words["criteria_count"].format(count=len(section.criteria))
    return part(f"{heading} · {count}", advice + criteria_blocks(section.criteria))
