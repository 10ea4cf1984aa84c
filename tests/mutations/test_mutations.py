"""Mistakes made on purpose are noticed: in the ordinary run some of each kind, in the long run hundreds (`docs/mutations.md`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import planes
from engine.loading import load_rules
from engine.parity import check_parity_by_columns
from engine.ruleset import PATHWAY
from tests.mutations.equivalence import effect_of
from tests.mutations.evaluator_mutations import evaluator_mutations
from tests.mutations.layers import Layers, evaluator_of
from tests.mutations.mutation import RuleMutation, drawn
from tests.mutations.neighbours import showing_every_answer, showing_everything
from tests.mutations.rule_mutations import rule_mutations
from tests.mutations.running import CASES, EQUIVALENT, PARITY, PROOF, SURVIVED, all_mutations, listed, of_the_pathway, run, run_proofs_alone, table

RULES = load_rules()
SEED = 20261125
ORDINARY, ORDINARY_PATIENTS = 20, 3_000
PER_CLASS, PATIENTS = 40, 20_000
FEWEST_OF_A_CLASS, FEWEST = 20, 300


def named(operator: str, name: str) -> RuleMutation:
    (found,) = [mutation for mutation in rule_mutations(RULES)[operator] if mutation.name == name]
    return found


# The mutations themselves


def test_every_operator_class_has_enough_mutations_and_no_mutation_leaves_the_rules_as_they_are():
    for operator, mutations in rule_mutations(RULES).items():
        assert len(mutations) >= FEWEST_OF_A_CLASS, operator
        made = [mutation.make() for mutation in drawn(mutations, FEWEST_OF_A_CLASS, SEED)]
        assert len({rules.fingerprint for rules in (RULES, *made)}) == len(made) + 1, "what is remembered of one would be taken for another"
        for rules in made:
            assert replace(rules, fingerprint=RULES.fingerprint) != RULES, operator


def test_both_evaluators_have_enough_mutations():
    counts = {operator: len(mutations) for operator, mutations in evaluator_mutations().items()}
    for whose in ("columns", "durable-rules"):
        assert sum(count for operator, count in counts.items() if operator.startswith(whose)) >= 2 * FEWEST_OF_A_CLASS


def test_the_same_seed_draws_the_same_mutations():
    one, again, other = ([mutation.name for mutation in all_mutations(RULES, 3, seed)] for seed in (1, 1, 2))
    assert one == again != other


def test_an_evaluator_is_sound_again_after_a_mutation():
    sound = planes._all.__code__, planes.reader_of, dict(planes._COMPARISONS)
    for mutations in evaluator_mutations().values():
        for mutation in drawn(mutations, 3, SEED):
            with mutation.applied():
                pass
    assert (planes._all.__code__, planes.reader_of, dict(planes._COMPARISONS)) == sound
    assert check_parity_by_columns(RULES, [RULES.packs["of_score"].verdicts[0].decision]).agree


# Whether a mutation can change an answer


def test_neighbours_with_the_same_answer_may_change_places():
    same = next(
        mutation for mutation in rule_mutations(RULES)["order of gates or branches changed"]
        if mutation.name.count("(not_applicable)") == 2
    )  # fmt: skip
    effect = effect_of(same, RULES, same.make())
    assert effect.answer is None and effect.shown is None


def test_a_changed_order_of_the_gates_shows_a_patient_who_gets_another_pathway():
    mutation = named("order of gates or branches changed", "pathway: branch 2 (not_a_candidate) before 1 (emergency_referral)")
    new = mutation.make()
    effect = effect_of(mutation, RULES, new)
    assert effect.answer is not None and effect.answer.patient is not None
    assert effect.answer.what.startswith(PATHWAY)


def test_a_threshold_a_step_away_shows_a_patient_in_between():
    mutation = named("threshold shifted", "inr_high_risk_limit: 1.8 becomes 1.79")
    effect = effect_of(mutation, RULES, mutation.make())
    assert effect.answer is not None and effect.answer.patient is not None
    assert 1.79 < effect.answer.patient["inr"] <= 1.8


def test_a_mutant_compiles_criteria_that_no_gate_reads_any_more():
    mutation = next(
        mutation for mutation in rule_mutations(RULES)["criterion, branch or warning dropped"] if mutation.name.startswith("gate 1: without")
    )
    assert set(evaluator_of(mutation.make()).program.criterion_steps) == set(RULES.criteria)


# What notices them


def spread(count: int) -> list:
    """One of each class, and the rest drawn from all."""
    first = all_mutations(RULES, 1, SEED)
    names = {mutation.name for mutation in first}
    others = [mutation for mutation in all_mutations(RULES, 3, SEED) if mutation.name not in names]
    return [*first, *drawn(others, count - len(first), SEED)]


def insist(results) -> None:
    print(table(results))
    changing = [line for line in listed(results, SURVIVED) if "changes no answer" not in line]
    assert changing == [], "\n".join(changing)


def test_twenty_mutations_of_every_kind_are_noticed():
    print(f"seed {SEED}")
    results = run(spread(ORDINARY), Layers(RULES, ORDINARY_PATIENTS, showing_every_answer))
    insist(results)
    assert len(results) == ORDINARY
    assert all(result.verdict == PARITY for result in results if not isinstance(result.mutation, RuleMutation) and not result.raised)
    assert sum(result.verdict == CASES for result in results) >= 8


@pytest.mark.long
def test_hundreds_of_mutations_are_noticed_or_change_nothing():
    print(f"seed {SEED}")
    results = run(all_mutations(RULES, PER_CLASS, SEED), Layers(RULES, PATIENTS, showing_everything))
    insist(results)
    assert len(results) >= FEWEST
    counts = {
        operator: sum(result.mutation.operator == operator for result in results) for operator in {result.mutation.operator for result in results}
    }
    assert min(counts.values()) >= FEWEST_OF_A_CLASS, counts
    print(*listed(results, EQUIVALENT), *listed(results, SURVIVED), sep="\n")


@pytest.mark.long
def test_the_proofs_alone_notice_mutations_of_the_gates():
    """Cases and the reader come first above and leave the proofs nothing; here nothing stands before them."""
    results = run_proofs_alone(drawn(of_the_pathway(RULES), 24, SEED), Layers(RULES, 0, showing_every_answer))
    print(*listed(results, PROOF), *listed(results, SURVIVED), sep="\n")
    assert sum(result.verdict == PROOF and not result.raised for result in results) >= 5
    assert len({result.why[: len("property N")] for result in results if result.verdict == PROOF}) >= 2, "more than one property can fail"
