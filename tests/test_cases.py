"""Every case beside the rules gives what it says: through the columnar evaluator, and through the assessment of one patient."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from engine.assessing import assess_recorded
from engine.case_reading import read_cases
from engine.cases import Case, found_in, mismatches, run_cases
from engine.evaluator import evaluator_for
from engine.loading import load_rules
from engine.mistakes import RuleErrors
from engine.rule_files import SHIPPED_RULES

RULES = load_rules()
CASES = read_cases(RULES)
FILES = sorted({case.file for case in CASES})
ALWAYS_ASSESSED = ("rules/pathway/", "rules/guidelines/medicare_l34106.", "rules/guidelines/nice_ta279.", "rules/guidelines/aaos_2010.")
SAMPLE_OF_OTHER_FILES, SEED = 4, 20261125


def of_file(file: str) -> list[Case]:
    return [case for case in CASES if case.file == file]


def in_lines(problems: Iterable[object]) -> str:
    return "\n".join(map(str, problems))


@pytest.fixture(scope="module")
def mismatches_by_file() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for mismatch in run_cases(RULES, CASES):
        found.setdefault(mismatch.case.file, []).append(str(mismatch))
    return found


def test_every_case_file_is_read():
    on_disk = {f"rules/{path.relative_to(SHIPPED_RULES).as_posix()}" for path in SHIPPED_RULES.rglob("*.cases.yaml")}
    assert set(FILES) == on_disk
    assert len(CASES) > 1500


def test_every_pack_and_gate_has_its_cases_beside_it():
    knowledge = [path for folder in ("pathway", "guidelines", "trials") for path in (SHIPPED_RULES / folder).glob("*.yaml")]
    without = [path.name for path in knowledge if not path.name.endswith(".cases.yaml") and not path.with_suffix(".cases.yaml").is_file()]
    assert without == []


@pytest.mark.parametrize("file", FILES)
def test_the_columnar_evaluator_gives_what_the_cases_say(file, mismatches_by_file):
    assert not mismatches_by_file.get(file), in_lines(mismatches_by_file[file])


@pytest.mark.parametrize("file", FILES)
def test_the_assessment_gives_what_the_cases_say(file):
    """Runs both evaluators on each patient. Of packs that are not named above, a seeded sample."""
    cases = of_file(file)
    if not file.startswith(ALWAYS_ASSESSED):
        cases = random.Random(SEED).sample(cases, min(SAMPLE_OF_OTHER_FILES, len(cases)))
    evaluator = evaluator_for(RULES, RULES.packs)
    wrong = [mismatch for case in cases for mismatch in mismatches(case, found_in(assess_recorded(evaluator, case.patient)))]
    assert not wrong, in_lines(wrong)


# Mistakes in case files


def read_one(tmp_path: Path, text: str) -> tuple[Case, ...]:
    (tmp_path / "some.cases.yaml").write_text(text, encoding="utf-8")
    return read_cases(RULES, tmp_path)


def test_a_case_with_a_wrong_expectation_is_a_mismatch_with_file_line_name_expected_and_found(tmp_path):
    cases = read_one(tmp_path, "cases:\n- name: First\n  expect: {pathway: more_information}\n- name: Wrong\n  expect:\n    pathway: augmentation\n")
    (mismatch,) = run_cases(RULES, cases)
    assert str(mismatch) == f"{tmp_path.name}/some.cases.yaml, line 4: Wrong: pathway: expected augmentation, found more_information."


@pytest.mark.parametrize(("expected", "what"), [
    ("possible_pathways: [augmentation]", "possible_pathways"), ("procedure: either", "procedure"), ("triggered: [E1]", "triggered"),
    ("warnings: [W1]", "warnings"), ("contradictions: [X1]", "contradictions"), ("missing_items: []", "missing_items"), ("next_item: inr", "next_item"),
    ("criteria: {shared.unhealed: met}", "shared.unhealed"), ("verdicts: {nice_ta279: supports}", "nice_ta279"),
    ("verdicts: {aaos_2010_kyphoplasty: opposes}", None), ("verdicts: {vapour: supports}", "trial_vapour"), ("verdicts: {trial_vapour: opposes}", "trial_vapour"),
])
def test_every_kind_of_expectation_can_fail(tmp_path, expected, what):
    if what is None:
        with pytest.raises(RuleErrors, match="'aaos_2010_kyphoplasty' cannot be 'opposes'"):
            read_one(tmp_path, f"cases:\n- name: Nothing is recorded\n  expect: {{{expected}}}\n")
    else:
        (mismatch,) = run_cases(RULES, read_one(tmp_path, f"cases:\n- name: Nothing is recorded\n  expect: {{{expected}}}\n"))
        assert mismatch.what == what


def test_a_tilde_blanks_an_item_of_the_named_patient(tmp_path):
    text = "cases:\n- name: Blanked\n  like: suitable_osteoporotic\n  patient: {inr: ~, platelets_10e9_per_l: , sex: male}\n  expect: {pathway: more_information}\n"
    (case,) = read_one(tmp_path, text)
    assert "inr" not in case.patient and "platelets_10e9_per_l" not in case.patient
    assert case.patient["sex"] == "male" and case.patient["age_years"] == 74


@pytest.mark.parametrize(("text", "message"), [
    ("name: Hopeless\n  expect: {}", "line 3: Hopeless: this case expects nothing, so it can never fail."),
    ("name: Hopeless\n  expect: {criteria: {}}", "line 3: Hopeless: this case expects nothing, so it can never fail."),
    ("name: Unsaid\n  patient: {inr: 1}", "line 2: Unsaid: the key 'expect' is missing."),
    ("name: Misspelt\n  patients: {inr: 1}\n  expect: {pathway: augmentation}", "line 3: Misspelt: unknown key 'patients'. Did you mean 'patient'?"),
    ("name: Misspelt\n  expect: {pathwya: augmentation}", "line 3: Misspelt: unknown key 'pathwya'. Did you mean 'pathway'?"),
    ("name: No item\n  patient: {int: 1}\n  expect: {pathway: augmentation}", "line 3: No item: unknown item 'int'. Did you mean 'inr'?"),
    ("name: No number\n  patient:\n    inr: high\n  expect: {pathway: augmentation}", "line 4: No number: 'inr':"),
    ("name: No patient\n  like: suitable_osteoporosis\n  expect: {triggered: []}", "there is no patient 'suitable_osteoporosis'. Did you mean 'suitable_osteoporotic'?"),
    ("name: No pathway\n  expect: {pathway: augment}", "'pathway' cannot be 'augment'. Did you mean 'augmentation'?"),
    ("name: No code\n  expect: {triggered: [E77]}", "'triggered' cannot be 'E77'. Did you mean 'E7'?"),
    ("name: No criterion\n  expect: {criteria: {shared.unheeled: met}}", "unknown criterion 'shared.unheeled'. Did you mean 'shared.unhealed'?"),
    ("name: No state\n  expect: {criteria: {shared.unhealed: unmet}}", "'shared.unhealed' cannot be 'unmet'. Did you mean 'met'?"),
    ("name: No column\n  expect: {verdicts: {nice_ta297: supports}}", "unknown verdict column 'nice_ta297'. Did you mean 'nice_ta279'?"),
    ("name: No verdict\n  expect: {verdicts: {nice_ta279: support}}", "'nice_ta279' cannot be 'support'. Did you mean 'supports'?"),
    ("name: Twice\n  expect: {triggered: []}\n- name: Twice\n  expect: {triggered: []}", "line 4: Twice: a case of this name stands in the file already."),
])
def test_a_mistake_in_a_case_names_file_line_case_and_the_nearest_name(tmp_path, text, message):
    with pytest.raises(RuleErrors) as caught:
        read_one(tmp_path, f"cases:\n- {text}\n")
    assert message in str(caught.value)
    assert len(caught.value.mistakes) == 1 and caught.value.mistakes[0].file.endswith("some.cases.yaml")


def test_a_file_without_cases_is_a_mistake(tmp_path):
    with pytest.raises(RuleErrors, match="'cases' needs at least one entry"):
        read_one(tmp_path, "cases: []\n")
