"""Search in the knowledge: every word that was asked for has to occur, in any order, whatever the case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from engine.knowledge import CriterionEntry, Knowledge, PackEntry, ThresholdEntry
from engine.ruleset import Source
from ui.knowledge import texts
from ui.knowledge_criteria import limit_line
from ui.markup import link, small


@dataclass(frozen=True)
class Hit:
    """Something found: a criterion, or the HTML of what it is."""

    kind: str
    where: str
    content: str
    criterion: CriterionEntry | None = None


def found_in(knowledge: Knowledge, wanted: str) -> list[Hit]:
    """Guidelines first, then criteria, limits and sources; codes that are asked for exactly lead."""
    words = wanted.casefold().split()
    hits = [hit for hit, text in _everything(knowledge) if all(word in text.casefold() for word in words)]
    return sorted(hits, key=lambda hit: not (hit.criterion and hit.criterion.code.casefold() == wanted.casefold()))


def _everything(knowledge: Knowledge) -> Iterator[tuple[Hit, str]]:
    for pack in knowledge.packs:
        yield Hit("pack", pack.name, f"<b>{escape(pack.title)}</b>{small(pack.scope)}"), _text_of_pack(pack)
    for where, criteria in _places(knowledge):
        for entry in criteria:
            yield Hit("criterion", where, "", entry), _text_of_criterion(where, entry)
    for limit in knowledge.thresholds:
        yield Hit("limit", limit.code or limit.item_label, limit_line(limit)), _text_of_limit(limit)
    for source in knowledge.sources:
        yield Hit("source", source.id, f"{link(source.citation, source.address)}{small(source.note)}"), _text_of_source(source)


def _places(knowledge: Knowledge) -> Iterator[tuple[str, Iterable[CriterionEntry]]]:
    sections = texts("knowledge")["sections"]
    for section in knowledge.sections:
        yield section.label or sections[section.kind], section.criteria
    for pack in knowledge.packs:
        yield pack.name, pack.criteria


def _text_of_pack(pack: PackEntry) -> str:
    return " ".join((pack.id, pack.name, pack.title, pack.body, pack.year, pack.jurisdiction, pack.scope, pack.mark, pack.source.citation))


def _text_of_criterion(where: str, entry: CriterionEntry) -> str:
    sources = " ".join(f"{source.id} {source.citation}" for source in entry.sources)
    limits = " ".join(f"{limit.code} {limit.value}" for limit in entry.thresholds)
    says = (entry.code, entry.id, entry.says, entry.says_not, entry.condition.in_one_line, entry.note, entry.tell, entry.next_step)
    return " ".join((where, *says, sources, limits))


def _text_of_limit(limit: ThresholdEntry) -> str:
    return " ".join((limit.code, limit.name, limit.item_label, limit.value, limit.note, *(source.citation for source in limit.sources)))


def _text_of_source(source: Source) -> str:
    return " ".join((source.id, source.citation, source.body, source.year, source.jurisdiction, source.note))
