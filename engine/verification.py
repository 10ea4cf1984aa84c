"""A second opinion on a cohort: random rows answered again by durable-rules and compared with what the columns say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.coded import LIST_SEPARATOR, Coded
from engine.column_building import columns_from_patients, patient_at
from engine.columns import Columns
from engine.derived import with_derived
from engine.evaluator import Evaluator
from engine.ruleset import AUGMENTATION
from engine.truth import Truth
from engine.values import Value

CORRECT_FIRST = "correct_first"


@dataclass(frozen=True)
class Disagreement:
    """One cell on which the evaluators differ. Holds codes only, nothing else of the patient."""

    row: int
    column: str
    by_columns: str
    by_durable_rules: str


class VerificationFailed(Exception):
    """The two evaluators differ on at least one row, so there is no result: exit code 3."""

    def __init__(self, disagreements: Iterable[Disagreement]) -> None:
        self.disagreements = tuple(disagreements)
        rows = len({found.row for found in self.disagreements})
        first = self.disagreements[0]
        super().__init__(
            f"The two evaluators disagree on {rows} of the rows that were checked, first on row {first.row}, column {first.column} "
            f"({first.by_columns or 'empty'} by columns, {first.by_durable_rules or 'empty'} by durable-rules), so no result was put in place; "
            "this is a fault of the program: please report it with the versions of `python -m engine check`."
        )


@dataclass(frozen=True)
class _Drawn:
    lot: float
    row: int
    patient: Mapping[str, Value]
    answers: Mapping[str, str]


class RandomRows:
    """Draws rows for verification while a file streams by: every row gets a lot, the `count` smallest lots win.

    The same seed draws the same rows whatever the size of the batches.
    """

    def __init__(self, evaluator: Evaluator, count: int, seed: int) -> None:
        self._evaluator, self._count = evaluator, count
        self._lots = np.random.default_rng(seed)
        self._drawn: list[_Drawn] = []

    def consider(self, first_row: int, columns: Columns, scored: Mapping[str, Coded]) -> None:
        """Draw from the next rows. `columns` is what was scored (assumptions filled in)."""
        lots = self._lots.random(columns.rows)
        limit = self._drawn[-1].lot if len(self._drawn) == self._count and self._drawn else np.inf
        for position in np.argsort(lots)[: self._count]:
            if lots[position] >= limit:
                break
            patient = patient_at(self._evaluator.rules.vocabulary, columns, int(position))
            answers = {name: column.cell(int(position)) for name, column in scored.items()}
            self._drawn.append(_Drawn(float(lots[position]), first_row + int(position), patient, answers))
        self._drawn = sorted(self._drawn, key=lambda drawn: drawn.lot)[: self._count]

    def verify(self) -> int:
        """Answer the drawn rows again; how many there were. Raises VerificationFailed."""
        found = [
            Disagreement(drawn.row, name, drawn.answers[name], answer)
            for drawn in self._drawn
            for name, answer in answers_by_durable_rules(self._evaluator, drawn.patient).items()
            if drawn.answers[name] != answer
        ]
        if found:
            raise VerificationFailed(sorted(found, key=lambda disagreement: disagreement.row))
        return len(self._drawn)


def answers_by_durable_rules(evaluator: Evaluator, patient: Mapping[str, Value]) -> dict[str, str]:
    """The cells of the output that durable-rules can answer for one patient: all but the missing and the next item."""
    rules, vocabulary = evaluator.rules, evaluator.rules.vocabulary
    proof = evaluator.chain.prove(with_derived(vocabulary, columns_from_patients(vocabulary, [patient])))

    def met(ids: Iterable[str]) -> list[str]:
        return [id for id in ids if proof.states[evaluator.program.criterion_steps[id]] is Truth.MET]

    def codes(ids: Iterable[str]) -> str:
        return LIST_SEPARATOR.join(rules.criteria[id].code or id for id in ids)

    pathway = proof.answers[rules.pathway.name]
    part_a = next(branch for branch in rules.pathway.branches if branch.outcome == CORRECT_FIRST)
    is_open = pathway == AUGMENTATION or (pathway == CORRECT_FIRST and not met(part_a.criteria))
    chosen = (choice.procedure for choice in rules.procedure_choice if len(met(choice.when)) == len(choice.when) and not met(choice.unless))
    answers = {
        "pathway": pathway,
        "procedure": next(chosen) if is_open else "",
        "possible_pathways": LIST_SEPARATOR.join(proof.possible[rules.pathway.name]),
        "deciding_criteria": codes(next((found for branch in rules.pathway.branches if (found := met(branch.criteria))), [])),
        "triggered_criteria": codes(met(rules.triggers)),
        "warnings": codes(met(rules.warnings)),
        "contradictions": codes(met(rules.contradictions)),
    }
    answers |= {verdicts.column: proof.answers[verdicts.decision.name] for pack in evaluator.packs for verdicts in pack.verdicts}
    on = {pack.id for pack in evaluator.packs}
    return answers | {f"{table}_points": str(proof.points.get(table, "")) for table in rules.points_tables if table in on}
