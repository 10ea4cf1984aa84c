"""What to ask next against brute force (`semantics.md` 7), one patient and many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.column_building import columns_from_patients
from engine.columns import Column
from engine.decisions import decide_evaluated
from engine.evaluator import evaluator_for
from engine.missing import missing_items
from engine.next_item import next_item
from engine.planes import evaluate
from engine.what_to_ask import what_to_ask
from tests.brute_force import BruteForce, TooMany
from tests.generated_lists import GeneratedList
from tests.small_rules import RULES, decision_list, parsed, rules_of
from tests.test_missing import columns_of, found_by, known, nearly_complete
from tests.transcription.patients import random_patients


def asked_of(rules, decision, patient):
    made = missing_items(rules, decision)
    return next_item(rules, decision).of_one(columns_from_patients(rules.vocabulary, [parsed(patient)]), found_by(made, parsed(patient)))


@pytest.mark.parametrize("first", range(500, 620, 40))
def test_on_generated_lists_the_next_item_is_the_one_brute_force_finds(first):
    named = 0
    for seed in range(first, first + 40):
        generated = GeneratedList(seed)
        rules, decision = generated.rules, generated.decision
        brute, made, asks = BruteForce(rules, decision), missing_items(rules, decision), next_item(rules, decision)
        for _ in range(6):
            patient = generated.patient(brute.all_items, most_blank=4)
            expected = brute.next_item(patient)
            assert asks.of_one(columns_from_patients(RULES.vocabulary, [patient]), found_by(made, patient)) == expected, (seed, patient)
            named += expected is not None
    assert named > 50


@pytest.mark.parametrize("column", ["pathway", *columns_of(["aaos_2010", "asbmr_2019", "nass_2025", "sir_multisociety_2014", "nice_ta279"]), "of_score"])
def test_on_real_lists_the_next_item_is_the_one_brute_force_finds(column):
    decision, made, brute = known(column)
    asks, named = next_item(RULES, decision), 0
    for patient in nearly_complete(brute, seed=17, count=40, most_blank=3):
        try:
            expected = brute.next_item(patient)
        except TooMany:
            continue
        assert asks.of_one(columns_from_patients(RULES.vocabulary, [patient]), found_by(made, patient)) == expected, patient
        named += expected is not None
    assert named > 0


def test_many_rows_are_asked_what_one_patient_is_asked():
    decision, made, brute = known("pathway")
    asks = next_item(RULES, decision)
    patients = [parsed(patient) for patient in random_patients(150, seed=23)]
    evaluation = evaluate(asks.program, RULES.vocabulary, columns_from_patients(RULES.vocabulary, patients))
    by_rows = asks.of(evaluation, decide_evaluated(decision, evaluation), made.of(evaluation.by_name, len(patients)))
    alone = [asks.of_one(columns_from_patients(RULES.vocabulary, [patient]), found_by(made, patient)) for patient in patients]
    assert by_rows.tolist() == alone
    assert len(set(alone)) > 5


def test_a_safety_critical_item_is_asked_before_one_that_would_tell_more():
    """Pain is safety critical, the height loss is not, though it alone settles two of the three answers."""
    rules = rules_of({"tall": "{height_loss_percent: {above: 50}}", "painful": "{all: [{pain_nrs: {at_least: 5}}, {height_loss_percent: {above: 20}}]}"})
    decision = decision_list(("collapsed", "tall"), ("painful", "painful"), ("neither", None))
    assert RULES.vocabulary["height_loss_percent"].safety_critical is None
    assert RULES.vocabulary["pain_nrs"].safety_critical is not None
    assert asked_of(rules, decision, {}) == "pain_nrs"
    assert asked_of(rules, decision, {"pain_nrs": 8}) == "height_loss_percent"


def test_of_two_items_the_one_that_rules_out_more_is_asked_although_it_stands_later():
    rules = rules_of({"one": "{all: [{pain_nrs: {at_least: 5}}, {inr: {above: 1.8}}]}", "two": "{inr: {above: 1.5}}"})
    decision = decision_list(("first", "one"), ("second", "two"), ("third", None))
    items = RULES.vocabulary
    assert items["pain_nrs"].order < items["inr"].order
    assert items["pain_nrs"].safety_critical is not None
    assert items["inr"].safety_critical is not None
    assert asked_of(rules, decision, {}) == "inr"


def test_equal_items_are_asked_in_the_order_of_the_form():
    rules = rules_of({"either": "{any: [{inr: {above: 1.8}}, {pain_nrs: {at_least: 5}}]}"})
    decision = decision_list(("yes", "either"), ("no", None))
    assert asked_of(rules, decision, {}) == "pain_nrs"


def test_nothing_is_asked_when_the_answer_is_settled():
    rules = rules_of({"either": "{any: [{inr: {above: 1.8}}, {pain_nrs: {at_least: 5}}]}"})
    decision = decision_list(("yes", "either"), ("no", None))
    assert asked_of(rules, decision, {"inr": 2.5}) is None


def test_a_milestone_is_never_asked():
    rules = rules_of({"ready": "{milestone_reached: mdt_agreed}", "pain": "{pain_nrs: {at_least: 5}}"})
    decision = decision_list(("ready", "ready"), ("pain", "pain"), ("neither", None))
    assert asked_of(rules, decision, {}) == "pain_nrs"
    assert "mdt_agreed" not in next_item(rules, decision).answers


def test_what_is_already_recorded_is_never_asked():
    decision, made, _ = known("pathway")
    asks = next_item(RULES, decision)
    for patient in map(parsed, random_patients(60, seed=29)):
        asked = asks.of_one(columns_from_patients(RULES.vocabulary, [patient]), found_by(made, patient))
        assert asked not in patient


def test_the_answers_tried_lie_within_the_range_of_the_item():
    asks = next_item(RULES, RULES.pathway)
    for name, values in asks.answers.items():
        item = RULES.vocabulary[name]
        if item.is_number:
            assert np.all((values >= item.minimum) & (values <= item.maximum))
        assert len(values) >= 2 or item.is_list, f"{name} cannot tell anything apart"


def test_every_open_list_names_its_own_next_item_and_settled_lists_none():
    evaluator = evaluator_for(RULES, ["nice_ta279", "aaos_2010", "acr_2014"])
    settling = 0
    for patient in [parsed(patient) for patient in random_patients(60, seed=31)]:
        asked = what_to_ask(evaluator, patient)
        evaluation = evaluate(evaluator.program, RULES.vocabulary, columns_from_patients(RULES.vocabulary, [patient]))
        for decision in evaluator.decisions:
            is_open = decide_evaluated(decision, evaluation).settled[0] < 0
            assert (decision.name in asked) == is_open
            if is_open and asked[decision.name].would_settle:
                item = asked[decision.name].item
                answers = evaluator.next_item(decision).answers[item]
                column = Column(np.array(answers), np.ones(len(answers), bool))
                many = columns_from_patients(RULES.vocabulary, [patient] * len(answers))
                tried = evaluate(evaluator.program, RULES.vocabulary, replace(many, by_item={**many.by_item, item: column}))
                assert (decide_evaluated(decision, tried).settled >= 0).all()
                settling += 1
    assert settling > 10
