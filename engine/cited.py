"""A source, and a sentence with its sources, as every view of an assessment shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFinding:
    """A source as a criterion cites it."""

    id: str
    citation: str
    address: str
    section: str
    stated_class: str


@dataclass(frozen=True)
class CitedText:
    """A text for people and what it rests on. `topic` is its heading, where it has one."""

    topic: str
    text: str
    sources: tuple[SourceFinding, ...]
    provenance: str
    note: str
