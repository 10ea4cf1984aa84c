"""Every kind of mistake in the knowledge files is found when they are loaded, with file, line, rule, what is wrong and the nearest name."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.loading import load_rules
from engine.mistakes import Mistake, RuleErrors
from engine.rule_files import SHIPPED_RULES

PACK = "guidelines/aaos_2010.yaml"
GATE = "pathway/gate_2_not_a_candidate.yaml"
SHARED = "shared_criteria.yaml"
AGE_TEST = "when: {age_years: {below: adult_from_age}}"


@dataclass(frozen=True)
class Wrong:
    """One edit of a shipped file and the mistake it makes. The line is that of `new`, or of its part after `^`."""

    file: str
    old: str
    new: str
    rule: str
    says: str
    beside: int = 0
    """Lines between the edit and the line that is named."""


KINDS = {
    "an unknown item": Wrong(PACK, AGE_TEST, "when: {age_yaers: {below: adult_from_age}}", "aaos_2010.outside_scope.not_adult",
                             "unknown item 'age_yaers'. Did you mean 'age_years'?"),
    "a wrong type, a number compared with a code": Wrong(PACK, AGE_TEST, "when: {age_years: young}", "aaos_2010.outside_scope.not_adult",
                                                         "'age_years' is not compared with the text 'young': use a named threshold."),
    "a wrong type, a category compared as a number": Wrong(PACK, "when: {pain_from_fracture: no}", "when: {pain_from_fracture: {below: adult_from_age}}",
                                                           "aaos_2010.outside_scope.pain_elsewhere", "'pain_from_fracture' has codes: compare it with a code or 'one_of', not 'below'."),
    "a wrong type, a list compared with a code": Wrong(PACK, "when: {pain_from_fracture: no}", "when: {imaging_done: mri}",
                                                       "aaos_2010.outside_scope.pain_elsewhere", "'imaging_done' is not compared with the text 'mri': use 'includes', 'includes_any' or 'all_within'."),
    "a wrong unit, the threshold of another item": Wrong(PACK, AGE_TEST, "when: {symptom_duration_weeks: {below: adult_from_age}}", "aaos_2010.outside_scope.not_adult",
                                                         "the threshold 'adult_from_age' belongs to 'age_years' (years), not to 'symptom_duration_weeks' (weeks)."),
    "an unknown code": Wrong(PACK, "{neurological_status: intact}", "{neurological_status: intakt}", "aaos_2010.not_neurologically_intact",
                             "'neurological_status' has no code 'intakt'. Did you mean 'intact'?"),
    "an unknown code in a named set": Wrong("sets.yaml", "malignant_causes: [metastasis,", "malignant_causes: [metastases,", "malignant_causes",
                                            "no item has the code 'metastases'. Did you mean 'metastasis'?"),
    "an unknown set": Wrong(PACK, "one_of: osteoporotic_causes", "one_of: osteoporotic_cause", "aaos_2010.outside_scope.not_osteoporotic",
                            "unknown set 'osteoporotic_cause'. Did you mean 'osteoporotic_causes'?"),
    "a missing source": Wrong(PACK, "    sources:\n      - {id: aaos_2010, class: inconclusive, section: patients who are not intact}\n", "",
                              "aaos_2010.not_neurologically_intact", "the key 'sources' is missing.", beside=-4),
    "no source in the list": Wrong(PACK, "    sources:\n      - {id: aaos_2010, class: inconclusive, section: patients who are not intact}\n", "    sources: []\n",
                                   "aaos_2010.not_neurologically_intact", "'sources' needs at least one entry."),
    "an unknown source": Wrong(GATE, "{id: acr_2018, class: contraindication}", "{id: acr_2081, class: contraindication}", "pathway.not_a_candidate.pregnancy",
                               "unknown source 'acr_2081'. Did you mean 'acr_2018'?"),
    "an unknown source of a threshold": Wrong(PACK, "value: 18, sources: [aaos_2010]", "value: 18, sources: [aaos_2011]", "adult_from_age",
                                              "unknown source 'aaos_2011'. Did you mean 'aaos_2010'?"),
    "a duplicate id": Wrong(PACK, "- id: aaos_2010.not_neurologically_intact", "- id: aaos_2010.outside_scope.no_pain", "aaos_2010.outside_scope.no_pain",
                            "this id is used already in rules/guidelines/aaos_2010.yaml, line 38."),
    "a duplicate YAML key": Wrong(PACK, "year: 2010\n", "year: 2010\n^year: 2011\n", "", "the key 'year' is written twice."),
    "a circular reference": Wrong(PACK, AGE_TEST, "when: {criterion: aaos_2010.outside_scope}", "aaos_2010.outside_scope.not_adult",
                                  "the criteria refer to each other in a circle: aaos_2010.outside_scope", beside=-3),
    "a misspelt key": Wrong(PACK, "    says_not: The patient is an adult", "    says_knot: The patient is an adult", "aaos_2010.outside_scope.not_adult",
                            "unknown key 'says_knot'. Did you mean 'says_not'?"),
    "a misspelt comparison": Wrong(PACK, AGE_TEST, "when: {age_years: {bellow: adult_from_age}}", "aaos_2010.outside_scope.not_adult",
                                   "'age_years' is a number: 'bellow' cannot be asked of it. Did you mean 'below'?"),
    "an unknown criterion": Wrong(PACK, "- {criterion: aaos_2010.outside_scope.no_pain}", "- {criterion: aaos_2010.outside_scope.no_pian}", "aaos_2010.outside_scope",
                                  "unknown criterion 'aaos_2010.outside_scope.no_pian'. Did you mean 'aaos_2010.outside_scope.no_pain'?"),
    "an unknown criterion in a branch": Wrong(PACK, "        when: aaos_2010.outside_scope\n", "        when: aaos_2010.outside_scop\n", "aaos_2010",
                                              "unknown criterion 'aaos_2010.outside_scop'. Did you mean 'aaos_2010.outside_scope'?", beside=-1),
    "another pack's criterion": Wrong(PACK, AGE_TEST, "when: {criterion: nice_ta279.outside_scope}", "aaos_2010.outside_scope.not_adult",
                                      "'nice_ta279.outside_scope' belongs to 'nice_ta279', and packs never borrow from each other or from the pathway."),
    "another pack's criterion in a branch": Wrong(PACK, "        when: aaos_2010.outside_scope\n", "        when: nice_ta279.outside_scope\n", "aaos_2010",
                                                  "'nice_ta279.outside_scope' belongs to 'nice_ta279', and packs never borrow from each other or from the pathway.", beside=-1),
    "the pathway's criterion in a pack": Wrong(PACK, AGE_TEST, "when: {criterion: pathway.not_a_candidate.pregnancy}", "aaos_2010.outside_scope.not_adult",
                                               "'pathway.not_a_candidate.pregnancy' belongs to 'pathway', and packs never borrow from each other or from the pathway."),
    "a milestone read by a pack as only the pathway may": Wrong(PACK, AGE_TEST, "when: {milestone_reached: mdt_agreed}", "aaos_2010.outside_scope.not_adult",
                                                               "'milestone_reached' may only be used in the pathway; a pack compares the item."),
    "a number in a condition": Wrong(PACK, AGE_TEST, "when: {age_years: {below: 18}}", "aaos_2010.outside_scope.not_adult",
                                     "'below' takes the name of a threshold, not the number 18: numbers stand under 'thresholds', with their source."),
    "a missing 'otherwise'": Wrong(PACK, "        otherwise: yes\n        text: Kyphoplasty is", "        when: aaos_2010.outside_scope\n        text: Kyphoplasty is", "aaos_2010",
                                   "the last branch says 'otherwise: yes' and has no 'when'.", beside=-1),
    "an 'otherwise' too early": Wrong(PACK, "        when: aaos_2010.outside_scope\n", "        otherwise: yes\n", "aaos_2010",
                                      "only the last branch says 'otherwise: yes'; this one needs a 'when'.", beside=-1),
    "an unknown threshold": Wrong(PACK, AGE_TEST, "when: {age_years: {below: adult_form_age}}", "aaos_2010.outside_scope.not_adult",
                                  "unknown threshold 'adult_form_age'. Did you mean 'adult_from_age'?"),
    "a threshold of an unknown item": Wrong(PACK, "adult_from_age: {item: age_years,", "adult_from_age: {item: age_year,", "adult_from_age",
                                            "unknown item 'age_year'. Did you mean 'age_years'?"),
    "a text that is not YAML": Wrong(PACK, AGE_TEST, "when: {age_years: {below: adult_from_age}", "", "not valid YAML", beside=1),
    "an unknown verdict": Wrong(PACK, "      - verdict: optional\n", "      - verdict: optionl\n", "aaos_2010", "'verdict' is 'optionl', but must be one of"),
    "an unknown provenance": Wrong(PACK, "    when: {pain_from_fracture: no}\n    sources:\n      - {id: aaos_2010, class: scope, section: population}\n    provenance: read\n",
                                   "    when: {pain_from_fracture: no}\n    sources:\n      - {id: aaos_2010, class: scope, section: population}\n^    provenance: reed\n",
                                   "aaos_2010.outside_scope.pain_elsewhere", "'provenance' is 'reed', but must be one of"),
    "two keys in one condition": Wrong(PACK, AGE_TEST, "when: {age_years: {below: adult_from_age}, pain_from_fracture: no}", "aaos_2010.outside_scope.not_adult",
                                       "one condition holds one key; age_years, pain_from_fracture are 2. Join them with 'all' or 'any'."),
    "more asked for than there are": Wrong(SHARED, "  when:\n    all:\n    - {age_years:", "  when:\n^    at_least: 5\n    of:\n    - {age_years:", "shared.fragility_pattern",
                                           "'at_least' takes a whole number from 1 to 2, not '5'."),
}


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(SHIPPED_RULES, tmp_path / "rules"))


def edit(copy: Path, wrong: Wrong) -> int:
    """Makes the mistake; returns the line that the message must name."""
    path = copy / wrong.file
    text = path.read_text(encoding="utf-8")
    assert wrong.old in text, f"{wrong.file} no longer holds {wrong.old!r}"
    start = text.index(wrong.old)
    before = wrong.new.partition("^")[0] if "^" in wrong.new else ""
    path.write_text(text.replace(wrong.old, wrong.new.replace("^", ""), 1), encoding="utf-8")
    return text.count("\n", 0, start) + before.count("\n") + 1 + wrong.beside


def mistakes_of(copy: Path) -> tuple[Mistake, ...]:
    with pytest.raises(RuleErrors) as caught:
        load_rules(copy)
    return caught.value.mistakes


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_found_with_file_line_rule_and_the_nearest_name(copy, kind):
    wrong = KINDS[kind]
    line = edit(copy, wrong)
    found = mistakes_of(copy)
    assert any(wrong.says in mistake.message for mistake in found), "\n".join(map(str, found))
    mistake = next(mistake for mistake in found if wrong.says in mistake.message)
    assert (mistake.file, mistake.line, mistake.rule) == (f"rules/{wrong.file}", line, wrong.rule)
    assert str(mistake).startswith(f"rules/{wrong.file}, line {line}:")


def test_several_mistakes_in_several_files_are_reported_at_once(copy):
    kinds = ["an unknown item", "an unknown code", "an unknown source", "an unknown threshold of the register"]
    register = Wrong("pathway/warnings.yaml", "{inr: {above: inr_target}}", "{inr: {above: inr_taget}}", "", "unknown threshold 'inr_taget'. Did you mean 'inr_target'?")
    wrongs = [*(KINDS[kind] for kind in kinds[:3]), register]
    lines = [edit(copy, wrong) for wrong in wrongs]
    found = mistakes_of(copy)
    assert sorted((mistake.file, mistake.line) for mistake in found) == sorted((f"rules/{wrong.file}", line) for wrong, line in zip(wrongs, lines))
    assert all(any(wrong.says in mistake.message for mistake in found) for wrong in wrongs)


def test_two_mistakes_of_form_in_one_file_are_reported_at_once(copy):
    wrongs = [KINDS["a misspelt key"], KINDS["no source in the list"]]
    for wrong in wrongs:
        edit(copy, wrong)
    assert {wrong.says for wrong in wrongs} < {mistake.message for mistake in mistakes_of(copy)}


def test_a_missing_file_is_named(copy):
    (copy / "thresholds.yaml").unlink()
    (mistake,) = mistakes_of(copy)
    assert str(mistake) == "rules/thresholds.yaml, line 1: this file is missing; a rule set cannot do without it."


def test_two_files_with_one_pack_id_are_named(copy):
    shutil.copy(copy / PACK, copy / "guidelines" / "aaos_copy.yaml")
    found = mistakes_of(copy)
    assert any(mistake.message == "this pack id is used by another file already." and mistake.file.endswith("aaos_copy.yaml") for mistake in found)


def test_relevance_that_reads_a_later_item_is_a_mistake(copy):
    edit(copy, Wrong("vocabulary.yaml", "relevant_when: {contrast_allergy: severe}", "relevant_when: {can_lie_prone: no}", "", ""))
    assert any("'can_lie_prone' does not come earlier in the form" in mistake.message for mistake in mistakes_of(copy))


def test_the_copy_itself_loads(copy):
    assert load_rules(copy).fingerprint == load_rules().fingerprint
