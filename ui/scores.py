"""Scores line by line with points and possible range, and the grades of recorded values."""

from __future__ import annotations

from html import escape

from engine.advice_findings import BandFinding, ScoreFinding, ScoreLine, ScoreLines
from engine.assessment import Assessment
from ui.basis import value_in_words
from ui.knowledge import texts
from ui.markup import bullets, part, small, table
from ui.sources import source_fold


def scores_part(found: ScoreLines, assessment: Assessment) -> str:
    """All of it as one folded part."""
    words = texts("scores")
    grades = table(words["title"], [words["value"], words["grade"]], [_grade(band, assessment) for band in found.bands]) if found.bands else ""
    return part(words["title"], small(words["lead"]) + "".join(_score(score, assessment) for score in found.scores) + grades)


def _score(score: ScoreFinding, assessment: Assessment) -> str:
    words = texts("scores")
    total = words["unknown"] if score.points is None else str(score.points)
    rows = [_line(line, assessment) for line in score.lines]
    rows.append([f"<b>{escape(words['total'])}</b>", f"<b>{escape(total)}</b>", escape(_range(score.lowest, score.highest))])
    band = f"<p><b>{escape(score.band_label)}.</b> {escape(score.band_text)}</p>" if score.band else ""
    heading = f"<h3>{escape(score.name)}</h3>"
    lines = table(score.name, [words["parameter"], words["points"], words["range"]], rows)
    return heading + lines + band + bullets(map(escape, (*score.summary, *score.notes))) + source_fold((score.source,), score.provenance)


def _line(line: ScoreLine, assessment: Assessment) -> list[str]:
    blank = small(", ".join(assessment.items[name].label for name in line.blank_items))
    return [escape(line.label) + blank, str(line.points), escape(_range(line.lowest, line.highest))]


def _range(lowest: int, highest: int) -> str:
    return str(lowest) if lowest == highest else f"{lowest} to {highest}"


def _grade(band: BandFinding, assessment: Assessment) -> list[str]:
    item = assessment.items[band.item]
    said = f"<b>{escape(band.label)}: {escape(band.grade_label)}</b><br>{escape(band.text)}{small(band.note)}"
    return [f"{escape(item.label)}: {escape(value_in_words(item))}", said + source_fold((band.source,), band.provenance)]
