"""Transcription is tested, not trusted: an independent reader of the clinical documents agrees with the shipped rules.

The reader (`tests/transcription`) shares no code with `engine/`; the rules run through the columnar evaluator.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.coded import Coded
from engine.column_building import columns_from_patients
from engine.columns import Columns
from engine.evaluator import evaluator_for
from engine.loading import load_rules, read_rules
from engine.planes import evaluate
from engine.rule_files import SHIPPED_RULES
from engine.ruleset import RuleSet
from engine.scoring import score_columns
from tests.transcription.clinical_text import Answers, ClinicalText
from tests.transcription.patients import random_patients

PATIENTS, SEED = 20_000, 20261125
MANY_ENOUGH = 2_000
CODED_LISTS = {"triggered": "triggered_criteria", "warnings": "warnings", "contradictions": "contradictions", "possible_pathways": "possible_pathways"}


def columns_of(rules: RuleSet, patients: Iterable[Mapping]) -> Columns:
    """The patients as the engine holds them; `none` alone and an empty list are the same recorded empty list."""
    return columns_from_patients(rules.vocabulary, [{name: recorded(value) for name, value in patient.items()} for patient in patients])


def recorded(value: object) -> object:
    if isinstance(value, list):
        return tuple(entry for entry in value if entry != "none")
    return float(value) if isinstance(value, (int, float)) else value


class Rules:
    """What the rules say about the patients, in the words of the reader's answers."""

    def __init__(self, rules: RuleSet, patients: list[dict]) -> None:
        self.columns = columns_of(rules, patients)
        evaluator = evaluator_for(rules, rules.packs)
        self.scored: dict[str, Coded] = score_columns(evaluator, self.columns)
        self.verdict_columns = [verdicts.column for pack in rules.packs.values() for verdicts in pack.verdicts]
        self.evaluation = evaluate(evaluator.program, rules.vocabulary, self.columns)

    def cells(self, column: str) -> list[str]:
        return self.scored[column].cells().tolist()

    def states(self, criterion: str) -> list[str]:
        met, not_met = (np.broadcast_to(plane, self.columns.rows) for plane in self.evaluation.criterion(criterion))
        return np.where(met, "met", np.where(not_met, "not_met", "unknown")).tolist()


def disagreements(text: Answers, rules: RuleSet, found: Rules) -> dict[str, int]:
    """For each thing that both say, how many patients they differ on (only what differs)."""
    compared = {
        "pathway": (text.pathway, found.cells("pathway")),
        "procedure": (text.procedure, found.cells("procedure")),
        **{name: ([";".join(codes) for codes in getattr(text, name)], found.cells(column)) for name, column in CODED_LISTS.items()},
        **{column: (text.verdicts[column], found.cells(column)) for column in found.verdict_columns},
        "of_score_points": (["" if points is None else str(points) for points in text.of_score_points], found.cells("of_score_points")),
        **{name: (states, found.states(f"shared.{name.removeprefix('@')}")) for name, states in text.shared.items()},
        **{code: (states, found.states(id)) for code, states in text.criteria.items() for id in rules.triggers if rules.criteria[id].code == code},
    }
    differing = {name: sum(one != other for one, other in zip(said, given, strict=True)) for name, (said, given) in compared.items()}
    return {name: count for name, count in differing.items() if count}


@pytest.fixture(scope="module")
def text() -> ClinicalText:
    return ClinicalText.load()


@pytest.fixture(scope="module")
def patients(text) -> list[dict]:
    return random_patients(PATIENTS, SEED, text)


@pytest.fixture(scope="module")
def said(text, patients) -> Answers:
    return text.evaluate(patients)


def test_the_documents_and_the_rules_speak_of_the_same_things(said):
    rules = load_rules()
    found = Rules(rules, [{}])
    assert set(said.verdicts) == set(found.verdict_columns)
    assert {f"shared.{name.removeprefix('@')}" for name in said.shared} == {id for id in rules.criteria if id.startswith("shared.")}
    assert set(said.criteria) == {rules.criteria[id].code for id in rules.triggers}
    assert len(said.verdicts) >= 36 and len(said.shared) >= 20


def test_rules_and_documents_agree_on_every_answer_of_20000_patients(patients, said):
    rules = load_rules()
    differing = disagreements(said, rules, Rules(rules, patients))
    print(f"{len(patients)} patients, {len(said.verdicts)} verdicts, {len(said.shared)} shared criteria, {len(said.criteria)} triggers: {sum(differing.values())} disagreements")
    assert differing == {}


MUTATIONS = {
    "a threshold of the pathway": ("thresholds.yaml", "inr_high_risk_limit: {code: TH10, item: inr, value: 1.8", "inr_high_risk_limit: {code: TH10, item: inr, value: 1.7", "triggered"),
    "a threshold of a pack": ("guidelines/aaos_2010.yaml", "adult_from_age: {item: age_years, value: 18", "adult_from_age: {item: age_years, value: 19", "aaos_2010_kyphoplasty"),
    "a strict comparison of the pathway": ("pathway/gate_4_spine_surgery_review.yaml", "{canal_compromise_percent: {above: canal_limit}}", "{canal_compromise_percent: {at_least: canal_limit}}", "triggered"),
    "a set": ("sets.yaml", "nuclear_studies: [bone_scan, spect_ct]", "nuclear_studies: [bone_scan]", "@unhealed"),
    "the points of the score": ("scores/of_score.yaml", "{points: 4, when: {of_type: OF2}}", "{points: 5, when: {of_type: OF2}}", "of_score_points"),
    "a trial": ("trials/trial_criteria.yaml", "{spinal_infection: {one_of: [suspected, confirmed]}}", "{spinal_infection: confirmed}", "trial_vapour"),
}


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_changed_rule_is_noticed(kind, tmp_path, text, patients):
    file, old, new, noticed = MUTATIONS[kind]
    copy = Path(shutil.copytree(SHIPPED_RULES, tmp_path / "rules"))
    words = (copy / file).read_text(encoding="utf-8")
    assert words.count(old) == 1
    (copy / file).write_text(words.replace(old, new), encoding="utf-8")
    rules, some = read_rules(copy), patients[:MANY_ENOUGH]
    assert disagreements(text.evaluate(some), rules, Rules(rules, some)).get(noticed, 0) > 0
