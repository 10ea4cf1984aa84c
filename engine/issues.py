"""What was wrong with an input, one record for each finding, and the file that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from engine.writing import write_csv

IssueKind = Literal[
    "invalid", "unknown_column", "missing_column", "duplicate_id", "contradiction", "ragged_row", "identifier_like"
]
ISSUE_KINDS: tuple[str, ...] = get_args(IssueKind)
KINDS_THAT_MAKE_A_RUN_IMPERFECT: frozenset[str] = frozenset({"invalid", "ragged_row"})
"""Exit code 1. Unknown columns, duplicates and contradictions alone are exit code 0."""

HEADER = ("row", "line", "record_id", "column", "value", "kind", "reason", "action")


@dataclass(frozen=True)
class Issue:
    """One finding. `row` counts data rows from 1, `line` physical lines; both None where the finding belongs to no row."""

    row: int | None
    line: int | None
    record_id: str
    column: str
    value: str
    kind: IssueKind
    reason: str
    action: str

    def __post_init__(self) -> None:
        if self.kind not in ISSUE_KINDS:
            raise ValueError(f"{self.kind!r} is no kind of issue")


def write_issues(path: Path, issues: Iterable[Issue]) -> int:
    """Write the issues file (into a name that is put in place later); returns how many cells were defused."""
    return write_csv(path, HEADER, (_cells(issue) for issue in issues))


def _cells(issue: Issue) -> tuple[str, ...]:
    return (
        "" if issue.row is None else str(issue.row),
        "" if issue.line is None else str(issue.line),
        issue.record_id,
        issue.column,
        issue.value,
        issue.kind,
        issue.reason,
        issue.action,
    )
