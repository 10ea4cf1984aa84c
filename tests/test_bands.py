"""Bands of measured values at every limit, and the OF score line by line with its range."""

from __future__ import annotations

import pytest

from engine.advice_findings import ScoreFinding
from engine.assessment import Assessment
from tests.advice_patients import assessed

BANDS = [
    # Genant grade
    ("height_loss_percent", 0, "genant_grade", "0"), ("height_loss_percent", 19.99, "genant_grade", "0"),
    ("height_loss_percent", 20, "genant_grade", "1"), ("height_loss_percent", 24.99, "genant_grade", "1"),
    ("height_loss_percent", 25, "genant_grade", "2"), ("height_loss_percent", 39.99, "genant_grade", "2"),
    ("height_loss_percent", 40, "genant_grade", "3"), ("height_loss_percent", 100, "genant_grade", "3"),
    ("height_loss_percent", None, "genant_grade", None),
    # SINS
    ("sins_score", 0, "sins_band", "stable"), ("sins_score", 6, "sins_band", "stable"),
    ("sins_score", 7, "sins_band", "potentially_unstable"), ("sins_score", 12, "sins_band", "potentially_unstable"),
    ("sins_score", 13, "sins_band", "unstable"), ("sins_score", 18, "sins_band", "unstable"), ("sins_score", None, "sins_band", None),
    # Bilsky
    ("epidural_grade", "0", "epidural_band", "low"), ("epidural_grade", "1a", "epidural_band", "low"),
    ("epidural_grade", "1b", "epidural_band", "low"),
    ("epidural_grade", "1c", "epidural_band", "controversial"), ("epidural_grade", "2", "epidural_band", "high"),
    ("epidural_grade", "3", "epidural_band", "high"), ("epidural_grade", None, "epidural_band", None),
    # Acuity
    ("symptom_duration_weeks", 5.99, "acuity", "acute"), ("symptom_duration_weeks", 6, "acuity", "subacute"),
    ("symptom_duration_weeks", 12, "acuity", "subacute"), ("symptom_duration_weeks", 12.01, "acuity", "chronic"),
    ("symptom_duration_weeks", None, "acuity", None),
]


@pytest.mark.parametrize(("item", "value", "band", "grade"), BANDS)
def test_each_value_has_the_band_it_lies_in_and_a_blank_has_none(item, value, band, grade):
    found = {finding.id: finding.grade for finding in assessed(**{item: value}).score_lines.bands}
    assert found.get(band) == grade


def the_score(assessment: Assessment) -> ScoreFinding:
    (score,) = assessment.score_lines.scores
    return score


PARAMETERS = ("morphology", "bone_quality", "deformity_progression", "pain", "neurology", "mobilisation", "health_status")
# the suitable patient: OF2, T-score and HU of a weak bone, no progression, pain 8, intact, walks, healthy
BASE = {"t_score": -3.5, "qct_hu": 80}
LINES = [
    ({}, (4, 1, -1, 1, 0, -1, 0)),
    ({"of_type": "OF1"}, (2, 1, -1, 1, 0, -1, 0)),
    ({"of_type": "OF5"}, (10, 1, -1, 1, 0, -1, 0)),
    ({"t_score": -3, "qct_hu": 90}, (4, 1, -1, 1, 0, -1, 0)),
    ({"t_score": -3, "qct_hu": 90.01}, (4, 0, -1, 1, 0, -1, 0)),
    ({"height_loss_progressing": "yes"}, (4, 1, 1, 1, 0, -1, 0)),
    ({"pain_nrs": 4}, (4, 1, -1, -1, 0, -1, 0)),
    ({"neurological_status": "radicular"}, (4, 1, -1, 1, 2, -1, 0)),
    ({"mobilises_on_analgesia": "no"}, (4, 1, -1, 1, 0, 1, 0)),
    ({"asa_class": 4}, (4, 1, -1, 1, 0, -1, -1)),
    ({"asa_class": 4, "anticoagulant": "warfarin"}, (4, 1, -1, 1, 0, -1, -2)),
]


@pytest.mark.parametrize(("changes", "points"), LINES, ids=str)
def test_the_of_score_is_shown_line_by_line_and_its_lines_make_the_total(changes, points):
    assessment = assessed(**{**BASE, **changes})
    score = the_score(assessment)
    assert [line.id for line in score.lines] == list(PARAMETERS)
    assert tuple(line.points for line in score.lines) == points
    assert score.points == sum(points) == assessment.of_score_points
    assert not any(line.is_blank for line in score.lines)
    assert (score.lowest, score.highest) == (score.points, score.points)


BLANKS = [
    ("height_loss_progressing", "deformity_progression", -1, 1), ("pain_nrs", "pain", -1, 1), ("neurological_status", "neurology", 0, 2),
    ("mobilises_on_analgesia", "mobilisation", -1, 1), ("asa_class", "health_status", -1, 0), ("anticoagulant", "health_status", -1, 0),
]


@pytest.mark.parametrize(("item", "parameter", "lowest", "highest"), BLANKS)
def test_a_blank_parameter_gives_no_points_and_shows_what_it_could_give(item, parameter, lowest, highest):
    score = the_score(assessed(**{**BASE, item: None}))
    line = next(line for line in score.lines if line.id == parameter)
    assert (line.points, line.lowest, line.highest, line.blank_items, line.is_blank) == (0, lowest, highest, (item,), True)
    assert [other.id for other in score.lines if other.is_blank] == [parameter]


def test_a_blank_that_cannot_change_the_points_is_not_called_blank():
    bone = the_score(assessed(t_score=None, qct_hu=80)).lines[1]
    assert (bone.points, bone.is_blank, bone.blank_items) == (1, False, ())


def test_the_score_is_unknown_without_the_type_but_its_range_is_shown():
    score = the_score(assessed(of_type=None))
    assert (score.points, score.band, score.crosses_a_limit) == (None, "", True)
    assert (score.highest - score.lowest) == 8
    assert "OF" in score.summary[0]


BAND_OF_SCORE = [
    ({"of_type": "OF2"}, 4, "conservative"),
    ({"of_type": "OF2", "mobilises_on_analgesia": "no", "t_score": -1, "qct_hu": 200}, 5, "conservative"),
    ({"of_type": "OF3"}, 6, "either"),
    ({"of_type": "OF3", "mobilises_on_analgesia": "no", "t_score": -1, "qct_hu": 200}, 7, "operative"),
    ({"of_type": "OF5"}, 10, "operative"),
]


@pytest.mark.parametrize(("changes", "points", "band"), BAND_OF_SCORE, ids=str)
def test_each_total_lies_in_its_band(changes, points, band):
    score = the_score(assessed(**{**BASE, **changes}))
    assert (score.points, score.band) == (points, band)


RANGES = [
    ({"of_type": "OF2", "mobilises_on_analgesia": None}, (4, 6), ("Conservative", "Conservative or operative")),
    ({"of_type": "OF3", "mobilises_on_analgesia": None}, (6, 8), ("Conservative or operative", "Operative")),
    ({"of_type": "OF1", "mobilises_on_analgesia": None}, (2, 4), ("Conservative",)),
    ({"of_type": "OF5", "mobilises_on_analgesia": None}, (10, 12), ("Operative",)),
]


@pytest.mark.parametrize(("changes", "span", "possible"), RANGES, ids=str)
def test_it_is_said_whether_the_range_crosses_a_limit(changes, span, possible):
    score = the_score(assessed(**{**BASE, **changes}))
    assert ((score.lowest, score.highest), score.possible_bands, score.crosses_a_limit) == (span, possible, len(possible) > 1)
    assert any("crosses a limit" in sentence for sentence in score.summary) is score.crosses_a_limit


def test_operative_is_never_said_without_fixation():
    score = the_score(assessed(**{**BASE, "of_type": "OF5"}))
    assert "fixation" in score.band_text and "fixation" in score.notes[0]
