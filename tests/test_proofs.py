"""The properties are proved afresh over the shipped rules, and a rule set that breaks one is refused with a patient that shows it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.assessing import assess
from engine.loading import load_rules, read_rules
from engine.proof_ledger import SHIPPED_LEDGER, _entries, engine_fingerprint
from engine.proofs import prove
from engine.rule_files import SHIPPED_RULES

RULES = load_rules()


@pytest.fixture(scope="module")
def proofs():
    return {proof.number: proof for proof in prove(RULES)}


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 7, 8])
def test_the_shipped_rules_have_every_property(proofs, number):
    assert proofs[number].proved, proofs[number].line()
    assert proofs[number].cells > 0


def test_the_statements_about_all_patients_cover_all_of_them(proofs):
    assert all(proofs[number].cells > 10**30 for number in (3, 4, 6, 7))


def test_the_ledger_of_proved_rules_is_current():
    assert f"{RULES.fingerprint}:{engine_fingerprint()}" in _entries(SHIPPED_LEDGER), "run: python -m engine record-proofs"


def broken(tmp_path: Path, file: str, old: str, new: str):
    """The shipped rules with one passage changed."""
    copy = tmp_path / "rules"
    shutil.copytree(SHIPPED_RULES, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{file} no longer holds {old!r}"
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    rules = read_rules(copy)
    return rules, {proof.number: proof for proof in prove(rules, [rules.packs[id] for id in ("medicare_l34106", "aaos_2010")])}


def given(patient):
    """A patient of a proof as a caller writes it: an empty list is `none`."""
    return {name: value if value != () else ["none"] for name, value in patient.items()}


def test_a_safety_item_that_no_gate_reads_any_more_is_noticed(tmp_path):
    rules, proofs = broken(tmp_path, "pathway/gate_2_not_a_candidate.yaml", "when: {cement_allergy: yes}", "when: {systemic_infection: yes}")
    assert not proofs[3].proved
    assert "cement_allergy" in proofs[3].line()
    shown = assess(given(proofs[3].counterexample.patient), rules)
    assert shown.pathway == "augmentation" and "cement_allergy" not in shown.patient


def test_a_pack_that_supports_an_empty_patient_is_noticed(tmp_path):
    old = "verdict: not_applicable\n        when: medicare_l34106.policy_not_encoded"
    _, proofs = broken(tmp_path, "guidelines/medicare_l34106.yaml", old, "verdict: supports\n        when: medicare_l34106.policy_not_encoded")
    assert all(proofs[number].proved for number in (3, 5))
    old = "    when: {policy_region: wps}"
    _, proofs = broken(tmp_path / "again", "guidelines/medicare_l34106.yaml", old, "    when: {policy_region: not_stated}")
    assert proofs[2].proved  # not applicable is no support
    text = "verdict: not_applicable\n        when: medicare_l34106.policy_not_encoded"
    copy = tmp_path / "both"
    shutil.copytree(SHIPPED_RULES, copy / "rules")
    pack = copy / "rules/guidelines/medicare_l34106.yaml"
    content = pack.read_text(encoding="utf-8").replace(old, "    when: {policy_region: not_stated}", 1)
    pack.write_text(content.replace(text, text.replace("not_applicable", "supports", 1), 1), encoding="utf-8")
    rules = read_rules(copy / "rules")
    proof = next(proof for proof in prove(rules, [rules.packs["medicare_l34106"]]) if proof.number == 2)
    assert not proof.proved and proof.counterexample.patient == {}


def test_an_indication_that_nothing_guards_is_noticed(tmp_path):
    rules, proofs = broken(tmp_path, "pathway/gate_6_not_indicated.yaml", "when: {pain_trend: improving}", "when: {pain_trend: worsening}")
    assert not proofs[6].proved
    assert assess(given(proofs[6].counterexample.patient), rules).pathway == "augmentation"


def test_a_criterion_that_can_never_be_met_is_noticed(tmp_path):
    old = "when: {ankylosed_spine: yes}"
    _, proofs = broken(tmp_path, "pathway/gate_4_spine_surgery_review.yaml", old, "when: {all: [{ankylosed_spine: yes}, {ankylosed_spine: no}]}")
    assert not proofs[7].proved and "never be met" in proofs[7].line()


def test_a_broken_property_names_rule_and_patient_in_one_line(tmp_path):
    _, proofs = broken(tmp_path, "pathway/gate_2_not_a_candidate.yaml", "when: {cement_allergy: yes}", "when: {systemic_infection: yes}")
    line = proofs[3].line()
    assert line.startswith("property 3: blank safety items: broken by ") and "patient: " in line and "\n" not in line


def test_recorded_values_that_a_pack_leaves_undecided_without_saying_so_are_noticed(tmp_path):
    copy = tmp_path / "rules"
    shutil.copytree(SHIPPED_RULES, copy)
    pack = copy / "guidelines/medicare_malignant.yaml"
    text = pack.read_text(encoding="utf-8")
    assert text.count("{lesion_type: mixed}") == 1
    pack.write_text(text.replace("{lesion_type: mixed}", "{lesion_type: lytic}"), encoding="utf-8")
    rules = read_rules(copy)
    proof = next(proof for proof in prove(rules, [rules.packs["medicare_malignant"]]) if proof.number == 6)
    assert not proof.proved and proof.counterexample.patient["lesion_type"] == "mixed"
