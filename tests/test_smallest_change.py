"""What would change the answer, held against trying every single change of every patient with the evaluator."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from engine import load_rules
from engine.assessing import parse_patient
from engine.column_building import columns_from_patients
from engine.columns import Column, Columns
from engine.decisions import decide_evaluated
from engine.planes import evaluate
from engine.program import compile_program
from engine.smallest_change import MOST_SETS, SmallestChange, contradicted
from tests.brute_force import BruteForce
from tests.generated_lists import GeneratedList
from tests.transcription.patients import random_patients

RULES = load_rules()
VOCABULARY = RULES.vocabulary
LISTS = {decision.name: decision for decision in RULES.decision_lists(tuple(RULES.packs.values()))}
CHECKED = ("pathway", "medicare_l34106", "nice_ta279", "aaos_2010_kyphoplasty", "of_score", "rand_us_2018")


def columns_of(patient) -> Columns:
    given = {name: (value or ["none"]) if isinstance(value, list) else value for name, value in patient.items()}
    return columns_from_patients(VOCABULARY, [parse_patient(VOCABULARY, given)])


def trials_of(change: SmallestChange, columns: Columns) -> list[tuple[str, object]]:
    """Every changeable recorded item (or milestone) with several values of each of its cells."""
    tried = []
    for item in VOCABULARY:
        if item.name not in change.space.positions or item.changeability == "fixed":
            continue
        column = columns.by_item.get(item.name)
        if (column is None or not column.recorded[0]) and not item.milestone:
            continue
        cells = change.space.space.cells[item.name]
        values = list(cells.values)
        if cells.values.dtype == np.float64:
            values = list(np.unique(np.concatenate([cells.values, cells.lowest(), cells.highest()])))
        tried += [(item.name, value) for value in values]
    return tried


@pytest.mark.parametrize("name", CHECKED)
def test_single_changes_are_exactly_those_that_trying_finds(name):
    decision, change = LISTS[name], SmallestChange(RULES, LISTS[name])
    conditions = [branch.condition for branch in decision.branches if branch.condition is not None]
    program = compile_program(RULES, (), [*conditions, *change.space.reasons])
    compared = 0
    for patient in random_patients(150, 11):
        columns = columns_of(patient)
        before = evaluate(program, VOCABULARY, columns)
        settled = int(decide_evaluated(decision, before).settled[0])
        answer = decision.outcomes[settled] if settled >= 0 else decision.unsettled
        tried = trials_of(change, columns)
        if not tried:
            continue
        after = evaluate(program, VOCABULARY, beside(columns, tried))
        answers = decide_evaluated(decision, after).settled
        coherent = np.ones(len(tried), bool)
        for reason in change.space.reasons:
            step = program.condition_steps[reason]
            if not np.broadcast_to(before.planes[step].met, (1,))[0]:
                coherent &= ~np.broadcast_to(after.planes[step].met, (len(tried),))
        expected = {item for (item, _), fine, place in zip(tried, coherent, answers) if fine and place >= 0 and decision.outcomes[place] != answer}
        found = change.of(contradicted(RULES, columns), answer)
        singles = {change_set.changes[0].item for change_set in found if len(change_set.changes) == 1}
        if len(found) < MOST_SETS:
            assert singles == expected
            compared += 1
    assert compared > 100


def beside(columns: Columns, tried) -> Columns:
    rows = len(tried)
    by_item = {name: Column(np.repeat(column.values, rows), np.repeat(column.recorded, rows)) for name, column in columns.by_item.items()}
    for row, (item, value) in enumerate(tried):
        if item not in by_item:
            by_item[item] = Column(np.zeros(rows, np.asarray(value).dtype), np.zeros(rows, bool))
        by_item[item].values[row], by_item[item].recorded[row] = value, True
    return Columns(rows, by_item)


def test_fixed_facts_and_blank_items_are_never_offered():
    change = SmallestChange(RULES, RULES.pathway)
    for patient in random_patients(200, 5):
        for change_set in change.of(contradicted(RULES, columns_of(patient)), "more_information"):
            for one in change_set.changes:
                item = VOCABULARY[one.item]
                assert item.changeability != "fixed"
                assert item.milestone or patient.get(one.item) is not None


def test_all_sets_of_a_patient_are_equally_small_and_at_most_twenty():
    change = SmallestChange(RULES, RULES.pathway)
    for patient in random_patients(200, 6):
        found = change.of(contradicted(RULES, columns_of(patient)), "augmentation")
        assert len({len(change_set.changes) for change_set in found}) <= 1
        assert len(found) <= MOST_SETS


def test_sets_of_one_and_two_items_are_those_that_trying_finds_on_generated_lists():
    sizes: Counter[int] = Counter()
    for seed in range(120):
        generated = GeneratedList(seed)
        rules = replace(generated.rules, fingerprint=f"generated {seed}")  # what is remembered of rules is remembered by their fingerprint
        brute, change = BruteForce(rules, generated.decision), SmallestChange(rules, generated.decision)
        for _ in range(4):
            patient = dict(generated.patient(brute.all_items, 2))
            answer = answers_of(brute, patient, {})[0]
            found = change.of(contradicted(rules, columns_from_patients(VOCABULARY, [patient])), answer)
            sets = {frozenset(one.item for one in change_set.changes) for change_set in found}
            expected = smallest_by_trying(brute, patient, answer)
            if expected:
                assert sets == expected, (seed, patient)
            else:
                assert all(len(names) > 2 for names in sets), (seed, patient)
            sizes[len(next(iter(expected), ()))] += 1
    assert sizes[1] > 50 and sizes[2] > 20 and sizes[0] > 20


def smallest_by_trying(brute: BruteForce, patient: dict, answer: str) -> set[frozenset[str]]:
    """All single items that lead to another answer, else all pairs; empty when neither does."""
    changeable = [item for item in brute.all_items if item.changeability != "fixed" and (item.name in patient or item.milestone)]
    for size in (1, 2):
        found = {frozenset(item.name for item in items) for items in itertools.combinations(changeable, size) if leads_elsewhere(brute, patient, items, answer)}
        if found:
            return found
    return set()


def leads_elsewhere(brute: BruteForce, patient: dict, items, answer: str) -> bool:
    """Whether some new values of these items, that show no contradiction which does not stand now, settle another answer."""
    others = {name: value for name, value in patient.items() if name not in {item.name for item in items}}
    values = {item.name: brute.values(item, others) for item in items}
    standing = brute.standing(patient)
    after = answers_of(brute, others, values)
    tried = brute._recordings(others, values)
    coherent = np.ones(tried.rows, bool)
    for program, stands in zip(brute.contradictions, standing):
        if not stands:
            coherent &= ~np.broadcast_to(evaluate(program, VOCABULARY, tried).planes[-1].met, (tried.rows,))
    return any(fine and settled not in (answer, brute.decision.unsettled) for fine, settled in zip(coherent, after))


def answers_of(brute: BruteForce, patient: dict, values: dict) -> list[str]:
    """The answer of each recording of these items beside the patient's."""
    settled = decide_evaluated(brute.decision, evaluate(brute.own, VOCABULARY, brute._recordings(patient, values))).settled
    return [brute.decision.outcomes[place] if place >= 0 else brute.decision.unsettled for place in settled]
