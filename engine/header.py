"""Which column of a table holds which item, and what is to be said about the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.column_map import NO_COLUMN_MAP, ColumnMap
from engine.errors import UnusableInput
from engine.identifiers import identifier_kind
from engine.issues import Issue, IssueKind
from engine.nearest import nearest
from engine.values import quoted
from engine.vocabulary import RECORD_ID, Vocabulary


@dataclass(frozen=True)
class Header:
    """The columns of a table by what they hold: positions from 0."""

    names: tuple[str, ...]
    """As the caller wrote them."""
    position_of_item: Mapping[str, int]
    """Only items that have a column, in form order."""
    record_id_position: int | None
    issues: tuple[Issue, ...]
    """Unknown, missing and identifier-like columns, each once."""


def match_header(
    names: Sequence[object],
    vocabulary: Vocabulary,
    column_map: ColumnMap = NO_COLUMN_MAP,
    where: str = "the table",
    line: int | None = None,
) -> Header:
    """Match column names with items: trimmed, in any case, by way of the caller's column map.

    Raises UnusableInput when no column is known, a column stands twice, or two columns hold the same item.
    """
    written = tuple("" if name is None else str(name) for name in names)
    keys = [name.strip().lower() for name in written]
    _refuse_repeated(keys, where)
    meanings = [_meaning(key, vocabulary, column_map) for key in keys]
    _refuse_repeated_meaning(meanings, written, where)
    position_of = {meaning: position for position, meaning in enumerate(meanings) if meaning}
    if not position_of:
        shown = ", ".join(quoted(name) for name in written[:5])
        raise UnusableInput(
            f"{where} has no known column (its header is {shown}), so nothing about a patient can be read; "
            "use the names of the data dictionary (`python -m engine template`) or give a column map with --columns."
        )
    return Header(
        names=written,
        position_of_item={item: position_of[item] for item in vocabulary.names if item in position_of and item != RECORD_ID},
        record_id_position=position_of.get(RECORD_ID),
        issues=(
            *_unknown_columns(written, meanings, position_of, vocabulary, line),
            *_missing_columns(position_of, vocabulary, line),
            *_absent_from_map(keys, column_map, line),
            *_identifier_like(written, keys, vocabulary, line),
        ),
    )


def known_columns(names: Sequence[str], vocabulary: Vocabulary, column_map: ColumnMap = NO_COLUMN_MAP) -> int:
    """How many of the names are known: the separator of a file is the one that makes the most of them known."""
    return sum(_meaning(name.strip().lower(), vocabulary, column_map) is not None for name in names)


def _meaning(key: str, vocabulary: Vocabulary, column_map: ColumnMap) -> str | None:
    if key in column_map.item_of_column:
        return column_map.item_of_column[key]
    return key if key in vocabulary or key == RECORD_ID else None


def _refuse_repeated(keys: Sequence[str], where: str) -> None:
    seen: set[str] = set()
    for key in keys:
        # Columns without a name are ignored anyway: spreadsheets leave them behind at the right edge.
        if key and key in seen:
            raise UnusableInput(
                f"{where} has the column {quoted(key)} twice, so it is not clear which one counts; remove or rename one of them."
            )
        seen.add(key)


def _refuse_repeated_meaning(meanings: Sequence[str | None], written: Sequence[str], where: str) -> None:
    first: dict[str, str] = {}
    for meaning, name in zip(meanings, written):
        if meaning in first:
            raise UnusableInput(
                f"{where} has two columns for {meaning}, {quoted(first[meaning])} and {quoted(name)}, so it is not clear which one counts; "
                "remove one of them or change the column map."
            )
        if meaning:
            first[meaning] = name


def _unknown_columns(
    written: Sequence[str],
    meanings: Sequence[str | None],
    position_of: Mapping[str, int],
    vocabulary: Vocabulary,
    line: int | None,
) -> list[Issue]:
    free = [name for name in (*vocabulary.names, RECORD_ID) if name not in position_of]
    issues = []
    for position, (name, meaning) in enumerate(zip(written, meanings)):
        if meaning is not None:
            continue
        label = name.strip() or f"(column {position + 1}, without a name)"
        like = nearest(name, free)
        hint = f"Rename it to {like} if that is what it holds" if like else "Rename it or map it with --columns if it holds an item"
        reason = f"The column {quoted(label)} is not in the data dictionary, so it is not used."
        issues.append(_issue(label, "unknown_column", reason, f"{hint}; otherwise nothing needs doing.", line))
    return issues


def _missing_columns(position_of: Mapping[str, int], vocabulary: Vocabulary, line: int | None) -> list[Issue]:
    issues = []
    if RECORD_ID not in position_of:
        reason = "There is no column record_id, so the number of the data row stands in for it."
        issues.append(_issue(RECORD_ID, "missing_column", reason, "Add an opaque key of your own if results are to be joined by it.", line))
    for name in vocabulary.names:
        if name not in position_of and name != RECORD_ID:
            reason = f"There is no column {name}, so it is not recorded for any patient."
            action = f"Add the column if it is known, or state what may be assumed with --assume {name}=VALUE."
            issues.append(_issue(name, "missing_column", reason, action, line))
    return issues


def _absent_from_map(keys: Sequence[str], column_map: ColumnMap, line: int | None) -> list[Issue]:
    return [
        _issue(
            own,
            "missing_column",
            f"The column map names {quoted(own)} for {item}, but the file has no such column.",
            "Check the spelling in the column map.",
            line,
        )
        for own, item in column_map.item_of_column.items()
        if own not in keys
    ]


def _identifier_like(written: Sequence[str], keys: Sequence[str], vocabulary: Vocabulary, line: int | None) -> list[Issue]:
    issues = []
    for name, key in zip(written, keys):
        kind = None if key in vocabulary or key == RECORD_ID else identifier_kind(name)
        if kind:
            reason = f"The column {quoted(name)} looks like {kind}, and the tool needs nothing that identifies a patient."
            action = "Remove it before the file is used or passed on; keep only an opaque record_id."
            issues.append(_issue(name.strip(), "identifier_like", reason, action, line))
    return issues


def _issue(column: str, kind: IssueKind, reason: str, action: str, line: int | None) -> Issue:
    return Issue(None, line, "", column, "", kind, reason, action)
