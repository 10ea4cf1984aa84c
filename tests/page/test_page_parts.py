"""The parts of the page by themselves: bands, visible items, the words, the printed sheet."""

from __future__ import annotations

import re

import pytest

from engine.assessing import assess_recorded, parse_patient
from engine.loading import load_rules
from engine.values import parse_value
from tests.page.browser import ROOT
from tests.transcription.patients import random_patients
from ui import session
from ui.bands import band_with, bands_of
from ui.knowledge import evaluator_with
from ui.notices import notices
from ui.print_sheet import print_sheet
from ui.relevance import irrelevant_items, named_as_missing, visible_items

RULES = load_rules()
VOCABULARY = RULES.vocabulary
WORDS = RULES.texts["interface"]
NUMBERS = [item for item in VOCABULARY if item.is_number]


def recorded_patients(count: int, seed: int):
    """Random patients as parsed values; the generator writes a recorded empty list as an empty one."""
    for patient in random_patients(count, seed=seed):
        yield parse_patient(VOCABULARY, {name: "none" if raw in ([], ()) else raw for name, raw in patient.items()})


@pytest.mark.parametrize("item", NUMBERS, ids=lambda item: item.name)
def test_choosing_a_band_enters_a_number_of_that_band(item):
    evaluator = evaluator_with(())
    bands = bands_of(evaluator, item.name)
    assert len({band.label for band in bands}) == len(bands)
    for band in bands:
        assert band_with(evaluator, item.name, parse_value(item, band.entry)) == band


def test_bands_are_cut_where_the_limits_are():
    assert [band.label for band in bands_of(evaluator_with(()), "inr")] == ["≤ 1.5", "> 1.5 to 1.8", "> 1.8 to < 2.5", "≥ 2.5"]


def test_no_item_that_is_missing_or_entered_is_ever_hidden():
    evaluator = evaluator_with(())
    for recorded in recorded_patients(60, seed=5):
        assessment = assess_recorded(evaluator, recorded)
        missing = named_as_missing(assessment, with_packs=True)
        visible = visible_items(VOCABULARY, recorded.keys(), missing, frozenset(), irrelevant_items(recorded))
        assert missing | recorded.keys() <= visible


def test_every_pathway_has_a_look_and_every_emergency_a_notice():
    assert {code for kind, code in RULES.outcome_labels if kind == "pathway"} == WORDS["pathways"].keys()
    assessment = assess_recorded(evaluator_with(()), parse_patient(VOCABULARY, {"neurological_status": "myelopathy", "retropulsion": "yes"}))
    assert {finding.code for finding in notices(assessment)} >= {"E1", "E6"}


def test_all_clear_values_are_valid_and_never_a_measurement():
    for group, values in WORDS["all_clear"].items():
        for name, raw in values.items():
            assert VOCABULARY[name].group == group
            assert not VOCABULARY[name].is_number
            assert parse_value(VOCABULARY[name], raw) is not None


def test_every_entry_reads_back_to_its_value():
    for recorded in recorded_patients(40, seed=6):
        for name, value in recorded.items():
            item = VOCABULARY[name]
            assert parse_value(item, session.entry_for(item, value), decimal_comma=True) == value


def test_the_printed_sheet_names_the_answer_the_values_and_the_rules():
    assessment = assess_recorded(evaluator_with(()), parse_patient(VOCABULARY, {"inr": 2.6, "age_years": 70}))
    sheet = print_sheet(assessment)
    for part in ("More information needed", "INR: <b>2.6</b>", assessment.rules_fingerprint[:12], "not a certified medical device", "not yet given"):
        assert part in sheet


def test_the_page_caches_nothing_about_a_patient_and_puts_nothing_in_the_address():
    source = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "app.py", *(ROOT / "ui").glob("*.py")])
    assert not re.search(r"cache_data|cache_resource|query_params|bind=", source)


def test_no_sentence_of_the_page_is_written_in_its_code():
    """Words longer than a label belong to rules/texts/interface.yaml."""
    for path in (ROOT / "ui").glob("*.py"):
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        code = re.sub(r"#.*", "", code)
        assert not re.search(r'["\'][A-Z][a-z]+(?: [\w,]+){5,}[.?]["\']', code), path.name
