"""What causes the disagreement of a cohort, held against comparing patient by patient."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine import agreement as agreement_module
from engine import load_rules, score
from engine.agreement import FAVOURABLE_FIRST, Cause, agreement, causes, comparable_pairs
from engine.assessing import parse_patient
from engine.cli import app
from engine.column_building import columns_from_frame, columns_from_patients
from engine.comparison import Comparison, comparisons, verdict_columns
from engine.decisions import decide_evaluated
from engine.evaluator import evaluator_for
from engine.planes import Evaluation, evaluate
from engine.ruleset import DecisionList
from examples.make_cohort import make_cohort
from tests.transcription.patients import SUITABLE, random_patients

RULES = load_rules()
VOCABULARY = RULES.vocabulary
EVALUATOR = evaluator_for(RULES, list(RULES.packs))


def parsed(patient) -> dict:
    given = {name: (value or ["none"]) if isinstance(value, list) else value for name, value in patient.items()}
    return parse_patient(VOCABULARY, given)


COHORT = [parsed(patient) for patient in random_patients(120, 23)]
COLUMNS = columns_from_patients(VOCABULARY, COHORT)


@pytest.fixture(scope="module")
def found() -> tuple[Cause, ...]:
    return causes(EVALUATOR, COLUMNS)


@pytest.fixture(scope="module")
def by_hand() -> list[tuple[str, Comparison]]:
    """The comparisons of all patients and comparable pairs where both verdicts are settled and both guidelines apply."""
    question_of = {(left, right): question for question, left, right in comparable_pairs(EVALUATOR)}
    every = (one for recorded in COHORT for one in comparisons(EVALUATOR, recorded, question_of))
    settled = (one for one in every if one.left.verdict in FAVOURABLE_FIRST and one.right.verdict in FAVOURABLE_FIRST)
    return [(question_of[one.left.column, one.right.column], one) for one in settled]


def test_causes_count_what_comparing_every_patient_by_itself_finds(found, by_hand):
    expected: Counter[tuple] = Counter()
    pairs: dict[tuple, Counter[tuple[str, str]]] = {}
    for question, one in by_hand:
        held, other = (one.left, one.right) if one.held_back == one.left.column else (one.right, one.left)
        beside = other.criterion if one.detail not in ("asked_by_one", "no_condition") else ""
        key = (question, one.kind, one.detail, held.criterion, beside, "" if held.criterion else held.column)
        expected[key] += 1
        pairs.setdefault(key, Counter())[held.column, other.column] += 1
    counted: Counter[tuple] = Counter()
    paired: dict[tuple, set[tuple[str, str]]] = {}
    for cause in found:  # one criterion may ask two questions, so that two causes are one here
        key = (cause.question, cause.kind, cause.detail, cause.criterion, cause.other_criterion, cause.column)
        counted[key] += cause.rows
        paired.setdefault(key, set()).update(cause.pairs)
    assert counted == expected
    assert paired == {key: set(rows) for key, rows in pairs.items()}
    assert sum(expected.values()) > 500


def test_every_compared_row_with_different_verdicts_has_one_cause(found):
    evaluation = evaluate(EVALUATOR.program, VOCABULARY, COLUMNS)
    frame = pd.DataFrame({column: verdict_texts(verdicts.decision, evaluation) for column, (_, verdicts) in verdict_columns(EVALUATOR).items()})
    for question in ("coverage", "clinical", "trial"):
        different = sum(pair.compared - pair.same for pair in agreement(EVALUATOR, frame) if pair.question == question)
        assert sum(cause.rows for cause in found if cause.question == question) == different


def verdict_texts(decision: DecisionList, evaluation: Evaluation) -> list[str]:
    return [decision.outcomes[place] if place >= 0 else decision.unsettled for place in decide_evaluated(decision, evaluation).settled]


def test_causes_come_most_frequent_first_within_each_question_and_are_never_a_scope_or_a_missing_item(found):
    for question in {cause.question for cause in found}:
        rows = [cause.rows for cause in found if cause.question == question]
        assert rows == sorted(rows, reverse=True)
    assert {cause.kind for cause in found} == {"threshold", "real_disagreement"}


def test_slices_of_a_cohort_add_up(found, monkeypatch):
    monkeypatch.setattr(agreement_module, "ROWS_PER_SLICE", 37)
    again = causes(EVALUATOR, COLUMNS)
    assert [(one.question, one.criterion, one.rows, set(one.pairs)) for one in again] == [
        (one.question, one.criterion, one.rows, set(one.pairs)) for one in found]


def test_two_patients_who_differ_on_the_weeks_have_that_as_their_cause():
    evaluator = evaluator_for(RULES, ["nice_ta279", "sir_multisociety_2014"])
    cohort = [parsed(SUITABLE | {"symptom_duration_weeks": weeks}) for weeks in (5, 8, 9)]
    (cause,) = causes(evaluator, columns_from_patients(VOCABULARY, cohort))
    assert cause.pairs == (("nice_ta279", "sir_multisociety_2014"),)
    assert (cause.kind, cause.detail, cause.asked, cause.criterion, cause.rows) == (
        "real_disagreement", "asked_by_one", "symptom_duration_weeks", "nice_ta279.recent", 2)


def test_nothing_causes_the_disagreement_of_nobody():
    assert causes(EVALUATOR, columns_from_patients(VOCABULARY, [])) == ()


def test_the_command_prints_every_pair_with_its_denominators_and_the_criteria_that_part_them(tmp_path):
    source = tmp_path / "cohort.csv"
    make_cohort(200).to_csv(source, index=False)
    result = CliRunner().invoke(app, ["agreement", str(source), "--guidelines", "nice_ta279,acr_2014,medicare_l34106,evicore_cmm607"])
    evaluator = evaluator_for(RULES, ["nice_ta279", "acr_2014", "medicare_l34106", "evicore_cmm607"])
    columns, _ = columns_from_frame(RULES.vocabulary, make_cohort(200))
    assert result.exit_code == 0, result.output
    scored = score(make_cohort(200), RULES, ["nice_ta279", "acr_2014", "medicare_l34106", "evicore_cmm607"])
    for pair in agreement(evaluator, scored):
        assert f"  {pair.left} / {pair.right}: " in result.stdout and f"of {pair.rows}" in result.stdout
        assert not pair.compared or f"{pair.same} of {pair.compared} ({pair.share:.1%})" in result.stdout
    shown = [cause for cause in causes(evaluator, columns) if cause.criterion]
    assert shown and f"  {shown[0].rows}: {shown[0].criterion} (asks for {shown[0].asked})" in result.stdout
