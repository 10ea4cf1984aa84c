"""The figures of a cohort, held against counting patient by patient."""

from __future__ import annotations

import json
from collections import Counter

import pandas as pd
import pytest

from engine import load_rules, score
from engine.agreement import agreement, counted_pair, kappa_of
from engine.coded import Coded
from engine.cohort import score_file
from engine.column_building import columns_from_frame, restored
from engine.evaluator import evaluator_for
from engine.ruleset import MORE_INFORMATION
from engine.scoring import score_columns
from engine.summary import Summary
from engine.values import text_form
from examples.make_cohort import make_cohort

RULES = load_rules()
EVALUATOR = evaluator_for(RULES, ["medicare_l34106", "nice_ta279", "sir_multisociety_2014"])
COHORT = make_cohort(300)
OPEN_ROWS = 25


@pytest.fixture(scope="module")
def summary() -> Summary:
    """The cohort in two batches."""
    made = Summary(EVALUATOR)
    for part in (COHORT.iloc[:110], COHORT.iloc[110:]):
        columns, _ = columns_from_frame(RULES.vocabulary, part)
        made.add(columns, score_columns(EVALUATOR, columns))
    return made


def test_an_item_would_settle_a_patient_when_every_value_of_it_does():
    scored = score(COHORT, RULES, ["nice_ta279"])
    open_ = COHORT[(scored["pathway"] == MORE_INFORMATION).to_numpy()].head(OPEN_ROWS)
    columns, _ = columns_from_frame(RULES.vocabulary, open_)
    made = Summary(EVALUATOR)
    made.add(columns, score_columns(EVALUATOR, columns))
    missing = score(open_, RULES, ["nice_ta279"])["missing_items"]
    answers = EVALUATOR.next_item(RULES.pathway).answers
    expected: Counter[str] = Counter()
    for position, items in enumerate(missing):
        for item in items.split(";"):
            row = open_.iloc[[position] * len(answers[item])].astype(object)
            row[item] = [text_form(RULES.vocabulary[item], restored(RULES.vocabulary[item], value)) or "none" for value in answers[item]]
            expected[item] += bool((score(row, RULES, ["nice_ta279"])["pathway"] != MORE_INFORMATION).all())
    found = {entry["item"]: entry["would_settle"] for entry in made.questions()}
    assert found == {item: expected[item] for item in found}
    assert made.undecided == len(open_) and {entry["item"]: entry["missing_in"] for entry in made.questions()} == Counter(";".join(missing).split(";"))


def test_batches_add_up_to_the_agreement_of_the_whole_file(summary):
    scored = score(COHORT, RULES, [pack.id for pack in EVALUATOR.packs])
    assert summary.agreement() == agreement(EVALUATOR, scored)


def test_every_row_of_a_pair_is_compared_or_counted_with_its_reason(summary):
    for pair in summary.agreement():
        assert pair.compared + pair.not_applicable + pair.undecided == pair.rows == len(COHORT)


def test_a_pair_counts_agreement_and_kappa_as_by_hand():
    verdicts = ("supports", "opposes", "undecided", "not_applicable")
    left = Coded(pd.array([0, 0, 0, 1, 1, 2, 3]).to_numpy(), verdicts)
    right = Coded(pd.array([0, 0, 1, 1, 0, 0, 0]).to_numpy(), verdicts)
    pair = counted_pair("clinical", "a", "b", left, right)
    assert (pair.compared, pair.same, pair.undecided, pair.not_applicable) == (5, 3, 1, 1)
    assert pair.share == 3 / 5
    assert pair.kappa == pytest.approx((3 / 5 - (3 / 5 * 3 / 5 + 2 / 5 * 2 / 5)) / (1 - (3 / 5 * 3 / 5 + 2 / 5 * 2 / 5)))


def test_kappa_is_not_given_where_it_is_not_defined():
    assert kappa_of([[0, 0], [0, 0]]) != kappa_of([[0, 0], [0, 0]])  # nan
    assert kappa_of([[5, 0], [0, 0]]) != kappa_of([[5, 0], [0, 0]])


def test_the_summary_stands_beside_the_scored_file(tmp_path):
    source = tmp_path / "cohort.csv"
    COHORT.to_csv(source, index=False)
    report = score_file(str(source), tmp_path / "scored.csv")
    written = json.loads((tmp_path / "scored.summary.json").read_text(encoding="utf-8"))
    scored = pd.read_csv(tmp_path / "scored.csv", dtype=str, keep_default_na=False)
    assert written["rows"] == len(COHORT)
    assert written["pathways"] == scored["pathway"].value_counts().to_dict()
    assert written["undecided"] == int((scored["pathway"] == MORE_INFORMATION).sum()) == report.summary.undecided
    first = written["what_recording_would_settle"][0]
    assert f"Recording {first['item']} alone would settle {first['would_settle']} of {written['undecided']} undecided patients" in "\n".join(report.lines())
