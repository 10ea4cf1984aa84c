"""A cohort's columns say what the consult says of each patient, whatever stands beside it and whatever type it comes in."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from engine import assess, load_rules, score, scoring
from engine.assessing import parse_patient
from engine.coded import Coded, joined, listed, spread
from engine.errors import UnusableCall
from engine.evaluator import evaluator_for
from engine.verification import answers_by_durable_rules
from tests.transcription.patients import random_patients

# The generator writes a recorded empty list as []; the tool asks for the word.
PATIENTS = [{name: value if value != [] else ["none"] for name, value in patient.items()} for patient in random_patients(300, seed=2026)]
FIRST_COLUMNS = [
    "record_id", "pathway", "procedure", "possible_pathways", "deciding_criteria", "triggered_criteria", "warnings", "contradictions",
    "missing_items", "next_item", "assumed_items",
]
DEFAULT_PACKS = [
    "medicare_l34106", "medicare_malignant", "msac_2020_vertebroplasty", "msac_2020_kyphoplasty", "nice_ta279", "acr_2014", "acr_2018",
    "sir_multisociety_2014", "aaos_2010_vertebroplasty", "aaos_2010_kyphoplasty", "rand_us_2018", "rand_eu_2013", "of_score", "of_score_points",
    "of_score_range", "nass_2025", "nass_neoplastic", "asbmr_2019", "colorado_2014_vertebroplasty", "colorado_2014_kyphoplasty",
]
TRIALS = [
    "vertos_ii", "vertos_iv", "vertos_v", "vapour", "invest_2009", "buchbinder_2009", "free_2009", "cafe_2011", "kaviar_2014", "evolve_2019",
    "kast_2015", "farrokhi_2011", "shanghai_hvc", "danish_nct06776003",
]


def cell(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ";".join(value)
    return "" if value is None else str(value)


def frame_of(patients: list[dict]) -> pd.DataFrame:
    """The patients as a file would hold them: text, blanks empty."""
    names = load_rules().vocabulary.names
    return pd.DataFrame({name: pd.array([cell(patient.get(name)) for patient in patients], dtype="str") for name in names})


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return frame_of(PATIENTS)


@pytest.fixture(scope="module")
def scored(frame: pd.DataFrame) -> pd.DataFrame:
    return score(frame, trials=True)


def assessed_row(patient: dict) -> dict[str, object]:
    assessment = assess(patient)
    lists = ("possible_pathways", "deciding_criteria", "triggered_criteria", "warnings", "contradictions", "missing_items", "assumed_items")
    row = {name: ";".join(getattr(assessment, name)) for name in lists}
    row |= {name: getattr(assessment, name) for name in ("pathway", "procedure", "next_item", "of_score_range")}
    return row | assessment.verdicts | {"of_score_points": assessment.of_score_points, "invalid_items": ""}


def test_every_column_of_every_row_is_what_the_consult_says_of_the_patient(scored):
    compared = [name for name in scored.columns if name != "record_id" and not name.startswith("trial_")]
    for row, patient in enumerate(PATIENTS):
        expected = assessed_row(patient)
        found = {name: None if pd.isna(value) else value for name, value in scored.loc[row, compared].items()}
        assert found == {name: expected[name] for name in compared}, f"patient {row}"


def test_trial_columns_are_what_durable_rules_says(scored):
    evaluator = evaluator_for(load_rules(), None, trials=True)
    for row, patient in enumerate(PATIENTS[:60]):
        answers = answers_by_durable_rules(evaluator, parse_patient(evaluator.rules.vocabulary, patient))
        assert {name: scored.at[row, name] for name in answers if name.startswith("trial_")} == {
            name: answer for name, answer in answers.items() if name.startswith("trial_")
        }


def test_the_patients_of_these_tests_reach_every_pathway_and_leave_some_open(scored):
    assert set(scored["pathway"]) == {code for kind, code in load_rules().outcome_labels if kind == "pathway"}
    assert {"kyphoplasty", "vertebroplasty", "either"} <= set(scored["procedure"])


def test_the_columns_stand_in_the_order_of_the_interface(scored):
    assert list(scored.columns) == FIRST_COLUMNS + DEFAULT_PACKS + [f"trial_{name}" for name in TRIALS] + ["invalid_items"]


def test_chosen_guidelines_replace_the_defaults_and_a_plus_adds_to_them(frame):
    exactly = score(frame[:3], guidelines=["nice_ta279", "aaos_2010"])
    assert list(exactly.columns) == [*FIRST_COLUMNS, "nice_ta279", "aaos_2010_vertebroplasty", "aaos_2010_kyphoplasty", "invalid_items"]
    assert list(score(frame[:3], guidelines=["+cirse_2017"]).columns)[len(FIRST_COLUMNS):-1] == (
        DEFAULT_PACKS[:7] + ["cirse_2017"] + DEFAULT_PACKS[7:]
    )


def test_a_row_is_answered_alike_in_any_order(frame, scored):
    order = random.Random(3).sample(range(len(frame)), len(frame))
    shuffled = score(frame.iloc[order], trials=True)
    pd.testing.assert_frame_equal(shuffled.drop(columns="record_id"), scored.iloc[order].drop(columns="record_id"))


def test_a_row_is_answered_alike_alone_and_in_any_company(frame, scored):
    for start, stop in ((0, 1), (1, 8), (8, 150), (150, 300)):
        part = score(frame.iloc[start:stop], trials=True)
        pd.testing.assert_frame_equal(part.drop(columns="record_id"), scored.iloc[start:stop].drop(columns="record_id"))


def test_the_size_of_the_slices_does_not_matter(frame, scored, monkeypatch):
    monkeypatch.setattr(scoring, "ROWS_PER_SLICE", 7)
    pd.testing.assert_frame_equal(score(frame, trials=True), scored)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as float64 with NaN, yes and no as nullable booleans, the rest as objects with None."""
    made = {}
    for item in load_rules().vocabulary:
        column = frame[item.name]
        if item.is_number:
            made[item.name] = pd.to_numeric(column.where(column != ""))
        elif item.type == "boolean":
            made[item.name] = pd.array([{"yes": True, "no": False, "": pd.NA}[text] for text in column], dtype="boolean")
        else:
            made[item.name] = column.astype(object).where(column != "", None)
    return pd.DataFrame(made)


def as_lists(frame: pd.DataFrame) -> pd.DataFrame:
    made = frame.astype(object)
    for item in load_rules().vocabulary:
        if item.is_list:
            made[item.name] = [None if text == "" else text.split(";") for text in frame[item.name]]
    return made


TYPES = {
    "object text": lambda frame: frame.astype(object),
    "string with NA": lambda frame: frame.astype("string").where(frame != "", pd.NA),
    "str with NaN": lambda frame: frame.where(frame != "", np.nan),
    "arrow": lambda frame: frame.where(frame != "", None).astype("string[pyarrow]"),
    "categories": lambda frame: frame.where(frame != "", None).astype("category"),
    "numbers, booleans and objects": typed,
    "python lists": as_lists,
}


@pytest.mark.parametrize("name", TYPES)
def test_the_type_of_the_columns_does_not_matter(frame, scored, name):
    pd.testing.assert_frame_equal(score(TYPES[name](frame), trials=True), scored)


def test_the_index_stays_and_the_record_id_is_the_callers_text(frame):
    some = frame.iloc[:4].assign(record_id=["NA", "007", "", "x"])
    some.index = pd.Index([9, 9, 3, 1], name="visit")
    found = score(some, guidelines=["nice_ta279"])
    assert found.index.equals(some.index) and found["record_id"].tolist() == ["NA", "007", "3", "x"]


def test_a_frame_without_rows_gives_the_columns_without_rows(frame, scored):
    empty = score(frame.iloc[:0], trials=True)
    assert len(empty) == 0 and list(empty.columns) == list(scored.columns) and (empty.dtypes == scored.dtypes).all()


def test_an_absent_column_is_not_recorded():
    found = score(pd.DataFrame({"age_years": [78]})).iloc[0]
    assert found["pathway"] == "more_information" and "inr" in found["missing_items"].split(";")


def test_a_frame_that_holds_nothing_known_is_refused():
    with pytest.raises(UnusableCall, match="no known column"):
        score(pd.DataFrame({"foo": [1]}))


def test_an_invalid_value_counts_as_not_recorded_and_is_named_in_form_order():
    bad = pd.DataFrame({"inr": ["80", "1.0", "x"], "age_years": ["old", "70", "70"]})
    blank = pd.DataFrame({"inr": ["", "1.0", ""], "age_years": ["", "70", "70"]})
    found = score(bad)
    assert found["invalid_items"].tolist() == ["age_years;inr", "", "inr"]
    pd.testing.assert_frame_equal(found.drop(columns="invalid_items"), score(blank).drop(columns="invalid_items"))


def test_an_assumption_fills_blanks_only_and_each_row_names_it():
    frame = pd.DataFrame({"inr": ["", "80", "1.4"]})
    found = score(frame, assume=["inr=1.1", "local_skin_infection=no"])
    assert found["assumed_items"].tolist() == ["inr=1.1;local_skin_infection=no", "local_skin_infection=no", "local_skin_infection=no"]
    assert [("inr" in items.split(";")) for items in found["missing_items"]] == [False, True, False]


def test_score_does_not_change_the_frame_it_is_given(frame):
    before = frame.copy(deep=True)
    score(frame)
    pd.testing.assert_frame_equal(frame, before)


# Coded columns


def test_a_list_column_names_exactly_what_holds_in_each_row_beyond_64_labels():
    draw = np.random.default_rng(1)
    masks = [draw.random(200) < 0.1 for _ in range(150)]
    labels = [f"c{number}" for number in range(150)]
    found = listed(labels, [*masks[:149], np.True_], 200).cells()
    masks[149] = np.ones(200, bool)
    assert found.tolist() == [";".join(label for label, mask in zip(labels, masks) if mask[row]) for row in range(200)]


def test_joined_columns_are_the_rows_one_after_the_other():
    parts = [Coded(np.array([1, 0]), ("a", "b")), Coded(np.array([0, 0, 1]), ("b", "c"))]
    assert joined(parts).cells().tolist() == ["b", "a", "b", "b", "c"]


def test_a_column_of_some_rows_is_empty_in_the_others():
    assert spread(Coded(np.array([1, 0]), ("a", "b")), np.array([3, 1]), 5).cells().tolist() == ["", "a", "", "b", ""]
