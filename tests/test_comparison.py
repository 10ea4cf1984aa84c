"""Where two guidelines part for one patient: each kind shown on a patient one can read, and what holds of every pair of random patients."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from engine import conditions as c
from engine import load_rules
from engine.assessing import assess_recorded, parse_patient
from engine.column_building import columns_from_patients
from engine.comparison import Comparison, Side, all_pairs, compare, comparisons, part, verdict_columns
from engine.deciding import decided_one
from engine.decisions import decide_one
from engine.errors import UnusableCall
from engine.evaluator import evaluator_for
from engine.planes import evaluate_one
from engine.program import base_items, compile_program
from tests.small_rules import decision_list, rules_of
from tests.small_rules import parsed as parsed_small
from tests.transcription.patients import SUITABLE, random_patients

RULES = load_rules()
VOCABULARY = RULES.vocabulary
EVALUATOR = evaluator_for(RULES, list(RULES.packs))
COLUMNS = verdict_columns(EVALUATOR)
FROM_BEST = ("supports", "optional", "opposes")


def parsed(patient) -> dict:
    given = {name: (value or ["none"]) if isinstance(value, list) else value for name, value in patient.items()}
    return parse_patient(VOCABULARY, given)


def of(left: str, right: str, **differences) -> Comparison | None:
    """Two guidelines for the patient in whom no gate is met, with these differences."""
    return compare(EVALUATOR, parsed(SUITABLE | differences), left, right)


def held_and_other(found: Comparison) -> tuple[Side, Side]:
    return (found.left, found.right) if found.held_back == found.left.column else (found.right, found.left)


# One patient for each kind

def test_guidelines_with_one_answer_are_not_compared():
    assert of("nice_ta279", "medicare_l34106") is None


def test_scope_names_what_puts_the_patient_outside():
    found = of("nice_ta279", "sir_multisociety_2014", fracture_cause="metastasis")
    assert (found.kind, found.held_back, found.left.criterion, found.left.state) == ("scope", "nice_ta279", "nice_ta279.outside_scope", "met")
    assert found.sentence == (
        "NICE TA279 does not speak to this patient, SIR multisociety 2014 says 'Criteria met'. "
        "The fracture is not osteoporotic, so the appraisal does not speak of it."
    )


def test_scope_holds_beside_an_undecided_side_that_cannot_fall_outside_any_more():
    found = of("nice_ta279", "medicare_malignant", fracture_cause="metastasis", lesion_type=None)
    assert found.right.verdict == "undecided" and "not_applicable" not in found.right.possible
    assert (found.kind, found.held_back) == ("scope", "nice_ta279")


def test_an_undecided_side_that_may_fall_outside_too_misses_an_item():
    found = of("msac_2020_kyphoplasty", "nice_ta279", fracture_cause=None)
    assert found.left.verdict == "not_applicable" and "not_applicable" in found.right.possible
    assert (found.kind, found.held_back, found.items, found.may_still_agree) == ("missing_item", "nice_ta279", ("fracture_cause",), True)


def test_scope_said_of_everyone_who_is_left_names_what_keeps_the_better_branches_from_being_met():
    found = of("acr_2022", "sir_multisociety_2014", marrow_oedema="no", pain_trend="stable")
    assert (found.kind, found.held_back, found.items) == ("scope", "acr_2022", ("marrow_oedema",))
    assert (found.left.criterion, found.left.state) == ("acr_2022.favourable.oedema", "not_met")


def test_scope_without_any_better_branch_names_nothing():
    found = of("nass_2025", "nice_ta279")
    assert (found.kind, found.held_back, found.items, found.left.criterion) == ("scope", "nass_2025", (), "")


def test_a_missing_item_is_the_first_open_question():
    found = of("nice_ta279", "sir_multisociety_2014", symptom_duration_weeks=None)
    assert (found.kind, found.held_back, found.items) == ("missing_item", "nice_ta279", ("symptom_duration_weeks",))
    assert (found.left.criterion, found.left.state) == ("nice_ta279.requirement_missing.not_recent", "unknown")
    assert found.left.says == "Not known whether: The pain began longer ago than even the wider reading of recent"
    assert found.may_still_agree
    assert found.sentence == (
        "NICE TA279 cannot say yet, because Weeks since the pain began is not recorded; SIR multisociety 2014 says 'Criteria met' without it."
    )


def test_an_undecided_side_that_can_only_answer_otherwise_may_not_agree_any_more():
    found = of("medicare_malignant", "trial_cafe_2011", fracture_cause="metastasis", lesion_type=None)
    assert (found.kind, found.items, found.left.possible, found.right.verdict) == ("missing_item", ("lesion_type",), ("supports", "opposes"), "optional")
    assert not found.may_still_agree


def test_a_threshold_is_two_borders_with_the_value_between_them():
    found = of("nice_ta279", "medicare_l34106", symptom_duration_weeks=8)
    assert (found.kind, found.held_back, found.items) == ("threshold", "nice_ta279", ("symptom_duration_weeks",))
    assert (found.left.comparison, found.left.limit, found.left.state) == ("≤", 6.0, "not_met")
    assert (found.right.comparison, found.right.limit, found.right.state) == ("≤", 12.0, "met")
    assert found.sentence == (
        "NICE TA279 says 'May be considered' and Medicare L34106 'Criteria met' because they ask for different numbers: "
        "Weeks since the pain began is 8 weeks; NICE TA279 compares it with ≤ 6, Medicare L34106 with ≤ 12."
    )


def test_a_threshold_is_seen_from_an_opposing_branch_too():
    found = of("medicare_l34106", "nice_ta279", pain_nrs=6)
    assert (found.kind, found.held_back) == ("threshold", "nice_ta279")
    assert (found.right.comparison, found.right.limit, found.left.comparison, found.left.limit) == ("<", 7.0, "≥", 5.0)


def test_a_number_of_levels_is_told_from_what_it_was_read_from():
    given = {"fracture_cause": "myeloma", "fracture_levels": ["T8", "T11", "L2"], "malignancy_suspected": "no"}
    planned = of("evicore_cmm607", "medicare_malignant", **given, levels_planned=3)
    counted = of("evicore_cmm607", "medicare_malignant", **given, levels_planned=None)
    assert (planned.kind, planned.items) == ("threshold", ("levels_planned",))
    assert (counted.kind, counted.items) == ("threshold", ("fracture_levels",))


def test_at_the_shared_number_at_least_and_above_are_different_borders():
    rules = rules_of({"from_three": "{levels_planned: {at_least: 3}}", "over_three": "{levels_planned: {above: 3}}"})
    lists = [decision_list(("supports", "from_three"), ("opposes", None), name="wide"), decision_list(("supports", "over_three"), ("opposes", None), name="narrow")]
    program = compile_program(rules, (), [c.CriterionRef("from_three"), c.CriterionRef("over_three")])
    evaluation = evaluate_one(program, VOCABULARY, columns_from_patients(VOCABULARY, [parsed_small({"levels_planned": 3})]))
    wide, narrow = (decided_one(rules, decision, evaluation) for decision in lists)
    assert (wide.answer, narrow.answer) == ("supports", "opposes")
    assert part(rules, narrow, wide, lists[0]).kind == "threshold"


def test_asked_by_one_is_a_question_on_an_item_that_the_other_never_asks_for():
    found = of("sir_multisociety_2014", "nice_ta279", symptom_duration_weeks=8)
    assert (found.kind, found.detail, found.held_back) == ("real_disagreement", "asked_by_one", "nice_ta279")
    assert found.items == ("symptom_duration_weeks",) and found.values == {"symptom_duration_weeks": "8 weeks"}
    assert found.sentence.endswith("The pain began longer ago than the stricter reading of recent.")


def test_read_otherwise_is_another_question_on_the_same_item():
    found = of("nice_ta279", "sir_multisociety_2014", pain_nrs=6)
    assert (found.kind, found.detail) == ("real_disagreement", "read_otherwise")
    assert (found.left.comparison, found.left.limit, found.right.comparison, found.right.limit) == ("<", 7.0, "=", 0.0)


def test_same_question_is_one_fact_that_both_ask_and_only_one_minds():
    found = of("trial_vertos_ii", "acr_2022", marrow_oedema="no")
    assert (found.kind, found.detail, found.held_back) == ("real_disagreement", "same_question", "trial_vertos_ii")
    assert (found.left.criterion, found.left.state) == ("vertos_ii.entry.marrow_oedema", "not_met")
    assert found.items == ("marrow_oedema",) and found.values == {"marrow_oedema": "No"}


def test_no_condition_is_said_of_everyone_who_gets_this_far():
    found = of("aaos_2010_vertebroplasty", "nice_ta279")
    assert (found.kind, found.detail, found.held_back, found.items) == ("real_disagreement", "no_condition", "aaos_2010_vertebroplasty", ())


def test_left_open_is_undecided_although_everything_asked_is_recorded():
    found = of("cirse_2017", "medicare_malignant", fracture_cause="metastasis", lesion_type="mixed")
    assert (found.kind, found.detail, found.held_back, found.right.verdict) == ("real_disagreement", "left_open", "medicare_malignant", "undecided")
    assert found.right.criterion == "medicare_malignant.lytic_disease" and found.items == ()
    assert found.sentence.endswith("Not known whether: Myeloma or a lytic metastasis.")


def test_a_shared_fact_is_passed_over_while_one_follows_that_is_not_shared():
    found = of("nice_ta279", "medicare_l34106", symptom_duration_weeks=8, fracture_levels=["T12"])
    shared = of("trial_vertos_ii", "acr_2022", marrow_oedema="no", symptom_duration_weeks=8)
    assert found.kind == "threshold"
    assert (shared.detail, shared.items) == ("asked_by_one", ("symptom_duration_weeks",))  # the oedema alone made it 'same_question'


def test_what_clears_a_criterion_is_told_as_the_criterion_stands():
    found = of("acr_2014", "trial_kast_2015", marrow_oedema="no", imaging_done=["xray", "mri"])
    held, _ = held_and_other(found)
    assert (held.criterion, held.state) == ("shared.unhealed", "not_met")
    assert held.says == "Neither marrow oedema nor tracer uptake is present on the studies done"


def test_a_column_that_is_not_there_is_named_with_the_nearest_one():
    with pytest.raises(UnusableCall, match="nice_ta279"):
        of("nice_ta297", "medicare_l34106")


# What holds of every pair

PATIENTS = [parsed(patient) for patient in random_patients(30, 41)]


@cache
def compared() -> list[tuple[dict, list[Comparison]]]:
    return [(recorded, list(comparisons(EVALUATOR, recorded))) for recorded in PATIENTS]


def test_exactly_the_pairs_with_different_verdicts_are_compared():
    kinds: Counter[str] = Counter()
    for recorded, found in compared():
        evaluation = evaluate_one(EVALUATOR.program, VOCABULARY, columns_from_patients(VOCABULARY, [recorded]))
        possible = {column: decide_one(verdicts.decision, evaluation)[0] for column, (_, verdicts) in COLUMNS.items()}
        answers = {column: allowed[0] if len(allowed) == 1 else "undecided" for column, allowed in possible.items()}
        different = [(left, right) for left, right in all_pairs(COLUMNS) if answers[left] != answers[right]]
        assert [(one.left.column, one.right.column) for one in found] == different
        for one in found:
            kinds[one.detail or one.kind] += 1
            for side in (one.left, one.right):
                assert (side.verdict, side.possible) == (answers[side.column], possible[side.column])
    assert all(kinds[kind] for kind in ("scope", "missing_item", "threshold", "asked_by_one", "read_otherwise", "same_question", "no_condition"))


def test_verdicts_and_criteria_stand_as_assessed():
    defaults = evaluator_for(RULES)
    states: Counter[str] = Counter()
    for recorded in PATIENTS:
        assessment = assess_recorded(defaults, recorded)
        for one in comparisons(defaults, recorded):
            for side in (one.left, one.right):
                assert side.verdict == assessment.verdicts[side.column]
                if side.criterion:
                    criterion = assessment.criteria[side.criterion]
                    assert (side.state, side.says) == (criterion.state, criterion.sentence)
                    states[side.state] += 1
    assert all(states[state] > 50 for state in ("met", "not_met", "unknown"))


def test_each_pair_gives_the_same_whichever_guideline_stands_first():
    for recorded, found in compared()[:8]:
        swapped_pairs = [(one.right.column, one.left.column) for one in found]
        for one, swapped in zip(found, comparisons(EVALUATOR, recorded, swapped_pairs), strict=True):
            assert replace(swapped, left=one.left, right=one.right) == one and (swapped.left, swapped.right) == (one.right, one.left)


def test_the_side_held_back_is_outside_else_undecided_else_less_favourable():
    for _, found in compared():
        for one in found:
            held, other = held_and_other(one)
            if one.kind == "scope":
                assert held.verdict == "not_applicable" and "not_applicable" not in other.possible
            elif one.kind == "missing_item" or one.detail == "left_open":
                assert held.verdict == "undecided"
            else:
                assert FROM_BEST.index(held.verdict) > FROM_BEST.index(other.verdict)
            assert one.may_still_agree == (other.verdict in held.possible)


def test_the_value_of_every_threshold_lies_between_the_two_limits_beyond_one_and_not_the_other():
    seen = 0
    for recorded, found in compared():
        for one in found:
            if one.kind != "threshold":
                continue
            (item,), held, other = one.items, *held_and_other(one)
            value = len(recorded[item]) if item == "fracture_levels" else float(recorded[item])
            lower, upper = sorted([held.limit, other.limit])
            assert lower <= value <= upper
            assert beyond(held, value) != beyond(other, value)
            seen += 1
    assert seen > 30


def beyond(side: Side, value: float) -> bool:
    """Whether a value lies above the border of a comparison; the border of 'at least' and 'below' lies under the number itself."""
    return value >= side.limit if side.comparison in ("≥", "<") else value > side.limit


def test_the_items_of_a_missing_item_are_not_recorded_and_those_of_any_other_kind_are():
    for recorded, found in compared():
        for one in found:
            if one.kind == "missing_item":
                assert one.items and not any(item in recorded for item in one.items)
                assert set(one.values.values()) == {"not recorded"}
            elif one.items:
                assert any(item in recorded for item in one.items)


def test_what_only_one_side_asks_is_read_nowhere_in_the_other_and_what_both_read_is():
    for _, found in compared():
        for one in found:
            held, other = held_and_other(one)
            if one.detail == "asked_by_one" and not asks_for_a_score(held):
                assert not asked_for(held, one.items) & names_of(other.column)
            elif one.detail in ("read_otherwise", "same_question"):
                assert asked_for(held, one.items) & names_of(other.column) or asks_for_a_score(held)


def asks_for_a_score(side: Side) -> bool:
    """A score is something of its own: its items may be read elsewhere for themselves."""
    return any(isinstance(node, c.PointsCompare) for node in c.walk(RULES.criteria[side.criterion].when))


def nodes_of(column: str) -> list[c.Condition]:
    """Every node that a decision list reaches."""
    waiting, nodes = [branch.condition for branch in COLUMNS[column][1].decision.branches if branch.condition is not None], []
    seen: set[str] = set()
    while waiting:
        for node in c.walk(waiting.pop()):
            nodes.append(node)
            if isinstance(node, c.CriterionRef) and node.id not in seen:
                seen.add(node.id)
                criterion = RULES.criteria[node.id]
                waiting += [when for when in (criterion.when, criterion.cleared_when) if when is not None]
    return nodes


@cache
def names_of(column: str) -> frozenset[str]:
    return frozenset(node.item for node in nodes_of(column) if hasattr(node, "item"))


def asked_for(side: Side, items: tuple[str, ...]) -> set[str]:
    """The names that the criterion itself asks for, of those that are read from these items; a count of levels is not the list of them."""
    criterion = RULES.criteria[side.criterion]
    nodes = [node for when in (criterion.when, criterion.cleared_when) if when is not None for node in c.walk(when)]
    return {node.item for node in nodes if hasattr(node, "item") and set(base_items(VOCABULARY, node.item)) & set(items)}


# What decided

def test_the_facts_of_an_answer_are_enough_for_it():
    """Everything else blanked, the same branches are met and not met, so the same answer is given."""
    checked = 0
    for recorded in PATIENTS[:10]:
        evaluation = evaluate_one(EVALUATOR.program, VOCABULARY, columns_from_patients(VOCABULARY, [recorded]))
        for _, verdicts in COLUMNS.values():
            decided = decided_one(RULES, verdicts.decision, evaluation)
            needed = {name for fact in decided.facts() if fact.question is not None for name in read_by(fact.question)}
            fewer = {name: value for name, value in recorded.items() if name in needed}
            again = evaluate_one(EVALUATOR.program, VOCABULARY, columns_from_patients(VOCABULARY, [fewer]))
            after = decided_one(RULES, verdicts.decision, again)
            assert (after.answer, after.possible) == (decided.answer, decided.possible)
            checked += len(fewer) < len(recorded)
    assert checked > 200


def read_by(question) -> tuple[str, ...]:
    if not isinstance(question, c.PointsCompare):
        return base_items(VOCABULARY, question.item) + ((question.item,) if question.item in VOCABULARY.items else ())
    rows = [row for parameter in RULES.points_tables[question.table].parameters for row in parameter.rows]
    return tuple(name for row in rows for node in c.walk(row.when) if hasattr(node, "item") for name in base_items(VOCABULARY, node.item))
