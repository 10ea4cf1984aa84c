"""Both evaluators agree with each other and with the definition (`semantics.md` 8.1), and a wrong evaluator is found out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import chaining, parity
from engine.columns import Column
from engine.planes import Evaluation, Plane
from engine.truth import Truth
from tests.small_rules import RULES, decision_list, rules_of

NAMED = ("medicare_l34106", "nice_ta279", "aaos_2010")


def lists_of(*ids):
    return [verdicts.decision for id in ids for verdicts in RULES.packs[id].verdicts]


def shown(report):
    return "\n".join(
        f"{count.kind}: {count.subjects} tried; columns {count.columns_exhaustive} exhaustive (proved) and {count.columns_seeded} seeded; "
        f"durable-rules {count.chain_exhaustive} exhaustive (proved) and {count.chain_seeded} seeded" for count in report.counts
    )


def insist(report):
    print(shown(report))
    assert report.agree, report.disagreements


def test_the_evaluators_agree_on_the_pathway_and_three_guidelines():
    report = parity.check_parity(RULES, [RULES.pathway, *lists_of(*NAMED)])
    insist(report)
    by_chain = sum(count.chain_exhaustive + count.chain_seeded for count in report.counts)
    assert 50_000 < by_chain <= parity.ORDINARY_CHAIN_LIMIT
    assert report.count("leaf").chain_exhaustive == report.count("leaf").columns_exhaustive > 500
    assert report.count("decision list").chain_exhaustive >= 3**8, "the eight gates that can be met, in all their states"


def test_the_columns_agree_with_the_definition_for_every_pack_and_trial():
    decisions = [RULES.pathway, *lists_of(*RULES.packs)]
    report = parity.check_parity_by_columns(RULES, decisions)
    insist(report)
    assert report.count("decision list").subjects == len(decisions)
    assert all(count.chain_exhaustive == count.chain_seeded == 0 for count in report.counts)


@pytest.mark.long
def test_the_evaluators_agree_on_everything_without_a_limit():
    report = parity.check_parity(RULES, [RULES.pathway, *lists_of(*RULES.packs)], chain_limit=100_000_000)
    insist(report)
    assert all(count.chain_exhaustive == count.columns_exhaustive and count.chain_seeded == count.columns_seeded for count in report.counts)


# A small rule set that uses every kind of node, for the mutants

SMALL = rules_of({
    "small.weak_bone": "{all: [{t_score: {below: -2.5}}, {age_years: {at_least: 50}}]}",
    "small.bleeding": "{any: [{inr: {above: 1.8}}, {not: {anticoagulant: none}}]}",
    "small.cleared": ("{spinal_instability: yes}", "{of_type: {one_of: [OF1, OF2]}}"),
    "small.two_findings": "{at_least: 2, of: [{retropulsion: yes}, {imaging_done: {includes: mri}}, {fracture_levels: {all_within: [T11, T12, L1]}}]}",
    "small.score": "{of_score: {at_most: 5}}",
})  # fmt: skip
SMALL_LIST = decision_list(
    ("opposes", "small.bleeding"), ("optional", "small.cleared"), ("supports", "small.two_findings"), ("opposes", "small.score"),
    ("optional", "small.weak_bone"), ("supports", None),
)  # fmt: skip


def small_report():
    return parity.check_parity(SMALL, [SMALL_LIST], chain_limit=8_000)


def test_the_small_rule_set_agrees_and_uses_every_kind_of_node():
    report = small_report()
    insist(report)
    assert [count.kind for count in report.counts] == list(parity.KINDS)
    kinds = {subject.name.split(" of ")[0] for subject in parity.subjects_of(SMALL, [SMALL_LIST]) if subject.kind == "node"}
    assert kinds == {"all", "any", "not", "at_least", "proved", "points"}


def _swapped(evaluation):
    return tuple(Plane(plane.not_met, plane.met) for plane in evaluation.planes)


def _unknown_is_no(evaluation):
    return tuple(Plane(plane.met, ~plane.met) for plane in evaluation.planes)


def _unknown_is_yes(evaluation):
    return tuple(Plane(~plane.not_met, plane.not_met) for plane in evaluation.planes)


def _met_does_not_win(evaluation):
    planes = list(evaluation.planes)
    for index, step in enumerate(evaluation.program.steps):
        if step.kind == "proved":
            when, cleared = (planes[part] for part in step.parts)
            planes[index] = Plane(when.met & ~cleared.met, cleared.met)
    return tuple(planes)


def _any_is_all(evaluation):
    planes = list(evaluation.planes)
    for index, step in enumerate(evaluation.program.steps):
        if step.kind == "any":
            parts = [planes[part] for part in step.parts]
            planes[index] = Plane(np.logical_and.reduce(np.broadcast_arrays(*(part.met for part in parts))), planes[index].not_met)
    return tuple(planes)


@pytest.mark.parametrize("mutant", [_swapped, _unknown_is_no, _unknown_is_yes, _met_does_not_win, _any_is_all])
def test_a_wrong_columnar_evaluator_is_found_out(monkeypatch, mutant):
    honest = parity.evaluate

    def wrong(program, vocabulary, columns) -> Evaluation:
        evaluation = honest(program, vocabulary, columns)
        return replace(evaluation, planes=mutant(evaluation))

    monkeypatch.setattr(parity, "evaluate", wrong)
    found = parity.check_parity_by_columns(SMALL, [SMALL_LIST]).disagreements
    assert found, "nobody noticed"
    assert any(one.columns != one.definition for one in found)


@pytest.mark.parametrize(("operator", "wrong"), [("at_least", ("$gt", "$lte")), ("above", ("$gte", "$lt")), ("below", ("$gte", "$lt"))])
def test_a_wrong_comparison_in_the_chain_is_found_out_at_the_threshold(monkeypatch, operator, wrong):
    monkeypatch.setitem(chaining._OPERATORS, operator, wrong)
    found = small_report().disagreements
    assert any(one.kind == "leaf" and f"operator='{operator}'" in one.name and one.chain != one.columns for one in found)


@pytest.mark.parametrize("change", [
    lambda state: Truth.NOT_MET if state is Truth.UNKNOWN else state,
    lambda state: {Truth.MET: Truth.NOT_MET, Truth.NOT_MET: Truth.MET}.get(state, state),
])  # fmt: skip
def test_a_chain_that_proves_the_wrong_state_is_found_out(monkeypatch, change):
    class WrongChain(chaining.Chain):
        def prove(self, columns):
            proof = super().prove(columns)
            return replace(proof, states=tuple(map(change, proof.states)))

    monkeypatch.setattr(parity, "Chain", WrongChain)
    assert {one.kind for one in small_report().disagreements} >= {"leaf", "node", "criterion"}


def test_a_chain_that_reads_an_absent_milestone_as_reached_is_found_out(monkeypatch):
    class WrongChain(chaining.Chain):
        def __init__(self, program, vocabulary, decisions=()):
            super().__init__(program, vocabulary, decisions)
            self._asks = "mdt_agreed" in vocabulary.items

        def prove(self, columns):
            if not self._asks:
                return super().prove(columns)
            reached = Column(np.array([RULES.vocabulary["mdt_agreed"].codes.index("yes")]), np.ones(1, bool))
            return super().prove({"mdt_agreed": reached, **columns})

    monkeypatch.setattr(parity, "Chain", WrongChain)
    found = parity.check_parity(RULES, [RULES.pathway], chain_limit=8_000).disagreements
    assert any(one.kind == "leaf" and "MilestoneReached" in one.name and not one.patient for one in found)


def test_a_decision_list_that_skips_an_open_branch_is_found_out(monkeypatch):
    honest = parity.decide_evaluated

    def wrong(decision, evaluation):
        decided = honest(decision, evaluation)
        only_first = np.zeros_like(decided.possible)
        only_first[np.arange(len(only_first)), decided.possible.argmax(axis=1)] = True
        return replace(decided, possible=only_first, settled=decided.possible.argmax(axis=1))

    monkeypatch.setattr(parity, "decide_evaluated", wrong)
    assert {one.kind for one in small_report().disagreements} == {"decision list"}


def test_a_disagreement_shows_the_smallest_patient(monkeypatch):
    honest = parity.evaluate

    def wrong(program, vocabulary, columns) -> Evaluation:
        """Reads a recorded spinal instability as if it were not there."""
        kept = {name: column for name, column in columns.by_item.items() if name != "spinal_instability"}
        return honest(program, vocabulary, replace(columns, by_item=kept))

    monkeypatch.setattr(parity, "evaluate", wrong)
    found = parity.check_parity_by_columns(SMALL, [SMALL_LIST]).disagreements
    assert {(one.kind, tuple(one.patient)) for one in found} == {("leaf", ("spinal_instability",)), ("criterion", ("spinal_instability",))}
    assert all(one.chain == "" for one in found)


def test_exhaustive_and_seeded_are_counted_apart():
    report = small_report()
    nodes = report.count("node")
    assert nodes.columns_seeded > parity.SEEDED, "the points table has more than eight parts"
    assert nodes.columns_exhaustive == 9 + 9 + 3 + 27 + 9
    assert report.count("leaf").columns_seeded == 0
    assert sum(count.chain_exhaustive + count.chain_seeded for count in report.counts) <= 8_000


def test_what_the_chain_did_not_run_in_full_is_not_called_proved():
    counts = parity.check_parity(SMALL, [SMALL_LIST], chain_limit=10).counts
    assert sum(count.chain_exhaustive for count in counts) <= 10
    assert sum(count.columns_exhaustive for count in counts) > 100


def test_a_budget_that_ends_early_still_tries_every_criterion_that_it_can():
    subjects = list(parity.subjects_of(SMALL, [SMALL_LIST]))
    shares = parity._chain_shares(subjects, 30_000)
    assert all(share > 0 for share in shares)
    assert sum(shares) <= 30_000
