"""The checks that are asked, one after the other, whether they notice a mutation.

Each layer returns what it noticed in a few words, or None. What raises instead of answering is noticed too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from unittest import mock

from engine import scoring
from engine.assessing import EvaluatorsDisagree, _insist_on_agreement
from engine.case_reading import read_cases
from engine.cases import Case, CaseAnswers, mismatches
from engine.coded import same_for_all
from engine.column_building import columns_from_patients
from engine.decisions import decide_one
from engine.evaluator import Evaluator
from engine.idleness import idle_criteria
from engine.parity import check_parity
from engine.planes import evaluate, evaluate_one
from engine.proofs import PatientSpaces, Proof, prove
from engine.ruleset import DecisionList, RuleSet
from engine.scoring import score_columns
from tests.mutations.neighbours import neighbours
from tests.test_transcription import Rules, columns_of, disagreements
from tests.transcription.clinical_text import ClinicalText
from tests.transcription.patients import random_patients

NEEDED = ("missing_items", "next_item")
"""What a case may say about missing items; working these out anew takes some ten seconds, so they are compared last."""
NOTHING_IDLE = 7
PATIENT_SEED = 20261125
WholePatients = Callable[[Evaluator, Sequence[Case]], list[dict]]


def evaluator_of(rules: RuleSet) -> Evaluator:
    """All packs and trials on, and every criterion of the rules compiled, so that one that no gate reads any more can still be asked."""
    evaluator = Evaluator(rules, tuple(rules.packs.values()))
    evaluator.criteria = tuple(rules.criteria)
    return evaluator


class Layers:
    """The layers over the cases and over patients for the text reader: seeded ones, and neighbours of whole ones."""

    def __init__(self, rules: RuleSet, seeded_patients: int, whole_patients: WholePatients) -> None:
        self.rules = rules
        self.cases: tuple[Case, ...] = read_cases(rules)
        self._case_columns = columns_from_patients(rules.vocabulary, [case.patient for case in self.cases])
        text = ClinicalText.load()
        whole = whole_patients(evaluator_of(rules), self.cases)
        patients = [*random_patients(seeded_patients, PATIENT_SEED, text), *neighbours(text, whole)]
        self._said = text.evaluate(patients)
        self._patient_columns = columns_of(rules, patients)

    # Parity

    def parity(self, rules: RuleSet, decisions: Iterable[DecisionList], chain_limit: int) -> str | None:
        """Whether both evaluators and the definition agree on these lists."""
        found = check_parity(rules, decisions, chain_limit).disagreements
        return f"{found[0].kind} {found[0].name}"[:90] if found else None

    # Cases beside the rules

    def cases_fail(self, evaluator: Evaluator) -> str | None:
        """The first case that expects another answer, missing items apart."""
        with without_missing_items():
            return next((f"{case.file}: {case.name}: {what}" for case, what in self._mismatches(evaluator) if what not in NEEDED), None)

    def cases_of_missing_items_fail(self, evaluator: Evaluator) -> str | None:
        """The first case that expects other missing items or another next item."""
        return next((f"{case.file}: {case.name}: {what}" for case, what in self._mismatches(evaluator) if what in NEEDED), None)

    def consult_refuses(self, evaluator: Evaluator) -> str | None:
        """The first case for which the consult gives no answer, because durable-rules and the columns do not agree (as `assess` insists)."""
        for case in self.cases:
            columns = columns_from_patients(evaluator.rules.vocabulary, [case.patient])
            evaluation = evaluate_one(evaluator.program, evaluator.rules.vocabulary, columns)
            proof = evaluator.chain.prove(evaluation.by_name)
            decided = {decision.name: decide_one(decision, evaluation) for decision in evaluator.decisions}
            try:
                _insist_on_agreement(evaluator, evaluation, decided, proof)
            except EvaluatorsDisagree as refused:
                return f"{case.file}: {case.name}: the evaluators disagree on {next(iter(refused.answers))}"
        return None

    def _mismatches(self, evaluator: Evaluator):
        answers = CaseAnswers(evaluator.rules, self.cases)
        vars(answers).update(evaluator=evaluator, columns=self._case_columns)  # what it would make for the shipped packs by itself
        for row, case in enumerate(self.cases):
            for mismatch in mismatches(case, answers.of(row)):
                yield case, mismatch.what

    # Text reader

    def text_reader_disagrees(self, evaluator: Evaluator) -> str | None:
        """On what, and for how many of the patients, the independent reader of the documents says otherwise."""
        with without_missing_items():
            differing = disagreements(self._said, evaluator.rules, _Found(evaluator, self._patient_columns))
        return next((f"{name} of {count} patients" for name, count in differing.items()), None)

    # Proofs

    def proof_breaks(self, rules: RuleSet, packs: Sequence[str]) -> str | None:
        """The first property that does not hold any more, for the pathway and these packs.

        Whether nothing is idle can only be said of all packs together, so that proof is asked for all of them.
        """
        chosen = [rules.packs[id] for id in packs]
        broken = next((proof for proof in prove(rules, chosen) if not proof.proved and proof.number != NOTHING_IDLE), None)
        return _said_of(broken) if broken else self._idle(rules, packs)

    def _idle(self, rules: RuleSet, packs: Sequence[str]) -> str | None:
        for space in PatientSpaces(rules, [rules.packs[id] for id in packs]):
            if not all(space.settled(outcome) for outcome in space.decision.outcomes):
                return f"property {NOTHING_IDLE}: an outcome of {space.decision.name} is never reached"
        finding = idle_criteria(rules, rules.packs.values())[1]
        return None if finding is None else f"property {NOTHING_IDLE}: {finding.rule}: {finding.what}"


def _said_of(proof: Proof) -> str:
    assert proof.counterexample is not None
    return f"property {proof.number}: {proof.counterexample.rule}: {proof.counterexample.what}"


def without_missing_items():
    """Scoring without missing items, whose diagrams are the dear part of it; for comparisons that do not look at them."""

    def not_asked(evaluator, columns, decided):
        return same_for_all("", columns.rows), same_for_all("", columns.rows)

    return mock.patch.object(scoring, "_still_needed", not_asked)


class _Found(Rules):
    """What a mutant says about patients who are columns already."""

    def __init__(self, evaluator: Evaluator, columns) -> None:
        rules = evaluator.rules
        self.columns = columns
        self.scored = score_columns(evaluator, columns)
        self.verdict_columns = [verdicts.column for pack in rules.packs.values() for verdicts in pack.verdicts]
        self.evaluation = evaluate(evaluator.program, rules.vocabulary, columns)
