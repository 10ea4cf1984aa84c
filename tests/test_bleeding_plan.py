"""The bleeding plan: every drug at every clearance, every laboratory band, several drugs, and no interval unless a procedure is indicated.

The expected intervals were copied by hand from `tests/contract/bleeding.md`, not from the knowledge files.
"""

from __future__ import annotations

import re

import pytest

from engine.advice_findings import DrugPlan
from engine.assessment import Assessment
from engine.loading import load_rules
from tests.advice_patients import assessed, says_stop

# drug, clearance: state, hold of SIR, hold of ASRA, default hold, default restart
APIXABAN_LONG = ("6 doses", "3 days", "3 days", "24 h")
RIVAROXABAN_LONG = ("3 doses", "3 days", "3 days", "24 h")
EDOXABAN = ("2 doses", "3 days", "3 days", "24 h")
DABIGATRAN_LONG = ("6 to 8 doses", "5 to 6 days", "6 days", "24 h")
FONDAPARINUX_LONG = ("3 to 5 days", "4 days", "5 days", "24 h")
WARFARIN = ("5 days", "5 days and a normal INR", "5 days and a normal INR", "day after")
HEPARIN_IV = ("4 to 6 h", "6 h", "6 h", "8 h")
HEPARIN_SC = ("6 h", "24 h", "24 h", "8 h")
LMWH_LOW = ("1 dose", "12 h", "1 dose and at least 12 h", "24 h")
LMWH_HIGH = ("2 doses or 24 h", "24 h", "24 h or 2 doses, whichever is longer", "24 h")
ANTICOAGULANTS = [
    ("apixaban", 51, "row", ("4 doses", "3 days", "3 days", "24 h")),
    ("apixaban", 50, "row", ("4 doses", "3 days", "3 days", "24 h")),
    ("apixaban", 49.99, "row", APIXABAN_LONG),
    ("apixaban", 15, "row", APIXABAN_LONG),
    ("apixaban", 14.99, "outside_table", None),
    ("apixaban", None, "clearance_not_recorded", APIXABAN_LONG),
    ("rivaroxaban", 31, "row", ("2 doses", "3 days", "3 days", "24 h")),
    ("rivaroxaban", 30, "row", ("2 doses", "3 days", "3 days", "24 h")),
    ("rivaroxaban", 29.99, "row", RIVAROXABAN_LONG),
    ("rivaroxaban", 15, "row", RIVAROXABAN_LONG),
    ("rivaroxaban", 14.99, "outside_table", None),
    ("rivaroxaban", None, "clearance_not_recorded", RIVAROXABAN_LONG),
    ("edoxaban", 90, "row", EDOXABAN),
    ("edoxaban", 15, "row", EDOXABAN),
    ("edoxaban", 14.99, "outside_table", None),
    ("edoxaban", None, "clearance_not_recorded", EDOXABAN),
    ("dabigatran", 51, "row", ("4 doses", "4 days", "4 days", "24 h")),
    ("dabigatran", 50, "row", ("4 doses", "4 days", "4 days", "24 h")),
    ("dabigatran", 49.99, "row", DABIGATRAN_LONG),
    ("dabigatran", 30, "row", DABIGATRAN_LONG),
    ("dabigatran", 29.99, "outside_table", None),
    ("dabigatran", None, "clearance_not_recorded", DABIGATRAN_LONG),
    ("fondaparinux", 51, "row", ("2 to 3 days", "4 days", "4 days", "24 h")),
    ("fondaparinux", 50, "row", ("2 to 3 days", "4 days", "4 days", "24 h")),
    ("fondaparinux", 49.99, "row", FONDAPARINUX_LONG),
    ("fondaparinux", 30, "row", FONDAPARINUX_LONG),
    ("fondaparinux", 29.99, "outside_table", None),
    ("fondaparinux", None, "clearance_not_recorded", FONDAPARINUX_LONG),
    ("other", 70, "no_interval", None),
    ("other", None, "no_interval", None),
    *((drug, clearance, "row", row) for drug, row in (
        ("warfarin", WARFARIN), ("heparin_iv", HEPARIN_IV), ("heparin_sc", HEPARIN_SC), ("lmwh_prophylactic", LMWH_LOW),
        ("lmwh_therapeutic", LMWH_HIGH),
    ) for clearance in (None, 5, 70)),
]
ANTIPLATELETS = [
    ("aspirin", "row", ("3 to 5 days", "6 days", "6 days", "day after")),
    ("dipyridamole", "row", ("3 to 5 days", "not stated", "5 days", "day after")),
    ("clopidogrel", "row", ("5 days", "7 days", "7 days", "24 h")),
    ("prasugrel", "row", ("7 days", "7 to 10 days", "10 days", "24 h, and not before the day after")),
    ("ticagrelor", "row", ("5 days", "5 days", "5 days", "24 h, and not before the day after")),
    ("cilostazol", "row", ("no hold", "2 days", "2 days", "not stated")),
    ("other", "no_interval", None),
]
# doses that SIR leaves out, and the whole calendar days they come to
DOSES_IN_DAYS = [
    ("apixaban", 70, (4, 4), (2, 2)), ("apixaban", 20, (6, 6), (3, 3)), ("rivaroxaban", 70, (2, 2), (2, 2)), ("rivaroxaban", 20, (3, 3), (3, 3)),
    ("edoxaban", 70, (2, 2), (2, 2)), ("dabigatran", 70, (4, 4), (2, 2)), ("dabigatran", 40, (6, 8), (3, 4)),
]
RULES = load_rules()


def the_drug(assessment: Assessment) -> DrugPlan:
    (drug,) = assessment.bleeding_plan.drugs
    return drug


def held(drug: DrugPlan) -> tuple[str, ...] | None:
    if drug.row is None:
        return None
    return (*(column.hold for column in drug.row.columns), drug.row.default_hold, drug.row.default_restart)


@pytest.mark.parametrize(("code", "clearance", "state", "intervals"), ANTICOAGULANTS)
def test_each_anticoagulant_shows_its_row_for_the_recorded_clearance(code, clearance, state, intervals):
    assessment = assessed(anticoagulant=code, creatinine_clearance_ml_per_min=clearance)
    drug = the_drug(assessment)
    assert (assessment.pathway, drug.code, drug.state, held(drug)) == ("correct_first", code, state, intervals)


@pytest.mark.parametrize(("code", "state", "intervals"), ANTIPLATELETS)
def test_each_antiplatelet_shows_its_row(code, state, intervals):
    drug = the_drug(assessed(antiplatelets=[code]))
    assert (drug.item, drug.code, drug.state, held(drug)) == ("antiplatelets", code, state, intervals)


def test_the_table_of_these_tests_names_every_drug_of_the_dictionary():
    vocabulary = RULES.vocabulary
    assert {code for code, *_ in ANTICOAGULANTS} == set(vocabulary["anticoagulant"].codes) - {"none"}
    assert {code for code, *_ in ANTIPLATELETS} == set(vocabulary["antiplatelets"].codes) - {"none"}


@pytest.mark.parametrize(("code", "clearance", "doses", "days"), DOSES_IN_DAYS)
def test_doses_are_kept_as_doses_and_as_whole_calendar_days(code, clearance, doses, days):
    sir, asra = the_drug(assessed(anticoagulant=code, creatinine_clearance_ml_per_min=clearance)).row.columns
    assert ((sir.doses.lowest, sir.doses.highest), (sir.days.lowest, sir.days.highest)) == (doses, days)
    assert "whole calendar days" in sir.sentence and asra.doses is None


@pytest.mark.parametrize(("code", "words"), [
    ("apixaban", "The kidney function is missing"), ("edoxaban", "The kidney function is missing"), ("warfarin", ""),
])
def test_a_blank_clearance_is_said_where_it_matters(code, words):
    message = the_drug(assessed(anticoagulant=code, creatinine_clearance_ml_per_min=None)).message
    assert message.startswith(words) if words else message == ""


def test_a_clearance_below_the_table_sends_to_the_haematologist():
    assert the_drug(assessed(anticoagulant="dabigatran", creatinine_clearance_ml_per_min=29)).message == "Outside the table: haematologist."


@pytest.mark.parametrize(("changes", "words"), [
    ({"anticoagulant": "other"}, "No interval stored: pharmacist or haematologist."),
    ({"antiplatelets": ["other"]}, "No interval stored: pharmacist or cardiologist."),
])
def test_a_drug_outside_the_dictionary_has_no_interval(changes, words):
    assert the_drug(assessed(**changes)).message == words


SENTENCE = re.compile(r"^Hold interval .+ per (SIR \(2019\)|ASRA \(2018\)), prescriber to confirm\.( .+)?$")
WITHOUT_INTERVAL = {"ASRA (2018): not stated.", "SIR (2019): no hold."}


STORED = [
    *({"anticoagulant": code} for code in dict.fromkeys(code for code, *_ in ANTICOAGULANTS) if code != "other"),
    *({"antiplatelets": [code]} for code, *_ in ANTIPLATELETS if code != "other"),
]


@pytest.mark.parametrize("changes", STORED, ids=str)
def test_every_source_is_printed_as_a_hold_interval_to_confirm(changes):
    row = the_drug(assessed(**changes)).row
    assert [column.source for column in row.columns] == ["SIR (2019)", "ASRA (2018)"]
    assert all(SENTENCE.match(column.sentence) or column.sentence in WITHOUT_INTERVAL for column in row.columns)
    assert "prescriber to confirm" in row.default_sentence


def test_the_default_is_never_shorter_than_either_source():
    for drug in (*RULES.advice.bleeding.anticoagulants, *RULES.advice.bleeding.antiplatelets):
        for row in drug.rows:
            longest = {unit: max((getattr(source.hold, unit).end for source in (row.sir, row.asra) if getattr(source.hold, unit)), default=0)
                       for unit in ("days", "hours")}
            default = {"days": row.default.days or 0, "hours": row.default.hours or 0}
            assert default["days"] >= longest["days"] and default["hours"] >= longest["hours"], row.id


@pytest.mark.parametrize(("code", "is_told"), [
    ("apixaban", True), ("rivaroxaban", True), ("edoxaban", True), ("dabigatran", True), ("warfarin", False),
])
def test_the_conflict_on_the_restart_is_told_for_the_drugs_it_is_about(code, is_told):
    conflict = the_drug(assessed(anticoagulant=code)).restart_conflict
    assert ("PAUSE" in conflict.text if is_told else conflict is None)


@pytest.mark.parametrize(("changes", "drugs", "longest"), [
    ({"anticoagulant": "apixaban", "antiplatelets": ["aspirin", "clopidogrel"]}, ["apixaban", "aspirin", "clopidogrel"], "7 days (Clopidogrel)"),
    ({"anticoagulant": "heparin_iv", "antiplatelets": ["cilostazol"]}, ["heparin_iv", "cilostazol"], "2 days (Cilostazol)"),
    ({"anticoagulant": "heparin_sc", "antiplatelets": ["other"]}, ["heparin_sc", "other"], "24 h (Heparin, subcutaneous)"),
])
def test_several_drugs_show_every_row_and_the_longest_interval(changes, drugs, longest):
    plan = assessed(**changes).bleeding_plan
    assert [drug.code for drug in plan.drugs] == drugs
    assert f"Longest interval of the recorded drugs: {longest}, prescriber to confirm." in plan.longest
    assert "team decision" in plan.longest


def test_a_drug_without_interval_is_named_beside_the_longest_one():
    plan = assessed(anticoagulant="warfarin", antiplatelets=["other"]).bleeding_plan
    assert "Not counted, because no interval is stored for them here: Another antiplatelet." in plan.longest


# platelets and INR, liver disease: state of each test shown
LIVER_UNKNOWN = {"chronic_liver_disease": None, "fibrinogen_mg_per_dl": 300}
LIVER = {"chronic_liver_disease": "yes"}
LABORATORY = [
    ({"inr": 1.5}, {"laboratory.inr": "within"}),
    ({"inr": 1.51}, {"laboratory.inr": "warning"}),
    ({"inr": 1.8}, {"laboratory.inr": "warning"}),
    ({"inr": 1.81}, {"laboratory.inr": "correct_first"}),
    ({"inr": 2.5}, {"laboratory.inr": "correct_first"}),
    ({"inr": None}, {"laboratory.inr": "not_recorded"}),
    ({"platelets_10e9_per_l": 50}, {"laboratory.platelets": "within"}),
    ({"platelets_10e9_per_l": 49.99}, {"laboratory.platelets": "correct_first"}),
    ({"platelets_10e9_per_l": None}, {"laboratory.platelets": "not_recorded"}),
    ({"inr": 1.5, **LIVER}, {"laboratory.inr_in_liver_disease": "within"}),
    ({"inr": 1.51, **LIVER}, {"laboratory.inr_in_liver_disease": "warning"}),
    ({"inr": 2.49, **LIVER}, {"laboratory.inr_in_liver_disease": "warning"}),
    ({"inr": 2.5, **LIVER}, {"laboratory.inr_in_liver_disease": "correct_first"}),
    ({"inr": 2.0, "anticoagulant": "warfarin", **LIVER}, {"laboratory.inr_in_liver_disease": "correct_first"}),
    ({"platelets_10e9_per_l": 50, **LIVER}, {"laboratory.platelets_in_liver_disease": "within"}),
    ({"platelets_10e9_per_l": 49.99, **LIVER}, {"laboratory.platelets_in_liver_disease": "warning"}),
    ({"platelets_10e9_per_l": 30.01, **LIVER}, {"laboratory.platelets_in_liver_disease": "warning"}),
    ({"platelets_10e9_per_l": 30, **LIVER}, {"laboratory.platelets_in_liver_disease": "correct_first"}),
    ({"fibrinogen_mg_per_dl": 100.01, **LIVER}, {"laboratory.fibrinogen_in_liver_disease": "within"}),
    ({"fibrinogen_mg_per_dl": 100, **LIVER}, {"laboratory.fibrinogen_in_liver_disease": "correct_first"}),
    ({"fibrinogen_mg_per_dl": 100}, {"laboratory.fibrinogen_in_liver_disease": "correct_first"}),
    ({"fibrinogen_mg_per_dl": None, **LIVER}, {"laboratory.fibrinogen_in_liver_disease": "not_recorded"}),
]
UNDECIDED = [
    ({"inr": 2.0, **LIVER_UNKNOWN}, {"laboratory.inr": "undecided"}),
    ({"inr": 1.2, **LIVER_UNKNOWN}, {"laboratory.inr": "within"}),
    ({"inr": 2.5, **LIVER_UNKNOWN}, {"laboratory.inr": "outside", "laboratory.platelets": "within"}),
    ({"platelets_10e9_per_l": 40, **LIVER_UNKNOWN}, {"laboratory.platelets": "undecided"}),
    ({"platelets_10e9_per_l": 30, **LIVER_UNKNOWN}, {"laboratory.platelets": "outside"}),
]


def states(assessment: Assessment) -> dict[str, str]:
    return {finding.id: finding.state for finding in assessment.bleeding_plan.laboratory}


@pytest.mark.parametrize(("changes", "expected"), LABORATORY, ids=str)
def test_each_value_is_held_against_the_limits_that_apply(changes, expected):
    assert states(assessed(**changes)).items() >= expected.items()


@pytest.mark.parametrize(("changes", "expected"), UNDECIDED, ids=str)
def test_without_knowing_of_liver_disease_a_value_between_the_limits_stays_undecided(changes, expected):
    # improving pain, so that no procedure is indicated and only the value itself is judged
    assert states(assessed(pain_trend="improving", **changes)).items() >= expected.items()


@pytest.mark.parametrize(("liver", "shown"), [
    ("no", ["laboratory.inr", "laboratory.platelets"]), (None, ["laboratory.inr", "laboratory.platelets"]),
    ("yes", ["laboratory.inr_in_liver_disease", "laboratory.platelets_in_liver_disease", "laboratory.fibrinogen_in_liver_disease"]),
])
def test_the_limits_of_liver_disease_take_the_place_of_the_ordinary_ones(liver, shown):
    assert list(states(assessed(chronic_liver_disease=liver))) == shown


BARRIERS = [
    ({"inr": 2.4}, ["F5"], "INR 1.8 or below"),
    ({"platelets_10e9_per_l": 20}, ["F6"], "Platelets 50 or more"),
    ({"fibrinogen_mg_per_dl": 90, "chronic_liver_disease": "yes"}, ["F7"], "Fibrinogen above 100"),
    ({"bleeding_disorder": "correctable"}, ["F8"], "recorded as none"),
    ({"anticoagulant": "warfarin"}, ["F9"], "agreed by prescriber and operator"),
    ({"antiplatelets": ["aspirin"]}, ["F10"], "decision to continue"),
    ({"contrast_allergy": "severe"}, ["F11"], "contrast allergy"),
    ({"levels_planned": 7}, ["F12"], "At most 6 levels"),
    ({"anticoagulant": "warfarin", "inr": 2.4}, ["F5", "F9"], "INR 1.8 or below"),
    ({"systemic_infection": "yes"}, ["F2"], "systemic infection is cleared"),
    ({"systemic_infection": "yes", "anticoagulant": "warfarin"}, ["F2"], "systemic infection is cleared"),
]


@pytest.mark.parametrize(("changes", "codes", "goal"), BARRIERS, ids=str)
def test_correct_first_says_exactly_what_to_correct(changes, codes, goal):
    assessment = assessed(**changes)
    assert assessment.pathway == "correct_first"
    assert [barrier.code for barrier in assessment.bleeding_plan.to_correct] == codes
    assert goal in assessment.bleeding_plan.to_correct[0].goal


NOT_INDICATED = [
    ("conservative_care", {"conservative_response": "not_tried", "conservative_treatments": ["none"]}),
    ("not_indicated", {"pain_trend": "improving"}),
    ("spine_surgery_review", {"spinal_instability": "yes"}),
    ("not_a_candidate", {"cement_allergy": "yes"}),
    ("emergency_referral", {"neurological_status": "cauda_equina"}),
    ("correct_first", {"systemic_infection": "yes"}),
    ("more_information", {"pain_nrs": None}),
]


@pytest.mark.parametrize(("pathway", "changes"), NOT_INDICATED, ids=str)
def test_no_interval_is_shown_unless_the_procedure_is_otherwise_indicated(pathway, changes):
    assessment = assessed(anticoagulant="apixaban", antiplatelets=["aspirin"], inr=2.4, **changes)
    plan = assessment.bleeding_plan
    assert assessment.pathway == pathway
    assert (plan.is_indicated, plan.drugs, plan.longest, plan.reminder, plan.facts) == (False, (), "", None, ())
    assert not any("hold" in barrier.goal.lower() for barrier in plan.to_correct)
    assert not {"F5", "F9", "F10"} & {referral.code for referral in assessment.next_steps.referrals}
    assert [finding.state for finding in plan.laboratory if finding.id == "laboratory.inr"] == ["outside"]


@pytest.mark.parametrize(("changes", "note"), [
    ({"pain_trend": "improving", "anticoagulant": "apixaban"}, "W29"),
    ({"cement_allergy": "yes", "anticoagulant": "apixaban"}, "shown only"),
    ({"cement_allergy": "yes"}, "nothing"),
    ({"anticoagulant": "apixaban"}, "nothing"),
])
def test_in_place_of_a_plan_stands_the_note_that_nothing_is_to_be_changed(changes, note):
    assessment = assessed(**changes)
    expected = {"W29": [assessment.with_code("W29").tell], "shown only": [RULES.advice.bleeding.how_to_print.shown_only], "nothing": []}[note]
    assert [text.text for text in assessment.bleeding_plan.notes] == expected


def test_a_preparation_with_infection_still_open_names_the_barrier_but_no_interval():
    assessment = assessed(anticoagulant="apixaban", local_skin_infection=None)
    plan = assessment.bleeding_plan
    assert (assessment.pathway, plan.is_indicated, plan.drugs) == ("correct_first", False, ())
    assert [barrier.code for barrier in plan.to_correct] == ["F9"]
    assert "not excluded yet" in plan.lead


def test_an_agreed_hold_leads_to_augmentation_and_keeps_the_table_in_view():
    assessment = assessed(anticoagulant="apixaban", antithrombotic_hold_completed="yes")
    assert (assessment.pathway, the_drug(assessment).state, assessment.bleeding_plan.to_correct) == ("augmentation", "row", ())
    assert "Recorded as completed" in assessment.bleeding_plan.hold_status


@pytest.mark.parametrize(("recorded", "words"), [("no", "Not recorded as completed yet"), (None, "is not recorded")])
def test_an_open_hold_is_said_to_be_open(recorded, words):
    assert words in assessed(anticoagulant="apixaban", antithrombotic_hold_completed=recorded).bleeding_plan.hold_status


def test_the_reminder_of_high_thrombotic_risk_stands_with_every_drug():
    assert "mechanical valve" in assessed(antiplatelets=["clopidogrel"]).bleeding_plan.reminder.text


def test_no_text_of_the_plan_tells_anyone_to_end_a_medicine():
    for changes in ({"anticoagulant": code, "antiplatelets": ["aspirin", "other"]} for code, *_ in ANTICOAGULANTS):
        assessment = assessed(**changes)
        assert says_stop((assessment.bleeding_plan, assessment.next_steps, assessment.evidence)) == []
