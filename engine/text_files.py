"""Text tables, record by record, with the physical line of each; whatever is not a text table is refused in words."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

from engine.errors import UnusableInput

SEPARATORS = (",", ";", "\t")
SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive", "save the sheet as CSV UTF-8"),
    (b"PAR1", "a Parquet file", "give it the ending .parquet"),
    (b"\x1f\x8b", "compressed", "give it the ending .csv.gz"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV UTF-8"),
    (b"%PDF", "a PDF document", "export the table as CSV UTF-8"),
    (b"\xff\xfe", "UTF-16 text", "save it as CSV UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as CSV UTF-8"),
)
_GZIP = b"\x1f\x8b"
LONGEST_LINE = 8 << 20


class Record(NamedTuple):
    """One record of a file and the physical line (from 1) on which it begins. An empty line has no cells."""

    line: int
    cells: list[str]


def check_is_readable_file(path: Path) -> None:
    """Raises UnusableInput when there is no such file, it is a folder, or it may not be read."""
    if "\0" in str(path):
        raise UnusableInput(f"{str(path)!r} cannot be read, for no file can have such a name; check the name.")
    with _file_problems(path):
        if path.is_dir():
            raise UnusableInput(f"{path} is a folder, so there is no table to read; name a file in it.")
        if path.exists() and not path.is_file():
            raise UnusableInput(f"{path} is not an ordinary file, and it must be read more than once; save it as a file first.")
        with open(path, "rb") as file:
            start = file.read(8)
    if not start:
        raise UnusableInput(f"{path} is empty, so there is no patient to score; write a header and at least one row.")


def check_is_text(path: Path) -> None:
    """Raises UnusableInput when the first bytes are those of another kind of file."""
    compressed = is_compressed(path)
    with opened(path) as file:
        start = file.read(8)
    if not start:
        raise UnusableInput(f"{path} is empty, so there is no patient to score; write a header and at least one row.")
    for signature, what, action in _SIGNATURES:
        if start.startswith(signature) and not (compressed and signature == _GZIP):
            raise UnusableInput(f"{path} is {what}, not a text table, so its cells cannot be read; {action}.")


def is_compressed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def records(path: Path, separator: str) -> Iterator[Record]:
    """All records of a text file in order, empty lines included.

    Raises UnusableInput where the file stops being UTF-8 text or a quotation mark is out of place: from there on no cell could be
    trusted to stand in its own column.
    """
    with opened(path) as binary:
        yield from records_from(path, separator, binary)


def records_from(path: Path, separator: str, binary: IO[bytes], before: bytes = b"", first_line: int = 1) -> Iterator[Record]:
    """The records of an open file from where it stands, after `before`, which was already taken from it."""
    reader = csv.reader(_decoded_lines(path, chain(_split(before), _pieces(binary)), first_line), delimiter=separator, strict=True)
    begins = first_line
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _quoting_problem(path, begins, first_line - 1 + reader.line_num, error) from error
        if cells is None:
            return
        yield Record(begins, cells)
        begins = first_line + reader.line_num


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of the text, decompressed. What the system reports becomes UnusableInput."""
    with _file_problems(path), gzip.open(path, "rb") if is_compressed(path) else open(path, "rb") as file:
        yield file


def _split(taken: bytes) -> list[bytes]:
    return taken.splitlines(keepends=True)


def _decoded_lines(path: Path, pieces: Iterable[bytes], first_line: int) -> Iterator[str]:
    """Physical lines with their ends (CRLF, LF or CR), without the byte order mark."""
    for number, line in enumerate(_physical_lines(path, pieces), start=first_line):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in line:
            raise UnusableInput(
                f"{path} is not a text file: line {number} has a zero byte, so its cells cannot be trusted; save the table as CSV UTF-8."
            )
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnusableInput(
                f"{path} is not UTF-8 text: line {number} has the byte {error.object[error.start]:#04x}, so letters would be misread; "
                "save the table as CSV UTF-8."
            ) from error


def _physical_lines(path: Path, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines split at CRLF, LF and CR. Python splits bytes at LF only, so lone CRs are looked for inside."""
    held = b""
    for piece in pieces:
        piece = held + piece
        held = b""
        if len(piece) > LONGEST_LINE and b"\r" not in piece:
            raise UnusableInput(
                f"{path} has a line of more than {LONGEST_LINE >> 20} megabytes, so it is no table of patients; save the table as CSV UTF-8."
            )
        if b"\r" not in piece:
            if piece.endswith(b"\n"):
                yield piece
            else:
                held = piece
            continue
        lines = piece.splitlines(keepends=True)
        # A CR at the end of a piece may be the first half of a CRLF.
        if not lines[-1].endswith(b"\n"):
            held = lines.pop()
        yield from lines
    if held:
        yield from held.splitlines(keepends=True)


def _pieces(binary: IO[bytes]) -> Iterator[bytes]:
    """The file up to each LF, or in pieces where there is none for long."""
    while piece := binary.readline(1 << 16):
        yield piece


def _quoting_problem(path: Path, begins: int, line: int, error: csv.Error) -> UnusableInput:
    if "field larger" in str(error):
        what = f"a cell that begins in line {begins} has more than {csv.field_size_limit()} characters"
    else:
        what = f"a quotation mark in line {begins} is not closed or is followed by other text (found in line {line})"
    return UnusableInput(
        f"{path} cannot be read as a table: {what}, so the cells after it may stand in the wrong columns; mend the quotation marks there."
    )


@contextmanager
def _file_problems(path: Path) -> Iterator[None]:
    """What the operating system or the decompression reports, as one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnusableInput(f"{path} does not exist, so there is nothing to read; check the name and the folder.") from error
    except PermissionError as error:
        raise UnusableInput(f"{path} may not be read by this user, so nothing can be scored; change its permissions.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnusableInput(
            f"{path} is not a complete gzip file ({error}), so rows may be missing at its end; compress or copy it again."
        ) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise UnusableInput(f"{path} cannot be read ({why}), so nothing can be scored; check the name and the disk.") from error
