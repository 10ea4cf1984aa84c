"""Tables of patients, by batches, so that a file larger than memory can be read. No row is ever dropped silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engine.column_map import NO_COLUMN_MAP, ColumnMap
from engine.errors import UnusableInput
from engine.header import Header, known_columns, match_header
from engine.issues import Issue
from engine.plain_text import LineTaker, plain_columns, skip_plain_lines
from engine.text_files import (
    SEPARATOR_NAMES,
    SEPARATORS,
    Record,
    check_is_readable_file,
    check_is_text,
    opened,
    records,
    records_from,
)
from engine.values import Spelling, is_missing, normalised_tokens
from engine.vocabulary import Vocabulary

PARQUET_ENDINGS = (".parquet", ".pq")
TEXT_ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt")
LONGEST_ROW_SHOWN = 200


@dataclass(frozen=True)
class Batch:
    """Some consecutive data rows of a table, not yet parsed.

    first_row: number of the first one, from 1. lines: the physical line on which each begins; None where the format has none.
    cells: raw values by column position (all columns of the input). ragged: rows whose cells could not be told apart; theirs are blank.
    """

    first_row: int
    rows: int
    record_ids: tuple[str, ...]
    lines: tuple[int, ...] | None
    cells: tuple[pd.Series, ...]
    ragged: np.ndarray
    ragged_issues: tuple[Issue, ...]
    empty_lines: int
    """Empty lines skipped since the batch before; those after the last row count with the last batch."""

    def issue_place(self, position: int) -> tuple[int, int | None, str]:
        """Row, line and record_id of a position (from 0) in the batch."""
        return self.first_row + position, None if self.lines is None else self.lines[position], self.record_ids[position]

    def input_texts(self, position: int) -> list[str]:
        """One input column as text, for `--keep-inputs`."""
        return [input_text(raw) for raw in self.cells[position]]


@dataclass(frozen=True)
class TextTable:
    """A table that can be read: its header, how it spells values, and its rows by batches (from the start at each call)."""

    path: Path
    format: Literal["text", "parquet"]
    header: Header
    header_line: int | None
    separator: str | None
    spelling: Spelling
    first_row: int = 1

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is to be said about the header, once."""
        return self.header.issues

    def iter_batches(self, rows: int) -> Iterator[Batch]:
        """Batches of at most so many rows. Raises UnusableInput where the file cannot be read to its end."""
        if rows < 1:
            raise UnusableInput(f"A batch of {rows} rows cannot be read; give --batch-rows a number of at least 1.")
        return _parquet_batches(self, rows) if self.format == "parquet" else _text_batches(self, rows)


class InputFiles(NamedTuple):
    """The files a path, folder or glob stands for, in the order of their names, and those of a folder that are not tables."""

    files: tuple[Path, ...]
    ignored: tuple[Path, ...]


def read_table(
    path: Path | str,
    vocabulary: Vocabulary,
    *,
    column_map: ColumnMap = NO_COLUMN_MAP,
    extra_missing: Iterable[str] = (),
    first_row: int = 1,
) -> TextTable:
    """Open a CSV file (`.csv`, `.csv.gz`, any other text) or a Parquet file by its ending; rows are read by `iter_batches`.

    Raises UnusableInput, in one sentence, for anything that is not a table with at least one known column and one row.
    """
    path = Path(path)
    check_is_readable_file(path)
    missing_tokens = normalised_tokens(extra_missing)
    if path.name.lower().endswith(PARQUET_ENDINGS):
        header = match_header(_parquet_names(path), vocabulary, column_map, str(path))
        return TextTable(path, "parquet", header, None, None, Spelling(missing_tokens, False, column_map.own_codes), first_row)
    check_is_text(path)
    separator, record = _separator_and_header(path, vocabulary, column_map)
    header = match_header(record.cells, vocabulary, column_map, str(path), record.line)
    _refuse_without_rows(path, separator, record.line, len(record.cells))
    # With a comma between cells, a comma inside one could be either.
    spelling = Spelling(missing_tokens, separator != ",", column_map.own_codes)
    return TextTable(path, "text", header, record.line, separator, spelling, first_row)


def find_inputs(text: str) -> InputFiles:
    """A file, all tables of a folder, or all that a glob names. Raises UnusableInput when there is none."""
    path = Path(text)
    with suppress(OSError, ValueError):
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
            tables = tuple(file for file in inside if file.name.lower().endswith(TEXT_ENDINGS + PARQUET_ENDINGS))
            if not tables:
                raise UnusableInput(f"The folder {path} has no CSV or Parquet file, so there is nothing to score; check the folder.")
            return InputFiles(tables, tuple(file for file in inside if file not in tables))
        if path.exists() or not any(mark in text for mark in "*?["):
            return InputFiles((path,), ())
        found = tuple(sorted(file for file in _glob(text) if file.is_file() and not file.name.startswith(".")))
        if found:
            return InputFiles(found, ())
    raise UnusableInput(f"No file is named like {text}, so there is nothing to score; check the folder and the pattern.")


def record_ids_from(raw: Iterable[object], first_row: int = 1) -> tuple[str, ...]:
    """The caller's text unchanged (`NA` and leading zeros survive); the data row number where it is blank."""
    texts = (input_text(value) for value in (raw.tolist() if isinstance(raw, pd.Series) else raw))
    return tuple(text if text.strip() else str(row) for row, text in enumerate(texts, start=first_row))


def input_text(raw: object) -> str:
    """A raw input value as text: text unchanged, a missing typed value empty, whole numbers without a decimal part."""
    if isinstance(raw, str):
        return raw
    if is_missing(raw):
        return ""
    if isinstance(raw, (list, tuple, np.ndarray)):
        return ";".join(input_text(entry) for entry in raw)
    # Typed files turn whole numbers beside a blank into decimals.
    if isinstance(raw, (float, np.floating)) and float(raw).is_integer():
        return str(int(raw))
    return str(raw)


class DuplicateRecordIds:
    """Collects the record_ids of all batches compactly and names every row that repeats an earlier one."""

    def __init__(self) -> None:
        self._ids: list[pa.Array] = []
        self._lines: list[np.ndarray] = []

    def add(self, record_ids: Sequence[str], lines: Sequence[int] | None) -> None:
        """Add the next batch, in row order."""
        self._ids.append(pa.array([_utf8(text) for text in record_ids], pa.large_string()))
        self._lines.append(np.zeros(len(record_ids), np.int64) if lines is None else np.asarray(lines, np.int64))

    def issues(self) -> Iterator[Issue]:
        """One issue for each row whose record_id an earlier row has, in row order."""
        if not self._ids:
            return
        ids = pa.chunked_array(self._ids).combine_chunks()
        place = ids.dictionary_encode().indices.to_numpy(zero_copy_only=False)
        _, first, inverse = np.unique(place, return_index=True, return_inverse=True)
        earlier = first[inverse]
        lines = np.concatenate(self._lines)
        for position in np.flatnonzero(earlier != np.arange(len(place))).tolist():
            text, line = ids[position].as_py(), int(lines[position]) or None
            reason = f"The record_id of this row is that of row {earlier[position] + 1} too, so results joined by it would be mixed up."
            action = "Give every row a record_id of its own; both rows are scored."
            yield Issue(position + 1, line, text, "record_id", text, "duplicate_id", reason, action)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _glob(pattern: str) -> Iterator[Path]:
    from glob import glob

    return (Path(found) for found in glob(pattern, recursive=True))


def _separator_and_header(path: Path, vocabulary: Vocabulary, column_map: ColumnMap) -> tuple[str, Record]:
    """The separator that makes the most columns known; among equals the most columns, then comma before semicolon before tab."""
    found: list[tuple[tuple[int, int], str, Record]] = []
    problem: UnusableInput | None = None
    for separator in SEPARATORS:
        try:
            record = next((record for record in records(path, separator) if any(cell.strip() for cell in record.cells)), None)
        except UnusableInput as error:
            problem = error
            continue
        if record is not None:
            found.append(((known_columns(record.cells, vocabulary, column_map), len(record.cells)), separator, record))
    if not found:
        raise problem or UnusableInput(f"{path} has only empty lines, so there is no patient to score; write a header and at least one row.")
    _, separator, record = max(found, key=lambda entry: entry[0])
    return separator, record


def _refuse_without_rows(path: Path, separator: str, header_line: int, width: int) -> None:
    below = (record for record in records(path, separator) if record.line > header_line and not _is_empty(record.cells, width))
    if next(below, None) is None:
        raise UnusableInput(f"{path} has a header but no data row, so there is no patient to score; write one row for each patient.")


def _is_empty(cells: Sequence[str], width: int) -> bool:
    """An empty line: no cell at all, or nothing but spaces where there should be several cells.

    A line of separators is a patient with nothing recorded, and so is a quoted empty cell in a table of one column.
    """
    return not cells or (width > 1 and len(cells) == 1 and not cells[0].strip())


def _text_batches(table: TextTable, rows: int) -> Iterator[Batch]:
    """Each batch is held back until it is known whether only empty lines follow, which are counted with it."""
    last: Batch | None = None
    for part in _text_parts(table, rows):
        if isinstance(part, int):
            last = replace(last, empty_lines=last.empty_lines + part) if last else None
            continue
        if last is not None:
            yield last
        last = part
    if last is not None:
        yield last


def _text_parts(table: TextTable, rows: int) -> Iterator[Batch | int]:
    """Batches, and at the end the number of empty lines after the last row. Plain blocks go the fast way until one is not plain."""
    width, header_line, separator = len(table.header.names), table.header_line or 1, table.separator or ","
    as_codes = set(table.header.position_of_item.values())
    with opened(table.path) as binary:
        if not skip_plain_lines(binary, header_line):
            yield from _record_batches(table, records(table.path, separator), rows, table.first_row, 0)
            return
        taker, row, line, empty_lines = LineTaker(binary), table.first_row, header_line + 1, header_line - 1
        while block := taker.take(rows):
            columns = plain_columns(block, separator, width, as_codes)
            if columns is None:
                rest = records_from(table.path, separator, binary, block + taker.held, line)
                yield from _record_batches(table, rest, rows, row, empty_lines)
                return
            batch = _plain_batch(table, columns, row, line, empty_lines)
            yield batch
            row, line, empty_lines = row + batch.rows, line + batch.rows, 0


def _plain_batch(table: TextTable, columns: Sequence[pa.Array], first_row: int, first_line: int, empty_lines: int) -> Batch:
    rows = len(columns[0])
    cells = tuple(column.to_pandas() for column in columns)
    return Batch(
        first_row=first_row,
        rows=rows,
        record_ids=_record_ids(table, cells, first_row, rows),
        lines=tuple(range(first_line, first_line + rows)),
        cells=cells,
        ragged=np.zeros(rows, dtype=bool),
        ragged_issues=(),
        empty_lines=empty_lines,
    )


def _record_batches(table: TextTable, found: Iterable[Record], rows: int, row: int, empty_lines: int) -> Iterator[Batch | int]:
    width, header_line = len(table.header.names), table.header_line or 1
    held: list[Record] = []
    for record in found:
        if record.line <= header_line:
            empty_lines += record.line < header_line
        elif _is_empty(record.cells, width):
            empty_lines += 1
        else:
            held.append(record)
            if len(held) == rows:
                yield _text_batch(table, held, row, width, empty_lines)
                row, held, empty_lines = row + len(held), [], 0
    if held:
        yield _text_batch(table, held, row, width, empty_lines)
    elif empty_lines:
        yield empty_lines


def _text_batch(table: TextTable, held: Sequence[Record], first_row: int, width: int, empty_lines: int) -> Batch:
    lines = tuple(record.line for record in held)
    ragged = np.array([len(record.cells) != width for record in held], dtype=bool)
    blank = [""] * width
    straight = [blank if is_ragged else record.cells for is_ragged, record in zip(ragged.tolist(), held)]
    cells = tuple(pd.Series(_object_array(column), dtype=object) for column in zip(*straight))
    record_ids = _record_ids(table, cells, first_row, len(held))
    return Batch(
        first_row=first_row,
        rows=len(held),
        record_ids=record_ids,
        lines=lines,
        cells=cells,
        ragged=ragged,
        ragged_issues=tuple(
            _ragged_issue(table, held[position], first_row + position, record_ids[position], width)
            for position in np.flatnonzero(ragged).tolist()
        ),
        empty_lines=empty_lines,
    )


def _object_array(column: Sequence[str]) -> np.ndarray:
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return array


def _ragged_issue(table: TextTable, record: Record, row: int, record_id: str, width: int) -> Issue:
    separator = table.separator or ","
    count = len(record.cells)
    many = "too many" if count > width else "too few"
    reason = (
        f"The row has {count} cells where the header has {width} ({many}), so it is not clear which cell belongs to which column "
        "and none of its values is used."
    )
    action = f"Write exactly {width} cells; put a text that contains a {SEPARATOR_NAMES[separator]} in quotation marks."
    return Issue(row, record.line, record_id, "", separator.join(record.cells)[:LONGEST_ROW_SHOWN], "ragged_row", reason, action)


def _record_ids(table: TextTable, cells: Sequence[pd.Series], first_row: int, rows: int) -> tuple[str, ...]:
    position = table.header.record_id_position
    if position is None:
        return tuple(str(row) for row in range(first_row, first_row + rows))
    return record_ids_from(cells[position], first_row)


def _parquet_names(path: Path) -> list[str]:
    try:
        with pq.ParquetFile(path) as file:
            rows, names = file.metadata.num_rows, list(file.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _parquet_problem(path, error) from error
    if rows == 0:
        raise UnusableInput(f"{path} has columns but no data row, so there is no patient to score; write one row for each patient.")
    return names


def _parquet_batches(table: TextTable, rows: int) -> Iterator[Batch]:
    row = table.first_row
    try:
        with pq.ParquetFile(table.path) as file:
            for arrow in file.iter_batches(batch_size=rows):
                if arrow.num_rows == 0:
                    continue
                cells = tuple(_series_from_arrow(column) for column in arrow.columns)
                yield Batch(
                    first_row=row,
                    rows=arrow.num_rows,
                    record_ids=_record_ids(table, cells, row, arrow.num_rows),
                    lines=None,
                    cells=cells,
                    ragged=np.zeros(arrow.num_rows, dtype=bool),
                    ragged_issues=(),
                    empty_lines=0,
                )
                row += arrow.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _parquet_problem(table.path, error) from error


def _series_from_arrow(column: pa.Array) -> pd.Series:
    """Typed values as they are; nested and dictionary-encoded ones as Python objects."""
    if pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type):
        array = np.empty(len(column), dtype=object)
        for position, value in enumerate(column.to_pylist()):
            array[position] = value
        return pd.Series(array, dtype=object)
    return pd.Series(pd.arrays.ArrowExtensionArray(column))


def _parquet_problem(path: Path, error: Exception) -> UnusableInput:
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UnusableInput(f"{path} cannot be read as a Parquet file ({why}), so nothing can be scored; write it again or copy it again.")


def columns_by_item(table: TextTable, batch: Batch) -> Mapping[str, pd.Series]:
    """The raw columns of a batch by the item they hold."""
    return {item: batch.cells[position] for item, position in table.header.position_of_item.items()}
