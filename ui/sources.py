"""What a line rests on: how its basis was reached, and its sources with links, folded away until asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from engine.cited import CitedText, SourceFinding
from ui.knowledge import texts
from ui.markup import bullets, folded, link

READ = "read"


def source_label(source: SourceFinding) -> str:
    """The citation, the section and the class that the source gives."""
    return ", ".join(part for part in (source.citation, source.section, source.stated_class) if part)


def provenance_badge(provenance: str) -> str:
    """How the basis was reached, in words; set off where the source itself was not read."""
    kind = "basis-read" if provenance == READ else "basis-unread"
    return f'<span class="basis {kind}">{escape(texts("provenance_words")[provenance])}</span>'


def source_fold(sources: Sequence[SourceFinding], provenance: str) -> str:
    """One line for a criterion or a figure; its sources open on request."""
    listed = bullets(link(source_label(source), source.address) for source in sources)
    return f'<div class="founded">{folded(_count(sources), listed) if sources else ""}{provenance_badge(provenance)}</div>'


def _count(sources: Sequence[SourceFinding]) -> str:
    words = texts("sources")
    return words["one"] if len(sources) == 1 else words["several"].format(count=len(sources))


def cited_list(entries: Iterable[CitedText]) -> str:
    """Sentences as a list; those whose source was not read say so at their end."""
    return bullets(map(_sentence, entries))


def _sentence(entry: CitedText) -> str:
    topic = f"<b>{escape(entry.topic)}.</b> " if entry.topic else ""
    note = f' <span class="small">{escape(entry.note)}</span>' if entry.note else ""
    basis = "" if entry.provenance == READ else f" {provenance_badge(entry.provenance)}"
    return f"{topic}{escape(entry.text)}{note}{basis}"


def sources_of(sources: Iterable[SourceFinding]) -> str:
    """All sources of one part, each once, folded."""
    distinct = {source.id: source for source in sources}.values()
    summary = texts("sources")["of_this_part"].format(count=len(distinct))
    return folded(summary, bullets(link(source.citation, source.address) for source in distinct)) if distinct else ""


def cited_part(entries: Sequence[CitedText]) -> str:
    """A list of sentences with their sources under it."""
    return cited_list(entries) + sources_of(source for entry in entries for source in entry.sources)
