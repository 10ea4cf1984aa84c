"""What each kind of condition says of a patient, as spec tables, for both evaluators (`semantics.md` 2 and 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from engine import conditions as c
from engine.ruleset import PointsParameter, PointsRow, PointsTable
from engine.truth import Truth
from tests.small_rules import RULES, condition, rules_of, states

STATES = {"met": Truth.MET, "not met": Truth.NOT_MET, "unknown": Truth.UNKNOWN}

# A number: the threshold and the nearest numbers on both sides of it.
NUMBERS = """
condition                              | patient                                    | state
{pain_nrs: {at_least: 5}}              | {pain_nrs: 4.999999999999999}              | not met
{pain_nrs: {at_least: 5}}              | {pain_nrs: 5}                              | met
{pain_nrs: {at_least: 5}}              | {pain_nrs: 5.000000000000001}              | met
{pain_nrs: {at_least: 5}}              | {}                                         | unknown
{pain_nrs: {at_most: 5}}               | {pain_nrs: 4.999999999999999}              | met
{pain_nrs: {at_most: 5}}               | {pain_nrs: 5}                              | met
{pain_nrs: {at_most: 5}}               | {pain_nrs: 5.000000000000001}              | not met
{pain_nrs: {at_most: 5}}               | {}                                         | unknown
{inr: {above: 1.8}}                    | {inr: 1.7999999999999998}                  | not met
{inr: {above: 1.8}}                    | {inr: 1.8}                                 | not met
{inr: {above: 1.8}}                    | {inr: 1.8000000000000003}                  | met
{inr: {above: 1.8}}                    | {}                                         | unknown
{inr: {below: 1.8}}                    | {inr: 1.7999999999999998}                  | met
{inr: {below: 1.8}}                    | {inr: 1.8}                                 | not met
{inr: {below: 1.8}}                    | {inr: 1.8000000000000003}                  | not met
{inr: {below: 1.8}}                    | {}                                         | unknown
{pain_nrs: {equals: 0}}                | {pain_nrs: 0}                              | met
{pain_nrs: {equals: 0}}                | {pain_nrs: 0.01}                           | not met
{pain_nrs: {equals: 0}}                | {}                                         | unknown
{conservative_weeks: {at_least: 0.14}} | {conservative_weeks: 0.13999999999999999}  | not met
{conservative_weeks: {at_least: 0.14}} | {conservative_weeks: 0.14}                 | met
{conservative_weeks: {above: 0.14}}    | {conservative_weeks: 0.14}                 | not met
{conservative_weeks: {above: 0.14}}    | {conservative_weeks: 0.14000000000000004}  | met
{t_score: {at_most: -2.5}}             | {t_score: -2.5}                            | met
{t_score: {at_most: -2.5}}             | {t_score: -2.49}                           | not met
{t_score: {below: -2.5}}               | {t_score: -2.51}                           | met
{t_score: {below: -2.5}}               | {t_score: -2.5}                            | not met
{sins_score: {between: [7, 12]}}       | {sins_score: 6}                            | not met
{sins_score: {between: [7, 12]}}       | {sins_score: 7}                            | met
{sins_score: {between: [7, 12]}}       | {sins_score: 12}                           | met
{sins_score: {between: [7, 12]}}       | {sins_score: 13}                           | not met
{sins_score: {between: [7, 12]}}       | {}                                         | unknown
{levels_planned: {above: 3}}           | {levels_planned: 3}                        | not met
{levels_planned: {above: 3}}           | {levels_planned: 4}                        | met
{levels_planned: {above: 3}}           | {fracture_levels: [T10, T11, T12]}         | not met
{levels_planned: {above: 3}}           | {fracture_levels: [T10, T11, T12, L1]}     | met
{levels_planned: {above: 3}}           | {}                                         | unknown
"""

CODES = """
condition                                          | patient                          | state
{pregnancy_status: pregnant}                       | {pregnancy_status: pregnant}     | met
{pregnancy_status: pregnant}                       | {pregnancy_status: not_pregnant} | not met
{pregnancy_status: pregnant}                       | {}                               | unknown
{epidural_grade: 1c}                               | {epidural_grade: 1c}             | met
{epidural_grade: 1c}                               | {epidural_grade: 0}              | not met
{epidural_grade: {one_of: [0, 1a]}}                | {epidural_grade: 0}              | met
{epidural_grade: {one_of: [0, 1a]}}                | {epidural_grade: 1a}             | met
{epidural_grade: {one_of: [0, 1a]}}                | {epidural_grade: 1b}             | not met
{epidural_grade: {one_of: [0, 1a]}}                | {}                               | unknown
{fracture_cause: {one_of: osteoporotic_causes}}    | {fracture_cause: osteoporosis}   | met
{fracture_cause: {one_of: osteoporotic_causes}}    | {fracture_cause: trauma}         | not met
{spinal_instability: yes}                          | {spinal_instability: yes}        | met
{spinal_instability: yes}                          | {spinal_instability: no}         | not met
{spinal_instability: yes}                          | {}                               | unknown
{spinal_instability: no}                           | {spinal_instability: no}         | met
{spinal_instability: no}                           | {spinal_instability: yes}        | not met
{spinal_instability: no}                           | {}                               | unknown
{spinal_infection: none}                           | {spinal_infection: none}         | met
{spinal_infection: none}                           | {}                               | unknown
{anticoagulant: {one_of: [none, other]}}           | {anticoagulant: other}           | met
{policy_region: wps}                               | {service_state: NE}              | met
{policy_region: wps}                               | {service_state: OR}              | not met
{policy_region: wps}                               | {}                               | not met
{imaging_predates_pain: yes}                       | {imaging_age_days: 22, symptom_duration_weeks: 3} | met
{imaging_predates_pain: yes}                       | {imaging_age_days: 21, symptom_duration_weeks: 3} | not met
{imaging_predates_pain: yes}                       | {imaging_age_days: 22}           | unknown
"""

# A recorded empty list is an answer; a blank is not.
LISTS = """
condition                                              | patient                              | state
{imaging_done: {includes: mri}}                        | {imaging_done: [xray, mri]}          | met
{imaging_done: {includes: mri}}                        | {imaging_done: [xray]}               | not met
{imaging_done: {includes: mri}}                        | {}                                   | unknown
{imaging_done: {includes_any: [bone_scan, spect_ct]}}  | {imaging_done: [spect_ct]}           | met
{imaging_done: {includes_any: [bone_scan, spect_ct]}}  | {imaging_done: [bone_scan, spect_ct]} | met
{imaging_done: {includes_any: [bone_scan, spect_ct]}}  | {imaging_done: [ct, mri]}            | not met
{imaging_done: {includes_any: [bone_scan, spect_ct]}}  | {}                                   | unknown
{antiplatelets: {includes_any: [aspirin, other]}}      | {antiplatelets: [clopidogrel, other]} | met
{antiplatelets: {includes_any: [aspirin, other]}}      | {antiplatelets: []}                  | not met
{antiplatelets: {includes_any: [aspirin, other]}}      | {}                                   | unknown
{not: {antiplatelets: {includes: aspirin}}}            | {antiplatelets: []}                  | met
{fracture_levels: {all_within: [T12, L1]}}             | {fracture_levels: [T12]}             | met
{fracture_levels: {all_within: [T12, L1]}}             | {fracture_levels: [L1, T12]}         | met
{fracture_levels: {all_within: [T12, L1]}}             | {fracture_levels: [T12, L2]}         | not met
{fracture_levels: {all_within: [T12, L1]}}             | {fracture_levels: [S5]}              | not met
{fracture_levels: {all_within: [T12, L1]}}             | {}                                   | unknown
{fracture_levels: {includes: C1}}                      | {fracture_levels: [C1]}              | met
{fracture_levels: {includes: S5}}                      | {fracture_levels: [C1, S5]}          | met
{antiplatelets: {all_within: [aspirin]}}               | {antiplatelets: []}                  | met
{antiplatelets: {all_within: [aspirin]}}               | {antiplatelets: [aspirin]}           | met
{antiplatelets: {all_within: [aspirin]}}               | {antiplatelets: [aspirin, other]}    | not met
{icd10_groups: {includes: malignant}}                  | {icd10_codes: [M80.08XA, C79.51]}    | met
{icd10_groups: {includes: malignant}}                  | {icd10_codes: [M80.08XA]}            | not met
{icd10_groups: {includes: malignant}}                  | {}                                   | unknown
"""

# Two-valued: a blank milestone reads as 'not yet'. Compared as an ordinary item, as packs do, a blank is unknown.
MILESTONES = """
condition                                              | patient                              | state
{milestone_reached: mdt_agreed}                        | {mdt_agreed: yes}                    | met
{milestone_reached: mdt_agreed}                        | {mdt_agreed: no}                     | not met
{milestone_reached: mdt_agreed}                        | {}                                   | not met
{not: {milestone_reached: mdt_agreed}}                 | {}                                   | met
{milestone_reached: contrast_plan_agreed}              | {mdt_agreed: yes}                    | not met
{milestone_reached: antithrombotic_hold_completed}     | {antithrombotic_hold_completed: yes} | met
{mdt_agreed: yes}                                      | {}                                   | unknown
{mdt_agreed: yes}                                      | {mdt_agreed: no}                     | not met
"""

JOINED = """
condition                                                                   | patient                        | state
{always: yes}                                                               | {}                             | met
{not: {always: yes}}                                                        | {}                             | not met
{all: [{pain_nrs: {at_least: 5}}, {retropulsion: no}]}                      | {pain_nrs: 4}                  | not met
{all: [{pain_nrs: {at_least: 5}}, {retropulsion: no}]}                      | {pain_nrs: 5}                  | unknown
{all: [{pain_nrs: {at_least: 5}}, {retropulsion: no}]}                      | {pain_nrs: 5, retropulsion: no} | met
{any: [{pain_nrs: {at_least: 5}}, {retropulsion: no}]}                      | {pain_nrs: 5}                  | met
{any: [{pain_nrs: {at_least: 5}}, {retropulsion: no}]}                      | {pain_nrs: 4}                  | unknown
{any: [{pain_nrs: {at_least: 5}}, {retropulsion: no}]}                      | {pain_nrs: 4, retropulsion: yes} | not met
{not: {pain_nrs: {at_least: 5}}}                                            | {}                             | unknown
{not: {pain_nrs: {at_least: 5}}}                                            | {pain_nrs: 4}                  | met
{at_least: 2, of: [{retropulsion: yes}, {vertebra_plana: yes}, {sex: male}]} | {retropulsion: yes}           | unknown
{at_least: 2, of: [{retropulsion: yes}, {vertebra_plana: yes}, {sex: male}]} | {retropulsion: yes, sex: male} | met
{at_least: 2, of: [{retropulsion: yes}, {vertebra_plana: yes}, {sex: male}]} | {retropulsion: no, sex: female} | not met
{any: [{retropulsion: yes}, {not: {retropulsion: yes}}]}                    | {}                             | unknown
"""

CRITERIA = rules_of({
    "small.unstable": ("{any: [{spinal_instability: yes}, {of_type: OF5}]}", "{spinal_instability: no}"),
    "small.stable": "{not: {criterion: small.unstable}}",
    "small.painful": "{pain_nrs: {above: 0}}",
    "small.both": "{all: [{criterion: small.unstable}, {criterion: small.painful}]}",
    "small.entries_clash": ("{marrow_oedema: yes}", "{always: yes}"),
})  # fmt: skip

# Met wins over cleared; neither is unknown; a single condition is cleared by its negation; a reference has the state of its criterion.
PROVED = """
condition            | patient                                   | state
small.unstable       | {spinal_instability: yes}                 | met
small.unstable       | {spinal_instability: no}                  | not met
small.unstable       | {spinal_instability: no, of_type: OF5}    | met
small.unstable       | {of_type: OF5}                            | met
small.unstable       | {of_type: OF1}                            | unknown
small.unstable       | {}                                        | unknown
small.stable         | {spinal_instability: no}                  | met
small.stable         | {spinal_instability: no, of_type: OF5}    | not met
small.stable         | {of_type: OF1}                            | unknown
small.painful        | {pain_nrs: 0}                             | not met
small.both           | {of_type: OF5, pain_nrs: 3}               | met
small.both           | {of_type: OF5}                            | unknown
small.both           | {spinal_instability: no}                  | not met
small.entries_clash  | {marrow_oedema: yes}                      | met
small.entries_clash  | {marrow_oedema: no}                       | not met
small.entries_clash  | {}                                        | not met
"""


def rows_of(*texts: str) -> list[tuple[str, dict, str]]:
    """(condition, patient, state) of every line of these tables."""
    found = []
    for text in texts:
        head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
        assert head == ["condition", "patient", "state"]
        found += [(asked, yaml.load(patient, Loader=yaml.BaseLoader), state) for asked, patient, state in lines]
    return found


def ids(row) -> str:
    asked, patient, state = row
    return f"{asked} {patient} {state}"


def insist(rules, asked, patient, state):
    """Both evaluators give this state."""
    assert states(rules, asked, patient) == (STATES[state], STATES[state])


@pytest.mark.parametrize("row", rows_of(NUMBERS, CODES, LISTS, MILESTONES, JOINED), ids=ids)
def test_a_condition_has_the_state_of_the_table_in_both_evaluators(row):
    asked, patient, state = row
    insist(RULES, condition(asked), patient, state)


@pytest.mark.parametrize("row", rows_of(PROVED), ids=ids)
def test_a_criterion_has_the_state_of_the_table_in_both_evaluators(row):
    asked, patient, state = row
    insist(CRITERIA, asked, patient, state)


@pytest.mark.parametrize("text", [NUMBERS, CODES, LISTS, JOINED, PROVED])
def test_every_table_shows_all_three_states(text):
    assert {state for _, _, state in rows_of(text)} == set(STATES)


# Points: two parameters, the second not below zero; nothing is known while the kind of fracture is blank

def rows(*worth: tuple[str, int]) -> tuple[PointsRow, ...]:
    return tuple(PointsRow(points, condition(text)) for text, points in worth)


SCORE = PointsTable(
    "small_score", "A small score", "", "project", ("of_type",),
    (
        PointsParameter("kind", "Kind", rows(("{of_type: OF1}", 2), ("{of_type: OF2}", 4)), None),
        PointsParameter("signs", "Signs", rows(("{pain_nrs: {at_least: 5}}", 2), ("{mobilises_on_analgesia: yes}", -3)), 0),
        PointsParameter("fitness", "Fitness", rows(("{asa_class: {above: 3}}", -1)), None),
    ),
    "",
)
SCORED = replace(RULES, points_tables={"small_score": SCORE})

POINTS = """
condition  | patient                                                          | state
above 5    | {of_type: OF2, pain_nrs: 5}                                      | met
above 5    | {of_type: OF2, pain_nrs: 5, asa_class: 4}                        | not met
above 5    | {of_type: OF2}                                                   | not met
above 5    | {pain_nrs: 5}                                                    | unknown
above 5    | {}                                                               | unknown
at_least 6 | {of_type: OF2, pain_nrs: 5}                                      | met
at_least 7 | {of_type: OF2, pain_nrs: 5}                                      | not met
at_most 5  | {of_type: OF2, pain_nrs: 5}                                      | not met
at_most 5  | {of_type: OF2, pain_nrs: 4.99}                                   | met
at_most 6  | {of_type: OF2, pain_nrs: 5}                                      | met
below 6    | {of_type: OF2, pain_nrs: 5}                                      | not met
equals 4   | {of_type: OF2, pain_nrs: 5, mobilises_on_analgesia: yes}         | met
equals 4   | {of_type: OF2, mobilises_on_analgesia: yes}                      | met
equals 0   | {of_type: OF3, mobilises_on_analgesia: yes}                      | met
equals -1  | {of_type: OF3, mobilises_on_analgesia: yes, asa_class: 5}        | met
equals -1  | {mobilises_on_analgesia: yes, asa_class: 5}                      | unknown
equals 2   | {of_type: OF1}                                                   | met
"""


@pytest.mark.parametrize("row", rows_of(POINTS), ids=ids)
def test_a_total_of_points_is_compared_like_a_number_and_blanks_give_none(row):
    asked, patient, state = row
    operator, value = asked.split()
    insist(SCORED, c.PointsCompare("small_score", operator, c.Threshold("limit", float(value))), patient, state)


def test_the_parts_of_a_tree_come_before_the_whole():
    tree = condition("{all: [{not: {retropulsion: yes}}, {at_least: 1, of: [{sex: male}, {pain_nrs: {above: 0}}]}]}")
    negated, counted = tree.parts
    assert c.parts_of(tree) == (negated, counted)
    assert list(c.walk(tree)) == [negated.part, negated, *counted.parts, counted, tree]
    assert c.parts_of(negated.part) == ()


def test_equal_conditions_are_one_and_none_can_be_changed():
    first, second = (condition("{any: [{inr: {above: 1.8}}, {imaging_done: {includes_any: [ct, mri]}}]}") for _ in range(2))
    assert first == second and hash(first) == hash(second)
    with pytest.raises(AttributeError):
        first.parts = ()


def test_the_order_of_codes_and_the_short_form_of_one_code_make_no_difference():
    assert condition("{of_type: {one_of: [OF1, OF2]}}") == condition("{of_type: {one_of: [OF2, OF1]}}")
    assert condition("{of_type: OF1}") == condition("{of_type: {one_of: [OF1]}}")
    assert condition("{imaging_done: {includes: mri}}") == condition("{imaging_done: {includes_any: [mri]}}")
