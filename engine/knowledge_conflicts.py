"""Where the sources conflict (`rules/reference/conflicts.yaml`), as matrices and from the side of one pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.cited import SourceFinding
from engine.knowledge_entries import ConflictCell, ConflictColumn, ConflictMatrix, ConflictRow, PackConflict
from engine.reference_schema import CellForm, MatrixGateForm
from engine.ruleset import Pack, RuleSet
from engine.situation import cite

CONFLICT_TABLE, CONTRAINDICATIONS = "conflict_table", "contraindication_matrix"
WARNING = "warning"


def matrices_of(rules: RuleSet) -> tuple[ConflictMatrix, ...]:
    """The conflict table, and how each source classes the contraindications."""
    return _conflict_table(rules), _contraindications(rules)


def conflicts_of(pack: Pack, matrices: tuple[ConflictMatrix, ...]) -> tuple[PackConflict, ...]:
    """The questions on which the pack's own body says something and others say something else."""
    return tuple(conflict for matrix in matrices for column in matrix.columns if pack.id in column.packs for conflict in _against(matrix, column))


def _against(matrix: ConflictMatrix, column: ConflictColumn) -> Iterator[PackConflict]:
    for row in matrix.rows:
        own = row.cells.get(column.id)
        others = [(other.label, row.cells[other.id]) for other in matrix.columns if other.id in row.cells and other.id != column.id]
        different = tuple((label, cell) for label, cell in others if own is not None and cell.text != own.text)
        if different:
            yield PackConflict(matrix.id, row.id, row.label, own, different)


def _conflict_table(rules: RuleSet) -> ConflictMatrix:
    form = rules.advice.conflicts.conflict_table
    columns = tuple(ConflictColumn(body.id, body.label, tuple(pack for pack in body.packs if pack in rules.packs)) for body in form.bodies)
    rows = tuple(ConflictRow(axis.id, axis.label, _cells(rules, axis.cells, {}), ()) for axis in form.axes)
    return ConflictMatrix(CONFLICT_TABLE, columns, rows)


def _contraindications(rules: RuleSet) -> ConflictMatrix:
    form = rules.advice.conflicts.contraindication_matrix
    columns = tuple(
        ConflictColumn(column.id, column.label, tuple(pack.id for pack in rules.packs.values() if pack.source == column.source))
        for column in form.columns
    )
    rows = tuple(ConflictRow(row.id, row.label, _cells(rules, row.cells, form.classes), tuple(map(_in_pathway, row.pathway))) for row in form.rows)
    return ConflictMatrix(CONTRAINDICATIONS, columns, rows)


def _in_pathway(gate: MatrixGateForm) -> tuple[str, str]:
    return gate.when, WARNING if gate.warning else gate.gate


def _cells(rules: RuleSet, cells: Mapping[str, CellForm], classes: Mapping[str, str]) -> dict[str, ConflictCell]:
    return {column: _cell(rules, cell, classes) for column, cell in cells.items()}


def _cell(rules: RuleSet, cell: CellForm, classes: Mapping[str, str]) -> ConflictCell:
    words = [classes[cell.stated_class]] if cell.stated_class else []
    return ConflictCell(
        text=": ".join([*words, *([cell.text] if cell.text else [])]), recalled=cell.recalled, recalled_text=cell.recalled_text,
        source=_source(rules, cell), provenance=cell.text_provenance or "",
    )


def _source(rules: RuleSet, cell: CellForm) -> SourceFinding | None:
    return cite(rules, [cell.text_source])[0] if cell.text_source else None
