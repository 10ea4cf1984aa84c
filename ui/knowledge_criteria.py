"""One criterion of the rules as the Knowledge page shows it: what it asks, its limits, its sources."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from engine.condition_words import Worded
from engine.knowledge import CriterionEntry, ThresholdEntry
from ui.knowledge import texts
from ui.markup import bullets, folded, small
from ui.sources import provenance_badge, source_fold


def criterion_block(entry: CriterionEntry) -> str:
    """Folded under its sentence; how well it is founded shows at once."""
    words = texts("knowledge")
    code = f"{entry.code} " if entry.code else ""
    condition = f"<p class='small'>{escape(words['met_when'])}:</p>{_tree(entry.condition)}"
    cleared = f"<p class='small'>{escape(words['not_met_when'])}:</p>{_tree(entry.cleared)}" if entry.cleared else ""
    limits = f"<p class='small'>{escape(words['limits_of'])}:</p>{bullets(map(limit_line, entry.thresholds))}" if entry.thresholds else ""
    careful = small(words["careful"]) if entry.careful_direction else ""
    advice = small(f"{entry.tell} {entry.next_step}".strip())
    content = condition + cleared + limits + small(entry.note) + advice + careful + small(entry.id)
    return f'<div class="criterion">{folded(code + entry.says, content)}{source_fold(entry.sources, entry.provenance)}</div>'


def criteria_blocks(entries: Iterable[CriterionEntry]) -> str:
    return "".join(map(criterion_block, entries))


def _tree(worded: Worded) -> str:
    """A condition as nested lines."""
    return f"<ul>{_branch(worded)}</ul>"


def _branch(worded: Worded) -> str:
    parts = f"<ul>{''.join(map(_branch, worded.parts))}</ul>" if worded.parts else ""
    return f"<li>{escape(worded.text)}{parts}</li>"


def limit_line(limit: ThresholdEntry) -> str:
    """Item, comparison and number, and how they are founded."""
    comparison = f" {', '.join(limit.comparisons)}" if limit.comparisons else ""
    code = f"{limit.code} " if limit.code else ""
    note = f' <span class="small">{escape(limit.note)}</span>' if limit.note else ""
    return f"{escape(code)}{escape(limit.item_label)}{escape(comparison)} <b>{escape(limit.value)}</b> {provenance_badge(limit.provenance)}{note}"
