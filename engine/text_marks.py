"""What the forms of texts and reference files share: where sources stand, how well a fact is founded, what is a condition."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.schema import CONDITION_MARK, Text

SOURCE_FIELDS = ("source", "text_source", "sources", "procedure_class_sources", "always_add_sources", "default_sources", "safety_net_sources")
"""Fields that hold ids of `rules/sources.csv`."""
THRESHOLD_WORDS = ("within", "warning", "correct_first", "goal")
"""Fields of bleeding texts whose names in braces are thresholds."""
Sources = Annotated[list[Text], Field(min_length=1)]
Mark = Literal["read", "read in part", "secondary", "recalled", "project", "header"]


def is_condition(metadata: list[Any]) -> bool:
    """Whether a field of a form holds a condition."""
    return any(getattr(mark, "json_schema", None) == CONDITION_MARK for mark in metadata)
