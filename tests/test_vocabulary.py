"""The shipped vocabulary is that of the data dictionary and the clinical documents (copies in `tests/contract`)."""

from __future__ import annotations

import csv
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from transcription.clinical_text import ClinicalText
from transcription.formulas import MET, NOT_MET, Reading
from transcription.markdown_parts import section, table
from transcription.patient_table import PatientTable, expand_range

from engine import conditions as c
from engine.column_building import columns_from_patients
from engine.loading import load_rules
from engine.planes import evaluate
from engine.program import base_items, compile_program
from engine.vocabulary import RECORD_ID, Item

CONTRACT = Path(__file__).parent / "contract"
RULES = load_rules()
VOCABULARY = RULES.vocabulary
TEXT = ClinicalText.load()
with (CONTRACT / "data_dictionary.csv").open(encoding="utf-8", newline="") as file:
    DICTIONARY = {row["name"]: row for row in csv.DictReader(file) if row["name"] != RECORD_ID}
YES_NO = ("yes", "no")


def test_the_items_are_those_of_the_dictionary_but_the_row_key():
    assert set(VOCABULARY.names) == set(DICTIONARY)
    assert len(DICTIONARY) == 77


@pytest.mark.parametrize("name", DICTIONARY)
def test_an_item_is_as_in_the_dictionary(name):
    row, item = DICTIONARY[name], VOCABULARY[name]
    allowed = tuple(code for part in row["allowed_values"].split(";") if part for code in expand_range(part))
    assert item.type == row["type"]
    assert item.unit == row["unit"]
    assert item.group == row["section"]
    assert (item.minimum, item.maximum) == tuple(float(row[end]) if row[end] else None for end in ("minimum", "maximum"))
    assert item.milestone == ("(milestone)" in row["meaning"])
    if name != "service_state":  # free text of two letters in the dictionary; the states are those of guidelines.md
        assert item.codes == allowed


def test_the_groups_are_the_sections_of_the_dictionary():
    assert {group.id for group in VOCABULARY.groups} == {row["section"] for row in DICTIONARY.values()}
    assert all(group.label and group.help for group in VOCABULARY.groups)


@pytest.mark.parametrize("item", list(VOCABULARY), ids=lambda item: item.name)
def test_an_item_has_its_words(item: Item):
    assert item.label and item.help and "?" in item.question
    assert set(item.code_labels) == set(item.codes) or item.type == "boolean" and not item.code_labels
    assert all(item.code_labels.values())


def test_the_questions_are_those_of_the_clinical_pathway():
    asked = {row[0].strip("`"): row[1] for row in table(section(CONTRACT.joinpath("pathway.md").read_text(encoding="utf-8"), "## 9. Questions"), "Item", "Question in plain words")}
    assert set(asked) == set(VOCABULARY.names)
    assert {name: VOCABULARY[name].question for name in asked} == asked


def test_the_form_asks_in_the_order_of_its_groups():
    order = [group.id for group in VOCABULARY.groups]
    places = [order.index(item.group) for item in VOCABULARY]
    assert places == sorted(places)
    assert [item.order for item in VOCABULARY] == list(range(len(DICTIONARY)))


# Relevance and safety


def read_by(condition: c.Condition) -> set[str]:
    return {name for node in c.walk(condition) if hasattr(node, "item") for name in base_items(VOCABULARY, node.item)}


@pytest.mark.parametrize("item", [item for item in VOCABULARY if not isinstance(item.relevant_when, c.Always)], ids=lambda item: item.name)
def test_relevance_reads_earlier_items_only(item: Item):
    assert read_by(item.relevant_when)
    assert all(VOCABULARY[name].order < item.order for name in read_by(item.relevant_when))


ALWAYS_SAFETY_CRITICAL = """age_years fracture_cause trauma_energy fracture_levels spinal_instability ankylosed_spine pain_nrs pain_trend
    pain_from_fracture neurological_status spinal_infection systemic_infection local_skin_infection inr platelets_10e9_per_l bleeding_disorder
    anticoagulant antiplatelets cement_allergy contrast_allergy can_lie_prone""".split()
SAFETY_CRITICAL_WHEN = {
    "malignancy_suspected": "fracture_cause not in TUMOUR",
    "pregnancy_status": "ALL(sex != male, age_years < 56)",
    "epidural_grade": "ANY(fracture_cause in TUMOUR, malignancy_suspected = yes)",
    "sins_score": "ANY(fracture_cause in MALIGNANT, malignancy_suspected = yes)",
    "neurological_change": "neurological_status = radicular",
    "conservative_response": "@fragility_cause",
    "imaging_age_days": "ALL(@fragility_cause, symptom_duration_weeks > 12)",
    "marrow_oedema": "@fragility_cause",
    "bone_scan_uptake": "@fragility_cause",
}
NOT_BOTH_BLANK = (("marrow_oedema", "bone_scan_uptake"), ("retropulsion", "canal_compromise_percent"), ("chronic_liver_disease", "fibrinogen_mg_per_dl"))
"""All of `semantics.md` 8.3, in the notation of the clinical documents."""


def test_the_safety_critical_items_are_those_of_the_semantics():
    expected = {*ALWAYS_SAFETY_CRITICAL, *SAFETY_CRITICAL_WHEN, *itertools.chain.from_iterable(NOT_BOTH_BLANK)}
    assert {item.name for item in VOCABULARY if item.safety_critical} == expected
    other = {**dict(NOT_BOTH_BLANK), **{second: first for first, second in NOT_BOTH_BLANK}}
    assert {item.name: item.safety_critical.unless_recorded for item in VOCABULARY if item.safety_critical and item.safety_critical.unless_recorded} == other
    always = {item.name for item in VOCABULARY if item.safety_critical and isinstance(item.safety_critical.when, c.Always)}
    assert always == expected - set(SAFETY_CRITICAL_WHEN)


CONDITION_GRID = [
    {name: value for name, value in zip(("fracture_cause", "malignancy_suspected", "sex", "age_years", "trauma_energy", "neurological_status", "symptom_duration_weeks"), values) if value is not None}
    for values in itertools.product(
        (None, *VOCABULARY["fracture_cause"].codes), (None, "yes", "no"), (None, "male", "female", "other"), (None, 49.99, 50, 55.99, 56),
        (None, "none", "low", "high"), (None, "intact", "radicular", "deficit"), (None, 12, 12.01),
    )
]


@pytest.mark.parametrize("name", SAFETY_CRITICAL_WHEN)
def test_a_condition_of_a_safety_critical_item_means_what_the_semantics_say(name):
    condition = VOCABULARY[name].safety_critical.when
    evaluation = evaluate(compile_program(RULES, (), [condition]), VOCABULARY, GRID_COLUMNS)
    plane = evaluation.planes[evaluation.program.condition_steps[condition]]
    expected = TEXT.notation.parse(SAFETY_CRITICAL_WHEN[name])(Reading(GRID_TABLE, TEXT.shared))
    assert np.array_equal(plane.met, expected == MET)
    assert np.array_equal(plane.not_met, expected == NOT_MET)
    assert {True, False} == set(plane.met.tolist())


GRID_COLUMNS = columns_from_patients(VOCABULARY, CONDITION_GRID)
GRID_TABLE = PatientTable(CONDITION_GRID, TEXT.items)


# Derived items and the map of states


def regions() -> dict[str, list[str]]:
    return {region["code"]: list(region["states"]) for region in RULES.texts["medicare_regions"]["regions"]}


def test_the_policy_region_is_made_from_the_map_of_medicare_regions():
    derived = VOCABULARY.derived["policy_region"]
    assert {code: list(states) for code, states in derived.made_from.items()} == regions()
    assert derived.codes == (RULES.texts["medicare_regions"]["blank_code"], *regions())


def test_the_map_of_medicare_regions_is_that_of_the_guidelines():
    rows = table(section(CONTRACT.joinpath("guidelines.md").read_text(encoding="utf-8"), "## 4. State, contractor, policy"), "LCD", "Contractor", "States")
    documented = {row[0]: set(re.findall(r"\b[A-Z]{2}\b", row[2])) for row in rows}
    assert {region["lcd"]: set(region["states"]) for region in RULES.texts["medicare_regions"]["regions"]} == documented


def test_the_states_that_can_be_recorded_are_those_of_the_map_each_once():
    mapped = list(itertools.chain.from_iterable(regions().values()))
    assert len(mapped) == len(set(mapped))
    assert set(VOCABULARY["service_state"].codes or VOCABULARY["service_state"].code_labels) == set(mapped)


def test_the_prior_authorisation_states_are_known_and_those_of_the_guidelines():
    sentence = re.search(r"`service_state in \{([A-Z, ]+)\}`", CONTRACT.joinpath("guidelines.md").read_text(encoding="utf-8"))
    states = RULES.texts["medicare_regions"]["prior_authorisation"]["states"]
    assert set(states) == set(sentence[1].split(", "))
    assert set(states) <= set(itertools.chain.from_iterable(regions().values()))


def test_derived_items_are_made_of_recorded_ones():
    for derived in VOCABULARY.derived.values():
        assert set(derived.made_of) <= set(VOCABULARY.names)
        assert derived.label and derived.how
