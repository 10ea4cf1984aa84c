"""Files written whole, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from engine.errors import UnusableOutput

PARTIAL_PREFIX = ".partial-"
_RUN_BY_SPREADSHEETS = ("=", "+", "@", "\t", "\r")
# Also the range of a score (-1..3), which no spreadsheet takes for a formula.
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?:\.\.-?[0-9]+)?")


def is_run_by_spreadsheets(text: str) -> bool:
    """Whether a spreadsheet could take the cell for a formula. `-2+3` is one, `-2` is a number."""
    return text.startswith(_RUN_BY_SPREADSHEETS) or (text.startswith("-") and not _NEGATIVE_NUMBER.fullmatch(text))


def defused(text: str) -> str:
    """The text, with `'` before it where a spreadsheet would run it."""
    return f"'{text}" if is_run_by_spreadsheets(text) else text


def defused_array(texts: np.ndarray) -> tuple[np.ndarray, int]:
    """A column of texts with each distinct one looked at once, and how many cells were changed."""
    codes, unique = pd.factorize(texts, use_na_sentinel=False)
    changed = np.array([is_run_by_spreadsheets(text) for text in unique], dtype=bool)
    safe = np.array([defused(text) for text in unique], dtype=object)
    if not changed.any():
        return texts, 0
    return safe[codes], int(changed[codes].sum())


class _LfRows:
    """Ends rows with LF. The csv module quotes a cell with a lone CR only while CR is part of the row's end."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> int:
        return self._file.write(row.removesuffix("\r\n") + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """UTF-8 without BOM, LF, minimal quoting. Returns how many cells were defused (those of the header included)."""
    changed = 0
    try:
        # Half a surrogate pair can come from JSON and has no UTF-8: it is written as its escape.
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(_LfRows(file), lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
            for row in chain([header], rows):
                safe = [defused(text) for text in row]
                changed += sum(map(str.__ne__, safe, row))
                writer.writerow(safe)
    except OSError as error:
        raise UnusableOutput(
            f"{path} cannot be written ({error.strerror}), so the result would be incomplete; make room or choose another folder."
        ) from error
    return changed


class WholeFiles:
    """Files that belong together: each written under a temporary name, all put in place at the end or none.

        with whole_files() as files:
            write_csv(files.temporary(output), ...)
            write_issues(files.temporary(issues), ...)
    """

    def __init__(self) -> None:
        self._final_by_temporary: dict[Path, Path] = {}

    def temporary(self, final: Path | str) -> Path:
        """A name in the same folder and with the same ending, so that putting in place is one rename."""
        # A link stays a link: what it points to is replaced.
        final = Path(os.path.realpath(final))
        if final.is_dir():
            raise UnusableOutput(f"{final} is a folder, so no result can be written there; name a file in it.")
        temporary = final.with_name(f"{PARTIAL_PREFIX}{secrets.token_hex(4)}-{final.name}")
        try:
            temporary.open("x").close()
        except OSError as error:
            raise UnusableOutput(
                f"Nothing can be written in {final.parent} ({error.strerror}), so the result {final.name} would be lost; "
                "make the folder, free its space or its permissions, or choose another one."
            ) from error
        self._final_by_temporary[temporary] = final
        return temporary

    def put_in_place(self) -> None:
        """Give every file its name, in the order in which they were asked for."""
        for temporary in self._final_by_temporary:
            _flush_to_disk(temporary)
        for temporary, final in list(self._final_by_temporary.items()):
            try:
                os.replace(temporary, final)
            except OSError as error:
                raise UnusableOutput(
                    f"{final} cannot be put in place ({error.strerror}); close the program that holds it and run again."
                ) from error
            del self._final_by_temporary[temporary]

    def discard(self) -> None:
        """Remove what has not been put in place."""
        for temporary in self._final_by_temporary:
            with suppress(OSError):
                temporary.unlink()
        self._final_by_temporary.clear()


@contextmanager
def whole_files() -> Iterator[WholeFiles]:
    """Everything written inside is put in place when the block ends well, and removed when it does not."""
    files = WholeFiles()
    try:
        yield files
        files.put_in_place()
    finally:
        # Also on an interrupt: a stopped run leaves no half file.
        files.discard()


@contextmanager
def whole_file(final: Path | str) -> Iterator[Path]:
    """One file written whole: the block writes to the name it is given."""
    with whole_files() as files:
        yield files.temporary(final)


def _flush_to_disk(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
