"""The reader of the documents and the rules agree on every patient one change away from a whole one.

Mutations showed that random patients leave long lists of codes untried: a neck level added to a trial's range moved none of 20,000.
"""

from __future__ import annotations

import pytest

from engine.case_reading import read_cases
from engine.loading import load_rules
from tests.mutations.layers import evaluator_of
from tests.mutations.neighbours import neighbours, showing_every_answer, showing_everything
from tests.test_transcription import Rules, disagreements
from tests.transcription.clinical_text import ClinicalText

RULES = load_rules()
CASES = read_cases(RULES)


def insist_on_agreement(whole: list[dict], fewest: int) -> None:
    text = ClinicalText.load()
    patients = neighbours(text, whole)
    differing = disagreements(text.evaluate(patients), RULES, Rules(RULES, patients))
    print(f"{len(whole)} whole patients, {len(patients)} with their neighbours: {sum(differing.values())} disagreements")
    assert len(patients) >= fewest
    assert differing == {}


def test_they_agree_around_patients_who_between_them_get_every_answer():
    insist_on_agreement(showing_every_answer(evaluator_of(RULES), CASES), fewest=8_000)


@pytest.mark.long
def test_they_agree_around_patients_who_also_show_every_trigger_warning_and_contradiction():
    insist_on_agreement(showing_everything(evaluator_of(RULES), CASES), fewest=35_000)


def test_a_neighbour_differs_from_a_whole_patient_in_one_item():
    (whole, *others) = neighbours(ClinicalText.load(), [{"sex": "female", "fracture_levels": ["T12", "L1"], "inr": 1.1}])
    differing = [{name for name in {*whole, *other} if whole.get(name) != other.get(name)} for other in others]
    assert all(len(names) == 1 for names in differing)
    assert {"fracture_levels": ["C4"], "sex": "female", "inr": 1.1} in others, "each code alone"
    assert {"fracture_levels": ["T12"], "sex": "female", "inr": 1.1} in others, "one code left out"
    assert {"fracture_levels": ["T12", "L1"], "inr": 1.1} in others, "blank"
    assert {"fracture_levels": ["T12", "L1"], "sex": "female", "inr": 1.81} in others, "a step beyond a threshold"
