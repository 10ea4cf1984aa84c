"""A cohort file under the guidelines that are on: how far they agree, and which criteria part them (`python -m engine agreement`)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from engine.agreement import Cause, PairAgreement, comparable_pairs, count_partings, counted_pair, merged_causes
from engine.batch_parsing import parse_batch
from engine.evaluator import Evaluator
from engine.reading import find_inputs, read_table
from engine.score_options import ROWS_PER_BATCH
from engine.scoring import score_columns

CAUSES_SHOWN = 20


class CohortAgreement:
    """Reads a cohort (a file, a folder, or a glob) once. Raises UnusableInput when it is no table of patients."""

    def __init__(self, evaluator: Evaluator, cohort: str) -> None:
        self.patients = self.unusable = 0
        pairs: dict[tuple[str, str], PairAgreement] = {}
        partings: Counter = Counter()
        for path in find_inputs(cohort).files:
            table = read_table(path, evaluator.rules.vocabulary)
            for batch in table.iter_batches(ROWS_PER_BATCH):
                parsed = parse_batch(evaluator.rules.vocabulary, table, batch, {})
                self.patients += batch.rows
                self.unusable += len(parsed.issues)
                partings.update(count_partings(evaluator, parsed.columns))
                scored = score_columns(evaluator, parsed.columns)
                for question, left, right in comparable_pairs(evaluator):
                    pair = counted_pair(question, left, right, scored[left], scored[right])
                    pairs[left, right] = pairs[left, right] + pair if (left, right) in pairs else pair
        self.pairs: tuple[PairAgreement, ...] = tuple(pairs.values())
        self.causes: tuple[Cause, ...] = merged_causes(partings)

    def lines(self) -> Iterator[str]:
        """Every pair with its denominators, then the criteria that part most patients; coverage and clinical questions apart."""
        for question in dict.fromkeys(pair.question for pair in self.pairs):
            yield f"{question}: the same verdict, of the patients for whom both guidelines apply and are settled"
            yield from (_pair_line(pair) for pair in self.pairs if pair.question == question)
            yield f"{question}: criteria on which most of them part (patients, counted once for each pair)"
            yield from (_cause_line(cause) for cause in [cause for cause in self.causes if cause.question == question][:CAUSES_SHOWN])


def _pair_line(pair: PairAgreement) -> str:
    apart = f"{pair.undecided} undecided, {pair.not_applicable} not applicable, of {pair.rows}"
    if not pair.compared:
        return f"  {pair.left} / {pair.right}: none to compare; {apart}"
    kappa = "not defined" if math.isnan(pair.kappa) else f"{pair.kappa:.2f}"
    return f"  {pair.left} / {pair.right}: {pair.same} of {pair.compared} ({pair.share:.1%}), kappa {kappa}; {apart}"


def _cause_line(cause: Cause) -> str:
    held, other = cause.pairs[0]
    what = f"{cause.criterion} (asks for {cause.asked})" if cause.criterion else f"{cause.column or held} says the same of everyone who gets that far"
    beside = f" against {cause.other_criterion}" if cause.other_criterion else ""
    return f"  {cause.rows}: {what}{beside}; {(cause.detail or cause.kind).replace('_', ' ')}, most often {held} against {other}"
