"""The cases cover every criterion, verdict, pathway and threshold; and a case taken away is missed by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.case_reading import read_cases
from engine.cases import Answer, Case
from engine.coverage import Coverage, boundaries, coverage
from engine.loading import load_rules

RULES = load_rules()
CASES = read_cases(RULES)
K4 = "pathway.conservative_care.contradictory_indication"
NEVER_UNKNOWN = {K4, "medicare_malignant.policy_osteoporotic_only", "medicare_l34106.policy_not_encoded"}
"""Contradictions apart: the trigger they share, and the criteria that read only the state of service."""


def missing(found: Coverage) -> dict[str, tuple[str, ...]]:
    return {share.name: share.missing for share in found.shares}


def without(unwanted: Callable[[Case], bool]) -> Coverage:
    left = [case for case in CASES if not unwanted(case)]
    assert len(left) < len(CASES)
    return coverage(RULES, left)


def test_everything_is_covered():
    found = coverage(RULES, CASES)
    print(*found.shares, sep="\n")
    assert missing(found) == {"criteria": (), "verdicts": (), "pathways": (), "thresholds": ()}
    assert found.complete and found.cases == len(CASES)


def test_every_criterion_of_the_rule_set_is_asked_for():
    asked = missing(coverage(RULES, CASES[:0]))["criteria"]
    states = {id: {line.rpartition(": ")[2] for line in asked if line.startswith(f"{id}: ")} for id in RULES.criteria}
    two_valued = {id for id, wanted in states.items() if wanted == {"met", "not_met"}}
    assert {id for id, wanted in states.items() if wanted == {"met", "not_met", "unknown"}} | two_valued == set(RULES.criteria)
    assert set(RULES.contradictions) < two_valued
    assert two_valued - set(RULES.contradictions) == NEVER_UNKNOWN


def test_the_last_case_of_a_criterion_state_is_missed():
    state = ("shared.unhealed", "unknown")
    found = without(lambda case: case.expected.criteria.get(state[0]) == state[1])
    assert missing(found)["criteria"] == ("shared.unhealed: unknown",)
    assert not found.complete


def test_the_last_case_of_a_verdict_is_missed():
    found = without(lambda case: case.expected.verdicts.get("rand_us_2018") == "undecided")
    assert "rand_us_2018: undecided" in missing(found)["verdicts"]


def test_a_pathway_needs_three_cases():
    two = [case for case in CASES if case.expected.pathway == "oncology_mdt"][:2]
    others = [case for case in CASES if case.expected.pathway != "oncology_mdt"]
    assert missing(coverage(RULES, [*others, *two]))["pathways"] == ("oncology_mdt: case 3 of at least 3",)


@pytest.mark.parametrize(("name", "expected"), [
    ("inr_high_risk_limit", (1.79, 1.8, 1.81)), ("pain_floor", (4.99, 5, 5.01)), ("levels_limit", (2, 3, 4)),
    ("no_pain", (0, 0.01)), ("asa_life_threatening", (3, 4, 5)),
])
def test_the_neighbours_of_a_threshold_stay_within_the_range_of_its_item(name, expected):
    assert boundaries(RULES, name) == expected


def test_a_threshold_without_its_neighbour_is_missed():
    found = without(lambda case: case.patient.get("inr") == 1.81)
    assert "inr_high_risk_limit at 1.81" in missing(found)["thresholds"]


def test_a_number_beside_which_nothing_is_expected_covers_no_threshold():
    silent = [replace(case, expected=Answer(next_item="")) for case in CASES if case.patient.get("inr") == 1.81]
    others = [case for case in CASES if case.patient.get("inr") != 1.81]
    assert "inr_high_risk_limit at 1.81" in missing(coverage(RULES, [*others, *silent]))["thresholds"]
