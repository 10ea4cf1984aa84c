"""The text says what held, what did not and why; it suggests and never orders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine import Assessment, assess, load_rules
from engine.evaluator import evaluator_for
from engine.outlook import outlook_of
from engine.rendering import needs_dissent_note, render_note, render_text
from engine.yaml_files import read_yaml
from tests.transcription.patients import SUITABLE as GENERATED
from tests.transcription.patients import random_patients

SUITABLE = {**GENERATED, "antiplatelets": ["none"]}
PACKS = ["medicare_l34106", "nice_ta279", "aaos_2010"]

RANDOM = [{name: value if value != [] else ["none"] for name, value in patient.items()} for patient in random_patients(25, seed=8)]


def assessed(**changes: object) -> Assessment:
    return assess({**SUITABLE, **changes}, guidelines=PACKS)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def suitable() -> Assessment:
    return assessed()


def test_the_note_holds_everything_that_a_record_needs(suitable):
    note = flat(render_note(suitable))
    assert suitable.pathway == "augmentation"
    for part in (
        "Supports the clinician's judgement and never replaces it", "Pathway: Suitable for augmentation", "a preference only",
        "Still needed: nothing more", "Coverage (would this payer pay", "Clinical guidelines:", "NICE TA279 (2013): Criteria met",
        "The other view: Two major reviews", "Safety net: Emergency care at once",
        f"Engine {suitable.engine_version}, rules {suitable.rules_fingerprint}",
        "Clinical sign-off: not yet given",
    ):  # fmt: skip
        assert part in note


def test_the_reason_carries_the_value_the_limit_and_the_next_step():
    note = flat(render_note(assessed(inr=2.4)))
    assert "F5" in note and "INR: 2.4" in note and "> 1.8" in note
    assert assessed(inr=2.4).with_code("F5").next_step in note


def test_a_unit_that_the_label_says_already_is_not_repeated():
    text = flat(render_text(assessed(inr=2.4)))
    assert "2.4 ratio" not in text and "8 0-10" not in text and "78 years" in text


def test_what_is_still_needed_is_named_the_next_item_first():
    assessment = assessed(neurological_status=None, inr=None)
    note = flat(render_note(assessment))
    assert f"Consider next: {assessment.items[assessment.next_item].label}" in note
    assert all(assessment.items[name].label in note for name in assessment.missing_items)


def test_the_text_names_every_criterion_that_held_and_every_one_that_did_not(suitable):
    text = flat(render_text(suitable))
    for finding in suitable.criteria.values():
        if finding.id.startswith(("pathway.warning", "pathway.contradiction")) and finding.state != "met":
            shown = finding.code if finding.id.startswith("pathway.warning") else ""
        elif finding.id.startswith(("shared.", "pathway.procedure.")) and finding.state != "not_met":
            shown = ""  # what the gates and the packs rest on; they show it
        else:
            shown = finding.says if finding.state == "unknown" else finding.sentence
        assert flat(shown) in text, finding.id


def test_the_text_shows_values_limits_and_sources_of_what_decided():
    assessment = assessed(inr=2.4)
    text, finding = flat(render_text(assessment)), assessment.with_code("F5")
    assert "INR: 2.4" in text
    assert all(flat(source.citation) in text and source.address in text for source in finding.sources)
    assert all(f"{threshold.comparison} {threshold.value:g}" in text for threshold in finding.thresholds)


def test_the_text_shows_every_recorded_value_and_names_what_is_not_recorded(suitable):
    text = flat(render_text(suitable))
    for name, finding in suitable.items.items():
        assert finding.label in text, name
    assert "Not recorded:" in text and suitable.items["bone_scan_uptake"].label in text.partition("Not recorded:")[2]


def test_coverage_and_clinical_verdicts_stand_apart(suitable):
    note = render_note(suitable)
    coverage = note[note.index("Coverage"):note.index("Clinical guidelines")]
    assert "Medicare L34106" in coverage and "NICE" not in coverage


@pytest.mark.parametrize("changes, expected", [
    ({}, True),
    ({"inr": 2.4}, True),  # the indication is met, only preparation is open
    ({"fracture_cause": "metastasis", "mdt_agreed": "yes", "of_type": None, "lesion_type": "lytic"}, False),
    ({"pain_nrs": 0, "pain_trend": "improving"}, False),
])  # fmt: skip
def test_the_other_view_stands_beside_every_positive_osteoporotic_answer_and_no_other(changes, expected):
    assessment = assessed(**changes)
    assert needs_dissent_note(assessment) is expected
    assert ("found no clinically important benefit" in flat(render_note(assessment))) is expected
    assert ("found no clinically important benefit" in flat(render_text(assessment))) is expected


def test_second_hand_guidelines_are_marked():
    note = flat(render_note(assess(SUITABLE, guidelines=["msac_2020"])))
    assert "second-hand, verify against the original" in note


def test_assumptions_are_named():
    assessment = assess({**SUITABLE, "local_skin_infection": None}, guidelines=PACKS, assume=["local_skin_infection=no"])
    assert "Assumed, not recorded: local_skin_infection=no" in flat(render_note(assessment))
    assert "Assumed, not recorded: local_skin_infection=no" in flat(render_text(assessment))


def test_no_text_orders_anything_or_tells_to_stop_a_medicine():
    medicine = r"(drug|medicine|warfarin|apixaban|rivaroxaban|aspirin|clopidogrel|anticoag|antiplatelet)"
    forbidden = re.compile(rf"\b(stop|discontinue|withhold|cease)\s+(the\s+)?{medicine}|\bmust be (treated|performed)", re.I)
    for patient in [{**SUITABLE, "anticoagulant": "apixaban", "antithrombotic_hold_completed": None}, *RANDOM]:
        assessment = assess(patient, guidelines=PACKS)
        for text in (render_text(assessment), render_note(assessment)):
            assert not forbidden.search(text)


def test_text_is_made_from_the_value_alone(suitable):
    again = Assessment.from_json(suitable.to_json())
    assert render_text(again) == render_text(suitable) and render_note(again, load_rules()) == render_note(suitable)


def test_text_has_no_template_remains_and_no_long_or_trailing_space(suitable):
    for assessment in (suitable, assessed(neurological_status="cauda_equina"), assess({}, guidelines=PACKS)):
        for text in (render_text(assessment), render_note(assessment)):
            assert "{{" not in text and "{%" not in text and "None" not in text.split("SAFETY")[0].replace("None is met", "").replace(": None", "")
            assert not [line for line in text.splitlines() if line != line.rstrip()]


ANTICOAGULATED = {
    "inr": 1.9, "anticoagulant": "apixaban", "antithrombotic_hold_completed": "no", "creatinine_clearance_ml_per_min": None,
    "service_state": "TX", "icd10_codes": ["M80.08XA", "C79.51"],
}


@pytest.fixture(scope="module")
def explained() -> str:
    written = read_yaml(Path(load_rules().directory) / "patients.yaml")["patients"]["suitable_osteoporotic"]
    assessment = assess({**written, **ANTICOAGULATED}, guidelines=PACKS)
    return flat(render_text(assessment, outlook=outlook_of(evaluator_for(load_rules(), PACKS), assessment.patient)))


@pytest.mark.parametrize("part", [
    "The indication is met; only preparation is open.",
    "Before anything else is planned: Prescriber and haematology (F5)",
    "To reach: INR 1.8 or below",
    "The kidney function is missing, so the longest row of this drug is shown.",
    "per SIR (2019), prescriber to confirm. Doses left out: 6; calendar days without a dose: 3.",
    "per ASRA (2018), prescriber to confirm. Doses left out: not stated; calendar days without a dose: 3.",
    "BEFORE THE PROCEDURE", "DURING THE PROCEDURE", "AFTER THE PROCEDURE", "BONE HEALTH", "FOLLOW-UP", "WHAT THE PATIENT CAN BE TOLD (no clinician has",
    "OF score", "Morphology: 4", "Genant grade: Grade 2", "WHERE THE TRIALS AND THE GUIDELINES DISAGREE", "VAPOUR", "HARM",
    "CODES (remarks only", "MEDICARE IN THE STATE OF SERVICE", "22513",
])  # fmt: skip
def test_the_text_has_all_the_advice_of_the_assessment(explained, part):
    assert part in explained


def test_the_text_says_which_answers_hang_on_one_measurement_and_what_would_change_them():
    written = read_yaml(Path(load_rules().directory) / "patients.yaml")["patients"]["suitable_osteoporotic"]
    assessment = assess({**written, "anticoagulant": "apixaban", "antithrombotic_hold_completed": "no"}, guidelines=PACKS)
    text = flat(render_text(assessment, outlook=outlook_of(evaluator_for(load_rules(), PACKS), assessment.patient)))
    hangs, _, changes = text.partition("WHAT HANGS ON ONE MEASUREMENT")[2].partition("THE GATES")[0].partition("WHAT WOULD CHANGE IT")
    assert "away. Just across it:" in hangs
    assert "Spinal instability were Yes instead of No (measure or check again)" in changes and "Medicare L34106:" in changes


def test_without_an_outlook_the_text_has_no_part_about_changes(suitable):
    assert "WHAT WOULD CHANGE IT" not in render_text(suitable)


def test_every_short_name_of_a_source_in_the_text_is_spelled_out(explained):
    named = explained.partition("SOURCES BY THEIR SHORT NAMES")[2].partition("ORDER IN WHICH")[0]
    for name in ("sir_2019", "asra_pain", "patient_page_seed", "cochrane_2018", "cms_l34106"):
        assert f"{name}:" in named


def test_the_note_names_the_referrals_and_the_interval_that_is_shown_as_default():
    note = flat(render_note(assessed(**ANTICOAGULATED)))
    assert "Before anything else is planned: Prescriber and haematology (F5)" in note
    assert "hold interval 3 days per ASRA (2018), prescriber to confirm" in note
