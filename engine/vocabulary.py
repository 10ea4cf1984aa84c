"""The vocabulary: every input item a patient can have, its type and its allowed values.

The names, types, units, ranges and codes are those of the data dictionary; `rules/vocabulary.yaml` adds what people read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.conditions import Condition

ItemType = Literal["number", "integer", "boolean", "category", "category_list", "text", "text_list"]
Changeability = Literal["fixed", "with_time", "with_treatment", "by_measuring"]

YES, NO = "yes", "no"
RECORD_ID = "record_id"


@dataclass(frozen=True)
class SafetyCritical:
    """When a blank item must keep the pathway from `augmentation` (`semantics.md` 8.3)."""

    when: Condition
    unless_recorded: str | None = None


@dataclass(frozen=True)
class Item:
    """One thing that can be recorded about a patient. A value is recorded or it is not: nothing stands in for a blank."""

    name: str
    type: ItemType
    unit: str
    minimum: float | None
    maximum: float | None
    codes: tuple[str, ...]
    """Closed codes in dictionary order; `yes`, `no` for booleans; empty for numbers and free text."""
    label: str
    question: str
    help: str
    group: str
    order: int
    relevant_when: Condition
    safety_critical: SafetyCritical | None
    changeability: Changeability
    milestone: bool
    code_labels: Mapping[str, str] = field(default_factory=dict)
    pattern: str | None = None
    """For free text lists: the regular expression that each entry must match."""

    @property
    def is_number(self) -> bool:
        return self.type in ("number", "integer")

    @property
    def is_list(self) -> bool:
        return self.type in ("category_list", "text_list")

    @property
    def empty_list_code(self) -> str | None:
        """The code that alone records an empty list, where the dictionary allows one."""
        return "none" if self.type == "category_list" and "none" in self.codes else None


@dataclass(frozen=True)
class Group:
    """A heading of the form."""

    id: str
    label: str
    help: str


@dataclass(frozen=True)
class Derived:
    """An item made once from recorded ones (`engine/derived.py`), so that no rule compares two items."""

    name: str
    type: ItemType
    codes: tuple[str, ...]
    code_labels: Mapping[str, str]
    label: str
    made_of: tuple[str, ...]
    how: str
    made_from: Mapping[str, tuple[str, ...]]
    """For categories made from a text: what of the text leads to which code."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All items in form order, by name, and the items derived from them."""

    items: Mapping[str, Item]
    groups: tuple[Group, ...]
    derived: Mapping[str, Derived]

    def __getitem__(self, name: str) -> Item:
        return self.items[name]

    def __contains__(self, name: object) -> bool:
        return name in self.items

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items.values())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.items)
