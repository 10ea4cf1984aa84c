"""How far recorded numbers are from the numbers they are compared with, held against assessing the moved patient."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from engine import assess, load_rules
from engine.assessing import assess_recorded, parse_patient
from engine.evaluator import evaluator_for
from engine.margins import Margin, margins_of
from tests.transcription.patients import SUITABLE, random_patients

RULES = load_rules()
VOCABULARY = RULES.vocabulary
EVALUATOR = evaluator_for(RULES)
COMPARES = {
    "≥": lambda value, limit: value >= limit, "≤": lambda value, limit: value <= limit, ">": lambda value, limit: value > limit,
    "<": lambda value, limit: value < limit, "=": lambda value, limit: value == limit,
}  # fmt: skip


def given(patient) -> dict:
    return {name: (value or ["none"]) if isinstance(value, list) else value for name, value in patient.items()}


def parsed(patient) -> dict:
    return parse_patient(VOCABULARY, given(patient))


def margins_with(**differences) -> tuple[Margin, ...]:
    """The margins of the patient in whom no gate is met, with these differences."""
    return margins_of(EVALUATOR, parsed(SUITABLE | differences))


PATIENTS = [parsed(patient) for patient in random_patients(20, 17)]


def test_an_inr_of_1_9_lies_a_tenth_above_1_8_and_the_answer_hangs_on_it():
    margin = next(one for one in margins_with(inr=1.9) if one.threshold == "inr_high_risk_limit" and one.comparison == ">")
    assert (margin.value, margin.limit, margin.distance, margin.holds, margin.moved_to) == (1.9, 1.8, 0.1, True, 1.8)
    assert "shared.inr_outside" in margin.criteria
    assert assess(given(SUITABLE | {"inr": 1.9}), RULES).pathway == "correct_first"
    assert (margin.pathway, margin.verdicts["medicare_l34106"], margin.decides) == ("augmentation", "supports", True)


def test_an_inr_on_the_limit_has_no_distance_and_moves_to_the_next_number():
    margin = next(one for one in margins_with(inr=1.8) if one.threshold == "inr_high_risk_limit" and one.comparison == ">")
    assert (margin.distance, margin.holds, margin.pathway) == (0.0, False, "correct_first")
    assert 1.8 < margin.moved_to < 1.8000000000000005


def test_a_number_far_from_what_decides_decides_nothing():
    margin = next(one for one in margins_with(inr=1.1) if one.threshold == "inr_target")
    assert (margin.distance, margin.pathway, margin.verdicts, margin.decides) == (-0.4, "", {}, False)


def test_a_whole_number_moves_by_one():
    margin = next(one for one in margins_with(levels_planned=3, fracture_levels=["T11", "T12", "L1"]) if one.threshold == "levels_limit")
    assert (margin.comparison, margin.holds, margin.distance, margin.moved_to) == (">", False, 0.0, 4.0)


def test_an_equal_number_may_move_up_or_down_and_not_out_of_its_range():
    moves = [one.moved_to for one in margins_with(pain_nrs=0) if one.threshold == "no_pain" and one.comparison == "="]
    assert len(moves) == 1 and 0 < moves[0] < 1e-300


def test_a_move_that_would_contradict_says_so():
    margin = next(one for one in margins_with(levels_planned=1) if one.threshold == "levels_limit")
    assert margin.contradictions == ("pathway.contradiction.number_of_levels_differs",)


@pytest.mark.parametrize("item", ["inr", "pain_nrs", "levels_planned", "symptom_duration_weeks"])
def test_an_item_that_is_not_recorded_has_no_margin(item):
    assert any(one.item == item for one in margins_with())
    assert not any(one.item == item for one in margins_with(**{item: None}))
    assert margins_of(EVALUATOR, {}) == ()


def test_margins_are_only_of_recorded_numbers_with_exact_distances_and_moves_across_the_comparison():
    for recorded in PATIENTS:
        for margin in margins_of(EVALUATOR, recorded):
            item = VOCABULARY[margin.item]
            holds = COMPARES[margin.comparison]
            assert margin.value == float(recorded[margin.item])
            assert Decimal(repr(margin.value)) - Decimal(repr(margin.limit)) == Decimal(repr(margin.distance))
            assert margin.holds == holds(margin.value, margin.limit) != holds(margin.moved_to, margin.limit)
            assert item.minimum <= margin.moved_to <= item.maximum and (item.type != "integer" or margin.moved_to == int(margin.moved_to))


def test_every_comparison_of_a_recorded_number_that_can_come_out_otherwise_has_its_margin():
    for recorded in PATIENTS:
        found = {(id, one.threshold, one.comparison) for one in margins_of(EVALUATOR, recorded) for id in one.criteria}
        assessment = assess_recorded(EVALUATOR, recorded)
        for id, criterion in assessment.criteria.items():
            for threshold in criterion.thresholds:
                item = VOCABULARY.items.get(threshold.item)
                if item is None or threshold.item not in recorded:
                    continue
                now = COMPARES[threshold.comparison](float(recorded[threshold.item]), threshold.value)
                ends = [COMPARES[threshold.comparison](end, threshold.value) for end in (item.minimum, item.maximum, threshold.value)]
                if any(end != now for end in ends):
                    assert (id, threshold.name, threshold.comparison) in found


def test_the_moved_value_is_assessed_as_the_margin_says():
    decisive, settled = 0, 0
    for recorded in PATIENTS:
        before = assess_recorded(EVALUATOR, recorded)
        moved = {}
        for margin in margins_of(EVALUATOR, recorded):
            key = (margin.item, margin.moved_to)
            if key not in moved:
                moved[key] = assess_recorded(EVALUATOR, {**recorded, margin.item: margin.moved_to})
            after = moved[key]
            assert margin.pathway == ("" if unsettled(before.pathway) or after.pathway == before.pathway else after.pathway)
            changed = {name: after.verdicts[name] for name, verdict in before.verdicts.items() if not unsettled(verdict) and after.verdicts[name] != verdict}
            assert margin.verdicts == changed
            assert {before.criteria[id].code for id in margin.contradictions} == set(after.contradictions) - set(before.contradictions)
            decisive, settled = decisive + margin.decides, settled + 1
    assert decisive > 20 and settled > decisive


def unsettled(answer: str) -> bool:
    return answer in ("more_information", "undecided")


def test_the_moved_value_is_the_nearest_number_on_the_other_side():
    for recorded in PATIENTS:
        for margin in margins_of(EVALUATOR, recorded):
            assert COMPARES[margin.comparison](step_back(margin), margin.limit) == margin.holds


def step_back(margin: Margin) -> float:
    """The number before the moved one, on the way to it from the recorded one."""
    up = margin.moved_to > margin.value
    if VOCABULARY[margin.item].type == "integer":
        return margin.moved_to - 1 if up else margin.moved_to + 1
    return math.nextafter(margin.moved_to, -math.inf if up else math.inf)
