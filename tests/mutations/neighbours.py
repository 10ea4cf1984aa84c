"""Patients one change away from whole ones: every item of each, blank, at every code and at every number near a threshold.

Random patients seldom have all but one thing in order, and only such a patient shows a wrong code in a long list. What is whole is taken
from the cases beside the rules: as few of their patients as show every answer, trigger, warning and contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.cases import Case
from engine.column_building import columns_from_patients
from engine.decisions import decide_evaluated
from engine.evaluator import Evaluator
from engine.planes import Evaluation, evaluate
from engine.values import Value
from tests.transcription.clinical_text import ClinicalText
from tests.transcription.patients import PatientGenerator

EMPTY_LIST = "none"
Shown = tuple[str, str]
"""A decision list and its answer, or a criterion that is met."""


def neighbours(text: ClinicalText, patients: Sequence[dict]) -> list[dict]:
    """These patients and all who lie one change away, each once, as the reader of the documents takes them."""
    generator = PatientGenerator(0, text)
    found: dict[object, dict] = {}
    for patient in patients:
        for changed in (patient, *_one_change(generator, patient)):
            found.setdefault(tuple(sorted((name, str(value)) for name, value in changed.items())), changed)
    return list(found.values())


def showing_every_answer(evaluator: Evaluator, cases: Sequence[Case]) -> list[dict]:
    """Patients of cases, greedily few, who between them are settled as every outcome of every decision list."""
    return _fewest(cases, _answers(evaluator, _evaluated(evaluator, cases)))


def showing_everything(evaluator: Evaluator, cases: Sequence[Case]) -> list[dict]:
    """The same, and each trigger, warning and contradiction is met by one of them."""
    evaluation = _evaluated(evaluator, cases)
    return _fewest(cases, [one | other for one, other in zip(_answers(evaluator, evaluation), _met(evaluator, evaluation))])


def _evaluated(evaluator: Evaluator, cases: Sequence[Case]) -> Evaluation:
    columns = columns_from_patients(evaluator.rules.vocabulary, [case.patient for case in cases])
    return evaluate(evaluator.program, evaluator.rules.vocabulary, columns)


def _answers(evaluator: Evaluator, evaluation: Evaluation) -> list[set[Shown]]:
    shown: list[set[Shown]] = [set() for _ in range(evaluation.columns.rows)]
    for decision in evaluator.decisions:
        for row, place in enumerate(decide_evaluated(decision, evaluation).settled.tolist()):
            if place >= 0:
                shown[row].add((decision.name, decision.outcomes[place]))
    return shown


def _met(evaluator: Evaluator, evaluation: Evaluation) -> list[set[Shown]]:
    rules, shown = evaluator.rules, [set() for _ in range(evaluation.columns.rows)]
    for id in (*rules.triggers, *rules.warnings, *rules.contradictions):
        for row in np.flatnonzero(np.broadcast_to(evaluation.criterion(id).met, evaluation.columns.rows)):
            shown[row].add((id, "met"))
    return shown


def _fewest(cases: Sequence[Case], shown: Sequence[set[Shown]]) -> list[dict]:
    """Always the patient who shows most of what none before has shown."""
    waiting, chosen = set().union(*shown), []
    while waiting:
        best = max(range(len(cases)), key=lambda row: len(shown[row] & waiting))
        waiting -= shown[best]
        chosen.append(_as_read(cases[best].patient))
    return chosen


def _as_read(patient: Mapping[str, Value]) -> dict:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in patient.items()}


def _one_change(generator: PatientGenerator, patient: dict) -> Iterator[dict]:
    for name, item in generator.items.items():
        if name in patient:
            yield {other: value for other, value in patient.items() if other != name}
        for value in _values(generator, name, item, patient.get(name)):
            yield patient | {name: value}


def _values(generator: PatientGenerator, name: str, item, own: object) -> Iterator[object]:
    if item.kind == "number":
        near, ends = generator.numbers[name]
        yield from (*near, *ends)
    elif item.kind == "list" and name != "icd10_codes":
        codes = [code for code in item.codes if code != EMPTY_LIST]
        yield from ([code] for code in codes)
        if isinstance(own, list):
            yield from ([*own, code] for code in codes if code not in own)
            yield from ([code for code in own if code != left] for left in own if len(own) > 1)
        if item.may_be_empty_list:
            yield []
    elif name == "service_state":
        yield from generator.states
    elif name != "icd10_codes":
        yield from item.codes
