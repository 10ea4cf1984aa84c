"""The scored table on disk, batch by batch: CSV or Parquet, the same cells in both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.coded import Coded
from engine.errors import UnusableOutput
from engine.writing import defused, is_run_by_spreadsheets

CSV_ENDINGS = (".csv",)
PARQUET_ENDINGS = (".parquet", ".pq")
_NEEDS_QUOTES = r'[",\r\n]'
_TEXT = pa.large_string()
_NOTHING, _COMMA, _LINE_END, _QUOTE = (pa.scalar(text, _TEXT) for text in ("", ",", "\n", '"'))


class ScoredFile(Protocol):
    """Takes columns of consecutive rows; every call has the same columns."""

    defused_cells: int

    def write(self, columns: Mapping[str, Coded]) -> None: ...

    def close(self) -> None: ...


def check_ending(path: Path) -> None:
    """Raises UnusableOutput when the ending names no format that can be written."""
    if not path.name.lower().endswith(CSV_ENDINGS + PARQUET_ENDINGS):
        raise UnusableOutput(f"{path} ends neither in .csv nor in .parquet, so it is not clear what to write; give the output one of these endings.")


def scored_file(path: Path, whole_numbers: frozenset[str]) -> ScoredFile:
    """The file of a (temporary) name by its ending. whole_numbers: columns that Parquet holds as numbers."""
    check_ending(path)
    return _ParquetOutput(path, whole_numbers) if path.name.lower().endswith(PARQUET_ENDINGS) else _CsvOutput(path)


class _CsvOutput:
    """UTF-8 without BOM, LF, minimal quoting. Each distinct text is made a cell once; rows are joined by Arrow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self.defused_cells = 0

    def write(self, columns: Mapping[str, Coded]) -> None:
        try:
            if self._file is None:
                self._file = open(self._path, "wb")
                header = [_quoted(pa.array([defused(name)], _TEXT))[0].as_py() for name in columns]
                self._file.write((",".join(header) + "\n").encode())
            *cells, last = (self._cells(column) for column in columns.values())
            rows = pc.binary_join_element_wise(*cells, pc.binary_join_element_wise(last, _LINE_END, _NOTHING), _COMMA)
            # The texts of the rows lie one after the other in the array's own buffer: that is the file.
            size = int(np.frombuffer(rows.buffers()[1], np.int64)[len(rows)])
            self._file.write(memoryview(rows.buffers()[2])[:size])
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _cells(self, column: Coded) -> pa.Array:
        texts, changed = _defused(column)
        self.defused_cells += changed
        return _quoted(texts).take(pa.array(column.codes))


class _ParquetOutput:
    def __init__(self, path: Path, whole_numbers: frozenset[str]) -> None:
        self._path, self._whole_numbers = path, whole_numbers
        self._writer: pq.ParquetWriter | None = None
        self.defused_cells = 0

    def write(self, columns: Mapping[str, Coded]) -> None:
        table = pa.table({name: self._cells(name, column) for name, column in columns.items()})
        try:
            if self._writer is None:
                self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
            self._writer.write_table(table)
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _cells(self, name: str, column: Coded) -> pa.Array:
        if name in self._whole_numbers:
            return pa.array([int(text) if text else None for text in column.texts], pa.int64()).take(pa.array(column.codes))
        texts, changed = _defused(column)
        self.defused_cells += changed
        return texts.cast(pa.string()).take(pa.array(column.codes))


def _defused(column: Coded) -> tuple[pa.Array, int]:
    """The distinct texts with `'` before those that a spreadsheet would run, and how many cells that changes."""
    changed = np.array([is_run_by_spreadsheets(text) for text in column.texts], bool)
    texts = [defused(text) for text in column.texts] if changed.any() else column.texts
    return pa.array(texts, _TEXT), int(changed[column.codes].sum())


def _quoted(texts: pa.Array) -> pa.Array:
    needed = pc.match_substring_regex(texts, _NEEDS_QUOTES)
    if not pc.any(needed).as_py():
        return texts
    quoted = pc.binary_join_element_wise(_QUOTE, pc.replace_substring(texts, '"', '""'), _QUOTE, _NOTHING)
    return pc.if_else(needed, quoted, texts)


def _cannot_write(path: Path, error: OSError) -> UnusableOutput:
    return UnusableOutput(
        f"{path.parent} cannot be written to ({error.strerror}), so the result would be incomplete and was removed; "
        "make room or choose another folder."
    )
