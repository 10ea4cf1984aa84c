"""Texts with named fields in braces: which fields they have, and the text with the fields filled."""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter


def fields_of(text: str) -> frozenset[str]:
    """Names of the fields. Raises ValueError when a brace is not closed."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def only_fields(*allowed: str) -> Callable[[str], str]:
    """A check for pydantic: the text has no other fields than these."""
    def check(text: str) -> str:
        for name in sorted(fields_of(text) - set(allowed)):
            raise ValueError(f"unknown field '{{{name}}}'; this text may use {', '.join(f'{{{known}}}' for known in allowed)}")
        return text
    return check


def number_words(value: float) -> str:
    """A number without a needless decimal part."""
    return f"{value:g}"
