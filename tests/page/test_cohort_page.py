"""The Cohort page: what was understood, issues, results; nothing is answered from another file's result."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import UnusableCall
from tests.page.browser import ROOT
from ui.cohort_scoring import cohort_key, score_upload

SMALL = b"record_id;age_years;inr;colour\nA;70;2,6;red\nB;17;1,0;blue\nC;abc;1,0;blue\n"
SCRIPT = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from ui import cohort; cohort.show()"


def test_a_file_is_understood_scored_and_its_issues_are_listed():
    cohort = score_upload("mine.csv", SMALL)
    assert (cohort.rows, cohort.separator) == (3, ";")
    assert cohort.columns == ("age_years", "inr")
    assert "fracture_cause" in cohort.missing_columns
    scored = cohort.scored_frame()
    assert scored["record_id"].tolist() == ["A", "B", "C"]
    assert scored["triggered_criteria"].tolist() == ["F5", "S1", ""]
    assert {"invalid", "unknown_column", "missing_column"} <= set(cohort.issues_frame()["kind"])


def test_one_changed_byte_is_another_file():
    assert cohort_key(SMALL) != cohort_key(SMALL.replace(b"2,6", b"1,0"))


def test_rows_far_down_a_large_file_are_answered_by_their_own_values():
    rows = [b"inr,chronic_liver_disease\n", *(b"1.0,no\n" for _ in range(60_000))]
    safe = score_upload("cohort.csv", b"".join(rows)).scored_frame()
    unsafe = score_upload("cohort.csv", b"".join([rows[0], *(b"2.6,no\n" for _ in range(49_000)), *rows[49_001:]])).scored_frame()
    assert (safe["triggered_criteria"] == "").all()
    assert (unsafe["triggered_criteria"] == "F5").sum() == 49_000


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"age_years,sex\n", b"colour,shape\nred,round\n"])
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(content):
    with pytest.raises(UnusableCall):
        score_upload("mine.csv", content)


def test_the_name_of_an_upload_never_reaches_the_file_system():
    assert score_upload("../../etc/passwd\x00.csv", SMALL).rows == 3


def test_the_example_cohort_shows_counts_with_their_denominator_and_downloads():
    page = AppTest.from_string(SCRIPT, default_timeout=180).run()
    assert not page.exception
    page.button(key="cohort_example").click().run()
    assert not page.exception
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert "of 500" in shown and "More information needed" in shown
    assert len(page.download_button) == 2
    assert len(page.dataframe) == 2


def test_a_cohort_is_scored_with_the_local_rules_that_the_page_uses(monkeypatch):
    monkeypatch.setenv("VERTEBRAL_RULES", str(ROOT / "examples" / "local_rules"))
    assert "our_hospital" in score_upload("cohort.csv", b"pain_nrs\n7\n").scored_frame().columns
