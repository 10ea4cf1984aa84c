"""Mistakes in the files of texts and reference are found when the rules are loaded, with file, line, rule and the nearest name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.loading import load_rules
from engine.mistakes import Mistake, RuleErrors
from engine.rule_files import SHIPPED_RULES

# file, what is replaced, by what, the rule named, what is said
MISTAKES = {
    "a misspelt key": (
        "texts/evidence.yaml", "  - id: older_fractures\n    text:",
        "  - id: older_fractures\n    txet:",
        "older_fractures", "Did you mean 'text'?",
    ),
    "an unknown item": (
        "reference/bands.yaml", "when: {epidural_grade: 1c}",
        "when: {epidural_grad: 1c}",
        "epidural_band", "unknown item 'epidural_grad'. Did you mean 'epidural_grade'?",
    ),
    "an unknown code": (
        "reference/bleeding.yaml", "when: {anticoagulant: warfarin}",
        "when: {anticoagulant: warfarine}",
        "bleeding.warfarin", "no code 'warfarine'. Did you mean 'warfarin'?",
    ),
    "an unknown threshold": (
        "reference/bleeding.yaml", "{at_least: clearance_rivaroxaban}",
        "{at_least: clearance_rivaroxiban}",
        "bleeding.rivaroxaban.good_clearance", "unknown threshold",
    ),
    "a number in a condition": (
        "texts/aftercare.yaml", "{at_least: highest_risk_age}", "{at_least: 65}", "aftercare.highest_risk", "not the number 65",
    ),
    "an unknown criterion": (
        "texts/aftercare.yaml", "    when: {criterion: shared.fragility_cause}",
        "    when: {criterion: shared.fragility_causes}",
        "aftercare.fragility_means_osteoporosis", "Did you mean 'shared.fragility_cause'?",
    ),
    "a criterion of a guideline": (
        "texts/evidence.yaml", "{criterion: pathway.correct_first.tumour_not_typed}",
        "{criterion: aaos_2010.outside_scope}",
        "Missed tumour", "aaos_2010.outside_scope",
    ),
    "an unknown source": (
        "texts/evidence.yaml", "sources: [revision_pooled]",
        "sources: [revision_poled]",
        "Revision surgery", "unknown source 'revision_poled'. Did you mean 'revision_pooled'?",
    ),
    "a missing source": (
        "texts/evidence.yaml", "sources: [revision_pooled]", "sources: []", "", "at least one",
    ),
    "a missing drug": (
        "reference/bleeding.yaml", "  - code: cilostazol\n",
        "  - code: cilostazole\n",
        "cilostazol", "no entry for the antiplatelets 'cilostazol'",
    ),
    "a row that does not exist": (
        "reference/bleeding.yaml", "clearance_blank_row: bleeding.edoxaban",
        "clearance_blank_row: bleeding.edoxabane",
        "edoxaban", "has no row 'bleeding.edoxabane'",
    ),
    "a field that is never filled": (
        "texts/score_lines.yaml", "{points} of", "{total} of", "", "unknown field '{total}'",
    ),
    "a threshold that does not exist, in words": (
        "texts/bleeding_plan.yaml", "INR {inr_high_risk_limit}", "INR {inr_hihg_risk_limit}", "F5", "Did you mean 'inr_high_risk_limit'?",
    ),
    "a trigger without a step": (
        "texts/next_steps.yaml", "{code: E2,", "{code: E22,", "E2", "no entry for the trigger 'E2'",
    ),
    "an unknown time": (
        "texts/next_steps.yaml", "refer_to: Haematology, how_fast: not_stated",
        "refer_to: Haematology, how_fast: soon",
        "soon", "unknown time 'soon'",
    ),
    "a goal of another gate": (
        "texts/bleeding_plan.yaml", "{code: F12,", "{code: K1,", "F12", "no entry for the trigger 'F12'",
    ),
    "a pathway without words for the patient": (
        "texts/patient_information.yaml", "code: oncology_mdt", "code: oncology", "oncology_mdt", "no entry for the pathway 'oncology_mdt'",
    ),
    "a state in the wrong region": (
        "reference/medicare_regions.yaml", "states: [KY, OH]", "states: [KY, TX]", "cgs", "not the states of this region",
    ),
    "an unknown code list": (
        "reference/code_lists.yaml", "names: [sequela]", "names: [sequel]", "sequel", "Did you mean 'sequela'?",
    ),
    "an empty text of the page": (
        "texts/interface.yaml", "title: Vertebral fracture pathway", "title: ''", "", "a text is missing here",
    ),
}


def found_with(tmp_path: Path, file: str, old: str, new: str) -> tuple[tuple[Mistake, ...], int]:
    """The mistakes of a copy of the shipped rules with one edit, and the line of the edit."""
    rules = tmp_path / "rules"
    shutil.copytree(SHIPPED_RULES, rules)
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleErrors) as errors:
        load_rules(rules)
    return errors.value.mistakes, text[:text.index(old)].count("\n") + 1


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_named_with_its_file_its_rule_and_what_to_write(kind, tmp_path):
    file, old, new, rule, says = MISTAKES[kind]
    mistakes, _ = found_with(tmp_path, file, old, new)
    named = [mistake for mistake in mistakes if mistake.file == f"rules/{file}" and says in mistake.message]
    assert named and rule in (named[0].rule, ""), mistakes


@pytest.mark.parametrize("kind", ["an unknown item", "an unknown code", "an unknown source", "an unknown threshold", "a field that is never filled"])
def test_the_line_is_that_of_the_mistake(kind, tmp_path):
    file, old, new, _, says = MISTAKES[kind]
    mistakes, line = found_with(tmp_path, file, old, new)
    assert [mistake.line for mistake in mistakes if says in mistake.message] == [line]


@pytest.mark.parametrize("file", ["texts/aftercare.yaml", "reference/bleeding.yaml", "texts/bleeding_plan.yaml"])
def test_a_rule_set_cannot_do_without_its_texts(file, tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(SHIPPED_RULES, rules)
    (rules / file).unlink()
    with pytest.raises(RuleErrors) as errors:
        load_rules(rules)
    found = [(mistake.file, mistake.message) for mistake in errors.value.mistakes]
    assert found == [(f"rules/{file}", "this file is missing; a rule set cannot do without it.")]
