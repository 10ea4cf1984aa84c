"""What would change the answer, held against trying every single change of every patient with the evaluator."""

from __future__ import annotations

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
