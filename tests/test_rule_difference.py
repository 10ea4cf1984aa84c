"""Who moves under changed rules, and because of which criterion."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.assessing import assess_recorded, parse_patient
from engine.column_building import columns_from_patients
from engine.evaluator import evaluator_for
from engine.loading import load_rules, read_rules
from engine.rule_difference import columns_in_one_only, moves
from engine.rule_files import SHIPPED_RULES
from tests.transcription.patients import random_patients

RULES = load_rules()
PATIENTS = [
    parse_patient(RULES.vocabulary, {name: (value or ["none"]) if isinstance(value, list) else value for name, value in patient.items()})
    for patient in random_patients(400, 21)
]


@pytest.fixture(scope="module")
def stricter(tmp_path_factory) -> Path:
    """The shipped rules with a lower INR limit."""
    copy = tmp_path_factory.mktemp("stricter") / "rules"
    shutil.copytree(SHIPPED_RULES, copy)
    thresholds = copy / "thresholds.yaml"
    text = thresholds.read_text(encoding="utf-8")
    assert text.count("value: 1.8") == 1
    thresholds.write_text(text.replace("value: 1.8", "value: 1.2"), encoding="utf-8")
    return copy


def test_the_same_rules_move_nobody():
    evaluator = evaluator_for(RULES)
    assert list(moves(evaluator, evaluator, columns_from_patients(RULES.vocabulary, PATIENTS))) == []
    assert columns_in_one_only(evaluator, evaluator) == []


def test_each_move_is_what_assessing_the_patient_under_both_rule_sets_gives(stricter):
    new_rules = read_rules(stricter)
    old, new = evaluator_for(RULES), evaluator_for(new_rules)
    found = list(moves(old, new, columns_from_patients(RULES.vocabulary, PATIENTS)))
    assert found
    for move in found:
        before, after = (assess_recorded(evaluator, PATIENTS[move.row]) for evaluator in (old, new))
        answers = [one.pathway if move.column == "pathway" else one.verdicts[move.column] for one in (before, after)]
        assert answers == [move.old, move.new]


def test_a_changed_threshold_names_the_criterion_that_reads_it(stricter):
    found = list(moves(evaluator_for(RULES), evaluator_for(read_rules(stricter)), columns_from_patients(RULES.vocabulary, PATIENTS)))
    pathway = [move for move in found if move.column == "pathway"]
    assert pathway and all("F5" in move.criteria for move in pathway)


def test_a_pack_that_only_one_rule_set_has_is_named(tmp_path):
    copy = tmp_path / "rules"
    shutil.copytree(SHIPPED_RULES, copy)
    (copy / "guidelines/asbmr_2019.yaml").unlink()
    found = columns_in_one_only(evaluator_for(RULES), evaluator_for(read_rules(copy)))
    assert [name for name, _ in found] == ["asbmr_2019"]
