"""The fast way through a text file: blocks of lines so plain that no reader could take them for anything else.

Plain: UTF-8, one kind of line end (LF or CRLF), no quotation mark, no zero byte, no empty line, and the same number of separators in every
line as in the header. A block that is not is left to Python's csv module, and so is everything after it.
"""

from __future__ import annotations

import csv
import io
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

LF, CR = ord("\n"), ord("\r")
_GUESSED_LINE = 256
_SMALLEST_PIECE = 1 << 16


def skip_plain_lines(binary: IO[bytes], count: int) -> bool:
    """Read the lines up to the end of the header; whether each was one plain line."""
    for _ in range(count):
        line = binary.readline(_SMALLEST_PIECE)
        if not line.endswith(b"\n") or b'"' in line or b"\0" in line or line.count(b"\r") != line.endswith(b"\r\n"):
            return False
    return True


class LineTaker:
    """Takes a number of whole lines at a time from a file, and remembers what it read too much of."""

    def __init__(self, binary: IO[bytes]) -> None:
        self._binary = binary
        self._line_length = _GUESSED_LINE
        self.held = b""

    def take(self, lines: int) -> bytes:
        """At most so many lines, the last one ended with LF where the file does not end it; empty at the end of the file.

        Gives up early (with what it has) on a file that has hardly any LF, which is not plain then.
        """
        ends = _line_ends(self.held)
        while len(ends) < lines:
            piece = self._binary.read(max(_SMALLEST_PIECE, (lines - len(ends)) * self._line_length))
            if not piece:
                break
            ends = np.concatenate([ends, _line_ends(piece) + len(self.held)])
            self.held += piece
            self._line_length = 1 + len(self.held) // max(1, len(ends))
            # So few ends that at least one line is longer than any plain one, the last and perhaps unfinished one included.
            if len(self.held) > csv.field_size_limit() * (len(ends) + 1):
                break
        cut = int(ends[lines - 1]) + 1 if len(ends) >= lines else len(self.held)
        taken, self.held = self.held[:cut], self.held[cut:]
        return taken


def plain_columns(block: bytes, separator: str, width: int, as_codes: set[int]) -> list[pa.Array] | None:
    """The columns of a block of whole lines as text (dictionary-encoded at the positions `as_codes`), or None when it is not plain."""
    if not block.endswith(b"\n"):
        block += b"\n"
    if width < 2 or b'"' in block or b"\0" in block or not _is_even(block, separator, width):
        return None
    names = [str(position) for position in range(width)]
    text, codes = pa.string(), pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa_csv.read_csv(
            io.BytesIO(block),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
            parse_options=pa_csv.ParseOptions(
                delimiter=separator, quote_char=False, escape_char=False, newlines_in_values=False, ignore_empty_lines=False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: codes if position in as_codes else text for position, name in enumerate(names)},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # not UTF-8: the csv path names the line
        return None
    return [column.combine_chunks() for column in table.columns]


def _line_ends(piece: bytes) -> np.ndarray:
    return np.flatnonzero(np.frombuffer(piece, np.uint8) == LF)


def _is_even(block: bytes, separator: str, width: int) -> bool:
    """Whether all lines end alike, are of a usual length, and have the separators of the header."""
    signs = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(signs == LF)
    returns = np.flatnonzero(signs == CR)
    if len(returns) and not (len(returns) == len(ends) and np.array_equal(returns + 1, ends)):
        return False
    if np.diff(ends, prepend=-1).max() >= csv.field_size_limit():
        return False
    separators = np.flatnonzero(signs == ord(separator))
    counts = np.diff(np.searchsorted(separators, ends), prepend=0)
    return bool((counts == width - 1).all())
