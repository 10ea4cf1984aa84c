"""The nearest valid name, for messages only: nothing is ever replaced by it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LEAST_SIMILAR = 0.6
LONGEST_COMPARED = 80


def nearest(text: str, valid: Iterable[str]) -> str | None:
    """The valid name most like the text, whatever its case; None when none is like it."""
    by_lower = {name.lower(): name for name in valid}
    found = get_close_matches(text.strip().lower()[:LONGEST_COMPARED], by_lower, n=1, cutoff=LEAST_SIMILAR)
    return by_lower[found[0]] if found else None
