"""Missing items against brute force (`semantics.md` 7): on generated decision lists, on real guidelines and on the pathway."""

from __future__ import annotations

import functools
import random

import numpy as np
import pytest

from engine import load_rules
from engine.column_building import columns_from_patients
from engine.decisions import decide_evaluated
from engine.derived import with_derived
from engine.missing import missing_items
from engine.next_item import next_item
from engine.planes import evaluate
from engine.program import compile_program
from tests.brute_force import BruteForce, TooMany
from tests.generated_lists import GeneratedList
from tests.small_rules import RULES, condition, decision_list, parsed, rules_of
from tests.transcription.patients import SUITABLE, PatientGenerator, random_patients

SMALL_PACKS = ["aaos_2010", "asbmr_2019", "nass_2025", "sir_multisociety_2014", "nice_ta279", "rand_eu_2013", "acr_2014"]
EDGES = {"levels_planned_differs": "{levels_planned_differs: yes}", "imaging_predates_pain": "{imaging_predates_pain: yes}"}


@functools.cache
def known(name):
    """The decision list of this column, its missing items and its brute force."""
    decision = next(found for found in RULES.decision_lists(tuple(RULES.packs.values())) if found.name == name)
    return decision, missing_items(RULES, decision), BruteForce(RULES, decision)


def columns_of(ids):
    return [verdicts.column for id in ids for verdicts in RULES.packs[id].verdicts]


def found_by(made, patient):
    return made.of_one(with_derived(RULES.vocabulary, columns_from_patients(RULES.vocabulary, [patient])))


def nearly_complete(brute, seed, count, most_blank):
    """Patients with everything recorded that the list or a contradiction reads, but for a few items of the list."""
    generator = PatientGenerator(seed)
    draw = random.Random(seed)
    for _ in range(count):
        whole = {name: value for name, value in (SUITABLE | generator.mutated()).items() if value is not None}
        whole = {**{item.name: generator.value(item.name) for item in brute.all_items if item.name not in ("service_state", "icd10_codes")}, **whole}
        names = [item.name for item in brute.asked]
        for name in draw.sample(names, min(len(names), draw.randint(1, most_blank))):
            whole.pop(name, None)
        yield parsed(whole)


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_on_generated_lists_exactly_the_items_are_missing_that_brute_force_finds(first):
    compared, named = 0, 0
    for seed in range(first, first + 40):
        generated = GeneratedList(seed)
        brute, made = BruteForce(generated.rules, generated.decision), missing_items(generated.rules, generated.decision)
        for _ in range(6):
            patient = generated.patient(brute.all_items, most_blank=4)
            expected = brute.missing(patient)
            assert found_by(made, patient) == expected, (seed, patient)
            compared, named = compared + 1, named + bool(expected)
    assert compared == 240
    assert named > 50, "too few patients had anything missing to show something"


@pytest.mark.long
def test_on_three_thousand_generated_lists_too():
    for seed in range(10_000, 13_000):
        generated = GeneratedList(seed)
        brute, made = BruteForce(generated.rules, generated.decision), missing_items(generated.rules, generated.decision)
        patient = generated.patient(brute.all_items, most_blank=4)
        assert found_by(made, patient) == brute.missing(patient), (seed, patient)


@pytest.mark.parametrize("column", ["pathway", *columns_of(SMALL_PACKS), "medicare_l34106", "of_score"])
def test_on_real_lists_exactly_the_items_are_missing_that_brute_force_finds(column):
    decision, made, brute = known(column)
    compared = named = 0
    for patient in nearly_complete(brute, seed=7, count=40, most_blank=3):
        try:
            expected = brute.missing(patient)
        except TooMany:
            continue
        assert found_by(made, patient) == expected, patient
        compared, named = compared + 1, named + bool(expected)
    assert compared >= 30
    assert named > 0


def small(contradictions=EDGES, **criteria):
    rules = rules_of(criteria, contradictions)
    decision = decision_list(*((f"answer_{number}", name) for number, name in enumerate(criteria)), ("otherwise", None))
    return missing_items(rules, decision)


def test_a_list_of_five_levels_cannot_lie_within_four():
    made = small(high="{all: [{fracture_levels: {all_within: [T1, T2, T3, T4]}}, {pain_nrs: {at_least: 5}}]}")
    assert found_by(made, parsed({"levels_planned": 4})) == ["fracture_levels", "pain_nrs"]
    assert found_by(made, parsed({"levels_planned": 5})) == ["fracture_levels"], "the pain no longer matters: no list of five lies within T1 to T4"


def test_there_is_no_image_of_forty_two_and_a_half_days():
    """At 6.1 weeks (42.7 days) an image of more than 42 whole days is older than the pain."""
    made = small(old="{all: [{imaging_age_days: {above: 42}}, {pain_nrs: {at_least: 5}}]}", young="{symptom_duration_weeks: {below: 6}}")
    assert "pain_nrs" in found_by(made, parsed({"symptom_duration_weeks": 6.15}))
    assert "pain_nrs" not in found_by(made, parsed({"symptom_duration_weeks": 6.1}))


def test_a_filling_that_contradicts_a_recorded_value_in_a_new_way_is_no_filling():
    """The contradiction stands already for another reason; that is no licence to contradict once more."""
    contradictions = {"unstable_or_not": "{all: [{spinal_instability: no}, {any: [{of_type: OF5}, {ao_type: {one_of: [B, C]}}]}]}"}
    made = small(contradictions, grave="{all: [{ao_type: C}, {pain_nrs: {at_least: 5}}]}")
    assert "pain_nrs" in found_by(made, parsed({"of_type": "OF5"}))
    assert "pain_nrs" not in found_by(made, parsed({"of_type": "OF5", "spinal_instability": "no"}))


def test_a_blank_milestone_is_never_missing_and_may_be_recorded_either_way():
    made = small(held="{all: [{milestone_reached: mdt_agreed}, {pain_nrs: {at_least: 5}}]}")
    assert found_by(made, {}) == ["pain_nrs"]
    assert found_by(made, parsed({"mdt_agreed": "no"})) == []


def test_an_item_is_named_by_the_branch_that_first_uses_it_and_then_by_the_form():
    made = small(later_item="{inr: {above: 1.8}}", earlier_items="{all: [{pain_nrs: {at_least: 5}}, {age_years: {at_least: 50}}]}")
    assert found_by(made, {}) == ["inr", "age_years", "pain_nrs"]


def test_the_number_of_levels_is_not_missing_where_the_list_gives_it():
    made = small(many="{levels_planned: {above: 6}}")
    assert found_by(made, {}) == ["fracture_levels", "levels_planned"] or found_by(made, {}) == []
    assert found_by(made, parsed({"fracture_levels": ["T12"]})) == []


@pytest.fixture(scope="module")
def drawn():
    return [parsed(patient) for patient in random_patients(400, seed=11)]


@pytest.mark.parametrize("column", ["pathway", "medicare_l34106", "nice_ta279", "acr_2018", "msac_2020_vertebroplasty", "of_score"])
def test_nothing_is_missing_when_settled_and_many_rows_say_the_same_as_one(drawn, column):
    decision, made, _ = known(column)
    program = compile_program(RULES, (), [branch.condition for branch in decision.branches if branch.condition is not None])
    evaluation = evaluate(program, RULES.vocabulary, columns_from_patients(RULES.vocabulary, drawn))
    settled = decide_evaluated(decision, evaluation).settled >= 0
    by_rows = made.of(evaluation.by_name, len(drawn))
    assert 0 < settled.sum() < len(drawn)
    for row, patient in enumerate(drawn):
        alone = found_by(made, patient)
        assert alone == [item for item, where in by_rows.items() if where[row]]
        assert not (settled[row] and alone)
        assert not set(alone) & set(patient), "an item that is recorded is not missing"


def test_answering_what_is_asked_next_settles_the_pathway_of_a_coherent_patient():
    """From nothing recorded, one answer after another out of a complete patient, until nothing is missing: the answer is the complete one."""
    decision, made, brute = known("pathway")
    asks = next_item(RULES, decision)
    whole = [patient for patient in nearly_complete(brute, seed=5, count=25, most_blank=1)]
    milestones = [item.name for item in RULES.vocabulary if item.milestone]
    for complete in [{**patient, **_suitable_where_blank(patient)} for patient in whole]:
        if any(brute.standing(complete)):
            continue
        patient = {name: complete[name] for name in milestones if name in complete}
        for _ in range(80):
            missing = found_by(made, patient)
            if not missing:
                break
            item = asks.of_one(columns_from_patients(RULES.vocabulary, [patient]), missing)
            assert item in missing
            patient = {**patient, item: complete[item]}
        assert brute.possible(patient) == 1
        assert _answer(brute, patient) == _answer(brute, complete)


def _suitable_where_blank(patient):
    return {name: value for name, value in parsed(SUITABLE).items() if name not in patient} | (
        {} if "bone_scan_uptake" in patient else parsed({"bone_scan_uptake": "yes"})
    )


def _answer(brute, patient):
    evaluation = evaluate(brute.own, RULES.vocabulary, columns_from_patients(RULES.vocabulary, [patient]))
    return int(decide_evaluated(brute.decision, evaluation).settled[0])


SETTLED_EARLY = [
    {"neurological_status": "myelopathy"}, {"cement_allergy": "yes"}, {"systemic_infection": "yes"}, {"spinal_instability": "yes", "ao_type": "B"},
    {"pain_trend": "improving", "conservative_response": "adequate"}, {"conservative_response": "not_tried", "conservative_treatments": []},
]  # fmt: skip


def test_recording_what_is_not_missing_leaves_a_settled_answer_as_it_is():
    """Every coherent value of every blank item, milestones apart, on settled patients."""
    _, made, brute = known("pathway")
    draw, tried = random.Random(3), 0
    for different in SETTLED_EARLY * 12:
        whole = parsed(SUITABLE | different)
        blank = set(draw.sample(sorted(whole.keys() - different.keys()), draw.randint(1, 40)))
        patient = {name: value for name, value in whole.items() if name not in blank}
        if found_by(made, patient):
            continue
        before, standing = _answer(brute, patient), brute.standing(patient)
        assert before >= 0
        for item in brute.asked:
            for value in brute.values(item, patient) if item.name not in patient else ():
                recorded = {**patient, item.name: value}
                if brute.standing(recorded) == standing:
                    assert _answer(brute, recorded) == before, (patient, item.name, value)
                    tried += 1
    assert tried > 300


def test_condition_texts_of_these_tests_are_read_as_they_stand():
    """Guards the helper: a condition that is not read would make the tests above empty."""
    assert condition("{pain_nrs: {at_least: 5}}").threshold.value == 5
    assert np.isclose(condition("{t_score: {below: -2.5}}").threshold.value, -2.5)
    assert load_rules() is RULES
