"""A cohort file under two rule sets: one row for each answer that differs (`python -m engine diff`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.batch_parsing import ParsedBatch, parse_batch
from engine.coded import LIST_SEPARATOR
from engine.errors import UnusableOutput
from engine.evaluator import Evaluator
from engine.reading import Batch, TextTable, find_inputs, read_table
from engine.rule_difference import columns_in_one_only, moves
from engine.score_options import ROWS_PER_BATCH

HEADER = ("record_id", "column", "old", "new", "criteria")


@dataclass
class CohortDifference:
    """The rows of the difference, made one batch of patients after the other, and what was counted on the way.

    Raises UnusableInput, before the first row, when the cohort is no table of patients.
    """

    old: Evaluator
    new: Evaluator
    cohort: str
    """A file, a folder, or a glob of them."""
    patients: int = 0
    unusable: int = 0
    """Invalid cells, and rows with a wrong number of cells; they count as not recorded, as in `score`."""
    moved: Counter[str] = field(default_factory=Counter)
    """How many patients moved, by column."""

    def __post_init__(self) -> None:
        self._files = find_inputs(self.cohort).files
        self._pairs = [tuple(read_table(path, evaluator.rules.vocabulary) for evaluator in (self.old, self.new)) for path in self._files]

    def check_output(self, output: Path) -> None:
        """Raises UnusableOutput when writing there would replace the patients."""
        if output.resolve() in {path.resolve() for path in self._files}:
            raise UnusableOutput(f"{output} is the cohort itself, so the patients would be lost; give the output another name.")

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Cells under `HEADER`: in row order, and for each patient in the order of the new rules' columns."""
        for old_table, new_table in self._pairs:
            for batch, new_batch in zip(old_table.iter_batches(ROWS_PER_BATCH), new_table.iter_batches(ROWS_PER_BATCH)):
                yield from self._of_batch(batch, self._parsed(self.old, old_table, batch), self._parsed(self.new, new_table, new_batch))

    def lines(self) -> Iterator[str]:
        """What a person is told at the end: counts, nothing of any patient."""
        yield f"{self.patients} patients, {sum(self.moved.values())} answers differ."
        for column, many in self.moved.items():
            yield f"  {column}: {many}"
        for column, where in columns_in_one_only(self.old, self.new):
            yield f"  {column}: not compared {where}"
        if self.unusable:
            yield f"{self.unusable} invalid cells or rows with a wrong number of cells count as not recorded; 'score' lists them with their reasons."

    def _parsed(self, evaluator: Evaluator, table: TextTable, batch: Batch) -> ParsedBatch:
        """Each rule set reads the cells with its own vocabulary."""
        return parse_batch(evaluator.rules.vocabulary, table, batch, {})

    def _of_batch(self, batch: Batch, before: ParsedBatch, after: ParsedBatch) -> Iterator[tuple[str, ...]]:
        self.patients += batch.rows
        self.unusable += len(after.issues)
        for move in moves(self.old, self.new, before.columns, after.columns):
            self.moved[move.column] += 1
            yield batch.record_ids[move.row], move.column, move.old, move.new, LIST_SEPARATOR.join(move.criteria)
