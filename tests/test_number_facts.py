"""Numbers reach the rules engine exactly, however small."""

from __future__ import annotations

import pytest

from engine import assess, load_rules

VOCABULARY = load_rules().vocabulary
NUMBERS = [item for item in VOCABULARY if item.type == "number"]


@pytest.mark.parametrize("item", NUMBERS, ids=lambda item: item.name)
@pytest.mark.parametrize("above_minimum", [1e-5, 1.5e-5, 1e-7, 3.0000000000000004e-9])
def test_a_tiny_number_is_read_by_both_evaluators_alike(item, above_minimum):
    value = item.minimum + above_minimum
    assert assess({item.name: value}).patient == {item.name: value}


def test_a_number_just_beside_a_threshold_is_told_apart():
    at, above = (assess({"inr": value, "chronic_liver_disease": "no"}).criteria["shared.inr_outside"].state for value in (1.8, 1.8000000000000003))
    assert (at, above) == ("not_met", "met")
