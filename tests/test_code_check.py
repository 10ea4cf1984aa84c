"""ICD-10-CM codes: each warning met and not met, none of it in a verdict, and no cause taken from a code."""

from __future__ import annotations

import pytest

from tests.advice_patients import BOARD, assessed

SEQUELA, MIXED, PAIR = "sequela", "osteoporotic_with_malignant", "incomplete_malignant_pair"
M80_OTHER, C_OTHER = "osteoporotic_code_other_cause", "malignant_code_other_cause"
NO_M80, NO_PAIR, NOT_LISTED, VERSION, NO_CAUSE = (
    "osteoporotic_cause_without_code", "malignant_cause_without_pair", "not_in_the_article", "list_version", "cause_not_recorded",
)
CASES = [
    ("osteoporosis", "M80.08XA", []),
    ("osteoporosis", "M80.88XA", []),
    ("glucocorticoid_osteoporosis", "M80.88XA", []),
    ("osteoporosis", "M80.08XS", [SEQUELA]),
    ("osteoporosis", "M80.88XS", [SEQUELA]),
    ("osteoporosis", "M80.00XA", [NO_M80, NOT_LISTED]),
    ("osteoporosis", "S22.080A", [NO_M80, NOT_LISTED]),
    ("osteoporosis", "C79.51", [PAIR, C_OTHER, NO_M80]),
    ("osteoporosis", "M80.08XA;C90.00", [MIXED, PAIR, C_OTHER]),
    ("osteoporosis", "M80.08XA;C90.00;M84.58XA", [MIXED, C_OTHER]),
    ("metastasis", "C79.51;M84.58XA", []),
    ("metastasis", "C79.51;M84.58XS", [SEQUELA]),
    ("metastasis", "C79.52;M84.58XA", [VERSION]),
    ("myeloma", "C90.01;M84.58XA", [VERSION]),
    ("myeloma", "C90.00", [PAIR]),
    ("metastasis", "M84.58XA", [PAIR]),
    ("metastasis", "C50.911;M84.58XA", [PAIR, NOT_LISTED]),
    ("metastasis", "M80.08XA", [M80_OTHER, NO_PAIR]),
    ("metastasis", "S22.080A", [NO_PAIR, NOT_LISTED]),
    ("trauma", "M80.08XA", [M80_OTHER]),
    ("haemangioma", "C79.51;M84.58XA", [C_OTHER]),
    (None, "M80.08XA", [NO_CAUSE]),
    (None, "C79.51;M84.58XA", [NO_CAUSE]),
    (None, "S22.080A", [NOT_LISTED]),
    ("osteoporosis", None, []),
    (None, None, []),
]


@pytest.mark.parametrize(("cause", "codes", "warnings"), CASES)
def test_each_warning_stands_when_its_codes_and_cause_call_for_it(cause, codes, warnings):
    found = assessed(fracture_cause=cause, icd10_codes=codes).code_warnings
    assert sorted(warning.id for warning in found) == sorted(f"code_lists.{name}" for name in warnings)


@pytest.mark.parametrize(("codes", "warning", "named"), [
    ("M80.08XS;M80.88XA", SEQUELA, ("M80.08XS",)), ("M80.08XA;C90.00", MIXED, ("M80.08XA", "C90.00")),
    ("M80.08XA;S22.080A;M48.54XA", NOT_LISTED, ("S22.080A", "M48.54XA")),
])
def test_a_warning_names_the_codes_it_is_about_and_the_version_of_the_list(codes, warning, named):
    found = next(entry for entry in assessed(icd10_codes=codes).code_warnings if entry.id == f"code_lists.{warning}")
    assert (found.codes, found.provenance) == (named, "secondary")
    assert "2026-11" in found.list_version


@pytest.mark.parametrize("like", ["suitable_osteoporotic", BOARD])
@pytest.mark.parametrize("codes", ["M80.08XS", "C79.52", "S22.080A", "M80.08XA;C90.00;M84.58XA"])
def test_codes_change_neither_pathway_nor_verdict(like, codes):
    without, with_codes = assessed(like, icd10_codes=None), assessed(like, icd10_codes=codes)
    assert (with_codes.pathway, with_codes.verdicts, with_codes.missing_items) == (without.pathway, without.verdicts, without.missing_items)


@pytest.mark.parametrize("codes", ["M80.08XA", "C79.51;M84.58XA"])
def test_the_cause_is_never_filled_in_from_codes(codes):
    assessment = assessed(fracture_cause=None, icd10_codes=codes)
    assert "fracture_cause" not in assessment.patient and assessment.items["fracture_cause"].value is None
    assert "fracture_cause" in assessment.missing_items
