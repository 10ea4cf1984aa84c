"""Cases beside the rules: written patients, the answer each should get, and whether it is got (`docs/knowledge-format.md`).

All cases run at once through the columnar evaluator; `found_in` reads the same from the assessment of one patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.assessment import Assessment
from engine.coded import Coded
from engine.column_building import columns_from_patients
from engine.columns import Columns
from engine.evaluator import Evaluator, evaluator_for
from engine.planes import Evaluation, evaluate
from engine.ruleset import RuleSet
from engine.scoring import score_columns
from engine.truth import Truth
from engine.values import LIST_SEPARATOR, Value

ANSWERS = ("pathway", "possible_pathways", "procedure", "triggered", "warnings", "contradictions", "missing_items", "next_item")


@dataclass(frozen=True)
class Answer:
    """What a case expects, or what was found for it. None, or a name that is absent, means 'not asked'."""

    pathway: str | None = None
    possible_pathways: tuple[str, ...] | None = None
    procedure: str | None = None
    triggered: tuple[str, ...] | None = None
    warnings: tuple[str, ...] | None = None
    contradictions: tuple[str, ...] | None = None
    missing_items: tuple[str, ...] | None = None
    next_item: str | None = None
    criteria: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One written patient (recorded values only) and what is expected for it."""

    name: str
    file: str
    line: int
    patient: Mapping[str, Value]
    expected: Answer


@dataclass(frozen=True)
class CaseMismatch:
    """One thing that a case expects and the rules do not give."""

    case: Case
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.case.file}, line {self.case.line}: {self.case.name}: {self.what}: expected {_said(self.expected)}, found {_said(self.found)}."


def run_cases(rules: RuleSet, cases: Sequence[Case]) -> tuple[CaseMismatch, ...]:
    """Everything that the cases expect and the columnar evaluator does not find, in the order of the cases."""
    answers = CaseAnswers(rules, cases) if cases else None
    return tuple(mismatch for row, case in enumerate(cases) for mismatch in mismatches(case, answers.of(row)))


def mismatches(case: Case, found: Answer) -> Iterator[CaseMismatch]:
    """Where `found` differs from what the case expects."""
    for what in ANSWERS:
        expected = getattr(case.expected, what)
        if expected is not None and expected != getattr(found, what):
            yield CaseMismatch(case, what, expected, getattr(found, what))
    for what in ("criteria", "verdicts"):
        for name, expected in getattr(case.expected, what).items():
            if expected != getattr(found, what).get(name):
                yield CaseMismatch(case, name, expected, getattr(found, what).get(name))


def found_in(assessment: Assessment) -> Answer:
    """What the assessment of one patient says."""
    return Answer(
        pathway=assessment.pathway, possible_pathways=assessment.possible_pathways, procedure=assessment.procedure,
        triggered=assessment.triggered_criteria, warnings=assessment.warnings, contradictions=assessment.contradictions,
        missing_items=assessment.missing_items, next_item=assessment.next_item,
        criteria={id: finding.state for id, finding in assessment.criteria.items()}, verdicts=assessment.verdicts,
    )


@dataclass(frozen=True)
class CaseAnswers:
    """What the columnar evaluator finds for these cases, all packs and trials on."""

    rules: RuleSet
    cases: Sequence[Case]

    @cached_property
    def evaluator(self) -> Evaluator:
        return evaluator_for(self.rules, self.rules.packs)

    @cached_property
    def columns(self) -> Columns:
        return columns_from_patients(self.rules.vocabulary, [case.patient for case in self.cases])

    @cached_property
    def scored(self) -> dict[str, Coded]:
        """The output columns of `score`, all packs and trials on."""
        return score_columns(self.evaluator, self.columns)

    @cached_property
    def evaluation(self) -> Evaluation:
        return evaluate(self.evaluator.program, self.rules.vocabulary, self.columns)

    def of(self, row: int) -> Answer:
        """The answer to one case; of criteria and verdicts only those that it asks for."""
        expected = self.cases[row].expected
        return Answer(
            pathway=self._cell("pathway", row),
            possible_pathways=self._list("possible_pathways", row),
            procedure=self._cell("procedure", row),
            triggered=self._list("triggered_criteria", row),
            warnings=self._list("warnings", row),
            contradictions=self._list("contradictions", row),
            missing_items=self._list("missing_items", row),
            next_item=self._cell("next_item", row),
            criteria={id: self._state(id, row).value for id in expected.criteria},
            verdicts={column: self._cell(column, row) for column in expected.verdicts},
        )

    def _cell(self, column: str, row: int) -> str:
        return self.scored[column].cell(row)

    def _list(self, column: str, row: int) -> tuple[str, ...]:
        return tuple(filter(None, self._cell(column, row).split(LIST_SEPARATOR)))

    def _state(self, id: str, row: int) -> Truth:
        met, not_met = (np.broadcast_to(plane, len(self.cases))[row] for plane in self.evaluation.criterion(id))
        return Truth.MET if met else Truth.NOT_MET if not_met else Truth.UNKNOWN


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return "nothing" if value in (None, "") else str(value)
