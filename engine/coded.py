"""Columns of texts, each distinct text made once and attached to the rows by its position.

Nothing here crosses rows: which rows share a text is bookkeeping, the text of a row depends on that row alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

BITS_PER_WORD = 64
LIST_SEPARATOR = ";"


class Coded(NamedTuple):
    """A column: `texts[codes[row]]` is the cell of a row. An empty text is an empty cell."""

    codes: np.ndarray
    texts: tuple[str, ...]

    def cells(self) -> np.ndarray:
        """The text of every row (object)."""
        return np.array(self.texts, dtype=object)[self.codes]

    def cell(self, row: int) -> str:
        return self.texts[self.codes[row]]


def same_for_all(text: str, rows: int) -> Coded:
    """One text in every row."""
    return Coded(np.zeros(rows, np.intp), (text,))


def listed(labels: Sequence[str], masks: Sequence[np.ndarray], rows: int) -> Coded:
    """In each row the labels whose mask is true there, in the order given, with `;` between them.

    masks: boolean, one for each label, of length `rows` or 1 (the same for everyone).
    """
    if not labels or rows == 0:
        return same_for_all("", rows)
    codes, first = _distinct_patterns(masks, rows)
    patterns = np.stack([np.broadcast_to(mask, rows)[first] for mask in masks], axis=1)
    of_pattern, of_label = np.nonzero(patterns)
    entries = np.array(labels, object)[of_label].tolist()
    ends = np.cumsum(np.bincount(of_pattern, minlength=len(first))).tolist()
    return Coded(codes, tuple(LIST_SEPARATOR.join(entries[start:end]) for start, end in zip([0, *ends], ends)))


def joined(parts: Sequence[Coded]) -> Coded:
    """The same column of consecutive groups of rows as one."""
    if len(parts) == 1:
        return parts[0]
    place_of: dict[str, int] = {}
    codes = []
    for part in parts:
        places = np.array([place_of.setdefault(text, len(place_of)) for text in part.texts], np.intp)
        codes.append(places[part.codes])
    return Coded(np.concatenate(codes), tuple(place_of))


def spread(part: Coded, where: np.ndarray, rows: int) -> Coded:
    """A column of some rows (positions `where`) over all rows; the others are empty."""
    codes = np.zeros(rows, np.intp)
    codes[where] = part.codes + 1
    return Coded(codes, ("", *part.texts))


def _distinct_patterns(masks: Sequence[np.ndarray], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row the number of its pattern, and for each pattern the first row that has it."""
    import pandas as pd  # here, because one patient needs no pandas and loading it takes longer than the answer

    words = [_word(masks[start:start + BITS_PER_WORD], rows) for start in range(0, len(masks), BITS_PER_WORD)]
    codes, distinct = pd.factorize(words[0])
    for word in words[1:]:
        further, others = pd.factorize(word)
        codes, distinct = pd.factorize(codes.astype(np.int64) * len(others) + further)
    first = np.empty(len(distinct), np.intp)
    first[codes[::-1]] = np.arange(rows)[::-1]  # the last one written, the first row, stays
    return codes, first


def _word(masks: Sequence[np.ndarray], rows: int) -> np.ndarray:
    """Up to 64 masks as the bits of one number for each row."""
    bits = np.zeros((BITS_PER_WORD, rows), np.bool_)
    for position, mask in enumerate(masks):
        bits[position] = mask
    packed = np.packbits(bits, axis=0, bitorder="little")
    return np.ascontiguousarray(packed.T).view(np.uint64).reshape(rows)
