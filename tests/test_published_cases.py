"""Real published patients: `score` gives an acceptable pathway, or says what is missing while an acceptable one is still possible."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from engine import score

CONTRACT = Path(__file__).parent / "contract"
PATIENTS = pd.read_csv(CONTRACT / "published_cases.csv", dtype=str, keep_default_na=False)
with open(CONTRACT / "published_cases_expected.csv", encoding="utf-8", newline="") as file:
    EXPECTED = {row["record_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def scored() -> pd.DataFrame:
    return score(PATIENTS).set_index("record_id")


def test_every_published_patient_has_an_expected_answer_and_no_other_has():
    assert PATIENTS["record_id"].tolist() == list(EXPECTED) and len(EXPECTED) == 41


@pytest.mark.parametrize("record_id", EXPECTED)
def test_the_pathway_is_acceptable_or_rightly_still_open(record_id, scored):
    expected, pathway = EXPECTED[record_id], scored.at[record_id, "pathway"]
    acceptable = set(expected["expected_pathways"].split(";"))
    possible = set(scored.at[record_id, "possible_pathways"].split(";"))
    rightly_open = pathway == "more_information" and expected["may_be_undecided"] == "yes" and bool(possible & acceptable)
    assert pathway in acceptable or rightly_open


@pytest.mark.parametrize("record_id", EXPECTED)
def test_the_pathway_is_never_a_forbidden_one(record_id, scored):
    assert scored.at[record_id, "pathway"] not in EXPECTED[record_id]["forbidden_pathways"].split(";")


@pytest.mark.parametrize("record_id", [name for name in EXPECTED if name.endswith("+complete")])
def test_a_completed_patient_is_settled(record_id, scored):
    assert scored.at[record_id, "pathway"] != "more_information"


def test_no_value_of_a_published_patient_is_invalid(scored):
    assert (scored["invalid_items"] == "").all()
