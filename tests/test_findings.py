"""Each kind of static finding is found where it is planted and nowhere else, and the shipped rules have none that is not accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from engine import conditions as c
from engine.finding_checks import static_findings
from engine.findings import findings, no_longer_found, unaccepted, without_accepted
from engine.findings_bands import band_findings
from engine.findings_words import KINDS, FindingWords
from engine.json_schema import FORMS
from engine.loading import read_rules
from engine.mistakes import RuleErrors
from engine.rule_files import ACCEPTED_FINDINGS_FILE, SHIPPED_RULES, fingerprint, knowledge_files
from engine.ruleset import MORE_INFORMATION, PATHWAY, Branch, DecisionList, RuleSet, Verdicts
from engine.truth import Truth
from engine.values import parse_value
from tests.small_rules import RULES, condition, rules_of, states

LISTED = "pathway.conservative_care.contradictory_indication"


@pytest.fixture(scope="module")
def shipped():
    return findings(RULES)


def small(
    tmp_path: Path, criteria: Mapping[str, str | tuple[str, str]], packs: Mapping[str, list[tuple[str, str | None]]],
    contradictions: Mapping[str, str] | None = None, bands: Mapping[str, str] | None = None,
) -> RuleSet:
    """A rule set of these packs: for each, branches of (verdict, criterion), None for 'otherwise'. No gates, warnings or texts of its own."""
    base = rules_of(criteria, contradictions)
    shipped_band = RULES.advice.bands.bands[0]
    rows = [shipped_band.rows[0].model_copy(update={"label": label, "when": condition(when)}) for label, when in (bands or {}).items()]
    banded = [shipped_band.model_copy(update={"id": "height", "rows": rows})] if rows else []
    return replace(
        base, packs={id: _pack(base, id, branches) for id, branches in packs.items()}, gates=(), warnings=(), procedure_choice=(),
        pathway=DecisionList(PATHWAY, (Branch("otherwise", "augmentation", None),), ("augmentation",), MORE_INFORMATION),
        advice=replace(RULES.advice, bands=RULES.advice.bands.model_copy(update={"bands": banded, "score_bands": []})), directory=str(tmp_path),
    )


def _pack(rules: RuleSet, id: str, branches: list[tuple[str, str | None]]):
    made = tuple(
        Branch(str(number), outcome, c.CriterionRef(test) if test else None, criteria=(test,) if test else ())
        for number, (outcome, test) in enumerate(branches, 1)
    )
    decision = DecisionList(id, made, tuple(dict.fromkeys(branch.outcome for branch in made)), "undecided")
    criteria = tuple(name for name in rules.criteria if name.startswith(f"small.{id}."))
    return replace(RULES.packs["aaos_2010"], id=id, criteria=criteria, verdicts=(Verdicts(("kyphoplasty",), id, decision),))


def found(rules: RuleSet) -> dict[str, list]:
    grouped: dict[str, list] = {}
    for finding in findings(rules):
        grouped.setdefault(finding.kind, []).append(finding)
    return grouped


CLEAN = {"small.one.young": "{age_years: {below: 18}}", "small.one.painful": "{all: [{pain_nrs: {at_least: 5}}, {pain_from_fracture: yes}]}"}
BRANCHES = [("not_applicable", "small.one.young"), ("supports", "small.one.painful"), ("opposes", None)]
EITHER = [("supports", "small.one.it"), ("opposes", None)]


def of_criterion(tmp_path, when: str, contradictions: Mapping[str, str] | None = None, **others: str):
    """The findings of a pack whose only branch asks one criterion."""
    return found(small(tmp_path, {"small.one.it": when, **others}, {"one": EITHER}, contradictions))


def test_a_clean_rule_set_has_no_findings(tmp_path):
    assert found(small(tmp_path, CLEAN, {"one": BRANCHES})) == {}


# Criteria


def test_a_criterion_that_no_value_can_meet_is_found(tmp_path):
    grouped = of_criterion(tmp_path, "{pain_nrs: {above: 10}}")
    assert list(grouped) == ["never_met"] and grouped["never_met"][0].rules == ("small.one.it",) and grouped["never_met"][0].example is None


def test_a_criterion_that_every_recorded_value_meets_is_found(tmp_path):
    grouped = of_criterion(tmp_path, "{pain_nrs: {at_least: 0}}")
    assert list(grouped) == ["never_fails"] and "never fails" in grouped["never_fails"][0].sentence


def test_a_criterion_that_only_contradictory_entries_meet_is_found_and_shown(tmp_path):
    it = "{all: [{pain_nrs: {at_least: 5}}, {pain_trend: improving}]}"
    grouped = of_criterion(tmp_path, it, {"shared.x": "{all: [{pain_nrs: {above: 3}}, {pain_trend: improving}]}"})
    (finding,) = grouped["never_met"]
    assert list(grouped) == ["never_met", "contradictory_parts"] and finding.example["pain_nrs"] >= 5 and finding.example["pain_trend"] == "improving"


def test_a_relation_that_contradicts_the_entries_is_never_met_and_shown_with_two_numbers(tmp_path):
    it = "{all: [{conservative_longer_than_symptoms: yes}, {symptom_duration_weeks: {below: 6}}]}"
    grouped = of_criterion(tmp_path, it, {"shared.x": "{conservative_longer_than_symptoms: yes}"})
    shown = grouped["never_met"][0].example
    assert shown["conservative_weeks"] > shown["symptom_duration_weeks"]


def test_numbers_whose_relation_contradicts_are_not_taken_for_a_patient(tmp_path):
    it = "{all: [{conservative_weeks: {at_least: 8}}, {symptom_duration_weeks: {below: 6}}]}"
    grouped = of_criterion(tmp_path, it, {"shared.x": "{conservative_longer_than_symptoms: yes}"})
    assert list(grouped) == ["never_met", "contradictory_parts"]


def test_a_comparison_that_can_never_hold_inside_a_criterion_is_found(tmp_path):
    (finding,) = of_criterion(tmp_path, "{any: [{pain_nrs: {above: 10}}, {hospitalised: yes}]}")["part_never_met"]
    assert "10" in finding.about


def test_a_comparison_that_always_holds_inside_a_criterion_is_found(tmp_path):
    assert set(of_criterion(tmp_path, "{all: [{age_years: {at_least: 0}}, {hospitalised: yes}]}")) == {"part_never_fails"}


def test_a_criterion_that_no_list_reads_never_matters(tmp_path):
    grouped = found(small(tmp_path, {**CLEAN, "small.one.idle": "{hospitalised: yes}"}, {"one": BRANCHES}))
    assert [finding.rules for finding in grouped["never_matters"]] == [("small.one.idle",)] and list(grouped) == ["never_matters"]


def test_a_criterion_whose_state_is_swallowed_by_what_reads_it_never_matters(tmp_path):
    it = "{all: [{hospitalised: yes}, {any: [{criterion: small.one.idle}, {hospitalised: yes}]}]}"
    grouped = of_criterion(tmp_path, it, **{"small.one.idle": "{cement_allergy: yes}"})
    assert [finding.rules for finding in grouped["never_matters"]] == [("small.one.idle",)]


def test_a_criterion_matters_by_itself_although_the_same_comparison_stands_elsewhere(tmp_path):
    it = "{all: [{criterion: small.one.kept}, {cement_allergy: yes}]}"
    grouped = of_criterion(tmp_path, it, **{"small.one.kept": "{hospitalised: yes}"})
    assert "never_matters" not in grouped
    swallowed = "{all: [{hospitalised: yes}, {any: [{criterion: small.one.kept}, {hospitalised: yes}, {hospitalised: no}]}]}"
    assert "never_matters" in of_criterion(tmp_path, swallowed, **{"small.one.kept": "{hospitalised: yes}"})


def test_a_branch_that_gives_what_the_list_gives_anyway_never_matters(tmp_path):
    grouped = found(small(tmp_path, CLEAN, {"one": [("not_applicable", "small.one.young"), ("opposes", "small.one.painful"), ("opposes", None)]}))
    assert [finding.rules for finding in grouped["never_matters"]] == [("small.one.painful",)]


# Parts


def test_an_alternative_that_another_one_covers_is_redundant(tmp_path):
    grouped = of_criterion(tmp_path, "{any: [{pain_nrs: {at_least: 7}}, {pain_nrs: {at_least: 5}}]}")
    (finding,) = grouped["redundant_alternative"]
    assert list(grouped) == ["redundant_alternative"] and "7" in finding.about and finding.example["pain_nrs"] >= 7


def test_an_alternative_that_only_the_others_together_cover_is_redundant(tmp_path):
    three = "{any: [{of_type: {one_of: [OF1, OF2]}}, {of_type: {one_of: [OF2, OF3]}}, {of_type: {one_of: [OF1, OF3]}}]}"
    first, *others = of_criterion(tmp_path, three)["redundant_alternative"]
    assert len(others) == 2 and all(other.about in first.sentence for other in others)


def test_a_requirement_that_another_one_includes_is_redundant(tmp_path):
    grouped = of_criterion(tmp_path, "{all: [{pain_nrs: {at_least: 7}}, {pain_nrs: {at_least: 5}}]}")
    (finding,) = grouped["redundant_requirement"]
    assert list(grouped) == ["redundant_requirement"] and "5" in finding.about and finding.example["pain_nrs"] >= 7


def test_a_requirement_whose_failing_would_contradict_still_asks_for_an_entry(tmp_path):
    many = "{levels_planned: {at_least: 2}}"
    grouped = of_criterion(tmp_path, f"{{all: [{many}, {{hospitalised: no}}]}}", {"shared.x": f"{{all: [{many}, {{hospitalised: yes}}]}}"})
    assert grouped == {}, "a blank contradicts nothing, and does not fulfil the requirement"


def test_redundant_criteria_are_named_by_their_ids(tmp_path):
    it = "{any: [{criterion: small.one.severe}, {criterion: small.one.painful}]}"
    grouped = of_criterion(tmp_path, it, **{"small.one.severe": "{pain_nrs: {at_least: 7}}", "small.one.painful": "{pain_nrs: {at_least: 5}}"})
    assert grouped["redundant_alternative"][0].key == ("redundant_alternative", ("small.one.it", "small.one.severe"), "")


def test_parts_that_exclude_each_other_are_contradictory(tmp_path):
    it = "{any: [{all: [{pain_trend: stable}, {hospitalised: yes}, {pain_trend: worsening}]}, {cement_allergy: yes}]}"
    grouped = of_criterion(tmp_path, it)
    (finding,) = grouped["contradictory_parts"]
    assert list(grouped) == ["contradictory_parts"] and finding.is_contradictory and finding.example is None
    assert finding.about == "Course of the pain: The same; Course of the pain: Getting worse"


def test_too_few_parts_that_can_hold_together_are_contradictory(tmp_path):
    it = "{any: [{cement_allergy: yes}, {at_least: 2, of: [{pain_trend: worsening}, {pain_trend: stable}, {pain_trend: improving}]}]}"
    assert list(of_criterion(tmp_path, it)) == ["contradictory_parts"]


def test_a_criterion_proved_in_both_directions_is_judged_by_what_clears_it(tmp_path):
    grouped = found(small(tmp_path, {"small.one.it": ("{hospitalised: yes}", "{all: [{hospitalised: yes}, {cement_allergy: no}]}")}, {"one": EITHER}))
    assert list(grouped) == ["never_fails"]


# Branches


def test_a_branch_behind_one_that_always_holds_too_contradicts_it_or_is_redundant(tmp_path):
    criteria = {"small.one.wide": "{pain_nrs: {at_least: 5}}", "small.one.narrow": "{pain_nrs: {at_least: 7}}"}
    lists = {kind: [("opposes", "small.one.wide"), (verdict, "small.one.narrow"), ("optional", None)]
             for kind, verdict in (("contradictory_branch", "supports"), ("redundant_branch", "opposes"))}
    for kind, branches in lists.items():
        grouped = found(small(tmp_path, criteria, {"one": branches}))
        (finding,) = grouped[kind]
        assert set(grouped) == {kind} and finding.about == "branch 2" and finding.example["pain_nrs"] >= 7


def test_a_last_branch_that_nothing_is_left_for_is_found(tmp_path):
    criteria = {"small.one.any": "{always: yes}"}
    grouped = found(small(tmp_path, criteria, {"one": [("supports", "small.one.any"), ("opposes", None)]}))
    assert [finding.about for finding in grouped["contradictory_branch"]] == ["branch 2"]


def test_triggers_of_one_gate_that_cover_each_other_are_found(tmp_path):
    base = small(tmp_path, {"small.severe": "{pain_nrs: {at_least: 7}}", "small.painful": "{pain_nrs: {at_least: 5}}"}, {})
    ids = ("small.severe", "small.painful")
    branch = Branch("1", "emergency_referral", c.Any(tuple(map(c.CriterionRef, ids))), criteria=ids)
    pathway = DecisionList(PATHWAY, (branch, *base.pathway.branches), ("emergency_referral", "augmentation"), MORE_INFORMATION)
    gate = replace(RULES.gates[0], branches=("1",), criteria=ids)
    grouped = found(replace(base, pathway=pathway, gates=(gate,)))
    assert [finding.rules for finding in grouped["redundant_alternative"]] == [("pathway branch 1", "small.severe")] and len(grouped) == 1


# Numbers


def test_criteria_of_two_packs_that_differ_in_one_number_are_found_with_a_patient_between(tmp_path):
    criteria = {
        "small.one.it": "{all: [{pain_nrs: {at_least: 5}}, {hospitalised: yes}]}",
        "small.two.it": "{all: [{hospitalised: yes}, {pain_nrs: {at_least: 7}}]}",
    }
    grouped = found(small(tmp_path, criteria, {"one": EITHER, "two": [("opposes", "small.two.it"), ("supports", None)]}))
    (finding,) = grouped["one_threshold_apart"]
    assert list(grouped) == ["one_threshold_apart"] and finding.rules == ("small.one.it", "small.two.it")
    assert 5 <= finding.example["pain_nrs"] < 7 and finding.example["hospitalised"] == "yes"


def test_criteria_that_differ_in_two_numbers_or_in_none_are_not_found(tmp_path):
    for other in ("{all: [{pain_nrs: {at_least: 7}}, {age_years: {below: 60}}]}", "{all: [{pain_nrs: {at_least: 5}}, {age_years: {below: 50}}]}"):
        criteria = {"small.one.it": "{all: [{pain_nrs: {at_least: 5}}, {age_years: {below: 50}}]}", "small.two.it": other}
        assert found(small(tmp_path, criteria, {"one": EITHER, "two": [("supports", "small.two.it"), ("optional", None)]})) == {}


def test_criteria_of_one_pack_may_differ_in_one_number(tmp_path):
    criteria = {"small.one.severe": "{pain_nrs: {at_least: 7}}", "small.one.painful": "{pain_nrs: {at_least: 5}}"}
    branches = [("supports", "small.one.severe"), ("optional", "small.one.painful"), ("opposes", None)]
    assert found(small(tmp_path, criteria, {"one": branches})) == {}


def test_two_packs_that_differ_in_one_number_as_a_whole_are_found_as_such(tmp_path):
    criteria = {
        f"small.{pack}.{name}": when for pack, pain in (("one", 5), ("two", 7))
        for name, when in (("young", "{age_years: {below: 18}}"), ("it", f"{{pain_nrs: {{at_least: {pain}}}}}"))
    }
    packs = {pack: [("not_applicable", f"small.{pack}.young"), ("supports", f"small.{pack}.it"), ("opposes", None)] for pack in ("one", "two")}
    grouped = found(small(tmp_path, criteria, packs))
    (finding,) = grouped["packs_one_threshold_apart"]
    assert finding.rules == ("one", "two") and 5 <= finding.example["pain_nrs"] < 7
    assert set(grouped) == {"packs_one_threshold_apart", "one_threshold_apart"}


GAPS = [("{below: 20}", "{above: 20}", 20), ("{below: 20}", "{at_least: 25}", 20), ("{at_most: 20}", "{above: 25}", 25)]


@pytest.mark.parametrize("first, second, value", GAPS)
def test_a_value_between_neighbouring_bands_is_found(tmp_path, first, second, value):
    bands = {"low": f"{{height_loss_percent: {first}}}", "high": f"{{height_loss_percent: {second}}}"}
    grouped = found(small(tmp_path, CLEAN, {"one": BRANCHES}, bands=bands))
    (finding,) = grouped["band_gap"]
    assert list(grouped) == ["band_gap"] and finding.rules == ("height",) and finding.example == {"height_loss_percent": value}


def test_a_value_in_two_bands_is_found(tmp_path):
    bands = {"low": "{height_loss_percent: {at_most: 20}}", "high": "{height_loss_percent: {at_least: 20}}"}
    (finding,) = found(small(tmp_path, CLEAN, {"one": BRANCHES}, bands=bands))["band_overlap"]
    assert finding.example == {"height_loss_percent": 20} and "low" in finding.sentence and "high" in finding.sentence


def test_bands_without_gap_and_overlap_have_no_finding(tmp_path):
    bands = {"low": "{height_loss_percent: {below: 20}}", "high": "{height_loss_percent: {at_least: 20}}"}
    assert found(small(tmp_path, CLEAN, {"one": BRANCHES}, bands=bands)) == {}


def test_a_total_of_a_score_without_a_band_is_found():
    bands = RULES.advice.bands
    scored = bands.score_bands[0]
    short = scored.model_copy(update={"rows": [row for row in scored.rows if row.grade != "either"]})
    rules = replace(RULES, advice=replace(RULES.advice, bands=bands.model_copy(update={"score_bands": [short]})))
    (finding,) = band_findings(rules, FindingWords(rules))
    assert finding.kind == "band_gap" and finding.example == {"of_score": 6}


BETWEEN = [("{below: 5}", "{above: 5}", 5), ("{below: 5}", "{at_least: 7}", 5), ("{at_most: 5}", "{at_least: 5.5}", 5.25)]


@pytest.mark.parametrize("low, high, gap", BETWEEN)
def test_a_number_between_two_branches_is_found(tmp_path, low, high, gap):
    criteria = {"small.one.low": f"{{pain_nrs: {low}}}", "small.one.high": f"{{pain_nrs: {high}}}"}
    grouped = found(small(tmp_path, criteria, {"one": [("opposes", "small.one.low"), ("supports", "small.one.high"), ("optional", None)]}))
    (finding,) = grouped["comparison_gap"]
    assert list(grouped) == ["comparison_gap"] and finding.example == {"pain_nrs": gap}


def test_numbers_that_a_third_comparison_names_are_no_gap(tmp_path):
    criteria = {"small.one.low": "{pain_nrs: {below: 5}}", "small.one.high": "{pain_nrs: {above: 5}}", "small.one.border": "{pain_nrs: {equals: 5}}"}
    branches = [("opposes", "small.one.low"), ("supports", "small.one.high"), ("optional", "small.one.border"), ("not_applicable", None)]
    assert "comparison_gap" not in found(small(tmp_path, criteria, {"one": branches}))


def test_a_window_that_a_requirement_asks_for_is_no_gap(tmp_path):
    it = "{not: {all: [{age_years: {at_least: 50}}, {age_years: {at_most: 90}}]}}"
    assert of_criterion(tmp_path, it) == {}


# The shipped rules


def test_every_finding_on_the_shipped_rules_is_accepted_and_every_accepted_one_is_found(shipped):
    assert without_accepted(RULES, shipped) == () and no_longer_found(RULES, shipped) == ()
    assert len(shipped) >= 20 and {finding.kind for finding in shipped} <= set(KINDS)


def test_no_two_findings_have_the_same_key(shipped):
    assert len({finding.key for finding in shipped}) == len(shipped)


def test_the_examples_of_the_shipped_findings_are_valid_patients(shipped):
    for finding in shipped:
        for item, value in (finding.example or {}).items():
            assert parse_value(RULES.vocabulary[item], list(value) if isinstance(value, tuple) else value) is not None, finding


def test_an_example_of_one_number_apart_meets_one_criterion_and_fails_another(shipped):
    apart = [finding for finding in shipped if finding.kind == "one_threshold_apart"]
    for finding in apart:
        held = {states(RULES, id, _typed(finding.example))[0] for id in finding.rules}
        assert {Truth.MET, Truth.NOT_MET} <= held, finding
    assert len(apart) >= 10


def test_an_example_of_a_redundant_alternative_meets_it(shipped):
    redundant = [finding for finding in shipped if finding.kind == "redundant_alternative"]
    for finding in redundant:
        assert states(RULES, finding.rules[1], _typed(finding.example))[0] is Truth.MET
    assert redundant


def test_a_trigger_that_only_contradictory_entries_meet_is_shown_with_such_entries(shipped):
    (finding,) = [finding for finding in shipped if finding.kind == "never_met"]
    assert finding.rules == (LISTED,) and states(RULES, LISTED, _typed(finding.example))[0] is Truth.MET
    assert any(states(RULES, id, _typed(finding.example))[0] is Truth.MET for id in RULES.contradictions)


def _typed(example: Mapping[str, object]) -> dict[str, object]:
    return {item: list(value) if isinstance(value, tuple) else value for item, value in example.items()}


# The list of accepted findings and the check


def accepted_in(tmp_path: Path, text: str) -> RuleSet:
    (tmp_path / ACCEPTED_FINDINGS_FILE).write_text(text, encoding="utf-8")
    return small(tmp_path, {"small.one.it": "{pain_nrs: {above: 10}}"}, {"one": EITHER})


ENTRY = "- {kind: never_met, rules: [small.one.it], reason: Planted}\n"


def test_a_finding_that_is_not_listed_fails_the_check_with_its_sentence(tmp_path):
    checked = static_findings(small(tmp_path, {"small.one.it": "{pain_nrs: {above: 10}}"}, {"one": EITHER}))
    assert not checked.passed and "1 found, 1 not accepted" in checked.lines[0] and "  never_met: 1" in checked.lines
    assert any("never_met [small.one.it]" in line and "no patient shows it" in line for line in checked.lines)


def test_a_listed_finding_passes_the_check(tmp_path):
    rules = accepted_in(tmp_path, f"accepted:\n{ENTRY}")
    assert unaccepted(rules) == () and static_findings(rules).passed


@pytest.mark.parametrize("entries", [
    f"{ENTRY}- {{kind: never_fails, rules: [small.one.it], reason: Gone}}\n", f"{ENTRY}{ENTRY}",
    f"{ENTRY}- {{kind: never_met, rules: [small.one.it], about: branch 2, reason: Another part}}\n",
])
def test_an_entry_that_is_not_found_or_stands_twice_fails_the_check(tmp_path, entries):
    checked = static_findings(accepted_in(tmp_path, f"accepted:\n{entries}"))
    assert not checked.passed and "not found any more" in checked.lines[-1]


@pytest.mark.parametrize("text, wrong", [
    ("accepted:\n- {kind: never_met, rules: [small.one.it]}\n", "the key 'reason' is missing"),
    ("accepted:\n- {kind: never_meet, rules: [small.one.it], reason: Planted}\n", "Did you mean 'never_met'?"),
    ("accepted:\n- {kind: never_met, rule: [small.one.it], rules: [a], reason: Planted}\n", "unknown key 'rule'"),
])
def test_a_mistake_in_the_list_is_named_with_file_and_line(tmp_path, text, wrong):
    rules = accepted_in(tmp_path, text)
    with pytest.raises(RuleErrors, match="accepted_findings.yaml, line"):
        unaccepted(rules)
    checked = static_findings(rules)
    assert not checked.passed and wrong in checked.lines[0]


def test_a_patient_that_shows_a_finding_stands_in_its_line(tmp_path):
    checked = static_findings(small(tmp_path, {"small.one.it": "{any: [{pain_nrs: {at_least: 7}}, {pain_nrs: {at_least: 5}}]}"}, {"one": EITHER}))
    assert "patient: pain_nrs=7" in checked.lines[-1]


def test_the_list_is_described_for_editors_and_is_no_part_of_the_knowledge(tmp_path):
    assert ACCEPTED_FINDINGS_FILE.removesuffix(".yaml") in FORMS
    assert SHIPPED_RULES / ACCEPTED_FINDINGS_FILE not in knowledge_files(SHIPPED_RULES)
    accepted_in(tmp_path, f"accepted:\n{ENTRY}")
    before = fingerprint(tmp_path)
    accepted_in(tmp_path, "accepted: []\n")
    assert fingerprint(tmp_path) == before


# Packs of a user


def beside(tmp_path: Path, *changes: tuple[str, str]) -> RuleSet:
    """The shipped rules and, beside them, a copy of one pack under another id with these passages changed."""
    text = (SHIPPED_RULES / "guidelines/aaos_2010.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(id|criterion|when): aaos_2010\.", r"\1: mine.", text).replace("id: aaos_2010\norder: 12", "id: mine\norder: 99", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    return read_rules(additional=tmp_path)


def test_findings_on_a_pack_of_a_user_are_advice(tmp_path):
    rules = beside(tmp_path, ("item: age_years, value: 18", "item: age_years, value: 21"))
    checked = static_findings(rules)
    assert checked.passed and "advice" in checked.lines[0]
    kinds = {finding.kind for finding in findings(rules)}
    assert "packs_one_threshold_apart" in kinds
    assert all(any(rule.startswith("mine") for rule in finding.rules) for finding in findings(rules))
    assert any("advice: packs_one_threshold_apart [aaos_2010_vertebroplasty, mine_vertebroplasty]" in line for line in checked.lines)


def test_a_pack_of_a_user_that_contradicts_itself_fails_the_check(tmp_path):
    impossible = "when: {all: [{pain_trend: stable}, {pain_trend: worsening}]}"
    checked = static_findings(beside(tmp_path, ("when: {pain_from_fracture: no}", impossible)))
    assert not checked.passed
    assert any(line.startswith("  contradictory: contradictory_parts [mine.outside_scope.pain_elsewhere]") for line in checked.lines)
