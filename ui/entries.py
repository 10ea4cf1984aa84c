"""From what stands in the inputs to recorded values, or to a named problem. A blank is not recorded, never a value."""

from __future__ import annotations

from dataclasses import dataclass

from engine.values import InvalidValue, Value, parse_value
from engine.vocabulary import Item, Vocabulary
from ui import session
from ui.knowledge import texts


@dataclass(frozen=True)
class Entries:
    """`recorded`: values by item. `problems`: for each input that cannot be used, what stands in it and what to do."""

    recorded: dict[str, Value]
    problems: dict[str, tuple[str, str]]


def read_entries(vocabulary: Vocabulary) -> Entries:
    """Every input of this session, parsed strictly; numbers may have a decimal comma."""
    recorded: dict[str, Value] = {}
    problems: dict[str, tuple[str, str]] = {}
    for item in vocabulary:
        raw = session.raw_entry(item)
        if session.is_blank(item, raw):
            continue
        try:
            value = parse_value(item, raw, decimal_comma=True)
        except InvalidValue as invalid:
            problems[item.name] = (_quoted(raw), invalid.action)
        else:
            if value is not None:
                recorded[item.name] = value
    return Entries(recorded, problems)


def problem_in_words(item: Item, entries: Entries) -> str:
    """What to say beside an input that cannot be used; empty when it can."""
    if item.name not in entries.problems:
        return ""
    raw, action = entries.problems[item.name]
    return texts("inputs")["cannot_use"].format(raw=raw, action=action)


def _quoted(raw: session.Raw) -> str:
    shown = ", ".join(raw) if isinstance(raw, list) else str(raw)
    return f"'{' '.join(shown.split())[:40]}'"
