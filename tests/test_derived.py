"""Derived items, each in a table: what is recorded and what is made of it, blanks included (`semantics.md` 2, `clinical/pathway.md` 6)."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from engine.column_building import columns_from_patients
from engine.columns import Columns
from engine.derived import with_derived
from tests.small_rules import RULES, parsed
from tests.transcription.patients import random_patients

VOCABULARY = RULES.vocabulary

# '-' is not recorded.
TABLES = {
    "levels_planned": """
{levels_planned: 2}                                           | 2
{levels_planned: 2, fracture_levels: [T12]}                   | 2
{levels_planned: 1, fracture_levels: [T11, T12]}              | 1
{fracture_levels: [T12]}                                      | 1
{fracture_levels: [L1, T12, T11]}                             | 3
{fracture_levels: [T12, T12, L1]}                             | 2
{fracture_levels: [C1, C2, C3, C4, C5, C6, C7, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12]} | 19
{levels_planned: , fracture_levels: [S1]}                     | 1
{pain_nrs: 8}                                                 | -
{}                                                            | -
""",
    "levels_planned_differs": """
{levels_planned: 1, fracture_levels: [T12]}                   | no
{levels_planned: 2, fracture_levels: [T12]}                   | yes
{levels_planned: 1, fracture_levels: [T12, L1]}               | yes
{levels_planned: 2, fracture_levels: [T12, L1]}               | no
{levels_planned: 1, fracture_levels: [T12, T12]}              | no
{levels_planned: 17, fracture_levels: [S5]}                   | yes
{levels_planned: 2}                                           | -
{fracture_levels: [T12]}                                      | -
{}                                                            | -
""",
    "conservative_longer_than_symptoms": """
{conservative_weeks: 6, symptom_duration_weeks: 5}            | yes
{conservative_weeks: 5, symptom_duration_weeks: 5}            | no
{conservative_weeks: 5.01, symptom_duration_weeks: 5}         | yes
{conservative_weeks: 4.99, symptom_duration_weeks: 5}         | no
{conservative_weeks: 5.000000000000001, symptom_duration_weeks: 5} | yes
{conservative_weeks: 0, symptom_duration_weeks: 0}            | no
{conservative_weeks: 0.14, symptom_duration_weeks: 0}         | yes
{conservative_weeks: 6}                                       | -
{symptom_duration_weeks: 5}                                   | -
{}                                                            | -
""",
    "imaging_predates_pain": """
{imaging_age_days: 21, symptom_duration_weeks: 3}             | no
{imaging_age_days: 22, symptom_duration_weeks: 3}             | yes
{imaging_age_days: 20, symptom_duration_weeks: 3}             | no
{imaging_age_days: 25, symptom_duration_weeks: 3.5}           | yes
{imaging_age_days: 24, symptom_duration_weeks: 3.5}           | no
{imaging_age_days: 1, symptom_duration_weeks: 0.14}           | yes
{imaging_age_days: 0, symptom_duration_weeks: 0}              | no
{imaging_age_days: 1, symptom_duration_weeks: 0}              | yes
{imaging_age_days: 22}                                        | -
{symptom_duration_weeks: 3}                                   | -
{}                                                            | -
""",
    "icd10_groups": """
{icd10_codes: [M80.08XA]}                                     | osteoporotic
{icd10_codes: [M80]}                                          | osteoporotic
{icd10_codes: [M81.0]}                                        | other
{icd10_codes: [C79.51]}                                       | malignant
{icd10_codes: [C90.00, C41.2]}                                | malignant
{icd10_codes: [S22.080A]}                                     | other
{icd10_codes: [M84.58XA]}                                     | other
{icd10_codes: [D48.0]}                                        | other
{icd10_codes: [C79.51, M84.58XA]}                             | malignant;other
{icd10_codes: [S22.080A, C79.51, M80.08XA]}                   | osteoporotic;malignant;other
{icd10_codes: m80.08xa}                                       | osteoporotic
{icd10_codes: }                                               | -
{}                                                            | -
""",
    "policy_region": """
{service_state: OR}                                           | noridian_jf
{service_state: CA}                                           | noridian_je
{service_state: IL}                                           | ngs
{service_state: TX}                                           | novitas
{service_state: FL}                                           | first_coast
{service_state: KY}                                           | cgs
{service_state: GA}                                           | palmetto
{service_state: NE}                                           | wps
{service_state: ne}                                           | wps
{service_state: }                                             | not_stated
{}                                                            | not_stated
""",
}

# Every state of `clinical/guidelines.md` 4.
STATES = {
    "noridian_jf": "AK AZ ID MT ND OR SD UT WA WY",
    "noridian_je": "CA HI NV AS GU MP",
    "ngs": "IL MN WI CT NY ME MA NH RI VT",
    "novitas": "TX AR CO LA MS NM OK DE DC MD NJ PA",
    "first_coast": "FL PR VI",
    "cgs": "KY OH",
    "palmetto": "AL GA TN NC SC VA WV",
    "wps": "IA KS MO NE IN MI",
}


def rows_of(name: str) -> list[tuple[dict, str]]:
    cells = [[cell.strip() for cell in line.split("|")] for line in TABLES[name].strip().splitlines()]
    return [(yaml.load(patient, Loader=yaml.BaseLoader), made) for patient, made in cells]


def made_of(name: str, by_name, row: int) -> str:
    """A derived value in the words of the tables."""
    if name not in by_name or not by_name[name].recorded[row]:
        return "-"
    value, derived = by_name[name].values[row], VOCABULARY.derived[name]
    if derived.type == "integer":
        return f"{value:g}"
    if derived.type == "category_list":
        return ";".join(code for place, code in enumerate(derived.codes) if int(value) >> place & 1)
    return derived.codes[value]


def test_there_is_a_table_for_every_derived_item():
    assert set(TABLES) == set(VOCABULARY.derived)


@pytest.mark.parametrize(("name", "patient", "made"), [(name, *row) for name in TABLES for row in rows_of(name)])
def test_a_derived_item_is_what_the_table_says(name, patient, made):
    by_name = with_derived(VOCABULARY, columns_from_patients(VOCABULARY, [parsed(patient)]))
    assert made_of(name, by_name, 0) == made


@pytest.mark.parametrize("name", TABLES)
def test_a_whole_table_as_a_cohort_gives_the_same_row_by_row(name):
    rows = rows_of(name)
    by_name = with_derived(VOCABULARY, columns_from_patients(VOCABULARY, [parsed(patient) for patient, _ in rows]))
    assert [made_of(name, by_name, row) for row in range(len(rows))] == [made for _, made in rows]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_shows_every_code_and_a_blank_that_has_its_own_rule(name):
    made = {value for _, value in rows_of(name)}
    assert set(VOCABULARY.derived[name].codes) <= {code for value in made for code in value.split(";")}
    assert ("-" in made) == (name != "policy_region"), "a blank state is a region of its own, any other blank stays one"


@pytest.mark.parametrize(("region", "state"), [(region, state) for region, states in STATES.items() for state in states.split()])
def test_every_state_has_the_contractor_of_the_clinical_document(region, state):
    by_name = with_derived(VOCABULARY, columns_from_patients(VOCABULARY, [parsed({"service_state": state})]))
    assert made_of("policy_region", by_name, 0) == region


def test_no_state_is_left_without_a_contractor():
    assert sorted(" ".join(STATES.values()).split()) == sorted(VOCABULARY["service_state"].codes)


def test_recorded_columns_stay_as_they_are():
    patient = parsed({"levels_planned": 3, "fracture_levels": ["T12"], "icd10_codes": ["M80.08XA"], "service_state": "OR"})
    columns = columns_from_patients(VOCABULARY, [patient])
    by_name = with_derived(VOCABULARY, columns)
    assert all(by_name[name] is columns.by_item[name] for name in ("fracture_levels", "icd10_codes", "service_state"))
    assert set(columns.by_item) == set(patient), "what is derived is not written among the recorded columns"


@pytest.mark.parametrize("changed", sorted({item for derived in VOCABULARY.derived.values() for item in derived.made_of}))
def test_after_a_change_of_one_item_only_what_is_made_of_it_is_made_anew_and_the_rest_is_still_right(changed):
    patients = [parsed(patient) for patient in random_patients(60, seed=41)]
    before, after = columns_from_patients(VOCABULARY, patients), columns_from_patients(VOCABULARY, patients[::-1])
    kept = with_derived(VOCABULARY, before)
    columns = Columns(before.rows, {**before.by_item, changed: after.by_item[changed]})
    found, fresh = with_derived(VOCABULARY, columns, changed, kept), with_derived(VOCABULARY, columns)
    for name, derived in VOCABULARY.derived.items():
        assert changed in derived.made_of or found[name] is kept[name]
        assert np.array_equal(found[name].recorded, fresh[name].recorded)
        assert np.array_equal(found[name].values[found[name].recorded], fresh[name].values[found[name].recorded])
