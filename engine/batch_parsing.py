"""A batch of raw rows to typed columns, with everything that was wrong and everything that was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.assumptions import apply_assumptions
from engine.column_building import InvalidCell, build_column
from engine.columns import Columns
from engine.issues import Issue
from engine.reading import Batch, TextTable, columns_by_item
from engine.values import Value
from engine.vocabulary import Vocabulary


@dataclass(frozen=True)
class ParsedBatch:
    """Typed columns of a batch. `invalid` and `assumed` give, by item in form order, the rows concerned as boolean masks."""

    columns: Columns
    issues: tuple[Issue, ...]
    """Ragged rows and invalid cells, by row and then by form order."""
    invalid: Mapping[str, np.ndarray]
    assumed: Mapping[str, np.ndarray]


def parse_batch(vocabulary: Vocabulary, table: TextTable, batch: Batch, assumptions: Mapping[str, Value]) -> ParsedBatch:
    """Read every cell of a batch once. An invalid cell is not recorded, listed, and never filled by an assumption."""
    by_item, invalid, cells = {}, {}, []
    for name, series in columns_by_item(table, batch).items():
        by_item[name], invalid_cells = build_column(vocabulary[name], series, table.spelling)
        if invalid_cells:
            mask = np.zeros(batch.rows, dtype=bool)
            mask[[cell.position for cell in invalid_cells]] = True
            invalid[name] = mask
            cells.extend(invalid_cells)
    assumed = apply_assumptions(vocabulary, Columns(batch.rows, by_item), assumptions, invalid, batch.ragged)
    found = [*batch.ragged_issues, *(_issue(batch, table, cell) for cell in cells)]
    return ParsedBatch(
        columns=assumed.columns,
        issues=tuple(sorted(found, key=lambda issue: issue.row or 0)),
        invalid=invalid,
        assumed={name: assumed.where[name] for name in vocabulary.names if name in assumed.where},
    )


def _issue(batch: Batch, table: TextTable, cell: InvalidCell) -> Issue:
    row, line, record_id = batch.issue_place(cell.position)
    # The caller finds the cell under the caller's own heading.
    column = table.header.names[table.header.position_of_item[cell.item]].strip()
    return Issue(row, line, record_id, column, cell.text, "invalid", cell.reason, cell.action)
