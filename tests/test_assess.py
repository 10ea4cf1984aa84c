"""`assess`: what it accepts, what it refuses, and that it gives no answer when the two evaluators differ (`interfaces.md`)."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from engine import EvaluatorsDisagree, InvalidPatient, assess, assessing, score
from engine.assessment import Assessment
from engine.chaining import Chain
from engine.errors import UnusableCall
from engine.planes import Plane
from engine.truth import Truth
from tests.small_rules import RULES
from tests.transcription import patients


def as_given(patient):
    """A generated patient as a caller writes it: a recorded empty list is `none`."""
    return {name: "none" if value == [] else value for name, value in patient.items()}


SUITABLE = as_given(patients.SUITABLE)


def random_patients(count, seed):
    return [as_given(patient) for patient in patients.random_patients(count, seed)]


EXAMPLE = {"age_years": 78, "fracture_cause": "osteoporosis", "fracture_levels": ["T12"], "pregnancy_status": None}


def test_the_example_of_the_contract_runs():
    assessment = assess(EXAMPLE)
    assert assessment.pathway == "more_information"
    assert assessment.patient == {"age_years": 78.0, "fracture_cause": "osteoporosis", "fracture_levels": ("T12",)}


# Forms of input

@pytest.mark.parametrize(
    ("item", "forms", "value"),
    [
        ("can_lie_prone", ["yes", "YES", " y ", "true", True, np.True_, 1, "1", 1.0], "yes"),
        ("can_lie_prone", ["no", "N", "False", False, np.False_, 0, "0", 0.0], "no"),
        ("fracture_levels", [["T12", "L1"], ("T12", "L1"), "T12;L1", "t12; l1", ["T12", "L1", "T12"], ["L1", "T12"]], ("T12", "L1")),
        ("antiplatelets", ["none", ["none"], ("none",)], ()),
        ("age_years", [78, 78.0, "78", "78.0", "7.8e1", np.int64(78), np.float32(78)], 78.0),
        ("asa_class", [3, 3.0, "3", "3.0"], 3.0),
        ("fracture_cause", ["osteoporosis", " Osteoporosis "], "osteoporosis"),
        ("epidural_grade", ["1C", "1c"], "1c"),
        ("service_state", ["or", "OR"], "OR"),
        ("icd10_codes", [["M80.08XA"], "M80.08XA", "m80.08xa"], ("M80.08XA",)),
    ],
)  # fmt: skip
def test_every_form_of_a_value_is_the_same_value(item, forms, value):
    assert [assess({item: form}).patient for form in forms] == [{item: value}] * len(forms)


@pytest.mark.parametrize("blank", [None, "", "  ", "NA", "n/a", ".", "-", "unknown", "not recorded", float("nan"), pd.NA])
def test_every_form_of_a_blank_is_the_same_as_an_absent_item(blank):
    without = {"age_years": 78}
    assert assess({**without, "inr": blank, "antiplatelets": blank, "can_lie_prone": blank}) == assess(without)


def test_the_key_of_a_row_may_be_there_and_is_not_read():
    assert assess({"record_id": "Row 7", **EXAMPLE}) == assess(EXAMPLE)


def test_what_the_caller_gave_is_not_changed():
    patient = {**EXAMPLE, "antiplatelets": ["aspirin"]}
    before = json.dumps(patient)
    assess(patient)
    assert json.dumps(patient) == before


# What is refused

def test_all_problems_of_a_patient_are_told_at_once():
    wrong = {
        "age_years": 200, "inr": "about 2", "fracture_cause": "osteoporotic", "fracture_levels": ["T12", "T13"], "asa_class": 2.5,
        "can_lie_prone": "maybe",
        "agee_years": 78, "pain_nrs": 80,
    }  # fmt: skip
    with pytest.raises(InvalidPatient) as caught:
        assess({**wrong, "sex": "female"})
    assert set(caught.value.problems) == set(wrong), "what is right is not named"
    assert all(problem in str(caught.value) for problem in caught.value.problems.values())
    assert "age_years" in caught.value.problems["agee_years"], "the nearest valid name"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("item", "raw"),
    [("fracture_levels", []), ("antiplatelets", ["aspirin", "none"]), ("antiplatelets", ["aspirin", None]), ("fracture_levels", "T10..T12"),
     ("pain_nrs", True), ("levels_planned", 0), ("levels_planned", 18), ("fracture_cause", 3), ("inr", "1,8;2"), ("sins_score", {"points": 3}),
     ("service_state", "ZZ")],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_a_problem_and_never_a_guess(item, raw):
    with pytest.raises(InvalidPatient) as caught:
        assess({item: raw})
    assert list(caught.value.problems) == [item]


def test_an_unknown_guideline_is_refused():
    with pytest.raises(UnusableCall, match="no guideline 'medicare'"):
        assess(EXAMPLE, guidelines=["medicare"])


# Choices of the caller

def test_exactly_the_guidelines_asked_for_or_some_beside_the_defaults_or_trials_too():
    # A patient for whom nearly everything is settled: what is missing has to be worked out anew for each choice of packs, and takes long.
    defaults = list(assess(SUITABLE).verdicts)
    off = next(pack.id for pack in RULES.packs.values() if not pack.enabled and pack.question != "trial" and len(pack.verdicts) == 1)
    assert list(assess(SUITABLE, guidelines=["nice_ta279"]).verdicts) == ["nice_ta279"]
    assert set(assess(SUITABLE, guidelines=[f"+{off}"]).verdicts) == {*defaults, off}
    trials = set(assess(SUITABLE, guidelines=["nice_ta279"], trials=True).verdicts)
    assert trials == {"nice_ta279", *(verdicts.column for pack in RULES.trial_packs() for verdicts in pack.verdicts)} != {"nice_ta279"}


def test_assumptions_fill_blanks_only_and_are_named():
    assessment = assess({"local_skin_infection": "yes"}, assume=["local_skin_infection=no", "systemic_infection=no"])
    assert assessment.assumed_items == ("systemic_infection=no",)
    assert assessment.patient == {"local_skin_infection": "yes", "systemic_infection": "no"}
    assert assess({}).assumed_items == ()


def as_cell(value):
    return ";".join(value) if isinstance(value, list) else value


def test_the_attributes_are_named_and_filled_like_the_columns_of_score():
    for patient in [SUITABLE, *random_patients(12, seed=8)]:
        assessment = assess(patient)
        row = score(pd.DataFrame([{name: as_cell(value) for name, value in patient.items()}])).iloc[0]
        named = {field.name for field in fields(Assessment)} & set(row.index)
        assert len(named) >= 12
        for name in named - {"of_score_points"}:
            value = getattr(assessment, name)
            assert (";".join(value) if isinstance(value, tuple) else value) == ("" if pd.isna(row[name]) else row[name]), name
        assert {column: row[column] for column in assessment.verdicts} == assessment.verdicts


# Two evaluators, one answer or none

def _columns_say(monkeypatch, change):
    honest = assessing.evaluate_one

    def tampered(*arguments):
        evaluation = honest(*arguments)
        return replace(evaluation, planes=tuple(change(plane) for plane in evaluation.planes))

    monkeypatch.setattr(assessing, "evaluate_one", tampered)


def _chain_says(monkeypatch, change):
    honest = Chain.prove
    monkeypatch.setattr(Chain, "prove", lambda chain, columns: change(honest(chain, columns)))


TAMPERED_COLUMNS = {
    "met and not met swapped": lambda plane: Plane(plane.not_met, plane.met),
    "unknown read as not met": lambda plane: Plane(plane.met, ~plane.met),
    "unknown read as met": lambda plane: Plane(~plane.not_met, plane.not_met),
    "nothing ever known": lambda plane: Plane(np.False_, np.False_),
}
TAMPERED_CHAIN = {
    "a state": lambda proof: replace(proof, states=tuple(Truth.MET for _ in proof.states)),
    "unknown read as not met": lambda proof: replace(
        proof, states=tuple(Truth.NOT_MET if state is Truth.UNKNOWN else state for state in proof.states)
    ),
    "what is possible": lambda proof: replace(proof, possible={name: outcomes[:1] for name, outcomes in proof.possible.items()}),
    "an answer": lambda proof: replace(proof, answers={**proof.answers, "pathway": "augmentation"}),
    "the answer of one guideline": lambda proof: replace(proof, answers={**proof.answers, "nice_ta279": "supports"}),
}


@pytest.mark.parametrize("name", TAMPERED_COLUMNS)
def test_a_wrong_columnar_evaluator_gives_no_answer(monkeypatch, name):
    assert assess(EXAMPLE).pathway == "more_information"
    _columns_say(monkeypatch, TAMPERED_COLUMNS[name])
    with pytest.raises(EvaluatorsDisagree):
        assess(EXAMPLE)


@pytest.mark.parametrize("name", TAMPERED_CHAIN)
def test_a_wrong_rules_engine_gives_no_answer(monkeypatch, name):
    assert assess(EXAMPLE).verdicts["nice_ta279"] != "supports"
    _chain_says(monkeypatch, TAMPERED_CHAIN[name])
    with pytest.raises(EvaluatorsDisagree):
        assess(EXAMPLE)


def test_one_criterion_that_differs_is_enough_even_when_no_answer_changes(monkeypatch):
    evaluator = assessing.evaluator_for(RULES)
    warning = next(id for id in RULES.warnings if assess(EXAMPLE).criteria[id].state == "unknown")
    step = evaluator.program.criterion_steps[warning]
    _chain_says(monkeypatch, lambda proof: replace(proof, states=(*proof.states[:step], Truth.NOT_MET, *proof.states[step + 1 :])))
    with pytest.raises(EvaluatorsDisagree) as caught:
        assess(EXAMPLE)
    same_step = [id for id in evaluator.criteria if evaluator.program.criterion_steps[id] == step]
    assert caught.value.answers == dict.fromkeys(same_step, ("not_met", "unknown")), "first what durable-rules says, then the columns"


def test_the_refusal_names_the_two_answers_and_nothing_of_the_patient(monkeypatch):
    _chain_says(monkeypatch, TAMPERED_CHAIN["an answer"])
    with pytest.raises(EvaluatorsDisagree) as caught:
        assess({**EXAMPLE, "age_years": 83.25, "icd10_codes": ["M80.08XA"]})
    assert caught.value.answers == {"pathway": ("augmentation", "more_information")}
    assert "augmentation" in str(caught.value) and "more_information" in str(caught.value)
    assert "83.25" not in str(caught.value) and "M80" not in str(caught.value)


# The assessment as a value

@pytest.mark.parametrize("number", range(8))
def test_an_assessment_is_the_same_after_a_round_trip_through_json(number):
    patient = [{}, SUITABLE, *random_patients(6, seed=15)][number]
    assessment = assess(patient)
    text = assessment.to_json()
    assert Assessment.from_json(text) == Assessment.from_json(text.encode()) == assessment
    assert Assessment.from_json(text).to_json() == text


def test_the_json_says_what_the_assessment_says():
    assessment = assess(SUITABLE)
    read = json.loads(assessment.to_json())
    assert (read["pathway"], read["patient"]["fracture_levels"], read["patient"]["antiplatelets"]) == ("augmentation", ["T12"], [])
    assert read["verdicts"] == assessment.verdicts
    assert set(read) == {field.name for field in fields(Assessment)}


def test_json_that_is_no_assessment_is_refused():
    whole = json.loads(assess(EXAMPLE).to_json())
    del whole["pathway"]
    with pytest.raises(ValueError, match="pathway"):
        Assessment.from_json(json.dumps(whole))


def test_the_assessment_names_what_did_not_hold_and_what_is_not_known_too():
    assessment = assess({**EXAMPLE, "pain_nrs": 8, "spinal_instability": "yes"})
    assert {finding.state for finding in assessment.criteria.values()} == {"met", "not_met", "unknown"}
    assert assessment.already_certain == "spine_surgery_review" and assessment.pathway == "more_information"
    assert [item.name for item in RULES.vocabulary] == list(assessment.items)
    assert assessment.items["inr"].value is None and assessment.items["inr"].text == "not recorded"
    met = {id for id, finding in assessment.criteria.items() if finding.state == "met"}
    assert met <= set(assessment.fired), "whatever is met was proved by a rule"
    assert not {id for id, finding in assessment.criteria.items() if finding.state == "unknown"} & set(assessment.fired)


def test_asking_twice_gives_the_same_value():
    assert [assess(SUITABLE) for _ in range(3)] == [assess(SUITABLE)] * 3
