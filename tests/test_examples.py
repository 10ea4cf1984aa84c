"""The examples are what their makers say: invented, repeatable, plausible, and readable without a finding."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from engine import assess, load_rules, score
from engine.assessing import parse_patient
from examples.make_cohort import make_cohort

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    return make_cohort(4000, seed=5)


def test_the_shipped_cohort_is_what_the_generator_makes():
    shipped = pd.read_csv(EXAMPLES / "synthetic_cohort.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(shipped, make_cohort(500, seed=1).astype("str"))


def test_the_same_seed_makes_the_same_cohort_and_another_seed_another():
    assert make_cohort(20, seed=2).equals(make_cohort(20, seed=2)) and not make_cohort(20, seed=2).equals(make_cohort(20, seed=3))


def test_every_row_says_that_it_is_invented(cohort):
    assert cohort["record_id"].str.startswith("SYNTHETIC-").all() and cohort["record_id"].is_unique
    assert "synthetic" in (EXAMPLES / "synthetic_cohort.csv").name


def test_it_has_every_column_and_only_valid_values(cohort):
    assert list(cohort.columns) == ["record_id", *load_rules().vocabulary.names]
    assert (score(cohort)["invalid_items"] == "").all()


def test_its_mix_is_near_the_published_one(cohort):
    age = pd.to_numeric(cohort["age_years"])
    assert 74 < age.mean() < 77 and 0.74 < (cohort["sex"] == "female").mean() < 0.81
    fragility = cohort["fracture_cause"].isin(["osteoporosis", "glucocorticoid_osteoporosis"]).sum() / (cohort["fracture_cause"] != "").sum()
    assert 0.78 < fragility < 0.88
    several = (cohort["fracture_levels"].str.contains(";")).sum() / (cohort["fracture_levels"] != "").sum()
    assert 0.2 < several < 0.32


def test_it_is_incomplete_as_registries_are_and_reaches_every_pathway(cohort):
    blank = (cohort == "").mean()
    assert blank["age_years"] == 0 and blank["sins_score"] > 0.5 and 0.02 < blank["inr"] < 0.2
    scored = score(cohort)
    assert set(scored["pathway"]) == {code for kind, code in load_rules().outcome_labels if kind == "pathway"}
    assert 0.2 < (scored["pathway"] == "more_information").mean() < 0.7
    assert (scored["contradictions"] != "").mean() < 0.1


def test_the_example_patient_is_readable_and_shows_what_is_still_needed():
    patient = json.loads((EXAMPLES / "patient.json").read_text())
    assert parse_patient(load_rules().vocabulary, patient)
    assessment = assess(patient)
    assert assessment.missing_items == ("can_lie_prone",) and assessment.already_certain == "correct_first"
